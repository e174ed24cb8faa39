//! One part of a value, through `AtomicPerByte`, raw memory and locks: it is the part of the whole value, and a write of it changes
//! nothing else.

use seqcopy::{AtomicPerByte, Lock, Part, SeqLatch, SeqLock, part, raw};

use super::copies::{is, put, same};
use super::memory::{Buffer, View};
use super::node::Node;
use super::{Model, Rng};

/// A part, and where it lies by what is known without seqcopy.
struct OnePart<'a, T, F> {
    whole: &'a Node,
    node: Node,
    part: Part<T, F>,
    /// Its place in a value.
    place: &'a dyn Fn(&mut T) -> *mut F,
}

/// Compares a part with the same field of whole values. `path` leads to it, by numbers of fields and indices of elements.
pub(super) fn check<T: Model, F>(
    whole: &Node,
    path: &[usize],
    part: Part<T, F>,
    place: &dyn Fn(&mut T) -> *mut F,
    rng: &mut Rng,
) -> Result<(), String> {
    let (offset, node) = whole.descend(path, size_of::<F>());
    let mut value = T::make(rng);
    let found = place(&mut value).addr() - core::ptr::from_ref(&value).addr();
    if found != offset || node.size() != size_of::<F>() {
        return Err(format!("the test is wrong about {path:?}: {found} instead of {offset}, {node:?}"));
    }
    if part.offset() != offset {
        return Err(format!("the part {path:?} lies at {offset}, not at {}", part.offset()));
    }
    let one = OnePart { whole, node, part, place };
    let rounds = if cfg!(miri) { 1 } else { 4 };
    for round in 0..rounds {
        let (a, b) = (rng.fork(), rng.fork());
        let first = || T::make_kind(round % T::KINDS, &mut a.clone());
        let second = || T::make_kind(b.clone().below(T::KINDS), &mut b.clone());
        one.loads(&first).map_err(|it| format!("part {path:?}, {it}"))?;
        one.lock(&SeqLock::new(first()), &first, &second).map_err(|it| format!("part {path:?} of a lock, {it}"))?;
        one.lock(&SeqLatch::new(first()), &first, &second).map_err(|it| format!("part {path:?} of a latch, {it}"))?;
    }
    Ok(())
}

impl<T: Model, F> OnePart<'_, T, F> {
    /// The field of this value, which need not be aligned.
    fn field(&self, mut value: T) -> F {
        // SAFETY: the place of an `F` in a value of this thread. Nothing here is ever dropped.
        unsafe { (self.place)(&mut value).read_unaligned() }
    }

    /// `value` with the field of `other`.
    fn with(&self, mut value: T, other: T) -> T {
        // SAFETY: the place of an `F` in a value of this thread.
        unsafe { (self.place)(&mut value).write_unaligned(self.field(other)) };
        value
    }

    fn is(&self, expected: T, found: &F) -> Result<(), String> {
        same(&self.node, View::of(&self.field(expected)), View::of(found))
    }

    /// The bits without a lock.
    fn loads(&self, first: &dyn Fn() -> T) -> Result<(), String> {
        let bits = AtomicPerByte::new(first()).load_part(self.part);
        // SAFETY: a part of a whole value.
        self.is(first(), unsafe { bits.assume_valid_ref() }).map_err(|it| format!("load_part: {it}"))?;
        let memory = Buffer::new::<T>(0xa5);
        put(&memory, &first());
        // SAFETY: aligned memory of this thread, in which a value was stored.
        let bits = unsafe { raw::load_part(memory.as_ptr::<T>(), self.part) };
        // SAFETY: a part of a whole value.
        self.is(first(), unsafe { bits.assume_valid_ref() }).map_err(|it| format!("raw::load_part: {it}"))
    }

    /// A lock that holds `first`.
    fn lock(&self, lock: &impl Lock<T>, first: &dyn Fn() -> T, second: &dyn Fn() -> T) -> Result<(), String> {
        let part = self.part;
        let changed = || self.with(first(), second());
        let whole =
            |expected: T, what: &str| is(self.whole, &expected, &lock.read()).map_err(|it| format!("{what}: {it}"));

        self.is(first(), &lock.read_part(part)).map_err(|it| format!("read_part: {it}"))?;
        let Ok(found) = lock.try_read_part(part) else { return Err("try_read_part fails without a writer".to_owned()) };
        self.is(first(), &found).map_err(|it| format!("try_read_part: {it}"))?;
        let (found, all) = lock.read_parts((part, part!(T)));
        self.is(first(), &found).map_err(|it| format!("read_parts: {it}"))?;
        is(self.whole, &first(), &all).map_err(|it| format!("read_parts, all: {it}"))?;

        let before = lock.version();
        lock.write_part(part, self.field(second()));
        whole(changed(), "write_part")?;
        self.is(second(), &lock.read_part(part)).map_err(|it| format!("write_part, read_part: {it}"))?;
        let mut seen = Ok(());
        lock.update_part(part, |field| {
            seen = self.is(second(), field).map_err(|it| format!("update_part, before: {it}"));
            *field = self.field(first());
        });
        seen?;
        whole(first(), "update_part")?;
        let mut writer = lock.writer().expect("there is no other");
        writer.update_part(part, |field| *field = self.field(second()));
        self.is(second(), &writer.read_part(part)).map_err(|it| format!("writer, update_part, read_part: {it}"))?;
        whole(changed(), "writer, update_part")?;
        writer.write_part(part, self.field(first()));
        whole(first(), "writer, write_part")?;
        match lock.version().writes_since(before) {
            4 => Ok(()),
            other => Err(format!("{other} writes instead of 4")),
        }
    }
}
