//! [`attack`]: what a receiver may try with a read-only descriptor. [`requeue`]: what it can do to those who sleep on a
//! word of the file. And those that make the system an older one, or another file system, from then on: for the thread
//! that calls them, and all that it starts.

use std::fs::File;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, FcntlArg, SealFlag, fallocate, fcntl};
use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, mprotect, munmap};
use nix::unistd::ftruncate;

/// Tries all ways to change a file that is at least a page long, by a descriptor and by one reopened from it
/// (`/proc/self/fd`, here called its twin). Returns the result of each: `ok`, or the name of an error. Only the last
/// ones would harm readers that have it mapped.
#[must_use]
pub fn attack(file: BorrowedFd<'_>) -> String {
    let mut said = Vec::new();
    tries(file, "", &mut said);
    match File::options().read(true).write(true).open(format!("/proc/self/fd/{}", file.as_raw_fd())) {
        Ok(twin) => tries(twin.as_fd(), "twin ", &mut said),
        Err(error) => said.push(format!("twin: {:?}", Errno::from_raw(error.raw_os_error().unwrap_or(0)))),
    }
    said.join(", ")
}

fn tries(file: BorrowedFd<'_>, which: &str, said: &mut Vec<String>) {
    let page = NonZeroUsize::new(4096).expect("not 0");
    let map = |protection| {
        // SAFETY: a new mapping at an address that the system chooses; it is never accessed.
        unsafe { mmap(None, page, protection, MapFlags::MAP_SHARED, file, 0) }
    };
    let unmap = |start| {
        // SAFETY: the mapping that was just made, which nothing points to.
        unsafe { munmap(start, page.get()) }.expect("unmapped");
    };
    let mut say = |what: &str, result: Result<(), Errno>| {
        let result = result.map_or_else(|error| format!("{error:?}"), |()| "ok".into());
        said.push(format!("{which}{what}: {result}"));
    };
    let last = |result: std::io::Result<usize>| result.map(|_| ()).map_err(|_| Errno::last());
    say("map", map(ProtFlags::PROT_READ | ProtFlags::PROT_WRITE).map(unmap));
    say(
        "protect",
        map(ProtFlags::PROT_READ).and_then(|start| {
            // SAFETY: the mapping that was just made, which nothing points to.
            let result = unsafe { mprotect(start, page.get(), ProtFlags::PROT_READ | ProtFlags::PROT_WRITE) };
            unmap(start);
            result
        }),
    );
    say("seal", fcntl(file, FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_WRITE)).map(|_| ()));
    // The id of the process that wrote last, which is only a hint.
    let file_again = File::from(file.try_clone_to_owned().expect("a copy"));
    say("pwrite", last(file_again.write_at(&[0; 4], 132)));
    let keep_size = FallocateFlags::FALLOC_FL_KEEP_SIZE;
    say("punch", fallocate(file, FallocateFlags::FALLOC_FL_PUNCH_HOLE | keep_size, 0, 4096));
    say("grow", ftruncate(file, 1 << 20));
    say("truncate", ftruncate(file, 0));
}

/// Calls a function with the address of a word at an offset of a file, in a mapping that can't be written.
fn with_word<R>(file: &File, offset: usize, call: impl FnOnce(*mut u32) -> R) -> R {
    let page = NonZeroUsize::new(4096).expect("not 0");
    // SAFETY: a new mapping, of which the system alone reads the word.
    let map = unsafe { mmap(None, page, ProtFlags::PROT_READ, MapFlags::MAP_SHARED, file, 0) }.expect("a file to read");
    // SAFETY: inside the page.
    let result = call(unsafe { map.as_ptr().byte_add(offset) }.cast());
    // SAFETY: the mapping of above, to which no pointer is used any more.
    unsafe { munmap(map, page.get()) }.expect("mapped");
    result
}

/// Moves all threads that sleep on the word at an offset of a file to the queue of a word of this process, where no one
/// wakes them. Returns how many they were.
///
/// # Panics
/// If the file can't be read, or the system refuses.
#[must_use]
pub fn requeue(file: &File, offset: usize) -> usize {
    let own = 0u32;
    let moved = with_word(file, offset, |word| {
        // SAFETY: the system reads neither of the words.
        unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_REQUEUE, 0, i32::MAX as usize, &raw const own, 0) }
    });
    usize::try_from(moved).expect("the system moves them")
}

/// Sleeps on the word at an offset of a file, as readers of it do. Returns whether it was woken, and not by the end of
/// this time.
///
/// # Panics
/// If the file can't be read.
#[must_use]
pub fn is_woken(file: &File, offset: usize, seconds: i64) -> bool {
    with_word(file, offset, |word| {
        let time = libc::timespec { tv_sec: seconds, tv_nsec: 0 };
        // The value is what stands there: nothing is written meanwhile.
        let mut value = [0; 4];
        file.read_exact_at(&mut value, offset as u64).expect("a region");
        // SAFETY: the system reads the word, and the time.
        let result = unsafe {
            libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAIT, u32::from_ne_bytes(value), &raw const time)
        };
        result == 0
    })
}

/// What [`refuse`] looks at in a call: its arguments, by number.
#[derive(Debug, Clone, Copy)]
enum When {
    /// It is the value.
    Is(usize, i64),
    /// It is not.
    IsNot(usize, i64),
    /// It has one of the bits.
    Has(usize, i64),
}

/// From now on a system call fails in this thread, and in all threads and processes that it starts, where its arguments
/// are such.
///
/// # Panics
/// If the system does not let processes filter their system calls.
fn refuse(call: i64, when: &[When], error: i32) {
    // Where one of the conditions does not hold, the call is made: the last step.
    let last = |step: usize| u8::try_from(2 * (when.len() - step) + 1).expect("small");
    let mut steps = vec![step(LOAD, 0, 0, 0), step(IS, 0, last(0), number(call))];
    for (index, when) in when.iter().enumerate() {
        let last = last(index + 1);
        let (at, test) = match *when {
            When::Is(at, value) => (at, step(IS, 0, last, number(value))),
            When::IsNot(at, value) => (at, step(IS, last, 0, number(value))),
            When::Has(at, bits) => (at, step(HAS, 0, last, number(bits))),
        };
        steps.extend([step(LOAD, 0, 0, argument(at)), test]);
    }
    steps.push(step(ANSWER, 0, 0, libc::SECCOMP_RET_ERRNO | number(error.into())));
    steps.push(step(ANSWER, 0, 0, libc::SECCOMP_RET_ALLOW));
    filter(&steps);
}

/// From now on `F_SEAL_FUTURE_WRITE` is unknown, as on Linux before 5.1.
pub fn forget_future_write() {
    let is_asked = [When::Is(1, libc::F_ADD_SEALS.into()), When::Has(2, libc::F_SEAL_FUTURE_WRITE.into())];
    refuse(libc::SYS_fcntl, &is_asked, libc::EINVAL);
}

/// From now on it can be asked what is done about a signal, and not changed.
pub fn refuse_handlers() {
    refuse(libc::SYS_rt_sigaction, &[When::IsNot(1, 0)], libc::EPERM);
}

/// From now on no file can be made without a name, as on file systems that have none such.
pub fn refuse_nameless() {
    refuse(libc::SYS_openat, &[When::Has(2, (libc::O_TMPFILE & !libc::O_DIRECTORY).into())], libc::EOPNOTSUPP);
}

/// From now on two names can't be exchanged, as on file systems that can't do that.
pub fn refuse_exchange() {
    refuse(libc::SYS_renameat2, &[When::Has(4, libc::RENAME_EXCHANGE.into())], libc::EINVAL);
}

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const ANSWER: u32 = libc::BPF_RET | libc::BPF_K;
const IS: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const HAS: u32 = libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K;

fn step(code: u32, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).expect("small"), jt, jf, k }
}

/// The place of an argument: the lower half of a 64-bit number.
fn argument(number: usize) -> u32 {
    let half = if cfg!(target_endian = "little") { 0 } else { 4 };
    u32::try_from(std::mem::offset_of!(libc::seccomp_data, args) + 8 * number + half).expect("small")
}

fn number(number: i64) -> u32 {
    u32::try_from(number).expect("small")
}

/// Filters the system calls of this process, and of those that it starts, from now on.
fn filter(steps: &[libc::sock_filter]) {
    let len = u16::try_from(steps.len()).expect("small");
    let program = libc::sock_fprog { len, filter: steps.as_ptr().cast_mut() };
    let (one, zero): (libc::c_ulong, libc::c_ulong) = (1, 0);
    // SAFETY: all arguments are numbers.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, one, zero, zero, zero) };
    assert_eq!(result, 0, "no new privileges");
    // SAFETY: a program of that many steps, which the system copies.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    assert_eq!(result, 0, "a filter of system calls");
}
