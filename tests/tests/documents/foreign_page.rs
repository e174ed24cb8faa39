//! seqcopy/docs/guide/payloads.md prints what `ci/foreign.sh` compiles and runs, and names types that it tries.

#![cfg(not(miri))] // reads the source tree

use std::fs;

use seqcopy_tests::tree::root;

fn page() -> String {
    fs::read_to_string(root().join("seqcopy/docs/guide/payloads.md")).expect("the page")
}

fn sources() -> Vec<String> {
    let files = [
        "src/main.rs",
        "src/lists.rs",
        "src/numbers.rs",
        "host/src/lib.rs",
        "host-macros/src/lib.rs",
        "user/src/main.rs",
    ];
    files.map(|file| fs::read_to_string(root().join("tests/foreign").join(file)).expect("a program")).to_vec()
}

#[test]
fn the_page_prints_what_is_compiled() {
    let (page, sources) = (page(), sources());
    let blocks: Vec<&str> =
        page.split("```rust,ignore\n").skip(1).map(|rest| rest.split("```").next().expect("an end")).collect();
    assert!(blocks.len() >= 8, "only {} programs", blocks.len());
    for block in blocks {
        assert!(sources.iter().any(|source| source.contains(block)), "not in tests/foreign:\n{block}");
    }
}

#[test]
fn the_page_names_what_is_tried() {
    let (page, sources) = (page(), sources());
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let types: Vec<&str> = rows
        .flat_map(|row| row.split(" | ").next().expect("a column").split('`').skip(1).step_by(2))
        .filter(|name| name.contains("::"))
        .collect();
    assert!(types.len() >= 25, "only {} types", types.len());
    for name in types {
        let (module, last) = name.rsplit_once("::").expect("a path");
        let first = module.split("::").next().expect("a crate");
        // By its path, or imported from its crate.
        let is_tried = |source: &String| {
            source.contains(name) || source.contains(&format!("use {first}::")) && source.contains(last)
        };
        assert!(sources.iter().any(is_tried), "{name} is not in tests/foreign");
    }
}

/// Without that feature, the program of a user does not compile.
#[test]
fn the_page_names_the_features_that_are_enabled() {
    let manifest = fs::read_to_string(root().join("tests/foreign/Cargo.toml")).expect("the manifest");
    let page = page();
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains("`with = "));
    // A type of the descriptor's own crate needs none.
    let rows: Vec<&str> = rows.filter(|row| !row.contains("`zerocopy::")).collect();
    assert!(rows.len() >= 10, "only {} rows", rows.len());
    for row in rows {
        let named = row.split_once("feature `").and_then(|(_, rest)| rest.split_once("` of `"));
        let (feature, rest) = named.unwrap_or_else(|| panic!("no feature in {row}"));
        let name = rest.split('`').next().expect("a crate");
        let dependency = manifest.lines().find(|line| line.starts_with(&format!("{name} = ")));
        let dependency = dependency.unwrap_or_else(|| panic!("{name} is not in tests/foreign/Cargo.toml"));
        assert!(dependency.contains(&format!("\"{feature}\"")), "{row}: {dependency}");
    }
}
