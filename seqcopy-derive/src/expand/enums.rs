//! `SeqCopy` for enums.
//!
//! An enum without data is a leaf with a set of tags, whose values the compiler computes (`Self::A as i128`). An enum
//! with data has a layout that the Reference specifies and `offset_of!` cannot show on stable: each variant is a
//! `repr(C)` struct that begins with the tag (`repr(u8)`), or one behind the tag (`repr(C, u8)`). The runtime computes
//! the offsets from the list of parts and compares size and alignment with the type's own.

use proc_macro2::{Ident, Literal, Punct, Spacing, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Context, Names, at_name, at_type};
use crate::Derive;
use crate::bounds::where_clause;
use crate::check::is_unit_only;
use crate::input::{Field, Treatment, Variant};
use crate::repr::Int;

pub(super) fn seq_copy(context: &Context<'_>, variants: &[Variant<'_>]) -> TokenStream {
    match context.input.repr.int {
        Some(int) if !is_unit_only(variants) => choice(context, variants, int),
        int => tags(context, variants, int),
    }
}

/// An enum without data.
fn tags(context: &Context<'_>, variants: &[Variant<'_>], int: Option<Int>) -> TokenStream {
    let span = context.span;
    let tag = context.private(span, "tag");
    let i128 = context.primitive(span, "i128");
    let all = variants.iter().map(|variant| {
        let (name, ident) = (variant.name(), variant.ident);
        let value = match int {
            // Not by a cast alone: rustc would add the distance from the last explicit discriminant in the tag's type,
            // which overflows from the 128th variant on.
            Some(int) if int.name == "i8" => {
                let (int, transmute) = (context.primitive(span, int.name), context.core(span, &["mem", "transmute"]));
                quote_spanned!(span=> unsafe { #transmute::<Self, #int>(Self::#ident) })
            }
            _ => quote_spanned!(span=> Self::#ident),
        };
        quote_spanned!(span=> #tag(#name, #value as #i128))
    });
    // `repr(C)` has a C `int` for its tag.
    let is_signed = int.is_none_or(|int| int.signed);
    let name = context.input.name();
    let layout = context.layout_call("tags", &quote_spanned!(span=> #name, #is_signed, &[#(#all),*]));

    let Names { visitor, v, b, .. } = &context.names;
    let guard = guard(context, variants);
    let size = int.filter(|_| !variants.is_empty()).map(|int| {
        // All bytes of the leaf are read. With `repr(align)` from an attribute macro below the derive, most would be
        // padding, and the tag's type would not have the enum's size.
        let int = context.primitive(span, int.name);
        let transmute = context.core(span, &["mem", "transmute"]);
        let x = &context.names.x;
        quote_spanned!(span=> let _ = |#x: Self| unsafe { #transmute::<Self, #int>(#x) };)
    });
    let leaf = context.private(span, "leaf");
    let visit = quote_spanned!(span=> #guard #size #leaf::<Self, #visitor>(#v, #b););
    context.seq_copy_impl(&layout, &visit)
}

/// An enum with data.
fn choice(context: &Context<'_>, variants: &[Variant<'_>], int: Int) -> TokenStream {
    let span = context.span;
    let tag = context.primitive(span, int.name);
    let is_c = context.input.repr.c.is_some();
    let entries = variants.iter().map(|variant| entry(context, variant, (!is_c).then_some(&tag)));
    let trait_name = context.public(span, "SeqCopy");
    let name = context.input.name();
    let arguments = quote_spanned!(span=> #name, #is_c, <#tag as #trait_name>::LAYOUT, &[#(#entries),*]);
    let layout = context.layout_call("choice", &arguments);

    let Names { visitor, v, b, o, .. } = &context.names;
    let guard = guard(context, variants);
    let area = context.private(span, "area");
    let visit = quote_spanned!(span=> #guard #area::<Self, #visitor>(#v, #b););
    let seq_copy = context.seq_copy_impl(&layout, &visit);

    let at_variant = context.private(span, "at_variant");
    let finish = context.private(span, "finish_variant");
    let arms = variants.iter().enumerate().map(|(variant_index, variant)| {
        let value = value(variant);
        let variant_index = Literal::usize_unsuffixed(variant_index);
        let visits = variant.fields.iter().enumerate().filter_map(|(index, field)| {
            let ty = field.treatment().copied()?;
            let index = Literal::usize_unsuffixed(index);
            let visit = context.visit(ty);
            Some(quote_spanned! {span=>
                let #o = #at_variant::<Self, #variant_index, #index, #visitor>(#v, #b); #visit
            })
        });
        // Each arm ends where the enum does: what is still pending is then cut in the arm, with offsets that are
        // constants there.
        quote_spanned!(span=> #value => { #(#visits)* #finish::<Self, #visitor>(#v, #b); })
    });
    let choice = context.private(span, "Choice");
    let visitor_trait = context.private(span, "Visitor");
    let (bool, usize) = (context.primitive(span, "bool"), context.primitive(span, "usize"));
    let x = &context.names.x;
    let body = quote_spanned! {span=>
        type Tag = #tag;
        #[inline(always)]
        fn visit_variant<#visitor: #visitor_trait>(#x: #tag, #v: &mut #visitor, #b: #usize) -> #bool {
            match #x { #(#arms)* _ => return false }
            true
        }
    };
    let predicates = where_clause(context, Derive::SeqCopy);
    let choice_impl = context.impl_of(&choice, &predicates, &body);
    quote_spanned!(span=> #seq_copy #choice_impl)
}

/// One variant of the tree. `tag`: its type, if each variant's struct begins with it.
fn entry(context: &Context<'_>, variant: &Variant<'_>, tag: Option<&TokenStream>) -> TokenStream {
    let span = context.span;
    let call = context.private(span, "variant");
    let (name, value) = (variant.name(), value(variant));
    if variant.fields.is_empty() {
        return quote_spanned!(span=> #call(#name, #value, &[]));
    }
    let parts = variant.fields.iter().map(|field| part(context, field));
    let place = context.private(span, "place");
    let start = tag.map_or_else(
        || quote_spanned!(span=> 0),
        |tag| {
            let size_of = context.core(span, &["mem", "size_of"]);
            quote_spanned!(span=> #size_of::<#tag>())
        },
    );
    quote_spanned!(span=> #call(#name, #value, &#place(#start, [#(#parts),*])))
}

/// One field of a variant in the tree.
fn part(context: &Context<'_>, field: &Field<'_>) -> TokenStream {
    let name = field.name();
    match field.treatment() {
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
            let layout = context.layout_of(stand_in);
            quote_spanned!(at=> #call::<#ty>(#name, #layout))
        }
    }
}

/// The variant's discriminant as a bare number.
pub(super) fn value(variant: &Variant<'_>) -> TokenStream {
    let value = variant.value.expect("discriminants of enums with data are checked");
    let digits = Literal::u128_unsuffixed(value.unsigned_abs());
    let minus = (value < 0).then(|| Punct::new('-', Spacing::Alone));
    quote!(#minus #digits)
}

/// A closure that is never called, and that compiles only if the variants and their fields are those that the derive
/// has seen.
fn guard(context: &Context<'_>, variants: &[Variant<'_>]) -> TokenStream {
    let (span, at_name) = (context.span, at_name(context));
    let x = &context.names.x;
    let arms = variants.iter().map(|variant| {
        let ident = variant.ident;
        let members = variant.fields.iter().map(|field| &field.member);
        let locals: Vec<Ident> = (0..variant.fields.len()).map(|index| format_ident!("{}{}", x, index)).collect();
        let pointers = variant.fields.iter().zip(&locals).map(|(field, local)| {
            let ty = field.ty;
            let at = at_type(context, ty);
            let local = Ident::new(&local.to_string(), at);
            quote_spanned!(at=> let _: *const #ty = #local;)
        });
        quote_spanned!(span=> Self::#ident { #(#members: ref #locals),* } => { #(#pointers)* })
    });
    let value = Ident::new(&x.to_string(), at_name);
    let value = quote_spanned!(at_name=> *#value);
    quote_spanned!(span=> let _ = |#x: &Self| match #value { #(#arms)* };)
}
