//! The publisher: follows a region of this machine, and sends its newest value.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use zenoh::qos::CongestionControl;
use zenoh::{Session, Wait};

use crate::network::{self, Trouble};
use crate::source::Source;
use crate::status::{Status, Weight};

/// How often the publisher looks at the writer's state, answers queries, and looks for a region if the path has no region yet. The values of a
/// writer that does not call `wake` are found as often.
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
    // All that ask get the next sample, which is whole. As every sample it is dropped for a subscriber that is stuck, or the others would wait
    // for that one. One that misses it asks again.
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
        let (mut token, mut look, mut due) = (None, Instant::now(), Instant::now());
        let (mut whole, mut may_answer) = (Instant::now(), Instant::now());
        loop {
            let now = Instant::now();
            if now >= look {
                look = now + LOOK;
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
                if now >= may_answer && asked.swap(false, Relaxed) {
                    whole = now;
                }
            }
            if now < due {
                thread::sleep(due.min(look).saturating_duration_since(now));
                continue;
            }
            let is_new = source.wait(look.min(whole).saturating_duration_since(now));
            let began = Instant::now();
            let is_whole = began >= whole;
            if !is_new && !is_whole {
                continue;
            }
            match source.sample(is_whole) {
                Ok(Some(bytes)) => send(bytes, source.age())?,
                Ok(None) => {}
                Err(error) => status.dropped(Weight::Ours, &error),
            }
            // A sleep that took too long does not change the rate.
            due = if began < due + options.period { due } else { began } + options.period;
            if is_whole {
                (whole, may_answer) = (began + options.whole, Instant::now() + rest_after(began.elapsed()));
            }
        }
    }
}

/// How long no query is answered after a whole value that took this long to send.
fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(ANSWERS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However slow a sample is, and however many ask.
    #[test]
    fn answers_take_a_tenth_of_the_time() {
        for took in [Duration::from_micros(3), Duration::from_millis(70), Duration::from_secs(5)] {
            let answers = 100;
            let all = (took + rest_after(took)) * answers;
            assert!(took * answers * 10 <= all, "answers of {took:?} each take more than a tenth of {all:?}");
        }
    }
}
