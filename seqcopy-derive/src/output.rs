//! From an item to the output, in the order that the page of the crate has.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::check::{check, unread};
use crate::context::Context;
use crate::derive::Derive;
use crate::expand::expand;
use crate::fallback::fallback;
use crate::input::Input;

/// The whole macro, free of the compiler's own token type so that tests and the fuzzer can call it.
pub(crate) fn derive(tokens: TokenStream, derive: Derive) -> TokenStream {
    let original: DeriveInput = match syn::parse2(tokens.clone()) {
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
