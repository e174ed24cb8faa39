//! The model: the item that the derives were put on, in their own words.
//!
//! Building it judges nothing. The getters answer for well-formed input; `check` runs before anything that relies on
//! them.
//!
//! `#[repr(..)]`: what the language promises about the type's layout.
//!
//! The struct derive stays sound whatever is read here, because it asks the compiler for every offset; only the claim
//! "this layout is specified" and the layout of enums with data rest on it. So anything that this file does not know
//! is kept and reported, never skipped.

use proc_macro2::{Delimiter, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Expr, FieldModifiers, Fields, Generics, Ident, Index, Lit, Member, Meta, Path, Type,
    UnOp, parse_quote_spanned,
};

use crate::attr::Options;

/// A type that one of the traits is derived for.
pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) options: Options,
    /// The path of the runtime crate.
    pub(crate) krate: Path,
    pub(crate) repr: Repr,
    /// The lints that the user allows for the item: the contents of `#[allow(..)]` and `#[expect(..)]`.
    pub(crate) allowed: Vec<&'a TokenStream>,
    pub(crate) body: Body<'a>,
}

pub(crate) enum Body<'a> {
    Struct(Vec<Field<'a>>),
    Enum(Vec<Variant<'a>>),
    Union {
        /// The word `union`.
        word: Span,
        fields: Vec<Field<'a>>,
    },
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) options: Options,
    pub(crate) fields: Vec<Field<'a>>,
    /// Written without parentheses and braces.
    pub(crate) is_unit: bool,
    /// `= ..`, as written.
    pub(crate) discriminant: Option<&'a Expr>,
    /// The discriminant's value: the literal, or one more than the variant before. `None`: not a literal, here or
    /// where the counting began.
    pub(crate) value: Option<i128>,
}

pub(crate) struct Field<'a> {
    /// `a`, or the index with the span of the field's type.
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) options: Options,
    pub(crate) modifiers: &'a FieldModifiers,
    /// `Remote<Type, List>` for `with = List`: a type that is laid out like the field's, and whose trait the list
    /// proves.
    pub(crate) described: Option<Type>,
    /// Lints that the user allows for the field.
    pub(crate) allowed: Vec<&'a TokenStream>,
}

/// How a field is copied.
#[derive(Clone, Copy)]
pub(crate) enum Treatment<'a> {
    /// Copied as its own type.
    Own(&'a Type),
    /// `skip`: a hole.
    Skip(&'a Type),
    /// `unsafe(as = ..)` or `with = ..`: the field's type, and the type that it is copied as.
    StandIn(&'a Type, &'a Type),
}

impl<'a> Treatment<'a> {
    /// The type whose layout and checks are used, or `None` for a hole.
    pub(crate) fn copied(self) -> Option<&'a Type> {
        match self {
            Self::Own(ty) | Self::StandIn(_, ty) => Some(ty),
            Self::Skip(_) => None,
        }
    }
}

impl<'a> Input<'a> {
    pub(crate) fn new(original: &'a DeriveInput) -> Self {
        let options = Options::new(&original.attrs);
        let krate = match options.krate() {
            Some(path) => path.clone(),
            None => parse_quote_spanned!(Span::mixed_site()=> ::seqcopy),
        };
        let body = match &original.data {
            Data::Struct(data) => Body::Struct(fields(data.fields.iter(), &krate)),
            Data::Enum(data) => Body::Enum(variants(data.variants.iter(), &krate)),
            Data::Union(data) => {
                Body::Union { word: data.union_token.span, fields: self::fields(data.fields.named.iter(), &krate) }
            }
        };
        Self {
            ident: &original.ident,
            generics: &original.generics,
            options,
            krate,
            repr: Repr::new(&original.attrs),
            allowed: allowed(&original.attrs),
            body,
        }
    }

    /// The type's name, for messages.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// All fields of all variants, in the order in which they are written.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        let (own, variants): (&[Field<'a>], &[Variant<'a>]) = match &self.body {
            Body::Struct(fields) | Body::Union { fields, .. } => (fields, &[]),
            Body::Enum(variants) => (&[], variants),
        };
        own.iter().chain(variants.iter().flat_map(|variant| &variant.fields))
    }
}

impl Variant<'_> {
    /// The discriminant as a bare number.
    pub(crate) fn discriminant_tokens(&self) -> TokenStream {
        let value = self.value.expect("discriminants of enums with data are checked");
        let digits = Literal::u128_unsuffixed(value.unsigned_abs());
        let minus = (value < 0).then(|| Punct::new('-', Spacing::Alone));
        quote!(#minus #digits)
    }

    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl Field<'_> {
    /// The field's name for messages: without `r#`, or its index.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// Whether it is a slice or a trait object. Such a field is legal at the end of a struct.
    pub(crate) fn is_unsized(&self) -> bool {
        matches!(self.ty, Type::Slice(_) | Type::TraitObject(_))
    }

    pub(crate) fn treatment(&self) -> Treatment<'_> {
        match (self.options.skip(), self.described.as_ref().or(self.options.stand_in())) {
            (Some(_), _) => Treatment::Skip(self.ty),
            (None, Some(stand_in)) => Treatment::StandIn(self.ty, stand_in),
            (None, None) => Treatment::Own(self.ty),
        }
    }
}

fn allowed(attrs: &[Attribute]) -> Vec<&TokenStream> {
    let lists = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::List(list) if list.path.is_ident("allow") || list.path.is_ident("expect") => Some(&list.tokens),
        _ => None,
    });
    lists.collect()
}

fn fields<'a>(fields: impl Iterator<Item = &'a syn::Field>, krate: &Path) -> Vec<Field<'a>> {
    let member = |(index, field): (usize, &'a syn::Field)| match &field.ident {
        Some(ident) => Member::Named(ident.clone()),
        None => Member::Unnamed(Index {
            index: u32::try_from(index).expect("a type has fewer than 2^32 fields"),
            span: field.ty.span(),
        }),
    };
    fields
        .enumerate()
        .map(|(index, field)| {
            let options = Options::new(&field.attrs);
            let ty = &field.ty;
            let described = options.with().map(|(_, list)| {
                let span = Span::mixed_site().located_at(list.span());
                parse_quote_spanned!(span=> #krate::Remote<#ty, #list>)
            });
            Field {
                member: member((index, field)),
                ty,
                options,
                modifiers: &field.modifiers,
                described,
                allowed: allowed(&field.attrs),
            }
        })
        .collect()
}

fn variants<'a>(originals: impl Iterator<Item = &'a syn::Variant>, krate: &Path) -> Vec<Variant<'a>> {
    let mut next = Some(0);
    originals
        .map(|original| {
            let discriminant = original.discriminant.as_ref().map(|(_, value)| value);
            let value = match discriminant {
                Some(written) => literal(written),
                None => next,
            };
            next = value.and_then(|value| value.checked_add(1));
            Variant {
                ident: &original.ident,
                options: Options::new(&original.attrs),
                fields: fields(original.fields.iter(), krate),
                is_unit: matches!(original.fields, Fields::Unit),
                discriminant,
                value,
            }
        })
        .collect()
}

/// The value of an integer literal. It may have a minus sign, be in parentheses, or come from a `macro_rules!` macro.
fn literal(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Lit(expr) => match &expr.lit {
            Lit::Int(int) => int.base10_parse().ok(),
            Lit::Byte(byte) => Some(byte.value().into()),
            _ => None,
        },
        Expr::Unary(expr) if matches!(expr.op, UnOp::Neg(_)) => literal(&expr.expr)?.checked_neg(),
        Expr::Paren(expr) => literal(&expr.expr),
        Expr::Group(expr) => literal(&expr.expr),
        _ => None,
    }
}

/// A type in the usual notation. (The compiler's token printer puts a space between all tokens.)
pub(crate) fn show(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.split(' ').peekable();
    while let Some(word) = rest.next() {
        shown.push_str(word);
        let Some(next) = rest.peek() else { break };
        let is_tight = word == "::"
            || word.ends_with(['(', '[', '<', '&', '*', '\'', '!'])
            || next.starts_with([',', ';', '>', ')', ']', '(', '!'])
            || matches!(*next, "::" | "<" | ":");
        if !is_tight {
            shown.push(' ');
        }
    }
    shown
}

/// The last word of a type's path, without its parameters. `bytes` for a type without a path. For an array, the word of
/// its elements.
pub(crate) fn last_word(ty: &Type) -> String {
    match ty {
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) => segment.ident.unraw().to_string(),
            None => "bytes".to_owned(),
        },
        Type::Array(array) => last_word(&array.elem),
        Type::Group(group) => last_word(&group.elem),
        Type::Paren(paren) => last_word(&paren.elem),
        _ => "bytes".to_owned(),
    }
}

/// Whether all variants are written without parentheses and braces, so that the enum can be cast.
pub(crate) fn is_unit_only(variants: &[Variant<'_>]) -> bool {
    variants.iter().all(|variant| variant.is_unit)
}

/// The integer type of a tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Int {
    pub(crate) name: &'static str,
    pub(crate) signed: bool,
    /// The most bits that the type has on any target.
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

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|int| int.name == word)
    }

    /// Whether the type can represent this value on the target where it is widest.
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
    /// Items that this derive does not know, with their texts.
    pub(crate) unknown: Vec<(Span, String)>,
}

impl Repr {
    pub(crate) fn new(attrs: &[Attribute]) -> Self {
        let mut repr = Self::default();
        for attr in attrs {
            // rustc takes `r#repr` for the same attribute.
            if attr.path().get_ident().is_none_or(|path| path.unraw() != "repr") {
                continue;
            }
            // rustc itself reports any other form.
            if let Meta::List(list) = &attr.meta {
                repr.items(list.tokens.clone());
            }
        }
        repr
    }

    /// Whether the language specifies the layout of a struct with this repr.
    pub(crate) fn is_specified_for_struct(&self) -> bool {
        (self.c.is_some() || self.transparent.is_some()) && self.unknown.is_empty()
    }

    fn items(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => self.item(&word),
                // A group that a `macro_rules!` macro has passed on.
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => self.items(group.stream()),
                // Skips the comma, and the argument of `packed(2)` or `align(8)`.
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
            // `offset_of!` finds the fields of packed types like all others. `Rust` promises nothing.
            "packed" | "Rust" => {}
            text => match Int::from_word(text) {
                Some(int) => self.int = Some(int),
                None => self.unknown.push((word.span(), text.to_owned())),
            },
        }
    }
}
