//! The documents say what is there: the map lists the files, pages repeat what the code has.

#![cfg(not(miri))] // reads the source tree

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use seqcopy_tests::tree::{files, root};

/// The folders of the map, each with whether it stands for all below it, too.
fn map() -> Vec<(String, bool)> {
    let text = fs::read_to_string(root().join("DEVELOPMENT.md")).expect("the map");
    let tree = text.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a tree in the map");
    let mut parents: Vec<String> = Vec::new();
    let mut folders = Vec::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        parents.truncate(depth);
        let above = parents.concat();
        let names = line.split_whitespace().take_while(|name| name.trim_end_matches("**").ends_with('/'));
        for name in names.map(|name| name.trim_start_matches("./")) {
            folders.push((above.clone() + name.trim_end_matches("**"), name.ends_with("**")));
        }
        parents.push(folders.last().expect("a folder").0.strip_prefix(&above).expect("its own name").to_owned());
    }
    folders
}

#[test]
fn the_map_lists_every_folder_and_no_other() {
    let (files, map) = (files(), map());
    assert!(map.len() > 60, "{map:#?}");
    let folder = |file: &String| file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let is_in = |(listed, all): &(String, bool), folder: &str| {
        *listed == folder || (*all && !listed.is_empty() && folder.starts_with(listed.as_str()))
    };
    let missing: BTreeSet<_> = files.iter().map(folder).filter(|at| !map.iter().any(|it| is_in(it, at))).collect();
    assert!(missing.is_empty(), "not in DEVELOPMENT.md: {missing:#?}");
    let gone: Vec<_> = map.iter().filter(|(listed, _)| !root().join(listed).is_dir()).collect();
    assert!(gone.is_empty(), "in DEVELOPMENT.md, but not there: {gone:#?}");
}

/// `ci/map.sh` prints these sentences.
#[test]
fn each_file_opens_with_what_it_is_for() {
    // Mistakes begin as their users would; pieces of pages are put together without their openings.
    let has_none = ["ui-tests/tests/ui/", "ui-tests/tests/built/", "seqcopy/src/models/recipes/"];
    let mut opened = 0;
    for file in files().iter().filter(|file| !has_none.iter().any(|it| file.starts_with(it))) {
        let kind = Path::new(file).extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let marks: &[&str] = match kind {
            "rs" => &["//! ", "// "],
            "c" | "h" => &["// ", "/* "],
            "sh" | "py" => &["# ", "\"\"\""],
            "v" => &["(* ", "(** "],
            _ => continue,
        };
        let text = fs::read_to_string(root().join(file)).expect("a file of the tree");
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("#!"));
        let first = lines.next().unwrap_or_default();
        let words = marks.iter().find_map(|mark| first.strip_prefix(mark)).unwrap_or_default();
        assert!(words.split_whitespace().count() > 1, "{file} does not open with what it is for: {first}");
        opened += 1;
    }
    assert!(opened > 600, "only {opened} files");
}

/// A folder of the product whose `mod.rs` or `lib.rs` has such a table: a row for each file but tests, and no row for
/// what is gone.
#[test]
fn tables_of_folders_name_their_files() {
    let mut tables = 0;
    for file in files().iter().filter(|file| file.starts_with("seqcopy") && file.contains("/src/")) {
        let Some(folder) = ["mod.rs", "lib.rs"].iter().find_map(|door| file.strip_suffix(door)) else { continue };
        let text = fs::read_to_string(root().join(file)).expect("a source");
        let Some((_, table)) = text.split_once("//! | file | what |\n//! |---|---|\n") else { continue };
        tables += 1;
        let first = table.lines().map_while(|line| line.strip_prefix("//! | ")?.split(" | ").next());
        let listed: BTreeSet<_> = first.flat_map(|column| column.split('`').skip(1).step_by(2)).collect();
        let modules = text
            .split("#[cfg(test)]\n")
            .enumerate()
            .flat_map(|(index, part)| part.lines().skip(usize::from(index > 0)));
        let modules =
            modules.filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
        for module in modules {
            assert!(listed.contains(module), "{file} has the module `{module}`, and no row for it");
        }
        for name in listed {
            let is_there = [".rs", "/mod.rs"].iter().any(|end| root().join(format!("{folder}{name}{end}")).is_file());
            assert!(is_there, "{file} has a row for `{name}`, which is not there");
        }
    }
    assert!(tables > 5, "only {tables} tables");
}

/// A file in the folder of a test program is compiled only if that program names it, and no compiler says that one is
/// missing.
#[test]
fn each_file_of_tests_is_in_a_program() {
    let tests = root().join("tests/tests");
    let mut modules = 0;
    for file in files() {
        let Some(path) = file.strip_prefix("tests/tests/").and_then(|path| path.strip_suffix(".rs")) else { continue };
        let path = path.strip_suffix("/mod").unwrap_or(path);
        // Those of no folder, and `main.rs`, are programs.
        let Some((folder, name)) = path.rsplit_once('/').filter(|(_, name)| *name != "main") else { continue };
        let places = [format!("{folder}/main.rs"), format!("{folder}/mod.rs"), format!("{folder}.rs")];
        let mut texts = places.iter().filter_map(|place| fs::read_to_string(tests.join(place)).ok());
        // By itself, or in a `cfg_if!` for one system.
        let lines = [format!("mod {name};"), format!("        mod {name};")];
        assert!(texts.any(|text| text.lines().any(|it| lines.iter().any(|line| it == line))), "no program has {file}");
        modules += 1;
    }
    assert!(modules > 50, "only {modules} modules of tests were found");
}

/// The test of the arrows between modules states its rule in its first sentence, and the map repeats it.
#[test]
fn the_map_has_the_rule_of_the_arrows() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect("a file of the tree");
    let rule = read("tests/tests/documents/arrows/mod.rs");
    let rule = rule.strip_prefix("//! ").and_then(|rule| rule.split_inclusive('.').next()).expect("a sentence");
    let map = read("DEVELOPMENT.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(map.contains(rule), "DEVELOPMENT.md does not say: {rule}");
}

/// A page is read in the repository, where its links lead to files, and on docs.rs, where they lead to modules. So a
/// link to another page is a reference: defined as a file at the end of the page, and as the module in `lib.rs`, where
/// rustdoc checks it.
#[test]
fn pages_link_so_that_it_works_in_both_places() {
    let root = root();
    let mut links = 0;
    for krate in ["seqcopy", "seqcopy-shm", "seqcopy-map"] {
        let modules = fs::read_to_string(root.join(krate).join("src/lib.rs")).expect("the list of pages");
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
                assert!(listed, "{file}: [{label}] is not defined in {krate}/src/lib.rs");
                let used = page.matches(&format!("[{label}]")).count();
                assert!(used > 1, "{file} defines [{label}] and does not use it");
            }
        }
    }
    assert!(links > 10, "only {links} links between pages were found");
}

/// The page that promises a format describes the header and the words that the code has.
#[test]
fn the_page_of_the_format_has_the_tables_of_the_code() {
    let page = fs::read_to_string(root().join("seqcopy-shm/docs/reference/format.md")).expect("the page");
    let code = fs::read_to_string(root().join("seqcopy-shm/src/mapping/header/mod.rs")).expect("the header");
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

/// What becomes of padding is stated by one sentence, wherever it is stated.
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
            assert!(text[at..].starts_with(SENTENCE), "{file} states it in other words");
            places.insert(file.clone());
        }
    }
    for file in
        ["README.md", "seqcopy/src/lib.rs", "seqcopy/docs/guide/safety.md", "seqcopy/docs/reference/soundness.md"]
    {
        assert!(places.contains(file), "{file} does not state it");
    }
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

/// The walks of these tests leave out what cargo builds, so they would not see it in the repository. A tarball has no
/// such list.
#[test]
fn what_cargo_builds_is_not_kept() {
    let listed = std::process::Command::new("git").args(["ls-files", "--cached"]).current_dir(root()).output();
    let Some(listed) = listed.ok().filter(|listed| listed.status.success()) else { return };
    let text = String::from_utf8_lossy(&listed.stdout);
    let built: Vec<&str> = text.lines().filter(|file| file.split('/').any(|part| part == "target")).take(5).collect();
    assert!(built.is_empty(), "in the repository: {built:?}");
}
