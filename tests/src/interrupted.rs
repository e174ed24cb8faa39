//! [`Interrupted`]: an encoding whose words are counted by [`Parity`], and a write in the middle of every read that
//! looks for one.

use std::cell::Cell;
use std::mem::MaybeUninit;

use seqcopy::raw::Page;
use seqcopy::{
    ReadError, SeqCopy, Validate, part,
    seq_count::{Parity, SeqCode, State, Successor},
};

thread_local! {
    /// What to do when this thread next looks at what a word means.
    static WRITE: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

/// Counts as `Parity<u32>` does. The first look at a word runs what the thread has left for it.
#[derive(Debug)]
pub struct Interrupted;

// SAFETY: the results are those of `Parity`. That the state is asked for has an effect, but only in the middle of a
// read, and none that another thread could not have there: a whole write (P21 snapshot).
unsafe impl SeqCode for Interrupted {
    type Word = u32;
    const INITIAL: u32 = 0;

    fn state(word: u32) -> State {
        if let Some(write) = WRITE.take() {
            write();
        }
        Parity::<u32>::state(word)
    }

    fn busy(found: u32) -> u32 {
        Parity::<u32>::busy(found)
    }
}

// SAFETY: those of `Parity` (P21 snapshot).
unsafe impl Successor for Interrupted {
    fn next(busy: u32) -> u32 {
        Parity::<u32>::next(busy)
    }
}

/// A page with that word.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Clock {
    ticks: u64,
    #[seqcopy(word = Interrupted)]
    sequence: MaybeUninit<u32>,
    shift: u32,
}

impl Clock {
    fn new(ticks: u32) -> Self {
        Clock { ticks: ticks.into(), sequence: MaybeUninit::new(0), shift: !ticks }
    }
}

/// Each method that reads a page rejects what it has read if a write has overlapped.
///
/// # Panics
/// If one accepts it.
pub fn every_read_of_a_page_is_torn() {
    let memory = Box::into_raw(Box::new(Clock::new(0)));
    // SAFETY: initialised, accessed by this page only, and not freed before its last use.
    let page = unsafe { Page::from_ptr(memory) };
    let during = |read: &dyn Fn() -> Option<ReadError>| {
        let word = page.count().load();
        // SAFETY: the only writer.
        WRITE.set(Some(Box::new(move || unsafe { page.write(&Clock::new(word)) })));
        let result = read();
        assert!(WRITE.take().is_none(), "the read has not begun");
        assert_eq!((result, page.count().load()), (Some(ReadError::Torn), word + 2));
        assert_eq!(page.load().validate().expect("numbers").ticks, word.into());
        // Without a write it succeeds.
        assert_eq!(read(), None);
    };
    during(&|| page.try_read().err());
    during(&|| page.try_read_with(|_| ()).err());
    during(&|| page.try_read_part(part!(Clock, shift)).err());
    during(&|| page.try_read_into(&mut MaybeUninit::uninit()).err());
    during(&|| page.count().try_read(|| page.load()).err());
    during(&|| {
        let token = page.count().read_begin().expect("no write is in progress");
        let bits = page.load();
        let is_whole = page.count().read_end(token);
        assert_eq!(bits.validate().expect("numbers").shift, page.load().validate().expect("numbers").shift);
        (!is_whole).then_some(ReadError::Torn)
    });
    // SAFETY: made of a box above; the page is not used again.
    drop(unsafe { Box::from_raw(memory) });
}
