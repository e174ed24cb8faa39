//! Emits `Validate`: the check of each field's type, and then the type's own check.
//!
//! In an enum with data only the fields of the variant that the tag names are looked at: other bytes may not even be
//! initialised.
//!
//! Where a field lies and which number names a variant is `LAYOUT`'s word, which the compiler has confirmed. That this
//! derive has seen the same item (an attribute macro may stand between the two) is confirmed here: by the guards that
//! `SeqCopy` has too, and by comparing names and numbers with the tree.

use crate::context::{Context, Derive, Names, at_name, at_type, where_clause};
use crate::expand::enums;
use crate::input::{Body, Field, Treatment, Variant, is_unit_only};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote_spanned;

pub(super) fn validate(context: &Context<'_>, body: &Body<'_>) -> TokenStream {
    let span = context.span;
    let bits = &context.names.b;
    let hooks = context.input.options.checks().map(|(opt, path)| {
        if opt.unsafety.is_some() {
            let hook = context.private(span, "hook_valid");
            quote_spanned!(span=> unsafe { #hook::<Self>(#bits, #path) }?;)
        } else {
            let hook = context.private(span, "hook");
            quote_spanned!(span=> #hook::<Self>(#bits, #path)?;)
        }
    });
    let (checked, passed) = (context.private(span, "Checked"), context.private(span, "PASSED"));
    let checks = match body {
        Body::Struct(fields) => {
            let Names { x, o, .. } = &context.names;
            let conditions = conditions(context, fields);
            let start = context.private(span, "start");
            // SAFETY of the emitted code: a place inside of the bits, which is not read.
            quote_spanned! {span=>
                let #o = #start::<Self>(#bits);
                let mut #x = #passed;
                if unsafe { true #(&& #conditions)* } { #(#hooks)* }
                #x
            }
        }
        // The tags come from `LAYOUT`, so this derive can't have seen other ones.
        Body::Enum(variants) if is_unit_only(variants) => {
            let check_tag = context.private(span, "check_tag");
            quote_spanned!(span=> #check_tag::<Self>(#bits)?; #(#hooks)* #passed)
        }
        Body::Enum(variants) => {
            let guard = enums::guard(context, variants);
            let checks = variants_of(context, variants);
            quote_spanned!(span=> #guard #checks #(#hooks)* #passed)
        }
        Body::Union { .. } => unreachable!("unions are refused"),
    };
    let bits_type = context.public(span, "Bits");
    let (early, late) = match same_item(context, body) {
        Some(same) if context.input.generics.params.is_empty() => {
            // Reported at once, not where the check is first used.
            let ident = context.input.ident;
            let same = same(&quote_spanned!(span=> #ident));
            (quote_spanned!(span=> const _: () = #same;), TokenStream::new())
        }
        Some(same) => {
            let same = same(&quote_spanned!(span=> Self));
            (TokenStream::new(), quote_spanned!(span=> const { #same }))
        }
        None => Default::default(),
    };
    let count = context.input.options.checks().count();
    let number = context.primitive(span, "usize");
    let hooks_seen = (count != 0).then(|| {
        let count = Literal::usize_unsuffixed(count);
        quote_spanned!(span=> const HOOKS: #number = #count;)
    });
    let any_bits = (count == 0).then(|| any_bits(context, body, &late));
    let body = quote_spanned! {span=>
        #hooks_seen
        #any_bits
        #[inline]
        fn check(#bits: &#bits_type<'_, Self>) -> #checked {
            #late
            #checks
        }
    };
    let name = context.public(span, Derive::Validate.trait_name());
    let validate = context.impl_of(&name, &where_clause(context, Derive::Validate), &body);
    quote_spanned!(span=> #validate #early)
}

/// Whether any bits are a value, which is the case if it is for each field. `check` is then never called, so its
/// assertions are made here.
fn any_bits(context: &Context<'_>, body: &Body<'_>, late: &TokenStream) -> Option<TokenStream> {
    let Body::Struct(fields) = body else { return None };
    let (span, bool) = (context.span, context.primitive(context.span, "bool"));
    let each = fields.iter().enumerate().filter_map(|(index, field)| {
        let ty = field.treatment().copied()?;
        let (any_bits, index) = (context.private(span, "any_bits"), Literal::usize_unsuffixed(index));
        let prefix = context.as_trait(ty, Derive::Validate);
        let seen = quote_spanned!(at_type(context, ty)=> #prefix::SEEN);
        Some(quote_spanned!(span=> && #any_bits::<Self, #index>(#seen)))
    });
    Some(quote_spanned!(span=> const ANY_BITS: #bool = { #late; true #(#each)* };))
}

/// The assertion that the tree of a type has the names and numbers that this derive has seen, as a function of the
/// type's name.
fn same_item(context: &Context<'_>, body: &Body<'_>) -> Option<impl Fn(&TokenStream) -> TokenStream> {
    let span = at_name(context);
    let names = |fields: &[Field<'_>]| names(context, fields);
    let (function, expected) = match body {
        Body::Struct(fields) => ("has_fields", names(fields)),
        Body::Enum(variants) if !is_unit_only(variants) => {
            let variants = variants.iter().map(|variant| {
                let (value, names) = (variant.discriminant_tokens(), names(&variant.fields));
                quote_spanned!(span=> (#value, #names))
            });
            ("has_variants", quote_spanned!(span=> &[#(#variants),*]))
        }
        Body::Enum(_) | Body::Union { .. } => return None,
    };
    let function = context.private(span, function);
    Some(move |this: &TokenStream| quote_spanned!(span=> #function::<#this>(#expected)))
}

/// The names of the checked fields as one text, because the compiler compares one text faster than many.
fn names(context: &Context<'_>, fields: &[Field<'_>]) -> TokenStream {
    let checked = fields.iter().filter(|field| field.treatment().copied().is_some());
    let names: String = checked.flat_map(|field| [field.name(), "\n".to_owned()]).collect();
    quote_spanned!(at_name(context)=> #names)
}

/// The assertion that the tree of `this` has the fields that this derive has seen.
pub(super) fn same_fields(context: &Context<'_>, fields: &[Field<'_>], this: &TokenStream) -> TokenStream {
    let at = at_name(context);
    let (function, names) = (context.private(at, "has_fields"), names(context, fields));
    quote_spanned!(at=> #function::<#this>(#names))
}

/// The conditions that each field of a struct is valid. A local variable receives the error, which compiles a sixth
/// faster than a `?` for each field.
///
/// Each condition receives the address of the field, so it compiles only if the field has the type that this derive has
/// seen. [`same_item`] and the guard of `SeqCopy` check that there are no other fields.
fn conditions(context: &Context<'_>, fields: &[Field<'_>]) -> impl Iterator<Item = TokenStream> {
    let Names { b, o, x, .. } = &context.names;
    fields.iter().enumerate().filter_map(move |(index, field)| {
        let (ty, member) = (field.treatment().copied()?, &field.member);
        let at = at_type(context, field.ty);
        let o = Ident::new(&o.to_string(), at);
        let mut place = quote_spanned!(at=> &raw const (*#o).#member);
        if let Treatment::StandIn(own, _) = field.treatment() {
            let described = context.private(at, "described");
            place = quote_spanned!(at=> #described::<#own, #ty>(#place));
        }
        let index = Literal::usize_unsuffixed(index);
        let prefix = context.as_trait(ty, Derive::Validate);
        Some(quote_spanned!(at_type(context, ty)=> #prefix::is_valid_field::<Self, #index>(#b, #place, &mut #x)))
    })
}

/// The checks of the fields of a struct, or of the variant with this index.
fn fields_of(context: &Context<'_>, fields: &[Field<'_>], variant: Option<usize>) -> TokenStream {
    fields_of_type(context, fields, variant, &quote_spanned!(context.span=> Self))
}

/// The checks for `this`, which has `Validate`.
pub(super) fn fields_of_type(
    context: &Context<'_>,
    fields: &[Field<'_>],
    variant: Option<usize>,
    this: &TokenStream,
) -> TokenStream {
    let bits = &context.names.b;
    let (inside, part_of) = match variant {
        None => ("inside", "part_of"),
        Some(_) => ("inside_variant", "part_of_variant"),
    };
    let is_in_variant = variant.is_some();
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
        let part = quote_spanned!(at=> #part_of::<#this, #ty, #index>(#bits));
        // SAFETY of the emitted code: it is in the arm for the tag that `LAYOUT` has for this variant.
        let part = if is_in_variant { quote_spanned!(at=> unsafe { #part }) } else { part };
        Some(quote_spanned!(at=> #inside::<#this, #index>(#prefix::check(&#part))?;))
    });
    checks.collect()
}

/// The checks of the fields of the variant that the tag selects.
fn variants_of(context: &Context<'_>, variants: &[Variant<'_>]) -> TokenStream {
    let span = context.span;
    let bits = &context.names.b;
    let int = context.primitive(span, context.input.repr.int.map_or("u8", |int| int.name));
    let read_tag = context.private(span, "read_tag");
    let bad_tag = context.private(span, "bad_tag");
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        let value = variant.discriminant_tokens();
        let checks = fields_of(context, &variant.fields, Some(index));
        quote_spanned!(span=> #value => { #checks })
    });
    quote_spanned! {span=>
        match #read_tag::<Self, #int>(#bits) {
            #(#arms)*
            _ => return #bad_tag::<Self>(#bits),
        }
    }
}
