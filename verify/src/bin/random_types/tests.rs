//! The generator is deterministic, and follows its options.

use seqcopy_tests::oracle::Rng;

use crate::facts::{NARROW, WIDE, fact};
use crate::generate::definitions;
use crate::model::{Body, Int, Len, Pointer, Ty};
use crate::project::chunk;

#[test]
fn a_seed_gives_the_same_types() {
    let text = |seed| chunk(&mut Rng::new(seed), 0, 20, seed == 2);
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn every_shape_comes_up() {
    let text: String = (0..20).map(|seed| chunk(&mut Rng::new(seed), 0, 50, false)).collect();
    for shape in [
        "#[repr(C)]\npub struct",
        "#[repr(C)]\npub enum",
        "#[repr(transparent)]",
        "#[repr(packed)]",
        "#[repr(C, packed)]",
        "#[repr(C, packed(2))]",
        "#[repr(packed(4))]",
        "#[repr(C, align(64))]",
        "#[repr(align(16))]",
        "#[repr(i8)]",
        "#[repr(C, u16)]",
        "#[repr(u64)]",
        "#[repr(isize)]",
        "const N: usize",
        "; N]",
        "A",
        "*const T1",
        "NonNull<",
        "Option<&'static u64>",
        "unsafe fn(u8, u8) -> u64",
        "Option<extern \"C\" fn(u32) -> u64>",
        "SeqOption<",
        "u128",
        "Option<core::num::NonZero<i128>>",
        "PhantomData<",
        "#[seqcopy(skip)]",
        "unsafe(as = ",
        "unsafe(check = ",
        "seqcopy(check = ",
        "bound(",
        "; 0]",
        "r#type",
        "o::Vector",
        "ManuallyDrop<",
        "#[seqcopy(remote = T",
        "#[seqcopy(unsafe(remote = T",
        "#[seqcopy(with = T",
        "#[seqcopy(with = [T",
        "#[seqcopy(with = seqcopy::Bytemuck)]",
        "#[seqcopy(with = [seqcopy::Zerocopy; ",
        "seqcopy::Remote<T",
        "seqcopy::Remote<[u16; ",
        "SeqOption<seqcopy::Remote<T",
        "<seqcopy::Remote<bool, seqcopy::Zerocopy>",
        "seqcopy::part!(T",
        "seqcopy::part!(seqcopy::Remote<T",
        ", value.f1",
        ".1.0",
        ".index(at[1])",
        ".index(0)",
        ".then(seqcopy::part!((",
        ".then(seqcopy::part!(seqcopy::Remote<T",
        "&raw mut (*value), o::",
        "o::one_part::bits",
        "o::one_part::lock",
        "o::one_part::latch",
        "o::one_part::writer_of_lock",
        "o::one_part::writer_of_latch",
        "pub struct T3;",
    ] {
        assert!(text.contains(shape) || shape.ends_with("T3;"), "`{shape}` never comes up");
    }
}

#[test]
fn layouts_follow_the_reference() {
    let text = |ty: &Ty| [WIDE, NARROW].map(|target| fact(&[], target, ty).text());
    let int = |name| Ty::Int(*Int::ALL.iter().find(|int| int.name == name).unwrap());
    let pair = Ty::Aligned8(Box::new(int("u16")));
    assert_eq!(text(&pair), ["2d6.", "2d6."]);
    let array = Ty::Array(Box::new(pair), Len::Number(2));
    assert_eq!(text(&array), ["2d6.2d6.", "2d6.2d6."]);
    assert_eq!(text(&Ty::SeqOption(Box::new(int("u64")))), ["1d7.8d", "1d3.8d"]);
    let pointer = Ty::Pointer(Pointer::Const(Box::new(Ty::Unit)));
    assert_eq!(text(&Ty::SeqOption(Box::new(pointer))), ["1d7.8p", "1d3.4p"]);
}

#[test]
fn discriminants_differ() {
    for seed in 0..20 {
        for def in definitions(&mut Rng::new(seed), 0, 30, true) {
            if let Body::Tags { variants, .. } | Body::Choice { variants, .. } = def.body {
                let mut values: Vec<i128> = variants.iter().map(|variant| variant.value).collect();
                values.sort_unstable();
                values.dedup();
                assert_eq!(values.len(), variants.len(), "{}", def.name);
            }
        }
    }
}
