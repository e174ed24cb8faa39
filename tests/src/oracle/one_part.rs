//! One part of a value, through `AtomicPerByte` and raw memory, a lock, or its writer: it is the part of the whole
//! value, and a write of it changes nothing else.
//!
//! Each function that copies a part has a walk over the whole type in it, so these would be by far the most code of a
//! type's test. So each part is checked in one [`Way`], which the generator draws.

use seqcopy::{AtomicPerByte, Part, Policy, SeqLatch, SeqLock, Sequenced, part, raw};

use super::copies::{is, put, same};
use super::memory::{Buffer, View};
use super::node::Node;
use super::{Model, Rng};

/// A part, and where it lies by what is known without seqcopy.
pub struct OnePart<'a, T, F> {
    whole: &'a Node,
    node: Node,
    part: Part<T, F>,
    /// Its place in a value.
    place: &'a dyn Fn(&mut T) -> *mut F,
}

/// Checks a part with two values.
pub type Way<T, F> = fn(&OnePart<'_, T, F>, &dyn Fn() -> T, &dyn Fn() -> T) -> Result<(), String>;

/// Compares a part with the same field of whole values. `path` leads to it, by numbers of fields and indices of
/// elements.
pub(super) fn check<T: Model, F>(
    whole: &Node,
    path: &[usize],
    part: Part<T, F>,
    place: &dyn Fn(&mut T) -> *mut F,
    way: Way<T, F>,
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
        way(&one, &first, &second).map_err(|it| format!("part {path:?}, {it}"))?;
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

    /// A lock that holds `first`, shared.
    fn lock<P: Policy>(
        &self,
        lock: &Sequenced<T, P>,
        first: &dyn Fn() -> T,
        second: &dyn Fn() -> T,
    ) -> Result<(), String> {
        let (part, before) = (self.part, lock.version());
        let whole = |expected: T, what| is(self.whole, &expected, &lock.read()).map_err(|it| format!("{what}: {it}"));

        let Ok(found) = lock.try_read_part(part) else { return Err("try_read_part fails without a writer".to_owned()) };
        self.is(first(), &found).map_err(|it| format!("try_read_part: {it}"))?;
        let (found, all) = lock.read_parts((part, part!(T)));
        self.is(first(), &found).map_err(|it| format!("read_parts: {it}"))?;
        is(self.whole, &first(), &all).map_err(|it| format!("read_parts, all: {it}"))?;

        lock.write_part(part, self.field(second()));
        whole(self.with(first(), second()), "write_part")?;
        self.is(second(), &lock.read_part(part)).map_err(|it| format!("write_part, read_part: {it}"))?;
        let mut seen = Ok(());
        lock.update_part(part, |field| {
            seen = self.is(second(), field).map_err(|it| format!("update_part, before: {it}"));
            *field = self.field(first());
        });
        seen?;
        whole(first(), "update_part")?;
        match lock.version().writes_since(before) {
            2 => Ok(()),
            other => Err(format!("{other} writes instead of 2")),
        }
    }

    /// A lock that holds `first`, by its writer.
    fn writer<P: Policy>(
        &self,
        lock: &Sequenced<T, P>,
        first: &dyn Fn() -> T,
        second: &dyn Fn() -> T,
    ) -> Result<(), String> {
        let (part, before) = (self.part, lock.version());
        let whole = |expected: T, what| is(self.whole, &expected, &lock.read()).map_err(|it| format!("{what}: {it}"));

        let mut writer = lock.writer().expect("there is no other");
        let mut seen = Ok(());
        writer.update_part(part, |field| {
            seen = self.is(first(), field).map_err(|it| format!("update_part, before: {it}"));
            *field = self.field(second());
        });
        seen?;
        whole(self.with(first(), second()), "update_part")?;
        self.is(second(), &writer.read_part(part)).map_err(|it| format!("update_part, read_part: {it}"))?;
        writer.write_part(part, self.field(first()));
        whole(first(), "write_part")?;
        match lock.version().writes_since(before) {
            2 => Ok(()),
            other => Err(format!("{other} writes instead of 2")),
        }
    }
}

/// Without a lock.
///
/// # Errors
/// The message says what is wrong.
pub fn bits<T: Model, F>(one: &OnePart<'_, T, F>, first: &dyn Fn() -> T, second: &dyn Fn() -> T) -> Result<(), String> {
    for value in [first, second] {
        let bits = AtomicPerByte::new(value()).load_part(one.part);
        // SAFETY: a part of a whole value.
        one.is(value(), unsafe { bits.assume_valid_ref() }).map_err(|it| format!("load_part: {it}"))?;
        let memory = Buffer::new::<T>(0xa5);
        put(&memory, &value());
        // SAFETY: aligned memory of this thread, in which a value was stored.
        let bits = unsafe { raw::load_part(memory.as_ptr::<T>(), one.part) };
        // SAFETY: a part of a whole value.
        one.is(value(), unsafe { bits.assume_valid_ref() }).map_err(|it| format!("raw::load_part: {it}"))?;
    }
    Ok(())
}

macro_rules! ways {
    ($($(#[$doc:meta])* $name:ident: $lock:ident, $check:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// The message says what is wrong.
        pub fn $name<T: Model, F>(
            one: &OnePart<'_, T, F>,
            first: &dyn Fn() -> T,
            second: &dyn Fn() -> T,
        ) -> Result<(), String> {
            one.$check(&<$lock<T>>::new(first()), first, second).map_err(|it| format!("{}: {it}", stringify!($name)))
        }
    )*};
}
ways! {
    /// By a lock that is shared.
    lock: SeqLock, lock;
    /// By a latch that is shared.
    latch: SeqLatch, lock;
    /// By the writer of a lock.
    writer_of_lock: SeqLock, writer;
    /// By the writer of a latch.
    writer_of_latch: SeqLatch, writer;
}
