//! What all expansions share: the two traits, how generated code names things (paths into the runtime, names that
//! collide with nothing, spans, the frame around impls), and the where-clause of every impl.
//!
//! One bound for each distinct field type that names a type parameter, never one per parameter: `PhantomData<String>`
//! and `*const T` need nothing of `T`, and `T::Item` needs nothing of `T` but much of the item. Recursion is no danger,
//! because it takes a pointer and the impls for pointers are unconditional.

use std::collections::HashSet;

use crate::input::{Field, Input, last_word};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Path, Token, Type};

/// The trait that is being derived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Derive {
    SeqCopy,
    Validate,
}

impl Derive {
    /// The name of the trait, in the runtime crate's root.
    pub(crate) fn trait_name(self) -> &'static str {
        match self {
            Derive::SeqCopy => "SeqCopy",
            Derive::Validate => "Validate",
        }
    }
}

/// An anonymous constant around the impls.
///
/// The frame allows no lints of its own choice. To lints, tokens that resolve like a macro's are a foreign crate's
/// code; and `allow(unsafe_code)` would be an error under the user's `forbid(unsafe_code)`. What the user allows for
/// the item holds here too, because the types of its fields are repeated here, and deprecated fields may be named.
pub(crate) fn in_const(context: &Context<'_>, impls: &TokenStream) -> TokenStream {
    let Context { input, span, .. } = *context;
    let allowed = &input.allowed;
    let deprecated = context.names.mentions_deprecated.then(|| quote_spanned!(span=> #[allow(deprecated)]));
    quote_spanned!(span=> #(#[allow(#allowed)])* #deprecated const _: () = { #impls };)
}

/// The information for the emitters, in addition to the model.
pub(crate) struct Context<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) names: Names,
    /// The span of tokens that belong to no part of the item. Local variables with it are invisible to users' tokens.
    pub(crate) span: Span,
    /// The path of the runtime crate, without leading colons.
    words: Vec<TokenTree>,
    /// The name of its hidden module.
    module: String,
}

/// Modules of `core`, as [`Context::core`] takes them.
pub(crate) const MEM: &[&str] = &["core", "mem"];
pub(crate) const MARKER: &[&str] = &["core", "marker"];
pub(crate) const DEFAULT: &[&str] = &["core", "default"];

/// A path into the runtime crate. It becomes tokens only when it is added to others, because joining tokens takes most
/// of a derive's time.
#[derive(Clone, Copy)]
pub(crate) struct Name<'n> {
    context: &'n Context<'n>,
    span: Span,
    /// Whether the item is in the hidden module.
    is_private: bool,
    /// The path of the item's parent.
    parent: &'n [&'n str],
    item: &'n str,
}

impl ToTokens for Name<'_> {
    /// The path begins at the span of its user. The words of the crate always have the same span, so that a crate that
    /// does not exist is reported once.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Name { context, span, .. } = *self;
        let colons = Token![::]([span; 2]);
        if context.input.krate.leading_colon.is_some() {
            colons.to_tokens(tokens);
        }
        tokens.extend(context.words.iter().cloned());
        let module = self.is_private.then_some(context.module.as_str());
        for name in module.into_iter().chain(self.parent.iter().copied()).chain([self.item]) {
            colons.to_tokens(tokens);
            tokens.append(Ident::new(name, span));
        }
    }
}

/// Names that occur nowhere in the item. The code around the item may have a constant, a static or a unit struct, which
/// a local variable can't shadow and the derive can't see. So the names begin with the crate's name.
pub(crate) struct Names {
    /// For a probe, bits, a layout, a place in the bits, or a value.
    pub(crate) v: Ident,
    pub(crate) b: Ident,
    pub(crate) o: Ident,
    pub(crate) x: Ident,
    pub(crate) need: Ident,
    /// Whether `#[deprecated]` or `#[allow(deprecated)]` occurs in the item.
    pub(crate) mentions_deprecated: bool,
}

impl Names {
    fn new(item: TokenStream, span: Span) -> Self {
        let mut taken = HashSet::new();
        words(item, &mut taken);
        // Not even as the beginning of a word, because numbers follow some of the names.
        let fresh = |base: &str| {
            let mut name = base.to_owned();
            while taken.iter().any(|word| word.starts_with(&name)) {
                name.push('_');
            }
            Ident::new(&name, span)
        };
        Self {
            v: fresh("__seqcopy_v"),
            b: fresh("__seqcopy_b"),
            o: fresh("__seqcopy_o"),
            x: fresh("__seqcopy_x"),
            need: fresh("__seqcopy_need"),
            mentions_deprecated: taken.contains("deprecated"),
        }
    }
}

fn words(tokens: TokenStream, into: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                into.insert(ident.unraw().to_string());
            }
            TokenTree::Group(group) => words(group.stream(), into),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

impl<'a> Context<'a> {
    pub(crate) fn new(input: &'a Input<'a>, item: TokenStream) -> Self {
        let span = Span::mixed_site();
        let module = format!("__private_{}", env!("CARGO_PKG_VERSION").replace(['.', '-', '+'], "_"));
        let words = Path { leading_colon: None, segments: input.krate.segments.clone() };
        let words = words.into_token_stream().into_iter().collect();
        Self { input, names: Names::new(item, span), span, words, module }
    }

    /// A path to an item in the runtime crate's root.
    pub(crate) fn public<'n>(&'n self, span: Span, name: &'n str) -> Name<'n> {
        Name { context: self, span, is_private: false, parent: &[], item: name }
    }

    /// A path to an item in the runtime crate's hidden module. The name of the module contains the version, so that a
    /// derive and a runtime of different versions cause an error.
    pub(crate) fn private<'n>(&'n self, span: Span, name: &'n str) -> Name<'n> {
        Name { context: self, span, is_private: true, parent: &[], item: name }
    }

    /// A path to an item of `core`, in [`MEM`], [`MARKER`] or [`DEFAULT`]. It leads through the hidden module, because
    /// the user's crate may have another `core`, or none in scope.
    pub(crate) fn core<'n>(&'n self, span: Span, parent: &'n [&'n str], name: &'n str) -> Name<'n> {
        Name { context: self, span, is_private: true, parent, item: name }
    }

    pub(crate) fn primitive<'n>(&'n self, span: Span, name: &'n str) -> Name<'n> {
        Name { context: self, span, is_private: true, parent: &["primitives"], item: name }
    }

    /// `<Ty as ::seqcopy::Trait>` with every token at the type's span.
    pub(crate) fn as_trait(&self, ty: &Type, derive: Derive) -> TokenStream {
        let span = at_type(self, ty);
        let name = self.public(span, derive.trait_name());
        quote_spanned!(span=> <#ty as #name>)
    }

    /// The layout of a field's type.
    pub(crate) fn layout_of(&self, ty: &Type) -> TokenStream {
        let prefix = self.as_trait(ty, Derive::SeqCopy);
        quote_spanned!(at_type(self, ty)=> #prefix::LAYOUT)
    }

    /// The layout of the type that a field is copied as. If `with` describes plain bytes, their name is the field's
    /// type.
    pub(crate) fn layout_of_stand_in(&self, field: &Field<'_>, stand_in: &Type) -> TokenStream {
        let layout = self.layout_of(stand_in);
        if field.described.is_none() {
            return layout;
        }
        let (named, name) = (self.private(self.span, "named"), last_word(field.ty));
        quote_spanned!(self.span=> const { &#named(#name, #layout) })
    }

    /// A reference to the result of the function that builds the type's layout. Its assertions are reported at the
    /// type's name.
    pub(crate) fn layout_call(&self, function: &str, arguments: &TokenStream) -> TokenStream {
        let span = at_name(self);
        let function = self.private(span, function);
        quote_spanned!(span=> &#function::<Self>(#arguments))
    }
}

/// A span that is resolved like our own tokens, and shown at the user's.
pub(crate) fn located(own: Span, user: Span) -> Span {
    own.located_at(user)
}

/// The span of errors about the whole item.
pub(crate) fn at_name(context: &Context<'_>) -> Span {
    located(context.span, context.input.ident.span())
}

/// The span of errors about a field's type.
pub(crate) fn at_type(context: &Context<'_>, ty: &Type) -> Span {
    located(context.span, ty.span())
}

/// The `where` clause of `impl .. Trait for ..`, which begins with the item's own predicates. Empty without predicates.
pub(crate) fn where_clause(context: &Context<'_>, derive: Derive) -> TokenStream {
    let span = context.span;
    let input = context.input;
    let mut predicates = TokenStream::new();
    if let Some(own) = &input.generics.where_clause {
        for predicate in &own.predicates {
            predicates.extend(quote_spanned!(span=> #predicate,));
        }
    }
    if let Some(given) = input.options.bound() {
        for predicate in given {
            predicates.extend(quote_spanned!(span=> #predicate,));
        }
    } else {
        let bound = context.public(span, derive.trait_name());
        for ty in generic_field_types(context) {
            let ty = if let Ok(mut parameter) = syn::parse2::<Ident>(ty.clone()) {
                // A second bound on a parameter, with the span of the field, would look to lints like the user's own.
                parameter.set_span(span);
                parameter.into_token_stream()
            } else {
                ty
            };
            predicates.extend(quote_spanned!(span=> #ty: #bound,));
        }
    }
    if predicates.is_empty() { TokenStream::new() } else { quote_spanned!(span=> where #predicates) }
}

/// The types that fields are copied as, if they name a type parameter. Each type occurs once.
fn generic_field_types(context: &Context<'_>) -> Vec<TokenStream> {
    let input = context.input;
    if input.options.plain().is_some() {
        // The user's promise is about the type as it is written.
        return Vec::new();
    }
    let parameters: HashSet<String> = input.generics.type_params().map(|it| unraw(&it.ident)).collect();
    if parameters.is_empty() {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    input
        .fields()
        .filter_map(|field| field.treatment().copied())
        .map(ToTokens::to_token_stream)
        .filter(|ty| names_any(ty.clone(), &parameters) && seen.insert(ty.to_string()))
        .collect()
}

/// Whether a word among the tokens is one of the parameters. If a word only looks like a parameter (the end of a path,
/// the argument of a macro), the additional bound holds anyway.
pub(crate) fn names_any(tokens: TokenStream, parameters: &HashSet<String>) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => parameters.contains(&unraw(&ident)),
        TokenTree::Group(group) => names_any(group.stream(), parameters),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// A parameter's name without `r#`.
pub(crate) fn unraw(ident: &Ident) -> String {
    ident.unraw().to_string()
}
