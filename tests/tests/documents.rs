//! The documents say what is there: the map lists the files, SAFETY comments cite premises that exist.

#![cfg(not(miri))] // reads the source tree

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is around this crate").to_owned()
}

/// Every file of the tree, relative to its root, without what is made by tools or hidden.
fn files() -> BTreeSet<String> {
    fn walk(dir: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).expect("a readable directory") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with('.') || name == "target" || name == "wip" {
                continue;
            }
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(&root(), &root(), &mut found);
    found
}

/// The paths of the map; `*.rs` stands for all files of that kind in its directory.
fn map() -> Vec<String> {
    let text = fs::read_to_string(root().join("DEVELOPMENT.md")).expect("the map");
    let tree = text.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a tree in the map");
    let mut dirs: Vec<&str> = Vec::new();
    let mut paths = Vec::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let name = line.split_whitespace().next().expect("a name");
        dirs.truncate(depth);
        if name.ends_with('/') {
            dirs.push(name);
        } else {
            paths.push(dirs.concat() + name);
        }
    }
    paths
}

#[test]
fn the_map_lists_every_file_and_no_other() {
    let files = files();
    let map = map();
    let matches = |pattern: &str, file: &str| match pattern.rsplit_once('*') {
        Some((dir, kind)) => file.strip_prefix(dir).is_some_and(|name| name.ends_with(kind) && !name.contains('/')),
        None => pattern == file,
    };
    let missing: Vec<_> = files.iter().filter(|file| !map.iter().any(|pattern| matches(pattern, file))).collect();
    assert!(missing.is_empty(), "not in DEVELOPMENT.md: {missing:#?}");
    let gone: Vec<_> = map.iter().filter(|pattern| !files.iter().any(|file| matches(pattern, file))).collect();
    assert!(gone.is_empty(), "in DEVELOPMENT.md, but not there: {gone:#?}");
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
    let premises = fs::read_to_string(root().join("docs/soundness.md")).expect("the premises");
    // Where a premise stands, it heads a section or a bold line.
    let known: BTreeSet<&str> = premises
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', '*', ' ']).split([' ', '.', ':', ',']).next())
        .flat_map(citations)
        .collect();
    assert!(["P1", "P25", "I1", "I7", "R1", "R2"].iter().all(|name| known.contains(name)), "{known:?}");

    let mut blocks = 0;
    let mut nameless = Vec::new();
    for file in files().iter().filter(|file| file.starts_with("seqcopy/src/")) {
        if file.ends_with("tests.rs") {
            continue;
        }
        let source = fs::read_to_string(root().join(file)).expect("a source file");
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
                assert!(known.contains(name), "{file}:{line} cites {name}, which docs/soundness.md does not have");
            }
        }
    }
    assert!(blocks > 100, "only {blocks} SAFETY comments were found");
    assert!(nameless.is_empty(), "SAFETY comments that name no premise: {nameless:#?}");
}

#[test]
fn the_hidden_module_carries_the_version() {
    let module = format!("__private_{}", env!("CARGO_PKG_VERSION").replace('.', "_"));
    for file in ["lib.rs", "seq_copy.rs", "field.rs"] {
        let source = fs::read_to_string(root().join("seqcopy/src").join(file)).expect("a source file");
        assert!(source.contains(&module), "{file} does not name {module}");
        assert!(
            source.matches("__private_").count() == source.matches(&module).count(),
            "{file} names another version"
        );
    }
}

#[test]
fn ci_runs_every_check() {
    let run = fs::read_to_string(root().join(".ci/run")).expect("the CI script");
    for script in files().iter().filter_map(|file| file.strip_prefix("ci/")?.strip_suffix(".sh").map(str::to_owned)) {
        let called_elsewhere = ["lib", "must_fail"].contains(&script.as_str());
        assert!(called_elsewhere || run.contains(&script), "CI does not run ci/{script}.sh");
    }
}
