//! The README is true and short: its program is the crate page's (both are run as doctests), its commands, pictures and
//! links lead somewhere. So is what the crate page shows: its drawing, its platforms.
//!
//! The programs themselves are compiled and run by `cargo test --doc`: those of the README by way of `src/lib.rs`.

#![cfg(not(miri))] // looks at files and text

use std::fs;

#[cfg(target_pointer_width = "64")]
use seqcopy::SeqCopy;
#[cfg(target_pointer_width = "64")]
use seqcopy_tests::has_vectors;
use seqcopy_tests::tree::root;

const README: &str = include_str!("../../../README.md");
const PAGE: &str = include_str!("../../../seqcopy/src/lib.rs");

/// The fenced blocks of a text that begin with this fence.
fn blocks(text: &str, fence: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == fence {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>().join("\n"));
        } else if line.starts_with("```") {
            // Another block, which may show a fence of this kind.
            lines.by_ref().find(|line| *line == "```");
        }
    }
    blocks
}

/// The crate's own page, without the comment marks.
fn page() -> String {
    let lines = PAGE.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn program_is_that_of_the_crate_page() {
    let ours = &blocks(README, "```rust")[0];
    assert_eq!(ours, &blocks(&page(), "```")[0], "README.md and the head of seqcopy/src/lib.rs differ");
    let lines = ours.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 13, "the short program has become {lines} lines:\n{ours}");
    assert!(
        ours.lines().all(|line| line.chars().count() <= 80),
        "docs.rs does not show the ends of longer lines:\n{ours}"
    );
}

/// Links to pages are to files, which a clone has, and not to docs.rs, which has nothing before the first release.
#[test]
fn links_to_our_pages_lead_to_pages() {
    let pages =
        targets().filter(|target| target.contains("/docs/guide/") || target.contains("/docs/reference/")).count();
    assert!(pages >= 8, "README.md links only {pages} pages");
    assert!(
        !README.contains("https://docs.rs/seqcopy"),
        "see CONTRIBUTING.md, `To be filled in before the first release`"
    );
}

/// The map of pages has each guide, each reference page of the locks, and the page of each crate.
#[test]
fn every_page_is_linked() {
    let targets: Vec<_> = targets().collect();
    let mut pages = 0;
    for folder in
        ["seqcopy/docs/guide", "seqcopy/docs/reference", "seqcopy-shm/docs/guide", "seqcopy-shm/docs/reference"]
    {
        for entry in fs::read_dir(root().join(folder)).expect("a folder of pages") {
            let name = entry.expect("a page").file_name().into_string().expect("a name");
            let page = format!("{folder}/{name}");
            // The argument for regions is linked from that for the locks.
            if std::path::Path::new(&page).extension().is_some_and(|kind| kind == "md")
                && page != "seqcopy-shm/docs/reference/soundness.md"
            {
                pages += 1;
                assert!(targets.contains(&page.as_str()), "README.md does not link to {page}");
            }
        }
    }
    assert!(pages >= 22, "{pages} pages");
    for entry in fs::read_dir(root()).expect("the repository") {
        let page = format!("{}/README.md", entry.expect("a folder").file_name().to_string_lossy());
        // The front page is that of the crate `seqcopy`.
        if page.starts_with("seqcopy") && root().join(&page).exists() && page != "seqcopy/README.md" {
            assert!(targets.contains(&page.as_str()), "README.md does not link to {page}");
        }
    }
}

/// Where links lead, those that are defined by name included.
fn targets() -> impl Iterator<Item = &'static str> {
    let inline = README.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    inline.chain(README.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).map(|(_, target)| target))
}

/// Each link by name is defined, and each definition is used.
#[test]
fn links_by_name_are_defined() {
    for name in README.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).map(|(name, _)| name) {
        let used = format!("[{name}]");
        assert!(README.matches(&used).count() >= 2, "nothing links to {used}");
    }
    let text = blocks_removed(README);
    for (before, link) in text.match_indices('[').map(|(at, _)| (&text[..at], &text[at + 1..])) {
        let Some((name, after)) = link.split_once(']') else { continue };
        if before.ends_with(['#', '`', ']']) || after.starts_with(['(', ':']) || name.contains('`') {
            continue; // an attribute, an address that follows
        }
        let name = if let Some(other) = after.strip_prefix('[') { other.split(']').next().unwrap() } else { name };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(README.contains(&format!("\n[{name}]: ")), "[{name}] is not defined");
    }
}

/// The text without its code blocks.
fn blocks_removed(text: &str) -> String {
    let mut code = false;
    let mut kept = String::new();
    for line in text.lines() {
        let fence = line.starts_with("```");
        code ^= fence;
        if !code && !fence {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    assert!(!code, "a code block does not end");
    kept
}

/// Without code blocks, and without the addresses at the end, which are not shown; whatever has a letter or a digit is
/// a word, in tables as well.
#[test]
fn readme_is_at_most_900_words_long() {
    let text = blocks_removed(README);
    let shown = text.lines().filter(|line| !line.starts_with('[') || !line.contains("]: "));
    let words = shown.flat_map(str::split_whitespace).filter(|word| word.contains(char::is_alphanumeric)).count();
    assert!((600..=900).contains(&words), "the README has {words} words");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn drawing_is_the_drawing() {
    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Tick {
        open: bool,
        at: u64,
        bid: f32,
        ask: f32,
    }

    // Those of builds with vectors, which are what most readers have.
    if !has_vectors() {
        return;
    }
    let drawn = Tick::LAYOUT.display(8).to_string();
    let shown = blocks(&page(), "```text").into_iter().find(|block| block.starts_with("struct Tick"));
    assert_eq!(shown.as_deref(), Some(drawn.trim_end()), "in seqcopy/src/lib.rs");
}

#[test]
fn platform_table_has_every_kind_of_target() {
    let page = page();
    let rows = page.lines().skip_while(|line| !line.starts_with("| target |")).take_while(|line| line.starts_with('|'));
    assert_eq!(rows.count(), 8, "the platforms in seqcopy/src/lib.rs");
}

#[test]
fn version_and_compiler_are_those_of_the_manifest() {
    let manifest = include_str!("../../../Cargo.toml");
    let minor = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    assert!(README.contains(&format!("`seqcopy = \"{minor}\"`")), "the README has another version than {minor}");
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    for text in [README, PAGE] {
        assert!(text.contains(&format!("Rust {rust} or later")));
    }
}

#[test]
fn commands_and_links_lead_somewhere() {
    for command in ["cargo run --release --example telemetry -- --seconds 5", "cargo test"] {
        assert!(blocks(README, "```sh").iter().any(|block| block.lines().any(|line| line == command)), "{command}");
    }
    let map = "cargo run --release --example processes  # ";
    assert!(blocks(README, "```sh").iter().any(|block| block.lines().any(|line| line.starts_with(map))), "{map}");
    for example in [
        "seqcopy-shm/examples/telemetry/main.rs",
        "seqcopy-shm/examples/processes/main.rs",
        "seqcopy/examples/layout.rs",
    ] {
        assert!(root().join(example).exists(), "{example}");
    }
    for target in targets().filter(|target| !target.contains("://")) {
        assert!(root().join(target).exists(), "the README links to {target}, which does not exist");
    }
}

/// `ci/asm.sh` compares the functions with the files, and writes both with `--bless`.
#[test]
fn the_page_shows_the_machine_code_on_record() {
    let read = |file: &str| fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let page = read("seqcopy/docs/reference/machine-code.md");
    let mut functions = 0;
    for part in page.split("<!-- ").skip(1) {
        let (place, rest) = part.split_once(" -->\n```text\n").expect("a place, and a program");
        let (file, function) = place.split_once(' ').expect("a file, and a function in it");
        let shown = rest.split("```").next().expect("its end");
        let recorded = format!("{}\n", read(file));
        assert!(recorded.contains(&format!("{function}:\n{shown}\n")), "{place} is another: run ci/asm.sh --bless");
        functions += 1;
    }
    assert_eq!(functions, 12, "of six functions on two processors");
}

/// The table of crates has each that is published, or made in this repository.
#[test]
fn every_crate_is_in_the_table() {
    let table =
        README.split("| crate or package |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a table");
    let folders = fs::read_dir(root()).expect("the repository").map(|entry| entry.expect("a folder").file_name());
    let mut crates = 0;
    for name in folders.map(|name| name.into_string().expect("a name")).filter(|name| name.starts_with("seqcopy")) {
        if root().join(&name).join("Cargo.toml").is_file() {
            crates += 1;
            assert!(table.contains(&format!("`{name}`")), "{name} is not in README.md's table of crates");
        }
    }
    assert_eq!(table.matches("`seqcopy").count(), crates + 1, "the table has a crate that is gone");
}

/// What README.md shows in C and Python are lines of pages whose programs are run.
#[test]
fn lines_in_other_languages_are_from_programs_that_are_run() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect("a page");
    for (fence, page) in
        [("```c", "seqcopy-shm/docs/guide/other-languages.md"), ("```python", "seqcopy-python/README.md")]
    {
        let (shown, page) = (blocks(README, fence), read(page));
        assert_eq!(shown.len(), 1, "{fence}");
        for line in shown[0].lines() {
            assert!(page.lines().any(|there| there == line), "{line:?} is not on the page");
        }
    }
}

/// Each call in the table of languages is one that the language has.
#[test]
fn calls_in_the_table_of_languages_are_there() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect("a file");
    let page = read("seqcopy-shm/docs/guide/other-languages.md");
    let package = "seqcopy-python/python/seqcopy/";
    let table =
        page.split_once("## The same calls").and_then(|(_, rest)| rest.split_once("\n## ")).expect("the table").0;
    // Where a name is declared, and what stands before it there.
    let sources = [
        ("api/seqcopy-shm.txt", "::"),
        ("seqcopy-c/include/seqcopy.h", "seqcopy_"),
        ("seqcopy-c/include/seqcopy.hpp", ""),
    ]
    .map(|(file, before)| (file, before, read(file)));
    let python = ["_seqcopy.pyi", "__init__.py"].map(|file| read(&format!("{package}{file}"))).concat();
    let sources = sources.into_iter().chain([(package, " ", python)]).collect::<Vec<_>>();
    let mut names = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let columns: Vec<&str> = row.split('|').collect();
        for (column, (file, before, text)) in columns[2..].iter().zip(&sources) {
            for name in column.split('`').skip(1).step_by(2) {
                let has = [format!("{before}{name}("), format!("{before}{name}<"), format!("{before}{name}:")];
                assert!(has.iter().any(|has| text.contains(has)), "{file} has no {name}");
                names += 1;
            }
        }
    }
    assert!(names > 70, "only {names}");
}
