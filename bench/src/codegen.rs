//! The functions whose assembly is kept in `bench/asm` and checked by `ci/asm.sh`.
//!
//! Each is what a user's function would be after inlining, under a name of its own.

#![expect(clippy::no_mangle_with_rust_abi, reason = "the names are for readers and scripts, not for the linker")]

use std::mem::MaybeUninit;
use std::ops::ControlFlow;

use seqcopy::raw::__shm::Series;
use seqcopy::{
    Aligned8, AtomicPerByte, CapacityError, MaybeInvalid, ReadError, SeqCopy, SeqLatch, SeqLock, SeqSlice, Validate,
    Version, Writer, part,
};
#[cfg(unix)]
use seqcopy_shm as shm;

/// A struct written without regard to padding: 38 bytes of data in 48, in three runs and a pointer.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
pub struct Padded48 {
    pub(crate) kind: u8,
    pub(crate) id: u64,
    pub(crate) count: u32,
    pub(crate) port: u16,
    pub(crate) levels: [u16; 5],
    pub(crate) open: bool,
    pub(crate) ratio: f32,
    pub(crate) name: Option<&'static u8>,
}

/// Pointers, and an integer that is not merged with them.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
pub struct Pointers {
    first: *const u8,
    second: Option<&'static u8>,
    version: u64,
    hook: fn(u64) -> u64,
}

/// Unaligned fields.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C, packed)]
pub struct Packed {
    kind: u8,
    id: u32,
    at: f64,
    level: u16,
}

/// An enum whose variants have their data in different places.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(u8)]
pub enum Event {
    /// No data.
    Idle,
    /// Five bytes.
    Key {
        /// Which.
        code: u32,
        /// Or up.
        down: bool,
    },
    /// Sixteen bytes.
    Move {
        /// To the right.
        x: f64,
        /// Down.
        y: f64,
    },
}

/// More runs of data than are unrolled, and an element type with padding.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct Gap {
    small: u8,
    wide: u32,
}

/// An enum with this many runs that they are copied by a table.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
pub enum ManyRuns {
    /// Ten of them.
    Gaps([Gap; 10]),
    /// No data.
    None,
}

/// Without padding, a cache line.
pub type Dense64 = [u64; 8];
/// Without padding, a page.
pub type Dense4K = [u64; 512];

macro_rules! loads_and_stores {
    ($($load:ident $store:ident $shape:ty;)*) => {$(
        #[doc = concat!("Copies a [`", stringify!($shape), "`] out.")]
        #[unsafe(no_mangle)]
        #[inline(never)]
        pub fn $load(bytes: &AtomicPerByte<$shape>, buf: &mut MaybeUninit<$shape>) {
            bytes.load_into(buf);
        }

        #[doc = concat!("Copies a [`", stringify!($shape), "`] in.")]
        #[unsafe(no_mangle)]
        #[inline(never)]
        pub fn $store(bytes: &AtomicPerByte<$shape>, value: &$shape) {
            bytes.store(value);
        }
    )*};
}

loads_and_stores! {
    load_padded48 store_padded48 Padded48;
    load_dense64 store_dense64 Dense64;
    load_dense4k store_dense4k Dense4K;
    load_pointers store_pointers Pointers;
    load_packed store_packed Aligned8<Packed>;
    load_enum store_enum Event;
    load_many_runs store_many_runs ManyRuns;
    load_array store_array [Gap; 100];
}

/// The fast path of a read, and the call to its retry loop.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn seqlock_read(lock: &SeqLock<Padded48>, buf: &mut MaybeUninit<Padded48>) {
    lock.read_into(buf);
}

/// A write by the single writer.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn writer_write(writer: &mut Writer<'_, Padded48>, value: &Padded48) {
    writer.write_from(value);
}

/// A write that acquires the claim.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn seqlock_write(lock: &SeqLock<ManyRuns>, value: &ManyRuns) {
    lock.write_from(value);
}

/// A write to a buffer of a latch.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn latch_write(writer: &mut Writer<'_, [Gap; 100], SeqLatch<[Gap; 100], 4>>, value: &[Gap; 100]) {
    writer.write_from(value);
}

/// A write of elements of which each is copied by its own steps, and of those that are one run.
///
/// # Errors
/// If they don't fit in.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn slice_write(
    writer: &mut Writer<'_, Event, SeqSlice<Event>>,
    latch: &mut Writer<'_, u16, SeqSlice<u16, 2>>,
    elements: &[Event],
    run: &[u16],
) -> Result<(), CapacityError> {
    writer.write_from(elements)?;
    latch.write_from(run)
}

/// A write to a shared region.
///
/// # Errors
/// In a forked process.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_write(writer: &mut shm::Writer<ManyRuns>, value: &ManyRuns) -> Result<(), shm::WriteError> {
    writer.write_from(value)
}

/// A writer of a region whose type is known by its schema only makes these stores.
///
/// # Safety
/// As for [`Series::store`].
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe fn store_by_list(stores: &Series, value: *const u8, shared: *mut u8) {
    // SAFETY: this function's contract.
    unsafe { stores.store(value, shared) }
}

/// What [`region_write`] does, of a value that is one run: stored in place.
///
/// # Errors
/// In a forked process.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_write64(writer: &mut shm::Writer<[u64; 8]>, value: &[u64; 8]) -> Result<(), shm::WriteError> {
    writer.write_from(value)
}

/// What is validated without a hook: an enum without fields, and a `bool`.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct Clock {
    now: [u64; 2],
    error: u64,
    drift: u32,
    status: Status,
    disrupted: bool,
}

/// A tag of four bytes.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(u32)]
pub enum Status {
    /// 0.
    Unknown,
    /// 1.
    Synchronized,
    /// 2.
    FreeRunning,
}

/// A read between processes: the checks of the fields are instructions, not calls.
///
/// # Errors
/// Those of the read.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_read(reader: &shm::Reader<Clock>) -> Result<Clock, shm::ReadValueError> {
    reader.read()
}

/// The same of a large value: it is read and checked in the caller's return slot.
///
/// # Errors
/// Those of the read.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_read_large(reader: &shm::Reader<[u64; 40]>) -> Result<[u64; 40], shm::ReadValueError> {
    reader.read()
}

/// The same, with the version.
///
/// # Errors
/// Those of the read.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_read_versioned(reader: &shm::Reader<[u64; 40]>) -> Result<([u64; 40], Version), shm::ReadValueError> {
    reader.read_versioned()
}

/// One attempt.
///
/// # Errors
/// Those of the attempt.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_try_read(reader: &shm::Reader<[u64; 40]>) -> Result<[u64; 40], shm::ReadValueError> {
    reader.try_read()
}

/// A retry policy.
///
/// # Errors
/// What the policy returned, or those of the read.
#[cfg(unix)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn region_read_with(reader: &shm::Reader<[u64; 40]>) -> Result<Result<[u64; 40], shm::ReadValueError>, u32> {
    reader.read_with(
        |attempt| {
            if attempt.number < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(attempt.number) }
        },
    )
}

/// Values that are returned or written by value. Small ones stay in registers. Where a large one is returned, the
/// function passes its own return slot on, and copies nothing; where one is written, it passes the original on.
macro_rules! returned {
    ($($name:ident: fn($argument:ident: $type:ty $(, $known:ident: $known_type:ty)?) -> $returned:ty = $value:expr;)*) => {$(
        /// By value.
        ///
        /// # Errors
        /// Those of the method, if it has any.
        #[unsafe(no_mangle)]
        #[inline(never)]
        pub fn $name($argument: $type $(, $known: $known_type)?) -> $returned {
            $value
        }
    )*};
}

returned! {
    value_read24: fn(lock: &SeqLock<[u64; 3]>) -> [u64; 3] = lock.read();
    value_read_into24: fn(lock: &SeqLock<[u64; 3]>, dst: &mut MaybeUninit<[u64; 3]>) -> () = _ = lock.read_into(dst);
    value_write24: fn(writer: &mut Writer<'_, [u64; 3]>, value: &[u64; 3]) -> () = writer.write_from(value);
    value_read1k: fn(lock: &SeqLock<[u64; 128]>) -> [u64; 128] = lock.read();
    value_read_into1k: fn(lock: &SeqLock<[u64; 128]>, dst: &mut MaybeUninit<[u64; 128]>) -> () = _ = lock.read_into(dst);
    value_write1k: fn(writer: &mut Writer<'_, [u64; 128]>, value: &[u64; 128]) -> () = writer.write_from(value);
    value_read16: fn(lock: &SeqLock<[u64; 2]>) -> [u64; 2] = lock.read();
    value_read_padded48: fn(lock: &SeqLock<Padded48>) -> Padded48 = lock.read();
    value_read128: fn(lock: &SeqLock<[u64; 16]>) -> [u64; 16] = lock.read();
    value_read_versioned64: fn(lock: &SeqLock<Dense64>) -> (Dense64, Version) = lock.read_versioned();
    value_read_over128: fn(lock: &SeqLock<[u64; 16]>, dst: &mut [u64; 16]) -> () = *dst = lock.read();
    value_latch_read64: fn(lock: &SeqLatch<Dense64, 4>) -> Dense64 = lock.read();
    value_read256: fn(lock: &SeqLock<[u64; 32]>) -> [u64; 32] = lock.read();
    value_write256: fn(writer: &mut Writer<'_, [u64; 32]>, word: u64) -> () = writer.write([word; 32]);
    value_get_mut: fn(lock: &mut SeqLock<[u64; 16]>, value: &[u64; 16]) -> () = *lock.get_mut() = *value;
    value_read: fn(lock: &SeqLock<[u64; 40]>) -> [u64; 40] = lock.read();
    value_read4k: fn(lock: &SeqLock<[f32; 1024]>) -> [f32; 1024] = lock.read();
    value_read_padded: fn(lock: &SeqLock<[Gap; 64]>) -> [Gap; 64] = lock.read();
    value_read_versioned: fn(lock: &SeqLock<[u64; 40]>) -> ([u64; 40], Version) = lock.read_versioned();
    value_read_if_changed: fn(lock: &SeqLock<[u64; 40]>, known: &mut Version) -> Option<[u64; 40]> =
        lock.read_if_changed(known);
    value_latch_read: fn(lock: &SeqLatch<[u64; 40], 4>) -> [u64; 40] = lock.read();
    value_load_inner: fn(cell: &AtomicPerByte<Aligned8<[u64; 24]>>) -> MaybeInvalid<[u64; 24]> = cell.load_inner();
    value_load: fn(cell: &AtomicPerByte<[u64; 40]>) -> MaybeInvalid<[u64; 40]> = cell.load();
    value_writer_read: fn(writer: &Writer<'_, [u64; 40]>) -> [u64; 40] = writer.read();
    value_try_read: fn(lock: &SeqLock<[u64; 40]>) -> Result<[u64; 40], ReadError> = lock.try_read();
    value_try_read_flagged: fn(lock: &SeqLock<Flagged>) -> Result<Flagged, ReadError> = lock.try_read();
    value_try_read_versioned: fn(lock: &SeqLock<[u64; 40]>) -> Result<([u64; 40], Version), ReadError> =
        lock.try_read_versioned();
    value_try_read_if_changed: fn(lock: &SeqLock<[u64; 40]>, known: &mut Version) -> Result<Option<[u64; 40]>, ReadError> =
        lock.try_read_if_changed(known);
    value_read_with: fn(lock: &SeqLock<[u64; 40]>) -> Result<[u64; 40], u32> =
        lock.read_with(|attempt| ControlFlow::Break(attempt.number));
    value_replace: fn(lock: &SeqLock<[u64; 40]>, value: &[u64; 40]) -> [u64; 40] = lock.replace(*value);
    value_write: fn(lock: &SeqLock<[u64; 40]>, value: &[u64; 40]) -> () = lock.write(*value);
    value_write4k: fn(lock: &SeqLock<[f32; 1024]>, value: &[f32; 1024]) -> () = lock.write(*value);
    value_latch_write: fn(lock: &SeqLatch<[u64; 40], 4>, value: &[u64; 40]) -> () = lock.write(*value);
    value_writer_write: fn(writer: &mut Writer<'_, [u64; 40]>, value: &[u64; 40]) -> () = writer.write(*value);
    value_try_write: fn(lock: &SeqLock<[u64; 40]>, value: &[u64; 40]) -> bool = lock.try_write(*value).is_ok();
}

/// A type with bits that are never valid, that hold an error in a result.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
pub struct Flagged {
    levels: [u64; 40],
    open: bool,
}

/// A kilobyte in one run.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
pub struct Telemetry {
    at: u64,
    volts: [f32; 254],
}

/// One `f32` of a kilobyte.
///
/// # Errors
/// If a write overlapped.
#[unsafe(no_mangle)]
pub fn part_read_f32(lock: &SeqLock<Telemetry>) -> Result<f32, ReadError> {
    lock.try_read_part(part!(Telemetry, volts).index(100))
}

/// One of a latch.
///
/// # Errors
/// If a write overlapped.
#[unsafe(no_mangle)]
pub fn part_latch_read_f32(latch: &SeqLatch<Telemetry>) -> Result<f32, ReadError> {
    latch.try_read_part(part!(Telemetry, volts).index(100))
}

/// One that is chosen at run time.
///
/// # Errors
/// If a write overlapped.
#[unsafe(no_mangle)]
pub fn part_read_element(lock: &SeqLock<Telemetry>, index: usize) -> Result<f32, ReadError> {
    lock.try_read_part(part!(Telemetry, volts).index(index.min(253)))
}

/// Two of one write.
///
/// # Errors
/// If a write overlapped.
#[unsafe(no_mangle)]
pub fn part_read_two(lock: &SeqLock<Telemetry>) -> Result<(u64, f32), ReadError> {
    lock.try_read_parts((part!(Telemetry, at), part!(Telemetry, volts).index(100)))
}

/// A word's neighbour.
///
/// # Errors
/// If a write overlapped.
#[unsafe(no_mangle)]
pub fn part_read_u16(lock: &SeqLock<Padded48>) -> Result<u16, ReadError> {
    lock.try_read_part(part!(Padded48, port))
}

/// Without the other fields.
#[unsafe(no_mangle)]
pub fn part_update_f32(writer: &mut Writer<'_, Telemetry>) {
    writer.update_part(const { part!(Telemetry, volts).index(100) }, |volts| *volts += 1.0);
}
