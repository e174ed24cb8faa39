//! Parts of values and slices in regions. Not in `shm`: some of these tests fork their process, and until such a fork
//! has ended it has the locks of all writers that were open then.

#![cfg(all(unix, target_pointer_width = "64", not(miri)))]

mod after_errors;
mod by_fields;
mod fails;
mod fingerprints;
mod handles;
mod part;
mod round_trips;

// What needs Linux, for memfds.
#[cfg(target_os = "linux")]
mod slice_readers;
#[cfg(target_os = "linux")]
mod slice_update;
#[cfg(target_os = "linux")]
mod slices;
