//! The publisher: it follows a region of this machine, sends its newest value, and answers queries.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use zenoh::bytes::Encoding;
use zenoh::pubsub::Publisher;
use zenoh::qos::{CongestionControl, Priority};
use zenoh::{Session, Wait};

use crate::answer::{self, JSON, Kept};
use crate::format::Format;
use crate::network::{self, Trouble};
use crate::source::Source;
use crate::status::{Status, Weight};

/// How often the publisher looks at the writer's state, and for a region if the path has no region yet. The values of a
/// writer that does not call `wake` are found as often. JSON is published at most as often.
const LOOK: Duration = Duration::from_millis(100);

/// The longest message that comes to a publisher, which wants none but queries.
pub const LONGEST: u64 = 1 << 20;

/// What is published, and how.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The region.
    pub path: PathBuf,
    /// The key on the network.
    pub key: String,
    /// The format of samples. Programs of before format 2 read format 1 only.
    pub format: Format,
    /// From one sample to the next at least so long.
    pub period: Duration,
    /// How often all of it is sent, also if nothing has changed: the network may have dropped what was sent last.
    pub whole: Duration,
    /// What the network does with a sample that it has no space for.
    pub congestion: CongestionControl,
    pub priority: Priority,
    /// Whether samples are sent at once, and not put together with others.
    pub is_express: bool,
}

impl Publish {
    fn declare<'s>(&self, session: &'s Session, key: String, encoding: Encoding) -> Result<Publisher<'s>, Trouble> {
        let publisher = session.declare_publisher(key).encoding(encoding).congestion_control(self.congestion);
        publisher.priority(self.priority).express(self.is_express).wait()
    }
}

/// Publishes until the network fails.
///
/// # Errors
/// If the network refuses the key, or is closed.
pub fn publish(session: &Session, options: &Publish, status: &Arc<Status>) -> Result<(), Trouble> {
    let key = options.key.as_str();
    let publisher = options.declare(session, key.to_owned(), network::encoding())?;
    let mut view = View {
        publisher: options.declare(session, network::json(key), Encoding::APPLICATION_JSON)?,
        sent: None,
        whole: options.whole,
    };
    let kept = Arc::new(Kept::default());
    let _queryables = answer::declare(session, key, &kept)?;
    loop {
        let mut source = match Source::open(&options.path, options.format) {
            Ok(source) => source,
            Err(error) => {
                status.trouble(Weight::Ours, &error);
                thread::sleep(LOOK);
                continue;
            }
        };
        let (mut token, mut pace) = (None, Pace::new([options.period, options.whole], Instant::now()));
        loop {
            let now = Instant::now();
            if pace.looks(now) {
                if source.is_over() {
                    *kept.lock() = None;
                    break;
                }
                match (source.has_writer(), &token) {
                    (true, None) => {
                        token = Some(session.liveliness().declare_token(network::token(key, source.life())).wait()?);
                    }
                    (false, Some(_)) => token = None,
                    _ => {}
                }
                view.show(&kept, now, status)?;
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
            // An answer that is made meanwhile would be older than this sample, and come after it.
            let mut kept = kept.lock();
            match source.sample(is_whole) {
                Ok(Some(bytes)) => {
                    let (newest, stamp) = (source.newest(), session.new_timestamp());
                    let age = newest.as_ref().map_or(Duration::ZERO, |newest| newest.age());
                    *kept = newest.map(|newest| (newest, stamp));
                    status.seen.fetch_add(1, Relaxed);
                    match publisher.put(bytes).timestamp(stamp).wait() {
                        Ok(()) => status.pass(age),
                        Err(error) if session.is_closed() => return Err(error),
                        Err(error) => status.dropped(Weight::Ours, &error),
                    }
                }
                Ok(None) => {}
                Err(error) => status.dropped(Weight::Ours, &error),
            }
            drop(kept);
            pace.sent(is_whole, began);
        }
    }
}

/// What the region holds as JSON, for programs that know nothing of samples.
struct View<'s> {
    publisher: Publisher<'s>,
    /// What was sent last, and when. `None` while there is no subscriber.
    sent: Option<((u64, seqcopy::Version), Instant)>,
    /// How often it is sent if nothing has changed.
    whole: Duration,
}

impl View<'_> {
    /// Sends what is newest, if a subscriber is there and it was not sent.
    fn show(&mut self, kept: &Kept, now: Instant, status: &Status) -> Result<(), Trouble> {
        if !self.publisher.matching_status().wait()?.matching() {
            self.sent = None;
            return Ok(());
        }
        let Some((newest, stamp)) = kept.lock().clone() else { return Ok(()) };
        let is_sent = |(what, when)| what == newest.identity() && now < when + self.whole;
        if self.sent.is_some_and(is_sent) {
            return Ok(());
        }
        self.sent = Some((newest.identity(), now));
        match newest.json(JSON) {
            Ok(json) => self.publisher.put(json).timestamp(stamp).wait()?,
            Err(why) => status.trouble(Weight::Ours, &format!("{}: {why}", self.publisher.key_expr())),
        }
        Ok(())
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
}

impl Pace {
    fn new(periods: [Duration; 2], now: Instant) -> Pace {
        Pace { periods, look: now, due: now, whole: now }
    }

    /// Whether it looks at the writer's state now.
    fn looks(&mut self, now: Instant) -> bool {
        let is_time = now >= self.look;
        if is_time {
            self.look = now + LOOK;
        }
        is_time
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
    fn sent(&mut self, is_whole: bool, began: Instant) {
        let [period, whole] = self.periods;
        self.due = if began < self.due + period { self.due } else { began } + period;
        if is_whole {
            self.whole = began + whole;
        }
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
        let began = Instant::now();
        (Pace::new([ms(10), ms(1000)], began), began)
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
            pace.sent(false, t + ms(began));
            assert_eq!((pace.pause(t + ms(due - 1)), pace.pause(t + ms(due))), (Some(ms(1)), None), "after {began}");
        }
        // Before it may send, it looks.
        pace.sent(false, t + ms(98));
        assert_eq!(pace.pause(t + ms(98)), Some(ms(2)));
        assert!(pace.is_whole(t), "no whole one was sent");
    }

    #[test]
    fn whole_values_come_again() {
        let (mut pace, t) = pace();
        pace.looks(t);
        pace.sent(true, t + ms(5));
        assert_eq!([1004, 1005].map(|at| pace.is_whole(t + ms(at))), [false, true]);
        // The wait lasts until it looks, and until a whole one is due.
        assert_eq!([10, 99, 100, 200].map(|at| pace.wait(t + ms(at))), [90, 1, 0, 0].map(ms));
        pace.looks(t + ms(950));
        assert_eq!(pace.wait(t + ms(1000)), ms(5));
    }
}
