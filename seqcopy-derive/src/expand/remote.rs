//! `remote = path::Type`: the item lists the fields of a type of another crate, and the compiler is asked whether they
//! are.
//!
//! Nothing is taken on trust but `unsafe(as = ..)` on a field, of whose type it speaks. Offsets, size and alignment are
//! those of the foreign type itself. A pattern without `..` names every field, so none is missed and none is private; a
//! pattern with `..` rejects unions, whose fields may be written in patterns, but not together with `..`; every field's
//! address is taken as an invariant pointer to the type in the list, so that `fn(&'static u8)` does not pass for
//! `for<'a> fn(&'a u8)`; and `Copy` is its author's consent to duplication, and excludes drop glue and interior
//! mutability.
//!
//! With `unsafe(remote = ..)` the item is copied like any type of the user's, and only `Describe` is added.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{PathArguments, Type};

use super::{promises, structs, validate};

use crate::context::{Context, Derive, MARKER, MEM, Names, at_name, at_type, located, names_any, unraw, where_clause};
use crate::input::{Body, Field, Variant, last_word};

/// Emits `Describe` or `DescribeValid`, for a list that the compiler compares with `remote`.
pub(super) fn proved(context: &Context<'_>, derive: Derive, remote: &Type) -> TokenStream {
    match (derive, &context.input.body) {
        (Derive::SeqCopy, Body::Struct(fields)) => describe_struct(context, remote, fields),
        (Derive::SeqCopy, Body::Enum(variants)) => describe_tags(context, remote, variants),
        (Derive::Validate, Body::Struct(fields)) => {
            let wrapper = wrapper(context, remote);
            let checks = validate::fields_of_type(context, fields, None, &wrapper);
            let made = made(context, remote, fields);
            let same = validate::same_fields(context, fields, &wrapper);
            valid(context, remote, &quote_spanned!(context.span=> #made #checks), &same)
        }
        (Derive::Validate, Body::Enum(_)) => {
            let wrapper = wrapper(context, remote);
            let (check_tag, bits) = (context.private(context.span, "check_tag"), &context.names.b);
            valid(context, remote, &quote_spanned!(context.span=> #check_tag::<#wrapper>(#bits)?;), &TokenStream::new())
        }
        (_, Body::Union { .. }) => unreachable!("unions are refused"),
    }
}

/// Emits the traits without a check, because the user promises it. The item itself has the trait, and `remote` uses it.
pub(super) fn vouched(context: &Context<'_>, derive: Derive, remote: &Type) -> TokenStream {
    let (span, at) = (context.span, at_remote(context, remote));
    let this = context.as_self(derive);
    match derive {
        Derive::SeqCopy => {
            let (vouched, name) = (context.private(at, "vouched_remote"), last_word(remote));
            let parameters = context.input.generics.type_params().map(|it| unraw(&it.ident)).collect();
            let tokens = remote.to_token_stream();
            let cell = (!names_any(tokens.clone(), &parameters)).then(|| promises::cell(context, at, &tokens));
            let constructed = constructed(context);
            let layout = quote_spanned!(at=> &#vouched::<#remote>(#name, #this::LAYOUT));
            describe(
                context,
                remote,
                &where_clause(context, derive),
                &layout,
                &quote_spanned!(span=> #cell #constructed),
            )
        }
        Derive::Validate => {
            let (bits, of_remote) = (context.private(span, "vouched_bits"), context.private(span, "of_remote"));
            let b = &context.names.b;
            // SAFETY of the emitted code: `remote` is laid out like the list, as the user has promised.
            let check = quote_spanned!(span=> #of_remote::<#remote, Self>(#this::check(&unsafe { #bits::<#remote, Self>(#b) })));
            describe_valid(context, remote, &where_clause(context, derive), &check)
        }
    }
}

fn describe_struct(context: &Context<'_>, remote: &Type, fields: &[Field<'_>]) -> TokenStream {
    let span = context.span;
    let this = remote.to_token_stream();
    let entries = fields.iter().map(|field| structs::entry(context, field, &this));
    let name = last_word(remote);
    let [size_of, align_of, offset_of] = ["size_of", "align_of", "offset_of"].map(|name| context.core(span, MEM, name));
    // If this holds, this compiler has laid the type out as the language lays out the list. So has every other compiler
    // that accepts it.
    let is_c = context.input.repr.is_specified_for_struct();
    let same = fields.iter().map(|field| {
        let member = &field.member;
        quote_spanned!(span=> && #offset_of!(Self, #member) == #offset_of!(#remote, #member))
    });
    let specified = quote_spanned! {span=>
        #is_c && #size_of::<Self>() == #size_of::<#remote>() && #align_of::<Self>() == #align_of::<#remote>() #(#same)*
    };
    let structure = context.private(at_remote(context, remote), "structure");
    let layout = quote_spanned! {at_remote(context, remote)=>
        &#structure::<#remote>(#name, #specified, const { &[#(#entries),*] })
    };
    let guard = guard(context, remote, fields);
    describe(context, remote, &predicates(context, Derive::SeqCopy, remote), &layout, &guard)
}

/// Emits an enum without fields. The compiler gives the bytes of each variant.
fn describe_tags(context: &Context<'_>, remote: &Type, variants: &[Variant<'_>]) -> TokenStream {
    let (span, at) = (context.span, at_remote(context, remote));
    let path = as_pattern(remote);
    let name = last_word(remote);
    let repr = &context.input.repr;
    let [tag_bits, remote_tag, remote_tags] =
        ["tag_bits", "remote_tag", "remote_tags"].map(|name| context.private(at, name));
    let i128 = context.primitive(span, "i128");
    // If the list has no repr, a negative number shows the sign. If it has one, the layouts are compared.
    let signed = match repr.int {
        Some(int) => {
            let signed = int.signed;
            quote_spanned!(span=> #signed)
        }
        None if repr.c.is_some() => quote_spanned!(span=> true),
        None => {
            let negative = variants.iter().map(|variant| {
                let ident = variant.ident;
                quote_spanned!(at=> (#path::#ident {} as #i128) < 0)
            });
            quote_spanned!(span=> (#(#negative)||*))
        }
    };
    // SAFETY of the emitted code: it is in a constant.
    let bits = |this: &TokenStream, ident: &Ident| quote_spanned!(at=> unsafe { #tag_bits::<#this>(#this::#ident {}) });
    let all = variants.iter().map(|variant| {
        let (name, ident) = (variant.name(), variant.ident);
        // Parentheses, as in a pattern, because it begins an expression here.
        let bits = quote_spanned!(at=> unsafe { #tag_bits::<#remote>(#path::#ident {}) });
        quote_spanned!(at=> #remote_tag::<#remote>(#name, #signed, #bits))
    });
    let is_specified = (repr.int.is_some() || repr.c.is_some()) && repr.unknown.is_empty();
    let specified = if is_specified {
        let [size_of, align_of] = ["size_of", "align_of"].map(|name| context.core(span, MEM, name));
        let own = quote_spanned!(span=> Self);
        let same = variants.iter().map(|variant| {
            let ident = variant.ident;
            let own = bits(&own, ident);
            quote_spanned!(at=> && #own == unsafe { #tag_bits::<#remote>(#path::#ident {}) })
        });
        quote_spanned! {span=>
            #size_of::<Self>() == #size_of::<#remote>() && #align_of::<Self>() == #align_of::<#remote>() #(#same)*
        }
    } else {
        quote_spanned!(span=> false)
    };
    let layout = quote_spanned!(at=> &#remote_tags::<#remote>(#name, #signed, #specified, const { &[#(#all),*] }));

    let Names { x, .. } = &context.names;
    let idents = variants.iter().map(|variant| variant.ident);
    let (consent, constructed) = (consent(context, remote), constructed(context));
    // The list names every variant.
    let x = Ident::new(&x.to_string(), at);
    let guard = quote_spanned! {at=>
        #consent
        #constructed
        let _ = |#x: &#remote| match *#x { #(#path::#idents {} => {})* };
    };
    describe(context, remote, &predicates(context, Derive::SeqCopy, remote), &layout, &guard)
}

/// Emits a closure that is never called. It compiles only if the fields are those of `remote`.
fn guard(context: &Context<'_>, remote: &Type, fields: &[Field<'_>]) -> TokenStream {
    let at = at_remote(context, remote);
    let consent = consent(context, remote);
    let members = fields.iter().map(|field| &field.member);
    let path = as_pattern(remote);
    let x = Ident::new(&context.names.x.to_string(), at);
    let pointers = fields.iter().map(|field| {
        let (ty, member) = (field.ty, &field.member);
        let at = at_type(context, ty);
        let x = Ident::new(&x.to_string(), at);
        quote_spanned!(at=> let _: *mut #ty = &raw mut #x.#member;)
    });
    // Spans of the user's own text: of a field that is missed, rustc then names it, and does not report that it is
    // inaccessible. Not the user's: clippy would ask for `()` in place of `_`, for fields of that type.
    let any = quote_spanned!(at=> _);
    let named = quote_spanned!(remote.span()=> #path { #(#members: #any),* });
    quote_spanned! {at=>
        #consent
        let _ = |#x: &mut #remote| {
            let #named = #x;
            let #path { .. } = #x;
            #(#pointers)*
        };
    }
}

/// Emits closures that are never called. Without them, rustc would report that the variants of a list are never
/// constructed, which is true.
fn constructed(context: &Context<'_>) -> TokenStream {
    let span = context.span;
    let Body::Enum(variants) = &context.input.body else { return TokenStream::new() };
    let each = variants.iter().map(|variant| {
        let (ident, x) = (variant.ident, &context.names.x);
        let locals: Vec<Ident> = (0..variant.fields.len()).map(|index| format_ident!("{}{}", x, index)).collect();
        let types = variant.fields.iter().map(|field| field.ty);
        let members = variant.fields.iter().map(|field| &field.member);
        quote_spanned!(span=> let _ = |#(#locals: #types),*| Self::#ident { #(#members: #locals),* };)
    });
    each.collect()
}

/// Emits a closure that is never called. It compiles only if safe code can construct every such value, which is
/// impossible if a field can be read but not written.
fn made(context: &Context<'_>, remote: &Type, fields: &[Field<'_>]) -> TokenStream {
    let span = context.span;
    let path = as_pattern(remote);
    let x = &context.names.x;
    let locals: Vec<Ident> = (0..fields.len()).map(|index| format_ident!("{}{}", x, index)).collect();
    let types = fields.iter().map(|field| field.ty);
    let members = fields.iter().map(|field| &field.member);
    quote_spanned!(span=> let _ = |#(#locals: #types),*| #path { #(#members: #locals),* };)
}

/// Emits `unsafe impl Describe`, given the expression for `LAYOUT`, and closures that are never called.
fn describe(
    context: &Context<'_>,
    remote: &Type,
    predicates: &TokenStream,
    layout: &TokenStream,
    guard: &TokenStream,
) -> TokenStream {
    let span = context.span;
    let layout_type = context.public(span, "Layout");
    let body = quote_spanned!(span=> const LAYOUT: &'static #layout_type = { #guard #layout };);
    let name = context.public(span, "Describe");
    let mut all = context.impl_of(&quote_spanned!(span=> #name<#remote>), predicates, &body);
    if context.input.generics.params.is_empty() {
        // The assertions on the layout are reported at the type's name.
        let (at, ident) = (at_name(context), context.input.ident);
        let (layout_type, name) = (context.public(at, "Layout"), context.public(at, "Describe"));
        all.extend(quote_spanned!(at=> const _: &'static #layout_type = <#ident as #name<#remote>>::LAYOUT;));
    }
    all
}

/// Emits `unsafe impl DescribeValid` for a list that the compiler has checked. `checks` apply to the bits of its
/// wrapper.
fn valid(context: &Context<'_>, remote: &Type, checks: &TokenStream, same: &TokenStream) -> TokenStream {
    let (span, at) = (context.span, at_name(context));
    let bits = &context.names.b;
    let remote_bits = context.private(span, "remote_bits");
    let passed = context.private(span, "PASSED");
    let specified = context.private(at, "assert_specified");
    let name = context.public(at, "Describe");
    let assertion = |this: &TokenStream| quote_spanned!(at=> #specified(<#this as #name<#remote>>::LAYOUT));
    let (early, late) = if context.input.generics.params.is_empty() {
        // Reported at once, not where the check is first used.
        let assertion = assertion(&context.input.ident.to_token_stream());
        (quote_spanned!(span=> const _: () = #assertion;), TokenStream::new())
    } else {
        let assertion = assertion(&quote_spanned!(span=> Self));
        (TokenStream::new(), quote_spanned!(span=> const { #assertion }))
    };
    let check = quote_spanned! {span=>
        #late
        const { #same }
        let #bits = &#remote_bits::<#remote, Self>(#bits);
        #checks
        #passed
    };
    let impl_ = describe_valid(context, remote, &predicates(context, Derive::Validate, remote), &check);
    quote_spanned!(span=> #impl_ #early)
}

fn describe_valid(context: &Context<'_>, remote: &Type, predicates: &TokenStream, check: &TokenStream) -> TokenStream {
    let span = context.span;
    let bits = &context.names.b;
    let bits_type = context.public(span, "Bits");
    let checked = context.private(span, "Checked");
    let name = context.public(span, "DescribeValid");
    let body = quote_spanned!(span=> #[inline] fn check(#bits: &#bits_type<'_, #remote>) -> #checked { #check });
    context.impl_of(&quote_spanned!(span=> #name<#remote>), predicates, &body)
}

/// Checks that the type is `Copy`, which is its author's consent to duplication. For a type without parameters this is
/// checked together with the fields. (A predicate would be reported a second time where the layout is evaluated.)
fn consent(context: &Context<'_>, remote: &Type) -> Option<TokenStream> {
    let at = at_remote(context, remote);
    let consents = context.private(at, "consents");
    context.input.generics.params.is_empty().then(|| quote_spanned!(at=> #consents::<#remote>();))
}

/// The where-clause. For a type with parameters, it contains the consent of its author.
fn predicates(context: &Context<'_>, derive: Derive, remote: &Type) -> TokenStream {
    if context.input.generics.params.is_empty() {
        return where_clause(context, derive);
    }
    let at = at_remote(context, remote);
    let copy = context.core(at, MARKER, "Copy");
    let own = where_clause(context, derive);
    let word = own.is_empty().then(|| quote_spanned!(at=> where));
    quote_spanned!(at=> #word #own #remote: #copy,)
}

/// `Remote<Type, Self>`, which has the traits for the list.
fn wrapper(context: &Context<'_>, remote: &Type) -> TokenStream {
    let wrapper = context.public(context.span, "Remote");
    quote_spanned!(context.span=> #wrapper<#remote, Self>)
}

fn at_remote(context: &Context<'_>, remote: &Type) -> Span {
    located(context.span, remote.span())
}

/// `a::B<C>` in the form for patterns: `a::B::<C>`.
fn as_pattern(ty: &Type) -> TokenStream {
    match ty {
        Type::Group(group) => as_pattern(&group.elem),
        Type::Paren(paren) => as_pattern(&paren.elem),
        Type::Path(path) => {
            let mut path = path.clone();
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    arguments.colon2_token.get_or_insert_with(Default::default);
                }
            }
            path.to_token_stream()
        }
        _ => ty.to_token_stream(),
    }
}
