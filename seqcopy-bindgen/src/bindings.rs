//! [`Bindings`]: what readers are generated from, and how.

use seqcopy::{Layout, Validate};
use seqcopy_shm::untyped::MapWriter;
use seqcopy_shm::{Header, MapKey, Schema};

use crate::error::Error;
use crate::names::Names;
use crate::template::{Direct, Holds, Parts, assemble};
use crate::{check, copy, types};

/// The version of the format of a region with a map.
const MAP: u32 = 2;

/// A type, or a key and a value, whose regions programs in C and C++ shall read and write.
///
/// [`c_header`](crate::c_header) is short for it where a region has one value.
///
/// ```
/// use seqcopy_bindgen::Bindings;
///
/// let prices = Bindings::of_map::<[u8; 8], f64>()?.name("prices").c_header()?;
/// assert!(prices.contains("static inline seqcopy_status prices_reader_get(const prices_reader *self, prices *entry)"));
/// # Ok::<(), seqcopy_bindgen::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bindings {
    header: Header,
    schema: Schema,
    name: Option<String>,
    /// The name that a description gives, in place of the name of the type.
    described: Option<String>,
}

impl Bindings {
    /// For regions with a value of type `T`, as `seqcopy_shm::Writer<T>` creates them. No region is needed.
    ///
    /// # Errors
    /// If no region can hold such a type, because of its alignment.
    ///
    /// # Panics
    /// The errors of [`Schema::of`]: if the type exceeds a limit of schemas.
    ///
    /// ```
    /// # use seqcopy_bindgen::Bindings;
    /// let header = Bindings::of::<[f64; 3]>()?.c_header()?;
    /// assert!(header.contains("double "));
    /// # Ok::<(), seqcopy_bindgen::Error>(())
    /// ```
    pub fn of<T: Validate>() -> Result<Bindings, Error> {
        Self::planned(Schema::of::<T>(), false)
    }

    /// For maps with such keys and values, as `seqcopy_shm::MapWriter<K, V>` creates them.
    ///
    /// # Errors
    /// If no map can hold such entries, because of their alignment.
    ///
    /// # Panics
    /// The errors of [`Schema::of`].
    ///
    /// ```
    /// # use seqcopy_bindgen::Bindings;
    /// let header = Bindings::of_map::<u32, bool>()?.c_header()?;
    /// assert!(header.contains("seqcopy_Map_bool_reader_get"));
    /// # Ok::<(), seqcopy_bindgen::Error>(())
    /// ```
    pub fn of_map<K: MapKey, V: Validate>() -> Result<Bindings, Error> {
        Self::planned(Schema::of_map::<K, V>(), true)
    }

    /// For regions with a schema, such as one that a [`SchemaBuilder`](seqcopy_shm::SchemaBuilder) made: with a value
    /// or slices, or with maps, whose schema is that of a slot.
    ///
    /// # Errors
    /// If no region can hold such a type, because of its alignment, or no map such keys.
    ///
    /// ```
    /// use seqcopy_bindgen::Bindings;
    /// use seqcopy_shm::SchemaBuilder;
    /// let number = SchemaBuilder::number("f32").expect("a number").build().unwrap();
    /// assert_eq!(Bindings::of_schema(number, false)?.c_header()?, seqcopy_bindgen::c_header::<f32>()?);
    /// # Ok::<(), seqcopy_bindgen::Error>(())
    /// ```
    pub fn of_schema(schema: Schema, is_map: bool) -> Result<Bindings, Error> {
        if is_map {
            MapWriter::check_slots(&schema)?;
        }
        Self::planned(schema, is_map)
    }

    fn planned(schema: Schema, is_map: bool) -> Result<Bindings, Error> {
        Ok(Bindings { header: Header::planned(&schema, is_map)?, schema, name: None, described: None })
    }

    /// For a region, or a map, that is there, and for all that have the same type: its numbers of buffers and of slots
    /// don't matter.
    ///
    /// ```
    /// use seqcopy_bindgen::Bindings;
    /// use seqcopy_shm::{self as shm, Region, Writer};
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-bindings-{}", std::process::id()));
    /// let _writer = Writer::<[u16; 4]>::create(&path)?;
    /// let region = Region::open(&path)?;
    /// let header = Bindings::of_region(region.header(), region.schema()).c_header().unwrap();
    /// assert_eq!(header, seqcopy_bindgen::c_header::<[u16; 4]>().unwrap());
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn of_region(header: &Header, schema: &Schema) -> Bindings {
        Bindings { header: *header, schema: schema.clone(), name: None, described: None }
    }

    /// Chooses the name of the C type, with which all other names of the header begin; constants begin with the same in
    /// capitals. Without this it is `seqcopy_` and the name of the Rust type, for a map `seqcopy_Map_` and the name of
    /// its values' type, for a slice `seqcopy_Slice_` and that of its elements': no system has such names. A program
    /// that includes two headers with one name, of different types, does not compile: this is the way out.
    ///
    /// ```
    /// # use seqcopy_bindgen::Bindings;
    /// let header = Bindings::of::<u64>()?.name("counter").c_header()?;
    /// assert!(header.contains("counter_reader_read") && header.contains("COUNTER_FINGERPRINT"));
    /// # Ok::<(), seqcopy_bindgen::Error>(())
    /// ```
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Bindings {
        self.name = Some(name.into());
        self
    }

    /// Replaces the type's own name in C. seqcopy-cli calls it for a description in JSON, which may name a map of numbers.
    #[doc(hidden)]
    #[must_use]
    pub fn described_as(mut self, name: Option<String>) -> Bindings {
        self.described = name;
        self
    }

    /// The header by which C11 and C++17 programs read and write such regions.
    ///
    /// # Errors
    /// If the type has no bytes, or the [`name`](Self::name) can't be that of a C type.
    ///
    /// ```
    /// # use seqcopy_bindgen::{Bindings, Error};
    /// let error = Bindings::of::<u64>()?.name("a name").c_header().unwrap_err();
    /// assert!(error.to_string().starts_with("\"a name\" can't be the name of a C type"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn c_header(&self) -> Result<String, Error> {
        self.check_bytes()?;
        let layout = self.schema.layout();
        // The name of a slot means nothing to a user.
        let own = |layout: &Layout| self.described.clone().unwrap_or_else(|| layout.name().to_owned());
        let own = match layout.fields() {
            [_, _, value] if self.is_map() => format!("Map_{}", own(value.layout())),
            _ => match Schema::slice_of(layout) {
                Some((_, element, _)) => format!("Slice_{}", own(element)),
                None => own(layout),
            },
        };
        let mut names = Names::of(&own, self.name.as_deref())?;
        let (prefix, upper) = (names.prefix.clone(), names.upper.clone());
        let mut types = types::Types::new(&mut names);
        types.root(layout);
        let rust = |layout: &Layout| format!("`{}`", layout.type_name());
        let (rust_name, holds) = match layout.fields() {
            [_, key, value] if self.is_map() => {
                (format!("{} to {}", rust(key.layout()), rust(value.layout())), Holds::Map)
            }
            _ if Schema::slice_of(layout).is_some() => (rust(layout), Holds::Slice),
            _ => (rust(layout), Holds::Value),
        };
        let direct = Direct::of(layout, holds);
        let is_each = direct == Some(Direct::Each);
        let parts = Parts {
            holds,
            rust_name,
            types: types.text(),
            same: types.same(),
            schema: self.schema.as_bytes().to_vec(),
            direct: direct.map(|how| (how, check::functions(layout, &types, &prefix))),
            copy: if is_each { copy::body(layout, &prefix) } else { String::new() },
            stores: if is_each { copy::stores(layout, &prefix) } else { String::new() },
            prefix,
            upper,
        };
        Ok(assemble(layout, &self.header, &parts))
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether these regions have maps. For seqcopy-cli.
    #[doc(hidden)]
    #[must_use]
    pub fn is_map(&self) -> bool {
        self.header.format() == MAP
    }

    fn check_bytes(&self) -> Result<(), Error> {
        let layout = self.schema.layout();
        if layout.size() == 0 { Err(Error::NoBytes(layout.type_name().to_string())) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqStr, Validate};
    use seqcopy_harness::fails;
    use seqcopy_shm::{self as shm, MapReader, Options, Region, SchemaBuilder, path_for};

    use super::*;
    use crate::samples::Sample;

    #[test]
    fn wide_numbers_with_and_without_a_sign_are_two_types() {
        #[derive(SeqCopy, Validate)]
        #[repr(C)]
        struct Both {
            a: i128,
            b: u128,
            c: [i128; 2],
            d: u128,
        }
        let text = Bindings::of::<Both>().unwrap().c_header().unwrap();
        // Each is declared once.
        assert_eq!(
            ["    int64_t high;", "    uint64_t high;"].map(|line| text.matches(line).count()),
            [1, 1],
            "{text}"
        );
    }

    /// The tag of an enum has that name, whatever its variants are called.
    #[test]
    fn a_variant_may_be_called_tag() {
        #[derive(SeqCopy, Validate)]
        #[repr(C, u8)]
        #[allow(dead_code, non_camel_case_types)]
        enum Choice {
            tag(u8),
            Other(u16),
        }
        let text = Bindings::of::<Choice>().unwrap().c_header().unwrap();
        assert!(text.contains("    seqcopy_Choice_tag tag_2;") && text.contains("    uint8_t tag;"), "{text}");
    }

    #[test]
    fn every_mark_of_the_template_is_replaced() {
        for bindings in [Bindings::of::<Sample>(), Bindings::of_map::<SeqStr<12>, Sample>()] {
            let text = bindings.unwrap().c_header().unwrap();
            assert!(!text.contains('@'), "{text}");
        }
        let text = crate::c_header::<Sample>().unwrap();
        assert!(text.contains(
            "static inline seqcopy_status seqcopy_Sample_reader_read(const seqcopy_Sample_reader *self, seqcopy_Sample *out, uint64_t *version)"
        ));
        let fingerprint = Sample::LAYOUT.fingerprint();
        assert!(text.contains(&format!("#define SEQCOPY_SAMPLE_FINGERPRINT UINT64_C({fingerprint:#018x})")));
        assert!(text.contains("#define SEQCOPY_SAMPLE_MODE_TAG_FAST SEQCOPY_CONSTANT(seqcopy_Sample_Mode, 3)"));
    }

    /// Its keys may be of any type: those of most maps are texts.
    #[test]
    fn a_map_is_named_by_its_values() {
        let text = Bindings::of_map::<SeqStr<12>, Sample>().unwrap().c_header().unwrap();
        assert!(text.starts_with("/* `SeqStr<12>` to `Sample` in C11 or C++17"), "{text}");
        assert!(text.contains("static inline seqcopy_status seqcopy_Map_Sample_reader_get("));
        assert!(text.contains("#define SEQCOPY_MAP_SAMPLE_FINGERPRINT"));
    }

    /// A program that includes the headers of two slices has two names.
    #[test]
    fn a_slice_is_named_by_its_elements() {
        let path = path_for(&format!("bindgen-slice-{}", std::process::id()));
        let header =
            |writer: &Header, region: &Region| Bindings::of_region(writer, region.schema()).c_header().unwrap();
        let samples = Options::new().capacity(5).create::<[Sample]>(&path).unwrap();
        let text = header(samples.region().header(), &Region::open(&path).unwrap());
        assert!(text.contains("static inline seqcopy_status seqcopy_Slice_Sample_reader_read("), "{text}");
        samples.close().unwrap();
        // Elements that are aligned like a cache line are no other case.
        let lines = Options::new().capacity(5).create::<[Line]>(&path).unwrap();
        let text = header(lines.region().header(), &Region::open(&path).unwrap());
        assert!(text.contains("#define SEQCOPY_SLICE_LINE_FINGERPRINT"), "{text}");
        lines.close().unwrap();
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, align(64))]
    struct Line([u64; 8]);

    fn same(a: &Bindings, b: &Bindings) {
        assert_eq!(a.c_header().unwrap(), b.c_header().unwrap());
    }

    /// A type has the same as a region of it, with any number of buffers and slots.
    #[test]
    fn no_region_is_needed() {
        fn check<T: Validate + 'static>() {
            let planned = Bindings::of::<T>().unwrap();
            for buffers in [1, 8] {
                let path =
                    path_for(&format!("seqcopy-bindgen-{}-{}", std::process::id(), planned.header.fingerprint()));
                let _writer = Options::new().buffers(buffers).create::<T>(&path).unwrap();
                let region = Region::open(&path).unwrap();
                std::fs::remove_file(&path).unwrap();
                let found = Bindings::of_region(region.header(), region.schema());
                same(&planned, &found);
            }
        }
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C, align(1024))]
        struct Aligned(u8);
        check::<Sample>();
        check::<u8>();
        check::<[u64; 6]>();
        check::<[u64; 7]>();
        check::<Aligned>();

        let path = path_for(&format!("seqcopy-bindgen-map-{}", std::process::id()));
        let writer: shm::MapWriter<u16, Aligned> = Options::new().buffers(4).create_map(&path, 1000).unwrap();
        let map = MapReader::<u16, Aligned>::open(&path).unwrap();
        writer.close().unwrap();
        let (planned, found) = (
            Bindings::of_map::<u16, Aligned>().unwrap(),
            Bindings::of_region(map.region().header(), map.region().schema()),
        );
        same(&planned, &found);
    }

    #[test]
    fn a_type_that_no_region_can_hold() {
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C, align(8192))]
        struct Page(u8);
        let error = Bindings::of::<Page>().unwrap_err().to_string();
        assert!(
            error.contains("alignment of the payload should be a power of two, at most 4096, found 8192"),
            "{error}"
        );
        // What has none, and then a type that has.
        macro_rules! of {
            ($($name:literal: $bad:expr, $good:expr;)*) => {$(
                let call = |is_bad: &mut bool| if *is_bad { $bad.map(drop) } else { $good.map(drop) };
                fails($name, &mut true, call, |is_bad| *is_bad, None, |is_bad| *is_bad = false);
            )*};
        }
        of! {
            "Bindings::of": Bindings::of::<Page>(), Bindings::of::<u8>();
            "Bindings::of_map": Bindings::of_map::<u16, Page>(), Bindings::of_map::<u16, u8>();
            "c_header": crate::c_header::<Page>(), crate::c_header::<u8>();
            "Bindings::of_schema": Bindings::of_schema(Schema::of::<Page>(), false), Bindings::of_schema(Schema::of::<u8>(), false);
        }
    }

    #[test]
    fn what_can_not_be_declared() {
        let of = |schema: Schema| Bindings::of_schema(schema, false).unwrap();
        let nothing = || SchemaBuilder::structure("Nothing", &[]).build().unwrap();
        let mend = |on: &mut Bindings| *on = of(Schema::of::<u8>());
        let (error, _) = fails("Bindings::c_header", &mut of(nothing()), |on| on.c_header(), |_| (), None, mend);
        assert!(matches!(error, Error::NoBytes(name) if name == "Nothing"));
        // Two types of one name: one has the fields of the other then, and is the same type.
        let byte = || SchemaBuilder::number("u8").unwrap();
        let one = |field| SchemaBuilder::structure("Id", &[(field, byte())]);
        let both = |field| of(SchemaBuilder::structure("Both", &[("a", one("x")), ("b", one(field))]).build().unwrap());
        let mend = |on: &mut Bindings| *on = both("x");
        let (error, _) = fails("Bindings::rust_source", &mut both("y"), |on| on.rust_source(), |_| (), None, mend);
        assert!(matches!(error, Error::TwoTypes(name) if name == "Id"));
    }
}
