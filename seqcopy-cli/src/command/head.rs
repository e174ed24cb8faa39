//! What is shown of a region before its value: header and type. And rows that are shown alone.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use seqcopy::Layout;
use seqcopy_shm::{Header, WriterState};

use super::failure::Failure;
use super::printable::printable_path;
use super::region::{Opened, base};
use super::table::Table;
use super::text::Row;
use super::{effort, time};

/// What is printed of a header.
pub(super) struct Head<'a> {
    header: &'a Header,
    kind: String,
    fingerprint: u64,
    writer: WriterState,
    published: u64,
}

impl<'a> Head<'a> {
    pub(super) fn of(path: &Path, opened: &'a Opened) -> Result<Self, Failure> {
        Ok(Head {
            header: opened.header(),
            kind: opened.name(),
            fingerprint: opened.schema().fingerprint(),
            writer: opened.writer_state().map_err(|error| Failure::at(path, error))?,
            published: opened.published().map_err(|error| Failure::at(path, error))?,
        })
    }
}

pub(super) fn header(path: &Path, shown: &Head<'_>, out: &mut impl Write) -> Result<(), Failure> {
    let Head { header, kind, fingerprint, writer, published } = shown;
    let buffers = match header.buffers() {
        1 => "1".to_owned(),
        buffers => format!("{buffers} (a latch)"),
    };
    let ago = match SystemTime::now().duration_since(header.created()) {
        Ok(age) => format!("{} ago", time::span(age)),
        Err(_) => "in the future".to_owned(),
    };
    writeln!(out, "region     {}, {} bytes, format {}", printable_path(path), header.size(), header.format())?;
    writeln!(out, "type       {kind}, fingerprint {fingerprint:#018x}")?;
    writeln!(out, "buffers    {buffers}")?;
    if header.slots() > 0 {
        writeln!(out, "slots      {}, for up to {} entries", header.slots(), header.slots() / 8 * 7)?;
    }
    writeln!(out, "writer     {writer}")?;
    writeln!(out, "published  {published}")?;
    writeln!(out, "created    {}, {ago}", time::utc(header.created()))?;
    Ok(())
}

/// The drawing of a type, unless it would take more than some seconds: each of its lines walks over the accesses, which is nothing
/// for types that people write, but takes hours for a schema that is made to be slow.
pub(super) fn drawing(layout: &Layout) -> Option<impl Display + Copy> {
    effort::drawing(layout).then(|| layout.display(base(layout)))
}

/// A row of what is shown alone: if there is one only, it has neither name nor type.
pub(super) fn alone(row: &Row<'_, '_>, table: &Table, out: &mut impl Write) -> Result<(), Failure> {
    if row.path.is_root() {
        writeln!(out, "{}", row.text)?;
    } else {
        writeln!(out, "{}", table.line(row))?;
    }
    Ok(())
}
