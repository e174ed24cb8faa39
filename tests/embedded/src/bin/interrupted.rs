//! A program for a Cortex-M0, which has no compare-and-swap: an interrupt handler and the main loop share two values, by the locks'
//! whole vocabulary. `ci/firmware.sh` runs it in an emulator; its exit code says whether every value was whole.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod firmware {
    use core::hint::black_box;

    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m_rt::{entry, exception};
    use cortex_m_semihosting::{debug, hprintln};
    use panic_semihosting as _;
    use seqcopy::{SeqCopy, SeqLatch, SeqLock, Version};

    const WORDS: usize = 24;
    /// How many values the handler writes.
    const TICKS: u32 = 2000;

    /// Whole if all words are what follows from the tick.
    #[derive(Clone, Copy, SeqCopy)]
    struct Reading {
        tick: u32,
        valid: bool,
        words: [u32; WORDS],
    }

    impl Reading {
        fn of(tick: u32) -> Self {
            let mut reading = Reading { tick, valid: tick % 2 == 1, words: [0; WORDS] };
            for (i, word) in (0u32..).zip(&mut reading.words) {
                *word = tick.wrapping_mul(2_654_435_761).wrapping_add(i);
            }
            // What the main loop must find.
            #[cfg(feature = "broken")]
            {
                reading.words[WORDS - 1] ^= u32::from(tick == TICKS / 2);
            }
            reading
        }

        fn is_whole(&self) -> bool {
            let first = self.tick.wrapping_mul(2_654_435_761);
            let words = (0u32..).zip(&self.words).all(|(i, word)| *word == first.wrapping_add(i));
            words && self.valid == (self.tick % 2 == 1)
        }
    }

    /// Written by the handler, read by the main loop, which it interrupts anywhere.
    static READING: SeqLock<Reading> = SeqLock::new(Reading { tick: 0, valid: false, words: FIRST });

    /// Written by the main loop, read by the handler.
    static TARGET: SeqLatch<(u32, [u32; WORDS])> = SeqLatch::new((0, [0; WORDS]));

    /// Changed by both, which takes a compare-and-swap: how often the main loop did, and the handler.
    static TALLY: SeqLock<(u32, u32)> = SeqLock::new((0, 0));

    /// What the handler saw.
    #[derive(Clone, Copy, Default, SeqCopy)]
    struct Seen {
        calls: u32,
        /// Targets that were torn, or could not be read.
        torn: u32,
        /// How often it could not change the tally, because it interrupted a change.
        refused: u32,
    }

    static SEEN: SeqLock<Seen> = SeqLock::new(Seen { calls: 0, torn: 0, refused: 0 });

    const FIRST: [u32; WORDS] = {
        let (mut words, mut i) = ([0; WORDS], 0);
        while i < WORDS {
            #[allow(clippy::cast_possible_truncation)] // a few dozen
            {
                words[i] = i as u32;
            }
            i += 1;
        }
        words
    };

    #[exception]
    fn SysTick() {
        // A handler can't wait for what it interrupts: if the main loop holds the claim, it tries again at the next tick.
        let Some(mut reading) = READING.writer() else { return };
        let tick = reading.read().tick;
        if tick < TICKS {
            reading.write(Reading::of(tick + 1));
        }
        drop(reading);
        let is_whole = TARGET.try_read().is_ok_and(|(first, words)| words == [first; WORDS]);
        let tally = TALLY.try_lock_write().map(|mut tally| tally.1 += 1);
        SEEN.update(|seen| {
            seen.calls += 1;
            seen.torn += u32::from(!is_whole);
            seen.refused += u32::from(tally.is_none());
        });
    }

    #[entry]
    fn main() -> ! {
        let mut peripherals = cortex_m::Peripherals::take().expect("the first call");
        peripherals.SYST.set_clock_source(SystClkSource::Core);
        peripherals.SYST.set_reload(5_000);
        peripherals.SYST.clear_current();
        peripherals.SYST.enable_counter();
        peripherals.SYST.enable_interrupt();

        let (mut reads, mut failed, mut torn, mut last, mut known) = (0u32, 0u32, 0u32, 0, Version::NEVER);
        let mut target = TARGET.writer().expect("the only writer");
        while last < TICKS {
            // Its own copy of the sequence word shows whether the handler wrote in between: then the attempt fails.
            match READING.try_read() {
                Ok(reading) => {
                    torn += u32::from(!reading.is_whole() || reading.tick < last);
                    last = reading.tick;
                }
                Err(_) => failed += 1,
            }
            if let Some(reading) = READING.read_if_changed(&mut known) {
                torn += u32::from(!reading.is_whole() || reading.tick < last);
                last = reading.tick;
            }
            reads += 1;
            TALLY.update(|tally| tally.0 += 1);
            target.update(|(first, words)| {
                *first = first.wrapping_add(1);
                *words = [*black_box(first); WORDS];
            });
        }
        drop(target);
        // By the claim, which two writers take in turns: compare-and-swap in a critical section.
        assert!(TARGET.try_write((1, [1; WORDS])).is_ok() && TARGET.replace((2, [2; WORDS])).0 == 1);
        let claimed = READING.lock_write();
        assert!(READING.try_write(Reading::of(0)).is_err() && READING.writer().is_none());
        claimed.discard();

        // From here on the handler changes nothing.
        cortex_m::interrupt::disable();
        let (seen, tally) = (SEEN.read(), TALLY.read());
        hprintln!(
            "main loop: {} reads, {} interrupted, {} torn; handler: {} calls, {} torn, {} times refused; {} and {} changes",
            reads,
            failed,
            torn,
            seen.calls,
            seen.torn,
            seen.refused,
            tally.0,
            tally.1
        );
        let is_right = torn == 0 && seen.torn == 0 && tally == (reads, seen.calls - seen.refused);
        let was_interrupted = failed > 0 && seen.refused > 0 && seen.calls >= TICKS;
        debug::exit(if is_right && was_interrupted { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
        loop {}
    }
}

#[cfg(not(target_os = "none"))]
fn main() {
    println!("this is a program for a microcontroller: ci/firmware.sh runs it in an emulator");
}
