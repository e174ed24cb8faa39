//! Lists of the fields of foreign types.

use seqcopy::{SeqCopy, Validate};

/// `libc::timespec`, on this platform; nix has the same one inside its `TimeSpec`, with conversions both ways.
#[derive(SeqCopy, Validate)]
#[seqcopy(remote = libc::timespec)]
#[repr(C)]
pub struct TimespecDef {
    tv_sec: libc::time_t,
    tv_nsec: libc::c_long,
}

pub fn timespec(sec: i64, nsec: i64) -> libc::timespec {
    let spec = nix::sys::time::TimeSpec::new(sec, nsec);
    *spec.as_ref()
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = libc::timeval)]
#[repr(C)]
pub struct TimeValDef {
    tv_sec: libc::time_t,
    tv_usec: libc::suseconds_t,
}

pub fn timeval(sec: i64, usec: i64) -> libc::timeval {
    *nix::sys::time::TimeVal::new(sec, usec).as_ref()
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = libc::pollfd)]
#[repr(C)]
pub struct Fd {
    fd: libc::c_int,
    events: libc::c_short,
    revents: libc::c_short,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = std::cmp::Ordering)]
#[repr(i8)]
pub enum OrderingDef {
    Less = -1,
    Equal,
    Greater,
}

/// A type with the default repr: its list is not validated, because another build may lay it out otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    pub whole: u64,
    pub nanos: u32,
}

#[derive(SeqCopy)]
#[seqcopy(remote = Parts)]
pub struct DurationParts {
    nanos: u32,
    whole: u64,
}
