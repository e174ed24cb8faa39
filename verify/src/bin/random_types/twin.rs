//! A second type of the same name that differs in one respect, or in none, or has the derive in place of a list.

use seqcopy_tests::oracle::Rng;

use crate::facts::is_specified;
use crate::model::{Body, Def, Field, Int, Style, Treatment, Ty, Variant};

/// The twin, and whether it is another type. Only its fingerprint matters, not its hooks.
pub(crate) fn of(rng: &mut Rng, defs: &[Def], index: usize) -> Option<(Def, bool)> {
    let def = &defs[index];
    let mut twin = def.clone();
    twin.hooks.clear();
    // The twin of a foreign type is a type of its own.
    if twin.listing.take().is_some() {
        return is_specified(defs, &def.tested(index)).then_some((twin, false));
    }
    let is_changed = match rng.below(6) {
        0 if is_specified(defs, &def.tested(index)) => return Some((twin, false)),
        0 => false,
        1 => with_field(rng, &mut twin, |field| {
            let is_named = field.name.starts_with('f');
            if is_named {
                field.name.insert_str(0, "other_");
            }
            is_named
        }),
        2 => with_field(rng, &mut twin, |field| {
            // The same size, but another meaning.
            let other = match &field.ty {
                Ty::Int(int) => Int::ALL.into_iter().find(|it| it.size == int.size && it.signed != int.signed),
                _ => None,
            };
            let Some(other) = other.filter(|_| matches!(field.treatment, Treatment::Own)) else { return false };
            field.ty = Ty::Int(other);
            true
        }),
        3 => with_variant(rng, &mut twin, |variant| {
            "Other".clone_into(&mut variant.name);
            true
        }),
        4 => discriminant(rng, &mut twin),
        _ => {
            let field = Field { name: "more".to_owned(), ty: Ty::Unit, treatment: Treatment::Own, poison: None };
            match &mut twin.body {
                Body::Struct { style: Style::Named, fields, .. } => {
                    fields.push(field);
                    true
                }
                Body::Choice { variants, .. } => match variants.iter_mut().find(|it| it.style == Style::Named) {
                    Some(variant) => {
                        variant.fields.push(field);
                        true
                    }
                    None => false,
                },
                _ => false,
            }
        }
    };
    is_changed.then_some((twin, true))
}

fn with_field(rng: &mut Rng, def: &mut Def, mut change: impl FnMut(&mut Field) -> bool) -> bool {
    match &mut def.body {
        Body::Struct { fields, .. } if !fields.is_empty() => {
            let index = rng.below(fields.len());
            change(&mut fields[index])
        }
        Body::Choice { variants, .. } => variants.iter_mut().flat_map(|variant| &mut variant.fields).any(change),
        _ => false,
    }
}

fn with_variant(rng: &mut Rng, def: &mut Def, mut change: impl FnMut(&mut Variant) -> bool) -> bool {
    match &mut def.body {
        Body::Tags { variants, .. } | Body::Choice { variants, .. } => {
            let index = rng.below(variants.len());
            change(&mut variants[index])
        }
        Body::Struct { .. } => false,
    }
}

/// Gives the last variant another number.
fn discriminant(rng: &mut Rng, def: &mut Def) -> bool {
    let (range, variants) = match &mut def.body {
        Body::Tags { repr, variants } => (repr.unwrap_or(Int::ALL[5]).range(), variants),
        Body::Choice { tag, variants, .. } => (tag.range(), variants),
        Body::Struct { .. } => return false,
    };
    let value = range.0 + i128::from(rng.bits()) % (range.1 - range.0 + 1);
    if variants.iter().any(|variant| variant.value == value) {
        return false;
    }
    let last = variants.last_mut().expect("there is one");
    last.value = value;
    last.explicit = true;
    true
}
