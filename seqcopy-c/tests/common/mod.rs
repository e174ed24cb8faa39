//! What the tests of the functions have in common: places for regions, and texts.

use std::ffi::{CStr, CString, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use seqcopy_c::seqcopy_message;
use seqcopy_harness as _;
use seqcopy_shm::{self as shm, Schema};

/// A path of this test's own, removed at the end.
pub(crate) struct At(pub(crate) PathBuf, pub(crate) CString);

impl At {
    pub(crate) fn new(name: &str) -> At {
        let path = shm::path_for(&format!("seqcopy-c-{name}-{}", std::process::id()));
        let text = CString::new(path.as_os_str().as_bytes()).unwrap();
        At(path, text)
    }
}

impl Drop for At {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[allow(dead_code)] // not every program asks for it
pub(crate) fn message() -> String {
    // SAFETY: a text with a 0, which stays until the next failure of this thread.
    unsafe { CStr::from_ptr(seqcopy_message()) }.to_str().unwrap().to_owned()
}

pub(crate) fn bytes(schema: &Schema) -> (*const c_void, usize) {
    (schema.as_bytes().as_ptr().cast(), schema.as_bytes().len())
}
