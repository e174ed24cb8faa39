//! From the model to tokens: data and calls, no loops and no decisions.
//!
//! Owns what all impls share: how the runtime is named, which names are our own (in `context.rs`), and the frame around
//! the impls. Three rules hold for every token that is emitted:
//!
//! - a path begins with `::`, is a user's own, or is a local; `Self::` only leads to variants, because an inherent
//!   item of the user's wins over a trait's;
//! - nothing that a user could name is defined: no type, no alias, no function;
//! - what speaks of a field type carries that type's span, so that a type without the trait gives one error, there.

mod enums;
mod promises;
mod remote;
mod structs;
mod validate;

use crate::context::{Context, Derive, at_name, in_const, located, where_clause};
use crate::input::Body;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// Emits the impls of one derive for a checked item.
pub(crate) fn expand(context: &Context<'_>, derive: Derive) -> TokenStream {
    let mut all = impls(context, derive);
    // Always emit the user's `unsafe` tokens, so that the lint `unsafe_code` sees them.
    all.extend(promises::words(context));
    in_const(context, &all)
}

fn impls(context: &Context<'_>, derive: Derive) -> TokenStream {
    let remote = context.input.options.remote();
    if let Some((_, remote)) = remote.filter(|(opt, _)| opt.unsafety.is_none()) {
        return remote::proved(context, derive, remote);
    }
    let mut all = match (derive, &context.input.body) {
        (Derive::SeqCopy, body) if context.input.options.plain().is_some() => structs::plain(context, body),
        (Derive::SeqCopy, Body::Struct(fields)) => structs::seq_copy(context, fields),
        (Derive::SeqCopy, Body::Enum(variants)) => enums::seq_copy(context, variants),
        (Derive::Validate, body) => validate::validate(context, body),
        (_, Body::Union { .. }) => unreachable!("unions are plain or refused"),
    };
    all.extend(remote.map(|(_, remote)| remote::vouched(context, derive, remote)));
    if derive == Derive::SeqCopy {
        all.extend(promises::word_inside(context));
        all.extend(assertions(context));
    }
    all
}

/// Emits constants and functions, so that `cargo check` finds errors that would otherwise appear at the first use.
fn assertions(context: &Context<'_>) -> TokenStream {
    let Context { input, span, .. } = *context;
    let ident = input.ident;
    let mut all = TokenStream::new();
    if input.generics.params.is_empty() {
        // The assertions on the layout are reported at the type's name.
        let span = at_name(context);
        let layout = context.public(span, "Layout");
        let trait_name = context.public(span, "SeqCopy");
        all.extend(quote_spanned!(span=> const _: &'static #layout = <#ident as #trait_name>::LAYOUT;));
    }
    if let Some((opt, _)) = input.options.checks().next() {
        // A check that is never called would be a false promise.
        let word = located(span, opt.word.span());
        let (parameters, arguments, _) = input.generics.split_for_impl();
        let predicates = where_clause(context, Derive::Validate);
        let this = quote_spanned!(span=> #ident #arguments);
        // A function has no `Self`.
        let (parameters, predicates) =
            (without_self(quote_spanned!(span=> #parameters), &this), without_self(predicates, &this));
        let this = this.into_iter().map(|mut token| {
            token.set_span(located(token.span(), word));
            token
        });
        let this: TokenStream = this.collect();
        let need = &context.names.need;
        let trait_name = context.public(word, "Validate");
        if input.generics.params.is_empty() {
            // An attribute between the derives may have dropped it. For a type with parameters, `has_fields` finds
            // that.
            let (has_hooks, count) =
                (context.private(word, "has_hooks"), Literal::usize_unsuffixed(input.options.checks().count()));
            all.extend(quote_spanned!(word=> const _: () = #has_hooks(<#this as #trait_name>::HOOKS, #count);));
            return all;
        }
        let call = quote_spanned!(word=> let _ = <#this as #trait_name>::check;);
        all.extend(quote_spanned!(span=> const _: () = { fn #need #parameters () #predicates { #call } };));
    }
    all
}

/// Replaces `Self` with the type's name.
fn without_self(tokens: TokenStream, this: &TokenStream) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => this.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), without_self(group.stream(), this));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        token => token.into(),
    });
    replaced.collect()
}

impl Context<'_> {
    /// Emits `unsafe impl SeqCopy`, given the expression for `LAYOUT`, and closures that are never called.
    fn seq_copy_impl(&self, layout: &TokenStream, guard: &TokenStream) -> TokenStream {
        let span = self.span;
        let layout_type = self.public(span, "Layout");
        let buffers = promises::interior_mutability(self);
        let hooks = self.input.options.checks().count();
        let hooks = (hooks != 0).then(|| {
            let (number, hooks) = (self.primitive(span, "usize"), Literal::usize_unsuffixed(hooks));
            quote_spanned!(span=> const HOOKS_GIVEN: #number = #hooks;)
        });
        let body = quote_spanned!(span=> const LAYOUT: &'static #layout_type = { #buffers #guard #layout }; #hooks);
        self.impl_of(&self.public(span, "SeqCopy"), &where_clause(self, Derive::SeqCopy), &body)
    }

    /// `<Self as Trait>`.
    fn as_self(&self, derive: Derive) -> TokenStream {
        let name = self.public(self.span, derive.trait_name());
        quote_spanned!(self.span=> <Self as #name>)
    }

    /// Emits `unsafe impl` of a trait for the type.
    fn impl_of(&self, name: &impl ToTokens, predicates: &TokenStream, body: &TokenStream) -> TokenStream {
        let ident = self.input.ident;
        let (parameters, arguments, _) = self.input.generics.split_for_impl();
        quote_spanned! {self.span=>
            #[automatically_derived]
            unsafe impl #parameters #name for #ident #arguments #predicates { #body }
        }
    }
}
