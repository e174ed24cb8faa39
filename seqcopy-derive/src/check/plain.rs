//! What `unsafe(plain)` can't be said of.
//!
//! The word is the author's: that every byte is initialised in every value, and that none belongs to a pointer. Refused is
//! what contradicts it to the eye. What only the compiler knows (drop glue, padding, interior mutability) is asserted in the
//! output.

use syn::Type;

use super::options::options;
use super::{Mistakes, modifiers, no_variants, unsized_field};
use crate::attr::{Name, Opt, Place};
use crate::derive::Derive;
use crate::input::{Body, Field, Input};

pub(super) fn plain(mistakes: &mut Mistakes, input: &Input<'_>, derive: Derive, plain: &Opt, name: &str) {
    let mut has_check = false;
    for (check, _) in input.options.checks() {
        has_check = true;
        mistakes.on(
            &check.word,
            format_args!(
                "`check` of `{name}` is called by `derive(Validate)`, which a plain type cannot have: remove it, and write \
                 the check in an `unsafe impl Validate for {name}`"
            ),
        );
    }
    if derive == Derive::Validate && !has_check {
        mistakes.on(
            &plain.word,
            format_args!(
                "`plain` asserts which bytes of `{name}` are data, not which are valid: remove `derive(Validate)`, and write \
                 the check in an `unsafe impl Validate for {name}`"
            ),
        );
    }
    match &input.body {
        Body::Struct(fields) | Body::Union { fields, .. } => {
            for it in fields {
                field(mistakes, it, &format!("{name}.{}", it.name()));
            }
        }
        Body::Enum(variants) => {
            no_variants(mistakes, input, variants, name);
            for variant in variants {
                let name = format!("{name}::{}", variant.name());
                options(mistakes, &variant.options, Place::Variant, &name, None);
                for it in &variant.fields {
                    field(mistakes, it, &format!("{name}.{}", it.name()));
                }
            }
        }
    }
}

fn field(mistakes: &mut Mistakes, field: &Field<'_>, name: &str) {
    options(mistakes, &field.options, Place::Field, name, Some(field.ty));
    modifiers(mistakes, field);
    for opt in &field.options.list {
        if let Some(Name::Skip | Name::As | Name::With | Name::Word) = opt.name {
            let word = opt.word.to_string();
            mistakes.on(
                &opt.word,
                format_args!("`{word}` has no meaning in a plain type, all bytes of which are copied: remove it from `{name}`, or `plain` from the type"),
            );
        }
    }
    if !unsized_field(mistakes, field, name) {
        pointers(mistakes, field.ty, name);
    }
}

/// Pointers that are visible in the type, as the field itself or in arrays and tuples.
fn pointers(mistakes: &mut Mistakes, ty: &Type, name: &str) {
    match ty {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) => mistakes.on(
            ty,
            format_args!(
                "`{name}` is a pointer, and copied as plain bytes it would lose its provenance: store an index, or remove \
                 `plain`"
            ),
        ),
        Type::Array(array) => pointers(mistakes, &array.elem, name),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| pointers(mistakes, ty, name)),
        Type::Group(group) => pointers(mistakes, &group.elem, name),
        Type::Paren(paren) => pointers(mistakes, &paren.elem, name),
        _ => {}
    }
}
