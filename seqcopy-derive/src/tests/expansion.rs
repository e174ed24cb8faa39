//! What the emitted code is made of, and how much of it there is.

use super::{ACCEPTED, accepts, compact, output};

use crate::context::Derive;

/// `#[repr(C)] struct` with as many fields, of types as they are in practice.
fn with_fields(count: usize) -> String {
    let types = ["u64", "bool", "[f32; 3]", "u32", "Mode"];
    let fields: Vec<String> = (0..count).map(|i| format!("pub field_{i}: {}", types[i % types.len()])).collect();
    format!("#[repr(C)] pub struct Sample {{ {} }}", fields.join(", "))
}

#[test]
fn all_shapes_are_accepted() {
    ACCEPTED.into_iter().for_each(accepts);
}

#[test]
fn expansions_stay_small() {
    let size = |count| output(Derive::SeqCopy, &with_fields(count)).to_string().len();
    let nine = size(9);
    assert!(nine <= 4500, "nine fields take {nine} bytes");
    let each = (size(109) - nine) / 100;
    assert!(each <= 450, "each further field takes {each} bytes");
}

#[test]
fn a_struct_is_a_tree() {
    let text = compact(Derive::SeqCopy, "#[repr(C)] struct S { a: u8, r#b: [T; 2] }");
    for part in [
        r#"&::seqcopy::__private_0_1_0::structure::<Self>("S",true,&["#,
        r#"field("a",::seqcopy::__private_0_1_0::core::mem::offset_of!(Self,a),<u8as::seqcopy::SeqCopy>::LAYOUT)"#,
        r#"field("b",::seqcopy::__private_0_1_0::core::mem::offset_of!(Self,r#b),<[T;2]as::seqcopy::SeqCopy>::LAYOUT)"#,
        "letSelf{a:_,r#b:_}=__seqcopy_x;",
        "let_:*const[T;2]=&rawconst__seqcopy_x.r#b;",
        "const_:&'static::seqcopy::Layout=<Sas::seqcopy::SeqCopy>::LAYOUT;",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
}

#[test]
fn only_a_specified_repr_is_called_specified() {
    for (repr, is_specified) in [
        ("", false),
        ("#[repr(Rust)]", false),
        ("#[repr(packed)]", false),
        ("#[repr(align(8))]", false),
        ("#[repr(C)]", true),
        ("#[r#repr(r#C)]", true),
        ("#[repr(align(8))] #[repr(C)]", true),
        ("#[repr(C, packed(2))]", true),
        ("#[repr(transparent)]", true),
        ("#[repr(C, strange)]", false),
    ] {
        let text = compact(Derive::SeqCopy, &format!("{repr} struct S(u8);"));
        assert!(text.contains(&format!(r#""S",{is_specified},"#)), "{repr}: {text}");
    }
}

#[test]
fn tuple_fields_go_by_their_numbers() {
    let text = compact(Derive::SeqCopy, "struct S(u8, u16);");
    assert!(text.contains("letSelf{0:_,1:_}=__seqcopy_x;"), "{text}");
    assert!(text.contains(r#"field("1",::seqcopy::__private_0_1_0::core::mem::offset_of!(Self,1)"#), "{text}");
}

#[test]
fn skipped_fields_are_holes() {
    let text = compact(Derive::SeqCopy, "struct S { #[seqcopy(skip)] a: MaybeUninit<u8>, b: u8 }");
    assert!(text.contains(r#"skipped::<MaybeUninit<u8>>("a","#), "{text}");
    assert!(!text.contains("<MaybeUninit<u8>as"), "{text}");
    let text = compact(Derive::Validate, "#[repr(C)] struct S { #[seqcopy(skip)] a: MaybeUninit<u8>, b: u8 }");
    assert!(!text.contains("<MaybeUninit"), "{text}");
    let checked = "ifunsafe{true&&<u8as::seqcopy::Validate>::is_valid_field::<Self,1>(__seqcopy_b,&rawconst(*__seqcopy_o).b,&mut__seqcopy_x)}{}__seqcopy_x";
    assert!(text.contains(checked), "{text}");
    assert!(text.contains(r#"has_fields::<S>("b\n")"#), "{text}");
}

#[test]
fn words_are_skipped_and_found_by_their_offset() {
    let item = "#[repr(C)] struct S<C: Code> { #[seqcopy(word = C)] a: MaybeUninit<C::Word>, b: u8 }";
    let text = compact(Derive::SeqCopy, item);
    for part in [
        r#"skipped::<MaybeUninit<C::Word>>("a",::seqcopy::__private_0_1_0::core::mem::offset_of!(Self,a))"#,
        "unsafeimpl<C:Code>::seqcopy::__private_0_1_0::WordInsideforS<C>{typeCode=C;",
        "word_offset::<Self,MaybeUninit<C::Word>>(::seqcopy::__private_0_1_0::core::mem::offset_of!(Self,a))",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    assert!(!compact(Derive::Validate, item).contains("WordInside"));
    // Evaluated at once, but for a type with parameters.
    let evaluated = "as::seqcopy::__private_0_1_0::WordInside>::WORD;";
    assert!(!text.contains(evaluated), "{text}");
    let text = compact(Derive::SeqCopy, "#[repr(C)] struct S { #[seqcopy(word = C)] a: M }");
    assert!(text.contains(&format!("=<S{evaluated}")), "{text}");
}

#[test]
fn stand_ins_take_the_place_of_the_type() {
    let item = "#[repr(C)] struct S { #[seqcopy(unsafe(as = [i64; 2]))] a: Timespec }";
    let text = compact(Derive::SeqCopy, item);
    assert!(text.contains(r#"stand_in::<Timespec>("a","#), "{text}");
    assert!(text.contains("<[i64;2]as::seqcopy::SeqCopy>::LAYOUT"), "{text}");
    assert!(!text.contains("named("), "it keeps its own name: {text}");
    let text = compact(Derive::Validate, item);
    let checked = "<[i64;2]as::seqcopy::Validate>::is_valid_field::<Self,0>(__seqcopy_b,::seqcopy::__private_0_1_0::described::<Timespec,[i64;2]>(&rawconst(*__seqcopy_o).a),&mut__seqcopy_x)";
    assert!(text.contains(checked), "{text}");
}

#[test]
fn tags_are_the_compilers() {
    let text = compact(Derive::SeqCopy, "#[repr(i16)] enum E { A = -1, r#B = LIMIT }");
    assert!(text.contains(r#"tags::<Self>("E",true,const{&["#), "{text}");
    let asked = r#"tag("B",unsafe{::seqcopy::__private_0_1_0::number::<Self,::seqcopy::__private_0_1_0::primitives::i16>(Self::r#B)}as"#;
    assert!(text.contains(asked), "{text}");
    assert!(text.contains("match*__seqcopy_x{Self::A{}=>{}Self::r#B{}=>{}}"), "{text}");
    let unsigned = compact(Derive::SeqCopy, "#[repr(u8)] enum E { A }");
    assert!(unsigned.contains(r#""E",false,"#), "{unsigned}");
    // Without a type to take the bytes for, they are at least read.
    let c = compact(Derive::SeqCopy, "#[repr(C)] enum E { A }");
    let read = r#"tag("A",unsafe{::seqcopy::__private_0_1_0::c_number(Self::A,Self::Aas"#;
    assert!(c.contains(read), "{c}");
    assert!(c.contains(r#""E",true,"#), "the tag is a C `int`: {c}");
}

#[test]
fn discriminants_count_on() {
    let text = compact(Derive::SeqCopy, "#[repr(C, i32)] enum E { A = -2, B(u8), C { x: u16 } = (0x10), D, F = b'a' }");
    for part in [
        r#"variant("A",-2,&[])"#,
        r#"variant("B",-1,&::seqcopy::__private_0_1_0::place(0,["#,
        r#"variant("C",16,"#,
        r#"variant("D",17,&[])"#,
        r#"variant("F",97,&[])"#,
        "<::seqcopy::__private_0_1_0::primitives::i32as::seqcopy::SeqCopy>::LAYOUT",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    let check = compact(Derive::Validate, "#[repr(C, i32)] enum E { A = -2, B(u8), C { x: u16, y: u8 } = (0x10) }");
    for part in [
        r#"const_:()=::seqcopy::__private_0_1_0::has_variants::<E>(&[(-2,""),(-1,"0\n"),(16,"x\ny\n")]);"#,
        "match::seqcopy::__private_0_1_0::read_tag::<Self,::seqcopy::__private_0_1_0::primitives::i32>(__seqcopy_b){",
        "-1=>{",
        "check(&unsafe{::seqcopy::__private_0_1_0::part_of_variant::<Self,u16,2,0>(__seqcopy_b)}",
        "Self::B{0:ref__seqcopy_x0}=>{let_:*constu8=__seqcopy_x0;}",
    ] {
        assert!(check.contains(part), "{part}\nin\n{check}");
    }
}

#[test]
fn the_compiler_is_asked_about_every_variant() {
    let text = compact(Derive::SeqCopy, "#[repr(u8)] enum E { A, B(u32, T), r#C { r#x: u8 } }");
    for part in [
        "let__seqcopy_o:&'static::seqcopy::Layout=&::seqcopy::__private_0_1_0::enum_with_fields::<Self>(",
        "letmut__seqcopy_v=unsafe{::seqcopy::__private_0_1_0::probe::<Self>(__seqcopy_o)};",
        "while::seqcopy::__private_0_1_0::next_tag(&mut__seqcopy_v){",
        "match*unsafe{&*::seqcopy::__private_0_1_0::value(&__seqcopy_v)}{",
        "Self::A{}=>{::seqcopy::__private_0_1_0::is_variant(&__seqcopy_v,0);}",
        "Self::B{0:ref__seqcopy_x0,1:ref__seqcopy_x1}=>{::seqcopy::__private_0_1_0::is_variant(&__seqcopy_v,1);",
        "let__seqcopy_o:*constT=__seqcopy_x1;unsafe{::seqcopy::__private_0_1_0::lies(&__seqcopy_v,1,__seqcopy_o)};",
        "Self::r#C{r#x:ref__seqcopy_x0}=>{",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    assert!(!text.contains("fn"), "its answer is part of a constant, not of code that runs: {text}");
}

#[test]
fn checks_are_of_the_tree_that_was_seen() {
    let text = compact(Derive::Validate, "#[repr(C)] struct S<T> { a: T, r#b: u8 }");
    assert!(text.contains(r#"const{::seqcopy::__private_0_1_0::has_fields::<Self>("a\nb\n")}"#), "{text}");
    for part in [
        "let__seqcopy_o=::seqcopy::__private_0_1_0::start::<Self>(__seqcopy_b);",
        "<Tas::seqcopy::Validate>::is_valid_field::<Self,0>(__seqcopy_b,&rawconst(*__seqcopy_o).a,&mut__seqcopy_x)",
        "<u8as::seqcopy::Validate>::is_valid_field::<Self,1>(__seqcopy_b,&rawconst(*__seqcopy_o).r#b,&mut__seqcopy_x)",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
}

#[test]
fn functions_have_no_self() {
    let item = "#[repr(C)] #[seqcopy(check = f)] struct S<T: Of<Self>> where Self: Sized, [Self; 1]: Copy { a: T }";
    let text = compact(Derive::SeqCopy, item);
    assert!(text.contains("fn__seqcopy_need<T:Of<S<T>>>()whereS<T>:Sized,[S<T>;1]:Copy,"), "{text}");
}

#[test]
fn the_tag_is_part_of_every_variant_without_c() {
    let text = compact(Derive::SeqCopy, "#[repr(u16)] enum E { A(u8) }");
    let start =
        "place(::seqcopy::__private_0_1_0::core::mem::size_of::<::seqcopy::__private_0_1_0::primitives::u16>(),[";
    assert!(text.contains(start), "{text}");
    assert!(text.contains(r#"enum_with_fields::<Self>("E",false,"#), "{text}");
}

#[test]
fn checks_run_after_the_fields_and_need_validate() {
    let item = "#[repr(C)] #[seqcopy(unsafe(check = b::valid), check = a::bits)] struct S<T> { a: T }";
    let text = compact(Derive::Validate, item);
    let order = [
        "<Tas::seqcopy::Validate>::is_valid_field::<Self,0>(",
        "hook::<Self>(__seqcopy_b,a::bits)?;",
        "unsafe{::seqcopy::__private_0_1_0::hook_valid::<Self>(__seqcopy_b,b::valid)}?;",
    ];
    let places: Vec<_> =
        order.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}\nin\n{text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    let text = compact(Derive::SeqCopy, item);
    assert!(
        text.contains("fn__seqcopy_need<T>()whereT:::seqcopy::Validate,{let_=<S<T>as::seqcopy::Validate>::check;}"),
        "{text}"
    );
}

#[test]
fn defaults_go_with_their_fields() {
    let text = compact(
        Derive::SeqCopy,
        "#[repr(C)] struct S { a: u8, #[seqcopy(default)] b: T, #[seqcopy(default = of_c)] c: u16 }",
    );
    for part in [
        "with_default::<T>(::seqcopy::__private_0_1_0::field(\"b\",",
        "<Tas::seqcopy::__private_0_1_0::core::default::Default>::default)",
        "with_default::<u16>(::seqcopy::__private_0_1_0::field(\"c\",",
        ",of_c)",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
    let text = compact(Derive::SeqCopy, "#[repr(u8)] enum E { A { #[seqcopy(default)] a: bool } }");
    assert!(text.contains("with_default::<bool>(::seqcopy::__private_0_1_0::part(\"a\","), "{text}");
    assert!(!compact(Derive::SeqCopy, "struct S(u8);").contains("default"));
}

/// Numbers as in the layout: a skipped field has one, too.
#[test]
fn checks_in_a_variant_name_fields_by_their_place() {
    let item = "#[repr(u8)] enum E { A, B { #[seqcopy(skip)] a: MaybeUninit<u8>, b: bool, c: char } }";
    let text = compact(Derive::Validate, item);
    for part in ["part_of_variant::<Self,bool,1,1>(", "part_of_variant::<Self,char,1,2>("] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
}

#[test]
fn bounds_are_per_field_type() {
    let item = "#[repr(C)] struct S<T: Copy, U, const N: usize> where U: Copy { a: T, b: T, c: [U; N], d: PhantomData<String>, \
                #[seqcopy(unsafe(as = Wide<U>))] e: Other<T>, #[seqcopy(skip)] f: MaybeUninit<U>, g: [u8; N] }";
    for (trait_, name) in [(Derive::SeqCopy, "SeqCopy"), (Derive::Validate, "Validate")] {
        let text = compact(trait_, item);
        let bounds = format!("whereU:Copy,T:::seqcopy::{name},[U;N]:::seqcopy::{name},Wide<U>:::seqcopy::{name},{{");
        assert!(text.contains(&bounds), "{bounds}\nin\n{text}");
    }
    let given = compact(Derive::SeqCopy, "#[seqcopy(bound(T: A, U: B,))] struct S<T, U>(T, U) where T: C;");
    assert!(given.contains("whereT:C,T:A,U:B,{"), "{given}");
}

#[test]
fn nothing_is_evaluated_early_for_generic_types() {
    let text = compact(Derive::SeqCopy, "struct S<const N: usize>([u8; N]);");
    assert!(!text.contains("const_:&'static"), "{text}");
}

#[test]
fn a_parameter_may_have_a_raw_name() {
    let text = compact(Derive::SeqCopy, "#[repr(C)] struct S<r#type> { a: r#type, b: [r#type; 2] }");
    assert!(text.contains("r#type:") && text.contains("[r#type;2]:"), "{text}");
}
