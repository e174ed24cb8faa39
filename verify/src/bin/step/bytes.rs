//! Part `byte`: stores and loads of an `AtomicPerByte` alone, stepped. After each instruction of a store each byte is
//! the old one or the new one, and never goes back; of a load with whole stores between two of its instructions each
//! access is old or new as a whole.

#![allow(clippy::cast_ptr_alignment)] // a mapping begins with a page

use core::cell::Cell;
use core::hint::black_box;
use core::ops::Range;

use seqcopy::AtomicPerByte;

use crate::memory::Shared;
use crate::next::Next;
use crate::reader::Mailbox;
use crate::report::Report;
use crate::trace::{Child, mark};
use crate::values::{Val, accesses, fixed_padding};

/// Bytes on either side.
const GUARD: usize = 256;
const FILL: u8 = 0xa5;
/// This many values are stored one after the other.
const STORES: u64 = 6;

/// An `AtomicPerByte` in shared memory, with known bytes around it and in its padding.
struct Cellar<T> {
    shared: Shared,
    data: Vec<usize>,
    untouched: Vec<usize>,
    value: core::marker::PhantomData<T>,
}

impl<T: Val> Cellar<T> {
    fn new() -> Self {
        let len = size_of::<T>();
        let shared = Shared::new(len + 2 * GUARD);
        shared.fill(0..len + 2 * GUARD, FILL);
        let holes: Vec<usize> = T::LAYOUT.holes().flatten().collect();
        let data = (0..len).filter(|byte| !holes.contains(byte)).collect();
        let beside = (0..GUARD).chain(GUARD + len..GUARD + len + GUARD);
        let untouched = beside.chain(fixed_padding::<T>().into_iter().map(|hole| GUARD + hole)).collect();
        let cellar = Cellar { shared, data, untouched, value: core::marker::PhantomData };
        cellar.cell().store(&T::of(0));
        cellar
    }

    fn cell(&self) -> &AtomicPerByte<T> {
        // SAFETY: in the mapping, which lives as long as `self`; aligned, since `GUARD` is a multiple of all
        // alignments; initialised, and accessed by this type only, but for volatile looks while the child is stopped.
        unsafe { AtomicPerByte::from_ptr(self.shared.at(GUARD).cast()) }
    }

    /// The data bytes of a value that has all of them.
    fn image(&self, value: *const T) -> Vec<u8> {
        // SAFETY: every byte of data is initialised: none of the types used here is an enum with fields.
        self.data.iter().map(|at| unsafe { value.cast::<u8>().wrapping_add(*at).read() }).collect()
    }

    fn image_of(&self, n: u64) -> Vec<u8> {
        self.image(&raw const *black_box(&T::of(n)))
    }

    /// What is wrong with the bytes while value `n` is being stored; `seen` says which were new before.
    fn look(&self, n: u64, seen: &mut [bool]) -> Result<(), String> {
        let bits = self.cell().load();
        let loaded = self.image(bits.as_ptr());
        let (old, new) = (self.image_of(n - 1), self.image_of(n));
        for (index, at) in self.data.iter().enumerate() {
            let byte = loaded[index];
            if byte != self.shared.byte(GUARD + at) {
                return Err(format!("a load finds {byte:#x} at {at}, which is not there"));
            }
            if byte != new[index] && (seen[index] || byte != old[index]) {
                return Err(format!("byte {at} is {byte:#x}, neither old nor new, or old again"));
            }
            seen[index] |= byte == new[index];
        }
        match self.untouched.iter().find(|at| self.shared.byte(**at) != FILL) {
            None => Ok(()),
            Some(at) => Err(format!(
                "the byte at {at} is overwritten, of those {GUARD} before the value and after it, or of padding"
            )),
        }
    }
}

/// Stores and loads of a type; not of an enum with fields, whose data bytes depend on the variant.
pub(crate) fn all<T: Val>(report: &Report) {
    stores::<T>(report);
    loads::<T>(report);
}

fn stores<T: Val>(report: &Report) {
    let cellar = Cellar::<T>::new();
    let name = format!("byte: {} stored", T::NAME);
    let mut child = Child::spawn(|| {
        for n in 1.. {
            let value = T::of(n);
            let value = black_box(&value);
            mark();
            cellar.cell().store(value);
            mark();
        }
    });
    let (mut looks, mut longest) = (0, 0);
    for n in 1..=STORES {
        let mut seen = vec![false; cellar.data.len()];
        child.go_to_mark();
        for done in 0_u64.. {
            looks += 1;
            let found = cellar.look(n, &mut seen);
            report.check(found.is_ok(), || format!("{name}: store {n}, instruction {done}: {}", found.unwrap_err()));
            let next = child.next();
            report
                .check(!matches!(next, Next::Locked | Next::Syscall), || format!("{name}: an instruction is {next:?}"));
            if next == Next::End {
                longest = done.max(longest);
                break;
            }
            child.step();
        }
        let new = seen.iter().filter(|is_new| **is_new).count();
        report.check(new == seen.len(), || format!("{name}: store {n}: {new} bytes of {} are stored", seen.len()));
        child.go_to_mark();
    }
    report.count(|counts| {
        counts.steps += child.steps;
        counts.looks += looks;
    });
    println!("{name}: up to {longest} instructions, {looks} looks");
}

fn loads<T: Val>(report: &Report) {
    let cellar = Cellar::<T>::new();
    let mailbox = Mailbox::<T>::new();
    let name = format!("byte: {} loaded", T::NAME);
    let mut child = Child::spawn(|| {
        cellar.shared.make_read_only();
        loop {
            let buf = black_box(mailbox.buf());
            mark();
            cellar.cell().load_into(buf);
            mark();
        }
    });
    // The bytes of one access, as places in an image.
    let accesses: Vec<Range<usize>> = (accesses(T::LAYOUT, align_of::<T>()))
        .into_iter()
        .map(|access| {
            let first = cellar.data.partition_point(|at| *at < access.offset);
            first..cellar.data.partition_point(|at| *at < access.offset + access.width)
        })
        .collect();
    let n = Cell::new(0_u64);
    let (mut schedules, mut longest) = (0, 0);
    // What is found out once, is found out now.
    (0..2).for_each(|_| child.go_to_mark());
    for many in 1..=2 {
        for k in 0.. {
            child.go_to_mark();
            let done = child.steps(k);
            let is_end = child.next() == Next::End;
            let old = cellar.image_of(n.get());
            for _ in 0..many {
                n.set(n.get() + 1);
                cellar.cell().store(&T::of(n.get()));
            }
            let new = cellar.image_of(n.get());
            child.go_to_mark();
            schedules += 1;
            let loaded = cellar.image(mailbox.buf().as_ptr());
            let is_old = |access: &Range<usize>| loaded[access.clone()] == old[access.clone()];
            let is_new = |access: &Range<usize>| loaded[access.clone()] == new[access.clone()];
            let is_whole = accesses.iter().all(|access| is_old(access) || is_new(access));
            // Some bytes of some values are the same.
            let differ = accesses.iter().filter(|access| !is_old(access) || !is_new(access)).count();
            let old_now = accesses.iter().filter(|access| !is_new(access)).count();
            let is_right = is_whole && (k > 0 || old_now == 0) && (!is_end || old_now == differ);
            report.check(is_right, || {
                format!("{name}: {many} stores after instruction {k}: of {differ} accesses {old_now} are old, each whole: {is_whole}")
            });
            longest = longest.max(done);
            if is_end {
                break;
            }
        }
    }
    report.count(|counts| {
        counts.steps += child.steps;
        counts.schedules += schedules;
    });
    println!("{name}: {longest} instructions, {schedules} schedules, {} accesses", accesses.len());
}
