//! [`Visitor`] takes the announcements that [`SeqCopy::visit`] makes: where the data of a type lies.
//!
//! The rules (I3 exact). A visit of a `T` at `base` begins with the visitor standing at `base` and ends with
//! it standing at `base + size_of::<T>()`. On the way every data byte is announced once, by [`Visitor::data`] and
//! the others; [`Visitor::seek`] skips bytes that are not data. An announcement therefore never needs
//! to be searched for a gap: bytes announced without a `seek` between them lie side by side.
//!
//! A type without bytes has nothing to announce, wherever in a struct it lies, and no `seek` leads there: its visit begins and
//! ends where the visitor happens to stand. Announcements of no bytes have no effect, so such a type can't move the visitor.

use crate::SeqCopy;
use crate::layout::Span;

/// Takes the announcements of a visit.
pub trait Visitor: Sized {
    /// `len` bytes without pointers, all data. If `len` is 0, nothing: `offset` then has no meaning.
    fn data(&mut self, offset: usize, len: usize);

    /// One thin pointer.
    fn pointer(&mut self, offset: usize);

    /// `len` elements, one after the other.
    fn array<T: SeqCopy>(&mut self, offset: usize, len: usize);

    /// An enum with fields.
    fn enum_with_fields<E: EnumWithFields>(&mut self, offset: usize);

    /// The walk goes on at `next`; nothing between here and there is data.
    fn seek(&mut self, next: usize);

    /// The walk comes to a field that lies in a span: between its start and its end are only data and padding, and it begins and ends
    /// with data. Announced when the walk comes into it, `is_first` the first time. Spans may lie in others.
    ///
    /// Says nothing about which bytes are data, so a visitor need not do anything.
    #[inline(always)]
    fn span(&mut self, span: Span, is_first: bool) {
        let _ = (span, is_first);
    }
}

/// An enum with fields. Implemented by the derive.
///
/// # Safety
/// * `Tag` is the integer type of the enum's repr, which lies at offset 0.
/// * `visit_variant` announces exactly the data bytes of the fields of the variant whose discriminant is `tag`,
///   by the rules of [`Visitor`], and returns whether there is such a variant. It begins behind the tag, of which it
///   announces nothing, and, if there is such a variant, ends at the end of the enum.
pub unsafe trait EnumWithFields: SeqCopy {
    /// The type of the tag.
    type Tag: Copy;

    /// Announces the fields of one variant.
    fn visit_variant<V: Visitor>(tag: Self::Tag, visitor: &mut V, base: usize) -> bool;
}
