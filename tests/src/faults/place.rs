//! Temporary directories for regions.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

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
            let path = seqcopy_shm::path_for(&format!("seqcopy-faults-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => {
                    // Other users have to find what is in it, whatever this process's umask.
                    #[cfg(unix)]
                    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
                        .expect("its own directory");
                    return Place(path);
                }
                // It is of a process that had the same number and was killed, or has it in another container.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("no directory for regions: {error}"),
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

pub(super) fn names(directory: &Path) -> Vec<String> {
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

/// Whether this process is root's, so that permissions do not apply.
#[cfg(unix)]
#[must_use]
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}
