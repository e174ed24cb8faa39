//! Regions over Unix sockets, a descriptor along with a byte; in a file of their own as only Linux does it here.

use std::os::unix::net::UnixStream;

use crate::error::{Error, io};
use crate::handle::region::Region;
use crate::sys::linux;

/// The byte that the descriptor is sent with.
const GREETING: u8 = b'R';

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
        linux::send(socket, GREETING, &self.share()?).map_err(io("send it"))
    }

    /// Receives a region that [`send`](Self::send) sent. Blocks, unless the socket is non-blocking.
    ///
    /// # Errors
    /// If the message was not sent by [`send`](Self::send), or has no descriptor, and as for [`from_fd`](Self::from_fd).
    pub fn receive(socket: &UnixStream) -> Result<Region, Error> {
        Self::from_fd(linux::receive(socket, GREETING).map_err(io("receive it"))?)
    }
}
