//! Every refusal of the derives.
//!
//! Nothing else in this crate turns down an item. All mistakes of an item are reported together, each at the exact
//! token, with what to write instead. What rustc itself says well (a field type without the trait, a discriminant given
//! twice, a conflicting `repr`) is left to rustc.
//!
//! The two derives see the same item and find the same mistakes, so their reports must agree word for word: rustc prints
//! equal errors once.

use std::collections::HashSet;
use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{Error, Type};

use crate::Derive;
use crate::attr::{Name, Opt, Options, Place, Stray, Value};
use crate::input::{Body, Field, Input, Treatment, Variant, show};

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

/// Whether the derive may go on.
pub(crate) fn check(input: &Input<'_>, derive: Derive) -> Result<(), Error> {
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

    match &input.body {
        Body::Struct(all) => {
            for it in all {
                field(&mut mistakes, input, it, &format!("{name}.{}", it.name()));
            }
            if derive == Derive::Validate && !input.repr.is_specified_for_struct() {
                struct_repr(&mut mistakes, input, &name);
            }
        }
        Body::Enum(variants) => {
            enum_repr(&mut mistakes, input, variants, &name);
            for it in variants {
                variant(&mut mistakes, input, variants, it, &format!("{name}::{}", it.name()));
            }
        }
        Body::Union(word) => mistakes.at(
            *word,
            format_args!(
                "`{name}` is a union, and nothing says which of its bytes are data: derive for an enum with \
                 `#[repr(C, u8)]`, store `[u8; N]`, or vouch for plain bytes with `unsafe_impl_plain!({name})`"
            ),
        ),
    }

    match mistakes.0 {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The layout that `Validate` needs.
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

/// A tag of a known type at a known place.
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
                "`align` would put padding behind the tag of `{name}`: put it on a struct around the enum, \
                 `#[repr(C, align(..))] struct Aligned({name});`"
            ),
        );
    }
    if variants.is_empty() {
        // With a `repr`, rustc refuses the enum itself.
        if repr.c.is_none() && repr.int.is_none() {
            mistakes.on(
                input.ident,
                format_args!("`{name}` has no variants, so there is no value of it to copy: add one, or use `()`"),
            );
        }
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

/// Whether all variants are written without parentheses and braces, so that the enum can be cast.
pub(crate) fn is_unit_only(variants: &[Variant<'_>]) -> bool {
    variants.iter().all(|variant| variant.is_unit)
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
                    format_args!("{value} is no `{int}`: give `{name}` another number, or the enum a wider `repr`"),
                );
            }
            (Some(_), _) => {}
        }
    }
    for it in &variant.fields {
        field(mistakes, input, it, &format!("{name}.{}", it.name()));
    }
}

fn field(mistakes: &mut Mistakes, input: &Input<'_>, field: &Field<'_>, name: &str) {
    options(mistakes, &field.options, Place::Field, name, Some(field.ty));
    if let Err(error) = field.modifiers.require_empty() {
        mistakes.push(error);
    }
    if let (Some(opt), Some(_)) = (field.options.skip(), field.options.stand_in()) {
        mistakes.on(
            &opt.word,
            format_args!("`{name}` is either left out or copied as another type: remove `skip` or `as`"),
        );
        return;
    }
    if field.is_unsized() {
        // rustc has six complaints about this, none of which says what to write.
        let instead = match field.ty {
            Type::Slice(slice) => format!("an array with room for all of it, `[{}; N]`", show(&slice.elem)),
            _ => "an enum of the types that it can be".to_owned(),
        };
        mistakes.on(field.ty, format_args!("`{name}` has no fixed size: store {instead}"));
        return;
    }
    match field.treatment() {
        Treatment::Own(ty) | Treatment::StandIn(_, ty) => references(mistakes, input, ty, name),
        // The bound says it: only `MaybeUninit<_>` can be skipped.
        Treatment::Skip(_) => {}
    }
}

/// References that are visible in the type, as the field itself or in arrays and tuples.
fn references(mistakes: &mut Mistakes, input: &Input<'_>, ty: &Type, name: &str) {
    match ty {
        Type::Reference(reference) => {
            // A lifetime of the type's own has been reported where it is declared.
            let is_reported = |lifetime| input.generics.lifetimes().any(|it| &it.lifetime == lifetime);
            if reference.lifetime.as_ref().is_some_and(is_reported) {
                return;
            }
            let target = show(&reference.elem);
            match reference.mutability {
                Some(_) => mistakes.on(
                    ty,
                    format_args!(
                        "`{name}` holds a mutable reference, and a copy would be a second one: store \
                         `NonNull<{target}>`, `*mut {target}` or an index"
                    ),
                ),
                None => mistakes.on(
                    ty,
                    format_args!(
                        "`{name}` holds a reference, which a payload cannot: store `Option<&'static {target}>`, \
                         `NonNull<{target}>` or an index"
                    ),
                ),
            }
        }
        Type::Array(array) => references(mistakes, input, &array.elem, name),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| references(mistakes, input, ty, name)),
        Type::Group(group) => references(mistakes, input, &group.elem, name),
        Type::Paren(paren) => references(mistakes, input, &paren.elem, name),
        _ => {}
    }
}

/// The options at one place; `ty` is the type of a field.
fn options(mistakes: &mut Mistakes, options: &Options, place: Place, owner: &str, ty: Option<&Type>) {
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
                (span, format!("`seqcopy` on `{owner}` takes options in parentheses: use {available}"))
            }
            Stray::NoOption(span) => (span, format!("expected an option of `{owner}`: use {available}")),
            Stray::NoComma(span) => (span, format!("add a comma before the next option of `{owner}`")),
            Stray::Unsafe(span) => {
                (span, format!("`unsafe` goes around one option of `{owner}`: {}", unsafe_form(place)))
            }
        };
        mistakes.at(span, message);
    }
}

/// Whether an option has the value and the `unsafe` that it needs.
fn value(mistakes: &mut Mistakes, opt: &Opt, name: Name, owner: &str, ty: Option<&Type>) {
    let word = name.word();
    match &opt.value {
        Value::Syntax(error) => mistakes
            .at(error.span(), format_args!("`{word}` of `{owner}` does not parse ({error}): write `{}`", name.form())),
        Value::None if name != Name::Skip => {
            mistakes.on(&opt.word, format_args!("`{word}` of `{owner}` lacks its value: write `{}`", name.form()));
        }
        Value::Unfit { span, text } => {
            let message = match (name, text) {
                (Name::Skip, _) => format!("`skip` of `{owner}` takes no value: write just `skip`"),
                (Name::Bound, Some(text)) => format!("`bound` of `{owner}` takes no string: write `bound({text})`"),
                (_, Some(text)) => {
                    format!("`{word}` of `{owner}` takes no string: write `{word} = {text}`, without quotes")
                }
                (_, None) => format!("this is no value for `{word}` of `{owner}`: write `{}`", name.form()),
            };
            mistakes.at(*span, message);
        }
        Value::None | Value::Crate(_) | Value::Check(_) | Value::As(_) | Value::Bound(_) => {
            unsafety(mistakes, opt, name, owner, ty);
        }
    }
}

/// `unsafe` where the user promises something, and only there.
fn unsafety(mistakes: &mut Mistakes, opt: &Opt, name: Name, owner: &str, ty: Option<&Type>) {
    match (&opt.value, opt.unsafety) {
        (Value::As(stand_in), None) => {
            let (ty, stand_in) = (ty.map(show).unwrap_or_default(), show(stand_in));
            mistakes.on(
                &opt.word,
                format_args!(
                    "`{owner}` needs your word that `{ty}` is laid out like `{stand_in}` and safe for all bits valid for \
                     `{stand_in}`: write `unsafe(as = {stand_in})`"
                ),
            );
        }
        (Value::As(_) | Value::Check(_), _) | (_, None) => {}
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
        Place::Type => "`crate = path`, `bound(..)`, `check = path` or `unsafe(check = path)`",
        Place::Variant => "none here, but `skip` or `unsafe(as = Type)` on its fields",
        Place::Field => "`skip` or `unsafe(as = Type)`",
    }
}

fn unsafe_form(place: Place) -> &'static str {
    match place {
        Place::Type => "write `unsafe(check = path)`",
        Place::Variant | Place::Field => "write `unsafe(as = Type)`",
    }
}
