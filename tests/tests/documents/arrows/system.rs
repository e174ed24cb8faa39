//! What the operating system is, `seqcopy-shm/src/sys` knows, and no other module of that crate.

use std::fs;

use seqcopy_tests::tree::{files, root};

/// Names of what asks a system, and of what it calls a file by.
const NAMES: [&str; 6] = ["rustix", "nix::", "libc", "windows_sys", "\"/proc", "os::fd::"];

/// What gives the descriptors of Unix out, and exists there only.
const DESCRIPTORS: &str = "notifier.rs";

#[test]
fn only_one_folder_names_the_system() {
    let mut naming = Vec::new();
    for file in files() {
        let Some(module) = file.strip_prefix("seqcopy-shm/src/") else { continue };
        if module.starts_with("sys/") || module.contains("tests") || !module.contains(".rs") {
            continue;
        }
        let text = fs::read_to_string(root().join(&file)).expect("a source");
        // Up to the tests of the file, without comments.
        let code = text.lines().take_while(|line| *line != "mod tests {");
        let code = code.filter(|line| !line.trim_start().starts_with("//"));
        let names = if module == DESCRIPTORS { &NAMES[..5] } else { &NAMES };
        if code.into_iter().any(|line| names.iter().any(|name| line.replace("unix::", "").contains(name))) {
            naming.push(module.to_owned());
        }
    }
    assert!(naming.is_empty(), "these name the system, which `sys` is for: {naming:?}");
}
