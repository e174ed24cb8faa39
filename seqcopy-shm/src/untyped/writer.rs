//! [`Writer`]: writes values as bytes.

use core::cell::Cell;
use core::marker::PhantomData;
use std::path::Path;

use crate::error::Refused;
use crate::header::{FORMAT, RegionLayout};
use crate::life::new_region::Plan;
use crate::life::open_or_create::open_or_create;
use crate::life::writable::Writable;
use crate::value::checks;
use crate::{Error, Header, Options, Schema};
use seqcopy::Version;
use seqcopy::raw::Stores;

/// Publishes values of a type that is known by its schema only.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, Reader, Schema, untyped};
/// # let path = shm::path_for(&format!("seqcopy-doc-untyped-{}", std::process::id()));
/// // The schema came from elsewhere, as bytes.
/// let schema = Schema::decode(Schema::of::<[u16; 2]>().as_bytes()).unwrap();
/// let mut writer = untyped::Writer::open_or_create(&path, &schema, &Options::new())?;
/// writer.write_bytes(&[1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat()).unwrap();
///
/// assert_eq!(Reader::<[u16; 2]>::open(&path)?.read(), Ok([1, 2]));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer {
    region: Writable,
    stores: Stores,
    /// A slice that is shorter than its capacity, and zeros.
    padded: Vec<u8>,
    /// `Send`, not `Sync`: one thread at a time writes.
    one_thread: PhantomData<Cell<u8>>,
}

impl Writer {
    /// Takes over the region at a path if its writer has ended, and creates it unless it is there: see
    /// [`Options::open_or_create`](crate::Options::open_or_create). A slice has the capacity that its schema names, so one
    /// with another capacity is of another type.
    ///
    /// # Errors
    /// As there, and if the type has padding, or numbers of another width, in more than 2^20 places: the writer keeps a list of these.
    pub fn open_or_create(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Self, Error> {
        let path = path.as_ref();
        let (size, align) = schema.size_and_align();
        // They have the schema of the region, whose base this is.
        let stores = checks::stores(schema.layout(), align.max(8))?;
        let check = |there: &Schema| checks::check(schema, there);
        let prepare = || {
            let layout = RegionLayout::of(size, align, options.buffers, schema.as_bytes().len())?;
            Plan { layout, schema: schema.clone(), seed: 0, mark: options.policy.mark }.at(path, options.mode)
        };
        let region = open_or_create(path, options.policy, &[FORMAT], check, options.replaces, prepare, None)?;
        Ok(Writer { region, stores, padded: Vec::new(), one_thread: PhantomData })
    }

    /// Publishes a value, given as its bytes; those of padding are not written. Of a slice, those past its last element may be any, or be
    /// left out: zeros are written instead. Wait-free.
    ///
    /// # Errors
    /// If these are not the bytes of a valid value; then nothing is written. And in a forked process.
    pub fn write_bytes(&mut self, value: &[u8]) -> Result<(), Refused> {
        let inspected = &self.region.mapping.inspected;
        // As many bytes as the type has, too.
        inspected.schema.validate(value).map_err(|error| Refused::Invalid(error.to_string()))?;
        self.region.check()?;
        let (used, size) = (inspected.schema.used(value), inspected.schema.size_and_align().0);
        let value = if used < size {
            self.padded.clear();
            self.padded.extend_from_slice(&value[..used]);
            self.padded.resize(size, 0);
            &self.padded
        } else {
            value
        };
        // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), and writable, since this is the writer; all
        // others access it by the partition of the same schema (I1 partition, P23 one-process). The value is private, and as long: valid,
        // or padded to that.
        let store = |buffer: *mut u8| unsafe { self.stores.store(value.as_ptr(), buffer) };
        // SAFETY: the region keeps its map (I8 mapping), and the layout is its own. This process holds the writer lock and was not forked
        // since, and one thread at a time has the `&mut Writer` (I5 one-writer, R2 one-protocol). `store` does not panic (I9 no-panic).
        unsafe { self.region.mapping.buffers.write(inspected.header.layout.buffer_layout, store) };
        Ok(())
    }

    /// Wakes every thread of every process that waits for this region. A system call.
    pub fn wake(&self) {
        self.region.mapping.wake();
    }

    /// The version of the last published value.
    #[must_use]
    pub fn version(&self) -> Version {
        Version::from_bits(self.region.mapping.version())
    }

    /// The header of the region.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.region.mapping.inspected.header
    }

    /// Closes the region and removes its path: see [`Writer::close`](crate::Writer::close).
    ///
    /// # Errors
    /// If the path can't be removed.
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}
