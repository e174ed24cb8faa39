//! What readers and writers of regions do, access by access, is what the programs of `verify/proof` do: for each case of
//! `verify/proof/traces.txt`, which Coq writes, they get the same answers. Typed functions, those of bytes, and those of the C library.
//!
//! `ci/traces.sh` runs it, with `--cfg seqcopy_traced`. Copies by vector instructions are not traced: `--cfg seqcopy_portable`.

#![cfg(all(seqcopy_traced, target_os = "linux", target_pointer_width = "64"))]

use std::fmt::Write as _;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;

use common::{At, bytes};
use seqcopy::traced::{Act, trace};
use seqcopy::{ReadError, SeqCopy, Validate};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;
use seqcopy_harness::traces::{Case, cases};
use seqcopy_shm::{Options, ReadValueError, Reader, Region, Schema, Writer};

mod common;

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

/// Compares what a function does with the answers of a case, and its result as the file has it.
fn compare(case: &Case, by: &str, act: impl FnOnce() -> String) {
    let mut answers = case.answers.clone().into_iter();
    let answer = move |_, _, _| answers.next().expect("no load after the last answer");
    let (result, acts) = trace(None, 4096, answer, act);
    let acts: Vec<String> = acts.iter().map(line).collect();
    case.compare(by, &acts, &result);
}

fn options(case: &Case) -> Options {
    Options::new().buffers(case.buffers())
}

fn failure(error: &ReadValueError) -> String {
    match error {
        ReadValueError::NoValue(ReadError::Busy) => "error busy",
        ReadValueError::NoValue(ReadError::Torn) => "error torn",
        ReadValueError::NoValue(ReadError::Empty) => "error empty",
        ReadValueError::Invalid(_) | ReadValueError::Length(_) => "error invalid",
        _ => "error",
    }
    .to_owned()
}

fn padded(version: u64, value: Padded) -> String {
    format!("value {version} {} {} {}", value.a, value.b, u8::from(value.is_on))
}

/// What a reader of bytes has given, where padding is anything.
fn padded_bytes(version: u64, value: &[u8]) -> String {
    let (a, b) = (value[..8].try_into().unwrap(), value[8..12].try_into().unwrap());
    format!("value {version} {} {} {}", u64::from_ne_bytes(a), u32::from_ne_bytes(b), value[12])
}

/// Reads of a value: in the typed reader, as bytes, and in C.
fn read(case: &Case, at: &At) {
    let mut writer = options(case).create::<Padded>(&at.0).unwrap();
    writer.write(Padded { a: 0, b: 0, is_on: false }).unwrap();
    let reader = Reader::<Padded>::open(&at.0).unwrap();
    compare(case, "Reader::read_versioned", || match reader.read_versioned() {
        Ok((value, version)) => padded(version.to_bits(), value),
        Err(error) => failure(&error),
    });
    // These two give out bits without judging them, or judge again those that are not valid.
    if case.result.starts_with("value") {
        let region = Region::open(&at.0).unwrap();
        compare(case, "Region::read_bytes", || match region.read_bytes() {
            Ok((value, version)) => padded_bytes(version.to_bits(), &value),
            Err(error) => failure(&error),
        });
        let schema = Schema::of::<Padded>();
        let ((schema, len), mut reader) = (bytes(&schema), null_mut());
        // SAFETY: locals, and a text with a 0.
        let status = unsafe { seqcopy_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader) };
        assert_eq!(status, SEQCOPY_OK);
        let (mut value, mut version) = ([0xaa_u8; size_of::<Padded>()], 0);
        compare(case, "seqcopy_reader_read", || {
            // SAFETY: an open reader, and a place of this size.
            let status =
                unsafe { seqcopy_reader_read(reader, value.as_mut_ptr().cast(), value.len(), &raw mut version) };
            assert_eq!(status, SEQCOPY_OK);
            padded_bytes(version, &value)
        });
        // SAFETY: the reader, which is in use by no other.
        unsafe { seqcopy_reader_free(&raw mut reader) };
    }
}

/// One attempt.
fn attempt(case: &Case, at: &At) {
    let mut writer = options(case).create::<Padded>(&at.0).unwrap();
    writer.write(Padded { a: 0, b: 0, is_on: false }).unwrap();
    let reader = Reader::<Padded>::open(&at.0).unwrap();
    compare(case, "Reader::try_read", || match reader.try_read() {
        // This call has no version: it is that of the word, which the file has.
        Ok(value) => padded(case.result.split(' ').nth(1).unwrap().parse().unwrap(), value),
        Err(error) => failure(&error),
    });
}

/// Reads of a slice; `words` has the elements in the words in which they were loaded.
fn read_slice<T: Validate + Copy + Into<u64> + PartialEq + std::fmt::Debug + 'static>(case: &Case, at: &At) {
    let mut writer: Writer<[T]> = options(case).capacity(5).create(&at.0).unwrap();
    writer.write_from(&[]).unwrap();
    let reader = Reader::<[T]>::open(&at.0).unwrap();
    let mut elements = Vec::new();
    compare(case, "Reader::read_to_vec", || match reader.read_to_vec(&mut elements) {
        Ok(()) => {
            // The version, and of words with two elements the second one, are the file's.
            let mut fields = case.result.split(' ');
            let mut said = format!("value {}", fields.nth(1).unwrap());
            write!(said, " {}", elements.len()).unwrap();
            let words: Vec<u64> = fields.skip(1).map(|word| word.parse().unwrap()).collect();
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
        Err(error) => failure(&error),
    });
}

/// Writes of a value: typed, and in C.
fn write(case: &Case, at: &At) {
    let [a, b, is_on] = [3, 4, 5].map(|part: usize| case.name[part].parse::<u64>().unwrap());
    let value = Padded { a, b: b.try_into().unwrap(), is_on: is_on == 1 };
    {
        let mut writer = options(case).create::<Padded>(&at.0).unwrap();
        compare(case, "Writer::write", || {
            writer.write(value).unwrap();
            "done".to_owned()
        });
    }
    std::fs::remove_file(&at.0).unwrap();
    let schema = Schema::of::<Padded>();
    let mut options = std::mem::MaybeUninit::<seqcopy_options>::uninit();
    // SAFETY: a place of this size.
    unsafe { seqcopy_options_init(options.as_mut_ptr(), size_of::<seqcopy_options>()) };
    // SAFETY: it is written now.
    let mut options = unsafe { options.assume_init() };
    options.buffers = case.buffers();
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
}

#[test]
fn the_functions_do_what_the_programs_do() {
    let cases = cases();
    for (number, case) in cases.iter().enumerate() {
        let at = At::new(&format!("traces-{number}"));
        match (case.call(), case.type_name()) {
            ("read", "padded") => read(case, &at),
            ("try", "padded") => attempt(case, &at),
            ("read", "u64") => read_slice::<u64>(case, &at),
            ("read", "u32") => read_slice::<u32>(case, &at),
            ("write", "padded") => write(case, &at),
            other => panic!("{other:?}"),
        }
    }
    let of = |kind: &str| cases.iter().filter(|case| case.call() == kind).count();
    println!(
        "traces: {} reads, {} attempts, {} writes, each by up to three functions",
        of("read"),
        of("try"),
        of("write")
    );
}
