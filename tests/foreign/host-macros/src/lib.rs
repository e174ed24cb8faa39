//! Macros of `host` that emit the derives of seqcopy. They name it by the host's re-export, so no version of it is in
//! them.

use proc_macro::{TokenStream, TokenTree};

/// Gives a type the derives of seqcopy.
#[proc_macro_attribute]
pub fn payload(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut out: TokenStream = "#[derive(Clone, Copy, ::host::seqcopy::SeqCopy, ::host::seqcopy::Validate)]
        #[seqcopy(crate = ::host::seqcopy)]"
        .parse()
        .expect("attributes");
    out.extend(item);
    out
}

/// Implements `host::Payload`, for structs with named fields and without parameters: a derive can't put other derives
/// on the type that it is on, but on a list of its fields.
#[proc_macro_derive(Payload)]
pub fn derive_payload(item: TokenStream) -> TokenStream {
    let mut tokens = item.into_iter().skip_while(|token| token.to_string() != "struct").skip(1);
    let name = tokens.next().expect("a name");
    let Some(TokenTree::Group(fields)) = tokens.next() else { panic!("a struct with named fields") };
    format!(
        "const _: () = {{
            #[derive(::host::seqcopy::SeqCopy)]
            #[seqcopy(crate = ::host::seqcopy, remote = {name})]
            pub struct List {fields}
            impl ::host::Payload for {name} {{ type List = List; }}
        }};"
    )
    .parse()
    .expect("items")
}
