//! Answers of a publisher to queries: all of what was read last, as a sample, or as JSON.
//!
//! They are made in a thread of their own, which sleeps nine times as long as each has taken: however many ask, the
//! publisher has its time for others. Queries that find too many before them have no answer.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use zenoh::bytes::{Encoding, ZBytes};
use zenoh::query::{Query, Queryable};
use zenoh::time::Timestamp;
use zenoh::{Session, Wait};

use crate::network::{self, Trouble};
use crate::source::Newest;

/// The longest JSON, in bytes.
pub const JSON: u64 = 1 << 20;

/// Answers take at most one part in this many of the time.
const ANSWERS: u32 = 10;

/// The longest time that is taken for the making of an answer. A program that asks and then does not read takes longer.
const LONGEST: Duration = Duration::from_millis(100);

/// How many queries wait for an answer. Each has at most as many bytes as a query that is not refused.
const WAITING: usize = 64;

/// The longest query, in bytes.
const QUERY: usize = 4096;

/// What was sent last, and its time.
#[derive(Default)]
pub struct Kept(Mutex<Option<(Arc<Newest>, Timestamp)>>);

impl Kept {
    pub fn lock(&self) -> MutexGuard<'_, Option<(Arc<Newest>, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Sample,
    Json,
}

/// Answers queries for the key, and for the key of its JSON, until the queryables are dropped.
///
/// # Errors
/// If the network refuses the key.
pub fn declare(session: &Session, key: &str, kept: &Arc<Kept>) -> Result<[Queryable<()>; 2], Trouble> {
    let (queries, waiting) = sync_channel(WAITING);
    let keys = [key.to_owned(), network::json(key)];
    let declare = |key: &String, form| {
        let queries = queries.clone();
        // This is a thread of the network, and does not wait.
        let take = move |query: Query| {
            if size(&query) <= QUERY {
                let _ = queries.try_send((query, form));
            }
        };
        session.declare_queryable(key.clone()).callback(take).wait()
    };
    let queryables = [declare(&keys[0], Form::Sample)?, declare(&keys[1], Form::Json)?];
    let kept = Arc::clone(kept);
    thread::spawn(move || answer(&waiting, &keys, &kept));
    Ok(queryables)
}

/// The bytes of a query that its sender chooses.
fn size(query: &Query) -> usize {
    let payload = [query.payload(), query.attachment()].into_iter().flatten().map(ZBytes::len);
    payload.sum::<usize>() + query.parameters().as_str().len() + query.key_expr().as_str().len()
}

fn answer(waiting: &Receiver<(Query, Form)>, [key, key_of_json]: &[String; 2], kept: &Kept) {
    while let Ok((query, form)) = waiting.recv() {
        let began = Instant::now();
        let made = kept.lock().as_ref().and_then(|(newest, stamp)| {
            Some(match form {
                // While it is locked, so that what is published next comes after it.
                Form::Sample => (key, newest.whole(), network::encoding(), *stamp),
                Form::Json => (key_of_json, newest.json(JSON).ok()?, Encoding::APPLICATION_JSON, *stamp),
            })
        });
        if let Some((key, bytes, encoding, stamp)) = made {
            // If the network does not take it, the program that asked finds that no answer comes.
            let _ = query.reply(key, bytes).encoding(encoding).timestamp(stamp).wait();
        }
        drop(query);
        thread::sleep(pause(began.elapsed()));
    }
}

/// How long no query is answered after an answer that has taken this long.
fn pause(took: Duration) -> Duration {
    took.min(LONGEST) * (ANSWERS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However slow an answer is. What took longest was not the making of it.
    #[test]
    fn answers_take_a_tenth_of_the_time() {
        for took in [Duration::from_micros(3), Duration::from_millis(70), LONGEST] {
            assert_eq!(took + pause(took), took * 10);
        }
        assert_eq!(pause(Duration::from_secs(5)), Duration::from_millis(900));
    }
}
