//! What only Linux has, and so Android: memfds and their seals (`fcntl(2)`, "File Sealing"), descriptors sent over sockets (`unix(7)`, `SCM_RIGHTS`),
//! eventfds, threads without signals.

use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};

/// A file that never has a name, and can be sealed.
pub(crate) fn memfd(name: &str) -> Result<OwnedFd> {
    Ok(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?)
}

/// The seals that forbid writing by new mappings and by system calls.
const NO_WRITES: SealFlags = SealFlags::WRITE.union(SealFlags::FUTURE_WRITE);

/// Forbids all writes except by mappings that exist already.
pub(crate) fn seal_writes(file: &OwnedFd) -> Result<()> {
    match fcntl_add_seals(file, SealFlags::FUTURE_WRITE) {
        // Linux before 5.1 does not have this seal. There the permissions keep other users from writing.
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

/// Sends a file along with a byte.
pub(crate) fn send(socket: impl AsFd, byte: u8, file: &OwnedFd) -> Result<()> {
    let files = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let has_space = ancillary.push(SendAncillaryMessage::ScmRights(&files));
    debug_assert!(has_space, "space for one descriptor");
    rustix::net::sendmsg(socket, &[IoSlice::new(&[byte])], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives a file that was sent along with that byte.
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
        // Dropping it closes it: it was sent for another purpose.
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
    // The counter can't be full: a descriptor is signalled once until it is cleared.
    let _ = rustix::io::write(event, &1u64.to_ne_bytes());
}

/// Makes it unreadable.
pub(crate) fn drain(event: &OwnedFd) {
    // Fails if it was not signalled.
    let _ = rustix::io::read(event, &mut [0; 8]);
}

/// No signals of the process for a thread that is started meanwhile, but those that an instruction causes.
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
            // With a valid mask it can't fail.
            let _ = before.thread_set_mask();
        }
    }
}
