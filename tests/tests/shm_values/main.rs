//! Parts of values and slices in regions. Not in `shm`: some of these tests fork their process, and until such a fork
//! has ended it has the locks of all writers that were open then.

#![cfg(all(any(unix, windows), target_pointer_width = "64", not(miri)))]

mod fingerprints;
mod handles;
mod round_trips;

// What runs on any Unix: parts of tests in a process that is forked.
#[cfg(unix)]
mod after_errors;
#[cfg(unix)]
mod by_fields;
#[cfg(unix)]
mod fails;
#[cfg(unix)]
mod part;

// What needs Linux, for memfds.
#[cfg(target_os = "linux")]
mod slice_readers;
#[cfg(target_os = "linux")]
mod slice_update;
#[cfg(target_os = "linux")]
mod slices;
