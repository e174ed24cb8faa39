//! Prints a definition as Rust, with its hooks and its test.

use std::fmt::Write as _;

use seqcopy_tests::oracle::Rng;

use crate::facts::{NARROW, WIDE, can_validate, fact, is_called_specified, is_specified};
use crate::literal::literal;
use crate::model::{Body, Def, Field, Hook, Listing, Style, Treatment, Variant};
use crate::spell::Speller;
use crate::{describe, paths, twin};

/// The type, its checks, its description and its statics; and separately the statement that runs its test.
pub(crate) fn definition(rng: &mut Rng, defs: &[Def], index: usize) -> (String, String) {
    let def = &defs[index];
    let mut text = alone(defs, def);
    text += &describe::model(defs, def);

    let tested = def.tested(index);
    let outside = Speller { defs, this: None };
    let ty = outside.ty(&tested).to_string();
    let mut test = format!("    report.of(\"{}\", |case| {{\n        case.copied::<{ty}>()?;\n", def.name);
    writeln!(test, "        case.specified::<{ty}>({})?;", is_called_specified(defs, &tested)).unwrap();
    if is_specified(defs, &tested) {
        let one = |target| {
            let fact = fact(defs, target, &tested);
            format!("o::Fact {{ size: {}, align: {}, map: \"{}\" }}", fact.map.len(), fact.align, fact.text())
        };
        writeln!(test, "        case.predicted::<{ty}>({}, {})?;", one(WIDE), one(NARROW)).unwrap();
    }
    if can_validate(defs, &tested) {
        writeln!(test, "        case.validated::<{ty}>()?;").unwrap();
    }
    if rng.chance(1, 5) {
        writeln!(test, "        case.copied_otherwise::<{ty}>()?;").unwrap();
    }
    // An enum has no parts but itself.
    let parts = if matches!(def.body, Body::Struct { .. }) { 2 } else { usize::from(rng.chance(1, 6)) };
    for _ in 0..parts {
        test += &paths::test(rng, defs, &tested);
    }
    if rng.chance(1, 3) {
        let value = literal(rng, defs, &tested);
        let name = &def.name;
        writeln!(text, "static CELL_{name}: o::Share<seqcopy::AtomicPerByte<{ty}>> = o::Share(seqcopy::AtomicPerByte::new({value}));").unwrap();
        writeln!(
            text,
            "static LOCK_{name}: o::Share<seqcopy::SeqLock<{ty}>> = o::Share(seqcopy::SeqLock::new({value}));"
        )
        .unwrap();
        writeln!(test, "        case.constant::<{ty}>(&CELL_{name}.0, &LOCK_{name}.0, &{value})?;").unwrap();
    }
    if def.listing.is_some() || rng.chance(1, 4) {
        if let Some((twin, is_changed)) = twin::of(rng, defs, index) {
            let name = &def.name;
            let item = item(defs, &twin, false);
            writeln!(text, "mod twin_{name} {{\n    use super::*;\n{item}}}").unwrap();
            // The twin has the same name and the same arguments.
            let twin = format!("twin_{name}::{}", outside.raw(&tested));
            let layout = |ty: &str| format!("<{ty} as seqcopy::SeqCopy>::LAYOUT");
            writeln!(test, "        case.twin({}, {}, {is_changed})?;", layout(&ty), layout(&twin)).unwrap();
        }
    }
    test += "        Ok(())\n    });\n";
    (text, test)
}

/// The type and its checks.
pub(crate) fn alone(defs: &[Def], def: &Def) -> String {
    let mut text = match def.listing {
        Some(listing) => foreign(defs, def, listing),
        None => item(defs, def, true),
    };
    if def.copy {
        text += &copy(defs, def);
    }
    for (number, hook) in def.hooks.iter().enumerate() {
        text += &self::hook(def, number, *hook);
    }
    text
}

/// A type as another crate has it, and the list that describes it.
fn foreign(defs: &[Def], def: &Def, listing: Listing) -> String {
    let speller = Speller { defs, this: Some(def) };
    let mut theirs = def.clone();
    if listing.reversed {
        match &mut theirs.body {
            Body::Struct { fields, .. } => fields.reverse(),
            Body::Tags { .. } | Body::Choice { .. } => {}
        }
    }
    let mut text = repr(def);
    text += &declaration(speller, &theirs, &def.name, false, true);
    let mut ours = def.clone();
    if listing.reversed {
        if let Body::Tags { variants, .. } = &mut ours.body {
            variants.reverse();
        }
    }
    let remote = format!("remote = {}{}", def.name, def.arguments());
    let option = if listing.proved { remote } else { format!("unsafe({remote})") };
    text += derives(def.validate);
    writeln!(text, "#[seqcopy({option})]").unwrap();
    text += &bound(def, def.validate);
    if listing.repr {
        text += &repr(def);
    }
    text += &declaration(speller, &ours, &format!("{}Def", def.name), true, listing.repr);
    text
}

/// `Clone` and `Copy`, where the types of the fields are.
fn copy(defs: &[Def], def: &Def) -> String {
    let speller = Speller { defs, this: Some(def) };
    let (name, arguments, parameters) = (&def.name, def.arguments(), def.parameters(""));
    let fields = def.fields().filter(|field| field.ty.names_param(false));
    let bounds: Vec<String> = fields.map(|field| format!("{}: Copy", speller.declared(field))).collect();
    let bounds = bounds.join(", ");
    format!(
        "impl{parameters} Clone for {name}{arguments} where {bounds} {{\n    fn clone(&self) -> Self {{\n        *self\n    }}\n}}\n\
         impl{parameters} Copy for {name}{arguments} where {bounds} {{}}\n"
    )
}

fn derives(validate: bool) -> &'static str {
    if validate { "#[derive(seqcopy::SeqCopy, seqcopy::Validate)]\n" } else { "#[derive(seqcopy::SeqCopy)]\n" }
}

fn repr(def: &Def) -> String {
    match &def.body {
        Body::Struct { repr, .. } => repr.to_string(),
        Body::Tags { repr: None, .. } => "#[repr(C)]\n".to_owned(),
        Body::Tags { repr: Some(int), .. } => format!("#[repr({})]\n", int.name),
        Body::Choice { tag, c, .. } => format!("#[repr({}{})]\n", if *c { "C, " } else { "" }, tag.name),
    }
}

fn bound(def: &Def, validate: bool) -> String {
    if !def.bound {
        return String::new();
    }
    let bound = if validate { "seqcopy::Validate" } else { "seqcopy::SeqCopy" };
    format!("#[seqcopy(bound({}))]\n", def.bounds(bound))
}

/// The struct or enum with its attributes; without `Validate` unless `whole`.
fn item(defs: &[Def], def: &Def, whole: bool) -> String {
    let validate = whole && def.validate;
    let mut text = derives(validate).to_owned() + &repr(def);
    if whole {
        for (number, hook) in def.hooks.iter().enumerate() {
            let path = format!("check = check_{}_{number}", def.name);
            let option = if hook.valid { format!("unsafe({path})") } else { path };
            writeln!(text, "#[seqcopy({option})]").unwrap();
        }
    }
    text += &bound(def, validate);
    let speller = Speller { defs, this: Some(def) };
    text += &declaration(speller, def, &def.name, true, true);
    text
}

/// The declaration under this name, with or without the options of fields and the numbers of variants.
fn declaration(speller: Speller<'_>, def: &Def, name: &str, options: bool, numbers: bool) -> String {
    let mut text = String::new();
    let parameters = def.parameters("");
    match &def.body {
        Body::Struct { style, fields, .. } => {
            let end = if *style == Style::Named { "" } else { ";" };
            let fields = self::fields(speller, *style, fields, "pub ", options);
            writeln!(text, "pub struct {name}{parameters}{fields}{end}").unwrap();
        }
        Body::Tags { variants, .. } | Body::Choice { variants, .. } => {
            writeln!(text, "pub enum {name}{parameters} {{").unwrap();
            for Variant { name, style, value, explicit, fields, .. } in variants {
                let value = if *explicit && numbers { format!(" = {value}") } else { String::new() };
                writeln!(text, "    {name}{}{value},", self::fields(speller, *style, fields, "", options)).unwrap();
            }
            text += "}\n";
        }
    }
    text
}

fn fields(speller: Speller<'_>, style: Style, fields: &[Field], public: &str, options: bool) -> String {
    let one = |field: &Field| {
        let attribute = match &field.treatment {
            _ if !options => String::new(),
            Treatment::Own => String::new(),
            Treatment::With => format!("#[seqcopy(with = {})] ", speller.list(&field.ty)),
            Treatment::Skip => "#[seqcopy(skip)] ".to_owned(),
            Treatment::As(ty) => format!("#[seqcopy(unsafe(as = {}))] ", speller.ty(ty)),
        };
        let name = if style == Style::Named { format!("{}: ", field.name) } else { String::new() };
        format!("{attribute}{public}{name}{}, ", speller.declared(field))
    };
    let list: String = fields.iter().map(one).collect();
    match style {
        Style::Named => format!(" {{ {list}}}"),
        Style::Tuple => format!("({list})"),
        Style::Unit => String::new(),
    }
}

/// A type's own check.
fn hook(def: &Def, number: usize, hook: Hook) -> String {
    let (name, parameters, arguments) = (&def.name, def.parameters(""), def.arguments());
    let poison = hook.poison;
    let argument = if hook.valid { "&" } else { "&seqcopy::MaybeInvalid<" };
    let close = if hook.valid { "" } else { ">" };
    // The field checks have passed, so the fields may be used as values here.
    let value = if hook.valid { "bits" } else { "unsafe { bits.assume_valid_ref() }" };
    let is_bad = match (&def.body, hook.field) {
        (Body::Struct { fields, .. }, Some(index)) => {
            let field = &fields[index].name;
            if hook.valid {
                format!("{{ bits.{field} }} == {poison}")
            } else if def.repr().packed.is_some() {
                format!("seqcopy::field_copy!(bits, {name}{arguments}, {field}).validate() == Ok({poison})")
            } else {
                format!("seqcopy::field!(bits, {name}{arguments}, {field}).validate_ref() == Ok(&({poison}))")
            }
        }
        (Body::Choice { variants, .. }, Some(index)) => {
            let variant = &variants[hook.variant];
            let field = &variant.fields[index].name;
            format!("matches!({value}, {name}::{} {{ {field}: {poison}, .. }})", variant.name)
        }
        (Body::Tags { variants, .. }, None) => {
            format!("matches!({value}, {name}::{})", variants[hook.variant].name)
        }
        _ => unreachable!("no such hook is made"),
    };
    format!(
        "fn check_{name}_{number}{parameters}(bits: {argument}{name}{arguments}{close}) -> Result<(), &'static str> {{\n    \
         if {is_bad} {{ Err(\"poison {number}\") }} else {{ Ok(()) }}\n}}\n"
    )
}
