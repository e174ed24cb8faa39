//! No descriptor leaks, on error paths either. The only test of its process: others would open and close descriptors.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use seqcopy_shm::{Options, Reader, Region, Writer};
use seqcopy_tests::faults::{Beat, Place, Small, descriptors, send_descriptor};

/// How many regions this process has mapped.
fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.contains("seqcopy")).count()
}

#[test]
fn errors_leave_neither_descriptors_nor_mappings() {
    let place = Place::new();
    let (good, damaged, closed, truncated) =
        (place.at("good"), place.at("damaged"), place.at("closed"), place.at("truncated"));
    let mut writer = Writer::<Small>::create(&good).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let bytes = fs::read(&good).unwrap();
    let change = |path, at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 2;
        fs::write(path, bytes).unwrap();
    };
    change(&damaged, 16);
    change(&closed, 128);
    fs::write(&truncated, &bytes[..bytes.len() - 1]).unwrap();
    let memfd = Options::new().create_memfd::<Small>("seqcopy-leak").unwrap();
    let shared = memfd.share().unwrap();
    let (here, there) = UnixStream::pair().unwrap();
    let dangling = place.at("dangling");
    std::os::unix::fs::symlink(place.at("nowhere"), &dangling).unwrap();
    let before = (descriptors(), mappings());
    for _ in 0..1000 {
        for path in [&damaged, &closed, &truncated, &place.at("missing"), place.path()] {
            Reader::<Small>::open(path).unwrap_err();
            Reader::<Small>::open_file(path).unwrap_err();
            Writer::<Small>::take_over(path).unwrap_err();
        }
        Reader::<u64>::open(&good).unwrap_err();
        Reader::<u64>::open_file(&good).unwrap_err();
        Writer::<Small>::take_over(&good).unwrap_err();
        for path in [&damaged, &closed, &truncated, &good, place.path(), &dangling] {
            Writer::<Small>::open_or_create(path).unwrap_err();
        }
        Writer::<Small>::create(&good).unwrap_err();
        Options::new().buffers(3).create::<Small>(place.at("new")).unwrap_err();
        Writer::<Small>::take_over_fd(shared.try_clone().unwrap()).unwrap_err();
        Region::from_fd(fs::File::open(&good).unwrap().into()).unwrap_err();
        // And what succeeds.
        drop(Reader::<Small>::open(&good).unwrap());
        Writer::<Small>::create(place.at("new")).unwrap().close().unwrap();
        drop(Writer::<Small>::open_or_create(place.at("new")).unwrap());
        Writer::<Small>::open_or_create(place.at("new")).unwrap().close().unwrap();
        // More descriptors than the buffer of the receiver holds; how many of them it accepts does not matter.
        send_descriptor(&here, &[shared.as_raw_fd(); 3]);
        drop(Region::receive(&there));
    }
    assert_eq!((descriptors(), mappings()), before);
    assert_eq!(place.names(), ["closed", "damaged", "dangling", "good", "truncated"]);
    writer.write(Beat::of(2)).unwrap();
}
