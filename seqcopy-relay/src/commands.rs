//! The two commands. The publisher follows a region of this machine, and sends its newest value; the subscriber keeps a
//! region of this machine as new as the network allows.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use zenoh::qos::CongestionControl;
use zenoh::query::{ConsolidationMode, QueryTarget};
use zenoh::sample::SampleKind;
use zenoh::{Session, Wait};

use crate::network::{self, Trouble};
use crate::sample::Sample;
use crate::source::Source;
use crate::status::{Status, Weight};
use crate::target::{Taken, Target};

/// How often the publisher looks at the writer's state, answers queries, and looks for a region if the path has no
/// region yet. The values of a writer that does not call `wake` are found as often.
const LOOK: Duration = Duration::from_millis(100);

/// Answers take at most one part in this many of the time: however many ask, the others get their samples.
const ANSWERS: u32 = 10;

/// The longest message that comes to a publisher, which wants none but queries.
pub const LONGEST: u64 = 1 << 20;

/// What is published, and how.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The region.
    pub path: PathBuf,
    /// The key on the network.
    pub key: String,
    /// From one sample to the next at least so long.
    pub period: Duration,
    /// How often all of it is sent, also if nothing has changed: the network may have dropped what was sent last.
    pub whole: Duration,
}

/// Publishes until the network fails.
///
/// # Errors
/// If the network refuses the key, or is closed.
pub fn publish(session: &Session, options: &Publish, status: &Arc<Status>) -> Result<(), Trouble> {
    let key = options.key.as_str();
    let publisher = session.declare_publisher(key.to_owned()).congestion_control(CongestionControl::Drop).express(true);
    let publisher = publisher.wait()?;
    // All that ask get the next sample, which is whole. As every sample it is dropped for a subscriber that is stuck,
    // or the others would wait for that one. One that misses it asks again.
    let asked = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&asked);
    let _queries = session.declare_queryable(key).callback(move |_| asks.store(true, Relaxed)).wait()?;
    let send = |bytes: Vec<u8>, age| -> Result<(), Trouble> {
        status.seen.fetch_add(1, Relaxed);
        match publisher.put(bytes).wait() {
            Ok(()) => status.pass(age),
            Err(error) if session.is_closed() => return Err(error),
            Err(error) => status.dropped(Weight::Ours, &error),
        }
        Ok(())
    };
    loop {
        let mut source = match Source::open(&options.path) {
            Ok(source) => source,
            Err(error) => {
                status.trouble(Weight::Ours, &error);
                thread::sleep(LOOK);
                continue;
            }
        };
        let (mut token, mut pace) = (None, Pace::new(options, Instant::now()));
        loop {
            let now = Instant::now();
            if pace.looks(now) {
                if source.is_over() {
                    break;
                }
                match (source.has_writer(), &token) {
                    (true, None) => {
                        token = Some(session.liveliness().declare_token(network::token(key, source.life())).wait()?);
                    }
                    (false, Some(_)) => token = None,
                    _ => {}
                }
                pace.answer(now, || asked.swap(false, Relaxed));
            }
            if let Some(pause) = pace.pause(now) {
                thread::sleep(pause);
                continue;
            }
            let is_new = source.wait(pace.wait(now));
            let began = Instant::now();
            let is_whole = pace.is_whole(began);
            if !is_new && !is_whole {
                continue;
            }
            match source.sample(is_whole) {
                Ok(Some(bytes)) => send(bytes, source.age())?,
                Ok(None) => {}
                Err(error) => status.dropped(Weight::Ours, &error),
            }
            pace.sent(is_whole, began, Instant::now());
        }
    }
}

/// When a publisher does what, by times that it is told.
struct Pace {
    /// From one sample to the next, and from one whole value to the next.
    periods: [Duration; 2],
    /// When it looks at the writer's state next.
    look: Instant,
    /// When the next sample may be sent.
    due: Instant,
    /// When the next sample is to be whole, new or not.
    whole: Instant,
    /// Until when no query is answered.
    may_answer: Instant,
}

impl Pace {
    fn new(options: &Publish, now: Instant) -> Pace {
        Pace { periods: [options.period, options.whole], look: now, due: now, whole: now, may_answer: now }
    }

    /// Whether it looks at the writer's state now.
    fn looks(&mut self, now: Instant) -> bool {
        let is_time = now >= self.look;
        if is_time {
            self.look = now + LOOK;
        }
        is_time
    }

    /// Makes the next sample a whole one if a subscriber has asked, and it may answer.
    fn answer(&mut self, now: Instant, take_question: impl FnOnce() -> bool) {
        if now >= self.may_answer && take_question() {
            self.whole = now;
        }
    }

    /// How long it does nothing, if no sample may be sent now.
    fn pause(&self, now: Instant) -> Option<Duration> {
        (now < self.due).then(|| self.due.min(self.look) - now)
    }

    /// How long it waits for a new value.
    fn wait(&self, now: Instant) -> Duration {
        self.look.min(self.whole).saturating_duration_since(now)
    }

    fn is_whole(&self, now: Instant) -> bool {
        now >= self.whole
    }

    /// After a sample. A sleep that took too long does not change the rate.
    fn sent(&mut self, is_whole: bool, began: Instant, ended: Instant) {
        let [period, whole] = self.periods;
        self.due = if began < self.due + period { self.due } else { began } + period;
        if is_whole {
            (self.whole, self.may_answer) = (began + whole, ended + (ended - began).saturating_mul(ANSWERS - 1));
        }
    }
}

/// How long an answer may take, and how often one is asked for at most.
const ASK: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(100);

/// The target, and what wakes the thread that asks for whole samples.
struct Shared {
    target: Mutex<Target>,
    incomplete: Condvar,
    status: Arc<Status>,
}

impl Shared {
    fn target(&self) -> MutexGuard<'_, Target> {
        self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a sample in the thread that it came to: a hand-over to another one would take as long as the network.
    fn receive(&self, sample: zenoh::sample::Sample) {
        // The pieces that came are freed before the region is opened, for which there may not be memory otherwise.
        let bytes = &sample.payload().to_bytes().into_owned()[..];
        drop(sample);
        self.status.seen.fetch_add(1, Relaxed);
        let mut target = self.target();
        match target.take(bytes) {
            Ok(Taken::Written) => {
                let age = Sample::parse(bytes).map_or(0, |sample| sample.head.age);
                self.status.pass(Duration::from_nanos(age));
            }
            Ok(Taken::Repeated) => {}
            Err(why) => self.status.dropped(why.weight(), &why),
        }
        if target.is_incomplete() {
            self.incomplete.notify_one();
        }
    }
}

/// Subscribes until the network fails.
///
/// # Errors
/// If the network refuses the key, or is closed.
pub fn subscribe(session: &Session, key: &str, target: Target, status: &Arc<Status>) -> Result<(), Trouble> {
    let shared =
        Arc::new(Shared { target: Mutex::new(target), incomplete: Condvar::new(), status: Arc::clone(status) });
    let of_tokens = Arc::clone(&shared);
    let _tokens = session
        .liveliness()
        .declare_subscriber(network::tokens(key))
        .history(true)
        .callback(move |token| {
            let Some(life) = network::life(token.key_expr().as_str()) else { return };
            match token.kind() {
                SampleKind::Put => of_tokens.target().appeared(life),
                SampleKind::Delete => of_tokens.target().vanished(life),
            }
            of_tokens.incomplete.notify_one();
        })
        .wait()?;
    let of_samples = Arc::clone(&shared);
    let _samples =
        session.declare_subscriber(key.to_owned()).callback(move |sample| of_samples.receive(sample)).wait()?;
    loop {
        if shared.target().asks_for_tokens() {
            let of_tokens = Arc::clone(&shared);
            let ask = session.liveliness().get(network::tokens(key)).timeout(ASK).callback(move |answer| {
                let life = answer.result().ok().and_then(|token| network::life(token.key_expr().as_str()));
                if let Some(life) = life {
                    of_tokens.target().appeared(life);
                }
            });
            ask.wait()?;
        }
        if shared.target().is_incomplete() {
            // The publisher answers by a sample for all.
            let ask = session.get(key).target(QueryTarget::All).consolidation(ConsolidationMode::None).timeout(ASK);
            match ask.callback(drop).wait() {
                Err(error) if session.is_closed() => return Err(error),
                Err(error) => status.trouble(Weight::Ours, &error),
                Ok(()) => {}
            }
        }
        thread::sleep(PAUSE);
        let guard = shared.target();
        let wait = if guard.is_incomplete() { ASK.saturating_sub(PAUSE) } else { ASK };
        drop(shared.incomplete.wait_timeout(guard, wait).unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// A sample each 10 ms, a whole one each second; and when it began.
    fn pace() -> (Pace, Instant) {
        let options = Publish { path: PathBuf::new(), key: String::new(), period: ms(10), whole: ms(1000) };
        let began = Instant::now();
        (Pace::new(&options, began), began)
    }

    #[test]
    fn it_looks_ten_times_a_second_and_is_whole_first() {
        let (mut pace, t) = pace();
        assert!(pace.is_whole(t) && pace.pause(t).is_none() && pace.wait(t).is_zero());
        assert_eq!(
            [0, 1, 99, 100, 150, 199, 200].map(|at| pace.looks(t + ms(at))),
            [true, false, false, true, false, false, true]
        );
    }

    /// On time, late by less than a period, and late by one.
    #[test]
    fn samples_keep_their_rate() {
        let (mut pace, t) = pace();
        pace.looks(t);
        for (began, due) in [(0, 10), (10, 20), (29, 30), (30, 40), (50, 60), (55, 70), (85, 95)] {
            pace.sent(false, t + ms(began), t + ms(began));
            assert_eq!((pace.pause(t + ms(due - 1)), pace.pause(t + ms(due))), (Some(ms(1)), None), "after {began}");
        }
        // Before it may send, it looks.
        pace.sent(false, t + ms(98), t + ms(98));
        assert_eq!(pace.pause(t + ms(98)), Some(ms(2)));
        assert!(pace.is_whole(t), "no whole one was sent");
    }

    #[test]
    fn whole_values_come_again() {
        let (mut pace, t) = pace();
        pace.looks(t);
        pace.sent(true, t + ms(5), t + ms(6));
        assert_eq!([1004, 1005].map(|at| pace.is_whole(t + ms(at))), [false, true]);
        // The wait lasts until it looks, and until a whole one is due.
        assert_eq!([10, 99, 100, 200].map(|at| pace.wait(t + ms(at))), [90, 1, 0, 0].map(ms));
        pace.looks(t + ms(950));
        assert_eq!(pace.wait(t + ms(1000)), ms(5));
    }

    /// However slow a sample is, and however many ask: not before nine times as long has passed. The question is kept
    /// until then.
    #[test]
    fn answers_take_a_tenth_of_the_time() {
        for took in [Duration::from_micros(3), ms(70), ms(5000)] {
            let (mut pace, t) = pace();
            pace.sent(true, t, t + took);
            let again = t + took * 10;
            let mut is_kept = true;
            pace.answer(t + (took * 10).saturating_sub(Duration::from_nanos(1)), || std::mem::take(&mut is_kept));
            assert!(is_kept && pace.whole == t + ms(1000), "{took:?}");
            pace.answer(again, || false);
            assert!(pace.whole == t + ms(1000), "{took:?}: none asked");
            pace.answer(again, || std::mem::take(&mut is_kept));
            assert!(!is_kept && pace.whole == again, "{took:?}");
        }
    }
}
