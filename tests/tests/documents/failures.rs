//! `failures.txt`: what is left when a call has failed. `limits.txt`: what happens at each limit, and beyond it. Each
//! call that can fail, and each constant that is a limit, has a line there, and each line a test that exists.
//! `twins.txt`: the rules that hold for readers in C too.

#![cfg(not(miri))] // reads the source tree

use std::collections::BTreeSet;
use std::fs;

use seqcopy_tests::tree::{files, root};

/// The name of a function in a line of `api/*.txt`, without generics; of those of slices or bytes `<[]>` remains.
fn name_of(signature: &str) -> String {
    let (mut name, mut depth, mut has_brackets) = (String::new(), 0, false);
    for c in signature.chars() {
        match c {
            '(' if depth == 0 => break,
            '<' => {
                (depth, has_brackets) = (depth + 1, has_brackets && depth > 0);
            }
            '>' => {
                depth -= 1;
                if depth == 0 && has_brackets {
                    name.push_str("<[]>");
                }
            }
            '[' => has_brackets = true,
            _ if depth == 0 => name.push(c),
            _ => {}
        }
    }
    name
}

#[test]
fn every_call_that_can_fail_has_a_test_of_what_is_left() {
    let mut calls = BTreeSet::new();
    for file in files().iter().filter(|file| file.starts_with("api/") && file.contains(".txt")) {
        for line in fs::read_to_string(root().join(file)).expect("a list").lines() {
            let Some((_, signature)) = line.split_once("fn ") else { continue };
            if signature.split_once(") -> ").is_some_and(|(_, result)| result.contains("Result<")) {
                calls.insert(name_of(signature));
            }
        }
    }
    let table = include_str!("failures.txt");
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(" | ").collect()).collect();
    let listed: BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(rows.len(), listed.len(), "a call has two lines");
    assert_eq!(calls.difference(&listed).collect::<Vec<_>>(), [&""; 0], "these calls are not in failures.txt");
    assert_eq!(listed.difference(&calls).collect::<Vec<_>>(), [&""; 0], "there are no such calls");
    let tests = Tests::new();
    let trying: Vec<&str> = tests.that_try_again().collect();
    for row in &rows {
        let [call, left, test] = row[..] else { panic!("not three columns: {row:?}") };
        assert!(tests.have(test) && !left.is_empty(), "{call}: there is no test {test}");
        let (_, name) = call.split_once("::").expect("of a crate");
        let name = format!("\"{name}\"");
        assert!(
            trying.iter().any(|text| text.contains(&name)),
            "{call} is not tried with `fails` of seqcopy-harness, which asks for success later"
        );
    }
}

/// The sources that may have tests, by their paths.
struct Tests(Vec<(String, String)>);

impl Tests {
    fn new() -> Tests {
        let sources = files().into_iter().filter(|file| file.contains("tests") || file.starts_with("seqcopy"));
        let read = |file: String| fs::read_to_string(root().join(&file)).ok().map(|text| (file, text));
        Tests(sources.filter_map(read).collect())
    }

    /// Those that try calls with `fails`, each by its name without the crate.
    fn that_try_again(&self) -> impl Iterator<Item = &str> {
        let tries = |text: &&str| text.contains("seqcopy_harness::") && text.contains("fails(");
        self.0.iter().map(|(_, text)| text.as_str()).filter(tries)
    }

    /// Whether there is this one: named as in `verify/mutants`, or `ui-tests/` and a file.
    fn have(&self, test: &str) -> bool {
        if let Some(file) = test.strip_prefix("ui-tests/") {
            return root().join("ui-tests/tests").join(file).with_extension("stderr").exists();
        }
        // As `try_test` of ci/mutations.sh: a program of tests/tests, or a crate, with or without a program; then
        // modules.
        let mut words: Vec<&str> = test.split("::").collect();
        let name = words.pop().expect("a name");
        let [of, modules @ ..] = &words[..] else { panic!("not the path of a test: {test}") };
        let folder = match of.split_once('/') {
            Some((crate_name, program)) => format!("{crate_name}/tests/{program}"),
            None if of.starts_with("seqcopy") => format!("{of}/src"),
            None => format!("tests/tests/{of}"),
        };
        // The file of the last module, or of the one that it is written in.
        let places: Vec<String> = (0..=modules.len())
            .rev()
            .take(2)
            .map(|depth| [&[folder.as_str()], &modules[..depth]].concat().join("/"))
            .flat_map(|place| [format!("{place}.rs"), format!("{place}/mod.rs"), format!("{place}/main.rs")])
            .collect();
        let declares = |text: &str| text.contains(&format!("fn {name}()")) || text.contains(&format!("    {name}: "));
        self.0.iter().any(|(file, text)| places.contains(file) && declares(text))
    }
}

/// Words that names of limits have.
const LIMITS: [&str; 10] =
    ["MAX_", "MOST", "LISTED", "LIVES", "MOVES", "ROUNDS", "ATTEMPTS", "DRAWING", "SORTING", "WAIT"];

#[test]
fn every_limit_has_a_test_of_what_lies_beyond_it() {
    let mut limits = BTreeSet::new();
    let is_source = |file: &&String| file.starts_with("seqcopy") && file.contains("/src/") && !file.contains("tests");
    for file in files().iter().filter(is_source) {
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        for line in text.lines() {
            let Some((name, _)) = line.split_once("const ").and_then(|(_, rest)| rest.split_once(": ")) else {
                continue;
            };
            let is_number = !line.contains(": bool");
            if is_number
                && LIMITS.iter().any(|word| name.starts_with(word))
                && name.chars().all(|c| c.is_uppercase() || c == '_')
            {
                limits.insert(format!("{file} {name}"));
            }
        }
    }
    let tests = Tests::new();
    for line in include_str!("limits.txt").lines().filter(|line| !line.starts_with('#')) {
        let [constant, what, _, test] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}")
        };
        assert!(tests.have(test), "{what}: there is no test {test}");
        let Some((file, name)) = constant.split_once(' ') else { continue };
        let text = fs::read_to_string(root().join(file)).expect("a source");
        assert!(text.contains(&format!("const {name}: ")), "there is no {constant}");
        limits.remove(constant);
    }
    assert_eq!(limits.iter().collect::<Vec<_>>(), [&""; 0], "these limits are not in limits.txt");
}

#[test]
fn every_rule_of_readers_is_tried_in_c() {
    let tests = Tests::new();
    let mut rules = 0;
    for line in include_str!("twins.txt").lines().filter(|line| !line.starts_with('#')) {
        let [rule, in_rust, in_c] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}")
        };
        for test in [in_rust, in_c] {
            assert!(tests.have(test), "{rule}: there is no test {test}");
        }
        rules += 1;
    }
    assert!(rules > 10, "only {rules} rules");
}
