//! Kills writers at random instants and checks what readers get: `ci/kill.sh`.
//!
//!     kill [N] [--seed S]
//!
//! Each time a new process takes over a region, alternately a latch of two buffers and a single buffer, and writes as fast as it
//! can until it is killed. Meanwhile readers in this process check every value that they get; some reading processes are killed as
//! well. The last line is the summary.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod kill {
    use std::fs::File;
    use std::io::{Read, Write as _};
    use std::mem::MaybeUninit;
    use std::os::unix::fs::FileExt;
    use std::path::Path;
    use std::process::{Child, Command, ExitCode, Stdio};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
    use std::thread;
    use std::time::{Duration, Instant};

    use nix::sys::signal::Signal;
    use seqcopy_shm::{Options, ReadValueError, Reader, Writer, WriterState};
    use seqcopy_tests::faults::{Beat, Place, Verdict, look};
    use seqcopy_tests::oracle::Rng;

    /// The payload of the latch.
    type Small = Beat<16>;
    /// The payload of the single buffer: 64 KiB, so that many kills come in the middle of a copy.
    type Large = Beat<8192>;

    /// Longer than a writer needs to take over, even on a busy machine.
    const DEADLINE: Duration = Duration::from_secs(20);

    /// The results of the readers.
    #[derive(Default)]
    struct Tally {
        values: AtomicU64,
        torn: AtomicU64,
        invalid: AtomicU64,
        backwards: AtomicU64,
        blocked: AtomicU64,
        writer_gone: AtomicU64,
    }

    impl Tally {
        fn add(count: &AtomicU64) {
            count.fetch_add(1, Relaxed);
        }

        /// Reads once and judges.
        fn read<const WORDS: usize>(&self, reader: &Reader<Beat<WORDS>>, last: &mut u64, is_latch: bool) {
            let mut buf = MaybeUninit::uninit();
            match reader.read_into(&mut buf) {
                Ok(_) => match look(&buf) {
                    Verdict::Whole(number) => {
                        Self::add(&self.values);
                        if number < *last {
                            Self::add(&self.backwards);
                        }
                        *last = number;
                    }
                    Verdict::Torn => Self::add(&self.torn),
                    Verdict::Invalid => Self::add(&self.invalid),
                },
                // All writers here write valid values, so an invalid one is torn.
                Err(ReadValueError::Invalid(_)) => Self::add(&self.torn),
                Err(_) if is_latch => Self::add(&self.blocked),
                Err(ReadValueError::WriterGone) => Self::add(&self.writer_gone),
                Err(_) => {}
            }
        }
    }

    /// A child process: writes until it is killed.
    fn write<const WORDS: usize>(path: &Path, from: u64) {
        match Writer::<Beat<WORDS>>::take_over(path) {
            Ok(mut writer) => {
                announce("ok");
                for number in from.. {
                    writer.write_from(&Beat::of(number)).expect("not forked");
                }
            }
            Err(error) => announce(&error.to_string()),
        }
    }

    /// A child process: reads until it is killed.
    fn read<const WORDS: usize>(path: &Path) {
        let reader = Reader::<Beat<WORDS>>::open(path).expect("a region");
        announce("ok");
        let tally = Tally::default();
        let mut last = 0;
        while tally.torn.load(Relaxed) + tally.invalid.load(Relaxed) + tally.backwards.load(Relaxed) == 0 {
            tally.read(&reader, &mut last, WORDS == 16);
        }
    }

    fn announce(words: &str) {
        // In case the parent dies before it kills this process.
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("a process with a parent");
        println!("{words}");
        std::io::stdout().flush().expect("a parent that listens");
    }

    /// Starts this program in another role, and waits until it is ready; returns its message if it fails.
    fn start(role: &str, path: &Path, from: u64) -> Result<Child, String> {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([role.as_ref(), path.as_os_str()])
            .arg(from.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        let mut said = [0; 3];
        let mut stdout = child.stdout.take().expect("a pipe");
        let _ = stdout.read_exact(&mut said);
        if said == *b"ok\n" {
            return Ok(child);
        }
        let mut rest = String::new();
        let _ = stdout.read_to_string(&mut rest);
        let _ = child.wait();
        Err(format!("{}{rest}", said.escape_ascii()))
    }

    /// Ends a process by SIGKILL. Returns whether it was still running.
    fn kill(mut child: Child) -> bool {
        let lived = child.try_wait().expect("a process").is_none();
        let _ = child.kill();
        child.wait().expect("a process that ends");
        lived
    }

    /// The counts of the main thread.
    #[derive(Default)]
    struct Count {
        kills: u64,
        readers_killed: u64,
        readers_wrong: u64,
        failed: u64,
        /// A reader did not report that the writer was killed in the middle of a write.
        misled: u64,
        odd: u64,
        single_buffer: u64,
    }

    fn run(kills: u64, seed: u64) -> ExitCode {
        let place = Place::new();
        let (latch, single_buffer) = (place.at("latch"), place.at("single-buffer"));
        let mut writer = Writer::<Small>::create(&latch).expect("a region");
        // So that readers of the latch have a value from the start.
        writer.write(Beat::of(0)).expect("not forked");
        drop(writer);
        drop(Options::new().buffers(1).create::<Large>(&single_buffer).expect("a region"));

        let tallies = [Tally::default(), Tally::default()];
        let stop = AtomicBool::new(false);
        let began = Instant::now();
        let mut count = Count::default();
        thread::scope(|scope| {
            let (small, large) = (
                Reader::<Small>::open(&latch).expect("a reader"),
                Reader::<Large>::open(&single_buffer).expect("a reader"),
            );
            let (stop, tallies) = (&stop, &tallies);
            scope.spawn(move || {
                let mut last = 0;
                while !stop.load(Relaxed) {
                    tallies[0].read(&small, &mut last, true);
                }
            });
            scope.spawn(move || {
                let mut last = 0;
                while !stop.load(Relaxed) {
                    tallies[1].read(&large, &mut last, false);
                    // On a small machine, leaves time for the other reader, whose results matter more.
                    thread::yield_now();
                }
            });
            let killing = scope.spawn(|| kill_all(kills, seed, &latch, &single_buffer, &tallies[0]));
            let result = killing.join();
            stop.store(true, Relaxed);
            count = result.expect("no panic");
        });

        let sum = |of: fn(&Tally) -> &AtomicU64| tallies.iter().map(|tally| of(tally).load(Relaxed)).sum::<u64>();
        let (torn, invalid, blocked) = (sum(|t| &t.torn), sum(|t| &t.invalid), sum(|t| &t.blocked));
        let (backwards, gone) = (sum(|t| &t.backwards), sum(|t| &t.writer_gone));
        let [of_latch, of_one_copy] = [0, 1].map(|i: usize| tallies[i].values.load(Relaxed));
        println!(
            "kill: {} writers and {} readers killed, torn accepted {}, invalid accepted {invalid}, latch readers blocked {blocked}, \
             takeovers failed {}, word left odd {} of {}, not called gone then {}; went back {backwards}, values {of_latch} of the latch and {of_one_copy} \
             of one copy, writer gone {gone} times, seed {seed}, {:.1} s",
            count.kills,
            count.readers_killed,
            torn + count.readers_wrong,
            count.failed,
            count.odd,
            count.single_buffer,
            count.misled,
            began.elapsed().as_secs_f64(),
        );
        let is_good = torn + invalid + blocked + backwards + count.failed + count.misled + count.readers_wrong == 0;
        // Without values, or without an interrupted write, the zeros prove nothing.
        let proves_something = count.odd > 0 && of_latch > 0 && of_one_copy > 0;
        if is_good && proves_something { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn kill_all(kills: u64, seed: u64, latch: &Path, single_buffer: &Path, tally: &Tally) -> Count {
        let mut rng = Rng::new(seed);
        let mut count = Count::default();
        let small = Reader::<Small>::open(latch).expect("a reader");
        let word = File::open(single_buffer).expect("the region");
        let large = Reader::<Large>::open(single_buffer).expect("a reader");
        let offset = large.region().header().word_offset();
        for number in 1..=kills {
            let is_latch = number % 2 == 1;
            let (role, path) = if is_latch { ("write-latch", latch) } else { ("write-single-buffer", single_buffer) };
            let watcher = rng.chance(1, 8).then(|| {
                let role = if is_latch { "read-latch" } else { "read-single-buffer" };
                start(role, path, 0).expect("a reader starts")
            });
            let began = Instant::now();
            // Each writer uses larger numbers than the one before.
            match start(role, path, number << 32) {
                Ok(writer) => {
                    if let Some(watcher) = watcher {
                        // Killed before the writer, which keeps writing.
                        thread::sleep(Duration::from_micros(rng.bits() % 1000));
                        count.readers_killed += 1;
                        count.readers_wrong += u64::from(!kill(watcher));
                    }
                    thread::sleep(Duration::from_micros(rng.bits() % 3000));
                    count.kills += 1;
                    count.failed += u64::from(!kill(writer));
                }
                Err(said) => {
                    eprintln!("kill {number}: {said}");
                    count.failed += 1;
                }
            }
            if began.elapsed() > DEADLINE {
                // Most likely all processes were stopped for a while, so this is printed, but does not count as a failure.
                eprintln!("kill {number}: took {:?}", began.elapsed());
            }
            if is_latch {
                // There is no writer: the first attempt succeeds.
                if small.try_read().is_err() {
                    Tally::add(&tally.blocked);
                }
            } else {
                let mut bytes = [0; 8];
                word.read_exact_at(&mut bytes, offset).expect("the word");
                count.single_buffer += 1;
                let is_odd = u64::from_ne_bytes(bytes) & 1 == 1;
                count.odd += u64::from(is_odd);
                if is_odd {
                    let is_told =
                        large.read() == Err(ReadValueError::WriterGone) && large.writer_state() == WriterState::Gone;
                    count.misled += u64::from(!is_told);
                }
            }
        }
        count
    }

    pub(crate) fn main() -> ExitCode {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        match words[..] {
            ["write-latch", path, from] => write::<16>(path.as_ref(), from.parse().expect("a number")),
            ["write-single-buffer", path, from] => write::<8192>(path.as_ref(), from.parse().expect("a number")),
            ["read-latch", path, _] => read::<16>(path.as_ref()),
            ["read-single-buffer", path, _] => read::<8192>(path.as_ref()),
            [] => return run(200, 1),
            [kills] => return run(kills.parse().expect("a number of kills"), 1),
            [kills, "--seed", seed] => {
                return run(kills.parse().expect("a number of kills"), seed.parse().expect("a seed"));
            }
            _ => {
                eprintln!("kill [N] [--seed S]");
                return ExitCode::from(2);
            }
        }
        // Reached by a writer or reader that ended before it was killed.
        ExitCode::FAILURE
    }
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn main() -> std::process::ExitCode {
    kill::main()
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn main() {}
