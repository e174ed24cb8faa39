//! The pages of premises are what the code rests on: comments cite premises that exist. What hidden functions trust is
//! listed next to them.

#![cfg(not(miri))] // reads the source tree

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use seqcopy_tests::tree::{files, root};

/// The page of the locks, whose premises all crates may cite.
const LOCKS: &str = "seqcopy/docs/reference/soundness.md";

/// That of regions, which has some of its own, for what is about regions.
const REGIONS: &str = "seqcopy-shm/docs/reference/soundness.md";

/// The premises, invariants and rules that a file may cite, each with its word: those of the locks, and of regions if
/// the file is about them.
fn premises_for(file: &str) -> BTreeMap<String, String> {
    let mut words = stated_on(LOCKS);
    if ["seqcopy-shm/", "seqcopy-bindgen/", "seqcopy-c/", "seqcopy-cli/"].iter().any(|dir| file.starts_with(dir)) {
        words.extend(stated_on(REGIONS));
    }
    words
}

/// Those of a page. Where one is stated, `P7 from_ptr:` heads a section, or `**I4 private.**` begins a paragraph.
fn stated_on(page: &str) -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join(page)).expect("the premises");
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    for line in page.lines() {
        let Some(line) = ["### ", "* **", "**"].iter().find_map(|mark| line.strip_prefix(mark)) else { continue };
        let Some((number, rest)) = line.split_once(' ') else { continue };
        if !citations(number).eq([number]) {
            continue;
        }
        let word = rest.split([':', '.', ' ']).next().expect("a word");
        assert!(rest[word.len()..].starts_with([':', '.']), "{number} has no word of its own: {line}");
        assert!(words.values().all(|known| known != word), "{number} has another one's word, {word}");
        assert!(words.insert(number.to_owned(), word.to_owned()).is_none(), "{number} is stated twice");
    }
    words
}

/// A number means one thing in all crates: each is stated on one page, and the page of the locks names those that it
/// reserves.
#[test]
fn each_number_is_stated_once() {
    let (locks, regions) = (stated_on(LOCKS), stated_on(REGIONS));
    let all = (1..=27)
        .map(|n| format!("P{n}"))
        .chain((1..=10).map(|n| format!("I{n}")))
        .chain((1..=2).map(|n| format!("R{n}")));
    let all: BTreeSet<String> = all.collect();
    assert_eq!(locks.keys().chain(regions.keys()).cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(locks.len() + regions.len(), all.len(), "a number is stated on both pages");
    assert!(!regions.is_empty());
    let page = fs::read_to_string(root().join(LOCKS)).expect("the premises");
    let text = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for (number, word) in &regions {
        assert!(text.contains(&format!("{number} {word}")), "{LOCKS} does not reserve {number} {word}");
        assert!(locks.values().all(|known| known != word), "{number} has another one's word, {word}");
    }
}

/// P4, I2, R1 and the like.
fn citations(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        let (letter, number) = word.split_at(word.len().min(1));
        ["P", "I", "R"].contains(&letter) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The SAFETY comments of a file, each as one text, with its line.
fn safety_comments(source: &str) -> Vec<(usize, String)> {
    let mut comments: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in source.lines().enumerate() {
        let line = line.trim_start();
        if let Some(text) = line.strip_prefix("// SAFETY:") {
            comments.push((index + 1, text.to_owned()));
            open = true;
        } else if open && line.starts_with("// ") {
            comments.last_mut().expect("an open comment").1.push_str(&line[2..]);
        } else {
            open = false;
        }
    }
    comments
}

#[test]
fn safety_comments_name_premises_that_exist() {
    let mut blocks = 0;
    let mut nameless = Vec::new();
    let proved = ["seqcopy/src/", "seqcopy-shm/src/", "seqcopy-map/src/", "seqcopy-c/src/"];
    for file in files().iter().filter(|file| proved.iter().any(|dir| file.starts_with(dir))) {
        if file.ends_with("tests.rs") || file.contains("/tests/") {
            continue;
        }
        let source = fs::read_to_string(root().join(file)).expect("a source file");
        let premises = premises_for(file);
        for (line, comment) in safety_comments(&source) {
            blocks += 1;
            let mut cited = citations(&comment).peekable();
            // What is passed on to a callee, or was argued one line up, is cited there.
            let passed_on =
                ["contract", "as above", "As above", "as for", "As for"].iter().any(|word| comment.contains(word));
            if cited.peek().is_none() && !passed_on {
                nameless.push(format!("{file}:{line}:{comment}"));
            }
            for name in cited {
                assert!(
                    premises.contains_key(name),
                    "{file}:{line} cites {name}, which its soundness page does not have"
                );
            }
        }
    }
    assert!(blocks > 100, "only {blocks} SAFETY comments were found");
    assert!(nameless.is_empty(), "SAFETY comments that name no premise: {nameless:#?}");
}

/// A comment that begins so says where to look, and not why: a wrapper is missing, or the macro.
#[test]
fn few_safety_comments_point_elsewhere() {
    const MOST: usize = 52;
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.starts_with("seqcopy") && file.contains("/src/")) {
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        for (line, comment) in safety_comments(&source) {
            let begins = |with: &&str| comment.trim_start().to_lowercase().starts_with(with);
            if ["as above", "as in ", "the same contract", "this function's contract"].iter().any(begins) {
                found.push(format!("{file}:{line}:{comment}"));
            }
        }
    }
    assert!(found.len() <= MOST, "{} point elsewhere, at most {MOST}: {found:#?}", found.len());
}

/// The macro passes on a contract, so it stands in functions that have one.
#[test]
fn contracts_are_passed_on_by_unsafe_functions_only() {
    let mut calls = 0;
    for file in files().iter().filter(|file| file.starts_with("seqcopy") && file.contains("/src/")) {
        // Pictures are no text.
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        let lines: Vec<_> = source.lines().collect();
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("same_contract!(")) {
            calls += 1;
            assert!(
                is_in_an_unsafe_function(&lines[..index], line),
                "{file}:{}: the function is not unsafe",
                index + 1
            );
        }
    }
    assert!(calls > 50, "only {calls} were found");
}

/// Whether that is the function around a line, by the lines before it: the first of fewer spaces that begins one.
fn is_in_an_unsafe_function(before: &[&str], line: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let begin = before.iter().rfind(|other| {
        let (head, rest) = other.split_once("fn ").unwrap_or(("", ""));
        indent(other) < indent(line)
            && !rest.is_empty()
            && (head.trim().is_empty() || head.ends_with(' '))
            && !head.contains("//")
    });
    begin.and_then(|begin| begin.split_once("fn ")).is_some_and(|(head, _)| head.contains("unsafe "))
}

#[test]
fn the_function_around_a_call_is_found() {
    let of = |first: &str| {
        is_in_an_unsafe_function(
            &[first, "    let a = |f: fn(u8)| ();", "    if true {"],
            "        same_contract!(x());",
        )
    };
    assert!(of("pub(crate) const unsafe fn copy("));
    assert!(!of("pub(crate) const fn copy("));
    assert!(!of("// unsafe fn copy("));
}

/// The comments of a file: lines that follow one another, as one text, with the line where it begins.
fn comments(source: &str) -> Vec<(usize, String)> {
    let mut comments: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in source.lines().enumerate() {
        let text = line.trim_start().strip_prefix("//");
        if let Some(text) = text.map(|text| text.trim_start_matches(['/', '!'])) {
            if !open {
                comments.push((index + 1, String::new()));
            }
            comments.last_mut().expect("an open comment").1.extend([text, " "]);
        } else if let Some((_, text)) = line.split_once("; // ") {
            comments.push((index + 1, text.to_owned()));
        }
        open = text.is_some();
    }
    comments
}

/// A number alone sends its reader to another page. So the first mention in a comment has the word, too: `(I4
/// private)`.
#[test]
fn comments_cite_number_and_word() {
    let shipped = [
        "seqcopy/src/",
        "seqcopy-derive/src/",
        "seqcopy-shm/src/",
        "seqcopy-map/src/",
        "seqcopy-bindgen/src/",
        "seqcopy-cli/src/",
    ];
    let mut cited = 0;
    let mut bare = Vec::new();
    for file in files().iter().filter(|file| shipped.iter().any(|dir| file.starts_with(dir))) {
        if Path::new(file).extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let source = fs::read_to_string(root().join(file)).expect("a source file");
        let premises = premises_for(file);
        for (line, comment) in comments(&source) {
            let mut seen = BTreeSet::new();
            for name in citations(&comment) {
                let at = name.as_ptr() as usize - comment.as_ptr() as usize;
                let after = &comment[at + name.len()..];
                // "P1..": all of them. A longer number is that of something else.
                if after.starts_with("..") || name.len() > 3 || !seen.insert(name) {
                    continue;
                }
                cited += 1;
                let word = premises.get(name).map_or("", String::as_str);
                let found = after.trim_start().strip_prefix(word);
                if word.is_empty() || found.is_none_or(|rest| rest.starts_with(char::is_alphanumeric)) {
                    bare.push(format!("{file}:{line}: {name} {word}"));
                }
            }
        }
    }
    assert!(cited > 200, "only {cited} citations were found");
    assert!(bare.is_empty(), "citations without their word, as it should be: {bare:#?}");
}

#[test]
fn the_hidden_module_carries_the_version() {
    let module = format!("__private_{}", env!("CARGO_PKG_VERSION").replace('.', "_"));
    for file in ["lib.rs", "validity/part.rs"] {
        let source = fs::read_to_string(root().join("seqcopy/src").join(file)).expect("a source file");
        assert!(source.contains(&module), "{file} does not name {module}");
        assert!(
            source.matches("__private_").count() == source.matches(&module).count(),
            "{file} names another version"
        );
    }
}

/// The words of a text that are Rust names.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The names that a source file gives out by `pub use`.
fn given_out(source: &str) -> BTreeSet<&str> {
    let lists = source.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
    lists
        .flat_map(|list| match list.split_once('{') {
            Some((_, names)) => words(names).collect(),
            None => words(list).last().into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

#[test]
fn every_generic_type_has_its_lifetimes_and_threads() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect("a file");
    let pages = [LOCKS, REGIONS, "seqcopy-map/docs/reference/soundness.md"].map(read);
    let sections = pages.iter().map(|page| {
        let section = page.split("# Lifetimes and threads\n").nth(1).expect("a section");
        section.split("\n## ").next().expect("its text")
    });
    let rows: Vec<&str> = sections.flat_map(str::lines).filter(|line| line.starts_with("| `")).collect();
    let refused = read("ui-tests/tests/variance/refused.rs");
    let mut listed = BTreeSet::new();
    for row in &rows {
        let columns: Vec<&str> = row.split(" | ").collect();
        // The name in `Name<..>`.
        let names = columns[0].split('`').skip(1).step_by(2).filter_map(|name| words(name).next());
        let names: Vec<&str> = names.collect();
        let is_tried = names.iter().any(|name| refused.contains(&format!("{name}<")));
        assert!(
            is_tried || !columns[1].contains("fixed") || row.contains("(inside)"),
            "no line tries what is fixed: {row}"
        );
        listed.extend(names);
    }
    let mut known = 0;
    for api in ["seqcopy", "seqcopy-shm", "seqcopy-map"] {
        for line in read(&format!("api/{api}.txt")).lines() {
            let Some((_, item)) = line.split_once("pub struct ").or_else(|| line.split_once("pub enum ")) else {
                continue;
            };
            let Some((path, _)) = item.split_once('<') else { continue };
            let name = path.rsplit(':').next().expect("a name");
            assert!(listed.contains(name), "{path} is not in the table of lifetimes and threads");
            known += 1;
        }
    }
    assert!(known >= 30, "only {known} generic types were found");
}

/// The functions that a source file defines for others, and whether each is unsafe.
fn public_functions(source: &str) -> impl Iterator<Item = (&str, bool)> {
    source.lines().filter_map(|line| {
        let (before, rest) = line.split_once("fn ")?;
        before.starts_with("pub ").then(|| (words(rest).next().expect("a name"), before.contains("unsafe")))
    })
}

#[test]
fn what_hidden_functions_trust_is_written_down() {
    let read = |file: &str| fs::read_to_string(root().join("seqcopy/src").join(file)).expect("a source file");
    let module = read("private.rs");
    let mut listed = BTreeMap::new();
    for row in module.lines().filter_map(|line| line.strip_prefix("//! ")).filter(|line| line.starts_with("| `")) {
        let (names, trusts) = row[2..].split_once(" | ").expect("two columns");
        for name in names.split(", ").map(|name| name.trim_matches('`')) {
            let is_unsafe = trusts.starts_with("`unsafe`");
            assert!(listed.insert(name.to_owned(), is_unsafe).is_none(), "`{name}` is listed twice");
        }
    }

    let mut names = given_out(&module);
    names.extend(public_functions(&module).map(|(name, _)| name));
    let written: BTreeSet<&str> = listed.keys().map(String::as_str).collect();
    assert_eq!(names, written, "the hidden module, and its list");

    let mut known = 0;
    for file in [
        "private.rs",
        "validity/validate.rs",
        "layout/build.rs",
        "layout/probe.rs",
        "validity/part.rs",
        "page.rs",
        "remote/mod.rs",
    ] {
        let source = read(file);
        for (name, is_unsafe) in public_functions(&source).filter(|(name, _)| names.contains(name)) {
            assert_eq!(is_unsafe, listed[name], "`{name}` of {file} is `unsafe` in one place only");
            known += 1;
        }
    }
    let is_module = |name: &str| matches!(name, "core" | "primitives");
    let functions = names.iter().filter(|name| name.starts_with(char::is_lowercase) && !is_module(name)).count();
    assert_eq!(known, functions, "a function is defined elsewhere");
}
