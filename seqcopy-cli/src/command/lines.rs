//! [`Lines`]: a file that only ever ends with a whole line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::region::Failure;

/// The maximum number of bytes of a line.
pub(super) const LINE: u64 = 64 << 20;

/// The longest time that lines are kept before they are written, and the maximum number of bytes.
pub(super) const KEPT: (Duration, usize) = (Duration::from_millis(10), 1 << 16);

/// The file, and the lines that were not written yet.
pub(super) struct Lines {
    file: File,
    kept: Vec<u8>,
    since: Instant,
    written: u64,
    most: u64,
    /// The maximum size of a file in this process.
    limit: u64,
}

impl Lines {
    pub(super) fn create(path: &Path, most: Option<u64>) -> Result<Lines, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::at(path, "it exists: remove it, or name another file"),
            _ => Failure::at(path, format!("cannot create it: {error}")),
        })?;
        let (most, limit) = (most.unwrap_or(u64::MAX), largest_file());
        Ok(Lines { file, kept: Vec::new(), since: Instant::now(), written: 0, most, limit })
    }

    /// Adds a line. Returns whether there was space for it.
    pub(super) fn add(&mut self, line: &[u8]) -> bool {
        if self.len() + line.len() as u64 > self.most {
            return false;
        }
        if self.kept.is_empty() {
            self.since = Instant::now();
        }
        self.kept.extend_from_slice(line);
        true
    }

    pub(super) fn is_due(&self) -> bool {
        self.kept.len() >= KEPT.1 || !self.kept.is_empty() && self.since.elapsed() >= KEPT.0
    }

    /// Writes the kept lines. If they can't be written completely, removes the incomplete line at the end.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let (mut done, mut end) = (0, self.kept.len());
        // Writing beyond the limit would end the process with SIGXFSZ, in the middle of a line.
        let left = usize::try_from(self.limit.saturating_sub(self.written)).unwrap_or(usize::MAX);
        if left < end {
            end = whole(&self.kept[..left]);
        }
        while done < end {
            match self.file.write(&self.kept[done..end]) {
                Ok(0) => return self.shorten(done, io::ErrorKind::WriteZero.into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.shorten(done, error),
            }
        }
        if end < self.kept.len() {
            return self.shorten(done, io::ErrorKind::FileTooLarge.into());
        }
        self.written += done as u64;
        self.kept.clear();
        Ok(())
    }

    /// The number of bytes of all lines.
    pub(super) fn len(&self) -> u64 {
        self.written + self.kept.len() as u64
    }

    fn shorten(&mut self, done: usize, error: io::Error) -> io::Result<()> {
        self.file.set_len(self.written + whole(&self.kept[..done]) as u64)?;
        Err(error)
    }
}

/// The maximum size of a file in this process.
fn largest_file() -> u64 {
    #[cfg(unix)]
    return rustix::process::getrlimit(rustix::process::Resource::Fsize).current.unwrap_or(u64::MAX);
    #[cfg(windows)]
    return u64::MAX;
}

/// The length of the complete lines in a text.
fn whole(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines are written completely, as long as there is space. The file ends after the last complete line.
    #[test]
    #[cfg_attr(miri, ignore = "writes a file")]
    fn a_file_has_whole_lines() {
        let path = std::env::temp_dir().join(format!("seqcopy-test-record-{}", std::process::id()));
        let mut lines = Lines::create(&path, Some(10)).unwrap();
        let again = Lines::create(&path, None).map(drop).unwrap_err();
        assert_eq!(again.below(&path).as_deref(), Some("it exists: remove it, or name another file"));
        let there = || std::fs::read_to_string(&path).unwrap();
        assert!(!lines.is_due() && lines.add(b"one\n") && !lines.is_due() && there().is_empty());
        // Written when the first kept line has waited long enough.
        lines.since = Instant::now().checked_sub(KEPT.0).unwrap();
        assert!(lines.is_due() && lines.add(b"two\n") && lines.is_due());
        lines.write().unwrap();
        assert_eq!((there().as_str(), lines.is_due()), ("one\ntwo\n", false));
        assert!(
            !lines.add(b"six\n") && !lines.add(b"\n\n\n") && lines.add(b"3\n") && !lines.is_due() && !lines.add(b"\n")
        );
        lines.write().unwrap();
        assert_eq!(there(), "one\ntwo\n3\n");
        // After 10 bytes, 7 more are written: a line, and a part that is removed again.
        lines.most = u64::MAX;
        assert!(lines.add(b"four\nfive\n"));
        lines.file.write_all(b"four\nfi").unwrap();
        let full = || io::ErrorKind::StorageFull.into();
        assert_eq!(lines.shorten(7, full()).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(there(), "one\ntwo\n3\nfour\n");
        assert!(lines.shorten(3, full()).is_err() && there() == "one\ntwo\n3\n");
        // This many bytes are written at once.
        lines.kept = vec![b'x'; KEPT.1 - 1];
        lines.since = Instant::now();
        assert!(!lines.is_due() && lines.add(b"\n") && lines.is_due());
        std::fs::remove_file(&path).unwrap();
    }
}
