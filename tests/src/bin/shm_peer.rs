//! A process that follows orders, for the tests of shared memory: one order per line, one answer per line.
//! `seqcopy_tests::faults::Peer` starts it and sends the orders.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod peer {
    use std::fs;
    use std::io::{BufRead, Write as _};
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::time::{Instant, SystemTime};

    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;
    use nix::mount::{MsFlags, mount};
    use nix::sys::resource::{Resource, setrlimit};
    use nix::sys::signal::{SigHandler, Signal, signal};
    use nix::unistd::{ForkResult, Gid, fork, setgid, setuid};
    use seqcopy::Validate;
    use seqcopy_shm::{Error, Options, Reader, Region, Uid, Writer};
    use seqcopy_tests::faults::{
        Beat, Small, Verdict, attack, echo, forget_future_write, look, receive_descriptor, requeue, send_descriptor,
        wait_for,
    };

    /// The offset of the sequence word.
    const WORD_AT: usize = 192;

    /// So large that a process can be stopped in the middle of a copy.
    type Large = Beat<8192>;

    #[derive(Default)]
    struct Peer {
        writer: Option<Writer<Small>>,
        large: Option<Writer<Large>>,
        reader: Option<Reader<Small>>,
        socket: Option<UnixStream>,
        received: Option<OwnedFd>,
    }

    /// The answer to an order: `ok`, or the error.
    fn said<T, E: core::fmt::Debug>(result: Result<T, E>, keep: impl FnOnce(T)) -> String {
        match result {
            Ok(value) => {
                keep(value);
                "ok".into()
            }
            Err(error) => format!("{error:?}"),
        }
    }

    fn kept<T>(result: Result<T, Error>, place: &mut Option<T>) -> String {
        let result = result.map_err(|error| format!("{} | {:?}", error, error.kind()));
        match result {
            Ok(value) => said(Ok::<_, ()>(value), |value| *place = Some(value)),
            Err(words) => format!("refused: {words}"),
        }
    }

    /// For orders that several peers carry out at the same time: when.
    fn wait_until(time: Option<&&str>) {
        let Some(time) = time else { return };
        let time = time.parse().expect("nanoseconds");
        while now() < time {
            std::hint::spin_loop();
        }
    }

    /// As a program does whose type has changed.
    fn replacing<T: Validate + 'static>(path: &str) -> Result<Writer<T>, Error> {
        Options::new().replace_other_type(true).open_or_create(path)
    }

    impl Peer {
        fn obey(&mut self, order: &str) -> String {
            let mut words = order.split(' ');
            let verb = words.next().unwrap_or_default();
            let rest: Vec<&str> = words.collect();
            let number = |at: usize| rest[at].parse::<u64>().expect("a number");
            match verb {
                "open_mine" => kept(mine().open(rest[0]), &mut self.reader),
                "drop" => {
                    (self.writer, self.large) = (None, None);
                    "ok".into()
                }
                "close" => said(self.writer.take().expect("a writer").close(), |()| ()),
                "write" => {
                    let value = Beat::of(number(0));
                    said(self.writer.as_mut().expect("a writer").write(value), |()| ())
                }
                "update" => {
                    let value = Beat::of(number(0));
                    said(self.writer.as_mut().expect("a writer").update(|old| *old = value), |()| ())
                }
                "write_large" => {
                    let value = Beat::of(number(0));
                    said(self.large.as_mut().expect("a writer").write(value), |()| ())
                }
                "stream" => self.stream(number(0)),
                "stream_slices" => stream_slices(Path::new(rest[0]), number(1)),
                "open" => kept(Reader::open(rest[0]), &mut self.reader),
                "open_often" => open_often(Path::new(rest[0]), number(1)),
                "open_received" => {
                    let file = self.received.as_ref().expect("a descriptor").try_clone().expect("a copy");
                    kept(Reader::from_fd(file), &mut self.reader)
                }
                "read" => match self.reader.as_ref().expect("a reader").read() {
                    Ok(value) => format!("value {:?}", value.number()),
                    Err(error) => format!("{error:?}"),
                },
                "wait_for" => wait_for(self.reader.as_ref().expect("a reader"), number(0)),
                "echo" => {
                    let reader = self.reader.as_ref().expect("a reader");
                    echo(reader, self.writer.as_mut().expect("a writer"), number(0))
                }
                "watch" => self.watch(),
                "state" => format!("{:?}", self.reader.as_ref().expect("a reader").writer_state()),
                "timed_state" => {
                    let reader = self.reader.as_ref().expect("a reader");
                    let asked = (0..20).map(|_| (Instant::now(), reader.writer_state())).map(|(t, s)| (t.elapsed(), s));
                    let (least, state) = asked.min_by_key(|(took, _)| *took).expect("twenty");
                    format!("{state:?} in {} us", least.as_micros())
                }
                "socket" => {
                    self.socket = Some(UnixStream::connect(rest[0]).expect("a listener"));
                    "ok".into()
                }
                "send" => {
                    let region = Region::from_fd(self.writer.as_ref().expect("a writer").share().expect("shared"));
                    region.expect("a region").send(self.socket.as_ref().expect("a socket")).expect("sent");
                    "ok".into()
                }
                "send_own" => {
                    send_descriptor(self.socket.as_ref().expect("a socket"), &[writers_own()]);
                    "ok".into()
                }
                "receive" => {
                    self.received = Some(receive_descriptor(self.socket.as_ref().expect("a socket")));
                    "ok".into()
                }
                // A file of the library at a path, opened directly.
                "receive_path" => said(fs::File::open(rest[0]), |file| self.received = Some(file.into())),
                "attack" => attack(self.received.as_ref().expect("a descriptor").as_fd()),
                // Acquires the lock of writers, by the received descriptor or by its twin, and keeps it until the process ends.
                "lock_received" => lock_first_byte(self.received.as_ref().expect("a descriptor"), rest[0] == "twin"),
                "requeue" => requeue(&fs::File::open(rest[0]).expect("a region"), WORD_AT).to_string(),
                "old_kernel" => {
                    forget_future_write();
                    "ok".into()
                }
                "maps" => maps(rest[0]).into_iter().map(|(_, mode)| mode).collect::<Vec<_>>().join(" "),
                "poke" => poke(rest[0]),
                "race_open_or_create" => race_open_or_create(Path::new(rest[0]), Path::new(rest[1]), number(2)),
                "race" => race(Path::new(rest[0]), Path::new(rest[1]), number(2)),
                _ => self.become_writer(verb, &rest).unwrap_or_else(|| surroundings(verb, &rest)),
            }
        }

        /// The orders that make it a writer; `None` if it is another.
        fn become_writer(&mut self, verb: &str, rest: &[&str]) -> Option<String> {
            let number = |at: usize| rest[at].parse::<u64>().expect("a number");
            Some(match verb {
                "create" => {
                    let buffers = u32::try_from(number(1)).expect("few");
                    kept(Options::new().buffers(buffers).create(rest[0]), &mut self.writer)
                }
                "create_large" => {
                    let buffers = u32::try_from(number(1)).expect("few");
                    kept(Options::new().buffers(buffers).create(rest[0]), &mut self.large)
                }
                "create_memfd" => {
                    kept(Options::new().allow_take_over_fd(true).create_memfd("seqcopy-test"), &mut self.writer)
                }
                "create_sealed" => {
                    let mode = u32::from_str_radix(rest[0], 8).expect("permissions");
                    kept(Options::new().mode(mode).create_memfd("seqcopy-test"), &mut self.writer)
                }
                "open_or_create" => {
                    wait_until(rest.get(1));
                    kept(Writer::open_or_create(rest[0]), &mut self.writer)
                }
                "open_or_create_for" => {
                    let owner = Uid::from_raw(u32::try_from(number(1)).expect("a user"));
                    kept(Options::new().require_owner(owner).open_or_create(rest[0]), &mut self.writer)
                }
                "replace" => {
                    wait_until(rest.get(1));
                    kept(replacing(rest[0]), &mut self.writer)
                }
                "replace_large" => kept(replacing(rest[0]), &mut self.large),
                "was_created" => self.writer.as_ref().expect("a writer").was_created().to_string(),
                "take_over" => kept(Writer::take_over(rest[0]), &mut self.writer),
                "take_over_large" => kept(Writer::take_over(rest[0]), &mut self.large),
                "take_over_mine" => kept(mine().take_over(rest[0]), &mut self.writer),
                "take_over_received" => {
                    let file = self.received.as_ref().expect("a descriptor").try_clone().expect("a copy");
                    kept(Writer::take_over_fd(file), &mut self.writer)
                }
                "take_over_inherited" => kept(Writer::take_over_fd(duplicate(writers_own())), &mut self.writer),
                _ => return None,
            })
        }

        /// Writes as fast as it can until it is killed.
        fn stream(&mut self, from: u64) -> String {
            for number in from.. {
                let result = match (&mut self.writer, &mut self.large) {
                    (_, Some(writer)) => writer.write(Beat::of(number)),
                    (Some(writer), _) => writer.write(Beat::of(number)),
                    _ => return "no writer".into(),
                };
                result.expect("not forked");
                if number == from {
                    println!("ok");
                }
            }
            unreachable!("more than 2^64 numbers")
        }

        /// Reads as fast as it can until it is killed, or until a value is torn or invalid.
        fn watch(&mut self) -> String {
            println!("ok");
            let reader = self.reader.as_ref().expect("a reader");
            loop {
                let mut buf = MaybeUninit::uninit();
                if reader.read_into(&mut buf).is_ok() && !matches!(look(&buf), Verdict::Whole(_)) {
                    return "torn".into();
                }
            }
        }
    }

    /// Takes over a region, and writes slices as fast as it can until it is killed: as many elements as the number of each says.
    fn stream_slices(path: &Path, from: u64) -> String {
        let mut writer = Writer::<[u64]>::take_over(path).expect("a region without a writer");
        let mut elements = Vec::new();
        for number in from.. {
            elements.clear();
            elements.resize(usize::try_from(10_000 + number % 10_000).expect("few"), number);
            writer.write_from(&elements).expect("not forked");
            if number == from {
                println!("ok");
            }
        }
        unreachable!("more than 2^64 numbers")
    }

    /// Orders about the process, not about regions.
    fn surroundings(verb: &str, rest: &[&str]) -> String {
        let number = |at: usize| rest[at].parse::<u64>().expect("a number");
        match verb {
            "fork" => split(),
            "new_pids" => match nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWPID) {
                Ok(()) => {
                    let said = split();
                    // Its process id is that of the new namespace, by which the test can't kill it.
                    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("a child that ends with its parent");
                    said
                }
                Err(error) => format!("{error:?}"),
            },
            "hide" => said(hide(), |()| ()),
            "jail" => said(nix::unistd::chroot(rest[0]), |()| ()),
            "limit_descriptors" => {
                let result = setrlimit(Resource::RLIMIT_NOFILE, number(0), number(0));
                assert!(fs::File::open("/dev/null").is_err(), "a descriptor was left");
                said(result, |()| ())
            }
            "limit" => {
                // SAFETY: no handler is installed; the signal that would end the process at the limit is ignored.
                unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.expect("ignored");
                said(setrlimit(Resource::RLIMIT_FSIZE, number(0), number(0)), |()| ())
            }
            // A name that is not valid UTF-8, as when the system truncates one.
            "rename" => said(fs::write("/proc/self/comm", b"gr\xc3) Z 1"), |()| ()),
            "drop_root" => become_user(65534),
            "user" => become_user(u32::try_from(number(0)).expect("a user")),
            other => format!("`{other}`?"),
        }
    }

    /// The descriptor that the writer of this process has locked, although the library does not expose it.
    fn writers_own() -> RawFd {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc/self/fd").expect("/proc") {
            let name = entry.expect("an entry").file_name();
            let number: RawFd = name.to_str().and_then(|name| name.parse().ok()).expect("a number");
            let leads_to = fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
            let info = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
            if leads_to.to_string_lossy().contains("seqcopy-test") && info.contains("OFDLCK") {
                found.push(number);
            }
        }
        assert_eq!(found.len(), 1, "one locked descriptor");
        found[0]
    }

    fn duplicate(number: RawFd) -> OwnedFd {
        // SAFETY: the writer that has it outlives this borrow.
        let own = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
        own.as_fd().try_clone_to_owned().expect("a duplicate")
    }

    /// Opens and reads the region in every way that does not write, and returns how often that succeeded and failed.
    fn open_often(path: &Path, rounds: u64) -> String {
        let (mut opened, mut refused) = (0, 0);
        for _ in 0..rounds {
            match Reader::<Small>::open(path) {
                Ok(reader) => opened += u32::from(reader.region().header().buffers() == 2),
                Err(_) => refused += 1,
            }
            drop(Region::open(path));
            if let Ok(reader) = Reader::<Small>::open_file(path) {
                let _ = (reader.read(), reader.version(), reader.writer_state());
            }
        }
        format!("opened {opened} refused {refused}")
    }

    /// Options that require the region to be owned by the user of this process.
    fn mine() -> Options {
        Options::new().require_owner(Uid::effective())
    }

    /// Drops the privileges of root permanently.
    fn become_user(id: u32) -> String {
        setgid(Gid::from_raw(id)).expect("a group given up");
        said(setuid(nix::unistd::Uid::from_raw(id)), |()| ())
    }

    /// Locks the byte that writers lock: exclusively by a twin of the descriptor, or shared by the descriptor itself.
    fn lock_first_byte(file: &OwnedFd, twin: bool) -> String {
        let (file, kind) = if twin {
            let path = format!("/proc/self/fd/{}", file.as_raw_fd());
            match fs::File::options().read(true).write(true).open(path) {
                Ok(twin) => (OwnedFd::from(twin), libc::F_WRLCK),
                Err(error) => return format!("no twin: {error}"),
            }
        } else {
            (file.try_clone().expect("a copy"), libc::F_RDLCK)
        };
        #[allow(clippy::cast_possible_truncation)] // small constants
        let lock = libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 1, l_pid: 0 };
        said(fcntl(&file, FcntlArg::F_OFD_SETLK(&lock)), |_| std::mem::forget(file))
    }

    /// Forks, and continues as the child; the parent only waits.
    fn split() -> String {
        let parent = std::process::id();
        // SAFETY: this process has one thread.
        match unsafe { fork() }.expect("a fork") {
            ForkResult::Child => {
                // Alarms are not inherited.
                nix::unistd::alarm::set(300);
                format!("forked {}", std::process::id())
            }
            ForkResult::Parent { .. } => loop {
                // The child has the orders now; `parent` is killed, or ends with the test.
                assert_eq!(parent, std::process::id());
                nix::unistd::pause();
            },
        }
    }

    /// Mounts a `/proc` of its own, which hides the processes of other users.
    fn hide() -> nix::Result<()> {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS)?;
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_PRIVATE | MsFlags::MS_REC, none)?;
        mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), Some("hidepid=2"))
    }

    /// The mappings of files whose path contains this name: start and permissions.
    fn maps(name: &str) -> Vec<(usize, String)> {
        let maps = fs::read_to_string("/proc/self/maps").expect("/proc");
        let of_it = maps.lines().filter(|line| line.contains(name));
        of_it
            .map(|line| {
                let (range, rest) = line.split_once(' ').expect("columns");
                let start = range.split_once('-').expect("a range").0;
                (usize::from_str_radix(start, 16).expect("an address"), rest[..4].to_owned())
            })
            .collect()
    }

    /// Writes to the mapping of such a file, as the library never does in a reader.
    fn poke(name: &str) -> String {
        let (start, _) = maps(name)[0];
        let byte = std::ptr::with_exposed_provenance_mut::<u8>(start);
        // SAFETY: mapped, as the system has just said. If it is mapped read-only, the process is killed here, which is what the
        // test expects.
        unsafe { byte.write_volatile(0) };
        "written".into()
    }

    /// Takes over and drops the writer again, as fast as it can. Only the writer may have the file `flag`.
    fn race(path: &Path, flag: &Path, rounds: u64) -> String {
        let mut won = 0;
        for _ in 0..rounds {
            match Writer::<Small>::take_over(path) {
                Ok(mut writer) => {
                    if let Err(error) = fs::File::create_new(flag) {
                        return format!("two writers: {error}");
                    }
                    writer.write(Beat::of(won)).expect("not forked");
                    won += 1;
                    fs::remove_file(flag).expect("its own flag");
                }
                Err(error) => {
                    let words = format!("{:?}", error.kind());
                    if !words.starts_with("Writer(") {
                        return format!("refused: {words}");
                    }
                }
            }
        }
        format!("won {won}")
    }

    /// Takes over or creates, and gives up again or closes, as fast as it can. The writer has `flag` to itself.
    fn race_open_or_create(path: &Path, flag: &Path, rounds: u64) -> String {
        let (mut created, mut taken) = (0, 0);
        for round in 0..rounds {
            match Writer::<Small>::open_or_create(path) {
                Ok(mut writer) => {
                    if let Err(error) = fs::File::create_new(flag) {
                        return format!("two writers: {error}");
                    }
                    *(if writer.was_created() { &mut created } else { &mut taken }) += 1;
                    writer.write(Beat::of(round)).expect("not forked");
                    fs::remove_file(flag).expect("its own flag");
                    if round % 3 == 0 {
                        writer.close().expect("closed");
                    }
                }
                Err(error) => {
                    let words = format!("{:?}", error.kind());
                    if !words.starts_with("Writer(") {
                        return format!("refused: {words}");
                    }
                }
            }
        }
        format!("won {created} {taken}")
    }

    /// Nanoseconds since 1970.
    fn now() -> u128 {
        SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_nanos()
    }

    pub(crate) fn main() {
        // In case the test dies first: its own deadlines are shorter.
        nix::unistd::alarm::set(300);
        if std::env::args().any(|arg| arg == "--in-thread") {
            std::thread::spawn(obey);
            // SAFETY: ends this thread only, without unwinding; the other thread borrows nothing from its stack.
            unsafe { libc::syscall(libc::SYS_exit, 0) };
        }
        obey();
    }

    fn obey() {
        let mut peer = Peer::default();
        for line in std::io::stdin().lock().lines() {
            let answer = peer.obey(&line.expect("an order"));
            println!("{answer}");
            std::io::stdout().flush().expect("a test that listens");
        }
    }
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn main() {
    peer::main();
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn main() {}
