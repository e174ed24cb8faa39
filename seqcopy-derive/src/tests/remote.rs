//! Lists of other types' fields.

use super::{accepts, compact, errors, refuses};

use crate::context::Derive;

#[test]
fn a_list_is_a_tree_of_the_other_type() {
    let text = compact(Derive::SeqCopy, "#[repr(C)] #[seqcopy(remote = other::S)] struct Def { a: u8, b: u64 }");
    for part in [
        "unsafeimpl::seqcopy::Describe<other::S>forDef{",
        r#"structure::<other::S>("S",true&&"#,
        "size_of::<Self>()==::seqcopy::__private_0_1_0::core::mem::size_of::<other::S>()",
        "align_of::<Self>()==::seqcopy::__private_0_1_0::core::mem::align_of::<other::S>()",
        "&&::seqcopy::__private_0_1_0::core::mem::offset_of!(Self,b)==::seqcopy::__private_0_1_0::core::mem::offset_of!(other::S,b)",
        r#"field("a",::seqcopy::__private_0_1_0::core::mem::offset_of!(other::S,a),<u8as::seqcopy::SeqCopy>::LAYOUT)"#,
        "consents::<other::S>();",
        "letother::S{a:_,b:_}=__seqcopy_x;letother::S{..}=__seqcopy_x;",
        "let_:*mutu64=&rawmut__seqcopy_x.b;",
        "const_:&'static::seqcopy::Layout=<Defas::seqcopy::Describe<other::S>>::LAYOUT;",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    assert!(!text.contains("SeqCopyforDef"), "the list is no payload: {text}");
}

#[test]
fn a_generic_list_asks_for_copy_in_its_bounds() {
    let text = compact(Derive::SeqCopy, "#[seqcopy(remote = other::Pair<T>)] struct Def<T> { a: T, b: u8 }");
    assert!(
        text.contains("whereT:::seqcopy::SeqCopy,other::Pair<T>:::seqcopy::__private_0_1_0::core::marker::Copy,"),
        "{text}"
    );
    assert!(text.contains("letother::Pair::<T>{a:_,b:_}=__seqcopy_x;"), "{text}");
    let text =
        compact(Derive::Validate, "#[repr(C)] #[seqcopy(remote = other::Pair<T>)] struct Def<T> { a: T, b: u8 }");
    assert!(
        text.contains("|__seqcopy_x0:T,__seqcopy_x1:u8|other::Pair::<T>{a:__seqcopy_x0,b:__seqcopy_x1};"),
        "{text}"
    );
    assert!(text.contains("assert_specified(<Selfas::seqcopy::Describe<other::Pair<T>>>::LAYOUT)"), "{text}");
}

#[test]
fn parentheses_around_the_other_type_are_no_part_of_its_pattern() {
    let text = compact(Derive::SeqCopy, "#[seqcopy(remote = (other::Pair<T>))] struct Def<T> { a: T, b: u8 }");
    assert!(text.contains("letother::Pair::<T>{a:_,b:_}=__seqcopy_x;"), "{text}");
}

#[test]
fn variants_are_asked_for_and_matched() {
    let text = compact(Derive::SeqCopy, "#[seqcopy(remote = other::Mode)] enum Def { Off, On }");
    for part in [
        "match*__seqcopy_x{other::Mode::Off{}=>{}other::Mode::On{}=>{}}",
        "unsafe{::seqcopy::__private_0_1_0::tag_bits::<other::Mode>(other::Mode::On{})}",
        "(other::Mode::Off{}as::seqcopy::__private_0_1_0::primitives::i128)<0",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
}

/// Without a repr of the list, the compiler is asked for the sign, and nothing says that the other type has a specified
/// layout.
#[test]
fn a_list_of_variants_is_specified_by_its_repr() {
    for (repr, sign, is_specified) in [
        ("", None, false),
        ("#[repr(strange)]", None, false),
        ("#[repr(strange, u8)]", Some(false), false),
        ("#[repr(u8)]", Some(false), true),
        ("#[repr(i8)]", Some(true), true),
        ("#[repr(C)]", Some(true), true),
    ] {
        let text = compact(Derive::SeqCopy, &format!("{repr} #[seqcopy(remote = other::Mode)] enum Def {{ Off }}"));
        let asked = "((other::Mode::Off{}as::seqcopy::__private_0_1_0::primitives::i128)<0)".to_owned();
        let sign = sign.map_or(asked, |it: bool| it.to_string());
        let compared = "::seqcopy::__private_0_1_0::core::mem::size_of::<Self>()==";
        let specified = if is_specified { compared } else { "false,const{" };
        for part in [
            format!(r#"remote_tags::<other::Mode>("Mode",{sign},{specified}"#),
            format!(r#"remote_tag::<other::Mode>("Off",{sign},"#),
        ] {
            assert!(text.contains(&part), "{repr}: {part}\nin\n{text}");
        }
    }
}

#[test]
fn a_promised_list_has_the_traits_itself_and_lends_them() {
    let item = "#[repr(C)] #[seqcopy(unsafe(remote = other::S))] struct Def { a: u8 }";
    let text = compact(Derive::SeqCopy, item);
    assert!(text.contains("SeqCopyforDef") && text.contains("Describe<other::S>forDef"), "{text}");
    assert!(text.contains("MaybeUninit::<other::S>::uninit()"), "interior mutability is looked for: {text}");
    let text = compact(Derive::SeqCopy, "#[seqcopy(unsafe(remote = other::S<T>))] struct Def<T> { a: T }");
    assert!(!text.contains("MaybeUninit::<other::S<T>>"), "it can't be seen through a parameter: {text}");
    let text = compact(Derive::Validate, item);
    assert!(text.contains("ValidateforDef") && text.contains("DescribeValid<other::S>forDef"), "{text}");
}

/// Plain bytes get the name of the field's type: the last word of its path.
#[test]
fn with_gives_plain_bytes_a_name() {
    let text = compact(
        Derive::SeqCopy,
        "struct S { #[seqcopy(with = Bytes)] a: uuid::Uuid, #[seqcopy(with = [Bytes; 2])] b: [glam::r#Quat; 2], \
         #[seqcopy(with = Bytes)] c: (u8, u8), #[seqcopy(with = Bytes)] d: (glam::Vec3) }",
    );
    for name in ["Uuid", "Quat", "bytes", "Vec3"] {
        assert!(text.contains(&format!(r#"named("{name}",<::seqcopy::Remote<"#)), "{name}: {text}");
    }
}

#[test]
fn refused_lists() {
    refuses(
        "#[repr(u8)] #[seqcopy(remote = other::E)] enum Def { A, B(u8) }",
        &["fields of variants lie in `other::E`", "`unsafe(remote = other::E)`"],
    );
    refuses("#[repr(C)] #[seqcopy(remote = <A as B>::C)] struct Def(u8);", &["type Alias = <A as B>::C;"]);
    refuses(
        "#[repr(C)] #[seqcopy(remote = (u8, u8))] struct Def(u8, u8);",
        &["`(u8, u8)` has no named fields to list"],
    );
    refuses(
        "#[repr(C)] #[seqcopy(remote = [other::S; 2])] struct Def(u8);",
        &["write a list of the fields of `other::S`"],
    );
    refuses(
        "#[repr(C)] #[seqcopy(remote = other::U)] union Def { a: u8 }",
        &["lists the fields of `other::U`: write `struct`"],
    );
    refuses("#[seqcopy(remote = other::E)] enum Def {}", &["`Def` has no variants"]);
    refuses(
        "#[repr(u8)] #[seqcopy(remote = other::E)] enum Def { #[seqcopy(skip)] A }",
        &["`skip` belongs on a field, not on the variant `Def::A`"],
    );
    let without_repr = errors(Derive::Validate, "#[seqcopy(remote = other::E)] enum Def { A }");
    assert!(matches!(&without_repr[..], [one] if one.contains("`#[repr(")), "{without_repr:?}");
    refuses(
        "#[repr(C)] #[seqcopy(remote)] struct Def(u8);",
        &["`remote` of `Def` lacks its value: write `remote = path::Type`"],
    );
    refuses(
        r#"#[repr(C)] #[seqcopy(remote = "other::S")] struct Def(u8);"#,
        &["is not a string: write `remote = other::S`"],
    );
    refuses(
        "#[repr(C)] struct S { #[seqcopy(with)] a: u8 }",
        &["`with` of `S.a` lacks its value: write `with = List`"],
    );
    refuses("#[repr(C)] struct S { #[seqcopy(unsafe(with = A))] a: u8 }", &["`with` of `S.a` promises nothing"]);
    refuses("#[repr(C)] struct S { #[seqcopy(remote = A)] a: u8 }", &["`remote` belongs on the type"]);
    refuses("#[repr(C)] #[seqcopy(with = A)] struct S { a: u8 }", &["`with` belongs on a field"]);
    refuses(
        "#[repr(C)] #[seqcopy(remote = other::Page)] struct Def { #[seqcopy(word = Parity<u32>)] a: MaybeUninit<u32> }",
        &["write `skip` for `Def.a`, or `unsafe(remote = other::Page)` for the list"],
    );
    accepts("#[repr(C)] #[seqcopy(remote = other::Unit)] struct Def;");
}
