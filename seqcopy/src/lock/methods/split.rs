//! The methods that make handles without a compare-and-swap, and writers of a field.

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use alloc::sync::Arc;

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use super::super::{ArcField, ArcReader, ArcWriter};
use super::super::{Policy, Reader, Sequenced, Writer};
use crate::seq_copy::SeqCopy;

impl<T, P: Policy> Sequenced<T, P> {
    /// Creates a [`Writer`](crate::Writer) without acquiring the write claim: for interrupt handlers and start-up code
    /// known to be the only writer, and the only way to write on processors without compare-and-swap (`thumbv6m`,
    /// `riscv32imc`).
    ///
    /// Dropping this `Writer` does not release the claim either. It can be made in a constant or a `static`.
    ///
    /// # Safety
    /// * While the `Writer` exists there is no other writer: no other `Writer`, no guard, no writing method of the lock.
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
    /// a lock that is borrowed for `'static`, as `StaticCell`, `cortex_m::singleton!` or RTIC's `local` resources give it.
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
        // What was leaked is taken over.
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
