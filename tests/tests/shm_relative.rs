//! A path that is relative, and a working directory that changes. All threads share it, so this is a program of one test.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::env::set_current_dir;
use std::fs::remove_file;

use seqcopy_shm::{Reader, Writer};
use seqcopy_tests::faults::{Beat, Place, Small};

#[test]
fn a_relative_path_is_what_it_was_when_it_was_opened() {
    let place = Place::new();
    set_current_dir(place.path()).unwrap();
    let mut writer = Writer::<Small>::create("pose").unwrap();
    writer.write(Beat::of(1)).unwrap();
    let mut reader = Reader::<Small>::open("pose").unwrap();
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
    let created = Writer::<Small>::create("created").unwrap();
    let by_link = Writer::<Small>::create("/proc/self/cwd/by_link").unwrap();
    let mut read_by_link = Reader::<Small>::open("/proc/self/cwd/by_link").unwrap();
    drop(Writer::<Small>::create("taken").unwrap());
    let taken = Writer::<Small>::take_over("taken").unwrap();
    set_current_dir("/").unwrap();
    assert!(!read_by_link.region().is_removed() && !read_by_link.reopen_if_removed().unwrap());
    created.close().unwrap();
    taken.close().unwrap();
    by_link.close().unwrap();
    assert!(place.names().is_empty(), "{:?}", place.names());

    // There is `/proc`, and no directory.
    set_current_dir(place.path()).unwrap();
    drop(place);
    let said = Writer::<Small>::create("pose").unwrap_err().to_string();
    assert!(said.ends_with("there is no such directory: create it first"), "{said}");
    set_current_dir("/").unwrap();
}
