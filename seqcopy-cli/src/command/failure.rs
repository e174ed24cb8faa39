//! [`Failure`]: why a command ends early.

use std::fmt::Display;
use std::io;
use std::path::Path;

use super::printable::printable_path;

/// Why a command ends early.
#[derive(Debug)]
pub(super) enum Failure {
    /// One line for standard error.
    Message(String),
    /// The reader of standard output has closed it, as `| head` does: not an error.
    OutputClosed,
}

impl Failure {
    /// An error about a file. The line begins with the file's path.
    pub(super) fn at(path: &Path, error: impl Display) -> Self {
        let error = error.to_string();
        // Messages of the library begin with the path already, in which bytes that are not UTF-8 can't be told apart.
        let (lossy, path) = (format!("`{}`: ", path.display()), printable_path(path));
        let error = error.strip_prefix(&lossy).unwrap_or(&error);
        Failure::Message(format!("`{path}`: {error}"))
    }
}

impl From<io::Error> for Failure {
    /// An error of writing to standard output: all others come with a path.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::OutputClosed,
            _ => Failure::Message(format!("cannot write to standard output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use seqcopy_shm::Region;

    use super::*;

    #[test]
    fn a_message_begins_with_the_path() {
        let error = Failure::at(Path::new("/x"), "no such file");
        assert!(matches!(error, Failure::Message(line) if line == "`/x`: no such file"));
        // A message of the library has it already.
        let path = Path::new(OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        let failure = Failure::at(path, Region::open_file(path).unwrap_err());
        assert!(
            matches!(failure, Failure::Message(line) if line.starts_with("`/dev/shm/a\\xff\\xfeb\\n`: cannot open it: "))
        );
    }
}
