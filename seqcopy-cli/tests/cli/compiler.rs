//! What the tests of programs in C share: the compilers, a directory for headers and programs, and what is said where a
//! tool is missing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use super::*;

/// Prints a line that is seen also if the test passes.
pub(super) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says that something is not tested on this machine. With `SEQCOPY_NO_SKIP`, for machines that can have every tool
/// (`ci/lib.sh`), it fails.
pub(super) fn skipped(what: &str) {
    say(&format!("==== SKIPPED: {what} ===="));
    assert!(std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty()), "skipped: {what}");
}

pub(super) struct Compiler {
    pub(super) command: &'static str,
    language: &'static str,
    standard: &'static str,
}

pub(super) const C: Compiler = Compiler { command: "cc", language: "c", standard: "-std=c11" };
pub(super) const CPP: Compiler = Compiler { command: "c++", language: "c++", standard: "-std=c++17" };
pub(super) const CPP20: Compiler = Compiler { standard: "-std=c++20", ..CPP };

impl Compiler {
    pub(super) fn is_there(&self) -> bool {
        let runs = Command::new(self.command).arg("--version").output().is_ok_and(|output| output.status.success());
        if !runs {
            skipped(&format!("there is no compiler `{}`, nothing was compiled by it", self.command));
        }
        runs
    }

    /// What makes a program end at an access out of bounds, where the compiler has it.
    fn sanitizers(&self) -> &'static [&'static str] {
        const FLAGS: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
        static ARE_THERE: Mutex<BTreeMap<&str, bool>> = Mutex::new(BTreeMap::new());
        let mut are_there = ARE_THERE.lock().unwrap_or_else(PoisonError::into_inner);
        let are_there = are_there.entry(self.command).or_insert_with(|| {
            let (place, source) = (workshop(), "int main(void) { return 0; }");
            let (source_path, exe) = (place.0.join("empty.c"), place.0.join("empty"));
            fs::write(&source_path, source).expect("a source");
            let mut command = Command::new(self.command);
            command.args(FLAGS).args(["-x", self.language]).arg(&source_path).arg("-o").arg(&exe);
            let runs = command.output().is_ok_and(|output| output.status.success())
                && Command::new(&exe).status().is_ok_and(|status| status.success());
            if !runs {
                skipped(&format!("`{}` has no address sanitizer, programs run without", self.command));
            }
            runs
        });
        if *are_there { FLAGS } else { &[] }
    }

    /// Compiles a program that includes headers from `dir` and those of the C library, and links that, with the address
    /// sanitizer; without an output, only looks at it. Little optimised, for the time it takes.
    #[track_caller]
    pub(super) fn compile(&self, dir: &Path, source: &Path, output: Option<&Path>) {
        let mut command = Command::new(self.command);
        command.args([self.standard, "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-O1"]);
        command
            .arg("-I")
            .arg(dir)
            .arg("-I")
            .arg(include())
            .args(["-x", self.language])
            .arg(source)
            .args(["-x", "none"]);
        match output {
            Some(path) => {
                // Beside this test, since it depends on that crate.
                let library = std::env::current_exe().unwrap().with_file_name("libseqcopy_c.a");
                command.arg(library).args(["-lpthread", "-ldl", "-lm"]).args(self.sanitizers()).arg("-o").arg(path)
            }
            None => command.arg("-fsyntax-only"),
        };
        Self::succeeds(command);
    }

    /// Compiles what is loaded by, or loads, what has no sanitizer, or is looked at as users have it.
    #[track_caller]
    pub(super) fn compile_without_sanitizers(&self, arguments: &[&OsStr], output: &Path) {
        let mut command = Command::new(self.command);
        command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2"]).args(arguments).arg("-o").arg(output);
        Self::succeeds(command);
    }

    /// The errors of a program that does not compile.
    #[track_caller]
    pub(super) fn refuses(&self, dir: &Path, source: &Path) -> String {
        let mut command = Command::new(self.command);
        command.arg(self.standard).arg("-I").arg(dir).arg("-I").arg(include());
        let output = command.args(["-fsyntax-only", "-x", self.language]).arg(source).output().expect("it starts");
        assert!(!output.status.success(), "{command:?} succeeds");
        String::from_utf8(output.stderr).expect("a text")
    }

    #[track_caller]
    fn succeeds(mut command: Command) {
        let output = command.output().expect("the compiler starts");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Where the headers of the C library are.
pub(super) fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../seqcopy-c/include")
}

/// A directory for headers and programs.
pub(super) fn workshop() -> Place {
    let place = Place::new();
    fs::create_dir(&place.0).unwrap();
    place
}

/// What a program prints, in one line.
#[track_caller]
pub(super) fn prints(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text").trim_end().to_owned()
}

/// Puts the header of a region into a directory.
pub(super) fn header(workshop: &Place, region: &Place, name: &str) {
    let text = shows(&["header", "--name", name, region.path()]);
    fs::write(workshop.0.join(format!("{name}.h")), text).unwrap();
}

pub(super) fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(name)
}

/// A program that answers each line of its input by a line. It is killed when this is dropped, also where a test fails:
/// it might run forever.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Running {
    pub(super) fn start(exe: &Path, arguments: &[&str]) -> Running {
        Self::start_with(exe, arguments, &[])
    }

    /// The same, with variables.
    pub(super) fn start_with(exe: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut command = Command::new(exe);
        command.envs(variables.iter().copied());
        // A handler of the sanitizer would take the place of the default action.
        command.args(arguments).env("ASAN_OPTIONS", "handle_sigbus=0").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Running { orders: child.stdin.take(), child, answers }
    }

    pub(super) fn tell(&mut self, order: &str) {
        writeln!(self.orders.as_mut().expect("it has not ended"), "{order}").expect("a program that listens");
    }

    /// Whether it has not ended.
    pub(super) fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// The next line, or nothing at the end.
    pub(super) fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("text");
        line.trim_end().to_owned()
    }

    /// What it still says when there are no more orders, and how it ends.
    pub(super) fn end(mut self) -> (String, ExitStatus) {
        self.orders = None;
        let mut rest = String::new();
        self.answers.read_to_string(&mut rest).expect("text");
        (rest, self.child.wait().expect("a child"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
