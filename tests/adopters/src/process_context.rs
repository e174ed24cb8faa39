//! OpenTelemetry's process context, version 2 (OTEP 4719): a library publishes attributes of its process, a profiler
//! finds the header by the name of its mapping and reads it from outside.
//!
//! The payload is bytes of a message that the header points to. A reader of another process copies both by a system
//! call, so nothing here loads them: [`read`] asks for a function that copies.

use core::mem::{MaybeUninit, offset_of};

use seqcopy::raw::Page;
use seqcopy::seq_count::{SeqCode, StampOrZero, State, read_by};
use seqcopy::{MaybeInvalid, ReadError, SeqCopy, Validate};

type Code = StampOrZero<u64>;

/// The header, which a process has in a mapping of its own.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, align(8))]
#[allow(missing_docs)] // the names of the document
pub struct Header {
    pub signature: [u8; 8],
    pub version: u32,
    pub payload_size: u32,
    /// A time of `CLOCK_BOOTTIME`, 0 while the header changes.
    #[seqcopy(word = Code)]
    pub published_at: MaybeUninit<u64>,
    /// The address of the payload, in the process that it belongs to.
    pub payload: u64,
}

const _: () = assert!(size_of::<Header>() == 32 && offset_of!(Header, published_at) == 16);

const SIGNATURE: [u8; 8] = *b"OTEL_CTX";

impl Header {
    /// The header of a payload of this process, which it keeps until the next header is published.
    #[must_use]
    pub fn of(payload: &[u8]) -> Option<Self> {
        Some(Header {
            signature: SIGNATURE,
            version: 2,
            payload_size: u32::try_from(payload.len()).ok()?,
            published_at: MaybeUninit::uninit(),
            payload: payload.as_ptr().expose_provenance() as u64,
        })
    }
}

/// Publishes a header, with a time that is later than those before; returns it, or `None` while another thread
/// publishes one.
///
/// # Safety
/// The page is writable, and all writers call this function. The payload stays until the next header is published. A
/// header whose memory is new, all zeros, is published by [`Page::write_at`].
#[must_use]
pub unsafe fn publish(page: Page<'_, Header>, header: &Header, now: u64) -> Option<u64> {
    // SAFETY: all writers claim the word.
    let write = unsafe { page.count().try_claim() }?;
    let stamp = now.max(write.found() + 1);
    // SAFETY: claimed and writable.
    unsafe { page.store(header) };
    // SAFETY: the payload of the word is stored, and no stamp is used twice.
    unsafe { page.count().write_end_at(write, stamp) };
    Some(stamp)
}

/// Why there is no context.
#[derive(Debug)]
pub enum Error<E> {
    /// The header changed, or nothing was published yet: try again.
    Read(ReadError),
    /// Not a header of version 2.
    NotVersion2,
    /// There is no space for this number of bytes.
    TooLong(u32),
    /// The copy failed.
    Copy(E),
}

impl<E> From<ReadError> for Error<E> {
    fn from(error: ReadError) -> Self {
        Error::Read(error)
    }
}

/// One attempt at the payload of a process whose header is at `address`, into `payload`; returns the part of it that
/// was used. `copy` copies memory of that process, as `process_vm_readv` does.
///
/// # Errors
/// See [`Error`]. What was found is reported if the header did not change meanwhile, so a copy that fails at an old
/// address is [`ReadError::Torn`].
pub fn read<E>(
    address: u64,
    payload: &mut [u8],
    copy: impl Fn(u64, &mut [u8]) -> Result<(), E>,
) -> Result<&[u8], Error<E>> {
    let word = || {
        let mut word = [0; 8];
        copy(address.wrapping_add(offset_of!(Header, published_at) as u64), &mut word).map_err(Error::Copy)?;
        Ok(u64::from_ne_bytes(word))
    };
    let first = || match word()? {
        word if Code::state(word) == State::Stable => Ok(word),
        _ => Err(ReadError::Busy.into()),
    };
    let (payload, _) = read_by(
        first,
        |_| {
            let mut header = [0; size_of::<Header>()];
            copy(address, &mut header).map_err(Error::Copy)?;
            let Some(header) = MaybeInvalid::<Header>::from_bytes(&header) else { return Err(Error::NotVersion2) };
            let header = header.value();
            if header.signature != SIGNATURE || header.version != 2 {
                return Err(Error::NotVersion2);
            }
            let Some(used) = payload.get_mut(..header.payload_size as usize) else {
                return Err(Error::TooLong(header.payload_size));
            };
            copy(header.payload, used).map_err(Error::Copy)?;
            Ok(&*used)
        },
        word,
        |&before, after| before == after,
    )?;
    Ok(payload)
}
