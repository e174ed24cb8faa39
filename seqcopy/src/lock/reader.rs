//! [`Reader`]: a handle that keeps the last value that it read.

use core::fmt::{self, Debug, Formatter};
use core::marker::PhantomData;
use core::ops::Deref;

use super::{Policy, SeqLatch, SeqLock, Sequenced, Version};
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;

/// The newest value that the reader has read.
#[derive(Clone)]
struct Latest<T> {
    value: T,
    version: Version,
}

impl<T: SeqCopy> Latest<T> {
    fn read_from<P: Policy>(lock: &Sequenced<T, P>) -> Self {
        let (value, version) = lock.read_versioned();
        Latest { value, version }
    }
}

/// A handle that keeps the value that it read last, so that it always has one: each [`read`](Self::read) makes a single
/// attempt, and keeps the value if that fails.
///
/// For real-time threads, which need a value now. Each reading thread has a handle of its own; there may be any number.
/// [`split`](crate::SeqLatch::split) makes a [`Writer`](crate::Writer) and a reader, [`new`](Self::new) another one.
///
/// On a [`SeqLatch`](crate::SeqLatch) an attempt fails only if `BUFFERS - 1` or more writes finished during it; on a
/// [`SeqLock`], if any overlapped it.
///
/// ```
/// use seqcopy::{Reader, SeqCopy, SeqLatch};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Params { gain: f32, bypass: bool }
///
/// fn process(params: &mut Reader<'_, Params, SeqLatch<Params>>, samples: &mut [f32]) {
///     let params = params.read(); // wait-free
///     if !params.bypass {
///         samples.iter_mut().for_each(|sample| *sample *= params.gain);
///     }
/// }
///
/// let mut latch = SeqLatch::new(Params { gain: 1.0, bypass: false });
/// let (mut writer, mut reader) = latch.split();
/// writer.write(Params { gain: 0.5, bypass: false });
/// let mut samples = [1.0; 4];
/// process(&mut reader, &mut samples);
/// assert_eq!(samples, [0.5; 4]);
/// ```
///
/// `Reader<'_, T>` reads a [`SeqLock<T>`](crate::SeqLock), and `Reader<'_, T, SeqLatch<T>>` a
/// [`SeqLatch`](crate::SeqLatch). `H` says how the reader keeps its lock: it is `&L` here, and another type for an
/// [`ArcReader`](crate::ArcReader).
pub struct Reader<'a, T, L = SeqLock<T>, H = &'a L> {
    lock: H,
    latest: Latest<T>,
    of: PhantomData<(&'a (), L)>,
}

/// The [`Reader`] of a [`SeqLatch`].
#[doc(hidden)]
pub type LatchReader<'a, T, const BUFFERS: usize = 2> = Reader<'a, T, SeqLatch<T, BUFFERS>>;

impl<'a, T: SeqCopy, P: Policy> Reader<'a, T, Sequenced<T, P>> {
    /// Reads the first value, as [`SeqLock::read`] or [`SeqLatch::read`](crate::SeqLatch::read) does.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// let lock = SeqLock::new(1);
    /// assert_eq!(*Reader::new(&lock).get(), 1);
    /// ```
    #[must_use]
    pub fn new(lock: &'a Sequenced<T, P>) -> Self {
        Reader { lock, latest: Latest::read_from(lock), of: PhantomData }
    }
}

impl<'a, T, L> Reader<'a, T, L> {
    /// The lock.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// assert_eq!(Reader::new(&SeqLock::new(1)).lock().read(), 1);
    /// ```
    #[must_use]
    pub fn lock(&self) -> &'a L {
        self.lock
    }
}

impl<T: SeqCopy, P: Policy, H: Deref<Target = Sequenced<T, P>>> Reader<'_, T, Sequenced<T, P>, H> {
    /// The newest value, or the one returned before, if a write overlapped the copy. Makes a single attempt, and none
    /// if there is no newer value. Wait-free.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// let lock = SeqLock::new(1);
    /// let mut reader = Reader::new(&lock);
    /// assert_eq!(*reader.read(), 1);
    /// lock.write(2);
    /// assert_eq!(*reader.read(), 2);
    /// ```
    #[inline]
    pub fn read(&mut self) -> &T {
        let _ = self.refresh();
        self.get()
    }

    /// Reads the newest value if there is a newer one; returns whether there was. Wait-free.
    ///
    /// # Errors
    /// If a write overlapped the copy. The value read before is then kept; for a latch, a newer value is there already.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// let lock = SeqLock::new(1);
    /// let mut reader = Reader::new(&lock);
    /// assert_eq!(reader.refresh(), Ok(false));
    /// lock.write(2);
    /// assert_eq!((reader.refresh(), *reader.get()), (Ok(true), 2));
    /// ```
    #[inline]
    pub fn refresh(&mut self) -> Result<bool, ReadError> {
        let Some(value) = self.lock.try_read_if_changed(&mut self.latest.version)? else { return Ok(false) };
        self.latest.value = value;
        Ok(true)
    }
}

impl<T, L, H> Reader<'_, T, L, H> {
    /// The value read last. Reads nothing.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// let lock = SeqLock::new(1);
    /// let mut reader = Reader::new(&lock);
    /// lock.write(2);
    /// assert_eq!(*reader.get(), 1);
    /// # reader.read();
    /// ```
    #[must_use]
    pub fn get(&self) -> &T {
        &self.latest.value
    }

    /// The version of the value read last.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// let lock = SeqLock::new(1);
    /// let mut reader = Reader::new(&lock);
    /// lock.write(2);
    /// assert!(lock.has_changed(reader.version()));
    /// # reader.read();
    /// ```
    #[must_use]
    pub fn version(&self) -> Version {
        self.latest.version
    }
}

impl<T: Clone, L, H: Clone> Clone for Reader<'_, T, L, H> {
    fn clone(&self) -> Self {
        Reader { lock: self.lock.clone(), latest: self.latest.clone(), of: PhantomData }
    }
}

impl<T: Debug, L, H> Debug for Reader<'_, T, L, H> {
    /// Shows the value read last.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("value", self.get()).finish_non_exhaustive()
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub(super) mod arc {
    use alloc::sync::Arc;
    use core::marker::PhantomData;

    use super::super::ArcField;
    use super::super::{Policy, SeqLock, Sequenced};
    use super::{Latest, Reader};
    use crate::seq_copy::SeqCopy;

    /// A [`Reader`](crate::Reader) that keeps its lock alive: the lock is in an `Arc`, or a field of an `S` in an
    /// `Arc`.
    ///
    /// ```
    /// use seqcopy::SeqLatch;
    ///
    /// let (mut writer, mut reader) = SeqLatch::new(0u64).into_split();
    /// std::thread::spawn(move || writer.write(7)).join().unwrap();
    /// assert_eq!(*reader.read(), 7);
    /// ```
    pub type ArcReader<T, L = SeqLock<T>, S = L> = Reader<'static, T, L, ArcField<S, L>>;

    impl<T: SeqCopy, P: Policy> ArcReader<T, Sequenced<T, P>> {
        /// Reads the first value, as [`Reader::new`](crate::Reader::new) does.
        ///
        /// ```
        /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
        /// assert_eq!(*ArcReader::from_arc(&Arc::new(SeqLock::new(1))).get(), 1);
        /// ```
        #[must_use]
        pub fn from_arc(lock: &Arc<Sequenced<T, P>>) -> Self {
            Self::of_field(lock, |lock| lock)
        }
    }

    impl<T: SeqCopy, P: Policy, S> ArcReader<T, Sequenced<T, P>, S> {
        /// [`from_arc`](ArcReader::from_arc) of a lock that is a field of what is in the `Arc`.
        ///
        /// ```
        /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
        /// struct Shared { name: String, level: SeqLock<u32> }
        /// let shared = Arc::new(Shared { name: "left".into(), level: SeqLock::new(1) });
        /// let mut reader = ArcReader::of_field(&shared, |shared| &shared.level);
        /// shared.level.write(2);
        /// assert_eq!((*reader.read(), reader.owner().name.as_str()), (2, "left"));
        /// ```
        #[must_use]
        pub fn of_field(owner: &Arc<S>, field: impl FnOnce(&S) -> &Sequenced<T, P>) -> Self {
            let lock = ArcField::new(owner, field);
            let latest = Latest::read_from(&lock);
            Reader { lock, latest, of: PhantomData }
        }
    }

    impl<T, L, S> ArcReader<T, L, S> {
        /// The lock.
        ///
        /// ```
        /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
        /// assert_eq!(ArcReader::from_arc(&Arc::new(SeqLock::new(1))).lock().read(), 1);
        /// ```
        #[must_use]
        pub fn lock(&self) -> &L {
            &self.lock
        }

        /// The `Arc`.
        ///
        /// ```
        /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
        /// let lock = Arc::new(SeqLock::new(1));
        /// assert!(Arc::ptr_eq(ArcReader::from_arc(&lock).owner(), &lock));
        /// ```
        #[must_use]
        pub fn owner(&self) -> &Arc<S> {
            self.lock.owner()
        }
    }
}
