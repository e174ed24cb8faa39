//! Dates and durations, in the notation of the command's output.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `2026-11-20T10:42:32Z`.
pub(super) fn utc(time: SystemTime) -> String {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::from(after.as_secs()),
        Err(before) => -i128::from(before.duration().as_secs()),
    };
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day, from the number of days since 1970-01-01. Inside, years begin in March, so that the leap day is the last.
fn date(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097)); // of 400 years
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // March is 0
    let number = if month < 10 { month + 3 } else { month - 9 };
    (400 * era + year + i128::from(number <= 2), number, day - (153 * month + 2) / 5 + 1)
}

/// `0.25 s`, `3 min`, `5 h`.
pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..120 => format!("{} s", duration.as_secs()),
        120..7200 => format!("{} min", duration.as_secs() / 60),
        7200..172_800 => format!("{} h", duration.as_secs() / 3600),
        _ => format!("{} days", duration.as_secs() / 86400),
    }
}

/// Rates with three digits.
pub(super) fn rate(rate: f64) -> String {
    match rate {
        _ if rate < 10.0 => format!("{rate:.1}"),
        _ if rate < 10_000.0 => format!("{rate:.0}"),
        _ if rate < 10_000_000.0 => format!("{:.0} thousand", rate / 1e3),
        _ => format!("{:.1} million", rate / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let at = |seconds| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_868_799), "2000-02-29T23:59:59Z");
        assert_eq!(at(951_868_800), "2000-03-01T00:00:00Z");
        assert_eq!(at(1_795_171_352), "2026-11-20T10:42:32Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(utc(UNIX_EPOCH - Duration::from_secs(1)), "1969-12-31T23:59:59Z");
        // Far beyond any real date, as a damaged header may have it.
        assert!(at(1 << 40).ends_with('Z'));
    }

    #[test]
    fn spans() {
        assert_eq!(span(Duration::from_millis(250)), "0.25 s");
        assert_eq!(span(Duration::from_secs(300)), "5 min");
        for (seconds, text) in [(10, "10 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h")] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!([172_799, 172_800].map(|seconds| span(Duration::from_secs(seconds))), ["47 h", "2 days"]);
        assert_eq!(span(Duration::from_secs(10_000_000)), "115 days");
    }

    #[test]
    fn rates_are_short() {
        assert_eq!(rate(0.0), "0.0");
        assert_eq!(rate(250.4), "250");
        assert_eq!(rate(123_456.0), "123 thousand");
        assert_eq!(rate(12_345_678.0), "12.3 million");
    }
}
