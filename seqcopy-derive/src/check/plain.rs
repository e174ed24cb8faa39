//! Where `unsafe(plain)` and `unsafe(remote)` are refused.
//!
//! The word is the author's: that every byte is initialised in every value, and that none belongs to a pointer. Refused is
//! what contradicts it to the eye. What only the compiler knows (drop glue, padding, interior mutability) is asserted in the
//! output.

use super::options::options;
use super::{Mistakes, enum_repr, field, modifiers, no_variants, struct_repr, unsized_field};

use crate::attr::{Name, Opt, Place};
use crate::context::Derive;
use crate::input::{Body, Field, Input, Variant, is_unit_only, show};
use syn::Type;

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
                plain_field(mistakes, it, &format!("{name}.{}", it.name()));
            }
        }
        Body::Enum(variants) => {
            no_variants(mistakes, input, variants, name);
            for variant in variants {
                let name = format!("{name}::{}", variant.name());
                options(mistakes, &variant.options, Place::Variant, &name, None);
                for it in &variant.fields {
                    plain_field(mistakes, it, &format!("{name}.{}", it.name()));
                }
            }
        }
    }
}

fn plain_field(mistakes: &mut Mistakes, field: &Field<'_>, name: &str) {
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

/// A list that the compiler compares with the type. For `unsafe(remote = ..)` the list is checked like any type.
pub(super) fn remote(mistakes: &mut Mistakes, input: &Input<'_>, derive: Derive, ty: &Type, name: &str) {
    let shown = show(ty);
    path(mistakes, ty, &shown);
    for (opt, _) in input.options.checks() {
        mistakes.on(
            &opt.word,
            format_args!(
                "all fields of `{shown}` are visible, so it has no invariant for `{name}` to check: remove `check`, and put \
                 it on a type of yours around `{shown}`"
            ),
        );
    }
    match &input.body {
        Body::Struct(fields) => {
            for it in fields {
                let name = format!("{name}.{}", it.name());
                if let Some((opt, _)) = it.options.code() {
                    mistakes.on(
                        &opt.word,
                        format_args!("`raw::Page` needs a type that has the word itself: write `skip` for `{name}`, or `unsafe(remote = {shown})` for the list"),
                    );
                }
                field(mistakes, input, it, &name);
            }
            if derive == Derive::Validate && !input.repr.is_specified_for_struct() {
                struct_repr(mistakes, input, name);
            }
        }
        Body::Enum(variants) if is_unit_only(variants) => {
            no_variants(mistakes, input, variants, name);
            if derive == Derive::Validate {
                enum_repr(mistakes, input, variants, name);
            }
            for it in variants {
                options(mistakes, &it.options, Place::Variant, &format!("{name}::{}", it.name()), None);
            }
        }
        Body::Enum(variants) => with_fields(mistakes, variants, &shown),
        Body::Union { word, .. } => {
            mistakes.at(*word, format_args!("`{name}` lists the fields of `{shown}`: write `struct`"));
        }
    }
}

/// With `plain` there would be two statements about the bytes of one type.
pub(super) fn not_plain(mistakes: &mut Mistakes, input: &Input<'_>, plain: &Opt, name: &str) {
    if input.options.remote().is_some() {
        mistakes.on(
            &plain.word,
            format_args!(
                "`{name}` either lists the fields of another type or is plain bytes itself: remove `plain` or `remote`"
            ),
        );
    }
}

/// Fields can be named of a path only.
fn path(mistakes: &mut Mistakes, ty: &Type, shown: &str) {
    match ty {
        Type::Path(path) if path.qself.is_none() => {}
        Type::Path(_) => mistakes
            .on(ty, format_args!("no pattern can name `{shown}`: write `type Alias = {shown};`, and `remote = Alias`")),
        Type::Group(group) => self::path(mistakes, &group.elem, shown),
        Type::Paren(paren) => self::path(mistakes, &paren.elem, shown),
        Type::Array(array) => {
            let element = show(&array.elem);
            mistakes.on(
                ty,
                format_args!("write a list of the fields of `{element}`: then `[List; N]` describes arrays of it"),
            );
        }
        _ => {
            mistakes
                .on(ty, format_args!("`{shown}` has no named fields to list: give the path of a struct or an enum"));
        }
    }
}

fn with_fields(mistakes: &mut Mistakes, variants: &[Variant<'_>], shown: &str) {
    let first = variants.iter().find(|variant| !variant.is_unit).expect("not all are units");
    mistakes.on(
        first.ident,
        format_args!(
            "the compiler can't be asked where fields of variants lie in `{shown}`: if its repr is an integer, repeat the \
             enum here with that repr, and give your word with `unsafe(remote = {shown})`"
        ),
    );
}
