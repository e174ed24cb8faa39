//! `seqcopy header`: writes the C header of a type, with [`seqcopy_bindgen`]. The type comes from a region or from a
//! description in JSON. Also prints the description of an existing type.
//!
//! | key | what |
//! |---|---|
//! | `name` | the name of the struct |
//! | `types` | other structs, and enums, of which each may use those before it |
//! | `value` | the fields, or a text |
//! | `slice`, with `capacity` | in place of `value`: slices of such elements |
//! | `key`, with `value` | maps with such keys |
//!
//! A field has the text that Rust would use for its type ([`SchemaBuilder::parse`]), a name from `types`, or fields of
//! its own: then that struct is called as the field is, `BestLevel` for `best_level`. A list of names is an enum
//! ([`SchemaBuilder::names`]). The Python package reads the same descriptions.

use std::io::Write;
use std::path::Path;

use super::arguments::Language;
use super::region::{Failure, open};

use seqcopy::Layout;
use seqcopy::layout::Shape;
use seqcopy_bindgen::Bindings;
use seqcopy_shm::untyped::MapWriter;
use seqcopy_shm::{Schema, SchemaBuilder};
use serde_json::{Map, Value};

type Named = Vec<(String, SchemaBuilder)>;

/// The schema that a description describes, whether it is the schema of a map, and the name that the description gives. The
/// error says what is wrong in the description, and where.
pub(crate) fn read(json: &str) -> Result<(Schema, bool, Option<String>), String> {
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
    let given = all.get("name").and_then(Value::as_str);
    let name = given.unwrap_or("Value");
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
    Ok((kind.build().map_err(|error| error.to_string())?, is_map, given.map(str::to_owned)))
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

/// The description of a schema, from which [`read`] makes the same schema again. The error says why it has none.
pub(crate) fn write(schema: &Schema) -> Result<String, String> {
    let layout = schema.layout();
    // The schema of a map is the schema of its slots.
    let is_map = MapWriter::check_slots(schema).is_ok();
    let (mut types, mut all) = (Map::new(), Map::new());
    let slice = Schema::slice_of(layout);
    let parts = match (layout.shape(), slice) {
        (Shape::Struct { fields, .. }, _) if is_map => ["key", "value"]
            .iter()
            .filter_map(|part| Some((*part, fields.iter().find(|it| it.name() == *part)?.layout())))
            .collect(),
        (_, Some((_, element, _))) => vec![("slice", element)],
        _ => vec![("value", layout)],
    };
    for (part, layout) in parts {
        collect(layout, &mut types)?;
        let text = text_of(layout);
        // A type that is used once is described where it is used, and its parent's name is that of the whole.
        let own =
            types.keys().next_back().is_some_and(|last| *last == text && part != "key").then(|| types.remove(&text));
        if let Some(own) = own.flatten() {
            all.insert("name".to_owned(), text.into());
            all.insert(part.to_owned(), own);
        } else {
            all.insert(part.to_owned(), text.into());
        }
    }
    if let Some((_, _, capacity)) = slice {
        all.insert("capacity".to_owned(), capacity.into());
    }
    if !types.is_empty() {
        all.insert("types".to_owned(), types.into());
    }
    let text = format!("{:#}", Value::from(all));
    match read(&text) {
        Ok((same, ..)) if same == *schema => Ok(text),
        _ => Err(format!(
            "`{}` is laid out in another way than a description can say, or has two types of one name",
            layout.type_name()
        )),
    }
}

/// A type as text.
fn text_of(layout: &Layout) -> String {
    layout.type_name().to_string()
}

/// Adds the structs and enums of a type, each after the ones that it contains.
fn collect(layout: &Layout, types: &mut Map<String, Value>) -> Result<(), String> {
    if let Some(inner) = layout.option_of().or_else(|| layout.vec_of().map(|(element, _)| element)) {
        return collect(inner, types);
    }
    let kind: Value = match layout.shape() {
        Shape::Array { element, .. } => return collect(element, types),
        _ if layout.str_capacity().is_some() || SchemaBuilder::number(&text_of(layout)).is_some() => return Ok(()),
        Shape::Struct { fields, .. } => {
            fields.iter().try_for_each(|field| collect(field.layout(), types))?;
            fields
                .iter()
                .map(|field| (field.name().to_owned(), text_of(field.layout()).into()))
                .collect::<Map<_, Value>>()
                .into()
        }
        Shape::Tags { variants, .. } => variants.iter().map(seqcopy::layout::Variant::name).collect(),
        Shape::Enum { .. } => {
            return Err(format!("`{}` is an enum with fields, which no description has", layout.name()));
        }
        _ => return Err(format!("`{}` is a type that no description has", text_of(layout))),
    };
    // Of two types with the same name, the second one stays, and reading the description makes another schema.
    types.insert(text_of(layout), kind);
    Ok(())
}

/// Prints a header for C and C++ programs, or declarations in Rust, for the type of a region or of a description. A
/// Python program needs none, because its package opens any region.
pub(super) fn header(
    path: Option<&Path>,
    described: Option<&Path>,
    lang: Language,
    name: Option<&str>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (path, schema, bindings) = match (path, described) {
        (_, Some(path)) => {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::at(path, error))?;
            let (schema, is_map, given) = read(&text).map_err(|why| Failure::at(path, why))?;
            let bindings = Bindings::of_schema(schema.clone(), is_map).map_err(|error| Failure::at(path, error))?;
            (path, schema, bindings.described_as(given))
        }
        (Some(path), None) => {
            let opened = open(path)?;
            let schema = opened.region().schema();
            (path, schema.clone(), Bindings::of_region(opened.region().header(), schema))
        }
        (None, None) => unreachable!("one of them is required"),
    };
    let text = match (lang, name) {
        (Language::Python, _) => {
            let (class, method) = if bindings.is_map() { ("MapReader", "items") } else { ("Reader", "read") };
            let instead = format!("`pip install seqcopy`, and `seqcopy.{class}(PATH).{method}()` reads it");
            return Err(Failure::at(path, format!("Python needs no header: {instead}")));
        }
        (Language::Rust | Language::Json, Some(_)) => {
            return Err(Failure::at(path, "`--name` is for C, and types in Rust have their own names: leave it out"));
        }
        (Language::Json, None) => {
            let text = write(&schema)
                .map_err(|why| Failure::at(path, format!("{why}: `seqcopy show --json` has its layout")))?;
            return Ok(writeln!(out, "{text}")?);
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
    use seqcopy_harness::fails;

    fn bindings(json: &str) -> Result<Bindings, String> {
        let (schema, is_map, given) = read(json)?;
        Ok(Bindings::of_schema(schema, is_map).map_err(|error| error.to_string())?.described_as(given))
    }
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

    /// Also where the value is a number, which has no name.
    #[test]
    fn the_name_of_a_description_is_the_name_in_c() {
        for (json, name) in [
            (r#"{ "name": "Levels", "key": "u64", "value": "u64" }"#, "seqcopy_Map_Levels_reader_get("),
            (r#"{ "name": "Levels", "slice": "u64", "capacity": 4 }"#, "seqcopy_Slice_Levels_reader_read("),
            (r#"{ "name": "Level", "value": "u64" }"#, "seqcopy_Level_reader_read("),
            (r#"{ "name": "Level", "value": { "price": "f64" } }"#, "seqcopy_Level_reader_read("),
            (r#"{ "key": "u64", "value": "u64" }"#, "seqcopy_Map_u64_reader_get("),
        ] {
            let header = bindings(json).unwrap().c_header().unwrap();
            assert!(header.contains(name), "{json}: {}", header.lines().next().unwrap_or_default());
        }
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

    /// Each kind of type at each place of a description. Reading and writing a description returns the same text.
    #[test]
    fn a_description_is_that_of_its_schema() {
        let types = r#""types": {"Side": ["Buy", "Sell"], "Level": {"side": "Side", "price": "f64"}}"#;
        let kinds =
            ["u8", "i128", "f32", "bool", "char", "NonZero<i32>", "[u16; 3]", "SeqStr<12>", "SeqVec<Level, 3>", "Side"]
                .into_iter()
                .chain(["SeqOption<Level>", "[SeqOption<SeqStr<3>>; 2]", "Level", "SeqVec<[SeqOption<Side>; 2], 4>"]);
        for kind in kinds {
            let types = match kind {
                _ if kind.contains("Level") => format!(",{types}"),
                _ if kind.contains("Side") => r#","types": {"Side": ["Buy", "Sell"]}"#.to_owned(),
                _ => String::new(),
            };
            for json in [
                format!(r#"{{"value": "[{kind}; 5]"{types}}}"#),
                format!(r#"{{"name": "Own", "value": {{"first": "bool", "second": "{kind}"}}{types}}}"#),
                format!(r#"{{"slice": "[{kind}; 2]", "capacity": 7{types}}}"#),
                format!(r#"{{"key": "u64", "name": "Own", "value": {{"a": "[{kind}; 2]"}}{types}}}"#),
            ] {
                let (schema, ..) = read(&json).unwrap_or_else(|why| panic!("{json}: {why}"));
                let written: Value = serde_json::from_str(&write(&schema).unwrap()).unwrap();
                let order = |json: &Value| json.to_string();
                let mut expected: Value = serde_json::from_str(&json).unwrap();
                // A description is written in one order.
                let all = expected.as_object_mut().unwrap();
                if let Some(types) = all.shift_remove("types") {
                    all.insert("types".to_owned(), types);
                }
                assert_eq!(order(&written), order(&expected));
            }
        }
        // The type of a key has a name of its own, even if no other type contains it.
        let json = r#"{"key":"Spot","value":"u64","types":{"Spot":{"row":"u8","column":"u8"}}}"#;
        let written: Value = serde_json::from_str(&write(&read(json).unwrap().0).unwrap()).unwrap();
        assert_eq!(written.to_string(), json);
    }

    #[test]
    fn what_has_no_description_is_named() {
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C, align(32))]
        struct Aligned(u8);
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(u8)]
        enum Far {
            One = 1,
        }
        mod other {
            use super::*;
            #[derive(Clone, Copy, SeqCopy, Validate)]
            #[repr(C)]
            pub(super) struct Level(u8);
        }
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C)]
        struct Both {
            one: Level,
            other: other::Level,
        }
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C, u8)]
        #[allow(dead_code)] // for its layout
        enum Shape {
            Circle { radius: f32 },
        }
        for (schema, why) in [
            (Schema::of::<[Aligned; 2]>(), "`[Aligned; 2]` is laid out in another way"),
            (Schema::of::<Far>(), "`Far` is laid out in another way"),
            (
                Schema::of::<Both>(),
                "`Both` is laid out in another way than a description can say, or has two types of one name",
            ),
            (Schema::of::<seqcopy::SeqOption<Shape>>(), "`Shape` is an enum with fields"),
            (Schema::of::<Option<std::num::NonZeroU8>>(), "is a type that no description has"),
        ] {
            let found = write(&schema).unwrap_err();
            assert!(found.contains(why), "{found}");
        }
    }

    /// A failed call leaves only its message, and the same call then succeeds with another schema.
    #[test]
    fn the_calls_fail_and_succeed() {
        let good = Schema::of::<[u16; 3]>();
        let mut schema = Schema::of::<Option<std::num::NonZeroU8>>();
        let (why, json) =
            fails("describe", &mut schema, |it| crate::describe(it), |it| it.clone(), None, |it| *it = good.clone());
        assert!(why.contains("no description has"), "{why}");
        let mut text = r#"{ "key": { "a": "u16", "b": "u32" }, "value": "u8" }"#.to_owned();
        let (why, schema) = fails(
            "read_description",
            &mut text,
            |it| crate::read_description(it),
            |it| it.clone(),
            None,
            |it| *it = json,
        );
        assert!(why.contains("a key of a map can't have padding"), "{why}");
        assert_eq!(schema, good);
        let mut folders = vec!["/no/such/folder".into()];
        let (why, _) = fails(
            "list",
            &mut folders,
            |it| crate::list(it, false),
            |it| it.clone(),
            None,
            |it| it[0] = std::env::temp_dir(),
        );
        assert!(why.contains("`/no/such/folder`: cannot open it"), "{why}");
    }
}
