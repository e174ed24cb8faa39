//! Reads a page that Linux writes: `struct perf_event_mmap_page`, which has its sequence word as the third field.
//!
//! The kernel changes the page whenever it schedules the counter, and shows by the word `lock` when it does. The struct
//! below is its first part, as `linux/perf_event.h` has it; `word = Parity<u32>` marks the word, and the one promise is
//! that the page is mapped.
//!
//! Where there is no such page (another system, a container without permission), a thread of this program writes one,
//! and it says so.

use std::mem::MaybeUninit;

use seqcopy::raw::Page;
use seqcopy::{ReadError, SeqCopy, Validate, seq_count::Parity};

/// The beginning of `struct perf_event_mmap_page`.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
struct PerfPage {
    version: u32,
    compat_version: u32,
    #[seqcopy(word = Parity<u32>)]
    lock: MaybeUninit<u32>,
    /// The hardware counter to read, plus one; 0 for a counter in software.
    index: u32,
    offset: i64,
    /// Nanoseconds for which the event was enabled, and for which it was counted.
    time_enabled: u64,
    time_running: u64,
    capabilities: u64,
    pmc_width: u16,
    time_shift: u16,
    time_mult: u32,
    time_offset: u64,
}

/// Attempts until one succeeds.
fn read(page: Page<'_, PerfPage>) -> PerfPage {
    loop {
        match page.try_read() {
            Ok((bits, _)) => return bits.validate().expect("numbers, of which all are valid"),
            Err(ReadError::Busy | ReadError::Torn) => std::hint::spin_loop(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Reads the page for a while: its times never go back, and it is never counted for longer than it was enabled.
fn follow(page: Page<'_, PerfPage>, reads: u32) -> PerfPage {
    let mut last = read(page);
    for _ in 1..reads {
        let next = read(page);
        assert!(next.time_enabled >= last.time_enabled, "{next:?} after {last:?}");
        assert!(next.time_running <= next.time_enabled, "torn: {next:?}");
        last = next;
    }
    last
}

fn show(page: &PerfPage) {
    println!("version {}, enabled for {} ns, counted for {} ns", page.version, page.time_enabled, page.time_running);
}

fn main() {
    match kernel::map() {
        Ok(page) => {
            println!("the kernel's page:");
            show(&follow(page, 1_000_000));
        }
        Err(why) => {
            println!("no page of the kernel's here ({why}); a thread of this program writes one instead:");
            show(&with_own_writer(1_000_000));
        }
    }
}

/// Follows a page that another thread writes.
fn with_own_writer(reads: u32) -> PerfPage {
    let value = |time| PerfPage {
        version: 0,
        compat_version: 0,
        lock: MaybeUninit::uninit(),
        index: 0,
        offset: 0,
        time_enabled: 2 * time,
        time_running: time,
        capabilities: 0,
        pmc_width: 48,
        time_shift: 0,
        time_mult: 1,
        time_offset: 0,
    };
    let mut memory = PerfPage { lock: MaybeUninit::new(0), ..value(0) };
    // SAFETY: a local that outlives the threads, initialised, from here on accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || follow(page, reads));
        for time in 1.. {
            // SAFETY: the only writer, and the reader does not sleep for 2^31 writes: each yields to it.
            unsafe { page.write(&value(time)) };
            std::thread::yield_now();
            if reader.is_finished() {
                break;
            }
        }
        reader.join().expect("whole values")
    })
}

#[cfg(all(target_os = "linux", not(miri)))]
mod kernel {
    use std::io::Error;
    use std::ptr::null_mut;

    use super::{Page, PerfPage};

    /// A counter of this process's own time, and its page, mapped read-only until the process ends.
    pub(super) fn map() -> Result<Page<'static, PerfPage>, Error> {
        // `struct perf_event_attr` in its first version: type and config say which event, one bit each to leave the
        // kernel and the hypervisor out.
        const SOFTWARE: u64 = 1;
        const TASK_CLOCK: u64 = 1;
        const SIZE: u64 = 64;
        const EXCLUDE_KERNEL_AND_HYPERVISOR: u64 = 3 << 5;
        let (first, second) = if cfg!(target_endian = "little") { (SOFTWARE, SIZE) } else { (SIZE, SOFTWARE) };
        let attr = [first | second << 32, TASK_CLOCK, 0, 0, 0, EXCLUDE_KERNEL_AND_HYPERVISOR, 0, 0];
        // SAFETY: the array is as long as it says; this process, any processor, no group, no flags.
        let file = unsafe { libc::syscall(libc::SYS_perf_event_open, attr.as_ptr(), 0, -1, -1, 0) };
        #[allow(clippy::useless_conversion)] // on 32-bit targets
        let Ok(file @ 0..) = i32::try_from(file) else { return Err(Error::last_os_error()) };
        // SAFETY: a new mapping at a place that the system chooses.
        let page = unsafe { libc::mmap(null_mut(), 4096, libc::PROT_READ, libc::MAP_SHARED, file, 0) };
        if page == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        // SAFETY: mapped from now on, aligned to a page, initialised by the kernel, which follows the protocol of
        // `lock`.
        Ok(unsafe { Page::from_ptr(page.cast()) })
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod kernel {
    use super::{Page, PerfPage};

    pub(super) fn map() -> Result<Page<'static, PerfPage>, &'static str> {
        Err("this is not Linux")
    }
}

#[test]
fn a_page_is_read_whole() {
    let reads = if cfg!(miri) { 20 } else { 20_000 };
    if let Ok(page) = kernel::map() {
        follow(page, reads);
    }
    with_own_writer(reads);
}
