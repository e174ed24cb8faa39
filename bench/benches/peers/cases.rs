//! Which peer takes part in which operation on which shape.

use std::hint::black_box;
use std::mem::MaybeUninit;

use bench::contention::{read_beside_writer, write_beside_reader};
use bench::peers::baseline::{Bytes, Plain, TwinPeer, TwinTurns, TwinWriter};
use bench::peers::buffers::{LeftRight, TripleBuffer};
use bench::peers::copies::{AtomicMemcpy, ByteAtomic};
use bench::peers::locks::{Crossbeam, ParkingLot, Seqlock, StdMutex, StdRwLock, Swap};
use bench::peers::ours::{ByValue, Claiming, Raw, Sole, SoleByValue, Turns};
use bench::peers::slots::{NexusSlot, PhotonRing, Unrestricted};
use bench::peers::{Caller, Copier, Peer, Reader, Writer, into_buffer, place, returned};
use bench::shapes::{
    AudioBlock, Command, Dense, Event, Padded48, Padded48Data, PaddedArray, PaddedArrayData, Pixels, Pointers, Pose,
    Shape, Telemetry, TopOfBook,
};
use bench::timing::Sampler;
use iceoryx2_bb_elementary_traits::atomic_copy::AtomicCopy;
use seqcopy::{SeqLatch, SeqLock};

use crate::by_value::{of_words, used};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A copy out of racy memory, whole or not.
    Load,
    /// A copy into it.
    Store,
    /// Reading a whole value, without a writer.
    Read,
    /// The same, by value: returned from a function that is not inlined.
    ReadReturned,
    /// The same, by a function that uses every byte of it.
    ReadUsed,
    /// Making a value, publishing it, and receiving it by value: by two functions that are not inlined.
    Exchange,
    /// The same, but the function that publishes is given the value by value.
    ExchangeGiven,
    /// Reading a slot of one's own over an existing value.
    ReadTo,
    /// Writing a lock that allows several writers, uncontended, without a reader.
    Write,
    /// Writing as the single writer, by the cheapest way that the implementation has, without a reader.
    WriteWriter,
    /// Reading a whole value, while another thread writes one each microsecond.
    ReadContended,
    /// Writing as the single writer, while another thread reads without a pause.
    WriteContended,
}

impl Operation {
    /// All, in the order of the table.
    pub(crate) const ALL: [Operation; 12] = [
        Operation::Load,
        Operation::Store,
        Operation::Read,
        Operation::ReadReturned,
        Operation::ReadUsed,
        Operation::Exchange,
        Operation::ExchangeGiven,
        Operation::ReadTo,
        Operation::Write,
        Operation::WriteWriter,
        Operation::ReadContended,
        Operation::WriteContended,
    ];

    /// Its name in the table.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Load => "load",
            Operation::Store => "store",
            Operation::Read => "read",
            Operation::ReadReturned => "read_returned",
            Operation::ReadUsed => "read_used",
            Operation::Exchange => "exchange",
            Operation::ExchangeGiven => "exchange_given",
            Operation::ReadTo => "read_to",
            Operation::Write => "write",
            Operation::WriteWriter => "write_writer",
            Operation::ReadContended => "read_contended",
            Operation::WriteContended => "write_contended",
        }
    }

    /// Whether there is another thread.
    #[must_use]
    pub(crate) fn is_contended(self) -> bool {
        matches!(self, Operation::ReadContended | Operation::WriteContended)
    }

    /// The implementation whose median the others are compared with.
    #[must_use]
    pub(crate) fn reference(self) -> &'static str {
        match self {
            Operation::Load | Operation::Store => "seqcopy-raw",
            Operation::Exchange | Operation::ExchangeGiven | Operation::ReadTo => "words",
            _ => "seqcopy-seqlock",
        }
    }
}

/// One implementation of an operation on a shape.
pub(crate) struct Case {
    /// Its name in the table.
    pub(crate) implementation: &'static str,
    /// Whether it copies by value only.
    pub(crate) by_value: bool,
    /// Sets it up.
    pub(crate) build: fn() -> Sampler,
}

/// All implementations of an operation on a shape, measured in rotation.
pub(crate) struct Group {
    /// What is measured.
    pub(crate) operation: Operation,
    /// The name of the payload.
    pub(crate) shape: &'static str,
    /// Its size.
    pub(crate) bytes: usize,
    /// The implementations.
    pub(crate) cases: Vec<Case>,
}

/// All that is measured, in the order of the table.
pub(crate) fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    for operation in Operation::ALL {
        macro_rules! shapes {
            ($cases:ident: $($shape:ty),*) => {$(
                groups.push(Group {
                    operation,
                    shape: <$shape>::NAME,
                    bytes: size_of::<$shape>(),
                    cases: $cases::<$shape, { size_of::<$shape>() }>(operation),
                });
            )*};
        }
        if let Operation::Exchange | Operation::ExchangeGiven | Operation::ReadTo = operation {
            macro_rules! of_words {
                ($($words:literal)*) => {$(
                    groups.push(Group {
                        operation,
                        shape: Dense::<$words>::NAME,
                        bytes: size_of::<Dense<$words>>(),
                        cases: of_words::<Dense<$words>, $words>(operation),
                    });
                )*};
            }
            of_words!(8 16 23 24 32 64 128);
        } else if operation == Operation::ReadUsed {
            shapes!(used: Pixels);
        } else if operation.is_contended() {
            // One write per microsecond leaves no time to copy more than 4 KiB byte by byte.
            shapes!(dense_beside: Dense<1>, Dense<2>, Dense<4>, Dense<8>, Dense<16>, Dense<32>, Dense<128>, Dense<512>);
            shapes!(beside: Padded48, PaddedArray, Pointers, Event);
        } else {
            shapes!(dense: Dense<1>, Dense<2>, Dense<4>, Dense<8>, Dense<16>, Dense<32>, Dense<128>, Dense<512>);
            if operation != Operation::ReadReturned {
                shapes!(dense: Dense<2048>, Dense<8192>);
            }
            shapes!(padded: Padded48, PaddedArray, Padded48Data, PaddedArrayData);
            shapes!(alone: Pointers, Event);
            if let Operation::Write | Operation::WriteWriter = operation {
                shapes!(alone: Command);
            }
            shapes!(padded: Pose, TopOfBook, Telemetry);
            shapes!(dense: AudioBlock);
        }
    }
    groups
}

macro_rules! cases {
    ($case:ident<$shape:ident>: $($peer:ty),* $(,)?) => { vec![$($case::<$shape, $peer>()),*] };
}

/// Shapes that every peer can copy, uncontended.
fn dense<T: Shape + AtomicCopy + photon_ring::Pod, const SIZE: usize>(operation: Operation) -> Vec<Case> {
    let mut cases = padded::<T, SIZE>(operation);
    match operation {
        Operation::Load => cases.push(load::<T, AtomicMemcpy<T>>(true)),
        Operation::Store => cases.push(store::<T, AtomicMemcpy<T>>(true)),
        Operation::Read => cases.extend(cases!(read<T>: NexusSlot, PhotonRing)),
        Operation::ReadReturned => cases.extend(cases!(read_returned<T>: NexusSlot, PhotonRing)),
        Operation::WriteWriter => cases.extend(cases!(write<T>: NexusSlot, PhotonRing)),
        // For several writers, photon-ring has another kind of ring.
        _ => {}
    }
    cases
}

/// Without the peers whose contract forbids padding, atomic-memcpy and photon-ring, and without nexus-slot 1.1, which
/// reads padding as integers: of an enum rustc then makes code that ends the program. (crossbeam and seqlock copy the
/// value as a whole.)
fn padded<T: Shape + AtomicCopy, const SIZE: usize>(operation: Operation) -> Vec<Case> {
    let mut cases = alone::<T, SIZE>(operation);
    match operation {
        Operation::Load => cases.push(load::<T, ByteAtomic<T, SIZE>>(true)),
        Operation::Store => cases.push(store::<T, ByteAtomic<T, SIZE>>(true)),
        _ => {}
    }
    cases
}

/// The peers that copy anything that is `Copy`, uncontended.
fn alone<T: Shape, const SIZE: usize>(operation: Operation) -> Vec<Case> {
    type PlainTurns<T> = TwinPeer<Plain<T>, TwinTurns<Plain<T>>>;
    type PlainWriter<T> = TwinPeer<Plain<T>, TwinWriter<Plain<T>>>;
    type BytesTurns<const SIZE: usize> = TwinPeer<Bytes<SIZE>, TwinTurns<Bytes<SIZE>>>;

    match operation {
        Operation::Load => {
            vec![load::<T, Raw<T>>(false), load::<T, Plain<T>>(false), load::<T, Bytes<SIZE>>(false)]
        }
        Operation::Store => {
            vec![store::<T, Raw<T>>(false), store::<T, Plain<T>>(false), store::<T, Bytes<SIZE>>(false)]
        }
        Operation::Read => cases!(
            read<T>: Turns<SeqLock<T>>, ByValue<SeqLock<T>>, Turns<SeqLatch<T>>, ByValue<SeqLatch<T>>, PlainTurns<T>, BytesTurns<SIZE>, Seqlock, Crossbeam,
            ParkingLot, StdRwLock, StdMutex, Swap, Unrestricted, TripleBuffer, LeftRight,
        ),
        Operation::ReadReturned => {
            let mut cases = cases!(
                read_returned<T>: Turns<SeqLock<T>>, Turns<SeqLatch<T>>, PlainTurns<T>, Seqlock, Crossbeam, ParkingLot, StdRwLock, StdMutex, Swap, Unrestricted,
                TripleBuffer, LeftRight,
            );
            cases.insert(1, read_into_buffer::<T, Turns<SeqLock<T>>>());
            cases
        }
        Operation::Write => cases!(
            write<T>: Turns<SeqLock<T>>, ByValue<SeqLock<T>>, Turns<SeqLatch<T>>, PlainTurns<T>, BytesTurns<SIZE>, Seqlock, Crossbeam, ParkingLot, StdRwLock, StdMutex, Swap,
        ),
        Operation::WriteWriter => cases!(
            write<T>: Sole<SeqLock<T>>, SoleByValue<SeqLock<T>>, Claiming<SeqLock<T>>, Sole<SeqLatch<T>>, PlainWriter<T>, BytesWriter<SIZE>, Seqlock, Crossbeam,
            ParkingLot, StdRwLock, StdMutex, Swap, Unrestricted, TripleBuffer, LeftRight,
        ),
        _ => Vec::new(),
    }
}

type BytesWriter<const SIZE: usize> = TwinPeer<Bytes<SIZE>, TwinWriter<Bytes<SIZE>>>;

/// Shapes that every peer can copy, while another thread works.
fn dense_beside<T: Shape + photon_ring::Pod, const SIZE: usize>(operation: Operation) -> Vec<Case> {
    let mut cases = beside::<T, SIZE>(operation);
    match operation {
        Operation::ReadContended => cases.extend(cases!(read_contended<T>: NexusSlot, PhotonRing)),
        Operation::WriteContended => cases.extend(cases!(write_contended<T>: NexusSlot, PhotonRing)),
        _ => {}
    }
    cases
}

/// The peers that copy anything that is `Copy`, while another thread works. Never `plain`, which would be undefined
/// behaviour.
fn beside<T: Shape, const SIZE: usize>(operation: Operation) -> Vec<Case> {
    match operation {
        Operation::ReadContended => cases!(
            read_contended<T>: Sole<SeqLock<T>>, Sole<SeqLatch<T>>, Sole<SeqLatch<T, 4>>, BytesWriter<SIZE>, Seqlock, Crossbeam, ParkingLot, StdRwLock, StdMutex, Swap, Unrestricted,
            TripleBuffer, LeftRight,
        ),
        Operation::WriteContended => cases!(
            write_contended<T>: Sole<SeqLock<T>>, Sole<SeqLatch<T>>, Sole<SeqLatch<T, 4>>, BytesWriter<SIZE>, Seqlock, Crossbeam, ParkingLot, StdRwLock, StdMutex, Swap, Unrestricted,
            TripleBuffer, LeftRight,
        ),
        _ => Vec::new(),
    }
}

fn load<T: Shape, C: Copier<T>>(by_value: bool) -> Case {
    let build = || {
        let (mut caller, cell) = (Caller::<T>::new(2).opaque(), black_box(place(C::new(T::value(1)))));
        Sampler::of_loop(move |count| {
            let (buf, cell) = (&mut caller.buf, cell);
            for _ in 0..count {
                cell.load(buf);
                black_box(&mut *buf);
            }
        })
    };
    Case { implementation: C::NAME, by_value, build }
}

fn store<T: Shape, C: Copier<T>>(by_value: bool) -> Case {
    let build = || {
        let (caller, cell) = (Caller::<T>::new(2).opaque(), black_box(place(C::new(T::value(1)))));
        Sampler::of_loop(move |count| {
            let (caller, cell) = (&*caller, cell);
            for turn in 0..count {
                cell.store(caller.value(turn));
                black_box(cell);
            }
        })
    };
    Case { implementation: C::NAME, by_value, build }
}

fn read<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let mut caller = Caller::<T>::new(2).opaque();
        // Kept alive, since some peers notice when the writer is dropped.
        let ends = black_box(P::make(T::value(1)));
        let (writer, mut kept) = (ends.writer, Some(ends.reader));
        Sampler::of_loop(move |count| {
            let _ = &writer;
            let buf = &mut caller.buf;
            // A local, so that its pointers can stay in registers.
            let mut reader = kept.take().expect("put back below");
            for _ in 0..count {
                reader.read(buf);
                black_box(&mut *buf);
            }
            kept = Some(reader);
        })
    };
    Case { implementation: P::NAME, by_value: P::BY_VALUE, build }
}

/// On the stack, so that the frame's place in its page does not depend on what was called before.
#[repr(align(4096))]
pub(crate) struct Anchor(#[expect(dead_code, reason = "it is there to be aligned")] pub(crate) u8);

/// A read by value. Each value goes to the caller's stack, where the compiler puts it.
fn read_returned<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let ends = black_box(P::make(T::value(1)));
        let (writer, mut kept) = (ends.writer, Some(ends.reader));
        Sampler::of_loop(move |count| {
            let _ = &writer;
            black_box(&Anchor(0));
            let mut reader = kept.take().expect("put back below");
            for _ in 0..count {
                let value: T = returned(&mut reader);
                black_box(&value);
            }
            kept = Some(reader);
        })
    };
    Case { implementation: P::NAME, by_value: false, build }
}

/// What a read by value is compared with: the same, but the function is given a buffer, which lies on the stack as
/// well.
fn read_into_buffer<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let ends = black_box(P::make(T::value(1)));
        let (writer, mut kept) = (ends.writer, Some(ends.reader));
        Sampler::of_loop(move |count| {
            let _ = &writer;
            black_box(&Anchor(0));
            let mut reader = kept.take().expect("put back below");
            for _ in 0..count {
                let mut buf = MaybeUninit::<T>::uninit();
                into_buffer(&mut reader, &mut buf);
                black_box(&buf);
            }
            kept = Some(reader);
        })
    };
    Case { implementation: "seqcopy-seqlock-into-buffer", by_value: false, build }
}

fn write<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let caller = Caller::<T>::new(2).opaque();
        let ends = black_box(P::make(T::value(1)));
        let (reader, mut kept) = (ends.reader, Some(ends.writer));
        Sampler::of_loop(move |count| {
            let _ = &reader;
            let caller = &*caller;
            let mut writer = kept.take().expect("put back below");
            for turn in 0..count {
                writer.write(caller.value(turn));
                black_box(caller);
            }
            kept = Some(writer);
        })
    };
    Case { implementation: P::NAME, by_value: P::BY_VALUE, build }
}

fn read_contended<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let mut ends = P::make(T::value(1));
        let (mut ours, theirs) = (Caller::<T>::new(2).opaque(), Caller::<T>::new(4).opaque());
        Sampler::of(move || read_beside_writer(&mut ends.reader, &mut ends.writer, &mut ours, &theirs))
    };
    Case { implementation: P::NAME, by_value: P::BY_VALUE, build }
}

fn write_contended<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let mut ends = P::make(T::value(1));
        let (ours, mut theirs) = (Caller::<T>::new(2).opaque(), Caller::<T>::new(4).opaque());
        Sampler::of(move || write_beside_reader(&mut ends.reader, &mut ends.writer, &ours, &mut theirs))
    };
    Case { implementation: P::NAME, by_value: P::BY_VALUE, build }
}
