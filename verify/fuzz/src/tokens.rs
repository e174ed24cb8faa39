//! Items for the derives: each byte of an input is a token, so that every input is a stream of tokens, and every change
//! one of tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::derives::context::Derive;
use crate::derives::output::derive as expand;

/// How deep groups are nested. The derives' parser recurses, and an item that is too deep for it harms nothing but its
/// own build.
const DEEPEST: usize = 24;

/// The delimiters. The last kind is invisible: macros put it around what they were given.
const OPEN: [Delimiter; 4] = [Delimiter::Parenthesis, Delimiter::Bracket, Delimiter::Brace, Delimiter::None];

/// The texts that a byte stands for, after the delimiters and the end of a group.
const TEXTS: &[&str] = &[
    // What items are made of.
    "struct",
    "enum",
    "union",
    "pub",
    "crate",
    "self",
    "Self",
    "super",
    "where",
    "const",
    "static",
    "unsafe",
    "impl",
    "dyn",
    "for",
    "fn",
    "extern",
    "mut",
    "ref",
    "as",
    "in",
    "type",
    "let",
    "if",
    "match",
    "async",
    "true",
    "_",
    ",",
    ";",
    ":",
    "::",
    "=",
    "<",
    ">",
    "->",
    "=>",
    "+",
    "-",
    "*",
    "&",
    "!",
    "?",
    "#",
    "|",
    "..",
    "..=",
    "...",
    "@",
    "$",
    "~",
    ".",
    "'a",
    "'static",
    "%",
    "==",
    "&&",
    "<<",
    // Attributes and options.
    "repr",
    "C",
    "transparent",
    "packed",
    "align",
    "seqcopy",
    "bound",
    "check",
    "plain",
    "remote",
    "skip",
    "word",
    "with",
    "r#seqcopy",
    "r#crate_",
    "allow",
    "expect",
    "deprecated",
    "derive",
    "cfg",
    "doc",
    "default",
    "unused",
    "ignore",
    "validate",
    "pod",
    // Types.
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "bool",
    "char",
    "str",
    "String",
    "Vec",
    "Option",
    "Box",
    "MaybeUninit",
    "Parity",
    "SeqCopy",
    "Validate",
    "Remote",
    "Bytemuck",
    "Iterator",
    "Item",
    "Sized",
    "Copy",
    "core",
    "std",
    "mem",
    "other",
    "seqcopy_",
    "Duration",
    "PhantomData",
    "Cell",
    // Names, some of them those that the derives use.
    "A",
    "B",
    "T",
    "N",
    "U",
    "a",
    "b",
    "c",
    "x",
    "y",
    "r#type",
    "r#fn",
    "r#A",
    "__V",
    "__v",
    "__b",
    "__o",
    "__x",
    "__need",
    "visit",
    "LAYOUT",
    // Numbers and texts.
    "0",
    "1",
    "2",
    "3",
    "4",
    "7",
    "8",
    "16",
    "64",
    "255",
    "256",
    "1u8",
    "-1",
    "0x7f",
    "1.5",
    "4096",
    "536870912",
    "1073741824",
    "340282366920938463463374607431768211455",
    "170141183460469231731687303715884105728",
    "340282366920938463463374607431768211456",
    "9999999999999999999999999999999999999999999999",
    "1usize",
    "0b1",
    "1_0",
    "b'a'",
    "'a'",
    "\"text\"",
    "\"C\"",
    "\"u8\"",
    "c\"\"",
    "b\"\"",
];

thread_local! {
    /// The tokens of the texts: they belong to a thread.
    static TOKENS: Vec<Vec<TokenTree>> = TEXTS
        .iter()
        .map(|text| text.parse::<TokenStream>().unwrap_or_else(|error| panic!("{text}: {error}")).into_iter().collect())
        .collect();
}

/// The tokens of an input. Groups that are open at its end are closed.
fn stream(data: &[u8]) -> TokenStream {
    let mut open = vec![(Delimiter::None, TokenStream::new())];
    let close = |open: &mut Vec<(Delimiter, TokenStream)>| {
        let (delimiter, tokens) = open.pop().expect("more than one");
        open.last_mut().expect("at least one").1.extend([TokenTree::from(Group::new(delimiter, tokens))]);
    };
    TOKENS.with(|texts| {
        for byte in data {
            let code = usize::from(*byte) % (OPEN.len() + 1 + texts.len());
            match (OPEN.get(code), code.checked_sub(OPEN.len() + 1)) {
                (Some(delimiter), _) if open.len() <= DEEPEST => open.push((*delimiter, TokenStream::new())),
                (None, Some(text)) => open.last_mut().expect("at least one").1.extend(texts[text].iter().cloned()),
                (None, None) if open.len() > 1 => close(&mut open),
                _ => {}
            }
        }
    });
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().expect("one").1
}

/// The item that an input stands for, to be read.
#[must_use]
pub fn item(data: &[u8]) -> String {
    stream(data).to_string()
}

/// Puts both derives on an item. They must not panic, whatever it is; say the same each time; and what they return must
/// be Rust if the item was.
///
/// # Panics
/// If something is wrong.
pub fn derive(data: &[u8]) {
    let item = stream(data);
    let is_item = syn_full::parse2::<syn_full::DeriveInput>(item.clone()).is_ok();
    for trait_ in [Derive::SeqCopy, Derive::Validate] {
        let output = expand(item.clone(), trait_);
        let text = output.to_string();
        assert_eq!(text, expand(item.clone(), trait_).to_string(), "{trait_:?} of {item} the second time");
        let has = |word: &str| text.contains(word);
        assert!(has("impl") || has("compile_error"), "neither an impl nor an error, {trait_:?} of {item}");
        // The compiler parses an item before it calls a derive.
        if is_item {
            if let Err(error) = syn_full::parse2::<syn_full::File>(output) {
                panic!("{error}: {trait_:?} of {item} is {text}");
            }
        }
    }
}

/// Items of each kind, accepted ones and refused ones.
const ITEMS: &[&str] = &[
    "#[repr(C)] struct A;",
    "#[repr(C)] struct A { a: u8, b: [u32; 4], c: B }",
    "#[repr(transparent)] pub struct A(u64);",
    "#[repr(C, packed(2))] struct A(u8, f64);",
    "#[repr(C, align(64))] struct A { r#type: u8, r#fn: bool }",
    "#[repr(C)] struct A<T, const N: usize = 3> where T: Copy { a: T, b: [[T; 4]; N], c: T::Item, x: *const T }",
    "#[repr(C)] struct A<__V, core, u8, Option>(__V, core, u8, Option);",
    "#[repr(C)] #[seqcopy(bound(T: SeqCopy + Validate))] struct A<T> { a: T }",
    "#[repr(C)] #[seqcopy(crate = crate::other::seqcopy)] struct A { a: u8 }",
    "#[repr(C)] #[seqcopy(check = self::check, unsafe(check = Self::validate))] struct A<T>(T);",
    "#[repr(C)] struct A { #[seqcopy(skip)] a: MaybeUninit<u64>, b: u8 }",
    "#[repr(C)] struct A { a: u64, #[seqcopy(word = Parity<u32>)] b: MaybeUninit<u32>, c: u8 }",
    "#[repr(C)] struct A { #[seqcopy(unsafe(as = other::T<i64, i64>))] a: other::B, b: u8 }",
    "#[repr(i16)] enum A { A = -1, B, C = { 4 + 3 } }",
    "#[repr(C)] enum A { A, r#A = N }",
    "#[repr(u8)] enum A<T> { A, B(u32, T) = 7, C { x: f32, r#type: [T; 2] }, N() }",
    "#[repr(C, i8)] enum A { A { #[seqcopy(skip)] x: MaybeUninit<u8> } = -1, B(#[seqcopy(unsafe(as = u32))] B) }",
    "#[repr(C)] struct A<T> { #[seqcopy(with = [B<T>; 2])] a: [other::T<T>; 2], #[seqcopy(with = Bytemuck)] b: B }",
    "#[repr(C)] #[seqcopy(remote = other::B<T>)] struct A<T> { a: T, #[seqcopy(with = Bytemuck)] b: U, c: u8 }",
    "#[repr(i8)] #[seqcopy(remote = other::B)] enum A { A, B, C }",
    "#[repr(C, u8)] #[seqcopy(unsafe(remote = other::B<T>), check = x)] enum A<T> { A, B(T) }",
    "#[seqcopy(unsafe(plain))] #[repr(C)] union A { a: f32, b: u32 }",
    "#[seqcopy(unsafe(plain), bound(T: Copy))] struct A<T: Copy>(T) where T: Sized;",
    "#[allow(unused)] #[deprecated] #[doc = \"text\"] struct A { #[cfg(x)] pub(crate) a: Option<&'static u8>, b: fn(u8) -> bool }",
    "struct A<'a, T: ?Sized + 'a>(&'a T, &'a mut [u8], Box<dyn Copy + 'a>, impl Copy, _, !);",
    "#[repr(C)] #[seqcopy(ignore, skip = \"text\", unsafe, 1, bound(T:), check = \"text\")] #[seqcopy] #[seqcopy = 1] union A { a: u8 }",
    "enum A { A = 1, B = \"text\", C = 340282366920938463463374607431768211455, T(u8) = -1 }",
    "#[repr(u8)] enum A { A = 255, B }",
];

/// The bytes that stand for these tokens.
fn codes(tokens: TokenStream, into: &mut Vec<u8>) {
    let code = |index: usize| u8::try_from(index).expect("a byte for each");
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut rest = &tokens[..];
    while let [first, after @ ..] = rest {
        if let TokenTree::Group(group) = first {
            into.push(code(OPEN.iter().position(|open| *open == group.delimiter()).expect("one of them")));
            codes(group.stream(), into);
            into.push(code(OPEN.len()));
            rest = after;
            continue;
        }
        let same = |a: &TokenTree, b: &TokenTree| a.to_string() == b.to_string();
        let best = TOKENS.with(|texts| {
            let fits = |text: &[TokenTree]| rest.len() >= text.len() && text.iter().zip(rest).all(|(a, b)| same(a, b));
            let all = texts.iter().enumerate().filter(|(_, text)| fits(text));
            all.max_by_key(|(_, text)| text.len()).map(|(index, text)| (index, text.len()))
        });
        let (index, len) = best.unwrap_or_else(|| panic!("no byte for {first}"));
        into.push(code(OPEN.len() + 1 + index));
        rest = &rest[len..];
    }
}

/// These items as inputs.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seed = |item: &&str| {
        let mut bytes = Vec::new();
        codes(item.parse().expect("a seed"), &mut bytes);
        bytes
    };
    ITEMS.iter().map(seed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_their_items() {
        assert!(OPEN.len() + 1 + TEXTS.len() <= 256);
        for (seed, item) in seeds().iter().zip(ITEMS) {
            // Apart from spaces, which depend on what was written together.
            let without_spaces = |text: &str| text.replace(' ', "");
            assert_eq!(without_spaces(&stream(seed).to_string()), without_spaces(item));
        }
    }

    /// Otherwise the target would have nothing to say of expansions.
    #[test]
    fn most_seeds_are_accepted() {
        let is_accepted = |seed: &Vec<u8>| !expand(stream(seed), Derive::SeqCopy).to_string().contains("compile_error");
        assert!(seeds().iter().filter(|seed| is_accepted(seed)).count() >= 20);
    }
}
