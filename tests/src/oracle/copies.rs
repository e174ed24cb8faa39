//! Values through cells, raw memory and locks: what went in comes out, and nothing but data moves.

use core::mem::MaybeUninit;

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqLatch, SeqLock, raw};

use super::memory::{Room, View};
use super::node::{Byte, Node};
use super::{Model, Rng};

/// Whether all that is data in `expected` is the same in `found`, bit for bit.
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
                result = Err(format!("the pointer at {} leads elsewhere", active.offset));
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
    // SAFETY: every cell here was stored to as a whole, by this thread.
    let value = unsafe { bits.assume_valid() };
    same(node, View::of(expected), View::of(&value))
}

fn is<T: Model>(node: &Node, expected: &T, value: &T) -> Result<(), String> {
    same(node, View::of(expected), View::of(value))
}

// Each of the crate's functions that is called here is compiled for each type, with the whole copy inside: hence few calls.

#[inline(never)]
fn store<T: Model>(cell: &AtomicPerByte<T>, value: &T) {
    cell.store(value);
}

#[inline(never)]
fn load<T: Model>(cell: &AtomicPerByte<T>) -> MaybeInvalid<T> {
    cell.load()
}

#[inline(never)]
fn read<T: Model>(lock: &SeqLock<T>) -> T {
    lock.read()
}

#[inline(never)]
fn write<T: Model>(lock: &SeqLock<T>, value: T) {
    lock.write(value);
}

/// Stores a value into memory of our own.
#[inline(never)]
pub(super) fn put<T: Model>(buf: &Room, value: &T) {
    // SAFETY: aligned memory of this thread.
    unsafe { raw::store(buf.as_ptr::<T>(), value) };
}

/// Loads whatever is in memory of our own, every byte of which is initialised.
#[inline(never)]
pub(super) fn get<T: Model>(buf: &Room) -> MaybeInvalid<T> {
    // SAFETY: aligned memory of this thread.
    unsafe { raw::load(buf.as_ptr::<T>()) }
}

/// A cell: in and out.
fn cell<T: Model>(node: &Node, first: impl Fn() -> T, second: impl Fn() -> T) -> Result<(), String> {
    let (one, two) = (first(), second());
    let cell = AtomicPerByte::new(first());
    holds(node, &one, load(&cell)).map_err(|it| format!("new, load: {it}"))?;
    store(&cell, &two);
    let moved = Box::new(cell);
    holds(node, &two, load(&moved)).map_err(|it| format!("store, move, load: {it}"))
}

/// A lock: in and out.
fn lock<T: Model>(node: &Node, first: impl Fn() -> T, second: impl Fn() -> T) -> Result<(), String> {
    let (one, two) = (first(), second());
    let lock = SeqLock::new(first());
    is(node, &one, &read(&lock)).map_err(|it| format!("lock, new, read: {it}"))?;
    write(&lock, second());
    is(node, &two, &read(&lock)).map_err(|it| format!("lock, write, read: {it}"))?;
    // A smaller variant may come in the place of a larger one: then bytes lose their values in the private copy.
    lock.update(|value| *value = first());
    is(node, &one, &read(&lock)).map_err(|it| format!("lock, update, read: {it}"))
}

/// The ways in and out that [`cell`] and [`lock`] leave out.
pub(super) fn other_ways<T: Model>(node: &Node, rng: &mut Rng) -> Result<(), String> {
    let (one, two) = (rng.fork(), rng.fork());
    let (first, second) = (|| T::make(&mut one.clone()), || T::make(&mut two.clone()));
    let (one, two) = (first(), second());

    let mut cell = AtomicPerByte::new(first());
    cell.set(&two);
    // SAFETY: the cell is alive, and its bytes are initialised.
    let bits = unsafe { raw::load(cell.as_ptr()) };
    holds(node, &two, bits).map_err(|it| format!("set, raw::load: {it}"))?;
    cell.store(&one);
    let mut buf = MaybeUninit::uninit();
    cell.load_into(&mut buf);
    // SAFETY: a whole value was stored.
    is(node, &one, unsafe { buf.assume_init_ref() }).map_err(|it| format!("store, load_into: {it}"))?;
    holds(node, &one, cell.into_inner()).map_err(|it| format!("into_inner: {it}"))?;

    let mut lock = SeqLock::new(first());
    is(node, &one, &lock.replace(second())).map_err(|it| format!("lock, replace: {it}"))?;
    let mut buf = MaybeUninit::uninit();
    is(node, &two, lock.read_into(&mut buf)).map_err(|it| format!("lock, replace, read_into: {it}"))?;
    *lock.lock_write() = first();
    is(node, &one, &lock.read()).map_err(|it| format!("lock, lock_write, read: {it}"))?;
    lock.write_from(&two);
    let Ok(value) = lock.try_read() else { return Err("nobody writes, and yet try_read fails".to_owned()) };
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

/// Cell and lock in statics, made in constants.
pub(super) fn constants<T: Model>(
    node: &Node,
    cell: &AtomicPerByte<T>,
    lock: &SeqLock<T>,
    value: &T,
    other: impl Fn() -> T,
) -> Result<(), String> {
    holds(node, value, load(cell)).map_err(|it| format!("static cell: {it}"))?;
    is(node, value, &read(lock)).map_err(|it| format!("static lock: {it}"))?;
    store(cell, &other());
    holds(node, &other(), load(cell)).map_err(|it| format!("static cell, store: {it}"))?;
    write(lock, other());
    is(node, &other(), &read(lock)).map_err(|it| format!("static lock, write: {it}"))
}

/// Memory of our own, where every byte can be looked at: what is no data stays as it was.
fn memory<T: Model>(node: &Node, value: &T) -> Result<(), String> {
    let map = node.map();
    for fill in [0xa5, 0x5a] {
        let (shared, private) = (Room::new::<T>(fill), Room::new::<T>(!fill));
        put(&shared, value);
        image(node, &map, View::of(value), shared.view(), fill).map_err(|it| format!("raw::store: {it}"))?;
        // SAFETY: aligned memory of this thread.
        let buf = unsafe { &mut *private.as_ptr::<MaybeUninit<T>>() };
        // SAFETY: stored just now.
        unsafe { raw::load_into(shared.as_ptr::<T>(), buf) };
        image(node, &map, View::of(value), private.view(), !fill).map_err(|it| format!("raw::load_into: {it}"))?;
        // SAFETY: a whole value was loaded.
        is(node, value, unsafe { &*private.as_ptr::<T>() }).map_err(|it| format!("raw::load_into: {it}"))?;
    }
    Ok(())
}

/// Whether memory that was full of `fill` is what a store of the value must make of it: the data of the value; zeros
/// in the other variants; the rest untouched.
fn image(node: &Node, map: &[Byte], value: View, memory: View, fill: u8) -> Result<(), String> {
    same(node, value, memory)?;
    let mut is_active = vec![false; map.len()];
    node.active(value, 0, &mut |active| is_active[active.offset..active.offset + active.size].fill(true));
    for (at, &byte) in map.iter().enumerate() {
        let expected = if byte == Byte::Hole { fill } else { 0 };
        // The bytes of a pointer can't be looked at one by one.
        if !is_active[at] && memory.byte(at) != expected {
            return Err(format!("byte {at}, no data in this value, is {:#04x}, not {expected:#04x}", memory.byte(at)));
        }
    }
    Ok(())
}

/// A cell of zeros.
fn zeroed<T: Model>(node: &Node) -> Result<(), String> {
    let bits = load(&AtomicPerByte::<T>::zeroed());
    let view = View::of(&bits);
    match node.map().iter().enumerate().find(|&(at, &byte)| byte != Byte::Hole && view.byte(at) != 0) {
        Some((at, _)) => Err(format!("byte {at} of a zeroed cell is not 0")),
        None => Ok(()),
    }
}

/// Values of every kind through all of these.
pub(super) fn all<T: Model>(node: &Node, rng: &mut Rng) -> Result<(), String> {
    zeroed::<T>(node)?;
    let rounds = if cfg!(miri) { 2.max(T::KINDS.min(6)) } else { (2 * T::KINDS).clamp(8, 32) };
    for round in 0..rounds {
        let (a, b) = (rng.fork(), rng.fork());
        let first = || T::make_kind(round % T::KINDS, &mut a.clone());
        let second = || T::make_kind(b.clone().below(T::KINDS), &mut b.clone());
        cell(node, first, second)?;
        lock(node, first, second)?;
        memory(node, &first())?;
    }
    Ok(())
}
