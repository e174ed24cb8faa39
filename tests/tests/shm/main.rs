//! Regions of shared memory, as their users and other processes have them. In one program, since each program of its own costs a second
//! to build. Next to it are those whose process no other test may share: they count its descriptors, or fork it. So no test here waits for
//! whichever child has ended, or been stopped: it might be another's.

#![cfg(all(unix, target_pointer_width = "64", not(miri)))]

// What runs on any Unix.
mod codes;
mod file_map;
mod untyped;
mod untyped_slices;

// What needs Linux, most of it for processes that are stepped or signalled: see `faults/linux`.
#[cfg(target_os = "linux")]
mod bounds;
#[cfg(target_os = "linux")]
mod containers;
#[cfg(target_os = "linux")]
mod create;
#[cfg(target_os = "linux")]
mod dying;
#[cfg(target_os = "linux")]
mod enlarged;
#[cfg(target_os = "linux")]
mod file_reader;
#[cfg(target_os = "linux")]
mod hostile_user;
#[cfg(target_os = "linux")]
mod lies;
#[cfg(target_os = "linux")]
mod map_open;
#[cfg(target_os = "linux")]
mod notified;
#[cfg(target_os = "linux")]
mod open;
#[cfg(target_os = "linux")]
mod open_or_create;
#[cfg(target_os = "linux")]
mod owner;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod permissions;
#[cfg(target_os = "linux")]
mod removed;
#[cfg(target_os = "linux")]
mod replaced;
#[cfg(target_os = "linux")]
mod restored;
#[cfg(target_os = "linux")]
mod slice_faults;
#[cfg(target_os = "linux")]
mod truncated;
#[cfg(target_os = "linux")]
mod wait;
#[cfg(target_os = "linux")]
mod words;
#[cfg(target_os = "linux")]
mod writer_state;
#[cfg(target_os = "linux")]
mod writers;
