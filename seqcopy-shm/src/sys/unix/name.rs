//! A [`Name`] is a name of a file in an open directory, which stays the same directory even if it is renamed. This file
//! also finds out whether a path still leads to a file.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{io, io::ErrorKind, io::Result};

use super::Handle;
use super::file::{DESCRIPTORS, Kind, Status, permissions, status};
pub(crate) use crate::sys::names::{Exchanged, Links, directory_of, is_missing};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat, statat, unlinkat};
use rustix::io::Errno;

/// The directory of shared memory objects. On systems other than Linux, these have no path, and regions are files in
/// the temporary directory.
pub(crate) fn shared() -> PathBuf {
    if cfg!(target_os = "linux") { PathBuf::from("/dev/shm") } else { std::env::temp_dir() }
}

/// The directory that has one for each user who is logged in.
pub(crate) fn of_users() -> PathBuf {
    PathBuf::from("/run/user")
}

/// The status of what a path leads to, or of the link at the path.
pub(crate) fn status_at(path: &Path, is_link: bool) -> Result<Status> {
    let stat = if is_link { rustix::fs::lstat(path) } else { rustix::fs::stat(path) };
    Ok(Status::from_stat(&stat?))
}

/// Resolves a path. A name without a slash is a shared memory object, as for `shm_open`.
pub(crate) fn located(path: &Path) -> Cow<'_, Path> {
    let is_name = !path.as_os_str().is_empty() && !path.as_os_str().as_bytes().contains(&b'/');
    if is_name { shared().join(path).into() } else { path.into() }
}

/// The path to remember for a region. It stays valid when the process changes its directory, even if it was given as
/// `/proc/self/cwd/region`. `None` for the path of a descriptor, such as `/proc/self/fd/3`, which leads to another file
/// after that descriptor is closed.
pub(crate) fn kept(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(located(path)).ok()?;
    let is_of_a_process = |path: &Path| ["/proc", "/dev/fd"].iter().any(|descriptors| path.starts_with(descriptors));
    if !is_of_a_process(&path) {
        return Some(path);
    }
    let path = path.parent()?.canonicalize().ok()?.join(path.file_name()?);
    (!is_of_a_process(&path)).then_some(path)
}

/// Whether this is a regular file. Callers ask `stat` before they open a name, because opening a device or a pipe has
/// effects.
pub(crate) fn is_file(status: Result<Status>) -> bool {
    status.is_ok_and(|status| status.kind == Kind::File)
}

/// Whether a file has no name any more, or the path at which it was opened leads to another file or to none.
pub(crate) fn is_removed(file: impl AsFd, path: Option<&Path>) -> bool {
    let Ok(here) = status(file) else { return false };
    let is_elsewhere = |path: &Path| match status_at(path, false) {
        Ok(there) => !there.is_same(&here),
        Err(error) => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    };
    here.names == 0 || path.is_some_and(is_elsewhere)
}

/// Whether the name at which a file was opened is gone, even if the file has got the same name again. The system
/// remembers the name with the descriptor. If the file has exactly one name and has not lost the old one, that is the
/// old one.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn has_lost_name(file: &Handle) -> Result<bool> {
    let name = rustix::fs::readlinkat(CWD, format!("{DESCRIPTORS}/{}", file.as_raw_fd()), Vec::new())?;
    // A name that really ends in this way is taken for one that is gone.
    Ok(name.as_bytes().ends_with(b" (deleted)"))
}

/// Other systems do not say.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[allow(clippy::unnecessary_wraps)] // as there
pub(crate) fn has_lost_name(_: &Handle) -> Result<bool> {
    Ok(false)
}

/// A name in a directory. The directory is opened once, so another user who may rename it, or one of its parents, can't
/// make later calls use another directory.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    directory: Arc<Handle>,
    last: OsString,
    path: PathBuf,
}

impl Name {
    /// Opens the directory of a path.
    ///
    /// # Errors
    /// If the system can't open it.
    pub(crate) fn from_path(path: &Path) -> Result<Name> {
        // Also a directory that this user may only search, if the system supports that.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let flags = OFlags::PATH;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let flags = OFlags::RDONLY;
        let flags = flags | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let path = &*located(path);
        Ok(Self::within(openat(CWD, directory_of(path), flags, Mode::empty())?, path))
    }

    /// Opens the directory of a path, without following links that a user other than root or this process's user could
    /// have made. Systems other than Linux follow all links.
    ///
    /// # Errors
    /// If the system can't open it, or for such a link: [`is_refused_link`].
    pub(crate) fn guarded(path: &Path) -> Result<Name> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return super::walk::directory(directory_of(&located(path)))
            .map(|directory| Self::within(directory, &located(path)));
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return Self::from_path(path);
    }

    /// The last name of a path whose directory is open.
    fn within(directory: Handle, path: &Path) -> Name {
        let mut last = path.components().next_back().map(|part| part.as_os_str().to_owned()).unwrap_or_default();
        // With a slash at its end, a name finds only a directory. The root has the slash already.
        if path.as_os_str().as_bytes().ends_with(b"/") && last != "/" {
            last.push("/");
        }
        Name { directory: Arc::new(directory), last, path: path.to_owned() }
    }

    /// Another name in the same directory.
    pub(crate) fn beside(&self, last: OsString) -> Name {
        let path = directory_of(&self.path).join(&last);
        Name { directory: self.directory.clone(), last, path }
    }

    /// The path, for messages, and to find the file again later.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.last.as_bytes()
    }

    /// All names in the directory, in no particular order.
    pub(crate) fn all(&self) -> impl Iterator<Item = Name> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let open = || rustix::fs::Dir::new(openat(&*self.directory, c".", flags, Mode::empty())?);
        let entries = open().into_iter().flatten().flatten();
        entries.map(|entry| self.beside(OsStr::from_bytes(entry.file_name().to_bytes()).to_owned()))
    }

    /// The status of the file with this name. A symbolic link is not followed.
    pub(crate) fn lstat(&self) -> Result<Status> {
        Ok(Status::from_stat(&statat(&*self.directory, &*self.last, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// The status of the file that the name leads to.
    pub(crate) fn stat(&self) -> Result<Status> {
        Ok(Status::from_stat(&statat(&*self.directory, &*self.last, AtFlags::empty())?))
    }

    /// Whether both names are in the same directory. The system can't give the directory's number to another one while
    /// it is open.
    pub(crate) fn is_beside(&self, other: &Name) -> bool {
        let [own, others] = [self, other].map(|name| status(&*name.directory));
        matches!((own, others), (Ok(own), Ok(others)) if own.is_same(&others))
    }

    /// Whether the file has exactly this name.
    pub(crate) fn is_of(&self, file: impl AsFd) -> bool {
        matches!((self.lstat(), status(file)), (Ok(there), Ok(here)) if there.is_same(&here))
    }

    /// Whether the name leads to the file, perhaps through a symbolic link.
    pub(crate) fn leads_to(&self, file: impl AsFd) -> bool {
        matches!((self.stat(), status(file)), (Ok(there), Ok(here)) if there.is_same(&here))
    }

    pub(crate) fn is_link(&self) -> bool {
        self.lstat().is_ok_and(|there| there.kind == Kind::Link)
    }

    /// Opens the file that the name leads to. If the system can examine a pipe or a device without opening it, the
    /// handle says what it is and can be neither read nor written. Otherwise the call does not block on a pipe, and
    /// acquires no controlling terminal.
    pub(crate) fn open(&self, writable: bool, links: Links) -> Result<Handle> {
        let follow = if links == Links::Refuse { OFlags::NOFOLLOW } else { OFlags::empty() };
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let flags = flags | if writable { OFlags::RDWR } else { OFlags::RDONLY };
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let seen = openat(&*self.directory, &*self.last, OFlags::PATH | OFlags::CLOEXEC | follow, Mode::empty())?;
            match status(&seen)?.kind {
                Kind::File => {}
                Kind::Link => return Err(Errno::LOOP.into()),
                Kind::Directory if writable => return Err(Errno::ISDIR.into()),
                Kind::Directory | Kind::Other => return Ok(seen),
            }
            let seen = format!("{DESCRIPTORS}/{}", seen.as_raw_fd());
            match rustix::io::retry_on_intr(|| openat(CWD, &*seen, flags, Mode::empty())) {
                // There is no `/proc`, so the file that has the name now is opened.
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                opened => return Ok(opened?),
            }
        }
        Ok(rustix::io::retry_on_intr(|| openat(&*self.directory, &*self.last, flags | follow, Mode::empty()))?)
    }

    /// Creates a file with this name. Fails if the name is taken.
    pub(crate) fn make(&self, mode: u32) -> Result<Handle> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        Ok(openat(&*self.directory, &*self.last, flags, permissions(mode))?)
    }

    /// Creates a file without a name in the directory. `None` if the file system or the operating system does not
    /// support that.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn make_nameless(&self, mode: u32) -> Result<Option<Handle>> {
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        match openat(&*self.directory, c".", flags, permissions(mode)) {
            Ok(file) => Ok(Some(file)),
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)] // as there
    pub(crate) fn make_nameless(&self, _: u32) -> Result<Option<Handle>> {
        Ok(None)
    }

    /// Gives the name to an open file, or to a file with another name. Returns `false` if the name is taken.
    pub(crate) fn link(&self, file: &Handle, other: Option<&Name>) -> Result<bool> {
        let linked = if let Some(other) = other {
            // Links the file with that name, and not the target of a link there.
            linkat(&*other.directory, &*other.last, &*self.directory, &*self.last, AtFlags::empty())
        } else {
            let descriptor = format!("{DESCRIPTORS}/{}", file.as_raw_fd());
            linkat(CWD, descriptor, &*self.directory, &*self.last, AtFlags::SYMLINK_FOLLOW)
        };
        match linked {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the name, if there is such a file.
    pub(crate) fn unlink(&self) -> Result<()> {
        match unlinkat(&*self.directory, &*self.last, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Exchanges the file `new` with this name and the file `old` at another name. If the system can't exchange names, `old`
    /// has no name afterwards.
    pub(crate) fn exchange(&self, at: &Name, _new: &Handle, old: impl AsFd) -> Result<Exchanged> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            let flags = rustix::fs::RenameFlags::EXCHANGE;
            let exchange =
                || rustix::fs::renameat_with(&*self.directory, &*self.last, &*at.directory, &*at.last, flags);
            match exchange() {
                Ok(()) if self.is_of(old) => return Ok(Exchanged::Both),
                Ok(()) => return exchange().map(|()| Exchanged::Not).map_err(io::Error::from),
                Err(Errno::NOENT) => return Ok(Exchanged::Not),
                Err(Errno::INVAL | Errno::NOSYS) => {}
                #[cfg(target_vendor = "apple")]
                Err(Errno::NOTSUP) => {}
                Err(error) => return Err(error.into()),
            }
        }
        #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
        let _ = old;
        self.rename(at)?;
        Ok(Exchanged::Over)
    }

    /// Renames the file. If the other name is taken, the file there loses it.
    fn rename(&self, other: &Name) -> Result<()> {
        Ok(rustix::fs::renameat(&*self.directory, &*self.last, &*other.directory, &*other.last)?)
    }
}

/// Whether a file was not opened because its name belongs to a link. The systems have different errors for that.
pub(crate) fn is_refused_link(error: &io::Error) -> bool {
    Errno::from_io_error(error).is_some_and(|error| [Errno::LOOP, Errno::MLINK].contains(&error))
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests {
    use super::*;
    use crate::path_for;
    use std::fs;

    /// Directories `here` and `elsewhere`, each with a file with this text, and a name in the first one.
    fn two(test: &str) -> (PathBuf, Name) {
        let root = path_for(&format!("location-{test}-{}", std::process::id()));
        for directory in ["here", "elsewhere"] {
            fs::create_dir_all(root.join(directory)).unwrap();
            fs::write(root.join(directory).join("file"), directory).unwrap();
        }
        let name = Name::from_path(&root.join("here/file")).unwrap();
        (root, name)
    }

    fn text(file: Handle) -> String {
        std::io::read_to_string(fs::File::from(file)).unwrap()
    }

    /// Every operation on a name, after another user has replaced its directory with a link to `elsewhere`.
    #[test]
    fn a_directory_that_is_exchanged_leads_no_name_elsewhere() {
        let (root, name) = two("exchanged");
        fs::rename(root.join("here"), root.join("moved")).unwrap();
        std::os::unix::fs::symlink(root.join("elsewhere"), root.join("here")).unwrap();
        let file = name.open(true, Links::Follow).unwrap();
        assert!(name.is_of(&file) && name.leads_to(&file) && is_file(name.lstat()) && !name.is_link());
        assert_eq!((text(file), name.all().filter(|name| name.as_bytes() == b"file").count()), ("here".to_owned(), 1));
        let (other, third) = (name.beside("other".into()), name.beside("third".into()));
        fs::write(root.join("moved/other"), "other").unwrap();
        let other_file = other.open(false, Links::Follow).unwrap();
        assert_eq!(
            name.exchange(&other, &name.open(true, Links::Follow).unwrap(), &other_file).unwrap(),
            Exchanged::Both
        );
        let file = name.open(false, Links::Follow).unwrap();
        assert!(third.link(&file, None).unwrap());
        assert_eq!(text(file), "other");
        assert!(!third.link(&name.open(false, Links::Follow).unwrap(), Some(&other)).unwrap());
        third.rename(&other).unwrap();
        text(name.make_nameless(0o400).unwrap().unwrap());
        name.unlink().and_then(|()| name.unlink()).unwrap();
        assert!(is_missing(&name.lstat().unwrap_err()) && is_missing(&third.stat().unwrap_err()));
        let names = |directory: &str| {
            let entries = fs::read_dir(root.join(directory)).unwrap();
            entries.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
        };
        assert_eq!((names("moved"), names("elsewhere")), (vec!["other".into()], vec![OsString::from("file")]));
        assert_eq!(fs::read_to_string(root.join("elsewhere/file")).unwrap(), "elsewhere");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_link_to_a_file_is_not_that_file() {
        let (root, name) = two("link");
        let file = name.open(true, Links::Follow).unwrap();
        let link = name.beside("link".into());
        std::os::unix::fs::symlink(root.join("here/file"), link.path()).unwrap();
        assert!(link.is_link() && link.leads_to(&file) && !link.is_of(&file) && !is_file(link.lstat()));
        // A second name of the link, and not of its target.
        let second = name.beside("second".into());
        second.link(&file, Some(&link)).unwrap();
        assert!(second.is_link());
        fs::remove_dir_all(root).unwrap();
    }

    /// A second name that another user removes and makes again must not be taken for the first one.
    #[test]
    fn a_name_that_is_made_again_is_another() {
        let (root, name) = two("again");
        let second = name.beside("second".into());
        let file = name.open(true, Links::Follow).unwrap();
        second.link(&file, Some(&name)).unwrap();
        let by_second = second.open(true, Links::Follow).unwrap();
        let lost = || [&file, &by_second].map(|file| has_lost_name(file).unwrap());
        assert_eq!(lost(), [false, false]);
        second.unlink().unwrap();
        assert_eq!(lost(), [false, true]);
        second.link(&file, Some(&name)).unwrap();
        assert!(second.is_of(&by_second) && lost() == [false, true]);
        // A name that was exchanged with another one is not gone.
        name.rename(&name.beside("third".into())).unwrap();
        assert_eq!(lost(), [false, true]);
        fs::remove_dir_all(root).unwrap();
    }

    /// Unusual paths find the same file as the system does.
    #[test]
    fn odd_paths_lead_where_they_did() {
        let (root, _) = two("odd");
        for path in ["", "/", ".", "..", "here", "here/", "here/.", "here/..", "here/file/", "here/none", "none/file"] {
            let path = if path.is_empty() { PathBuf::new() } else { root.join(path) };
            let by_path = openat(CWD, &path, OFlags::RDWR, Mode::empty()).map(drop);
            let by_name = Name::from_path(&path).and_then(|name| name.open(true, Links::Follow).map(drop));
            assert_eq!(by_name.map_err(|error| Errno::from_io_error(&error).unwrap()), by_path, "{path:?}");
        }
        fs::remove_dir_all(root).unwrap();
    }
}
