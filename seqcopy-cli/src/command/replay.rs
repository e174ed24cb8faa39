//! `seqcopy replay`: the values of a recording, written into regions again, each at its time.
//!
//! A region is created with the type and the sizes that the recording names, and closed where the recorded one was
//! closed. Otherwise the last value stays there, as after any writer that has ended.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::arguments::Replay;
use super::columns::{printable, printable_path};
use super::from_json::put;
use super::limits;
use super::lines::LINE;
use super::region::Failure;

use seqcopy::Layout;
use seqcopy_shm::untyped::{MapWriter, Writer};
use seqcopy_shm::{Error, ErrorKind, Options, Schema};
use serde_json::Value as Json;

/// What the writers of this command record in a region. So it knows what an earlier replay has left.
const MARK: u64 = u64::from_ne_bytes(*b"replayed");

/// The key and the value of an entry, as bytes.
type Pair = (Vec<u8>, Vec<u8>);

/// A region that is written.
#[allow(clippy::large_enum_variant)] // one for each region
enum Target {
    Value(Writer),
    Map(MapWriter),
}

/// A region of the recording.
#[derive(Default)]
struct Region {
    to: PathBuf,
    /// The type of its values, the number of a map's slots, and the number of buffers.
    of_type: Option<(Schema, u64, u32)>,
    target: Option<Target>,
    /// The generation of the last line of a map, once there was a whole one.
    generation: Option<u64>,
    written: u64,
}

impl Region {
    /// The line before the values of a region.
    fn schema(&mut self, line: &Json) -> Result<(), String> {
        let digits = line["schema"].as_str().unwrap_or_default().as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        let schema = Schema::decode(&bytes.unwrap_or_default()).map_err(|error| format!("its `schema`: {error}"))?;
        limits::payload(schema.layout(), 2)?;
        let slots = line["slots"].as_u64().unwrap_or(0);
        limits::table("the map", slots.saturating_mul(schema.layout().size() as u64), 2)?;
        let buffers = line["buffers"].as_u64().and_then(|buffers| u32::try_from(buffers).ok());
        // Another type, or other sizes, is another region.
        self.close()?;
        self.of_type = Some((schema, slots, buffers.unwrap_or(2)));
        self.open().map(drop)
    }

    fn close(&mut self) -> Result<(), String> {
        self.generation = None;
        match self.target.take() {
            Some(Target::Value(writer)) => writer.close(),
            Some(Target::Map(writer)) => writer.close(),
            None => Ok(()),
        }
        .map_err(|error| error.to_string())
    }

    fn open(&mut self) -> Result<(&mut Target, &Schema), String> {
        let Some((schema, slots, buffers)) = &self.of_type else {
            return Err("no line before it has the schema of this region: replay the recording from its start".into());
        };
        if self.target.is_none() {
            let is_own = seqcopy_shm::Region::open_any(&self.to).is_ok_and(|there| there.writer_mark() == MARK);
            let options = Options::new().buffers(*buffers).mark(MARK).replace_other_type(is_own);
            let open = || {
                if *slots == 0 {
                    return Writer::open_or_create(&self.to, schema, &options).map(Target::Value);
                }
                let map = MapWriter::open_or_create(&self.to, schema, *slots, &options)?;
                if !is_own || map.region().header().slots() >= *slots {
                    return Ok(Target::Map(map));
                }
                // The map that an earlier replay has left is too small.
                map.close()?;
                MapWriter::open_or_create(&self.to, schema, *slots, &options).map(Target::Map)
            };
            self.target = Some(open().map_err(|error| refused(&error))?);
        }
        Ok((self.target.as_mut().expect("it was opened"), schema))
    }

    /// The line of a value, or of a map.
    fn write(&mut self, line: &Json) -> Result<(), String> {
        let last = self.generation;
        let (target, schema) = self.open()?;
        let mut is_whole = false;
        match target {
            Target::Value(writer) => {
                let value = line.get("value").ok_or("it has no `value`")?;
                writer.write_bytes(&of_json(schema.layout(), value)?).map_err(|error| error.to_string())?;
                writer.wake();
            }
            Target::Map(writer) => {
                let [key, value] = writer.key_and_value();
                let pair = |line: &Json| -> Result<Pair, String> {
                    Ok((of_json(key, &line["key"])?, of_json(value, &line["value"])?))
                };
                let list = |name| line.get(name).and_then(Json::as_array);
                let (mut set, mut gone, mut all) = (Vec::new(), Vec::new(), None);
                if let Some(entries) = list("entries") {
                    is_whole = true;
                    // A value that was set again, though it is equal, is published again.
                    let is_newer = |entry: &&Json| last.is_some_and(|last| entry["generation"].as_u64() > Some(last));
                    set = entries.iter().filter(is_newer).map(pair).collect::<Result<_, _>>()?;
                    all = Some(entries.iter().map(pair).collect::<Result<Vec<_>, _>>()?);
                } else if let Some(changes) = list("changes") {
                    if last.is_none() {
                        return Err("no line before it has all `entries` of this map: replay from one that has".into());
                    }
                    set = changes.iter().map(pair).collect::<Result<_, _>>()?;
                    let keys = list("gone").map_or(&[][..], Vec::as_slice);
                    gone = keys.iter().map(|line| of_json(key, line)).collect::<Result<_, _>>()?;
                } else if line.get("value").is_some() {
                    set.push(pair(line)?);
                } else {
                    gone.push(of_json(key, &line["key"])?);
                }
                change(writer, all.as_deref(), &set, &gone)?;
                writer.wake();
            }
        }
        if is_whole || last.is_some() {
            self.generation = line["generation"].as_u64().or(last);
        }
        self.written += 1;
        Ok(())
    }
}

/// Why a region can't be written, with what to do.
fn refused(error: &Error) -> String {
    let hint = match error.kind() {
        ErrorKind::Type(_) | ErrorKind::Writer(_) | ErrorKind::AlreadyWriter => ": `--to` writes another region",
        _ => "",
    };
    format!("{error}{hint}")
}

/// The changes of a line, as one generation.
fn change(map: &mut MapWriter, all: Option<&[Pair]>, set: &[Pair], gone: &[Vec<u8>]) -> Result<(), String> {
    map.begin();
    let mut put = || {
        if let Some(all) = all {
            map.replace(all.iter().map(|(key, value)| (&key[..], &value[..])))?;
        }
        gone.iter().try_for_each(|key| map.remove(key))?;
        set.iter().try_for_each(|(key, value)| map.insert(key, value))
    };
    let put = put();
    let done = map.commit().unwrap_or(Ok(()));
    put.and(done).map_err(|error| error.to_string())
}

/// The bytes of a value, which is valid.
fn of_json(layout: &Layout, json: &Json) -> Result<Vec<u8>, String> {
    let mut bytes = vec![0; layout.size()];
    put(layout, json, &mut bytes).map_err(|wrong| wrong.to_string())?;
    layout.validate(&bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The lines of a file, with their numbers. A recorder that was killed may leave a last one that is not complete.
struct Lines {
    file: BufReader<File>,
    number: u64,
    is_partial: bool,
}

impl Lines {
    fn next(&mut self) -> Result<Option<Json>, String> {
        let mut line = Vec::new();
        let most = LINE + (1 << 20);
        self.number += 1;
        (&mut self.file).take(most).read_until(b'\n', &mut line).map_err(|error| format!("cannot read it: {error}"))?;
        match line.pop() {
            None => Ok(None),
            Some(b'\n') => serde_json::from_slice(&line).map(Some).map_err(|error| format!("no JSON: {error}")),
            Some(_) if line.len() as u64 + 1 < most => {
                self.is_partial = true;
                Ok(None)
            }
            Some(_) => Err(format!("longer than {} MiB", most >> 20)),
        }
    }
}

/// Where a recorded region is written.
fn place(recorded: &str, to: Option<&Path>, is_first: bool) -> Result<PathBuf, String> {
    match to {
        None => Ok(PathBuf::from(recorded)),
        Some(folder) if folder.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            let name = Path::new(recorded).file_name().ok_or("its path has no name")?;
            Ok(folder.join(name))
        }
        Some(to) if is_first => Ok(to.to_owned()),
        Some(_) => Err(format!(
            "it is of another region, `{}`, and `--to` names one: with a slash at its end it is a directory for all",
            printable(recorded)
        )),
    }
}

/// Replays a recording. Returns whether all of its values were valid.
pub(super) fn replay(options: &Replay, out: &mut impl Write) -> Result<bool, Failure> {
    let Replay { file: path, to, speed } = options;
    if path.extension().is_some_and(|ending| ending == "csv") {
        return Err(Failure::at(path, "CSV has no types: record JSON lines, with a name that ends with .jsonl"));
    }
    let file = File::open(path).map_err(|error| Failure::at(path, format!("cannot open it: {error}")))?;
    let mut lines = Lines { file: BufReader::new(file), number: 0, is_partial: false };
    let mut regions: Vec<(String, Region)> = Vec::new();
    let mut found: HashMap<String, usize> = HashMap::new();
    let mut first: Option<(Instant, f64)> = None;
    let mut skipped: Option<(u64, String, u64)> = None;
    loop {
        let at = |number: u64, why: &dyn Display| Failure::at(path, format!("line {number}: {why}"));
        let Some(line) = lines.next().map_err(|why| at(lines.number, &why))? else { break };
        let number = lines.number;
        let (Some(time), Some(name)) = (line["time"].as_f64(), line["path"].as_str()) else {
            return Err(at(number, &"no line of a recording: it has no `time` or no `path`"));
        };
        if !found.contains_key(name) {
            let to = place(name, to.as_deref(), regions.is_empty()).map_err(|why| at(number, &why))?;
            found.insert(name.to_owned(), regions.len());
            regions.push((name.to_owned(), Region { to, ..Region::default() }));
        }
        let region = &mut regions[found[name]].1;
        let event = line["event"].as_str();
        if matches!(event, Some(event) if !matches!(event, "schema" | "closed" | "no entry")) {
            continue;
        }
        let (began, start) = *first.get_or_insert_with(|| (Instant::now(), time));
        let due = Duration::try_from_secs_f64((time - start) / speed).unwrap_or_default();
        sleep(due.saturating_sub(began.elapsed()));
        match event {
            Some("schema") => region.schema(&line).map_err(|why| at(number, &why))?,
            Some("closed") => region.close().map_err(|why| at(number, &why))?,
            // Before there was one.
            Some(_) if region.of_type.is_none() => {}
            _ => {
                region.open().map_err(|why| at(number, &why))?;
                if let Err(why) = region.write(&line) {
                    skipped.get_or_insert((number, why, 0)).2 += 1;
                }
            }
        }
    }
    if regions.is_empty() {
        return Err(Failure::at(path, "it has no complete line of a recording"));
    }
    for (name, region) in &regions {
        let to =
            if region.to == Path::new(name) { String::new() } else { format!(" into {}", printable_path(&region.to)) };
        writeln!(out, "{}: {} replayed{to}", printable(name), region.written)?;
    }
    if lines.is_partial {
        writeln!(out, "Line {} is not complete, as of a recorder that was killed: it was left out", lines.number)?;
    }
    match skipped {
        None => Ok(true),
        Some((number, why, count)) => {
            out.flush()?;
            Err(Failure::at(path, format!("line {number} was left out, {count} in all: {why}")))
        }
    }
}
