//! Maps: shown, watched and compared, by entry and as a whole; damaged ones.

use std::fs;
use std::os::unix::fs::FileExt;

use seqcopy::SeqStr;
use seqcopy_shm::{MapWriter, Options};
use serde_json::json;

use super::*;

#[derive(Clone, Copy, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Quote {
    bid: i32,
    sizes: [u16; 2],
    is_open: bool,
}

const QUOTE: Quote = Quote { bid: -5, sizes: [1, 2], is_open: true };

type Prices = MapWriter<SeqStr<12>, Quote>;

/// A map of three entries.
fn prices() -> (Place, Prices) {
    let place = Place::new();
    let mut prices = Options::new().seed(7).create_map(&place.0, 100).unwrap();
    for (text, bid) in [("MSFT", 2), ("AAPL", 1), ("42", 3)] {
        prices.insert(name(text), Quote { bid, ..QUOTE }).unwrap();
    }
    (place, prices)
}

fn name(text: &str) -> SeqStr<12> {
    SeqStr::try_from(text).expect("short")
}

fn squeezed(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn show_prints_entries_and_header() {
    let (place, _writer) = prices();
    let text = shows(&["show", place.path()]);
    let lines = squeezed(&text);
    let has = |line: &str| assert!(lines.iter().any(|found| found == line), "no line {line:?} in\n{text}");
    has("buffers 2 (a latch)");
    has("slots 128, for up to 112 entries");
    has("published 4");
    has("generation 4, 3 entries");
    assert!(text.contains("a map from SeqStr<12> to Quote, fingerprint 0x"), "{text}");
    let end = [
        "\"42\" { bid: 3, sizes: [1, 2], is_open: true }",
        "\"AAPL\" { bid: 1, sizes: [1, 2], is_open: true }",
        "\"MSFT\" { bid: 2, sizes: [1, 2], is_open: true }",
    ];
    assert_eq!(lines[1..4], end, "{text}");
    let few = shows(&["show", "--elements", "1", place.path()]);
    assert!(few.contains("\"42\"  { bid: 3, sizes: [1, ... 1 more], is_open: true }\n  ... 2 more\n"), "{few}");
}

#[test]
fn show_as_json_has_everything() {
    let (place, _writer) = prices();
    let json = shows_json(&["show", "--json", "--elements", "1", place.path()]);
    let quote = |bid: i32| json!({ "bid": bid, "sizes": [1, 2], "is_open": true });
    assert_eq!(
        json["entries"],
        json!([
            { "key": "42", "value": quote(3), "generation": 4 },
            { "key": "AAPL", "value": quote(1), "generation": 3 },
            { "key": "MSFT", "value": quote(2), "generation": 2 },
        ])
    );
    assert_eq!((&json["format"], &json["slots"], &json["generation"]), (&json!(2), &json!(128), &json!(4)));
    assert_eq!((&json["seed"], &json["writer"]["state"]), (&json!("0x0000000000000007"), &json!("alive")));
    assert_eq!(json["schema"]["fields"][1]["layout"]["type"], "SeqStr<12>");
}

#[test]
fn one_entry_by_its_key() {
    let (place, mut writer) = prices();
    let path = place.path();
    assert_eq!(shows(&["show", path, "--key", "AAPL", "bid"]), "1\n");
    // Also a text that looks like a number, with and without quotes.
    assert_eq!(shows(&["show", path, "--key", "42", "bid"]), "3\n");
    assert_eq!(shows(&["show", path, "--key", "\"42\"", "sizes[1]"]), "2\n");
    assert_eq!(squeezed(&shows(&["show", path, "--key", "AAPL"]))[0], "bid i32 1");
    assert_eq!(
        shows_json(&["show", "--json", path, "--key", "MSFT"]),
        json!({ "bid": 2, "sizes": [1, 2], "is_open": true })
    );
    writer.remove(&name("AAPL")).unwrap();
    assert!(
        refuses(&["show", path, "--key", "AAPL"]).contains("`--key AAPL` has no entry in a map from SeqStr<12> to")
    );
    assert!(refuses(&["show", path, "--key", "thirteen bytes"]).contains("it has space for 12 bytes"));
    assert!(refuses(&["show", path, "--key", "MSFT", "ask"]).contains("`Quote` has no field `ask`"));
    assert!(refuses(&["show", path, "bid"]).contains("name an entry by `--key KEY`"));
    let (value, _writer) = Place::with(2, 5u64);
    assert!(refuses(&["show", value.path(), "--key", "5"]).contains("one value, not a map"));
}

/// Many keys, of several kinds: each is found by what `--json` prints of it.
#[test]
fn keys_are_written_as_json_prints_them() {
    fn check<K: seqcopy_shm::MapKey + Copy>(keys: &[K]) {
        let place = Place::new();
        let mut writer = MapWriter::<K, u32>::create(&place.0, keys.len()).unwrap();
        for (number, key) in (0..).zip(keys) {
            writer.insert(*key, number).unwrap();
        }
        let json = shows_json(&["show", "--json", place.path()]);
        let entries = json["entries"].as_array().unwrap();
        assert_eq!(entries.len(), keys.len());
        for entry in entries {
            let key = entry["key"].to_string();
            assert_eq!(shows(&["show", place.path(), "--key", &key]), format!("{}\n", entry["value"]), "{key}");
        }
    }
    check(&[0u64, 7, u64::MAX]);
    check(&[-1i32, i32::MIN, 5]);
    check(&[u128::MAX, 3]);
    check(&[true, false]);
    check(&['a', '"', 'ß']);
    check(&[[1u16, 2], [2, 1]]);
    check(&[*b"ab\0", *b"abc"]);
    check(&[name("x y"), name(""), name("ß\"")]);
    check(&[std::cmp::Ordering::Less, std::cmp::Ordering::Greater]);
}

#[test]
fn layout_draws_a_slot() {
    let (place, _writer) = prices();
    let text = shows(&["layout", place.path()]);
    assert!(text.contains("stamp: u64") && text.contains("key: SeqStr<12>") && text.contains("value: Quote"), "{text}");
    assert_eq!(shows_json(&["layout", "--json", place.path()])["layout"]["type"], "Slot");
}

#[test]
fn a_map_without_entries_and_one_that_was_closed() {
    let place = Place::new();
    let writer = MapWriter::<u8, u8>::create(&place.0, 7).unwrap();
    assert!(shows(&["show", place.path()]).starts_with("generation 1, 0 entries\n\nregion "));
    assert_eq!(shows_json(&["show", "--json", place.path()])["entries"], json!([]));
    let kept = Place::new();
    fs::hard_link(&place.0, &kept.0).unwrap();
    writer.close().unwrap();
    assert!(refuses(&["show", kept.path()]).contains("closed"));
    assert!(refuses(&["show", kept.path(), "--key", "1"]).contains("closed"));
}

/// Whatever lies in the tables is shown, with marks where bits are invalid.
#[test]
fn damaged_entries() {
    let (place, writer) = prices();
    let header = *writer.region().header();
    let file = fs::File::options().write(true).open(&place.0).unwrap();
    let len = usize::try_from(header.buffer_stride() * 2).unwrap();
    for byte in [0xff, 0x55, 0x01] {
        file.write_all_at(&vec![byte; len], header.buffer_offset()).unwrap();
        let text = shows(&["show", place.path()]);
        assert!(text.contains("generation 4, 128 entries"), "{text}");
        assert!(text.contains("INVALID"), "{text}");
        assert_eq!(shows_json(&["show", "--json", place.path()])["entries"].as_array().unwrap().len(), 128);
        assert!(refuses(&["show", place.path(), "--key", "AAPL"]).contains("has no entry"));
        shows(&["layout", place.path()]);
        shows(&["header", place.path()]);
    }
    for len in [200, header.buffer_offset() + 10] {
        file.set_len(len).unwrap();
        refuses(&["show", place.path()]);
        refuses(&["show", place.path(), "--key", "AAPL"]);
        refuses(&["header", place.path()]);
    }
}

#[test]
fn diff_names_entries_and_fields() {
    let ((a, _a), (b, mut writer)) = (prices(), prices());
    assert!(shows(&["diff", a.path(), b.path()]).ends_with("no entry differs\n"));
    writer.remove(&name("42")).unwrap();
    writer.insert(name("GOOG"), QUOTE).unwrap();
    writer.update(&name("MSFT"), |quote| quote.sizes[1] = 9).unwrap();
    let output = seqcopy(&["diff", a.path(), b.path()]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("  \"42\"  only in A: { bid: 3, sizes: [1, 2], is_open: true }\n"), "{text}");
    assert!(text.contains("  \"GOOG\"  only in B: { bid: -5,"), "{text}");
    assert!(text.contains("  \"MSFT\"  sizes[1]  A: 2  B: 9\n3 entries differ\n"), "{text}");
    let output = seqcopy(&["diff", "--json", a.path(), b.path()]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["count"], &json["generation_a"], &json["generation_b"]), (&json!(3), &json!(4), &json!(7)));
    assert_eq!((&json["only_a"][0]["key"], &json["only_b"][0]["key"]), (&json!("42"), &json!("GOOG")));
    let differences = json!([{ "path": "sizes[1]", "a": 2, "b": 9 }]);
    assert_eq!(json["changed"], json!([{ "key": "MSFT", "differences": differences, "count": 1 }]));

    let (value, _value) = Place::with(2, 5u64);
    let text = String::from_utf8(seqcopy(&["diff", a.path(), value.path()]).stdout).unwrap();
    assert!(text.contains("a reader of B does not read A: one has a map, and the other one value\n"), "{text}");
    assert!(refuses(&["diff", "--key", "7", value.path(), value.path()]).contains("leave `--key` out"));
}

#[test]
fn diff_compares_the_values_of_a_key() {
    let ((a, _a), (b, mut writer)) = (prices(), prices());
    writer.remove(&name("42")).unwrap();
    writer.update(&name("MSFT"), |quote| quote.sizes[1] = 9).unwrap();
    let diff = |key: &str| {
        let output = seqcopy(&["diff", "--key", key, a.path(), b.path()]);
        assert!(output.stderr.is_empty());
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = diff("MSFT");
    assert!(code == Some(1) && text.ends_with("  sizes[1]  A: 2  B: 9\n1 field differs\n"), "{text}");
    let stamps = "A  {a}, changed in generation 2\nB  {b}, changed in generation 6\n";
    assert!(text.starts_with(&stamps.replace("{a}", a.path()).replace("{b}", b.path())), "{text}");
    assert_eq!(diff("42"), (Some(1), "B has no entry of this key\n".to_owned()));
    assert_eq!(diff("none"), (Some(0), "neither map has an entry of this key\n".to_owned()));
    let (code, text) = diff("AAPL");
    assert!(code == Some(0) && text.ends_with("no field differs\n"), "{text}");
    let output = seqcopy(&["diff", "--key", "MSFT", "--json", a.path(), b.path()]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["version_b"], &json["count"]), (&json!(6), &json!(1)));
    assert!(refuses(&["diff", "--key", "a name that is too long", a.path(), b.path()]).contains("`--key a name"));
}

/// Reads again once the first frame is there.
fn frames(arguments: &[&str], between: impl FnOnce()) -> Vec<serde_json::Value> {
    use std::io::{BufRead, BufReader};
    let mut child = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["watch", "--json", "--interval", "5", "--count", "100000"])
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<serde_json::Value>(&lines.next().unwrap().unwrap()).unwrap();
    let first = next();
    between();
    let second = std::iter::repeat_with(&mut next)
        .find(|frame| frame["published"] != first["published"] && frame["trouble"].is_null());
    child.kill().unwrap();
    child.wait().unwrap();
    vec![first, second.unwrap()]
}

#[test]
fn watch_marks_what_changes() {
    let (place, mut writer) = prices();
    let frames = frames(&[place.path()], || {
        writer
            .commit(|batch| {
                batch.remove(&name("42")).unwrap();
                batch.insert(name("GOOG"), QUOTE).unwrap();
                batch.update(&name("MSFT"), |quote| quote.bid = 8).unwrap();
                // Written, but not changed.
                batch.update(&name("AAPL"), |quote| quote.bid = 1).unwrap();
            })
            .unwrap();
    });
    assert_eq!(
        (&frames[0]["generation"], &frames[0]["changed"], &frames[0]["gone"]),
        (&json!(4), &json!([]), &json!([]))
    );
    assert_eq!(frames[1]["generation"], 5);
    assert_eq!((&frames[1]["changed"], &frames[1]["gone"]), (&json!(["GOOG", "MSFT"]), &json!(["42"])));
    assert_eq!(frames[1]["entries"].as_array().unwrap().len(), 3);
    let text = shows(&["watch", "--count", "2", "--interval", "1", "--elements", "2", place.path()]);
    assert!(text.contains("a map from SeqStr<12> to Quote, a latch of 2, writer alive"), "{text}");
    assert!(text.contains("generation 5, 3 entries"), "{text}");
    assert!(text.contains("... 1 more"), "{text}");
}

#[test]
fn watch_draws_what_changes_and_what_is_gone() {
    use std::io::{BufRead, BufReader};
    let (place, mut writer) = prices();
    let mut child = Command::new(env!("CARGO_BIN_EXE_seqcopy"))
        .args(["watch", "--interval", "5", "--count", "100000", place.path()])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("  \"MSFT\"  { bid: 2, ")));
    writer
        .commit(|batch| {
            batch.update(&name("MSFT"), |quote| quote.bid = 8).unwrap();
            batch.remove(&name("42")).unwrap();
        })
        .unwrap();
    let frame: Vec<_> = lines.by_ref().skip_while(|line| !line.starts_with("* ")).take(2).collect();
    assert!(frame[0].starts_with("* \"MSFT\"  { bid: 8, ") && frame[1] == "- \"42\"", "{frame:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn watch_of_one_entry() {
    let (place, mut writer) = prices();
    let frames = frames(&[place.path(), "--key", "MSFT", "bid"], || {
        writer.update(&name("MSFT"), |quote| quote.bid = 8).unwrap();
    });
    assert_eq!((&frames[0]["value"], &frames[0]["version"]), (&json!(2), &json!(2)));
    assert_eq!((&frames[1]["value"], &frames[1]["version"]), (&json!(8), &json!(5)));
    let text = shows(&["watch", "--count", "1", place.path(), "--key", "MSFT"]);
    assert!(text.contains(": Quote, a latch of 2") && text.contains("changed in generation 5\n"), "{text}");
    writer.remove(&name("MSFT")).unwrap();
    let text = shows(&["watch", "--count", "1", place.path(), "--key", "MSFT"]);
    assert!(text.contains("! `--key MSFT` has no entry"), "{text}");
    assert!(refuses(&["watch", "--count", "1", place.path(), "bid"]).contains("name an entry by `--key KEY`"));
}

#[test]
fn diff_counts_more_entries_than_it_lists() {
    let maps = [0u32, 1].map(|value| {
        let place = Place::new();
        let mut map = Options::new().create_map::<u32, u32>(&place.0, 2000).unwrap();
        map.commit(|batch| (0..1500).for_each(|key| _ = batch.insert(key, value))).unwrap();
        (place, map)
    });
    let diff = |options: &[&str]| {
        let output = seqcopy(&[&["diff", maps[0].0.path(), maps[1].0.path()], options].concat());
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = diff(&[]);
    assert!(text.ends_with("  ... 500 more\n1500 entries differ\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&diff(&["--json"])).unwrap();
    assert_eq!((json["changed"].as_array().unwrap().len(), &json["count"]), (1000, &json!(1500)));
}
