//! [`Source`]: how the bytes of a region are read. Region, reader and map reader are written once, over it.

mod file;
mod mapped;

use core::mem::MaybeUninit;
use core::ops::Range;
use std::os::fd::OwnedFd;

use super::attempts::Attempts;
use super::checks::validated;
use super::inspect::Inspected;
use super::process::Identity;
use super::slice::{NoElements, SliceLayout, Wanted};
use super::{Error, ReadValueError};
pub use file::File;
pub use mapped::Mapped;
use seqcopy::{ReadError, Validate, Version};

/// How a region is read: [`Mapped`], which is the default everywhere, or as a [`File`], by system calls. There is no other.
///
/// | | [`Mapped`] | [`File`] |
/// |---|---|---|
/// | a read | nanoseconds | three system calls |
/// | the file is truncated | kills the process with SIGBUS | an error |
/// | made by | [`Region::open`], [`Reader::open`], [`MapReader::open`] | [`Region::open_file`], [`Reader::open_file`], [`MapReader::open_file`] |
/// | has besides | [`Reader::wait`], [`Reader::read_part`], [`Region::send`], [views](crate::View) | [`entries`] of maps of any types |
///
/// ```
/// use seqcopy_shm::{self as shm, ReadValueError, Reader, Source, Writer};
///
/// fn sum<S: Source>(reader: &Reader<[u32; 3], S>) -> Result<u32, ReadValueError> {
///     Ok(reader.read()?.iter().sum())
/// }
///
/// # let path = shm::path_for(&format!("seqcopy-doc-source-{}", std::process::id()));
/// let mut writer = Writer::<[u32; 3]>::create(&path)?;
/// writer.write([1, 2, 3]).unwrap();
/// assert_eq!(sum(&Reader::open(&path)?), Ok(6));
/// assert_eq!(sum(&Reader::<[u32; 3]>::open_file(&path)?), Ok(6));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
///
/// [`Region::open`]: crate::Region::open
/// [`Reader::open`]: crate::Reader::open
/// [`MapReader::open`]: crate::MapReader::open
/// [`Region::open_file`]: crate::Region::open_file
/// [`Reader::open_file`]: crate::Reader::open_file
/// [`MapReader::open_file`]: crate::MapReader::open_file
/// [`Reader::wait`]: crate::Reader::wait
/// [`Reader::read_part`]: crate::Reader::read_part
/// [`Region::send`]: crate::Region::send
/// [`entries`]: crate::MapReader::entries
pub trait Source: Access {
    /// What methods return that fail only where the file was truncated: `R` for [`Mapped`], and `Result<R, ReadValueError>` for
    /// [`File`].
    type Answer<R>;

    #[doc(hidden)]
    fn answer<R>(result: Result<R, Self::Failure>) -> Self::Answer<R>;
}

/// What regions and readers ask of their source. Public, because [`Source`] is; not named outside, so no other crate can implement it.
///
/// Some reads are passed how to find the source, and not where it is: of a mapping only those that fail look there, so others need not
/// load its address.
pub trait Access: Sized + 'static {
    /// Why a question about the region's words has no answer.
    type Failure: Into<ReadValueError>;
    /// Why an attempt at the elements of a slice found none.
    type Miss;
    /// What a reader keeps in addition.
    type Near: Copy;

    /// The source that is a file which was inspected.
    fn of(file: OwnedFd, inspected: Inspected) -> Result<Self, Error>;

    fn file(&self) -> &OwnedFd;

    fn inspected(&self) -> &Inspected;

    /// The version of the last published value.
    fn version(&self) -> Result<Version, Self::Failure>;

    fn is_closed(&self) -> Result<bool, Self::Failure>;

    /// The last writer, and how many there were: hints.
    fn writer(&self) -> Result<(Identity, u64), Self::Failure>;

    /// A copy of the value as bytes.
    fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError>;

    fn near(&self) -> Self::Near;

    /// One attempt at the bits. If it succeeds, every data byte of `buf` is written.
    ///
    /// # Safety
    /// The region's schema is that of `T`, and `near` is this source's own.
    unsafe fn attempt<'s, T: Validate>(
        source: impl Fn() -> &'s Self,
        near: Self::Near,
        buf: &mut MaybeUninit<T>,
    ) -> Result<Version, ReadValueError>;

    /// Attempts until one succeeds or the bound is reached.
    ///
    /// # Safety
    /// As for [`attempt`](Self::attempt).
    unsafe fn load<T: Validate>(&self, near: Self::Near, buf: &mut MaybeUninit<T>) -> Result<Version, ReadValueError>;

    /// One attempt at a value.
    ///
    /// # Safety
    /// As for [`attempt`](Self::attempt).
    unsafe fn try_once<'s, T: Validate>(source: impl Fn() -> &'s Self, near: Self::Near) -> Result<T, ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        // SAFETY: the same contract.
        unsafe { Self::attempt(source, near, &mut buf) }?;
        // SAFETY: the attempt wrote every data byte (I6 maybe-invalid).
        unsafe { validated(buf) }
    }

    /// Attempts until one succeeds, or `stops` returns a value.
    ///
    /// # Safety
    /// As for [`attempt`](Self::attempt).
    unsafe fn until<T: Validate, B>(
        &self,
        near: Self::Near,
        mut stops: impl FnMut(ReadError) -> Option<B>,
    ) -> Result<Result<T, ReadValueError>, B> {
        loop {
            // SAFETY: the same contract.
            match unsafe { Self::try_once(|| self, near) } {
                Err(ReadValueError::NoValue(miss)) => {
                    if let Some(value) = stops(miss) {
                        return Err(value);
                    }
                }
                result => return Ok(result),
            }
        }
    }

    /// What is made of the value and its version.
    ///
    /// # Safety
    /// As for [`attempt`](Self::attempt).
    unsafe fn read_and<'s, T: Validate, R>(
        source: impl Fn() -> &'s Self,
        near: Self::Near,
        make: impl FnOnce(T, Version) -> R,
    ) -> Result<R, ReadValueError> {
        let mut buf = MaybeUninit::uninit();
        // SAFETY: the same contract.
        let version = unsafe { source().load(near, &mut buf) }?;
        // SAFETY: `load` wrote every data byte (I6 maybe-invalid).
        Ok(make(unsafe { validated(buf) }?, version))
    }

    /// One attempt at the bits of those elements of a slice that are `wanted`, which is told how many there are.
    ///
    /// # Safety
    /// The region's schema is that of a slice of `T`, and `near` and `slice` are those of this source. What `wanted` returns is inside of
    /// the length that it was told, with space for these elements where they go, which are this thread's alone (I4 private).
    unsafe fn attempt_elements<T: Validate>(
        &self,
        near: Self::Near,
        slice: &SliceLayout<T>,
        wanted: impl FnOnce(usize) -> Wanted<T>,
    ) -> Result<(Range<usize>, Version), NoElements<Self::Miss>>;

    /// The error for such an attempt.
    fn explain(&self, miss: Self::Miss) -> ReadValueError;

    /// Waits before the next attempt, or fails if no process will finish the write, or the bound is reached.
    fn pause(&self, attempts: &mut Attempts, miss: ReadError) -> Result<(), ReadValueError>;

    /// Attempts until one succeeds or the bound is reached.
    #[inline(always)]
    fn repeat<R>(&self, mut attempt: impl FnMut() -> Result<R, ReadValueError>) -> Result<R, ReadValueError> {
        match attempt() {
            Err(ReadValueError::NoValue(miss @ (ReadError::Busy | ReadError::Torn))) => self.go_on(miss, attempt),
            result => result,
        }
    }

    /// [`repeat`](Self::repeat) after a first attempt has failed.
    #[cold]
    fn go_on<R>(
        &self,
        mut miss: ReadError,
        mut attempt: impl FnMut() -> Result<R, ReadValueError>,
    ) -> Result<R, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            self.pause(&mut attempts, miss)?;
            match attempt() {
                Err(ReadValueError::NoValue(again @ (ReadError::Busy | ReadError::Torn))) => miss = again,
                result => return result,
            }
        }
    }
}
