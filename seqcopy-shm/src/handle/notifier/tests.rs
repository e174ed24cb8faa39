//! The list in every order of the steps of two writers, one thread or two, and a reader; what a signal costs; and the
//! threads of this process.

use std::cell::RefCell;
use std::collections::HashSet;

use super::thread::{Descriptor, List, Region};
use crate::handle::wait::Look;

/// What the actors share, besides the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct World {
    /// How many values each region has had.
    numbers: [u64; 2],
    is_closed: [bool; 2],
    /// How often the descriptor was signalled since it was cleared.
    signals: u64,
    /// Of each thread.
    changes: [u64; 2],
}

std::thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

/// A region of the world, by its index. Closing changes its word as well.
impl Region for usize {
    fn look(&self) -> Look {
        WORLD.with_borrow(|world| {
            let (number, is_over) = (world.numbers[*self], world.is_closed[*self]);
            Look { word: number * 2 + u64::from(is_over), number, is_over }
        })
    }
}

impl Descriptor for () {
    fn signal(&self) {
        WORLD.with_borrow_mut(|world| world.signals += 1);
    }

    fn drain(&self) {
        WORLD.with_borrow_mut(|world| world.signals = 0);
    }
}

/// The word of a region, or that of a thread's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Word {
    Region(usize),
    Changes(usize),
}

impl Word {
    fn load(self) -> u64 {
        match self {
            Word::Region(region) => region.look().word,
            Word::Changes(thread) => WORLD.with_borrow(|world| world.changes[thread]),
        }
    }
}

/// A thread: it has to look at the list; it queues on one word after the other; it sleeps on all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Thread {
    Looks,
    Queues { words: Vec<(Word, u64)>, queued: usize },
}

/// The reader: in `poll`; after the list was changed or cleared, when threads have to be woken; and looking at a
/// region.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Reader {
    Registers,
    WakesBefore(usize),
    Polls,
    Wakes(Vec<usize>),
    Reads(usize),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    world: World,
    list: List<usize, ()>,
    descriptor: u64,
    /// The most regions of a thread.
    most: usize,
    threads: [Thread; 2],
    reader: Reader,
    /// What the reader has seen.
    seen: ([u64; 2], [bool; 2]),
    /// How many steps each writer has made: a value, a wake-up, a value, a wake-up; the first closes after that.
    writers: [usize; 2],
}

const STEPS: usize = 6;

impl State {
    fn new(most: usize) -> State {
        let mut list = List::new();
        let descriptor = list.add_descriptor(());
        list.add_region(0, descriptor, 0, 0);
        State {
            world: World::default(),
            list,
            descriptor,
            most,
            threads: [Thread::Looks, Thread::Looks],
            reader: Reader::Registers,
            seen: Default::default(),
            writers: [0, 2],
        }
    }

    /// A wake-up of those that are queued on a word.
    fn wake(&mut self, word: Word) {
        for thread in &mut self.threads {
            if matches!(thread, Thread::Queues { words, queued } if words[..*queued].iter().any(|(it, _)| *it == word))
            {
                *thread = Thread::Looks;
            }
        }
    }

    /// The next step of an actor, if it can make one.
    fn step(&self, actor: usize) -> Option<State> {
        let mut next = self.clone();
        WORLD.set(self.world.clone());
        let can = match actor {
            0 | 1 => next.writer_step(actor),
            2 | 3 => next.thread_step(actor - 2),
            _ => next.reader_step(),
        };
        next.world = WORLD.take();
        can.then_some(next)
    }

    fn writer_step(&mut self, writer: usize) -> bool {
        let step = &mut self.writers[writer];
        if *step == STEPS - 2 * writer {
            return false;
        }
        let (is_wake_up, is_end) = (*step % 2 == 1, *step == STEPS - 2);
        *step += 1;
        if is_wake_up {
            self.wake(Word::Region(writer));
        } else if is_end {
            WORLD.with_borrow_mut(|world| world.is_closed[writer] = true);
        } else {
            WORLD.with_borrow_mut(|world| world.numbers[writer] += 1);
        }
        true
    }

    fn thread_step(&mut self, thread: usize) -> bool {
        match &mut self.threads[thread] {
            Thread::Looks => {
                let mut words = Vec::from([(Word::Changes(thread), Word::Changes(thread).load())]);
                self.list.look(thread, |region, look| words.push((Word::Region(*region), look.word)));
                self.threads[thread] = Thread::Queues { words, queued: 0 };
            }
            Thread::Queues { words, queued } => match words.get(*queued) {
                None => return false,
                Some((word, seen)) if word.load() == *seen => *queued += 1,
                Some(_) => self.threads[thread] = Thread::Looks,
            },
        }
        true
    }

    fn reader_step(&mut self) -> bool {
        self.reader = match self.reader.clone() {
            Reader::Registers => {
                let thread = self.list.next_thread(self.most);
                self.list.add_region(thread, self.descriptor, 1, 0);
                WORLD.with_borrow_mut(|world| world.changes[thread] += 1);
                Reader::WakesBefore(thread)
            }
            Reader::WakesBefore(thread) => {
                self.wake(Word::Changes(thread));
                Reader::Polls
            }
            Reader::Polls if WORLD.with_borrow(|world| world.signals) == 0 => return false,
            Reader::Polls => {
                let again = self.list.clear(self.descriptor);
                WORLD.with_borrow_mut(|world| again.iter().for_each(|thread| world.changes[*thread] += 1));
                Reader::Wakes(again)
            }
            Reader::Wakes(mut again) => match again.pop() {
                Some(thread) => {
                    self.wake(Word::Changes(thread));
                    Reader::Wakes(again)
                }
                None => Reader::Reads(0),
            },
            Reader::Reads(region) => {
                let look = region.look();
                (self.seen.0[region], self.seen.1[region]) = (look.number, look.is_over);
                if region == 0 { Reader::Reads(1) } else { Reader::Polls }
            }
        };
        true
    }
}

/// In whatever order the steps are made: when none can be made any more, the reader has seen everything. And there is
/// always a way there. With one thread for both regions, and with one for each.
#[test]
#[cfg_attr(miri, ignore = "many states of safe code")]
fn no_change_is_missed_in_any_order() {
    for most in [2, 1] {
        let mut found = HashSet::new();
        let mut open = Vec::from([State::new(most)]);
        let (mut ends, mut paused) = (0, 0);
        while let Some(state) = open.pop() {
            if !found.insert(state.clone()) {
                continue;
            }
            assert!(state.world.signals <= 1, "signalled again before it was cleared: {state:?}");
            paused += usize::from(matches!(&state.reader, Reader::Wakes(again) if !again.is_empty()));
            let next: Vec<State> = (0..5).filter_map(|actor| state.step(actor)).collect();
            if next.is_empty() {
                let is_all = state.seen == (state.world.numbers, state.world.is_closed);
                assert!(is_all, "the reader sleeps, and has not seen everything: {state:?}");
                ends += 1;
            }
            open.extend(next);
        }
        assert!(found.len() > 1000 && ends > 0 && paused > 0, "{} states, {ends} ends, {paused} pauses", found.len());
    }
}

/// A thread gets no more regions than it can sleep on, the next one gets what is left, and a thread with space gets
/// the next region.
#[test]
fn regions_are_given_to_the_first_thread_with_space() {
    let mut list = List::<usize, ()>::new();
    let [one, other] = [list.add_descriptor(()), list.add_descriptor(())];
    let add = |list: &mut List<usize, ()>, descriptor| {
        let thread = list.next_thread(3);
        (thread, list.add_region(thread, descriptor, 0, 0))
    };
    let added: Vec<_> = (0..8).map(|at| add(&mut list, if at % 2 == 0 { one } else { other })).collect();
    assert!(added.iter().map(|(thread, _)| *thread).eq([0, 0, 0, 1, 1, 1, 2, 2]));
    assert_eq!((list.remove_region(added[4].1), list.remove_region(added[4].1)), (Vec::from([1]), Vec::new()));
    assert_eq!(add(&mut list, one).0, 1);
    for thread in 0..3 {
        assert!(list.has_regions(thread));
    }
    assert!(!list.has_regions(3));
    assert_eq!(list.remove_descriptor(one), [0, 1, 2]);
    assert_eq!([0, 0, 1, 2].map(|thread| (thread, add(&mut list, other).0)), [(0, 0), (0, 0), (1, 1), (2, 2)]);
}

/// One signal for what there is; none for what was there when the list was cleared; none for a second change before
/// that, of which the thread is told when it is cleared.
#[test]
fn signals_are_few() {
    let signals = || WORLD.with_borrow(|world| world.signals);
    let write = |region: usize| WORLD.with_borrow_mut(|world| world.numbers[region] += 1);
    WORLD.take();
    let mut list = List::new();
    let descriptor = list.add_descriptor(());
    let other = list.add_descriptor(());
    let _ = list.add_region(0, descriptor, 0, 0);
    let second = list.add_region(0, descriptor, 1, 0);
    let sleeps_on = |list: &mut List<usize, ()>| {
        let mut regions = Vec::new();
        list.look(0, |region, _| regions.push(*region));
        regions
    };
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([0, 1]), 0));
    write(0);
    write(1);
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([0, 1]), 1));
    // The first region goes on: it is left alone, the second is not.
    write(0);
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([1]), 1));
    assert_eq!(list.clear(other), []);
    assert_eq!((list.clear(descriptor), list.clear(descriptor)), (Vec::from([0]), Vec::new()));
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([0, 1]), 0));
    // A region that was closed is told of once, and no longer slept on.
    WORLD.with_borrow_mut(|world| world.is_closed[0] = true);
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([1]), 1));
    assert_eq!(list.clear(descriptor), []);
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([1]), 0));

    assert_eq!(list.remove_region(second), [0]);
    assert_eq!(sleeps_on(&mut list), []);
    // One whose descriptor is gone keeps no other from being looked at.
    list.add_region(0, descriptor + 99, 0, 0);
    list.add_region(0, descriptor, 1, 9);
    assert_eq!((sleeps_on(&mut list), signals()), (Vec::from([1]), 1));
    list.remove_descriptor(descriptor + 99);
    assert_eq!(list.remove_descriptor(other), []);
    assert!(list.has_regions(0));
    list.remove_descriptor(descriptor);
    assert!(!list.has_regions(0));
}

/// Each call that changes the list has its thread look again: it would do so by itself half a second later only.
#[test]
#[cfg_attr(miri, ignore = "makes system calls that Miri does not know")]
fn the_threads_are_told_of_changes() {
    use super::{Notifier, thread::Shared};
    use crate::{Options, Reader};
    use std::sync::atomic::Ordering::Relaxed;
    let shared = Shared::get().unwrap();
    // Other tests may have a notifier as well, so what is seen here is that there are changes.
    let changes = || shared.lock().threads.iter().map(|thread| thread.changes.load(Relaxed)).sum::<u64>();
    let writer = Options::new().create_memfd::<u32>("notified").unwrap();
    let reader = Reader::<u32>::from_fd(writer.share().unwrap()).unwrap();
    let notifier = Notifier::new().unwrap();
    let before = changes();
    let registrations = [(); 2].map(|()| notifier.register(reader.newer_than(reader.version())).unwrap());
    let registered = changes();
    let [registration, _other] = registrations;
    drop(registration);
    let dropped = changes();
    drop(notifier);
    assert!(before < registered && registered < dropped && dropped < changes());
}
