//! The file of the regions.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::{env, fs, process, thread};

thread_local! {
    /// Overwritten each time.
    static FILE: (File, PathBuf) = unnamed();
}

/// A file in memory, if there is such a file system, and its path below `/proc`. It has no name, so that nothing is
/// left behind.
fn unnamed() -> (File, PathBuf) {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    let path = folder.join(format!("seqcopy-fuzz-{}-{:?}", process::id(), thread::current().id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    fs::remove_file(&path).expect("the file");
    let path = format!("/proc/self/fd/{}", file.as_raw_fd()).into();
    (file, path)
}

/// Calls a function with the path of a file that has these bytes, and with the file.
pub(crate) fn with<R>(bytes: &[u8], act: impl FnOnce(&Path, &File) -> R) -> R {
    FILE.with(|(file, path)| {
        file.set_len(0).expect("an empty file");
        file.write_all_at(bytes, 0).expect("written");
        act(path, file)
    })
}
