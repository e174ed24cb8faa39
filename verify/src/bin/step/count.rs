//! Part `n`: a `SeqCount` of each encoding, and a `LatchCount`, over a payload that `raw` copies, stepped in both ways.
//! The words begin just below their end, so that they wrap around.

#![allow(clippy::cast_ptr_alignment)] // a mapping begins with a page

use core::cell::Cell;
use core::hint::black_box;

use seqcopy::{
    ReadError, raw,
    seq_count::{LatchCount, Parity, ParitySkipZero, SeqCode, SeqCount, StampOrZero, Successor},
};

use crate::memory::Shared;
use crate::reader::{Mailbox, outcome_of};
use crate::report::Report;
use crate::steps::{Phase, Reading, Writing};
use crate::trace::{Child, mark};
use crate::values::{Padded24, Val};

/// What is written in these parts, by accesses of one byte to eight.
type Payload = Padded24;
/// Behind the word.
const PAYLOAD: usize = 64;
/// From one buffer of a latch to the next.
const STRIDE: usize = 64;

/// A protocol in shared memory.
trait Count {
    const NAME: &'static str;
    const BUFFERS: u64;
    /// What a read finds while a write is going on.
    const DURING: Option<ReadError>;
    /// Writes the value of the first write.
    fn begin(&self, shared: &Shared);
    /// # Safety
    /// There is no other writer.
    unsafe fn write(&self, shared: &Shared, n: u64);
    fn try_read(&self, shared: &Shared) -> Result<Payload, ReadError>;
}

fn payload(shared: &Shared, buffer: usize) -> *mut Payload {
    shared.at(PAYLOAD + buffer * STRIDE).cast()
}

#[inline(always)]
fn count<C: SeqCode>(shared: &Shared) -> &SeqCount<C> {
    // SAFETY: in the mapping, aligned, and accessed as this word only.
    unsafe { SeqCount::from_ptr(shared.at(0).cast()) }
}

#[inline(always)]
fn read<C: SeqCode>(shared: &Shared) -> Result<Payload, ReadError> {
    // SAFETY: the mapping is initialised, and the payload is accessed by `raw` only, with this type.
    let (bits, _) = count::<C>(shared).try_read(|| unsafe { raw::load(payload(shared, 0)) })?;
    // SAFETY: the count accepted the read, so these are the bits of one write.
    Ok(unsafe { bits.assume_valid() })
}

#[inline(always)]
fn store(shared: &Shared, buffer: usize, n: u64) {
    let value = black_box(Payload::of(n));
    // SAFETY: in the mapping and aligned; the payload is accessed by `raw` only, with this type.
    unsafe { raw::store(payload(shared, buffer), &value) };
}

/// Encodings that know their successor, from a word just below the end.
struct Encoded<C: Successor> {
    from: C::Word,
}

macro_rules! encoded {
    ($($code:ty: $name:literal),*) => {$(
        impl Count for Encoded<$code> {
            const NAME: &'static str = $name;
            const BUFFERS: u64 = 1;
            const DURING: Option<ReadError> = Some(ReadError::Busy);
            fn begin(&self, shared: &Shared) {
                // SAFETY: in the mapping, aligned, and used by nothing else yet.
                unsafe { shared.at(0).cast::<<$code as SeqCode>::Word>().write(self.from) };
                // SAFETY: the only writer.
                unsafe { self.write(shared, 0) };
            }
            #[inline(always)]
            unsafe fn write(&self, shared: &Shared, n: u64) {
                // SAFETY: the same contract.
                unsafe { count::<$code>(shared).write(|| store(shared, 0, n)) };
            }
            #[inline(always)]
            fn try_read(&self, shared: &Shared) -> Result<Payload, ReadError> {
                read::<$code>(shared)
            }
        }
    )*};
}
encoded! {
    Parity<u16>: "Parity of u16",
    Parity<u32>: "Parity of u32",
    Parity<u64>: "Parity of u64",
    ParitySkipZero<u16>: "ParitySkipZero of u16",
    ParitySkipZero<u32>: "ParitySkipZero of u32",
    ParitySkipZero<u64>: "ParitySkipZero of u64"
}

/// The word is a number that the caller gives, or 0 during a write.
struct Stamped;

impl Count for Stamped {
    const NAME: &'static str = "StampOrZero";
    const BUFFERS: u64 = 1;
    const DURING: Option<ReadError> = Some(ReadError::Busy);
    fn begin(&self, shared: &Shared) {
        // SAFETY: the only writer.
        unsafe { self.write(shared, 0) };
    }
    #[inline(always)]
    unsafe fn write(&self, shared: &Shared, n: u64) {
        // SAFETY: the same contract; no number comes twice, and none is 0.
        unsafe { count::<StampOrZero<u64>>(shared).write_at(n + 1, || store(shared, 0, n)) };
    }
    #[inline(always)]
    fn try_read(&self, shared: &Shared) -> Result<Payload, ReadError> {
        read::<StampOrZero<u64>>(shared)
    }
}

/// The word of a latch.
struct Latched<const BUFFERS: usize>;

macro_rules! latched {
    ($($buffers:literal: $name:literal),*) => {$(
        impl Count for Latched<$buffers> {
            const NAME: &'static str = $name;
            const BUFFERS: u64 = $buffers;
            const DURING: Option<ReadError> = None;
            fn begin(&self, shared: &Shared) {
                // SAFETY: in the mapping, aligned, and used by nothing else yet.
                unsafe { shared.at(0).cast::<u64>().write(u64::MAX - 3) };
                // SAFETY: the only writer.
                unsafe { self.write(shared, 0) };
            }
            #[inline(always)]
            unsafe fn write(&self, shared: &Shared, n: u64) {
                // SAFETY: in the mapping, aligned, and accessed as this word only.
                let count = unsafe { LatchCount::<$buffers>::from_ptr(shared.at(0).cast()) };
                // SAFETY: the same contract.
                let buffer = unsafe { count.write_begin() };
                store(shared, buffer, n);
                // SAFETY: the whole buffer is stored.
                unsafe { count.write_end() };
            }
            #[inline(always)]
            fn try_read(&self, shared: &Shared) -> Result<Payload, ReadError> {
                // SAFETY: in the mapping, aligned, and accessed as this word only.
                let count = unsafe { LatchCount::<$buffers>::from_ptr(shared.at(0).cast()) };
                let token = count.read_begin();
                // SAFETY: initialised memory, which is accessed by `raw` only, with this type.
                let bits = unsafe { raw::load(payload(shared, token.buffer())) };
                if !count.read_end(token) {
                    return Err(ReadError::Torn);
                }
                // SAFETY: the count accepted the read, so these are the bits of one write.
                Ok(unsafe { bits.assume_valid() })
            }
        }
    )*};
}
latched! { 2: "LatchCount 2", 4: "LatchCount 4" }

fn stepped<C: Count>(report: &Report, count: &C) {
    let shared = Shared::new(PAYLOAD + 4 * STRIDE);
    count.begin(&shared);
    let mut writer = Child::spawn(|| {
        for n in 1.. {
            let n = black_box(n);
            mark();
            // SAFETY: the only writer.
            unsafe { count.write(&shared, n) };
            mark();
        }
    });
    let look = |n: u64| match count.try_read(&shared) {
        Ok(value) if value == Payload::of(n) => Ok(Phase::New),
        Ok(value) if value == Payload::of(n - 1) => Ok(Phase::Old),
        Ok(_) => Err("a torn value is accepted".to_owned()),
        Err(error) if Some(error) == C::DURING => Ok(Phase::Busy),
        Err(error) => Err(format!("{error:?}")),
    };
    let name = format!("n: {} written", C::NAME);
    Writing { report, name, writes: 8, every: 1, is_plain: true }.follow(&mut writer, look);
    drop(writer);

    count.begin(&shared);
    let mailbox = Mailbox::<Payload>::new();
    let mut reader = Child::spawn(|| {
        shared.make_read_only();
        loop {
            mark();
            let result = count.try_read(&shared);
            mark();
            mailbox.post_result(result);
            mark();
        }
    });
    let n = Cell::new(0);
    let write = |many: u64| {
        for _ in 0..many {
            n.set(n.get() + 1);
            // SAFETY: the only writer.
            unsafe { count.write(&shared, n.get()) };
        }
    };
    let outcome = |many: u64| outcome_of(mailbox.read(), &Payload::of(n.get()), &Payload::of(n.get() - many));
    let name = format!("n: {} read", C::NAME);
    Reading { report, name, buffers: C::BUFFERS, every: 1, is_plain: true, has_one_length: true }.interrupt(
        &mut reader,
        write,
        outcome,
    );
}

/// Every encoding.
pub(crate) fn all(report: &Report) {
    stepped(report, &Encoded::<Parity<u16>> { from: u16::MAX - 7 });
    stepped(report, &Encoded::<Parity<u32>> { from: u32::MAX - 7 });
    stepped(report, &Encoded::<Parity<u64>> { from: u64::MAX - 7 });
    stepped(report, &Encoded::<ParitySkipZero<u16>> { from: u16::MAX - 7 });
    stepped(report, &Encoded::<ParitySkipZero<u32>> { from: u32::MAX - 7 });
    stepped(report, &Encoded::<ParitySkipZero<u64>> { from: u64::MAX - 7 });
    stepped(report, &Stamped);
    stepped(report, &Latched::<2>);
    stepped(report, &Latched::<4>);
}
