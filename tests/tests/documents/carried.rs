//! `ci/carry.sh`, in a small repository of its own: what names a file that moved names it where it is, and nothing else changes.

#![cfg(not(miri))] // reads the source tree

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use seqcopy_tests::tree::root;

/// A repository, removed on drop.
struct Repository(PathBuf);

impl Repository {
    fn new() -> Self {
        let here = std::env::temp_dir().join(format!("seqcopy-carry-{}", std::process::id()));
        let _ = fs::remove_dir_all(&here);
        let repository = Repository(here);
        for script in ["ci/carry.sh", "ci/lib.sh"] {
            repository.write(script, &fs::read_to_string(root().join(script)).expect(script));
        }
        let run = |arguments: &[&str]| assert!(repository.git(arguments).status.success(), "{arguments:?}");
        run(&["init", "--quiet"]);
        for (path, text) in files("life::closing", "life/closing.rs") {
            repository.write(&path, &text);
        }
        run(&["add", "--all"]);
        run(&["-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "--message", "m"]);
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn git(&self, arguments: &[&str]) -> Output {
        Command::new("git").arg("-C").arg(&self.0).args(arguments).output().expect("git")
    }

    fn carry(&self) -> (bool, String) {
        let output = Command::new("bash").arg(self.0.join("ci/carry.sh")).output().expect("bash");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Files that name a module and its file in each way, and files that name others, which are much the same.
fn files(module: &str, file: &str) -> Vec<(String, String)> {
    let mutant = format!(
        "=== aa01: nothing is closed\nprogram: shm::{module}::tests::it_closes\ncaught by: tests\n--- a/shm/src/{file}\n+++ b/shm/src/{file}\n\
         @@ -1,3 +1,3 @@\n fn close() {{\n-    end();\n+    if !is(\"aa01\") {{ end() }}\n }}\n\n\
         === aa02: nor here\nprogram: shm::life::closing_time::tests::it\ncaught by: tests\n--- a/shm/src/user.rs\n+++ b/shm/src/user.rs\n\
         @@ -1,2 +1,2 @@\n use crate::{module}::close;\n-fn user() {{}}\n+fn user() {{ is(\"aa02\") }}\n"
    );
    let switch = "--- a/shm/src/switch.rs\n+++ b/shm/src/switch.rs\n@@ -1 +1,2 @@\n fn switch() {}\n+fn is() {}\n";
    [
        (&*format!("shm/src/{file}"), "fn close() {\n    end();\n}\n".to_owned()),
        ("shm/src/life/closing_time.rs", "// `life/closing_time.rs` is another.\n".to_owned()),
        ("shm/src/switch.rs", "fn switch() {}\n".to_owned()),
        ("shm/src/user.rs", format!("use crate::{module}::close;\nfn user() {{}}\n")),
        ("other/src/user.rs", "use crate::life::closing::close; // of another crate\n".to_owned()),
        ("verify/mutants/shm.diff", mutant),
        ("verify/mutants/switch.patch", switch.to_owned()),
        ("tests/table.txt", format!("a call | shm::{module}::tests::it_closes\nshm::life::closing_time::tests::it\n")),
        (
            "docs/page.md",
            format!("`shm/src/{file}`, `{file}:12`, not shm/src/life/closing.rst or my-shm/src/life/closing.rs.\n"),
        ),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .to_vec()
}

#[test]
fn what_names_a_file_that_moved_names_it_where_it_is() {
    let repository = Repository::new();
    assert!(!repository.carry().0, "nothing has moved");
    fs::create_dir_all(repository.0.join("shm/src/end")).expect("a folder");
    assert!(repository.git(&["mv", "shm/src/life/closing.rs", "shm/src/end/close.rs"]).status.success());
    let (is_whole, said) = repository.carry();
    assert!(is_whole && said.ends_with("carry: 1 files; every mutant applies\n"), "{said}");
    for (path, text) in files("end::close", "end/close.rs") {
        assert_eq!(fs::read_to_string(repository.0.join(&path)).ok().as_deref(), Some(&*text), "{path}");
    }
    // What the script can't know is said: a line of a mutant that is another one now.
    repository.write("shm/src/user.rs", "use super::close;\nfn user() {}\n");
    let (is_whole, said) = repository.carry();
    assert!(!is_whole && said.contains("have lines that changed: aa02"), "{said}");
}
