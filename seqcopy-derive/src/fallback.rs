//! What is emitted when an item was refused.
//!
//! The errors come with impls without content, so that the places which use the type do not each complain that the
//! trait is missing. They never run: the errors stop the build.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};

use crate::context::{Context, in_const};
use crate::derive::Derive;
use crate::input::Field;

/// The messages. Syn's path `::core` leads nowhere in edition 2015; the runtime crate's does in each.
fn errors(context: &Context<'_>, error: syn::Error) -> TokenStream {
    let mut tokens = TokenStream::new();
    for token in error.into_compile_error() {
        match token {
            TokenTree::Ident(name) if name == "compile_error" => {
                let path = context.core(context.span, &["core"], "compile_error").into_token_stream();
                tokens.extend(path.into_iter().map(|mut word| {
                    // All at the place of the mistake, which the compiler shows.
                    word.set_span(name.span());
                    word
                }));
            }
            TokenTree::Ident(_) => {}
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            rest => tokens.extend([rest]),
        }
    }
    tokens
}

/// The errors, and an impl that stops everything that would follow from them.
pub(crate) fn fallback(context: &Context<'_>, derive: Derive, error: syn::Error) -> TokenStream {
    let span = context.span;
    let mut tokens = errors(context, error);
    if context.input.fields().any(Field::is_unsized) {
        // The traits are for sized types: an impl would be one more error.
        return tokens;
    }
    let ident = context.input.ident;
    let (parameters, arguments, predicates) = context.input.generics.split_for_impl();
    let (mut name, mut this) =
        (context.public(span, derive.trait_name()).to_token_stream(), quote_spanned!(span=> Self));
    if let Some((_, remote)) = context.input.options.remote() {
        let described = context.public(span, if derive == Derive::SeqCopy { "Describe" } else { "DescribeValid" });
        name = quote_spanned!(span=> #described<#remote>);
        this = quote_spanned!(span=> #remote);
    }
    let body = match derive {
        Derive::SeqCopy => {
            let (layout, seq_copy) = (context.public(span, "Layout"), context.public(span, "SeqCopy"));
            quote_spanned!(span=> const LAYOUT: &'static #layout = <() as #seq_copy>::LAYOUT;)
        }
        Derive::Validate => {
            let bits = context.public(span, "Bits");
            let (checked, passed) = (context.private(span, "Checked"), context.private(span, "PASSED"));
            quote_spanned! {span=>
                fn check(_: &#bits<'_, #this>) -> #checked { #passed }
            }
        }
    };
    tokens.extend(in_const(
        context,
        &quote_spanned! {span=>
            #[automatically_derived]
            unsafe impl #parameters #name for #ident #arguments #predicates { #body }
        },
    ));
    tokens
}
