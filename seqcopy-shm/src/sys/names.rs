//! What the modules `file` and `name` of each system have in common: kinds of files, what is done with links, and how an
//! exchange of two names ends.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    /// A symbolic link, or another reparse point of Windows. It was not followed.
    Link,
    Directory,
    /// A device, a pipe or a socket.
    Other,
}

/// The directory of a path.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// What happens to symbolic links when a file is opened that another process may have put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    Follow,
    /// `is_refused_link` recognises the error.
    Refuse,
}

/// Whether the name or its directory does not exist.
pub(crate) fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound
}

/// The result of giving a name in use to another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchanged {
    /// Each file has the name of the other.
    #[allow(dead_code)] // some systems can't
    Both,
    /// The other file has no name any more, or a hidden one.
    Over,
    /// The other file was not the expected one, and nothing has changed.
    Not,
}
