//! Regions of shared memory, as their users and other processes have them. In one program, since each program of its own costs a second
//! to build. Next to it are those whose process no other test may share: they count its descriptors, or fork it. So no test here waits for
//! whichever child has ended, or been stopped: it might be another's.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

mod bounds;
mod codes;
mod containers;
mod create;
mod dying;
mod enlarged;
mod file_map;
mod file_reader;
mod hostile_user;
mod lies;
mod map_open;
mod notified;
mod open;
mod open_or_create;
mod owner;
mod peers;
mod permissions;
mod removed;
mod replaced;
mod restored;
mod slice_faults;
mod truncated;
mod untyped;
mod untyped_slices;
mod wait;
mod words;
mod writer_state;
mod writers;
