//! Atomics that record what is done with them. Under `--cfg seqcopy_traced`, which `ci/traces.sh` sets,
//! [`primitive`](crate::primitive) chooses them for words and payloads. A script answers each load with any bits.
//! `seqcopy-c/tests/traces.rs` compares what the crates' functions do then with what the programs of `verify/proof` do.
//!
//! Threads without a script, and memory outside of a script, use the atomics of `core`.

use core::cell::RefCell;
use core::ops::Range;
use core::sync::atomic::{self, Ordering};
use std::boxed::Box;
use std::thread_local;
use std::vec::Vec;

/// One operation, in the order of the program. Places are counted in bytes from the start of the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A load, and the answer.
    Load { ordering: Ordering, at: usize, width: usize, value: u64 },
    /// A store.
    Store { ordering: Ordering, at: usize, width: usize, value: u64 },
    /// A compare-exchange, what it found, and whether it stored.
    Exchange { ordering: Ordering, at: usize, width: usize, found: u64, stored: Option<u64> },
    /// A fence.
    Fence { ordering: Ordering },
}

/// Answers a load, given the place, the width, and the bits in memory.
type Answer = Box<dyn FnMut(usize, usize, u64) -> u64>;

struct Script {
    memory: Memory,
    answer: Answer,
    acts: Vec<Act>,
}

thread_local! {
    static SCRIPT: RefCell<Option<Script>> = const { RefCell::new(None) };
}

/// The memory whose accesses are noted.
#[derive(Debug, Clone)]
pub enum Memory {
    /// These addresses.
    At(Range<usize>),
    /// This many bytes before the first access, and that many from there on.
    Around(usize, usize),
}

/// What `act` does to this memory. Each load is answered by `answer`, stores do not happen, a compare-exchange does.
///
/// # Panics
/// If this thread is inside another call.
pub fn trace<R>(
    memory: Memory,
    answer: impl FnMut(usize, usize, u64) -> u64 + 'static,
    act: impl FnOnce() -> R,
) -> (R, Vec<Act>) {
    let script = Script { memory, answer: Box::new(answer), acts: Vec::new() };
    assert!(SCRIPT.replace(Some(script)).is_none(), "one script at a time");
    let result = act();
    (result, SCRIPT.take().expect("the script").acts)
}

/// Calls `act` with the script, and with the place of `address` in the script's memory.
fn at<R>(address: usize, act: impl FnOnce(&mut Script, usize) -> R) -> Option<R> {
    SCRIPT.with_borrow_mut(|script| {
        let script = script.as_mut()?;
        if let Memory::Around(before, behind) = script.memory {
            script.memory = Memory::At(address - before..address + behind);
        }
        let Memory::At(memory) = script.memory.clone() else { unreachable!("set above") };
        memory.contains(&address).then(|| act(script, address - memory.start))
    })
}

/// The fence of `core`, noted.
pub fn fence(ordering: Ordering) {
    SCRIPT.with_borrow_mut(|script| {
        if let Some(script) = script {
            script.acts.push(Act::Fence { ordering });
        }
    });
    atomic::fence(ordering);
}

macro_rules! atomics {
    ($($name:ident, $word:ty;)*) => {$(
        /// The atomic of `core`, traced.
        #[derive(Debug, Default)]
        #[repr(transparent)]
        pub struct $name(atomic::$name);

        impl $name {
            pub const fn new(word: $word) -> Self {
                Self(atomic::$name::new(word))
            }

            pub fn load(&self, ordering: Ordering) -> $word {
                let (address, width) = (core::ptr::from_ref(self).addr(), size_of::<$word>());
                let found = self.0.load(ordering);
                let answered = at(address, |script, at| {
                    #[allow(clippy::unnecessary_cast, clippy::cast_lossless)] // of each word
                    let value = (script.answer)(at, width, found as u64);
                    script.acts.push(Act::Load { ordering, at, width, value });
                    #[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)] // an answer has this width
                    let word = value as $word;
                    word
                });
                answered.unwrap_or(found)
            }

            pub fn store(&self, word: $word, ordering: Ordering) {
                let (address, width) = (core::ptr::from_ref(self).addr(), size_of::<$word>());
                #[allow(clippy::unnecessary_cast, clippy::cast_lossless)] // of each word
                let act = |script: &mut Script, at| script.acts.push(Act::Store { ordering, at, width, value: word as u64 });
                if at(address, act).is_none() {
                    self.0.store(word, ordering);
                }
            }

            #[allow(dead_code, clippy::unnecessary_cast, clippy::cast_lossless)] // of each word
            pub(crate) fn compare_exchange(
                &self,
                current: $word,
                new: $word,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$word, $word> {
                let (address, width) = (core::ptr::from_ref(self).addr(), size_of::<$word>());
                let result = self.0.compare_exchange(current, new, success, failure);
                at(address, |script, at| {
                    let (ordering, stored) = if result.is_ok() { (success, Some(new as u64)) } else { (failure, None) };
                    let (Ok(found) | Err(found)) = result;
                    script.acts.push(Act::Exchange { ordering, at, width, found: found as u64, stored });
                });
                result
            }
        }
    )*};
}

atomics! {
    AtomicU8, u8;
    AtomicU16, u16;
    AtomicU32, u32;
    AtomicU64, u64;
    AtomicUsize, usize;
}

/// The atomic of `core` inside.
pub fn untraced(word: &AtomicU64) -> &atomic::AtomicU64 {
    &word.0
}
