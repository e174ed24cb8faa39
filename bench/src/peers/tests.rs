//! What is measured is what is meant: every adapter gives back what it was given.

use std::mem::MaybeUninit;
use std::ptr;

use seqcopy::{SeqLatch, SeqLock};

use super::baseline::{Bytes, Plain, TwinPeer, TwinTurns, TwinWriter};
use super::copies::{AtomicMemcpy, ByteAtomic};
use super::locks::{Crossbeam, ParkingLot, Seqlock, Swap};
use super::ours::{ByValue, Raw, Sole, Turns};
use super::slots::{NexusSlot, PhotonRing, Unrestricted};
use super::{Copier, Desk, Peer, Reader, Writer};
use crate::shapes::{Dense, Event, Padded48, PaddedArray, Pointers, Shape};

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

fn holds<T: Shape>(buf: &MaybeUninit<T>, value: &T, who: &str) {
    // SAFETY: it was just read into.
    let found = unsafe { buf.assume_init_ref() };
    assert_eq!(data(found), data(value), "{who}: {}", T::NAME);
}

fn copier<T: Shape, C: Copier<T>>() {
    let mut desk = Desk::<T>::new(2);
    let cell = C::new(T::value(1));
    cell.load(&mut desk.buf);
    holds(&desk.buf, &T::value(1), C::NAME);
    for turn in 0..3 {
        cell.store(desk.value(turn));
        cell.load(&mut desk.buf);
        holds(&desk.buf, desk.value(turn), C::NAME);
    }
}

fn peer<T: Shape, P: Peer<T>>() {
    let mut desk = Desk::<T>::new(2);
    let mut ends = P::make(T::value(1));
    let mut other = ends.reader.clone();
    ends.reader.read(&mut desk.buf);
    holds(&desk.buf, &T::value(1), P::NAME);
    for turn in 0..3 {
        ends.writer.write(desk.value(turn));
        for reader in [&mut ends.reader, &mut other] {
            reader.read(&mut desk.buf);
            holds(&desk.buf, desk.value(turn), P::NAME);
            assert!(reader.attempt(&mut desk.buf).unwrap_or(true));
            holds(&desk.buf, desk.value(turn), P::NAME);
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
        T: Turns<SeqLock<T>>, ByValue<SeqLock<T>>, Sole<SeqLock<T>>, Turns<SeqLatch<T>>, Sole<SeqLatch<T>>,
        Sole<SeqLatch<T, 4>>, TwinPeer<Plain<T>, TwinTurns<Plain<T>>>, TwinPeer<Plain<T>, TwinWriter<Plain<T>>>,
        TwinPeer<Bytes<SIZE>, TwinTurns<Bytes<SIZE>>>, TwinPeer<Bytes<SIZE>, TwinWriter<Bytes<SIZE>>>, Seqlock, Crossbeam,
        ParkingLot, Swap, NexusSlot, Unrestricted,
    );
}

#[test]
fn what_is_read_is_what_was_written() {
    all::<Dense<1>, 8>();
    all::<Dense<128>, 1024>();
    all::<Padded48, 48>();
    all::<PaddedArray, 3072>();
    all::<Pointers, 48>();
    all::<Event, 24>();
    peers!(Dense<128>: PhotonRing);
    copier::<Dense<128>, AtomicMemcpy<_>>();
    copier::<Dense<128>, ByteAtomic<_, 1024>>();
    copier::<Padded48, ByteAtomic<_, 48>>();
    copier::<PaddedArray, ByteAtomic<_, 3072>>();
}
