//! The subscriber: it keeps a region of this machine as new as the network allows.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use zenoh::bytes::ZBytes;
use zenoh::qos::CongestionControl;
use zenoh::query::{ConsolidationMode, QueryTarget};
use zenoh::sample::SampleKind;
use zenoh::{Session, Wait};

use crate::network::{self, Trouble};
use crate::sample::Sample;
use crate::status::{Status, Weight};
use crate::target::{Dropped, Taken, Target};

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
    fn receive(&self, bytes: &[u8], take: fn(&mut Target, &[u8]) -> Result<Taken, Dropped>) {
        self.status.seen.fetch_add(1, Relaxed);
        let mut target = self.target();
        match take(&mut target, bytes) {
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

/// One piece of memory. Those that came are freed before the region is opened, for which there may not be memory
/// otherwise.
fn whole(pieces: &ZBytes) -> Vec<u8> {
    pieces.to_bytes().into_owned()
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
    let receive = move |sample: zenoh::sample::Sample| {
        let bytes = whole(sample.payload());
        drop(sample);
        of_samples.receive(&bytes, Target::take);
    };
    let _samples = session.declare_subscriber(key.to_owned()).callback(receive).wait()?;
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
            let of_answers = Arc::clone(&shared);
            let receive = move |answer: zenoh::query::Reply| {
                // When the time is up, an error comes.
                let Ok(sample) = answer.into_result() else { return };
                let bytes = whole(sample.payload());
                drop(sample);
                of_answers.receive(&bytes, Target::take_answer);
            };
            // An answer that the network has no space for is dropped: it is asked for again.
            let ask = session.get(key).target(QueryTarget::All).consolidation(ConsolidationMode::None);
            let ask = ask.congestion_control(CongestionControl::Drop).timeout(ASK);
            match ask.callback(receive).wait() {
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
