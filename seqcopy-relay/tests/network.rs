//! Over loopback TCP: the newest value of a fast writer at the asked rate, a type that changes, damaged samples, and
//! what the status says.

mod common;

use std::sync::{Arc, Mutex};
use std::thread;
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
    // First without a pause, and without a wake-up; then with both: a busy machine has time for the programs.
    let (began, from, mut number) = (Instant::now(), reader.version(), 1);
    while began.elapsed() < Duration::from_secs(2) {
        for _ in 0..1000 {
            number += 1;
            writer.write([number; 8]).unwrap();
        }
        if began.elapsed() > Duration::from_secs(1) {
            writer.wake();
            thread::sleep(Duration::from_millis(1));
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

/// No process reaches one that is only to connect.
#[test]
fn it_listens_where_it_is_asked_to() {
    let (here, there) = (Place::new("listens-here"), Place::new("listens-there"));
    Writer::<u32>::create(&here.0).unwrap().write(5).unwrap();
    let endpoint = endpoint();
    let publish = Program::relay(&["publish", here.text(), "--key", "test/listens", "--listen", &endpoint, "--status"]);
    let subscribe = Program::relay(&["subscribe", "test/listens", there.text(), "--connect", &endpoint, "--status"]);
    until("the value", SOON, || Reader::<u32>::open(&there.0).is_ok_and(|reader| reader.read() == Ok(5)));
    assert_eq!((publish.listens(), subscribe.listens()), (1, 0));
    for (program, name) in [(publish, "publish: in "), (subscribe, "subscribe: in ")] {
        until("a line each second", SOON, || program.line.lock().unwrap().starts_with(name));
    }
}

/// First that there is no region; then that each value that came was passed on.
#[test]
fn what_a_publisher_does_is_said() {
    let (here, endpoint) = (Place::new("said"), endpoint());
    let publish = ["publish", here.text(), "--key", "test/said", "--listen", &endpoint, "--whole", "0.1", "--json"];
    let publish = Program::relay(&publish);
    let says = |text: &str| publish.line.lock().unwrap().contains(text);
    until("a reason", SOON, || says("No such file") && says("\"in_per_second\":0.0,\"out_per_second\":0.0,"));
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    until("as many passed on as there were", SOON, || {
        let line = publish.line.lock().unwrap().clone();
        let of = |name: &str| line.split(name).nth(1)?.split(',').next()?.parse::<f64>().ok();
        let (seen, passed) = (of("\"in_per_second\":"), of("\"out_per_second\":"));
        says("\"trouble\":null") && seen > Some(1.0) && seen == passed
    });
}

/// Whether the number is there, with a writer or without.
fn has_five(there: &Place, alive: bool) -> bool {
    Reader::<u32>::open(&there.0).is_ok_and(|reader| {
        reader.read() == Ok(5) && matches!(reader.writer_state(), WriterState::Alive { .. }) == alive
    })
}

/// What is missing is looked for until it is there, and a subscriber that comes late knows of the writer.
#[test]
fn programs_start_in_any_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (here, there) = (Place::new("order-here"), Place::new("order-there"));
        let endpoint = endpoint();
        let (mut writer, mut programs) = (None, Vec::new());
        for which in order {
            match which {
                0 => {
                    let mut created = Writer::<u32>::create(&here.0).unwrap();
                    created.write(5).unwrap();
                    writer = Some(created);
                }
                1 => programs.push(Program::relay(&[
                    "publish",
                    here.text(),
                    "--key",
                    "test/order",
                    "--listen",
                    &endpoint,
                ])),
                _ => programs.push(Program::relay(&["subscribe", "test/order", there.text(), "--connect", &endpoint])),
            }
            thread::sleep(Duration::from_millis(300));
        }
        until("the value and its writer", SOON, || has_five(&there, true));
        // Not for the moment of a sample only.
        thread::sleep(Duration::from_millis(50));
        assert!(has_five(&there, true), "{order:?}");
        drop((writer, programs));
    }
}

/// Between two samples the publisher looks at the writer as often as ever.
#[test]
fn a_slow_rate_delays_no_word_of_a_death() {
    let (here, there) = (Place::new("slow-here"), Place::new("slow-there"));
    let mut writer = Writer::<u32>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    let _programs = relay(&here, &there, "test/slow", "0.25");
    until("the value", SOON, || has_five(&there, true));
    drop(writer);
    let limit = Duration::from_secs(2);
    until("its writer is gone, and not when the next sample is due", limit, || has_five(&there, false));
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

/// The network drops what it can't take, so all of it comes again. A subscriber that comes late asks for it, and has it
/// long before.
#[test]
fn all_of_it_comes_again_and_to_those_who_come_late() {
    let (here, there, endpoint) = (Place::new("again-here"), Place::new("again-there"), endpoint());
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    let publish = |whole| {
        ["publish", here.text(), "--key", "test/again", "--listen", &endpoint, "--whole", whole].map(str::to_owned)
    };
    let arguments = publish("0.2");
    let mut often = Program::relay(&arguments.each_ref().map(String::as_str));
    let session = network::open(None, &[], std::slice::from_ref(&endpoint), u64::MAX).unwrap();
    let came = Arc::new(Mutex::new(0));
    let samples = Arc::clone(&came);
    let _subscriber =
        session.declare_subscriber("test/again").callback(move |_| *samples.lock().unwrap() += 1).wait().unwrap();
    until("all of it, three times", SOON, || *came.lock().unwrap() >= 3);
    often.kill();
    let arguments = publish("3600");
    let _seldom = Program::relay(&arguments.each_ref().map(String::as_str));
    until("an answer", SOON, || {
        let answers = session.get("test/again").timeout(Duration::from_secs(1)).wait().unwrap();
        answers.recv().is_ok_and(|answer| answer.result().is_ok())
    });
    let _subscribe = Program::relay(&["subscribe", "test/again", there.text(), "--connect", &endpoint]);
    until("an answer", SOON, || Reader::<u64>::open(&there.0).is_ok_and(|reader| reader.read() == Ok(5)));
}
