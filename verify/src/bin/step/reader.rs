//! Part `b`: a reader of a lock is stepped, with 1 to `BUFFERS + 2` whole writes after instruction k, for each k. Part
//! `c`: reader and writer are stepped, in turns.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use seqcopy::ReadError;

use crate::locks::{Kind, Method, Way, write_and_mark, write_here};
use crate::memory::{Placed, Shared};
use crate::next::Next;
use crate::report::Report;
use crate::steps::{Looks, Outcome, Reading};
use crate::trace::{Child, mark};
use crate::values::Val;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    ByValue,
    IntoBuffer,
    ByPolicy,
}

pub(crate) const HOWS: [How; 3] = [How::ByValue, How::IntoBuffer, How::ByPolicy];

/// What a child reports of its read, in memory that it shares.
pub(crate) struct Mailbox<T> {
    shared: Shared,
    value: core::marker::PhantomData<T>,
}

#[repr(C)]
struct Letter<T> {
    error: u64,
    value: MaybeUninit<T>,
}

impl<T: Copy> Mailbox<T> {
    pub(crate) fn new() -> Mailbox<T> {
        Mailbox { shared: Shared::new(size_of::<Letter<T>>()), value: core::marker::PhantomData }
    }

    /// In the child: where the value goes.
    #[allow(clippy::mut_from_ref)] // of the memory that it names, as a pointer would be
    pub(crate) fn buf(&self) -> &mut MaybeUninit<T> {
        let at = self.shared.at(core::mem::offset_of!(Letter<T>, value)).cast();
        // SAFETY: inside the mapping, and aligned, since a mapping begins with a page; the parent looks only while the
        // child is stopped.
        unsafe { &mut *at }
    }

    /// In the child: what the read came to; the value, if any, is in the buffer already.
    pub(crate) fn post(&self, error: Option<ReadError>) {
        let error = match error {
            None => 0,
            Some(ReadError::Busy) => 1,
            Some(ReadError::Torn) => 2,
            Some(_) => 3,
        };
        self.shared.fill(0..1, error);
    }

    /// In the child: both.
    pub(crate) fn post_result(&self, result: Result<T, ReadError>) {
        self.post(result.map(|value| _ = self.buf().write(value)).err());
    }

    /// In the parent: what the read came to.
    pub(crate) fn read(&self) -> Result<T, Outcome> {
        match self.shared.byte(0) {
            // SAFETY: the child wrote a value before it reported one.
            0 => Ok(unsafe { self.buf().assume_init_read() }),
            1 => Err(Outcome::Busy),
            2 => Err(Outcome::Torn),
            _ => Err(Outcome::Wrong),
        }
    }
}

pub(crate) fn outcome_of<T: PartialEq>(read: Result<T, Outcome>, new: &T, old: &T) -> Outcome {
    match read {
        Ok(value) if value == *new => Outcome::New,
        Ok(value) if value == *old => Outcome::Old,
        Ok(_) => Outcome::Wrong,
        Err(outcome) => outcome,
    }
}

fn spawn<T: Val, L: Kind<T>>(placed: &Placed<T, L>, mailbox: &Mailbox<T>, how: How) -> Child {
    let lock = placed.lock_of_child();
    Child::spawn(|| {
        // A reader writes nothing, or ends here.
        placed.shared.make_read_only();
        loop {
            match how {
                How::ByValue => {
                    mark();
                    let result = lock.try_read();
                    mark();
                    mailbox.post_result(result);
                }
                How::ByPolicy => {
                    mark();
                    let result = lock.read_with(|attempt| ControlFlow::Break(attempt.error));
                    mark();
                    mailbox.post_result(result);
                }
                How::IntoBuffer => {
                    let buf = core::hint::black_box(mailbox.buf());
                    mark();
                    let result = lock.try_read_into(buf).map(|_| ());
                    mark();
                    mailbox.post(result.err());
                }
            }
            mark();
        }
    })
}

/// The reader stepped. Returns where it looks at the word.
pub(crate) fn stepped<T: Val, L: Kind<T>>(report: &Report, how: How, every: u64) -> Option<Looks> {
    let placed = Placed::<T, L>::new();
    let mailbox = Mailbox::<T>::new();
    let mut child = spawn::<T, L>(&placed, &mailbox, how);
    let n = Cell::new(0);
    let write = |many: u64| {
        for _ in 0..many {
            n.set(n.get() + 1);
            write_here(placed.lock(), &T::of(n.get()));
        }
    };
    let outcome = |many: u64| outcome_of(mailbox.read(), &T::of(n.get()), &T::of(n.get() - many));
    let name = format!("b: {} {how:?} {}", L::NAME, T::NAME);
    Reading { report, name, buffers: L::BUFFERS, every, is_plain: true, has_one_length: true }
        .interrupt(&mut child, write, outcome)
}

/// Both stepped: i instructions of the writer, k of the reader, j of the writer, the rest of the reader, the rest of
/// the writer, for all i, j and k. What the read must come to follows from what the word was when it looked.
pub(crate) fn both<T: Val, L: Kind<T>>(report: &Report, how: How) {
    let Some(looks) = stepped::<T, L>(report, how, 1) else { return };
    let placed = Placed::<T, L>::new();
    let mailbox = Mailbox::<T>::new();
    let mut reader = spawn::<T, L>(&placed, &mailbox, how);
    let lock = placed.lock_of_child();
    let mut writer = Child::spawn(|| write_and_mark::<T, L>(lock, Way::Writer(Method::WriteFrom)));
    let name = format!("c: {} {how:?} {}", L::NAME, T::NAME);
    (0..3).for_each(|_| reader.go_to_mark());
    (0..2).for_each(|_| writer.go_to_mark());
    // What the word has become after each instruction of a write.
    writer.go_to_mark();
    let before = placed.word();
    let mut words = vec![0];
    while writer.next() != Next::End {
        writer.step();
        words.push(placed.word() - before);
    }
    writer.go_to_mark();
    let steps = words.len() - 1;
    let (mut schedules, mut accepted, mut torn, mut busy) = (0, 0, 0, 0);
    for i in 0..=steps {
        for j in 0..=steps - i {
            for k in 0..=looks.all {
                let n = lock.version().to_bits();
                let base = placed.word();
                writer.go_to_mark();
                reader.go_to_mark();
                writer.steps(i as u64);
                reader.steps(k);
                writer.steps(j as u64);
                reader.go_to_mark();
                reader.go_to_mark();
                writer.go_to_mark();
                let at = |look: u64| base + words[if k < look { i + j } else { i }];
                let (first, second) = (at(looks.first), at(looks.second));
                let expected = if L::BUFFERS == 1 && first % 2 == 1 {
                    Outcome::Busy
                } else if second - first > L::BUFFERS.saturating_sub(2) {
                    Outcome::Torn
                } else if (if L::BUFFERS == 1 { first / 2 } else { first }) == n {
                    Outcome::Old
                } else {
                    Outcome::New
                };
                let came_to = outcome_of(mailbox.read(), &T::of(n + 1), &T::of(n));
                report.check(came_to == expected, || {
                    format!("{name}: writer {i}, reader {k}, writer {j}: {came_to:?}, expected {expected:?}")
                });
                schedules += 1;
                match came_to {
                    Outcome::Torn => torn += 1,
                    Outcome::Busy => busy += 1,
                    _ => accepted += 1,
                }
            }
        }
    }
    report.count(|counts| {
        counts.steps += reader.steps + writer.steps;
        counts.schedules += schedules;
    });
    println!(
        "{name}: writer {steps} x reader {}: {schedules} schedules, {accepted} accepted, {torn} torn, {busy} busy",
        looks.all
    );
}
