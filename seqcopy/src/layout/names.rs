//! Comparing names, in constants. Every derived check does it when it is compiled, and the interpreter of constants takes a
//! microsecond for a call and a tenth of one for anything else: so texts are compared by words, and functions are called where it
//! can't be helped.

use super::tree::{Field, Shape};

/// A word at any address, and what follows it.
#[repr(C, packed)]
struct Unaligned<W>(W, ());

/// Two texts of which the beginnings are compared.
struct Texts {
    a: *const u8,
    b: *const u8,
}

impl Texts {
    /// Goes on after the next `len` bytes if they are the same in both.
    ///
    /// # Safety
    /// Both have this many initialised bytes.
    const unsafe fn skip(&mut self, len: usize) -> bool {
        let mut left = len;
        /// Goes on after a word.
        macro_rules! word {
            ($word:ty) => {
                let (a, b) = (self.a.cast::<Unaligned<$word>>(), self.b.cast::<Unaligned<$word>>());
                // SAFETY: this many bytes are left, by this function's contract; integers have no invalid bits (P5 scalar).
                let first = unsafe { (*a).0 };
                // SAFETY: as above (P5 scalar).
                let second = unsafe { (*b).0 };
                if first != second {
                    return false;
                }
                // SAFETY: the end of these bytes, inside or at the end of the text (P9 layout, P10 raw-place).
                self.a = unsafe { &raw const (*a).1 }.cast();
                // SAFETY: as above (P9 layout, P10 raw-place).
                self.b = unsafe { &raw const (*b).1 }.cast();
                left -= size_of::<$word>();
            };
        }
        while left >= 8 {
            word!(u64);
        }
        if left >= 4 {
            word!(u32);
        }
        while left > 0 {
            word!(u8);
        }
        true
    }
}

/// `a == b`.
pub(super) const fn same_text(a: &str, b: &str) -> bool {
    let len = a.len();
    // SAFETY: if they have the same length, both have this many bytes, which are initialised (P5 scalar).
    len == b.len() && unsafe { Texts { a: a.as_ptr(), b: b.as_ptr() }.skip(len) }
}

/// Whether `names` is the names of the fields that are not skipped, each followed by [`END`].
pub(crate) const fn are_named(fields: &[Field], names: &str) -> bool {
    let mut rest = Texts { a: names.as_ptr(), b: names.as_ptr() };
    let (count, mut left, mut i) = (fields.len(), names.len(), 0);
    while i < count {
        let field = &fields[i];
        i += 1;
        if matches!(field.layout.shape, Shape::Skipped) {
            continue;
        }
        let len = field.name.len();
        if left <= len {
            return false;
        }
        rest.b = field.name.as_ptr();
        // SAFETY: both have this many bytes, which are initialised (P5 scalar).
        if !unsafe { rest.skip(len) } {
            return false;
        }
        rest.b = END.as_ptr();
        // SAFETY: both have one more byte, which is initialised (P5 scalar).
        if !unsafe { rest.skip(1) } {
            return false;
        }
        left -= len + 1;
    }
    left == 0
}

/// What follows each name in a list of names. No name contains it.
const END: &str = "\n";

#[cfg(test)]
mod tests {
    use super::{are_named, same_text};
    use crate::SeqCopy as _;
    use crate::layout::{Field, Layout};

    #[test]
    fn texts_of_every_length_differ_in_every_byte() {
        let text = "abcdefghijklmnopqrstuvwxyz";
        for len in 0..text.len() {
            let whole = &text[..len];
            assert!(same_text(whole, &std::string::String::from(whole)));
            assert!(!same_text(whole, &text[..=len]));
            assert!(!same_text(&text[..=len], whole));
            for at in 0..len {
                let other = std::format!("{}-{}", &whole[..at], &whole[at + 1..]);
                assert!(!same_text(whole, &other) && !same_text(&other, whole), "{other}");
            }
        }
    }

    #[test]
    fn names_are_compared_with_their_ends() {
        static HOLE: Layout = Layout::of_skipped(1, 1);
        let of = |name| Field::new(name, 0, u8::LAYOUT);
        let fields = [of("ab"), Field::new("hole", 0, &HOLE), of("c"), of("a_long_name")];
        assert!(are_named(&fields, "ab\nc\na_long_name\n"));
        assert!(are_named(&fields[..0], "") && are_named(&fields[1..2], ""));
        for other in [
            "",
            "ab\nc\n",
            "a\nbc\na_long_name\n",
            "abc\na_long_name\n",
            "ab\nc\na_long_name",
            "ab\nc\na_long_nama\n",
            "ab\nc\na_long_name\n\n",
            "ab\nhole\nc\na_long_name\n",
            "ab\nc\na_long_name\nd\n",
            "c\nab\na_long_name\n",
        ] {
            assert!(!are_named(&fields, other), "{other}");
        }
    }
}
