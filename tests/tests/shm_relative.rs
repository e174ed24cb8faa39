//! A path that is relative, a name without a slash, and a working directory that changes. All threads share it, so this
//! is a program of one test.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::env::set_current_dir;
use std::fs::remove_file;

use seqcopy_shm::{
    ErrorKind, FileReader, MapReader, MapWriter, Options, Reader, Region, Schema, Writer, path_for, untyped,
    untyped::FileMap,
};
use seqcopy_tests::faults::{Beat, Place, Small};

#[test]
fn a_relative_path_is_what_it_was_when_it_was_opened() {
    let place = Place::new();
    set_current_dir(place.path()).unwrap();
    let mut writer = Writer::<Small>::create("./pose").unwrap();
    writer.write(Beat::of(1)).unwrap();
    let mut reader = Reader::<Small>::open("./pose").unwrap();
    set_current_dir("/").unwrap();
    assert!(!reader.region().is_removed());
    assert!(!reader.reopen_if_removed().unwrap());
    // Another one takes its name.
    remove_file(place.at("pose")).unwrap();
    Writer::<Small>::create(place.at("pose")).unwrap().write(Beat::of(2)).unwrap();
    assert!(reader.region().is_removed() && reader.reopen_if_removed().unwrap());
    assert_eq!(reader.read(), Ok(Beat::of(2)));

    // What was created by a relative path, and what was taken over, is removed where it was.
    drop(writer);
    remove_file(place.at("pose")).unwrap();
    set_current_dir(place.path()).unwrap();
    let created = Writer::<Small>::create("./created").unwrap();
    let by_link = Writer::<Small>::create("/proc/self/cwd/by_link").unwrap();
    let mut read_by_link = Reader::<Small>::open("/proc/self/cwd/by_link").unwrap();
    drop(Writer::<Small>::create("./taken").unwrap());
    let taken = Writer::<Small>::take_over("./taken").unwrap();
    set_current_dir("/").unwrap();
    assert!(!read_by_link.region().is_removed() && !read_by_link.reopen_if_removed().unwrap());
    created.close().unwrap();
    taken.close().unwrap();
    by_link.close().unwrap();
    assert!(place.names().is_empty(), "{:?}", place.names());

    names_are_those_of_shared_memory();

    // There is `/proc`, and no directory.
    set_current_dir(place.path()).unwrap();
    drop(place);
    let said = Writer::<Small>::create("./pose").unwrap_err().to_string();
    assert!(said.ends_with("there is no such directory: create it first"), "{said}");
    set_current_dir("/").unwrap();
}

/// Whether it was opened, and not any more.
fn opens<T, E>(result: Result<T, E>) -> bool {
    result.map(drop).is_ok()
}

/// A name without a slash is no file of the working directory, for each way to create and to open.
fn names_are_those_of_shared_memory() {
    let place = Place::new();
    set_current_dir(place.path()).unwrap();
    let name = format!("seqcopy-name-{}", std::process::id());
    let name = name.as_str();
    std::fs::write(place.at(name), "another file").unwrap();
    let (small, slot) = (Schema::of::<Small>(), Schema::of_map::<u32, u64>());
    let created: [(&str, &dyn Fn()); 6] = [
        ("create", &|| drop(Writer::<Small>::create(name).unwrap())),
        ("open_or_create", &|| drop(Writer::<Small>::open_or_create(name).unwrap())),
        ("replace", &|| drop(Options::new().replace_other_type(true).open_or_create::<Small>(name).unwrap())),
        ("untyped", &|| drop(untyped::Writer::create(name, &small, &Options::new()).unwrap())),
        ("map", &|| drop(MapWriter::<u32, u64>::create(name, 4).unwrap())),
        ("untyped map", &|| drop(untyped::MapWriter::create(name, &slot, 8, &Options::new()).unwrap())),
    ];
    for (how, create) in created {
        create();
        let path = path_for(name);
        let opened: Vec<bool> = if how.contains("map") {
            vec![
                opens(MapReader::<u32, u64>::open(name)),
                opens(untyped::MapReader::open(name)),
                opens(FileMap::open(name)),
                opens(MapWriter::<u32, u64>::take_over(name)),
                MapWriter::<u32, u64>::open_or_create(name, 4).is_ok_and(|map| !map.was_created()),
            ]
        } else {
            vec![
                opens(Reader::<Small>::open(name)),
                opens(FileReader::<Small>::open(name)),
                opens(untyped::Reader::open(name)),
                opens(Region::open(name)),
                opens(Region::open_file(name)),
                opens(Writer::<Small>::take_over(name)),
                Writer::<Small>::open_or_create(name).is_ok_and(|writer| !writer.was_created()),
            ]
        };
        assert!(!opened.contains(&false), "{how}: {opened:?}");
        let region = Region::open_any(name).unwrap();
        assert!(!region.is_removed(), "{how}");
        remove_file(&path).unwrap();
        assert!(region.is_removed(), "{how}");
        let said = Region::open(name).unwrap_err();
        assert_eq!(said.path(), Some(&*path), "{how}: {said}");
    }
    assert_eq!(place.names().len(), 1);
    assert_eq!(std::fs::read(place.at(name)).unwrap(), b"another file");
    let said = Region::open(format!("./{name}")).unwrap_err();
    assert!(matches!(said.kind(), ErrorKind::Header { .. }), "{said}");
    set_current_dir("/").unwrap();
}
