//! The uncontended reads and writes once more, by divan: `cargo bench -p bench --bench groups`.
//!
//! For looking around. Figures to quote come from `peers`, which interleaves the implementations.

#![allow(clippy::wildcard_imports)] // the modules only name groups

use bench::peers::baseline::{Bytes, Plain, TwinPeer, TwinTurns};
use bench::peers::locks::{Crossbeam, ParkingLot, Seqlock, Swap};
use bench::peers::ours::{ByValue, Sole, Turns};
use bench::peers::slots::{NexusSlot, PhotonRing, Unrestricted};
use bench::peers::{Desk, Peer, Reader, Writer};
use bench::shapes::{Dense, Event, Padded48, PaddedArray, Pointers, Shape};
use divan::{Bencher, black_box};
use seqcopy::{SeqLatch, SeqLock};

fn main() {
    divan::main();
}

fn reads<T: Shape, P: Peer<T>>(bencher: Bencher<'_, '_>) {
    let (mut ends, mut desk) = (P::make(T::value(1)), Desk::<T>::new(2).opaque());
    bencher.bench_local(|| {
        ends.reader.read(&mut desk.room);
        black_box(&mut desk.room);
    });
}

fn writes<T: Shape, P: Peer<T>>(bencher: Bencher<'_, '_>) {
    let (mut ends, desk) = (P::make(T::value(1)), Desk::<T>::new(2).opaque());
    let mut turn = 0;
    bencher.bench_local(|| {
        ends.writer.write(desk.value(turn));
        turn += 1;
        black_box(&desk);
    });
}

macro_rules! shapes {
    ($($module:ident $shape:ty $(, $dense_only:ty)?;)*) => {$(
        mod $module {
            use super::*;

            type SeqcopySeqlock = Turns<SeqLock<$shape>>;
            type SeqcopySeqlockByValue = ByValue<SeqLock<$shape>>;
            type SeqcopySeqlockWriter = Sole<SeqLock<$shape>>;
            type SeqcopyLatch2 = Turns<SeqLatch<$shape>>;
            type SeqcopyLatch2Writer = Sole<SeqLatch<$shape>>;
            type PlainLock = TwinPeer<Plain<$shape>, TwinTurns<Plain<$shape>>>;
            type BytesLock = TwinPeer<Bytes<{ size_of::<$shape>() }>, TwinTurns<Bytes<{ size_of::<$shape>() }>>>;

            #[divan::bench(types = [
                SeqcopySeqlock, SeqcopySeqlockByValue, SeqcopyLatch2, PlainLock, BytesLock, Seqlock, Crossbeam, ParkingLot,
                Swap, NexusSlot, Unrestricted $(, $dense_only)?
            ])]
            fn read<P: Peer<$shape>>(bencher: Bencher<'_, '_>) {
                reads::<$shape, P>(bencher);
            }

            #[divan::bench(types = [
                SeqcopySeqlock, SeqcopySeqlockWriter, SeqcopyLatch2, SeqcopyLatch2Writer, PlainLock, BytesLock, Seqlock,
                Crossbeam, ParkingLot, Swap, NexusSlot, Unrestricted $(, $dense_only)?
            ])]
            fn write<P: Peer<$shape>>(bencher: Bencher<'_, '_>) {
                writes::<$shape, P>(bencher);
            }
        }
    )*};
}

shapes! {
    dense_8 Dense<1>, PhotonRing;
    dense_64 Dense<8>, PhotonRing;
    dense_1k Dense<128>, PhotonRing;
    dense_4k Dense<512>, PhotonRing;
    padded48 Padded48;
    padded_array_3k PaddedArray;
    pointers Pointers;
    enumeration Event;
}
