//! From the model to tokens: data and calls, no loops and no decisions.
//!
//! Owns what all impls share: how the runtime is named, which names of our own cannot collide, and the frame around the
//! impls. Three rules hold for every token that is emitted:
//!
//! - a path begins with `::`, is a user's own, or is a local; `Self::` only leads to variants, because an inherent
//!   item of the user's wins over a trait's;
//! - nothing that a user could name is defined: no type, no alias, no function;
//! - what speaks of a field type carries that type's span, so that a type without the trait gives one error, there.

mod enums;
mod structs;
mod validate;

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Path, Type, parse_quote_spanned};

use crate::Derive;
use crate::bounds::where_clause;
use crate::input::{Body, Input};

/// The impls of one derive for a checked item.
pub(crate) fn expand(context: &Context<'_>, derive: Derive) -> TokenStream {
    let impls = match (derive, &context.input.body) {
        (Derive::SeqCopy, Body::Struct(fields)) => structs::seq_copy(context, fields),
        (Derive::SeqCopy, Body::Enum(variants)) => enums::seq_copy(context, variants),
        (Derive::Validate, body) => validate::validate(context, body),
        (_, Body::Union(_)) => unreachable!("unions are refused"),
    };
    let mut all = impls;
    if derive == Derive::SeqCopy {
        all.extend(assertions(context));
    }
    in_const(context, &all)
}

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

/// Constants and functions that make `cargo check` see what would otherwise wait for the first use.
fn assertions(context: &Context<'_>) -> TokenStream {
    let Context { input, span, .. } = *context;
    let ident = input.ident;
    let mut all = TokenStream::new();
    if input.generics.params.is_empty() {
        // The assertions on the layout, at the type's name.
        let span = at_name(context);
        let layout = context.public(span, "Layout");
        let trait_name = context.public(span, "SeqCopy");
        all.extend(quote_spanned!(span=> const _: &'static #layout = <#ident as #trait_name>::LAYOUT;));
    }
    if let Some((opt, _)) = input.options.checks().next() {
        // A check that nothing calls would be a false promise.
        let word = located(span, opt.word.span());
        let (parameters, arguments, _) = input.generics.split_for_impl();
        let predicates = where_clause(context, Derive::Validate);
        let this = quote_spanned!(span=> #ident #arguments).into_iter().map(|mut token| {
            token.set_span(located(token.span(), word));
            token
        });
        let this: TokenStream = this.collect();
        let need = &context.names.need;
        let trait_name = context.public(word, "Validate");
        let call = quote_spanned!(word=> let _ = <#this as #trait_name>::check;);
        all.extend(quote_spanned!(span=> const _: () = { fn #need #parameters () #predicates { #call } };));
    }
    all
}

/// Everything that the emitters ask for beside the model.
pub(crate) struct Context<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) names: Names,
    /// Where tokens come from that speak of nothing in particular: locals made with it are invisible to users' tokens.
    pub(crate) span: Span,
    /// The path of the runtime crate.
    krate: Path,
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
    mentions_deprecated: bool,
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
        Self {
            input,
            names: Names::new(item, span),
            span,
            krate: match input.options.krate() {
                Some(path) => path.clone(),
                None => parse_quote_spanned!(span=> ::seqcopy),
            },
        }
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
        self.core(span, &["primitive", name])
    }

    /// The result of `Validate::check`.
    pub(crate) fn check_result(&self, span: Span) -> TokenStream {
        let result = self.core(span, &["result", "Result"]);
        let invalid = self.public(span, "InvalidValue");
        quote_spanned!(span=> #result<(), #invalid>)
    }

    /// The path of the runtime crate. Where a path begins is where its user sees it; but the words keep their one place,
    /// so that a crate which does not exist is reported once.
    fn krate(&self, span: Span) -> Path {
        let mut path = self.krate.clone();
        if let Some(colons) = &mut path.leading_colon {
            colons.spans = [span; 2];
        }
        path
    }

    /// `<Ty as ::seqcopy::Trait>` with every token at the type's span.
    fn as_trait(&self, ty: &Type, derive: Derive) -> TokenStream {
        let span = at_type(self, ty);
        let name = self.public(span, derive.trait_name());
        quote_spanned!(span=> <#ty as #name>)
    }

    /// The layout of a field's type.
    fn layout_of(&self, ty: &Type) -> TokenStream {
        let prefix = self.as_trait(ty, Derive::SeqCopy);
        quote_spanned!(at_type(self, ty)=> #prefix::LAYOUT)
    }

    /// The walk over a field's type, from the offset on.
    fn visit(&self, ty: &Type) -> TokenStream {
        let prefix = self.as_trait(ty, Derive::SeqCopy);
        let Names { v, o, .. } = &self.names;
        quote_spanned!(at_type(self, ty)=> #prefix::visit(#v, #o);)
    }

    /// A reference to what the function that builds the type's layout returns. Its assertions speak of the type, at
    /// the type's name.
    fn layout_call(&self, function: &str, arguments: &TokenStream) -> TokenStream {
        let span = at_name(self);
        let function = self.private(span, function);
        quote_spanned!(span=> &#function::<Self>(#arguments))
    }

    /// `unsafe impl SeqCopy`, given what `LAYOUT` refers to and what `visit` does.
    fn seq_copy_impl(&self, layout: &TokenStream, visit: &TokenStream) -> TokenStream {
        let span = self.span;
        let layout_type = self.public(span, "Layout");
        let visitor_trait = self.private(span, "Visitor");
        let usize = self.primitive(span, "usize");
        let Names { visitor, v, b, .. } = &self.names;
        let body = quote_spanned! {span=>
            const LAYOUT: &'static #layout_type = #layout;
            #[inline(always)]
            fn visit<#visitor: #visitor_trait>(#v: &mut #visitor, #b: #usize) { #visit }
        };
        self.impl_of(&self.public(span, "SeqCopy"), &where_clause(self, Derive::SeqCopy), &body)
    }

    /// `unsafe impl` of a trait for the type.
    fn impl_of(&self, name: &TokenStream, predicates: &TokenStream, body: &TokenStream) -> TokenStream {
        let ident = self.input.ident;
        let (parameters, arguments, _) = self.input.generics.split_for_impl();
        quote_spanned! {self.span=>
            #[automatically_derived]
            unsafe impl #parameters #name for #ident #arguments #predicates { #body }
        }
    }
}

/// Resolved like our own tokens, shown where the user's are.
fn located(own: Span, user: Span) -> Span {
    own.located_at(user)
}

/// What speaks of the whole item.
fn at_name(context: &Context<'_>) -> Span {
    located(context.span, context.input.ident.span())
}

/// What speaks of a field's type.
fn at_type(context: &Context<'_>, ty: &Type) -> Span {
    located(context.span, ty.span())
}
