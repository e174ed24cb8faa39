//! [`Bounded`]: counts what is written, and stops.
//!
//! What is printed is written to this first, and only then to standard output: so what is too long is refused before a byte of it is
//! printed, and no JSON is ever cut off. A value in memory is the same both times.

use std::io;

/// The most text that is printed of a value, in bytes.
pub(super) const TEXT: u64 = 16 << 20;
/// The most JSON. Some seconds: it is written twice.
pub(super) const JSON: u64 = 256 << 20;

/// Counts this many bytes, and keeps none of them. The next is an error, which ends what is writing.
pub(super) struct Bounded {
    left: u64,
}

impl Bounded {
    pub(super) fn new(most: u64) -> Self {
        Bounded { left: most }
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Display, Formatter};
    use std::io::Write;

    use super::*;

    /// Something that never ends, unless its writer does.
    struct Endless;

    impl Display for Endless {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            for _ in 0..1_000_000 {
                f.write_str("word")?;
            }
            panic!("it does not stop")
        }
    }

    #[test]
    fn it_stops_at_its_end() {
        assert!(write!(Bounded::new(4000), "{Endless}").is_err());
        assert!(write!(Bounded::new(3), "{}{}", 12, 3).is_ok());
        assert!(write!(Bounded::new(2), "{}{}", 12, 3).is_err());
        let error = Bounded::new(3).write_all(b"four").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
