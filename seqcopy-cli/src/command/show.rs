//! `seqcopy show` and `seqcopy layout`.

use std::io::Write;
use std::path::Path;

use seqcopy::Layout;
use seqcopy::layout::Path as Place;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::{Value as Json, json};

use super::arguments::Show;
use super::failure::Failure;
use super::region::{base, open};
use super::source::{Read, Source};
use super::text::Label;
use super::types::type_name;
use super::view::{Output, View};
use super::{limits, summary, to_json};

/// What a region holds, and what is known of it; or the value of a key, or a field, alone: on one line if it fits one.
pub(super) fn show(options: &Show, out: &mut impl Write) -> Result<(), Failure> {
    let Show { part, json, elements } = options;
    let (path, opened) = (&part.path, open(&part.path)?);
    let is_alone = part.key.is_some() || part.field.is_some();
    let source = Source::of(part, opened, 1)?;
    let read = match source.read() {
        Ok(read) => read,
        Err(error) => {
            // What is known of a region that can't be read helps to find out why.
            if !is_alone && !json {
                summary::text(path, &source.opened, out)?;
            }
            return Err(Failure::at(path, error));
        }
    };
    let view = View::of(&source, read.as_ref(), read.as_ref(), *elements)?;
    let number = read.as_ref().map(Read::number);
    match (number, json) {
        (None, _) if is_alone => Err(Failure::at(path, source.absent())),
        (Some(_), true) if is_alone => to_json::write(out, &view.value().map(to_json::AsJson), true),
        (_, true) => {
            let mut known = summary::json(path, &source.opened)?;
            known[source.words.number_json] = json!(number.unwrap_or(0));
            let schema = Some(to_json::layout(source.opened.region().schema().layout()));
            to_json::write(out, &Output { head: known, view, schema }, true)
        }
        (None, false) => {
            writeln!(out, "no value has been written yet\n")?;
            summary::text(path, &source.opened, out)
        }
        (Some(number), false) => {
            let table = view.table()?;
            if !is_alone {
                writeln!(out, "{}", view.heading(number))?;
            }
            view.rows::<Failure>(&mut |row| match row.label {
                // If there is one row only, it has neither name nor type.
                Label::Field(Place::Root, _) if is_alone => Ok(writeln!(out, "{}", row.text)?),
                _ => Ok(writeln!(out, "{}{}", if is_alone { "" } else { "  " }, table.line(row))?),
            })?;
            if is_alone {
                return Ok(());
            }
            writeln!(out)?;
            summary::text(path, &source.opened, out)
        }
    }
}

pub(super) fn layout(path: &Path, as_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    // A map has that of a slot.
    let opened = open(path)?;
    let schema = opened.region().schema();
    let layout = schema.layout();
    let too_many = |what| Failure::at(path, format!("`{}` has too many parts to {what}", type_name(layout)));
    if !as_json {
        let drawing = summary::drawing(layout).ok_or_else(|| too_many("draw: try `--json`"))?;
        write!(out, "{drawing}")?;
        return Ok(());
    }
    if !limits::accesses(layout) {
        return Err(too_many("count its accesses: see its definition in the program that writes it"));
    }
    let laid = Laid {
        fingerprint: format!("{:#018x}", schema.fingerprint()),
        base: base(layout),
        accesses: layout.access_count(base(layout)),
        holes: Holes(layout),
        layout: to_json::layout(layout),
    };
    to_json::write(out, &laid, true)
}

/// The output of `layout --json`.
#[derive(Serialize)]
struct Laid<'a> {
    fingerprint: String,
    base: usize,
    accesses: usize,
    holes: Holes<'a>,
    layout: Json,
}

/// The padding: what lies between the accesses, which are in ascending order.
struct Holes<'a>(&'a Layout);

impl Serialize for Holes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let layout = self.0;
        let mut array = serializer.serialize_seq(None)?;
        let mut reached = 0;
        let mut result = Ok(());
        let mut hole = |from: usize, to: usize| {
            if from < to && result.is_ok() {
                result = array.serialize_element(&[from, to]);
            }
        };
        layout.each_access(base(layout), |access| {
            hole(reached, access.offset);
            reached = access.offset + access.width;
        });
        hole(reached, layout.size());
        result?;
        array.end()
    }
}
