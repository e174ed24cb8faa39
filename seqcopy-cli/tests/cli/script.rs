//! The scripts of `seqcopy_harness::script` in other languages: each answers as the model, alone, and in turns with
//! another on one path.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use seqcopy_bindgen::Bindings;
use seqcopy_harness::script::{Kind, differs, hex, in_turns, random, shrunk};
use seqcopy_shm::{Options, Schema};

use super::compiler::{C, CPP, program, workshop};
use super::*;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Value {
    at: u32,
    ok: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Element {
    at: u16,
    ok: bool,
}

/// A program that answers lines.
struct Answers {
    child: Child,
    lines: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Answers {
    fn new(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program");
        let (lines, answers) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Answers { child, lines, said: BufReader::new(answers) }
    }

    fn answer(&mut self, line: &str) -> String {
        writeln!(self.lines, "{line}").expect("it runs");
        let mut answer = String::new();
        self.said.read_line(&mut answer).expect("it answers");
        answer.trim_end().to_owned()
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        _ = self.child.kill();
        self.child.wait().expect("its end");
    }
}

fn schema(kind: Kind) -> Schema {
    match kind {
        Kind::Value => Schema::of::<Value>(),
        Kind::Slice => {
            let one = Options::new().capacity(7).create_memfd::<[Element]>("slice").expect("a memfd");
            one.region().schema().clone()
        }
        Kind::Map => Schema::of_map::<[u8; 2], Element>(),
    }
}

/// How a program of each language is started: none where there is no compiler, or no package.
fn languages(place: &Place) -> Vec<(&'static str, PathBuf)> {
    let mut languages = Vec::new();
    if C.is_there() {
        let exe = place.0.join("script-c");
        C.compile(&place.0, &program("script.c"), Some(&exe));
        languages.push(("C", exe));
    }
    if CPP.is_there() {
        let slice = place.0.join("slice");
        let writer = Options::new().capacity(7).create::<[Element]>(&slice).expect("a region");
        let headers = [
            ("script_value", Bindings::of::<Value>().expect("a type")),
            ("script_slice", Bindings::of_region(writer.region().header(), writer.region().schema())),
            ("script_map", Bindings::of_map::<[u8; 2], Element>().expect("types")),
        ];
        for (name, bindings) in headers {
            let header = bindings.name(name).c_header().expect("a header");
            std::fs::write(place.0.join(format!("{name}.h")), header).expect("a file");
        }
        let exe = place.0.join("script-cpp");
        CPP.compile(&place.0, &program("script.cpp"), Some(&exe));
        languages.push(("C++", exe));
    }
    // `ci/python.sh` names one that has the package.
    if let Some(python) = std::env::var_os("SEQCOPY_PYTHON") {
        languages.push(("Python", python.into()));
    }
    languages
}

fn start(language: (&str, &Path), kind: Kind, path: &Path, buffers: u32) -> Answers {
    let mut command = Command::new(language.1);
    if language.0 == "Python" {
        command.arg(program("script.py"));
    }
    let name = format!("{kind:?}").to_lowercase();
    command.args([&name, path.to_str().expect("a text"), &buffers.to_string()]);
    if language.0 == "C" {
        command.arg(hex(schema(kind).as_bytes()));
    }
    Answers::new(command)
}

/// Two programs that answer a script for two; one that is killed is started again.
fn run(languages: [(&str, &Path); 2], kind: Kind, buffers: u32, path: &Path, script: &[String]) -> Option<String> {
    let start = |program: usize| start(languages[program], kind, path, buffers);
    let mut programs = [None, None];
    let found = differs(kind, buffers, script, |program, line| {
        if line == "die" {
            programs[program] = None;
            return "ok".into();
        }
        programs[program].get_or_insert_with(|| start(program)).answer(line)
    });
    drop(programs);
    _ = std::fs::remove_file(path);
    found
}

fn explore(languages: [(&str, &Path); 2], path: &Path, scripts: u64, script: impl Fn(Kind, u64) -> Vec<String>) {
    let kinds =
        [(Kind::Value, 1), (Kind::Value, 2), (Kind::Slice, 1), (Kind::Slice, 4), (Kind::Map, 2), (Kind::Map, 4)];
    for (seed, (kind, buffers)) in (1..=scripts).flat_map(|seed| kinds.map(|kind| (seed, kind))) {
        let all = script(kind, seed);
        let attempt = |script: &[String]| run(languages, kind, buffers, path, script);
        if attempt(&all).is_some() {
            let short = shrunk(all, |script| attempt(script).is_some());
            let [one, other] = languages.map(|(name, _)| name);
            panic!("{one} and {other}, seed {seed}, {kind:?}, {buffers} buffers, {:?}: {short:#?}", attempt(&short));
        }
    }
}

/// How many scripts of each kind: 8, or `SEQCOPY_SCRIPTS`.
fn scripts() -> u64 {
    std::env::var("SEQCOPY_SCRIPTS").map_or(8, |number| number.parse().expect("a number"))
}

#[test]
fn each_language_answers_as_the_model() {
    let place = workshop();
    for (name, exe) in languages(&place) {
        explore([(name, &exe); 2], &place.0.join(name), scripts(), |kind, seed| random(kind, seed, 100));
    }
}

#[test]
fn languages_answer_in_turns() {
    let place = workshop();
    let languages = languages(&place);
    for (one, other) in languages.iter().flat_map(|one| languages.iter().map(move |other| (one, other))) {
        let names = [one, other].map(|(name, exe)| (*name, exe.as_path()));
        explore(names, &place.0.join(format!("{}-{}", one.0, other.0)), scripts().div_ceil(4), |kind, seed| {
            in_turns(kind, seed, 100)
        });
    }
}
