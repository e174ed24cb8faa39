//! What the tests of the functions have in common: places for regions, texts, and handles to a number.

#![allow(dead_code)] // not every program asks for all of it

use std::ffi::{CStr, CString, c_void};
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use seqcopy_c::seqcopy_status::SEQCOPY_OK;
use seqcopy_c::*;
use seqcopy_harness as _;
use seqcopy_shm::{self as shm, Schema};

/// A path of this test's own, removed at the end.
pub(crate) struct At(pub(crate) PathBuf, pub(crate) CString);

impl At {
    /// Two tests of a program, which run at the same time, may ask for one name.
    pub(crate) fn new(name: &str) -> At {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Relaxed);
        let path = shm::path_for(&format!("seqcopy-c-{name}-{}.{number}", std::process::id()));
        let text = CString::new(path.as_os_str().as_bytes()).unwrap();
        At(path, text)
    }
}

impl Drop for At {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(crate) fn message() -> String {
    // SAFETY: a text with a 0, which stays until the next failure of this thread.
    unsafe { CStr::from_ptr(seqcopy_message()) }.to_str().unwrap().to_owned()
}

pub(crate) fn bytes(schema: &Schema) -> (*const c_void, usize) {
    (schema.as_bytes().as_ptr().cast(), schema.as_bytes().len())
}

pub(crate) fn options() -> seqcopy_options {
    let mut options = MaybeUninit::uninit();
    // SAFETY: a local.
    unsafe {
        assert_eq!(seqcopy_options_init(options.as_mut_ptr(), size_of::<seqcopy_options>()), SEQCOPY_OK);
        options.assume_init()
    }
}

/// A writer of `u64`s.
pub(crate) fn writer(at: &At, options: *const seqcopy_options) -> *mut seqcopy_writer {
    let schema = Schema::of::<u64>();
    let ((schema, len), mut writer) = (bytes(&schema), null_mut());
    // SAFETY: locals, and options or null.
    let status = unsafe { seqcopy_writer_open_or_create(at.1.as_ptr(), schema, len, options, &raw mut writer) };
    assert_eq!(status, SEQCOPY_OK, "{}", message());
    writer
}

pub(crate) fn reader(at: &At) -> *mut seqcopy_reader {
    let mut reader = null_mut();
    // SAFETY: locals.
    let status = unsafe { seqcopy_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader) };
    assert_eq!(status, SEQCOPY_OK, "{}", message());
    reader
}

pub(crate) fn write(writer: *mut seqcopy_writer, number: u64) -> seqcopy_status {
    // SAFETY: an open writer of `u64`s, and a local.
    unsafe { seqcopy_writer_write(writer, (&raw const number).cast(), 8) }
}

pub(crate) fn read(reader: *const seqcopy_reader) -> (seqcopy_status, u64) {
    let mut number = 0u64;
    // SAFETY: an open reader of `u64`s, and a local.
    let status = unsafe { seqcopy_reader_read(reader, (&raw mut number).cast(), 8, null_mut()) };
    (status, number)
}

/// Bytes of a file, from outside.
pub(crate) fn overwrite(at: &At, bytes: &[u8], offset: u64) {
    File::options().write(true).open(&at.0).unwrap().write_all_at(bytes, offset).unwrap();
}
