//! `Aligned8`, `SeqOption` and others have impls that are written by hand, since the crate works without its derive:
//! they are what the derives make of the same types.

use seqcopy::layout::SCHEMA_START;
use seqcopy::{Layout, MaybeInvalid, SeqCopy, Validate, raw};
use seqcopy_tests::accesses;

mod derived {
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    pub(crate) enum SeqOption<T> {
        None = 0,
        Some(T) = 1,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, align(8))]
    pub(crate) struct Aligned8<T>(pub(crate) T);

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    // SAFETY: it looks at fields of numbers only.
    #[seqcopy(unsafe(check = has_few_nanos))]
    pub(crate) struct SeqDuration {
        pub(crate) secs: u64,
        pub(crate) nanos: u32,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    // SAFETY: it looks at fields of numbers only.
    #[seqcopy(unsafe(check = is_text))]
    pub(crate) struct SeqStr<const N: usize> {
        pub(crate) len: u32,
        pub(crate) bytes: [u8; N],
    }

    fn is_text<const N: usize>(string: &SeqStr<N>) -> Result<(), &'static str> {
        let text = usize::try_from(string.len).ok().and_then(|len| string.bytes.get(..len)).ok_or("its length")?;
        core::str::from_utf8(text).map(drop).map_err(|_| "its text")
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    // SAFETY: it looks at fields of numbers only.
    #[seqcopy(unsafe(check = is_short_enough))]
    pub(crate) struct SeqVec<T, const N: usize> {
        pub(crate) len: u32,
        pub(crate) elements: [T; N],
    }

    fn is_short_enough<T, const N: usize>(vec: &SeqVec<T, N>) -> Result<(), &'static str> {
        if usize::try_from(vec.len).is_ok_and(|len| len <= N) { Ok(()) } else { Err("its length") }
    }

    fn has_few_nanos(duration: &SeqDuration) -> Result<(), &'static str> {
        if duration.nanos < 1_000_000_000 { Ok(()) } else { Err("a second has fewer nanoseconds") }
    }
}

/// A field with padding and with bits that are not valid.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    a: bool,
    b: u32,
    c: seqcopy::SeqOption<char>,
}

/// The bytes of the type, all of them `byte` but for those that are given.
fn image<T>(byte: u8, given: &[(usize, u8)]) -> MaybeInvalid<T> {
    let mut bits = MaybeInvalid::<T>::zeroed();
    let start = bits.as_mut_ptr().cast::<u8>();
    for i in 0..size_of::<T>() {
        let byte = given.iter().find(|(offset, _)| *offset == i).map_or(byte, |(_, byte)| *byte);
        // SAFETY: inside the bits.
        unsafe { start.wrapping_add(i).write(byte) };
    }
    bits
}

/// What a store of the value leaves in memory that was zero.
fn stored<T: SeqCopy>(value: &T) -> Vec<u8> {
    assert!(align_of::<T>() <= 8);
    let mut memory = vec![0u64; size_of::<T>().div_ceil(8)];
    // SAFETY: of the size and the alignment, initialised, and this thread's alone.
    unsafe { raw::store(memory.as_mut_ptr().cast(), value) };
    memory.into_iter().flat_map(u64::to_ne_bytes).collect()
}

/// The picture of a type under its name without parameters, which that of a derived type has.
fn drawn(layout: &Layout, base: usize) -> String {
    layout.display(base).to_string().replace(&layout.type_name().to_string(), layout.name())
}

/// Asserts that two types are described alike, and that the same is stored of their values. The kind in the schema says
/// which of the library's own types it is; a derived one has the kind of its shape.
fn alike<A: SeqCopy, B: SeqCopy>(values: &[(A, B)]) {
    const KIND: usize = 8 + SCHEMA_START.len() + 2;
    let name = A::LAYOUT.name();
    let (a, mut b) = (A::LAYOUT.schema(), B::LAYOUT.schema());
    let kinds = (name, char::from(a[KIND]), char::from(b[KIND]));
    assert!(
        matches!(
            kinds,
            ("SeqOption", 'o', '|')
                | ("SeqStr", 's', '{')
                | ("SeqVec", 'v', '{')
                | ("SeqDuration" | "Aligned8", '{', '{')
        ),
        "{kinds:?}"
    );
    b[KIND] = a[KIND];
    assert_eq!(a, b, "{name}");
    assert_eq!(A::LAYOUT.is_specified(), B::LAYOUT.is_specified(), "{name}");
    for base in [1, 2, 8] {
        assert_eq!(drawn(A::LAYOUT, base), drawn(B::LAYOUT, base));
        assert_eq!(accesses(A::LAYOUT, base), accesses(B::LAYOUT, base), "{name} at base {base}");
    }
    for (a, b) in values {
        assert_eq!(stored(a), stored(b), "{name}");
    }
}

/// The bytes of a value that are changed one by one. Interpreted, some bytes of a long type have to do; a short one's
/// rule may hang on any.
fn places(size: usize) -> impl Iterator<Item = usize> {
    (0..size).step_by(match size {
        _ if !cfg!(miri) => 1,
        ..=16 => 1,
        17..=24 => 2,
        _ => 7,
    })
}

/// Asserts that the same bits pass. A check by hand may say more of what it refuses: which field it is.
fn passes_alike<A: Validate, B: Validate>() {
    let mut passed = [0, 0];
    let fillers = if cfg!(miri) { [0].as_slice() } else { &[0, 1, 0x3a, 0xff] };
    for &filler in fillers {
        for place in places(size_of::<A>()) {
            for byte in [0, 1, 2, 5, 0x3b, 0xff] {
                let a = image::<A>(filler, &[(place, byte)]).validate().is_ok();
                let b = image::<B>(filler, &[(place, byte)]).validate().is_ok();
                assert_eq!(a, b, "{}: {filler} but {byte} at {place}", A::LAYOUT.name());
                passed[usize::from(a)] += 1;
            }
        }
    }
    assert!(!passed.contains(&0), "{}: too few bits were tried: {passed:?}", A::LAYOUT.name());
}

/// Asserts that the same bits pass, and are refused with the same words.
fn checked_alike<A: Validate, B: Validate>() {
    let mut passed = [0, 0];
    let fillers = if cfg!(miri) { [0].as_slice() } else { &[0, 1, 2, 0xd8] };
    for &filler in fillers {
        for place in places(size_of::<A>()) {
            for byte in [0, 1, 2, 0x11, 0xd8, 0xff] {
                let given = [(place, byte)];
                let a = image::<A>(filler, &given).validate().map(drop).map_err(|error| error.to_string());
                let b = image::<B>(filler, &given).validate().map(drop).map_err(|error| error.to_string());
                assert_eq!(a, b, "{}: {filler} but {given:?}", A::LAYOUT.name());
                passed[usize::from(a.is_ok())] += 1;
            }
        }
    }
    assert!(!passed.contains(&0), "{}: too few bits were tried: {passed:?}", A::LAYOUT.name());
}

#[test]
fn aligned8() {
    fn of<T: SeqCopy + Copy>(value: T) {
        alike(&[(seqcopy::Aligned8(value), derived::Aligned8(value))]);
    }
    of(());
    of(7u8);
    of([7u16; 9]);
    of(core::ptr::from_ref(&7));
    of(Padded { a: true, b: 7, c: 'x'.into() });
    checked_alike::<seqcopy::Aligned8<Padded>, derived::Aligned8<Padded>>();
    checked_alike::<seqcopy::Aligned8<[bool; 3]>, derived::Aligned8<[bool; 3]>>();
}

#[test]
fn seq_option() {
    fn of<T: SeqCopy + Copy>(value: T) {
        alike(&[
            (seqcopy::SeqOption::None, derived::SeqOption::None),
            (seqcopy::SeqOption::Some(value), derived::SeqOption::Some(value)),
        ]);
    }
    of(());
    of(7u8);
    of([7u64; 40]);
    of(core::ptr::from_ref(&7));
    of(Padded { a: true, b: 7, c: 'x'.into() });
    of(seqcopy::SeqOption::Some(seqcopy::Aligned8(7u8)));
    checked_alike::<seqcopy::SeqOption<Padded>, derived::SeqOption<Padded>>();
    checked_alike::<seqcopy::SeqOption<bool>, derived::SeqOption<bool>>();
}

#[test]
fn seq_duration() {
    alike(&[(seqcopy::SeqDuration::from(core::time::Duration::new(7, 8)), derived::SeqDuration { secs: 7, nanos: 8 })]);
    passes_alike::<seqcopy::SeqDuration, derived::SeqDuration>();
}

#[test]
fn seq_str() {
    fn of<const N: usize>(text: &str) {
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        let derived = derived::SeqStr { len: u32::try_from(text.len()).unwrap(), bytes };
        alike(&[(seqcopy::SeqStr::<N>::literal(text), derived)]);
        passes_alike::<seqcopy::SeqStr<N>, derived::SeqStr<N>>();
    }
    of::<0>("");
    of::<4>("fish");
    of::<7>("fish");
}

#[test]
fn seq_vec() {
    fn of<T: SeqCopy + Copy, const N: usize>(fill: T) {
        let derived = |len| derived::SeqVec { len, elements: [fill; N] };
        let mut full = seqcopy::SeqVec::<T, N>::new(fill);
        assert!(full.extend_from_slice(&[fill; N]).is_ok());
        alike(&[(seqcopy::SeqVec::new(fill), derived(0)), (full, derived(u32::try_from(N).unwrap()))]);
    }
    of::<_, 3>(7u64);
    of::<_, 0>(7u16);
    of::<_, 2>(());
    of::<_, 5>(core::ptr::from_ref(&7));
    of::<_, 2>(Padded { a: true, b: 7, c: 'x'.into() });
    passes_alike::<seqcopy::SeqVec<Padded, 2>, derived::SeqVec<Padded, 2>>();
    passes_alike::<seqcopy::SeqVec<bool, 5>, derived::SeqVec<bool, 5>>();
}
