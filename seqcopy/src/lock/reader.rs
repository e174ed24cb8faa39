//! [`Reader`]: a handle that keeps the last value that it read.

use core::fmt::{self, Debug, Formatter};

use super::{Lock, Version, read_versioned, try_read_if_changed};
use crate::{ReadError, SeqLock};

/// The value read last.
#[derive(Clone)]
pub(super) struct Latest<T> {
    value: T,
    version: Version,
}

impl<T> Latest<T> {
    pub(super) fn of(lock: &impl Lock<T>) -> Self {
        let (value, version) = read_versioned(lock);
        Latest { value, version }
    }

    #[inline]
    pub(super) fn refresh(&mut self, lock: &impl Lock<T>) -> Result<bool, ReadError> {
        let Some(value) = try_read_if_changed(lock, &mut self.version)? else { return Ok(false) };
        self.value = value;
        Ok(true)
    }

    pub(super) fn get(&self) -> &T {
        &self.value
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }
}

/// The methods of a handle, whose field `lock` gives the lock by `$lock`. `$new` makes one in the examples.
macro_rules! reader_methods {
    ([$($lock:tt)*], $new:literal) => {
        /// The newest value, or the one returned before, if a write overlapped the copy. Makes a single attempt, and none if there is
        /// no newer value. Wait-free.
        ///
        /// ```
        #[doc = $new]
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
        #[doc = $new]
        /// assert_eq!(reader.refresh(), Ok(false));
        /// lock.write(2);
        /// assert_eq!((reader.refresh(), *reader.get()), (Ok(true), 2));
        /// ```
        #[inline]
        pub fn refresh(&mut self) -> Result<bool, ReadError> {
            self.latest.refresh(self.lock $($lock)*)
        }

        /// The value read last. Reads nothing.
        ///
        /// ```
        #[doc = $new]
        /// lock.write(2);
        /// assert_eq!(*reader.get(), 1);
        /// # reader.read();
        /// ```
        #[must_use]
        pub fn get(&self) -> &T {
            self.latest.get()
        }

        /// The version of the value read last.
        ///
        /// ```
        #[doc = $new]
        /// lock.write(2);
        /// assert!(lock.has_changed(reader.version()));
        /// # reader.read();
        /// ```
        #[must_use]
        pub fn version(&self) -> Version {
            self.latest.version()
        }
    };
}
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub(super) use reader_methods;

/// A handle that keeps the value that it read last, so that it always has one: each [`read`](Self::read) makes a single attempt, and
/// keeps the value if that fails.
///
/// For real-time threads, which need a value now. Each reading thread has a handle of its own; there may be any number.
/// [`split`](crate::SeqLatch::split) makes a [`Writer`](crate::Writer) and a reader, [`new`](Self::new) another one.
///
/// On a [`SeqLatch`](crate::SeqLatch) an attempt fails only if `BUFFERS - 1` or more writes finished during it; on a [`SeqLock`], if
/// any overlapped it.
///
/// ```
/// use seqcopy::{LatchReader, LatchWriter, SeqCopy, SeqLatch};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Params { gain: f32, bypass: bool }
///
/// fn process(params: &mut LatchReader<'_, Params>, samples: &mut [f32]) {
///     let params = params.read(); // wait-free
///     if !params.bypass {
///         samples.iter_mut().for_each(|sample| *sample *= params.gain);
///     }
/// }
///
/// let mut latch = SeqLatch::new(Params { gain: 1.0, bypass: false });
/// let (mut writer, mut reader): (LatchWriter<'_, Params>, _) = latch.split();
/// writer.write(Params { gain: 0.5, bypass: false });
/// let mut samples = [1.0; 4];
/// process(&mut reader, &mut samples);
/// assert_eq!(samples, [0.5; 4]);
/// ```
pub struct Reader<'a, T, L: Lock<T> = SeqLock<T>> {
    lock: &'a L,
    latest: Latest<T>,
}

/// The [`Reader`] of a [`SeqLatch`](crate::SeqLatch).
///
/// ```
/// use seqcopy::{LatchReader, SeqLatch};
///
/// static LEVEL: SeqLatch<u32, 4> = SeqLatch::from_value(7);
///
/// struct Meter { level: LatchReader<'static, u32, 4> }
///
/// let mut meter = Meter { level: LatchReader::new(&LEVEL) };
/// assert_eq!(*meter.level.read(), 7);
/// ```
pub type LatchReader<'a, T, const BUFFERS: usize = 2> = Reader<'a, T, crate::SeqLatch<T, BUFFERS>>;

impl<'a, T, L: Lock<T>> Reader<'a, T, L> {
    /// Reads the first value, as [`SeqLock::read`] or [`SeqLatch::read`](crate::SeqLatch::read) does.
    ///
    /// ```
    /// # use seqcopy::{Reader, SeqLock};
    /// let lock = SeqLock::new(1);
    /// assert_eq!(*Reader::new(&lock).get(), 1);
    /// ```
    #[must_use]
    pub fn new(lock: &'a L) -> Self {
        Reader { lock, latest: Latest::of(lock) }
    }

    reader_methods! { [], " # use seqcopy::{Reader, SeqLock};\n let lock = SeqLock::new(1);\n let mut reader = Reader::new(&lock);" }

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

impl<T: Clone, L: Lock<T>> Clone for Reader<'_, T, L> {
    fn clone(&self) -> Self {
        Reader { lock: self.lock, latest: self.latest.clone() }
    }
}

impl<T: Debug, L: Lock<T>> Debug for Reader<'_, T, L> {
    /// Shows the value read last.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("value", self.get()).finish_non_exhaustive()
    }
}
