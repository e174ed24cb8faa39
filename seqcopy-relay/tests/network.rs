//! Over loopback TCP: the newest value of a fast writer at the asked rate, a type that changes, damaged samples, and what the status says.

mod common;

use std::time::{Duration, Instant};

use common::{Place, Program, endpoint, until};
use seqcopy_relay::network;
use seqcopy_shm::{Options, Reader, Region, Writer, WriterState};
use zenoh::Wait;

const SOON: Duration = Duration::from_secs(20);

/// Publisher and subscriber, which connects to it, and where the subscriber listens.
fn relay(here: &Place, there: &Place, key: &str, at_most: &str) -> (Program, Program, String) {
    let (endpoint, other) = (endpoint(), endpoint());
    let publish = ["publish", here.text(), "--key", key, "--at-most", at_most, "--listen", &endpoint, "--whole", "1"];
    let subscribe = ["subscribe", key, there.text(), "--connect", &endpoint, "--listen", &other, "--json"];
    (Program::relay(&publish), Program::relay(&subscribe), other)
}

#[test]
fn a_fast_writer_leaves_at_the_asked_rate() {
    let (here, there) = (Place::new("fast-here"), Place::new("fast-there"));
    let mut writer = Writer::<[u64; 8]>::create(&here.0).unwrap();
    writer.write([1; 8]).unwrap();
    let _programs = relay(&here, &there, "test/fast", "20");
    until("the first value", SOON, || there.0.exists() && Reader::<[u64; 8]>::open(&there.0).is_ok());
    let reader = Reader::<[u64; 8]>::open(&there.0).unwrap();
    until("the first value", SOON, || reader.read().is_ok());
    // Without a pause, and without a wake-up.
    let (began, from, mut number) = (Instant::now(), reader.version(), 1);
    while began.elapsed() < Duration::from_secs(2) {
        for _ in 0..1000 {
            number += 1;
            writer.write([number; 8]).unwrap();
        }
    }
    let samples = u32::try_from(reader.version().writes_since(from)).unwrap();
    let rate = f64::from(samples) / began.elapsed().as_secs_f64();
    // The last one is there soon: two periods are 100 ms.
    let late = until("the newest value", SOON, || reader.read() == Ok([number; 8]));
    println!("{} values written, {rate:.1}/s arrived, the newest {late:?} after it was written", number - 1);
    assert!((4.0..=21.0).contains(&rate), "{rate} samples a second");
    assert!(late < Duration::from_secs(1), "{late:?}");
}

#[test]
fn a_type_that_changes() {
    let (here, there) = (Place::new("type-here"), Place::new("type-there"));
    let mut old = Writer::<u32>::create(&here.0).unwrap();
    old.write(5).unwrap();
    let _programs = relay(&here, &there, "test/type", "1000");
    until("the old type", SOON, || Reader::<u32>::open(&there.0).is_ok_and(|reader| reader.read() == Ok(5)));
    drop(old);
    let gone = || Reader::<u32>::open(&there.0).is_ok_and(|reader| reader.writer_state() == WriterState::Gone);
    until("its writer is gone there, too", Duration::from_secs(2), gone);
    let mut new = Options::new().replace_other_type(true).open_or_create::<[u8; 3]>(&here.0).unwrap();
    new.write([1, 2, 3]).unwrap();
    until("the new type", SOON, || {
        Reader::<[u8; 3]>::open(&there.0).is_ok_and(|reader| reader.read() == Ok([1, 2, 3]))
    });
}

#[test]
fn damaged_samples_are_counted_and_write_nothing() {
    let (here, there) = (Place::new("damage-here"), Place::new("damage-there"));
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    let (_publish, subscribe, endpoint) = relay(&here, &there, "test/damage", "1000");
    until("the value", SOON, || Region::open(&there.0).is_ok_and(|region| region.version().to_bits() == 1));
    let region = Region::open(&there.0).unwrap();
    let session = network::open(None, &[], &[endpoint], u64::MAX).unwrap();
    let mut lines = 0;
    until("the status counts them", SOON, || {
        session.put("test/damage", vec![lines; 100]).wait().unwrap();
        lines = lines.wrapping_add(1);
        let line = subscribe.line.lock().unwrap();
        line.contains("\"trouble\":\"not a sample of seqcopy-relay\"") && !line.contains("\"dropped\":0,")
    });
    assert_eq!(region.version().to_bits(), 1);
    writer.write(6).unwrap();
    writer.wake();
    until("the next value", SOON, || region.version().to_bits() == 2);
}
