//! Every adapter returns what was written.

use std::mem::MaybeUninit;
use std::ptr;

use seqcopy::{SeqLatch, SeqLock};

use super::baseline::{Bytes, Plain, TwinPeer, TwinTurns, TwinWriter};
use super::buffers::{LeftRight, TripleBuffer};
use super::copies::{AtomicMemcpy, ByteAtomic};
use super::locks::{Crossbeam, ParkingLot, Seqlock, StdMutex, StdRwLock, Swap};
use super::ours::{ByValue, Claiming, Raw, Slot, Sole, SoleByValue, Turns};
use super::slots::{NexusSlot, PhotonRing, Unrestricted};
use super::{Caller, Copier, Peer, Reader, Writer, into_buffer, returned};
use crate::shapes::{
    AudioBlock, Dense, Event, Padded48, Padded48Data, PaddedArray, PaddedArrayData, Pointers, Pose, Shape, Telemetry,
    TopOfBook,
};

fn data<T: Shape>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.each_part(&mut |offset, len| {
        for offset in offset..offset + len {
            // SAFETY: inside the value.
            let byte = unsafe { ptr::from_ref(value).cast::<u8>().add(offset) };
            // SAFETY: a byte of a field.
            bytes.push(unsafe { byte.read() });
        }
    });
    bytes
}

fn holds<T: Shape>(buf: &MaybeUninit<T>, value: &T, peer: &str) {
    // SAFETY: a read has just initialised it.
    let found = unsafe { buf.assume_init_ref() };
    assert_eq!(data(found), data(value), "{peer}: {}", T::NAME);
}

fn copier<T: Shape, C: Copier<T>>() {
    let mut caller = Caller::<T>::new(2);
    let cell = C::new(T::value(1));
    cell.load(&mut caller.buf);
    holds(&caller.buf, &T::value(1), C::NAME);
    for turn in 0..3 {
        cell.store(caller.value(turn));
        cell.load(&mut caller.buf);
        holds(&caller.buf, caller.value(turn), C::NAME);
    }
}

/// What one reader has.
fn pair<T: Shape, P: Peer<T>>() {
    let mut caller = Caller::<T>::new(2);
    let mut ends = P::make(T::value(1));
    ends.reader.read(&mut caller.buf);
    holds(&caller.buf, &T::value(1), P::NAME);
    for turn in 0..3 {
        ends.writer.write(caller.value(turn));
        into_buffer(&mut ends.reader, &mut caller.buf);
        holds(&caller.buf, caller.value(turn), P::NAME);
        caller.buf.write(returned(&mut ends.reader));
        holds(&caller.buf, caller.value(turn), P::NAME);
        ends.reader.read_to(caller.buf.write(T::value(7)));
        holds(&caller.buf, caller.value(turn), P::NAME);
    }
}

fn peer<T: Shape, P: Peer<T, Reader: Clone>>() {
    pair::<T, P>();
    let mut caller = Caller::<T>::new(2);
    let mut ends = P::make(T::value(1));
    let mut other = ends.reader.clone();
    ends.reader.read(&mut caller.buf);
    holds(&caller.buf, &T::value(1), P::NAME);
    for turn in 0..3 {
        ends.writer.write(caller.value(turn));
        for reader in [&mut ends.reader, &mut other] {
            reader.read(&mut caller.buf);
            holds(&caller.buf, caller.value(turn), P::NAME);
            assert!(reader.attempt(&mut caller.buf).unwrap_or(true));
            holds(&caller.buf, caller.value(turn), P::NAME);
        }
    }
}

macro_rules! peers {
    ($shape:ty: $($peer:ty),* $(,)?) => { $(peer::<$shape, $peer>();)* };
}

fn all<T: Shape, const SIZE: usize>() {
    copier::<T, Raw<T>>();
    copier::<T, Plain<T>>();
    copier::<T, Bytes<SIZE>>();
    peers!(
        T: Turns<SeqLock<T>>, ByValue<SeqLock<T>>, ByValue<SeqLatch<T>>, Claiming<SeqLock<T>>, SoleByValue<SeqLock<T>>, Sole<SeqLock<T>>, Turns<SeqLatch<T>>, Sole<SeqLatch<T>>,
        Sole<SeqLatch<T, 4>>, TwinPeer<Plain<T>, TwinTurns<Plain<T>>>, TwinPeer<Plain<T>, TwinWriter<Plain<T>>>,
        TwinPeer<Bytes<SIZE>, TwinTurns<Bytes<SIZE>>>, TwinPeer<Bytes<SIZE>, TwinWriter<Bytes<SIZE>>>, Seqlock, Crossbeam,
        ParkingLot, StdRwLock, StdMutex, Swap, NexusSlot, Unrestricted, LeftRight,
    );
    pair::<T, TripleBuffer>();
}

#[test]
fn what_is_read_is_what_was_written() {
    all::<Dense<1>, 8>();
    all::<Dense<128>, 1024>();
    all::<Padded48, 48>();
    all::<PaddedArray, 3072>();
    all::<Pointers, 48>();
    all::<Event, 24>();
    all::<Padded48Data, 48>();
    all::<PaddedArrayData, 3072>();
    all::<Pose, 72>();
    all::<TopOfBook, 120>();
    all::<Telemetry, 288>();
    all::<AudioBlock, 1024>();
    peers!(Dense<128>: PhotonRing);
    pair::<Dense<128>, Slot<_>>();
    pair::<Padded48, Slot<_>>();
    copier::<Dense<128>, AtomicMemcpy<_>>();
    copier::<Dense<128>, ByteAtomic<_, 1024>>();
    copier::<Padded48, ByteAtomic<_, 48>>();
    copier::<PaddedArray, ByteAtomic<_, 3072>>();
}
