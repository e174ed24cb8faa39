//! The command `seqcopy`, which shows the content of a region of shared memory. It needs no source code, because each
//! region describes its type.
//!
//! This library has the few functions that the program and the Python package call, and one for
//! `seqcopy-relay`. They only read regions, except that `seqcopy replay` writes new ones. The page of the crate, `README.md`, has examples.
//!
//! The program `seqcopy` runs this library, and so does the Python package (`python -m seqcopy`); programs in Rust
//! read regions by `seqcopy_shm::Region`.

#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
mod command;

use std::ffi::OsString;

/// Runs the command with the arguments of a process, of which the first is its own name, and returns the exit status:
/// 0, 1 for a failure, of which standard error has a line, and for differences, and 2 for arguments that are wrong.
///
/// On a system that can't have regions it fails.
///
/// ```
/// assert_eq!(seqcopy_cli::run(["seqcopy", "show", "/no/such/region"].map(Into::into)), 1);
/// assert_eq!(seqcopy_cli::run(["seqcopy", "shwo"].map(Into::into)), 2);
/// ```
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    #[cfg(all(any(unix, windows), target_pointer_width = "64"))]
    return command::run(arguments);
    #[cfg(not(all(any(unix, windows), target_pointer_width = "64")))]
    {
        drop(arguments);
        eprintln!("seqcopy: regions of shared memory need a 64-bit Unix system, or Windows");
        1
    }
}

/// The schema that a description in JSON gives, as `seqcopy header --type` takes it; of a map that of a slot.
///
/// # Errors
/// What is wrong in the description, and where.
///
/// ```
/// use seqcopy_shm::Schema;
/// assert_eq!(seqcopy_cli::read_description(r#"{ "value": "[f64; 3]" }"#), Ok(Schema::of::<[f64; 3]>()));
/// let why = seqcopy_cli::read_description(r#"{ "value": "u7" }"#).unwrap_err();
/// assert!(why.starts_with("in \"value\": \"u7\" is not a type that is known here"), "{why}");
/// ```
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub fn read_description(json: &str) -> Result<seqcopy_shm::Schema, String> {
    let (schema, is_map, _) = command::read(json)?;
    if is_map {
        seqcopy_shm::untyped::MapWriter::check_slots(&schema).map_err(|error| error.to_string())?;
    }
    Ok(schema)
}

/// The description of a schema in JSON, of which [`read_description`] makes the same schema.
///
/// # Errors
/// A schema that no description gives: these have no enums with fields, nor layouts other than those of C.
///
/// ```
/// use seqcopy_shm::Schema;
/// assert_eq!(seqcopy_cli::describe(&Schema::of::<[f64; 3]>()).unwrap(), "{\n  \"value\": \"[f64; 3]\"\n}");
/// assert!(seqcopy_cli::describe(&Schema::of::<Option<std::num::NonZeroU8>>()).is_err());
/// ```
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub fn describe(schema: &seqcopy_shm::Schema) -> Result<String, String> {
    command::write(schema)
}

/// What was read from a region, as [`__json`] takes it.
#[doc(hidden)]
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
#[derive(Debug, Clone, Copy)]
pub enum __Content<'a> {
    /// The bytes of a value.
    Value(&'a [u8]),
    Entries(&'a seqcopy_shm::untyped::Entries),
}

/// The content of a region with this schema as one line of JSON, with the numbers that `seqcopy show --json` prints of
/// it: `{"version":3,"value":..}` or `{"generation":3,"entries":[..]}`. For `seqcopy-relay`.
///
/// # Errors
/// Why it has no JSON of at most `most` bytes.
#[doc(hidden)]
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub fn __json(
    schema: &seqcopy_shm::Schema,
    content: __Content<'_>,
    version: seqcopy::Version,
    most: u64,
) -> Result<Vec<u8>, String> {
    command::view(schema, content, version, most)
}

/// What `seqcopy list --json` prints of these folders, or of the usual ones; with `all`, also what running processes
/// have mapped.
///
/// # Errors
/// The message of the command: a folder that can't be read.
///
/// ```
/// let found = seqcopy_cli::list(&[], false)?;
/// assert!(found.starts_with("{\"regions\":["), "{found}");
/// assert!(seqcopy_cli::list(&["/no/such/folder".into()], false).is_err());
/// # Ok::<(), String>(())
/// ```
#[cfg(all(any(unix, windows), target_pointer_width = "64"))]
pub fn list(folders: &[std::path::PathBuf], all: bool) -> Result<String, String> {
    command::list_json(folders, all)
}
