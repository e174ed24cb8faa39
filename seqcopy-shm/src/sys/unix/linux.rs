//! Facilities that only Linux and Android have: memfds and their seals (`fcntl(2)`, "File Sealing"), descriptors sent
//! over sockets (`unix(7)`, `SCM_RIGHTS`), eventfds, threads without signals, and the mappings of all processes
//! (`proc_pid_maps(5)`).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};

/// Creates a file that never has a name, and can be sealed.
pub(crate) fn memfd(name: &str) -> Result<OwnedFd> {
    Ok(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?)
}

/// The seals that forbid writing with new mappings and with system calls.
const NO_WRITES: SealFlags = SealFlags::WRITE.union(SealFlags::FUTURE_WRITE);

/// Forbids all writes except through existing mappings.
pub(crate) fn seal_writes(file: &OwnedFd) -> Result<()> {
    match fcntl_add_seals(file, SealFlags::FUTURE_WRITE) {
        // Linux before 5.1 does not have this seal. There the file's permissions keep other users from writing.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Forbids changes of its length, and of its seals.
pub(crate) fn seal_length(file: &OwnedFd) -> Result<()> {
    Ok(fcntl_add_seals(file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?)
}

/// Whether a file can't be truncated.
pub(crate) fn is_length_sealed(file: &OwnedFd) -> bool {
    fcntl_get_seals(file).is_ok_and(|seals| seals.contains(SealFlags::SHRINK))
}

/// Whether a file can't be written by new mappings.
pub(crate) fn is_write_sealed(file: &OwnedFd) -> bool {
    fcntl_get_seals(file).is_ok_and(|seals| seals.intersects(NO_WRITES))
}

/// Sends a file together with a byte.
pub(crate) fn send(socket: impl AsFd, byte: u8, file: &OwnedFd) -> Result<()> {
    let files = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let has_space = ancillary.push(SendAncillaryMessage::ScmRights(&files));
    debug_assert!(has_space, "space for one descriptor");
    rustix::net::sendmsg(socket, &[IoSlice::new(&[byte])], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives a file that was sent together with that byte.
pub(crate) fn receive(socket: impl AsFd, expected: u8) -> Result<OwnedFd> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = rustix::io::retry_on_intr(|| {
        rustix::net::recvmsg(&socket, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, flags)
    })?;
    let file = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let refuse = |kind, why| Err(Error::new(kind, why));
    match file {
        _ if received.bytes == 0 => refuse(ErrorKind::UnexpectedEof, "the peer has closed the socket"),
        None => refuse(ErrorKind::InvalidData, "no descriptor came"),
        // The descriptor was sent for another purpose. Its drop closes it.
        Some(_) if byte != [expected] => refuse(ErrorKind::InvalidData, "what came was not sent as a region"),
        Some(file) => Ok(file),
    }
}

/// A descriptor that becomes readable.
pub(crate) fn event() -> Result<OwnedFd> {
    Ok(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

/// Makes it readable.
pub(crate) fn signal(event: &OwnedFd) {
    // The counter can't be full, because a descriptor is signalled only once before it is cleared.
    let _ = rustix::io::write(event, &1u64.to_ne_bytes());
}

/// Makes it unreadable.
pub(crate) fn drain(event: &OwnedFd) {
    // Fails if the descriptor was not signalled.
    let _ = rustix::io::read(event, &mut [0; 8]);
}

/// Blocks the signals of the process for a thread that is started meanwhile, except for those that an instruction
/// causes.
pub(crate) struct SignalMask(Option<SigSet>);

impl SignalMask {
    pub(crate) fn block() -> Self {
        let mut all = SigSet::all();
        for caused in [Signal::SIGBUS, Signal::SIGSEGV, Signal::SIGILL, Signal::SIGFPE] {
            all.remove(caused);
        }
        SignalMask(all.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok())
    }
}

impl Drop for SignalMask {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            // It can't fail with a valid mask.
            let _ = before.thread_set_mask();
        }
    }
}

/// The files that processes have mapped as shared, as far as this user may see them. Each has a path at which it can be
/// opened. For a file without a name that is the path of a descriptor.
pub(crate) fn mapped() -> Vec<PathBuf> {
    let mut found = BTreeMap::new();
    let folders = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_process =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.as_bytes().iter().all(u8::is_ascii_digit));
    for process in folders(Path::new("/proc")).filter(is_process) {
        // Each line has addresses, rights, offset, device, inode and path: `7f..-7f.. rw-s 00000000 00:1b 71
        // /dev/shm/pose`.
        let maps = fs::read(process.join("maps")).unwrap_or_default();
        let mut numbers = BTreeSet::new();
        for line in maps.split(|byte| *byte == b'\n') {
            let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
            let is_shared = words.nth(1).is_some_and(|rights| rights.get(3) == Some(&b's'));
            let number = words.nth(2).and_then(|word| std::str::from_utf8(word).ok()?.parse::<u64>().ok());
            let path =
                line.iter().position(|byte| *byte == b'/').map(|from| Path::new(OsStr::from_bytes(&line[from..])));
            let (true, Some(number), Some(path)) = (is_shared, number, path) else { continue };
            match fs::metadata(path) {
                Ok(there) if there.ino() == number => drop(found.insert((there.dev(), number), path.to_owned())),
                _ => drop(numbers.insert(number)),
            }
        }
        // Files without a name at the path: a memfd, a file that was removed, or one that got its name after it was
        // mapped.
        let without_name = if numbers.is_empty() { PathBuf::new() } else { process.join("fd") };
        for descriptor in folders(&without_name) {
            let Ok(there) = fs::metadata(&descriptor) else { continue };
            if numbers.contains(&there.ino()) && there.is_file() {
                found.entry((there.dev(), there.ino())).or_insert(descriptor);
            }
        }
    }
    found.into_values().collect()
}
