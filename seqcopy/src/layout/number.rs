//! Numbers in the bytes of a value, in the byte order of this machine. For programs that inspect values without having
//! their types.

use super::{Field, Layout, Scalar, Shape, Variant};

/// The number in these bytes, of which there are at most 16: extended by its sign if it `is_signed`, else by zeros. A
/// `u128` that is too large for the result has the same bits there.
///
/// ```
/// use seqcopy::layout::number_of;
///
/// let bytes = (-2i16).to_ne_bytes();
/// assert_eq!((number_of(&bytes, true), number_of(&bytes, false)), (-2, 0xfffe));
/// ```
///
/// # Panics
/// If there are more than 16 bytes.
#[doc(hidden)]
#[must_use]
#[inline]
pub fn number_of(bytes: &[u8], is_signed: bool) -> i128 {
    // The frequent case, without a copy of bytes.
    match (bytes.len(), bytes.first_chunk(), bytes.first_chunk()) {
        (4, Some(half), _) if is_signed => return i32::from_ne_bytes(*half).into(),
        (4, Some(half), _) => return u32::from_ne_bytes(*half).into(),
        (8, _, Some(word)) if is_signed => return i64::from_ne_bytes(*word).into(),
        (8, _, Some(word)) => return u64::from_ne_bytes(*word).into(),
        _ => {}
    }
    let len = bytes.len();
    let highest = if cfg!(target_endian = "little") { bytes.last() } else { bytes.first() };
    let fill = if is_signed && highest.is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    let mut all = [fill; 16];
    let place = if cfg!(target_endian = "little") { &mut all[..len] } else { &mut all[16 - len..] };
    place.copy_from_slice(bytes);
    i128::from_ne_bytes(all)
}

/// Stores a number as these bytes, of which there are at most 16, if it fits into an integer of that size, which
/// `is_signed` or is not. Returns whether it does: if not, nothing is stored. (A `u128` is given by its bits.)
///
/// ```
/// use seqcopy::layout::put_number;
///
/// let mut bytes = [0; 2];
/// assert!(put_number(-2, true, &mut bytes));
/// assert_eq!(bytes, (-2i16).to_ne_bytes());
/// assert!(!put_number(-2, false, &mut bytes) && !put_number(40_000, true, &mut bytes));
/// ```
///
/// # Panics
/// If there are more than 16 bytes.
#[doc(hidden)]
#[inline]
pub fn put_number(number: i128, is_signed: bool, bytes: &mut [u8]) -> bool {
    let (all, len) = (number.to_ne_bytes(), bytes.len());
    let low = if cfg!(target_endian = "little") { &all[..len] } else { &all[16 - len..] };
    let fits = number_of(low, is_signed) == number;
    if fits {
        bytes.copy_from_slice(low);
    }
    fits
}

impl Scalar {
    /// Whether it is an integer with a sign, or an option of one.
    ///
    /// ```
    /// use seqcopy::layout::Scalar;
    ///
    /// assert!(Scalar::NonZeroSigned.is_signed() && !Scalar::Char.is_signed());
    /// ```
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Scalar::Signed | Scalar::NonZeroSigned | Scalar::OptionNonZeroSigned)
    }
}

impl Layout {
    /// The number in the tag of an enum's value, which is that of a [`variant`](Self::variants) if the value is valid.
    /// `None` for other types.
    ///
    /// ```
    /// use seqcopy::{SeqCopy, SeqOption};
    ///
    /// let layout = <SeqOption<u16>>::LAYOUT;
    /// let tag = layout.tag_of(&[1, 0, 2, 3]).unwrap();
    /// assert!(layout.variants().iter().any(|variant| variant.name() == "Some" && variant.value() == tag));
    /// ```
    ///
    /// # Panics
    /// If there are less bytes than the tag has.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn tag_of(&self, value: &[u8]) -> Option<i128> {
        match self.shape() {
            Shape::Tags { signed, .. } => Some(number_of(&value[..self.size()], signed)),
            Shape::Enum { tag, .. } => {
                let is_signed = matches!(tag.shape(), Shape::Scalar(scalar) if scalar.is_signed());
                Some(number_of(&value[..tag.size()], is_signed))
            }
            _ => None,
        }
    }

    /// Which of the [`variants`](Self::variants) an enum's value has. `None` if its tag is not valid, and for other
    /// types.
    ///
    /// ```
    /// use seqcopy::{SeqCopy, SeqOption};
    ///
    /// let layout = <SeqOption<u16>>::LAYOUT;
    /// assert_eq!(layout.variant_of(&[9, 0, 2, 3]), None);
    /// let some = layout.variant_of(&[1, 0, 2, 3]).unwrap();
    /// assert_eq!(layout.variants()[some].name(), "Some");
    /// ```
    ///
    /// # Panics
    /// If there are less bytes than the tag has.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn variant_of(&self, value: &[u8]) -> Option<usize> {
        let tag = self.tag_of(value)?;
        self.variants().iter().position(|variant| variant.value() == tag)
    }
}

/// Whether they are the fields of a tuple. For the crates that are pinned to this version.
#[doc(hidden)]
#[must_use]
pub fn are_numbered(fields: &[Field]) -> bool {
    !fields.is_empty() && fields.iter().enumerate().all(|(index, field)| field.name().parse() == Ok(index))
}

/// Stores a valid value where all bytes are zeros. The elements of a list beyond its length must be valid, too, and so
/// zeros do not suffice there for each type.
///
/// ```
/// use core::num::NonZeroU16;
/// use seqcopy::{SeqCopy, layout::put_any};
///
/// let mut bytes = [0; 6];
/// put_any(<[NonZeroU16; 3]>::LAYOUT, &mut bytes);
/// assert_eq!(bytes, [1u16; 3].map(u16::to_ne_bytes).concat()[..]);
/// ```
///
/// # Panics
/// If there are fewer bytes than a value has.
#[doc(hidden)]
pub fn put_any(layout: &Layout, bytes: &mut [u8]) {
    let of_fields = |fields: &[Field], bytes: &mut [u8]| {
        for field in fields {
            put_any(field.layout(), &mut bytes[field.offset()..][..field.layout().size()]);
        }
    };
    let chosen = layout.variants().iter().find(|variant| variant.value() == 0).or(layout.variants().first());
    match layout.shape() {
        Shape::Scalar(Scalar::NonZeroUnsigned | Scalar::NonZeroSigned) => {
            put_number(1, false, bytes);
        }
        Shape::Array { element, .. } if element.size() > 0 => {
            bytes.chunks_exact_mut(element.size()).for_each(|bytes| put_any(element, bytes));
        }
        Shape::Struct { fields, .. } => of_fields(fields, bytes),
        Shape::Tags { signed, .. } => {
            if let Some(variant) = chosen {
                put_number(variant.value(), signed, bytes);
            }
        }
        Shape::Enum { tag, payload, .. } => {
            if let Some(variant) = chosen {
                put_number(variant.value(), variant.value() < 0, &mut bytes[..tag.size()]);
                of_fields(variant.fields(), &mut bytes[payload..]);
            }
        }
        _ => {}
    }
}

/// Whether there is a variant for each tag of this many bytes: they have different ones. For the crates that are pinned
/// to this version.
#[doc(hidden)]
#[must_use]
pub fn has_each_tag(size: usize, variants: &[Variant]) -> bool {
    size < 4 && variants.len() as u64 == 1 << (8 * size)
}

/// The tag as an unsigned bit pattern.
///
/// # Safety
/// `src` is readable for the tag's bytes, which are initialised.
#[inline(always)] // in a caller's crate too, where the size is a constant: every validated scalar is read by it
pub(crate) const unsafe fn read_tag(tag: &Layout, src: *const u8) -> u64 {
    same_contract!(read_number(tag.size, src))
}

/// An integer of 1, 2, 4 or 8 bytes as an unsigned bit pattern. The derive takes no tag that is wider (it refuses
/// `repr(u128)`).
///
/// # Safety
/// `src` is readable for `size` bytes, which are initialised.
#[inline(always)]
pub(crate) const unsafe fn read_number(size: usize, src: *const u8) -> u64 {
    match size {
        1 => same_contract!(take::<u8>(src)) as u64,
        2 => same_contract!(take::<u16>(src)) as u64,
        4 => same_contract!(take::<u32>(src)) as u64,
        _ => same_contract!(take::<u64>(src)),
    }
}

/// Writes a tag, given as an unsigned bit pattern.
///
/// # Safety
/// `dst` is writable for the tag's bytes.
#[allow(clippy::cast_possible_truncation)] // the bits of a tag fit into its bytes
pub(super) const unsafe fn write_tag(tag: &Layout, dst: *mut u8, bits: u64) {
    match tag.size {
        1 => same_contract!(put(dst, bits as u8)),
        2 => same_contract!(put(dst, bits as u16)),
        4 => same_contract!(put(dst, bits as u32)),
        _ => same_contract!(put(dst, bits)),
    }
}

/// A value at any address. Without optimisation, `read_unaligned` and `write_unaligned` are several calls and checks,
/// and a read of this struct is one instruction.
#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Unaligned<W>(W);

/// Reads a word or a pointer of private memory.
///
/// # Safety
/// At `from` lies a `W`, which this thread may read; it needs no alignment (I4 private).
#[inline(always)]
pub(crate) const unsafe fn take<W: Copy>(from: *const u8) -> W {
    // SAFETY: readable, by this function's contract, and no alignment is above 1 (P9 layout).
    unsafe { (*from.cast::<Unaligned<W>>()).0 }
}

/// Writes a word or a pointer to private memory.
///
/// # Safety
/// `to` is writable by this thread alone for the size of a `W`; it needs no alignment (I4 private).
#[inline(always)]
pub(crate) const unsafe fn put<W: Copy>(to: *mut u8, word: W) {
    // SAFETY: writable, by this function's contract, and no alignment is above 1 (P9 layout).
    unsafe { (*to.cast::<Unaligned<W>>()).0 = word };
}

#[cfg(all(test, feature = "derive"))]
mod tests {
    use super::*;
    use crate::SeqCopy;

    /// Compares with the integers of `core`, at the ends of each range and around 0.
    macro_rules! is_as_in_core {
        ($($int:ident $signed:literal)*) => {$(
            for number in [$int::MIN, $int::MIN + 1, 0, 1, 2, $int::MAX / 3, $int::MAX - 1, $int::MAX] {
                let (mut bytes, wide) = (number.to_ne_bytes(), number as i128);
                assert_eq!(number_of(&bytes, $signed), wide, "{number}");
                bytes.fill(0xa5);
                assert!(put_number(wide, $signed, &mut bytes), "{number}");
                assert_eq!(bytes, number.to_ne_bytes());
            }
            let mut bytes = $int::MAX.to_ne_bytes();
            if bytes.len() < 16 {
                let ends = [($int::MAX as i128).checked_add(1), ($int::MIN as i128).checked_sub(1)];
                for beyond in ends.into_iter().flatten() {
                    assert!(!put_number(beyond, $signed, &mut bytes), "{beyond}");
                    assert_eq!(bytes, $int::MAX.to_ne_bytes(), "as it was");
                }
            }
        )*};
    }

    #[test]
    #[allow(
        clippy::cast_lossless,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )] // bits
    fn numbers_are_those_of_core() {
        is_as_in_core! { u8 false u16 false u32 false u64 false u128 false i8 true i16 true i32 true i64 true i128 true }
        assert_eq!((number_of(&[], true), put_number(0, true, &mut [])), (0, true));
    }

    #[derive(Clone, Copy, SeqCopy)]
    #[repr(i16)]
    #[allow(dead_code)] // read as bytes
    enum Sign {
        Minus = -300,
        Plus = 300,
    }

    #[derive(Clone, Copy, SeqCopy)]
    #[repr(u64)]
    #[allow(dead_code)] // read as bytes
    enum Wide {
        Last = u64::MAX,
        First = 0,
    }

    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C, i32)]
    #[allow(dead_code)] // read as bytes
    enum Event {
        Moved { to: u64 } = -7,
        Halted = 0x0100_0000,
    }

    #[cfg(target_pointer_width = "64")] // a discriminant of `repr(C)` is an `isize` first
    #[test]
    fn an_enum_of_c_has_no_sign_where_a_number_needs_its_bit() {
        #[derive(Clone, Copy, SeqCopy)]
        #[repr(C)]
        #[allow(dead_code, clippy::enum_clike_unportable_variant)] // read as bytes; for 64 bits
        enum Large {
            Zero,
            Half = 0x8000_0000,
        }
        assert_eq!(size_of::<Large>(), 4);
        let found = [0u32, 0x8000_0000, 1].map(|tag| Large::LAYOUT.variant_of(&tag.to_ne_bytes()));
        assert_eq!(found, [Some(0), Some(1), None]);
        assert_eq!(Large::LAYOUT.tag_of(&0x8000_0000u32.to_ne_bytes()), Some(0x8000_0000));
    }

    #[test]
    fn tags_are_those_that_the_compiler_stores() {
        // SAFETY: an enum without fields, all of whose bytes are its tag (P14 tag).
        let bytes = |sign: Sign| unsafe { core::mem::transmute::<Sign, [u8; 2]>(sign) };
        assert_eq!([Sign::Minus, Sign::Plus].map(|sign| Sign::LAYOUT.tag_of(&bytes(sign))), [Some(-300), Some(300)]);
        assert_eq!([Sign::Minus, Sign::Plus].map(|sign| Sign::LAYOUT.variant_of(&bytes(sign))), [Some(0), Some(1)]);
        let wide = [u64::MAX, 0, 1].map(|tag| Wide::LAYOUT.variant_of(&tag.to_ne_bytes()));
        assert_eq!(wide, [Some(0), Some(1), None]);
        let tag_alone = [-7i32, 1 << 24, 7].map(|tag| Event::LAYOUT.variant_of(&tag.to_ne_bytes()));
        assert_eq!(tag_alone, [Some(0), Some(1), None]);
        assert_eq!((u8::LAYOUT.tag_of(&[1]), <[Sign; 2]>::LAYOUT.variant_of(&[0; 4])), (None, None));
    }
}
