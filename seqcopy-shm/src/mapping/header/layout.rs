//! [`RegionLayout`] computes the place of everything in a region from the region's type.

use super::{Control, FORMAT, MAP_FORMAT};
use crate::error::{Error, mismatch};
use crate::schema::MAX_BYTES;

/// Mappings begin at multiples of this on every target that has regions, so no payload can have a larger alignment.
pub(crate) const MAX_ALIGN: usize = 4096;
/// A cache line.
const LINE: usize = 64;
/// The largest payload that lies in the cache line of the sequence word.
const NEAR_WORD: usize = 48;
/// The maximum number of buffers of a latch.
const MAX_BUFFERS: u32 = 1 << 16;
/// The fewest slots of a map: one of them stays free.
pub(crate) const MIN_SLOTS: u64 = 8;
/// The maximum number of slots. The index of a slot fits into 32 bits.
const MAX_SLOTS: u64 = 1 << 32;
/// The bytes before the first slot of a table, unless slots have a larger alignment. The first 8 are the number of
/// entries.
pub(crate) const TABLE_HEADER: usize = LINE;

/// The offset of the first slot in a table.
pub(crate) const fn table_header(align: usize) -> usize {
    if align > TABLE_HEADER { align } else { TABLE_HEADER }
}

/// The place of the buffers. It follows from the payload's type, so it is a constant in code that has the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BufferLayout {
    /// The offset of the first buffer in the region.
    pub(crate) offset: usize,
    /// The distance from one buffer to the next.
    pub(crate) stride: usize,
}

impl BufferLayout {
    /// The place of buffers for a payload of this size and alignment. `None` if a buffer does not fit into memory.
    const fn new(size: usize, align: usize) -> Option<BufferLayout> {
        // A small value shares the cache line of its word. Larger ones begin a line, because vector moves that cross
        // lines cost a third more (measured at 4 KiB).
        let (least, from) = if size <= NEAR_WORD { (16, Control::END) } else { (LINE, Control::WORD + LINE) };
        // Buffers are aligned like the payload of a lock, to 8 bytes or more.
        let align = if align > least { align } else { least };
        match size.checked_next_multiple_of(align) {
            Some(stride) => Some(BufferLayout { offset: from.next_multiple_of(align), stride }),
            None => None,
        }
    }

    /// The place of the tables of a map. `None` if a table does not fit into memory.
    fn of_table(size: usize, align: usize, slots: u64) -> Option<BufferLayout> {
        let align = align.max(LINE);
        let slots = usize::try_from(slots).ok()?.checked_mul(size)?;
        let stride = slots.checked_add(table_header(align))?.checked_next_multiple_of(align)?;
        Some(BufferLayout { offset: (Control::WORD + LINE).next_multiple_of(align), stride })
    }

    /// The place of buffers for a payload of type `T`.
    pub(crate) const fn for_type<T>() -> BufferLayout {
        BufferLayout::new(size_of::<T>(), align_of::<T>()).expect("a type is at most `isize::MAX` bytes")
    }
}

/// The place of everything in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RegionLayout {
    pub(crate) payload_size: usize,
    pub(crate) payload_align: usize,
    pub(crate) buffers: u32,
    /// The number of slots in each table of a map, a power of two. 0 for other regions.
    pub(crate) slots: u64,
    pub(crate) buffer_layout: BufferLayout,
    pub(crate) schema_offset: usize,
    pub(crate) schema_len: usize,
    pub(crate) size: usize,
}

impl RegionLayout {
    /// The layout for a type, or why it can have no region.
    pub(crate) fn from_sizes(
        size: usize,
        align: usize,
        buffers: u32,
        schema_len: usize,
    ) -> Result<RegionLayout, Error> {
        if buffers == 0 || !buffers.is_power_of_two() || buffers > MAX_BUFFERS {
            return Err(mismatch("buffers", "1, or a power of two up to 65536", buffers));
        }
        Self::with(size, align, buffers, 0, schema_len, || BufferLayout::new(size, align))
    }

    /// The layout for a map whose slots have this size and alignment, or why there can be no such map.
    pub(crate) fn of_map(
        size: usize,
        align: usize,
        buffers: u32,
        slots: u64,
        schema_len: usize,
    ) -> Result<RegionLayout, Error> {
        // With one table, a writer that died in the middle of a change would leave a table that can't be repaired from
        // another one.
        if buffers < 2 || !buffers.is_power_of_two() || buffers > MAX_BUFFERS {
            return Err(mismatch("buffers of a map", "a power of two from 2 to 65536", buffers));
        }
        if !slots.is_power_of_two() || !(MIN_SLOTS..=MAX_SLOTS).contains(&slots) {
            return Err(mismatch("slots", "a power of two from 8 to 4294967296", slots));
        }
        Self::with(size, align, buffers, slots, schema_len, || BufferLayout::of_table(size, align, slots))
    }

    fn with(
        size: usize,
        align: usize,
        buffers: u32,
        slots: u64,
        schema_len: usize,
        buffer_layout: impl Fn() -> Option<BufferLayout>,
    ) -> Result<RegionLayout, Error> {
        if !align.is_power_of_two() || align > MAX_ALIGN {
            return Err(mismatch("alignment of the payload", "a power of two, at most 4096", align));
        }
        if schema_len > MAX_BYTES {
            return Err(mismatch("length of the schema", "at most 262144", schema_len));
        }
        let whole = || {
            let buffer_layout = buffer_layout()?;
            let schema_offset =
                buffer_layout.stride.checked_mul(buffers as usize)?.checked_add(buffer_layout.offset)?;
            let size = schema_offset.checked_add(schema_len)?;
            isize::try_from(size).ok()?;
            Some((buffer_layout, schema_offset, size))
        };
        let Some((buffer_layout, schema_offset, whole)) = whole() else {
            return Err(mismatch("size of the payload", "a size that fits into memory", size));
        };
        Ok(RegionLayout {
            payload_size: size,
            payload_align: align,
            buffers,
            slots,
            buffer_layout,
            schema_offset,
            schema_len,
            size: whole,
        })
    }

    /// The version of the format.
    pub(crate) fn format(&self) -> u32 {
        if self.slots == 0 { FORMAT } else { MAP_FORMAT }
    }

    /// The alignment of the buffers, on which the partition into accesses depends.
    pub(crate) fn base(&self) -> usize {
        self.payload_align.max(8)
    }
}
