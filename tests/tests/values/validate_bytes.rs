//! `Layout::validate` and `derive(Validate)` give the same result for the same bits, down to the path and text of
//! errors.

use core::cmp::{Ordering, Reverse};
use core::marker::{PhantomData, PhantomPinned};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::net::{Ipv4Addr, Ipv6Addr};
use core::num::{NonZeroI16, NonZeroU8, NonZeroU128, Wrapping};

use seqcopy::{Aligned8, MaybeInvalid, SeqCopy, SeqDuration, SeqOption, SeqStr, SeqVec, Validate};
use seqcopy_tests::corpus::{Choice, ChoiceInPacked, Level, Mode, Nested, Outer, Packed, Padded, Sparse, StyleC};
use seqcopy_tests::oracle::{Rng, Vector};

/// A scalar of each kind, in one struct.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Leaves {
    flags: [bool; 3],
    letter: char,
    number: NonZeroI16,
    wide: NonZeroU128,
    maybe: Option<NonZeroI16>,
    #[seqcopy(skip)]
    reserved: MaybeUninit<[u8; 6]>,
    deep: [SeqOption<[Mode; 2]>; 3],
    nothing: [[(); 3]; 2],
    float: f32,
}

/// Bits that are these bytes.
fn bits_of<T: Validate>(bytes: &[u8]) -> MaybeInvalid<T> {
    assert_eq!(bytes.len(), size_of::<T>());
    let mut bits = MaybeInvalid::<T>::zeroed();
    // SAFETY: inside the private copy, as long as it.
    unsafe { bits.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    bits
}

/// Random bytes, many of them 0 and 1, so that deeply nested fields are reached.
fn agree<T: Validate>(rng: &mut Rng, rounds: usize) {
    let (mut valid, mut invalid) = (0, 0);
    for round in 0..rounds {
        let mut bytes = vec![0u8; size_of::<T>()];
        for byte in &mut bytes {
            *byte = match rng.below(12) {
                0..5 => 0,
                5..9 => 1,
                9 => 7,
                10 if round % 2 == 0 => u8::try_from(rng.below(256)).expect("a byte"),
                _ => 3,
            };
        }
        match (bits_of::<T>(&bytes).validate_ref().map(|_| ()), T::LAYOUT.validate(&bytes)) {
            (Ok(()), Ok(())) => valid += 1,
            (Err(typed), Err(untyped)) => {
                assert_eq!((typed, typed.to_string()), (untyped, untyped.to_string()), "{bytes:?}");
                invalid += 1;
            }
            (typed, untyped) => {
                panic!("{}: {typed:?} by its type, {untyped:?} by its layout: {bytes:?}", T::LAYOUT.name())
            }
        }
    }
    assert!(valid + invalid == rounds);
    assert!(T::LAYOUT.is_padding_free() || invalid > 0, "{}: no bits were refused", T::LAYOUT.name());
}

#[test]
fn layout_and_derive_agree() {
    let mut rng = Rng::new(7);
    let rounds = if cfg!(miri) { 8 } else { 3000 };
    agree::<Leaves>(&mut rng, rounds);
    agree::<[bool; 5]>(&mut rng, rounds);
    agree::<Padded>(&mut rng, rounds);
    agree::<Packed>(&mut rng, rounds);
    agree::<Nested>(&mut rng, rounds);
    agree::<Mode>(&mut rng, rounds);
    agree::<Sparse>(&mut rng, rounds);
    agree::<Level>(&mut rng, rounds);
    agree::<Choice>(&mut rng, rounds);
    agree::<StyleC>(&mut rng, rounds);
    agree::<Outer>(&mut rng, rounds);
    agree::<ChoiceInPacked>(&mut rng, rounds);
    agree::<[SeqOption<Choice>; 2]>(&mut rng, rounds);
    agree::<SeqStr<2>>(&mut rng, rounds);
    agree::<SeqVec<u8, 2>>(&mut rng, rounds);
    agree::<[SeqVec<bool, 1>; 2]>(&mut rng, rounds);
    agree::<[SeqStr<1>; 2]>(&mut rng, rounds);
}

/// All fields are numbers, or structs of them.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Numbers<T> {
    low: u8,
    all: [u64; 2],
    #[seqcopy(skip)]
    reserved: std::mem::MaybeUninit<u16>,
    rest: T,
}

/// Any number, of which the check refuses one; and an invariant by hand is not for the derive to know.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(transparent)]
#[seqcopy(check = not_seven)]
struct NotSeven(u8);

#[allow(clippy::trivially_copy_pass_by_ref)] // what a hook gets
fn not_seven(bits: &seqcopy::MaybeInvalid<NotSeven>) -> Result<(), &'static str> {
    if bits.as_bytes()[0] == 7 { Err("seven") } else { Ok(()) }
}

/// Each tag is that of a variant; an enum never says so all the same.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Named(SeqOption<u8>);

/// What is said of a type, so that its bits need not be looked at, is what its check and its layout find: none refuses
/// any.
#[test]
fn types_that_refuse_no_bits_say_so() {
    fn agrees<T: Validate>(rng: &mut Rng) {
        // The layout does not know hooks.
        let refuses = |bytes: &[u8]| {
            let by_check = bits_of::<T>(bytes).validate_ref().is_err();
            assert!(by_check || T::LAYOUT.validate(bytes).is_ok());
            by_check
        };
        let mut bytes = vec![0; size_of::<T>()];
        let mut refused = refuses(&bytes);
        for _ in 0..if cfg!(miri) { 20 } else { 3000 } {
            bytes.fill_with(|| u8::try_from(rng.below(256)).expect("a byte"));
            refused |= refuses(&bytes);
        }
        assert_eq!(T::ANY_BITS, !refused, "{}", T::LAYOUT.name());
    }
    macro_rules! agree {
        ($($type:ty),+ $(,)?) => {
            let mut rng = Rng::new(9);
            $(agrees::<$type>(&mut rng); agrees::<[$type; 2]>(&mut rng); agrees::<Aligned8<$type>>(&mut rng);)+
        };
    }
    agree! {
        u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, bool, char, Ordering,
        NonZeroU8, NonZeroI16, NonZeroU128, Option<NonZeroU8>, Option<NonZeroI16>, Option<NonZeroU128>,
        Wrapping<u32>, Wrapping<bool>, Reverse<char>, ManuallyDrop<i64>, Vector, Ipv4Addr, Ipv6Addr,
        (), PhantomData<bool>, PhantomPinned, [bool; 3], [[u16; 2]; 2],
        SeqOption<u8>, SeqStr<3>, SeqVec<u8, 2>, SeqDuration,
        Numbers<f32>, Numbers<[Numbers<i128>; 2]>, Numbers<bool>, Numbers<Numbers<char>>, Numbers<Mode>, Numbers<Named>,
    }
    if !cfg!(miri) {
        agree! { NotSeven, Numbers<NotSeven> }
    }
}

#[test]
fn values_of_any_bits_need_no_check() {
    let bytes: Vec<u8> = (1..).take(size_of::<Numbers<u32>>()).collect();
    let value = bits_of::<Numbers<u32>>(&bytes).value();
    assert_eq!((value.low, value.all[0].to_ne_bytes()[0], value.rest.to_ne_bytes()[0]), (1, 9, 29));
}

/// One length is accepted, from each address.
#[test]
fn bits_come_from_as_many_bytes_as_a_value_has() {
    let bytes: Vec<u8> = (0..40).collect();
    for (at, len) in (0..8).flat_map(|at| (0..24).map(move |len| (at, len))) {
        let bits = seqcopy::MaybeInvalid::<[u64; 2]>::from_bytes(&bytes[at..][..len]);
        assert_eq!(bits.map(|bits| bits.as_bytes().to_vec()), (len == 16).then(|| bytes[at..][..16].to_vec()));
    }
    assert!(seqcopy::MaybeInvalid::<()>::from_bytes(&[]).is_some());
}

/// Numbers of 16 bytes of which one bit is set.
#[test]
fn each_bit_of_a_wide_number_counts() {
    for bit in 0..128 {
        let bytes = (1u128 << bit).to_ne_bytes();
        assert_eq!(NonZeroU128::LAYOUT.validate(&bytes).map_err(|error| error.to_string()), Ok(()), "bit {bit}");
    }
    assert!(NonZeroU128::LAYOUT.validate(&[0; 16]).is_err());
}

#[test]
fn wrong_lengths_and_pointers_are_refused() {
    let error = u32::LAYOUT.validate(&[0; 3]).unwrap_err();
    assert_eq!(error.to_string(), "invalid `u32`: the number of bytes is not the size of the type");
    let error = <(u32, *const u8)>::LAYOUT.validate(&[0; size_of::<(u32, *const u8)>()]).unwrap_err();
    assert!(error.to_string().ends_with("it has pointers, which mean nothing outside their process"), "{error}");
    assert_eq!(<()>::LAYOUT.validate(&[]), Ok(()));
}

/// As the elements that are in use are checked by a program that has the schema only.
#[test]
fn an_invalid_element_of_a_slice_is_named_by_its_number() {
    let layout = SeqVec::<[bool; 2], 4>::LAYOUT;
    let bytes = [&3u32.to_ne_bytes()[..], &[1, 0, 1, 1, 0, 2, 7]].concat();
    let error = layout.validate_slice(&bytes).expect_err("2 is not a `bool`");
    assert_eq!(error.path().to_string(), "elements[2][1]");
    assert_eq!(layout.validate_slice(&bytes[..9]).expect_err("too few").path().to_string(), "");
    assert_eq!(layout.validate_slice(&[&[2], &bytes[1..]].concat()), Ok(()), "what follows is not in use");
}
