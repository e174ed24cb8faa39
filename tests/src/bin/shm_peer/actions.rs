//! Orders about the process that obeys and not about the regions that it has open; and races that it takes part in.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::time::SystemTime;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, Gid, fork, setgid, setuid};
use seqcopy_shm::{FileReader, Options, Reader, Region, Uid, Writer};
use seqcopy_tests::faults::{Beat, Small};

/// The answer to an order: `ok`, or the error.
pub(crate) fn said<T, E: core::fmt::Debug>(result: Result<T, E>, keep: impl FnOnce(T)) -> String {
    match result {
        Ok(value) => {
            keep(value);
            "ok".into()
        }
        Err(error) => format!("{error:?}"),
    }
}

/// Orders about the process, not about regions.
pub(crate) fn surroundings(verb: &str, rest: &[&str]) -> String {
    let number = |at: usize| rest[at].parse::<u64>().expect("a number");
    match verb {
        "fork" => split(),
        "new_pids" => match unshare(CloneFlags::CLONE_NEWPID) {
            Ok(()) => first_of_its_namespace(),
            Err(error) => format!("{error:?}"),
        },
        "kill_parent" => said(nix::sys::signal::kill(nix::unistd::getppid(), Signal::SIGKILL), |()| ()),
        "new_ipc" => said(unshare(CloneFlags::CLONE_NEWIPC), |()| ()),
        "contain" => match contain(rest[0], &rest[1..]) {
            Ok(()) => {
                let split = first_of_its_namespace();
                said(mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), None::<&str>), |()| ())
                    .replace("ok", &split)
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
pub(crate) fn writers_own() -> RawFd {
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

pub(crate) fn duplicate(number: RawFd) -> OwnedFd {
    // SAFETY: the writer that has it outlives this borrow.
    let own = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
    own.as_fd().try_clone_to_owned().expect("a duplicate")
}

/// Opens and reads the region in every way that does not write, and returns how often that succeeded and failed.
pub(crate) fn open_often(path: &Path, rounds: u64) -> String {
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..rounds {
        match Reader::<Small>::open(path) {
            Ok(reader) => opened += u32::from(reader.region().header().buffers() == 2),
            Err(_) => refused += 1,
        }
        drop(Region::open(path));
        if let Ok(reader) = FileReader::<Small>::open(path) {
            let _ = (reader.read(), reader.region().version(), reader.region().writer_state());
        }
    }
    format!("opened {opened} refused {refused}")
}

/// Options that require the region to be owned by the user of this process.
pub(crate) fn mine() -> Options {
    Options::new().require_owner(Uid::effective())
}

/// Drops the privileges of root permanently.
pub(crate) fn become_user(id: u32) -> String {
    setgid(Gid::from_raw(id)).expect("a group given up");
    said(setuid(nix::unistd::Uid::from_raw(id)), |()| ())
}

/// Locks the byte that writers lock: exclusively by a twin of the descriptor, or shared by the descriptor itself.
pub(crate) fn lock_first_byte(file: &OwnedFd, twin: bool) -> String {
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
pub(crate) fn split() -> String {
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

/// Forks into a namespace of process numbers, and continues as the first process there.
fn first_of_its_namespace() -> String {
    let said = split();
    // Its process id is that of the new namespace, by which the test can't kill it.
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("a child that ends with its parent");
    said
}

/// What runtimes of containers do: namespaces of its own, a volume at `/mnt`, and a small `/dev/shm`. With `users` also
/// a namespace of users, in which there is root only, who is this user outside; with `ro` the volume can't be written.
fn contain(volume: &str, options: &[&str]) -> nix::Result<()> {
    let (user, group, none) = (nix::unistd::getuid(), nix::unistd::getgid(), None::<&str>);
    let has_users = options.contains(&"users");
    let users = if has_users { CloneFlags::CLONE_NEWUSER } else { CloneFlags::empty() };
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC | users)?;
    if has_users {
        let write = |file: &str, text: String| {
            let path = format!("/proc/self/{file}");
            fs::write(path, text).map_err(|error| nix::Error::from_raw(error.raw_os_error().expect("the system's")))
        };
        write("setgroups", "deny".into())?;
        write("uid_map", format!("0 {user} 1"))?;
        write("gid_map", format!("0 {group} 1"))?;
    }
    mount(none, "/", none, MsFlags::MS_PRIVATE | MsFlags::MS_REC, none)?;
    mount(Some(volume), "/mnt", none, MsFlags::MS_BIND, none)?;
    if options.contains(&"ro") {
        mount(none, "/mnt", none, MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, none)?;
    }
    mount(Some("tmpfs"), "/dev/shm", Some("tmpfs"), MsFlags::empty(), Some("size=64k"))
}

/// Mounts a `/proc` of its own, which hides the processes of other users.
pub(crate) fn hide() -> nix::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_PRIVATE | MsFlags::MS_REC, none)?;
    mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), Some("hidepid=2"))
}

/// The mappings of files whose path contains this name: start and permissions.
pub(crate) fn maps(name: &str) -> Vec<(usize, String)> {
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
pub(crate) fn poke(name: &str) -> String {
    let (start, _) = maps(name)[0];
    let byte = std::ptr::with_exposed_provenance_mut::<u8>(start);
    // SAFETY: mapped, as the system has just said. If it is mapped read-only, the process is killed here, which is what
    // the test expects.
    unsafe { byte.write_volatile(0) };
    "written".into()
}

/// Takes over and drops the writer again, as fast as it can. Only the writer may have the file `flag`.
pub(crate) fn race(path: &Path, flag: &Path, rounds: u64) -> String {
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
pub(crate) fn race_open_or_create(path: &Path, flag: &Path, rounds: u64) -> String {
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
pub(crate) fn now() -> u128 {
    SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_nanos()
}
