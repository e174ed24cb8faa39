//! The lines of a recording: values, what happened to their region, and the schema that they need to be written again.
//!
//! A map has a line with all entries at first, and then lines with its changes. As soon as the changes since the last
//! whole line would be longer than that line, there is another whole one: so a reader that begins in the middle never
//! has to go back further than twice the size of the map, and a file is at most twice as large as its changes.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::arguments::Part;
use super::columns::{now, printable_path};
use super::csv::Columns;
use super::follow::{Followed, Step};
use super::key::Entry;
use super::lines::LINE;
use super::region::Failure;
use super::show::{Output, View};
use super::source::{Read, Source};
use super::to_json::{self, AsJson, Digits};

/// How the lines are written.
pub(super) enum Form {
    Json,
    Csv(Columns),
}

impl Form {
    /// CSV with the columns of all existing types.
    pub(super) fn csv(followed: &[Followed<'_>]) -> Result<Form, Failure> {
        let mut columns = Columns::default();
        for followed in followed {
            let refused = |why| Failure::at(&followed.part.path, why);
            let source = followed.source.as_ref().ok_or_else(|| {
                let why = "there is no region, so its columns are not known: record JSON lines, which need none";
                refused(why.to_owned())
            })?;
            if source.is_map() {
                return Err(refused("a map has no columns: record JSON lines, or one entry with `--key`".to_owned()));
            }
            columns.add(source.layout()).map_err(refused)?;
        }
        Ok(Form::Csv(columns))
    }
}

#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) values: u64,
    pub(super) missed: u64,
}

/// What the file has of a region.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) counts: Counts,
    /// The type of the values, and the sizes of their region: fingerprint, slots and buffers.
    of_type: Option<(u64, u64, u32)>,
    /// Which opening of the region was looked at for the entry of a key, and the generation that changed it last, 0
    /// without an entry.
    changed: Option<(u64, u64)>,
    map: Option<Map>,
}

/// The last content of a map.
struct Map {
    /// Which opening of the region it is from.
    opened: u64,
    read: Read,
    /// The length of the last whole line, and of all lines with changes since.
    whole: usize,
    since: usize,
}

impl Recorded {
    /// The next line of a region, if there is one: of what happened to it, of the earliest value that was not recorded,
    /// or of the newest. The line with the schema of a new region comes before it.
    pub(super) fn line(
        &mut self,
        followed: &mut Followed<'_>,
        form: &Form,
        is_each: bool,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let schema = self.schema_line(followed, form)?;
        let line = self.next(followed, form, is_each)?;
        Ok(match (schema, line) {
            (Some(schema), Some(line)) => Some([schema, line].concat()),
            (schema, line) => schema.or(line),
        })
    }

    fn next(&mut self, followed: &mut Followed<'_>, form: &Form, is_each: bool) -> Result<Option<Vec<u8>>, Failure> {
        let what = match followed.look() {
            Step::Nothing => return Ok(None),
            Step::Told(what) => what,
            Step::Newer(newest) => {
                let source = followed.source.as_ref().expect("it was looked at");
                let earliest = if is_each { followed.earliest(newest) } else { None };
                match earliest.map_or_else(|| source.read(), |read| Ok(Some(read))) {
                    Ok(read) if followed.part.key.is_some() => return self.entry(followed, newest, read, form),
                    Ok(Some(read)) => return self.value(followed, read, form).map(Some),
                    Ok(None) => return Ok(None),
                    // The next look reports that a region was closed.
                    Err(_) if source.opened.region().is_closed().is_ok_and(|is_closed| is_closed) => {
                        followed.failed();
                        return Ok(None);
                    }
                    Err(why) => {
                        followed.failed();
                        match followed.tell(why) {
                            Step::Told(what) => what,
                            _ => return Ok(None),
                        }
                    }
                }
            }
        };
        let missed = followed.lost();
        self.counts.missed += missed.unwrap_or(0);
        event(followed.part, None, missed, &what, form).map(Some)
    }

    /// The line of a value, or of the content of a map.
    fn value(&mut self, followed: &mut Followed<'_>, read: Read, form: &Form) -> Result<Vec<u8>, Failure> {
        let source = followed.source.as_ref().expect("it was looked at");
        let (mut head, number) = (head(followed.part, None), read.number());
        let (mut text, missed) = (Vec::new(), followed.missed(number));
        match form {
            Form::Csv(columns) => columns.line(&head, Some(missed), (source, &read), &mut text)?,
            Form::Json => {
                head[source.words.number_json] = json!(number);
                head["missed"] = json!(missed);
                if source.is_map() {
                    text.extend(self.content(followed.opened, source, head, read)?);
                } else {
                    let view = View::of(source, Some(&read), None, usize::MAX)?;
                    to_json::write_up_to(LINE, &mut text, &Output { head, view, schema: None }, false)?;
                }
            }
        }
        self.counts.missed += followed.took(number);
        self.counts.values += 1;
        Ok(text)
    }

    /// The line of a map, with all entries or with what has changed since the last one.
    fn content(&mut self, opened: u64, source: &Source<'_>, head: Json, read: Read) -> Result<Vec<u8>, Failure> {
        let mut line = Vec::new();
        let mut state = self.map.take().filter(|before| before.opened == opened);
        if let Some(map) = &mut state {
            let [changes, gone] = source.changes(&map.read, &read)?;
            let gone = gone.into_iter().filter_map(|gone| gone.key.map(AsJson)).collect();
            let content = Content::Changes { changes, gone };
            to_json::write_up_to(LINE, &mut line, &Line { head: head.clone(), content }, false)?;
            map.since += line.len();
            if map.since > map.whole {
                line.clear();
            }
        }
        if line.is_empty() {
            let entries = source.entries(&read)?;
            to_json::write_up_to(LINE, &mut line, &Line { head, content: Content::Whole { entries } }, false)?;
            self.map = Some(Map { opened, read, whole: line.len(), since: 0 });
        } else {
            self.map = state.map(|map| Map { read, ..map });
        }
        Ok(line)
    }

    /// The line of an entry of a map, or of its removal, if it has changed.
    fn entry(
        &mut self,
        followed: &mut Followed<'_>,
        newest: u64,
        read: Option<Read>,
        form: &Form,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let number = read.as_ref().map_or(0, Read::number);
        let now = (followed.opened, number);
        let is_same = self.changed.replace(now) == Some(now);
        followed.took(newest);
        let source = followed.source.as_ref().expect("it was looked at");
        let key = source.key().map(|key| serde_json::to_value(AsJson(key)).unwrap_or_default());
        let Some(read) = read.filter(|_| !is_same) else {
            return if is_same { Ok(None) } else { event(followed.part, key, None, "no entry", form).map(Some) };
        };
        let mut head = head(followed.part, key);
        let mut text = Vec::new();
        match form {
            Form::Csv(columns) => columns.line(&head, None, (source, &read), &mut text)?,
            Form::Json => {
                head["generation"] = json!(number);
                let view = View::of(source, Some(&read), None, usize::MAX)?;
                to_json::write_up_to(LINE, &mut text, &Output { head, view, schema: None }, false)?;
            }
        }
        self.counts.values += 1;
        Ok(Some(text))
    }

    /// The line before the values of a region, if it is new. It has the schema in hexadecimal and the sizes of the
    /// region, which a program needs to write such values again. CSV has none.
    fn schema_line(&mut self, followed: &Followed<'_>, form: &Form) -> Result<Option<Vec<u8>>, Failure> {
        let (Some(source), Form::Json) = (&followed.source, form) else { return Ok(None) };
        let (schema, header) = (source.opened.region().schema(), source.opened.region().header());
        let now = (schema.fingerprint(), header.slots(), header.buffers());
        if self.of_type.replace(now) == Some(now) {
            return Ok(None);
        }
        let (mut text, mut line) = (Vec::new(), head(followed.part, None));
        line["event"] = json!("schema");
        line["schema"] = json!(Digits(schema.as_bytes()).to_string());
        line["buffers"] = json!(header.buffers());
        if header.slots() > 0 {
            line["slots"] = json!(header.slots());
        }
        to_json::write(&mut text, &line, false)?;
        Ok(Some(text))
    }
}

/// The line of a map.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    head: Json,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Whole { entries: Vec<Entry<'a>> },
    Changes { changes: Vec<Entry<'a>>, gone: Vec<AsJson<'a>> },
}

/// The line of something that happened to a region.
fn event(part: &Part, key: Option<Json>, missed: Option<u64>, what: &str, form: &Form) -> Result<Vec<u8>, Failure> {
    let (mut head, mut text) = (head(part, key), Vec::new());
    match form {
        Form::Csv(columns) => columns.event(&head, missed, what, &mut text),
        Form::Json => {
            head["event"] = json!(what);
            head["missed"] = json!(missed);
            to_json::write(&mut text, &head, false)?;
        }
    }
    Ok(text)
}

fn head(part: &Part, key: Option<Json>) -> Json {
    let mut head = json!({ "time": now(), "path": printable_path(&part.path) });
    if let Some(key) = key {
        head["key"] = key;
    }
    head
}
