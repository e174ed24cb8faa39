//! `SeqCopy` for structs. The layout of a struct is a tree of its fields. For a type whose author promises `plain`, the
//! layout is a leaf.
//!
//! Soundness does not depend on parsed attributes. The compiler itself answers three questions: every offset comes from
//! `offset_of!`; the guard names every field, so that a field which an attribute macro adds below the derive is an
//! error; and the guard takes each field's address as a pointer to the type in the tree.
//!
//! For a `plain` type the fields need no `SeqCopy`, because they are not part of the layout. Their sizes are compared
//! with the size of the type, because visible padding contradicts the promise.

use crate::context::{Context, DEFAULT, MEM, at_type, located};
use crate::input::{Body, Field, Treatment};
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

pub(super) fn seq_copy(context: &Context<'_>, fields: &[Field<'_>]) -> TokenStream {
    let this = quote_spanned!(context.span=> Self);
    let entries = fields.iter().map(|field| entry(context, field, &this));
    let is_specified = context.input.repr.is_specified_for_struct();
    let name = context.input.name();
    let span = context.span;
    let layout = context.layout_call("structure", &quote_spanned!(span=> #name, #is_specified, &[#(#entries),*]));

    context.seq_copy_impl(&layout, &guard(context, fields))
}

/// Emits one field of the tree of `this`.
pub(super) fn entry(context: &Context<'_>, field: &Field<'_>, this: &TokenStream) -> TokenStream {
    let span = context.span;
    let name = field.name();
    let member = &field.member;
    let offset_of = context.core(span, MEM, "offset_of");
    let offset = quote_spanned!(span=> #offset_of!(#this, #member));
    let entry = match field.treatment() {
        Treatment::Own(ty) => {
            let call = context.private(span, "field");
            let layout = context.layout_of(ty);
            quote_spanned!(span=> #call(#name, #offset, #layout))
        }
        Treatment::Skip(ty) => {
            let at = at_type(context, ty);
            let call = context.private(at, "skipped");
            quote_spanned!(at=> #call::<#ty>(#name, #offset))
        }
        Treatment::StandIn(ty, stand_in) => {
            // A wrong size is reported at this call.
            let at = at_type(context, stand_in);
            let call = context.private(at, "stand_in");
            let layout = context.layout_of_stand_in(field, stand_in);
            quote_spanned!(at=> #call::<#ty>(#name, #offset, #layout))
        }
    };
    with_default(context, field, entry)
}

/// Emits the entry of a field with its default, which is that of its type, or the result of the function that the
/// option names.
pub(super) fn with_default(context: &Context<'_>, field: &Field<'_>, entry: TokenStream) -> TokenStream {
    let Some((opt, path)) = field.options.default_of() else { return entry };
    let ty = field.ty;
    // A type without `Default`, or a function of another type, is reported at the option.
    let at = located(context.span, opt.word.span());
    let call = context.private(at, "with_default");
    let function = if let Some(path) = path {
        quote_spanned!(at=> #path)
    } else {
        let default = context.core(at, DEFAULT, "Default");
        quote_spanned!(at=> <#ty as #default>::default)
    };
    quote_spanned!(at=> #call::<#ty>(#entry, #function))
}

/// Emits a closure that is never called. It compiles only if the fields are the ones that the derive has seen.
pub(super) fn guard(context: &Context<'_>, fields: &[Field<'_>]) -> TokenStream {
    let span = context.span;
    let x = &context.names.x;
    let members = fields.iter().map(|field| &field.member);
    let pointers = fields.iter().map(|field| {
        let (ty, member) = (field.ty, &field.member);
        let at = at_type(context, ty);
        let x = Ident::new(&x.to_string(), at);
        quote_spanned!(at=> let _: *const #ty = &raw const #x.#member;)
    });
    quote_spanned! {span=>
        let _ = |#x: &Self| {
            let Self { #(#members: _),* } = #x;
            #(#pointers)*
        };
    }
}

pub(super) fn plain(context: &Context<'_>, body: &Body<'_>) -> TokenStream {
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

/// The bytes of the fields: their sum in a struct, and the largest in a union.
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
