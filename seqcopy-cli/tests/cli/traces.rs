//! What a generated header reads and writes without a call is what the programs of `verify/proof` do: the cases of
//! `verify/proof/traces.txt` that one attempt decides, and the writes of latches.

use seqcopy_bindgen::Bindings;
use seqcopy_harness::traces::cases;

use super::compiler::{C, prints, program, workshop};
use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    a: u64,
    b: u32,
    is_on: bool,
}

#[test]
fn a_header_does_what_the_programs_do() {
    if !C.is_there() {
        return;
    }
    let place = workshop();
    let header = Bindings::of::<Padded>().unwrap().name("padded").c_header().unwrap();
    std::fs::write(place.0.join("padded.h"), header).unwrap();
    let exe = place.0.join("traces");
    C.compile(&place.0, &program("traces.c"), Some(&exe));
    let mut compared = [0; 2];
    for mut case in cases() {
        // One attempt, where no further one is made.
        let loads_of_word = case.acts.iter().filter(|act| act.starts_with("load relaxed 192 ")).count();
        let is_read = match (case.call(), case.type_name(), case.buffers()) {
            ("try", ..) => true,
            ("read", "padded", _) if case.result.starts_with("value") && loads_of_word == 2 => true,
            ("write", "padded", _) => false,
            _ => continue,
        };
        let mut command = Command::new(&exe);
        command.arg(&case.name[2]).arg(if is_read { "read" } else { "write" }).args(&case.name[3..]);
        let output = command.args(case.answers.iter().map(u64::to_string)).output().unwrap();
        let printed = prints(&output);
        let mut acts: Vec<String> = printed.lines().map(str::to_owned).collect();
        let result = acts.pop().unwrap();
        // Why an attempt has failed is said by the library, which makes the others: from the load of the state on.
        let attempt = case.acts.iter().position(|act| act.starts_with("load relaxed 128 ")).unwrap_or(case.acts.len());
        case.acts.truncate(attempt);
        if case.result.starts_with("error") {
            "error".clone_into(&mut case.result);
        }
        case.compare("a header", &acts, &result);
        compared[usize::from(is_read)] += 1;
    }
    assert!(compared[0] >= 10 && compared[1] >= 20, "only {compared:?}");
}
