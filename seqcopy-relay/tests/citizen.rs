//! What programs of zenoh get that know nothing of samples: answers to `get`, encodings, time stamps, JSON.

mod common;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{Place, Program, endpoint, until};
use seqcopy_relay::format::Format;
use seqcopy_relay::network;
use seqcopy_relay::sample::{Kind, Sample};
use seqcopy_shm::{MapWriter, Options, Schema, Writer};
use zenoh::qos::Priority;
use zenoh::{Session, Wait};

const SOON: Duration = Duration::from_secs(20);

/// A publisher of a region that exists, and a session beside it.
fn beside(here: &Place, key: &str, options: &[&str]) -> (Program, Session) {
    let endpoint = endpoint();
    let publish = Program::relay(&[&["publish", here.text(), "--key", key, "--listen", &endpoint], options].concat());
    (publish, network::open(None, &[], &[endpoint], u64::MAX).unwrap())
}

/// The answers to a query, and the encoding of each; all have a time stamp.
fn get(session: &Session, selector: &str) -> Vec<(String, Vec<u8>, String)> {
    let answers = session.get(selector).timeout(Duration::from_secs(5)).wait().unwrap();
    let of = |answer: zenoh::query::Reply| {
        let sample = answer.into_result().ok()?;
        assert!(sample.timestamp().is_some(), "{sample:?}");
        let key = sample.key_expr().as_str().to_owned();
        Some((key, sample.payload().to_bytes().into_owned(), sample.encoding().to_string()))
    };
    answers.into_iter().filter_map(of).collect()
}

/// The only answer, once there is one.
fn one(session: &Session, selector: &str) -> (String, Vec<u8>, String) {
    let mut found = Vec::new();
    until("an answer", SOON, || {
        found = get(session, selector);
        !found.is_empty()
    });
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn json(session: &Session, key: &str) -> String {
    let (name, bytes, encoding) = one(session, &format!("{key}/json"));
    assert_eq!((name, encoding.as_str()), (format!("{key}/json"), "application/json"));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_newest_value_answers_a_query() {
    let here = Place::new("get-value");
    let mut writer = Options::new().capacity(4).create::<[u16]>(&here.0).unwrap();
    let (_publish, session) = beside(&here, "test/get", &["--whole", "3600"]);
    // A region without a value has no answer, and the query ends before its time.
    let began = Instant::now();
    until("a publisher", SOON, || {
        let tokens = session.liveliness().get(network::tokens("test/get")).wait().unwrap();
        tokens.into_iter().any(|token| token.result().is_ok())
    });
    assert_eq!(get(&session, "test/get"), []);
    assert!(began.elapsed() < SOON);
    for number in 1..4u16 {
        writer.write_from(&vec![number; usize::from(number)]).unwrap();
        writer.wake();
        until("the newest value", SOON, || one(&session, "test/get").1.ends_with(&number.to_ne_bytes()));
        let (key, bytes, encoding) = one(&session, "test/get");
        let Sample { head, schema, .. } = Sample::parse(&bytes).unwrap();
        assert_eq!((key.as_str(), encoding.as_str()), ("test/get", "application/octet-stream;seqcopy-relay"));
        assert_eq!((head.kind, head.version), (Kind::Value, u64::from(number)));
        assert_eq!(Schema::decode(schema).unwrap(), *writer.region().schema());
        let numbers = vec![number.to_string(); usize::from(number)].join(",");
        assert_eq!(json(&session, "test/get"), format!("{{\"version\":{number},\"value\":[{numbers}]}}"));
    }
    assert_eq!(get(&session, "test/**").len(), 2);
    // A region that is gone is no answer.
    writer.close().unwrap();
    until("no answer", SOON, || get(&session, "test/**").is_empty());
}

#[test]
fn samples_have_the_format_that_was_asked_for() {
    let here = Place::new("get-format");
    Writer::<u64>::create(&here.0).unwrap().write(1).unwrap();
    for (options, format) in [(&[][..], Format::Two), (&["--format", "1"], Format::One)] {
        let (_publish, session) = beside(&here, "test/format", options);
        assert_eq!(Sample::parse(&one(&session, "test/format").1).unwrap().head.format, format);
    }
}

#[test]
fn the_newest_entries_answer_a_query() {
    let here = Place::new("get-map");
    let mut map = MapWriter::<u8, [i32; 2]>::create(&here.0, 8).unwrap();
    map.insert(2, [5, -6]).unwrap();
    map.insert(1, [7, 8]).unwrap();
    let (_publish, session) = beside(&here, "test/map", &["--whole", "3600"]);
    until("a map", SOON, || !get(&session, "test/map/json").is_empty());
    map.remove(&2).unwrap();
    map.insert(3, [0, 9]).unwrap();
    map.wake();
    let entries = "{\"generation\":5,\"entries\":[{\"key\":1,\"value\":[7,8],\"generation\":3},\
                   {\"key\":3,\"value\":[0,9],\"generation\":5}]}";
    until("the newest generation", SOON, || json(&session, "test/map").starts_with("{\"generation\":5,"));
    assert_eq!(json(&session, "test/map"), entries);
    let (_, bytes, _) = one(&session, "test/map");
    let sample = Sample::parse(&bytes).unwrap();
    assert_eq!((sample.head.kind, sample.head.version, sample.head.set), (Kind::Whole, 5, 2));
    // Queries that are too long have no answer.
    for parameters in [5000, 500_000] {
        assert_eq!(get(&session, &format!("test/map?{}", "x".repeat(parameters))), []);
    }
    let answers = session.get("test/map").payload(vec![0; 5000]).timeout(SOON).wait().unwrap();
    assert_eq!(answers.into_iter().count(), 0);
}

/// JSON is published while there is a subscriber: what is newest at once, and then ten times a second at most. The last
/// value of a writer is not left out.
#[test]
fn subscribers_of_json_get_it() {
    let here = Place::new("json");
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(1).unwrap();
    let (_publish, session) = beside(&here, "test/json", &["--whole", "3600", "--priority", "data-low"]);
    until("a publisher", SOON, || !get(&session, "test/json").is_empty());
    let came = Arc::new(Mutex::new(Vec::new()));
    let samples = Arc::clone(&came);
    let keep = move |sample: zenoh::sample::Sample| {
        assert!(sample.timestamp().is_some() && sample.encoding().to_string() == "application/json");
        assert_eq!(sample.priority(), Priority::DataLow);
        samples.lock().unwrap().push(String::from_utf8(sample.payload().to_bytes().into_owned()).unwrap());
    };
    let _subscriber = session.declare_subscriber("test/json/json").callback(keep).wait().unwrap();
    let last = || came.lock().unwrap().last().cloned();
    until("what is newest", SOON, || last().is_some());
    assert_eq!(last().unwrap(), "{\"version\":1,\"value\":1}");
    let began = Instant::now();
    for number in 2..=1000 {
        writer.write(number).unwrap();
        writer.wake();
        thread::sleep(Duration::from_millis(1));
    }
    until("the last value", SOON, || last().unwrap() == "{\"version\":1000,\"value\":1000}");
    let (count, most) = (came.lock().unwrap().len(), began.elapsed().as_millis() / 100 + 3);
    assert!(count > 3 && count as u128 <= most, "{count} of at most {most}");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(came.lock().unwrap().len(), count, "nothing has changed");
}

#[test]
fn json_that_is_too_long_is_said() {
    let here = Place::new("long");
    let mut writer = Options::new().capacity(1 << 20).create::<[u8]>(&here.0).unwrap();
    writer.write_from(&vec![1; 1 << 20]).unwrap();
    let (publish, session) = beside(&here, "test/long", &["--json"]);
    assert!(one(&session, "test/long").1.len() > 1 << 20);
    assert_eq!(get(&session, "test/long/json"), []);
    let _subscriber = session.declare_subscriber("test/long/json").callback(drop).wait().unwrap();
    until("the reason", SOON, || {
        publish.line.lock().unwrap().contains("test/long/json: as JSON it would have more than 1048576 bytes")
    });
    writer.write_from(&[1; 3]).unwrap();
    assert!(json(&session, "test/long").ends_with("\"value\":[1,1,1]}"));
}

/// Both outputs say whether there is a connection: before the other program starts, with it, and after it.
#[test]
fn a_missing_connection_is_reported() {
    let (here, there) = (Place::new("link-here"), Place::new("link-there"));
    let mut writer = Writer::<u64>::create(&here.0).unwrap();
    writer.write(1).unwrap();
    let endpoint = endpoint();
    let subscribe = ["subscribe", "test/link", there.text(), "--connect", &endpoint];
    let other = Place::new("link-json");
    let json = Program::relay(&["subscribe", "test/link", other.text(), "--connect", &endpoint, "--json"]);
    let says = |word: &str| json.line.lock().unwrap().contains(&format!("\"connected\":{word},"));
    let (_program, mut lines) = Program::relay_with_errors(&subscribe);
    until("that it is not connected", SOON, || says("false"));
    assert_eq!(lines.next(), Some(format!("subscribe: not connected to {endpoint}")));
    let publish = Program::relay(&["publish", here.text(), "--key", "test/link", "--listen", &endpoint, "--json"]);
    until("that it is connected", SOON, || says("true"));
    // One that connects to none may have peers or not.
    until("a status", SOON, || publish.line.lock().unwrap().starts_with("{\"connected\":null,"));
    assert_eq!(lines.find(|line| !line.contains(": not ")), Some(format!("subscribe: connected to {endpoint}")));
    drop(publish);
    until("that it is not connected again", SOON, || says("false"));
    assert_eq!(lines.next(), Some(format!("subscribe: not connected to {endpoint}")));
}

#[test]
fn exit_codes_are_those_of_the_page() {
    for (words, code, why) in [
        (&["--listen", "nowhere"][..], 2, "expected an endpoint"),
        // An address of examples, which no machine has.
        (&["--listen", "tcp/192.0.2.1:7447"], 1, "seqcopy-relay: the network can't be opened: "),
        (&["--config", "/nowhere"], 1, "seqcopy-relay: configuration /nowhere: No such file"),
    ] {
        let (code_there, errors) = common::ended(&[&["publish", "region", "--key", "test/codes"], words].concat());
        assert_eq!(code_there, Some(code), "{errors}");
        assert!(errors.contains(why) && !errors.contains(".rs:"), "{errors}");
    }
}
