//! File systems of a test's own, and the open descriptors of this process.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::mount::{MntFlags, MsFlags};

use super::super::place::names;

/// A file system mounted on a directory, until this is dropped.
#[derive(Debug)]
pub struct Overlay(PathBuf);

impl Overlay {
    /// A tmpfs with these options, if this process may mount one.
    #[must_use]
    pub fn tmpfs(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir(at).ok()?;
        nix::mount::mount(Some("tmpfs"), at, Some("tmpfs"), MsFlags::empty(), Some(options)).ok()?;
        Some(Overlay(at.to_owned()))
    }

    /// Remounts it read-only.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn make_read_only(&self) {
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        let remount = || nix::mount::mount(None::<&str>, &self.0, None::<&str>, flags, None::<&str>);
        // A process that another test is just starting has copies of all descriptors of this one for a moment.
        let began = Instant::now();
        while let Err(error) = remount() {
            assert!(began.elapsed() < Duration::from_secs(60), "a mount made read-only: {error}");
            std::thread::yield_now();
        }
    }

    /// The names of its entries.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names(&self.0)
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        let _ = nix::mount::umount2(&self.0, MntFlags::MNT_DETACH);
    }
}

/// How many descriptors this process has open.
///
/// # Panics
/// Without /proc.
#[must_use]
pub fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("/proc").count()
}
