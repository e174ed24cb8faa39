//! Part `a`: the writer of a lock is stepped; after each instruction every reader looks in every way.

use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use seqcopy::{Policy, ReadError, Version};

use crate::locks::{BY_LOCK, BY_WRITER, Kind, Method, Way, write_and_mark};
use crate::memory::Placed;
use crate::report::Report;
use crate::steps::{Phase, Writing};
use crate::trace::Child;
use crate::values::Val;

/// In every way that there is.
pub(crate) fn in_all_ways<T: Val, L: Kind<T>>(report: &Report) {
    for way in BY_WRITER.into_iter().chain(BY_LOCK) {
        if way != Way::Lock(Method::Guard) || L::BUFFERS == 1 {
            stepped::<T, L>(report, way, 6, 1);
        }
    }
}

/// By reference, for large values.
pub(crate) fn by_reference<T: Val, L: Kind<T>>(report: &Report, writes: u64, every: u64) {
    stepped::<T, L>(report, Way::Writer(Method::WriteFrom), writes, every);
    stepped::<T, L>(report, Way::Lock(Method::WriteFrom), writes, every);
}

/// The same by a `Writer` alone.
pub(crate) fn by_writer<T: Val, L: Kind<T>>(report: &Report, writes: u64, every: u64) {
    stepped::<T, L>(report, Way::Writer(Method::WriteFrom), writes, every);
}

fn stepped<T: Val, L: Kind<T>>(report: &Report, way: Way, writes: u64, every: u64) {
    let placed = Placed::<T, L>::new();
    let lock = placed.lock_of_child();
    let child = Child::spawn(|| write_and_mark::<T, L>(lock, way));
    let name = format!("a: {} {way:?} {}", L::NAME, T::NAME);
    let is_plain = matches!(way, Way::Writer(_));
    follow::<T, L>(&placed, child, &Writing { report, name, writes, every, is_plain });
}

/// A child that writes one value after the other, from the first on.
pub(crate) fn follow<T: Val, L: Kind<T>>(placed: &Placed<T, L>, mut child: Child, writing: &Writing<'_>) {
    let mut readers = Readers { placed, buf: Box::new(MaybeUninit::uninit()), known: Version::NEVER };
    writing.follow(&mut child, |n| readers.look(n));
}

/// All ways to read.
struct Readers<'a, T: 'static, L: Policy + 'static> {
    placed: &'a Placed<T, L>,
    buf: Box<MaybeUninit<T>>,
    known: Version,
}

impl<T: Val, L: Kind<T>> Readers<'_, T, L> {
    /// What one read sees, while write `n` is going on.
    fn phase(n: u64, read: Result<&T, ReadError>, how: &str) -> Result<Phase, String> {
        match read {
            Ok(value) if *value == T::of(n) => Ok(Phase::New),
            Ok(value) if *value == T::of(n - 1) => Ok(Phase::Old),
            Ok(_) => Err(format!("a torn value is accepted {how}")),
            Err(ReadError::Busy) if L::BUFFERS == 1 => Ok(Phase::Busy),
            Err(error) => Err(format!("{error:?} {how}")),
        }
    }

    fn look(&mut self, n: u64) -> Result<Phase, String> {
        let lock = self.placed.lock();
        let phase = Self::phase(n, lock.try_read().as_ref().map_err(|error| *error), "by value")?;
        let agrees = |other: Phase, how: &str| {
            if other == phase { Ok(()) } else { Err(format!("{phase:?} by value, and {other:?} {how}")) }
        };
        agrees(
            Self::phase(n, lock.try_read_into(&mut self.buf).map(|value| &*value), "into a buffer")?,
            "into a buffer",
        )?;
        let once = lock.read_with(|attempt| ControlFlow::Break(attempt.error));
        agrees(Self::phase(n, once.as_ref().map_err(|error| *error), "by a policy")?, "by a policy")?;

        let expected = if phase == Phase::New { n } else { n - 1 };
        let version = lock.version().to_bits();
        if version != expected || lock.has_changed(Version::from_bits(n - 1)) != (phase == Phase::New) {
            return Err(format!("version {version} in phase {phase:?}"));
        }
        match lock.try_read_versioned() {
            Err(ReadError::Busy) if phase == Phase::Busy => {}
            Ok((value, version)) if version.to_bits() == expected && value == T::of(expected) => {}
            other => return Err(format!("in phase {phase:?} the value has version {:?}", other.map(|pair| pair.1))),
        }
        if phase != Phase::Busy && lock.read_versioned().1.to_bits() != expected {
            return Err(format!("another version of read_versioned in phase {phase:?}"));
        }
        // The value of each write comes once.
        let knew = self.known;
        let news = lock.try_read_if_changed(&mut self.known);
        let is_right = match news {
            Err(ReadError::Busy) => phase == Phase::Busy && self.known == knew,
            Ok(None) => knew.to_bits() == expected && knew != Version::NEVER,
            Ok(Some(value)) => knew != self.known && self.known.to_bits() == expected && value == T::of(expected),
            Err(_) => false,
        };
        if !is_right {
            return Err(format!("in phase {phase:?} try_read_if_changed goes from {knew:?} to {:?}", self.known));
        }
        if self.placed.is_clean() { Ok(phase) } else { Err("a byte is overwritten that is not the write's".to_owned()) }
    }
}
