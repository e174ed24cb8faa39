//! Everything that the derives refuse.
//!
//! No other module refuses an item. All mistakes of an item are reported together, each at the exact token, with what
//! to write instead. Mistakes that rustc itself reports well (a field type without the trait, a discriminant given
//! twice, a conflicting `repr`) are left to rustc.
//!
//! The two derives see the same item and find the same mistakes, so their reports must agree word for word: rustc
//! prints equal errors once.

mod options;

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, Type};

use self::options::options;

use crate::attr::Place;
use crate::context::Derive;
use crate::input::{Body, Field, Input, Treatment, Variant, is_unit_only, show};

/// The mistakes found so far.
#[derive(Default)]
struct Mistakes(Option<Error>);

impl Mistakes {
    fn at(&mut self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }
}

/// Replaces an error of the parser. The parser is built without its feature `full`, so it knows few kinds of
/// expressions. Its errors name that feature, which users can't enable.
pub(crate) fn unread(error: Error) -> Error {
    if !error.to_string().contains("enable syn's features") {
        return error;
    }
    Error::new(
        error.span(),
        "the derive does not read expressions of this kind: write a constant, `const LEN: usize = ..;`, and its name here",
    )
}

/// Whether the derive may continue.
pub(crate) fn check_input(input: &Input<'_>, derive: Derive) -> Result<(), Error> {
    let mut mistakes = Mistakes::default();
    let name = input.name();

    for lifetime in input.generics.lifetimes() {
        let lifetime = &lifetime.lifetime;
        mistakes.on(
            lifetime,
            format_args!(
                "`{name}` borrows for `{lifetime}`, but other threads may read a payload at any time: store an index, \
                 `NonNull<_>` or `Option<&'static _>`, and remove the lifetime"
            ),
        );
    }
    options(&mut mistakes, &input.options, Place::Type, &name, None);

    match (input.options.plain(), input.options.remote()) {
        (Some(opt), _) => {
            options::not_plain(&mut mistakes, input, opt, &name);
            options::plain(&mut mistakes, input, derive, opt, &name);
        }
        (None, Some((opt, ty))) if opt.unsafety.is_none() => options::remote(&mut mistakes, input, derive, ty, &name),
        (None, _) => body(&mut mistakes, input, derive, &name),
    }

    match mistakes.0 {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Checks the fields, or the variants, of an item.
fn body(mistakes: &mut Mistakes, input: &Input<'_>, derive: Derive, name: &str) {
    match &input.body {
        Body::Struct(all) => {
            for it in all {
                field(mistakes, input, it, &format!("{name}.{}", it.name()));
            }
            words(mistakes, all, name);
            if derive == Derive::Validate && !input.repr.is_specified_for_struct() {
                struct_repr(mistakes, input, name);
            }
        }
        Body::Enum(variants) => {
            enum_repr(mistakes, input, variants, name);
            for it in variants {
                variant(mistakes, input, variants, it, &format!("{name}::{}", it.name()));
            }
        }
        Body::Union { word, .. } => mistakes.at(
            *word,
            format_args!(
                "`{name}` is a union, and it is not known which of its bytes are data: derive for an enum with \
                 `#[repr(C, u8)]`, store `[u8; N]`, or, if every byte is initialised in every value, add \
                 `#[seqcopy(unsafe(plain))]`"
            ),
        ),
    }
}

/// Checks that a struct has the specified layout that `Validate` needs.
fn struct_repr(mistakes: &mut Mistakes, input: &Input<'_>, name: &str) {
    match input.repr.unknown.first() {
        Some((span, item)) => mistakes
            .at(*span, format_args!("`repr({item})` of `{name}` is unknown to `derive(Validate)`: write `#[repr(C)]`")),
        None => mistakes.on(
            input.ident,
            format_args!(
                "`{name}` has no layout that foreign bits could be checked against: add `#[repr(C)]` or, around a \
                 single field, `#[repr(transparent)]`"
            ),
        ),
    }
}

/// Checks that an enum has a tag of a known type at a known place.
fn enum_repr(mistakes: &mut Mistakes, input: &Input<'_>, variants: &[Variant<'_>], name: &str) {
    let repr = &input.repr;
    let is_unit_only = is_unit_only(variants);
    for (span, item) in &repr.unknown {
        mistakes.at(
            *span,
            format_args!("`repr({item})` of `{name}` is unknown to this derive: write `#[repr(u8)]` or another integer up to 64 bits"),
        );
    }
    if let Some(span) = repr.align {
        mistakes.at(
            span,
            format_args!(
                "`align` would put padding after the tag of `{name}`: put it on a struct around the enum, \
                 `#[repr(C, align(..))] struct Aligned({name});`"
            ),
        );
    }
    no_variants(mistakes, input, variants, name);
    if variants.is_empty() {
        return;
    }
    if repr.int.is_some() || !repr.unknown.is_empty() {
        return;
    }
    match (repr.transparent, repr.c) {
        (Some(span), _) => mistakes
            .at(span, format_args!("a transparent enum has no tag: make `{name}` a `#[repr(transparent)] struct`")),
        (None, Some(_)) if is_unit_only => {}
        (None, Some(span)) => mistakes.at(
            span,
            format_args!(
                "`repr(C)` alone leaves the width of the tag of `{name}` to the platform: write `#[repr(C, u8)]` (or \
                 another integer)"
            ),
        ),
        (None, None) if is_unit_only => mistakes.on(
            input.ident,
            format_args!("the tag of `{name}` has no fixed size: add `#[repr(u8)]` (or another integer, or `C`)"),
        ),
        (None, None) => mistakes.on(
            input.ident,
            format_args!("`{name}` has no fixed layout: add `#[repr(u8)]` or `#[repr(C, u8)]` (or another integer)"),
        ),
    }
}

/// Checks for an enum without variants. With a `repr`, rustc refuses it itself.
fn no_variants(mistakes: &mut Mistakes, input: &Input<'_>, variants: &[Variant<'_>], name: &str) {
    if variants.is_empty() && input.repr.c.is_none() && input.repr.int.is_none() {
        mistakes.on(
            input.ident,
            format_args!("`{name}` has no variants, so there is no value of it to copy: add one, or use `()`"),
        );
    }
}

fn variant(mistakes: &mut Mistakes, input: &Input<'_>, all: &[Variant<'_>], variant: &Variant<'_>, name: &str) {
    options(mistakes, &variant.options, Place::Variant, name, None);
    // The values of an enum without data are computed by the compiler itself.
    if let (Some(written), false) = (variant.discriminant, is_unit_only(all)) {
        match (variant.value, input.repr.int) {
            (None, _) => mistakes.on(
                written,
                format_args!(
                    "write the discriminant of `{name}` as a plain number: an expression may mean something else where \
                     the derive repeats it"
                ),
            ),
            (Some(value), Some(int)) if !int.holds(value) => {
                let int = int.name;
                mistakes.on(
                    written,
                    format_args!(
                        "{value} does not fit into `{int}`: give `{name}` another number, or the enum a wider `repr`"
                    ),
                );
            }
            (Some(_), _) => {}
        }
    }
    for (opt, _) in variant.fields.iter().filter_map(|field| field.options.code()) {
        mistakes.on(
            &opt.word,
            format_args!("`{name}` has no fixed place for a sequence word: put it into a struct around the enum"),
        );
    }
    for it in &variant.fields {
        field(mistakes, input, it, &format!("{name}.{}", it.name()));
    }
}

fn field(mistakes: &mut Mistakes, input: &Input<'_>, field: &Field<'_>, name: &str) {
    options(mistakes, &field.options, Place::Field, name, Some(field.ty));
    modifiers(mistakes, field);
    if let (Some(opt), Some(_)) = (field.options.skip(), field.options.stand_in()) {
        mistakes.on(
            &opt.word,
            format_args!("`{name}` is either left out or copied as another type: remove `{}` or `as`", opt.word),
        );
        return;
    }
    if let (Some((opt, _)), Some(other)) = (field.options.default_of(), field.options.skip()) {
        mistakes.on(
            &opt.word,
            format_args!("`{name}` has no value that a reader could miss: remove `{}` or `default`", other.word),
        );
        return;
    }
    if let Some((opt, list)) = field.options.with() {
        let other = field.options.skip().map(|_| "skip").or(field.options.stand_in().map(|_| "as"));
        if let Some(other) = other {
            let list = show(list);
            mistakes.on(
                &opt.word,
                format_args!("`{name}` is either copied as `{list}` describes it, or not: remove `{other}` or `with`"),
            );
            return;
        }
    }
    if unsized_field(mistakes, field, name) || flags_of_macro(mistakes, field.ty, name) {
        return;
    }
    match field.treatment() {
        Treatment::Own(ty) | Treatment::StandIn(_, ty) => references(mistakes, input, ty, name, "is"),
        // The bound on the type is enough, because only a `MaybeUninit<_>` can be skipped.
        Treatment::Skip(_) => {}
    }
}

/// Refuses a second sequence word.
fn words(mistakes: &mut Mistakes, fields: &[Field<'_>], name: &str) {
    for (opt, _) in fields.iter().filter_map(|field| field.options.code()).skip(1) {
        mistakes.on(
            &opt.word,
            format_args!("`{name}` has a sequence word already, and one word orders a value: `skip` the other field"),
        );
    }
}

/// Refuses keywords in front of a field that this derive does not know.
fn modifiers(mistakes: &mut Mistakes, field: &Field<'_>) {
    if let Err(error) = field.modifiers.require_empty() {
        mistakes.push(error);
    }
}

/// Whether the field is refused because its type has no size.
fn unsized_field(mistakes: &mut Mistakes, field: &Field<'_>, name: &str) -> bool {
    if field.is_unsized() {
        // rustc reports six errors for this, and none of them names a replacement.
        let instead = match field.ty {
            Type::Slice(slice) => {
                let element = show(&slice.elem);
                format!(
                    "a fixed-size array, `[{element}; N]`, or a `seqcopy::SeqVec<{element}, N>` if the length varies"
                )
            }
            _ => "an enum of the types that it can be".to_owned(),
        };
        mistakes.on(field.ty, format_args!("`{name}` has no fixed size: store {instead}"));
    }
    field.is_unsized()
}

/// Refuses references that are visible in the type, as the field itself or in arrays and tuples.
fn references(mistakes: &mut Mistakes, input: &Input<'_>, ty: &Type, name: &str, verb: &str) {
    match ty {
        Type::Reference(reference) => {
            // A lifetime that the type declares has been reported at its declaration.
            let is_reported = |lifetime| input.generics.lifetimes().any(|it| &it.lifetime == lifetime);
            if reference.lifetime.as_ref().is_some_and(is_reported) {
                return;
            }
            let is_mutable = reference.mutability.is_some();
            let what = if is_mutable {
                "a mutable reference, and a copy would be a second one"
            } else {
                "a reference, and a payload must not contain references"
            };
            let instead = instead_of_reference(&reference.elem, is_mutable);
            mistakes.on(ty, format_args!("`{name}` {verb} {what}: store {instead}"));
        }
        Type::Array(array) => references(mistakes, input, &array.elem, name, "contains"),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| references(mistakes, input, ty, name, "contains")),
        Type::Group(group) => references(mistakes, input, &group.elem, name, verb),
        Type::Paren(paren) => references(mistakes, input, &paren.elem, name, verb),
        _ => {}
    }
}

/// The type to store instead of a reference. It is not a pointer if that would be a wide pointer, because those are
/// refused, too.
fn instead_of_reference(target: &Type, is_mutable: bool) -> String {
    let pointer = if is_mutable { "*mut" } else { "*const" };
    match target {
        Type::Group(group) => instead_of_reference(&group.elem, is_mutable),
        Type::Paren(paren) => instead_of_reference(&paren.elem, is_mutable),
        Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "str") => {
            format!("a `seqcopy::SeqStr<N>`, or the address of the text as `{pointer} u8` and its length as `usize`")
        }
        Type::Slice(slice) => {
            let element = show(&slice.elem);
            format!(
                "`[{element}; N]`, a `seqcopy::SeqVec<{element}, N>` if the length varies, or the address as `{pointer} {element}` and \
                 the length as `usize`"
            )
        }
        Type::TraitObject(_) => "an enum of the types that it can be, a function pointer, or an index".to_owned(),
        _ => {
            let target = show(target);
            if is_mutable {
                format!("`NonNull<{target}>`, `*mut {target}` or an index")
            } else {
                format!("`Option<&'static {target}>`, `NonNull<{target}>` or an index")
            }
        }
    }
}

/// Whether a field is the number that the macro `bitflags!` puts into a wrapper, which no derive sees.
fn flags_of_macro(mistakes: &mut Mistakes, ty: &Type, name: &str) -> bool {
    let Type::Path(path) = ty else { return false };
    let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
    let is_internal = path.qself.is_some()
        && names.next().is_some_and(|last| last == "Internal")
        && names.next().is_some_and(|of| of == "PublicFlags");
    if is_internal {
        mistakes.on(
            ty,
            format_args!(
                "`{name}` is what `bitflags!` wraps its number in, which has no `SeqCopy`: write the struct yourself, \
                 `#[derive(SeqCopy)] struct Flags(u32);`, and then `bitflags! {{ impl Flags: u32 {{ .. }} }}`"
            ),
        );
    }
    is_internal
}
