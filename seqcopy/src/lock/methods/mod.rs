//! The public methods of [`Sequenced`]. This file has the constructors on the heap, and the errors for processors
//! without compare-and-swap.

mod part;
mod read;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod slice;
// These acquire the write claim, which takes a compare-and-swap.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
mod write;

#[cfg(doc)]
use super::Sequenced;
#[cfg(all(test, loom))]
pub(crate) use write::{try_write, update, write};

#[cfg(not(any(target_has_atomic = "8", feature = "portable-atomic")))]
mod absent {
    //! The locks' methods that need compare-and-swap, for processors that have none. They exist so that the compiler's
    //! error can say why they cannot be called, and what to call instead.

    use super::super::{Policy, SeqLock, SeqLockGuard, Sequenced, Writer};
    use crate::seq_copy::SeqCopy;

    /// The subject of those methods' bounds. The bounds are higher-ranked over a lifetime, because rustc rejects a
    /// method whose plain bound can never hold where it is defined, not where it is called.
    #[allow(unreachable_pub, missing_debug_implementations)] // visible in bounds of public methods, but not nameable
    pub struct Processor;

    #[diagnostic::on_unimplemented(
        message = "this processor has no compare-and-swap, so writers cannot acquire the write claim",
        label = "needs compare-and-swap",
        note = "write through `unsafe {{ lock.writer_unchecked() }}`, for which you promise that there is no other writer at the time, for example because one interrupt handler or one loop does all the writing",
        note = "or make the handles of a lock that is borrowed exclusively, by its method `split`",
        note = "or enable the feature `critical-section` of seqcopy (or its `portable-atomic`), which provides one"
    )]
    #[allow(unreachable_pub)] // visible in bounds of public methods, but not nameable
    pub trait CompareAndSwap<'never> {
        fn absent() -> !;
    }

    /// Defines methods that cannot be called on this target.
    macro_rules! absent {
        ([$($generics:tt)*] $lock:ty: $($name:ident(&self $(, $value:ident: $of:ty)?) -> $result:ty;)*) => {
            impl<T, $($generics)*> $lock {
                $(
                    /// Unavailable on this processor, which has no compare-and-swap: use
                    /// [`writer_unchecked`](Self::writer_unchecked).
                    #[allow(clippy::needless_pass_by_value, clippy::must_use_candidate, clippy::missing_errors_doc)] // never called
                    pub fn $name(&self $(, $value: $of)?) -> $result
                    where
                        T: SeqCopy,
                        for<'never> Processor: CompareAndSwap<'never>,
                    {
                        $(let _ = $value;)?
                        <Processor as CompareAndSwap<'_>>::absent()
                    }
                )*
            }
        };
    }

    absent! { [P: Policy] Sequenced<T, P>:
        write(&self, value: T) -> ();
        write_from(&self, value: &T) -> ();
        try_write(&self, value: T) -> Result<(), T>;
        replace(&self, value: T) -> T;
        writer(&self) -> Option<Writer<'_, T, Self>>;
        has_writer(&self) -> bool;
    }

    absent! { [] SeqLock<T>:
        lock_write(&self) -> SeqLockGuard<'_, T>;
        try_lock_write(&self) -> Option<SeqLockGuard<'_, T>>;
    }

    impl<T, P: Policy> Sequenced<T, P> {
        /// Unavailable on this processor, which has no compare-and-swap: use
        /// [`writer_unchecked`](Self::writer_unchecked).
        pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R
        where
            T: SeqCopy,
            for<'never> Processor: CompareAndSwap<'never>,
        {
            let _ = change;
            <Processor as CompareAndSwap<'_>>::absent()
        }
    }
}

#[cfg(feature = "alloc")]
mod heap {
    //! The methods that construct locks and values on the heap, without a copy on the stack.

    use alloc::boxed::Box;
    #[cfg(target_has_atomic = "8")]
    use alloc::sync::Arc;
    use core::mem::MaybeUninit;

    use super::super::{Policy, Sequenced};
    use crate::atomic_per_byte::{self, init};
    use crate::seq_copy::SeqCopy;

    impl<T, P: Policy> Sequenced<T, P> {
        /// Creates a lock on the heap: copies `value` straight there. In every build, none of it goes onto the stack,
        /// as it does in `Box::new(SeqLock::new(value))`. Where a lock moves, it is copied; in its box it stays.
        ///
        /// Values that are too large for the stack are written by [`write_from`](Self::write_from) and read by
        /// [`read_into`](Self::read_into), [`read_to`](Self::read_to) and [`read_boxed`](Self::read_boxed), or in
        /// [parts](Self::read_part); the methods that take or return a `T` by value, `update` and guards have copies on
        /// the stack.
        ///
        /// The number of a latch's buffers is inferred, or two if only the type of the value is named.
        ///
        /// ```
        /// use seqcopy::{SeqLatch, SeqLock};
        ///
        /// const SIZE: usize = 4096; // or as many megabytes
        /// type Frame = [u8; SIZE];
        /// // A vector is a way to make a large array on the heap.
        /// let mut frame: Box<Frame> = vec![7; SIZE].try_into().unwrap();
        /// let (lock, latch) = (SeqLock::boxed(&*frame), SeqLatch::<Frame>::boxed(&frame));
        ///
        /// frame[0] = 8;
        /// lock.write_from(&frame);
        /// latch.write_from(&frame);
        /// assert_eq!((lock.read_boxed()[0], latch.read_boxed()[0]), (8, 8));
        /// ```
        #[must_use]
        pub fn boxed(value: &T) -> Box<Self>
        where
            T: SeqCopy,
        {
            let all = |place| {
                // SAFETY: a place for a lock that no other thread has yet (I4 private).
                let first = unsafe { Self::init(place) };
                // SAFETY: the place of its first value (I4 private).
                unsafe { init(first, value) };
            };
            // SAFETY: all of a lock (I2 init).
            unsafe { atomic_per_byte::boxed(all) }
        }

        /// [`boxed`](Self::boxed) of a value that `make` makes where it stays, so that there is only one. Types with
        /// enums with fields are made in a box of their own first.
        ///
        /// If `make` panics, the memory is freed, and nothing else has happened: there is no lock yet.
        ///
        /// ```
        /// use std::mem::MaybeUninit;
        /// use seqcopy::{SeqCopy, SeqLatch};
        ///
        /// #[derive(SeqCopy)]
        /// #[repr(C)]
        /// struct Frame { at: u64, pixels: [u16; 4096] }
        ///
        /// fn black(frame: &mut MaybeUninit<Frame>) -> &mut Frame {
        ///     // SAFETY: zeros are a frame.
        ///     unsafe {
        ///         frame.as_mut_ptr().write_bytes(0, 1);
        ///         frame.assume_init_mut()
        ///     }
        /// }
        /// let frame = SeqLatch::<Frame>::boxed_with(black);
        /// assert_eq!(frame.read_boxed().pixels[4000], 0);
        /// ```
        #[must_use]
        pub fn boxed_with(make: impl FnOnce(&mut MaybeUninit<T>) -> &mut T) -> Box<Self>
        where
            T: SeqCopy,
        {
            let all = |place| {
                // SAFETY: a place for a lock that no other thread has yet (I4 private).
                let first = unsafe { Self::init(place) };
                // SAFETY: the place of its first value (I4 private).
                unsafe { atomic_per_byte::init_with(first, make) };
            };
            // SAFETY: all of a lock (I2 init).
            unsafe { atomic_per_byte::boxed(all) }
        }

        /// [`boxed`](Self::boxed) in an `Arc`. (`Arc::from` makes one of a box, by a copy from heap to heap.)
        ///
        /// ```
        /// # use seqcopy::{SeqLatch, SeqLock};
        /// let (lock, latch) = (SeqLock::arc(&5), SeqLatch::<u32>::arc(&6));
        /// let mut writer = SeqLock::writer_arc(&lock).expect("the only writer");
        /// writer.write(7);
        /// assert_eq!((lock.read(), latch.read()), (7, 6));
        /// ```
        #[cfg(target_has_atomic = "8")]
        #[must_use]
        pub fn arc(value: &T) -> Arc<Self>
        where
            T: SeqCopy,
        {
            let all = |place| {
                // SAFETY: a place for a lock that no other thread has yet (I4 private).
                let first = unsafe { Self::init(place) };
                // SAFETY: the place of its first value (I4 private).
                unsafe { init(first, value) };
            };
            // SAFETY: all of a lock (I2 init).
            unsafe { atomic_per_byte::arc(all) }
        }

        /// [`read`](Self::read) to a box, with one copy and none on the stack. Where there is a box already,
        /// [`read_to`](Self::read_to) allocates nothing.
        ///
        /// ```
        /// # use seqcopy::SeqLock;
        /// assert_eq!(SeqLock::new([5u8; 4096]).read_boxed()[4095], 5);
        /// ```
        #[must_use]
        pub fn read_boxed(&self) -> Box<T>
        where
            T: SeqCopy,
        {
            let mut buf = Box::new_uninit();
            self.read_into(&mut buf);
            // SAFETY: `read_into` has filled it (I7 checked).
            unsafe { buf.assume_init() }
        }

        /// Constructs all of a lock except for its first value, and returns the place of the value.
        ///
        /// # Safety
        /// `place` is aligned and writable for a lock, by this thread alone.
        unsafe fn init(place: *mut Self) -> *mut T {
            // SAFETY: a field of it (P10 raw-place).
            let algorithm = unsafe { &raw mut (*place).algorithm };
            // SAFETY: the place is that of this function's contract. The data of an `Aligned8<T>` is that of its `T` at
            // offset 0, and the storage begins there (P9 layout: transparent).
            unsafe { P::init::<T>(algorithm) }.cast()
        }
    }
}
