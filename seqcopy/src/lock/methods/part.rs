//! The methods for parts of the value. This file also has the constructors of handles that need no compare-and-swap,
//! and writers of a field.

use super::super::{Policy, Reader, Sequenced, Writer, part};
use crate::lock::Parts;
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;
use crate::validity::Part;

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use super::super::{ArcField, ArcReader, ArcWriter};
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use super::super::{ClaimFor, ClaimGuard};
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use alloc::sync::Arc;

impl<T, P: Policy> Sequenced<T, P> {
    /// Reads one field, without copying the others: for an `f32` in a kilobyte three loads. Retries until no write, of
    /// whatever field, overlapped; that is less likely the less there is to copy.
    ///
    /// [`SeqLock`](crate::SeqLock): spins for the first 64 failed attempts, then yields to the scheduler between
    /// attempts (with feature `std`). It may starve under a writer that never pauses, and must not be called from a
    /// handler that can interrupt the writer. [`SeqLatch`](crate::SeqLatch): lock-free, an attempt fails only if
    /// writers finished `BUFFERS - 1` writes during the copy; spins, without system calls.
    ///
    /// The field is of one write, which was current as for [`read`](Self::read). Two calls may see two writes:
    /// [`read_parts`](Self::read_parts) reads several fields of one.
    ///
    /// ```
    /// use seqcopy::{SeqCopy, SeqLock, part};
    ///
    /// #[derive(Clone, Copy, SeqCopy)]
    /// struct Telemetry { at: u64, volts: [f32; 250] }
    ///
    /// static LAST: SeqLock<Telemetry> = SeqLock::new(Telemetry { at: 0, volts: [3.3; 250] });
    /// assert_eq!(LAST.read_part(part!(Telemetry, volts).index(17)), 3.3);
    /// ```
    #[inline]
    pub fn read_part<F>(&self, part: Part<T, F>) -> F
    where
        T: SeqCopy,
    {
        part::read_parts(self, part)
    }

    /// Makes one attempt to read one field. Wait-free.
    ///
    /// # Errors
    /// [`Busy`](crate::ReadError::Busy) if a write is in progress (never for a latch), [`Torn`](crate::ReadError::Torn)
    /// if one overlapped the copy, or, for a latch, if `BUFFERS - 1` or more finished during it.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new((1u8, 2u64));
    /// assert_eq!(lock.try_read_part(part!((u8, u64), 1)), Ok(2));
    /// ```
    #[inline]
    pub fn try_read_part<F>(&self, part: Part<T, F>) -> Result<F, ReadError>
    where
        T: SeqCopy,
    {
        part::try_read_parts(self, part)
    }

    /// Reads several fields of one write: a tuple of two to eight parts, which may overlap. Waits as
    /// [`read_part`](Self::read_part) does.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqLock, part};
    /// #[derive(Clone, Copy, SeqCopy)]
    /// struct Book { at: u64, bids: [u64; 20], asks: [u64; 20] }
    ///
    /// let book = SeqLock::new(Book { at: 0, bids: [99; 20], asks: [101; 20] });
    /// let (bid, ask) = book.read_parts((part!(Book, bids).index(0), part!(Book, asks).index(0)));
    /// assert_eq!(ask - bid, 2);
    /// ```
    #[inline]
    pub fn read_parts<F: Parts<T>>(&self, parts: F) -> F::Values
    where
        T: SeqCopy,
    {
        part::read_parts(self, parts)
    }

    /// [`read_parts`](Self::read_parts) with a single attempt. Wait-free.
    ///
    /// # Errors
    /// [`Busy`](crate::ReadError::Busy) if a write is in progress (never for a latch), [`Torn`](crate::ReadError::Torn)
    /// if one overlapped the copy, or, for a latch, if `BUFFERS - 1` or more finished during it.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new([1u16, 2, 3]);
    /// let all = part!([u16; 3]);
    /// assert_eq!(lock.try_read_parts((all.index(2), all.index(0))), Ok((3, 1)));
    /// ```
    #[inline]
    pub fn try_read_parts<F: Parts<T>>(&self, parts: F) -> Result<F::Values, ReadError>
    where
        T: SeqCopy,
    {
        part::try_read_parts(self, parts)
    }
}

// These acquire the write claim, which takes a compare-and-swap.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[allow(clippy::needless_pass_by_value)] // a written value is consumed by the call
impl<T, P: Policy> Sequenced<T, P> {
    /// Writes one field; the others stay as they are. Blocks as [`write`](Self::write) does. Readers see all of the
    /// value before or all of the value after, with a version of its own, as for any write.
    ///
    /// A `SeqLock` stores only the bytes of the field, and words that it shares with its neighbours: nanoseconds. The
    /// buffer of a latch that is written next holds an older value, so the whole value is copied to it, as by
    /// [`update`](Self::update).
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new((1u8, 2u64));
    /// lock.write_part(part!((u8, u64), 1), 3);
    /// assert_eq!(lock.read(), (1, 3));
    /// ```
    #[inline]
    pub fn write_part<F>(&self, part: Part<T, F>, value: F)
    where
        T: SeqCopy,
    {
        ClaimGuard::acquire(self, ClaimFor::OneWrite).claimed().publish_part(part, &value);
    }

    /// Calls `change` on a copy of one field, publishes it as [`write_part`](Self::write_part) does, and returns the
    /// result; atomic with respect to other writers. Readers see the old value until `change` has returned. If it
    /// panics, the value is unchanged. Calling a writing method of this lock from inside `change` deadlocks; reading is
    /// fine.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let hits = SeqLock::new([0u32; 64]);
    /// hits.update_part(part!([u32; 64]).index(5), |hits| *hits += 1);
    /// assert_eq!(hits.read()[5], 1);
    /// ```
    #[inline]
    pub fn update_part<F, R>(&self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R
    where
        T: SeqCopy,
    {
        ClaimGuard::acquire(self, ClaimFor::OneWrite).claimed().update_part(part, change)
    }
}

impl<T, P: Policy> Sequenced<T, P> {
    /// Creates a [`Writer`](crate::Writer) without acquiring the write claim: for interrupt handlers and start-up code
    /// known to be the only writer, and the only way to write on processors without compare-and-swap (`thumbv6m`,
    /// `riscv32imc`).
    ///
    /// Dropping this `Writer` does not release the claim either. It can be made in a constant or a `static`.
    ///
    /// # Safety
    /// * While the `Writer` exists there is no other writer: no other `Writer`, no guard, no writing method of the
    ///   lock.
    /// * The end of the previous writer happens-before this call.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// static LOCK: SeqLock<u32> = SeqLock::new(5);
    /// // SAFETY: the only writer.
    /// unsafe { LOCK.writer_unchecked() }.write(6);
    /// assert_eq!(LOCK.read(), 6);
    /// ```
    #[must_use]
    pub const unsafe fn writer_unchecked(&self) -> Writer<'_, T, Self>
    where
        T: SeqCopy,
    {
        same_contract!(Writer::unclaimed(self))
    }

    /// A writer and a reader of the lock, to be given to two threads or to an interrupt handler and the main loop. More
    /// readers are clones of the first.
    ///
    /// Takes no compare-and-swap and never fails, since an exclusive borrow excludes every other writer: the claim of
    /// one that was leaked is taken over. So this is the safe way to write on processors without compare-and-swap: from
    /// a lock that is borrowed for `'static`, as `StaticCell`, `cortex_m::singleton!` or RTIC's `local` resources give
    /// it.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let mut lock = SeqLock::new([0u64; 2]);
    /// let (mut writer, mut reader) = lock.split();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(move || writer.write([7, 7]));
    ///     let [a, b] = *reader.read(); // wait-free: the newest value, or the one before
    ///     assert_eq!(a, b);
    /// });
    /// assert_eq!(lock.read(), [7, 7]);
    /// ```
    #[doc(alias = "triple_buffer")]
    pub fn split(&mut self) -> (Writer<'_, T, Self>, Reader<'_, T, Self>)
    where
        T: SeqCopy,
    {
        let writer = Writer::exclusive(self);
        let reader = Reader::new(writer.lock());
        (writer, reader)
    }

    /// [`split`](Self::split) into handles that own the lock together.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let (mut writer, mut reader) = SeqLock::new(0).into_split();
    /// let mut other = reader.clone();
    /// std::thread::spawn(move || writer.write(7)).join().unwrap();
    /// assert_eq!((*reader.read(), *other.read()), (7, 7));
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
    #[must_use]
    #[allow(clippy::missing_panics_doc)] // the claim of a lock that no other thread has is free
    pub fn into_split(mut self) -> (ArcWriter<T, Self>, ArcReader<T, Self>)
    where
        T: SeqCopy,
    {
        // Takes over a claim that was leaked.
        drop(Writer::<T, Self>::exclusive(&mut self));
        let lock = Arc::new(self);
        let reader = ArcReader::from_arc(&lock);
        let writer = ArcWriter::claim(ArcField::new(&lock, |lock| lock));
        (writer.expect("a lock that no other thread has"), reader)
    }

    /// [`writer_arc`](Self::writer_arc) of a lock that is a field of what is in the `Arc`. `field` is called once.
    ///
    /// ```
    /// # use {seqcopy::SeqLock, std::sync::Arc};
    /// struct Shared { level: SeqLock<u32>, name: String }
    /// let shared = Arc::new(Shared { level: SeqLock::new(5), name: "left".into() });
    /// let mut writer = SeqLock::writer_of_field(&shared, |shared| &shared.level).expect("the only writer");
    /// writer.write(6);
    /// assert_eq!((shared.level.read(), writer.owner().name.as_str()), (6, "left"));
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer_of_field<S>(owner: &Arc<S>, field: impl FnOnce(&S) -> &Self) -> Option<ArcWriter<T, Self, S>>
    where
        T: SeqCopy,
    {
        ArcWriter::claim(ArcField::new(owner, field))
    }
}
