//! Assembles the header for a region.

use std::io::Write;
use std::path::Path;

use seqcopy::Layout;
use seqcopy_shm::{Header, Schema};

use super::identifiers::constant;
use super::names::Names;
use super::reader::{Parts, Place, Slot, assemble};
use super::{check, copy, python, types};
use crate::command::arguments::Language;
use crate::command::effort;
use crate::command::failure::Failure;
use crate::command::region::{Opened, base, open};
use crate::command::types::type_name;

/// Prints the header for C and C++ programs that read a region, or the module for Python programs.
pub(in super::super) fn header(
    path: &Path,
    language: Language,
    name: Option<&str>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let opened = open(path)?;
    if let Language::Python = language {
        let (header, is_map) = match &opened {
            Opened::Value(region) => (region.header(), false),
            Opened::Map(map) => (map.header(), true),
        };
        let (schema, failed) = (opened.schema(), |line| Failure::at(path, line));
        if name.is_some() {
            return Err(failed("a Python module has the name of its file: leave `--name` out".to_owned()));
        }
        let text = python::module(schema.layout(), &place(header, schema), is_map).map_err(failed)?;
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    effort::header(opened.schema().layout()).map_err(|line| Failure::at(path, line))?;
    let text = match &opened {
        Opened::Value(region) => generate(region.header(), region.schema(), name, false),
        // The name of a slot says nothing to a user.
        Opened::Map(map) => generate(map.header(), map.schema(), name.or(Some("Map")), true),
    };
    let text = text.map_err(|error| Failure::at(path, error))?;
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// The header for a region's type, under the name that the user chose or the type's own; or why there can't be one.
fn generate(header: &Header, schema: &Schema, name: Option<&str>, is_map: bool) -> Result<String, String> {
    write(schema.layout(), &place(header, schema), name, is_map)
}

fn place(header: &Header, schema: &Schema) -> Place {
    Place {
        fingerprint: schema.fingerprint(),
        buffer_offset: header.buffer_offset(),
        buffer_stride: header.buffer_stride(),
        word_offset: header.word_offset(),
        state_offset: header.state_offset(),
        schema_len: header.schema_len(),
    }
}

fn write(layout: &Layout, place: &Place, name: Option<&str>, is_map: bool) -> Result<String, String> {
    if layout.size() == 0 {
        return Err(format!("`{}` has no bytes, so a C program has nothing to read", type_name(layout)));
    }
    let mut names = Names::default();
    let prefix = names.root(layout.name(), name)?;
    let mut types = types::Types::new(&mut names, &prefix);
    types.root(layout);
    let checks = check::functions(layout, &types, &prefix);
    let (copied, slot) = match layout.fields() {
        // Three storages, each copied by itself.
        [_, key, value] if is_map => {
            let slot = Slot {
                copy_key: copy::body(key.layout(), base(key.layout()), &prefix),
                key_size: key.layout().size(),
                key_offset: key.offset(),
                value_offset: value.offset(),
            };
            (value.layout(), Some(slot))
        }
        _ => (layout, None),
    };
    let parts = Parts {
        slot,
        rust_name: type_name(layout),
        upper: constant(&prefix),
        types: types.text,
        checks,
        copy: copy::body(copied, base(copied), &prefix),
        prefix,
    };
    Ok(assemble(layout, place, &parts))
}

#[cfg(test)]
pub(super) mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::Sample;

    /// The header of a type, as if its region had a schema of 300 bytes.
    pub(in crate::command) fn header_of(layout: &Layout, name: Option<&str>) -> Result<String, String> {
        let stride = layout.size().next_multiple_of(base(layout)) as u64;
        let place = Place {
            fingerprint: layout.fingerprint(),
            buffer_offset: 256,
            buffer_stride: stride,
            word_offset: 192,
            state_offset: 128,
            schema_len: 300,
        };
        write(layout, &place, name, false)
    }

    #[test]
    fn every_mark_of_the_template_is_replaced() {
        let text = header_of(Sample::LAYOUT, None).unwrap();
        assert!(!text.contains('@'), "{text}");
        assert!(text.contains("static inline int Sample_try_read(const Sample_region *region, Sample *out)"));
        assert!(text.contains(&format!("#define SAMPLE_FINGERPRINT UINT64_C({:#018x})", Sample::LAYOUT.fingerprint())));
        assert!(text.contains("#define SAMPLE_MODE_TAG_FAST ((Sample_Mode)3)"));
    }

    #[test]
    fn names_are_chosen_or_refused() {
        let text = header_of(<[u64; 4]>::LAYOUT, Some("quote")).unwrap();
        assert!(text.contains("static_assert(offsetof(quote, value) == 0"));
        for bad in ["int", "a b", "", "1a", "x;", "__x"] {
            assert!(header_of(Sample::LAYOUT, Some(bad)).is_err(), "{bad}");
        }
        assert!(header_of(<[u64; 0]>::LAYOUT, None).unwrap_err().contains("no bytes"));
    }
}
