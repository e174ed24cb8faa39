//! `word = Code`: where the sequence word of a page lies, and how it is encoded.
//!
//! The field is skipped, so no access of the partition touches the word. Its offset is the compiler's; that it is as wide as the
//! encoding's word, and aligned, is asserted.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::bounds::where_clause;
use crate::context::{Context, MEM, at_name, at_type, located};
use crate::derive::Derive;
use crate::input::Body;

/// `unsafe impl WordInside`, if a field is a sequence word.
pub(super) fn word_inside(context: &Context<'_>) -> TokenStream {
    let Body::Struct(fields) = &context.input.body else { return TokenStream::new() };
    let Some((field, (opt, code))) = fields.iter().find_map(|field| Some((field, field.options.code()?))) else {
        return TokenStream::new();
    };
    let span = context.span;
    let (member, ty) = (&field.member, field.ty);
    let at = at_type(context, code);
    // A word of another width, or one that is not aligned, is reported where the option stands.
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
