//! `seqcopy_region_wait` ends by a wake-up: the looks that would hide a lost one are switched off in this program.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::ptr::null;
use std::thread;
use std::time::Duration;

use common::{At, reader, write, writer};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;

mod common;

struct Pointer(*const seqcopy_region);

// SAFETY: the handle is open until the thread has ended, and each thread may wait for a region.
unsafe impl Send for Pointer {}

#[test]
fn a_wait_ends_by_a_wake_up() {
    seqcopy_shm::__only_wakes();
    for is_closed in [false, true] {
        for pause in [0, 50, 200, 1000, 5000].map(Duration::from_micros) {
            let at = At::new("wakes");
            let (mut writer, mut reader) = (writer(&at, null()), reader(&at));
            assert_eq!(write(writer, 1), SEQCOPY_OK);
            // SAFETY: the handles are open until they are freed, and the places are locals.
            unsafe {
                let region = Pointer(seqcopy_reader_region(reader));
                let known = seqcopy_region_version(region.0);
                let waits = thread::spawn(move || {
                    let region = region;
                    let mut waited = seqcopy_waited::SEQCOPY_WAITED_TIME_OUT;
                    assert_eq!(seqcopy_region_wait(region.0, known, u64::MAX, &raw mut waited), SEQCOPY_OK);
                    waited
                });
                thread::sleep(pause);
                if is_closed {
                    assert_eq!(seqcopy_writer_close(&raw mut writer), SEQCOPY_OK);
                } else {
                    assert_eq!(write(writer, 2), SEQCOPY_OK);
                    assert_eq!(seqcopy_writer_wake(writer), SEQCOPY_OK);
                }
                let expected = if is_closed {
                    seqcopy_waited::SEQCOPY_WAITED_CLOSED
                } else {
                    seqcopy_waited::SEQCOPY_WAITED_NEWER
                };
                assert_eq!(waits.join().unwrap(), expected);
                assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
                assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
            }
        }
    }
}
