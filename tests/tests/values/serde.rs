//! Feature `serde`: what a payload is as text.

use std::time::Duration;

use seqcopy::{SeqCopy, SeqDuration, SeqLock, SeqOption, SeqStr, SeqVec};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Serialize, Deserialize)]
struct Sensor {
    name: SeqStr<8>,
    levels: SeqVec<i32, 3>,
    limit: SeqOption<f64>,
    timeout: SeqDuration,
}

/// The same without a lock in mind.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Plain {
    name: String,
    levels: Vec<i32>,
    limit: Option<f64>,
    timeout: Duration,
}

#[test]
fn a_payload_reads_as_its_plain_twin() {
    for (levels, limit) in [(vec![], None), (vec![-1, 2], Some(0.5)), (vec![1, 2, 3], None)] {
        let plain = Plain { name: "größe".to_owned(), levels, limit, timeout: Duration::new(7, 8) };
        let text = serde_json::to_string(&plain).unwrap();
        let sensor: Sensor = serde_json::from_str(&text).unwrap();
        let sensor = SeqLock::new(sensor).read();
        assert_eq!(serde_json::to_string(&sensor).unwrap(), text);
        assert_eq!((sensor.name.as_str(), sensor.levels.as_slice()), (plain.name.as_str(), plain.levels.as_slice()));
        assert_eq!((sensor.limit.into_option(), sensor.timeout.into_duration()), (plain.limit, plain.timeout));
        // Through a value, whose strings are owned.
        let value = serde_json::to_value(&plain).unwrap();
        assert_eq!(serde_json::from_value::<Sensor>(value).unwrap(), sensor);
    }
}

#[test]
// `memchr`, by which errors of `serde_json` find their line, aligns addresses by hand.
#[cfg_attr(miri, ignore = "Miri's symbolic alignment rejects what another crate does")]
fn what_does_not_fit_is_refused() {
    fn error<T: for<'de> Deserialize<'de> + std::fmt::Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }
    assert!(error::<SeqStr<4>>("\"größe\"").starts_with("invalid length 7, expected a string of at most 4 bytes"));
    assert!(
        error::<SeqVec<u8, 2>>("[1, 2, 3]").starts_with("invalid length 3, expected a sequence of at most 2 elements")
    );
    assert!(error::<SeqVec<u8, 2>>("[1, 300]").starts_with("invalid value: integer `300`, expected u8"));
    assert!(error::<SeqStr<4>>("7").starts_with("invalid type: integer `7`, expected a string of at most 4 bytes"));
    assert!(error::<SeqDuration>("{\"secs\": 18446744073709551615, \"nanos\": 4000000000}").contains("overflow"));
}
