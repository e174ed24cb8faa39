//! [`Notifier`] is a descriptor that is readable when a region has a newer value. It is for `poll`, epoll and event
//! loops.

#[cfg(test)]
mod tests;
mod thread;

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, io};
use crate::handle::notifier::thread::Shared;
use crate::handle::wait::Newer;
use crate::life::MappedRegion;
use crate::sys::{Handle, linux};

/// A descriptor that becomes readable when a region has something newer: a program waits for regions beside sockets and
/// timers, by `poll`, epoll, tokio's `AsyncFd` and the like. For Linux.
///
/// [`register`](Self::register) each region. When the descriptor is readable, [`clear`](Self::clear) it and *then* look
/// at the regions, by [`read_if_changed`](crate::Reader::read_if_changed) of each: none of them changes unnoticed
/// between two calls of `clear`.
///
/// ```
/// use rustix::event::{PollFd, PollFlags, poll};
/// use seqcopy::Version;
/// use seqcopy_shm::{self as shm, Notifier, Reader, Writer};
///
/// # let [a, b] = [0, 1].map(|name| shm::path_for(&format!("seqcopy-doc-notifier-{name}-{}", std::process::id())));
/// # let mut clock = Writer::<u64>::create(&a)?;
/// # let mut pose = Writer::<[f32; 3]>::create(&b)?;
/// let (times, poses) = (Reader::<u64>::open(&a)?, Reader::<[f32; 3]>::open(&b)?);
/// let (time, mut pose_known) = (times.version(), poses.version());
/// let notifier = Notifier::new()?;
/// let _times = notifier.register(times.newer_than(time))?;
/// let _poses = notifier.register(poses.newer_than(pose_known))?;
///
/// // Another process:
/// pose.write([0.0, 1.0, 2.0]).unwrap();
/// pose.wake();
///
/// // Among other descriptors, such as sockets:
/// let mut descriptors = [PollFd::new(&notifier, PollFlags::IN)];
/// poll(&mut descriptors, None).unwrap();
/// if !descriptors[0].revents().is_empty() {
///     notifier.clear()?;
///     assert!(!times.has_changed(time));
///     assert_eq!(poses.read_if_changed(&mut pose_known), Ok(Some([0.0, 1.0, 2.0])));
/// }
/// # clock.close()?;
/// # pose.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
///
/// # In async tasks
/// By tokio's `AsyncFd`, without a thread of its own for each task that waits:
///
/// ```
/// use seqcopy::Version;
/// use seqcopy_shm::{self as shm, Notifier, ReadValueError, Reader, Writer};
/// use tokio::io::unix::AsyncFd;
///
/// /// The next value of a region.
/// async fn next(
///     notifier: &AsyncFd<Notifier>,
///     reader: &Reader<u32>,
///     known: &mut Version,
/// ) -> Result<u32, Box<dyn std::error::Error>> {
///     loop {
///         match reader.read_if_changed(known) {
///             Ok(Some(value)) => return Ok(value),
///             Ok(None) | Err(ReadValueError::NoValue(_)) => {}
///             Err(error) => return Err(error.into()), // such as `Closed`
///         }
///         notifier.readable().await?.clear_ready();
///         notifier.get_ref().clear()?;
///     }
/// }
///
/// # let path = shm::path_for(&format!("seqcopy-doc-async-fd-{}", std::process::id()));
/// let mut writer = Writer::<u32>::create(&path)?;
/// let (reader, mut known) = (Reader::<u32>::open(&path)?, Version::NEVER);
/// let process = std::thread::spawn(move || {
///     writer.write(5).unwrap();
///     writer.wake();
///     writer
/// });
/// tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(async {
///     // SAFETY: a notifier has the same descriptor until it is dropped, and the `AsyncFd` has the notifier.
///     let notifier = unsafe { AsyncFd::register(Notifier::new().unwrap()) }.unwrap();
///     let _registration = notifier.get_ref().register(reader.newer_than(known)).unwrap();
///     assert_eq!(next(&notifier, &reader, &mut known).await.unwrap(), 5);
///     process.join().unwrap().close().unwrap();
///     assert!(next(&notifier, &reader, &mut known).await.is_err());
/// });
/// # Ok::<(), shm::Error>(())
/// ```
///
/// # How it works, and what it costs
/// A thread of the process sleeps on the words of the registered regions, as [`wait_any`](crate::wait_any) does, and
/// signals an eventfd. There is another one for each 127 regions more, since one system call sleeps on 128 words. So a
/// thousand regions that do not change cost 16 wake-ups a second. A thread notices a new value as [`Reader::wait`](crate::Reader::wait) does: when the writer calls
/// [`wake`](crate::Writer::wake), and otherwise when it looks itself, every 10 ms at regions that have no value yet and
/// twice a second at all others.
/// Before Linux 5.16, and where a filter refuses `futex_waitv`, one thread looks at all of them every millisecond. From
/// a write to the return of `poll` it takes three times as long as to that of `wait`, 10 us against 3 (AMD Zen 5, two processors that
/// were asleep), since two threads are woken one after the other: wait where that matters.
///
/// A region is mapped a second time, and its file is not kept open. The threads get no signals of the process but those
/// that an instruction causes. Each ends when none of its regions is registered any more.
///
/// Without a thread, `io_uring` could wait (`IORING_OP_FUTEX_WAITV`, Linux 6.7). But its completions arrive in a ring,
/// not at a descriptor of the program's own event loop, and many containers refuse its system calls.
///
/// # Forks
/// The child of a fork does not have the threads. There, calls on what it inherited return [`ErrorKind::Forked`], and it
/// makes another one.
pub struct Notifier {
    shared: &'static Shared,
    key: u64,
    descriptor: Arc<Handle>,
}

impl Notifier {
    /// One without regions.
    ///
    /// # Errors
    /// If the system has no descriptor or no memory left.
    ///
    /// ```
    /// # use seqcopy_shm::Notifier;
    /// let notifier = Notifier::new()?;
    /// notifier.clear()?; // also if it is not readable
    /// # Ok::<(), seqcopy_shm::Error>(())
    /// ```
    pub fn new() -> Result<Notifier, Error> {
        let shared = Shared::get()?;
        let descriptor = Arc::new(linux::event().map_err(io("create an event descriptor"))?);
        let key = shared.lock().list.add_descriptor(Arc::clone(&descriptor));
        Ok(Notifier { shared, key, descriptor })
    }

    /// From now on the descriptor becomes readable when the region, or map, has another version than the one that is
    /// known, is closed, or has [lost its file](crate::survive_truncation). Until the [`Registration`] is dropped, or
    /// the notifier is.
    ///
    /// Where a reader [reopens](crate::Reader::reopen_if_removed) a region, it is another one: register it again.
    ///
    /// # Errors
    /// If the system refuses to map the region or to start a thread, and in a fork.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapReader, MapWriter, Notifier};
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-register-{}", std::process::id()));
    /// let map = MapWriter::<u8, u32>::create(&path, 100)?;
    /// let reader = MapReader::<u8, u32>::open(&path)?;
    /// let notifier = Notifier::new()?;
    /// let registration = notifier.register(reader.newer_than(reader.generation()))?;
    /// drop(registration); // changes of the map are no longer told
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn register(&self, region: Newer<'_>) -> Result<Registration, Error> {
        self.check_not_forked()?;
        let source = region.source;
        let mapping = Arc::new(MappedRegion::new(&source.file, source.mapping.inspected.clone(), false)?);
        let mut state = self.shared.lock();
        let thread = self.shared.thread(&mut state)?;
        let key = state.list.add_region(thread, self.key, mapping, region.known);
        state.changed(&[thread]);
        Ok(Registration { shared: self.shared, key })
    }

    /// Makes the descriptor unreadable, until a region changes after this call. Call it *before* the regions are looked
    /// at: what changes after they were makes it readable again.
    ///
    /// Makes one system call, and another one if a region has changed more than once since the descriptor became
    /// readable.
    ///
    /// # Errors
    /// In a fork.
    ///
    /// ```
    /// use rustix::event::{PollFd, PollFlags, Timespec, poll};
    /// use seqcopy_shm::{self as shm, Notifier, Reader, Writer};
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-clear-{}", std::process::id()));
    /// let mut writer = Writer::<u32>::create(&path)?;
    /// let reader = Reader::<u32>::open(&path)?;
    /// let notifier = Notifier::new()?;
    /// let _registration = notifier.register(reader.newer_than(reader.version()))?;
    /// writer.write(5).unwrap();
    /// notifier.clear()?; // of the value that is there by now, nothing is told
    /// let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    /// assert_eq!(poll(&mut [PollFd::new(&notifier, PollFlags::IN)], Some(&now)), Ok(0));
    /// assert_eq!(reader.read(), Ok(5));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn clear(&self) -> Result<(), Error> {
        self.check_not_forked()?;
        let mut state = self.shared.lock();
        let again = state.list.clear(self.key);
        state.changed(&again);
        Ok(())
    }

    fn check_not_forked(&self) -> Result<(), Error> {
        if self.shared.is_forked() { Err(ErrorKind::Forked.into()) } else { Ok(()) }
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        if !self.shared.is_forked() {
            let mut state = self.shared.lock();
            let fewer = state.list.remove_descriptor(self.key);
            state.changed(&fewer);
        }
    }
}

/// Wait until it is readable, but do not read from it. [`clear`](Notifier::clear) does.
impl AsFd for Notifier {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// See `AsFd`.
impl AsRawFd for Notifier {
    fn as_raw_fd(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").field("descriptor", &self.descriptor).finish_non_exhaustive()
    }
}

/// Keeps a region [registered](Notifier::register) until it is dropped.
///
/// ```
/// use seqcopy::Version;
/// use seqcopy_shm::{self as shm, Notifier, Reader, Registration};
///
/// /// A region, and that it is told of.
/// struct Input { reader: Reader<u32>, known: Version, registration: Registration }
///
/// impl Input {
///     /// Once the region was closed.
///     fn reopen(&mut self, notifier: &Notifier) -> Result<(), shm::Error> {
///         if self.reader.reopen_if_removed()? {
///             self.known = Version::NEVER;
///             self.registration = notifier.register(self.reader.newer_than(self.known))?;
///         }
///         Ok(())
///     }
/// }
/// ```
#[must_use = "a region is registered until this is dropped"]
pub struct Registration {
    shared: &'static Shared,
    key: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.shared.is_forked() {
            let mut state = self.shared.lock();
            let fewer = state.list.remove_region(self.key);
            state.changed(&fewer);
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").finish_non_exhaustive()
    }
}

/// The number of registered regions, and of descriptors.
#[cfg(debug_assertions)]
pub(crate) fn taken() -> usize {
    Shared::get().map_or(0, |shared| shared.lock().list.len())
}
