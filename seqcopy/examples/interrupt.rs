//! An interrupt handler and `main` share values. A Unix signal represents the interrupt.
//!
//! `main` writes a latch and a lock as fast as it can. The handler runs on the same processor, between two instructions
//! of `main`, often in the middle of a write. It must not wait, because `main` does not run until it returns. From the
//! latch it gets a whole value at the first attempt, every time. In the lock it may find a write in progress: `read`
//! would then never return, while `try_read` reports it.
//!
//! On a microcontroller the code is the same: a `static` latch, a `Writer` in `main`, `try_read` in the handler.

#[cfg(not(unix))]
fn main() {
    println!("this example needs Unix signals");
}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    unix::main()
}

#[cfg(unix)]
mod unix {
    use std::process::ExitCode;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{Signal, getpid, kill_process};
    use seqcopy::{SeqCopy, SeqLatch, SeqLock};

    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Sample {
        id: u8,
        count: u64,
        twice: [u64; 24],
    }

    impl Sample {
        const fn new(count: u64) -> Self {
            Sample { id: 7, count, twice: [2 * count; 24] }
        }

        fn is_whole(&self) -> bool {
            self.id == 7 && self.twice.iter().all(|&twice| twice == 2 * self.count)
        }
    }

    static LATCH: SeqLatch<Sample> = SeqLatch::new(Sample::new(0));
    static LOCK: SeqLock<Sample> = SeqLock::new(Sample::new(0));

    static INTERRUPTS: AtomicU64 = AtomicU64::new(0);
    static LATCH_FAILED: AtomicU64 = AtomicU64::new(0);
    static LOCK_BUSY: AtomicU64 = AtomicU64::new(0);
    static BROKEN: AtomicBool = AtomicBool::new(false);

    /// The interrupt handler: no waiting, no allocation.
    fn handler() {
        INTERRUPTS.fetch_add(1, Relaxed);
        match LATCH.try_read() {
            Ok(sample) if sample.is_whole() => {}
            Ok(_) => BROKEN.store(true, Relaxed),
            Err(_) => _ = LATCH_FAILED.fetch_add(1, Relaxed),
        }
        match LOCK.try_read() {
            Ok(sample) if sample.is_whole() => {}
            Ok(_) => BROKEN.store(true, Relaxed),
            Err(_) => _ = LOCK_BUSY.fetch_add(1, Relaxed),
        }
    }

    pub(crate) fn main() -> ExitCode {
        // SAFETY: the handler only uses atomics and wait-free calls of the two locks.
        unsafe { signal_hook::low_level::register(signal_hook::consts::SIGUSR1, handler) }.expect("a handler");

        let done: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
        let interrupter = thread::spawn(move || {
            // Sent to the process, so that the kernel interrupts the main thread, the writer.
            while !done.load(Relaxed) {
                kill_process(getpid(), Signal::USR1).expect("a signal to ourselves");
                thread::sleep(Duration::from_micros(20));
            }
        });

        let mut latch = LATCH.writer().expect("the only writer");
        let mut lock = LOCK.writer().expect("the only writer");
        let began = Instant::now();
        let mut count = 0;
        while began.elapsed() < Duration::from_secs(1) {
            for _ in 0..100 {
                count += 1;
                latch.write(Sample::new(count));
                lock.write(Sample::new(count));
            }
        }
        done.store(true, Relaxed);
        interrupter.join().expect("the interrupting thread");

        println!("{count} writes, interrupted {} times", INTERRUPTS.load(Relaxed));
        println!("SeqLatch: {} failed attempts", LATCH_FAILED.load(Relaxed));
        println!(
            "SeqLock: {} times a write was in progress, and `read` would never have returned",
            LOCK_BUSY.load(Relaxed)
        );
        if BROKEN.load(Relaxed) || LATCH_FAILED.load(Relaxed) > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
