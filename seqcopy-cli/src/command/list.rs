//! `seqcopy list`: the regions that are there, with their types and their writers.
//!
//! A region has no time of its last write. What is shown instead is whether it was written between two looks, and how often.

#[cfg(any(target_os = "linux", target_os = "android"))]
use std::fs;
use std::io::Write;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::arguments::List;
use super::columns::{fit, per_second, printable, printable_path, rate};
use super::region::{Failure, name, name_of, print};
use super::{columns, show, to_json};

use seqcopy::Version;
use seqcopy_shm::{ErrorKind, Found, Region, Schema, Uid, Unmapped, WriterState, regions, regions_in};
use serde_json::{Value as Json, json};

/// The time from the first look to the second.
const PAUSE: Duration = Duration::from_millis(100);

/// The widest column of types.
const TYPE: usize = 40;

/// A region with what two looks gave.
struct Seen {
    found: Found,
    /// Which version it has, and how many there were in a second.
    version: Option<u64>,
    per_second: Option<f64>,
}

fn version(found: &Found) -> Option<u64> {
    found.region.as_ref().ok()?.version().map(Version::to_bits).ok()
}

/// Looks twice at everything that was found.
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
        let id = |path: &Path| fs::metadata(path).ok().map(|there| (there.dev(), there.ino()));
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

/// What kind of region it is, and for how much.
fn kind(region: &Region<Unmapped>) -> (&'static str, Option<u64>) {
    match Schema::slice_of(region.schema().layout()) {
        _ if region.header().slots() > 0 => ("map", Some(region.header().slots() / 8 * 7)),
        Some((_, _, capacity)) => ("slice", Some(capacity as u64)),
        None => ("value", None),
    }
}

/// What is wrong with a region that can't be opened: it is damaged, or not for this user.
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

/// The list as JSON, as the command and the Python package give it.
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
            object["user"] = json!(region.owner().as_raw());
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
            state.extend([" (of user ", &region.owner().as_raw().to_string(), ")"]);
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
