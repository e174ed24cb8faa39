//! What the derives emit and refuse, without a compiler: the token streams themselves are looked at.

mod expansion;
mod hygiene;
mod options;
mod promises;
mod refusals;
mod remote;

use crate::context::Derive;
use crate::derive;
use proc_macro2::{TokenStream, TokenTree};

/// The output of a derive for an item.
fn output(trait_: Derive, item: &str) -> TokenStream {
    derive(item.parse().expect("the item of a test lexes"), trait_)
}

/// The output without spaces between tokens, so that tests read like code.
fn compact(trait_: Derive, item: &str) -> String {
    output(trait_, item).to_string().replace(' ', "")
}

/// The messages of all errors in the output, in order.
fn errors(trait_: Derive, item: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(output(trait_, item), &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<String>) {
    let mut is_error = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => is_error = ident == "compile_error",
            TokenTree::Group(group) if is_error => {
                let message: syn::LitStr = syn::parse2(group.stream()).expect("`compile_error` takes a string");
                found.push(message.value());
                is_error = false;
            }
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// The one error of an item, the same from both derives.
fn error(item: &str) -> String {
    let [message] = &errors(Derive::SeqCopy, item)[..] else {
        panic!("expected one error for `{item}`: {:#?}", errors(Derive::SeqCopy, item));
    };
    assert!(
        errors(Derive::Validate, item).contains(message),
        "rustc prints the error twice unless both derives word it alike: {message}"
    );
    message.clone()
}

/// Asserts that an item is refused by one error that says all of this.
#[track_caller]
fn refuses(item: &str, words: &[&str]) {
    let message = error(item);
    for word in words {
        assert!(message.contains(word), "`{word}` is missing in `{message}`");
    }
}

/// Asserts that both derives take an item.
#[track_caller]
fn accepts(item: &str) {
    for trait_ in [Derive::SeqCopy, Derive::Validate] {
        assert_eq!(errors(trait_, item), Vec::<String>::new(), "{trait_:?} of {item}");
    }
}

/// Items of every accepted shape, for what has to hold of all expansions.
const ACCEPTED: [&str; 24] = [
    "#[repr(C)] struct Unit;",
    "#[repr(C)] struct Named { a: u8, b: [u32; 4], c: Inner }",
    "#[repr(transparent)] pub struct Tuple(u64);",
    "#[repr(C, packed(2))] struct Packed(u8, f64);",
    "#[repr(C, align(64))] struct Aligned { r#type: u8, r#fn: bool }",
    "#[repr(C)] struct Generic<T, const N: usize = 3> where T: Copy { a: T, b: [[T; 4]; N], c: T::Item, d: *const T }",
    "#[repr(C)] struct Hungry<V, __V, core, u8, Result, Option, usize>(V, __V, core, u8, Result, Option, usize);",
    "#[repr(C)] #[seqcopy(bound(T: SeqCopy + Validate))] struct Bound<T> { a: T }",
    "#[repr(C)] #[seqcopy(crate = crate::inner::copy)] struct Renamed { a: u8 }",
    "#[repr(C)] #[seqcopy(check = self::check, unsafe(check = Self::check_valid))] struct Checked<T>(T);",
    "#[repr(C)] struct Skipping { #[seqcopy(skip)] a: MaybeUninit<u64>, b: u8 }",
    "#[repr(C)] struct Page { a: u64, #[seqcopy(word = Parity<u32>)] lock: MaybeUninit<u32>, b: u8 }",
    "#[repr(C)] struct Slot<C: Code, T> { #[seqcopy(skip, word = C)] r#word: MaybeUninit<C::Word>, value: T }",
    "#[repr(C)] struct Foreign { #[seqcopy(unsafe(as = Pair<i64, i64>))] a: other::Timespec, b: u8 }",
    "#[repr(i16)] enum Tags { A = -3, B, C = { 4 + 3 } }",
    "#[repr(C)] enum CTags { A, r#B = CONST }",
    "#[repr(u8)] enum Data<T> { A, B(u32, T) = 7, C { x: f32, r#y: [T; 2] }, D() }",
    "#[repr(C, i8)] enum CData { A { #[seqcopy(skip)] x: MaybeUninit<u8> } = -1, B(#[seqcopy(unsafe(as = u32))] Ipv4Addr) }",
    "#[repr(C)] struct With<T> { #[seqcopy(with = [PairDef<T>; 2])] a: [other::Pair<T>; 2], #[seqcopy(with = Bytes)] b: Uuid }",
    "#[repr(u8)] enum WithIn { A(#[seqcopy(with = Bytes)] Uuid) }",
    "#[repr(C)] #[seqcopy(remote = other::Pair<T>)] struct PairDef<T> { a: T, #[seqcopy(with = Bytes)] r#b: Uuid, d: u8 }",
    "#[repr(C)] #[seqcopy(remote = other::Tuple, crate = crate::inner::copy)] struct TupleDef(u8, u32);",
    "#[repr(i8)] #[seqcopy(remote = other::Order)] enum OrderDef { A, B, C }",
    "#[repr(C, u8)] #[seqcopy(unsafe(remote = other::Data<T>), check = f)] enum DataDef<T> { A, B(T) }",
];

/// Items that are copied as bytes, on their author's word; `Validate` can't be derived for them.
const PLAIN: [&str; 5] = [
    "#[seqcopy(unsafe(plain))] #[repr(C)] union Bits { a: f32, b: u32 }",
    "#[seqcopy(unsafe(plain))] struct Slot<T: Pod>(T) where T: Other;",
    "#[seqcopy(unsafe(plain), bound(T: Pod), crate = crate::inner::copy)] union Either<T> { a: T, b: [u8; 4] }",
    "#[seqcopy(unsafe(plain))] enum Tags { A, B }",
    "#[seqcopy(unsafe(plain))] #[repr(u8)] enum Data<const N: usize> { A([u8; N]), B { x: [u8; N] } }",
];

/// Every accepted item with each derive that accepts it.
fn expansions() -> impl Iterator<Item = (Derive, &'static str)> {
    let both = [Derive::SeqCopy, Derive::Validate].into_iter().flat_map(|trait_| ACCEPTED.map(|item| (trait_, item)));
    both.chain(PLAIN.map(|item| (Derive::SeqCopy, item)))
}
