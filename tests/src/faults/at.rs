//! [`FileExt`]: bytes of a file at an offset, on every system.

#[cfg(unix)]
pub use std::os::unix::fs::FileExt;

/// What Unix has by this name.
#[cfg(windows)]
pub trait FileExt {
    /// Writes all of the bytes.
    ///
    /// # Errors
    /// Those of the system.
    fn write_all_at(&self, bytes: &[u8], at: u64) -> std::io::Result<()>;

    /// Reads as many bytes.
    ///
    /// # Errors
    /// Those of the system, and if there are fewer.
    fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> std::io::Result<()>;
}

#[cfg(windows)]
impl FileExt for std::fs::File {
    fn write_all_at(&self, mut bytes: &[u8], mut at: u64) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let written = std::os::windows::fs::FileExt::seek_write(self, bytes, at)?;
            (bytes, at) = (&bytes[written..], at + written as u64);
        }
        Ok(())
    }

    fn read_exact_at(&self, mut bytes: &mut [u8], mut at: u64) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let read = std::os::windows::fs::FileExt::seek_read(self, bytes, at)?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            (bytes, at) = (&mut bytes[read..], at + read as u64);
        }
        Ok(())
    }
}
