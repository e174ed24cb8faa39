//! `seqcopy header`: what a C or C++ program needs to read a region.

mod check;
#[cfg(test)]
mod compiled;
mod copy;
mod names;
mod reader;
mod system;
mod types;

use seqcopy::Layout;
use seqcopy_shm::FileRegion;

use self::names::{Names, constant};

use super::base;
use super::text::type_name;

/// Where the parts of a region lie: numbers of its header that follow from the type alone.
struct Place {
    fingerprint: u64,
    buffer_offset: u64,
    buffer_stride: u64,
    word_offset: u64,
    state_offset: u64,
    schema_len: u64,
}

/// The header for a region's type, by a name of the user's choice or the type's own; or why there can't be one.
pub(super) fn generate(region: &FileRegion, name: Option<&str>) -> Result<String, String> {
    let header = region.header();
    let place = Place {
        fingerprint: region.schema().fingerprint(),
        buffer_offset: header.buffer_offset(),
        buffer_stride: header.buffer_stride(),
        word_offset: header.word_offset(),
        state_offset: header.state_offset(),
        schema_len: header.schema_len(),
    };
    write(region.schema().layout(), &place, name)
}

fn write(layout: &'static Layout, place: &Place, name: Option<&str>) -> Result<String, String> {
    if layout.size() == 0 {
        return Err(format!("`{}` has no bytes, so there is nothing for a C program to read", type_name(layout)));
    }
    let mut names = Names::default();
    let prefix = names.root(layout.name(), name)?;
    let mut types = types::Types::new(&mut names, &prefix);
    types.root(layout);
    let checks = check::functions(layout, &types, &prefix);
    let parts = reader::Parts {
        rust_name: type_name(layout),
        upper: constant(&prefix),
        types: types.text,
        checks,
        copy: copy::body(layout, base(layout), &prefix),
        prefix,
    };
    Ok(reader::assemble(layout, place, &parts))
}

#[cfg(test)]
pub(super) fn sample(layout: &'static Layout) -> Result<String, String> {
    tests::header(layout, None)
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::Sample;

    pub(super) fn header(layout: &'static Layout, name: Option<&str>) -> Result<String, String> {
        let stride = layout.size().next_multiple_of(base(layout)) as u64;
        let place = Place {
            fingerprint: layout.fingerprint(),
            buffer_offset: 256,
            buffer_stride: stride,
            word_offset: 192,
            state_offset: 128,
            schema_len: 300,
        };
        write(layout, &place, name)
    }

    #[test]
    fn nothing_is_left_of_the_template() {
        let text = header(Sample::LAYOUT, None).unwrap();
        assert!(!text.contains('@'), "{text}");
        assert!(text.contains("static inline int Sample_try_read(const Sample_region *region, Sample *out)"));
        assert!(text.contains(&format!("#define SAMPLE_FINGERPRINT UINT64_C({:#018x})", Sample::LAYOUT.fingerprint())));
        assert!(text.contains("#define SAMPLE_MODE_TAG_FAST ((Sample_Mode)3)"));
    }

    #[test]
    fn names_are_chosen_or_refused() {
        let text = header(<[u64; 4]>::LAYOUT, Some("quote")).unwrap();
        assert!(text.contains("static_assert(offsetof(quote, value) == 0"));
        for bad in ["int", "a b", "", "1a", "x;", "__x"] {
            assert!(header(Sample::LAYOUT, Some(bad)).is_err(), "{bad}");
        }
        assert!(header(<[u64; 0]>::LAYOUT, None).unwrap_err().contains("no bytes"));
    }
}
