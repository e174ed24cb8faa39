//! Part `as`: the writer of a region is stepped; after each instruction all readers look.

use core::hint::black_box;

use seqcopy::Version;
use seqcopy_tests::faults::Place;

use super::{Shareable, Source, agreed, is_alive, make};
use crate::report::Report;
use crate::steps::{Phase, Writing};
use crate::trace::{Child, mark};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Write,
    WriteFrom,
    Update,
    InPlace,
}

pub(crate) const WAYS: [Way; 4] = [Way::Write, Way::WriteFrom, Way::Update, Way::InPlace];

/// A child that takes over a region and writes, with a mark before and after each value.
pub(crate) fn spawn<T: Shareable>(source: &Source, way: Way) -> Child {
    Child::spawn(|| {
        let mut writer = source.take_over::<T>().expect("a region without a writer");
        loop {
            let value = T::of(writer.version().to_bits() + 1);
            let value = black_box(&value);
            mark();
            match way {
                Way::Write => writer.write(*value).expect("no fork"),
                Way::WriteFrom => writer.write_from(value).expect("no fork"),
                Way::Update => writer.update(|old| *old = *value).expect("a value, and no fork"),
                Way::InPlace => writer.write_in_place(|buf| buf.write(*value)).expect("no fork"),
            }
            mark();
        }
    })
}

pub(crate) fn stepped<T: Shareable>(report: &Report, place: &Place, buffers: u32, way: Way, every: u64) {
    let path = place.at("stepped");
    let mut readers = make::<T>(&path, buffers, 1);
    let mut child = spawn::<T>(&readers.source, way);
    let name = format!("as: region of {buffers} {way:?} {}", T::NAME);
    // The first write is not stepped: what the writer does once, it does now.
    (0..2).for_each(|_| child.go_to_mark());
    let look = |n: u64| {
        // The value of write n is that of version n + 2, since there were two before.
        let version = n + 1;
        let phase = match agreed(&readers.attempt(version))? {
            'o' => Phase::Old,
            'n' => Phase::New,
            'B' if buffers == 1 => Phase::Busy,
            other => return Err(format!("readers see {other}")),
        };
        let expected = version + u64::from(phase == Phase::New);
        let found = [readers.reader.version(), readers.region.version()].map(Version::to_bits);
        if found == [expected; 2] { Ok(phase) } else { Err(format!("versions {found:?} in phase {phase:?}")) }
    };
    Writing { report, name: name.clone(), writes: 4, every, is_plain: true }.follow(&mut child, look);
    let state = readers.reader.writer_state();
    report.check(is_alive(state, child.pid()), || format!("{name}: the stepped writer is {state:?}"));
}
