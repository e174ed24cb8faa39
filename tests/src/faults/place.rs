//! Temporary directories for regions, and the open descriptors of this process.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::mount::{MntFlags, MsFlags};

/// A directory in shared memory, removed with its contents on drop.
#[derive(Debug)]
pub struct Place(PathBuf);

impl Place {
    /// Creates a directory.
    ///
    /// # Panics
    /// If the system refuses.
    #[must_use]
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = PathBuf::from(format!("/dev/shm/seqcopy-faults-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => {
                    // Other users have to find what is in it, whatever this process's umask.
                    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("its own directory");
                    return Place(path);
                }
                // It is of a process that had the same number and was killed, or has it in another container.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("no space in /dev/shm: {error}"),
            }
        }
    }

    /// The path of an entry in it.
    #[must_use]
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The names of its entries.
    ///
    /// # Panics
    /// If it can't be read.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names(&self.0)
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

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

/// Whether this process is root's, so that permissions do not apply.
#[must_use]
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}
