//! Each function that returns a status, in a call that fails: what is then in the places of a caller that it would
//! write to, by what the header says, and that the same call succeeds once the cause is gone.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::ffi::{c_int, c_void};
use std::fs;
use std::ptr::{null, null_mut};

use common::{At, bytes};
use seqcopy::{SeqCopy, Validate};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;
use seqcopy_harness::Out;
use seqcopy_shm::{MapWriter, Options, Region, Schema, Writer, untyped};

#[path = "../common/mod.rs"]
mod common;
mod messages;
mod null;
mod others;

use messages::{are_as_written, fails, said};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Flag {
    at: u64,
    ok: u64,
    last: bool,
}

const SIZE: usize = size_of::<Flag>();

/// A region, a handle of it, and the places of a caller, all marked.
struct On<H> {
    at: At,
    handle: *mut H,
    /// In the place of the handle while it is null.
    kept: *mut H,
    value: Out<Flag>,
    number: Out<u64>,
    flag: Out<bool>,
    fd: Out<c_int>,
    pointer: Out<*mut c_void>,
    key: u32,
    size: usize,
}

type Places = [bool; 5];

impl<H> On<H> {
    fn of(name: &str, at: At, handle: *mut H) -> Self {
        assert!(!handle.is_null(), "{name}");
        let (value, number, flag, fd, pointer) =
            (Out::marked(), Out::marked(), Out::marked(), Out::marked(), Out::marked());
        On { at, handle: null_mut(), kept: handle, value, number, flag, fd, pointer, key: 1, size: SIZE }
    }

    fn value(&mut self) -> *mut c_void {
        self.value.place().as_mut_ptr().cast()
    }

    fn key(&self) -> *const c_void {
        (&raw const self.key).cast()
    }

    /// Which places have not been written to.
    fn places(&mut self) -> Places {
        [
            self.value.is_marked(),
            self.number.is_marked(),
            self.flag.is_marked(),
            self.fd.is_marked(),
            self.pointer.is_marked(),
        ]
    }
}

fn ok(status: seqcopy_status) -> Result<(), seqcopy_status> {
    if status == SEQCOPY_OK {
        return Ok(());
    }
    said();
    Err(status)
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as `fails` has it
fn addr<T>(handle: &*mut T) -> usize {
    handle.addr()
}

fn place<T>(of: &mut Out<T>) -> *mut T {
    of.place().as_mut_ptr()
}

/// Bytes of a value, as the functions take them.
fn flag() -> Flag {
    Flag { at: 1, ok: 1, last: true }
}

/// Frees a handle of any kind.
trait Free {
    /// # Safety
    /// As of the function.
    unsafe fn free(at: *mut *mut Self) -> seqcopy_status;
}

macro_rules! free {
    ($($type:ty: $free:ident;)*) => {$(
        impl Free for $type {
            unsafe fn free(at: *mut *mut Self) -> seqcopy_status {
                // SAFETY: the caller's.
                unsafe { $free(at) }
            }
        }
    )*};
}

free! {
    seqcopy_writer: seqcopy_writer_free;
    seqcopy_reader: seqcopy_reader_free;
    seqcopy_map_writer: seqcopy_map_writer_free;
    seqcopy_map_reader: seqcopy_map_reader_free;
    seqcopy_entries: seqcopy_entries_free;
    seqcopy_entry: seqcopy_entry_free;
    seqcopy_notifier: seqcopy_notifier_free;
}

fn free<H: Free>(mut handle: *mut H) {
    // SAFETY: opened by this test, and used no more.
    assert_eq!((unsafe { H::free(&raw mut handle) }, handle), (SEQCOPY_OK, null_mut()));
}

fn region(name: &str) -> At {
    let at = At::new(name);
    Writer::<Flag>::create(&at.0).unwrap().write(flag()).unwrap();
    at
}

fn map(name: &str) -> At {
    let at = At::new(name);
    MapWriter::<u32, Flag>::create(&at.0, 4).unwrap().insert(1, flag()).unwrap();
    at
}

fn slice(name: &str) -> At {
    let at = At::new(name);
    Options::new().capacity(4).create::<[bool]>(&at.0).unwrap().write_from(&[true; 3]).unwrap();
    at
}

macro_rules! opened {
    ($(fn $name:ident($at:ident) -> $type:ty { $open:ident, $schema:expr })*) => {$(
        fn $name($at: At) -> (At, *mut $type) {
            let (schema, mut handle) = ($schema, null_mut());
            let (start, len) = bytes(&schema);
            // SAFETY: locals.
            assert_eq!(unsafe { $open($at.1.as_ptr(), start, len, null(), &raw mut handle) }, SEQCOPY_OK);
            ($at, handle)
        }
    )*};
}

opened! {
    fn writer(at) -> seqcopy_writer { seqcopy_writer_take_over, Region::open(&at.0).unwrap().schema().clone() }
    fn reader(at) -> seqcopy_reader { seqcopy_reader_open, Region::open(&at.0).unwrap().schema().clone() }
    fn map_writer(at) -> seqcopy_map_writer { seqcopy_map_writer_take_over, untyped::MapReader::open(&at.0).unwrap().region().schema().clone() }
    fn map_reader(at) -> seqcopy_map_reader { seqcopy_map_reader_open, untyped::MapReader::open(&at.0).unwrap().region().schema().clone() }
}

/// Each function of the header that returns a status is tried above, but for these, which can't fail by what a caller
/// does.
#[test]
fn every_function_is_tried() {
    let header = include_str!("../../include/seqcopy.h");
    let tried = [include_str!("null.rs"), include_str!("others.rs")].concat();
    let mut number = 0;
    for line in header.lines() {
        let Some((name, _)) = line.strip_prefix("enum seqcopy_status ").and_then(|rest| rest.split_once('(')) else {
            continue;
        };
        if ["seqcopy_survive_truncation", "seqcopy_last_status"].contains(&name) {
            continue;
        }
        number += 1;
        assert!(tried.contains(&format!("\"{name}\"")), "{name} is not tried with `fails`");
    }
    assert!(number >= 48, "only {number} functions");
}
