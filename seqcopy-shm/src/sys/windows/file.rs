//! Calls on open files.

use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::{NonNull, null};
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::windows::fs::FileExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, RawHandle};
use std::path::Path;

use super::call::{done, error as error_of, is, opened, wide};
use super::user::{Attributes, User, rights};
use super::{AsHandle, Handle};
pub(crate) use crate::sys::names::Kind;
use windows_sys::Win32::Foundation::{
    ERROR_ALREADY_EXISTS, ERROR_DIRECTORY, ERROR_DISK_FULL, ERROR_FILE_NOT_FOUND, ERROR_HANDLE_EOF, GENERIC_READ,
    GENERIC_WRITE,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CreateDirectoryW, FILE_ATTRIBUTE_DEVICE, FILE_ATTRIBUTE_DIRECTORY,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_ID_INFO, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TYPE_DISK,
    FileIdInfo, GetFileInformationByHandle, GetFileInformationByHandleEx, GetFileType, ReOpenFile, WRITE_DAC,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_READ, FILE_MAP_WRITE, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile, PAGE_READONLY,
    PAGE_READWRITE, UnmapViewOfFile,
};

/// Other handles of a file may do everything with it, also rename it.
pub(super) const SHARED: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// The id of a file: its volume, and its number there.
pub(crate) type Id = (u64, u128);

/// The system's information about a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    /// Differs from the id of every other file while the file exists: its volume, and its id there.
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    /// The number of its names.
    pub(crate) names: u64,
    /// The user that owns it.
    pub(crate) owner: User,
    /// Its permissions: twelve bits.
    pub(crate) mode: u32,
}

impl Status {
    pub(crate) fn is_same(&self, other: &Status) -> bool {
        self.id == other.id
    }

    /// Whether both files belong to the same user.
    pub(crate) fn has_owner_of(&self, other: &Status) -> bool {
        self.owner == other.owner
    }
}

/// The status of a file.
pub(crate) fn status(file: impl AsHandle) -> Result<Status> {
    let handle = file.as_handle().as_raw_handle();
    let mut info = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: an open handle, and a local (I4 private).
    done(unsafe { GetFileInformationByHandle(handle, &raw mut info) })?;
    // SAFETY: an open handle (I4 private).
    let is_on_disk = unsafe { GetFileType(handle) } == FILE_TYPE_DISK;
    let has = |attribute: u32| info.dwFileAttributes & attribute != 0;
    let kind = match () {
        () if has(FILE_ATTRIBUTE_REPARSE_POINT) => Kind::Link,
        () if has(FILE_ATTRIBUTE_DIRECTORY) => Kind::Directory,
        () if has(FILE_ATTRIBUTE_DEVICE) || !is_on_disk => Kind::Other,
        () => Kind::File,
    };
    let two = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let short = || (u64::from(info.dwVolumeSerialNumber), two(info.nFileIndexHigh, info.nFileIndexLow).into());
    let (owner, mode) = rights(handle)?;
    Ok(Status {
        id: long_id(handle).unwrap_or_else(short),
        kind,
        len: two(info.nFileSizeHigh, info.nFileSizeLow),
        names: info.nNumberOfLinks.into(),
        owner,
        mode,
    })
}

/// The id of 128 bits, which some file systems need (`ReFS`).
fn long_id(handle: RawHandle) -> Option<(u64, u128)> {
    let mut info = FILE_ID_INFO::default();
    #[allow(clippy::cast_possible_truncation)] // a few words
    let (to, len) = ((&raw mut info).cast(), size_of::<FILE_ID_INFO>() as u32);
    // SAFETY: an open handle, and a local of that size (I4 private).
    done(unsafe { GetFileInformationByHandleEx(handle, FileIdInfo, to, len) }).ok()?;
    Some((info.VolumeSerialNumber, u128::from_le_bytes(info.FileId.Identifier)))
}

/// The system's own error of this kind.
pub(crate) fn error(kind: ErrorKind) -> Error {
    let code = match kind {
        ErrorKind::NotFound => ERROR_FILE_NOT_FOUND,
        ErrorKind::AlreadyExists => ERROR_ALREADY_EXISTS,
        ErrorKind::NotADirectory => ERROR_DIRECTORY,
        ErrorKind::StorageFull => ERROR_DISK_FULL,
        _ => return kind.into(),
    };
    error_of(code)
}

/// Opens the same file with a new handle of its own open file.
pub(crate) fn reopen(file: impl AsHandle, writable: bool) -> Result<Handle> {
    let access = if writable { GENERIC_READ | GENERIC_WRITE | WRITE_DAC } else { GENERIC_READ };
    // SAFETY: an open handle (I4 private).
    opened(unsafe { ReOpenFile(file.as_handle().as_raw_handle(), access, SHARED, 0) })
}

/// Calls a function with the file of a handle.
fn with<R>(file: &impl AsHandle, act: impl FnOnce(&File) -> R) -> R {
    // SAFETY: borrowed for as long, and not closed here (I4 private).
    let file = ManuallyDrop::new(unsafe { File::from_raw_handle(file.as_handle().as_raw_handle()) });
    act(&file)
}

/// Reads some of the bytes at an offset. Returns how many, and 0 at the end of the file.
pub(crate) fn read_at(file: impl AsHandle, to: &mut [u8], at: u64) -> Result<usize> {
    match with(&file, |file| file.seek_read(to, at)) {
        Err(error) if is(&error, ERROR_HANDLE_EOF) => Ok(0),
        read => read,
    }
}

/// Reads some of the bytes at an offset into uninitialised memory. Returns how many, and 0 at the end of the file.
pub(crate) fn read_at_into(file: impl AsHandle, to: &mut [MaybeUninit<u8>], at: u64) -> Result<usize> {
    to.fill(MaybeUninit::new(0));
    // SAFETY: initialised just now (P4 uninit).
    let to = unsafe { core::slice::from_raw_parts_mut(to.as_mut_ptr().cast(), to.len()) };
    read_at(file, to, at)
}

/// Writes all of the bytes at an offset.
pub(crate) fn write_all_at(file: impl AsHandle, mut bytes: &[u8], mut at: u64) -> Result<()> {
    while !bytes.is_empty() {
        match with(&file, |file| file.seek_write(bytes, at))? {
            0 => return Err(ErrorKind::WriteZero.into()),
            written => (bytes, at) = (&bytes[written..], at + written as u64),
        }
    }
    Ok(())
}

/// `None`: the system does not say where a file has holes, and reads zeros there.
pub(crate) fn first_hole(_: &Handle) -> Option<u64> {
    None
}

/// There are no such file systems.
pub(crate) fn is_in_huge_pages(_: &Handle) -> bool {
    false
}

/// `None`: what does not fit is an error when it is written.
pub(crate) fn free_space(_: impl AsHandle) -> Option<u64> {
    None
}

/// Gives a file the rights that these permissions mean.
pub(crate) fn set_mode(file: impl AsHandle, mode: u32) -> Result<()> {
    Attributes::of_mode(mode, false)?.give(file.as_handle().as_raw_handle())
}

/// Refuses a file that has another owner than another one, because only the system may change that.
pub(crate) fn set_owner(file: &Handle, like: &Status) -> Result<()> {
    if status(file)?.has_owner_of(like) { Ok(()) } else { Err(ErrorKind::PermissionDenied.into()) }
}

/// Creates a directory that only this user can use.
pub(crate) fn make_private_directory(path: &Path) -> Result<()> {
    let attributes = Attributes::of_mode(0o700, true)?;
    let (path, given) = (wide(path.as_os_str()), attributes.get());
    // SAFETY: a text with a zero at its end, and attributes that live (I4 private).
    done(unsafe { CreateDirectoryW(path.as_ptr(), &raw const given) })
}

/// Maps the first `len` bytes of a file, shared with every other mapping of it.
pub(crate) fn map(file: impl AsHandle, len: usize, writable: bool) -> Result<NonNull<u8>> {
    let (page, view) =
        if writable { (PAGE_READWRITE, FILE_MAP_READ | FILE_MAP_WRITE) } else { (PAGE_READONLY, FILE_MAP_READ) };
    let handle = file.as_handle().as_raw_handle();
    // SAFETY: an open handle (I4 private).
    let section = opened(unsafe { CreateFileMappingW(handle, null(), page, 0, 0, null()) })?;
    // SAFETY: a new mapping at a place that the system chooses touches nothing that exists (I8 mapping). It stays when
    // the section's handle is closed.
    let start = unsafe { MapViewOfFile(section.as_raw_handle(), view, 0, 0, len) };
    NonNull::new(start.Value.cast()).ok_or_else(Error::last_os_error)
}

/// Ends a mapping.
///
/// # Safety
/// [`map`] returned this mapping of `len` bytes, and no pointer into it is used any more.
pub(crate) unsafe fn unmap(start: NonNull<u8>, _: usize) {
    let start = MEMORY_MAPPED_VIEW_ADDRESS { Value: start.as_ptr().cast() };
    // SAFETY: a map of its caller's, which nothing uses any more (I8 mapping).
    let result = unsafe { UnmapViewOfFile(start) };
    debug_assert!(result != 0, "unmapping what was mapped");
}
