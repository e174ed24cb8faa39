//! Part `p`: one field of a locked value is written or read, stepped in both ways.

use std::cell::Cell;
use std::hint::black_box;

use seqcopy::{Part, ReadError, Sequenced};

use crate::locks::{Kind, write_here};
use crate::memory::Placed;
use crate::reader::{Mailbox, outcome_of};
use crate::report::Report;
use crate::steps::{Phase, Reading, Writing};
use crate::trace::{Child, mark};
use crate::values::Val;

/// A field of a value, and how to reach it without seqcopy.
pub(crate) struct Field<T: 'static, F: 'static> {
    pub(crate) name: &'static str,
    pub(crate) part: Part<T, F>,
    pub(crate) get: fn(&T) -> F,
    pub(crate) set: fn(&mut T, F),
}

impl<T: Val, F> Field<T, F> {
    /// The value after `n` writes of the field.
    fn after(&self, n: u64) -> T {
        let mut value = T::of(0);
        (self.set)(&mut value, (self.get)(&T::of(n)));
        value
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    WriterWrites,
    WriterUpdates,
    LockWrites,
    LockUpdates,
}

/// The body of a child.
fn write_and_mark<T: Val, F: Copy, L: Kind<T>>(lock: &'static Sequenced<T, L>, field: &Field<T, F>, way: Way) {
    let part = field.part;
    let next = || (field.get)(&T::of(lock.version().to_bits() + 1));
    match way {
        Way::WriterWrites | Way::WriterUpdates => {
            let mut writer = lock.writer().expect("the only writer");
            loop {
                let value = black_box(next());
                mark();
                match way {
                    Way::WriterWrites => writer.write_part(part, value),
                    _ => writer.update_part(part, |field| *field = value),
                }
                mark();
            }
        }
        Way::LockWrites | Way::LockUpdates => loop {
            let value = black_box(next());
            mark();
            match way {
                Way::LockWrites => lock.write_part(part, value),
                _ => lock.update_part(part, |field| *field = value),
            }
            mark();
        },
    }
}

/// The writer stepped, in every way; after each instruction the part, the whole, and both of them together are read.
pub(crate) fn writers<T: Val, F: Copy + PartialEq, L: Kind<T>>(report: &Report, field: &Field<T, F>) {
    for way in [Way::WriterWrites, Way::WriterUpdates, Way::LockWrites, Way::LockUpdates] {
        let placed = Placed::<T, L>::new();
        let lock = placed.lock_of_child();
        let mut child = Child::spawn(|| write_and_mark(lock, field, way));
        let look = |n: u64| {
            let (old, new) = (field.after(n - 1), field.after(n));
            let whole = phase::<T, T, L>(lock.try_read(), &old, &new, "of the whole")?;
            let part = phase::<T, F, L>(
                lock.try_read_part(field.part),
                &(field.get)(&old),
                &(field.get)(&new),
                "of the part",
            )?;
            let both = lock.try_read_parts((field.part, seqcopy::part!(T)));
            let pair = |value: T| ((field.get)(&value), value);
            let both = phase::<T, (F, T), L>(both, &pair(old), &pair(new), "of both")?;
            let version = lock.version().to_bits();
            if part != whole || both != whole || version != n - u64::from(whole != Phase::New) {
                return Err(format!("{whole:?} is the whole, {part:?} the part, {both:?} both, of version {version}"));
            }
            if placed.is_clean() { Ok(whole) } else { Err("a byte is overwritten that is not the write's".to_owned()) }
        };
        let name = format!("p: {} {way:?} {} of {}", L::NAME, field.name, T::NAME);
        let is_plain = matches!(way, Way::WriterWrites | Way::WriterUpdates);
        Writing { report, name, writes: 6, every: 1, is_plain }.follow(&mut child, look);
    }
}

fn phase<T: Val, V: PartialEq, L: Kind<T>>(
    read: Result<V, ReadError>,
    old: &V,
    new: &V,
    what: &str,
) -> Result<Phase, String> {
    match read {
        Ok(value) if value == *new => Ok(Phase::New),
        Ok(value) if value == *old => Ok(Phase::Old),
        Ok(_) => Err(format!("a torn value {what} is accepted")),
        Err(ReadError::Busy) if L::BUFFERS == 1 => Ok(Phase::Busy),
        Err(error) => Err(format!("{error:?} {what}")),
    }
}

/// A reader of the part stepped, and one of the part and the whole, if that is wanted; whole values are written.
pub(crate) fn readers<T: Val, F: Copy + PartialEq, L: Kind<T>>(report: &Report, field: &Field<T, F>, with_whole: bool) {
    let name = format!("p: {} reads {} of {}", L::NAME, field.name, T::NAME);
    read::<T, F, L>(report, name, |lock| lock.try_read_part(field.part), field.get);
    if !with_whole {
        return;
    }
    let name = format!("p: {} reads {} and the whole of {}", L::NAME, field.name, T::NAME);
    let pair = |value: &T| ((field.get)(value), *value);
    read::<T, (F, T), L>(report, name, |lock| lock.try_read_parts((field.part, seqcopy::part!(T))), pair);
}

fn read<T: Val, V: Copy + PartialEq, L: Kind<T>>(
    report: &Report,
    name: String,
    read: impl Fn(&Sequenced<T, L>) -> Result<V, ReadError>,
    of: impl Fn(&T) -> V,
) {
    let placed = Placed::<T, L>::new();
    let mailbox = Mailbox::<V>::new();
    let lock = placed.lock_of_child();
    let mut child = Child::spawn(|| {
        placed.shared.make_read_only();
        loop {
            mark();
            let result = read(lock);
            mark();
            mailbox.post_result(result);
            mark();
        }
    });
    let n = Cell::new(0);
    let write = |many: u64| {
        for _ in 0..many {
            n.set(n.get() + 1);
            write_here(placed.lock(), &T::of(n.get()));
        }
    };
    let value = |n: u64| of(&T::of(n));
    let outcome = |many: u64| outcome_of(mailbox.read(), &value(n.get()), &value(n.get() - many));
    Reading { report, name, buffers: L::BUFFERS, every: 1, is_plain: true, has_one_length: true }
        .interrupt(&mut child, write, outcome);
}
