//! [`directory`] opens the directory of a path, one name at a time, and follows no symbolic link that another user
//! could have made.
//!
//! | what has the next name | what is done |
//! |---|---|
//! | a directory | It is opened by the handle of the one before, so what was passed already can't be exchanged. |
//! | a link of root or of this process's user | Its names are next, from the root if it begins with a slash. |
//! | such a link in `/proc`, as `/proc/self/cwd` | The system follows it: it leads to what this process has open, and no text says where that is. |
//! | a link of another user | An error, [`Errno::LOOP`], as for a path with too many links. |
//!
//! A user who may rename directories can still put one in the place of another. `openat2` has no such rule: it follows
//! all links or none, and `/var/run` is one on most machines.

use std::ffi::{OsStr, OsString};
use std::io::Result;
use std::mem;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path};

use super::Handle;
use super::file::{Kind, status};
use super::process::effective_user;
use rustix::fs::{CWD, Mode, OFlags, fstatfs, openat, readlinkat};
use rustix::io::Errno;

/// The maximum number of links that Linux follows in one path.
const LINKS: u32 = 40;
/// The type that `fstatfs` reports for the file system of `/proc`: `PROC_SUPER_MAGIC`.
const PROC: u64 = 0x9fa0;

/// Opens a directory to find names in it.
pub(super) fn directory(path: &Path) -> Result<Handle> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let enter = |at: &Option<Handle>, name: &OsStr, flags: OFlags| {
        openat(at.as_ref().map_or(CWD, AsFd::as_fd), name, flags, Mode::empty())
    };
    let (mut at, mut left, mut links) = (None, names(path), 0);
    while let Some(name) = left.pop() {
        let next = enter(&at, &name, flags | OFlags::NOFOLLOW)?;
        let found = status(&next)?;
        if found.kind != Kind::Link {
            at = Some(next);
            continue;
        }
        links += 1;
        if links > LINKS || found.owner != 0 && found.owner != effective_user() {
            return Err(Errno::LOOP.into());
        }
        if is_in_proc(&next) {
            at = Some(enter(&at, &name, flags | OFlags::DIRECTORY)?);
            continue;
        }
        // Reads the same link whose owner was checked.
        let target = OsString::from_vec(readlinkat(&next, c"", Vec::new())?.into_bytes());
        left.extend(names(Path::new(&target)));
    }
    // Refuses a file that is not a directory.
    Ok(enter(&at, OsStr::from_bytes(b"."), flags | OFlags::DIRECTORY)?)
}

/// The names of a path, the last one first. The first name of an absolute path keeps its slash, because QEMU's
/// emulation of another processor (`-L`, `QEMU_LD_PREFIX`) shows other files in `/` alone than in `/dev`.
fn names(path: &Path) -> Vec<OsString> {
    let (mut names, mut slash) = (Vec::new(), "");
    for part in path.components() {
        match part {
            Component::RootDir => slash = "/",
            Component::Normal(_) | Component::ParentDir => {
                let mut name = OsString::from(mem::take(&mut slash));
                name.push(part);
                names.push(name);
            }
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    if !slash.is_empty() {
        names.push(slash.into());
    }
    names.reverse();
    names
}

fn is_in_proc(file: impl AsFd) -> bool {
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // a magic number, of another type from target to target
    fstatfs(file).is_ok_and(|system| system.f_type as u64 & 0xffff_ffff == PROC)
}

#[cfg(all(test, not(miri)))] // directories and links
mod tests {
    use super::*;
    use crate::path_for;
    use std::fs;
    use std::os::unix::fs::{lchown, symlink};

    /// The directories that the walk and the system find for a path.
    fn both(path: &Path) -> [std::result::Result<(u64, u64), Errno>; 2] {
        let by_system = openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty());
        let by_walk = directory(path).map_err(|error| Errno::from_io_error(&error).unwrap());
        [by_walk, by_system].map(|opened| opened.map(|directory| status(directory).unwrap().id))
    }

    #[test]
    fn a_walk_leads_where_the_system_does_but_by_links_of_others() {
        let root = path_for(&format!("walk-{}", std::process::id()));
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("file"), "").unwrap();
        let links = [
            ("to-a", "a"),
            ("to-b", "to-a/b"),
            ("up", "a/b/../.."),
            ("absolute", root.to_str().unwrap()),
            ("nowhere", "none"),
            ("round", "round"),
            ("to-file", "file"),
            ("cwd", "/proc/self/cwd"),
            ("slash", "/"),
        ];
        for (name, target) in links {
            symlink(target, root.join(name)).unwrap();
        }
        let paths =
            ["", "a", "a/b", "a/./b//", "a/b/..", "to-a", "to-a/", "to-a/b", "to-b", "to-b/..", "to-b/../b", "up/a"];
        let odd = [
            "absolute/a",
            "absolute/up/to-b",
            "nowhere",
            "none",
            "round",
            "file",
            "file/",
            "to-file",
            "to-file/..",
            "cwd",
            "slash",
        ];
        for path in paths.iter().chain(&odd).map(|path| root.join(path)) {
            let [by_walk, by_system] = both(&path);
            assert_eq!(by_walk, by_system, "{path:?}");
        }
        for path in
            ["/", ".", "..", "/..", "/proc/self/cwd", "/proc/thread-self/cwd/..", "/proc/self/root/dev", "/dev/fd"]
        {
            let [by_walk, by_system] = both(Path::new(path));
            // The number of a thread, or of a directory of descriptors, may differ each time.
            assert!(
                by_walk.is_ok() && (by_walk == by_system || path == "/dev/fd"),
                "{path:?}: {by_walk:?}, {by_system:?}"
            );
        }
        let open = fs::File::open(root.join("a")).unwrap();
        let by_descriptor = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&open));
        assert_eq!(both(Path::new(&by_descriptor))[0], Ok(status(&open).unwrap().id));
        // A link of another user at each position in the path. Its target can still be reached without the link.
        if lchown(root.join("to-a"), Some(4711), None).is_ok() {
            for path in ["to-a", "to-a/b", "to-b", "absolute/to-a/b"] {
                let [by_walk, by_system] = both(&root.join(path));
                assert!(by_walk == Err(Errno::LOOP) && by_system.is_ok(), "{path:?}: {by_walk:?}");
            }
            assert!(both(&root.join("a/b"))[0].is_ok());
        }
        fs::remove_dir_all(root).unwrap();
    }
}
