//! What handles say of themselves: their debug forms, owners and types, which no other test asks for.

use seqcopy::{SeqCopy, SeqLock, SeqStr, Validate, part, raw};
use seqcopy_shm::{
    FileReader, MapReader, MapWriter, Options, Reader, Region, Schema, Uid, Writer,
    untyped::{self, FileMap},
};
use seqcopy_tests::faults::Place;

#[test]
fn debug_forms_begin_with_the_type_and_do_not_block() {
    let place = Place::new();
    let (value, map, slice) = (place.at("value"), place.at("map"), place.at("slice"));
    let mut writer = Writer::<u64>::create(&value).unwrap();
    writer.write(5).unwrap();
    let mut maps = MapWriter::<u8, u16>::create(&map, 4).unwrap();
    maps.insert(1, 2).unwrap();
    let slices = Options::new().capacity(4).create::<[u16]>(&slice).unwrap();
    let map_reader = MapReader::<u8, u16>::open(&map).unwrap();
    let view = map_reader.view();
    #[allow(clippy::clone_on_copy)] // what is tested
    let again = view.clone();
    assert_eq!((view.len(), again.len()), (Ok(1), Ok(1)));
    let in_batch = maps.commit(|batch| format!("{batch:?}")).unwrap();
    for (form, name) in [
        (format!("{writer:?}"), "Writer"),
        (format!("{slices:?}"), "Writer"),
        (format!("{:?}", Reader::<u64>::open(&value).unwrap()), "Reader"),
        (format!("{:?}", Reader::<[u16]>::open(&slice).unwrap()), "Reader"),
        (format!("{:?}", FileReader::<u64>::open(&value).unwrap()), "FileReader"),
        (format!("{:?}", FileReader::<[u16]>::open(&slice).unwrap()), "FileReader"),
        (format!("{:?}", Region::open(&value).unwrap()), "Region"),
        (format!("{map_reader:?}"), "MapReader"),
        (format!("{maps:?}"), "MapWriter"),
        (format!("{view:?}"), "View"),
        (format!("{:?}", FileMap::open(&map).unwrap()), "FileMap"),
        (in_batch, "Batch"),
        (format!("{:?}", Schema::of::<u64>()), "Schema"),
    ] {
        assert!(form.starts_with(name), "{form}");
    }
}

#[test]
fn maps_have_owners_and_types() {
    let place = Place::new();
    let (path, of_bytes) = (place.at("map"), place.at("bytes"));
    let writer = MapWriter::<u8, u16>::create(&path, 4).unwrap();
    let schema = Schema::of_map::<u8, u16>();
    let untyped = untyped::MapWriter::create(&of_bytes, &schema, 8, &Options::new()).unwrap();
    let reader = MapReader::<u8, u16>::open(&path).unwrap();
    assert_eq!([writer.region().owner(), reader.region().owner(), untyped.region().owner()], [Uid::effective(); 3]);
    assert_eq!(
        (untyped.region().schema(), untyped::MapReader::open(&path).unwrap().region().schema()),
        (&schema, &schema)
    );
    let entries = FileMap::open(&path).unwrap().entries().unwrap();
    assert_eq!((entries.is_empty(), entries.len()), (true, 0));
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Two {
    at: u64,
    name: SeqStr<4>,
}

#[test]
fn parts_are_read_at_once() {
    let two = Two { at: 7, name: SeqStr::literal("ab") };
    let lock = SeqLock::new(two);
    assert_eq!(lock.try_read_parts((part!(Two, at), part!(Two, name))), Ok((7, SeqStr::literal("ab"))));
    // SAFETY: a local that nothing writes.
    let at = unsafe { raw::load_part(&raw const two, part!(Two, at)) };
    assert_eq!(at.validate(), Ok(7));
}

/// What two types differ by, where their names and fields are the same.
#[test]
fn numbers_of_a_type_are_differences() {
    mod one {
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C, align(8))]
        pub(super) struct T {
            pub(super) at: u32,
            pub(super) more: u32,
        }
    }
    mod other {
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C)]
        pub(super) struct T {
            pub(super) at: u32,
            pub(super) more: u32,
        }
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C)]
        pub(super) struct Skips {
            #[seqcopy(skip)]
            pub(super) rest: core::mem::MaybeUninit<u32>,
            pub(super) more: u32,
        }
    }
    let (here, there) = (Schema::of::<one::T>(), Schema::of::<other::T>());
    let said = here.difference(&there).unwrap().to_string();
    assert!(said.contains("alignment 4 there") && said.contains("alignment 8 here"), "{said}");
    let (number, skips) = (Schema::of::<[u32; 2]>(), Schema::of::<other::Skips>());
    assert!(number.difference(&skips).is_some() && skips.difference_by_fields(&skips).is_none());
    let said = there.difference_by_fields(&skips).map(|it| it.to_string()).unwrap_or_default();
    assert!(said.contains("`at`") || said.contains("no such field"), "{said}");
}
