//! `seqcopy header`: what a program in C or C++ needs to read a region, and to write it, by [`seqcopy_bindgen`], of a region or of a type
//! that is described in JSON.
//!
//! | key | what |
//! |---|---|
//! | `name` | the name of the struct |
//! | `types` | other structs, and enums, of which each may use those before it |
//! | `value` | the fields, or a text |
//! | `slice`, with `capacity` | in place of `value`: slices of such elements |
//! | `key`, with `value` | maps with such keys |
//!
//! A field has the text that Rust would use for its type ([`SchemaBuilder::parse`]), a name from `types`, or fields of its own: then that struct is
//! called as the field is, `BestLevel` for `best_level`. A list of names is an enum ([`SchemaBuilder::names`]). The Python package reads the same
//! descriptions.

use std::io::Write;
use std::path::Path;

use super::arguments::Language;
use super::region::{Failure, open};

use seqcopy_bindgen::Bindings;
use seqcopy_shm::SchemaBuilder;
use serde_json::{Map, Value};

type Named = Vec<(String, SchemaBuilder)>;

/// What is described, or what is wrong in the description, and where.
pub(super) fn bindings(json: &str) -> Result<Bindings, String> {
    let all: Map<String, Value> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let known = ["name", "types", "value", "slice", "capacity", "key"];
    if let Some(other) = all.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("the key {other:?} means nothing here: there are {}", known.join(", ")));
    }
    let mut named = Named::new();
    for (name, kind) in all.get("types").and_then(Value::as_object).into_iter().flatten() {
        let kind = described(kind, name, &named).map_err(|why| format!("in `{name}`: {why}"))?;
        named.push((name.clone(), kind));
    }
    let name = all.get("name").and_then(Value::as_str).unwrap_or("Value");
    let part = |key: &str, name: &str| match all.get(key) {
        Some(kind) => described(kind, name, &named).map(Some).map_err(|why| format!("in {key:?}: {why}")),
        None => Ok(None),
    };
    let (value, slice, key) = (part("value", name)?, part("slice", name)?, part("key", "Key")?);
    let capacity = all.get("capacity").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let (kind, is_map) = match (value, slice, key, capacity) {
        (Some(value), None, None, None) => (value, false),
        (Some(value), None, Some(key), None) => (SchemaBuilder::map(&key, &value), true),
        (None, Some(element), None, Some(capacity)) => (element.slice(capacity), false),
        _ => return Err("expected \"value\", or \"slice\" and \"capacity\", or \"key\" and \"value\"".to_owned()),
    };
    let schema = kind.build().map_err(|error| error.to_string())?;
    Bindings::of_schema(schema, is_map).map_err(|error| error.to_string())
}

fn described(kind: &Value, name: &str, named: &Named) -> Result<SchemaBuilder, String> {
    match kind {
        Value::String(text) => {
            let find = |name: &str| named.iter().find(|(other, _)| other == name).map(|(_, kind)| kind.clone());
            SchemaBuilder::parse(text, &find)
        }
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (field, kind) in fields {
                let inner = described(kind, &SchemaBuilder::name_of_field(field), named)
                    .map_err(|why| format!("field `{field}`: {why}"))?;
                all.push((field.as_str(), inner));
            }
            Ok(SchemaBuilder::structure(name, &all))
        }
        Value::Array(variants) => {
            let Some(names) = variants.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else {
                return Err("an enum is a list of names".to_owned());
            };
            Ok(SchemaBuilder::names(name, &names))
        }
        other => Err(format!("{other} is neither a text, a list of names, nor fields")),
    }
}

/// Prints the header for C and C++ programs, of a region or of a type that is described, or the declarations in Rust. A program in Python needs
/// none: its package opens any region.
pub(super) fn header(
    path: Option<&Path>,
    described: Option<&Path>,
    lang: Language,
    name: Option<&str>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (path, bindings) = match (path, described) {
        (_, Some(path)) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::at(path, error))?;
            (path, bindings(&text).map_err(|why| Failure::at(path, why))?)
        }
        (Some(path), None) => {
            let opened = open(path)?;
            (path, Bindings::of_region(opened.region().header(), opened.region().schema()))
        }
        (None, None) => unreachable!("one of them is required"),
    };
    let text = match (lang, name) {
        (Language::Python, _) => {
            let (class, method) = if bindings.is_map() { ("MapReader", "items") } else { ("Reader", "read") };
            let instead = format!("`pip install seqcopy`, and `seqcopy.{class}(PATH).{method}()` reads it");
            return Err(Failure::at(path, format!("Python needs no header: {instead}")));
        }
        (Language::Rust, Some(_)) => {
            return Err(Failure::at(path, "types in Rust have their own names: leave `--name` out"));
        }
        (Language::Rust, None) => bindings.rust_source(),
        (Language::C, Some(name)) => bindings.name(name).c_header(),
        (Language::C, None) => bindings.c_header(),
    };
    out.write_all(text.map_err(|error| Failure::at(path, error))?.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Level {
        price: f64,
        size: u32,
    }

    #[test]
    fn slices_and_maps_are_described_too() {
        let level = r#"{ "price": "f64", "size": "u32" }"#;
        let map = bindings(&format!(r#"{{ "name": "Level", "key": "[u8; 8]", "value": {level} }}"#)).unwrap();
        assert_eq!(map.c_header().unwrap(), Bindings::of_map::<[u8; 8], Level>().unwrap().c_header().unwrap());
        let slice = bindings(&format!(r#"{{ "name": "Level", "slice": {level}, "capacity": 7 }}"#)).unwrap();
        let path = seqcopy_shm::path_for(&format!("seqcopy-described-{}", std::process::id()));
        let writer = seqcopy_shm::Options::new().capacity(7).create::<[Level]>(&path).unwrap();
        let region = seqcopy_shm::Region::open(&path).unwrap();
        let expected = Bindings::of_region(region.header(), region.schema()).c_header().unwrap();
        writer.close().unwrap();
        assert_eq!(slice.c_header().unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, why) in [
            ("{", "EOF while parsing"),
            (r#"{ "values": "u8" }"#, "the key \"values\" means nothing here"),
            (r#"{ "value": "u7" }"#, "in \"value\": \"u7\" is not a type"),
            (r#"{ "value": { "a": "Side" } }"#, "in \"value\": field `a`: \"Side\" is not a type"),
            (r#"{ "value": { "a": { "b": 5 } } }"#, "field `a`: field `b`: 5 is neither a text"),
            (r#"{ "value": [1] }"#, "an enum is a list of names"),
            (r#"{ "types": { "A": "B", "B": "u8" }, "value": "A" }"#, "in `A`: \"B\" is not a type"),
            (r#"{ "slice": "u8" }"#, "expected \"value\", or \"slice\" and \"capacity\""),
            (r#"{ "value": "u8", "capacity": 5 }"#, "expected \"value\""),
            (r#"{ "value": ["A", "A"] }"#, "two variants are called `A`"),
            (r#"{ "name": "a b", "value": { "a": "u8" } }"#, "\"a b\" is not a valid name"),
        ] {
            let found = bindings(json).unwrap_err();
            assert!(found.contains(why), "{json}: {found}");
        }
    }
}
