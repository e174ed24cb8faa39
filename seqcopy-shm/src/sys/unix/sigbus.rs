//! The handler of SIGBUS. It is installed once, and passes signals that do not concern it to the previous handler.
//!
//! ```text
//! i1  what is done now                      sigaction, only asked
//! i2  it is what is passed on to            PREVIOUS
//! i3  the handler                           sigaction, whose answer is what was done until now: another thread may have installed a
//!                                           handler since i1. Then that is what is passed on to, and the handler is set once more,
//!                                           with the flags and the mask of that one
//! i4  it is installed                       INSTALLER
//! ```
//!
//! A fault between i3 and i4 that is not for this library is repeated until i4, for what to pass it on to is not
//! certain before. A call that finds another thread here waits for that, and does the steps itself where that thread is
//! of another process: a fork has copied its mark.

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr::{null, null_mut};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32};

use nix::libc;

/// The call that failed, and why.
pub(super) type Failed = (&'static str, std::io::Error);

/// A handler with the flag `SA_SIGINFO`.
pub(super) type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// The previous action of SIGBUS. Null until the handler is about to be installed.
static PREVIOUS: AtomicPtr<libc::sigaction> = AtomicPtr::new(null_mut());
/// Whether a previous handler for one signal only (`SA_RESETHAND`) has received it.
static IS_SPENT: AtomicBool = AtomicBool::new(false);
/// The process whose thread is installing the handler. 0 before that, and [`INSTALLED`] afterwards.
static INSTALLER: AtomicU32 = AtomicU32::new(0);
/// No process has this id.
const INSTALLED: u32 = u32::MAX;

/// Whether the handler may have run.
pub(crate) fn is_installed() -> bool {
    !PREVIOUS.load(Relaxed).is_null()
}

/// Installs the handler, unless this process has it. After `Ok` it is installed, whichever thread has done so.
pub(super) fn install(handler: Handler) -> Result<(), Failed> {
    let own = std::process::id();
    loop {
        match INSTALLER.load(Acquire) {
            INSTALLED => return Ok(()),
            other if other == own => std::thread::yield_now(),
            other if INSTALLER.compare_exchange(other, own, AcqRel, Acquire).is_ok() => break,
            _ => {}
        }
    }
    let done = put(handler);
    INSTALLER.store(if done.is_ok() { INSTALLED } else { 0 }, Release);
    done
}

/// Makes steps i1 to i3. Only one thread at a time may call this.
fn put(handler: Handler) -> Result<(), Failed> {
    let is_own = |action: &libc::sigaction| action.sa_sigaction == handler as *const () as usize;
    stay_loaded(handler)?;
    // The handler may run before the call that installs it returns. So the previous action is queried first.
    let previous = action(null())?;
    if is_own(&previous) {
        // A thread of the parent process is installing the handler.
        return Ok(());
    }
    set_previous(previous);
    let new = in_place_of(&previous, handler);
    let there = match action(&raw const new) {
        Ok(there) => there,
        Err(error) => {
            PREVIOUS.store(null_mut(), Release);
            return Err(error);
        }
    };
    if (there.sa_sigaction, there.sa_flags) != (previous.sa_sigaction, previous.sa_flags) {
        // Another thread has installed a handler since i1. It must run with its own flags and mask.
        set_previous(there);
        let new = in_place_of(&there, handler);
        let before = action(&raw const new)?;
        if !is_own(&before) {
            // A further handler was installed after i3. It passes signals on to this one, so it stays.
            action(&raw const before)?;
        }
    }
    Ok(())
}

/// The action that runs `handler`, and keeps the system's promises to the previous handler, which `handler` calls.
fn in_place_of(previous: &libc::sigaction, handler: Handler) -> libc::sigaction {
    let mut new = no_action();
    new.sa_sigaction = handler as *const () as usize;
    // A previous handler runs on the stack that it asked for, because the thread's alternate stack may be too small for
    // it. Without a previous handler, this handler runs on the alternate stack, because the stack of a thread of
    // another language may be small.
    let has_handler = ![libc::SIG_DFL, libc::SIG_IGN].contains(&previous.sa_sigaction);
    let stack = if has_handler { previous.sa_flags & libc::SA_ONSTACK } else { libc::SA_ONSTACK };
    new.sa_mask = previous.sa_mask;
    new.sa_flags = libc::SA_SIGINFO | stack | (previous.sa_flags & (libc::SA_NODEFER | libc::SA_RESTART));
    new
}

/// The previous one is never freed, because a handler may be reading it.
fn set_previous(action: libc::sigaction) {
    PREVIOUS.store(Box::into_raw(Box::new(action)), Release);
}

/// Keeps the library that contains this handler loaded. A plugin could be unloaded, and the next SIGBUS would find no
/// code. (Other C libraries for Linux never unload a library.)
fn stay_loaded(handler: Handler) -> Result<(), Failed> {
    #[cfg(any(target_os = "android", all(target_env = "gnu", not(target_feature = "crt-static"))))]
    if let Some(name) = library_of(handler as *const () as usize) {
        // SAFETY: a text; only what is loaded is found, so no code of it runs (I4 private).
        if unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) }.is_null() {
            let why = std::io::Error::other(format!("`{}` is not found again", name.to_string_lossy()));
            return Err(("keep its library loaded", why));
        }
    }
    let _ = handler;
    Ok(())
}

/// The name of the loaded library that contains an address. `None` if it is the program itself, which is never
/// unloaded.
#[cfg(any(target_os = "android", all(target_env = "gnu", not(target_feature = "crt-static"))))]
fn library_of(address: usize) -> Option<std::ffi::CString> {
    use std::ffi::{CStr, CString};

    struct Search {
        address: usize,
        /// The first object is the program itself.
        is_program: bool,
        found: Option<CString>,
    }

    unsafe extern "C" fn look(object: *mut libc::dl_phdr_info, _: usize, search: *mut c_void) -> c_int {
        // SAFETY: the system's, for this call (I4 private).
        let object = unsafe { &*object };
        // SAFETY: what is passed below, and used by this call alone (I4 private).
        let search = unsafe { &mut *search.cast::<Search>() };
        // SAFETY: as many headers as there are, of an object that is loaded (I4 private).
        let parts = unsafe { core::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum.into()) };
        #[allow(clippy::cast_possible_truncation, clippy::useless_conversion)] // addresses and lengths of this process
        let is_inside = parts.iter().any(|part| {
            let start = (object.dlpi_addr as usize).wrapping_add(part.p_vaddr as usize);
            part.p_type == libc::PT_LOAD && search.address.wrapping_sub(start) < part.p_memsz as usize
        });
        if is_inside {
            // SAFETY: a text, of an object that is loaded (I4 private).
            let name = unsafe { CStr::from_ptr(object.dlpi_name) };
            // The first object of a separate namespace (`dlmopen`) is a library, and has a name.
            search.found =
                Some(name.to_owned()).filter(|name| !search.is_program || cfg!(target_env = "gnu") && !name.is_empty());
        }
        search.is_program = false;
        is_inside.into()
    }

    let mut search = Search { address, is_program: true, found: None };
    // SAFETY: a function that gets what it expects, and stays for this call (I4 private).
    unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
    search.found
}

/// The default action.
fn no_action() -> libc::sigaction {
    // SAFETY: integers and an optional function, for all of which zeros are a value (P5 scalar).
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Sets the action of SIGBUS, unless `new` is null. Returns the previous action.
fn action(new: *const libc::sigaction) -> Result<libc::sigaction, Failed> {
    let mut old = MaybeUninit::uninit();
    // SAFETY: null or a valid action, whose handler is one that may run at any time; and space for one (I4 private).
    match unsafe { libc::sigaction(libc::SIGBUS, new, old.as_mut_ptr()) } {
        // SAFETY: written by the call (I4 private).
        0 => Ok(unsafe { old.assume_init() }),
        _ => Err(("handle SIGBUS", std::io::Error::last_os_error())),
    }
}

/// Does what the previous action would do. For the handler, so it uses only atomics and system calls.
pub(super) fn pass_on(signal: c_int, code: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let is_fault = (libc::BUS_ADRALN..=libc::BUS_MCEERR_AR).contains(&code);
    if is_fault && INSTALLER.load(Acquire) == std::process::id() {
        // Returning repeats the access.
        std::thread::yield_now();
        return;
    }
    // SAFETY: set before the handler was installed, and never freed (P18 shared-ref).
    let previous = unsafe { &*PREVIOUS.load(Acquire) };
    let is_for_one = previous.sa_flags & libc::SA_RESETHAND != 0;
    match previous.sa_sigaction {
        // The signal was sent, and is ignored. (A signal that an instruction causes can't be ignored.)
        libc::SIG_IGN if code <= 0 => {}
        handler
            if handler != libc::SIG_IGN
                && handler != libc::SIG_DFL
                && !(is_for_one && IS_SPENT.swap(true, Relaxed)) =>
        {
            let handler = handler as *const ();
            if previous.sa_flags & libc::SA_SIGINFO != 0 {
                // SAFETY: a handler of this type, by its flags (P24 safety).
                let handler: Handler = unsafe { core::mem::transmute(handler) };
                handler(signal, info, context);
            } else {
                // SAFETY: without `SA_SIGINFO` the system calls it with one number, so it is such a function (I4
                // private).
                let handler: extern "C" fn(c_int) = unsafe { core::mem::transmute(handler) };
                handler(signal);
            }
        }
        _ => {
            let default = no_action();
            let _ = action(&raw const default);
            // The access is repeated, and ends the process. A signal that was sent is not repeated by itself.
            if !is_fault {
                // SAFETY: may be called in handlers, and takes no pointer (I4 private).
                unsafe { libc::raise(signal) };
            }
        }
    }
}
