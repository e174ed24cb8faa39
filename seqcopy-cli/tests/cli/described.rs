//! Types that are described in JSON, for those who have none in Rust.

use super::*;

/// Fails, and says why.
#[track_caller]
fn fails(words: &[&str]) -> String {
    let output = seqcopy(words);
    assert!(!output.status.success() && output.stdout.is_empty(), "{words:?}");
    String::from_utf8(output.stderr).expect("text")
}

/// Without a region, and without Rust.
#[test]
fn a_described_type_is_one_in_c_and_in_rust() {
    let (described, region) = (Place::new(), Place::new());
    let json = r#"{ "name": "Quote", "types": { "Side": ["Buy", "Sell"] }, "value": { "at": "u64", "side": "Side", "levels": "[f32; 3]" } }"#;
    std::fs::write(&described.0, json).unwrap();
    let c = shows(&["header", "--type", described.path()]);
    assert!(c.contains("seqcopy_Quote_writer_open_or_create(const char *path"), "{c}");
    let rust = shows(&["header", "--lang", "rust", "--type", described.path()]);
    assert!(
        rust.contains("pub struct Quote {\n    pub at: u64,\n    pub side: Side,\n    pub levels: [f32; 3],\n}"),
        "{rust}"
    );
    let again = shows(&["header", "--lang", "json", "--type", described.path()]);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&again).unwrap(),
        serde_json::from_str::<serde_json::Value>(json).unwrap()
    );
    // The same of a region.
    let _writer = Writer::<Pose>::create(&region.0).unwrap();
    let pose = fails(&["header", "--lang", "rust", region.path()]);
    assert!(pose.contains("`Reach` is not laid out as `repr(C)`, or is an enum with fields"), "{pose}");
    for (words, why) in [
        (
            vec!["header", "--lang", "python", region.path()],
            "Python needs no header: `pip install seqcopy`, and `seqcopy.Reader(PATH).read()`",
        ),
        (vec!["header", "--lang", "rust", "--name", "a", region.path()], "types in Rust have their own names"),
        (
            vec!["header", "--lang", "json", region.path()],
            "`Reach` is an enum with fields, which no description has: `seqcopy show --json`",
        ),
        (vec!["header", "--type", region.path()], "stream did not contain valid UTF-8"),
        (vec!["header"], "required arguments were not provided"),
        (vec!["header", "--type", described.path(), region.path()], "cannot be used with"),
    ] {
        let said = fails(&words);
        assert!(said.contains(why), "{words:?}: {said}");
    }
    std::fs::write(&described.0, r#"{ "value": "u7" }"#).unwrap();
    assert!(
        fails(&["header", "--type", described.path()])
            .contains("in \"value\": \"u7\" is not a type that is known here")
    );
}

/// As in Rust, where a struct is called as its field is; and refused before a program is written that needs it.
#[test]
fn structs_have_names_and_keys_no_padding() {
    let described = Place::new();
    let header = |json: &str| {
        std::fs::write(&described.0, json).unwrap();
        seqcopy(&["header", "--type", described.path()])
    };
    let inside = header(r#"{ "value": { "top_level": { "price": "f64" } } }"#);
    let named = header(r#"{ "types": { "TopLevel": { "price": "f64" } }, "value": { "top_level": "TopLevel" } }"#);
    assert!(inside.status.success() && inside.stdout == named.stdout);
    let padded = header(r#"{ "key": { "a": "u16", "b": "u32" }, "value": "u8" }"#);
    let said = String::from_utf8_lossy(&padded.stderr);
    assert!(!padded.status.success() && said.contains("a key of a map can't have padding"), "refused by {said:?}");
}

/// Each type has the one before twice: what it would take to write is found out before it is written.
#[test]
fn types_that_double_are_refused() {
    let described = Place::new();
    let types: Vec<String> = (1..60).map(|n| format!(r#""T{n}": {{ "a": "T{0}", "b": "T{0}" }}"#, n - 1)).collect();
    let json = format!(r#"{{ "types": {{ "T0": {{ "a": "u8" }}, {} }}, "value": "T59" }}"#, types.join(", "));
    std::fs::write(&described.0, json).unwrap();
    assert!(fails(&["header", "--type", described.path()]).contains("at most 262144 are allowed"));
}

/// What a file describes is one type, for the command and for Python.
#[test]
fn python_has_the_described_types() {
    let Some(python) = std::env::var_os("SEQCOPY_PYTHON") else { return };
    let described = Place::new();
    let types = r#""types": { "Side": ["Buy", "Sell"], "Level": { "size": "u32", "price": "f64" } }"#;
    for kind in [
        r#""value": { "side": "Side", "levels": "[Level; 3]", "best_level": { "at": "u64", "modes": ["A", "B"] }, "name": "SeqStr<5>" }"#,
        r#""slice": "SeqOption<Level>", "capacity": 7"#,
        r#""key": { "id": "u32", "of": "SeqStr<8>" }, "value": "Level""#,
    ] {
        std::fs::write(&described.0, format!("{{ \"name\": \"Order\", {types}, {kind} }}")).unwrap();
        let header = shows(&["header", "--type", described.path()]);
        let (_, schema) = header.split_once("_schema[] = {").unwrap();
        let schema: String = schema.split_once('}').unwrap().0.split_whitespace().collect();
        let program = "import seqcopy, sys; print(*bytes(seqcopy.Schema.load(sys.argv[1])), sep=',', end=',')";
        let ran = Command::new(&python).args(["-c", program]).arg(&described.0).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), schema, "{kind}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}
