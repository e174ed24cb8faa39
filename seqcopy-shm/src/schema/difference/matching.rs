//! [`Matched`] pairs the fields of two types that have the same names.

use core::mem::MaybeUninit;
use std::sync::Arc;

use super::{Difference, describe, differ};
use crate::schema::Schema;
use seqcopy::Layout;
use seqcopy::layout::{Field, FieldDefault, Path, Shape, Variant, put_number};
use seqcopy::raw::__shm::Move;

/// The maximum number of moves and enums. The other type comes from another process.
const MOST: usize = 1 << 20;

/// How the bytes of one type's value become a value of another type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matched {
    pub(crate) moves: Vec<Move>,
    fills: Vec<Fill>,
    pub(crate) enums: Vec<Unlike>,
}

/// Bytes that are missing in the other type.
#[derive(Debug, Clone)]
struct Fill {
    to: usize,
    bytes: Arc<[MaybeUninit<u8>]>,
}

/// An enum whose variants have fields at different offsets in the two types, so that the tag decides what is copied
/// where.
#[derive(Debug, Clone)]
pub(crate) struct Unlike {
    pub(crate) from: usize,
    to: usize,
    /// The size in the other type.
    pub(crate) size: usize,
    /// The variants that both types have. Each has its tag, and its fields.
    variants: Arc<[(Box<[u8]>, Matched)]>,
    /// The size of the tag.
    tag: usize,
}

/// The error for a type that would need too much memory.
pub(crate) fn too_large(there: &Layout) -> Difference {
    differ(&Path::Root, format!("{} with more than {MOST} groups of bytes", describe(there)), "fewer").unwrap_err()
}

/// The error for a type that is not a slice, or that is a slice of elements without bytes.
pub(crate) fn no_slice(there: &Layout) -> Difference {
    differ(&Path::Root, describe(there), "a slice of a type with these fields").unwrap_err()
}

impl Matched {
    /// Pairs the fields. Fails at the first field of `here`, in the order of declaration, that is missing in the other
    /// type or has another type there.
    pub(crate) fn compare(path: &Path<'_>, here: &Layout, there: &Layout) -> Result<Matched, Difference> {
        let mut matched = Matched::default();
        matched.node(path, here, there, 0, 0)?;
        matched.moves = Move::joined(matched.moves);
        Ok(matched)
    }

    /// Pairs the fields of elements of slices.
    pub(crate) fn of_elements(here: &Layout, there: &Layout) -> Result<Matched, Difference> {
        Self::compare(&Path::From(&Path::Field(&Path::Root, "elements"), 0), here, there)
    }

    /// Whether the other type has the same bytes at the same offsets, and `size` of them.
    pub(crate) fn is_identity(&self, size: usize) -> bool {
        let is_all = matches!(*self.moves, [Move { from: 0, to: 0, len }] if len == size);
        (is_all || size == 0) && self.fills.is_empty() && self.enums.is_empty()
    }

    /// Pairs a node at `from` in the other type with one at `to` in this type.
    fn node(
        &mut self,
        path: &Path<'_>,
        here: &Layout,
        there: &Layout,
        from: usize,
        to: usize,
    ) -> Result<(), Difference> {
        let is_same_size = here.size() == there.size();
        match (here.shape(), there.shape()) {
            (Shape::Scalar(a), Shape::Scalar(b)) if a == b && is_same_size => self.moved(from, to, here.size()),
            (Shape::Plain, Shape::Plain) if here.name() == there.name() && is_same_size => {
                self.moved(from, to, here.size());
            }
            (Shape::Array { element, len, .. }, Shape::Array { element: other, len: others, .. }) if len == others => {
                let mut one = Matched::default();
                one.node(&Path::From(path, 0), element, other, 0, 0)?;
                self.repeated(one, len, (from, other.size()), (to, element.size())).map_err(|()| too_large(there))?;
            }
            (Shape::Struct { fields, .. }, Shape::Struct { fields: others, .. })
                if here.mark() == there.mark()
                    && Schema::slice_of(here).is_some() == Schema::slice_of(there).is_some() =>
            {
                self.fields(path, fields, others, from, to)?;
            }
            (Shape::Tags { signed, variants, .. }, Shape::Tags { signed: other, variants: others, .. })
                if signed == other && is_same_size =>
            {
                check_tags(path, variants, others)?;
                self.moved(from, to, here.size());
            }
            (
                Shape::Enum { tag, payload, variants, .. },
                Shape::Enum { tag: other_tag, payload: other_payload, variants: others, .. },
            ) if here.mark() == there.mark() && describe(tag) == describe(other_tag) => {
                check_tags(path, variants, others)?;
                let each = |variant: &Variant| others.iter().find(|it| it.name() == variant.name());
                let mut both = Vec::new();
                for (variant, other) in variants.iter().filter_map(|it| Some((it, each(it)?))) {
                    let mut matched = Matched::default();
                    let path = Path::Field(path, variant.name());
                    matched.fields(&path, variant.fields(), other.fields(), other_payload, payload)?;
                    both.push((tag_bytes(variant, tag.size()), matched));
                }
                self.variants(both, (here, variants.len(), to), (there, from), tag.size());
            }
            _ => return differ(path, describe(there), describe(here)),
        }
        if self.moves.len() + self.enums.len() > MOST { Err(too_large(there)) } else { Ok(()) }
    }

    fn moved(&mut self, from: usize, to: usize, len: usize) {
        self.moves.push(Move { from, to, len });
    }

    /// Pairs the fields of a struct or a variant. Their offsets count from these places.
    fn fields(
        &mut self,
        path: &Path<'_>,
        here: &[Field],
        there: &[Field],
        from: usize,
        to: usize,
    ) -> Result<(), Difference> {
        // A skipped field is a hole, so the bytes of the other type do not matter.
        for field in here.iter().filter(|it| !matches!(it.layout().shape(), Shape::Skipped)) {
            let path = Path::Field(path, field.name());
            let to = to + field.offset();
            match (there.iter().find(|it| it.name() == field.name()), field.default()) {
                (Some(other), _) => self.node(&path, field.layout(), other.layout(), from + other.offset(), to)?,
                (None, Some(default)) => self.fills.push(Fill::of_default(default, field.layout(), to)),
                (None, None) => differ(&path, "no such field", describe(field.layout()))?,
            }
        }
        Ok(())
    }

    /// Repeats the moves of one element for a whole array, with the strides of both arrays. Fails if there are too
    /// many.
    fn repeated(
        &mut self,
        mut one: Matched,
        len: usize,
        (from, stride): (usize, usize),
        (to, size): (usize, usize),
    ) -> Result<(), ()> {
        one.moves = Move::joined(one.moves);
        if let ([Move { from: 0, to: 0, len: all }], [], []) = (&*one.moves, &*one.fills, &*one.enums) {
            if (*all, *all) == (stride, size) {
                self.moved(from, to, all * len);
                return Ok(());
            }
        }
        let each = one.moves.len() + one.fills.len() + one.enums.len();
        if each.saturating_mul(len) > MOST {
            return Err(());
        }
        (0..if each == 0 { 0 } else { len }).for_each(|i| self.add(&one, from + i * stride, to + i * size));
        Ok(())
    }

    /// Adds all moves of `other`, counted from these places.
    fn add(&mut self, other: &Matched, from: usize, to: usize) {
        self.moves.extend(other.moves.iter().map(|it| Move { from: from + it.from, to: to + it.to, ..*it }));
        self.fills.extend(other.fills.iter().map(|it| Fill { to: to + it.to, ..it.clone() }));
        self.enums.extend(other.enums.iter().map(|it| Unlike { from: from + it.from, to: to + it.to, ..it.clone() }));
    }

    /// Pairs an enum with fields. `both` are the variants that both types have.
    fn variants(
        &mut self,
        both: Vec<(Box<[u8]>, Matched)>,
        (here, count, to): (&Layout, usize, usize),
        (there, from): (&Layout, usize),
        tag: usize,
    ) {
        if both.len() < count {
            // No valid value of the other type has these variants. If a hostile process writes their tags, their fields
            // must not stay uninitialised.
            self.fills.push(Fill { to, bytes: vec![MaybeUninit::new(0); here.size()].into() });
        }
        let is_alike =
            |it: &Matched| it.moves.iter().all(|it| it.from == it.to) && it.fills.is_empty() && it.enums.is_empty();
        if both.iter().all(|(_, matched)| is_alike(matched)) {
            self.moved(from, to, tag);
            for (_, matched) in &both {
                self.add(matched, from, to);
            }
            return;
        }
        self.enums.push(Unlike { from, to, size: there.size(), variants: both.into(), tag });
    }

    pub(crate) fn has_fills(&self) -> bool {
        !self.fills.is_empty()
    }

    /// Writes the bytes that do not depend on the other value.
    ///
    /// # Safety
    /// `value` is writable for the size of the type `here` by this thread alone.
    pub(crate) unsafe fn fill(&self, value: *mut u8) {
        for Fill { to, bytes } in &self.fills {
            // SAFETY: the place of a field, inside of the type (I3 exact); this function's contract (I4 private).
            unsafe { bytes.as_ptr().copy_to_nonoverlapping(value.wrapping_add(*to).cast(), bytes.len()) };
        }
    }

    /// Constructs a value from the bytes of a value of the other type.
    ///
    /// # Safety
    /// The contract of [`fill`](Self::fill).
    pub(crate) unsafe fn put(&self, bytes: &[u8], value: *mut u8) {
        same_contract!(self.fill(value));
        for &Move { from, to, len } in &self.moves {
            // SAFETY: to the place of a field, inside of the type (I3 exact, I4 private).
            unsafe { bytes[from..][..len].as_ptr().copy_to_nonoverlapping(value.wrapping_add(to), len) };
        }
        for unlike in &self.enums {
            same_contract!(unlike.put(&bytes[unlike.from..], value));
        }
    }
}

impl Unlike {
    /// Constructs the enum from its bytes in the other type. If no common variant has the tag, only the tag is copied.
    /// If this type has a variant with that tag, its fields are zeros.
    ///
    /// # Safety
    /// `value` is the value that [`Matched::fill`] has filled.
    pub(crate) unsafe fn put(&self, bytes: &[u8], value: *mut u8) {
        let tag = &bytes[..self.tag];
        // SAFETY: the enum lies inside of the type (I3 exact).
        let value = unsafe { value.add(self.to) };
        // SAFETY: an enum begins with its tag (P14 tag); this function's contract (I4 private).
        unsafe { tag.as_ptr().copy_to_nonoverlapping(value, tag.len()) };
        if let Some((_, matched)) = self.variants.iter().find(|(it, _)| **it == *tag) {
            // SAFETY: the same place, of the enum (I3 exact, I4 private).
            unsafe { matched.put(bytes, value) };
        }
    }
}

impl Fill {
    fn of_default(default: FieldDefault, layout: &Layout, to: usize) -> Fill {
        let mut bytes: Box<[MaybeUninit<u8>]> = vec![MaybeUninit::uninit(); layout.size()].into();
        // SAFETY: as many bytes as a value of the field's type has; it is written to any address (I4 private).
        unsafe { default.put(bytes.as_mut_ptr().cast()) };
        Fill { to, bytes: bytes.into() }
    }
}

/// The bytes of a variant's tag.
fn tag_bytes(variant: &Variant, size: usize) -> Box<[u8]> {
    let mut bytes = vec![0; size];
    let fits = put_number(variant.value(), variant.value() < 0, &mut bytes);
    debug_assert!(fits, "a schema has tags that fit");
    bytes.into()
}

/// Fails if a variant has the same name in both types but another tag, or the same tag but another name.
fn check_tags(path: &Path<'_>, here: &[Variant], there: &[Variant]) -> Result<(), Difference> {
    let named = |it: &Variant| format!("variant `{}` = {}", it.name(), it.value());
    for variant in here {
        let other = there.iter().find(|it| (it.name() == variant.name()) != (it.value() == variant.value()));
        if let Some(other) = other {
            return differ(path, named(other), named(variant));
        }
    }
    Ok(())
}
