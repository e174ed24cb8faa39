//! Part `v`: the writer of a slice and its reader stepped, and writers killed after every instruction. A slice is read
//! as one, by the mapping and by the file, and as the bytes that tools read, by the schema.

use core::num::NonZeroU16;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use seqcopy::{MaybeInvalid, ReadError, SeqCopy, SeqVec, Validate};
use seqcopy_shm::{FileReader, Options, ReadValueError, Reader, Region, Writer, WriterState};
use seqcopy_tests::faults::Place;

use super::kill::{self, Killed, seen};
use super::reader::{attempt, interrupt};
use super::{Shareable, agreed, letter};
use crate::reader::Mailbox;
use crate::report::Report;
use crate::steps::{Phase, Reading, Writing};
use crate::trace::{Child, mark};
use crate::values::Val;

const CAPACITY: usize = 6;

/// What was written or read, as one value.
type Whole<T> = SeqVec<T, CAPACITY>;

fn whole<T: Val>(elements: &[T]) -> Whole<T> {
    let mut whole = SeqVec::new(T::of(0));
    whole.extend_from_slice(elements).expect("not more than fit");
    whole
}

impl<T: Val> Val for Whole<T> {
    const NAME: &'static str = T::NAME;
    /// Every length, one after the other; no element is that of the write before.
    fn of(n: u64) -> Self {
        let elements = (0..n % (CAPACITY as u64 + 1)).map(|at| T::of(n + at));
        whole(&elements.collect::<Vec<_>>())
    }
}

/// Zeros are no value of it, so the first write to a buffer fills it.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Named {
    name: NonZeroU16,
    is_on: bool,
}

impl Val for Named {
    const NAME: &'static str = "4 B without a zero";
    fn of(n: u64) -> Self {
        // Both bytes change.
        Named { name: NonZeroU16::MIN.saturating_add((n % 254) as u16 * 0x0101), is_on: n % 2 == 1 }
    }
}

/// A region of a slice, and all readers of it.
struct Slices<T: Shareable> {
    path: PathBuf,
    mapped: Reader<[T]>,
    file: FileReader<[T]>,
    region: Region,
}

impl<T: Shareable> Slices<T> {
    /// A new region with this many slices written.
    fn make(path: &Path, buffers: u32, writes: u64) -> Self {
        let _ = std::fs::remove_file(path);
        let options = Options::new().buffers(buffers).capacity(CAPACITY);
        let mut writer = options.create::<[T]>(path).expect("a region");
        (1..=writes).for_each(|n| write(&mut writer, n));
        drop(writer);
        Slices {
            path: path.to_owned(),
            mapped: Reader::open(path).expect("a region"),
            file: FileReader::open(path).expect("a region"),
            region: Region::open(path).expect("a region"),
        }
    }
}

fn write<T: Shareable>(writer: &mut Writer<[T]>, n: u64) {
    writer.write_from(&Whole::<T>::of(n)).expect("space for it, and no fork");
}

/// What a read to a vector came to.
fn read<T: Shareable>(
    read: impl FnOnce(&mut Vec<T>) -> Result<(), ReadValueError>,
) -> Result<Whole<T>, ReadValueError> {
    let mut elements = Vec::new();
    read(&mut elements)?;
    Ok(whole(&elements))
}

fn to_slice<T: Shareable>(reader: &Reader<[T]>) -> Result<Whole<T>, ReadValueError> {
    let mut elements = [T::of(0); CAPACITY];
    let len = reader.try_read_to_slice(&mut elements)?;
    Ok(whole(&elements[..len]))
}

/// What tools read: the length, and the elements on the next cache line. Those that are not in use may be anything.
fn by_schema<T: Shareable>(region: &Region) -> Result<Whole<T>, ReadValueError> {
    let (bytes, _) = region.read_bytes()?;
    region.schema().validate(&bytes).expect("a writer stored valid elements, and a new region has none");
    let (len, elements) = (u32::from_ne_bytes(*bytes.first_chunk().expect("a length")), &bytes[64..]);
    let element = |bytes: &[u8]| {
        let mut bits = MaybeInvalid::<T>::zeroed();
        // SAFETY: as many bytes as it has. Padding was read as zeros.
        unsafe { bits.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        bits.validate().map_err(ReadValueError::Invalid)
    };
    let elements = elements.chunks_exact(size_of::<T>()).take(len as usize).map(element);
    Ok(whole(&elements.collect::<Result<Vec<_>, _>>()?))
}

impl<T: Shareable> Killed for Slices<T> {
    fn spawn(&self) -> Child {
        Child::spawn(|| {
            let mut writer = Writer::<[T]>::take_over(&self.path).expect("a region without a writer");
            loop {
                let elements = Whole::<T>::of(writer.version().to_bits() + 1);
                let elements = black_box(&*elements);
                mark();
                writer.write_from(elements).expect("space for it, and no fork");
                mark();
            }
        })
    }

    fn version(&self) -> u64 {
        self.mapped.version().to_bits()
    }

    fn writer_state(&self) -> WriterState {
        self.mapped.writer_state()
    }

    fn attempt(&mut self, version: u64) -> String {
        let mut reads = vec![
            read(|elements| self.mapped.try_read_to_vec(elements)),
            to_slice(&self.mapped),
            read(|elements| self.file.try_read_to_vec(elements)),
        ];
        // Where they would wait, tools are left out.
        if reads[0] != Err(ReadValueError::NoValue(ReadError::Busy)) {
            reads.push(by_schema(&self.region));
        }
        reads.iter().map(|read| letter(read, version)).collect()
    }

    fn wait(&mut self, version: u64) -> String {
        let opened = Reader::<[T]>::open(&self.path).expect("a region");
        let reads = [
            read(|elements| self.mapped.read_to_vec(elements)),
            read(|elements| self.file.read_to_vec(elements)),
            read(|elements| opened.read_to_vec(elements)),
            by_schema(&self.region),
        ];
        reads.iter().map(|read| letter(read, version)).collect()
    }

    fn continues(&mut self, version: u64, _: bool) -> Result<(), String> {
        let mut writer = Writer::<[T]>::take_over(&self.path).map_err(|error| format!("take_over: {error}"))?;
        let begins = writer.version().to_bits();
        if begins != version {
            return Err(format!("the next writer begins at {begins}, not {version}"));
        }
        write(&mut writer, version + 1);
        match seen(self, version)? {
            'n' => Ok(()),
            letter => Err(format!("after the next slice readers see {letter}")),
        }
    }
}

pub(crate) fn writer<T: Shareable>(report: &Report, place: &Place, buffers: u32) {
    let mut slices = Slices::<T>::make(&place.at("slice"), buffers, 1);
    let mut child = slices.spawn();
    let name = format!("v: region of {buffers}, slices of {}", T::NAME);
    // The first write is not stepped: what the writer does once, it does now. There were two before write 1.
    (0..2).for_each(|_| child.go_to_mark());
    let look = |n: u64| match agreed(&slices.attempt(n + 1))? {
        'o' => Ok(Phase::Old),
        'n' => Ok(Phase::New),
        'B' if buffers == 1 => Ok(Phase::Busy),
        other => Err(format!("readers see {other}")),
    };
    Writing { report, name, writes: 8, every: 1, is_plain: true }.follow(&mut child, look);
}

pub(crate) fn reader<T: Shareable>(report: &Report, place: &Place, buffers: u32) {
    let path = place.at("slice");
    drop(Slices::<T>::make(&path, buffers, 1));
    let mut writer = Writer::<[T]>::take_over(&path).expect("a region without a writer");
    let mailbox = Mailbox::<Whole<T>>::new();
    let mut child = Child::spawn(|| {
        let reader = Reader::<[T]>::open(&path).expect("a region");
        // No allocation is stepped.
        let mut elements = Vec::with_capacity(CAPACITY);
        loop {
            mark();
            let result = reader.try_read_to_vec(&mut elements);
            mark();
            mailbox.post_result(attempt(result.map(|()| whole(&elements))));
            mark();
        }
    });
    let name = format!("v: region of {buffers}, slices of {}", T::NAME);
    let reading = Reading { report, name, buffers: buffers.into(), every: 1, is_plain: true, has_one_length: false };
    interrupt(&reading, &mut child, &mailbox, |n| write(&mut writer, n));
}

pub(crate) fn killed<T: Shareable>(report: &Report, place: &Place, buffers: u32, writes: u64) {
    let path = place.at("slice");
    let name = format!("v: region of {buffers}, slices of {}, after {writes}", T::NAME);
    kill::behind_each(report, &name, || Slices::<T>::make(&path, buffers, writes), buffers, writes);
}
