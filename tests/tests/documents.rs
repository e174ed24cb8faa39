//! The documents say what is there: the map lists the files, SAFETY comments cite premises that exist.

#![cfg(not(miri))] // reads the source tree

use std::collections::{BTreeMap, BTreeSet};
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

/// The test of the arrows between modules states its rule in its first sentence, and the map repeats it.
#[test]
fn the_map_has_the_rule_of_the_arrows() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect("a file of the tree");
    let rule = read("tests/tests/arrows/main.rs");
    let rule = rule.strip_prefix("//! ").and_then(|rule| rule.split_inclusive('.').next()).expect("a sentence");
    let map = read("DEVELOPMENT.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(map.contains(rule), "DEVELOPMENT.md does not say: {rule}");
}

/// A page is read in the repository, where its links lead to files, and on docs.rs, where they lead to modules. So a link to
/// another page is a reference: defined as a file at the end of the page, and as the module in `docs.rs`, where rustdoc checks it.
#[test]
fn pages_link_so_that_it_works_in_both_places() {
    let root = root();
    let mut links = 0;
    for krate in ["seqcopy", "seqcopy-shm", "seqcopy-map"] {
        let modules = fs::read_to_string(root.join(krate).join("src/docs.rs")).expect("the list of pages");
        for file in files().iter().filter(|file| file.starts_with(&format!("{krate}/docs/")) && !file.ends_with("svg"))
        {
            let page = fs::read_to_string(root.join(file)).expect("a page");
            for target in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let works = target.starts_with("https://") || target.starts_with('#');
                assert!(works || target.contains(' '), "{file} links to {target}: make it a reference");
            }
            for line in page.lines() {
                let Some((label, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) else {
                    continue;
                };
                if target.starts_with("https://") {
                    continue;
                }
                links += 1;
                let path = root.join(file).with_file_name("").join(target.split('#').next().expect("a path"));
                assert!(path.exists(), "{file} links to {target}, which does not exist");
                let listed = modules.contains(&format!("\"{label}\";")) || modules.contains(&format!("[{label}]: "));
                assert!(listed, "{file}: [{label}] is not defined in {krate}/src/docs.rs");
                let used = page.matches(&format!("[{label}]")).count();
                assert!(used > 1, "{file} defines [{label}] and does not use it");
            }
        }
    }
    assert!(links > 10, "only {links} links between pages were found");
}

/// The page that promises a format tells of the header and of the words that the code has.
#[test]
fn the_page_of_the_format_has_the_tables_of_the_code() {
    let page = fs::read_to_string(root().join("seqcopy-shm/docs/reference/format.md")).expect("the page");
    let code = fs::read_to_string(root().join("seqcopy-shm/src/header.rs")).expect("the header");
    let mut rows = page.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit());
    let header: Vec<_> =
        code.lines().filter_map(|line| line.strip_prefix("//! ")).filter(|line| line.starts_with("| ")).collect();
    assert!(header.len() > 15, "{header:#?}");
    for row in header.iter().skip(1) {
        assert_eq!(rows.next(), Some(*row), "the header's table in header.rs, and on the page");
    }
    let words = code.split("struct Control;").nth(1).and_then(|rest| rest.split("END").next()).expect("the words");
    for offset in words.lines().filter_map(|line| line.trim().strip_suffix(';')?.split("usize = ").nth(1)) {
        let row = rows.next().expect("a row for each word");
        assert!(row.starts_with(&format!("| {offset} |")), "a word lies at {offset}; the page has {row}");
    }
    assert_eq!(rows.next(), None, "the page has more");
    let format = code.lines().find_map(|line| line.split("FORMAT: u32 = ").nth(1)).expect("its number");
    assert!(page.contains(&format!("**format** (now {}", format.trim_end_matches(';'))), "the format is {format}");
    let start = seqcopy::layout::SCHEMA_START;
    assert!(page.contains(&format!("`{start}`")), "a schema begins with {start}");
}

/// What becomes of padding is told by one sentence, wherever it is told.
#[test]
fn padding_is_explained_by_one_sentence() {
    const SENTENCE: &str = "Padding is never interpreted: it is skipped, or carried along by a move in inline assembly, which treats \
                            bytes as opaque bits.";
    let (start, _) = SENTENCE.split_once(':').expect("a colon");
    let mut places = BTreeSet::new();
    for file in files()
        .iter()
        .filter(|file| file.starts_with("seqcopy") || Path::new(file).extension().is_some_and(|kind| kind == "md"))
    {
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        let words = text.split_whitespace().filter(|word| !matches!(*word, "//" | "///" | "//!" | "*"));
        let text = words.collect::<Vec<_>>().join(" ");
        for (at, _) in text.match_indices(start) {
            assert!(text[at..].starts_with(SENTENCE), "{file} tells it in other words");
            places.insert(file.clone());
        }
    }
    for file in
        ["README.md", "seqcopy/src/lib.rs", "seqcopy/docs/guide/safety.md", "seqcopy/docs/reference/soundness.md"]
    {
        assert!(places.contains(file), "{file} does not tell it");
    }
}

/// The short page of evidence has the numbers of the long one, and of what lies in the tree.
#[test]
fn the_pages_of_evidence_have_the_same_numbers() {
    let page = |path| fs::read_to_string(root().join(path)).expect("a page");
    let short = page("seqcopy/docs/reference/evidence.md");
    let (long, mutations) = (page("verify/evidence/results.md"), page("verify/evidence/mutations.md"));
    let in_tree = |dir: &str| files().iter().filter(|file| file.starts_with(dir)).count();
    let rows = |text: &str, first: &str| text.lines().filter(|line| line.starts_with(first)).count();
    // All but the patch that adds the switch.
    let mutants = in_tree("verify/mutants/") - 1;
    let programs = in_tree("verify/must_fail/");
    let part = |name: &str| {
        let part =
            long.split(&format!("<!-- ci/evidence.sh {name} -->")).nth(1).expect("a part that a script has written");
        part.split("<!-- end -->").next().expect("its end")
    };
    let models = rows(part("loom"), "| ") - 1;
    let (ours, broken) = (rows(part("models"), "| ours_"), rows(part("models"), "| broken_"));
    let twins: Vec<_> = part("models").lines().filter(|line| line.starts_with("| ") && line.contains('/')).collect();
    let caught: usize = twins.iter().filter_map(|row| row.split('|').nth(4)?.trim().parse::<usize>().ok()).sum();
    let twins = twins.len();
    let patches = mutations.lines().filter(|line| {
        let id = line.strip_prefix("| ").and_then(|row| row.split(' ').next()).unwrap_or_default();
        root().join(format!("verify/mutants/{id}.patch")).exists()
    });
    assert_eq!(patches.count(), mutants, "rows of mutations.md");
    assert!(long.contains(&format!("caught {mutants} of {mutants} ")), "{mutants} mutants");
    assert_eq!(in_tree("verify/models/herd/"), ours + broken, "litmus tests");
    for said in [
        format!("| {programs} programs that each break one premise"),
        format!("loom: {models} models"),
        format!("| {mutants} mutants of the code"),
        format!("{twins} twins of functions, and {caught} mutations of them"),
        format!("{} litmus tests, of which {ours} are ours", ours + broken),
    ] {
        assert!(short.contains(&said), "evidence.md: {said}");
    }
    for said in [
        format!("| loom | {models} models"),
        format!("{twins} twins of the shipped functions"),
        format!("{caught} mutations of {caught} caught"),
        format!("{} litmus tests, exhaustive for their shape: the {ours} that are ours", ours + broken),
        format!("the {broken} broken ones"),
    ] {
        assert!(long.contains(&said), "results.md: {said}");
    }
    let steps = in_tree("verify/step_mutants/");
    assert!(page("DEVELOPMENT.md").contains(&format!("about a minute for each of {steps} |")), "{steps} step mutants");
}

/// The program of the guide for firmware is the one that is compiled for microcontrollers.
#[test]
fn the_guide_for_firmware_prints_what_is_compiled_for_it() {
    let page = fs::read_to_string(root().join("seqcopy/docs/guide/firmware.md")).expect("the page");
    let program = page.split("```rust\n").nth(1).and_then(|rest| rest.split("#\n").next()).expect("a program");
    let source = fs::read_to_string(root().join("tests/embedded/src/lib.rs")).expect("the firmware");
    assert!(program.lines().count() > 50, "{program}");
    assert!(
        source.contains(program),
        "seqcopy/docs/guide/firmware.md prints another program than tests/embedded/src/lib.rs"
    );
}

/// The premises, invariants and rules of the soundness page, each with its word: where one is stated, `P7 from_ptr:` heads a
/// section, or `**I4 private.**` begins a paragraph.
fn premises() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("seqcopy/docs/reference/soundness.md")).expect("the premises");
    let mut words = BTreeMap::new();
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
    assert!(["P1", "P25", "I1", "I7", "R1", "R2"].iter().all(|name| words.contains_key(*name)), "{words:?}");
    words
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
    let premises = premises();
    let mut blocks = 0;
    let mut nameless = Vec::new();
    let proved = ["seqcopy/src/", "seqcopy-shm/src/", "seqcopy-map/src/"];
    for file in files().iter().filter(|file| proved.iter().any(|dir| file.starts_with(dir))) {
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
                assert!(
                    premises.contains_key(name),
                    "{file}:{line} cites {name}, which seqcopy/docs/reference/soundness.md does not have"
                );
            }
        }
    }
    assert!(blocks > 100, "only {blocks} SAFETY comments were found");
    assert!(nameless.is_empty(), "SAFETY comments that name no premise: {nameless:#?}");
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

/// A number alone sends its reader to another page. So the first mention in a comment has the word, too: `(I4 private)`.
#[test]
fn comments_cite_number_and_word() {
    let premises = premises();
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
        for (line, comment) in comments(&source) {
            let mut seen = BTreeSet::new();
            for name in citations(&comment) {
                let at = name.as_ptr() as usize - comment.as_ptr() as usize;
                let behind = &comment[at + name.len()..];
                // "P1..": all of them. A longer number is that of something else.
                if behind.starts_with("..") || name.len() > 3 || !seen.insert(name) {
                    continue;
                }
                cited += 1;
                let word = premises.get(name).map_or("", String::as_str);
                let found = behind.trim_start().strip_prefix(word);
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
    for file in ["lib.rs", "field.rs"] {
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

/// The functions that a source file defines for others, and whether each is unsafe.
fn public_functions(source: &str) -> impl Iterator<Item = (&str, bool)> {
    source.lines().filter_map(|line| {
        let (before, rest) = line.split_once("fn ")?;
        before.starts_with("pub ").then(|| (words(rest).next().expect("a name"), before.contains("unsafe")))
    })
}

#[test]
fn what_hidden_functions_trust_is_written_down() {
    let page = fs::read_to_string(root().join("seqcopy/docs/reference/soundness.md")).expect("the page");
    let section = page.split("\n## What generated code calls\n").nth(1).expect("a section");
    let section = section.split("\n## ").next().expect("its text");
    let mut listed = BTreeMap::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let (names, trusts) = row[2..].split_once(" | ").expect("two columns");
        for name in names.split(", ").map(|name| name.trim_matches('`')) {
            let is_unsafe = trusts.starts_with("`unsafe`");
            assert!(listed.insert(name.to_owned(), is_unsafe).is_none(), "`{name}` is listed twice");
        }
    }

    let read = |file: &str| fs::read_to_string(root().join("seqcopy/src").join(file)).expect("a source file");
    let module = read("private.rs");
    let mut names = given_out(&module);
    names.extend(public_functions(&module).map(|(name, _)| name));
    let written: BTreeSet<&str> = listed.keys().map(String::as_str).collect();
    assert_eq!(names, written, "the hidden module, and what seqcopy/docs/reference/soundness.md says of it");

    let mut known = 0;
    for file in [
        "private.rs",
        "validate.rs",
        "layout/build.rs",
        "layout/foreign.rs",
        "layout/probe.rs",
        "field.rs",
        "page.rs",
        "part.rs",
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

/// The scripts of `ci/` that are checks, by what comes before `.sh`. `sanitizers` and `windows` are run by hand: they build everything again.
fn checks() -> BTreeSet<String> {
    let scripts =
        files().into_iter().filter_map(|file| Some(file.strip_prefix("ci/")?.strip_suffix(".sh")?.to_owned()));
    scripts.filter(|script| !["lib", "must_fail", "sanitizers", "windows"].contains(&script.as_str())).collect()
}

#[test]
fn ci_runs_every_check() {
    let run = fs::read_to_string(root().join(".ci/run")).expect("the CI script");
    let list = run.split("for check in ").nth(1).and_then(|rest| rest.split("; do").next()).expect("a list of checks");
    assert_eq!(list.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>(), checks(), "the list of .ci/run");
}

#[test]
fn workflows_run_every_check_and_nothing_else() {
    let text = fs::read_to_string(root().join(".github/workflows/ci.yml")).expect("the workflow");
    let list: BTreeSet<String> = text
        .split("        script:\n")
        .nth(1)
        .expect("a list of scripts")
        .lines()
        .map_while(|line| line.strip_prefix("          - "))
        .map(str::to_owned)
        .collect();
    assert_eq!(list, checks(), "the list of .github/workflows/ci.yml");
    // What a workflow does by itself can't be tried elsewhere: tools are installed there, all else is in the scripts.
    let steps = text.lines().filter_map(|line| line.trim().strip_prefix("- run: "));
    for step in steps {
        assert!(
            step.starts_with("rustup toolchain install ") || step == "ci/${{ matrix.script }}.sh" || step == "\"true\"",
            "a step of the workflow that is not a script of ci/: {step}"
        );
    }
}
