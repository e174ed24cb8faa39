//! Regions of root in directories that another user may write, who exchanges names, links and directories as fast as possible: whatever root's
//! programs do there, nothing elsewhere is closed, written or removed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};
use seqcopy_shm::{ErrorKind, Options, Reader, Region, Writer};
use seqcopy_tests::faults::{Place, is_root};

const USER: u32 = 1234;
const FOLDER: &str = "SEQCOPY_HOSTILE_FOLDER";
const ELSEWHERE: &str = "SEQCOPY_HOSTILE_ELSEWHERE";

/// What the hostile user does, until it is killed.
#[test]
fn the_hostile_user() {
    let (Some(folder), Some(elsewhere)) = (std::env::var_os(FOLDER), std::env::var_os(ELSEWHERE)) else { return };
    setgroups(&[]).and_then(|()| setgid(Gid::from_raw(USER))).and_then(|()| setuid(Uid::from_raw(USER))).unwrap();
    let (folder, elsewhere) = (PathBuf::from(folder), PathBuf::from(elsewhere));
    let targets = ["other", "open", "closed", "other"].map(|name| elsewhere.join(name));
    let inner = folder.join("inner");
    let mut random = 1u64;
    for round in 0u64.. {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let choice = random >> 33;
        let target = &targets[usize::try_from(choice >> 8 & 3).unwrap()];
        let place = if choice & 0x1000 == 0 { &folder } else { &inner };
        let [region, aside, new] = ["region", "aside", &format!("new-{}", round % 4)].map(|name| place.join(name));
        // Most of these fail at one time or another.
        let _ = match choice & 15 {
            0..=2 => fs::remove_file(&region),
            3 => symlink(target, &region),
            4..=6 => symlink(target, &new).and_then(|()| fs::rename(&new, &region)),
            7 => fs::hard_link(target, &new).and_then(|()| fs::rename(&new, &region)),
            8 => fs::rename(&region, &aside),
            9 => fs::rename(&aside, &region),
            10 => fs::hard_link(&region, &new).and_then(|()| fs::remove_file(&new)),
            11 => fs::rename(&inner, folder.join("inner-aside")),
            12 => fs::rename(folder.join("inner-aside"), &inner),
            13 => symlink(&elsewhere, &inner).and_then(|()| fs::remove_file(&inner)),
            14 => fs::create_dir(&inner).and_then(|()| fs::set_permissions(&inner, Permissions::from_mode(0o777))),
            _ => fs::read_dir(place).map(|names| {
                for entry in names.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(".seqcopy"))
                {
                    // Its own in place of what a program has there for a moment.
                    let _ = fs::remove_file(entry.path()).and_then(|()| symlink(target, entry.path()));
                }
            }),
        };
    }
}

/// The hostile user's process.
struct Hostile(Child);

impl Hostile {
    fn start(folder: &Path, elsewhere: &Path) -> Hostile {
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new(exe);
        command.args(["--exact", "hostile_user::the_hostile_user", "-q"]).stdout(Stdio::null());
        Hostile(command.env(FOLDER, folder).env(ELSEWHERE, elsewhere).spawn().unwrap())
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is elsewhere: names and bytes. But for regions that were made there: the directory of a path is where the path leads when it is opened.
fn all(elsewhere: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let is_made = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name == "region" || name.starts_with(".seqcopy")
    };
    let paths = fs::read_dir(elsewhere).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> =
        paths.filter(|path| !is_made(path)).map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    all.sort();
    all
}

/// In a directory where only the owner of a file may rename it (sticky), and in one where each user may.
#[test]
fn nothing_elsewhere_is_closed_written_or_removed() {
    if !is_root() {
        seqcopy_tests::skipped("only root can start processes of other users");
        return;
    }
    let limit = Duration::from_millis(if seqcopy_tests::is_long() { 60_000 } else { 300 });
    for mode in [0o1777, 0o777] {
        let (place, own) = (Place::new(), Place::new());
        fs::set_permissions(place.path(), Permissions::from_mode(mode)).unwrap();
        fs::set_permissions(own.path(), Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(place.at("inner")).unwrap();
        chown(place.at("inner"), Some(USER), Some(USER)).unwrap();
        // Regions of another type than root's programs have: without a writer, writable by all so that links may be made of it, and closed.
        for name in ["other", "open"] {
            let mut writer = Writer::<[u8; 3]>::create(own.at(name)).unwrap();
            writer.write([1, 2, 3]).unwrap();
        }
        fs::set_permissions(own.at("open"), Permissions::from_mode(0o666)).unwrap();
        let writer = Writer::<[u8; 3]>::create(own.at("closing")).unwrap();
        fs::hard_link(own.at("closing"), own.at("closed")).unwrap();
        writer.close().unwrap();
        let before = all(own.path());
        let hostile = Hostile::start(place.path(), own.path());
        let began = Instant::now();
        let (mut opened, mut restored, mut slowest) = (0, 0, Duration::ZERO);
        let mut held: Option<Writer<u64>> = None;
        for round in 0u32.. {
            if began.elapsed() > limit {
                break;
            }
            let path = place.path().join(if round % 2 == 0 { "region" } else { "inner/region" });
            let call = Instant::now();
            match round % 5 {
                0..=2 => {
                    if let Ok(mut writer) = Options::new().replace_other_type(true).open_or_create::<u64>(&path) {
                        opened += 1;
                        let _ = writer.write(round.into());
                        if round % 3 == 0 {
                            let _ = writer.close();
                        } else if round % 3 == 1 {
                            held = Some(writer);
                        }
                    }
                }
                3 => {
                    restored +=
                        u32::from(held.as_mut().is_some_and(|writer| writer.restore_if_removed().unwrap_or(false)));
                }
                // Another type, which is replaced in its turn.
                _ => drop(Options::new().replace_other_type(true).open_or_create::<u32>(&path)),
            }
            slowest = slowest.max(call.elapsed());
        }
        drop((hostile, held));
        let after = all(own.path());
        let names = |all: &[(PathBuf, Vec<u8>)]| all.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
        assert_eq!(names(&after), names(&before), "mode {mode:o}");
        for ((path, before), (_, after)) in before.iter().zip(&after) {
            assert!(before == after, "mode {mode:o}: {} was written", path.display());
        }
        assert_eq!(Reader::<[u8; 3]>::open(own.at("other")).unwrap().read(), Ok([1, 2, 3]));
        println!("mode {mode:o}: opened {opened}, restored {restored}, the slowest call {slowest:?}");
        assert!(opened > 0, "mode {mode:o}");
    }
}

/// It is a region there as well, whichever user has made the other name; a moment's second name, of one that is being made, is waited for.
#[test]
fn a_region_with_another_name_is_neither_replaced_nor_enlarged() {
    let place = Place::new();
    let (path, other) = (place.at("region"), place.at("other"));
    let replace = || Options::new().replace_other_type(true).open_or_create::<u64>(&path);
    let enlarge = || Options::new().capacity(9).replace_smaller(true).open_or_create::<[u16]>(&path);
    drop(Options::new().capacity(2).create::<[u16]>(&path).unwrap());
    fs::hard_link(&path, &other).unwrap();
    let schema_and_buffers = || fs::read(&path).unwrap()[256..].to_vec();
    let before = schema_and_buffers();
    for error in [replace().unwrap_err(), enlarge().unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::HardLinks) && error.path() == Some(&path), "{error}");
    }
    // As it is, it can be taken over: nothing elsewhere is closed by that.
    assert!(Options::new().capacity(2).replace_smaller(true).open_or_create::<[u16]>(&path).is_ok());
    assert!(schema_and_buffers() == before && !Region::open(&other).unwrap().is_closed());
    assert_eq!(place.names(), ["other", "region"]);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(5));
            fs::remove_file(&other).unwrap();
        });
        let began = Instant::now();
        let enlarged = enlarge().or_else(|_| {
            // This machine was busy.
            assert!(began.elapsed() > Duration::from_millis(5));
            thread::sleep(Duration::from_millis(100));
            enlarge()
        });
        assert_eq!(enlarged.unwrap().capacity(), 9);
    });
    assert!(replace().unwrap().was_created());
}
