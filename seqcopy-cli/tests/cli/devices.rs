//! A map of devices, which programs in C and Python look up, and faults in it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use seqcopy_shm::{MapWriter, Options};

use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Device {
    pub(super) number: u64,
    half: SeqOption<u32>,
    is_open: bool,
}

impl Device {
    pub(super) fn of(number: u64) -> Device {
        Device { number, half: None.into(), is_open: false }
    }
}

/// Keys whose length is not a multiple of a word.
pub(super) type Key = [u8; 13];

pub(super) fn key(number: u32) -> Key {
    format!("key {number:09}").into_bytes().try_into().expect("13 bytes")
}

/// Numbers of buffers and of devices: tables of several sizes.
pub(super) const SIZES: [(u32, u32); 3] = [(2, 9), (4, 1000), (16, 3000)];

/// A map with this many devices, of which each third was removed.
pub(super) fn devices(place: &Place, buffers: u32, count: u32) -> MapWriter<Key, Device> {
    let mut map = Options::new().buffers(buffers).create_map(&place.0, usize::try_from(count).unwrap()).unwrap();
    for number in 0..count {
        let device = Device { number: 7 * u64::from(number), half: Some(number).into(), is_open: true };
        map.insert(key(number), device).unwrap();
    }
    for number in (0..count).step_by(3) {
        map.remove(&key(number)).unwrap();
    }
    map
}

/// The file, and where the newest table lies in it.
pub(super) fn newest(place: &Place, map: &MapWriter<Key, Device>) -> (File, u64) {
    let header = map.region().header();
    let table = map.generation().to_bits() % u64::from(header.buffers()) * header.buffer_stride();
    (File::options().write(true).open(&place.0).unwrap(), header.buffer_offset() + table)
}

/// Makes the `bool` of device 1 neither `false` nor `true`.
pub(super) fn spoil_one(place: &Place, map: &MapWriter<Key, Device>) {
    let (file, table) = newest(place, map);
    let (bytes, key, start) = (fs::read(&place.0).unwrap(), key(1), usize::try_from(table).unwrap());
    let at = start + bytes[start..].windows(key.len()).position(|bytes| bytes == key).expect("the key");
    // A key of 16 bytes with its padding, number, option.
    file.write_all_at(&[2], at as u64 + 16 + 8 + 8).unwrap();
}
