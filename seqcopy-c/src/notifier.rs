//! [`seqcopy_notifier`] is a descriptor that is readable when a region has a newer value. It is for `poll`, `epoll` and
//! event loops.

use core::ffi::c_int;
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use seqcopy::Version;
use seqcopy_shm::{Notifier, Registration};

use crate::call::{Argument, Const, call};
use crate::handle::{Opaque, end};
use crate::region::seqcopy_region;
use crate::status::{Failure, argument, seqcopy_status};

/// A descriptor that is readable when a registered region has a newer value, is closed, or was lost. Any number of
/// threads may use it, while none frees it.
///
/// The first registration of a process starts a thread, which sleeps on the words of up to 127 registered regions.
/// Further regions get another thread. A thread sees a value when its writer calls `wake`, or at most half a second
/// later.
pub struct seqcopy_notifier {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

/// The target of a notifier's handle.
pub(crate) struct Registered {
    notifier: Notifier,
    /// The key is the address of the `seqcopy_region`.
    regions: Mutex<HashMap<usize, Registration>>,
    process: u32,
}

impl Registered {
    fn regions(&self) -> MutexGuard<'_, HashMap<usize, Registration>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails in a forked process, whose parent may have been in the middle of a registration.
    fn check_not_forked(&self) -> Result<(), Failure> {
        if self.process == std::process::id() { Ok(()) } else { Ok(self.notifier.clear()?) }
    }
}

impl Opaque for seqcopy_notifier {
    type Of = Registered;
    const NAME: &str = "the notifier";
}

/// Makes a notifier without regions. On failure `*notifier` is null.
///
/// # Safety
/// `notifier` is null, or writable.
///
/// ```
/// use seqcopy_c::*;
/// use std::ptr::null_mut;
///
/// let mut notifier = null_mut();
/// // SAFETY: a local.
/// assert_eq!(unsafe { seqcopy_notifier_new(&mut notifier) }, seqcopy_status::SEQCOPY_OK);
/// // SAFETY: a notifier that was not freed.
/// assert!(unsafe { seqcopy_notifier_fd(notifier) } >= 0);
/// // SAFETY: no other thread uses it.
/// assert_eq!(unsafe { seqcopy_notifier_free(&mut notifier) }, seqcopy_status::SEQCOPY_OK);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_notifier_new(notifier: *mut *mut seqcopy_notifier) -> seqcopy_status {
    // SAFETY: a place for a notifier (I4 private).
    unsafe { notifier.given() }.open(|| {
        let notifier = Notifier::new()?;
        Ok(Registered { notifier, regions: Mutex::default(), process: std::process::id() })
    })
}

/// From now on, the descriptor becomes readable when the region has another version than `known`, is closed, or was
/// lost. If this region is registered already, the new registration replaces the old one. After `reopen_if_removed` has
/// opened another region, call this again. The registration ends with `seqcopy_notifier_unregister` or
/// `seqcopy_notifier_free`. It may outlive the reader.
///
/// # Safety
/// `notifier` is null, or was not freed; `region` is null, or that of a reader that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_notifier_register(
    notifier: *const seqcopy_notifier,
    region: *const seqcopy_region,
    known: u64,
) -> seqcopy_status {
    // SAFETY: a notifier and the region of a reader, neither of which was freed (I10 handle).
    let (notifier, of) = unsafe { (notifier, region).given() };
    call(|| {
        let notifier = notifier.share()?;
        let newest = of.newest()?;
        let registration = notifier.notifier.register(newest.newer_than(Version::from_bits(known)))?;
        notifier.regions().insert(region.addr(), registration);
        Ok(())
    })
}

/// Ends the registration of a region. `SEQCOPY_ARGUMENT` if it is not registered.
///
/// # Safety
/// `notifier` is null, or was not freed. `region` is only compared: its reader may have been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_notifier_unregister(
    notifier: *const seqcopy_notifier,
    region: *const seqcopy_region,
) -> seqcopy_status {
    // SAFETY: a notifier that was not freed (I10 handle).
    let notifier = unsafe { notifier.given() };
    call(|| {
        let notifier = notifier.share()?;
        notifier.check_not_forked()?;
        match notifier.regions().remove(&region.addr()) {
            Some(_registration) => Ok(()),
            None => argument("the region is not registered with this notifier"),
        }
    })
}

/// The descriptor, for `poll` and `epoll`: wait until it is readable, but do not read from it, and do not close it. -1
/// for null.
///
/// # Safety
/// `notifier` is null, or was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_notifier_fd(notifier: *const seqcopy_notifier) -> c_int {
    // SAFETY: a notifier that was not freed (I10 handle).
    unsafe { notifier.given() }.look(-1, |notifier| notifier.notifier.as_raw_fd())
}

/// Makes the descriptor unreadable until a region changes after this call. Call it first, and then look at all
/// registered regions.
///
/// # Safety
/// `notifier` is null, or was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_notifier_clear(notifier: *const seqcopy_notifier) -> seqcopy_status {
    // SAFETY: a notifier that was not freed (I10 handle).
    let notifier: Const<seqcopy_notifier> = unsafe { notifier.given() };
    call(|| Ok(notifier.share()?.notifier.clear()?))
}

/// Ends all registrations and frees the notifier: `*notifier` becomes null. Does nothing if it is null.
///
/// # Safety
/// `notifier` is null, or leads to null, or to a notifier that no other thread is using.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_notifier_free(notifier: *mut *mut seqcopy_notifier) -> seqcopy_status {
    // SAFETY: a handle of this type, by this function's contract (I10 handle).
    unsafe { end(notifier, |notifier| Ok(drop(notifier))) }
}
