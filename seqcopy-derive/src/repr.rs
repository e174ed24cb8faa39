//! `#[repr(..)]`: what the language promises about the type's layout.
//!
//! The struct derive stays sound whatever is read here, because it asks the compiler for every offset; only the claim
//! "this layout is specified" and the layout of enums with data rest on it. So anything that this file does not know
//! is kept and reported, never skipped.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::{Attribute, Meta};

/// The integer type of a tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Int {
    pub(crate) name: &'static str,
    pub(crate) signed: bool,
    /// The widest that the type can be on any target.
    bits: u32,
}

impl Int {
    const ALL: [Self; 10] = [
        Self::new("u8", false, 8),
        Self::new("u16", false, 16),
        Self::new("u32", false, 32),
        Self::new("u64", false, 64),
        Self::new("usize", false, 64),
        Self::new("i8", true, 8),
        Self::new("i16", true, 16),
        Self::new("i32", true, 32),
        Self::new("i64", true, 64),
        Self::new("isize", true, 64),
    ];

    const fn new(name: &'static str, signed: bool, bits: u32) -> Self {
        Self { name, signed, bits }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|int| int.name == word)
    }

    /// Whether the type has this value, on the widest target.
    pub(crate) fn holds(self, value: i128) -> bool {
        let (low, high) = if self.signed {
            (-(1_i128 << (self.bits - 1)), (1_i128 << (self.bits - 1)) - 1)
        } else {
            (0, (1_i128 << self.bits) - 1)
        };
        (low..=high).contains(&value)
    }
}

/// All `repr` attributes of a type together.
#[derive(Default)]
pub(crate) struct Repr {
    pub(crate) c: Option<Span>,
    pub(crate) transparent: Option<Span>,
    pub(crate) align: Option<Span>,
    pub(crate) int: Option<Int>,
    /// Items that this derive does not know, each with its text.
    pub(crate) unknown: Vec<(Span, String)>,
}

impl Repr {
    pub(crate) fn new(attrs: &[Attribute]) -> Self {
        let mut repr = Self::default();
        for attr in attrs {
            // `r#repr` is the same attribute to rustc.
            if attr.path().get_ident().is_none_or(|path| path.unraw() != "repr") {
                continue;
            }
            // Any other form is an error of rustc's own.
            if let Meta::List(list) = &attr.meta {
                repr.items(list.tokens.clone());
            }
        }
        repr
    }

    /// Whether the layout of a struct is one that the language specifies.
    pub(crate) fn is_specified_for_struct(&self) -> bool {
        (self.c.is_some() || self.transparent.is_some()) && self.unknown.is_empty()
    }

    fn items(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => self.item(&word),
                // What a `macro_rules!` macro handed on.
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => self.items(group.stream()),
                // The comma, and the argument of `packed(2)` or `align(8)`.
                TokenTree::Punct(_) | TokenTree::Group(_) => {}
                TokenTree::Literal(literal) => self.unknown.push((literal.span(), literal.to_string())),
            }
        }
    }

    fn item(&mut self, word: &Ident) {
        let span = Some(word.span());
        let text = word.unraw().to_string();
        match text.as_str() {
            "C" => self.c = span,
            "transparent" => self.transparent = span,
            "align" => self.align = span,
            // Fields of packed types are found by `offset_of!` like all others; `Rust` promises nothing.
            "packed" | "Rust" => {}
            text => match Int::of(text) {
                Some(int) => self.int = Some(int),
                None => self.unknown.push((word.span(), text.to_owned())),
            },
        }
    }
}
