//! Regions of root in directories that two other users may write, who exchange names, links and directories as fast as
//! possible: whatever root's programs do there, nothing elsewhere is made, given away, closed, written or removed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
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
/// The number of the hostile user.
const WHO: &str = "SEQCOPY_HOSTILE_USER";

/// What the hostile user does, until it is killed.
#[test]
fn the_hostile_user() {
    let (Some(folder), Some(elsewhere)) = (std::env::var_os(FOLDER), std::env::var_os(ELSEWHERE)) else { return };
    let user: u32 = std::env::var(WHO).unwrap().parse().unwrap();
    setgroups(&[]).and_then(|()| setgid(Gid::from_raw(user))).and_then(|()| setuid(Uid::from_raw(user))).unwrap();
    let (folder, elsewhere) = (PathBuf::from(folder), PathBuf::from(elsewhere));
    let targets = ["other", "open", "closed", "other"].map(|name| elsewhere.join(name));
    let inner = folder.join("inner");
    let mut random = u64::from(user);
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
            11 if choice & 0x2000 == 0 => fs::remove_file(&inner),
            11 => fs::rename(&inner, folder.join("inner-aside")),
            12 => fs::rename(folder.join("inner-aside"), &inner),
            // For a while, or for a moment.
            13 if choice & 0x2000 == 0 => symlink(&elsewhere, &inner),
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
    fn start(user: u32, folder: &Path, elsewhere: &Path) -> Hostile {
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new(exe);
        command.args(["--exact", "hostile_user::the_hostile_user", "-q"]).stdout(Stdio::null());
        Hostile(command.env(FOLDER, folder).env(ELSEWHERE, elsewhere).env(WHO, user.to_string()).spawn().unwrap())
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is elsewhere: names, owners and bytes.
fn all(elsewhere: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let paths = fs::read_dir(elsewhere).unwrap().map(|entry| entry.unwrap().path());
    let owner = |path: &Path| fs::metadata(path).unwrap().uid();
    let mut all: Vec<_> = paths.map(|path| (path.clone(), owner(&path), fs::read(&path).unwrap())).collect();
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
        // Regions of another type than root's programs have: without a writer, writable by all so that links may be
        // made of it, and closed.
        for name in ["other", "open"] {
            let mut writer = Writer::<[u8; 3]>::create(own.at(name)).unwrap();
            writer.write([1, 2, 3]).unwrap();
        }
        fs::set_permissions(own.at("open"), Permissions::from_mode(0o666)).unwrap();
        let writer = Writer::<[u8; 3]>::create(own.at("closing")).unwrap();
        fs::hard_link(own.at("closing"), own.at("closed")).unwrap();
        writer.close().unwrap();
        let before = all(own.path());
        let hostile = [USER, USER + 1].map(|user| Hostile::start(user, place.path(), own.path()));
        let began = Instant::now();
        let (mut opened, mut restored, mut slowest) = (0, 0, Duration::ZERO);
        let mut held: Option<Writer<u64>> = None;
        for round in 0u32.. {
            if began.elapsed() > limit {
                break;
            }
            let path = place.path().join(if round % 2 == 0 { "region" } else { "inner/region" });
            let call = Instant::now();
            let mut options = Options::new().replace_other_type(true);
            if round % 7 < 3 {
                options = options.require_owner(seqcopy_shm::Uid::ROOT);
            }
            match round % 5 {
                0..=2 => {
                    if let Ok(mut writer) = options.open_or_create::<u64>(&path) {
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
                _ => drop(options.open_or_create::<u32>(&path)),
            }
            slowest = slowest.max(call.elapsed());
        }
        drop((hostile, held));
        let after = all(own.path());
        let names = |all: &[(PathBuf, u32, Vec<u8>)]| {
            all.iter().map(|(path, owner, _)| (path.clone(), *owner)).collect::<Vec<_>>()
        };
        assert_eq!(names(&after), names(&before), "mode {mode:o}");
        for ((path, _, before), (_, _, after)) in before.iter().zip(&after) {
            assert!(before == after, "mode {mode:o}: {} was written", path.display());
        }
        assert_eq!(Reader::<[u8; 3]>::open(own.at("other")).unwrap().read(), Ok([1, 2, 3]));
        println!("mode {mode:o}: opened {opened}, restored {restored}, the slowest call {slowest:?}");
        assert!(opened > 0, "mode {mode:o}");
    }
}

/// What it is called, whether it replaces something, and the call.
type Call = (&'static str, bool, fn(&Options, &Path) -> Result<(), seqcopy_shm::Error>);

/// A directory of the path is a link to one elsewhere: of root, which is followed, or of another user, which is not
/// where an owner is required, or where something is replaced, enlarged or put back. What only opens or creates trusts
/// the directories of its path, as the guide says.
#[test]
fn a_link_of_another_user_leads_nothing_elsewhere() {
    if !is_root() {
        seqcopy_tests::skipped("only root can make files of other users");
        return;
    }
    let (place, own) = (Place::new(), Place::new());
    let calls: [Call; 10] = [
        ("create", false, |of, path| of.create::<u64>(path.with_file_name("new")).map(drop)),
        ("open_or_create", false, |of, path| of.open_or_create::<[u8; 3]>(path).map(drop)),
        ("open_or_create, new", false, |of, path| of.open_or_create::<u64>(path.with_file_name("new")).map(drop)),
        ("take_over", false, |of, path| of.take_over::<[u8; 3]>(path).map(drop)),
        ("open", false, |of, path| of.open::<[u8; 3]>(path).map(drop)),
        ("open_file", false, |of, path| of.open_file::<[u8; 3]>(path).map(drop)),
        ("replace", true, |of, path| of.clone().replace_other_type(true).open_or_create::<u64>(path).map(drop)),
        ("replace a map", true, |of, path| {
            of.clone().replace_other_type(true).open_or_create_map::<u8, u64>(path, 4).map(drop)
        }),
        ("enlarge", true, |of, path| {
            let larger = of.clone().capacity(9).replace_smaller(true);
            larger.open_or_create::<[u16]>(path.with_file_name("slice")).map(drop)
        }),
        ("enlarge a map", true, |of, path| {
            of.clone().replace_smaller(true).open_or_create_map::<u8, u8>(path.with_file_name("map"), 99).map(drop)
        }),
    ];
    for (name, replaces, call) in calls {
        for (owner, requires) in [(0, false), (0, true), (USER, false), (USER, true)] {
            let elsewhere = own.at("elsewhere");
            fs::create_dir(&elsewhere).unwrap();
            Writer::<[u8; 3]>::create(elsewhere.join("region")).unwrap().write([1, 2, 3]).unwrap();
            drop(Options::new().capacity(2).create::<[u16]>(elsewhere.join("slice")).unwrap());
            drop(Options::new().create_map::<u8, u8>(elsewhere.join("map"), 4).unwrap());
            let before = all(&elsewhere);
            symlink(&elsewhere, place.at("inner")).unwrap();
            lchown(place.at("inner"), Some(owner), None).unwrap();
            let options = if requires { Options::new().require_owner(seqcopy_shm::Uid::ROOT) } else { Options::new() };
            // What is made new has no owner yet that could be required.
            let refuses = owner == USER && (replaces || requires && name != "create");
            let result = call(&options, &place.at("inner/region"));
            let what = format!("{name}, a link of {owner}, require_owner {requires}: {result:?}");
            if refuses {
                let error = result.unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::SymbolicLink), "{what}");
                assert!(all(&elsewhere) == before, "{what}");
            } else {
                result.expect(&what);
            }
            fs::remove_file(place.at("inner")).unwrap();
            fs::remove_dir_all(&elsewhere).unwrap();
        }
    }
}

/// Another user owns the directory and the region that root writes, removes it, and puts another directory in the place
/// of its own: by a link, and, where it may, by a name.
#[test]
fn what_is_put_back_in_another_directory_is_given_to_no_user() {
    if !is_root() {
        seqcopy_tests::skipped("only root can make files of other users");
        return;
    }
    let place = Place::new();
    let path = place.at("theirs/region");
    for (is_link, owner) in [(true, USER), (false, USER), (false, 0), (true, 0)] {
        for directory in ["theirs", "elsewhere"] {
            fs::create_dir(place.at(directory)).unwrap();
        }
        chown(place.at("theirs"), Some(USER), Some(USER)).unwrap();
        let mut writer = Writer::<u64>::create(&path).unwrap();
        writer.write(5).unwrap();
        chown(&path, Some(owner), Some(owner)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o606)).unwrap();
        fs::remove_file(&path).unwrap();
        fs::rename(place.at("theirs"), place.at("away")).unwrap();
        if is_link {
            symlink("elsewhere", place.at("theirs")).unwrap();
            lchown(place.at("theirs"), Some(USER), Some(USER)).unwrap();
        } else {
            fs::rename(place.at("elsewhere"), place.at("theirs")).unwrap();
        }
        let restored = writer.restore_if_removed();
        let made = if is_link { place.at("elsewhere/region") } else { path.clone() };
        if is_link || owner == USER {
            let error = restored.unwrap_err();
            let is_it = |said: &str| error.to_string().contains(said);
            assert!(
                if is_link { is_it("is a symbolic link") } else { is_it("its directory is another one by now") },
                "{error}"
            );
            assert!(!made.exists(), "{is_link}, {owner}");
            // In its own directory it still can be.
            let now = if is_link { fs::remove_file(place.at("theirs")) } else { fs::remove_dir(place.at("theirs")) };
            now.and_then(|()| fs::rename(place.at("away"), place.at("theirs"))).unwrap();
            assert!(writer.restore_if_removed().unwrap());
            let there = fs::metadata(&path).unwrap();
            assert_eq!((there.uid(), there.gid(), there.mode() & 0o7777), (owner, owner, 0o606));
        } else {
            // One's own is.
            assert!(restored.unwrap());
            let there = fs::metadata(&path).unwrap();
            assert_eq!((there.uid(), there.mode() & 0o7777), (0, 0o606));
        }
        assert_eq!(Reader::<u64>::open(&path).unwrap().read(), Ok(5));
        writer.close().unwrap();
        assert!(!path.exists());
        for directory in ["theirs", "elsewhere", "away"] {
            let _ = fs::remove_dir(place.at(directory));
        }
    }
}

/// It is a region there as well, whichever user has made the other name; a moment's second name, of one that is being
/// made, is waited for.
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
