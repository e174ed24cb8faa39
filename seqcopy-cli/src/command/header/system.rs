//! Names that are taken in C and C++ programs: keywords, and what is defined by the headers that `reader.h` includes, or that a
//! program is likely to include as well.
//!
//! There are two kinds. Members of structs have a namespace of their own, and conflict only with macros without parameters, such as
//! `st_atime`. Types, functions and constants conflict with everything that is declared or defined at file scope.
//!
//! The names are kept in `system_names.txt`; a test asks the machine's compilers whether one is missing. The list is the union over
//! all modes (strict, GNU, C++), because a program chooses its mode after the header was generated. Names that begin with two
//! underscores, or with one and a capital letter, are left out: no name in the header begins like that.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Lines of two words: `macro` (without parameters) or `name` (anything else), and the name.
const NAMES: &str = include_str!("system_names.txt");

struct System {
    macros: HashSet<&'static str>,
    all: HashSet<&'static str>,
}

static SYSTEM: LazyLock<System> = LazyLock::new(|| {
    let mut system = System { macros: HashSet::new(), all: HashSet::new() };
    for line in NAMES.lines().chain(ELSEWHERE.lines()) {
        let Some((kind, name)) = line.trim().split_once(' ') else { continue };
        if kind == "macro" {
            system.macros.insert(name);
        }
        system.all.insert(name);
    }
    system
});

/// Whether a member can't have this name.
pub(super) fn conflicts_with_members(name: &str) -> bool {
    KEYWORDS.contains(&name) || MEMBER_TYPES.contains(&name) || SYSTEM.macros.contains(name)
}

/// Whether a type, a function or a constant can't have this name.
pub(super) fn is_taken(name: &str) -> bool {
    KEYWORDS.contains(&name) || SYSTEM.all.contains(name)
}

/// Types of members: in C++ a member of such a name would change its meaning for the members after it.
const MEMBER_TYPES: &[&str] =
    &["int16_t", "int32_t", "int64_t", "int8_t", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uintptr_t"];

/// What other systems and processors define in the same headers, or predefine.
const ELSEWHERE: &str = "
    macro arm
    macro hpux
    macro i386
    macro mips
    macro powerpc
    macro sparc
    macro st_atimensec
    macro st_atimespec
    macro st_birthtime
    macro st_birthtimensec
    macro st_ctimensec
    macro st_mtimensec
    macro sun
    macro vax
";

/// Keywords of C up to C23 and of C++ up to C++23, operators with names included, and those of the GNU modes.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
    "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "final", "float", "for", "friend", "goto", "if",
    "import", "inline", "int", "long", "module", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr",
    "operator", "or", "or_eq", "override", "private", "protected", "public", "register", "reinterpret_cast", "requires",
    "restrict", "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch",
    "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual",
    "union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
];

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::super::reader;
    use super::*;

    /// Compilers and the modes in which they are asked.
    pub(in super::super) const COMPILERS: [(&str, [&str; 3]); 4] =
        [("cc", C), ("clang", C), ("c++", CPP), ("clang++", CPP)];
    const C: [&str; 3] = ["c11", "gnu17", "gnu2x"];
    const CPP: [&str; 3] = ["c++17", "gnu++17", "gnu++20"];

    /// All names, for tests.
    pub(in super::super) fn names() -> impl Iterator<Item = &'static str> {
        SYSTEM.all.iter().chain(KEYWORDS).chain(MEMBER_TYPES).copied().collect::<BTreeSet<_>>().into_iter()
    }

    /// What a compiler prints for a text: on standard output, or as an error. `None` if it is not installed.
    pub(in super::super) fn run(compiler: &str, arguments: &[&str], text: &str) -> Option<Result<String, String>> {
        let language = if compiler.contains("++") { "c++" } else { "c" };
        let child = Command::new(compiler)
            .args(arguments)
            .args(["-x", language, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            let _ = writeln!(std::io::stderr(), "==== SKIPPED: there is no compiler `{compiler}` ====");
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

    /// Whether the header could have such a name.
    fn is_possible(name: &str) -> bool {
        let mut letters = name.chars();
        let (first, second) = (letters.next(), letters.next());
        let is_reserved = first == Some('_') && second.is_none_or(|c| c == '_' || c.is_ascii_uppercase());
        first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && !is_reserved
    }

    /// The macros of `-dM`, as lines of the list.
    fn macros(text: &str, found: &mut BTreeSet<String>) {
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("#define ") else { continue };
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if is_possible(name) {
                found.insert(format!("{} {name}", if after.starts_with('(') { "name" } else { "macro" }));
            }
        }
    }

    /// What preprocessed headers declare at file scope: identifiers outside parentheses and braces, and those inside the braces of an
    /// `enum` or of `extern "C"`. Some of these are only used there, which does no harm.
    fn declarations(text: &str, found: &mut BTreeSet<String>) {
        let mut open: Vec<char> = Vec::new();
        let (mut hidden, mut last) = (0usize, String::new());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if c.is_ascii_alphanumeric() || c == '_' {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                if hidden == 0 && is_possible(&rest[..end]) && !KEYWORDS.contains(&&rest[..end]) {
                    found.insert(format!("name {}", &rest[..end]));
                }
                // The name after `enum` does not decide.
                if rest[..end].starts_with(|c: char| c.is_ascii_alphabetic()) && last != "enum" {
                    rest[..end].clone_into(&mut last);
                }
                rest = &rest[end..];
                continue;
            }
            match c {
                '"' => {
                    let end = rest[1..].find('"').map_or(rest.len(), |end| end + 1);
                    rest = &rest[end..];
                }
                '{' if hidden == 0 && (last == "enum" || last == "extern") => open.push(' '),
                '(' | '[' | '{' => {
                    open.push('h');
                    hidden += 1;
                }
                ')' | ']' | '}' if open.pop() == Some('h') => hidden -= 1,
                ';' => last.clear(),
                _ => {}
            }
            rest = rest.get(c.len_utf8()..).unwrap_or("");
        }
    }

    /// Headers that a program is likely to include in addition to those of `reader.h`.
    #[rustfmt::skip]
    const BESIDE: [&str; 18] = [
        "ctype.h", "float.h", "inttypes.h", "limits.h", "locale.h", "math.h", "pthread.h", "setjmp.h", "signal.h", "stdarg.h",
        "stdio.h", "stdlib.h", "sys/time.h", "sys/types.h", "sys/wait.h", "time.h", "wchar.h", "wctype.h",
    ];

    /// The lines that include all of them.
    pub(in super::super) fn includes() -> String {
        let own = reader::VALUE.lines().filter(|line| line.starts_with("#include")).map(str::to_owned);
        own.chain(BESIDE.map(|name| format!("#include <{name}>"))).fold(String::new(), |mut all, line| {
            let _ = writeln!(all, "{line}");
            all
        })
    }

    /// After a change of the headers that are included, or on a system with newer ones: `UPDATE_NAMES=1 cargo test -p seqcopy-cli
    /// names_of_the_system`, then read the diff.
    #[test]
    fn names_of_the_system_are_known() {
        let mut found = BTreeSet::new();
        for (compiler, modes) in COMPILERS {
            for mode in modes {
                for more in [&[][..], &["-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-D_FORTIFY_SOURCE=2"]] {
                    let standard = format!("-std={mode}");
                    let arguments = [&[standard.as_str(), "-O2", "-w", "-E"], more].concat();
                    let Some(text) = run(compiler, &[&arguments[..], &["-dM"]].concat(), &includes()) else { break };
                    // An older compiler may lack the mode.
                    let Ok(text) = text else { continue };
                    macros(&text, &mut found);
                    let text = run(compiler, &[&arguments[..], &["-P"]].concat(), &includes());
                    declarations(&text.expect("it was there").expect("it compiled"), &mut found);
                }
            }
        }
        let known: BTreeSet<String> = NAMES.lines().map(str::to_owned).collect();
        // Some names are macros in one mode and functions in another.
        let missing: Vec<&String> = found
            .iter()
            .filter(|line| {
                let name = line.split_once(' ').expect("two words").1;
                !(known.contains(*line) || line.starts_with("name") && is_taken(name))
            })
            .collect();
        if std::env::var_os("UPDATE_NAMES").is_some() {
            let all: BTreeSet<&String> = known.iter().chain(missing).collect();
            let text = all.iter().fold(String::new(), |mut text, line| {
                let _ = writeln!(text, "{line}");
                text
            });
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/command/header/system_names.txt");
            std::fs::write(path, text).expect("the list is written");
            return;
        }
        assert!(missing.is_empty(), "these are missing in system_names.txt (UPDATE_NAMES=1 adds them): {missing:#?}");
    }

    #[test]
    fn some_names() {
        for name in ["st_atime", "errno", "EOF", "class", "uint8_t", "O_RDONLY", "i386"] {
            assert!(conflicts_with_members(name), "{name}");
        }
        // Functions don't conflict with members.
        for name in ["open", "close", "stat", "shm_open", "size_t", "st_birthtim", "at"] {
            assert!(!conflicts_with_members(name), "{name}");
        }
        for name in ["open", "shm_open", "stat", "size_t", "MAP_SHARED", "while", "timespec", "S_ISREG"] {
            assert!(is_taken(name), "{name}");
        }
        for name in ["Quote", "MAP_TAG_SHARED", "quote_open", "tv_sec_of"] {
            assert!(!is_taken(name), "{name}");
        }
    }

    #[test]
    fn declarations_are_found() {
        let mut found = BTreeSet::new();
        declarations(
            "extern \"C\" {\ntypedef struct { int hidden; } kind_t; enum kind { ONE, TWO = (3), }; extern int f (int arg[4]);\n\
             struct tag { struct { char inner; } x; };}\nextern void g (void) __attribute__ ((nothing));",
            &mut found,
        );
        let names: Vec<&str> = found.iter().map(|line| &line[5..]).collect();
        assert_eq!(names, ["ONE", "TWO", "f", "g", "kind", "kind_t", "tag"]);
    }
}
