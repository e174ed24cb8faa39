//! Part `bs`: a reader of a region is stepped, with whole writes between two of its instructions, for each of them.

use core::cell::Cell;
use core::hint::black_box;

use seqcopy::ReadError;
use seqcopy_shm::{FileReader, ReadValueError, Reader, Writer};
use seqcopy_tests::faults::Place;

use super::{Shareable, make};
use crate::reader::{Mailbox, outcome_of};
use crate::report::Report;
use crate::steps::Reading;
use crate::trace::{Child, mark};
use crate::values::Val;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    ByValue,
    IntoBuffer,
    /// By system calls.
    ByFile,
}

/// What a child reports: errors that no attempt may give become one that no lock gives.
pub(crate) fn attempt<T>(result: Result<T, ReadValueError>) -> Result<T, ReadError> {
    result.map_err(|error| match error {
        ReadValueError::NoValue(error) => error,
        _ => ReadError::Empty,
    })
}

pub(crate) fn stepped<T: Shareable>(report: &Report, place: &Place, buffers: u32, how: How) {
    let path = place.at("read");
    drop(make::<T>(&path, buffers, 1));
    let mut writer = Writer::<T>::take_over(&path).expect("a region without a writer");
    let mailbox = Mailbox::<T>::new();
    let mut child = Child::spawn(|| {
        let reader = Reader::<T>::open(&path).expect("a region");
        let file = FileReader::<T>::open(&path).expect("a region");
        loop {
            match how {
                How::ByValue => {
                    mark();
                    let result = reader.try_read();
                    mark();
                    mailbox.post_result(attempt(result));
                }
                How::IntoBuffer => {
                    let buf = black_box(mailbox.buf());
                    mark();
                    let result = reader.try_read_into(buf).map(|_| ());
                    mark();
                    mailbox.post(attempt(result).err());
                }
                How::ByFile => {
                    mark();
                    let result = file.try_read();
                    mark();
                    mailbox.post_result(attempt(result));
                }
            }
            mark();
        }
    });
    let name = format!("bs: region of {buffers} {how:?} {}", T::NAME);
    let is_plain = how != How::ByFile;
    let reading = Reading { report, name, buffers: buffers.into(), every: 1, is_plain, has_one_length: true };
    interrupt(&reading, &mut child, &mailbox, |n| writer.write_from(&T::of(n)).expect("no fork"));
}

/// Interrupts the reads that a child posts, by writes of the values after that of the first write.
pub(super) fn interrupt<T: Val>(
    reading: &Reading<'_>,
    child: &mut Child,
    mailbox: &Mailbox<T>,
    mut write_value: impl FnMut(u64),
) {
    let n = Cell::new(1);
    let write = |many: u64| {
        for _ in 0..many {
            n.set(n.get() + 1);
            write_value(n.get());
        }
    };
    let outcome = |many: u64| outcome_of(mailbox.read(), &T::of(n.get()), &T::of(n.get() - many));
    reading.interrupt(child, write, outcome);
}
