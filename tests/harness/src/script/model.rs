//! What each line of a script must answer.

use std::collections::BTreeMap;

use super::{CAPACITY, Kind, bytes, data_of, hex};

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
    /// The version that the descriptor has told of, and whether it has told of the end.
    registered: Option<(u64, bool)>,
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

    /// A reader of this region, of which it has seen nothing.
    fn opens(&mut self, at: usize) {
        (self.me().reader, self.me().seen, self.me().registered) = (Some(at), 0, None);
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
                (self.me().reader, self.me().registered) = (None, None);
                "ok".into()
            }
            "unlink" => if self.path.take().is_some() { "ok" } else { "missing" }.into(),
            "ropen" => {
                let Some(at) = self.path else { return "missing".into() };
                self.opens(at);
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
                (self.me().reader, self.me().registered) = (None, None);
                "ok".into()
            }
            "rreopen" => match self.path.filter(|&path| path != at) {
                Some(path) => {
                    self.opens(path);
                    "yes".into()
                }
                None => "no".into(),
            },
            "rlisten" => {
                self.me().registered = Some((seen, false));
                "ok".into()
            }
            "rtold" => match self.me().registered {
                None => "none".into(),
                Some((known, is_told_closed)) => {
                    let is_newer = !region.is_closed && region.version != known && region.version != 0;
                    let is_told = is_newer || region.is_closed && !is_told_closed;
                    if is_told {
                        self.me().registered = Some((region.version, region.is_closed));
                    }
                    if is_told { "yes" } else { "no" }.into()
                }
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
