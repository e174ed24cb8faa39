//! Prints a definition as Rust, with its hooks and its test.

use std::fmt::Write as _;

use seqcopy_tests::oracle::Rng;

use crate::facts::{NARROW, WIDE, can_validate, fact, is_called_specified, is_specified};
use crate::literal::literal;
use crate::model::{Body, Def, Field, Hook, Style, Treatment, Variant};
use crate::spell::Speller;
use crate::{describe, twin};

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
    if rng.chance(1, 4) {
        if let Some((twin, is_changed)) = twin::of(rng, defs, index) {
            let name = &def.name;
            let item = item(defs, &twin, false);
            writeln!(text, "mod twin_{name} {{\n    use super::*;\n{item}}}").unwrap();
            // The twin has the same name and the same arguments.
            let twin = format!("twin_{name}::{ty}");
            let layout = |ty: &str| format!("<{ty} as seqcopy::SeqCopy>::LAYOUT");
            writeln!(test, "        case.twin({}, {}, {is_changed})?;", layout(&ty), layout(&twin)).unwrap();
        }
    }
    test += "        Ok(())\n    });\n";
    (text, test)
}

/// The type and its checks.
pub(crate) fn alone(defs: &[Def], def: &Def) -> String {
    let mut text = item(defs, def, true);
    for (number, hook) in def.hooks.iter().enumerate() {
        text += &self::hook(def, number, *hook);
    }
    text
}

/// The struct or enum with its attributes; without `Validate` unless `whole`.
fn item(defs: &[Def], def: &Def, whole: bool) -> String {
    let validate = whole && def.validate;
    let mut text = format!("#[derive(seqcopy::SeqCopy{})]\n", if validate { ", seqcopy::Validate" } else { "" });
    match &def.body {
        Body::Struct { repr, .. } => text += &repr.to_string(),
        Body::Tags { repr: None, .. } => text += "#[repr(C)]\n",
        Body::Tags { repr: Some(int), .. } => writeln!(text, "#[repr({})]", int.name).unwrap(),
        Body::Choice { tag, c, .. } => writeln!(text, "#[repr({}{})]", if *c { "C, " } else { "" }, tag.name).unwrap(),
    }
    if whole {
        for (number, hook) in def.hooks.iter().enumerate() {
            let path = format!("check = check_{}_{number}", def.name);
            let option = if hook.valid { format!("unsafe({path})") } else { path };
            writeln!(text, "#[seqcopy({option})]").unwrap();
        }
    }
    if def.bound {
        let bound = if validate { "seqcopy::Validate" } else { "seqcopy::SeqCopy" };
        writeln!(text, "#[seqcopy(bound({}))]", def.bounds(bound)).unwrap();
    }
    let speller = Speller { defs, this: Some(def) };
    let (name, parameters) = (&def.name, def.parameters(""));
    match &def.body {
        Body::Struct { style, fields, .. } => {
            let end = if *style == Style::Named { "" } else { ";" };
            writeln!(text, "pub struct {name}{parameters}{}{end}", self::fields(speller, *style, fields, "pub "))
                .unwrap();
        }
        Body::Tags { variants, .. } | Body::Choice { variants, .. } => {
            writeln!(text, "pub enum {name}{parameters} {{").unwrap();
            for Variant { name, style, value, explicit, fields, .. } in variants {
                let value = if *explicit { format!(" = {value}") } else { String::new() };
                writeln!(text, "    {name}{}{value},", self::fields(speller, *style, fields, "")).unwrap();
            }
            text += "}\n";
        }
    }
    text
}

fn fields(speller: Speller<'_>, style: Style, fields: &[Field], public: &str) -> String {
    let one = |field: &Field| {
        let attribute = match &field.treatment {
            Treatment::Own => String::new(),
            Treatment::Skip => "#[seqcopy(skip)] ".to_owned(),
            Treatment::As(ty) => format!("#[seqcopy(unsafe(as = {}))] ", speller.ty(ty)),
        };
        let name = if style == Style::Named { format!("{}: ", field.name) } else { String::new() };
        format!("{attribute}{public}{name}{}, ", speller.ty(&field.ty))
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
