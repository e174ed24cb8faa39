//! Prints the `Model` of a definition: its description, and how values are made.

use std::fmt::Write as _;

use crate::model::{Body, Def, Field, Hook, Treatment, Variant};
use crate::spell::Speller;

pub(crate) fn model(defs: &[Def], def: &Def) -> String {
    let speller = Speller { defs, this: Some(def) };
    let (name, arguments, parameters) = (&def.name, def.arguments(), def.parameters(": 'static"));
    let bounds = bounds(speller, def);
    let (this, mut text) = if def.listing.is_some() {
        let this = format!("{name}{arguments}");
        let head = format!("o::Describes<{this}> for {name}Def{arguments} where {bounds}{this}: Copy");
        (this, format!("impl{parameters} {head} {{\n"))
    } else {
        ("Self".to_owned(), format!("impl{parameters} o::Model for {name}{arguments} where {bounds} {{\n"))
    };
    let kinds: Vec<String> = match &def.body {
        Body::Struct { fields, .. } => vec![value(speller, name, fields)],
        Body::Tags { variants, .. } | Body::Choice { variants, .. } => variants
            .iter()
            .filter(|variant| !variant.reserved)
            .map(|variant| value(speller, &format!("{name}::{}", variant.name), &variant.fields))
            .collect(),
    };
    let hooks: Vec<String> =
        def.hooks.iter().enumerate().map(|(number, hook)| self::hook(speller, def, number, *hook)).collect();
    let hooks = if hooks.is_empty() { String::new() } else { format!(".with_hooks(vec![{}])", hooks.concat()) };
    writeln!(text, "    const KINDS: usize = {};", kinds.len()).unwrap();
    writeln!(text, "    fn node() -> o::Node {{\n        {}{hooks}\n    }}", node(speller, def, &this)).unwrap();
    writeln!(
        text,
        "    fn make(rng: &mut o::Rng) -> {this} {{\n        let kind = rng.below(Self::KINDS);\n        Self::make_kind(kind, rng)\n    }}"
    )
    .unwrap();
    writeln!(text, "    fn make_kind(kind: usize, rng: &mut o::Rng) -> {this} {{\n        match kind {{").unwrap();
    for (kind, value) in kinds.iter().enumerate() {
        writeln!(text, "            {kind} => {value},").unwrap();
    }
    text += "            _ => unreachable!(),\n        }\n    }\n}\n";
    text
}

/// The bounds of the impl: a model of every field type that names a parameter, and those of the trait itself.
fn bounds(speller: Speller<'_>, def: &Def) -> String {
    let mut text = String::new();
    if def.bound {
        write!(text, "{}, ", def.bounds(if def.validate { "o::Model + seqcopy::Validate" } else { "o::Model" }))
            .unwrap();
    }
    for field in def.fields() {
        if field.copied().is_some_and(|ty| ty.names_param(!def.params.is_empty())) {
            write!(text, "{}: o::Model, ", speller.copied(field).expect("just asked")).unwrap();
        }
    }
    text
}

/// An expression for some value; `rng` is in scope.
fn value(speller: Speller<'_>, path: &str, fields: &[Field]) -> String {
    let one = |field: &Field| {
        let value = match (&field.treatment, field.poison) {
            (Treatment::Own, None) => "o::make(rng)".to_owned(),
            (Treatment::Own, Some(poison)) => format!("o::other_than(rng, &({poison}))"),
            (Treatment::With, _) => {
                let ty = speller.copied(field).expect("it is not skipped");
                format!("<{ty} as o::Model>::make(rng).value")
            }
            (Treatment::Skip, _) => "core::mem::MaybeUninit::uninit()".to_owned(),
            (Treatment::As(_), _) => match field.ty {
                crate::model::Ty::Bytes(_) => "o::Bytes::make(rng)".to_owned(),
                _ => "o::Foreign::make(rng)".to_owned(),
            },
        };
        format!("{}: {value}, ", field.name)
    };
    format!("{path} {{ {}}}", fields.iter().map(one).collect::<String>())
}

fn node(speller: Speller<'_>, def: &Def, this: &str) -> String {
    let name = &def.name;
    match &def.body {
        Body::Struct { fields, .. } => {
            let parts = fields.iter().map(|field| {
                let place = format!("(\"{}\", core::mem::offset_of!({this}, {}))", field.plain_name(), field.name);
                match speller.copied(field) {
                    Some(ty) => format!("o::part::<{ty}>{place}, "),
                    None => format!("o::hole::<{}>{place}, ", speller.ty(&field.ty)),
                }
            });
            format!("o::structure::<{this}>(\"{name}\", vec![{}])", parts.collect::<String>())
        }
        Body::Tags { variants, .. } => {
            let one = |variant: &Variant| format!("(\"{}\", {}), ", plain(&variant.name), variant.value);
            let mut all: Vec<String> = variants.iter().map(one).collect();
            // The layout has the order of the list.
            if def.listing.is_some_and(|listing| listing.reversed) {
                all.reverse();
            }
            format!("o::tags::<{this}>(\"{name}\", vec![{}])", all.concat())
        }
        Body::Choice { tag, variants, .. } => {
            let tag = format!("size_of::<{}>()", tag.name);
            let all: String = variants.iter().map(|it| variant(speller, name, this, &tag, it)).collect();
            format!("let rng = &mut o::Rng::new(0);\n        o::choice::<{this}>(\"{name}\", {tag}, vec![{all}])")
        }
    }
}

/// A variant, with offsets measured in a value of it.
fn variant(speller: Speller<'_>, def: &str, this: &str, tag: &str, variant: &Variant) -> String {
    let path = format!("{def}::{}", variant.name);
    let (mut pattern, mut parts) = (String::new(), String::new());
    for (index, field) in variant.fields.iter().enumerate() {
        write!(pattern, "{}: x{index}, ", field.name).unwrap();
        let place = format!("(&value, x{index}, \"{}\"), ", field.plain_name());
        match speller.copied(field) {
            Some(ty) => write!(parts, "o::part_in::<{ty}, _, _>{place}").unwrap(),
            None => write!(parts, "o::hole_in{place}").unwrap(),
        }
    }
    let (name, value) = (plain(&variant.name), self::value(speller, &path, &variant.fields));
    let discriminant = variant.value;
    format!(
        "\n            {{\n                let value: {this} = {value};\n                match &value {{\n                    \
         {path} {{ {pattern}}} => o::variant(&value, \"{name}\", {discriminant}, {tag}, vec![{parts}]),\n                    \
         _ => unreachable!(),\n                }}\n            }},"
    )
}

fn hook(speller: Speller<'_>, def: &Def, number: usize, hook: Hook) -> String {
    let (place, size) = match (&def.body, hook.field) {
        (Body::Struct { fields, .. }, Some(index)) => {
            (format!("o::Place::Field({index})"), speller.ty(&fields[index].ty).to_string())
        }
        (Body::Choice { variants, .. }, Some(index)) => (
            format!("o::Place::VariantField({}, {index})", hook.variant),
            speller.ty(&variants[hook.variant].fields[index].ty).to_string(),
        ),
        _ => ("o::Place::Tag".to_owned(), "Self".to_owned()),
    };
    format!("o::hook({place}, {}, size_of::<{size}>(), \"poison {number}\"), ", hook.poison)
}

fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}
