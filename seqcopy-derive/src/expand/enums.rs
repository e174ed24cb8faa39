//! `SeqCopy` for enums.
//!
//! An enum without data is a leaf with a set of tags, whose values the compiler computes. An enum with data has a
//! layout that the Reference specifies and `offset_of!` cannot show on stable: each variant is a `repr(C)` struct that
//! begins with the tag (`repr(u8)`), or one after the tag (`repr(C, u8)`). The runtime computes the offsets from the
//! list of parts.
//!
//! Soundness hangs on what the compiler answers, never on the numbers, the order or the repr that were read here: in
//! the constant `LAYOUT` the tree is compared with a `match` on memory into which each tag is written in turn. The
//! patterns name every variant and field, so what an attribute macro adds below the derive is an error.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Type;

use crate::context::{Context, MEM, Name, Names, at_name, at_type};
use crate::input::Int;
use crate::input::{Field, Treatment, Variant, is_unit_only};

use super::structs::with_default;

pub(super) fn seq_copy(context: &Context<'_>, variants: &[Variant<'_>]) -> TokenStream {
    match context.input.repr.int {
        Some(int) if !is_unit_only(variants) => enum_with_fields(context, variants, int),
        int => tags(context, variants, int),
    }
}

/// Emits an enum without data.
fn tags(context: &Context<'_>, variants: &[Variant<'_>], int: Option<Int>) -> TokenStream {
    let (span, at_name) = (context.span, at_name(context));
    let tag = context.private(span, "tag");
    let i128 = context.primitive(span, "i128");
    let all = variants.iter().map(|variant| {
        let (name, ident) = (variant.name(), variant.ident);
        // SAFETY of the emitted code: it is in a constant.
        let value = if let Some(int) = int {
            // Not with a cast: rustc would add the distance from the last explicit discriminant in the tag's type, and
            // for `i8` that overflows from the 128th variant on. A type with `Drop` must be refused by its layout.
            let (int, number) = (context.primitive(span, int.name), context.private(at_name, "number"));
            quote_spanned!(at_name=> unsafe { #number::<Self, #int>(Self::#ident) } as #i128)
        } else {
            let number = context.private(at_name, "c_number");
            quote_spanned!(at_name=> unsafe { #number(Self::#ident, Self::#ident as #i128) })
        };
        quote_spanned!(span=> #tag(#name, #value))
    });
    // `repr(C)` has a C `int` for its tag.
    let is_signed = int.is_none_or(|int| int.signed);
    let name = context.input.name();
    // `const`, so that the layout's own assertion refuses a type with `Drop`, rather than an error about a temporary.
    let layout = context.layout_call("tags", &quote_spanned!(span=> #name, #is_signed, const { &[#(#all),*] }));

    context.seq_copy_impl(&layout, &guard(context, variants))
}

/// Emits an enum with data.
fn enum_with_fields(context: &Context<'_>, variants: &[Variant<'_>], int: Int) -> TokenStream {
    let span = context.span;
    let tag = context.primitive(span, int.name);
    let is_c = context.input.repr.c.is_some();
    let entries = variants.iter().map(|variant| entry(context, variant, (!is_c).then_some(&tag)));
    let trait_name = context.public(span, "SeqCopy");
    let name = context.input.name();
    let arguments = quote_spanned!(span=> #name, #is_c, <#tag as #trait_name>::LAYOUT, &[#(#entries),*]);
    let layout = asked(context, variants, &context.layout_call("enum_with_fields", &arguments));

    context.seq_copy_impl(&layout, &TokenStream::new())
}

/// Emits one variant of the tree. `tag` is its type, if each variant's struct begins with the tag.
fn entry(context: &Context<'_>, variant: &Variant<'_>, tag: Option<&Name<'_>>) -> TokenStream {
    let span = context.span;
    let call = context.private(span, "variant");
    let (name, value) = (variant.name(), variant.discriminant_tokens());
    if variant.fields.is_empty() {
        return quote_spanned!(span=> #call(#name, #value, &[]));
    }
    let parts = variant.fields.iter().map(|field| part(context, field));
    let place = context.private(span, "place");
    let start = tag.map_or_else(
        || quote_spanned!(span=> 0),
        |tag| {
            let size_of = context.core(span, MEM, "size_of");
            quote_spanned!(span=> #size_of::<#tag>())
        },
    );
    quote_spanned!(span=> #call(#name, #value, &#place(#start, [#(#parts),*])))
}

/// Emits one field of a variant in the tree.
fn part(context: &Context<'_>, field: &Field<'_>) -> TokenStream {
    let name = field.name();
    let entry = match field.treatment() {
        Treatment::Own(ty) => {
            let span = context.span;
            let call = context.private(span, "part");
            let layout = context.layout_of(ty);
            quote_spanned!(span=> #call(#name, #layout))
        }
        Treatment::Skip(ty) => {
            let at = at_type(context, ty);
            let call = context.private(at, "part_skipped");
            quote_spanned!(at=> #call::<#ty>(#name))
        }
        Treatment::StandIn(ty, stand_in) => {
            let at = at_type(context, stand_in);
            let call = context.private(at, "part_stand_in");
            let layout = context.layout_of_stand_in(field, stand_in);
            quote_spanned!(at=> #call::<#ty>(#name, #layout))
        }
    };
    with_default(context, field, entry)
}

/// Emits the tree after the compiler has confirmed it.
fn asked(context: &Context<'_>, variants: &[Variant<'_>], layout: &TokenStream) -> TokenStream {
    let (span, at_name) = (context.span, at_name(context));
    let Names { v, o, .. } = &context.names;
    let [probe, next_tag, value, is_variant] =
        ["probe", "next_tag", "value", "is_variant"].map(|name| context.private(at_name, name));
    let arms = arms(context, variants, |index, locals| {
        let index = Literal::usize_unsuffixed(index);
        let fields = locals.enumerate().map(|(field, (at, local, ty))| {
            let lies = context.private(at, "lies");
            let field = Literal::usize_unsuffixed(field);
            quote_spanned!(at=> let #o: *const #ty = #local; unsafe { #lies(&#v, #field, #o) };)
        });
        quote_spanned!(span=> #is_variant(&#v, #index); #(#fields)*)
    });
    let layout_type = context.public(span, "Layout");
    // SAFETY of the emitted code: it is in a constant, and `lies` receives the addresses of the fields that the pattern
    // has bound. The reference leads to bits that may not be valid, but only in this constant: "What could break the
    // argument" of seqcopy/docs/reference/soundness.md.
    let probe = quote_spanned!(at_name=> unsafe { #probe::<Self>(#o) });
    let next = quote_spanned!(at_name=> #next_tag(&mut #v));
    let value = quote_spanned!(at_name=> *unsafe { &*#value(&#v) });
    quote_spanned! {span=>
        {
            let #o: &'static #layout_type = #layout;
            let mut #v = #probe;
            while #next { match #value { #arms } }
            #o
        }
    }
}

/// Emits a closure that is never called. It compiles only if the variants and their fields are the ones that the derive
/// has seen.
pub(super) fn guard(context: &Context<'_>, variants: &[Variant<'_>]) -> TokenStream {
    let (span, at_name) = (context.span, at_name(context));
    let x = &context.names.x;
    let arms = arms(context, variants, |_, locals| {
        locals.map(|(at, local, ty)| quote_spanned!(at=> let _: *const #ty = #local;)).collect()
    });
    let value = Ident::new(&x.to_string(), at_name);
    let value = quote_spanned!(at_name=> *#value);
    quote_spanned!(span=> let _ = |#x: &Self| match #value { #arms };)
}

/// Emits a pattern for each variant, which binds all fields, and the code of `body`. `body` receives the span and
/// the type of each field, and the local variable that is a reference to it.
fn arms(
    context: &Context<'_>,
    variants: &[Variant<'_>],
    body: impl Fn(usize, &mut dyn Iterator<Item = (Span, Ident, &Type)>) -> TokenStream,
) -> TokenStream {
    let span = context.span;
    let x = &context.names.x;
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        let ident = variant.ident;
        let members = variant.fields.iter().map(|field| &field.member);
        let locals = (0..variant.fields.len()).map(|index| format_ident!("{}{}", x, index));
        let mut parts = variant.fields.iter().zip(locals.clone()).map(|(field, local)| {
            let at = at_type(context, field.ty);
            (at, Ident::new(&local.to_string(), at), field.ty)
        });
        let body = body(index, &mut parts);
        quote_spanned!(span=> Self::#ident { #(#members: ref #locals),* } => { #body })
    });
    arms.collect()
}
