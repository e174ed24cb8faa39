//! `seqcopy list`: the existing regions with their types and writers. `seqcopy __complete`: the names of regions and
//! fields for completions in a shell, which clap can't know from the command line alone.
//!
//! A region has no time of its last write. What is shown instead is whether it was written between two looks, and how
//! often.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::{Arg, Command, CommandFactory};
use seqcopy::Version;
use seqcopy_shm::{ErrorKind, Found, Region, Schema, Uid, Unmapped, WriterState, path_for, regions, regions_in};
use serde_json::{Value as Json, json};

use super::arguments::{Arguments, List, Part};
use super::columns::{fit, per_second, printable, printable_path, rate};
use super::csv::Columns;
use super::region::{Failure, name, name_of, open, print};
use super::source::Source;
use super::{columns, show, to_json};

/// The time from the first look to the second.
const PAUSE: Duration = Duration::from_millis(100);

/// The widest column of types.
const TYPE: usize = 40;

/// A region, with the results of two looks.
struct Seen {
    found: Found,
    /// The version, and the number of writes per second.
    version: Option<u64>,
    per_second: Option<f64>,
}

fn version(found: &Found) -> Option<u64> {
    found.region.as_ref().ok()?.version().map(Version::to_bits).ok()
}

/// Looks twice at all regions that were found.
fn looked(found: Vec<Found>) -> Vec<Seen> {
    let first: Vec<_> = found.iter().map(|found| (version(found), Instant::now())).collect();
    if found.iter().any(|found| found.region.is_ok()) {
        sleep(PAUSE);
    }
    let seen = |(found, (before, at)): (Found, (Option<u64>, Instant))| {
        let version = version(&found);
        let written = version.zip(before).map(|(now, before)| now.wrapping_sub(before));
        Seen { per_second: written.map(|count| per_second(count, at.elapsed())), version, found }
    };
    found.into_iter().zip(first).map(seen).collect()
}

fn find(folders: &[impl AsRef<Path>], all: bool) -> Result<Vec<Found>, Failure> {
    let mut found = if folders.is_empty() { regions() } else { Vec::new() };
    for folder in folders {
        found.extend(regions_in(folder).map_err(|error| Failure::at(folder.as_ref(), error))?);
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if all {
        use std::os::unix::fs::MetadataExt;
        let id = |path: &Path| std::fs::metadata(path).ok().map(|there| (there.dev(), there.ino()));
        let known: std::collections::BTreeSet<_> = found.iter().map(|found| id(&found.path)).collect();
        found.extend(seqcopy_shm::regions_mapped().into_iter().filter(|found| !known.contains(&id(&found.path))));
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    if all {
        return Err(Failure::Message(
            "only Linux tells what running processes have mapped: leave `--all` out".to_owned(),
        ));
    }
    Ok(found)
}

/// The kind of a region, and its capacity.
fn kind(region: &Region<Unmapped>) -> (&'static str, Option<u64>) {
    match Schema::slice_of(region.schema().layout()) {
        _ if region.header().slots() > 0 => ("map", Some(region.header().slots() / 8 * 7)),
        Some((_, _, capacity)) => ("slice", Some(capacity as u64)),
        None => ("value", None),
    }
}

/// Why a region can't be opened: it is damaged, or this user may not read it.
fn verdict(found: &Found) -> Option<(&'static str, String)> {
    let error = found.region.as_ref().err()?;
    let verdict = match error.kind() {
        ErrorKind::Io { .. } => "unreadable",
        ErrorKind::Version(_) => "of another version",
        _ => "damaged",
    };
    Some((verdict, Failure::at(&found.path, error).below(&found.path)?))
}

fn writer(region: &Region<Unmapped>) -> String {
    match region.writer_state() {
        Ok(WriterState::Alive { pid, .. }) => match name_of(pid) {
            Some(name) => format!("{pid} {}", printable(&name)),
            None => pid.to_string(),
        },
        Ok(WriterState::Orphaned { pid, .. }) => format!("orphaned {pid}"),
        Ok(state) => state.to_string(),
        Err(_) => "-".to_owned(),
    }
}

/// The list as JSON, for the command and the Python package.
pub(crate) fn json(folders: &[impl AsRef<Path>], all: bool) -> Result<Json, Failure> {
    let one = |Seen { found, version, per_second }: Seen| {
        let mut object = show::path(&found.path);
        if let Ok(region) = &found.region {
            let (kind, capacity) = kind(region);
            object["type"] = json!(name(region));
            object["kind"] = json!(kind);
            object["capacity"] = json!(capacity);
            object["writer"] = region.writer_state().map_or(json!({ "state": "unknown" }), show::writer);
            if let Some(pid) = object["writer"]["pid"].as_u64() {
                object["writer"]["program"] = json!(u32::try_from(pid).ok().and_then(name_of));
            }
            object["version"] = json!(version);
            object["writes_per_second"] = json!(per_second);
            object["size"] = json!(region.header().size());
            object["created"] = json!(columns::utc(region.header().created()));
            object["user"] = user(region.owner());
            object["closed"] = json!(region.is_closed().unwrap_or(false));
        } else {
            let (verdict, why) = verdict(&found).unwrap_or_default();
            object["verdict"] = json!(verdict);
            object["error"] = json!(why);
        }
        object
    };
    Ok(json!({ "regions": looked(find(folders, all)?).into_iter().map(one).collect::<Vec<_>>() }))
}

/// The number of a user. Windows has names of another kind.
fn user(user: Uid) -> Json {
    #[cfg(unix)]
    return json!(user.as_raw());
    #[cfg(windows)]
    return json!(user.to_string());
}

pub(super) fn list(options: &List, out: &mut impl Write) -> Result<(), Failure> {
    let List { folders, all, json } = options;
    if *json {
        return to_json::write(out, &self::json(folders, *all)?, true);
    }
    let own = Uid::effective();
    let mut rows = vec![["REGION", "TYPE", "KIND", "WRITER", "VERSION", "WRITES/S", "BYTES"].map(str::to_owned)];
    let (mut wrong, mut hidden) = (Vec::new(), 0usize);
    for Seen { found, version, per_second } in looked(find(folders, *all)?) {
        let path = printable_path(&found.path);
        let Ok(region) = &found.region else {
            match verdict(&found) {
                Some(("unreadable", _)) => hidden += 1,
                Some((verdict, why)) => wrong.push(format!("{path}: {verdict}: {why}")),
                None => {}
            }
            continue;
        };
        let (kind, capacity) = kind(region);
        let mut state = writer(region);
        if region.owner() != own {
            state.extend([" (of ", &region.owner().to_string(), ")"]);
        }
        let number = |number: Option<String>| number.unwrap_or("-".to_owned());
        rows.push([
            path,
            fit(name(region), TYPE),
            capacity.map_or(kind.to_owned(), |capacity| format!("{kind} of {capacity}")),
            state,
            number(version.map(|version| version.to_string())),
            number(per_second.map(rate)),
            region.header().size().to_string(),
        ]);
    }
    if rows.len() == 1 && wrong.is_empty() {
        writeln!(
            out,
            "no region was found: `--all` looks at what running processes have mapped, and folders may be named"
        )?;
    } else {
        print(&rows, out)?;
    }
    for line in wrong {
        writeln!(out, "! {line}")?;
    }
    if hidden > 0 {
        let files = if hidden == 1 { "file" } else { "files" };
        writeln!(out, "{hidden} {files} of other users may be regions: run this command as root to see them")?;
    }
    Ok(())
}

/// Stands before the words, in the place of a subcommand. The help does not mention it.
pub(super) const WORD: &str = "__complete";

/// The maximum number of fields that are offered.
const OFFERED: usize = 1000;

/// The words of a command line that are not options, and whether the next word is the value of an option.
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

/// Prints a line for each word that may follow. The first word is a subcommand.
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
    // The shell takes these characters literally. It might run others.
    let is_plain = |c: char| c.is_alphanumeric() || "_-./[]".contains(c);
    let mut plain = lines.iter().filter(|line| !line.starts_with('-') && line.chars().all(is_plain));
    Ok(plain.try_for_each(|line| writeln!(out, "{line}"))?)
}

/// The names of shared memory objects, and the paths of other regions.
fn names() -> Vec<String> {
    let name = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        if path_for(name) == path { Some(name.to_owned()) } else { Some(path.to_str()?.to_owned()) }
    };
    regions().iter().filter(|found| found.region.is_ok()).filter_map(|found| name(&found.path)).collect()
}

/// The fields that are a number or a text, or contain one, each after its parent. With `is_of_entry`, the fields of a
/// map's values.
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
