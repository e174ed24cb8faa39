//! How generated code names things: paths into the runtime, names that collide with nothing, spans, the frame around impls.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Path, Type};

use crate::Derive;
use crate::input::{Field, Input, last_word};

/// An anonymous constant around the impls.
///
/// It allows no lints of its own choice. To lints, tokens that resolve like a macro's are a foreign crate's code; and
/// `allow(unsafe_code)` would be an error under the user's `forbid(unsafe_code)`. What the user allows for the item holds
/// here too, because the types of its fields are repeated here, and deprecated fields may be named.
pub(crate) fn in_const(context: &Context<'_>, impls: &TokenStream) -> TokenStream {
    let Context { input, span, .. } = *context;
    let allowed = &input.allowed;
    let deprecated = context.names.mentions_deprecated.then(|| quote_spanned!(span=> #[allow(deprecated)]));
    quote_spanned!(span=> #(#[allow(#allowed)])* #deprecated const _: () = { #impls };)
}

/// Everything that the emitters ask for beside the model.
pub(crate) struct Context<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) names: Names,
    /// Where tokens come from that speak of nothing in particular: locals made with it are invisible to users' tokens.
    pub(crate) span: Span,
}

/// Names of our own, none of which occurs anywhere in the item.
pub(crate) struct Names {
    /// The type parameter of `visit`.
    pub(crate) visitor: Ident,
    /// A visitor, a base address, an offset, a value, bits, a tag.
    pub(crate) v: Ident,
    pub(crate) b: Ident,
    pub(crate) o: Ident,
    pub(crate) x: Ident,
    pub(crate) need: Ident,
    /// `#[deprecated]` or `#[allow(deprecated)]` occurs somewhere in the item.
    pub(crate) mentions_deprecated: bool,
}

impl Names {
    fn new(item: TokenStream, span: Span) -> Self {
        let mut taken = HashSet::new();
        words(item, &mut taken);
        // Not even as the beginning of a word: numbers are put behind some of them.
        let fresh = |base: &str| {
            let mut name = base.to_owned();
            while taken.iter().any(|word| word.starts_with(&name)) {
                name.push('_');
            }
            Ident::new(&name, span)
        };
        Self {
            visitor: fresh("__V"),
            v: fresh("__v"),
            b: fresh("__b"),
            o: fresh("__o"),
            x: fresh("__x"),
            need: fresh("__need"),
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
        Self { input, names: Names::new(item, span), span }
    }

    /// An item in the runtime crate's root.
    pub(crate) fn public(&self, span: Span, name: &str) -> TokenStream {
        let krate = self.krate(span);
        let name = Ident::new(name, span);
        quote_spanned!(span=> #krate::#name)
    }

    /// An item in the runtime crate's hidden module, whose name carries the version: a derive and a runtime that do
    /// not belong together must not meet in silence.
    pub(crate) fn private(&self, span: Span, name: &str) -> TokenStream {
        let module =
            self.public(span, &format!("__private_{}", env!("CARGO_PKG_VERSION").replace(['.', '-', '+'], "_")));
        let name = Ident::new(name, span);
        quote_spanned!(span=> #module::#name)
    }

    /// An item of `core`, by way of the hidden module: the user's crate may have another `core`, or none in scope.
    pub(crate) fn core(&self, span: Span, path: &[&str]) -> TokenStream {
        let mut tokens = self.private(span, "core");
        for name in path {
            let name = Ident::new(name, span);
            tokens.extend(quote_spanned!(span=> ::#name));
        }
        tokens
    }

    pub(crate) fn primitive(&self, span: Span, name: &str) -> TokenStream {
        let primitives = self.private(span, "primitives");
        let name = Ident::new(name, span);
        quote_spanned!(span=> #primitives::#name)
    }

    /// The path of the runtime crate. Where a path begins is where its user sees it; but the words keep their one place,
    /// so that a crate which does not exist is reported once.
    fn krate(&self, span: Span) -> Path {
        let mut path = self.input.krate.clone();
        if let Some(colons) = &mut path.leading_colon {
            colons.spans = [span; 2];
        }
        path
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

    /// The layout of the type that a field is copied as. What `with` describes may be plain bytes, whose name is the field's type.
    pub(crate) fn layout_of_stand_in(&self, field: &Field<'_>, stand_in: &Type) -> TokenStream {
        let layout = self.layout_of(stand_in);
        if field.described.is_none() {
            return layout;
        }
        let (named, name) = (self.private(self.span, "named"), last_word(field.ty));
        quote_spanned!(self.span=> const { &#named(#name, #layout) })
    }

    /// The walk over a field's type, from the offset on.
    pub(crate) fn visit(&self, ty: &Type) -> TokenStream {
        let prefix = self.as_trait(ty, Derive::SeqCopy);
        let Names { v, o, .. } = &self.names;
        quote_spanned!(at_type(self, ty)=> #prefix::visit(#v, #o);)
    }

    /// A reference to what the function that builds the type's layout returns. Its assertions speak of the type, at
    /// the type's name.
    pub(crate) fn layout_call(&self, function: &str, arguments: &TokenStream) -> TokenStream {
        let span = at_name(self);
        let function = self.private(span, function);
        quote_spanned!(span=> &#function::<Self>(#arguments))
    }
}

/// Resolved like our own tokens, shown where the user's are.
pub(crate) fn located(own: Span, user: Span) -> Span {
    own.located_at(user)
}

/// What speaks of the whole item.
pub(crate) fn at_name(context: &Context<'_>) -> Span {
    located(context.span, context.input.ident.span())
}

/// What speaks of a field's type.
pub(crate) fn at_type(context: &Context<'_>, ty: &Type) -> Span {
    located(context.span, ty.span())
}
