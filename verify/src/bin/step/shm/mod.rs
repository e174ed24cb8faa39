//! The same between processes: writers and readers of regions stepped, and writers killed at every instruction.

#[cfg(target_arch = "x86_64")]
pub(crate) mod c;
pub(crate) mod kill;
#[cfg(target_arch = "x86_64")]
pub(crate) mod rare;
pub(crate) mod reader;
pub(crate) mod slice;
#[cfg(target_arch = "x86_64")]
pub(crate) mod wake;
pub(crate) mod writer;

use core::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use seqcopy::{ReadError, Validate, Version};
use seqcopy_shm::{
    Error, ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Unmapped, Writer, WriterState,
};

use crate::values::Val;

/// Values that regions can have.
pub(crate) trait Shareable: Val + Validate {}
impl<T: Val + Validate> Shareable for T {}

/// What one reader sees, as a letter: `o` and `n` are the values before a write and of it, `B`, `T`, `E` attempts that
/// failed, `G` that the writer is gone, `C` that the region is closed; `c` and `-` are regions that can't be opened,
/// closed and not there. All else is wrong.
pub(crate) fn letter<T: Val>(result: &Result<T, ReadValueError>, version: u64) -> char {
    match result {
        Ok(value) if *value == T::of(version + 1) => 'n',
        Ok(value) if *value == T::of(version) => 'o',
        Ok(_) | Err(ReadValueError::Invalid(_)) => '!',
        Err(ReadValueError::NoValue(ReadError::Busy)) => 'B',
        Err(ReadValueError::NoValue(ReadError::Torn)) => 'T',
        Err(ReadValueError::NoValue(ReadError::Empty)) => 'E',
        Err(ReadValueError::WriterGone) => 'G',
        Err(ReadValueError::Closed) => 'C',
        Err(_) => '?',
    }
}

fn opened<T: Val, R>(reader: Result<R, Error>, read: impl Fn(&R) -> Result<T, ReadValueError>, version: u64) -> char {
    match reader {
        Ok(reader) => letter(&read(&reader), version),
        Err(error) => match error.kind() {
            ErrorKind::Closed => 'c',
            ErrorKind::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => '-',
            _ => '?',
        },
    }
}

/// Bytes of a value as its tools read them, with padding zeroed.
fn bytes<T: Val>(read: &Result<(Vec<u8>, Version), ReadValueError>, version: u64) -> char {
    match read {
        Ok((bytes, number)) => {
            let image = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                T::LAYOUT.holes().flatten().for_each(|hole| bytes[hole] = 0);
                bytes
            };
            let value = seqcopy::AtomicPerByte::<T>::zeroed();
            value.store(&T::of(number.to_bits()));
            let at = value.as_ptr().cast::<u8>();
            // SAFETY: all bytes were zeroed, and stores go around padding; nothing else accesses it.
            let expected = unsafe { core::slice::from_raw_parts(at, size_of::<T>()) };
            // Bytes of a variant that is not the active one are no data of the value.
            let is_right = T::LAYOUT.has_enum_with_fields() || image(expected) == image(bytes);
            match number.to_bits() {
                _ if !is_right => '!',
                new if new == version + 1 => 'n',
                old if old == version => 'o',
                _ => '!',
            }
        }
        Err(error) => letter::<T>(&Err(*error), version),
    }
}

/// Where a region is found.
pub(crate) enum Source {
    Path(PathBuf),
    /// A memfd that may be taken over.
    Fd(OwnedFd),
}

impl Source {
    fn file(fd: &OwnedFd) -> OwnedFd {
        fd.try_clone().expect("a descriptor")
    }

    fn reader<T: Shareable>(&self) -> Result<Reader<T>, Error> {
        match self {
            Source::Path(path) => Reader::open(path),
            Source::Fd(fd) => Reader::from_fd(Self::file(fd)),
        }
    }

    fn file_reader<T: Shareable>(&self) -> Result<FileReader<T>, Error> {
        match self {
            Source::Path(path) => FileReader::open(path),
            Source::Fd(fd) => FileReader::from_fd(Self::file(fd)),
        }
    }

    fn region(&self) -> Result<Region, Error> {
        match self {
            Source::Path(path) => Region::open(path),
            Source::Fd(fd) => Region::from_fd(Self::file(fd)),
        }
    }

    pub(crate) fn take_over<T: Shareable>(&self) -> Result<Writer<T>, Error> {
        match self {
            Source::Path(path) => Writer::take_over(path),
            Source::Fd(fd) => Writer::take_over_fd(Self::file(fd)),
        }
    }
}

/// All readers of a region: those that were open before, and those that are opened now.
pub(crate) struct Readers<T: Shareable> {
    pub(crate) source: Source,
    pub(crate) reader: Reader<T>,
    file: FileReader<T>,
    pub(crate) region: Region,
    /// By a path only.
    file_region: Option<Region<Unmapped>>,
    buf: Box<MaybeUninit<T>>,
}

impl<T: Shareable> Readers<T> {
    pub(crate) fn open(source: Source) -> Readers<T> {
        Readers {
            reader: source.reader().expect("a region"),
            file: source.file_reader().expect("a region"),
            region: source.region().expect("a region"),
            file_region: match &source {
                Source::Path(path) => Some(Region::open_file(path).expect("a region")),
                Source::Fd(_) => None,
            },
            source,
            buf: Box::new(MaybeUninit::uninit()),
        }
    }

    /// What a single attempt sees: by the mapping, into a buffer, by the file. `version` is that of the last value.
    pub(crate) fn attempt(&mut self, version: u64) -> String {
        let into_buf = self.reader.try_read_into(&mut self.buf).map(|value| *value);
        [self.reader.try_read(), into_buf, self.file.try_read()].iter().map(|read| letter(read, version)).collect()
    }

    /// What readers see that wait: the same three, tools by mapping and by file, and two that are opened now.
    pub(crate) fn wait(&mut self, version: u64) -> String {
        let into_buf = self.reader.read_into(&mut self.buf).map(|value| *value);
        let mut seen: String =
            [self.reader.read(), into_buf, self.file.read()].iter().map(|read| letter(read, version)).collect();
        seen.push(bytes::<T>(&self.region.read_bytes(), version));
        seen.extend(self.file_region.as_ref().map(|region| bytes::<T>(&region.read_bytes(), version)));
        seen.push(opened(self.source.reader::<T>(), Reader::read, version));
        seen.push(opened(self.source.file_reader::<T>(), FileReader::read, version));
        seen
    }
}

/// Whether a child that holds a region is known as its writer, and as alive. To a process that asks when it was started
/// QEMU answers with something else than to others, so there the same process seems to be gone, while its lock is held.
pub(crate) fn is_alive(state: WriterState, pid: u32) -> bool {
    let is_emulated = cfg!(target_arch = "aarch64");
    match state {
        WriterState::Alive { pid: found, .. } => found == pid,
        WriterState::Orphaned { pid: found, .. } => is_emulated && found == pid,
        _ => false,
    }
}

/// The letter that all readers see, or what they see.
pub(crate) fn agreed(seen: &str) -> Result<char, String> {
    let first = seen.chars().next().unwrap_or('?');
    if seen.chars().all(|each| each == first) { Ok(first) } else { Err(format!("readers see {seen}")) }
}

fn written<T: Shareable>(mut writer: Writer<T>, values: u64) -> Writer<T> {
    for n in 1..=values {
        writer.write_from(&T::of(n)).expect("no fork");
    }
    writer
}

/// A new region with this many values written.
pub(crate) fn make<T: Shareable>(path: &Path, buffers: u32, values: u64) -> Readers<T> {
    let _ = std::fs::remove_file(path);
    drop(written(Options::new().buffers(buffers).create::<T>(path).expect("a region"), values));
    Readers::open(Source::Path(path.to_owned()))
}

/// The same without a path.
pub(crate) fn make_memfd<T: Shareable>(buffers: u32, values: u64) -> Readers<T> {
    let options = Options::new().buffers(buffers).allow_take_over_fd(true);
    let writer = written(options.create_memfd::<T>("step").expect("a memfd"), values);
    Readers::open(Source::Fd(writer.share().expect("a descriptor")))
}
