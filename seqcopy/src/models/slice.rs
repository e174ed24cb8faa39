//! Lists: the length and the elements are of one write.

use core::ops::Range;
use std::sync::Arc;
use std::vec;
use std::vec::Vec;

use super::{Threads, explore};
use crate::lock::{self, Algorithm, ClaimGuard, Latch, ListBuffer, Selection, SingleBuffer};
use crate::primitive::{AtomicU32, AtomicUsize, Relaxed};
use crate::seq_count::ReadError;
use crate::types::LengthError;

const CAPACITY: usize = 2;

/// A buffer for a list of numbers.
struct Numbers {
    len: AtomicUsize,
    elements: [AtomicU32; CAPACITY],
}

impl Numbers {
    fn new() -> Self {
        Numbers { len: AtomicUsize::new(0), elements: [0; CAPACITY].map(AtomicU32::new) }
    }
}

// SAFETY: relaxed atomic accesses to the same numbers (P21 snapshot).
unsafe impl ListBuffer<u32> for Numbers {
    fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    unsafe fn load_list(&self, range: Range<usize>, to: *mut u32) {
        for (i, element) in self.elements[range].iter().enumerate() {
            // SAFETY: inside the caller's space (I4 private).
            unsafe { to.add(i).write(element.load(Relaxed)) };
        }
    }

    unsafe fn store_list(&self, list: &[u32]) {
        self.len.store(list.len(), Relaxed);
        for (to, element) in self.elements.iter().zip(list) {
            to.store(*element, Relaxed);
        }
    }
}

/// The list of a write: as many of its number as its length is, which differs from that of the writes before and after
/// it. The first is empty.
fn list_of(number: u32) -> Vec<u32> {
    vec![number; number as usize % (CAPACITY + 1)]
}

fn write<L: Algorithm<Buffer = Numbers>>(lock: &L, writes: u32) {
    let guard = ClaimGuard::try_acquire_guard(lock).expect("the only writer");
    for number in 1..=writes {
        // SAFETY: it fits in (I3 exact).
        unsafe { lock::publish_list(guard.claimed(), &list_of(number)) };
    }
}

/// An attempt at all of it, or at the last element, and its number.
fn attempt<L: Algorithm<Buffer = Numbers>>(lock: &L, selection: Selection) -> Option<u32> {
    let mut read = [u32::MAX; CAPACITY];
    // SAFETY: a local with as much space (I4 private).
    match unsafe { lock::try_read_list(lock, selection, |_| read.as_mut_ptr()) } {
        Ok((found, version)) => {
            let number = u32::try_from(version.to_bits()).expect("few writes");
            let list = list_of(number);
            let expected = match selection {
                Selection::All { .. } => Ok(list.as_slice()),
                Selection::Some { first, count } => {
                    list.get(first..first + count).ok_or(LengthError::new(list.len(), first + count))
                }
            };
            assert_eq!(found.map(|count| &read[..count]), expected, "length and elements are not of version {number}");
            Some(number)
        }
        Err(ReadError::Busy | ReadError::Torn) => None,
        Err(error) => panic!("{error}"),
    }
}

fn writes_and_reads<L: Algorithm<Buffer = Numbers> + 'static>(lock: L, writes: u32, selection: [Selection; 2]) {
    let lock = Arc::new(lock);
    let mut threads = Threads::default();
    threads.spawn(&lock, move |lock| write(lock, writes));
    threads.spawn(&lock, move |lock| {
        let mut seen = 0;
        for selection in selection {
            let number = attempt(lock, selection).unwrap_or(seen);
            assert!(number >= seen, "from {seen} back to {number}");
            seen = number;
        }
    });
    threads.join();
    assert_eq!(attempt(&*lock, selection[0]), Some(writes), "not the last one");
}

const ALL: Selection = Selection::All { space: CAPACITY };
const LAST: Selection = Selection::Some { first: CAPACITY - 1, count: 1 };

#[test]
fn slice_of_lock() {
    explore("slice_of_lock", || writes_and_reads(SingleBuffer::new(Numbers::new()), 2, [ALL, ALL]));
}

#[test]
fn slice_range_of_lock() {
    explore("slice_range_of_lock", || writes_and_reads(SingleBuffer::new(Numbers::new()), 2, [LAST, ALL]));
}

#[test]
fn slice_of_latch() {
    explore("slice_of_latch", || {
        writes_and_reads(Latch::<_, 2>::new([(); 2].map(|()| Numbers::new()), 0u64), 3, [ALL, LAST]);
    });
}
