//! `seqcopy __complete`, which the completions of shells call: the names of the regions that are there, and the fields of one. What clap
//! makes of the command line alone has neither.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use super::arguments::{Arguments, Part};
use super::csv::Columns;
use super::region::{Failure, open};
use super::source::Source;

use clap::{Arg, Command, CommandFactory};
use seqcopy_shm::{path_for, regions};

/// What stands before the words, in place of a subcommand. The help does not have it.
pub(super) const WORD: &str = "__complete";

/// The most fields that are offered.
const OFFERED: usize = 1000;

/// The words of a command line without options, and whether the next word is the value of one.
fn positionals<'w>(command: &Command, words: &'w [String]) -> (Vec<&'w str>, bool) {
    let (mut found, mut is_value, mut no_options) = (Vec::new(), false, false);
    for word in words {
        let is_named = |arg: &&Arg| match word.strip_prefix("--") {
            Some(name) => arg.get_long() == Some(name),
            None => arg.get_short().is_some_and(|short| *word == format!("-{short}")),
        };
        if std::mem::take(&mut is_value) {
            continue;
        }
        match word.as_str() {
            "--" if !no_options => no_options = true,
            option if !no_options && option.len() > 1 && option.starts_with('-') => {
                let option = command.get_opts().find(is_named);
                is_value = option.is_some_and(|option| option.get_action().takes_values());
            }
            word => found.push(word),
        }
    }
    (found, is_value)
}

/// A line for each word that may follow these, of which the first is a subcommand.
pub(super) fn complete(words: &[OsString], out: &mut impl Write) -> Result<(), Failure> {
    let arguments = Arguments::command();
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let Some((name, rest)) = words.split_first() else { return Ok(()) };
    let Some(command) = arguments.find_subcommand(name) else { return Ok(()) };
    let (before, false) = positionals(command, rest) else { return Ok(()) };
    let is_several = |arg: &&Arg| arg.get_num_args().is_some_and(|number| number.max_values() > 1);
    let next = command.get_positionals().nth(before.len()).or(command.get_positionals().last().filter(is_several));
    let lines = match (next.map(|arg| arg.get_id().as_str()), before.first()) {
        (Some("path" | "paths" | "a" | "b"), _) => names(),
        (Some("field" | "fields"), Some(path)) => {
            fields(Path::new(path), rest.iter().any(|word| word == "--key" || word.starts_with("--key=")))
        }
        _ => Vec::new(),
    };
    // A shell takes these as they are: no other letters, which it might run.
    let is_plain = |c: char| c.is_alphanumeric() || "_-./[]".contains(c);
    let mut plain = lines.iter().filter(|line| !line.starts_with('-') && line.chars().all(is_plain));
    Ok(plain.try_for_each(|line| writeln!(out, "{line}"))?)
}

/// Shared memory objects by their names, and others by their paths.
fn names() -> Vec<String> {
    let name = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        if path_for(name) == path { Some(name.to_owned()) } else { Some(path.to_str()?.to_owned()) }
    };
    regions().iter().filter(|found| found.region.is_ok()).filter_map(|found| name(&found.path)).collect()
}

/// Each field that has a number or a text below it, after that in which it lies: of a map's values if there is a key.
fn fields(path: &Path, is_of_entry: bool) -> Vec<String> {
    let part = Part { path: path.to_owned(), field: None, key: None };
    let Some(source) = open(&part.path).ok().and_then(|opened| Source::of(&part, opened, 1).ok()) else {
        return Vec::new();
    };
    let mut columns = Columns::default();
    if source.is_map() != is_of_entry || columns.add(source.layout()).is_err() {
        return Vec::new();
    }
    let mut all: Vec<String> = Vec::new();
    for (_, path) in columns.names() {
        let ends = path.match_indices(['.', '[']).map(|(at, _)| at).chain([path.len()]);
        for field in ends.map(|end| &path[..end]).filter(|field| !field.is_empty()) {
            if !all.iter().any(|known| known == field) && all.len() < OFFERED {
                all.push(field.to_owned());
            }
        }
    }
    all
}
