//! Names in messages to other languages: those that the header and the types of the package have. A small file of its
//! own, as nothing else reads both.

#![cfg(not(miri))] // reads the source tree

use std::fs;

use seqcopy_shm::untyped::__foreign::NAMES;

use seqcopy_tests::tree::root;

/// Each word that begins with `seqcopy_` is in the header, and each option and class in the package.
#[test]
fn messages_name_what_is_there() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a file");
    let (header, package) = (read("seqcopy-c/include/seqcopy.h"), read("seqcopy-python/python/seqcopy/_seqcopy.pyi"));
    let quoted = |text: &'static str| text.split('`').skip(1).step_by(2).filter(|name| !name.starts_with('/'));
    for [_, c, python] in NAMES {
        for name in quoted(c) {
            // A field of a struct is looked for as well.
            for name in name.split('.') {
                assert!(header.contains(&format!(" {name}")) || header.contains(&format!("*{name}")), "{name} of C");
            }
        }
        for name in quoted(python) {
            for name in name.split('=').next().expect("a name").split('.') {
                assert!(package.contains(name), "{name} of Python");
            }
        }
    }
}
