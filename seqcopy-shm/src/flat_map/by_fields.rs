//! [`OtherSlots`]: reads a map whose values have other fields, or the same fields at other offsets. The keys must have
//! the same bytes.

use core::mem::MaybeUninit;

use super::key::{MapKey, Query};
use super::place::Tables;
use super::slot::{KeyOf, Part, Parts, PartsOf, Slot, parts};
use crate::error::{Error, ErrorKind};
use crate::mapping::{RegionLayout, table_header};
use crate::schema::{Difference, Matched, Schema};
use crate::value::Plan;
use seqcopy::layout::{Field, Path};
use seqcopy::{Layout, ReadError, Validate};

const KEY: Path<'_> = Path::Field(&Path::Root, "key");
pub(super) const VALUE: Path<'_> = Path::Field(&Path::Root, "value");

/// The places of the parts in slots that were made for other types. Keys are where a slot of one's own types has them,
/// and are accessed as a `K`.
pub(super) struct OtherSlots<K, V> {
    first: usize,
    size: usize,
    value: OtherValue,
    key: KeyOf<K, V>,
}

/// A value of another type.
pub(super) struct OtherValue {
    offset: usize,
    plan: Plan,
}

impl<K: MapKey, V: Validate> OtherSlots<K, V> {
    /// Returns how to read a region with these slots as a map of `K` and `V`, or `None` if the region has exactly this
    /// map.
    ///
    /// # Errors
    /// The first field that the region's keys or values lack, or have with another type.
    pub(super) fn from_schema(there: &Schema, region: &RegionLayout) -> Result<Option<Self>, Error> {
        let here = Slot::<K, V>::schema();
        let Some(difference) = here.difference(there) else { return Ok(None) };
        let slot = there.layout();
        let plan = || {
            let [key, value] = parts(slot).ok_or(difference)?;
            check_key(K::LAYOUT, key.layout())?;
            let plan =
                Plan::from_layouts(&VALUE, V::LAYOUT, value.layout(), base(value.layout()), region.buffer_layout)?;
            let first = table_header(slot.align());
            let value = OtherValue { offset: value.offset(), plan };
            Ok(OtherSlots { first, size: slot.size(), value, key: KeyOf::new() })
        };
        plan().map(Some).map_err(|why: Difference| ErrorKind::Type(why).into())
    }

    /// Attempts to find a key once, like [`Tables::find`]. This is a separate function, because it would slow down the
    /// code for slots of the same type.
    /// # Safety
    /// The slots of this map are these, made for `K` and `V`.
    #[inline(never)]
    pub(super) unsafe fn find(
        &self,
        tables: &Tables,
        count: u64,
        query: Query<'_>,
        buf: &mut MaybeUninit<V>,
    ) -> Result<Option<u64>, ReadError> {
        same_contract!(tables.find(self, count, query, buf.as_mut_ptr().cast()))
    }
}

impl<K: MapKey, V: Validate> Parts for OtherSlots<K, V> {
    type Key = KeyOf<K, V>;
    type Value = OtherValue;

    fn first(&self) -> usize {
        self.first
    }

    fn size(&self) -> usize {
        self.size
    }

    fn key(&self) -> &KeyOf<K, V> {
        &self.key
    }

    fn value(&self) -> &OtherValue {
        &self.value
    }
}

impl Part for OtherValue {
    unsafe fn load_part(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: inside the slot (I8 mapping).
        let shared = unsafe { slot.add(self.offset) };
        // SAFETY: at `shared` lies a value of the plan's other type, aligned to its base, and accessed by its
        // partition; at `to`, the caller's, is space for one of `V`, for which the plan was made (I1 partition, I2
        // init, I4 private).
        unsafe { self.plan.load_once(shared, to) };
    }
}

// SAFETY: its keys have the bytes of a `K`, and the plan makes values of `V` (I3 exact).
unsafe impl<K: MapKey, V: Validate> PartsOf<K, V> for OtherSlots<K, V> {}

/// Why a reader by fields, with these keys and values, can't read a map with the others. `None` if it can.
pub(super) fn difference(here: [&Field; 2], there: [&Field; 2]) -> Option<Difference> {
    let ([here_key, here_value], [there_key, there_value]) = (here.map(Field::layout), there.map(Field::layout));
    let both = check_key(here_key, there_key);
    both.and_then(|()| Matched::compare(&VALUE, here_value, there_value)).err()
}

/// The alignment for which a part of a slot is partitioned.
fn base(part: &Layout) -> usize {
    part.align().max(8)
}

/// The bytes of a key are compared, so they must be the same in both types. The alignment of the key decides where it
/// is in the slot. It is loaded with the accesses of one's own type, so these must be the accesses with which the
/// writer stores it.
pub(super) fn check_key(here: &Layout, there: &Layout) -> Result<(), Difference> {
    let matched = Matched::compare(&KEY, here, there)?;
    let accesses = |key: &Layout| {
        let mut all = Vec::new();
        key.each_access(base(key), |access| all.push((access.offset, access.width)));
        all.sort_unstable();
        all
    };
    let is_alike = base(here) == base(there) && matched.is_identity(here.size());
    if is_alike && accesses(here) == accesses(there) {
        return Ok(());
    }
    Err(Difference {
        path: KEY.to_string(),
        there: format!("a key of {} bytes with more fields, or in another order", there.size()),
        here: format!("one of {} bytes, which must be the same", here.size()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::commit::Fate;
    use super::super::fixture::Local;
    use super::super::slot::bytes_of;
    use super::*;
    use seqcopy::{SeqCopy, SeqOption};

    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    struct Old {
        level: u16,
        last: SeqOption<u32>,
        on: bool,
        #[seqcopy(default)]
        color: u8,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, align(128))]
    struct New {
        more: [u8; 40],
        on: bool,
        last: SeqOption<u32>,
        level: u16,
    }

    /// Tries a full table as well, in which a search passes many slots, and a table of a later generation.
    #[test]
    fn entries_are_found_in_slots_of_another_type() {
        let new = |n: u16| {
            let last = if n % 3 == 0 { SeqOption::None } else { SeqOption::Some(u32::from(n)) };
            New { more: [0xaa; 40], on: n % 2 == 0, last, level: n }
        };
        let local = Local::<New>::new(16, 4, 7);
        let mut writer = local.writer();
        for n in 0..14 {
            let inserted = writer.commit(|batch| (batch.insert_value(&u64::from(n), &new(n)), Fate::Publish));
            assert!(matches!(inserted, Ok(None)));
        }
        let (there, region) = (Slot::<u64, New>::schema(), Local::<New>::region(16, 4));
        let others = OtherSlots::<u64, Old>::from_schema(&there, &region).unwrap().expect("another type");
        assert!(OtherSlots::<u64, New>::from_schema(&there, &region).unwrap().is_none());
        let count = local.place.begin();
        for n in 0..15u16 {
            let mut buf = MaybeUninit::<Old>::uninit();
            // SAFETY: the slots of this map, made for these types (I1 partition).
            let found = unsafe { others.find(&local.place, count, Query::for_key(bytes_of(&u64::from(n))), &mut buf) };
            if n == 14 {
                assert_eq!(found, Ok(None));
                continue;
            }
            // The first generation is the empty map.
            assert_eq!(found, Ok(Some(u64::from(n) + 2)));
            // SAFETY: it was found (I6 maybe-invalid).
            let old = unsafe { seqcopy::MaybeInvalid::assume_written(buf) }.validate().unwrap();
            let New { level, last, on, .. } = new(n);
            assert_eq!(old, Old { level, last, on, color: 0 });
        }
        let mut buf = MaybeUninit::<Old>::uninit();
        // SAFETY: the slots of this map, made for these types (I1 partition).
        let found = unsafe { others.find(&local.place, count - 3, Query::for_key(bytes_of(&0u64)), &mut buf) };
        assert_eq!(found, Err(ReadError::Torn));
    }

    #[test]
    fn keys_have_the_same_bytes() {
        #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
        #[repr(C)]
        struct Route {
            host: u32,
            port: u16,
            bits: u16,
        }
        #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
        #[repr(C)]
        struct Moved {
            host: u32,
            bits: u16,
            port: u16,
        }
        #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
        #[repr(C, align(16))]
        struct Aligned {
            host: u32,
            port: u16,
            bits: u16,
            rest: [u32; 2],
        }
        #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
        #[repr(C)]
        struct Longer {
            host: u32,
            port: u16,
            bits: u16,
            rest: [u32; 2],
        }
        #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
        #[repr(C)]
        struct Renamed {
            host: u32,
            port: u16,
            bits: u16,
        }
        let why = |here: &Layout, there: &Layout| check_key(here, there).unwrap_err().to_string();
        assert_eq!(check_key(Route::LAYOUT, Renamed::LAYOUT), Ok(()));
        assert_eq!(check_key(<[u8; 0]>::LAYOUT, <[u8; 0]>::LAYOUT), Ok(()));
        for there in [Moved::LAYOUT, Longer::LAYOUT] {
            let (here, there) = (why(Route::LAYOUT, there), there.size());
            assert!(here.starts_with(&format!("field `key`: a key of {there} bytes with more fields")), "{here}");
        }
        assert_eq!(why(Longer::LAYOUT, Route::LAYOUT), "field `key.rest`: no such field there, array of 2 here");
        // These bytes. More are accessed at once.
        assert!(why(Longer::LAYOUT, Aligned::LAYOUT).contains("a key of 16 bytes"));
        assert!(why(Aligned::LAYOUT, Longer::LAYOUT).contains("a key of 16 bytes"));
        assert_eq!(why(u32::LAYOUT, u64::LAYOUT), "field `key`: u64 there, u32 here");
    }
}
