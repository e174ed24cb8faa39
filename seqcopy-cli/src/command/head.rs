//! What is shown of a region before its value: header and type.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use seqcopy::Layout;
use seqcopy::layout::Picture;

use super::failure::Failure;
use super::printable::printable_path;
use super::region::{Opened, base};
use super::{effort, time};

pub(super) fn header(path: &Path, opened: &Opened, out: &mut impl Write) -> Result<(), Failure> {
    let header = opened.header();
    let writer = opened.writer_state().map_err(|error| Failure::at(path, error))?;
    let published = opened.published().map_err(|error| Failure::at(path, error))?;
    let buffers = match header.buffers() {
        1 => "1".to_owned(),
        buffers => format!("{buffers} (a latch)"),
    };
    let ago = match SystemTime::now().duration_since(header.created()) {
        Ok(age) => format!("{} ago", time::span(age)),
        Err(_) => "in the future".to_owned(),
    };
    writeln!(out, "region     {}, {} bytes, format {}", printable_path(path), header.size(), header.format())?;
    writeln!(out, "type       {}, fingerprint {:#018x}", opened.name(), opened.schema().fingerprint())?;
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
pub(super) fn drawing(layout: &Layout) -> Option<Picture<'_>> {
    effort::drawing(layout).then(|| layout.display(base(layout)))
}
