//! Types that can't be described: which number to store in their place, and the way back.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use time::{Date, Duration, OffsetDateTime};

pub fn check() {
    // chrono: a point in time as microseconds since 1970 (i64: 290,000 years), a date as its number of days.
    let at = DateTime::<Utc>::from_timestamp(1_700_000_000, 123_456_000).expect("a time");
    let stored: i64 = at.timestamp_micros();
    assert_eq!(DateTime::<Utc>::from_timestamp_micros(stored), Some(at));
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
    let stored: i32 = day.num_days_from_ce();
    assert_eq!(NaiveDate::from_num_days_from_ce_opt(stored), Some(day));
    let span = TimeDelta::milliseconds(1500);
    let stored: i64 = span.num_nanoseconds().expect("less than 292 years");
    assert_eq!(TimeDelta::nanoseconds(stored), span);

    // time: the same, by nanoseconds as i128 or seconds and nanoseconds; a date by its Julian day.
    let at = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_789).expect("a time");
    let stored: i128 = at.unix_timestamp_nanos();
    assert_eq!(OffsetDateTime::from_unix_timestamp_nanos(stored), Ok(at));
    let stored: (i64, u32) = (at.unix_timestamp(), at.nanosecond());
    let again = OffsetDateTime::from_unix_timestamp(stored.0).expect("a time").replace_nanosecond(stored.1);
    assert_eq!(again, Ok(at));
    let day = Date::from_julian_day(2_461_366).expect("a day");
    assert_eq!(Date::from_julian_day(day.to_julian_day()), Ok(day));
    let span = Duration::milliseconds(1500);
    let stored: (i64, i32) = (span.whole_seconds(), span.subsec_nanoseconds());
    assert_eq!(Duration::new(stored.0, stored.1), span);
}
