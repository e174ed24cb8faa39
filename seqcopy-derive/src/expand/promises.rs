//! Emits the user's promises as tokens that the lint `unsafe_code` sees, and checks them as far as the compiler can.
//! Also emits the place of the sequence word in a page.
//!
//! The field is skipped, so no access of the partition touches the word. Its offset is the compiler's; that it is as
//! wide as the encoding's word, and aligned, is asserted.

use std::collections::HashSet;

use crate::context::{Context, Derive, MEM, at_name, at_type, located, names_any, unraw, where_clause};
use crate::input::{Body, Treatment};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// A constant for each `unsafe` that the user wrote, with the span of that very word. Both derives emit it, whichever
/// of them relies on the promise: rustc reports a lint at one place once.
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
/// mutability (E0492). Of a type parameter the compiler does not know it, so types that name one are left to the
/// promise.
pub(super) fn interior_mutability(context: &Context<'_>) -> TokenStream {
    let input = context.input;
    let parameters: HashSet<String> = input.generics.type_params().map(|it| unraw(&it.ident)).collect();
    if input.options.plain().is_some() {
        let this = parameters.is_empty().then(|| Ident::new("Self", context.span));
        return this.map(|this| cell(context, at_name(context), &quote!(#this))).unwrap_or_default();
    }
    let foreign = input.fields().filter_map(|field| match field.treatment() {
        // The descriptor that `with` names has promised that the type has none.
        Treatment::StandIn(ty, _) if field.described.is_none() => Some((at_type(context, ty), quote!(#ty))),
        Treatment::StandIn(..) | Treatment::Own(_) | Treatment::Skip(_) => None,
    });
    foreign.filter(|(_, ty)| !names_any(ty.clone(), &parameters)).map(|(at, ty)| cell(context, at, &ty)).collect()
}

pub(super) fn cell(context: &Context<'_>, at: Span, ty: &TokenStream) -> TokenStream {
    let maybe_uninit = context.core(at, MEM, "MaybeUninit");
    quote_spanned!(at=> let _ = || const { &#maybe_uninit::<#ty>::uninit() };)
}

/// Emits `unsafe impl WordInside`, if a field is a sequence word.
pub(super) fn word_inside(context: &Context<'_>) -> TokenStream {
    let Body::Struct(fields) = &context.input.body else { return TokenStream::new() };
    let Some((field, (opt, code))) = fields.iter().find_map(|field| Some((field, field.options.code()?))) else {
        return TokenStream::new();
    };
    let span = context.span;
    let (member, ty) = (&field.member, field.ty);
    let at = at_type(context, code);
    // A word with another width or alignment is reported at the option.
    let word = located(span, opt.word.span());
    let usize = context.primitive(span, "usize");
    let offset_of = context.core(span, MEM, "offset_of");
    let offset = context.private(word, "word_offset");
    let trait_name = context.private(at, "WordInside");
    let offset = quote_spanned!(word=> #offset::<Self, #ty>(#offset_of!(Self, #member)));
    let body = quote_spanned! {at=>
        type Code = #code;
        const WORD: #usize = #offset;
    };
    let mut all = context.impl_of(&trait_name, &where_clause(context, Derive::SeqCopy), &body);
    if context.input.generics.params.is_empty() {
        let (ident, at) = (context.input.ident, at_name(context));
        let trait_name = context.private(at, "WordInside");
        all.extend(quote_spanned!(span=> const _: #usize = <#ident as #trait_name>::WORD;));
    }
    all
}
