//! What users vouch for: how it is emitted, and what can't be vouched for.

use super::{PLAIN, compact, errors, refuses};
use crate::derive::Derive;

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

#[test]
fn each_unsafe_is_given_back_once() {
    for (derive, item, times) in [
        (Derive::SeqCopy, "struct S { #[seqcopy(unsafe(as = A))] a: u8, #[seqcopy(unsafe(as = A))] b: u8 }", 2),
        (Derive::Validate, "#[repr(C)] struct S { #[seqcopy(unsafe(as = A))] a: u8 }", 0),
        (Derive::SeqCopy, "#[repr(u8)] enum E { A(#[seqcopy(unsafe(as = A))] u8), B { x: u8 } }", 1),
        (Derive::SeqCopy, "#[seqcopy(unsafe(check = f), check = g)] struct S;", 0),
        (Derive::Validate, "#[repr(C)] #[seqcopy(unsafe(check = f), check = g)] struct S;", 1),
        (Derive::SeqCopy, "#[seqcopy(unsafe(plain))] struct S(u8);", 1),
        (Derive::SeqCopy, "struct S { #[seqcopy(skip)] a: MaybeUninit<u8>, b: u8 }", 0),
    ] {
        let text = compact(derive, item);
        assert_eq!(text.matches(WORD).count(), times, "{derive:?} of {item}: {text}");
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
    refuses("#[seqcopy(unsafe(plain = 3))] #[repr(C)] struct S(u8);", &["`plain` of `S` takes no value"]);
    refuses("#[seqcopy(unsafe(pod))] #[repr(C)] struct S(u8);", &["unknown option `pod`", "`unsafe(plain)`"]);
    refuses(
        "#[repr(C)] struct S(#[seqcopy(unsafe(plain))] u8);",
        &["`plain` belongs on the type, not on the field `S.0`", "`#[seqcopy(unsafe(plain))]`"],
    );
}

/// The one error that both derives give beside the one that `Validate` is not to be derived.
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
        refuses(
            &format!("#[seqcopy(unsafe(plain), {check})] struct S(u8);"),
            &["`check` of `S` is called by `derive(Validate)`", "unsafe impl Validate for S"],
        );
    }
}
