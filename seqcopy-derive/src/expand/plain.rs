//! `SeqCopy` for a type that its author calls plain: a leaf, whatever it is made of.
//!
//! The fields are not looked into, so nothing is asked of their types. Only their sizes are, because padding that can be
//! seen contradicts the promise.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::context::{Context, MEM};
use crate::input::{Body, Field};

pub(super) fn seq_copy(context: &Context<'_>, body: &Body<'_>) -> TokenStream {
    let span = context.span;
    let repr = &context.input.repr;
    let (is_specified, bytes) = match body {
        Body::Struct(fields) => (repr.is_specified_for_struct(), sizes(context, "sum", fields)),
        Body::Union { fields, .. } => (repr.is_specified_for_struct(), sizes(context, "largest", fields)),
        Body::Enum(_) => {
            let size_of = context.core(span, MEM, "size_of");
            let is_specified = (repr.c.is_some() || repr.int.is_some()) && repr.unknown.is_empty();
            (is_specified, quote_spanned!(span=> #size_of::<Self>()))
        }
    };
    let name = context.input.name();
    let layout = context.layout_call("vouched", &quote_spanned!(span=> #name, #is_specified, #bytes));
    context.seq_copy_impl(&layout, &TokenStream::new())
}

/// How many bytes lie in fields: in all of a struct's together, in the largest of a union's.
fn sizes(context: &Context<'_>, function: &str, fields: &[Field<'_>]) -> TokenStream {
    let span = context.span;
    let function = context.private(span, function);
    let size_of = context.core(span, MEM, "size_of");
    let sizes = fields.iter().map(|field| {
        let ty = field.ty;
        quote_spanned!(span=> #size_of::<#ty>())
    });
    quote_spanned!(span=> #function(&[#(#sizes),*]))
}
