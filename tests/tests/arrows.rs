//! Data flows one way: no module uses one that stands above it. Held for every crate, over `use` declarations and paths.
//!
//! What counts as an arrow is a path that begins with `crate::`: its next name is a module, or is looked up among the crate
//! root's re-exports. Left out are tests and models (`#[cfg(test)]` and files that only they declare), documentation, and
//! what macros of the crate name by `$crate::`, which is used where they are called.

#![cfg(not(miri))] // reads the source tree

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A crate, or a module with a directory of its own, and the modules in it, from the ground floor up.
struct Crate {
    /// Where its sources lie. Modules are named relative to that.
    root: &'static str,
    /// Each may use those before it.
    order: &'static [&'static str],
    /// Arrows upwards that are there on purpose: from, to, why.
    exceptions: &'static [(&'static str, &'static str, &'static str)],
}

const CRATES: &[Crate] = &[
    Crate {
        root: "seqcopy/src",
        order: &[
            "primitive",
            "backoff",
            "layout",
            "seq_copy",
            "copy",
            "in_place",
            "picture",
            "invalid_value",
            "maybe_invalid",
            "validate",
            "validate_bytes",
            "remote",
            "part",
            "private",
            "impls",
            "field",
            "raw",
            "atomic_per_byte",
            "types",
            "seq_count",
            "page",
            "lock",
            "seq_lock",
            "seq_latch",
            "watched",
        ],
        exceptions: &[
            ("layout", "copy", "`layout::Access` is a public name; the list of accesses is made above"),
            ("layout", "picture", "`layout::Picture` is a public name; the drawing is made above"),
            ("raw", "page", "`raw::Page` is a public name; pages have a word, which is made above"),
            ("private", "page", "generated code names the word of a page"),
            ("lock", "seq_lock", "`Writer<T>` is a `SeqLock`'s: the default of a type parameter"),
            ("lock", "seq_latch", "`LatchWriter<T>` names the lock that a `Writer` may be of"),
        ],
    },
    Crate {
        root: "seqcopy/src/lock",
        order: &[
            "version",
            "claim",
            "protocol",
            "claimed",
            "read",
            "payload",
            "single_buffer",
            "latch",
            "part",
            "unoptimised",
            "sequenced",
            "arc_field",
            "writer",
            "reader",
            "absent",
            "methods",
        ],
        exceptions: &[],
    },
    Crate {
        root: "seqcopy-derive/src",
        order: &["derive", "attr", "repr", "input", "check", "context", "bounds", "expand", "fallback", "output"],
        exceptions: &[],
    },
    Crate {
        root: "seqcopy-map/src",
        order: &[
            "primitive",
            "cell",
            "zeroed",
            "slot",
            "tags",
            "table",
            "claim",
            "tables",
            "growth",
            "hasher",
            "key",
            "iter",
            "map",
            "constructors",
            "whole",
        ],
        exceptions: &[],
    },
    Crate {
        root: "seqcopy-shm/src",
        order: &[
            "uid",
            "writer_state",
            "version_error",
            "schema",
            "error",
            "process",
            "fork_guard",
            "own_writers",
            "lock",
            "open_policy",
            "seals",
            "header",
            "map",
            "inspect",
            "writer_lock",
            "location",
            "closing",
            "buffers",
            "futex",
            "attempts",
            "checks",
            "mapping",
            "source",
            "region",
            "socket",
            "reader",
            "claimed",
            "new_region",
            "replacement",
            "open_or_create",
            "options",
            "writer",
            "wait",
            "flat_map",
        ],
        exceptions: &[("options", "writer", "`Options::create` makes what `Writer::create` is short for")],
    },
    Crate {
        root: "seqcopy-shm/src/flat_map",
        order: &[
            "primitive",
            "error",
            "hash",
            "key",
            "slot",
            "table",
            "lag",
            "place",
            "view",
            "reader",
            "batch",
            "commit",
            "writer",
            "options",
            "file",
        ],
        exceptions: &[("writer", "options", "`MapWriter::create` is short for `MapOptions::create`")],
    },
    Crate {
        root: "seqcopy-cli/src/command",
        order: &[
            "arguments",
            "columns",
            "printable",
            "time",
            "failure",
            "types",
            "region",
            "bits",
            "bounded",
            "variants",
            "expected",
            "value",
            "field",
            "text",
            "table",
            "to_json",
            "region_json",
            "schemas",
            "effort",
            "key",
            "source",
            "entries",
            "screen",
            "locks",
            "head",
            "whole",
            "show_map",
            "show",
            "watched",
            "watch_map",
            "watch",
            "compared",
            "diff_map",
            "diff",
            "header",
            "run",
        ],
        exceptions: &[],
    },
    Crate {
        root: "seqcopy-bindgen/src",
        order: &[
            "error",
            "identifiers",
            "keywords",
            "template",
            "names",
            "types",
            "check",
            "steps",
            "copy",
            "python",
            "bindings",
        ],
        exceptions: &[],
    },
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is around this crate").to_owned()
}

/// The Rust files below a directory.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// Whether tokens are `cfg(.. test ..)`, or `cfg(.. not(test))`, which is as much about tests.
fn is_test_only(attribute: &TokenStream) -> bool {
    fn names(tokens: &TokenStream, name: &str) -> bool {
        tokens.clone().into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == name,
            TokenTree::Group(group) => names(&group.stream(), name),
            _ => false,
        })
    }
    names(attribute, "cfg") && names(attribute, "test") && !names(attribute, "any")
}

/// The code of a file without what is only there in tests; the names of modules that are.
fn without_tests(tokens: TokenStream, tests: &mut BTreeSet<String>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match tokens.peek() {
            Some(TokenTree::Group(group))
                if is_hash && group.delimiter() == Delimiter::Bracket && is_test_only(&group.stream()) =>
            {
                tokens.next();
                // The item ends with a semicolon or a block.
                let mut before = String::new();
                for token in tokens.by_ref() {
                    match &token {
                        TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                        TokenTree::Ident(ident) if before == "mod" => _ = tests.insert(ident.to_string()),
                        _ => {}
                    }
                    before = token.to_string();
                }
                continue;
            }
            _ => {}
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                let inside = without_tests(group.stream(), tests).into_iter().collect();
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inside))
            }
            other => other,
        });
    }
    kept
}

/// The names after `crate::` and the path of the root, or after as many `super::` as lead to the root, each of them if they stand
/// in braces.
fn names_used(tokens: &[TokenTree], root: &[String], depth: usize, used: &mut Vec<String>) {
    let is = |at: usize, name: &str| matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident == name);
    let is_punct = |at: usize, char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => names_used(&group.stream().into_iter().collect::<Vec<_>>(), root, depth, used),
            TokenTree::Ident(ident) if ident == "crate" || ident == "super" => {
                // Each step of a path is a name and two colons.
                let supers = (0..=depth).take_while(|step| is(at + 3 * step, "super")).count();
                let goes_on = at >= 3 && is(at - 3, "super");
                if ident == "super" && (goes_on || supers != depth) {
                    continue;
                }
                let below_root = if ident == "crate" { root } else { &[] };
                let leads_to_root = (1..).zip(below_root).all(|(step, name)| is(at + 3 * step, name));
                if !leads_to_root {
                    continue;
                }
                let is_macro = at > 0 && is_punct(at - 1, '$');
                let at = at + 3 * (supers.saturating_sub(1) + below_root.len());
                let is_path = is_punct(at + 1, ':');
                match tokens.get(at + 3) {
                    _ if is_macro || !is_path => {}
                    Some(TokenTree::Ident(name)) => used.push(name.to_string()),
                    Some(TokenTree::Group(group)) => {
                        let mut at_start = true;
                        for token in group.stream() {
                            match token {
                                TokenTree::Ident(name) if at_start => {
                                    used.push(name.to_string());
                                    at_start = false;
                                }
                                TokenTree::Punct(punct) if punct.as_char() == ',' => at_start = true,
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn each_name(tokens: &[TokenTree], each: &mut impl FnMut(String)) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => each(name.to_string()),
            TokenTree::Group(group) => each_name(&group.stream().into_iter().collect::<Vec<_>>(), each),
            _ => {}
        }
    }
}

/// What the crate root hands on: the module of each name.
fn root_names(tokens: &[TokenTree]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')) {
        let Some(at) = statement.iter().position(|token| token.to_string() == "use") else { continue };
        let several = match statement.get(at + 1) {
            Some(TokenTree::Group(group)) => group.stream().into_iter().collect(),
            _ => statement[at + 1..].to_vec(),
        };
        for one in several.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')) {
            let Some(module) = one.first().map(TokenTree::to_string) else { continue };
            // The macros of the derive have the names of the traits.
            if module == "seqcopy_derive" {
                continue;
            }
            // Whatever identifier stands in it: names between module and name do no harm.
            each_name(&one[1..], &mut |name| _ = names.entry(name).or_insert_with(|| module.clone()));
        }
    }
    names
}

/// The arrows of a crate between its top modules: from, to, and the places that have them.
fn arrows(root: &Path) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut files = Vec::new();
    sources(root, &mut files);
    files.sort();
    let mut test_modules = BTreeSet::new();
    let parsed: Vec<_> = files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file");
            let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, without_tests(tokens, &mut test_modules))
        })
        .collect();
    let handed_on = parsed
        .iter()
        .find(|(path, _)| ["lib.rs", "main.rs", "mod.rs"].iter().any(|name| path == &root.join(name)))
        .map(|(_, tokens)| root_names(tokens))
        .expect("a crate root");
    // In a `mod.rs` nothing could be told apart from what stands above it: it hands on, and has nothing of its own.
    if let Some((path, tokens)) = parsed.iter().find(|(path, _)| path == &root.join("mod.rs")) {
        each_name(tokens, &mut |name| {
            let is_item = ["const", "enum", "fn", "impl", "macro_rules", "static", "struct", "trait", "type"];
            assert!(!is_item.contains(&name.as_str()), "{}: `{name}`: move it to a module with a name", path.display());
        });
    }
    // From the crate's root to this one.
    let mut below_crate: Vec<String> = root.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let sources = below_crate.iter().rposition(|part| part == "src").expect("sources lie in `src`");
    below_crate.drain(..=sources);

    let mut arrows: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (path, tokens) in &parsed {
        let place = path.strip_prefix(root).expect("below the root");
        let parts: Vec<_> =
            place.iter().map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned()).collect();
        let is_root = matches!(&parts[..], [name] if ["lib", "main", "mod"].contains(&name.as_str()));
        if is_root || parts.iter().any(|part| test_modules.contains(part)) {
            continue;
        }
        let from = &parts[0];
        let mut used = Vec::new();
        let depth = parts.iter().filter(|part| *part != "mod").count();
        names_used(tokens, &below_crate, depth, &mut used);
        for name in used {
            let is_module = root.join(&name).is_dir() || root.join(&name).with_extension("rs").is_file();
            // `as private` in the root leads to the module of that name.
            let to = if is_module { Some(&name) } else { handed_on.get(&name) };
            // What the root itself has stands below everything.
            if let Some(to) = to.filter(|to| *to != from).cloned() {
                arrows.entry((from.clone(), to)).or_default().insert(format!("{} uses {name}", place.display()));
            }
        }
    }
    arrows
}

#[test]
fn no_module_uses_one_above_it() {
    let mut upwards = Vec::new();
    for Crate { root, order, exceptions } in CRATES {
        let arrows = arrows(&repository().join(root));
        let floor = |module: &str| order.iter().position(|name| *name == module);
        for ((from, to), places) in &arrows {
            let (Some(low), Some(high)) = (floor(from), floor(to)) else {
                upwards.push(format!("{root}: {from} -> {to}: one of them has no place in the order: {places:?}"));
                continue;
            };
            if low < high && !exceptions.iter().any(|(a, b, _)| a == from && b == to) {
                upwards.push(format!("{root}: {from} -> {to}, which stands above it: {places:?}"));
            }
        }
        for (from, to, why) in *exceptions {
            let is_there = arrows.contains_key(&((*from).to_owned(), (*to).to_owned()));
            assert!(is_there, "{root}: there is no arrow {from} -> {to} any more ({why}): take the exception out");
        }
        for module in *order {
            let path = repository().join(root).join(module);
            assert!(path.is_dir() || path.with_extension("rs").is_file(), "{root}: there is no module {module}");
        }
    }
    assert!(upwards.is_empty(), "arrows upwards:\n{}", upwards.join("\n"));
}
