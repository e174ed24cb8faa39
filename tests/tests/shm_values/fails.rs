//! Calls on values, slices and maps that fail, and succeed when the cause is gone: what is left of what they write to,
//! and of the region, is what their pages say.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use seqcopy::{SeqCopy, Validate, Version, part};
use seqcopy_harness::{Out, fails};
use seqcopy_shm::{FileReader, Options, ReadValueError, Reader, Region, Schema, SchemaBuilder, Writer, untyped};
use seqcopy_tests::faults::Place;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Flag {
    at: u64,
    ok: bool,
}

const GOOD: Flag = Flag { at: 0x1122_3344_5566_7788, ok: true };

/// Where in a file the flag of the only value is, after its mark.
fn flag_in(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    let mark = GOOD.at.to_ne_bytes();
    bytes.windows(8).position(|part| part == mark).unwrap() as u64 + 8
}

/// A region, whatever has been opened of it, and the outs of the calls.
struct On<H> {
    handle: H,
    path: PathBuf,
    known: Version,
    value: Out<Flag>,
    bytes: Vec<u8>,
    vec: Vec<bool>,
    slice: Vec<bool>,
}

impl<H> On<H> {
    fn new(path: &Path, handle: H) -> Self {
        let (vec, slice) = (vec![true; 3], vec![true; 2]);
        On {
            handle,
            path: path.to_owned(),
            known: Version::NEVER,
            value: Out::marked(),
            bytes: vec![0; 16],
            vec,
            slice,
        }
    }

    fn put(&mut self, byte: u8, at: u64) {
        File::options().write(true).open(&self.path).unwrap().write_all_at(&[byte], at).unwrap();
    }

    /// What no failed call changes.
    fn state(&mut self) -> (Vec<u8>, Version) {
        (fs::read(&self.path).unwrap(), self.known)
    }
}

/// Each of these calls fails while the flag is 7. Once it is 1 it succeeds.
macro_rules! while_invalid {
    ($on:expr, $at:expr; $($name:literal: $call:expr;)*) => {{
        let (mut on, at) = ($on, $at);
        $(
            on.put(7, at);
            let (error, _) = fails($name, &mut on, $call, On::state, None, |on| on.put(1, at));
            assert!(format!("{error:?}").contains("ok"), "{}: {error:?}", $name);
        )*
        on.handle
    }};
}

/// Each of these calls fails before there is a value.
macro_rules! before_a_value {
    ($open:expr; $($name:literal: $call:expr;)*) => {$({
        let place = Place::new();
        let path = place.at("region");
        let mut writer = Writer::<Flag>::create(&path).unwrap();
        let mut on = On::new(&path, $open(&path));
        let unread = |on: &mut On<_>| (on.state(), on.value.is_marked());
        fails($name, &mut on, $call, unread, None, |_| writer.write(GOOD).unwrap());
    })*};
}

// Below the macros that they use.
mod maps;
#[cfg(target_os = "linux")] // memfds, and users of one thread
mod names;

#[test]
fn reads_of_a_value() {
    let place = Place::new();
    let path = place.at("region");
    let mut writer = Options::new().buffers(1).create::<Flag>(&path).unwrap();
    writer.write(GOOD).unwrap();
    let at = flag_in(&path);
    while_invalid! {
        On::new(&path, Reader::<Flag>::open(&path).unwrap()), at;
        "Reader::read": |on| on.handle.read();
        "Reader::read_versioned": |on| on.handle.read_versioned();
        "Reader::read_if_changed": |on| { let mut known = on.known; on.handle.read_if_changed(&mut known).inspect_err(|_| on.known = known) };
        "Reader::read_into": |on| on.handle.read_into(on.value.place()).copied();
        "Reader::read_with": |on| on.handle.read_with(|_| ControlFlow::Break(())).unwrap();
        "Reader::try_read": |on| on.handle.try_read();
        "Reader::try_read_into": |on| on.handle.try_read_into(on.value.place()).copied();
        "Reader::read_part": |on| on.handle.read_part(part!(Flag, ok));
        "Reader::try_read_part": |on| on.handle.try_read_part(part!(Flag, ok));
        "Reader::read_parts": |on| on.handle.read_parts((part!(Flag, at), part!(Flag, ok)));
        "Reader::try_read_parts": |on| on.handle.try_read_parts((part!(Flag, at), part!(Flag, ok)));
    };
    while_invalid! {
        On::new(&path, FileReader::<Flag>::open(&path).unwrap()), at;
        "FileReader::read": |on| on.handle.read();
        "FileReader::read_versioned": |on| on.handle.read_versioned();
        "FileReader::read_if_changed": |on| { let mut known = on.known; on.handle.read_if_changed(&mut known).inspect_err(|_| on.known = known) };
        "FileReader::read_into": |on| on.handle.read_into(on.value.place()).copied();
        "FileReader::try_read": |on| on.handle.try_read();
    };
    while_invalid! {
        On::new(&path, untyped::Reader::open(&path).unwrap()), at;
        "untyped::Reader::read_into": |on| on.handle.read_into(&mut on.bytes);
        "untyped::Reader::try_read_into": |on| on.handle.try_read_into(&mut on.bytes);
    };
    while_invalid! {
        On::new(&path, Region::open(&path).unwrap()), at;
        "Schema::validate": |on| { let (bytes, _) = on.handle.read_bytes().unwrap(); on.handle.schema().validate(&bytes).map_err(|error| error.to_string()) };
    };
    before_a_value! {
        |path: &PathBuf| Reader::<Flag>::open(path).unwrap();
        "Reader::read": |on| on.handle.read();
        "Reader::read_bits_into": |on| on.handle.read_bits_into(on.value.place()).map(|bits| bits.validate_ref().is_ok());
        "Reader::read_into": |on| on.handle.read_into(on.value.place()).copied();
        "Reader::try_read_into": |on| on.handle.try_read_into(on.value.place()).copied();
        "Reader::read_part": |on| on.handle.read_part(part!(Flag, ok));
        "Reader::read_parts": |on| on.handle.read_parts((part!(Flag, at), part!(Flag, ok)));
    }
    before_a_value! {
        |path: &PathBuf| FileReader::<Flag>::open(path).unwrap();
        "FileReader::read": |on| on.handle.read();
        "FileReader::read_into": |on| on.handle.read_into(on.value.place()).copied();
    }
    let place = Place::new();
    let path = place.at("region");
    let mut on = On::new(&path, Options::new().buffers(1).create::<Flag>(&path).unwrap());
    let part = part!(Flag, at);
    let write = |on: &mut On<Writer<Flag>>| on.handle.write_part(part, 5);
    fails("Writer::write_part", &mut on, write, On::state, None, |on| on.handle.write(GOOD).unwrap());
    assert_eq!(on.handle.read(), Ok(Flag { at: 5, ..GOOD }));
    before_a_value! {
        |path: &PathBuf| Region::open(path).unwrap();
        "Region::read_bytes": |on| on.handle.read_bytes();
    }
    let place = Place::new();
    let path = place.at("region");
    let mut writer = Options::new().buffers(4).create::<Flag>(&path).unwrap();
    let mut on = On::new(&path, Region::open_file(&path).unwrap());
    (0..2).for_each(|_| writer.write(GOOD).unwrap());
    let whole = fs::read(&path).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    let read = |on: &mut On<Region<_>>| on.handle.read_bytes_of(Version::from_bits(1));
    let mend = |on: &mut On<Region<_>>| fs::write(&on.path, &whole).unwrap();
    let (error, found) = fails("Region::read_bytes_of", &mut on, read, On::state, None, mend);
    assert_eq!((error, found.unwrap().len()), (ReadValueError::Truncated, size_of::<Flag>()));
}

#[test]
fn writes_of_a_value() {
    let place = Place::new();
    let path = place.at("region");
    let mut writer = Options::new().buffers(1).create::<Flag>(&path).unwrap();
    writer.write(GOOD).unwrap();
    let at = flag_in(&path);
    let writer = while_invalid! {
        On::new(&path, writer), at;
        "Writer::read": |on| on.handle.read();
        "Writer::read_parts": |on| on.handle.read_parts((part!(Flag, at), part!(Flag, ok)));
        "Writer::update": |on| on.handle.update(|value| value.ok = true);
        "Writer::update_part": |on| on.handle.update_part(part!(Flag, ok), |ok| *ok = true);
    };
    drop(writer);
    let schema = Schema::of::<Flag>();
    let writer = untyped::Writer::take_over(&path, &schema, &Options::new().buffers(1)).unwrap();
    let writer = while_invalid! {
        On::new(&path, writer), at;
        "untyped::Writer::read_into": |on| on.handle.read_into(&mut on.bytes);
    };
    let mut on = On::new(&path, writer);
    on.handle.read_into(&mut on.bytes).unwrap();
    on.bytes[8] = 7;
    let write = |on: &mut On<untyped::Writer>| on.handle.write_bytes(&on.bytes);
    let before = on.handle.version();
    fails("untyped::Writer::write_bytes", &mut on, write, On::state, None, |on| on.bytes[8] = 0);
    assert_eq!(on.handle.version().writes_since(before), 1);
    assert!(!Reader::<Flag>::open(&path).unwrap().read().unwrap().ok);
}

/// The value of one `bool` of a slice.
fn slice_of(place: &Place, written: &[bool]) -> (PathBuf, Writer<[bool]>, u64) {
    let path = place.at(&format!("slice-{}", place.names().len()));
    let mut writer = Options::new().buffers(1).capacity(4).create::<[bool]>(&path).unwrap();
    let before = fs::read(&path).unwrap();
    writer.write_from(&[true; 3]).unwrap();
    let after = fs::read(&path).unwrap();
    let last = (0..after.len()).rev().find(|at| (before[*at], after[*at]) == (0, 1)).unwrap();
    writer.write_from(written).unwrap();
    (path, writer, last as u64)
}

#[test]
fn reads_of_a_slice() {
    // After the failure the vector is empty; what it had may be longer, and is not valid for a while.
    macro_rules! to_a_vector {
        ($open:expr; $($name:literal: $call:expr;)*) => {$({
            let place = Place::new();
            let (path, writer, at) = slice_of(&place, &[true; 3]);
            let mut on = On::new(&path, $open(&path));
            on.put(7, at);
            let state = |on: &mut On<_>| (on.known, on.vec.clone());
            let left = (Version::NEVER, Vec::new());
            fails($name, &mut on, $call, state, Some(left), |on| { on.vec = vec![false; 9]; on.put(0, at) });
            assert_eq!(on.vec, [true, true, false]);
            drop(writer);
        })*};
    }
    macro_rules! to_a_slice {
        ($open:expr; $($name:literal: $call:expr;)*) => {$({
            let place = Place::new();
            let (path, writer, at) = slice_of(&place, &[false; 3]);
            let mut on = On::new(&path, $open(&path));
            // Too long for it: as it was.
            fails($name, &mut on, $call, |on| on.slice.clone(), None, |on| on.slice = vec![true; 3]);
            assert_eq!(on.slice, [false; 3]);
            // An element that is not valid leaves none.
            on.put(7, at);
            let valid = |on: &mut On<_>| on.slice.iter().map(|it| byte_of(it) < 2).collect::<Vec<_>>();
            fails($name, &mut on, $call, valid, Some(vec![true; 3]), |on| on.put(1, at));
            assert_eq!(on.slice, [false, false, true]);
            drop(writer);
        })*};
    }
    to_a_vector! {
        |path: &PathBuf| Reader::<[bool]>::open(path).unwrap();
        "Reader<[]>::read_to_vec": |on| on.handle.read_to_vec(&mut on.vec);
        "Reader<[]>::try_read_to_vec": |on| on.handle.try_read_to_vec(&mut on.vec);
        "Reader<[]>::read_if_changed": |on| on.handle.read_if_changed(&mut on.known, &mut on.vec);
    }
    to_a_vector! {
        |path: &PathBuf| FileReader::<[bool]>::open(path).unwrap();
        "FileReader<[]>::read_to_vec": |on| on.handle.read_to_vec(&mut on.vec);
        "FileReader<[]>::try_read_to_vec": |on| on.handle.try_read_to_vec(&mut on.vec);
        "FileReader<[]>::read_if_changed": |on| on.handle.read_if_changed(&mut on.known, &mut on.vec);
    }
    to_a_slice! {
        |path: &PathBuf| Reader::<[bool]>::open(path).unwrap();
        "Reader<[]>::read_to_slice": |on| on.handle.read_to_slice(&mut on.slice);
        "Reader<[]>::try_read_to_slice": |on| on.handle.try_read_to_slice(&mut on.slice);
    }
    // Beyond the end, until there is as much.
    macro_rules! of_a_range {
        ($($name:literal: $method:ident;)*) => {$({
            let place = Place::new();
            let (path, mut writer, _) = slice_of(&place, &[true]);
            let mut on = On::new(&path, Reader::<[bool]>::open(&path).unwrap());
            let call = |on: &mut On<Reader<[bool]>>| on.handle.$method(1..3, &mut on.slice);
            fails($name, &mut on, call, |on| on.slice.clone(), None, |_| writer.write_from(&[false; 3]).unwrap());
            assert_eq!(on.slice, [false; 2]);
        })*};
    }
    of_a_range! {
        "Reader<[]>::read_range": read_range;
        "Reader<[]>::try_read_range": try_read_range;
    }
}

/// The byte of a `bool`, which may be any.
fn byte_of(it: &bool) -> u8 {
    // SAFETY: the byte of a place that is borrowed.
    unsafe { core::ptr::from_ref(it).cast::<u8>().read_volatile() }
}

#[test]
fn writes_of_a_slice() {
    let place = Place::new();
    let (path, writer, at) = slice_of(&place, &[true; 3]);
    let mut on = On::new(&path, writer);
    on.vec = vec![false; 5];
    let write = |on: &mut On<Writer<[bool]>>| on.handle.write_from(&on.vec);
    fails("Writer<[]>::write_from", &mut on, write, On::state, None, |on| on.vec = vec![true; 3]);
    on.put(7, at);
    let update = |on: &mut On<Writer<[bool]>>| on.handle.update(|all| all.fill(false));
    fails("Writer<[]>::update", &mut on, update, On::state, None, |on| on.put(1, at));
    drop(on.handle);
    assert_eq!(Reader::<[bool]>::open(&path).unwrap().read_to_vec(&mut on.vec), Ok(()));
    assert_eq!(on.vec, [false; 3]);
    let schema = Region::open(&path).unwrap().schema().clone();
    let writer = untyped::Writer::take_over(&path, &schema, &Options::new().buffers(1)).unwrap();
    let mut on = On::new(&path, writer);
    on.bytes = vec![1, 7];
    let write = |on: &mut On<untyped::Writer>| on.handle.write_elements(&on.bytes);
    fails("untyped::Writer::write_elements", &mut on, write, On::state, None, |on| on.bytes = vec![0, 1]);
    on.bytes = vec![0; 1];
    let read = |on: &mut On<untyped::Writer>| on.handle.read_elements_into(&mut on.bytes);
    fails("untyped::Writer::read_elements_into", &mut on, read, On::state, None, |on| on.bytes = vec![0; 2]);
    assert_eq!(on.bytes, [0, 1]);
    let mut on = On::new(&path, untyped::Reader::open(&path).unwrap());
    on.bytes = vec![0; 1];
    let read = |on: &mut On<untyped::Reader>| on.handle.read_elements_into(&mut on.bytes);
    let (error, (len, _)) =
        fails("untyped::Reader::read_elements_into", &mut on, read, On::state, None, |on| on.bytes = vec![0; 4]);
    assert_eq!(error.to_string(), "the value has 2 elements, but there is space for 1 only");
    assert_eq!((len, &on.bytes[..2]), (2, &[0, 1][..]));
    on.bytes = vec![0; 2];
    let read = |on: &mut On<untyped::Reader>| on.handle.read_range_into(1, &mut on.bytes);
    fails("untyped::Reader::read_range_into", &mut on, read, On::state, None, |on| on.bytes = vec![0; 1]);
    assert_eq!(on.bytes, [1]);
}

#[test]
fn texts_and_bytes() {
    let schema = Schema::of::<Flag>();
    let mut bytes = schema.as_bytes().to_vec();
    let last = bytes.pop().unwrap();
    let decode = |bytes: &mut Vec<u8>| Schema::decode(bytes);
    let (_, read) = fails("Schema::decode", &mut bytes, decode, |bytes| bytes.clone(), None, |bytes| bytes.push(last));
    assert_eq!(read, schema);
    let mut text = "[u8; four]".to_owned();
    let parse = |text: &mut String| SchemaBuilder::parse(text, &|_| None);
    let (_, parsed) =
        fails("SchemaBuilder::parse", &mut text, parse, |text| text.clone(), None, |text| *text = "[u8; 4]".to_owned());
    assert_eq!(parsed.build(), Ok(Schema::of::<[u8; 4]>()));
    let mut builder = SchemaBuilder::structure("No name", &[]);
    let build = |builder: &mut SchemaBuilder| builder.build();
    let named = |builder: &mut SchemaBuilder| *builder = SchemaBuilder::structure("Name", &[]);
    fails("SchemaBuilder::build", &mut builder, build, |builder| builder.build().is_err(), None, named);
}
