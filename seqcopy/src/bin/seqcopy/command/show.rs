//! `seqcopy show` and `seqcopy layout`.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use seqcopy::Layout;
use seqcopy::ReadError::Empty;
use seqcopy::layout::{Field, Picture, Shape};
use seqcopy::shm::{ReadError, Region};
use serde_json::{Value as Json, json};

use super::text::{Table, rows, type_name};
use super::value::decode;
use super::{Failure, base, open, time, to_json, writer_json};

pub(super) fn show(path: &Path, as_json: bool, elements: usize, out: &mut impl Write) -> Result<(), Failure> {
    let region = open(path)?;
    let layout = region.schema().layout();
    if !as_json {
        header(path, &region, out)?;
        match drawing(layout) {
            Some(drawing) => writeln!(out, "\n{drawing}")?,
            None => writeln!(out, "\n{}: too many parts to draw\n", type_name(layout))?,
        }
    }
    let value = match region.read_bytes() {
        Ok(bytes) => Some((bytes.version, decode(layout, &bytes.bytes).map_err(|error| error.of(path))?)),
        // That is how every region begins.
        Err(ReadError::NotConsistent(Empty)) => None,
        Err(error) => return Err(Failure::at(path, error)),
    };
    if as_json {
        let mut object = header_json(path, &region);
        object["version"] = json!(value.as_ref().map_or(0, |value| value.0));
        object["value"] = value.as_ref().map_or(Json::Null, |value| to_json::value(&value.1));
        object["schema"] = to_json::layout(layout);
        writeln!(out, "{object:#}")?;
        return Ok(());
    }
    match value {
        None => writeln!(out, "no value has been written yet")?,
        Some((version, value)) => {
            writeln!(out, "value {version}")?;
            for line in Table(&rows(layout, &value, elements)).lines() {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(())
}

pub(super) fn layout(path: &Path, as_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let region = open(path)?;
    let layout = region.schema().layout();
    if as_json {
        let holes: Vec<_> = layout.holes().map(|hole| [hole.start, hole.end]).collect();
        let object = json!({
            "fingerprint": format!("{:#018x}", region.schema().fingerprint()),
            "base": base(layout),
            "accesses": layout.cut(base(layout)).count(),
            "holes": holes,
            "layout": to_json::layout(layout),
        });
        writeln!(out, "{object:#}")?;
    } else {
        let Some(drawing) = drawing(layout) else {
            let line = format!("`{}` has too many parts to draw: --json lists them", type_name(layout));
            return Err(Failure::at(path, line));
        };
        write!(out, "{drawing}")?;
    }
    Ok(())
}

/// The picture of a type, unless it would take more than some seconds: for each of its lines the cut is gone through from its
/// beginning, which takes no time for types that people write, but for ever for a schema that was made to be slow.
pub(super) fn drawing(layout: &'static Layout) -> Option<Picture> {
    const MOST: u64 = 500_000_000;
    let (lines, walk) = effort(layout);
    let accesses = layout.cut(base(layout)).count() as u64;
    // One walk gives some dozens of accesses.
    let each = (accesses / 64 + 1).saturating_mul(walk).saturating_add(accesses);
    (lines.saturating_mul(each) <= MOST).then(|| layout.display(base(layout)))
}

/// How many lines a drawing has, and how many steps a walk over the type takes.
fn effort(layout: &Layout) -> (u64, u64) {
    let sum = |fields: &'static [Field]| {
        let parts = fields.iter().map(|field| effort(field.layout()));
        parts.fold((0, 0), |sum: (u64, u64), part| (sum.0 + part.0, sum.1.saturating_add(part.1)))
    };
    let (lines, walk) = match layout.shape() {
        Shape::Array { element, .. } => effort(element),
        Shape::Struct { fields } => {
            // Fields without bytes are stepped over anew for each that follows.
            let empty = fields.iter().filter(|field| field.layout().size() == 0).count() as u64;
            let (lines, walk) = sum(fields);
            (lines, walk.saturating_add(empty * empty))
        }
        Shape::Choice { variants, .. } => {
            // At each byte all variants are asked.
            let parts = variants.iter().map(|variant| sum(variant.fields()));
            let (lines, walk) =
                parts.fold((0, 0), |sum: (u64, u64), part| (sum.0 + part.0 + 1, sum.1.saturating_add(part.1 + 1)));
            (lines, walk.saturating_mul(walk))
        }
        _ => (0, 0),
    };
    (lines + 1, walk.saturating_add(1))
}

fn header(path: &Path, region: &Region, out: &mut impl Write) -> Result<(), Failure> {
    let (header, schema) = (region.header(), region.schema());
    let copies = match header.cells() {
        1 => "one".to_owned(),
        cells => format!("a latch of {cells}"),
    };
    let ago = match SystemTime::now().duration_since(header.created()) {
        Ok(age) => format!("{} ago", time::span(age)),
        Err(_) => "in the future".to_owned(),
    };
    let path = super::plain(&path.display().to_string());
    writeln!(out, "region     {path}, {} bytes, format {}", header.size(), header.format())?;
    writeln!(out, "type       {}, fingerprint {:#018x}", type_name(schema.layout()), schema.fingerprint())?;
    writeln!(out, "copies     {copies}")?;
    writeln!(out, "writer     {}", region.writer_state())?;
    writeln!(out, "published  {}", region.version())?;
    writeln!(out, "created    {}, {ago}", time::utc(header.created()))?;
    Ok(())
}

fn header_json(path: &Path, region: &Region) -> Json {
    let header = region.header();
    json!({
        "path": path.display().to_string(),
        "format": header.format(),
        "size": header.size(),
        "payload_size": header.payload_size(),
        "payload_align": header.payload_align(),
        "cells": header.cells(),
        // As text: not every program reads 64 bits from a JSON number.
        "fingerprint": format!("{:#018x}", region.schema().fingerprint()),
        "pointer_width": header.pointer_width(),
        "endianness": if header.is_little_endian() { "little" } else { "big" },
        "cell_offset": header.cell_offset(),
        "cell_stride": header.cell_stride(),
        "word_offset": header.word_offset(),
        "state_offset": header.state_offset(),
        "schema_offset": header.schema_offset(),
        "schema_len": header.schema_len(),
        "created": time::utc(header.created()),
        "writer": writer_json(region.writer_state()),
    })
}
