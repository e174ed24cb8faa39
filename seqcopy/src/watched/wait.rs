//! How threads and tasks wait.

#[cfg(any(feature = "wait", all(test, loom)))]
use std::time::{Duration, Instant};

use super::Watched;
use super::event::Event;
#[cfg(all(test, loom))]
use crate::primitive::event::Listener;
use crate::{Policy, SeqCopy, Sequenced, Version};

#[cfg(any(feature = "wait", all(test, loom)))]
impl<T: SeqCopy, P: Policy> Watched<T, Sequenced<T, P>> {
    /// Waits until the value is of another version than `known`, blocking the thread; reads it and updates `known`. At once if it is
    /// so already, as with [`Version::NEVER`].
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// let watched = Watched::new(SeqLock::new(5));
    /// let mut known = Version::NEVER;
    /// assert_eq!(watched.wait(&mut known), 5);
    /// assert_eq!(known, watched.lock().version());
    /// ```
    pub fn wait(&self, known: &mut Version) -> T {
        loop {
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            // f1, before f2: a write after that wakes this listener.
            let listener = self.written.listener();
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            listener.wait();
        }
    }

    /// [`wait`](Self::wait) for at most `time`: `None` if there is no newer value then.
    ///
    /// ```
    /// # use {seqcopy::{SeqLock, Watched}, std::time::Duration};
    /// let watched = Watched::new(SeqLock::new(5));
    /// let mut known = watched.lock().version();
    /// assert_eq!(watched.wait_timeout(&mut known, Duration::from_millis(1)), None);
    /// ```
    pub fn wait_timeout(&self, known: &mut Version, time: Duration) -> Option<T> {
        // Later than the clock can tell: no limit.
        let Some(deadline) = Instant::now().checked_add(time) else { return Some(self.wait(known)) };
        loop {
            // f1, before f2.
            let listener = self.written.listener();
            if let Some(value) = self.lock.read_if_changed(known) {
                return Some(value);
            }
            if listener.wait_deadline(deadline).is_none() {
                return self.lock.read_if_changed(known);
            }
        }
    }
}

impl<T: SeqCopy, P: Policy, W: Event> Watched<T, Sequenced<T, P>, W> {
    /// `wait` for async tasks, of any runtime: reads the value when it is of another version than `known`, which is then its. Dropping the
    /// future is harmless: `known` changes only with the value that is returned, and a wake-up that it was given is handed on.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// async fn next(watched: &Watched<u32>, known: &mut Version) -> u32 {
    ///     watched.changed(known).await
    /// }
    /// # let _ = next;
    /// ```
    pub async fn changed(&self, known: &mut Version) -> T {
        self.until(|lock| lock.read_if_changed(known)).await
    }

    /// Looks until there is something to return, and sleeps in between until woken.
    pub(super) async fn until<R>(&self, mut look: impl FnMut(&Sequenced<T, P>) -> Option<R>) -> R {
        loop {
            if let Some(found) = look(&self.lock) {
                return found;
            }
            // f1, before f2.
            let woken = self.written.listen().await;
            if let Some(found) = look(&self.lock) {
                return found;
            }
            woken.await;
        }
    }
}
