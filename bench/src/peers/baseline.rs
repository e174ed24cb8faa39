//! The two ends of the scale: a plain copy and a copy byte by byte, each bare and in a lock like `SeqLock`.

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU8, AtomicU64, fence};

use super::{Copier, Ends, Peer, Reader, Writer, place};
use crate::shapes::Shape;

/// A plain copy: the fastest there is, and undefined behaviour as soon as another thread writes. So it is only measured
/// uncontended.
#[repr(C, align(8))]
pub struct Plain<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: used by one thread at a time (see the documentation of the type).
unsafe impl<T: Send> Sync for Plain<T> {}

impl<T: Shape> Copier<T> for Plain<T> {
    const NAME: &'static str = "plain";

    fn new(value: T) -> Self {
        Plain(UnsafeCell::new(MaybeUninit::new(value)))
    }

    #[inline(always)]
    fn load(&self, buf: &mut MaybeUninit<T>) {
        // SAFETY: both are valid for a `T` and do not overlap; no other thread accesses the storage.
        unsafe { ptr::copy_nonoverlapping(self.0.get(), buf, 1) };
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        // SAFETY: both are valid for a `T` and do not overlap; no other thread accesses the storage.
        unsafe { ptr::copy_nonoverlapping(ptr::from_ref(value).cast(), self.0.get(), 1) };
    }
}

/// One relaxed access per byte: all bytes are loaded, only those of the fields are stored.
#[repr(C, align(8))]
pub struct Bytes<const SIZE: usize>([AtomicU8; SIZE]);

impl<T: Shape, const SIZE: usize> Copier<T> for Bytes<SIZE> {
    const NAME: &'static str = "bytes";

    fn new(value: T) -> Self {
        const { assert!(SIZE == size_of::<T>()) };
        let new = Bytes([(); SIZE].map(|()| AtomicU8::new(0)));
        new.store(&value);
        new
    }

    #[inline(always)]
    fn load(&self, buf: &mut MaybeUninit<T>) {
        let buf = buf.as_mut_ptr().cast::<u8>();
        for (offset, byte) in self.0.iter().enumerate() {
            // SAFETY: an offset inside the type.
            let to = unsafe { buf.add(offset) };
            // SAFETY: `buf` is valid for writes of a `T`.
            unsafe { to.write(byte.load(Relaxed)) };
        }
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        let from = ptr::from_ref(value).cast::<u8>();
        value.each_part(&mut |start, len| {
            for (offset, byte) in self.0.iter().enumerate().skip(start).take(len) {
                // SAFETY: an offset inside the type.
                let from = unsafe { from.add(offset) };
                // SAFETY: a byte of a field is initialised.
                byte.store(unsafe { from.read() }, Relaxed);
            }
        });
    }
}

/// One relaxed access per word, as it is written by hand: for shapes of this many words without padding.
#[repr(C, align(8))]
pub struct Words<const WORDS: usize>([AtomicU64; WORDS]);

impl<T: Shape, const WORDS: usize> Copier<T> for Words<WORDS> {
    const NAME: &'static str = "words";

    fn new(value: T) -> Self {
        const { assert!(WORDS * 8 == size_of::<T>() && align_of::<T>() == 8) };
        let new = Words([(); WORDS].map(|()| AtomicU64::new(0)));
        new.store(&value);
        new
    }

    #[inline(always)]
    fn load(&self, buf: &mut MaybeUninit<T>) {
        let buf = buf.as_mut_ptr().cast::<u64>();
        for (index, word) in self.0.iter().enumerate() {
            // SAFETY: a word inside the type.
            let to = unsafe { buf.add(index) };
            // SAFETY: `buf` is valid for writes of a `T`.
            unsafe { to.write(word.load(Relaxed)) };
        }
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        let from = ptr::from_ref(value).cast::<u64>();
        for (index, word) in self.0.iter().enumerate() {
            // SAFETY: a word inside the type.
            let from = unsafe { from.add(index) };
            // SAFETY: there is no padding.
            word.store(unsafe { from.read() }, Relaxed);
        }
    }
}

/// `seqcopy::SeqLock` around another copy: word, claim and payload are laid out as there, and the orderings are the
/// same.
#[repr(C)]
pub struct Twin<C> {
    count: AtomicU64,
    claim: AtomicU8,
    value: C,
}

impl<C> Twin<C> {
    #[inline(always)]
    fn attempt<T: Shape>(&self, buf: &mut MaybeUninit<T>) -> bool
    where
        C: Copier<T>,
    {
        let before = self.count.load(Acquire);
        if before & 1 == 1 {
            return false;
        }
        self.value.load(buf);
        fence(Acquire);
        self.count.load(Relaxed) == before
    }

    #[cold]
    fn read_contended<T: Shape>(&self, buf: &mut MaybeUninit<T>)
    where
        C: Copier<T>,
    {
        while !self.attempt(buf) {
            spin_loop();
        }
    }

    #[inline(always)]
    fn publish<T: Shape>(&self, value: &T)
    where
        C: Copier<T>,
    {
        let busy = self.count.load(Relaxed) | 1;
        self.count.store(busy, Relaxed);
        fence(Release);
        self.value.store(value);
        self.count.store(busy + 1, Release);
    }
}

/// Reads a [`Twin`].
pub struct TwinReader<C: 'static>(&'static Twin<C>);

impl<C> Clone for TwinReader<C> {
    fn clone(&self) -> Self {
        TwinReader(self.0)
    }
}

impl<T: Shape, C: Copier<T>> Reader<T> for TwinReader<C> {
    #[inline(always)]
    fn value(&mut self) -> T {
        let mut value = MaybeUninit::uninit();
        self.read(&mut value);
        // SAFETY: a whole value has been copied into it.
        unsafe { value.assume_init() }
    }

    #[inline(always)]
    fn read(&mut self, buf: &mut MaybeUninit<T>) {
        if !self.0.attempt(buf) {
            self.0.read_contended(buf);
        }
    }

    #[inline(always)]
    fn attempt(&mut self, buf: &mut MaybeUninit<T>) -> Option<bool> {
        Some(self.0.attempt(buf))
    }
}

/// Writes a [`Twin`] as one of several writers.
pub struct TwinTurns<C: 'static>(&'static Twin<C>);

impl<T: Shape, C: Copier<T>> Writer<T> for TwinTurns<C> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        while self.0.claim.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
            spin_loop();
        }
        self.0.publish(value);
        self.0.claim.store(0, Release);
    }
}

/// Writes a [`Twin`] as its single writer.
pub struct TwinWriter<C: 'static>(&'static Twin<C>);

impl<T: Shape, C: Copier<T>> Writer<T> for TwinWriter<C> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.0.publish(value);
    }
}

/// A [`Twin`] with one of its two ways to write.
pub struct TwinPeer<C, W>(PhantomData<(C, W)>);

fn twin<T: Shape, C: Copier<T>>(value: T) -> &'static Twin<C> {
    place(Twin { count: AtomicU64::new(0), claim: AtomicU8::new(0), value: C::new(value) })
}

impl<T: Shape, C: Copier<T>> Peer<T> for TwinPeer<C, TwinTurns<C>> {
    const NAME: &'static str = C::NAME;
    const BY_VALUE: bool = false;
    type Reader = TwinReader<C>;
    type Writer = TwinTurns<C>;

    fn make(value: T) -> Ends<T, Self> {
        let lock = twin(value);
        Ends { reader: TwinReader(lock), writer: TwinTurns(lock) }
    }
}

impl<T: Shape, C: Copier<T>> Peer<T> for TwinPeer<C, TwinWriter<C>> {
    const NAME: &'static str = C::NAME;
    const BY_VALUE: bool = false;
    type Reader = TwinReader<C>;
    type Writer = TwinWriter<C>;

    fn make(value: T) -> Ends<T, Self> {
        let lock = twin(value);
        Ends { reader: TwinReader(lock), writer: TwinWriter(lock) }
    }
}
