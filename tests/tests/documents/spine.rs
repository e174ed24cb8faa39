//! The spine of DEVELOPMENT.md is what it says, and no longer than what is read in a day; and files are as large as one reading.

#![cfg(not(miri))] // reads the source tree
#![allow(clippy::case_sensitive_file_extension_comparisons)] // our own files

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use seqcopy_tests::tree::{files, root};

/// The most lines of code that the spine has.
const MOST: usize = 13_000;

/// Lines of code: without comments, empty lines, and the tests at the end of the file.
fn lines_of_code(file: &str) -> usize {
    let text = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let code = text.lines().take_while(|line| *line != "mod tests {").map(str::trim);
    code.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// The rows of the table: the files, and how many lines they are said to have.
fn rows() -> Vec<(Vec<String>, usize)> {
    let page = fs::read_to_string(root().join("DEVELOPMENT.md")).expect("the map");
    let section = page.split("## The spine").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the spine");
    let rows = section.lines().filter(|line| line.contains("/src/"));
    rows.map(|row| {
        let columns: Vec<_> = row.split(" | ").collect();
        let mut files = Vec::new();
        for group in columns[1].split("; ") {
            let (folder, names) = group.split_once(": ").expect("a folder and its files");
            let folder = folder.trim_matches('`');
            files.extend(names.split(", ").map(|name| format!("{folder}{}.rs", name.trim_matches('`'))));
        }
        (files, columns[2].trim_end_matches(" |").parse().expect("a number of lines"))
    })
    .collect()
}

#[test]
fn the_spine_is_read_in_a_day() {
    let rows = rows();
    let mut all: Vec<_> = rows.iter().flat_map(|(files, _)| files).collect();
    let count = all.len();
    assert!(count > 70, "only {count} files were found");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "a file stands there twice");
    let mut sum = 0;
    for (files, said) in &rows {
        let found: usize = files.iter().map(|file| lines_of_code(file)).sum();
        sum += found;
        assert!(found.abs_diff(*said) <= said / 20, "DEVELOPMENT.md says {said} lines, it is {found}: {files:?}");
    }
    assert!(sum <= MOST, "{sum} lines of code, at most {MOST}: which of them does not every value pass through?");
}

/// The names that begin with two underscores, as items or methods of the crates that other crates link.
#[test]
fn hidden_doors_are_listed() {
    let mut there = BTreeSet::new();
    for file in files() {
        let is_library = file.starts_with("seqcopy/src/") || file.starts_with("seqcopy-shm/src/");
        if !is_library || !file.ends_with(".rs") || file.contains("/tests") {
            continue;
        }
        let text = fs::read_to_string(root().join(&file)).expect("a source");
        for line in text.lines().map(str::trim_start).filter(|line| line.starts_with("pub ")) {
            let names = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| name.starts_with("__"));
            there.extend(names.map(str::to_owned));
        }
    }
    let page = fs::read_to_string(root().join("DEVELOPMENT.md")).expect("the map");
    let section = page.split("## Hidden doors").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the doors");
    let mut listed = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let door = row.split(" | ").next().expect("a door");
        let names = door.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| name.starts_with("__"));
        listed.extend(names.map(str::to_owned));
    }
    assert!(there.len() >= 8, "{there:?}");
    assert_eq!(listed, there, "the hidden doors of DEVELOPMENT.md, and those that there are");
}

/// Files of more than 400 lines, and why they are not two.
const LARGE: &[(&str, &str)] = &[
    ("seqcopy-bindgen/src/types.rs", "one printer of declarations, each kind a method"),
    ("seqcopy-derive/src/attr.rs", "every option that an attribute may have"),
    ("seqcopy-python/src/maps.rs", "the calls of maps, each with its text"),
    ("seqcopy-python/src/reader.rs", "the calls of readers, each with its text"),
    ("seqcopy-shm/src/flat_map/commit.rs", "the writer's side of the protocol, with its argument"),
    ("seqcopy-shm/src/flat_map/reader.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/flat_map/untyped/mod.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/handle/options/mod.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/schema/mod.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/sys/unix/name.rs", "one name, and each call by it"),
    ("seqcopy-shm/src/untyped/writer.rs", "the examples of its public methods"),
    ("seqcopy/src/atomic_per_byte/mod.rs", "the examples of its public methods"),
    ("seqcopy/src/copy/vector/x86_64/mod.rs", "each instruction with its argument"),
    ("seqcopy/src/seq_count/code.rs", "the examples of its public types"),
    ("seqcopy/src/seq_count/mod.rs", "the examples of its public methods"),
    ("seqcopy/src/validity/validate.rs", "the trait, and what generated code calls"),
];

#[test]
fn files_are_as_large_as_one_reading() {
    let mut wrong = Vec::new();
    let mut large = Vec::new();
    for file in files() {
        let is_product = file.starts_with("seqcopy") && file.contains("/src/") && file.ends_with(".rs");
        if !is_product || ["/tests", "/models/", "/fixture", "/samples", "/compiled"].iter().any(|it| file.contains(it))
        {
            continue;
        }
        let text = fs::read_to_string(root().join(&file)).expect("a source");
        let lines = text.lines().count();
        if lines > 400 {
            large.push((file.clone(), lines));
        }
        let name = file.rsplit('/').next().unwrap_or_default();
        // The beginning: up to its first paragraph.
        let opening: Vec<_> = text.lines().take_while(|line| line.starts_with("//! ")).collect();
        let opening = opening.join(" ");
        let has_reason = ["of its own", "of their own", "small", "the only"].iter().any(|it| opening.contains(it));
        if lines < 60 && !["mod.rs", "lib.rs", "main.rs"].contains(&name) && !has_reason {
            wrong.push(format!(
                "{file}: {lines} lines, and its first sentence does not say why it is a file of its own"
            ));
        }
    }
    let named: Vec<_> = LARGE.iter().map(|(file, _)| *file).collect();
    for (file, lines) in &large {
        if !named.contains(&file.as_str()) {
            wrong.push(format!("{file}: {lines} lines"));
        }
    }
    for file in named.iter().filter(|file| !large.iter().any(|(it, _)| it == *file)) {
        wrong.push(format!("{file}: no longer above 400 lines: take it off the list"));
    }
    assert!(wrong.is_empty(), "files have 60 to 400 lines, or a reason: {wrong:#?}");
}

/// What was built is no source: a program or a library that is committed by mistake stays in the history.
#[test]
fn what_is_committed_is_text_or_a_picture() {
    let is_program = |bytes: &[u8]| bytes.starts_with(b"\x7fELF") || bytes.len() > 1 << 20;
    // What git has, not what lies there. In a copy of the tree it has nothing.
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().expect("git").stdout;
    let listed = String::from_utf8(listed).expect("paths");
    let programs: Vec<_> = listed
        .split_terminator('\0')
        .filter(|file| fs::read(root().join(file)).is_ok_and(|bytes| is_program(&bytes)))
        .collect();
    assert!(programs.is_empty(), "these were built, or have more than a MiB: {programs:?}");
}
