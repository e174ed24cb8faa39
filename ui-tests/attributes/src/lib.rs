//! Attribute macros that change an item after a derive above them has seen it.
//!
//! A derive must not be fooled by them: see `*_below_the_derive.rs` and `*_between_the_derives.rs` in `tests/ui`.

use proc_macro::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};

/// Puts the attribute's tokens before the first field or variant.
#[proc_macro_attribute]
pub fn insert(first: TokenStream, item: TokenStream) -> TokenStream {
    change_body(item, |body| {
        let comma = TokenTree::Punct(Punct::new(',', Spacing::Alone));
        [first.clone(), comma.into(), body].into_iter().collect()
    })
}

/// Puts one more attribute on the item.
#[proc_macro_attribute]
pub fn attribute(contents: TokenStream, item: TokenStream) -> TokenStream {
    let sign = TokenTree::Punct(Punct::new('#', Spacing::Alone));
    let brackets = TokenTree::Group(Group::new(Delimiter::Bracket, contents));
    [sign.into(), brackets.into(), item].into_iter().collect()
}

/// Replaces a word of the body by another: `#[replace(u8 u64)]`.
///
/// # Panics
/// If there are not two words.
#[proc_macro_attribute]
pub fn replace(words: TokenStream, item: TokenStream) -> TokenStream {
    let mut words = words.into_iter();
    let (Some(old), Some(new)) = (words.next(), words.next()) else { panic!("`#[replace(old new)]`") };
    let swap = |token: TokenTree| if token.to_string() == old.to_string() { new.clone() } else { token };
    change_body(item, |body| body.into_iter().map(swap).collect())
}

/// Puts the attribute's tokens in the place of the item.
#[proc_macro_attribute]
pub fn become_this(other: TokenStream, _item: TokenStream) -> TokenStream {
    other
}

fn change_body(item: TokenStream, change: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    let change_group = |token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            TokenTree::Group(Group::new(Delimiter::Brace, change(group.stream())))
        }
        token => token,
    };
    item.into_iter().map(change_group).collect()
}
