//! Regions of shared memory, as their users and other processes have them. In one program, since each program of its
//! own costs a second to build. Next to it are those whose process no other test may share: they count its descriptors,
//! or fork it. So no test here waits for whichever child has ended, or been stopped: it might be another's.

#![cfg(all(any(unix, windows), target_pointer_width = "64", not(miri)))]

// What runs on every system.
mod codes;
mod file_map;
mod untyped;
mod untyped_maps;
mod untyped_slices;
mod waited_for;

// What runs on any Unix: another user, and descriptors of C.
#[cfg(unix)]
mod named;
#[cfg(unix)]
mod script;

/// Gates each of the modules. (rustfmt finds their files in a macro of this name and form.)
macro_rules! cfg_if {
    (if #[$gate:meta] { $($module:item)* }) => { $(#[$gate] $module)* };
}

// What needs Linux, most of it for processes that are stepped or signalled: see `faults/linux`.
cfg_if! {
    if #[cfg(target_os = "linux")] {
        mod bounds;
        mod containers;
        mod create;
        mod dying;
        mod enlarged;
        mod entries;
        mod file_reader;
        mod file_systems;
        mod hostile_user;
        mod lies;
        mod map_open;
        mod notified;
        mod open;
        mod open_or_create;
        mod owner;
        mod peers;
        mod permissions;
        mod regions;
        mod regions_of_handles;
        mod removed;
        mod replaced;
        mod restored;
        mod slice_faults;
        mod truncated;
        mod wait;
        mod words;
        mod writer_state;
        mod writers;
    }
}
