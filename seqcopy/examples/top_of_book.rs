//! Top of book: one writer, four readers.
//!
//! A market data thread keeps the best prices of an instrument in a struct of 20 fields. Four strategy threads read it
//! as often as they like. They need the current quote rather than every quote; they must not slow down the writer; and
//! a quote whose bid and ask come from different updates is worse than no quote.
//!
//! * **Which lock?** While a quote is being written, which takes nanoseconds, readers of a `SeqLock` retry. If the
//!   market data thread may be preempted in the middle of a write, pin it to a core of its own, or use a `SeqLatch`.
//!   For bursts without a pause between updates, use `SeqLatch::<Top, 4>::from_value(Top::EMPTY)`.
//! * **`Writer`**, claimed once: an update makes no read-modify-write access and never waits. `update` runs the closure
//!   on a copy of the quote, then publishes it.
//! * **`read_if_changed`** is one load if there is nothing new. `read` always returns the current quote.
//! * **Many instruments**: an array of slots, `[Slot; N]`, with a lock for each. A consistent view of two instruments
//!   needs both in one value.
//! * **Strategies in other processes**: the same struct with `repr(C)` and `derive(Validate)`, in a region of the crate
//!   `seqcopy-shm`.
//! * **Age**: the lock does not record when a quote was written. That is what `received_ns` is for.
//!
//! It is not a queue: a slow strategy misses quotes, and `Version::writes_since` returns how many. To see every quote,
//! also send the quotes through a ring buffer.
//!
//! It checks that no reader sees a torn quote, or an older one after a newer one.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use seqcopy::{SeqCopy, SeqLock, SeqOption, Version};

#[derive(Clone, Copy, PartialEq, Eq, SeqCopy)]
#[repr(u8)]
enum Phase {
    Closed,
    Auction,
    Continuous,
}

#[derive(Clone, Copy, PartialEq, Eq, SeqCopy)]
#[repr(u8)]
enum Side {
    Buy,
    Sell,
}

/// Prices are in ticks.
#[derive(Clone, Copy, SeqCopy)]
struct Top {
    sequence: u64,
    exchange_ns: u64, // not `Duration`, whose layout is unspecified
    received_ns: u64,
    instrument: u32,
    phase: Phase,
    is_halted: bool,
    bid: i64,
    bid_size: u32,
    bid_orders: u16,
    ask: i64,
    ask_size: u32,
    ask_orders: u16,
    last: SeqOption<i64>, // not `Option<i64>`
    last_size: u32,
    last_side: Side,
    open: i64,
    high: i64,
    low: i64,
    volume: u64,
    turnover: f64,
}

impl Top {
    const EMPTY: Top = Top {
        sequence: 0,
        exchange_ns: 0,
        received_ns: 0,
        instrument: 7,
        phase: Phase::Closed,
        is_halted: false,
        bid: 0,
        bid_size: 0,
        bid_orders: 0,
        ask: 2,
        ask_size: 0,
        ask_orders: 0,
        last: SeqOption::None,
        last_size: 0,
        last_side: Side::Buy,
        open: 0,
        high: 0,
        low: 0,
        volume: 0,
        turnover: 0.0,
    };

    /// What holds of every quote that the writer publishes.
    fn is_whole(&self) -> bool {
        self.ask == self.bid + 2 && self.volume == 10 * self.sequence && (self.last.is_some() == (self.sequence > 0))
    }
}

// On cache lines of its own, so that its neighbours' writes don't slow down its readers.
#[repr(align(128))]
struct Slot(SeqLock<Top>);

static BOOK: Slot = Slot(SeqLock::new(Top::EMPTY));
static CLOSED: AtomicBool = AtomicBool::new(false);

fn main() {
    let strategies: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(|| {
                let mut known = Version::NEVER;
                let mut last = 0;
                loop {
                    let closed = CLOSED.load(Relaxed);
                    if let Some(top) = BOOK.0.read_if_changed(&mut known) {
                        assert!(top.is_whole(), "a torn quote");
                        assert!(top.sequence >= last, "back in time");
                        last = top.sequence;
                    }
                    if closed {
                        return last;
                    }
                }
            })
        })
        .collect();

    let mut book = BOOK.0.writer().expect("the only writer");
    for update in 1..=20_000_i64 {
        book.update(|top| {
            top.sequence += 1;
            top.phase = Phase::Continuous;
            top.bid = 1_000 + update % 50;
            top.ask = top.bid + 2;
            top.last = SeqOption::Some(top.bid);
            top.volume += 10;
        });
    }
    CLOSED.store(true, Relaxed);
    let seen: Vec<u64> = strategies.into_iter().map(|strategy| strategy.join().unwrap()).collect();
    println!("last quotes seen: {seen:?}");
    assert_eq!(BOOK.0.read().sequence, 20_000);
}
