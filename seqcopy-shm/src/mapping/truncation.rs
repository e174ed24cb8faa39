//! [`survive_truncation`]: a process that lives on when a mapped region has lost its pages.

use crate::Error;
use crate::error::io;
use crate::sys::lost;

/// Lets this process live on when the file of a region that it has mapped is truncated, or can't be read any more: its readers get
/// [`ReadValueError::Truncated`](crate::ReadValueError::Truncated) from then on, and its writers
/// [`WriteError::Truncated`](crate::WriteError::Truncated). Without this, such a process is killed by SIGBUS. Costs reads and writes nothing.
///
/// Once for each process, for all regions, those that are open already as well. Calls after the first do nothing.
///
/// # What is promised
/// *A lost page does not kill*, and what replaces it is never taken for a value. A reader whose value lies in other pages is not told, and goes on
/// with it. A write that meets a lost page returns `Ok`, and every later one fails. When that writer is dropped, it closes what is left of the
/// region, so that readers get [`Closed`](crate::ReadValueError::Closed).
///
/// No signal is raised, and there are zeros in a value whose word is intact, where a process truncates the file inside of a page, extends it
/// again, or punches a hole. It could write zeros as well. So a file whose writers are not to be trusted is opened by
/// [`Options::require_owner`](crate::Options::require_owner), sent as a memfd, which is sealed, or read without mapping it, by
/// [`FileReader`](crate::FileReader).
///
/// # Signals
/// Installs a handler of SIGBUS. The one that was there before gets the signals that are not about a region of this library, and the default
/// action still ends the process for these; so does one that another thread installs at the same time. A handler that is installed later should
/// pass on to this one what is not its own, by a call with the same arguments: one that it raises itself has no address, and does what was done
/// before. (Python's `faulthandler` raises: enable it before.) A thread that blocks SIGBUS is killed, as without this.
///
/// A shared library or plugin that this crate is a part of stays loaded from then on, since its handler does.
///
/// # Errors
/// If the system refuses, and on systems other than Linux.
///
/// ```no_run
/// use seqcopy_shm::{self as shm, ReadValueError, Reader};
///
/// shm::survive_truncation()?;
/// let mut reader = Reader::<u64>::open("/dev/shm/counter")?;
/// match reader.read() {
///     Err(ReadValueError::Truncated | ReadValueError::Closed) => _ = reader.reopen_if_removed()?,
///     value => println!("{value:?}"),
/// }
/// # Ok::<(), shm::Error>(())
/// ```
pub fn survive_truncation() -> Result<(), Error> {
    lost::install().map_err(|(doing, error)| io(doing)(error))
}
