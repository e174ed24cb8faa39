//! Options that are misplaced, misspelt, given twice, or lack their value or the word `unsafe`.

use std::collections::HashSet;

use syn::Type;
use syn::ext::IdentExt as _;

use super::{Mistakes, unread};
use crate::attr::{Name, Opt, Options, Place, Stray, Value};
use crate::input::show;

/// The options at one place; `ty` is the type of a field.
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

/// Whether an option has the value and the `unsafe` that it needs.
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

/// `unsafe` where the user promises something, and only there.
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
