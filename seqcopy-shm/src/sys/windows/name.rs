//! A [`Name`] is a name of a file in an open directory. This file also finds out whether a path still leads to a file.
//!
//! The directory's handle does not share deletion, so no process renames or removes the directory as long as there is such
//! a name, nor a directory above it.
//!
//! A file that a process has mapped can be renamed, but not deleted. So the name is given up first, for one that
//! [`hidden`](crate::sys::hidden) makes, and then the file is deleted; if that is refused, the hidden name stays until
//! a later sweep. An exchange of two names has a moment at which the name leads nowhere:
//!
//! | step | what the name leads to |
//! |---|---|
//! | the old file gets a hidden name | nothing: [`Name::open`] finds the hidden name, and looks again |
//! | the new file gets the name | the new file |
//! | the old file is deleted, or keeps the hidden name while it is mapped | the new file |
//!
//! A process that dies after the first step leaves no file with the name. Its writer is gone then, and the next one
//! creates a region.

use core::mem::offset_of;
use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::call::{done, error as error_of, is, opened, wide};
use super::file::{Kind, SHARED, Status, status};
use super::user::Attributes;
use super::{AsHandle, Handle};
pub(crate) use crate::sys::names::{Exchanged, Links, directory_of, is_missing};
use crate::sys::{hidden, prefix};
use windows_sys::Win32::Foundation::{ERROR_CANT_ACCESS_FILE, GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateFileW, DELETE, FILE_ATTRIBUTE_TEMPORARY, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, FILE_RENAME_INFO, FILE_SHARE_READ, FILE_SHARE_WRITE,
    FileRenameInfo, MoveFileExW, READ_CONTROL, SetFileInformationByHandle, WRITE_DAC,
};

/// How long an exchange of two names may take before a missing name counts as missing.
const EXCHANGE: Duration = Duration::from_millis(100);

/// The directory of shared memory objects. They have no path here, and regions are files in the user's directory of
/// temporary files.
pub(crate) fn shared() -> PathBuf {
    std::env::temp_dir()
}

/// The directory that has one for each user.
pub(crate) fn of_users() -> PathBuf {
    std::env::temp_dir()
}

/// Resolves a path. A single name is one in [`shared`].
pub(crate) fn located(path: &Path) -> Cow<'_, Path> {
    let mut parts = path.components();
    let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
        && !path.as_os_str().encode_wide().any(|unit| unit == u16::from(b'/') || unit == u16::from(b'\\'));
    if is_name { shared().join(path).into() } else { path.into() }
}

/// The path to remember for a region, which stays valid when the process changes its directory.
pub(crate) fn kept(path: &Path) -> Option<PathBuf> {
    std::path::absolute(located(path)).ok()
}

/// Whether this is a regular file.
pub(crate) fn is_file(status: Result<Status>) -> bool {
    status.is_ok_and(|status| status.kind == Kind::File)
}

/// Whether a file has no name any more, or the path at which it was opened leads to another file or to none.
pub(crate) fn is_removed(file: impl AsHandle, path: Option<&Path>) -> bool {
    let Ok(here) = status(file) else { return false };
    let is_elsewhere = |path: &Path| match status_at(path, false) {
        Ok(there) => !there.is_same(&here),
        Err(error) => is_missing(&error),
    };
    here.names == 0 || path.is_some_and(is_elsewhere)
}

/// The system does not say.
#[allow(clippy::unnecessary_wraps)] // as on Unix
pub(crate) fn has_lost_name(_: &Handle) -> Result<bool> {
    Ok(false)
}

/// The status of what a path leads to, or of the link at the path.
pub(crate) fn status_at(path: &Path, is_link: bool) -> Result<Status> {
    let link = if is_link { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
    let look = FILE_READ_ATTRIBUTES | READ_CONTROL;
    status(&OpenOptions::new().access_mode(look).custom_flags(FILE_FLAG_BACKUP_SEMANTICS | link).open(path)?)
}

/// A name in a directory that stays the one that was opened.
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
        let path = std::path::absolute(located(path))?;
        let mut options = OpenOptions::new();
        options.access_mode(FILE_READ_ATTRIBUTES | READ_CONTROL).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
        let directory = options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(directory_of(&path))?;
        if status(&directory)?.kind == Kind::File {
            return Err(super::file::error(ErrorKind::NotADirectory));
        }
        let last = path.file_name().unwrap_or_default().to_owned();
        Ok(Name { directory: Arc::new(directory.into()), last, path })
    }

    /// Opens the directory of a path. All links are followed, as only administrators make them, unless the system was
    /// set up otherwise.
    ///
    /// # Errors
    /// The errors of [`from_path`](Self::from_path).
    pub(crate) fn guarded(path: &Path) -> Result<Name> {
        Self::from_path(path)
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
        self.last.as_encoded_bytes()
    }

    /// All names in the directory, in no particular order.
    pub(crate) fn all(&self) -> impl Iterator<Item = Name> {
        let entries = fs::read_dir(directory_of(&self.path)).into_iter().flatten().flatten();
        entries.map(|entry| self.beside(entry.file_name()))
    }

    /// The status of the file with this name. A symbolic link is not followed.
    pub(crate) fn lstat(&self) -> Result<Status> {
        status_at(&self.path, true)
    }

    /// The status of the file that the name leads to.
    pub(crate) fn stat(&self) -> Result<Status> {
        status_at(&self.path, false)
    }

    /// Whether the other name is in the same directory.
    pub(crate) fn is_beside(&self, other: &Name) -> bool {
        let [own, others] = [self, other].map(|name| status(&*name.directory));
        matches!((own, others), (Ok(own), Ok(others)) if own.is_same(&others))
    }

    /// Whether the file has exactly this name.
    pub(crate) fn is_of(&self, file: impl AsHandle) -> bool {
        matches!((self.lstat(), status(file)), (Ok(there), Ok(here)) if there.is_same(&here))
    }

    /// Whether the name leads to the file, perhaps through a symbolic link.
    pub(crate) fn leads_to(&self, file: impl AsHandle) -> bool {
        matches!((self.stat(), status(file)), (Ok(there), Ok(here)) if there.is_same(&here))
    }

    pub(crate) fn is_link(&self) -> bool {
        self.lstat().is_ok_and(|there| there.kind == Kind::Link)
    }

    /// Opens the file that the name leads to. In the middle of an exchange there may be no file: then it looks again.
    pub(crate) fn open(&self, writable: bool, links: Links) -> Result<Handle> {
        let (began, mut is_last) = (Instant::now(), false);
        loop {
            match self.open_once(writable, links) {
                Err(error) if is_missing(&error) && began.elapsed() < EXCHANGE && !is_last => {
                    if self.is_being_exchanged() {
                        sleep(Duration::from_millis(1));
                    } else {
                        // There was no exchange, or it has ended since the file was missing.
                        is_last = true;
                    }
                }
                opened => return opened,
            }
        }
    }

    fn open_once(&self, writable: bool, links: Links) -> Result<Handle> {
        let link = if links == Links::Refuse { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
        let access = if writable { GENERIC_READ | GENERIC_WRITE | WRITE_DAC } else { GENERIC_READ };
        // With this flag directories are opened, too, and refused later.
        let flags = FILE_FLAG_BACKUP_SEMANTICS | link;
        let file = OpenOptions::new().access_mode(access).share_mode(SHARED).custom_flags(flags).open(&self.path)?;
        if status(&file)?.kind == Kind::Link {
            return Err(error_of(ERROR_CANT_ACCESS_FILE));
        }
        Ok(file.into())
    }

    /// Whether the directory has a hidden name that belongs to this one.
    fn is_being_exchanged(&self) -> bool {
        let prefix = prefix(self);
        self.all().any(|name| name.as_bytes().starts_with(prefix.as_bytes()))
    }

    /// Creates a file with this name. Fails if the name is taken. The system keeps the file in memory, as long as there
    /// is enough.
    pub(crate) fn make(&self, mode: u32) -> Result<Handle> {
        let attributes = Attributes::of_mode(mode, false)?;
        let (path, given) = (wide(self.path.as_os_str()), attributes.get());
        let access = GENERIC_READ | GENERIC_WRITE | WRITE_DAC | DELETE;
        let kind = FILE_ATTRIBUTE_TEMPORARY;
        let none = core::ptr::null_mut();
        // SAFETY: a text with a zero at its end, and attributes that live (I4 private).
        opened(unsafe { CreateFileW(path.as_ptr(), access, SHARED, &raw const given, CREATE_NEW, kind, none) })
    }

    /// `None`: each file has a name.
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)] // as on Unix
    pub(crate) fn make_nameless(&self, _: u32) -> Result<Option<Handle>> {
        Ok(None)
    }

    /// Gives the name to an open file with another name, which loses that. Returns `false` if the name is taken.
    pub(crate) fn link(&self, file: &Handle, other: Option<&Name>) -> Result<bool> {
        if other.is_none() {
            return Err(ErrorKind::NotFound.into());
        }
        match self.give(file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the name up, if there is such a file, and deletes the file as soon as no process has it mapped: at once,
    /// or when its hidden name is swept.
    pub(crate) fn unlink(&self) -> Result<()> {
        let is_hidden = self.as_bytes().starts_with(b".seqcopy-");
        let aside = hidden(self);
        let left = if is_hidden { self } else { &aside };
        if !is_hidden {
            match self.rename(&aside) {
                Err(error) if is_missing(&error) => return Ok(()),
                result => result?,
            }
        }
        // Refused while the file is mapped.
        let _ = fs::remove_file(&left.path);
        Ok(())
    }

    /// Gives the name `at` to the file `new`, which has this name, if the file `old` has it, which loses it.
    #[allow(clippy::unused_self)] // as on Unix
    pub(crate) fn exchange(&self, at: &Name, new: &Handle, old: impl AsHandle) -> Result<Exchanged> {
        let (aside, old) = (hidden(at), status(old)?);
        match at.rename(&aside) {
            Err(error) if is_missing(&error) => return Ok(Exchanged::Not),
            result => result?,
        }
        if !aside.lstat().is_ok_and(|there| there.is_same(&old)) {
            return aside.rename(at).map(|()| Exchanged::Not);
        }
        match at.give(new) {
            Ok(()) => {
                let _ = aside.unlink();
                Ok(Exchanged::Over)
            }
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Exchanged::Not),
            Err(error) => aside.rename(at).and(Err(error)),
        }
    }

    /// Gives this name to an open file, which loses the one that it had. Fails if the name is taken. The handle must be
    /// from [`make`](Self::make).
    fn give(&self, file: &Handle) -> Result<()> {
        let name = wide(self.path.as_os_str());
        let start = offset_of!(FILE_RENAME_INFO, FileName);
        let len = start + size_of_val(&*name);
        // Words, so that it is aligned like the information, whose last field is longer than its type says.
        let mut space = vec![0u64; len.div_ceil(8)];
        let info = space.as_mut_ptr().cast::<FILE_RENAME_INFO>();
        let bytes = u32::try_from(size_of_val(&*name) - 2).map_err(|_| ErrorKind::InvalidInput)?;
        // SAFETY: inside of the space, which is aligned and has zeros: do not replace, and no directory (I4 private).
        unsafe { (*info).FileNameLength = bytes };
        // SAFETY: inside of the space (I4 private).
        let to = unsafe { &raw mut (*info).FileName };
        // SAFETY: the space has as many bytes from there on (I4 private).
        unsafe { name.as_ptr().copy_to_nonoverlapping(to.cast(), name.len()) };
        let len = u32::try_from(len).map_err(|_| ErrorKind::InvalidInput)?;
        // SAFETY: an open handle, and information of that size (I4 private).
        done(unsafe { SetFileInformationByHandle(file.as_raw_handle(), FileRenameInfo, info.cast(), len) })
    }

    /// Renames the file, which may be open and mapped. Fails if the other name is taken.
    fn rename(&self, other: &Name) -> Result<()> {
        let [from, to] = [self, other].map(|name| wide(name.path.as_os_str()));
        // SAFETY: two texts with a zero at their ends (I4 private).
        done(unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), 0) })
    }
}

/// Whether a file was not opened because its name belongs to a link.
pub(crate) fn is_refused_link(error: &Error) -> bool {
    is(error, ERROR_CANT_ACCESS_FILE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// An exchange may begin and end between two looks of an opener.
    #[test]
    fn a_file_is_found_beside_exchanges() {
        let directory = std::env::temp_dir().join(format!("seqcopy-exchanges-{}", std::process::id()));
        // What a process with the same id has left.
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir(&directory).unwrap();
        let name = Name::from_path(&directory.join("name")).unwrap();
        drop(name.make(0o600).unwrap());
        let ended = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for _ in 0..2000 {
                    let new = hidden(&name);
                    let (file, old) = (new.make(0o600).unwrap(), name.open(false, Links::Refuse).unwrap());
                    assert_eq!(new.exchange(&name, &file, &old).unwrap(), Exchanged::Over);
                }
                ended.store(true, Ordering::Relaxed);
            });
            while !ended.load(Ordering::Relaxed) {
                name.open(false, Links::Refuse).unwrap();
            }
        });
        fs::remove_dir_all(directory).unwrap();
    }
}
