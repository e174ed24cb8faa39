//! Waiting for a newer value: [`Reader::wait`], [`Region::wait`], [`wait_any`] and [`Writer::wake`].

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use crate::handle::reader::Reader;
use crate::handle::region::Region;
use crate::handle::write_handle::WriteHandle as _;
use crate::handle::writer::Writer;
use crate::life::MappedRegion;
use crate::sys::{lost, wait as futex};
use crate::value::{Mapped, Payload};
use seqcopy::Version;

/// How often a waiting reader checks for a close while there is no value yet. Closing such a region does not change its
/// word.
const LOOK_AT_STATE: Duration = Duration::from_millis(10);

/// How often the word is loaded in any case. A process that may only read the region can move sleeping threads to
/// another word (`FUTEX_REQUEUE`), where no `wake` finds them.
const LOOK_AT_WORD: Duration = Duration::from_millis(500);

/// How often the words are looked at if this process survives the loss of their pages.
const LOOK_AT_PAGES: Duration = Duration::from_millis(100);

impl<T: Payload + ?Sized> Reader<T> {
    /// Waits until there is a value of another version than `known`, for at most `time`; returns whether there is. For
    /// [`Version::NEVER`] that is the first value. It returns `true`, too, once the region is closed:
    /// [`read`](Self::read) tells which.
    ///
    /// A thread that waits sleeps, and is woken by [`Writer::wake`]. **A writer that never calls `wake` wakes no
    /// thread**: its values are found when the time is up, or at the next call. The same holds for the value of a
    /// writer that was killed between `write` and `wake`, until the next writer [takes over](Writer::take_over), which
    /// wakes all. So wait for a second or so, and then ask for the [`writer_state`](Self::writer_state).
    ///
    /// No wake-up is lost: a `write` and `wake` after the version `known` end this call, or its successor, whenever
    /// they are made. It does not return for other reasons, such as a `wake` without a write, or a signal handler.
    /// `known` is compared in all its 64 bits. A hostile process that may read the region can keep wake-ups from
    /// reaching this thread (`FUTEX_REQUEUE` in futex(2)). So no sleep is longer than half a second: then the version
    /// is looked at, and a newer value ends this call that much later.
    ///
    /// This works on the read-only mapping, with nothing written for the writer to see: by the futex of Linux and
    /// Android on the word of the region. Other systems have none for that, and where it is refused (by a filter of
    /// system calls) it can't be used: there this loads the version every millisecond, and needs no `wake`. A region
    /// without a value is looked at every 10 ms as well, because closing it might wake no thread.
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
    ///         if matches!(reader.writer_state(), WriterState::Gone | WriterState::Orphaned { .. }) {
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
    pub fn wait(&self, known: Version, time: Duration) -> bool {
        wait_any(&[self.newer_than(known)], time).is_some()
    }

    /// What [`wait_any`] waits for: a value of another version than `known`, or that the region is closed.
    #[must_use]
    pub fn newer_than(&self, known: Version) -> Newer<'_> {
        self.region().newer_than(known)
    }
}

impl Region {
    /// Waits until there is another version than `known`, or generation of a map, or the region is closed, for at most
    /// `time`: see [`Reader::wait`](crate::Reader::wait).
    #[must_use]
    pub fn wait(&self, known: Version, time: Duration) -> bool {
        wait_any(&[self.newer_than(known)], time).is_some()
    }

    /// What [`wait_any`] waits for.
    #[must_use]
    pub fn newer_than(&self, known: Version) -> Newer<'_> {
        Newer::than_known(self, known)
    }
}

impl<T: Payload + ?Sized> Writer<T> {
    /// Wakes every thread of every process that [waits](Reader::wait) for this region: call it after the writes that
    /// readers wait for.
    ///
    /// A system call, also when no thread waits (0.7 us on the machine where it was measured); [`write`](Self::write)
    /// makes none. [`take_over`](Self::take_over) and [`close`](Self::close) wake by themselves. Does nothing where
    /// readers look by themselves.
    ///
    /// A wake-up takes longer the more threads sleep, about 10 us for each: 9 ms for a thousand, 0.1 s for ten thousand
    /// (AMD Zen 3, two processors). Every process that may read the region can make threads sleep there. Where that is
    /// too long, keep other users out by [`Options::mode`](crate::Options::mode): `0o600`, or `0o640` and a group of
    /// the readers.
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
    pub fn wake(&self) {
        self.writable().wake();
    }
}

/// A region, or a map, and what a reader knows of it: one of those that [`wait_any`] waits for.
#[derive(Debug, Clone, Copy)]
pub struct Newer<'a> {
    pub(crate) source: &'a Mapped,
    pub(crate) known: u64,
}

impl<'a> Newer<'a> {
    pub(crate) fn than_known(region: &'a Region, known: Version) -> Self {
        Newer { source: &region.source, known: known.to_bits() }
    }
}

/// What a region's word says to a waiting thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) word: u64,
    pub(crate) number: u64,
    /// Whether the region was closed or lost.
    pub(crate) is_over: bool,
}

impl Look {
    /// Step g1.
    pub(crate) fn at(region: &MappedRegion) -> Look {
        // Load the word before the state, because closing changes the state first.
        let (word, number) = region.word();
        Look { word, number, is_over: region.is_closed() || region.map.is_truncated() }
    }

    /// Whether there is a value with another number than the known one. Number 0 means that there is no value.
    pub(crate) fn has_other_than(&self, known: u64) -> bool {
        self.number != known && self.number != 0
    }
}

/// Whether sleeping threads of this process rely on wake-ups alone. For tests.
static ONLY_WAKES: AtomicBool = AtomicBool::new(false);

/// From now on no thread of this process looks every half second, or every 100 ms for lost pages, at regions that have
/// values. For tests, where such a look hides a wake-up that is lost: without it, the wait does not end.
#[doc(hidden)]
pub fn __only_wakes() {
    ONLY_WAKES.store(true, Relaxed);
}

/// The longest sleep on this many words. `is_one_empty` says whether one of the regions has no value yet.
pub(crate) fn longest_sleep(words: usize, is_one_empty: bool) -> Duration {
    let only_wakes = ONLY_WAKES.load(Relaxed);
    let look_at_word = if only_wakes { Duration::from_secs(3600) } else { LOOK_AT_WORD };
    let mut longest = if words > futex::MOST { futex::LOOK } else { look_at_word };
    // Truncating a file wakes no thread.
    if lost::is_installed() && !only_wakes {
        longest = longest.min(LOOK_AT_PAGES);
    }
    if is_one_empty { longest.min(LOOK_AT_STATE) } else { longest }
}

/// Waits until one of several regions and maps has something newer, or is closed, for at most `time`. Returns the index
/// of the first such region, or `None` after that time. Each of them is waited for as in [`Reader::wait`].
///
/// One system call for up to 128 of them, on Linux 5.16 or later. For more, and elsewhere, this looks at all of them
/// every millisecond.
///
/// Where the first of them never pauses, those after it are found by looking at each: [`Reader::has_changed`].
///
/// ```
/// use std::time::Duration;
/// use seqcopy_shm::{self as shm, Reader, Writer};
///
/// # let [a, b] = [0, 1].map(|name| shm::path_for(&format!("seqcopy-doc-any-{name}-{}", std::process::id())));
/// # let mut clock = Writer::<u64>::create(&a)?;
/// # let mut pose = Writer::<[f32; 3]>::create(&b)?;
/// # clock.write(1).unwrap();
/// let (times, poses) = (Reader::<u64>::open(&a)?, Reader::<[f32; 3]>::open(&b)?);
/// let (time, pose_known) = (times.version(), poses.version());
/// pose.write([0.0, 1.0, 2.0]).unwrap();
/// pose.wake();
///
/// let found = shm::wait_any(&[times.newer_than(time), poses.newer_than(pose_known)], Duration::from_secs(1));
/// assert_eq!(found, Some(1));
/// # clock.close()?;
/// # pose.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
///
/// # In async tasks
/// `wait_any` blocks its thread, and so does [`Reader::wait`]. `Notifier`, on Linux, is a descriptor that tasks wait
/// for. Or a thread of your own does it for all tasks, so that no worker of the runtime is blocked, and hands on what
/// is newer; here by the channel of tokio, whose end tells the tasks that no value will come.
///
/// ```
/// use std::time::Duration;
/// use seqcopy::{Validate, Version};
/// use seqcopy_shm::{self as shm, ReadValueError, Reader, Writer, WriterState};
/// use tokio::sync::watch;
///
/// /// The newest value of a region, until its writer is gone.
/// fn values<T: Validate + Send + Sync + 'static>(reader: Reader<T>) -> watch::Receiver<Option<T>> {
///     let (newest, values) = watch::channel(None);
///     std::thread::spawn(move || {
///         let mut known = Version::NEVER;
///         while !newest.is_closed() {
///             match reader.read_if_changed(&mut known) {
///                 Ok(Some(value)) => _ = newest.send(Some(value)),
///                 Ok(None) if matches!(reader.writer_state(), WriterState::Gone | WriterState::Orphaned { .. }) => return,
///                 Ok(None) | Err(ReadValueError::NoValue(_)) => {}
///                 Err(_) => return,
///             }
///             // In between it looks whether there are tasks, and a writer.
///             let _ = reader.wait(known, Duration::from_millis(100));
///         }
///     });
///     values
/// }
///
/// # let path = shm::path_for(&format!("seqcopy-doc-tokio-{}", std::process::id()));
/// let mut writer = Writer::<u32>::create(&path)?;
/// let mut values = values(Reader::<u32>::open(&path)?);
/// writer.write(5).unwrap();
/// writer.wake();
/// tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
///     values.changed().await.unwrap();
///     assert_eq!(*values.borrow_and_update(), Some(5));
///     writer.close().unwrap();
///     assert!(values.changed().await.is_err());
/// });
/// # Ok::<(), shm::Error>(())
/// ```
#[must_use]
pub fn wait_any(regions: &[Newer<'_>], time: Duration) -> Option<usize> {
    // `None` if the clock can't represent the deadline.
    let deadline = Instant::now().checked_add(time);
    let none = AtomicU64::new(0);
    let mut words = [(futex::no_bell(&none), 0); futex::MOST];
    loop {
        let mut is_one_empty = false;
        for (index, region) in regions.iter().enumerate() {
            let mapping = &region.source.mapping;
            let look = Look::at(mapping);
            if look.has_other_than(region.known) || look.is_over {
                return Some(index);
            }
            is_one_empty |= look.word == 0;
            if let Some(place) = words.get_mut(index) {
                *place = (mapping.map.bell(), look.word);
            }
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return None;
        }
        let most = longest_sleep(regions.len(), is_one_empty);
        let words = &words[..regions.len().min(futex::MOST)];
        futex::sleep_on(words, left.map_or(most, |left| left.min(most)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sleeps are short enough to see the changes without a wake-up in time.
    #[test]
    fn sleeps_are_as_short_as_what_is_not_told() {
        let most = if lost::is_installed() { LOOK_AT_PAGES } else { LOOK_AT_WORD };
        assert_eq!([0, 1, futex::MOST].map(|words| longest_sleep(words, false)), [most; 3]);
        assert_eq!([0, 1, futex::MOST].map(|words| longest_sleep(words, true)), [LOOK_AT_STATE; 3]);
        assert_eq!([true, false].map(|is_empty| longest_sleep(futex::MOST + 1, is_empty)), [futex::LOOK; 2]);
    }
}
