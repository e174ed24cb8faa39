//! The program of calls with types.

use super::*;

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
    told: Told,
}

/// The lines that every kind of reader and writer answers by the same calls; the rest is `None`.
macro_rules! life {
    ($self:ident, $handles:ident, $verb:ident, $reader:ident: $open:expr) => {
        match $verb {
            "ropen" => {
                let answer = opened(&mut $self.$handles.1, $open);
                if answer == "ok" {
                    ($self.seen, $self.told) = (Version::NEVER, Told::default());
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
                ($self.$handles.1, $self.told) = (None, Told::default());
                Some("ok".into())
            }
            "rlisten" => {
                let reader = $self.$handles.1.as_ref().expect("a reader");
                Some($self.told.register(reader.newer_than($self.seen), $self.seen))
            }
            "rtold" => Some($self.told.ask($self.$handles.1.as_ref().expect("a reader").region())),
            "rreopen" => {
                let reopened = $self.$handles.1.as_mut().expect("a reader").reopen_if_removed();
                if reopened.as_ref().is_ok_and(|reopened| *reopened) {
                    ($self.seen, $self.told) = (Version::NEVER, Told::default());
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
        Typed { kind, path: path.into(), buffers, value, slice, map, seen: Version::NEVER, told: Told::default() }
    }

    fn run(&mut self, line: &str) -> String {
        let answer = self.line(line);
        self.value.0.iter().for_each(Writer::wake);
        self.slice.0.iter().for_each(Writer::wake);
        self.map.0.iter().for_each(MapWriter::wake);
        answer
    }

    fn line(&mut self, line: &str) -> String {
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
                let options = options.capacity(capacity).replace_smaller(verb == "grow");
                let made = match verb {
                    "create" => options.create(&self.path),
                    "take" => options.take_over(&self.path),
                    "open" | "grow" => options.open_or_create(&self.path),
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
