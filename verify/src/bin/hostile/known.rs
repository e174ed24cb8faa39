//! Types of this program, whose regions are opened as typed.

use std::fmt::Debug;
use std::num::{NonZeroI32, NonZeroU8, NonZeroU64};
use std::path::Path;

use seqcopy::{ReadError, SeqCopy, SeqOption, Validate};
use seqcopy_shm::{ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Schema, Writer};
use seqcopy_tests::faults::Small;
use seqcopy_tests::oracle::Rng;

use crate::image::Image;
use crate::tally::Tally;
use crate::tree::{Parser, Tree};

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Pose {
    at: u64,
    moving: bool,
    position: [f64; 3],
    letter: char,
    mode: Mode,
    route: SeqOption<Route>,
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(i16)]
#[allow(dead_code)] // values only come from regions
pub(crate) enum Mode {
    Idle = -300,
    Moving = 0,
    Halted = 300,
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // as above
enum Route {
    None = 3,
    To(NonZeroU64, bool),
    Along { points: [Point; 3], closed: bool } = 9,
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
struct Point {
    x: i16,
    kind: NonZeroU8,
    y: Option<NonZeroI32>,
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, align(64))]
pub(crate) struct Line([bool; 5], u32);

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, packed(2))]
struct Packed {
    flag: bool,
    number: u64,
    letter: char,
}

/// A description of what went wrong.
pub(crate) type Failure = String;

/// A type, and a function that opens a region of it.
pub(crate) struct Known {
    pub(crate) schema: Vec<u8>,
    pub(crate) tree: Tree,
    pub(crate) open: fn(&Path, &Image, &mut Rng, &mut Tally) -> Result<(), Failure>,
}

impl Known {
    fn of<T: Validate + Debug + 'static>() -> Known {
        let schema = Schema::of::<T>().as_bytes().to_vec();
        Known { tree: Parser::schema(&schema), schema, open: open::<T> }
    }

    /// A slice of this capacity, whose schema is known from a region.
    fn slice<T: Validate + Debug + 'static, const N: usize>() -> Known {
        let writer = Options::new().capacity(N).create_memfd::<[T]>("slice").expect("a memfd");
        let region = writer.share().and_then(Region::from_fd).expect("a region");
        let schema = region.schema().as_bytes().to_vec();
        Known { tree: Parser::schema(&schema), schema, open: open_slice::<T, N> }
    }

    pub(crate) fn all() -> Vec<Known> {
        vec![
            Known::of::<Pose>(),
            Known::of::<Mode>(),
            Known::of::<Route>(),
            Known::of::<[Route; 7]>(),
            Known::of::<Point>(),
            Known::of::<Line>(),
            Known::of::<Packed>(),
            Known::of::<Small>(),
            Known::of::<u64>(),
            Known::of::<[u8; 700]>(),
            // Several pages, so that a hole fits.
            Known::of::<[u16; 9000]>(),
            Known::of::<()>(),
            Known::of::<[SeqOption<char>; 100]>(),
            Known::slice::<u8, 900>(),
            Known::slice::<Point, 20>(),
            Known::slice::<Route, 9>(),
        ]
    }
}

/// Checks the result of a read.
fn expect<T: Debug>(read: &Result<T, ReadValueError>, image: &Image, tally: &mut Tally) -> Result<(), Failure> {
    match read {
        Ok(_) => tally.valid += 1,
        Err(ReadValueError::Invalid(error)) => {
            tally.invalid += 1;
            // Its path follows from the type, whatever the bits are.
            let _ = error.to_string();
        }
        Err(_) => tally.no_value += 1,
    }
    let Some(honest) = &image.honest else { return Ok(()) };
    let wanted = honest.value(&image.bytes).map(|bytes| honest.tree.is_value(bytes));
    let fits = match (wanted, read) {
        (Some(true), Ok(_)) | (Some(false), Err(ReadValueError::Invalid(_))) => true,
        (None, Err(ReadValueError::WriterGone | ReadValueError::NoValue(ReadError::Busy))) => honest.is_busy(),
        (None, Err(ReadValueError::NoValue(ReadError::Empty))) => honest.word == 0,
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("{read:?}, wanted a value: {wanted:?}, word {:#x}", honest.word)) }
}

/// Checks the result of opening.
fn opened<R>(result: &Result<R, seqcopy_shm::Error>, image: &Image) -> Result<(), Failure> {
    let Some(honest) = &image.honest else { return Ok(()) };
    let fits = match (result, honest.state) {
        (Ok(_), 1) => true,
        // The writer died while closing, if there still is a value.
        (Ok(_), 2) => honest.word != 0,
        (Err(error), 2) => honest.word == 0 && matches!(error.kind(), ErrorKind::Closed),
        (Err(error), state) => state != 1 && matches!(error.kind(), ErrorKind::Header { .. }),
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("opened {:?} with state {}", result.as_ref().err(), honest.state)) }
}

fn open<T: Validate + Debug + 'static>(
    path: &Path,
    image: &Image,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Failure> {
    // A read during an unfinished write waits for its end.
    let is_busy = image.honest.as_ref().is_some_and(super::image::Honest::is_busy);
    let may_wait = !is_busy || rng.chance(1, 256);
    let reader = Reader::<T>::open(path);
    opened(&reader, image)?;
    match &reader {
        Ok(reader) => {
            tally.typed += 1;
            let read = if may_wait { reader.read() } else { reader.try_read() };
            expect(&read, image, tally)?;
            let _ = (reader.version(), reader.writer_state());
        }
        Err(error) => tally.refuse(error),
    }
    if rng.chance(1, 4) {
        let file_reader = FileReader::<T>::open(path);
        opened(&file_reader, image)?;
        if reader.is_ok() && file_reader.is_err() {
            return Err(format!("without a mapping: {:?}", file_reader.err()));
        }
        if let Ok(file_reader) = &file_reader {
            let read = if may_wait { file_reader.read() } else { file_reader.try_read() };
            expect(&read, image, tally)?;
            if rng.chance(1, 32) {
                // The file is truncated while it is read.
                let file = std::fs::File::options().write(true).open(path).expect("the file");
                file.set_len(rng.bits() % 400).expect("truncated");
                drop(file_reader.try_read());
                return Ok(());
            }
        }
    }
    if rng.chance(1, 16) {
        take_over::<T>(path, image, reader.ok())?;
    }
    Ok(())
}

/// The same as `open`, of a slice. Half of the lengths are made to be in the capacity: of random ones hardly any is.
fn open_slice<T: Validate + Debug + 'static, const N: usize>(
    path: &Path,
    image: &Image,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Failure> {
    // What must come of it: the length, and whether all elements are valid, those that are not in use too.
    let mut expected = None;
    if let Some((honest, bytes)) = image.honest.as_ref().and_then(|honest| Some((honest, honest.value(&image.bytes)?)))
    {
        let mut len = u32::from_ne_bytes(*bytes.first_chunk().expect("a length"));
        if rng.chance(1, 2) {
            len = u32::try_from(rng.below(N + 2)).expect("few");
            let at = bytes.as_ptr().addr() - image.bytes.as_ptr().addr();
            let file = std::fs::File::options().write(true).open(path).expect("the file");
            std::os::unix::fs::FileExt::write_all_at(&file, &len.to_ne_bytes(), at as u64).expect("written");
        }
        expected = Some((len as usize, honest.tree.is_value(bytes)));
    }
    let (reader, file_reader) = (Reader::<[T]>::open(path), FileReader::<[T]>::open(path));
    opened(&reader, image)?;
    opened(&file_reader, image)?;
    let (Ok(reader), Ok(file_reader)) = (&reader, &file_reader) else { return Ok(()) };
    tally.typed += 1;
    let (mut vec, mut other) = (Vec::new(), Vec::new());
    let (read, by_file) = (reader.try_read_to_vec(&mut vec), file_reader.try_read_to_vec(&mut other));
    let fits = match (read, expected) {
        (Ok(()), Some((len, _))) => vec.len() == len && len <= N,
        (Err(ReadValueError::Invalid(_)), Some((len, is_valid))) => len > N || !is_valid,
        (Err(_), Some(_)) => false,
        (Ok(()), None) => image.honest.is_none() && vec.len() <= N,
        (Err(_), None) => true,
    };
    if !fits || read != by_file || vec.len() != other.len() {
        return Err(format!("a slice of {}: {read:?}, without a mapping {by_file:?}, not {expected:?}", vec.len()));
    }
    match read {
        Ok(()) => tally.valid += 1,
        Err(ReadValueError::Invalid(_)) => tally.invalid += 1,
        Err(_) => tally.no_value += 1,
    }
    let (from, to) = (rng.below(N + 2), rng.below(N + 2));
    if read.is_ok() && from <= to && to <= vec.len() {
        reader.try_read_range(from..to, &mut vec[from..to]).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Takes over the region as a writer.
fn take_over<T: Validate + Debug + 'static>(
    path: &Path,
    image: &Image,
    reader: Option<Reader<T>>,
) -> Result<(), Failure> {
    let writer = Writer::<T>::take_over(path);
    opened(&writer, image)?;
    let (Ok(mut writer), Some(reader)) = (writer, reader) else { return Ok(()) };
    let Ok(value) = writer.read() else { return Ok(()) };
    let version = reader.version();
    writer.write(value).map_err(|error| format!("{error:?}"))?;
    if !reader.has_changed(version) && image.honest.as_ref().is_some_and(|honest| honest.word != u64::MAX) {
        return Err("a write that readers do not see".into());
    }
    // After u64::MAX a latch counts as empty once, which is reported.
    match reader.read() {
        Ok(_) => Ok(()),
        Err(ReadValueError::NoValue(ReadError::Empty)) if reader.version().to_bits() == 0 => Ok(()),
        Err(error) => Err(format!("after a write: {error:?}")),
    }
}
