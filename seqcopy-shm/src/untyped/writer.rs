//! [`Writer`] writes values as bytes.

use core::cell::Cell;
use core::marker::PhantomData;
use std::path::Path;

#[cfg(any(target_os = "linux", target_os = "android"))]
use super::__foreign::Direct;
use super::elements::{Slice, Source};
use crate::error::{BytesError, Error};
use crate::handle::{Options, Plan, Region, Writable, WriteHandle};
use crate::life::MappedRegion;
use crate::mapping::FORMAT;
use crate::schema::Schema;
use crate::sys::Handle;
use crate::value::{Rules, check_type, copy_active, has_inactive, is_being_written, series_of};
use seqcopy::Version;
use seqcopy::raw::__shm::Series;

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
    series: Series,
    /// The size of a value.
    size: usize,
    rules: Rules,
    /// Whether some bytes have a meaning in some values only.
    has_inactive: bool,
    slice: Option<Slice>,
    /// A value or elements, with zeros in place of the bytes without a meaning.
    scratch: Vec<u8>,
    /// `Send`, but not `Sync`: only one thread at a time writes.
    one_thread: PhantomData<Cell<u8>>,
}

impl WriteHandle for Writer {
    type Type = Schema;
    type Size = ();
    const FORMATS: &'static [u32] = &[FORMAT];

    fn check_supported(schema: &Schema) -> Result<(), Error> {
        Self::series(schema).map(drop)
    }

    fn check_type(schema: &Schema, there: &Schema) -> Result<(), Error> {
        check_type(schema, there)
    }

    fn plan(schema: &Schema, (): (), options: &Options) -> Result<Plan, Error> {
        options.plan(schema.clone())
    }

    unsafe fn copy(schema: &Schema, from: &MappedRegion, to: &MappedRegion) -> Result<(), Error> {
        let series = Self::series(schema)?;
        same_contract!(copy(&series, from, to));
        Ok(())
    }

    fn over(region: Writable, schema: &Schema) -> Result<Self, Error> {
        let (has_inactive, slice) = (has_inactive(schema.layout()), Slice::from_schema(schema));
        // The rules of a slice are the rules of its elements.
        let rules = if slice.is_some() { Rules::Walk } else { Rules::from_layout(schema.layout()) };
        let (series, size) = (Self::series(schema)?, schema.size_and_align().0);
        let scratch = Vec::new();
        Ok(Writer { region, series, size, rules, has_inactive, slice, scratch, one_thread: PhantomData })
    }

    fn writable(&self) -> &Writable {
        &self.region
    }

    fn into_writable(self) -> Writable {
        self.region
    }

    fn restore(&mut self) -> Result<bool, Error> {
        // SAFETY: the new region was created with this schema, and no other process can find it (I5 one-writer).
        self.region.restore(|from, to| unsafe { copy(&self.series, from, to) })
    }
}

impl Writer {
    /// Creates a region at a path: see [`Options::create`](crate::Options::create). The [capacity](Options::capacity)
    /// of a slice is what its schema names.
    ///
    /// # Errors
    /// The errors named there, and if the type has padding, or numbers of another width, in more than 2^20 places: the
    /// writer keeps a list of these.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Schema, untyped::Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-create-{}", std::process::id()));
    /// let schema = Schema::of::<u32>();
    /// let writer = Writer::create(&path, &schema, &Options::new())?;
    /// assert!(writer.was_created() && Writer::create(&path, &schema, &Options::new()).is_err());
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn create(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Self, Error> {
        Self::create_at(path.as_ref(), schema, (), options)
    }

    /// Takes over the region at a path if its writer has ended, and creates it unless it is there: see
    /// [`Options::open_or_create`](crate::Options::open_or_create). A slice has the capacity that its schema names, so
    /// one with another capacity is of another type.
    ///
    /// # Errors
    /// The errors named there, and as for [`create`](Self::create).
    pub fn open_or_create(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Self, Error> {
        Self::open_or_create_at(path.as_ref(), schema, (), options, |_| {})
    }

    /// Takes over the region at a path, whose writer has ended: see [`Options::take_over`](crate::Options::take_over).
    ///
    /// # Errors
    /// The errors named there, and as for [`create`](Self::create).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Schema, untyped::Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-take-over-{}", std::process::id()));
    /// drop(shm::Writer::<u32>::create(&path)?);
    /// let mut writer = Writer::take_over(&path, &Schema::of::<u32>(), &Options::new())?;
    /// writer.write_bytes(&[0; 4]).unwrap();
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn take_over(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Self, Error> {
        Self::take_over_at(path.as_ref(), schema, options.policy)
    }

    fn series(schema: &Schema) -> Result<Series, Error> {
        // They have the schema and the base of this region.
        series_of(schema.layout(), schema.size_and_align().1.max(8))
    }

    /// Creates a region without a path, sealed: see [`Options::create_memfd`](crate::Options::create_memfd).
    ///
    /// # Errors
    /// The errors named there, and as for [`create`](Self::create).
    ///
    /// ```
    /// use seqcopy_shm::{Options, Schema, untyped::{Reader, Writer}};
    /// let mut writer = Writer::create_memfd("counter", &Schema::of::<u32>(), &Options::new())?;
    /// writer.write_bytes(&5u32.to_ne_bytes()).unwrap();
    /// let mut bytes = [0; 4];
    /// Reader::from_fd(writer.share()?)?.read_into(&mut bytes).unwrap();
    /// assert_eq!(u32::from_ne_bytes(bytes), 5);
    /// # Ok::<(), seqcopy_shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn create_memfd(name: &str, schema: &Schema, options: &Options) -> Result<Self, Error> {
        Self::create_without_path(name, schema, (), options)
    }

    /// Publishes a value, given as its bytes; those of padding are not written. Those of inactive variants of an enum,
    /// and after a text, may be any: zeros are written instead. Those past the last element of a slice may be any too,
    /// or be left out: they are not written. Wait-free.
    ///
    /// # Errors
    /// If these are not the bytes of a valid value; then nothing is written. And in a forked process.
    #[inline]
    pub fn write_bytes(&mut self, value: &[u8]) -> Result<(), BytesError> {
        if let Some(slice) = &self.slice {
            if value.len() > self.size || !slice.holds(value) {
                self.walk(value)?;
            }
            let count = Slice::count(value);
            return self.publish_elements(count, &value[slice.bytes(0..count as usize)]);
        }
        if value.len() != self.size || !self.rules.hold(value) {
            self.walk(value)?;
        }
        self.region.check_may_write()?;
        self.publish_value(value);
        Ok(())
    }

    /// Publishes a value from its bytes. They are valid, and this process was not forked.
    #[inline]
    fn publish_value(&mut self, value: &[u8]) {
        if self.has_inactive {
            return self.publish_active(value);
        }
        // SAFETY: as many bytes as a value has (I4 private). This process holds the writer lock, and the callers asked
        // whether it was forked since (I5 one-writer).
        unsafe { publish(self.region.mapping(), &self.series, value.as_ptr()) };
    }

    /// Publishes a value in which some bytes have no meaning. Not inlined, because it would take registers from values
    /// without such bytes.
    #[inline(never)]
    fn publish_active(&mut self, value: &[u8]) {
        self.scratch.clear();
        self.scratch.resize(self.size, 0);
        copy_active(self.region.mapping().inspected.schema.layout(), value, &mut self.scratch);
        // SAFETY: a value of this type, in a buffer of the writer's; the only writer (I4 private, I5 one-writer).
        unsafe { publish(self.region.mapping(), &self.series, self.scratch.as_ptr()) };
    }

    /// Publishes a slice with `count` elements. They are valid, and fit into the capacity.
    #[inline(never)]
    fn publish_elements(&mut self, count: u32, elements: &[u8]) -> Result<(), BytesError> {
        self.region.check_may_write()?;
        let (mapping, series) = (self.region.mapping(), &self.series);
        let (slice, layout) = (self.slice.as_ref().expect("the values are slices"), mapping.inspected.schema.layout());
        let elements = match Schema::slice_of(layout) {
            Some((_, element, _)) if self.has_inactive => {
                self.scratch.clear();
                self.scratch.resize(elements.len(), 0);
                let size = element.size().max(1);
                let each = elements.chunks_exact(size).zip(self.scratch.chunks_exact_mut(size));
                each.for_each(|(from, to)| copy_active(element, from, to));
                &self.scratch
            }
            _ => elements,
        };
        let (len, range) = (count.to_ne_bytes(), slice.bytes(0..count as usize));
        let store = |buffer: *mut u8| {
            // SAFETY: a writable buffer, and the bytes of a number (I1 partition, I4 private). Those of a region are
            // the system's initialised memory (I2 init, P4 uninit), and this is the only writer (I5 one-writer).
            unsafe { series.store_range(len.as_ptr(), 0..len.len(), buffer) };
            // SAFETY: the same; as many elements, and not more than the capacity (I1 partition, I2 init, I4 private, I5
            // one-writer).
            unsafe { series.store_range(elements.as_ptr(), range, buffer) };
        };
        // SAFETY: the writer's map and its own buffer layout; one thread has the `&mut Writer` (I8 mapping, I5
        // one-writer, R2 one-protocol). `store` does not panic (I9 no-panic).
        unsafe { mapping.buffers.write(mapping.inspected.header.layout.buffer_layout, store) };
        Ok(())
    }

    /// How many bytes a value has. For seqcopy-c.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub fn __size(&self) -> usize {
        self.size
    }

    /// [`write_bytes`](Self::write_bytes) where that succeeds at once; if not, nothing was written, and nothing is
    /// said. For seqcopy-c, whose calls can't be inlined.
    #[doc(hidden)]
    #[inline]
    pub fn __write_at_once(&mut self, value: &[u8]) -> bool {
        let fits = value.len() == self.size && self.rules.hold(value) && self.region.check_may_write().is_ok();
        if fits {
            self.publish_value(value);
        }
        fits
    }

    /// For seqcopy-c.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[doc(hidden)]
    #[must_use]
    pub fn __direct(&self) -> Direct {
        let mapping = self.region.mapping();
        let (word, last) = (mapping.map.word().as_ptr(), mapping.buffers.last());
        let may_write = core::ptr::from_ref(self.region.may_write());
        Direct { word, last, may_write, move_bytes: seqcopy::raw::__shm::mover(false, self.size) }
    }

    /// Also checks the size of the value.
    #[cold]
    fn walk(&self, value: &[u8]) -> Result<(), BytesError> {
        self.region().schema().validate(value).map_err(|error| BytesError::Invalid(error.to_string()))
    }

    /// Publishes a slice of these elements, given as their bytes. Takes time for these, and not for the capacity.
    ///
    /// # Errors
    /// The errors of [`write_bytes`](Self::write_bytes), and if these are not whole elements, or more than the
    /// capacity.
    ///
    /// # Panics
    /// If the values are no slices.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Reader, untyped};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-elements-{}", std::process::id()));
    /// let typed = Options::new().capacity(100).create::<[u16]>(&path)?;
    /// let reader = Reader::<[u16]>::open(&path)?;
    /// drop(typed);
    /// let mut writer = untyped::Writer::take_over(&path, reader.region().schema(), &Options::new())?;
    /// writer.write_elements(&[1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat()).unwrap();
    /// let mut elements = Vec::new();
    /// reader.read_to_vec(&mut elements).unwrap();
    /// assert_eq!(elements, [1, 2]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn write_elements(&mut self, elements: &[u8]) -> Result<(), BytesError> {
        let slice = self.slice.as_ref().expect("the values are slices");
        let (size, capacity) = (slice.size, slice.capacity);
        let refuse = |why: String| Err(BytesError::Invalid(why));
        if size == 0 || elements.len() % size != 0 {
            let len = elements.len();
            return refuse(format!("{len} bytes are not whole elements, of which each has {size}"));
        }
        let count = elements.len() / size;
        if count > capacity {
            return refuse(format!("{count} elements, where there is space for {capacity}"));
        }
        slice.validate_elements(self.region().schema(), elements, 0).map_err(BytesError::Invalid)?;
        #[allow(clippy::cast_possible_truncation)] // at most the capacity, which is a `u32`
        self.publish_elements(count as u32, elements)
    }

    /// The last published value, as its bytes; those of padding are left as they are. For a writer that changes its
    /// last value, and has it from the writer before.
    ///
    /// # Errors
    /// If there is no value yet, or it is not valid. In both cases the next write makes the region readable.
    ///
    /// # Panics
    /// If `value` has another length than a value.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Schema, untyped::Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-last-{}", std::process::id()));
    /// let mut writer = Writer::create(&path, &Schema::of::<[u8; 2]>(), &Options::new())?;
    /// let mut value = [0; 2];
    /// assert!(writer.read_into(&mut value).is_err());
    /// writer.write_bytes(&[1, 2]).unwrap();
    /// assert_eq!(writer.read_into(&mut value), Ok(()));
    /// assert_eq!(value, [1, 2]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read_into(&self, value: &mut [u8]) -> Result<(), BytesError> {
        let (mapping, schema) = (self.region.mapping(), self.region().schema());
        assert_eq!(value.len(), schema.size_and_align().0, "the bytes of a value");
        read_last(mapping, &self.series, value).map_err(|miss| mapping.explain(miss))?;
        let used = schema.used(value);
        schema.validate(&value[..used]).map_err(|error| BytesError::Invalid(error.to_string()))
    }

    /// The elements of the last published slice: how many there are. As [`read_into`](Self::read_into), with space for
    /// what there is, not for the capacity.
    ///
    /// # Errors
    /// If there is no value yet, or it is not valid, and [`ReadValueError::Length`](crate::ReadValueError::Length),
    /// with how many there are, if there is not enough space.
    ///
    /// # Panics
    /// If the values are no slices.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Writer, untyped};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-last-elements-{}", std::process::id()));
    /// let mut typed = Options::new().capacity(100).create::<[u8]>(&path)?;
    /// typed.write_from(&[1, 2, 3])?;
    /// let schema = typed.region().schema().clone();
    /// drop(typed);
    /// let writer = untyped::Writer::take_over(&path, &schema, &Options::new())?;
    /// let mut last = [0; 4];
    /// assert_eq!(writer.read_elements_into(&mut last), Ok(3));
    /// assert_eq!(last[..3], [1, 2, 3]);
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_elements_into(&self, elements: &mut [u8]) -> Result<usize, BytesError> {
        let (slice, mapping) = (self.slice.as_ref().expect("the values are slices"), self.region.mapping());
        let from = Source {
            buffers: &mapping.buffers,
            layout: mapping.inspected.header.layout.buffer_layout,
            series: &self.series,
            others: None,
            schema: self.region().schema(),
        };
        // SAFETY: the series and the slice are of this region's schema (I4 private).
        let read = unsafe {
            slice.read_elements(from, None, elements, |attempt| attempt().map_err(|miss| mapping.explain(miss)))
        };
        read.map(|(count, _)| count as usize)
    }

    /// Wakes every thread of every process that waits for this region. A system call
    /// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
    pub fn wake(&self) {
        self.region.wake();
    }

    /// The region that it writes: its header, its type, its owner, and whether its path still leads to it. What it says
    /// is as for readers; its writer is this one.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region.region
    }

    /// The version of the last published value.
    #[must_use]
    pub fn version(&self) -> Version {
        self.region.version()
    }

    /// Whether this writer created the region: see [`Writer::was_created`](crate::Writer::was_created).
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.region.was_created
    }

    /// A descriptor to give to another process: see [`Writer::share`](crate::Writer::share).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<Handle, Error> {
        self.region.region.share()
    }

    /// Puts the region back if its path leads nowhere any more: see
    /// [`Writer::restore_if_removed`](crate::Writer::restore_if_removed).
    ///
    /// # Errors
    /// The errors named there.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Reader, Schema, untyped::Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-restore-{}", std::process::id()));
    /// let mut writer = Writer::create(&path, &Schema::of::<u8>(), &Options::new())?;
    /// writer.write_bytes(&[5]).unwrap();
    /// # #[cfg(windows)] // which deletes no file that is mapped
    /// # std::fs::rename(&path, path.with_extension("aside")).unwrap();
    /// # #[cfg(unix)]
    /// std::fs::remove_file(&path).unwrap();
    /// assert!(writer.restore_if_removed()?);
    /// assert_eq!(Reader::<u8>::open(&path)?.read(), Ok(5));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn restore_if_removed(&mut self) -> Result<bool, Error> {
        self.restore()
    }

    /// Closes the region and removes its path: see [`Writer::close`](crate::Writer::close).
    ///
    /// # Errors
    /// If the path can't be removed.
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}

/// Copies the newest value to a new region, with the same version.
///
/// # Safety
/// The regions have the schema of the series, and no other process can find `to`, which this process writes.
unsafe fn copy(series: &Series, from: &MappedRegion, to: &MappedRegion) {
    let (mut value, version) = (vec![0; from.inspected.schema.size_and_align().0], from.version());
    match (read_last(from, series, &mut value), to.buffers.word_during(version)) {
        (Ok(_), _) => {
            to.map.set_word(to.buffers.word_before(version));
            // SAFETY: as many bytes as a value has, and this function's contract (I4 private, I5 one-writer).
            unsafe { publish(to, series, value.as_ptr()) };
        }
        // A write that was not finished stays unfinished in the copy.
        (Err(_), Some(word)) if is_being_written(from) => to.map.set_word(word),
        // Nothing was published.
        (Err(_), _) => {}
    }
}

/// The bytes of the newest value. `value` has its size.
fn read_last(mapping: &MappedRegion, series: &Series, value: &mut [u8]) -> Result<u64, seqcopy::ReadError> {
    let buffer_layout = mapping.inspected.header.layout.buffer_layout;
    let place = value.as_mut_ptr();
    // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised (P4
    // uninit); regions have no pointers (`Schema::decode`). The caller's bytes are as many (I1 partition, I2 init, I4
    // private).
    let copy = |buffer: *const u8| unsafe { series.load(buffer, place) };
    mapping.buffers.try_read(buffer_layout, copy)
}

/// The mapping is writable and has the schema of the series, and `value` are the bytes of a value. This process is the
/// only writer: it holds the writer lock and was not forked since, or no other process can find the region (I5
/// one-writer).
#[inline]
unsafe fn publish(mapping: &MappedRegion, series: &Series, value: *const u8) {
    // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), and writable, since this is the
    // writer; all others access it by the partition of the same schema (I1 partition, P23 one-process). The value is
    // private, and as long.
    let store = |buffer: *mut u8| unsafe { series.store(value, buffer) };
    // SAFETY: the region keeps its map (I8 mapping), and the layout is its own. One thread at a time has the `&mut
    // Writer`; the rest is this function's contract (I5 one-writer, R2 one-protocol). `store` does not panic (I9
    // no-panic).
    unsafe { mapping.buffers.write(mapping.inspected.header.layout.buffer_layout, store) };
}
