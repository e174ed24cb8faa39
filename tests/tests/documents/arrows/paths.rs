//! The paths in a crate's sources, and the modules that they lead to.
//!
//! A path begins with `crate`, `$crate`, `super` or `self`, or stands in a `use` declaration. It is followed through
//! every `use` that hands a name on, to the module that has the item. Left out are tests and models (`#[cfg(test)]`,
//! and files that only they declare), documentation, and `pub(in path)`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module by the names that lead to it; the crate's root has none.
pub(crate) type Module = Vec<String>;

/// A path: the module that it starts from, and the names that follow.
#[derive(Clone)]
pub(crate) struct Target {
    from: Module,
    names: Vec<String>,
    /// Without `crate`, `super` or `self`: the first name may be that of another crate.
    may_be_foreign: bool,
    /// `$crate` in a macro, which other crates expand: always by the root.
    is_expanded: bool,
}

/// A path that a file has.
pub(crate) struct Used {
    pub(crate) by: Module,
    pub(crate) file: PathBuf,
    pub(crate) target: Target,
}

/// What is known of a module, be it a file or inside of one.
#[derive(Default)]
struct Names {
    is_file: bool,
    /// What it hands on, or uses: several targets, where `cfg` chooses.
    named: BTreeMap<String, Vec<Target>>,
}

/// The sources of a crate.
#[derive(Default)]
pub(crate) struct Sources {
    modules: BTreeMap<Module, Names>,
    pub(crate) used: Vec<Used>,
}

impl Sources {
    /// Those of the crate whose `lib.rs` or `main.rs` lies in `root`.
    pub(crate) fn read(root: &Path) -> Sources {
        let mut files = Vec::new();
        rust_files(root, &mut files);
        let mut tests = BTreeSet::new();
        let mut parsed: Vec<_> = files
            .into_iter()
            .map(|file| {
                let module = module_of(file.strip_prefix(root).expect("below the root"));
                let tokens = without_tests(tokens_of(&file), &module, &mut tests);
                (module, file, tokens)
            })
            .collect();
        parsed.retain(|(module, ..)| !(1..=module.len()).any(|length| tests.contains(&module[..length])));
        let mut sources = Sources::default();
        for (module, file, tokens) in parsed {
            sources.modules.entry(module.clone()).or_default().is_file = true;
            sources.scan(&tokens, &module, (&module, &file));
        }
        sources
    }

    /// The modules that are files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Module> {
        self.modules.iter().filter(|(_, names)| names.is_file).map(|(module, _)| module)
    }

    /// The modules that have what a path names. None of another crate.
    pub(crate) fn resolve(&self, target: &Target) -> BTreeSet<Module> {
        let mut found = BTreeSet::new();
        self.follow(target, &[], 0, &mut found);
        found
    }

    /// The name by which a path takes from the crate's root what the root only hands on. A macro has no other path.
    pub(crate) fn through_the_root(&self, target: &Target) -> Option<String> {
        let name =
            target.names.first().filter(|_| target.from.is_empty() && !target.may_be_foreign && !target.is_expanded)?;
        let root = self.modules.get(&Module::new())?;
        let is_module = self.modules.contains_key(std::slice::from_ref(name));
        let is_handed_on = root.named.get(name)?.iter().any(|target| !target.names.is_empty());
        (is_handed_on && !is_module).then(|| name.clone())
    }

    fn follow(&self, target: &Target, more: &[String], depth: usize, found: &mut BTreeSet<Module>) {
        let mut at = target.from.clone();
        let names: Vec<_> = target.names.iter().chain(more).cloned().collect();
        for (i, name) in names.iter().enumerate() {
            let child: Module = at.iter().chain([name]).cloned().collect();
            if self.modules.contains_key(&child) {
                at = child;
                continue;
            }
            let handed_on = self.modules.get(&at).and_then(|known| known.named.get(name));
            match handed_on {
                Some(targets) if depth < 20 => {
                    return targets.iter().for_each(|next| self.follow(next, &names[i + 1..], depth + 1, found));
                }
                None if i == 0 && target.may_be_foreign => return,
                // An item of this module.
                _ => break,
            }
        }
        found.insert(at);
    }

    fn scan(&mut self, tokens: &[TokenTree], module: &Module, file: (&Module, &Path)) {
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(word) if word == "pub" && group(tokens, at + 1, Delimiter::Parenthesis).is_some() => {
                    at += 1;
                }
                // Not `impl Trait + use<'a>`.
                TokenTree::Ident(word) if word == "use" && !is_punct(tokens.get(at + 1), '<') => {
                    let length = tokens[at..].iter().take_while(|token| !is_punct(Some(token), ';')).count();
                    self.declare(&tokens[at + 1..at + length], None, module, file);
                    at += length;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let name = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
                    if let Some(inner) = group(tokens, at + 2, Delimiter::Brace) {
                        let inner_module: Module = module.iter().cloned().chain([name]).collect();
                        self.modules.entry(inner_module.clone()).or_default();
                        self.scan(&inner, &inner_module, file);
                        at += 2;
                    } else if let Some(file) = path_attribute(&tokens[..at]) {
                        self.hand_on(module, name, module.clone(), vec![file]);
                    }
                }
                TokenTree::Ident(word) if word == "macro_rules" && is_exported(&tokens[..at]) => {
                    let name = tokens.get(at + 2).map(ToString::to_string).unwrap_or_default();
                    self.hand_on(&Module::new(), name, module.clone(), Vec::new());
                }
                TokenTree::Ident(word) if word == "crate" || word == "super" || word == "self" => {
                    let (names, end) = path(tokens, at);
                    if names.len() > 1 {
                        let is_expanded = at > 0 && is_punct(tokens.get(at - 1), '$');
                        self.record(file, Target { is_expanded, ..target(&names, module) });
                    }
                    at = end - 1;
                }
                TokenTree::Group(inner) => {
                    self.scan(&inner.stream().into_iter().collect::<Vec<_>>(), module, file);
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A `use` declaration, or the part of one after a prefix.
    fn declare(&mut self, tokens: &[TokenTree], prefix: Option<&Target>, module: &Module, file: (&Module, &Path)) {
        for tree in tokens.split(|token| is_punct(Some(token), ',')).filter(|tree| !tree.is_empty()) {
            let is_foreign = is_punct(tree.first(), ':');
            let (names, end) = path(tree, if is_foreign { 2 } else { 0 });
            let full = match prefix {
                Some(prefix) => {
                    let more = names.into_iter().filter(|name| name != "self");
                    Target { names: prefix.names.iter().cloned().chain(more).collect(), ..prefix.clone() }
                }
                None => target(&names, module),
            };
            if is_foreign {
                let name = full.names.last().cloned().unwrap_or_default();
                self.names_of(module, name);
                continue;
            }
            match tree.get(end) {
                Some(TokenTree::Group(inner)) => {
                    let inner: Vec<_> = inner.stream().into_iter().collect();
                    self.declare(&inner, Some(&full), module, file);
                    continue;
                }
                Some(TokenTree::Ident(word)) if word == "as" => {
                    let targets = self.names_of(module, tree[end + 1].to_string());
                    targets.push(full.clone());
                }
                _ => {
                    if let Some(name) = full.names.last().filter(|_| !is_punct(tree.get(end), '*')) {
                        self.names_of(module, name.clone()).push(full.clone());
                    }
                }
            }
            self.record(file, full);
        }
    }

    fn record(&mut self, (by, file): (&Module, &Path), target: Target) {
        self.used.push(Used { by: by.clone(), file: file.to_owned(), target });
    }

    fn hand_on(&mut self, module: &Module, name: String, from: Module, names: Vec<String>) {
        self.names_of(module, name).push(Target { from, names, may_be_foreign: false, is_expanded: false });
    }

    fn names_of(&mut self, module: &Module, name: String) -> &mut Vec<Target> {
        self.modules.entry(module.clone()).or_default().named.entry(name).or_default()
    }
}

/// The Rust files below a directory.
pub(crate) fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

pub(crate) fn tokens_of(file: &Path) -> TokenStream {
    let text = fs::read_to_string(file).expect("a source file");
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// `a/b.rs` and `a/b/mod.rs` are `a::b`; `lib.rs` and `main.rs` are the root.
fn module_of(file: &Path) -> Module {
    let mut module: Module = file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let is_root = matches!(&module[..], [name] if name == "lib" || name == "main");
    if is_root || module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}

/// A path that stands in a module.
fn target(names: &[String], module: &Module) -> Target {
    let supers = names.iter().take_while(|name| *name == "super").count();
    let (from, skipped) = match names.first().map(String::as_str) {
        Some("crate") => (Module::new(), 1),
        Some("self") => (module.clone(), 1),
        _ => (module[..module.len().saturating_sub(supers)].to_vec(), supers),
    };
    Target { from, names: names[skipped..].to_vec(), may_be_foreign: skipped == 0, is_expanded: false }
}

/// The names of the path that begins here, and the place after it and its last `::`.
fn path(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        names.push(name.to_string());
        at += 1;
        let goes_on = is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':');
        if !goes_on {
            break;
        }
        at += 2;
    }
    (names, at)
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn group(tokens: &[TokenTree], at: usize, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.stream().into_iter().collect()),
        _ => None,
    }
}

/// The attributes at the end of these tokens, of the item that follows.
fn attributes(before: &[TokenTree]) -> impl Iterator<Item = String> {
    let items = before.iter().rposition(|token| is_punct(Some(token), ';')).map_or(0, |at| at + 1);
    before[items..].iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group.to_string()),
        _ => None,
    })
}

/// The name of the file in `#[path = "name.rs"]`.
fn path_attribute(before: &[TokenTree]) -> Option<String> {
    let attribute = attributes(before).find(|attribute| attribute.starts_with("[path = "))?;
    attribute.split('"').nth(1)?.strip_suffix(".rs").map(str::to_owned)
}

fn is_exported(before: &[TokenTree]) -> bool {
    let Some(TokenTree::Group(group)) = before.last() else { return false };
    group.to_string().contains("macro_export") || attributes(before).any(|attribute| attribute == "[macro_export]")
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

/// The code of a module without what is only there in tests; the modules that are.
fn without_tests(tokens: TokenStream, module: &Module, tests: &mut BTreeSet<Module>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match tokens.peek() {
            Some(TokenTree::Group(group))
                if is_punct(Some(&token), '#')
                    && group.delimiter() == Delimiter::Bracket
                    && is_test_only(&group.stream()) =>
            {
                tokens.next();
                // The item ends with a semicolon or a block.
                let mut before = String::new();
                for token in tokens.by_ref() {
                    match &token {
                        TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
                        TokenTree::Ident(name) if before == "mod" => {
                            tests.insert(module.iter().cloned().chain([name.to_string()]).collect());
                        }
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
                let inside = without_tests(group.stream(), module, tests).into_iter().collect();
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inside))
            }
            other => other,
        });
    }
    kept
}
