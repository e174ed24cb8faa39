//! The fingerprints of one type of each kind, for all time: one that changes makes every region of such a type another
//! program's, as if its type had changed. So these numbers are never changed; a change of the schema gives it another
//! number (`seqcopy schema 2`), and another list. Fingerprints depend on the width of pointers and the byte order; the
//! list is that of most machines.

#![cfg(all(target_pointer_width = "64", target_endian = "little"))]
#![allow(dead_code)] // only the layouts are looked at

use core::cmp::Ordering;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};
use core::num::{NonZeroI16, NonZeroU128, Wrapping};
use core::ops::Range;

use seqcopy::{Layout, SeqCopy, SeqDuration, SeqOption, SeqStr, SeqVec, Validate};
use seqcopy_tests::corpus::{BothWide, LastTag, LongTag, SkipsAligned};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Struct {
    byte: u8,
    word: u32,
}

#[derive(Clone, Copy, SeqCopy)]
#[repr(C, packed(2))]
struct Packed {
    byte: u8,
    word: u32,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, align(32))]
struct Aligned(u16);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(transparent)]
struct Transparent(Struct);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Unit;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Generic<T, const N: usize> {
    list: [T; N],
}

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Raw {
    r#type: *const u8,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Unsigned {
    A = 3,
    B = 200,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i16)]
enum Signed {
    A = -3,
    B = 200,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
enum AsInC {
    A,
    B,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Fields {
    A,
    B(u8, u32),
    C { inner: Struct },
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, i8)]
enum FieldsAfterTag {
    A(u64) = -1,
    B = 4,
}

macro_rules! list {
    ($($ty:ty = $fingerprint:literal,)*) => {
        [$((stringify!($ty), <$ty as SeqCopy>::LAYOUT, $fingerprint)),*]
    };
}

#[test]
fn fingerprints_are_those_of_every_release() {
    let list: &[(&str, &Layout, u64)] = &list![
        u8 = 0xc33f_0c18_2a34_3682,
        u16 = 0x3335_1fdb_11c2_cc22,
        u32 = 0x5348_f855_42a5_a0e2,
        u64 = 0x1356_3351_633c_d962,
        u128 = 0x9370_a949_a46b_4a62,
        usize = 0x1356_3351_633c_d962,
        i8 = 0x1127_dc73_1011_a91e,
        i16 = 0x811d_f035_f7a0_3ebe,
        i32 = 0x2117_52b7_e754_a27e,
        i64 = 0x610a_17bb_c6bd_69fe,
        i128 = 0xe0ef_a1c3_858e_f8fe,
        isize = 0x610a_17bb_c6bd_69fe,
        f32 = 0x96e2_fedd_c71b_923f,
        f64 = 0xd6d5_c3e1_a684_59bf,
        bool = 0xeb8f_db39_2c2c_22d3,
        char = 0x8cc9_20fb_e810_f300,
        () = 0x3833_9414_8d3b_47b0,
        (u64,) = 0x8986_5ac9_8e3f_e45a,
        Range<u8> = 0x2991_ed57_1ece_c43f,
        [u16; 5] = 0x6b32_fa06_d4fc_2c10,
        [[bool; 2]; 3] = 0xe79a_23e3_3489_4842,
        NonZeroI16 = 0xbc7b_0017_ab01_188a,
        NonZeroU128 = 0xcd75_6dac_cc17_9c57,
        Option<NonZeroI16> = 0x9763_7f25_4607_e6ea,
        Wrapping<u64> = 0x1356_3351_633c_d962,
        Ordering = 0xae9f_6122_9c65_1874,
        Ipv4Addr = 0xb696_6cd5_3fbf_a439,
        Ipv6Addr = 0xf9fd_6faa_0bab_f757,
        SocketAddrV4 = 0x77d4_c0b1_c2dc_8eb4,
        SeqDuration = 0xe2f6_74bf_a789_13ae,
        SeqOption<f32> = 0x5b0b_ba5f_4f5d_ea07,
        SeqStr<12> = 0x1549_99da_e259_f2ae,
        SeqVec<i64, 3> = 0x7efe_107b_9843_fcb5,
        Struct = 0x4589_a357_052c_e7a1,
        Packed = 0xe156_f4ea_e39c_e99e,
        Aligned = 0xa8b5_7282_c883_0c0e,
        Transparent = 0x6700_8d15_26f6_e71b,
        Unit = 0x8d17_8dd8_dfc5_fe6f,
        Generic<u8, 3> = 0x403e_fd6c_d5a9_5348,
        Raw = 0xaf6d_2cb3_bec6_feaa,
        Unsigned = 0xd270_9190_8e48_817b,
        Signed = 0xf490_b5e7_768b_6062,
        AsInC = 0xd454_e342_acd5_d832,
        Fields = 0xc290_1bee_bb3c_9d5a,
        FieldsAfterTag = 0x9376_638c_36c3_4c01,
        SkipsAligned = 0xaad0_4cc3_90ee_558b,
        LongTag = 0xe27b_554d_a223_72af,
        LastTag = 0x85de_39d7_c787_b51c,
        BothWide = 0x2fb6_a9ce_6284_9aea,
    ];
    let differing: Vec<_> = list
        .iter()
        .map(|(name, layout, expected)| (name, layout.fingerprint(), *expected))
        .filter(|(_, found, expected)| found != expected)
        .map(|(name, found, _)| format!("{name} = {found:#018x},"))
        .collect();
    assert!(differing.is_empty(), "other programs no longer know these types:\n{}", differing.join("\n"));
}
