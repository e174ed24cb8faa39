//! [`SeqDuration`]: a `Duration` with a specified layout.

use core::fmt::{self, Debug, Formatter};
use core::mem::offset_of;
use core::time::Duration;

use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{self, Bits, InvalidValue, Reason, Validate};

const NANOS_PER_SEC: u32 = 1_000_000_000;

/// A `Duration` with a specified layout, for use in payloads: whole seconds, then nanoseconds below one billion.
///
/// The conversions lose nothing. It is compared, ordered and printed like a `Duration`, and compared with one on either
/// side. To calculate, convert it by [`into_duration`](Self::into_duration).
///
/// 16 bytes, of which the last 4 are padding (where `u64` has an alignment of 4: 12 bytes, without padding).
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use seqcopy::{SeqCopy, SeqDuration, SeqLock};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Step { taken: SeqDuration, since_epoch: SeqDuration }
///
/// static STEP: SeqLock<Step> = SeqLock::new(Step {
///     taken: SeqDuration::from_duration(Duration::from_millis(20)),
///     since_epoch: SeqDuration::ZERO,
/// });
///
/// // Or `SystemTime::now()`.
/// let now = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
/// let since_epoch = now.duration_since(UNIX_EPOCH).expect("a clock that is past 1970");
/// STEP.write(Step { taken: Duration::from_micros(5).into(), since_epoch: since_epoch.into() });
/// let step = STEP.read();
/// assert_eq!(step.taken, Duration::from_nanos(5000));
/// assert_eq!(UNIX_EPOCH + step.since_epoch.into_duration(), now);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C)]
pub struct SeqDuration {
    secs: u64,
    /// Less than [`NANOS_PER_SEC`].
    nanos: u32,
}

impl SeqDuration {
    /// No time at all.
    ///
    /// ```
    /// # use seqcopy::SeqDuration;
    /// assert_eq!(SeqDuration::ZERO, SeqDuration::default());
    /// ```
    pub const ZERO: Self = SeqDuration { secs: 0, nanos: 0 };

    /// The longest.
    ///
    /// ```
    /// # use {core::time::Duration, seqcopy::SeqDuration};
    /// assert_eq!(SeqDuration::MAX, Duration::MAX);
    /// ```
    pub const MAX: Self = SeqDuration::from_duration(Duration::MAX);

    /// This many nanoseconds.
    ///
    /// ```
    /// # use seqcopy::SeqDuration;
    /// assert_eq!(SeqDuration::from_nanos(2_000_000_001).subsec_nanos(), 1);
    /// ```
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self::from_duration(Duration::from_nanos(nanos))
    }

    /// This many microseconds.
    ///
    /// ```
    /// # use seqcopy::SeqDuration;
    /// assert_eq!(SeqDuration::from_micros(5), SeqDuration::from_nanos(5000));
    /// ```
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self::from_duration(Duration::from_micros(micros))
    }

    /// This many milliseconds.
    ///
    /// ```
    /// # use seqcopy::SeqDuration;
    /// assert_eq!(SeqDuration::from_millis(5), SeqDuration::from_micros(5000));
    /// ```
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self::from_duration(Duration::from_millis(millis))
    }

    /// This many seconds.
    ///
    /// ```
    /// # use seqcopy::SeqDuration;
    /// assert_eq!(SeqDuration::from_secs(5).as_secs(), 5);
    /// ```
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        SeqDuration { secs, nanos: 0 }
    }

    /// Converts from a `Duration`; `From`, for constants.
    ///
    /// ```
    /// # use {core::time::Duration, seqcopy::SeqDuration};
    /// const TIMEOUT: SeqDuration = SeqDuration::from_duration(Duration::from_millis(1500));
    /// assert_eq!((TIMEOUT.as_secs(), TIMEOUT.subsec_nanos()), (1, 500_000_000));
    /// ```
    #[must_use]
    pub const fn from_duration(duration: Duration) -> Self {
        SeqDuration { secs: duration.as_secs(), nanos: duration.subsec_nanos() }
    }

    /// Converts to a `Duration`.
    ///
    /// ```
    /// # use {core::time::Duration, seqcopy::SeqDuration};
    /// assert_eq!(SeqDuration::from_duration(Duration::MAX).into_duration(), Duration::MAX);
    /// ```
    #[must_use]
    pub const fn into_duration(self) -> Duration {
        // It never carries, so it never panics.
        Duration::new(self.secs, self.nanos)
    }

    /// The whole seconds.
    ///
    /// ```
    /// # use {core::time::Duration, seqcopy::SeqDuration};
    /// assert_eq!(SeqDuration::from_duration(Duration::from_millis(2500)).as_secs(), 2);
    /// ```
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.secs
    }

    /// All of it in nanoseconds.
    ///
    /// ```
    /// # use seqcopy::SeqDuration;
    /// assert_eq!(SeqDuration::from_secs(5).as_nanos(), 5_000_000_000);
    /// ```
    #[must_use]
    pub const fn as_nanos(self) -> u128 {
        self.into_duration().as_nanos()
    }

    /// The rest after the whole seconds, in nanoseconds: less than one billion.
    ///
    /// ```
    /// # use {core::time::Duration, seqcopy::SeqDuration};
    /// assert_eq!(SeqDuration::from_duration(Duration::from_millis(2500)).subsec_nanos(), 500_000_000);
    /// ```
    #[must_use]
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }
}

impl From<Duration> for SeqDuration {
    fn from(duration: Duration) -> Self {
        SeqDuration::from_duration(duration)
    }
}

impl From<SeqDuration> for Duration {
    fn from(duration: SeqDuration) -> Self {
        duration.into_duration()
    }
}

impl PartialEq<Duration> for SeqDuration {
    fn eq(&self, other: &Duration) -> bool {
        self.into_duration() == *other
    }
}

impl PartialOrd<Duration> for SeqDuration {
    fn partial_cmp(&self, other: &Duration) -> Option<core::cmp::Ordering> {
        self.into_duration().partial_cmp(other)
    }
}

impl PartialEq<SeqDuration> for Duration {
    fn eq(&self, other: &SeqDuration) -> bool {
        *self == other.into_duration()
    }
}

impl PartialOrd<SeqDuration> for Duration {
    fn partial_cmp(&self, other: &SeqDuration) -> Option<core::cmp::Ordering> {
        self.partial_cmp(&other.into_duration())
    }
}

impl Debug for SeqDuration {
    /// Printed like a `Duration`: `1.5s`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.into_duration().fmt(f)
    }
}

// Written by hand, as the derives would write it, because this crate must compile without the derives. A test compares
// both (`tests/tests/values/by_hand.rs`).

// SAFETY: the only fields keep what an implementation promises, and are named at their true offsets (I3 exact); the
// rest is padding.
unsafe impl SeqCopy for SeqDuration {
    const LAYOUT: &'static Layout = &layout::structure::<Self>(
        "SeqDuration",
        true,
        const {
            &[
                layout::field("secs", offset_of!(Self, secs), u64::LAYOUT),
                layout::field("nanos", offset_of!(Self, nanos), u32::LAYOUT),
            ]
        },
    );
}

// SAFETY: the layout is specified; bits pass if the nanoseconds are below one billion, the one invariant (P24 safety).
unsafe impl Validate for SeqDuration {
    #[inline]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: a scalar of four bytes (P5 scalar).
        let nanos = unsafe { validity::part_of::<Self, u32, 1>(bits).number() };
        if nanos < u64::from(NANOS_PER_SEC) {
            return Ok(());
        }
        let reason = Reason::Custom("a second has fewer nanoseconds");
        validity::inside::<Self, 1>(Err(InvalidValue::new(u32::LAYOUT, nanos, reason)))
    }
}
