//! A thousand random types that a description can have, random values of them, and regions with these.

use std::collections::HashSet;
use std::path::Path;

use seqcopy::Layout;
use seqcopy::layout::{Scalar, Shape};
use seqcopy_shm::untyped::{MapWriter, Writer};
use seqcopy_shm::{Options, Schema, SchemaBuilder};

use crate::oracle::Rng;

const NUMBERS: [&str; 24] = [
    "bool",
    "char",
    "f32",
    "f64",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "NonZeroU8",
    "NonZeroU16",
    "NonZeroU32",
    "NonZeroU64",
    "NonZeroU128",
    "NonZeroI8",
    "NonZeroI16",
    "NonZeroI32",
    "NonZeroI64",
    "NonZeroI128",
];

/// A type that a description can have.
fn random(rng: &mut Rng, depth: usize) -> SchemaBuilder {
    let inner = |rng: &mut Rng| random(rng, depth - 1);
    match if depth == 0 { rng.below(4) } else { rng.below(10) } {
        0..=2 => SchemaBuilder::number(NUMBERS[rng.below(NUMBERS.len())]).unwrap(),
        3 => SchemaBuilder::names("Names", &["A", "B", "C", "D", "E", "F", "G"][..=rng.below(7)]),
        4 => {
            let tag = *rng.pick(&["i8", "i16", "i32", "i64"]);
            let far = if tag == "i8" { 100 } else { 300 };
            SchemaBuilder::tags("Tags", &SchemaBuilder::number(tag).unwrap(), &[("Low", -far), ("High", far)])
        }
        5 => inner(rng).array(rng.below(4)),
        6 => inner(rng).option(),
        7 => inner(rng).list(1 + rng.below(5)),
        8 => SchemaBuilder::string(1 + rng.below(9)),
        _ => {
            let fields: Vec<SchemaBuilder> = (0..rng.below(6)).map(|_| inner(rng)).collect();
            let names = ["a", "b", "c", "d", "e"];
            let fields: Vec<(&str, SchemaBuilder)> = names.into_iter().zip(fields).collect();
            SchemaBuilder::structure("Struct", &fields)
        }
    }
}

/// Different types of values that have bytes, among them slices and maps.
///
/// # Panics
/// If a description that should be accepted is not.
#[must_use]
pub fn thousand() -> Vec<Schema> {
    let mut rng = Rng::new(67);
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    while all.len() < 1000 {
        let one = random(&mut rng, 3);
        let Ok(schema) = one.build() else { continue };
        if schema.layout().size() == 0 {
            continue;
        }
        let schema = match rng.below(10) {
            0 => one.slice(5).build(),
            1 => SchemaBuilder::map(&SchemaBuilder::number("u32").unwrap(), &one).build(),
            _ => Ok(schema),
        };
        all.extend(schema.ok().filter(|schema| seen.insert(schema.fingerprint())));
    }
    all
}

/// A valid value, with other bytes where any may be.
///
/// # Panics
/// If there are fewer bytes than the type has.
pub fn fill(layout: &Layout, rng: &mut Rng, bytes: &mut [u8]) {
    let put = |bytes: &mut [u8], number: i128| {
        let (len, number) = (bytes.len(), number.to_ne_bytes());
        bytes.copy_from_slice(if cfg!(target_endian = "big") { &number[16 - len..] } else { &number[..len] });
    };
    if let Some((element, capacity)) = layout.vec_of() {
        let [len, elements] = layout.fields() else { panic!("a length, and elements") };
        let number = i128::try_from(rng.below(capacity + 1)).unwrap();
        put(&mut bytes[len.offset()..][..len.layout().size()], number);
        for at in 0..capacity {
            let start = elements.offset() + at * element.size();
            fill(element, rng, &mut bytes[start..][..element.size()]);
        }
        return;
    }
    match layout.shape() {
        Shape::Scalar(Scalar::Bool) => put(bytes, i128::from(rng.bits() & 1)),
        Shape::Scalar(Scalar::Char) => put(bytes, i128::from(0x61 + rng.bits() % 26)),
        Shape::Scalar(_) | Shape::Plain => bytes.fill_with(|| 1 + (rng.bits() % 255) as u8),
        Shape::Array { element, .. } if element.size() > 0 => {
            bytes.chunks_mut(element.size()).for_each(|part| fill(element, rng, part));
        }
        Shape::Struct { fields, .. } => {
            for field in fields {
                fill(field.layout(), rng, &mut bytes[field.offset()..][..field.layout().size()]);
            }
        }
        Shape::Tags { variants, .. } => put(bytes, rng.pick(variants).value()),
        Shape::Enum { tag, variants, .. } => {
            let variant = rng.pick(variants);
            put(&mut bytes[..tag.size()], variant.value());
            for field in variant.fields() {
                fill(field.layout(), rng, &mut bytes[field.offset()..][..field.layout().size()]);
            }
        }
        _ => {}
    }
}

/// A region of each of these types, slices and maps among them, each with random values, in a folder. Returns their
/// paths. A type for which no valid value is found has none.
///
/// # Panics
/// If a region can't be created.
pub fn regions(folder: &Path, types: &[Schema], rng: &mut Rng) -> Vec<String> {
    let valid = |schema: &Schema, layout: &Layout, rng: &mut Rng| {
        (0..20).find_map(|_| {
            let mut value = vec![0; layout.size()];
            fill(layout, rng, &mut value);
            (layout.validate(&value).is_ok() || schema.validate(&value).is_ok()).then_some(value)
        })
    };
    let (mut paths, options) = (Vec::new(), Options::new());
    for (number, schema) in types.iter().enumerate() {
        let path = folder.join(number.to_string());
        if MapWriter::check_slots(schema).is_ok() {
            let slots = MapWriter::slots_for(8).unwrap();
            let mut map = MapWriter::create(&path, schema, slots, &options).unwrap();
            for key in 0..3u32 {
                if let Some(value) = valid(schema, map.key_and_value()[1], rng) {
                    map.insert(&key.to_ne_bytes(), &value).unwrap();
                }
            }
        } else {
            let Some(value) = valid(schema, schema.layout(), rng) else { continue };
            Writer::create(&path, schema, &options).unwrap().write_bytes(&value).unwrap();
        }
        paths.push(path.to_str().unwrap().to_owned());
    }
    paths
}
