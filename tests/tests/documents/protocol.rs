//! The proof in `verify/proof` is of these sources: `steps.txt` there has each step of the protocols with its operation
//! and its ordering. It is compared with the functions that make the steps, with the comments at the top of their
//! files, and with `Protocol.v`.

#![cfg(not(miri))] // reads the source tree

use std::fs;
use std::path::Path;

use seqcopy_tests::tree::{files, root};

const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

/// A line of `steps.txt`.
struct Step {
    file: String,
    function: String,
    /// In the comments of the file; `-` for none.
    name: String,
    /// In the proof; `-` for none.
    in_proof: String,
    /// With its orderings.
    operation: String,
    hypothesis: String,
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn steps() -> Vec<Step> {
    let table = text("verify/proof/steps.txt");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let steps = lines.map(|line| {
        let [place, name, in_proof, operation, hypothesis] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("not five columns: {line}")
        };
        let (file, function) = place.split_once(' ').expect("a file and a function");
        let [file, function, name, in_proof, operation, hypothesis] =
            [file, function, name, in_proof, operation, hypothesis].map(str::to_owned);
        Step { file, function, name, in_proof, operation, hypothesis }
    });
    steps.collect()
}

/// The functions of the table, in order, each once.
fn functions(steps: &[Step]) -> Vec<(&str, &str)> {
    let mut all: Vec<_> = steps.iter().map(|step| (step.file.as_str(), step.function.as_str())).collect();
    all.dedup();
    all
}

/// Where the body of a function is, without its comments being looked at for braces: they have none that are not in
/// pairs.
fn body(source: &str, function: &str) -> core::ops::Range<usize> {
    let head = format!("fn {function}(");
    let at = source.find(&head).unwrap_or_else(|| panic!("there is no function {function}"));
    let open = at + source[at..].find("{\n").expect("a body");
    let mut depth = 0;
    for (index, c) in source[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open..open + index;
        }
    }
    panic!("the body of {function} has no end")
}

/// Source text without comments.
fn code(source: &str) -> String {
    source.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// What a function does to words and with fences, in order: each call that has orderings among its arguments, with
/// these.
fn operations(body: &str) -> Vec<String> {
    let code = code(body);
    let mut found = Vec::new();
    let (mut word, mut open) = (String::new(), Vec::new());
    for c in code.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let word = core::mem::take(&mut word);
        if ORDERINGS.contains(&word.as_str())
            && let Some(Some(index)) = open.last()
        {
            let operation: &mut String = &mut found[*index];
            operation.push(' ');
            operation.push_str(&word);
        }
        match c {
            '(' if !word.is_empty() => {
                open.push(Some(found.len()));
                found.push(word);
            }
            '(' => open.push(None),
            ')' => _ = open.pop(),
            _ => {}
        }
    }
    found.retain(|operation| operation.contains(' '));
    found
}

/// The first step that a source makes otherwise than the table says, and what of the proof does not hold then.
fn difference(steps: &[Step], file: &str, function: &str, source: &str) -> Option<String> {
    let expected: Vec<&Step> = steps.iter().filter(|step| (&*step.file, &*step.function) == (file, function)).collect();
    let found = operations(&source[body(source, function)]);
    let mut found = found.iter();
    for step in &expected {
        let operation = found.next().map_or("nothing", String::as_str);
        if operation != step.operation {
            let Step { name, hypothesis, operation: expected, .. } = step;
            return Some(format!(
                "{file}, `{function}`: {operation} in the place of {expected} ({name}): `{hypothesis}`"
            ));
        }
    }
    found.next().map(|more| format!("{file}, `{function}`: {more}, which is in no proof"))
}

#[test]
fn the_sources_make_the_steps_that_are_proved() {
    let steps = steps();
    for (file, function) in functions(&steps) {
        assert_eq!(difference(&steps, file, function, &text(file)), None);
    }
}

/// Each ordering in each function, replaced by each other one: that is found, and the hypothesis named that it breaks.
#[test]
fn each_ordering_that_changes_is_found() {
    let (steps, mut changed) = (steps(), 0);
    for (file, function) in functions(&steps) {
        let source = text(file);
        let place = body(&source, function);
        for ordering in ORDERINGS {
            for (at, _) in source[place.clone()].match_indices(ordering) {
                let at = place.start + at;
                let is_comment = source[..at].rsplit('\n').next().is_some_and(|line| line.contains("//"));
                if is_comment {
                    continue;
                }
                for other in ORDERINGS.into_iter().filter(|other| *other != ordering) {
                    let mutant = format!("{}{other}{}", &source[..at], &source[at + ordering.len()..]);
                    let said = difference(&steps, file, function, &mutant);
                    let said =
                        said.unwrap_or_else(|| panic!("{file}, {function}: {other} for {ordering} is not found"));
                    let hypotheses = steps.iter().filter(|step| (&*step.file, &*step.function) == (file, function));
                    assert!(
                        hypotheses.map(|step| format!("`{}`", step.hypothesis)).any(|it| said.ends_with(&it)),
                        "{said}"
                    );
                    changed += 1;
                }
            }
        }
    }
    assert!(changed > 80, "only {changed} changes");
}

/// The ordering that a table in a comment gives a step: the first one after its name.
fn told(comment: &str, step: &str) -> Option<String> {
    comment.lines().find_map(|line| {
        let (_, rest) = line.split_once(&format!("{step} "))?;
        rest.split(|c: char| !c.is_alphanumeric()).find(|word| ORDERINGS.contains(word)).map(str::to_owned)
    })
}

#[test]
fn comments_and_proof_name_the_same_orderings() {
    let (steps, proof) = (steps(), text("verify/proof/Protocol.v"));
    let table = proof.split_once("[[").and_then(|(_, rest)| rest.split_once("]]")).expect("the table of Protocol.v").0;
    let statements = ["Protocol", "SeqLock", "Latch", "Claim", "TwoWords"]
        .map(|name| text(&format!("verify/proof/{name}.v")))
        .concat();
    for step in &steps {
        let Step { file, name, in_proof, operation, hypothesis, .. } = step;
        if hypothesis != "-" {
            assert!(
                statements.contains(&format!(" {hypothesis} :")),
                "no hypothesis of the proof is called {hypothesis}"
            );
        }
        let ordering = operation.split(' ').nth(1).expect("an ordering");
        if name != "-" {
            let source = text(file);
            let comment: String =
                source.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n");
            // The claim has the steps of the file that it extends.
            let is_claim = file.ends_with("claim.rs");
            let comment = if is_claim { text("seqcopy/src/seq_count/mod.rs") } else { comment };
            assert_eq!(told(&comment, name).as_deref(), Some(ordering), "{name} at the top of {file}");
        }
        if name != "-" && in_proof != "-" {
            assert_eq!(told(table, in_proof).as_deref(), Some(ordering), "{in_proof} in Protocol.v");
        }
    }
}

/// The functions of a file that have orderings, with their operations. Tests at its end are left out.
fn ordered_functions(source: &str) -> Vec<(String, String)> {
    let code = code(source);
    let end = ["mod tests {", "mod exhaustive {"].into_iter().filter_map(|tests| code.find(tests)).min();
    let code = &code[..end.unwrap_or(code.len())];
    let starts: Vec<usize> = code.match_indices("fn ").map(|(at, _)| at).collect();
    let mut functions: Vec<(String, String)> = Vec::new();
    for (index, &start) in starts.iter().enumerate() {
        let body = &code[start..starts.get(index + 1).copied().unwrap_or(code.len())];
        let name: String = body[3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let found = operations(body).join(", ");
        match functions.iter_mut().find(|(other, _)| *other == name) {
            _ if found.is_empty() => {}
            Some((_, before)) => *before = format!("{before}, {found}"),
            None => functions.push((name, found)),
        }
    }
    functions
}

/// Orderings and fences stand in functions that are a step of a protocol, or in `orderings.txt`, as it says; and no
/// fence is one of the compiler alone.
#[test]
fn orderings_stand_in_listed_functions_only() {
    let steps = steps();
    let is_step = |file: &str, function: &str| steps.iter().any(|step| step.file == file && step.function == function);
    let mut found = Vec::new();
    for path in files() {
        // Models and tests have orderings of their own, and what is traced those of its caller; the relay counts what
        // it shows.
        let left_out = ["/models/", "/tests/", "/tests.rs", "histories.rs", "/traced.rs", "seqcopy-relay/"];
        let is_source = path.starts_with("seqcopy")
            && path.contains("/src/")
            && Path::new(&path).extension() == Some("rs".as_ref());
        if !is_source || left_out.iter().any(|part| path.contains(part)) {
            continue;
        }
        let source = text(&path);
        assert!(!code(&source).contains("compiler_fence"), "{path}");
        for (function, operations) in ordered_functions(&source) {
            if !is_step(&path, &function) {
                found.push(format!("{path} {function} | {operations}"));
            }
        }
    }
    let table = text("verify/proof/orderings.txt");
    let listed = table.lines().filter(|line| !line.starts_with('#'));
    let mut listed: Vec<String> = listed
        .map(|line| {
            let (row, why) = line.rsplit_once(" | ").expect("three columns");
            assert!(why.len() > 4, "no reason: {line}");
            row.to_owned()
        })
        .collect();
    found.sort();
    listed.sort();
    let missing: Vec<&String> = found.iter().filter(|row| !listed.contains(row)).collect();
    let stale: Vec<&String> = listed.iter().filter(|row| !found.contains(row)).collect();
    assert!(missing.is_empty() && stale.is_empty(), "not in the table: {missing:#?}\nin the table only: {stale:#?}");
}
