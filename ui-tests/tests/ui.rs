//! What users read when they make a mistake: one file each in `ui`, with the compiler's whole answer next to it.
//!
//! The wording is the compiler's as much as ours, so it is pinned to one version of it. After a change of a message:
//! `TRYBUILD=overwrite cargo test -p seqcopy-ui-tests`, then read the difference.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use trybuild::TestCases;

/// Test cases whose dependencies are built once for those that must not compile and once for those that must. By itself
/// trybuild builds each of the two twice: it compiles a case with one flag more than what the case depends on, and
/// cargo keeps builds with other flags apart. Nor does it take over the profile of this workspace, and so the
/// dependencies would have what a debugger needs.
fn cases() -> TestCases {
    /// Those of trybuild. `--verbose` is what the answers are written down with, and 140 columns are what they are
    /// wrapped at.
    const FLAGS: &str = "--cfg\x1ftrybuild\x1f--verbose\x1f-A\x1fdead_code\x1f--diagnostic-width=140";
    static SET: Once = Once::new();
    SET.call_once(|| {
        for (name, value) in [("CARGO_ENCODED_RUSTFLAGS", FLAGS), ("CARGO_PROFILE_DEV_DEBUG", "0")] {
            // SAFETY: threads of this process read the environment only by `std`, which keeps reads and this write
            // apart.
            unsafe { std::env::set_var(name, value) };
        }
    });
    TestCases::new()
}

/// The compiler whose words are written down in `ui/*.stderr`.
const PINNED: &str = "rustc 1.95.";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The files of a folder with this extension, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of a test exists");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == extension));
    files.sort();
    files
}

/// Says that something is not tested on this machine, also if the test passes. With `SEQCOPY_NO_SKIP`, for machines
/// that can have every tool (`ci/lib.sh`), it fails.
fn skipped(what: &str) {
    // Not `eprintln!`, which a passing test keeps to itself.
    writeln!(io::stderr(), "==== SKIPPED: {what} ====").expect("stderr is open");
    assert!(std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty()), "skipped: {what}");
}

/// Whether this build is by the pinned compiler; says so if not.
fn is_pinned(test: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let is_pinned = version.starts_with(PINNED) && !version.contains("-nightly") && !version.contains("-beta");
    if !is_pinned {
        skipped(&format!("{test}: messages are pinned to {PINNED}x, this is {version}"));
    }
    is_pinned
}

/// Whether the sources of the standard library are installed (`rust-src`): rustc then prints lines of them in its
/// messages.
fn has_sources_of_std() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().expect("rustc runs");
    let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Path::new(&sysroot).join("lib/rustlib/src/rust/library").exists()
}

/// Where a message that quotes the standard library begins to do so.
const QUOTES_STD: &str = "--> $RUST/";

#[test]
fn mistakes_get_the_written_answer() {
    if !is_pinned("mistakes_get_the_written_answer") {
        return;
    }
    let cases = cases();
    let mut left_out = Vec::new();
    for file in files(&folder("ui"), "rs") {
        let name = file.file_name().expect("a file").to_string_lossy().into_owned();
        let answer = fs::read_to_string(file.with_extension("stderr")).unwrap_or_default();
        if answer.contains(QUOTES_STD) && has_sources_of_std() {
            left_out.push(name);
        } else {
            cases.compile_fail(format!("tests/ui/{name}"));
        }
    }
    if !left_out.is_empty() {
        let list = left_out.join(", ");
        skipped(&format!("{list}: written down without the component rust-src, which is installed"));
    }
}

/// Mistakes that are found where code is generated for the types, not where it is checked.
#[test]
fn mistakes_in_generic_code_get_the_written_answer() {
    if !is_pinned("mistakes_in_generic_code_get_the_written_answer") {
        return;
    }
    let cases = cases();
    // Without a program that is to run, programs are only checked.
    cases.pass("tests/built/builds.rs");
    for file in files(&folder("built"), "stderr") {
        let answer = fs::read_to_string(&file).expect("a readable answer");
        if answer.contains(QUOTES_STD) && has_sources_of_std() {
            let name = file.display();
            skipped(&format!("{name}: written down without the component rust-src, which is installed"));
            continue;
        }
        cases.compile_fail(file.with_extension("rs").strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below it"));
    }
}

/// `#![forbid(unsafe_code)]` refuses each promise, in whatever place it stands. (Which options take `unsafe`, and
/// where, is tried in `seqcopy-derive/src/tests/promises.rs`.)
#[test]
fn every_promise_is_heard() {
    if is_pinned("every_promise_is_heard") {
        cases().compile_fail("tests/promises/under_forbid.rs");
    }
    each_line_is_refused("promises/under_forbid", "unsafe(", "error: usage of an `unsafe` block");
}

/// No lifetime becomes longer, and none shorter where that would let in what ends too early. (What may become shorter
/// compiles in `tests/tests/values/variance.rs`.)
#[test]
fn lifetimes_stay_as_they_are() {
    if is_pinned("lifetimes_stay_as_they_are") {
        cases().compile_fail("tests/variance/refused.rs");
    }
    each_line_is_refused("variance/refused", "(it: ", "error: lifetime may not live long enough");
}

/// Each line of a file with this mark has an error, which begins so.
fn each_line_is_refused(file: &str, mark: &str, error: &str) {
    let file = folder(file);
    let source = fs::read_to_string(file.with_extension("rs")).expect("a readable source");
    let answer = fs::read_to_string(file.with_extension("stderr")).expect("a readable answer");
    let numbered = source.lines().zip(1..).filter(|(line, _)| line.contains(mark));
    let written: Vec<usize> = numbered.map(|(_, number)| number).collect();
    let places = answer.split(error).skip(1).map(|error| {
        let place = error.lines().nth(1).and_then(|line| line.split(':').nth(1)).expect("file:line:column");
        place.parse().expect("a number")
    });
    let mut refused: Vec<usize> = places.collect();
    refused.sort_unstable();
    assert_eq!(refused, written, "lines of {}", file.display());
}

#[test]
fn strange_names_and_places_compile() {
    cases().pass("tests/pass/*.rs");
}

/// How many errors a file should give: one, unless its first line says otherwise.
fn expected_errors(source: &str) -> usize {
    let Some(rest) = source.strip_prefix("// errors: ") else { return 1 };
    rest.split([',', ' ', '\n']).next().and_then(|count| count.parse().ok()).expect("a number of errors")
}

/// Whether an answer says what to do: in a note or help of its own, or in the message itself.
fn gives_a_hint(answer: &str) -> bool {
    // The last: what differs is to be made equal.
    let words = [
        " add ",
        " write ",
        " store ",
        " remove ",
        " make ",
        " give ",
        " put ",
        " use ",
        " did you mean ",
        " differ in size",
    ];
    answer.lines().any(|line| {
        let is_ours = line.starts_with("error: ") || line.starts_with("error[E0080]: ");
        let is_note = line.starts_with("help: ") || line.contains("= help: ") || line.contains("= note: ");
        // These say where the error comes from, not what to do.
        let is_origin = line.contains(" originates in ") || line.contains(" is not implemented for ");
        (is_ours && words.iter().any(|word| line.contains(word))) || (is_note && !is_origin)
    })
}

#[test]
fn one_error_per_mistake_and_a_way_out() {
    let sources = files(&folder("ui"), "rs");
    assert!(sources.len() >= 45, "only {} mistakes are written down", sources.len());
    for source in sources {
        let text = fs::read_to_string(&source).expect("a readable source");
        let answer = fs::read_to_string(source.with_extension("stderr")).expect("every mistake has its answer");
        let name = source.display();
        let errors: Vec<&str> = answer.lines().filter(|line| line.starts_with("error")).collect();
        assert_eq!(errors.len(), expected_errors(&text), "{name}: {errors:#?}");
        // What another macro does behind the derive's back, for one, only rustc can know.
        let is_foreign = text.lines().next().is_some_and(|line| line.ends_with(", in rustc's words"));
        assert!(is_foreign || gives_a_hint(&answer), "{name} gives no hint");
        let length = text.lines().count();
        assert!(length <= 20, "{name} has {length} lines: one mistake takes fewer");
    }
}

#[test]
fn no_answer_without_its_mistake() {
    for answer in files(&folder("ui"), "stderr") {
        assert!(answer.with_extension("rs").exists(), "{} is left over", answer.display());
    }
}
