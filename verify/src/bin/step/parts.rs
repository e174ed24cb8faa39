//! The parts between processes.

use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::spans_of;

use crate::arc;
use crate::map;
use crate::report::Report;
use crate::run::{FEW, Wanted};
use crate::shm::Shareable;
use crate::shm::kill;
use crate::shm::reader::{self, How};
use crate::shm::slice::{self, Named};
use crate::shm::writer::{self, WAYS, Way};
use crate::values::{Data, Dense, Linked32, Mixed40, Padded, Padded24, Val, span};

const BUFFERS: [u32; 3] = [1, 2, 4];

pub(crate) fn between_processes(report: &Report, wanted: &Wanted) {
    if FEW {
        let place = Place::new();
        writer::stepped::<Padded24>(report, &place, 2, Way::WriteFrom, 1);
        reader::stepped::<Padded24>(report, &place, 2, How::ByValue);
        kill::each::<Padded24>(report, &Place::new(), 1, Way::WriteFrom, 3);
        map::writer(report, &Place::new(), 2);
        arc::writers::<Padded24>(report);
        #[cfg(target_arch = "x86_64")]
        crate::traced::few(report);
        return;
    }
    spans(report);
    if wanted.part("arc") {
        report.part("arc", "`ArcWriter` stepped", || {
            arc::writers::<Padded24>(report);
            if wanted.all {
                arc::writers::<Data>(report);
                arc::writers::<Dense<200>>(report);
            }
        });
    }
    if wanted.part("as") {
        report.part("as", "writer of a region stepped", || {
            writers::<Padded24>(report, &WAYS);
            writers::<Padded<25>>(report, &[Way::Write]);
            writers::<Dense<1024>>(report, &[Way::WriteFrom]);
            if wanted.all {
                writers::<Mixed40>(report, &WAYS);
                writers::<Data>(report, &WAYS);
                writers::<Dense<47>>(report, &WAYS);
                writers::<Padded<25>>(report, &WAYS[1..]);
                writers::<Dense<5120>>(report, &WAYS);
            }
        });
    }
    if wanted.part("bs") {
        report.part("bs", "reader of a region stepped", || {
            readers::<Padded24>(report, &[How::ByValue, How::ByFile]);
            if wanted.all {
                readers::<Padded24>(report, &[How::IntoBuffer]);
                readers::<Mixed40>(report, &[How::ByValue, How::IntoBuffer, How::ByFile]);
                readers::<Data>(report, &[How::ByValue, How::IntoBuffer, How::ByFile]);
                readers::<Dense<47>>(report, &[How::ByValue, How::IntoBuffer, How::ByFile]);
                readers::<Padded<25>>(report, &[How::ByValue, How::IntoBuffer, How::ByFile]);
                readers::<Dense<1024>>(report, &[How::IntoBuffer, How::ByFile]);
            }
        });
    }
    if wanted.part("k") {
        report.part("k", "write to a region killed", || {
            kills::<Padded24>(report, &[Way::Write, Way::Update]);
            for buffers in BUFFERS {
                kill::each_of_memfd::<Padded24>(report, buffers, Way::Write);
            }
            if wanted.all {
                kills::<Padded24>(report, &[Way::WriteFrom, Way::InPlace]);
                kills::<Mixed40>(report, &[Way::Write]);
                kills::<Data>(report, &[Way::Write]);
                kills::<Padded<25>>(report, &[Way::Write, Way::WriteFrom]);
                kills::<Dense<1024>>(report, &[Way::WriteFrom]);
                kills::<Dense<5120>>(report, &[Way::WriteFrom]);
            }
        });
    }
    if wanted.part("k2") {
        report.part("k2", "write killed, and the one that adopts it", || {
            for buffers in BUFFERS {
                kill::pairs::<Padded24>(report, &Place::new(), buffers);
            }
        });
    }
    if wanted.part("v") {
        report.part("v", "writer and reader of a slice stepped, and the writer killed", || {
            for buffers in BUFFERS {
                slices::<Padded24>(report, buffers, &[3]);
                if wanted.all {
                    slices::<Named>(report, buffers, &[0, 3]);
                    slices::<Data>(report, buffers, &[0, 3]);
                }
            }
        });
    }
    if wanted.part("m") {
        report.part("m", "commit of a map stepped and killed, and its readers stepped", || {
            for buffers in [2, 4] {
                map::writer(report, &Place::new(), buffers);
                let every = if wanted.all || buffers == 2 { 1 } else { 3 };
                map::killed(report, &Place::new(), buffers, every);
                for key in map::READ {
                    map::reader(report, &Place::new(), buffers, key);
                }
            }
        });
    }
    #[cfg(target_arch = "x86_64")]
    crate::traced::all(report, wanted);
}

/// The types say themselves where padding may change; that is what the rules of the partition say.
fn spans(report: &Report) {
    fn check<T: Val>(report: &Report) {
        let in_spans = spans_of(T::LAYOUT);
        let is_right = T::LAYOUT.holes().flatten().all(|hole| in_spans[hole] == span::<T>().contains(&hole));
        report.check(is_right, || format!("{}: its span is not {:?}", T::NAME, span::<T>()));
    }
    check::<Padded24>(report);
    check::<Mixed40>(report);
    check::<Data>(report);
    check::<Linked32>(report);
    check::<Padded<25>>(report);
    check::<Padded<256>>(report);
}

fn writers<T: Shareable>(report: &Report, ways: &[Way]) {
    for buffers in BUFFERS {
        for &way in ways {
            writer::stepped::<T>(report, &Place::new(), buffers, way, 1);
        }
    }
}

fn readers<T: Shareable>(report: &Report, hows: &[How]) {
    // As it is compiled there, a read by the file has two instructions more for some buffers; all reads must have the
    // same, to know what they should see.
    let has_one_length = |how: &&How| **how != How::ByFile || cfg!(not(target_arch = "aarch64"));
    for buffers in BUFFERS {
        for &how in hows.iter().filter(has_one_length) {
            reader::stepped::<T>(report, &Place::new(), buffers, how);
        }
    }
}

fn slices<T: Shareable>(report: &Report, buffers: u32, writes: &[u64]) {
    slice::writer::<T>(report, &Place::new(), buffers);
    slice::reader::<T>(report, &Place::new(), buffers);
    for &writes in writes {
        slice::killed::<T>(report, &Place::new(), buffers, writes);
    }
}

fn kills<T: Shareable>(report: &Report, ways: &[Way]) {
    for buffers in BUFFERS {
        for &way in ways {
            kill::each::<T>(report, &Place::new(), buffers, way, 3);
        }
        kill::each::<T>(report, &Place::new(), buffers, Way::WriteFrom, 0);
    }
}
