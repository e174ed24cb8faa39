//! What users vouch for: how it is emitted, and what can't be vouched for.

use std::collections::BTreeSet;

use super::{PLAIN, compact, errors, refuses};

use crate::attr::Name;
use crate::context::Derive;

/// The constant in which the user's `unsafe` stands.
const WORD: &str = "const_:()=unsafe{::seqcopy::__private_0_1_0::promised()};";

/// What is refused if the type has interior mutability.
fn cell(ty: &str) -> String {
    format!("let_=||const{{&::seqcopy::__private_0_1_0::core::mem::MaybeUninit::<{ty}>::uninit()}};")
}

#[test]
fn plain_types_of_any_kind_are_taken() {
    for item in PLAIN {
        assert_eq!(errors(Derive::SeqCopy, item), [""; 0], "{item}");
    }
}

#[test]
fn a_plain_type_is_a_leaf() {
    let text = compact(Derive::SeqCopy, "#[repr(C)] #[seqcopy(unsafe(plain))] struct S { a: u8, b: Foreign }");
    let size_of = "::seqcopy::__private_0_1_0::core::mem::size_of";
    for part in [
        &*format!(
            r#"vouched::<Self>("S",true,::seqcopy::__private_0_1_0::sum(&[{size_of}::<u8>(),{size_of}::<Foreign>()]))"#
        ),
        "const_:&'static::seqcopy::Layout=<Sas::seqcopy::SeqCopy>::LAYOUT;",
        WORD,
        &cell("Self"),
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    let union = compact(Derive::SeqCopy, "#[seqcopy(unsafe(plain))] union U { a: u8, b: u16 }");
    assert!(union.contains(r#"("U",false,::seqcopy::__private_0_1_0::largest(&["#), "{union}");
}

#[test]
fn a_plain_type_has_the_bounds_that_are_written() {
    let of = |item| compact(Derive::SeqCopy, item);
    let text = of("#[seqcopy(unsafe(plain))] struct Slot<T: Pod>(T, [T; 2]) where T: Other;");
    assert!(text.contains("unsafeimpl<T:Pod>::seqcopy::SeqCopyforSlot<T>whereT:Other,{"), "{text}");
    assert!(!text.contains("MaybeUninit"), "of a type parameter nothing is known: {text}");
    let text = of("#[seqcopy(unsafe(plain), bound(T: Pod))] struct Slot<T>(T);");
    assert!(text.contains("SeqCopyforSlot<T>whereT:Pod,{"), "{text}");
    let text = of("#[seqcopy(unsafe(plain))] struct Slot<const N: usize>([u8; N]);");
    assert!(text.contains("SeqCopyforSlot<N>{") && text.contains(&cell("Self")), "{text}");
}

#[test]
fn a_repr_that_fixes_nothing_is_not_called_specified() {
    for (item, is_specified) in [
        ("struct S(u8);", false),
        ("#[repr(transparent)] struct S(u8);", true),
        ("union S { a: u8 }", false),
        ("#[repr(C)] union S { a: u8 }", true),
        ("enum S { A, B }", false),
        ("#[repr(u8)] enum S { A(u8) }", true),
        ("#[repr(C)] enum S { A }", true),
        ("#[repr(strange, u8)] enum S { A }", false),
    ] {
        let text = compact(Derive::SeqCopy, &format!("#[seqcopy(unsafe(plain))] {item}"));
        assert!(text.contains(&format!(r#"vouched::<Self>("S",{is_specified},"#)), "{item}: {text}");
    }
}

/// Items with places for one option: `T` of the type, `V` of a variant, `F` of a field.
const PLACES: [&str; 16] = [
    "[T] #[repr(C)] struct S { [F] a: u8, b: u64 }",
    "[T] #[repr(C)] struct S(u8, [F] u8);",
    "[T] #[repr(C)] struct S<T, const N: usize> { [F] a: [T; N], b: T }",
    "[T] #[repr(u8)] enum E { [V] A([F] u8), B }",
    "[T] #[repr(C, u8)] enum E<T> { A, [V] B { x: u8, [F] y: T } }",
    "[T] #[repr(u8)] enum E { [V] A, B }",
    "[T] #[repr(C)] union U { [F] a: u8, b: u64 }",
    "[T] #[seqcopy(remote = R)] #[repr(C)] struct List { [F] a: u8, b: u64 }",
    "[T] #[seqcopy(remote = R<T>)] #[repr(C)] struct List<T>(T, [F] T);",
    "[T] #[seqcopy(unsafe(remote = R))] #[repr(C)] struct List { [F] a: u8, b: u64 }",
    "[T] #[seqcopy(unsafe(remote = R<T>))] #[repr(C, u8)] enum List<T> { [V] A([F] T), B }",
    "[T] #[seqcopy(unsafe(check = g))] #[repr(C)] struct S { [F] a: u8 }",
    "[T] #[seqcopy(unsafe(plain))] struct S { [F] a: u8 }",
    "[T] #[seqcopy(unsafe(plain))] #[repr(u8)] enum E { [V] A([F] u8) }",
    "[T] #[repr(C)] struct S { #[seqcopy(word = C)] w: M, [F] a: u8 }",
    "[T] #[repr(C)] struct S { #[seqcopy(unsafe(as = A))] a: u8, #[seqcopy(with = D)] b: B, [F] c: u8 }",
];

/// Every option with `unsafe`, at every place of every kind of item: what a derive takes, it gives back.
#[test]
fn each_unsafe_is_given_back_once() {
    let slots = ["[T]", "[V]", "[F]"];
    let mut all = BTreeSet::new();
    for place in PLACES {
        let mut taken = 0;
        let options = slots.into_iter().flat_map(|slot| Name::ALL.map(|name| (slot, name)));
        for (slot, name) in options.filter(|(slot, _)| place.contains(slot)) {
            let option = name.form();
            let option = option.strip_prefix("unsafe(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(option);
            let item = place.replacen(slot, &format!("#[seqcopy(unsafe({option}))]"), 1);
            // Without it, too: some places have an `unsafe` already.
            for (item, has_option) in [(place.to_owned(), false), (item, true)] {
                let item = slots.iter().fold(item, |item, empty| item.replace(empty, ""));
                for derive in [Derive::SeqCopy, Derive::Validate] {
                    let written = item.matches("unsafe(").count();
                    if written > 0 && errors(derive, &item).is_empty() {
                        let text = compact(derive, &item);
                        assert_eq!(text.matches(WORD).count(), written, "{derive:?} of {item}: {text}");
                        taken += 1;
                        all.extend(has_option.then(|| format!("{slot} {}", name.word())));
                    }
                }
            }
        }
        assert!(taken > 0, "no promise is taken in {place}");
    }
    // Another one belongs into rustc's test, `every_promise_under_forbid`.
    assert_eq!(Vec::from_iter(all), ["[F] as", "[T] check", "[T] plain", "[T] remote"]);
    for item in ["struct S { #[seqcopy(skip)] a: MaybeUninit<u8>, b: u8 }", "#[seqcopy(remote = R)] struct S(u8);"] {
        assert!(!compact(Derive::SeqCopy, item).contains(WORD), "{item}");
    }
}

#[test]
fn foreign_fields_are_asked_for_cells() {
    let item = "struct S<T, const N: usize> { #[seqcopy(unsafe(as = A))] a: Foreign<N>, \
                #[seqcopy(unsafe(as = A))] b: Foreign<T>, c: u8 }";
    let text = compact(Derive::SeqCopy, item);
    assert!(text.contains(&cell("Foreign<N>")), "{text}");
    assert_eq!(text.matches("MaybeUninit").count(), 1, "{text}");
    let text = compact(Derive::SeqCopy, "#[repr(C, u8)] enum E { A(#[seqcopy(unsafe(as = A))] Foreign) }");
    assert!(text.contains(&cell("Foreign")), "{text}");
}

#[test]
fn plain_needs_the_word() {
    refuses("#[seqcopy(plain)] #[repr(C)] struct S(u8);", &["`S` needs your word", "write `unsafe(plain)`"]);
    refuses("#[seqcopy(unsafe(plain = 3))] #[repr(C)] struct S(u8);", &["`plain` of `S` has no value"]);
    refuses("#[seqcopy(unsafe(pod))] #[repr(C)] struct S(u8);", &["unknown option `pod`", "`unsafe(plain)`"]);
    refuses(
        "#[repr(C)] struct S(#[seqcopy(unsafe(plain))] u8);",
        &["`plain` belongs on the type, not on the field `S.0`", "`#[seqcopy(unsafe(plain))]`"],
    );
}

/// The one error that both derives give in addition to the one that `Validate` is not to be derived.
#[track_caller]
fn refuses_plain(item: &str, words: &[&str]) {
    let item = format!("#[seqcopy(unsafe(plain))] {item}");
    let [message] = &errors(Derive::SeqCopy, &item)[..] else { panic!("{item}") };
    assert!(errors(Derive::Validate, &item).contains(message), "{message}");
    for word in words {
        assert!(message.contains(word), "`{word}` is missing in `{message}`");
    }
}

#[test]
fn options_of_fields_on_a_plain_type() {
    refuses_plain("struct S { #[seqcopy(skip)] a: u8 }", &["`skip` has no meaning in a plain type", "`S.a`"]);
    refuses_plain("struct S(#[seqcopy(unsafe(as = u8))] u8);", &["`as` has no meaning", "`S.0`"]);
    refuses_plain("union U { #[seqcopy(skip)] a: u8 }", &["`skip` has no meaning", "`U.a`"]);
    refuses_plain("enum E { A { #[seqcopy(skip)] a: u8 } }", &["`skip` has no meaning", "`E::A.a`"]);
    refuses_plain("enum E { #[seqcopy(skip)] A }", &["`skip` belongs on a field, not on the variant `E::A`"]);
    refuses_plain("struct S(#[seqcopy(slip)] u8);", &["unknown option `slip` of `S.0`"]);
}

#[test]
fn pointers_in_a_plain_type() {
    for ty in ["*const u8", "&'static u8", "[*mut u8; 2]", "(u8, (fn(), u8))", "unsafe extern \"C\" fn()"] {
        refuses_plain(&format!("struct S {{ a: {ty} }}"), &["`S.a` is a pointer", "store an index"]);
        refuses_plain(&format!("union U {{ a: {ty}, b: u8 }}"), &["`U.a` is a pointer"]);
        refuses_plain(&format!("enum E {{ A({ty}) }}"), &["`E::A.0` is a pointer"]);
    }
}

#[test]
fn what_a_plain_type_is_not() {
    refuses_plain("struct S<'a>(PhantomData<&'a u8>);", &["`S` borrows for `'a`"]);
    refuses_plain("struct S([u8]);", &["`S.0` has no fixed size"]);
    refuses_plain("enum E {}", &["`E` has no variants"]);
}

#[test]
fn validate_does_not_go_with_plain() {
    let item = "#[seqcopy(unsafe(plain))] #[repr(C)] struct S(u8);";
    let [message] = &errors(Derive::Validate, item)[..] else { panic!() };
    assert!(
        message.contains("remove `derive(Validate)`") && message.contains("unsafe impl Validate for S"),
        "{message}"
    );
    for check in ["check = f", "unsafe(check = f)"] {
        let item = format!("#[seqcopy(unsafe(plain), {check})] struct S(u8);");
        refuses(&item, &["`check` of `S` is called by `derive(Validate)`", "unsafe impl Validate for S"]);
        assert_eq!(errors(Derive::Validate, &item).len(), 1, "the check says what to do with the derive, too");
    }
}
