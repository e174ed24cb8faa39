//! Regions: files that other processes map and read.

use std::fmt::Debug;
use std::fs::File;
use std::mem::offset_of;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::{env, fs, process, thread};

use seqcopy::Validate;
use seqcopy_shm::{FileReader, FileRegion, ReadValueError, Reader, Region, Schema};
use seqcopy_tests::regions::whole;

use crate::schema::layout;
use crate::seeds::{Known, Mode};

/// The largest file.
const LARGEST: usize = 1 << 16;
/// The offset in a schema of the root's size, which its alignment follows: after the 26 bytes with which all schemas of this
/// width and byte order begin, and the kind.
const ROOT: usize = 27;

thread_local! {
    /// The file of the regions, overwritten each time.
    static FILE: (File, PathBuf) = unnamed_file();
}

/// A file in memory, if there is such a file system, and its path below `/proc`. It has no name, so that nothing is left behind.
fn unnamed_file() -> (File, PathBuf) {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    let path = folder.join(format!("seqcopy-fuzz-{}-{:?}", process::id(), thread::current().id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    fs::remove_file(&path).expect("the file");
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file)).into();
    (file, path)
}

/// Opens the bytes as the file of a region.
///
/// # Panics
/// If something is wrong.
pub fn header(data: &[u8]) {
    let _ = open(&data[..data.len().min(LARGEST)]);
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
    let (schema, values) = match crate::seeds::types().get(length) {
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
    FILE.with(|(file, path)| {
        file.set_len(0).expect("an empty file");
        file.write_all_at(bytes, 0).expect("written");
        let (mapped, unmapped) = (Region::open(path), FileRegion::open(path));
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
            assert_eq!(read.as_ref().map(|read| read.version), other.as_ref().map(|read| read.version));
            if let Ok(read) = &read {
                assert_eq!(read.bytes.len(), mapped.header().payload_size());
                typed(path, bytes, Some(&read.bytes), mapped.schema());
                return true;
            }
        }
        typed(path, bytes, None, mapped.schema());
        true
    })
}

/// Opens the region as types of this program, which must fail if its schema is another.
fn typed(path: &Path, file: &[u8], read: Option<&[u8]>, schema: &Schema) {
    let is_known = *schema == Schema::of::<Known>();
    let expected = read.map(is_value);
    checked::<Known>(path, is_known, expected);
    checked::<u64>(path, *schema == Schema::of::<u64>(), read.map(|_| true));
    // No reader changes the file.
    FILE.with(|(open, _)| assert_eq!(open.metadata().expect("a file").len(), file.len() as u64));
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

/// Whether bytes are a valid [`Known`], by the rules of the Reference for each of its fields.
fn is_value(bytes: &[u8]) -> bool {
    if bytes.len() != size_of::<Known>() {
        return false;
    }
    let letter = bytes[offset_of!(Known, letter)..][..4].try_into().map(u32::from_le_bytes).expect("4 bytes");
    let count = &bytes[offset_of!(Known, count)..][..2];
    let modes = [Mode::Idle, Mode::Moving, Mode::Halted].map(|mode| mode as u8);
    let [tag, route @ ..] = &bytes[offset_of!(Known, route)..][..4] else { unreachable!("4 bytes") };
    char::from_u32(letter).is_some()
        && count != [0; 2]
        && bytes[offset_of!(Known, moving)] <= 1
        && modes.contains(&bytes[offset_of!(Known, mode)])
        && (*tag == 0 || *tag == 1 && route.iter().all(|byte| *byte <= 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::value;

    #[test]
    fn seeds_open() {
        assert!(crate::seeds("header").iter().all(|seed| open(seed)));
        assert!(crate::seeds("region").iter().all(|seed| open(&image(seed).expect("long enough"))));
    }

    #[test]
    fn each_field_is_validated() {
        let value = value();
        assert!(is_value(&value));
        for (at, bits) in [(offset_of!(Known, moving), 2), (offset_of!(Known, mode), 2), (offset_of!(Known, route), 2)]
        {
            let mut other = value.clone();
            other[at] = bits;
            assert!(!is_value(&other), "{at}");
        }
    }
}
