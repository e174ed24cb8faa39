//! [`RangeLoads`]: loads of a range of the bytes of a type that is known by its layout only, such as some elements of a slice.

use alloc::vec::Vec;
use core::ops::Range;

use super::loads::{bytes, word_at, words};
use super::memory::copy_private;
use super::stores::Series;
use crate::Layout;

/// By which accesses values of a type are loaded, of which only the layout is known.
#[derive(Debug, Clone)]
pub struct RangeLoads(Vec<Series>);

impl RangeLoads {
    /// Those of a layout, in storage that is aligned to `base`. `None` if there are more than 2^20 groups of equal accesses side by side.
    ///
    /// # Panics
    /// As for [`Stores::of`](super::Stores::of).
    #[must_use]
    #[track_caller]
    pub fn of(layout: &Layout, base: usize) -> Option<Self> {
        Series::all(layout, base).map(RangeLoads)
    }

    /// Loads the data bytes of a range, by the accesses that have some of them. What is not data is left as it is.
    ///
    /// # Safety
    /// * `shared` is aligned to the base and readable for the size of the type, and its bytes are initialised (I2 init). Whatever else
    ///   accesses them during the call does so by the partition of the same type at the same base (I1 partition).
    /// * `private` is the place of the first byte of the range, writable for all of it by this thread alone (I4 private).
    pub unsafe fn load(&self, shared: *const u8, range: Range<usize>, private: *mut u8) {
        let first = self.0.partition_point(|series| series.end() <= range.start);
        for series @ &Series { at, width, is_run, .. } in &self.0[first..] {
            let (mut from, until) = (at.max(range.start), series.end().min(range.end));
            if from >= until {
                break;
            }
            if is_run {
                let (shared, place) = (shared.wrapping_add(from), private.wrapping_add(from.wrapping_sub(range.start)));
                // SAFETY: single bytes of a run that is accessed by bytes, inside of the range (I1 partition, I2 init, I3 exact, I4 private).
                unsafe { bytes(shared, place, until.wrapping_sub(from)) };
                continue;
            }
            while from < until {
                let word = from - (from - at) % width;
                let whole = if word == from { (until - from) / width } else { 0 };
                let len = if whole > 0 { whole * width } else { until.min(word + width) - from };
                // SAFETY: inside of the range (I4 private).
                let place = unsafe { private.add(from - range.start) };
                // SAFETY: inside of the value, as the access is (I3 exact).
                let shared = unsafe { shared.add(word) };
                if whole == 0 {
                    // SAFETY: an access of this layout at this base, of bytes that are initialised (I1 partition, I2 init).
                    let word_bytes = unsafe { word_at(shared, width) };
                    // SAFETY: some bytes of the word, to their place (I4 private).
                    unsafe { copy_private(word_bytes[from - word..].as_ptr(), place, len) };
                } else {
                    // SAFETY: accesses of this layout at this base (I1 partition, I2 init, I3 exact, I4 private).
                    unsafe { words(width, whole, shared, place) };
                }
                from += len;
            }
        }
    }
}
