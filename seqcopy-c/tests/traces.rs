//! What readers and writers of regions do, access by access, is what the programs of `verify/proof` do: for each case
//! of `verify/proof/traces.txt`, which Coq writes, they get the same answers. Typed functions, those of bytes, and
//! those of the C library.
//!
//! `ci/traces.sh` runs it, with `--cfg seqcopy_traced`. Copies by vector instructions are not traced: `--cfg
//! seqcopy_portable`.

#![cfg(all(seqcopy_traced, target_os = "linux", target_pointer_width = "64"))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // as the other tests of calls

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{At, bytes, options};
use seqcopy::seq_count::{Parity, SeqCount};
use seqcopy::traced::{Act, Memory, trace};
use seqcopy::{AtomicPerByte, ReadError, SeqCopy, Validate};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;
use seqcopy_harness::traces::{Case, cases};
use seqcopy_shm::untyped::{self, BytesError};
use seqcopy_shm::{
    MapKey, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Schema, Writer, survive_truncation,
};

mod common;

/// Where the word of a region lies: places are counted from the region's start.
const WORD: usize = 192;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    a: u64,
    b: u32,
    is_on: bool,
}

fn word(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Relaxed => "relaxed",
        Ordering::Acquire => "acquire",
        Ordering::Release => "release",
        _ => "another ordering",
    }
}

fn line(act: &Act) -> String {
    match *act {
        Act::Load { ordering, at, width, value } => format!("load {} {at} {width} {value}", word(ordering)),
        Act::Store { ordering, at, width, value } => format!("store {} {at} {width} {value}", word(ordering)),
        Act::Fence { ordering } => format!("fence {}", word(ordering)),
        Act::Exchange { .. } => "an exchange".to_owned(),
    }
}

/// What a function does with these answers, whose first access is that of the word.
fn traced<R>(answer: impl FnMut(usize, usize, u64) -> u64 + 'static, act: impl FnOnce() -> R) -> (R, Vec<Act>) {
    trace(Memory::Around(WORD, 1 << 16), answer, act)
}

/// Compares what a function does with the answers of a case, and its result as the file has it.
fn compare(case: &Case, by: &str, act: impl FnOnce() -> String) {
    compare_keyed(case, by, &Key::default(), act);
}

/// The same, where the wanted key is another one than in the file.
fn compare_keyed(case: &Case, by: &str, key: &Key, act: impl FnOnce() -> String) {
    let (mut answers, is_slow, ours) = (case.answers.clone().into_iter().enumerate(), case.is("slow"), key.clone());
    let name = format!("{} with {:?}, by {by}", case.name.join(" "), case.answers);
    let answer = move |at, _, _| {
        let (number, answer) = answers.next().unwrap_or_else(|| panic!("{name}: a load of {at} after the last answer"));
        // Behind the first attempt at which the clock is looked at.
        if is_slow && number == 65 {
            std::thread::sleep(Duration::from_millis(300));
        }
        ours.part(at).map_or(answer, |(theirs, ours)| if answer == theirs { ours } else { answer })
    };
    let (result, mut acts) = traced(answer, act);
    for act in &mut acts {
        if let Act::Load { at, value, .. } = act {
            if let Some((theirs, ours)) = key.part(*at) {
                *value = if *value == ours { theirs } else { *value };
            }
        }
    }
    let acts: Vec<String> = acts.iter().map(line).collect();
    case.compare(by, &acts, &result);
    let loads = acts.iter().filter(|act| act.starts_with("load")).count();
    assert_eq!(loads, case.answers.len(), "{} has more answers than there are loads", case.name.join(" "));
}

fn shm_options(case: &Case) -> Options {
    Options::new().buffers(case.buffers())
}

fn failure(error: &ReadValueError) -> String {
    match error {
        ReadValueError::NoValue(ReadError::Busy) => "error busy".to_owned(),
        ReadValueError::NoValue(ReadError::Torn) => "error torn".to_owned(),
        ReadValueError::NoValue(ReadError::Empty) => "error empty".to_owned(),
        ReadValueError::Closed => "error closed".to_owned(),
        ReadValueError::Truncated => "error truncated".to_owned(),
        ReadValueError::WriterGone => "error gone".to_owned(),
        ReadValueError::Invalid(_) | ReadValueError::Length(_) => "error invalid".to_owned(),
        other => format!("{other:?}"),
    }
}

fn bytes_failure(error: &BytesError) -> String {
    match error {
        BytesError::NotRead(error) => failure(error),
        BytesError::Invalid(_) => "error invalid".to_owned(),
        other => format!("{other:?}"),
    }
}

fn status_failure(status: seqcopy_status) -> String {
    match status {
        SEQCOPY_BUSY => "error busy".to_owned(),
        SEQCOPY_TORN => "error torn".to_owned(),
        SEQCOPY_EMPTY => "error empty".to_owned(),
        SEQCOPY_CLOSED => "error closed".to_owned(),
        SEQCOPY_TRUNCATED => "error truncated".to_owned(),
        SEQCOPY_WRITER_GONE => "error gone".to_owned(),
        SEQCOPY_INVALID => "error invalid".to_owned(),
        other => format!("{other:?}"),
    }
}

fn padded(version: u64, value: Padded) -> String {
    format!("value {version} {} {} {}", value.a, value.b, u8::from(value.is_on))
}

/// What a reader of bytes has given, where padding is anything.
fn padded_bytes(version: u64, value: &[u8]) -> String {
    let (a, b) = (value[..8].try_into().unwrap(), value[8..12].try_into().unwrap());
    format!("value {version} {} {} {}", u64::from_ne_bytes(a), u32::from_ne_bytes(b), value[12])
}

/// A reader of C, which is freed at the end.
struct CReader(*mut seqcopy_reader);

impl CReader {
    fn open(at: &At, schema: &Schema) -> Self {
        let ((schema, len), mut reader) = (bytes(schema), null_mut());
        // SAFETY: locals, and a text with a 0.
        let status = unsafe { seqcopy_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader) };
        assert_eq!(status, SEQCOPY_OK);
        CReader(reader)
    }
}

impl Drop for CReader {
    fn drop(&mut self) {
        // SAFETY: the reader, which is in use by no other.
        unsafe { seqcopy_reader_free(&raw mut self.0) };
    }
}

/// Reads of a value: in the typed reader, as bytes, and in C.
fn read(case: &Case, at: &At) {
    let mut writer = shm_options(case).create::<Padded>(&at.0).unwrap();
    writer.write(Padded { a: 0, b: 0, is_on: false }).unwrap();
    let _writer = (!case.is("left")).then_some(writer);
    let reader = Reader::<Padded>::open(&at.0).unwrap();
    compare(case, "Reader::read_versioned", || match reader.read_versioned() {
        Ok((value, version)) => padded(version.to_bits(), value),
        Err(error) => failure(&error),
    });
    // These give out bits without judging them, or judge again those that are not valid.
    if case.result == "error invalid" {
        return;
    }
    let region = Region::open(&at.0).unwrap();
    compare(case, "Region::read_bytes", || match region.read_bytes() {
        Ok((value, version)) => padded_bytes(version.to_bits(), &value),
        Err(error) => failure(&error),
    });
    let untyped = untyped::Reader::open(&at.0).unwrap();
    let mut value = [0xaa_u8; size_of::<Padded>()];
    compare(case, "untyped::Reader::read_into", || match untyped.read_into(&mut value) {
        Ok(version) => padded_bytes(version.to_bits(), &value),
        Err(error) => bytes_failure(&error),
    });
    // It makes an attempt by itself, and then a read as the others, which begins to count there.
    if !case.result.starts_with("value") || case.answers.len() > 64 {
        return;
    }
    let (reader, mut version) = (CReader::open(at, &Schema::of::<Padded>()), 0);
    compare(case, "seqcopy_reader_read", || {
        // SAFETY: an open reader, and a place of this size.
        let status = unsafe { seqcopy_reader_read(reader.0, value.as_mut_ptr().cast(), value.len(), &raw mut version) };
        if status == SEQCOPY_OK { padded_bytes(version, &value) } else { status_failure(status) }
    });
}

/// One attempt.
fn attempt(case: &Case, at: &At) {
    let mut writer = shm_options(case).create::<Padded>(&at.0).unwrap();
    writer.write(Padded { a: 0, b: 0, is_on: false }).unwrap();
    let reader = Reader::<Padded>::open(&at.0).unwrap();
    compare(case, "Reader::try_read", || match reader.try_read() {
        Ok(value) => padded(case.version(), value),
        Err(error) => failure(&error),
    });
}

/// The elements of a slice, as the file has them: in the words in which they were loaded, of which the second half may
/// be another element's.
fn in_words<T: Copy + Into<u64>>(case: &Case, elements: &[T]) -> String {
    let mut said = format!("value {} {}", case.version(), elements.len());
    let words: Vec<u64> = case.result.split(' ').skip(3).map(|word| word.parse().unwrap()).collect();
    let in_word = 8 / size_of::<T>();
    assert_eq!(words.len(), elements.len().div_ceil(in_word), "{}", case.result);
    for (i, &element) in elements.iter().enumerate() {
        let shift = 8 * size_of::<T>() * (i % in_word);
        let mask = u64::MAX >> (64 - 8 * size_of::<T>());
        assert_eq!(element.into(), words[i / in_word] >> shift & mask, "{}", case.result);
    }
    for word in &words {
        write!(said, " {word}").unwrap();
    }
    said
}

/// Reads of a slice: in the typed reader, as bytes, and in C.
fn read_slice<T: Validate + Copy + Default + Into<u64> + PartialEq + std::fmt::Debug + 'static>(case: &Case, at: &At) {
    let mut writer: Writer<[T]> = shm_options(case).capacity(5).create(&at.0).unwrap();
    writer.write_from(&[]).unwrap();
    let reader = Reader::<[T]>::open(&at.0).unwrap();
    let mut elements = Vec::new();
    compare(case, "Reader::read_to_vec", || match reader.read_to_vec(&mut elements) {
        Ok(()) => in_words(case, &elements),
        Err(error) => failure(&error),
    });
    let mut place = [T::default(); 5];
    compare(case, "Reader::read_to_slice", || match reader.read_to_slice(&mut place) {
        Ok(len) => in_words(case, &place[..len]),
        Err(error) => failure(&error),
    });
    let untyped = untyped::Reader::open(&at.0).unwrap();
    compare(case, "untyped::Reader::read_elements_into", || {
        // SAFETY: numbers, as their bytes.
        let bytes = unsafe { std::slice::from_raw_parts_mut(place.as_mut_ptr().cast::<u8>(), size_of_val(&place)) };
        match untyped.read_elements_into(bytes) {
            Ok((len, version)) => {
                assert_eq!(version.to_bits(), case.version());
                in_words(case, &place[..len])
            }
            Err(error) => bytes_failure(&error),
        }
    });
    let c = CReader::open(at, reader.region().schema());
    let (mut count, mut version) = (0, 0);
    compare(case, "seqcopy_reader_read_elements", || {
        let (elements, size, fit) = (place.as_mut_ptr().cast(), size_of::<T>(), place.len());
        // SAFETY: an open reader, and a place for this many elements.
        let status =
            unsafe { seqcopy_reader_read_elements(c.0, elements, size, fit, &raw mut count, &raw mut version) };
        if status != SEQCOPY_OK {
            return status_failure(status);
        }
        assert_eq!(version, case.version());
        in_words(case, &place[..count])
    });
}

/// A word and a value as they lie in a region, for those who keep their own.
#[repr(C, align(64))]
struct Own {
    before: [u8; WORD],
    word: SeqCount<Parity<u64>>,
    between: u64,
    payload: AtomicPerByte<Padded>,
}

/// Writes of a value: typed, in C, and of a word and bytes of one's own.
fn write(case: &Case, at: &At) {
    let [a, b, is_on] = [3, 4, 5].map(|part: usize| case.name[part].parse::<u64>().unwrap());
    let value = Padded { a, b: b.try_into().unwrap(), is_on: is_on == 1 };
    {
        let mut writer = shm_options(case).create::<Padded>(&at.0).unwrap();
        compare(case, "Writer::write", || {
            writer.write(value).unwrap();
            "done".to_owned()
        });
    }
    std::fs::remove_file(&at.0).unwrap();
    let schema = Schema::of::<Padded>();
    let options = seqcopy_options { buffers: case.buffers(), ..options() };
    let ((schema, len), mut writer) = (bytes(&schema), null_mut());
    // SAFETY: locals, and a text with a 0.
    let status = unsafe { seqcopy_writer_create(at.1.as_ptr(), schema, len, &raw const options, &raw mut writer) };
    assert_eq!(status, SEQCOPY_OK);
    let mut bytes = [0xaa_u8; size_of::<Padded>()];
    bytes[..8].copy_from_slice(&value.a.to_ne_bytes());
    bytes[8..12].copy_from_slice(&value.b.to_ne_bytes());
    bytes[12] = value.is_on.into();
    compare(case, "seqcopy_writer_write", || {
        // SAFETY: an open writer, and a value of this size.
        let status = unsafe { seqcopy_writer_write(writer, bytes.as_ptr().cast(), bytes.len()) };
        assert_eq!(status, SEQCOPY_OK);
        "done".to_owned()
    });
    // SAFETY: the writer, which is in use by no other.
    unsafe { seqcopy_writer_free(&raw mut writer) };
    if case.buffers() == 1 {
        let payload = AtomicPerByte::new(Padded { a: 0, b: 0, is_on: false });
        let own = Own { before: [0; WORD], word: SeqCount::new(0), between: 0, payload };
        assert_eq!((own.before.len(), own.between), (WORD, 0));
        let last = case.acts.last().unwrap().rsplit_once(' ').unwrap().1.parse().unwrap();
        compare(case, "SeqCount::write_at", || {
            // SAFETY: the only writer, which stores a whole value on this thread; there is no reader.
            unsafe { own.word.write_at(last, || own.payload.store(&value)) };
            "done".to_owned()
        });
    }
}

/// The places of a map's keys, and what is there in the file and here.
#[derive(Clone, Default)]
struct Key {
    /// The places of the slots of all tables.
    starts: Vec<usize>,
    /// From a slot on: the part in the file, and here.
    parts: BTreeMap<usize, (u64, u64)>,
}

impl Key {
    fn part(&self, at: usize) -> Option<(u64, u64)> {
        let slot = self.starts.iter().rev().find(|slot| **slot <= at)?;
        self.parts.get(&(at - slot)).copied()
    }
}

/// Look-ups in a map: typed, as bytes, and in C.
fn get<K, V>(case: &Case, at: &At, capacity: usize, key_of: impl Fn(u64) -> (K, Vec<u64>), say: impl Fn(V) -> String)
where
    K: MapKey + Copy,
    V: Validate + Copy + 'static,
{
    let writer: MapWriter<K, V> = shm_options(case).create_map(&at.0, capacity).unwrap();
    let region = writer.region();
    let header = region.header();
    let [offset, stride] = [header.buffer_offset(), header.buffer_stride()].map(|it| usize::try_from(it).unwrap());
    let slot_size = header.payload_size();
    let slots = (capacity + 1) / 7 * 8;
    let tables = (0..case.buffers() as usize).map(|buffer| offset + buffer * stride + 64);
    let starts: Vec<usize> = tables.flat_map(|table| (0..slots).map(move |slot| table + slot * slot_size)).collect();
    let reader = MapReader::<K, V>::open(&at.0).unwrap();
    // The seed of a map is not chosen: a key is, whose search begins where that of the case does.
    let first = |key: &K| {
        let (_, acts) = traced(|at, _, _| u64::from(at == WORD), || reader.get(key).unwrap().is_none());
        let Act::Load { at, .. } = acts[2] else { panic!("{acts:?}") };
        starts.iter().position(|slot| *slot == at).unwrap() % slots
    };
    let keys = (1000..).map(&key_of);
    let (key, parts) = keys.into_iter().find(|(key, _)| first(key) == case.last()).unwrap();
    let parts = (7..).zip(parts).enumerate().map(|(i, (theirs, ours))| (8 + 8 * i, (theirs, ours))).collect();
    let places = Key { starts, parts };

    let found = |stamp: u64, value: V| format!("value {} {stamp} {}", case.version(), say(value));
    let absent = || format!("value {} 0", case.version());
    compare_keyed(case, "MapReader::get_versioned", &places, || match reader.get_versioned(&key) {
        Ok(Some((value, stamp))) => found(stamp.to_bits(), value),
        Ok(None) => absent(),
        Err(error) => failure(&error),
    });
    // SAFETY: a key, which has no padding, as its bytes.
    let key = unsafe { std::slice::from_raw_parts((&raw const key).cast::<u8>(), size_of::<K>()) };
    let mut value = std::mem::MaybeUninit::<V>::zeroed();
    // SAFETY: zeros, of the size of a value.
    let place = unsafe { std::slice::from_raw_parts_mut(value.as_mut_ptr().cast::<u8>(), size_of::<V>()) };
    // SAFETY: what was found was validated.
    let valid = |place: &[u8]| unsafe { place.as_ptr().cast::<V>().read_unaligned() };
    let untyped = untyped::MapReader::open(&at.0).unwrap();
    compare_keyed(case, "untyped::MapReader::get", &places, || match untyped.get(key, place) {
        Ok(Some(stamp)) => found(stamp.to_bits(), valid(place)),
        Ok(None) => absent(),
        Err(error) => bytes_failure(&error),
    });
    let ((schema, len), mut c) = (bytes(region.schema()), null_mut());
    // SAFETY: locals, and a text with a 0.
    assert_eq!(unsafe { seqcopy_map_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut c) }, SEQCOPY_OK);
    compare_keyed(case, "seqcopy_map_reader_get", &places, || {
        let (mut stamp, to) = (0, place.as_mut_ptr().cast());
        // SAFETY: an open reader, a key, and a place for a value.
        let status =
            unsafe { seqcopy_map_reader_get(c, key.as_ptr().cast(), key.len(), to, size_of::<V>(), &raw mut stamp) };
        match status {
            SEQCOPY_OK => found(stamp, valid(place)),
            SEQCOPY_ABSENT => absent(),
            other => status_failure(other),
        }
    });
    // SAFETY: the reader, which is in use by no other.
    unsafe { seqcopy_map_reader_free(&raw mut c) };
}

fn get_numbers(case: &Case, at: &At, capacity: usize) {
    let key = |n: u64| (u32::try_from(n).unwrap(), vec![n]);
    get::<u32, u64>(case, at, capacity, key, |value| value.to_string());
}

#[test]
fn the_functions_do_what_the_programs_do() {
    let cases = cases();
    for (number, case) in cases.iter().enumerate() {
        let at = At::new(&format!("traces-{number}"));
        // For good, so these come last.
        if case.is("survives") {
            survive_truncation().unwrap();
        }
        match (case.call(), case.type_name()) {
            ("read", "padded") => read(case, &at),
            ("try", "padded") => attempt(case, &at),
            ("read", "u64") => read_slice::<u64>(case, &at),
            ("read", "u32") => read_slice::<u32>(case, &at),
            ("write", "padded") => write(case, &at),
            ("get", "u32") => get_numbers(case, &at, 7),
            ("get", "large") => get_numbers(case, &at, 112),
            ("get", "pair") => get::<[u64; 2], Padded>(
                case,
                &at,
                7,
                |n| ([n, n + 1], vec![n, n + 1]),
                |value| format!("{} {} {}", value.a, value.b, u8::from(value.is_on)),
            ),
            other => panic!("{other:?}"),
        }
    }
    let of = |kind: &str| cases.iter().filter(|case| case.call() == kind).count();
    println!(
        "traces: {} reads, {} attempts, {} writes, {} look-ups, each by up to four functions",
        of("read"),
        of("try"),
        of("write"),
        of("get")
    );
}
