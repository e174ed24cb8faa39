//! Random scripts of calls, by readers and writers of bytes and by those of types: each answer is the model's (`seqcopy_harness::script`).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use seqcopy::{ReadError, SeqCopy, Validate, Version};
use seqcopy_harness::script::{CAPACITY, Kind, bytes, data_of, differs, hex, random, shrunk};
use seqcopy_shm::{
    ChangeError, Error, ErrorKind, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Schema, Writer,
    untyped::{self, BytesError},
};
use seqcopy_tests::faults::Place;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Value {
    at: u32,
    ok: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Element {
    at: u16,
    ok: bool,
}

type Key = [u8; 2];

/// Why a region was not opened, created or put back.
fn refusal(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Exists { .. } => "exists".into(),
        ErrorKind::AlreadyWriter | ErrorKind::Writer(_) => "already".into(),
        ErrorKind::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => "missing".into(),
        other => format!("{other:?}"),
    }
}

fn opened<T>(handle: &mut Option<T>, result: Result<T, Error>) -> String {
    match result {
        Ok(new) => {
            *handle = Some(new);
            "ok".into()
        }
        Err(error) => refusal(&error),
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.into()
}

fn failure(error: &ReadValueError) -> String {
    match error {
        ReadValueError::Closed => "closed".into(),
        ReadValueError::NoValue(ReadError::Empty) => "empty".into(),
        other => format!("{other:?}"),
    }
}

fn written(result: Result<(), BytesError>) -> String {
    match result {
        Ok(()) => "ok".into(),
        Err(BytesError::Invalid(_)) => "invalid".into(),
        Err(BytesError::NotWritten(ChangeError::Full)) => "full".into(),
        Err(BytesError::NotWritten(ChangeError::Capacity(_))) => "long".into(),
        Err(BytesError::NotRead(error)) => failure(&error),
        Err(other) => format!("{other:?}"),
    }
}

/// A program of calls without types.
struct Untyped {
    kind: Kind,
    path: PathBuf,
    schema: Schema,
    buffers: u32,
    writer: Option<untyped::Writer>,
    map_writer: Option<untyped::MapWriter>,
    reader: Option<untyped::Reader>,
    map_reader: Option<untyped::MapReader>,
    seen: Version,
}

impl Untyped {
    fn new(kind: Kind, path: &Path, buffers: u32) -> Self {
        let schema = match kind {
            Kind::Value => Schema::of::<Value>(),
            Kind::Slice => {
                let one = Options::new().capacity(1).create::<[Element]>(path.with_extension("one")).expect("a path");
                let schema = one.region().schema().clone();
                one.close().expect("a name");
                schema
            }
            Kind::Map => Schema::of_map::<Key, Element>(),
        };
        let (writer, map_writer, reader, map_reader) = (None, None, None, None);
        Untyped {
            kind,
            path: path.into(),
            schema,
            buffers,
            writer,
            map_writer,
            reader,
            map_reader,
            seen: Version::NEVER,
        }
    }

    fn region(&self) -> Option<&Region> {
        self.reader.as_ref().map(untyped::Reader::region).or(self.map_reader.as_ref().map(untyped::MapReader::region))
    }

    fn open_writer(&mut self, verb: &str) -> String {
        let capacity = CAPACITY[usize::from(verb == "grow")];
        let options = Options::new().buffers(self.buffers).replace_smaller(verb == "grow");
        let (path, schema) = (&self.path, &self.schema);
        if self.kind == Kind::Map {
            let slots = untyped::MapWriter::slots_for(capacity).expect("a few");
            let new = match verb {
                "create" => untyped::MapWriter::create(path, schema, slots, &options),
                "take" => untyped::MapWriter::take_over(path, schema, &options),
                _ => untyped::MapWriter::open_or_create(path, schema, slots, &options),
            };
            return opened(&mut self.map_writer, new);
        }
        let slice = schema.with_capacity(capacity);
        let schema = slice.as_ref().unwrap_or(schema);
        let new = match verb {
            "create" => untyped::Writer::create(path, schema, &options),
            "take" => untyped::Writer::take_over(path, schema, &options),
            _ => untyped::Writer::open_or_create(path, schema, &options),
        };
        opened(&mut self.writer, new)
    }

    fn run(&mut self, line: &str) -> String {
        let mut words = line.split(' ');
        let (verb, first, second) = (words.next().expect("a verb"), words.next(), words.next());
        let [first, second] = [first, second].map(|text| text.map(bytes).unwrap_or_default());
        match verb {
            "create" | "open" | "take" | "grow" => return self.open_writer(verb),
            "unlink" => return if fs::remove_file(&self.path).is_ok() { "ok" } else { "missing" }.into(),
            "ropen" => {
                let answer = if self.kind == Kind::Map {
                    opened(&mut self.map_reader, untyped::MapReader::open(&self.path))
                } else {
                    opened(&mut self.reader, untyped::Reader::open(&self.path))
                };
                if answer == "ok" {
                    self.seen = Version::NEVER;
                }
                return answer;
            }
            "remove" | "restore" => {}
            _ if verb.starts_with('r') => return self.read(verb, &first),
            _ => {}
        }
        let size = self.kind.size();
        if let Some(writer) = &mut self.map_writer {
            return match verb {
                "set" => written(writer.insert(&first, &second)),
                "change" => written(writer.change(std::iter::once((&first[..], &second[..])), std::iter::empty())),
                "remove" => written(writer.remove(&first)),
                "begin" => yes(writer.begin()),
                "commit" => yes(writer.commit().map(Result::unwrap).is_some()),
                "discard" => {
                    // The library does not say whether there was one.
                    let there_was = !writer.begin();
                    writer.discard();
                    yes(there_was)
                }
                "get" => {
                    let mut value = vec![0xee; size];
                    match writer.get(&first, &mut value) {
                        Ok(Some(_)) => data_of(self.kind, &value),
                        Ok(None) => "absent".into(),
                        Err(error) => written(Err(error)),
                    }
                }
                "len" => writer.len().to_string(),
                "version" => writer.generation().to_bits().to_string(),
                "restore" => writer.restore_if_removed().map_or_else(|error| refusal(&error), yes),
                "drop" => {
                    self.map_writer = None;
                    "ok".into()
                }
                "close" => self
                    .map_writer
                    .take()
                    .map(untyped::MapWriter::close)
                    .map_or(String::new(), |closed| closed.map_or_else(|error| refusal(&error), |()| "ok".into())),
                other => panic!("{other}"),
            };
        }
        let Some(writer) = &mut self.writer else { return "none".into() };
        match verb {
            "edit" => "skipped".into(),
            "write" if self.kind == Kind::Value => written(writer.write_bytes(&first)),
            "write" => written(writer.write_elements(&first)),
            "version" => writer.version().to_bits().to_string(),
            "restore" => writer.restore_if_removed().map_or_else(|error| refusal(&error), yes),
            "drop" => {
                self.writer = None;
                "ok".into()
            }
            "close" => self
                .writer
                .take()
                .map(untyped::Writer::close)
                .map_or(String::new(), |closed| closed.map_or_else(|error| refusal(&error), |()| "ok".into())),
            other => panic!("{other}"),
        }
    }

    fn read(&mut self, verb: &str, key: &[u8]) -> String {
        let (kind, size) = (self.kind, self.kind.size());
        if self.region().is_none() {
            return "none".into();
        }
        match verb {
            "rdrop" => {
                (self.reader, self.map_reader) = (None, None);
                "ok".into()
            }
            "rreopen" => {
                let reopened = match (&mut self.reader, &mut self.map_reader) {
                    (Some(reader), _) => reader.reopen_if_removed(),
                    (_, Some(reader)) => reader.reopen_if_removed(),
                    _ => unreachable!(),
                };
                if reopened.as_ref().is_ok_and(|reopened| *reopened) {
                    self.seen = Version::NEVER;
                }
                reopened.map_or_else(|error| refusal(&error), yes)
            }
            "rwait" => yes(self.region().expect("a reader").wait(self.seen, Duration::ZERO)),
            "rget" => {
                let mut value = vec![0xee; size];
                match self.map_reader.as_ref().expect("a map").get(key, &mut value) {
                    Ok(Some(stamp)) => format!("{} {}", stamp.to_bits(), data_of(kind, &value)),
                    Ok(None) => "absent".into(),
                    Err(error) => written(Err(error)),
                }
            }
            "rread" => {
                let read = || -> Result<(Version, String), BytesError> {
                    if let Some(reader) = &self.map_reader {
                        let entries = reader.entries()?;
                        let mut all: Vec<_> = entries
                            .iter()
                            .map(|(key, value, _)| hex(key) + "=" + &data_of(kind, value) + ",")
                            .collect();
                        all.sort();
                        return Ok((entries.generation(), all.concat()));
                    }
                    let reader = self.reader.as_ref().expect("a reader");
                    let mut value = vec![0xee; size * CAPACITY[1] + 1];
                    if kind == Kind::Value {
                        let version = reader.read_into(&mut value[..size])?;
                        assert_eq!(value[size], 0xee, "behind the value");
                        return Ok((version, data_of(kind, &value[..size])));
                    }
                    let capacity = reader.slice().expect("a slice").1;
                    let (len, version) = reader.read_elements_into(&mut value[..size * capacity])?;
                    assert!(value[size * len..].iter().all(|byte| *byte == 0xee), "behind the elements");
                    Ok((version, data_of(kind, &value[..size * len])))
                };
                match read() {
                    Ok((version, text)) => {
                        self.seen = version;
                        format!("{} {text}", version.to_bits()).trim_end().into()
                    }
                    Err(error) => written(Err(error)),
                }
            }
            other => panic!("{other}"),
        }
    }
}

const KINDS: [Kind; 3] = [Kind::Value, Kind::Slice, Kind::Map];

/// Runs random scripts, from a seed on; a mistake is shown with the shortest script that has it.
fn explore<P>(new: impl Fn(Kind, &Path, u32) -> P, mut run: impl FnMut(&mut P, &str) -> String, scripts: u64) {
    let place = Place::new();
    let mut tried = 0;
    let first = std::env::var("SEQCOPY_SCRIPT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1u64);
    for seed in first..first + scripts {
        for (kind, buffers) in KINDS.into_iter().flat_map(|kind| [1, 2, 4].map(|buffers| (kind, buffers))) {
            if kind == Kind::Map && buffers == 1 {
                continue;
            }
            let mut attempt = |script: &[String]| {
                tried += 1;
                let path = place.at(&format!("script-{tried}"));
                let mut program = new(kind, &path, buffers);
                let found = differs(kind, buffers, script, |_, line| run(&mut program, line));
                _ = fs::remove_file(&path);
                found
            };
            let script = random(kind, seed, 60);
            if attempt(&script).is_some() {
                let script = shrunk(script, |script| attempt(script).is_some());
                panic!("seed {seed}, {kind:?}, {buffers} buffers, {:?}: {script:#?}", attempt(&script));
            }
        }
    }
}

#[test]
fn bytes_answer_as_the_model() {
    let scripts = std::env::var("SEQCOPY_SCRIPTS").ok().and_then(|number| number.parse().ok()).unwrap_or(250);
    explore(Untyped::new, Untyped::run, scripts);
}

fn value_of(bytes: &[u8]) -> Option<Value> {
    let at = u32::from_ne_bytes(bytes[..4].try_into().expect("four bytes"));
    (bytes[4] < 2).then_some(Value { at, ok: bytes[4] == 1 })
}

fn element_of(bytes: &[u8]) -> Option<Element> {
    let at = u16::from_ne_bytes(bytes[..2].try_into().expect("two bytes"));
    (bytes[2] < 2).then_some(Element { at, ok: bytes[2] == 1 })
}

#[allow(clippy::trivially_copy_pass_by_ref)] // for iterators
fn data_of_element(element: &Element) -> String {
    hex(&element.at.to_ne_bytes()) + if element.ok { "01" } else { "00" }
}

type Handles<W, R> = (Option<W>, Option<R>);

/// A program of calls with types: a value of Rust is valid, so what is not one is refused before the call.
struct Typed {
    kind: Kind,
    path: PathBuf,
    buffers: u32,
    value: Handles<Writer<Value>, Reader<Value>>,
    slice: Handles<Writer<[Element]>, Reader<[Element]>>,
    map: Handles<MapWriter<Key, Element>, MapReader<Key, Element>>,
    seen: Version,
}

/// The lines that every kind of reader and writer answers by the same calls; the rest is `None`.
macro_rules! life {
    ($self:ident, $handles:ident, $verb:ident, $reader:ident: $open:expr) => {
        match $verb {
            "ropen" => {
                let answer = opened(&mut $self.$handles.1, $open);
                if answer == "ok" {
                    $self.seen = Version::NEVER;
                }
                Some(answer)
            }
            "restore" | "drop" | "close" if $self.$handles.0.is_none() => Some("none".into()),
            "restore" => {
                let writer = $self.$handles.0.as_mut().expect("a writer");
                Some(writer.restore_if_removed().map_or_else(|error| refusal(&error), yes))
            }
            "drop" => {
                $self.$handles.0 = None;
                Some("ok".into())
            }
            "close" => {
                let closed = $self.$handles.0.take().expect("a writer").close();
                Some(closed.map_or_else(|error| refusal(&error), |()| "ok".into()))
            }
            "remove" => None,
            _ if !$verb.starts_with('r') => None,
            _ if $self.$handles.1.is_none() => Some("none".into()),
            "rdrop" => {
                $self.$handles.1 = None;
                Some("ok".into())
            }
            "rreopen" => {
                let reopened = $self.$handles.1.as_mut().expect("a reader").reopen_if_removed();
                if reopened.as_ref().is_ok_and(|reopened| *reopened) {
                    $self.seen = Version::NEVER;
                }
                Some(reopened.map_or_else(|error| refusal(&error), yes))
            }
            "rwait" => Some(yes($self.$handles.1.as_ref().expect("a reader").wait($self.seen, Duration::ZERO))),
            _ => None,
        }
    };
}

impl Typed {
    fn new(kind: Kind, path: &Path, buffers: u32) -> Self {
        let (value, slice, map) = ((None, None), (None, None), (None, None));
        Typed { kind, path: path.into(), buffers, value, slice, map, seen: Version::NEVER }
    }

    fn run(&mut self, line: &str) -> String {
        let mut words = line.split(' ');
        let (verb, first, second) = (words.next().expect("a verb"), words.next(), words.next());
        let [first, second] = [first, second].map(|text| text.map(bytes).unwrap_or_default());
        if verb == "unlink" {
            return if fs::remove_file(&self.path).is_ok() { "ok" } else { "missing" }.into();
        }
        let capacity = CAPACITY[usize::from(verb == "grow")];
        let options = Options::new().buffers(self.buffers);
        match self.kind {
            Kind::Value => {
                let made = match verb {
                    "create" => options.create(&self.path),
                    "take" => options.take_over(&self.path),
                    "open" => options.open_or_create(&self.path),
                    _ => {
                        let life = life!(self, value, verb, reader: Reader::open(&self.path));
                        return life.unwrap_or_else(|| self.value_line(verb, &first));
                    }
                };
                opened(&mut self.value.0, made)
            }
            Kind::Slice => {
                let options = options.capacity(capacity);
                let made = match verb {
                    "create" => options.create(&self.path),
                    "take" => options.take_over(&self.path),
                    "open" => options.open_or_create(&self.path),
                    _ => {
                        let life = life!(self, slice, verb, reader: Reader::open(&self.path));
                        return life.unwrap_or_else(|| self.slice_line(verb, &first));
                    }
                };
                opened(&mut self.slice.0, made)
            }
            Kind::Map => {
                let options = options.replace_smaller(verb == "grow");
                let made = match verb {
                    "create" => options.create_map(&self.path, capacity),
                    "take" => options.take_over_map(&self.path),
                    "open" | "grow" => options.open_or_create_map(&self.path, capacity),
                    _ => {
                        let life = life!(self, map, verb, reader: MapReader::open(&self.path));
                        return life.unwrap_or_else(|| self.map_line(verb, &first, &second));
                    }
                };
                opened(&mut self.map.0, made)
            }
        }
    }

    fn value_line(&mut self, verb: &str, first: &[u8]) -> String {
        let read = |value: Result<(Value, Version), ReadValueError>| value.map_err(|error| failure(&error));
        if verb == "rread" {
            return match read(self.value.1.as_ref().expect("a reader").read_versioned()) {
                Ok((value, version)) => {
                    self.seen = version;
                    format!(
                        "{} {}{}",
                        version.to_bits(),
                        hex(&value.at.to_ne_bytes()),
                        if value.ok { "01" } else { "00" }
                    )
                }
                Err(answer) => answer,
            };
        }
        let Some(writer) = &mut self.value.0 else { return "none".into() };
        match (verb, value_of(if first.is_empty() { &[0; 8] } else { first })) {
            ("version", _) => writer.version().to_bits().to_string(),
            ("write", Some(value)) => writer.write(value).map_or_else(|error| format!("{error:?}"), |()| "ok".into()),
            ("write", None) => "invalid".into(),
            _ => "skipped".into(),
        }
    }

    fn slice_line(&mut self, verb: &str, first: &[u8]) -> String {
        if verb == "rread" {
            let mut elements = Vec::new();
            let reader = self.slice.1.as_ref().expect("a reader");
            return match reader.read_to_vec(&mut elements) {
                Ok(()) => {
                    self.seen = reader.version();
                    let text: String = elements.iter().map(data_of_element).collect();
                    format!("{} {text}", self.seen.to_bits()).trim_end().into()
                }
                Err(error) => failure(&error),
            };
        }
        let Some(writer) = &mut self.slice.0 else { return "none".into() };
        let elements: Option<Vec<_>> = first.chunks(4).map(element_of).collect();
        match (verb, elements) {
            ("version", _) => writer.version().to_bits().to_string(),
            ("write", Some(elements)) => match writer.write_from(&elements) {
                Ok(()) => "ok".into(),
                Err(_) => "invalid".into(),
            },
            ("write", None) => "invalid".into(),
            _ => "skipped".into(),
        }
    }

    fn map_line(&mut self, verb: &str, first: &[u8], second: &[u8]) -> String {
        let key: Key = first.try_into().unwrap_or_default();
        if let ("rread" | "rget", Some(reader)) = (verb, &self.map.1) {
            let read = || -> Result<String, ReadValueError> {
                if verb == "rget" {
                    let found = reader.get_versioned(&key)?;
                    return Ok(found.map_or("absent".into(), |(value, stamp)| {
                        format!("{} {}", stamp.to_bits(), data_of_element(&value))
                    }));
                }
                reader.read(|view| {
                    let mut all = view.iter().collect::<Result<Vec<_>, _>>()?;
                    all.sort_by_key(|(key, _)| *key);
                    let entry = |(key, value): &(Key, Element)| hex(key) + "=" + &data_of_element(value) + ",";
                    let text: String = all.iter().map(entry).collect();
                    Ok(format!("{} {text}", view.generation().to_bits()).trim_end().into())
                })
            };
            let answer = read().unwrap_or_else(|error| failure(&error));
            if verb == "rread" && answer != "closed" {
                self.seen = reader.generation();
            }
            return answer;
        }
        let Some(writer) = &mut self.map.0 else { return "none".into() };
        let changed = |result: Result<(), ChangeError>| match result {
            Ok(()) => "ok".into(),
            Err(ChangeError::Full) => "full".into(),
            Err(other) => format!("{other:?}"),
        };
        match (verb, element_of(if second.is_empty() { &[0; 4] } else { second })) {
            ("set", Some(value)) => changed(writer.insert(key, value).map(|_| ())),
            ("set", None) => "invalid".into(),
            ("remove", _) => changed(writer.remove(&key).map(|_| ())),
            ("version", _) => writer.generation().to_bits().to_string(),
            ("len", _) => writer.len().to_string(),
            // Batches are closures.
            _ => "skipped".into(),
        }
    }
}

#[test]
fn types_answer_as_the_model() {
    let scripts = std::env::var("SEQCOPY_SCRIPTS").ok().and_then(|number| number.parse().ok()).unwrap_or(250);
    explore(Typed::new, Typed::run, scripts);
}
