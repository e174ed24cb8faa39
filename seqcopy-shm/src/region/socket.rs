//! Regions over Unix sockets: a descriptor is sent along with a byte (`unix(7)`, `SCM_RIGHTS`).

use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};

use crate::error::io;
use crate::{Error, Region};

/// The byte that the descriptor is sent with.
const GREETING: [u8; 1] = *b"R";

impl Region {
    /// Sends the region to another process, as a descriptor that can only read, even if this process is the writer.
    ///
    /// # Errors
    /// If the system refuses.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Region};
    /// # use std::os::unix::net::UnixStream;
    /// let (here, there) = UnixStream::pair().unwrap();
    /// let mut writer = Options::new().create_memfd::<u32>("doc")?;
    /// writer.write(5).unwrap();
    /// Region::from_fd(writer.share()?)?.send(&here)?;
    /// // In the other process:
    /// let region = Region::receive(&there)?;
    /// assert_eq!(region.read_bytes().unwrap().0, 5u32.to_ne_bytes());
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn send(&self, socket: &UnixStream) -> Result<(), Error> {
        let file = self.share()?;
        let files = [file.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let has_space = ancillary.push(SendAncillaryMessage::ScmRights(&files));
        debug_assert!(has_space, "space for one descriptor");
        let sent = rustix::net::sendmsg(socket, &[IoSlice::new(&GREETING)], &mut ancillary, SendFlags::NOSIGNAL);
        sent.map_err(io("send it"))?;
        Ok(())
    }

    /// Receives a region that [`send`](Self::send) sent. Blocks, unless the socket is non-blocking.
    ///
    /// # Errors
    /// If the message was not sent by [`send`](Self::send), or has no descriptor, and as for [`from_fd`](Self::from_fd).
    pub fn receive(socket: &UnixStream) -> Result<Region, Error> {
        Self::from_fd(receive(socket)?)
    }
}

fn receive(socket: &UnixStream) -> Result<OwnedFd, Error> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = rustix::io::retry_on_intr(|| {
        rustix::net::recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, flags)
    })
    .map_err(io("receive it"))?;
    let file = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let refuse = |kind, why| Err(io("receive it")(std::io::Error::new(kind, why)));
    match file {
        _ if received.bytes == 0 => refuse(ErrorKind::UnexpectedEof, "the peer has closed the socket"),
        None => refuse(ErrorKind::InvalidData, "no descriptor came"),
        // Dropping it closes it: it was sent for another purpose.
        Some(_) if byte != GREETING => refuse(ErrorKind::InvalidData, "what came was not sent as a region"),
        Some(file) => Ok(file),
    }
}
