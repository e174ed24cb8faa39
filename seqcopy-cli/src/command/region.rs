//! Opening a region, the kinds of types that the command treats differently, and [`Failure`]: why a command ends early.

use std::fmt::Display;
use std::io;
use std::io::Write;
use std::path::Path;

use super::columns::{columns, printable_path};

use seqcopy::layout::{Field, Scalar, Shape, are_numbered};
use seqcopy::{Layout, Version};
use seqcopy_shm::{ErrorKind, ReadValueError, Region, Schema, Unmapped, VersionError, untyped::FileMap};

/// Why a command ends early.
#[derive(Debug)]
pub(super) enum Failure {
    /// One line for standard error.
    Message(String),
    /// The reader of standard output has closed it, as `| head` does: not an error.
    OutputClosed,
}

impl Failure {
    /// An error about a file. The line begins with the file's path.
    pub(super) fn at(path: &Path, error: impl Display) -> Self {
        let error = error.to_string();
        // The library's messages begin with the path. A path that is not UTF-8 can't be recognised there.
        let (lossy, path) = (format!("`{}`: ", path.display()), printable_path(path));
        let error = error.strip_prefix(&lossy).unwrap_or(&error);
        Failure::Message(format!("`{path}`: {error}"))
    }

    /// The message without the path at its beginning, for lines that have the path. A closed output has no message.
    pub(super) fn below(self, path: &Path) -> Option<String> {
        let Failure::Message(line) = self else { return None };
        let path = format!("`{}`: ", printable_path(path));
        Some(line.strip_prefix(&path).unwrap_or(&line).to_owned())
    }
}

impl From<io::Error> for Failure {
    /// An error of writing to standard output: all others come with a path.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::OutputClosed,
            _ => Failure::Message(format!("cannot write to standard output: {error}")),
        }
    }
}

/// The type's name, with its elements and parameters.
pub(super) fn type_name(layout: &Layout) -> String {
    match Schema::slice_of(layout) {
        Some((_, element, _)) => format!("[{}]", element.type_name()),
        None => layout.type_name().to_string(),
    }
}

/// Whether the type is a number of which all bits are valid.
pub(super) fn is_number(layout: &Layout) -> bool {
    matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned | Scalar::Signed | Scalar::Float))
}

/// Whether it is `u8`.
pub(super) fn is_byte(layout: &Layout) -> bool {
    layout.size() == 1 && matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned))
}

/// The field of a newtype, whose values are shown like those of the field.
pub(super) fn newtype(layout: &Layout) -> Option<&Field> {
    match layout.shape() {
        Shape::Struct { fields: fields @ [only], .. } if are_numbered(fields) => Some(only),
        _ => None,
    }
}

/// Whether it is a `SeqOption`, whose values are shown like those of `Option`.
pub(super) fn is_option(layout: &Layout) -> bool {
    layout.option_of().is_some()
}

/// Whether a value of this type can be written as `null`.
pub(super) fn may_be_null(layout: &Layout) -> bool {
    match (newtype(layout), layout.shape()) {
        (Some(only), _) => may_be_null(only.layout()),
        (None, Shape::Scalar(Scalar::OptionNonZeroUnsigned | Scalar::OptionNonZeroSigned) | Shape::Skipped) => true,
        (None, _) => is_option(layout),
    }
}

/// The member of JSON that has the number of elements, where these have no bytes.
pub(super) const EMPTY: &str = "elements_without_bytes";

/// The content of a region's file.
pub(super) enum Opened {
    Value(Region<Unmapped>),
    Map(FileMap),
}

impl Opened {
    /// The region. For a map, its type is that of a slot.
    pub(super) fn region(&self) -> &Region<Unmapped> {
        match self {
            Opened::Value(region) => region,
            Opened::Map(map) => map.region(),
        }
    }

    /// The content's name for users.
    pub(super) fn name(&self) -> String {
        name(self.region())
    }

    /// The number of published values or generations.
    pub(super) fn published(&self) -> Result<u64, ReadValueError> {
        self.region().version().map(Version::to_bits)
    }
}

/// The content's name for users. A map's schema is that of a slot, which is a struct with a key and a value.
pub(super) fn name(region: &Region<Unmapped>) -> String {
    let layout = region.schema().layout();
    let part = |name| layout.fields().iter().find(|field| field.name() == name).map(|field| type_name(field.layout()));
    match (region.header().slots() > 0).then(|| part("key").zip(part("value"))).flatten() {
        Some((key, value)) => format!("a map from {key} to {value}"),
        None => type_name(layout),
    }
}

/// Opens a region. The library refuses names in its schema that no program can have.
///
/// The file is read, never mapped: its owner may truncate it at any moment, and that must not end this program.
pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    match Region::open_file(path) {
        Ok(region) => Ok(Opened::Value(region)),
        Err(error) if matches!(error.kind(), ErrorKind::Version(VersionError::Format { found: 2, .. })) => {
            FileMap::open(path).map(Opened::Map).map_err(|error| Failure::at(path, error))
        }
        Err(error) => Err(Failure::at(path, error)),
    }
}

/// The name of the program that a process runs, where the system has `/proc`.
pub(super) fn name_of(pid: u32) -> Option<String> {
    if cfg!(windows) {
        return None;
    }
    let name = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&name).trim_end().to_owned())
}

/// Prints rows whose columns are aligned.
pub(super) fn print<const N: usize>(rows: &[[String; N]], out: &mut impl Write) -> Result<(), Failure> {
    let width = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line += cell;
            line.extend(std::iter::repeat_n(' ', width + 2 - columns(cell)));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The alignment that values of a type have in a region.
pub(super) fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}

#[cfg(all(test, unix))] // a path that is not UTF-8
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use seqcopy_shm::Region;

    use super::*;

    #[test]
    fn a_message_begins_with_the_path() {
        let error = Failure::at(Path::new("/x"), "no such file");
        assert!(matches!(error, Failure::Message(line) if line == "`/x`: no such file"));
        // A message of the library already has it.
        let path = Path::new(OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        let failure = Failure::at(path, Region::open_file(path).unwrap_err());
        assert!(
            matches!(failure, Failure::Message(line) if line.starts_with("`/dev/shm/a\\xff\\xfeb\\n`: cannot open it: "))
        );
    }
}
