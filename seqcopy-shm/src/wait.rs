//! [`Reader::wait`] and [`Writer::wake`].

use std::time::{Duration, Instant};

use seqcopy::{Validate, Version};

use super::region::Mapped;
use super::{Reader, Writer, futex};

/// How often the state is loaded while there is no value: closing a region that never had one does not change its word.
const LOOK_AT_STATE: Duration = Duration::from_millis(10);

impl<T: 'static> Reader<T> {
    /// Waits until the version is another than `known`, for at most `time`; returns whether it is. It is, too, once the region is
    /// closed: [`read`](Self::read) tells which.
    ///
    /// A thread that waits sleeps, and is woken by [`Writer::wake`]. **A writer that never calls `wake` wakes no thread**: its values
    /// are found when the time is up, or at the next call. The same holds for the value of a writer that was killed between `write`
    /// and `wake`, until the next writer [takes over](Writer::take_over), which wakes all. So wait for a second or so, and then ask
    /// for the [`writer_state`](Self::writer_state).
    ///
    /// No wake-up is lost: a `write` and `wake` after the version `known` end this call, or its successor, whenever they are made.
    /// It does not return for other reasons, such as a `wake` without a write, or a signal handler. `known` is compared in all its 64
    /// bits.
    ///
    /// This works on the read-only mapping, with nothing written for the writer to see: by the futex of Linux and Android on the
    /// word of the region. Other systems have none for that, and where it is refused (by a filter of system calls) it can't be
    /// used: there this loads the version every millisecond, and needs no `wake`. A region without a value is looked at every 10 ms
    /// as well, because closing it might wake no thread.
    ///
    /// ```
    /// use std::time::Duration;
    /// use seqcopy_shm::{self as shm, ReadValueError, Reader, Writer, WriterState};
    ///
    /// /// Returns the next value, or why no value will come.
    /// fn next(reader: &Reader<u32>, known: &mut seqcopy::Version) -> Result<u32, ReadValueError> {
    ///     loop {
    ///         if reader.wait(*known, Duration::from_secs(1)) {
    ///             let (value, version) = reader.read_versioned()?;
    ///             *known = version;
    ///             return Ok(value);
    ///         }
    ///         if !matches!(reader.writer_state(), WriterState::Alive { .. }) {
    ///             return Err(ReadValueError::WriterGone);
    ///         }
    ///     }
    /// }
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-wait-{}", std::process::id()));
    /// let mut writer = Writer::<u32>::create(&path)?;
    /// let reader = Reader::<u32>::open(&path)?;
    /// let mut known = reader.version();
    /// std::thread::spawn(move || {
    ///     writer.write(5).unwrap();
    ///     writer.wake();
    ///     # std::mem::forget(writer);
    /// });
    /// assert_eq!(next(&reader, &mut known), Ok(5));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn wait(&self, known: Version, time: Duration) -> bool
    where
        T: Validate,
    {
        wait(&self.region().mapped, known.to_bits(), time)
    }
}

impl<T: 'static> Writer<T> {
    /// Wakes every thread of every process that [waits](Reader::wait) for this region: call it after the writes that readers wait for.
    ///
    /// A system call, also when no thread waits (0.7 us on the machine where it was measured); [`write`](Self::write) makes none.
    /// [`take_over`](Self::take_over) and [`close`](Self::close) wake by themselves. Does nothing where readers look by themselves.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-wake-{}", std::process::id()));
    /// let mut writer = Writer::<u32>::create(&path)?;
    /// writer.write(5).unwrap();
    /// writer.wake(); // after the write: a reader that is woken before would sleep again
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn wake(&self)
    where
        T: Validate,
    {
        self.mapped().wake();
    }
}

pub(crate) fn wait(mapped: &Mapped, known: u64, time: Duration) -> bool {
    // `None`: later than the clock can tell.
    let deadline = Instant::now().checked_add(time);
    loop {
        // g1, before the state is loaded: closing changes the state first.
        let (word, number) = mapped.word();
        if number != known || mapped.is_closed() {
            return true;
        }
        let mut left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return false;
        }
        if word == 0 {
            left = Some(left.map_or(LOOK_AT_STATE, |left| left.min(LOOK_AT_STATE)));
        }
        // SAFETY: `mapped` keeps the map (I8 mapping).
        unsafe { futex::sleep_on(mapped.buffers.address(), word, left) };
    }
}
