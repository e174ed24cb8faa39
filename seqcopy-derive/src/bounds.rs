//! The where-clause of every impl that a derive emits.
//!
//! One bound for each distinct field type that names a type parameter, never one per parameter: `PhantomData<String>`
//! and `*const T` need nothing of `T`, and `T::Item` needs nothing of `T` but much of the item. Recursion is no danger,
//! because it takes a pointer and the impls for pointers are unconditional.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt as _;

use crate::context::Context;
use crate::derive::Derive;

/// The `where` of `impl .. Trait for ..`, with the item's own predicates first; empty without any.
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
                // A second bound on a parameter, shown at the field, would read to lints as if the user had written it.
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

/// The types that fields are copied as, once each, if they name a type parameter.
fn generic_field_types(context: &Context<'_>) -> Vec<TokenStream> {
    let input = context.input;
    if input.options.plain().is_some() {
        // The word was given for the type as it is written.
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

/// Whether a word among the tokens is one of the parameters. A word that only looks like one (the end of a path, the
/// argument of a macro) adds a bound that holds anyway.
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
