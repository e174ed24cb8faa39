//! Compilers accept the headers of types whose every member is called like a macro or a keyword, and programs that use
//! these members.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::bindings::Bindings;
use crate::identifiers::{is_keyword, keywords};
use crate::samples::Sample;
use seqcopy::layout::{Field, Variant};
use seqcopy::{Layout, SeqCopy, SeqStr};
use seqcopy_shm::{Header, Schema};

/// Compilers, and the modes in which they are asked.
const COMPILERS: [(&str, [&str; 3]); 4] = [("gcc", C), ("clang", C), ("g++", CPP), ("clang++", CPP)];
const C: [&str; 3] = ["c11", "gnu17", "gnu2x"];
const CPP: [&str; 3] = ["c++17", "gnu++17", "gnu++20"];

/// Headers that a program is likely to include before the generated ones.
#[rustfmt::skip]
const BEFORE: [&str; 32] = [
    "assert.h", "ctype.h", "errno.h", "fcntl.h", "float.h", "inttypes.h", "limits.h", "locale.h", "math.h", "pthread.h", "sched.h",
    "setjmp.h", "signal.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h",
    "sys/mman.h", "sys/stat.h", "sys/sysmacros.h", "sys/time.h", "sys/types.h", "sys/wait.h", "sys/socket.h", "time.h", "unistd.h",
    "wchar.h", "wctype.h",
];

/// What a compiler prints for a text: on standard output, or as an error. `None` if it is not installed.
fn run(compiler: &str, arguments: &[&str], text: &str) -> Option<Result<String, String>> {
    let language = if compiler.contains("++") { "c++" } else { "c" };
    let child = Command::new(compiler)
        .args(arguments)
        .args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/../seqcopy-c/include"), "-x", language, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        let _ = writeln!(std::io::stderr(), "==== SKIPPED: there is no compiler `{compiler}` ====");
        let may_skip = std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty());
        assert!(may_skip, "skipped: there is no compiler `{compiler}`");
        return None;
    };
    let mut input = child.stdin.take().expect("it is piped");
    let written = text.to_owned();
    // On another thread: the compiler may print errors before it has read everything.
    let writing = std::thread::spawn(move || drop(input.write_all(written.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writing.join().expect("no panic");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Some(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
}

fn includes() -> String {
    BEFORE.iter().fold(String::new(), |mut all, name| {
        let _ = writeln!(all, "#if __has_include(<{name}>)\n#include <{name}>\n#endif");
        all
    })
}

/// The macros that are defined after these headers and can be names of fields.
fn macros(compiler: &str, mode: &[&str]) -> BTreeSet<&'static str> {
    let printed = run(compiler, &[mode, &["-E", "-dM"]].concat(), &includes()).expect("it is there").expect("headers");
    let names = printed.lines().filter_map(|line| {
        let rest = line.strip_prefix("#define ")?;
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?];
        // Others are reserved, and such a name is changed.
        let is_reserved = name.starts_with("__") || name.starts_with('_') && name[1..].starts_with(char::is_uppercase);
        (!is_reserved).then(|| &*name.to_owned().leak())
    });
    names.collect()
}

fn header(layout: &Layout) -> String {
    let schema = Schema::decode(&layout.schema()).expect("a schema");
    Bindings::of_region(&Header::planned(&schema, false).expect("a region"), &schema).c_header().expect("a header")
}

/// The header of a struct of bytes with such names.
fn bytes(name: &'static str, names: &BTreeSet<&'static str>) -> String {
    let fields: Vec<Field> = names.iter().enumerate().map(|(at, name)| Field::new(name, at, u8::LAYOUT)).collect();
    header(&Layout::of_struct(name, names.len(), 1, fields.leak()))
}

/// The program in the comment at the top of a header, where `...` stands for what the user knows.
fn documented(header: &str) -> String {
    let comment = header.split("*/").next().expect("a comment");
    let lines: Vec<&str> = comment.lines().filter_map(|line| line.strip_prefix(" *     ")).collect();
    assert!(lines.len() > 5, "{comment}");
    lines.join("\n").replace("entry.key = ...;", "")
}

/// The command of a user: a compiler warns of variables without a value only where it optimises.
#[test]
fn the_documented_programs_compile_without_a_warning() {
    let headers = [
        Bindings::of::<Sample>(),
        Bindings::of::<[u64; 4]>(),
        Bindings::of_map::<SeqStr<12>, Sample>(),
        Bindings::of_map::<u32, u64>(),
    ];
    for header in headers.map(|bindings| bindings.unwrap().c_header().unwrap()) {
        let program = documented(&header);
        let look = if program.contains("value;") { "if (status == 0)\n    look(&value);" } else { "" };
        let text = format!(
            "#include <stdio.h>\n{header}\nvoid look(const void *);\n#define use(...) look(&entry)\n\
             int main(void)\n{{\n{program}\n{look}\nreturn 0;\n}}\n"
        );
        for (compiler, modes) in COMPILERS {
            let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wuninitialized", "-Wmaybe-uninitialized", "-Werror"];
            // Clang has no such warning, and finds the header's functions in the program's own file here.
            let more = ["-Wno-unknown-warning-option", "-Wno-unused-function", "-O2", "-c", "-o", "/dev/null"];
            let mode = format!("-std={}", modes[0]);
            if let Some(result) = run(compiler, &[&[&*mode][..], &warnings, &more].concat(), &text) {
                assert_eq!(result.err(), None, "{compiler}");
            }
        }
    }
}

mod next_version {
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Sample {
        open: bool,
    }
}

/// One program has many headers. Where two of different types have one name, the compiler says what to do.
#[test]
fn headers_of_one_program() {
    let text = |bindings: Result<Bindings, _>| bindings.unwrap().c_header().unwrap();
    let of_maps = [
        text(Bindings::of::<Sample>()),
        text(Bindings::of_map::<SeqStr<12>, Sample>()),
        text(Bindings::of_map::<u32, u64>()),
    ];
    let other_version = Bindings::of::<next_version::Sample>().unwrap();
    let other_keys = Bindings::of_map::<u32, Sample>().unwrap();
    let renamed = [("next_sample", &other_version), ("samples_by_number", &other_keys)]
        .map(|(name, bindings)| bindings.clone().name(name).c_header().unwrap());
    // Each twice: a header may be included by others.
    let all = [of_maps.concat(), of_maps.concat(), renamed.concat()].concat();
    each_mode(|compiler, mode| {
        compiles(compiler, mode, &all);
        for other in [&other_version, &other_keys] {
            let text = of_maps.concat() + &other.c_header().unwrap();
            let error = run(compiler, &[mode, &["-fsyntax-only"]].concat(), &text).expect("it is there").unwrap_err();
            assert!(error.contains("two types have a header with the name seqcopy_"), "{error}");
            assert!(error.contains("`seqcopy header --name`"), "{error}");
        }
    });
}

/// All warnings are errors. The header is the program here, and nothing calls its functions.
#[track_caller]
fn compiles(compiler: &str, arguments: &[&str], text: &str) {
    let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-Wno-unused-function"];
    let result = run(compiler, &[arguments, &["-fsyntax-only"], &warnings].concat(), text).expect("it is there");
    let complaint = result.err().unwrap_or_default();
    assert!(
        complaint.is_empty(),
        "{compiler} {arguments:?}: {}",
        complaint.lines().take(20).collect::<Vec<_>>().join("\n")
    );
}

/// Calls a function with each compiler in each mode that it has: in all of them in the daily run (`ci/daily.sh`),
/// otherwise in the oldest and strictest, and in the newest, in which there are most macros.
fn each_mode(mut each: impl FnMut(&str, &[&str])) {
    let is_long = std::env::var_os("SEQCOPY_LONG").is_some();
    for (compiler, modes) in COMPILERS {
        for (at, mode) in modes.map(|mode| format!("-std={mode}")).iter().enumerate() {
            // An older compiler may lack the mode.
            if run(compiler, &[mode, "-fsyntax-only"], "").is_some_and(|result| result.is_ok()) {
                if is_long || at == 0 {
                    each(compiler, &[mode]);
                }
                if is_long || at == modes.len() - 1 {
                    each(compiler, &[mode, "-D_GNU_SOURCE"]);
                }
            }
        }
    }
}

#[test]
fn every_macro_can_be_the_name_of_a_member() {
    let (words, mut all) = (keywords().collect::<BTreeSet<_>>(), BTreeSet::new());
    each_mode(|compiler, mode| {
        let macros: BTreeSet<_> = macros(compiler, mode).into_iter().filter(|name| !is_keyword(name)).collect();
        let mut text = includes() + &bytes("Everything", &macros.union(&words).copied().collect());
        for name in &macros {
            // Such a name is a macro again, and a program can do without.
            let _ = writeln!(
                text,
                "#ifndef {name}\n#error {name} is gone\n#endif\n#undef {name}\n\
                 static inline unsigned char use_of_{name}(const seqcopy_Everything *value) {{ return value->{name}; }}"
            );
        }
        compiles(compiler, mode, &text);
        all.extend(macros);
    });
    for known in ["errno", "EOF", "NULL", "assert", "O_RDONLY", "stdin"] {
        assert!(all.is_empty() || all.contains(known), "{known}");
    }
    // What is a macro in one mode is a member in all.
    let text = includes() + &bytes("All", &all.union(&words).copied().collect());
    each_mode(|compiler, mode| {
        if mode.len() == 1 {
            compiles(compiler, mode, &text);
        }
    });
}

/// Types and variants that are called like functions, types, macros and keywords.
#[test]
fn nothing_at_file_scope_is_called_as_something_of_the_system() {
    let mut texts = String::new();
    for (name, inner) in [
        ("stat", "uint8_t"),
        ("shm", "open"),
        ("errno", "errno"),
        ("region", "region"),
        ("MAP", "SHARED"),
        ("int", "int"),
    ] {
        let variants = keywords().chain([inner, "SHARED", "OK", "FORMAT", "Ok"]).collect::<BTreeSet<_>>();
        let variants: Vec<_> = (0..).zip(variants).map(|(tag, name)| Variant::new(name, tag, &[])).collect();
        let kind = Layout::of_tags(inner, 1, 1, false, variants.leak());
        let part = Layout::of_struct(inner, 1, 1, vec![Field::new(inner, 0, u8::LAYOUT)].leak());
        let fields =
            vec![Field::new("tag", 0, Box::leak(kind.into())), Field::new("shm_open", 1, Box::leak(part.into()))];
        texts += &header(&Layout::of_struct(name, 2, 1, fields.leak()));
    }
    let text = includes() + &texts;
    each_mode(|compiler, mode| compiles(compiler, mode, &text));
}
