//! The region of a reader that is reopened, while other threads are in calls with it. ci/sanitizers.sh looks for races
//! here.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::fs;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use common::{At, bytes, message};
use seqcopy_c::seqcopy_status::SEQCOPY_OK;
use seqcopy_c::seqcopy_writer_state::SEQCOPY_WRITER_NEVER;
use seqcopy_c::*;
use seqcopy_shm::{Schema, Writer};

mod common;

/// Tells threads to stop, on drop: also if the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// The bytes that a region gives out.
///
/// # Safety
/// It is that of a reader that is not freed as long as they are used.
unsafe fn schema_of<'a>(region: *const seqcopy_region) -> &'a [u8] {
    let (mut schema, mut len) = (null(), 0);
    // SAFETY: this function's contract, and locals.
    unsafe {
        assert_eq!(seqcopy_region_schema(region, &raw mut schema, &raw mut len), SEQCOPY_OK);
        std::slice::from_raw_parts(schema, len)
    }
}

/// Threads that use the region go on with the one that was removed, and its schema stays where it was.
#[test]
fn threads_use_a_region_while_another_reopens_its_reader() {
    let at = At::new("reopened");
    let expected = Schema::of::<u64>();
    let mut writer = Writer::<u64>::create(&at.0).unwrap();
    writer.write(5).unwrap();
    let ((schema, len), mut reader) = (bytes(&expected), null_mut());
    // SAFETY: locals.
    let status = unsafe { seqcopy_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader) };
    assert_eq!(status, SEQCOPY_OK, "{}", message());
    // SAFETY: open.
    let region = unsafe { seqcopy_reader_region(reader) };
    // SAFETY: that of a reader that is open until the end.
    let schema = unsafe { schema_of(region) };
    let (address, stops) = (region as usize, AtomicBool::new(false));
    thread::scope(|scope| {
        let stop = Stop(&stops);
        for _ in 0..2 {
            scope.spawn(|| {
                let (region, mut owner, mut fd) = (address as *const seqcopy_region, 0, -1);
                let mut waited = seqcopy_waited::SEQCOPY_WAITED_TIME_OUT;
                while !stops.load(Relaxed) {
                    // SAFETY: that of a reader that is open, and locals.
                    unsafe {
                        assert_eq!(schema_of(region).as_ptr(), schema.as_ptr());
                        let known = seqcopy_region_version(region);
                        assert!(known <= 1);
                        assert_eq!(seqcopy_region_wait(region, known, 200_000, &raw mut waited), SEQCOPY_OK);
                        assert_eq!(seqcopy_region_owner(region, &raw mut owner), SEQCOPY_OK);
                        assert_ne!(seqcopy_region_writer_state(region, null_mut()), SEQCOPY_WRITER_NEVER);
                        let _ = (seqcopy_region_is_closed(region), seqcopy_region_is_removed(region));
                        assert_eq!(seqcopy_region_share(region, &raw mut fd), SEQCOPY_OK);
                        drop(OwnedFd::from_raw_fd(fd));
                    }
                }
            });
        }
        for _ in 0..200 {
            let (mut reopened, mut number) = (false, 0u64);
            fs::remove_file(&at.0).unwrap();
            assert!(writer.restore_if_removed().unwrap());
            // SAFETY: open, and used by this thread; locals.
            unsafe {
                assert_eq!(seqcopy_reader_reopen_if_removed(reader, &raw mut reopened), SEQCOPY_OK);
                assert_eq!((seqcopy_reader_region(reader), seqcopy_region_is_removed(region)), (region, false));
                let status = seqcopy_reader_read(reader, (&raw mut number).cast(), 8, null_mut());
                assert_eq!((status, number, reopened), (SEQCOPY_OK, 5, true));
            }
        }
        drop(stop);
    });
    // SAFETY: open until here.
    unsafe {
        assert_eq!((schema_of(region), schema), (expected.as_bytes(), expected.as_bytes()));
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
    writer.close().unwrap();
}
