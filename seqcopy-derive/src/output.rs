//! From an item to the output, in the order that the page of the crate has; and what is emitted when the item was
//! refused.
//!
//! The errors come with impls without content, so that the places which use the type do not each complain that the
//! trait is missing. They never run: the errors stop the build.

use crate::check::{check_input, unread};
use crate::context::{Context, Derive, in_const};
use crate::expand::expand;
use crate::input::{Field, Input};
use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::DeriveInput;

/// Emits the messages. syn's path `::core` leads nowhere in edition 2015, and the runtime crate's works in every
/// edition.
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

/// Emits the errors, and an impl that prevents errors that would only follow from them.
pub(crate) fn fallback(context: &Context<'_>, derive: Derive, error: syn::Error) -> TokenStream {
    let span = context.span;
    let mut tokens = errors(context, error);
    if context.input.fields().any(Field::is_unsized) {
        // The traits are for sized types, so an impl would be one more error.
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
                #[inline]
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

/// The whole macro, without the compiler's own token type, so that tests and the fuzzer can call it.
pub(crate) fn derive(tokens: TokenStream, derive: Derive) -> TokenStream {
    let read = syn::parse2(tokens.clone()).or_else(|error| {
        // The compiler has already taken these words for names, so the crate has edition 2015.
        syn::parse2(with_raw_names(tokens.clone())).map_err(|_| error)
    });
    let original: DeriveInput = match read {
        Ok(original) => original,
        Err(error) => return unread(error).into_compile_error(),
    };
    let input = Input::new(&original);
    let context = Context::new(&input, tokens);
    match check_input(&input, derive) {
        Ok(()) => expand(&context, derive),
        Err(error) => fallback(&context, derive, error),
    }
}

/// Writes `r#` before the words that became keywords in edition 2018.
fn with_raw_names(tokens: TokenStream) -> TokenStream {
    let raw = |token| match token {
        TokenTree::Ident(ident) if ["async", "await", "dyn", "try"].iter().any(|word| ident == word) => {
            Ident::new_raw(&ident.to_string(), ident.span()).into()
        }
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), with_raw_names(group.stream()));
            new.set_span(group.span());
            new.into()
        }
        other => other,
    };
    tokens.into_iter().map(raw).collect()
}
