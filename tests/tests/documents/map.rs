//! The documents say what is there: the map lists the files, pages repeat what the code has, CI runs every check.

#![cfg(not(miri))] // reads the source tree

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use seqcopy_tests::tree::{files, root};

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

/// A file in the folder of a test program is compiled only if that program names it, and no compiler says that one is missing.
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
        let line = format!("mod {name};");
        assert!(texts.any(|text| text.lines().any(|it| it == line)), "no program has {file}");
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

/// The scripts of `ci/` that are checks, by what comes before `.sh`. `sanitizers` and `windows` are run by hand: they build everything again.
/// `daily` runs others.
fn checks() -> BTreeSet<String> {
    let scripts =
        files().into_iter().filter_map(|file| Some(file.strip_prefix("ci/")?.strip_suffix(".sh")?.to_owned()));
    scripts
        .filter(|script| !["daily", "lib", "must_fail", "sanitizers", "windows"].contains(&script.as_str()))
        .collect()
}

#[test]
fn ci_runs_every_check() {
    // Those of a loop `for check in ..; do`; of `${*:-..}`, which is that of the daily run, the words of the default.
    let list = |script: &str| -> BTreeSet<String> {
        let text = fs::read_to_string(root().join(script)).expect("a script");
        let list =
            text.split("for check in ").nth(1).and_then(|rest| rest.split("; do").next()).expect("a list of checks");
        let list = list.strip_prefix("${*:-").and_then(|list| list.strip_suffix('}')).unwrap_or(list);
        list.split_whitespace().map(str::to_owned).collect()
    };
    let (run, daily) = (list(".ci/run"), list("ci/daily.sh"));
    let mut all = &run | &daily;
    assert!(all.remove("tests"), "ci/daily.sh runs no tests");
    assert_eq!(all, checks(), "the lists of .ci/run and ci/daily.sh");
    // A part of these for each change, all of it once a day.
    assert_eq!(&run & &daily, BTreeSet::from(["mutations".to_owned(), "targets".to_owned()]), "in both");
    let workflow = fs::read_to_string(root().join(".github/workflows/daily.yml")).expect("the workflow");
    let jobs = format!("        check: [{}]\n", list_in_order(&daily));
    assert!(workflow.contains(&jobs), ".github/workflows/daily.yml runs other checks than ci/daily.sh: {jobs}");
}

fn list_in_order(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
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
    let passed = r#"test "${{ needs.check.result }}" = success"#;
    for step in steps {
        assert!(
            step.starts_with("rustup toolchain install ") || step == "ci/${{ matrix.script }}.sh" || step == passed,
            "a step of the workflow that is not a script of ci/: {step}"
        );
    }
    // A job that is skipped because another failed counts as passed.
    let last = format!(
        "  all:\n    if: always()\n    runs-on: ubuntu-latest\n    needs: check\n    steps:\n      - run: {passed}\n"
    );
    assert!(text.ends_with(&last), "the last job of the workflow is not red whenever a check is");
    let variable = "      SEQCOPY_NO_SKIP: ${{ matrix.script != 'models' && '1' || '' }}\n";
    assert!(text.contains(variable), "a check of the workflow that can't have its tools is not red");
}

/// Where a tool is missing, scripts say so by one function, which is red where [`NO_SKIP`] is set.
#[test]
fn what_a_script_skips_is_listed_and_can_be_red() {
    const NO_SKIP: &str = "SEQCOPY_NO_SKIP";
    for file in files().iter().filter(|file| file.starts_with("ci/") && *file != "ci/lib.sh") {
        let script = fs::read_to_string(root().join(file)).expect("a script");
        for line in script.lines().filter(|line| line.contains("SKIPPED")) {
            let prints = ["echo", "printf", "cat"].iter().any(|command| line.contains(command));
            assert!(!prints, "{file} says by itself that it skips something, not by `skipped` of ci/lib.sh: {line}");
        }
    }
    let list = std::env::temp_dir().join(format!("seqcopy-skipped-{}", std::process::id()));
    for (call, no_skip, said) in [
        ("skipped a tool", "", "==== SKIPPED: a tool ====\nafter\n"),
        ("skipped a tool", "1", "==== SKIPPED: a tool ====\n"),
        ("skipped_in <(echo; echo '==== SKIPPED: a test ====')", "1", "==== SKIPPED: a test ====\n"),
        ("skipped_in <(echo nothing)", "1", "after\n"),
    ] {
        let script = format!("set -euo pipefail; source ci/lib.sh; {call}; echo after");
        let mut bash = Command::new("bash");
        bash.args(["-c", &script, "ci/tool.sh"])
            .current_dir(root())
            .env(NO_SKIP, no_skip)
            .env("SEQCOPY_SKIPPED", &list);
        let output = bash.output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&output.stdout), said, "{call}, {NO_SKIP}={no_skip}");
        assert_eq!(output.status.success(), said.ends_with("after\n"), "{call}, {NO_SKIP}={no_skip}");
    }
    let listed = fs::read_to_string(&list).expect("the list");
    fs::remove_file(&list).expect("the list");
    assert_eq!(listed, "tool: a tool\ntool: a tool\ntool: a test\n");
}
