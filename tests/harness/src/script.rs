//! Scripts of calls on one region: lines that a program in any language reads without a parser of its own, a model that says what each must
//! answer, random ones, and shorter ones of those that fail.
//!
//! A line is a verb and its arguments, bytes in hexadecimal. A program has at most one writer and one reader, and answers each line with one.
//! Verbs that begin with `r` are the reader's. In a script for several programs each line begins with the number of one.
//!
//! | verb | arguments | answer |
//! |---|---|---|
//! | `create`, `open`, `take`, `grow` | | `ok`, or why not. `open` creates what is not there; `grow` replaces a map that is too small |
//! | `write` | a value, or the elements of a slice | `ok`, `invalid`: no value, or too many elements |
//! | `edit` | a value | the value that it begins with, and the answer of `write` |
//! | `set`, `remove` | key and value; key | `ok`, `invalid`, `full` |
//! | `change` | key and value | the same, but nothing is published if the key has that value |
//! | `begin`, `commit`, `discard` | | `yes` or `no`: whether there is a batch now, or was one |
//! | `get` | key | the value, as the writer sees it, or `absent` |
//! | `len`, `version` | | the writer's |
//! | `close`, `drop` | | `ok`; `drop` leaves the region without a writer |
//! | `restore` | | `yes` if it was put back, `no`; `exists` if the path leads to another region |
//! | `unlink` | | `ok` or `missing`: the file loses its name |
//! | `die` | | `ok`: the program is killed, and started again |
//! | `ropen`, `rdrop` | | `ok`, `missing` |
//! | `rread` | | version and value, or entries in the order of their keys; `empty`, `closed` |
//! | `rget` | key | generation and value, `absent`, `closed` |
//! | `rreopen` | | `yes` if the reader is one of a new region |
//! | `rwait` | | `yes` if there is something newer than the last `rread` returned, or the region is closed |
//!
//! `none`: there is no such handle. `skipped`: the language has no such call, and nothing was done. The padding of what is written is 0xaa or 0x55; answers are the data bytes alone.

use std::collections::BTreeMap;
use std::fmt::Write;

/// What the region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A struct of a `u32`, a `bool` and three bytes of padding.
    Value,
    /// Elements: structs of a `u16`, a `bool` and a byte of padding.
    Slice,
    /// Keys of two bytes, and values as the elements.
    Map,
}

impl Kind {
    /// The data bytes of a value, or of an element.
    #[must_use]
    pub fn data(self) -> usize {
        if self == Kind::Value { 5 } else { 3 }
    }

    /// The bytes of a value, or of an element.
    #[must_use]
    pub fn size(self) -> usize {
        if self == Kind::Value { 8 } else { 4 }
    }
}

/// How many elements, or entries, there are space for: before and after `grow`.
pub const CAPACITY: [usize; 2] = [7, 14];

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string");
        text
    })
}

/// The bytes of such a text.
///
/// # Panics
/// If it is another text.
#[must_use]
pub fn bytes(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..][..2], 16).expect("hexadecimal")).collect()
}

/// The data bytes of values that lie one after the other.
#[must_use]
pub fn data_of(kind: Kind, values: &[u8]) -> String {
    values.chunks(kind.size()).map(|value| hex(&value[..kind.data()])).collect()
}

#[derive(Clone, Debug, Default)]
struct Region {
    version: u64,
    capacity: usize,
    value: Option<Vec<u8>>,
    entries: BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
    is_closed: bool,
    has_writer: bool,
}

/// What a batch has changed: the entries as the writer sees them, and whether it will be a generation.
#[derive(Clone, Debug)]
struct Batch {
    entries: BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
    is_change: bool,
}

/// What there is, and what each call must answer.
#[derive(Clone, Debug)]
pub struct Model {
    kind: Kind,
    buffers: u32,
    /// All that were ever made. The handles have their numbers, and so has the path.
    regions: Vec<Region>,
    path: Option<usize>,
    programs: Vec<Program>,
    /// The program that makes the call.
    turn: usize,
}

#[derive(Clone, Debug, Default)]
struct Program {
    writer: Option<usize>,
    batch: Option<Batch>,
    reader: Option<usize>,
    /// The version that the reader has seen.
    seen: u64,
}

impl Model {
    /// Nothing is at the path.
    #[must_use]
    pub fn new(kind: Kind, buffers: u32) -> Self {
        Model { kind, buffers, regions: Vec::new(), path: None, programs: vec![Program::default(); 2], turn: 0 }
    }

    fn me(&mut self) -> &mut Program {
        &mut self.programs[self.turn]
    }

    fn writer(&self) -> Option<usize> {
        self.programs[self.turn].writer
    }

    /// A map begins with a generation without entries.
    fn empty(&self, capacity: usize) -> Region {
        Region { capacity, version: u64::from(self.kind == Kind::Map), ..Region::default() }
    }

    fn make(&mut self, region: Region) {
        self.leave();
        self.regions.push(Region { has_writer: true, ..region });
        let at = Some(self.regions.len() - 1);
        (self.me().writer, self.path) = (at, at);
    }

    /// The writer ends.
    fn leave(&mut self) {
        self.me().batch = None;
        if let Some(at) = self.me().writer.take() {
            self.regions[at].has_writer = false;
        }
    }

    fn take(&mut self, at: usize) -> &'static str {
        if self.regions[at].has_writer {
            return "already";
        }
        self.leave();
        self.me().writer = Some(at);
        self.regions[at].has_writer = true;
        // All tables but the published one are made again, so that no view of an older generation is left.
        if self.kind == Kind::Map {
            self.regions[at].version += u64::from(self.buffers) - 2;
        }
        "ok"
    }

    fn is_valid(&self, values: &[u8]) -> bool {
        values.chunks(self.kind.size()).all(|value| value[self.kind.data() - 1] <= 1)
    }

    /// Changes the entries that the writer sees; `None` if they are full.
    fn change(&mut self, key: &[u8], value: Option<&[u8]>) -> Option<()> {
        let region = &self.regions[self.writer()?];
        let mut batch = self.programs[self.turn]
            .batch
            .clone()
            .unwrap_or(Batch { entries: region.entries.clone(), is_change: false });
        match value {
            None => batch.is_change |= batch.entries.remove(key).is_some(),
            Some(value) => {
                if !batch.entries.contains_key(key) && batch.entries.len() == region.capacity {
                    return None;
                }
                batch.entries.insert(key.to_vec(), (value.to_vec(), region.version + 1));
                batch.is_change = true;
            }
        }
        if self.me().batch.is_some() {
            self.me().batch = Some(batch);
        } else {
            self.publish(batch);
        }
        Some(())
    }

    fn publish(&mut self, batch: Batch) {
        let at = self.writer().expect("a writer");
        let region = &mut self.regions[at];
        if batch.is_change {
            region.version += 1;
            region.entries = batch.entries;
        }
    }

    fn seen_by_writer(&self) -> &BTreeMap<Vec<u8>, (Vec<u8>, u64)> {
        let region = &self.regions[self.writer().expect("a writer")];
        self.programs[self.turn].batch.as_ref().map_or(&region.entries, |batch| &batch.entries)
    }

    /// What the line must answer, of a program.
    ///
    /// # Panics
    /// If it is no line of a script.
    pub fn step(&mut self, program: usize, line: &str) -> String {
        self.turn = program;
        self.answer(line)
    }

    #[allow(clippy::too_many_lines)] // one table
    fn answer(&mut self, line: &str) -> String {
        let mut words = line.split(' ');
        let (verb, first, second) = (words.next().expect("a verb"), words.next(), words.next());
        let [first, second] = [first, second].map(|text| text.map(bytes).unwrap_or_default());
        let yes = |is: bool| String::from(if is { "yes" } else { "no" });
        match verb {
            "create" if self.path.is_some() => "exists".into(),
            "create" => {
                self.make(self.empty(CAPACITY[0]));
                "ok".into()
            }
            "open" | "grow" => {
                let capacity = CAPACITY[usize::from(verb == "grow")];
                match self.path {
                    None => self.make(self.empty(capacity)),
                    Some(at) if verb == "grow" && self.regions[at].capacity < capacity => {
                        if self.regions[at].has_writer {
                            return "already".into();
                        }
                        // It is taken over first.
                        _ = self.take(at);
                        self.regions[at].is_closed = true;
                        self.make(Region { capacity, is_closed: false, ..self.regions[at].clone() });
                    }
                    Some(at) => return self.take(at).into(),
                }
                "ok".into()
            }
            "take" => self.path.map_or("missing", |at| self.take(at)).into(),
            "die" => {
                self.leave();
                self.me().reader = None;
                "ok".into()
            }
            "unlink" => if self.path.take().is_some() { "ok" } else { "missing" }.into(),
            "ropen" => {
                let Some(at) = self.path else { return "missing".into() };
                (self.me().reader, self.me().seen) = (Some(at), 0);
                "ok".into()
            }
            _ if verb.starts_with('r') && verb != "restore" && verb != "remove" => {
                let Some(at) = self.me().reader else { return "none".into() };
                self.read(verb, at, &first)
            }
            _ if self.writer().is_none() => "none".into(),
            "edit" => {
                let old = self.regions[self.writer().expect("a writer")].value.clone();
                let old = old.map_or_else(|| "0".repeat(2 * self.kind.data()), |old| data_of(self.kind, &old));
                format!("{old} {}", self.answer(&line.replacen("edit", "write", 1)))
            }
            "write" if !self.is_valid(&first) => "invalid".into(),
            "write" => {
                let at = self.writer().expect("a writer");
                let region = &mut self.regions[at];
                if first.len() / self.kind.size() > region.capacity && self.kind == Kind::Slice {
                    return "invalid".into();
                }
                (region.version, region.value) = (region.version + 1, Some(first));
                "ok".into()
            }
            "set" | "change" if !self.is_valid(&second) => "invalid".into(),
            "change"
                if self
                    .seen_by_writer()
                    .get(&first)
                    .is_some_and(|(value, _)| data_of(self.kind, value) == data_of(self.kind, &second)) =>
            {
                "ok".into()
            }
            "set" | "change" => self.change(&first, Some(&second)).map_or("full", |()| "ok").into(),
            "remove" => self.change(&first, None).map_or("full", |()| "ok").into(),
            "begin" if self.me().batch.is_some() => "no".into(),
            "begin" => {
                let entries = self.seen_by_writer().clone();
                self.me().batch = Some(Batch { entries, is_change: false });
                "yes".into()
            }
            "commit" => {
                let batch = self.me().batch.take();
                let there_was = batch.is_some();
                if let Some(batch) = batch {
                    self.publish(batch);
                }
                yes(there_was)
            }
            "discard" => yes(self.me().batch.take().is_some()),
            "get" => match self.seen_by_writer().get(&first) {
                Some((value, _)) => data_of(self.kind, value),
                None => "absent".into(),
            },
            "len" => self.seen_by_writer().len().to_string(),
            "version" => self.regions[self.writer().expect("a writer")].version.to_string(),
            "drop" => {
                self.leave();
                "ok".into()
            }
            "close" => {
                let at = self.writer().expect("a writer");
                self.leave();
                self.regions[at].is_closed = true;
                self.path = self.path.filter(|&path| path != at);
                "ok".into()
            }
            "restore" => {
                let at = self.writer().expect("a writer");
                if let Some(path) = self.path {
                    return if path == at { "no" } else { "exists" }.into();
                }
                let (region, batch) = (self.regions[at].clone(), self.me().batch.take());
                self.make(region);
                self.me().batch = batch;
                self.regions[at].is_closed = true;
                "yes".into()
            }
            other => panic!("no line of a script: {other}"),
        }
    }

    fn read(&mut self, verb: &str, at: usize, key: &[u8]) -> String {
        let (region, seen) = (&self.regions[at].clone(), self.me().seen);
        match verb {
            "rdrop" => {
                self.me().reader = None;
                "ok".into()
            }
            "rreopen" => match self.path.filter(|&path| path != at) {
                Some(path) => {
                    (self.me().reader, self.me().seen) = (Some(path), 0);
                    "yes".into()
                }
                None => "no".into(),
            },
            "rwait" => if region.is_closed || region.version > seen { "yes" } else { "no" }.into(),
            _ if region.is_closed => "closed".into(),
            _ if region.version == 0 && self.kind != Kind::Map => "empty".into(),
            "rget" => match region.entries.get(key) {
                Some((value, stamp)) => format!("{stamp} {}", data_of(self.kind, value)),
                None => "absent".into(),
            },
            "rread" => {
                self.me().seen = region.version;
                let entries = region.entries.iter();
                let text = match &region.value {
                    Some(value) => data_of(self.kind, value),
                    None => {
                        entries.map(|(key, (value, _))| hex(key) + "=" + &data_of(self.kind, value) + ",").collect()
                    }
                };
                format!("{} {text}", region.version).trim_end().into()
            }
            other => panic!("no line of a script: {other}"),
        }
    }
}

/// Numbers by which scripts are made.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("few")]
    }
}

/// A script of this many lines.
///
/// # Panics
/// Never: what is converted is small.
#[must_use]
pub fn random(kind: Kind, seed: u64, len: usize) -> Vec<String> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..20).for_each(|_| _ = random.below(2));
    let life = ["create", "open", "open", "take", "close", "drop", "restore", "restore", "unlink", "unlink", "version"];
    let reads = ["ropen", "ropen", "rread", "rread", "rread", "rreopen", "rreopen", "rwait", "rwait", "rdrop"];
    let batch = ["begin", "begin", "commit", "commit", "discard", "len", "len"];
    let mut lines = vec![String::from("open")];
    while lines.len() < len {
        let value = |random: &mut Random| {
            let ok = [0, 1, 1, 1, 1, 0, 0, 7][usize::try_from(random.below(8)).expect("few")];
            let mut value = vec![u8::try_from(random.below(2)).expect("a byte"); kind.data() - 1];
            value.push(ok);
            value.resize(kind.size(), [0xaa, 0x55][usize::try_from(random.below(2)).expect("a bit")]);
            hex(&value)
        };
        // More than fit in, two of them often.
        let key = |random: &mut Random| {
            format!("{:02x}00", if random.below(2) == 0 { random.below(2) } else { random.below(9) })
        };
        let line = match (random.below(10), kind) {
            (0..4, _) => random.one(&life).into(),
            (4..7, _) => random.one(&reads).into(),
            (7, Kind::Map) if random.below(8) == 0 => "grow".into(),
            (_, Kind::Value) => format!("{} {}", random.one(&["write", "edit"]), value(&mut random)),
            (_, Kind::Slice) => {
                let len = random.below(9);
                format!("write {}", (0..len).map(|_| value(&mut random)).collect::<String>()).trim_end().into()
            }
            (7, Kind::Map) => random.one(&batch).into(),
            (_, Kind::Map) => match random.below(5) {
                0 => format!("remove {}", key(&mut random)),
                1 => format!("{} {}", random.one(&["get", "rget"]), key(&mut random)),
                _ => {
                    let key = key(&mut random);
                    format!("{} {key} {}", random.one(&["set", "set", "change"]), value(&mut random))
                }
            },
        };
        lines.push(line);
    }
    lines
}

/// A script for two programs. One of them may be killed.
#[must_use]
pub fn in_turns(kind: Kind, seed: u64, len: usize) -> Vec<String> {
    let mut turns = Random(seed | 1);
    let lines = random(kind, seed, len).into_iter();
    let lines = lines.map(|line| {
        let line = if turns.below(25) == 0 { "die".into() } else { line };
        format!("{} {line}", turns.below(3) / 2)
    });
    lines.collect()
}

/// A shorter script that still fails: lines are left out as long as it does.
pub fn shrunk(mut script: Vec<String>, mut fails: impl FnMut(&[String]) -> bool) -> Vec<String> {
    let mut step = script.len() / 2;
    while step > 0 {
        let mut at = 0;
        while at < script.len() {
            let mut shorter = script.clone();
            shorter.drain(at..(at + step).min(shorter.len()));
            if fails(&shorter) {
                script = shorter;
            } else {
                at += step;
            }
        }
        step /= 2;
    }
    script
}

/// Runs a script, a line at a time; returns the first line whose answer is another than the model's, as a text. `run` gets the number of the
/// program.
pub fn differs(
    kind: Kind,
    buffers: u32,
    script: &[String],
    mut run: impl FnMut(usize, &str) -> String,
) -> Option<String> {
    let mut model = Model::new(kind, buffers);
    for (number, line) in script.iter().enumerate() {
        let (program, line) = match line.split_once(' ') {
            Some(("0", rest)) => (0, rest),
            Some(("1", rest)) => (1, rest),
            _ => (0, &line[..]),
        };
        let answer = run(program, line);
        if answer == "skipped" {
            continue;
        }
        let expected = model.step(program, line);
        if answer != expected {
            return Some(format!("line {number}, `{line}`: {answer}, and by the model {expected}"));
        }
    }
    None
}
