//! Data flows one way: no module uses one that stands above it. Held for every crate and for the examples that are made
//! of modules, over all paths: `crate::`, `$crate::`, `super::`, and those of `use` declarations.
//!
//! What counts as an arrow leads from one module of a folder to another, or to something that the folder's own file
//! has. `order.rs` has the orders; a folder of more than four modules must have one, and in a smaller one no two
//! modules use each other.

#![cfg(not(miri))] // reads the source tree

mod order;
mod paths;
mod system;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use order::{EXCEPTIONS, ORDERS};
use paths::{Module, Sources, rust_files, tokens_of};
use proc_macro2::{TokenStream, TokenTree};
use seqcopy_tests::tree::{files, root as repository};

/// The name for the folder itself, that is for `mod.rs`, `lib.rs`, `main.rs` or the file next to the folder.
const ITSELF: &str = "(itself)";

/// More modules than these need an order.
const FEW: usize = 4;

/// Arrows between the modules of a folder: from, to, and the files that have them.
type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

/// The crates: those that are published, and examples that are folders.
fn roots() -> Vec<PathBuf> {
    let entries = |dir: &Path| fs::read_dir(dir).into_iter().flatten().map(|entry| entry.expect("readable").path());
    let mut roots = Vec::new();
    for krate in entries(&repository()).filter(|path| path.join("Cargo.toml").is_file()) {
        let is_published = krate.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seqcopy"));
        roots.extend(is_published.then(|| krate.join("src")));
        roots.extend(entries(&krate.join("examples")).filter(|example| example.join("main.rs").is_file()));
    }
    roots.sort();
    roots
}

/// The sources of each crate, which are read once for all tests.
fn crates() -> &'static [(PathBuf, Sources)] {
    static CRATES: OnceLock<Vec<(PathBuf, Sources)>> = OnceLock::new();
    CRATES.get_or_init(|| roots().into_iter().map(|root| (root.clone(), Sources::read(&root))).collect())
}

/// The arrows in each folder of a crate.
fn arrows(sources: &Sources) -> BTreeMap<Module, Arrows> {
    let mut arrows: BTreeMap<Module, Arrows> = BTreeMap::new();
    for used in &sources.used {
        for to in sources.resolve(&used.target) {
            let common = used.by.iter().zip(&to).take_while(|(a, b)| a == b).count();
            // Whatever has a module may use it.
            let Some(from) = used.by.get(common).cloned() else { continue };
            let name = to.get(common).map_or(ITSELF, String::as_str).to_owned();
            let file = used.file.strip_prefix(repository()).expect("of the repository").display().to_string();
            arrows.entry(used.by[..common].to_vec()).or_default().entry((from, name)).or_default().insert(file);
        }
    }
    arrows
}

/// What is wrong with the arrows of one folder.
fn wrong(folder: &str, modules: &[&str], arrows: &Arrows) -> Vec<String> {
    let order = ORDERS.iter().find(|order| order.folder == folder).map(|order| order.modules);
    let mut wrong = Vec::new();
    let Some(order) = order else {
        if modules.len() > FEW {
            wrong.push(format!("{folder}: its {} modules have no order: {modules:?}", modules.len()));
        }
        let both_ways = arrows.iter().filter(|((from, to), _)| arrows.contains_key(&(to.clone(), from.clone())));
        wrong.extend(both_ways.map(|((from, to), places)| format!("{folder}: {from} <-> {to}: {places:?}")));
        return wrong;
    };
    let listed: BTreeSet<_> = order.iter().copied().collect();
    let there: BTreeSet<_> = modules.iter().copied().collect();
    wrong.extend(
        listed
            .symmetric_difference(&there)
            .map(|module| format!("{folder}: {module}: in the order or there, not both")),
    );
    let floor = |module: &str| order.iter().position(|name| *name == module).unwrap_or(order.len());
    for ((from, to), places) in arrows {
        let is_exception = EXCEPTIONS.iter().any(|(at, a, b, _)| (*at, *a, *b) == (folder, from, to));
        if floor(from) < floor(to) && !is_exception {
            wrong.push(format!("{folder}: {from} -> {to}, which stands above it: {places:?}"));
        }
    }
    wrong
}

#[test]
fn no_module_uses_one_above_it() {
    let mut all_wrong = Vec::new();
    let mut folders_seen = BTreeSet::new();
    let mut exceptions_seen = BTreeSet::new();
    for (root, sources) in crates() {
        let arrows = arrows(sources);
        let none = Arrows::new();
        let folders: BTreeSet<_> =
            sources.files().filter(|file| !file.is_empty()).map(|file| &file[..file.len() - 1]).collect();
        for folder in folders {
            let path = root.join(folder.iter().collect::<PathBuf>());
            let name = path.strip_prefix(repository()).expect("of the repository").display().to_string();
            let in_folder = |file: &&Module| file.len() == folder.len() + 1 && file.starts_with(folder);
            let modules: Vec<_> = sources.files().filter(in_folder).map(|file| file[folder.len()].as_str()).collect();
            let arrows = arrows.get(folder).unwrap_or(&none);
            all_wrong.extend(wrong(&name, &modules, arrows));
            for (at, from, to, _) in EXCEPTIONS.iter().filter(|(at, ..)| *at == name) {
                if arrows.contains_key(&((*from).to_owned(), (*to).to_owned())) {
                    exceptions_seen.insert((*at, *from, *to));
                }
            }
            folders_seen.insert(name);
        }
    }
    for order in ORDERS {
        assert!(folders_seen.contains(order.folder), "there is no folder {}", order.folder);
    }
    for (folder, from, to, why) in EXCEPTIONS {
        let is_there = exceptions_seen.contains(&(*folder, *from, *to));
        assert!(is_there, "{folder}: there is no arrow {from} -> {to} any more ({why}): take the exception out");
    }
    assert!(EXCEPTIONS.len() <= 3, "an exception is for what can't be otherwise: {EXCEPTIONS:?}");
    assert!(all_wrong.is_empty(), "arrows upwards:\n{}", all_wrong.join("\n"));
}

/// Imports show which module uses which: they name the owner, not the root, which hands on everything.
#[test]
fn imports_name_the_owner() {
    let mut through = Vec::new();
    let mut seen = 0;
    for (_, sources) in crates() {
        for used in sources.used.iter().filter(|used| !used.by.is_empty()) {
            seen += 1;
            let name = sources.through_the_root(&used.target);
            through.extend(name.map(|name| format!("{}: {name}", used.file.display())));
        }
    }
    assert!(seen > 1500, "only {seen} paths were found");
    assert!(through.is_empty(), "these import from the crate's root what another module owns: {through:#?}");
}

/// The most floors that a crate may have, and the command, which is one folder.
const FLOORS: usize = 8;
const FLOORS_OF_COMMAND: usize = 10;

/// How many modules of the crate's root stand above each other, each using the next; one more than `most` if there are
/// more, or they are a circle.
fn floors(arrows: &Arrows, most: usize) -> usize {
    fn floor(module: &str, arrows: &Arrows, most: usize) -> usize {
        let below = arrows.keys().filter(|(from, to)| most > 0 && from == module && to != ITSELF && to != from);
        1 + below.map(|(_, to)| floor(to, arrows, most - 1)).max().unwrap_or(0)
    }
    arrows.keys().map(|(from, _)| floor(from, arrows, most)).max().unwrap_or(0)
}

/// Two modules that use each other, which [`floors`] must not follow indefinitely; and a chain.
#[test]
fn floors_of_a_circle_end() {
    let of = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(a, b)| (((*a).to_owned(), (*b).to_owned()), BTreeSet::new())).collect()
    };
    assert_eq!(floors(&of(&[("a", "b"), ("b", "a")]), FLOORS), FLOORS + 1);
    assert_eq!(floors(&of(&[("a", "b"), ("b", "c"), ("a", "c")]), FLOORS), 3);
}

#[test]
fn no_crate_is_too_high() {
    let mut high = Vec::new();
    for (root, sources) in crates().iter().filter(|(root, _)| root.ends_with("src")) {
        let name = root.strip_prefix(repository()).expect("of the repository").display().to_string();
        let (folder, most) = match name.as_str() {
            "seqcopy-cli/src" => (vec!["command".to_owned()], FLOORS_OF_COMMAND),
            _ => (Module::new(), FLOORS),
        };
        let found = arrows(sources).get(&folder).map_or(0, |arrows| floors(arrows, most));
        if found > most {
            high.push(format!("{name}: {found} floors, at most {most}"));
        }
    }
    assert!(high.is_empty(), "{high:?}");
}

/// Folders whose modules are what others use, and why.
const OPEN: [(&str, &str); 4] = [
    ("seqcopy-shm/src/sys/unix", "each system has the same modules: they are the list of what is asked of it"),
    ("seqcopy-shm/src/sys/windows", "likewise"),
    ("seqcopy-shm/src/untyped", "the hidden door of other languages"),
    ("seqcopy/src/copy", "`in_place`, whose names need it"),
];

/// A folder's `mod.rs` has its face, and its files are private.
#[test]
fn folders_have_a_door() {
    let mut open = BTreeSet::new();
    for file in files().iter().filter(|file| file.starts_with("seqcopy") && file.contains("/src/")) {
        let Some(folder) = file.strip_suffix("/mod.rs").filter(|folder| !folder.contains("/models")) else {
            let folder = file.strip_suffix(".rs").unwrap_or("");
            // The texts of recipes are no modules.
            let is_folder = repository().join(folder).is_dir() && !folder.ends_with("models/recipes");
            assert!(folder.is_empty() || !is_folder, "{file}: a folder opens with mod.rs");
            continue;
        };
        let text = fs::read_to_string(repository().join(file)).expect("a source");
        let lines = text.lines().filter(|line| line.ends_with(';') && !line.starts_with("pub(super)"));
        if lines.into_iter().any(|line| line.starts_with("pub") && line.contains(" mod ")) {
            open.insert(folder.to_owned());
        }
    }
    let named: BTreeSet<_> = OPEN.iter().map(|(folder, _)| (*folder).to_owned()).collect();
    assert_eq!(open, named, "a folder hands on what others use, and its modules are private");
}

fn each_name(tokens: TokenStream, each: &mut impl FnMut(String)) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => each(name.to_string()),
            TokenTree::Group(group) => each_name(group.stream(), each),
            _ => {}
        }
    }
}

#[test]
fn examples_use_the_public_interface() {
    let mut seen = 0;
    for krate in ["seqcopy", "seqcopy-map", "seqcopy-shm"] {
        let mut files = Vec::new();
        rust_files(&repository().join(krate).join("examples"), &mut files);
        for file in files {
            seen += 1;
            each_name(tokens_of(&file), &mut |name| {
                // What `seqcopy/src/lib.rs` has for generated code, for the other crates and for tests.
                let is_hidden = name.starts_with("__") || name == "in_place";
                assert!(!is_hidden, "{} names `{name}`, which is not public", file.display());
            });
        }
    }
    assert!(seen > 20, "only {seen} examples were found");
}
