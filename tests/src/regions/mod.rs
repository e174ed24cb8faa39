//! Regions for C programs, each with the bytes that they must read; `ci/header.sh` compares.

mod image;
mod odd;

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use crate::faults::FileExt as _;
pub use image::{lay_out, lay_out_map, map_hash, whole, whole_map};
use seqcopy::Validate;
use seqcopy_shm::{MapKey, Options, untyped::FileMap};

/// A directory of regions. `NAME.0`, `NAME.1` and so on are regions of one type, which its header calls `NAME`;
/// `NAME.0.image` has the bytes of the copy that a program must get: the data, and zeros in the holes. `NAME.map` is a
/// region with a map, and `NAME.map.0.image` and so on are its slots.
#[derive(Debug)]
pub struct Regions(PathBuf);

impl Regions {
    /// Creates the directory, replacing an existing one.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new(dir: impl Into<PathBuf>) -> io::Result<Self> {
        let dir = dir.into();
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&dir)?,
        }
        Ok(Regions(dir))
    }

    /// Makes a region for each value, with 1, 2 or 4 buffers in rotation.
    ///
    /// # Errors
    /// Those of making regions, writing and reading files.
    ///
    /// # Panics
    /// If a type has no bytes: such a type has no header.
    pub fn add<T: Validate + 'static>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        assert!(size_of::<T>() > 0, "{name} has no bytes");
        for (number, value) in values.into_iter().enumerate() {
            let (path, buffers) = (self.0.join(format!("{name}.{number}")), 1 << (number % 3));
            let mut writer = Options::new().buffers(buffers).create::<T>(&path)?;
            // The number of writes varies, so that not always the same buffer has the value.
            let writes = number as u64 / 3 + 1;
            for _ in 0..writes {
                writer.write_from(&value)?;
            }
            let header = writer.region().header();
            let at = header.buffer_offset() + writes % u64::from(buffers) * header.buffer_stride();
            let mut image = vec![0; size_of::<T>()];
            File::open(&path)?.read_exact_at(&mut image, at)?;
            for hole in T::LAYOUT.holes() {
                image[hole].fill(0);
            }
            fs::write(path.with_extension(format!("{number}.image")), image)?;
        }
        Ok(())
    }

    /// Makes a map of these entries, with 2 or 4 tables.
    ///
    /// # Errors
    /// As of [`add`](Regions::add).
    ///
    /// # Panics
    /// If there are more entries than the map has space for.
    pub fn add_map<K: MapKey + 'static, V: Validate + 'static>(
        &mut self,
        name: &str,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let path = self.0.join(format!("{name}.map"));
        let buffers = 2 << (name.len() % 2);
        let mut writer = Options::new().buffers(buffers).create_map::<K, V>(&path, 7)?;
        for (key, value) in entries {
            // The first of two equal keys, whose bytes are in the map.
            writer.insert_if_absent(key, value).map_err(|error| error.to_string())?;
        }
        let map = FileMap::open(&path)?;
        let slot = map.region().schema().layout();
        let [_, key, value] = slot.fields() else { panic!("stamp, key and value") };
        for (number, (of_key, of_value, stamp)) in map.entries()?.iter().enumerate() {
            let mut image = vec![0; slot.size()];
            image[..8].copy_from_slice(&stamp.to_bits().to_ne_bytes());
            image[key.offset()..][..of_key.len()].copy_from_slice(of_key);
            image[value.offset()..][..of_value.len()].copy_from_slice(of_value);
            for hole in V::LAYOUT.holes() {
                image[value.offset()..][hole].fill(0);
            }
            fs::write(path.with_extension(format!("map.{number}.image")), image)?;
        }
        Ok(())
    }

    /// Regions of types that are hard to name or to lay out in C.
    ///
    /// # Errors
    /// As of [`add`](Regions::add).
    pub fn add_odd(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        odd::add(self)
    }
}
