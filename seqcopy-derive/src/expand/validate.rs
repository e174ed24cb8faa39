//! `Validate`: every field by its own type's check, then the type's own.
//!
//! In an enum with data only the fields of the variant that the tag names are looked at: other bytes may not even be
//! initialised.

use proc_macro2::{Literal, TokenStream};
use quote::quote_spanned;

use super::{Context, at_type, enums};
use crate::Derive;
use crate::bounds::where_clause;
use crate::check::is_unit_only;
use crate::input::{Body, Field, Variant};

pub(super) fn validate(context: &Context<'_>, body: &Body<'_>) -> TokenStream {
    let span = context.span;
    let bits = &context.names.b;
    let parts = match body {
        Body::Struct(fields) => fields_of(context, fields, None),
        Body::Enum(variants) if is_unit_only(variants) => {
            let check_tag = context.private(span, "check_tag");
            quote_spanned!(span=> #check_tag::<Self>(#bits)?;)
        }
        Body::Enum(variants) => variants_of(context, variants),
        Body::Union(_) => unreachable!("unions are refused"),
    };
    let hooks = context.input.options.checks().map(|(opt, path)| {
        if opt.unsafety.is_some() {
            let hook = context.private(span, "hook_valid");
            quote_spanned!(span=> unsafe { #hook::<Self>(#bits, #path) }?;)
        } else {
            let hook = context.private(span, "hook");
            quote_spanned!(span=> #hook::<Self>(#bits, #path)?;)
        }
    });
    let bits_type = context.public(span, "Bits");
    let result = context.check_result(span);
    let ok = context.core(span, &["result", "Result", "Ok"]);
    let body = quote_spanned! {span=>
        fn check(#bits: &#bits_type<'_, Self>) -> #result {
            #parts
            #(#hooks)*
            #ok(())
        }
    };
    let name = context.public(span, Derive::Validate.trait_name());
    context.impl_of(&name, &where_clause(context, Derive::Validate), &body)
}

/// The checks of the fields of a struct, or of the variant with an index.
fn fields_of(context: &Context<'_>, fields: &[Field<'_>], variant: Option<usize>) -> TokenStream {
    let bits = &context.names.b;
    let (inside, part_of) = match variant {
        None => ("inside", "part_of"),
        Some(_) => ("inside_variant", "part_of_variant"),
    };
    let variant = variant.map(Literal::usize_unsuffixed).into_iter();
    let checks = fields.iter().enumerate().filter_map(|(index, field)| {
        let ty = field.treatment().copied()?;
        let at = at_type(context, ty);
        let index = Literal::usize_unsuffixed(index);
        let index = variant.clone().chain([index]);
        let index = quote_spanned!(at=> #(#index),*);
        let inside = context.private(at, inside);
        let part_of = context.private(at, part_of);
        let prefix = context.as_trait(ty, Derive::Validate);
        Some(quote_spanned! {at=>
            #inside::<Self, #index>(#prefix::check(&#part_of::<Self, #ty, #index>(#bits)))?;
        })
    });
    checks.collect()
}

/// The checks of the fields of whichever variant the tag names.
fn variants_of(context: &Context<'_>, variants: &[Variant<'_>]) -> TokenStream {
    let span = context.span;
    let bits = &context.names.b;
    let read_tag = context.private(span, "read_tag");
    let bad_tag = context.private(span, "bad_tag");
    let err = context.core(span, &["result", "Result", "Err"]);
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        let value = enums::value(variant);
        let checks = fields_of(context, &variant.fields, Some(index));
        quote_spanned!(span=> #value => { #checks })
    });
    quote_spanned! {span=>
        match #read_tag::<Self>(#bits) {
            #(#arms)*
            _ => return #err(#bad_tag::<Self>(#bits)),
        }
    }
}
