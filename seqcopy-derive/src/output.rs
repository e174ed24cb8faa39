//! From an item to the output, in the order that the page of the crate has.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::DeriveInput;

use crate::check::{check, unread};
use crate::context::Context;
use crate::derive::Derive;
use crate::expand::expand;
use crate::fallback::fallback;
use crate::input::Input;

/// The whole macro, free of the compiler's own token type so that tests and the fuzzer can call it.
pub(crate) fn derive(tokens: TokenStream, derive: Derive) -> TokenStream {
    let read = syn::parse2(tokens.clone()).or_else(|error| {
        // The compiler has taken the words for names already, so the crate is of edition 2015.
        syn::parse2(with_raw_names(tokens.clone())).map_err(|_| error)
    });
    let original: DeriveInput = match read {
        Ok(original) => original,
        Err(error) => return unread(error).into_compile_error(),
    };
    let input = Input::new(&original);
    let context = Context::new(&input, tokens);
    match check(&input, derive) {
        Ok(()) => expand(&context, derive),
        Err(error) => fallback(&context, derive, error),
    }
}

/// The same with `r#` before the words that edition 2018 made keywords.
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
