//! [`Plan`]: converts values of a region to the reader's own type, if the region's type has other fields, or the same
//! fields at other offsets. The plan is made once, from the two layouts, when the region is opened.
//! `schema::difference` decides which types fit.

#[cfg(test)]
mod tests;

use core::mem::MaybeUninit;
use core::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::life::Inspected;
use crate::mapping::{BufferLayout, Buffers};
use crate::schema::{self, Difference, Matched, Schema};
use crate::value::checks::{self, zeroed};
use seqcopy::layout::Path;
use seqcopy::raw::__shm::{Move, Series};
use seqcopy::{Aligned8, AtomicPerByte, Layout, MaybeInvalid, ReadError, SeqCopy};

/// How a reader's type and the type of its region match.
#[derive(Debug)]
pub enum Matching {
    /// The reader accepts its own type only, and the region has it.
    Exact,
    /// The reader accepts any type with its fields. The type of this region is its own, so it reads without a plan.
    Same,
    /// The region's values have other fields, or the same fields at other offsets.
    Values(Box<Plan>),
    /// The region is a slice of such values.
    Elements(Box<Others>),
}

impl Matching {
    /// How values of this region are read.
    pub(crate) fn by_fields(here: &Layout, region: &Inspected) -> Result<Matching, Error> {
        let there = &region.schema;
        if Schema::of_layout(here).difference(there).is_none() {
            return Ok(Matching::Same);
        }
        let region = &region.header.layout;
        let plan = Plan::from_layouts(&Path::Root, here, there.layout(), region.base(), region.buffer_layout);
        Ok(Matching::Values(Box::new(plan.map_err(ErrorKind::Type)?)))
    }

    /// How slices of this region are read, if their elements may have another layout.
    pub(crate) fn elements_by_fields(here: &Layout, region: &Inspected) -> Result<Matching, Error> {
        let others = Others::from_layouts(here, region.schema.layout(), region.header.layout.base());
        Ok(Matching::Elements(Box::new(others.map_err(ErrorKind::Type)?)))
    }

    #[inline(always)]
    pub(crate) fn plan(&self) -> Option<&Plan> {
        match self {
            Matching::Values(plan) => Some(plan),
            _ => None,
        }
    }

    pub(crate) fn others(&self) -> Option<&Others> {
        match self {
            Matching::Elements(others) => Some(others),
            _ => None,
        }
    }

    pub(crate) fn is_by_fields(&self) -> bool {
        !matches!(self, Matching::Exact)
    }
}

/// What becomes of a region's bytes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The moves from the region to the value.
    loads: Series,
    /// Enums whose variants have fields at different offsets in the two types. Their tags decide what is copied, so
    /// they are first loaded into separate memory. The numbers say where each enum begins there.
    enums: Option<(Series, Vec<usize>)>,
    /// The moves of both kinds, for a copy of the region's bytes, and the defaults of missing fields.
    matched: Matched,
    /// Whether `loads` is all there is to do.
    is_one_step: bool,
    pub(crate) buffer_layout: BufferLayout,
}

/// The memory of one read for enums whose variants differ in their offsets.
pub(crate) struct Scratch(Vec<u8>);

impl Plan {
    /// The plan for reading values of `there` as values of `here`. The storage of `there` is aligned to `base`.
    ///
    /// # Errors
    /// The first field of `here` that is missing in `there` or has another type there.
    pub(crate) fn from_layouts(
        path: &Path<'_>,
        here: &Layout,
        there: &Layout,
        base: usize,
        buffer_layout: BufferLayout,
    ) -> Result<Plan, Difference> {
        let matched = Matched::compare(path, here, there)?;
        let loads = |moves, gaps| Series::from_layout(there, base, moves, gaps).ok_or_else(|| schema::too_large(there));
        let (mut starts, mut aside, mut len) = (Vec::new(), Vec::new(), 0);
        for unlike in &matched.enums {
            starts.push(len);
            aside.push(Move { from: unlike.from, to: len, len: unlike.size });
            len += unlike.size;
        }
        starts.push(len);
        let enums = if matched.enums.is_empty() { None } else { Some((loads(aside, true)?, starts)) };
        let is_one_step = enums.is_none() && !matched.has_fills();
        Ok(Plan { loads: loads(matched.moves.clone(), false)?, enums, matched, is_one_step, buffer_layout })
    }

    /// The plan for reading values of a type as they are.
    pub(crate) fn own(layout: &Layout, base: usize, buffer_layout: BufferLayout) -> Result<Plan, Error> {
        let loads = checks::series_of(layout, base)?;
        Ok(Plan { loads, enums: None, matched: Matched::default(), is_one_step: true, buffer_layout })
    }

    /// The loads of a whole value, if both types are equal.
    pub(crate) fn series(&self) -> &Series {
        &self.loads
    }

    /// Attempts to read one value. If it succeeds, every data byte of it is written, and the count is returned.
    ///
    /// # Safety
    /// * The buffers are those of a region with values of the plan's other type, in this plan's buffer layout.
    /// * `value` is writable for the size of the plan's own type, by this thread alone.
    #[inline(always)]
    pub(crate) unsafe fn try_read(&self, buffers: &Buffers, value: *mut u8) -> Result<u64, ReadError> {
        let layout = self.buffer_layout;
        if self.is_one_step {
            // SAFETY: as below, and every data byte is written: there is nothing but loads (I1 partition, I2 init, I4
            // private).
            let load = |shared| unsafe { self.load_all(shared, value) };
            return buffers.try_read(layout, load);
        }
        // SAFETY: writable for the plan's own type, by this function's contract (I4 private).
        let mut scratch = unsafe { self.begin(value) };
        // SAFETY: a buffer is aligned to the base and as long as the region's type, for which the plan was made; it is
        // the system's initialised memory (I2 init, P4 uninit). Other processes access it by the partition of that type
        // (I1 partition, P23 one-process).
        let load = |shared| unsafe { self.load_fields(shared, value, &mut scratch) };
        let count = buffers.try_read(layout, load)?;
        // SAFETY: of the load that has just succeeded (I4 private).
        unsafe { self.finish(value, &scratch) };
        Ok(count)
    }

    /// Loads the value at a place, whatever its bits are.
    ///
    /// # Safety
    /// The contract of [`load_fields`](Self::load_fields), and `value` is writable for the size of the plan's own type,
    /// by this thread alone.
    #[inline(always)]
    pub(crate) unsafe fn load_once(&self, shared: *const u8, value: *mut u8) {
        if self.is_one_step {
            // SAFETY: the other type lies there, and there is space for one's own, by this function's contract (I1
            // partition, I2 init, I4 private).
            return unsafe { self.load_all(shared, value) };
        }
        // SAFETY: writable for the plan's own type, by this function's contract (I4 private).
        let mut scratch = unsafe { self.begin(value) };
        // SAFETY: the other type lies there, by this function's contract, and both places were begun (I1 partition, I2
        // init).
        unsafe { self.load_fields(shared, value, &mut scratch) };
        // SAFETY: of the load above, whose bits may be any (I4 private).
        unsafe { self.finish(value, &scratch) };
    }

    /// Makes all steps, if there is [only one](Self::is_one_step). After a successful attempt, every data byte of the
    /// value is initialised.
    ///
    /// # Safety
    /// The contract of [`load_fields`](Self::load_fields).
    #[inline(always)]
    pub(crate) unsafe fn load_all(&self, shared: *const u8, value: *mut u8) {
        // SAFETY: the other type lies there, by this function's contract; a move goes to a field, inside of the type
        // (I3 exact).
        unsafe { self.loads.load(shared, value) };
    }

    /// The step before the first attempt.
    ///
    /// # Safety
    /// `value` is writable for the size of the plan's own type, by this thread alone.
    #[inline]
    pub(crate) unsafe fn begin(&self, value: *mut u8) -> Scratch {
        // SAFETY: writable for the plan's own type, by this function's contract (I4 private).
        unsafe { self.matched.fill(value) };
        let len = self.enums.as_ref().and_then(|(_, starts)| starts.last());
        Scratch(vec![0; len.copied().unwrap_or(0)])
    }

    /// Loads the fields once. They may be torn.
    ///
    /// # Safety
    /// * At `shared` lies a value of the plan's other type, as for [`Series::load`] (I1 partition, I2 init).
    /// * `value` and `scratch` are those of a [`begin`](Self::begin) (I4 private).
    #[inline]
    pub(crate) unsafe fn load_fields(&self, shared: *const u8, value: *mut u8, scratch: &mut Scratch) {
        // SAFETY: the other type lies there, by this function's contract; a move goes to a field, inside of the type
        // (I3 exact).
        unsafe { self.loads.load(shared, value) };
        if let Some((loads, _)) = &self.enums {
            // SAFETY: the same; this memory is as long as the enums are together (I4 private).
            unsafe { loads.load(shared, scratch.0.as_mut_ptr()) };
        }
    }

    /// The step after a successful attempt. Afterwards every data byte of the value is initialised.
    ///
    /// # Safety
    /// `value` and `scratch` come from [`load_fields`](Self::load_fields).
    #[inline]
    pub(crate) unsafe fn finish(&self, value: *mut u8, scratch: &Scratch) {
        let Some((_, starts)) = &self.enums else { return };
        for (unlike, &start) in self.matched.enums.iter().zip(starts) {
            // SAFETY: the enum lies inside of the type (I3 exact, I4 private).
            unsafe { unlike.put(&scratch.0[start..], value) };
        }
    }

    /// Makes all steps with a copy of the region's bytes. Afterwards every data byte of the value is initialised.
    pub(crate) fn apply<T>(&self, bytes: &[u8], value: &mut MaybeUninit<T>) {
        // SAFETY: the plan's own type, exclusively borrowed (I4 private).
        unsafe { self.matched.put(bytes, value.as_mut_ptr().cast()) };
    }
}

/// Storage with these bits. A default that is an enum has no bytes in the place of its other variants, and a load of a
/// part may access them. A store initialises every byte of the storage.
#[allow(clippy::unnecessary_box_returns)] // values may be too large for the stack
pub(crate) fn storage_of<T: SeqCopy>(bits: &MaybeInvalid<Aligned8<T>>) -> Box<AtomicPerByte<Aligned8<T>>> {
    // SAFETY: an `AtomicPerByte` of zeros (I2 init), as `AtomicPerByte::zeroed` makes it.
    let storage = unsafe { zeroed::<AtomicPerByte<Aligned8<T>>>().assume_init() };
    storage.store_bits(bits);
    storage
}

/// What becomes of the elements of a slice.
#[derive(Debug)]
pub struct Others {
    /// The loads of all elements. A read makes those of a range.
    loads: Series,
    /// The offset of the first element, and the size of each.
    start: usize,
    size: usize,
    /// The size of each element in this type.
    here: usize,
    matched: Matched,
}

impl Others {
    fn from_layouts(here: &Layout, there: &Layout, base: usize) -> Result<Others, Difference> {
        let (start, element, _) = Schema::slice_of(there).ok_or_else(|| schema::no_slice(there))?;
        // A small region can have four billion elements without bytes.
        if element.size() == 0 && here.size() != 0 {
            return Err(schema::no_slice(there));
        }
        let matched = Matched::of_elements(here, element)?;
        let loads = Series::all(there, base).ok_or_else(|| schema::too_large(there))?;
        Ok(Others { loads, start, size: element.size(), here: here.size(), matched })
    }

    /// Loads some elements. Nothing here panics, whatever the bits are: a reader that overwrites the caller's elements
    /// relies on it.
    ///
    /// # Safety
    /// * At `shared` lies the slice, as for [`Series::load`] (I1 partition, I2 init); the range is inside of its
    ///   capacity.
    /// * `place` is writable by this thread alone for as many of one's own elements (I4 private).
    pub(crate) unsafe fn load_elements<T>(&self, shared: *const u8, range: Range<usize>, place: *mut T) {
        let mut bytes = vec![0; range.len() * self.size];
        let first = self.start + range.start * self.size;
        // SAFETY: the slice lies there, and has this range, by this function's contract; the vector is as long (I4
        // private).
        unsafe { self.loads.load_range(shared, first..first + bytes.len(), bytes.as_mut_ptr()) };
        // SAFETY: writable for as many, by this function's contract (I4 private).
        unsafe { self.put(&bytes, range.len(), place) };
    }

    /// Constructs elements from a copy of the other type's elements. Afterwards every data byte of them is initialised.
    ///
    /// # Safety
    /// `place` is writable by this thread alone for as many of one's own elements (I4 private).
    pub(crate) unsafe fn put<T>(&self, bytes: &[u8], count: usize, place: *mut T) {
        for index in 0..if self.here == 0 { 0 } else { count } {
            // SAFETY: inside of the place, by the contract (I4 private).
            let element = unsafe { place.cast::<u8>().add(index * self.here) };
            // SAFETY: the place of an element (I3 exact, I4 private).
            unsafe { self.matched.put(&bytes[index * self.size..], element) };
        }
    }

    /// The length in bytes of this many elements, and where they begin.
    pub(crate) fn extent(&self, count: usize) -> (usize, usize) {
        (self.start, count * self.size)
    }
}
