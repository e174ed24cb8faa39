//! Regions: files that other processes map and read.

use std::fmt::Debug;
use std::fs::File;
use std::path::Path;

use seqcopy::Validate;
use seqcopy_shm::{FileReader, ReadValueError, Reader, Region, Schema};
use seqcopy_tests::regions::whole;

use crate::schema::layout;
use crate::types::{Known, Told as _};
use crate::{file, map};

/// The largest file.
const LARGEST: usize = 1 << 16;
/// The offset in a schema of the root's size, which its alignment follows: after the 26 bytes with which all schemas of
/// this width and byte order begin, and the kind.
const ROOT: usize = 27;

/// Opens the bytes as the file of a region, with a value or with a map.
///
/// # Panics
/// If something is wrong.
pub fn header(data: &[u8]) {
    let file = &data[..data.len().min(LARGEST)];
    let _ = !open(file) && map::open(file);
}

/// Opens a region whose header fits its schema: the bytes are the schema, the word, the state and the buffers.
///
/// # Panics
/// If something is wrong.
pub fn region(data: &[u8]) {
    let _ = image(data).is_some_and(|bytes| open(&bytes));
}

/// The file that the bytes describe.
fn image(data: &[u8]) -> Option<Vec<u8>> {
    let (&[buffers, state, ref word @ .., low, high], rest) = data.split_first_chunk::<12>()?;
    let length = usize::from(u16::from_le_bytes([low, high]));
    let (schema, values) = match crate::types::types().get(length) {
        Some((schema, ..)) => (schema.clone(), rest),
        None => rest.split_at_checked(length).map(|(schema, values)| (schema.to_vec(), values))?,
    };
    let number = |at: usize| {
        let bytes = schema.get(at..at + 8)?;
        usize::try_from(u64::from_le_bytes(bytes.try_into().expect("8 bytes"))).ok()
    };
    let size = number(ROOT).filter(|size| *size <= LARGEST / 8).unwrap_or(8);
    let align = number(ROOT + 8).filter(|align| align.is_power_of_two() && *align <= 4096).unwrap_or(8);
    let buffers = 1 << (buffers % 4);
    let (mut bytes, first, stride) = whole(&schema, size, align, buffers);
    for (buffer, value) in values.chunks(size.max(1)).take(buffers).enumerate() {
        bytes[first + buffer * stride..][..value.len()].copy_from_slice(value);
    }
    bytes[128] = state;
    bytes[192..200].copy_from_slice(word);
    Some(bytes)
}

/// Opens the file mapped and unmapped, typed and untyped, which must agree. Returns whether it opens.
fn open(bytes: &[u8]) -> bool {
    file::with(bytes, |path, file| {
        let (mapped, unmapped) = (Region::open(path), Region::open_file(path));
        let (mapped, unmapped) = match (mapped, unmapped) {
            (Ok(mapped), Ok(unmapped)) => (mapped, unmapped),
            (Err(mapped), Err(unmapped)) => {
                assert_eq!(mapped.to_string(), unmapped.to_string());
                assert!(Reader::<Known>::open(path).is_err() && FileReader::<Known>::open(path).is_err());
                return false;
            }
            (mapped, unmapped) => panic!("mapped {mapped:?}, without a mapping {unmapped:?}"),
        };
        assert_eq!(unmapped.version(), Ok(mapped.version()));
        assert_eq!(unmapped.is_closed(), Ok(mapped.is_closed()));
        // A file may be longer than the region in it.
        assert!(mapped.header().size() <= bytes.len() as u64);
        if mapped.schema().fingerprint() % 8 == 0 {
            layout(mapped.schema().layout(), mapped.schema());
        }
        let is_busy = mapped.header().buffers() == 1 && bytes[192] % 2 == 1;
        // A read of a busy word would wait for its writer, some milliseconds each time.
        if !is_busy {
            let (read, other) = (mapped.read_bytes(), unmapped.read_bytes());
            assert_eq!(read.as_ref().map(|read| read.1), other.as_ref().map(|read| read.1));
            if let Ok((read, _)) = &read {
                assert_eq!(read.len(), mapped.header().payload_size());
                typed(path, file, bytes.len(), Some(read), mapped.schema());
                return true;
            }
        }
        typed(path, file, bytes.len(), None, mapped.schema());
        true
    })
}

/// Opens the region as types of this program, which must fail if its schema is another.
fn typed(path: &Path, file: &File, len: usize, read: Option<&[u8]>, schema: &Schema) {
    let is_known = *schema == Schema::of::<Known>();
    let expected = read.map(|bytes| Known::of(bytes).is_some());
    checked::<Known>(path, is_known, expected);
    checked::<u64>(path, *schema == Schema::of::<u64>(), read.map(|_| true));
    // No reader changes the file.
    assert_eq!(file.metadata().expect("a file").len(), len as u64);
}

/// Opens and reads once; `valid` says whether the value is valid, if that is known.
fn checked<T: Validate + Debug + 'static>(path: &Path, is_known: bool, valid: Option<bool>) {
    let (reader, other) = (Reader::<T>::open(path), FileReader::<T>::open(path));
    let (Ok(reader), Ok(other)) = (&reader, &other) else {
        assert!(reader.is_err() && other.is_err(), "{reader:?}, without a mapping {other:?}");
        return;
    };
    assert!(is_known, "a region of another schema opens as {}", std::any::type_name::<T>());
    for read in [reader.try_read(), other.try_read()] {
        match (&read, valid) {
            (Ok(value), Some(true)) => assert!(!format!("{value:?}").is_empty()),
            (Err(ReadValueError::Invalid(error)), Some(false)) => assert!(!error.to_string().is_empty()),
            (Err(ReadValueError::Invalid(_)) | Ok(_), _) => panic!("{read:?}, valid: {valid:?}"),
            (Err(_), Some(_)) => panic!("{read:?}, although the untyped read succeeded"),
            (Err(_), None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_open() {
        assert!(crate::seeds("header").iter().all(|seed| open(seed) || map::open(seed)));
        assert!(crate::seeds("region").iter().all(|seed| open(&image(seed).expect("long enough"))));
    }
}
