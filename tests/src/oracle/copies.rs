//! Values through `AtomicPerByte`, raw memory and locks: every value comes back, and only data is copied.

use core::mem::MaybeUninit;

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqLatch, SeqLock, raw};

use super::memory::{Buffer, View};
use super::node::{Byte, Node};
use super::spans::spans;
use super::{Model, Rng};

/// Whether all data of `expected` is the same in `found`, bit for bit.
pub(super) fn same(node: &Node, expected: View, found: View) -> Result<(), String> {
    let mut result = Ok(());
    node.active(expected, 0, &mut |active| {
        if result.is_err() {
            return;
        }
        // The tag comes first, so from here on both have the same variants.
        if let Some(pointee) = active.pointee {
            let (a, b) = (expected.pointer(active.offset), found.pointer(active.offset));
            if a != b {
                result = Err(format!("the pointer at {} is {b:?} instead of {a:?}", active.offset));
            } else if !a.is_null() && (pointee.follow)(a) != (pointee.follow)(b) {
                result = Err(format!("the pointer at {} has another target", active.offset));
            }
            return;
        }
        let bytes = |view: View| view.bytes(active.offset, active.size);
        if bytes(expected) != bytes(found) {
            let (a, b) = (bytes(expected), bytes(found));
            result = Err(format!("the bytes at {} are {b:02x?} instead of {a:02x?}", active.offset));
        }
    });
    result
}

/// Whether the bits are those of the value.
fn holds<T: Model>(node: &Node, expected: &T, bits: MaybeInvalid<T>) -> Result<(), String> {
    // SAFETY: a whole value was stored, by this thread.
    let value = unsafe { bits.assume_valid() };
    same(node, View::of(expected), View::of(&value))
}

pub(super) fn is<T: Model>(node: &Node, expected: &T, value: &T) -> Result<(), String> {
    same(node, View::of(expected), View::of(value))
}

// Each of these functions is compiled for each type, with the whole copy inlined: so they are called from one place
// only.

#[inline(never)]
fn store<T: Model>(bytes: &AtomicPerByte<T>, value: &T) {
    bytes.store(value);
}

#[inline(never)]
fn load<T: Model>(bytes: &AtomicPerByte<T>) -> MaybeInvalid<T> {
    bytes.load()
}

#[inline(never)]
fn read<T: Model>(lock: &SeqLock<T>) -> T {
    lock.read()
}

#[inline(never)]
fn write<T: Model>(lock: &SeqLock<T>, value: T) {
    lock.write(value);
}

/// Stores a value into private memory.
#[inline(never)]
pub(super) fn put<T: Model>(buf: &Buffer, value: &T) {
    // SAFETY: aligned memory of this thread.
    unsafe { raw::store(buf.as_ptr::<T>(), value) };
}

/// Loads from private memory, all of whose bytes are initialised.
#[inline(never)]
pub(super) fn get<T: Model>(buf: &Buffer) -> MaybeInvalid<T> {
    // SAFETY: aligned memory of this thread.
    unsafe { raw::load(buf.as_ptr::<T>()) }
}

/// An `AtomicPerByte`: in and out.
fn per_byte<T: Model>(node: &Node, first: impl Fn() -> T, second: impl Fn() -> T) -> Result<(), String> {
    let (one, two) = (first(), second());
    let bytes = AtomicPerByte::new(first());
    holds(node, &one, load(&bytes)).map_err(|it| format!("new, load: {it}"))?;
    store(&bytes, &two);
    let moved = Box::new(bytes);
    holds(node, &two, load(&moved)).map_err(|it| format!("store, move, load: {it}"))
}

/// A lock: in and out.
fn lock<T: Model>(node: &Node, first: impl Fn() -> T, second: impl Fn() -> T) -> Result<(), String> {
    let (one, two) = (first(), second());
    let lock = SeqLock::new(first());
    is(node, &one, &read(&lock)).map_err(|it| format!("lock, new, read: {it}"))?;
    write(&lock, second());
    is(node, &two, &read(&lock)).map_err(|it| format!("lock, write, read: {it}"))?;
    // A smaller variant may replace a larger one: then bytes of the private copy become uninitialised.
    lock.update(|value| *value = first());
    is(node, &one, &read(&lock)).map_err(|it| format!("lock, update, read: {it}"))
}

/// The ways in and out that [`per_byte`] and [`lock`] do not check.
pub(super) fn other_ways<T: Model>(node: &Node, rng: &mut Rng) -> Result<(), String> {
    let (one, two) = (rng.fork(), rng.fork());
    let (first, second) = (|| T::make(&mut one.clone()), || T::make(&mut two.clone()));
    let (one, two) = (first(), second());

    let mut bytes = AtomicPerByte::new(first());
    bytes.set(&two);
    // SAFETY: it is alive, and its bytes are initialised.
    let bits = unsafe { raw::load(bytes.as_ptr()) };
    holds(node, &two, bits).map_err(|it| format!("set, raw::load: {it}"))?;
    bytes.store(&one);
    let mut buf = MaybeUninit::uninit();
    bytes.load_into(&mut buf);
    // SAFETY: a whole value was stored.
    is(node, &one, unsafe { buf.assume_init_ref() }).map_err(|it| format!("store, load_into: {it}"))?;
    holds(node, &one, bytes.into_inner()).map_err(|it| format!("into_inner: {it}"))?;

    let mut lock = SeqLock::new(first());
    is(node, &one, &lock.replace(second())).map_err(|it| format!("lock, replace: {it}"))?;
    let mut buf = MaybeUninit::uninit();
    is(node, &two, lock.read_into(&mut buf)).map_err(|it| format!("lock, replace, read_into: {it}"))?;
    *lock.lock_write() = first();
    is(node, &one, &lock.read()).map_err(|it| format!("lock, lock_write, read: {it}"))?;
    lock.write_from(&two);
    let Ok(value) = lock.try_read() else { return Err("try_read fails without a writer".to_owned()) };
    is(node, &two, &value).map_err(|it| format!("lock, write_from, try_read: {it}"))?;
    *lock.get_mut() = first();
    is(node, &one, &lock.into_inner()).map_err(|it| format!("lock, get_mut, into_inner: {it}"))?;

    let latch = SeqLatch::new(first());
    is(node, &one, &latch.read()).map_err(|it| format!("latch, new, read: {it}"))?;
    latch.write(second());
    is(node, &two, &latch.read()).map_err(|it| format!("latch, write, read: {it}"))?;
    latch.update(|value| *value = first());
    is(node, &one, &latch.read()).map_err(|it| format!("latch, update, read: {it}"))
}

/// An `AtomicPerByte` and a lock in statics.
pub(super) fn constants<T: Model>(
    node: &Node,
    bytes: &AtomicPerByte<T>,
    lock: &SeqLock<T>,
    value: &T,
    other: impl Fn() -> T,
) -> Result<(), String> {
    holds(node, value, load(bytes)).map_err(|it| format!("static: {it}"))?;
    is(node, value, &read(lock)).map_err(|it| format!("static lock: {it}"))?;
    store(bytes, &other());
    holds(node, &other(), load(bytes)).map_err(|it| format!("static, store: {it}"))?;
    write(lock, other());
    is(node, &other(), &read(lock)).map_err(|it| format!("static lock, write: {it}"))
}

/// Private memory, where every byte can be checked: a byte that is not data is left unchanged, but loads may copy
/// padding in spans.
fn memory<T: Model>(node: &Node, value: &T) -> Result<(), String> {
    let (map, in_span) = (node.map(), spans(node));
    for fill in [0xa5, 0x5a] {
        let (shared, private) = (Buffer::new::<T>(fill), Buffer::new::<T>(!fill));
        put(&shared, value);
        let left = |_| vec![fill];
        image(node, &map, View::of(value), shared.view(), left).map_err(|it| format!("raw::store: {it}"))?;
        // SAFETY: aligned memory of this thread.
        let buf = unsafe { &mut *private.as_ptr::<MaybeUninit<T>>() };
        // SAFETY: stored just now.
        unsafe { raw::load_into(shared.as_ptr::<T>(), buf) };
        let left = |at: usize| if in_span[at] { vec![fill, !fill] } else { vec![!fill] };
        image(node, &map, View::of(value), private.view(), left).map_err(|it| format!("raw::load_into: {it}"))?;
        // SAFETY: a whole value was loaded.
        is(node, value, unsafe { &*private.as_ptr::<T>() }).map_err(|it| format!("raw::load_into: {it}"))?;
    }
    Ok(())
}

/// Whether memory has the content that a copy of the value must leave: the data of the value, zeros in the bytes of
/// other variants, and in the rest one of the bytes that may be left there.
fn image(node: &Node, map: &[Byte], value: View, memory: View, left: impl Fn(usize) -> Vec<u8>) -> Result<(), String> {
    same(node, value, memory)?;
    let mut is_active = vec![false; map.len()];
    node.active(value, 0, &mut |active| is_active[active.offset..active.offset + active.size].fill(true));
    for (at, &byte) in map.iter().enumerate() {
        let expected = if byte == Byte::Hole { left(at) } else { vec![0] };
        // The bytes of a pointer can't be read one by one.
        if !is_active[at] && !expected.contains(&memory.byte(at)) {
            return Err(format!("byte {at}, not data in this value, is {:#04x}, not {expected:02x?}", memory.byte(at)));
        }
    }
    Ok(())
}

/// A zeroed `AtomicPerByte`.
fn zeroed<T: Model>(node: &Node) -> Result<(), String> {
    let bits = load(&AtomicPerByte::<T>::zeroed());
    let view = View::of(&bits);
    match node.map().iter().enumerate().find(|&(at, &byte)| byte != Byte::Hole && view.byte(at) != 0) {
        Some((at, _)) => Err(format!("byte {at} of `zeroed` is not 0")),
        None => Ok(()),
    }
}

/// Checks values of every kind in all these ways.
pub(super) fn all<T: Model>(node: &Node, rng: &mut Rng) -> Result<(), String> {
    zeroed::<T>(node)?;
    let rounds = if cfg!(miri) { 2.max(T::KINDS.min(6)) } else { (2 * T::KINDS).clamp(8, 32) };
    for round in 0..rounds {
        let (a, b) = (rng.fork(), rng.fork());
        let first = || T::make_kind(round % T::KINDS, &mut a.clone());
        let second = || T::make_kind(b.clone().below(T::KINDS), &mut b.clone());
        per_byte(node, first, second)?;
        lock(node, first, second)?;
        memory(node, &first())?;
    }
    Ok(())
}
