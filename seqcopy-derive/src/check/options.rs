//! Options that are misplaced, misspelt, given twice, or lack their value or the word `unsafe`.
//!
//! Where `unsafe(plain)` and `unsafe(remote)` are refused.
//!
//! The word is the author's: that every byte is initialised in every value, and that none belongs to a pointer. Refused
//! is what contradicts it to the eye. What only the compiler knows (drop glue, padding, interior mutability) is
//! asserted in the output.

use std::collections::HashSet;

use syn::Type;
use syn::ext::IdentExt as _;

use super::{Mistakes, enum_repr, field, modifiers, no_variants, struct_repr, unread, unsized_field};
use crate::attr::{Name, Opt, Options, Place, Stray, Value};
use crate::context::Derive;
use crate::input::{Body, Field, Input, Variant, is_unit_only, show};

/// Checks the options at one place. `ty` is the type of a field.
pub(super) fn options(mistakes: &mut Mistakes, options: &Options, place: Place, owner: &str, ty: Option<&Type>) {
    let mut seen = HashSet::new();
    for opt in &options.list {
        let Some(name) = opt.name else {
            unknown(mistakes, opt, place, owner);
            continue;
        };
        let word = name.word();
        if name.place() != place {
            misplaced(mistakes, opt, name, place, owner);
        } else if !seen.insert((word, name == Name::Check && opt.unsafety.is_some())) {
            mistakes.on(&opt.word, format_args!("`{word}` is given twice for `{owner}`: remove one"));
        } else {
            value(mistakes, opt, name, owner, ty);
        }
    }
    let available = available(place);
    for stray in &options.stray {
        let (span, message) = match *stray {
            Stray::NoList(span) => {
                (span, format!("`seqcopy` on `{owner}` needs options in parentheses: use {available}"))
            }
            Stray::NoOption(span) => (span, format!("expected an option of `{owner}`: use {available}")),
            Stray::NoComma(span) => (span, format!("add a comma before the next option of `{owner}`")),
            Stray::Unsafe(span) => {
                (span, format!("`unsafe` goes around one option of `{owner}`: {}", unsafe_form(place)))
            }
            Stray::Leftover(span) => (span, format!("unexpected token in an option of `{owner}`: remove it")),
        };
        mistakes.at(span, message);
    }
}

/// Checks that an option has the value and the `unsafe` that it needs.
fn value(mistakes: &mut Mistakes, opt: &Opt, name: Name, owner: &str, ty: Option<&Type>) {
    let word = name.word();
    match &opt.value {
        Value::Syntax(error) => {
            let error = unread(error.clone());
            mistakes.at(
                error.span(),
                format_args!("`{word}` of `{owner}` does not parse ({error}): write `{}`", name.form()),
            );
        }
        Value::None if !matches!(name, Name::Plain | Name::Skip | Name::Default) => {
            mistakes.on(&opt.word, format_args!("`{word}` of `{owner}` lacks its value: write `{}`", name.form()));
        }
        Value::Unfit { span, text } => {
            let message = match (name, text) {
                (Name::Skip, _) => format!("`skip` of `{owner}` has no value: write just `skip`"),
                (Name::Plain, _) => format!("`plain` of `{owner}` has no value: write `{}`", name.form()),
                (Name::Bound, Some(text)) => format!("`bound` of `{owner}` is not a string: write `bound({text})`"),
                (_, Some(text)) => {
                    format!("`{word}` of `{owner}` is not a string: write `{word} = {text}`, without quotes")
                }
                (_, None) => format!("this is not a valid value for `{word}` of `{owner}`: write `{}`", name.form()),
            };
            mistakes.at(*span, message);
        }
        Value::None
        | Value::Crate(_)
        | Value::Check(_)
        | Value::As(_)
        | Value::Remote(_)
        | Value::With(_)
        | Value::Default(_)
        | Value::Word(_)
        | Value::Bound(_) => {
            unsafety(mistakes, opt, name, owner, ty);
        }
    }
}

/// Checks that `unsafe` stands where the user promises something, and nowhere else.
fn unsafety(mistakes: &mut Mistakes, opt: &Opt, name: Name, owner: &str, ty: Option<&Type>) {
    match (&opt.value, opt.unsafety) {
        (Value::As(stand_in), None) => {
            let (ty, stand_in) = (ty.map(show).unwrap_or_default(), show(stand_in));
            mistakes.on(
                &opt.word,
                format_args!(
                    "`{owner}` needs your word that `{ty}` is laid out like `{stand_in}`, every byte of it initialised (and, \
                     for `Validate`, that bits valid for `{stand_in}` are safe): write `unsafe(as = {stand_in})`"
                ),
            );
        }
        (Value::None, None) if name == Name::Plain => mistakes.on(
            &opt.word,
            format_args!(
                "`{owner}` needs your word that every byte of it is initialised in every value, and that none belongs to a \
                 pointer: write `unsafe(plain)`"
            ),
        ),
        (Value::None, Some(_)) if name == Name::Plain => {}
        (Value::As(_) | Value::Check(_) | Value::Remote(_), _) | (_, None) => {}
        (_, Some(span)) => mistakes.at(
            span,
            format_args!("`{}` of `{owner}` promises nothing: write `{}`, without `unsafe`", name.word(), name.form()),
        ),
    }
}

fn misplaced(mistakes: &mut Mistakes, opt: &Opt, name: Name, place: Place, owner: &str) {
    let form = name.form();
    let (belongs, found) = match (name.place(), place) {
        (Place::Type, Place::Field) => ("the type", "the field"),
        (Place::Type, _) => ("the enum", "the variant"),
        (_, Place::Type) => ("a field", "the type"),
        (_, _) => ("a field", "the variant"),
    };
    mistakes.on(
        &opt.word,
        format_args!(
            "`{}` belongs on {belongs}, not on {found} `{owner}`: write `#[seqcopy({form})]` there",
            name.word()
        ),
    );
}

fn unknown(mistakes: &mut Mistakes, opt: &Opt, place: Place, owner: &str) {
    let word = opt.word.unraw().to_string();
    match Name::meant_by(&word) {
        Some(name) => mistakes
            .on(&opt.word, format_args!("unknown option `{word}` of `{owner}`; did you mean `{}`?", name.form())),
        None => mistakes.on(&opt.word, format_args!("unknown option `{word}` of `{owner}`: use {}", available(place))),
    }
}

fn available(place: Place) -> &'static str {
    match place {
        Place::Type => {
            "`crate = path`, `bound(..)`, `remote = path::Type`, `check = path`, `unsafe(check = path)` or `unsafe(plain)`"
        }
        Place::Variant => "none here, but `skip`, `with = List` or `unsafe(as = Type)` on its fields",
        Place::Field => "`skip`, `with = List`, `unsafe(as = Type)`, `word = Code` or `default`",
    }
}

fn unsafe_form(place: Place) -> &'static str {
    match place {
        Place::Type => "write `unsafe(check = path)`, `unsafe(remote = path::Type)` or `unsafe(plain)`",
        Place::Variant | Place::Field => "write `unsafe(as = Type)`",
    }
}

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

/// Refuses pointers that are visible in the type, as the field itself or in arrays and tuples.
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

/// Checks a list that the compiler compares with the type. The list of `unsafe(remote = ..)` is checked like any type.
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

/// With `plain`, there would be two descriptions of the bytes of one type.
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

/// The type must be a path, because only fields of a path can be named.
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
