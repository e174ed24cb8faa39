//! The README says what is so: its program is the crate page's (both are run as doctests), its drawing is the drawing,
//! its commands and links lead somewhere.
//!
//! The programs themselves are compiled and run by `cargo test --doc`: those of the README by way of `src/lib.rs`.

use std::path::{Path, PathBuf};

#[cfg(target_pointer_width = "64")]
use seqcopy::SeqCopy;
#[cfg(target_pointer_width = "64")]
use seqcopy_tests::has_vectors;

const README: &str = include_str!("../../README.md");
const PAGE: &str = include_str!("../../seqcopy/src/lib.rs");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

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

/// The same of the crate for shared memory.
fn shm_page() -> String {
    let lines = include_str!("../../seqcopy-shm/src/lib.rs").lines().map_while(|line| line.strip_prefix("//!"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn program_is_that_of_the_crate_page() {
    let ours = &blocks(README, "```rust")[0];
    assert_eq!(ours, &blocks(&page(), "```")[0], "README.md and the head of seqcopy/src/lib.rs differ");
    let lines = ours.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 11, "the ten-line program and its `use` have become {lines} lines:\n{ours}");
}

/// The modules of a `docs.rs` that show a page each, beside the pages' files.
fn pages_of(krate: &str) -> Vec<(String, String)> {
    let source = std::fs::read_to_string(root().join(krate).join("src/docs.rs")).unwrap();
    let list = source.rsplit_once("\npages! {\n").expect("a list of pages").1;
    let rows = list.lines().map_while(|line| line.trim().strip_suffix("\";"));
    rows.map(|row| row.split_once(": \"").map(|(module, file)| (module.to_owned(), file.to_owned())).unwrap()).collect()
}

#[test]
#[cfg_attr(miri, ignore = "looks at files")]
fn every_page_can_be_reached_from_the_readme_and_from_the_crate_page() {
    for (krate, links) in [("seqcopy", page()), ("seqcopy-shm", shm_page())] {
        let pages = pages_of(krate);
        assert!(!pages.is_empty());
        let mut files: Vec<_> = pages.iter().map(|(_, file)| file.clone()).collect();
        files.sort();
        let there = std::fs::read_dir(root().join(krate).join("docs")).unwrap();
        let mut there: Vec<_> = there.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        there.retain(|name| !name.ends_with("svg"));
        there.sort();
        assert_eq!(files, there, "the pages that {krate}/src/docs.rs shows, and those in {krate}/docs");
        for (module, _) in pages {
            let url = format!("(https://docs.rs/{krate}/latest/{}/docs/{module}/)", krate.replace('-', "_"));
            assert!(README.contains(&url), "README.md does not link {url}");
            assert!(links.contains(&format!("[`docs::{module}`]")), "the page of {krate} does not link docs::{module}");
        }
    }
}

/// What is linked on docs.rs is a page that there is.
#[test]
#[cfg_attr(miri, ignore = "looks at files")]
fn links_to_our_pages_lead_to_pages() {
    let mut texts = vec![("README.md".to_owned(), README.to_owned())];
    let mut urls = Vec::new();
    for krate in ["seqcopy", "seqcopy-shm"] {
        let url = format!("https://docs.rs/{krate}/latest/{}/docs/", krate.replace('-', "_"));
        for (module, file) in pages_of(krate) {
            let path = root().join(krate).join("docs").join(&file);
            texts.push((file, std::fs::read_to_string(path).unwrap()));
            urls.push(format!("{url}{module}/"));
        }
        let path = root().join(krate).join("src/docs.rs");
        texts.push((format!("docs.rs of {krate}"), std::fs::read_to_string(path).unwrap()));
    }
    for (name, text) in texts {
        for at in text.match_indices("https://docs.rs/seqcopy").map(|(at, _)| at) {
            let url = text[at..].split([')', '\\', '\n', '>', ' ']).next().unwrap();
            if !url.contains("/docs/") {
                continue; // an item
            }
            assert!(urls.iter().any(|page| page == url), "{name} links to {url}, which is not one of our pages");
        }
    }
}

/// Without code blocks, every word between two spaces counts: tables, links and addresses as well.
#[test]
#[cfg_attr(miri, ignore = "looks at text")]
fn readme_is_at_most_1500_words_long() {
    let mut code = false;
    let mut words = 0;
    for line in README.lines() {
        let fence = line.starts_with("```");
        code ^= fence;
        words += if code || fence { 0 } else { line.split_whitespace().count() };
    }
    assert!(!code, "a code block of the README does not end");
    assert!((1000..=1500).contains(&words), "the README has {words} words");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn drawing_is_the_drawing() {
    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Quote {
        open: bool,
        at: u64,
        bid: f32,
        ask: f32,
    }

    // Of builds with vectors, which are what most readers have.
    if !has_vectors() {
        return;
    }
    let drawn = Quote::LAYOUT.display(8).to_string();
    for (name, text) in [("README.md", README), ("lib.rs", &page())] {
        let shown = blocks(text, "```text").into_iter().find(|block| block.starts_with("struct Quote"));
        assert_eq!(shown.as_deref(), Some(drawn.trim_end()), "in {name}");
    }
}

#[test]
fn platform_tables_agree() {
    let table = |text: &str| {
        let rows = text.lines().skip_while(|line| !line.starts_with("| target |")).skip(1);
        rows.take_while(|line| line.starts_with('|')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(table(README), table(&page()));
    assert_eq!(table(README).len(), 7);
}

#[test]
fn version_and_compiler_are_those_of_the_manifest() {
    let manifest = include_str!("../../Cargo.toml");
    let minor = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    assert!(README.contains(&format!("`seqcopy = \"{minor}\"`")), "the README tells another version than {minor}");
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    for text in [README, PAGE] {
        assert!(text.contains(&format!("Rust {rust} or later")));
    }
}

#[test]
#[cfg_attr(miri, ignore = "looks at files")]
fn commands_and_links_lead_somewhere() {
    for command in ["cargo run --release --example telemetry -- --seconds 5", "cargo test --workspace"] {
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
    let targets = README.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    for target in targets.filter(|target| !target.contains("://")) {
        assert!(root().join(target).exists(), "the README links to {target}, which does not exist");
    }
}

/// Counts that the README tells about another page.
#[test]
#[cfg_attr(miri, ignore = "looks at files")]
fn soundness_page_has_as_many_premises_and_programs_as_the_readme_says() {
    let page = include_str!("../../seqcopy/docs/reference/soundness.md");
    let readme = README.split_whitespace().collect::<Vec<_>>().join(" ");
    let premises = page.lines().filter(|line| line.starts_with("### P")).count();
    assert!(readme.contains(&format!("{premises} premises")), "seqcopy/docs/reference/soundness.md has {premises} premises");
    let programs = std::fs::read_dir(root().join("verify/must_fail")).unwrap().count();
    assert!(readme.contains(&format!("{programs} programs")), "verify/must_fail has {programs} programs");
}
