//! Records histories and checks them for linearizability. A history has one writer and two readers of a map, and each
//! read is recorded with what it saw and when.
//!
//! The writer's commits are in order, so the states of the map are a sequence, and a read names the generation that it
//! saw. A history is linearizable if and only if, of each read,
//! * what it saw is the state of that generation;
//! * the generation was published before the read returned, and is not older than one whose commit had ended when the
//!   read began;
//! * it is not older than that of any read, of either reader, that had returned when this one began.
//!
//! `SEQCOPY_HISTORIES` is how many there are, a million, say:
//! `SEQCOPY_HISTORIES=1000000 cargo test -p seqcopy-shm --lib flat_map::histories -- --nocapture`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Instant;

use super::commit::Fate;
use super::fixture::{Batch, Change, Local, Model, Rng, Value, apply, model_of};
use super::key::LastSlot;
use seqcopy::ReadError;

const KEYS: u64 = 6;
/// The values of all keys.
type State = [Option<Value>; 6];
/// The number of histories that are prepared at a time.
const ROUND: u64 = if cfg!(miri) { 3 } else { 100 };
/// The maximum number of reads of one reader in one history.
const READS: usize = if cfg!(miri) { 8 } else { 40 };

/// A map with the changes that its writer will make, and the state that the threads share.
struct History {
    local: Local,
    /// The changes of each commit, and the state after it. Generation 1 is the empty map, without changes.
    batches: Vec<Vec<Change>>,
    states: Vec<State>,
    /// The newest generations whose commits have begun, and have ended.
    began: AtomicU64,
    ended: AtomicU64,
    /// The newest generation that a read has returned.
    seen: AtomicU64,
    /// How many readers have read the empty map.
    readers: AtomicU64,
    /// Set if a thread has panicked, so that the others do not wait for it.
    failed: AtomicBool,
}

/// The result of one read.
enum Seen {
    One(u64, Option<Value>),
    All(State),
}

struct Read {
    from: u64,
    to: u64,
    generation: u64,
    seen: Seen,
}

#[derive(Debug, Default)]
struct Tally {
    reads: u64,
    /// Reads during which a commit was made, or whose generation was no longer the newest when they returned.
    overlapping: u64,
    torn: u64,
    wrong: u64,
}

fn state_of(model: &Model) -> State {
    std::array::from_fn(|key| model.get(&(key as u64)).copied())
}

impl History {
    /// Random commits of 1 to 4 changes: insertions, updates, removals, and sometimes the removal of all entries.
    fn random(rng: &mut Rng) -> History {
        let local = Local::new(8, 2 << rng.below(3), rng.below(u64::MAX));
        let (mut model, mut batches, mut states) = (Model::new(), Vec::new(), vec![State::default(); 2]);
        for generation in 2..4 + rng.below(if cfg!(miri) { 5 } else { 40 }) {
            // Each commit changes something, so that each is a generation.
            let mut batch = vec![Change::Insert(rng.below(KEYS), [generation, generation])];
            batch.extend((0..rng.below(4)).map(|_| Change::random(rng, KEYS, generation)));
            model_of(&mut model, &batch, local.place.capacity());
            batches.push(batch);
            states.push(state_of(&model));
        }
        let [began, ended, seen] = [(); 3].map(|()| AtomicU64::new(1));
        let (readers, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        History { local, batches, states, began, ended, seen, readers, failed }
    }

    fn last(&self) -> u64 {
        self.states.len() as u64 - 1
    }

    fn wait_until(&self, is_so: impl Fn() -> bool) {
        let mut rounds = 0;
        while !is_so() && !self.failed.load(SeqCst) {
            rounds += 1;
            if cfg!(miri) || rounds > 200 {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }

    fn one(&self, key: u64, token: u64, last: &LastSlot) -> Result<Option<Value>, ReadError> {
        let found = self.local.find(token, key, Some(last))?;
        assert!(found.is_none_or(|(value, stamp)| value[0] == stamp && stamp <= token), "{found:?}");
        Ok(found.map(|(value, _)| value))
    }

    /// Makes all commits, after both readers have started. During some commits the writer yields, so that reads overlap
    /// with commits even on fewer processors than threads.
    fn write(&self) {
        let (mut writer, mut rng) = (self.local.writer(), Rng(self.last() << 8 | 1));
        self.wait_until(|| self.readers.load(SeqCst) == 2);
        for (changes, generation) in self.batches.iter().zip(2..) {
            let (first, rest) = changes.split_at(changes.len() / 2);
            let yields = rng.below(6) == 0;
            self.began.store(generation, SeqCst);
            let change = |batch: &mut Batch<'_>| {
                apply(first, batch);
                if yields {
                    std::thread::yield_now();
                }
                apply(rest, batch);
                ((), Fate::Publish)
            };
            writer.commit(change);
            self.ended.store(generation, SeqCst);
        }
    }

    /// Reads until a read that began after the last commit has returned.
    fn read(&self, rng: &mut Rng, tally: &mut Tally) -> Vec<Read> {
        let mut reads = Vec::with_capacity(READS);
        // The slot where this reader found each key.
        let last: [LastSlot; 6] = Default::default();
        loop {
            let ended = self.ended.load(SeqCst);
            let (from, is_last) = (ended.max(self.seen.load(SeqCst)), ended == self.last());
            let token = self.local.place.begin();
            let seen = match rng.below(4) {
                0 | 1 => {
                    let key = rng.below(KEYS);
                    self.one(key, token, &last[usize::try_from(key).unwrap()]).map(|value| Seen::One(key, value))
                }
                // Several keys of one view.
                2 => {
                    let one = |key| {
                        if rng.below(12) == 0 {
                            std::thread::yield_now();
                        }
                        self.one(key, token, &last[usize::try_from(key).unwrap()])
                    };
                    let all: Result<Vec<_>, _> = (0..KEYS).map(one).collect();
                    all.map(|all| Seen::All(all.try_into().unwrap()))
                }
                // All entries and their number.
                _ => self.local.state(token).map(|model| Seen::All(state_of(&model))).ok_or(ReadError::Torn),
            };
            let to = self.began.load(SeqCst);
            match seen {
                Err(_) => tally.torn += 1,
                Ok(seen) => {
                    self.seen.fetch_max(token, SeqCst);
                    reads.push(Read { from, to, generation: token, seen });
                    if reads.len() == 1 {
                        self.readers.fetch_add(1, SeqCst);
                    }
                }
            }
            if is_last {
                return reads;
            }
            if reads.len() == READS {
                self.wait_until(|| self.ended.load(SeqCst) == self.last());
                // One more read, which replaces the last one.
                reads.pop();
            }
            if cfg!(miri) {
                std::thread::yield_now();
            }
        }
    }

    /// Compares each read with the states.
    fn check(&self, reads: &[Read], tally: &mut Tally) {
        let mut last = 1;
        for Read { from, to, generation, seen } in reads {
            let state = self.states.get(usize::try_from(*generation).unwrap());
            let is_seen = state.is_some_and(|state| match seen {
                Seen::One(key, value) => state[usize::try_from(*key).unwrap()] == *value,
                Seen::All(all) => state == all,
            });
            let is_right = is_seen && from <= generation && generation <= to && last <= *generation;
            tally.reads += 1;
            tally.overlapping += u64::from(from != to || generation != to);
            tally.wrong += u64::from(!is_right);
            last = *generation;
        }
    }
}

/// Tells the other threads if its own thread panics.
struct Guard<'a>(&'a [History]);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.iter().for_each(|history| history.failed.store(true, SeqCst));
        }
    }
}

#[test]
fn every_history_is_linearizable() {
    let histories: u64 = match std::env::var("SEQCOPY_HISTORIES") {
        Ok(number) => number.parse().expect("SEQCOPY_HISTORIES is a number"),
        Err(_) if cfg!(miri) => 6,
        Err(_) => 2_000,
    };
    let (began, mut rng, mut total, mut left) = (Instant::now(), Rng(0x5eed), Tally::default(), histories);
    while left > 0 {
        let round: Vec<_> = (0..left.min(ROUND)).map(|_| History::random(&mut rng)).collect();
        left -= round.len() as u64;
        let seeds = [rng.below(u64::MAX), rng.below(u64::MAX)];
        std::thread::scope(|scope| {
            let round = &round[..];
            scope.spawn(|| {
                let _guard = Guard(round);
                round.iter().for_each(History::write);
            });
            let readers = seeds.map(|seed| {
                scope.spawn(move || {
                    let (_guard, mut rng, mut tally) = (Guard(round), Rng(seed | 1), Tally::default());
                    for history in round {
                        let reads = history.read(&mut rng, &mut tally);
                        history.check(&reads, &mut tally);
                    }
                    tally
                })
            });
            for tally in readers.map(|reader| reader.join().expect("a reader that does not panic")) {
                total.reads += tally.reads;
                total.overlapping += tally.overlapping;
                total.torn += tally.torn;
                total.wrong += tally.wrong;
            }
        });
    }
    let Tally { reads, overlapping, torn, wrong } = total;
    eprintln!(
        "histories: {histories} with {reads} reads, {overlapping} of them during a commit, {torn} refused as torn; \
         {wrong} not linearizable; {:.1} s",
        began.elapsed().as_secs_f64()
    );
    assert_eq!(wrong, 0, "not linearizable");
    assert!(reads >= 4 * histories, "two reads of each reader, the first and the last");
}

/// The check refuses wrong histories.
#[test]
fn a_read_that_is_not_linearizable_is_noticed() {
    let history = History::random(&mut Rng(99));
    let last = history.last();
    let wrong = |reads: &[(u64, u64, u64, u64)]| {
        let reads: Vec<_> = reads
            .iter()
            .map(|&(from, to, generation, state)| {
                let seen = Seen::All(history.states[usize::try_from(state).unwrap()]);
                Read { from, to, generation, seen }
            })
            .collect();
        let mut tally = Tally::default();
        history.check(&reads, &mut tally);
        tally.wrong
    };
    assert_eq!(wrong(&[(1, 1, 1, 1), (1, 3, 2, 2), (2, 3, 3, 3), (last, last, last, last)]), 0);
    for (reads, what) in [
        (&[(1, 3, 2, 3)][..], "the state of another generation"),
        (&[(3, 3, 2, 2)], "older than a commit that had ended, or than what a read had returned"),
        (&[(1, 1, 2, 2)], "newer than every commit that had begun"),
        (&[(1, 3, 3, 3), (1, 3, 2, 2)], "older than the read before"),
        (&[(1, last + 1, last + 1, 1)], "a generation that never was"),
    ] {
        assert_eq!(wrong(reads), 1, "{what}");
    }
    let one = |key: u64, value| {
        let mut tally = Tally::default();
        history.check(&[Read { from: 1, to: 2, generation: 2, seen: Seen::One(key, value) }], &mut tally);
        tally.wrong
    };
    for (key, value) in (0..).zip(history.states[2]) {
        assert_eq!((one(key, value), one(key, Some([77; 2]))), (0, 1));
    }
}
