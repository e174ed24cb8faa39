//! What the user vouches for: given back in words that the lint `unsafe_code` hears, and asked of the compiler as far as it
//! can tell.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::bounds::{names_any, unraw};
use crate::context::{Context, MEM, at_name, at_type, located};
use crate::input::Treatment;

/// A constant for each `unsafe` that the user wrote, with the span of that very word. Both derives emit it, whichever of them relies on
/// the promise: rustc reports a lint at one place once.
///
/// The rest of the output is to lints a foreign macro's, about which they are silent. This much is the user's, so that
/// `#![forbid(unsafe_code)]` refuses it and `#[allow(unsafe_code)]` on the type or the field lets it pass.
pub(super) fn words(context: &Context<'_>) -> TokenStream {
    let input = context.input;
    let of_type = input.options.list.iter().map(|opt| (opt, &[][..]));
    let of_fields = input.fields().flat_map(|field| field.options.list.iter().map(|opt| (opt, &field.allowed[..])));
    let words = of_type.chain(of_fields).filter_map(|(opt, allowed)| Some((opt.unsafety?, allowed)));
    words.map(|(word, allowed)| self::word(context, word, allowed)).collect()
}

fn word(context: &Context<'_>, word: Span, allowed: &[&TokenStream]) -> TokenStream {
    let promised = context.private(located(context.span, word), "promised");
    let word = quote_spanned!(word=> unsafe { #promised() });
    quote_spanned!(context.span=> #(#[allow(#allowed)])* const _: () = #word;)
}

/// Closures that are never called, and that compile only if what is copied on the user's word alone has no interior
/// mutability (E0492). Of a type parameter the compiler does not know it, so types that name one are left to the promise.
pub(super) fn interior_mutability(context: &Context<'_>) -> TokenStream {
    let input = context.input;
    let parameters: HashSet<String> = input.generics.type_params().map(|it| unraw(&it.ident)).collect();
    if input.options.plain().is_some() {
        let this = parameters.is_empty().then(|| Ident::new("Self", context.span));
        return this.map(|this| cell(context, at_name(context), &quote!(#this))).unwrap_or_default();
    }
    let foreign = input.fields().filter_map(|field| match field.treatment() {
        // What describes the type by `with` has promised that it has none.
        Treatment::StandIn(ty, _) if field.described.is_none() => Some((at_type(context, ty), quote!(#ty))),
        Treatment::StandIn(..) | Treatment::Own(_) | Treatment::Skip(_) => None,
    });
    foreign.filter(|(_, ty)| !names_any(ty.clone(), &parameters)).map(|(at, ty)| cell(context, at, &ty)).collect()
}

pub(super) fn cell(context: &Context<'_>, at: Span, ty: &TokenStream) -> TokenStream {
    let maybe_uninit = context.core(at, MEM, "MaybeUninit");
    quote_spanned!(at=> let _ = || const { &#maybe_uninit::<#ty>::uninit() };)
}
