//! The header that is checked in is the one that cbindgen makes of the sources. `BLESS=1` writes it.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::path::Path;

/// The comments as a C programmer reads them: without examples in Rust, and links.
fn of_c(header: &str) -> String {
    let mut in_example = false;
    let mut lines: Vec<String> = Vec::new();
    for line in header.lines() {
        let comment = line.trim_start().strip_prefix("//").map(str::trim);
        if comment.is_some_and(|text| text.starts_with("```")) {
            in_example = !in_example;
        } else if !in_example {
            // An empty line before the end of a comment, or before another.
            let is_comment = comment.is_some_and(|text| !text.is_empty());
            if !is_comment && lines.last().is_some_and(|last| last.trim() == "//") {
                lines.pop();
            }
            lines.push(without_links(line).replace("# Safety", "Duties:").trim_end().to_owned());
        }
    }
    lines.join("\n") + "\n"
}

/// ``[`name`](place)`` as `name`.
fn without_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else { break };
        text.push_str(before);
        text.push_str(name);
        rest = after;
        if let Some(place) = after.strip_prefix('(') {
            rest = place.split_once(')').map_or(rest, |(_, rest)| rest);
        }
    }
    text.push_str(rest);
    text
}

#[test]
fn the_header_is_that_of_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::Builder::new().with_crate(root).with_config(config).generate().unwrap().write(&mut made);
    let made = of_c(&String::from_utf8(made).unwrap()).replace("@version@", env!("CARGO_PKG_VERSION"));
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/include/seqcopy.h");
    seqcopy_harness::is_as_written(place, include_str!("../include/seqcopy.h"), &made);
}

#[test]
fn links_and_examples_are_left_out() {
    let rust = "// See [`a`](b), [`c`].\n//\n// # Safety\n// x\n//\n// ```\n// code\n// ```\nint f(void);\n";
    assert_eq!(of_c(rust), "// See a, c.\n//\n// Duties:\n// x\nint f(void);\n");
}
