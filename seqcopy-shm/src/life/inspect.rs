//! Checks before a file is mapped. [`OpenPolicy`] opens a file that another process may have put there, and
//! [`Inspected`] is its header, schema and state, read with system calls and checked.
//!
//! Until then nothing is mapped. Whatever other processes do to the file meanwhile, the worst that can happen is an
//! error.

use std::io::{Error as IoError, ErrorKind as IoKind, Result as IoResult};
use std::mem::MaybeUninit;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, LENGTH, OPENING, Uid, io, mismatch};
use crate::mapping::{HEADER_BYTES, Header, LEAST, RawHeader, State};
use crate::schema::Schema;
use crate::sys::file::{Kind, first_hole, is_in_huge_pages, read_at, read_at_into, status};
use crate::sys::name::{Links, Name, has_lost_name, is_refused_link};
use crate::sys::{AsHandle, Handle, file as files};

/// The requirements for a file that is opened at its path, and the mark that a writer records about its program.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenPolicy {
    /// The required owner. Files of root are accepted, too. No other user may have write permission.
    pub(crate) owner: Option<Uid>,
    /// Whether the file must have exactly this name. A file that is to be closed or replaced must not be a region at
    /// another path, too.
    is_by_name: bool,
    /// See [`Options::mark`](crate::Options::mark).
    pub(crate) mark: u64,
    /// See [`Options::wait_for_region`](crate::Options::wait_for_region).
    pub(crate) time_limit: Duration,
}

/// Write permission for users other than the owner. Access control lists appear in the permissions of the group.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// A file that is being created may have a second name for this long.
const CREATION: Duration = Duration::from_millis(20);

/// How long a reader sleeps before it looks again for a missing region.
const LOOK: Duration = Duration::from_millis(5);

impl OpenPolicy {
    /// The same policy for a file with one name, which is not reached through a symbolic link.
    pub(crate) fn by_name(self) -> Self {
        OpenPolicy { is_by_name: true, ..self }
    }

    /// Whether another user's link could lead to a different region. This matters for a region with a required owner,
    /// and for one that will be closed.
    fn refuses_links(self) -> bool {
        self.owner.is_some() || self.is_by_name
    }

    /// Opens the directory of a path. An error says which call was made. If a link could lead to a different region,
    /// links that another user could have made are not followed.
    pub(crate) fn name(self, path: &Path, call: &'static str) -> Result<Name, Error> {
        let name = if self.refuses_links() { Name::guarded(path) } else { Name::from_path(path) };
        name.map_err(|error| {
            if self.refuses_links() && is_refused_link(&error) {
                ErrorKind::SymbolicLink.into()
            } else {
                io(call)(error)
            }
        })
    }

    /// Calls `open`, which opens a region. If there is no file yet, or only a closed region, tries again until the time
    /// limit is over.
    pub(crate) fn wait_for_region<R>(self, open: impl Fn() -> Result<R, Error>) -> Result<R, Error> {
        let began = Instant::now();
        loop {
            let result = open();
            let left = self.time_limit.saturating_sub(began.elapsed());
            match result {
                Err(error) if error.may_be_there_later() && !left.is_zero() => sleep(left.min(LOOK)),
                result => return result,
            }
        }
    }

    /// Opens a file. All checks use the descriptor, so they apply to the file that was opened.
    pub(crate) fn open(self, name: &Name, writable: bool) -> Result<Handle, Error> {
        let links = if self.refuses_links() { Links::Refuse } else { Links::Follow };
        match name.open(writable, links) {
            Ok(file) => self.wait(&file).map(|()| file),
            Err(error) if self.refuses_links() && is_refused_link(&error) => Err(ErrorKind::SymbolicLink.into()),
            Err(error) => Err(io(OPENING)(error)),
        }
    }

    /// Whether a file satisfies this policy. A file with two names gets the time that `NewRegion::link` needs to remove
    /// one. With `is_by_name`, a file that no longer has the name was not found, because it may have another name now.
    pub(crate) fn wait(self, file: &Handle) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            match self.check_policy(file) {
                Err(error) if matches!(error.kind(), ErrorKind::HardLinks) && began.elapsed() < CREATION => {
                    sleep(Duration::from_millis(1));
                }
                Ok(()) if self.is_by_name && has_lost_name(file).map_err(io("look for its name"))? => {
                    return Err(io(OPENING)(files::error(std::io::ErrorKind::NotFound)));
                }
                result => return result,
            }
        }
    }

    /// Whether a file satisfies this policy.
    pub(crate) fn check_policy(self, file: &Handle) -> Result<(), Error> {
        if !self.refuses_links() {
            return Ok(());
        }
        let status = files::status(file).map_err(io("query its status"))?;
        if let Some(required) = self.owner {
            let found = Uid::of(status.owner);
            if found != required && found != Uid::ROOT {
                return Err(ErrorKind::Owner { found, required }.into());
            }
            if status.mode & WRITABLE_BY_OTHERS != 0 {
                return Err(ErrorKind::Permissions { mode: status.mode }.into());
            }
        }
        // Another user may have made the other name, or the symbolic link.
        if status.names > 1 {
            return Err(ErrorKind::HardLinks.into());
        }
        Ok(())
    }
}

/// A region that passed every check that can be made without its values.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// A private copy of the header. Later changes of the original have no effect.
    pub(crate) header: Header,
    pub(crate) schema: Schema,
    /// Whether the region was closed when it was inspected.
    pub(crate) is_closed: bool,
    pub(crate) uid: Uid,
}

impl Inspected {
    /// Inspects a file before it is mapped or read. Refuses regions with other formats than these.
    pub(crate) fn from_file(file: &Handle, formats: &'static [u32]) -> Result<Inspected, Error> {
        let (uid, len) = regular(file)?;
        if is_in_huge_pages(file) {
            return Err(ErrorKind::HugePages.into());
        }
        // Accessing a page that was never written could fail. Even if it succeeds, such a page contains no writer's
        // value.
        let hole = first_hole(file).unwrap_or(len);
        if hole < LEAST as u64 {
            return Err(ErrorKind::Hole { at: hole }.into());
        }
        let raw = bytes_at::<HEADER_BYTES>(file, 0).map_err(io("read its header"))?;
        let header = Header::parse(&RawHeader::from_bytes(&raw), len, formats)?;
        if hole < header.size() {
            return Err(ErrorKind::Hole { at: hole }.into());
        }
        let mut schema: Vec<u8> = std::vec![0; header.layout.schema_len];
        read_exact_at(file, &mut schema, header.schema_offset()).map_err(io("read its schema"))?;
        let schema = Schema::decode(&schema)?;
        let state = u32::from_ne_bytes(bytes_at(file, header.state_offset()).map_err(io("read its state"))?);
        agree(&header, &schema, state)?;
        let word = u64::from_ne_bytes(bytes_at(file, header.word_offset()).map_err(io("read its word"))?);
        let is_closed = State::is_closed(state, word);
        Ok(Inspected { header, schema, is_closed, uid })
    }
}

/// The owner and the length of a file. It must be a regular file, and long enough for a header.
fn regular(file: impl AsHandle) -> Result<(Uid, u64), Error> {
    let found = status(file).map_err(io("query its status"))?;
    if found.kind != Kind::File {
        return Err(ErrorKind::NotRegularFile.into());
    }
    if found.len < LEAST as u64 {
        return Err(mismatch(LENGTH, std::format!("at least {LEAST}"), found.len));
    }
    Ok((Uid::of(found.owner), found.len))
}

/// Whether header, schema and state agree, after each of them was found to be valid. This is the last check of a region
/// of any type.
fn agree(header: &Header, schema: &Schema, state: u32) -> Result<(), Error> {
    if schema.fingerprint() != header.fingerprint() {
        let (header, schema) = (header.fingerprint(), schema.fingerprint());
        return Err(ErrorKind::Fingerprint { header, schema }.into());
    }
    let (size, align) = schema.size_and_align();
    if (size, align) != (header.payload_size(), header.payload_align()) {
        let there = std::format!("{} and {}", header.payload_size(), header.payload_align());
        return Err(mismatch("size and alignment", std::format!("{size} and {align}"), there));
    }
    if state != State::OPEN && state != State::CLOSED {
        return Err(mismatch("state", "1 (open) or 2 (closed)", state));
    }
    Ok(())
}

/// Reads `N` bytes.
pub(crate) fn bytes_at<const N: usize>(file: impl AsHandle, at: u64) -> IoResult<[u8; N]> {
    let mut bytes = [0; N];
    read_exact_at(file, &mut bytes, at).map(|()| bytes)
}

/// Fills `to`.
pub(crate) fn read_exact_at(file: impl AsHandle, to: &mut [u8], at: u64) -> IoResult<()> {
    exactly(to.len(), |done| read_at(&file, &mut to[done..], at + done as u64))
}

/// Does the same as [`read_exact_at`], for a buffer that is not yet initialised. Afterwards it is.
pub(crate) fn read_exact_into(file: impl AsHandle, to: &mut [MaybeUninit<u8>], at: u64) -> IoResult<()> {
    exactly(to.len(), |done| read_at_into(&file, &mut to[done..], at + done as u64))
}

/// Calls `read` with the number of bytes read so far, until `len` bytes are read.
fn exactly(len: usize, mut read: impl FnMut(usize) -> IoResult<usize>) -> IoResult<()> {
    let mut done = 0;
    while done < len {
        match read(done) {
            Ok(0) => return Err(IoError::new(IoKind::UnexpectedEof, "it was truncated meanwhile")),
            Ok(more) => done += more,
            Err(error) if error.kind() == IoKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

// Only Linux has seals.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) mod seals {
    //! The seals of memfds, which no process can undo.

    use crate::error::{Error, ErrorKind, io};
    use crate::sys::{Handle, linux};

    /// Seals a memfd that its writer has mapped. No process can change its length afterwards. Unless it may be
    /// `taken_over`, only existing mappings can write it, and only the writer has one.
    pub(crate) fn seal(file: &Handle, taken_over: bool) -> Result<(), Error> {
        if !taken_over {
            linux::seal_writes(file).map_err(io("seal it"))?;
        }
        linux::seal_length(file).map_err(io("seal it"))
    }

    /// Refuses files that can be truncated while they are read.
    pub(crate) fn check_length(file: &Handle) -> Result<(), Error> {
        if linux::is_length_sealed(file) { Ok(()) } else { Err(ErrorKind::Unsealed.into()) }
    }

    /// Refuses files that are sealed against new writable mappings. Files that don't support seals are left to the
    /// system.
    pub(crate) fn check_writable(file: &Handle) -> Result<(), Error> {
        if linux::is_write_sealed(file) { Err(ErrorKind::WriteSealed.into()) } else { Ok(()) }
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests {
    use super::*;
    use crate::path_for;

    #[test]
    fn by_its_name_no_link_is_opened() {
        let [file, link] = ["file", "link"].map(|name| path_for(&format!("policy-{name}-{}", std::process::id())));
        let named = |path| Name::from_path(path).unwrap();
        std::fs::write(&file, "bytes").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let policy = OpenPolicy::default();
        assert!(policy.open(&named(&link), true).is_ok() && policy.by_name().open(&named(&file), true).is_ok());
        let error = policy.by_name().open(&named(&link), false).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::SymbolicLink), "{error}");
        std::fs::remove_file(&link).unwrap();
        std::fs::hard_link(&file, &link).unwrap();
        assert!(policy.open(&named(&link), true).is_ok());
        let error = policy.by_name().open(&named(&link), false).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::HardLinks), "{error}");
        // The name that was opened may be removed while the names are counted. The remaining name may then be in
        // another directory.
        let opened = std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(CREATION / 4);
                std::fs::remove_file(&link).unwrap();
            });
            policy.by_name().open(&named(&link), false).map(drop)
        });
        assert!(opened.is_err(), "{opened:?}");
        std::fs::remove_file(file).unwrap();
    }
}
