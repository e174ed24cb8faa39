//! The spine of DEVELOPMENT.md is what it says, and files are as large as one reading.

#![cfg(not(miri))] // reads the source tree
#![allow(clippy::case_sensitive_file_extension_comparisons)] // our own files

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use seqcopy_tests::tree::{files, root};

#[test]
fn the_files_of_the_spine_are_there() {
    let page = fs::read_to_string(root().join("DEVELOPMENT.md")).expect("the map");
    let section = page.split("## The spine").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the spine");
    let mut listed = BTreeSet::new();
    for row in section.lines().filter(|line| line.contains("/src/")) {
        let (_, groups) = row.trim_end_matches(" |").rsplit_once(" | ").expect("two columns");
        for group in groups.split("; ") {
            let (folder, names) = group.split_once(": ").expect("a folder and its files");
            for name in names.split(", ") {
                let file = format!("{}{}.rs", folder.trim_matches('`'), name.trim_matches('`'));
                assert!(root().join(&file).exists(), "there is no {file}");
                assert!(listed.insert(file), "{name} stands there twice");
            }
        }
    }
    assert!(listed.len() > 70, "only {} files were found", listed.len());
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
    ("seqcopy-c/src/map_writer.rs", "the calls of maps, each with its text"),
    ("seqcopy-derive/src/attr.rs", "every option that an attribute may have"),
    ("seqcopy-python/src/maps.rs", "the calls of maps, each with its text"),
    ("seqcopy-python/src/reader.rs", "the calls of readers, each with its text"),
    ("seqcopy-python/src/value.rs", "a value to an object and back, kind by kind"),
    ("seqcopy-shm/src/error/calls.rs", "five errors, each with its text"),
    ("seqcopy-shm/src/flat_map/commit.rs", "the writer's side of the protocol, with its argument"),
    ("seqcopy-shm/src/flat_map/reader.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/flat_map/untyped/mod.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/schema/mod.rs", "the examples of its public methods"),
    ("seqcopy-shm/src/untyped/writer.rs", "the examples of its public methods"),
    ("seqcopy/src/atomic_per_byte/mod.rs", "the examples of its public methods"),
    ("seqcopy/src/copy/vector/x86_64/mod.rs", "each instruction with its argument"),
    ("seqcopy/src/lock/methods/slice.rs", "the examples of its public methods"),
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
    assert!(wrong.is_empty(), "files have at most 400 lines, or a reason: {wrong:#?}");
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
