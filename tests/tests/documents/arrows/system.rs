//! What the operating system is, `seqcopy-shm/src/sys` knows, and no other module of that crate. And in which order the
//! machine has the bytes of a number, no module has to know but those of a format of its own.

use std::fs;

use seqcopy_tests::tree::{files, root};

/// Names of what asks a system, and of what it calls a file by.
const NAMES: [&str; 6] = ["rustix", "nix::", "libc", "windows_sys", "\"/proc", "os::fd::"];

/// What gives the descriptors of Unix out, and exists there only.
const DESCRIPTORS: &str = "handle/notifier/mod.rs";

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

/// What has a byte order of its own, whatever the machine's: schemas, hashes, samples of a relay, addresses, what a
/// processor says of itself.
const FORMATS: [&str; 10] = [
    "seqcopy-map/src/hasher.rs",
    "seqcopy-relay/src/sample.rs",
    "seqcopy-shm/src/flat_map/key.rs",
    "seqcopy-shm/src/schema/parse.rs",
    "seqcopy-shm/src/schema_builder/mod.rs",
    "seqcopy-shm/src/sys/windows/file.rs",
    "seqcopy-shm/src/sys/windows/user.rs",
    "seqcopy/src/copy/vector/x86_64/moves.rs",
    "seqcopy/src/impls/compound.rs",
    "seqcopy/src/layout/schema.rs",
];

#[test]
fn numbers_of_values_are_in_the_order_of_the_machine() {
    let mut fixed = Vec::new();
    for file in files() {
        let is_shipped = file.starts_with("seqcopy") && file.contains("/src/") && file.contains(".rs");
        if !is_shipped || file.contains("tests") {
            continue;
        }
        let text = fs::read_to_string(root().join(&file)).expect("a source");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        if code.into_iter().any(|line| line.contains("_le_bytes(") || line.contains("_be_bytes(")) {
            fixed.push(file);
        }
    }
    fixed.sort();
    assert_eq!(fixed, FORMATS, "numbers of values are read by `number_of`, and stored by `put_number`");
}
