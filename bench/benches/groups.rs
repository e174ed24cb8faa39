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

macro_rules! benches {
    ($with:ident $shape:ty: $($name:ident $peer:ty,)*) => {$(
        #[divan::bench]
        fn $name(bencher: Bencher<'_, '_>) {
            $with::<$shape, $peer>(bencher);
        }
    )*};
}

macro_rules! shapes {
    ($($module:ident $shape:ty $(, $dense_only:ident $dense_peer:ty)?;)*) => {$(
        mod $module {
            use super::*;

            type Payload = $shape;
            type PlainLock = TwinPeer<Plain<Payload>, TwinTurns<Plain<Payload>>>;
            type BytesCopier = Bytes<{ size_of::<Payload>() }>;
            type BytesLock = TwinPeer<BytesCopier, TwinTurns<BytesCopier>>;

            mod read {
                use super::*;

                benches! {
                    reads Payload:
                    seqcopy_seqlock Turns<SeqLock<Payload>>,
                    seqcopy_seqlock_by_value ByValue<SeqLock<Payload>>,
                    seqcopy_latch2 Turns<SeqLatch<Payload>>,
                    plain PlainLock,
                    bytes BytesLock,
                    seqlock Seqlock,
                    crossbeam_atomiccell Crossbeam,
                    parking_lot_rwlock ParkingLot,
                    arc_swap Swap,
                    nexus_slot NexusSlot,
                    iceoryx2_unrestricted Unrestricted,
                    $($dense_only $dense_peer,)?
                }
            }

            mod write {
                use super::*;

                benches! {
                    writes Payload:
                    seqcopy_seqlock Turns<SeqLock<Payload>>,
                    seqcopy_seqlock_writer Sole<SeqLock<Payload>>,
                    seqcopy_latch2 Turns<SeqLatch<Payload>>,
                    seqcopy_latch2_writer Sole<SeqLatch<Payload>>,
                    plain PlainLock,
                    bytes BytesLock,
                    seqlock Seqlock,
                    crossbeam_atomiccell Crossbeam,
                    parking_lot_rwlock ParkingLot,
                    arc_swap Swap,
                    nexus_slot NexusSlot,
                    iceoryx2_unrestricted Unrestricted,
                    $($dense_only $dense_peer,)?
                }
            }
        }
    )*};
}

shapes! {
    dense_8 Dense<1>, photon_ring PhotonRing;
    dense_64 Dense<8>, photon_ring PhotonRing;
    dense_1k Dense<128>, photon_ring PhotonRing;
    dense_4k Dense<512>, photon_ring PhotonRing;
    padded48 Padded48;
    padded_array_3k PaddedArray;
    pointers Pointers;
    enumeration Event;
}
