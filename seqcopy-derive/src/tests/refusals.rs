//! One test per refusal of an item's shape; those of options are in `options`.

use super::{accepts, compact, error, errors, output, refuses};

use crate::context::Derive;

#[test]
fn union() {
    refuses(
        "#[repr(C)] union Bits { a: f32, b: u32 }",
        &["`Bits` is a union", "repr(C, u8)", "add `#[seqcopy(unsafe(plain))]`"],
    );
}

#[test]
fn lifetime_parameter() {
    refuses(
        "#[repr(C)] struct Slice<'a> { a: &'a u8 }",
        &["`Slice` borrows for `'a`", "Option<&'static _>", "remove the lifetime"],
    );
    refuses("#[repr(C)] struct Marked<'a, T: 'a>(PhantomData<&'a T>);", &["`Marked`", "`'a`"]);
}

#[test]
fn reference() {
    refuses(
        "#[repr(C)] struct S { name: &'static Name }",
        &["`S.name` is a reference", "`Option<&'static Name>`", "`NonNull<Name>`"],
    );
    // rustc asks for a lifetime, which would not help.
    refuses("#[repr(C)] struct S { name: &Name }", &["`S.name` is a reference", "`Option<&'static Name>`"]);
    refuses("#[repr(C)] struct S(u8, &'static [u8; 2]);", &["`S.1` is a reference", "`Option<&'static [u8; 2]>`"]);
    refuses("#[repr(u8)] enum E { A { x: &'static u8 } }", &["`E::A.x` is a reference"]);
}

#[test]
fn reference_that_would_be_a_wide_pointer() {
    for (ty, instead) in [
        ("&'static str", "a `seqcopy::SeqStr<N>`, or the address of the text as `*const u8` and"),
        (
            "&'static [u16]",
            "`[u16; N]`, a `seqcopy::SeqVec<u16, N>` if the length varies, or the address as `*const u16` and",
        ),
        (
            "&'static mut [u16]",
            "`[u16; N]`, a `seqcopy::SeqVec<u16, N>` if the length varies, or the address as `*mut u16` and",
        ),
        ("&'static dyn Fn(u8)", "store an enum of the types that it can be, a function pointer, or an index"),
        ("&'static (dyn Fn(u8) + Sync)", "store an enum of the types that it can be, a function pointer, or an index"),
    ] {
        refuses(&format!("#[repr(C)] struct S {{ a: {ty} }}"), &["`S.a` is a", instead]);
    }
}

#[test]
fn flags_made_by_a_macro() {
    refuses(
        "struct Flags(<Flags as ::bitflags::__private::PublicFlags>::Internal);",
        &["`Flags.0`", "`bitflags! { impl Flags: u32 { .. } }`"],
    );
    accepts("#[repr(C)] struct Flags(<Flags as Other>::Internal);");
}

#[test]
fn reference_inside() {
    for ty in ["[&'static u8; 4]", "(u8, &'static u8)", "[[&'static u8; 2]; 2]"] {
        let item = format!("#[repr(C)] struct S {{ a: {ty} }}");
        refuses(&item, &["`S.a` contains a reference", "`Option<&'static u8>`"]);
    }
    refuses("#[repr(C)] struct S { a: (&'static u8) }", &["`S.a` is a reference"]);
    accepts("#[repr(C)] struct S { a: Option<&'static u8>, b: *const &'static u8, c: fn(&u8) -> &u8 }");
}

#[test]
fn mutable_reference() {
    refuses(
        "#[repr(C)] struct S { a: &'static mut Page }",
        &["`S.a` is a mutable reference", "`NonNull<Page>`", "`*mut Page`"],
    );
}

#[test]
fn stand_in_that_is_a_reference() {
    refuses("#[repr(C)] struct S { #[seqcopy(unsafe(as = &'static u8))] a: Handle }", &["`S.a` is a reference"]);
    accepts("#[repr(C)] struct S { #[seqcopy(unsafe(as = Option<&'static u8>))] a: &'static u8 }");
}

#[test]
fn field_without_a_size() {
    let item = "#[repr(C)] struct Packet { len: u32, bytes: [Byte] }";
    refuses(item, &["`Packet.bytes` has no fixed size", "a fixed-size array, `[Byte; N]`"]);
    assert!(!output(Derive::SeqCopy, item).to_string().contains("impl"));
    refuses("#[repr(C)] struct Any(dyn Fn());", &["`Any.0` has no fixed size: store an enum"]);
}

#[test]
fn enum_without_repr() {
    refuses("enum Mode { Idle, Moving }", &["the tag of `Mode` has no fixed size", "add `#[repr(u8)]`", "or `C`"]);
    refuses("#[repr(Rust)] enum Mode { Idle }", &["the tag of `Mode`"]);
    refuses("enum Msg { Quit, Move(u32) }", &["`Msg` has no fixed layout", "`#[repr(u8)]` or `#[repr(C, u8)]`"]);
}

#[test]
fn enum_with_data_and_c_alone() {
    refuses("#[repr(C)] enum Msg { Move(u32) }", &["`repr(C)` alone", "`Msg`", "write `#[repr(C, u8)]`"]);
    refuses("#[repr(C)] enum Msg { A, B {} }", &["`repr(C)` alone"]);
}

#[test]
fn transparent_enum() {
    refuses(
        "#[repr(transparent)] enum One { A(u32) }",
        &["a transparent enum has no tag", "make `One` a `#[repr(transparent)] struct`"],
    );
}

#[test]
fn enum_without_variants() {
    refuses("enum Never {}", &["`Never` has no variants", "use `()`"]);
    // rustc refuses the `repr`.
    accepts("#[repr(u8)] enum Never {}");
    accepts("#[repr(C)] enum Never {}");
}

#[test]
fn aligned_enum() {
    refuses("#[repr(u8, align(8))] enum Mode { A }", &["`align`", "tag of `Mode`", "struct Aligned(Mode);"]);
}

#[test]
fn unknown_repr() {
    refuses("#[repr(u7)] enum Mode { A }", &["`repr(u7)` of `Mode` is unknown", "write `#[repr(u8)]`"]);
    refuses("#[r#repr(u128)] enum Wide { A(u8) }", &["`repr(u128)` of `Wide` is unknown", "up to 64 bits"]);
    assert_eq!(errors(Derive::SeqCopy, "#[repr(c)] struct S(u8);"), [""; 0]);
    let [message] = &errors(Derive::Validate, "#[repr(c)] struct S(u8);")[..] else { panic!() };
    assert!(message.contains("`repr(c)` of `S` is unknown to `derive(Validate)`: write `#[repr(C)]`"), "{message}");
}

#[test]
fn validate_without_a_specified_layout() {
    for repr in ["", "#[repr(packed)]", "#[repr(align(8))]", "#[repr(Rust)]"] {
        let item = format!("{repr} struct Pose {{ x: u8 }}");
        assert_eq!(errors(Derive::SeqCopy, &item), [""; 0]);
        let [message] = &errors(Derive::Validate, &item)[..] else { panic!() };
        assert!(message.contains("`Pose` has no layout") && message.contains("add `#[repr(C)]`"), "{message}");
    }
}

#[test]
fn discriminant_other_than_a_number() {
    for value in ["Self::LIMIT", "LIMIT", "1 + 1", "{ 3 }", "-LIMIT", "'a' as u8"] {
        let item = format!("#[repr(u8)] enum Msg {{ A(u8) = {value}, B }}");
        refuses(&item, &["write the discriminant of `Msg::A` as a plain number"]);
    }
}

#[test]
fn discriminant_that_does_not_fit() {
    refuses("#[repr(u8)] enum Msg { A(u8) = 256 }", &["256 does not fit into `u8`", "give `Msg::A` another number"]);
    refuses("#[repr(C, u16)] enum Msg { A(u8) = -1 }", &["-1 does not fit into `u16`"]);
    refuses("#[repr(i8)] enum Msg { A(u8) = 128 }", &["128 does not fit into `i8`"]);
    accepts("#[repr(i64)] enum Msg { A(u8) = -9223372036854775808, B = 9_223_372_036_854_775_807 }");
    accepts("#[repr(u64)] enum Msg { A(u8) = 0xffff_ffff_ffff_ffff }");
}

#[test]
fn several_mistakes_come_together() {
    let item =
        "#[seqcopy(chekc = f)] enum Msg<'a> { A(&'static u8) = N, #[seqcopy(skip)] B { #[seqcopy(sikp)] x: &'a u8 } }";
    for trait_ in [Derive::SeqCopy, Derive::Validate] {
        let all = errors(trait_, item);
        let expected = [
            "borrows for `'a`",
            "`chekc`",
            "no fixed layout",
            "plain number",
            "`Msg::A.0`",
            "`skip` belongs",
            "`sikp`",
        ];
        assert_eq!(all.len(), expected.len(), "{all:#?}");
        for (message, part) in all.iter().zip(expected) {
            assert!(message.contains(part), "{part} is not in {message}");
        }
    }
}

#[test]
fn a_refused_item_gets_a_silent_impl() {
    let item = "union U<T: Copy, const N: usize> where T: Sized { a: [T; N] }";
    error(item);
    for (trait_, name) in [(Derive::SeqCopy, "SeqCopy"), (Derive::Validate, "Validate")] {
        let text = output(trait_, item).to_string();
        let header = format!(
            "unsafe impl < T : Copy , const N : usize > :: seqcopy :: {name} for U < T , N > where T : Sized {{"
        );
        assert!(text.contains(&header), "{header}\nin\n{text}");
    }
}

#[test]
fn what_does_not_parse_is_reported_by_the_parser() {
    assert_eq!(errors(Derive::SeqCopy, "fn f() {}").len(), 1);
}

#[test]
fn expressions_that_are_not_read() {
    // Another crate of the same build may have asked for the feature of syn that reads them: then nothing is refused.
    // `cargo test -p seqcopy-derive` has no such crate.
    if syn::parse_str::<syn::Expr>("if A { 1 } else { 2 }").is_ok() {
        return;
    }
    let says = &["does not read expressions of this kind", "write a constant"];
    for item in [
        "struct S { a: [u8; if A { 1 } else { 2 }] }",
        "struct S([u8; { let n = 3; n }]);",
        "struct S<const N: usize = { let n = 3; n }>;",
        "struct S<T>(T) where [T; if A { 1 } else { 2 }]: Copy;",
        "#[seqcopy(bound([T; if A { 1 } else { 2 }]: Copy))] struct S<T>(T);",
    ] {
        refuses(item, says);
    }
}

/// In edition 2015 `::core` leads nowhere.
#[test]
fn messages_come_by_way_of_the_runtime_crate() {
    for trait_ in [Derive::SeqCopy, Derive::Validate] {
        let text = compact(trait_, "struct S<'a> { a: &'a u8 }");
        let messages = text.matches("compile_error!").count();
        assert!(messages > 0, "{text}");
        assert_eq!(text.matches("::seqcopy::__private_0_1_0::core::compile_error!").count(), messages, "{text}");
    }
}

/// The compiler hands them on as names; `tests/foreign/edition-2015` compiles such types.
#[test]
fn later_keywords_are_names_in_edition_2015() {
    let text = compact(Derive::SeqCopy, "#[repr(C)] struct S { dyn: u8, async: [u8; 2] }");
    assert!(text.contains(r#"field("dyn","#) && text.contains("offset_of!(Self,r#async)"), "{text}");
    assert_eq!(error("struct S { abstract: u8 }"), "expected identifier, found keyword `abstract`");
}
