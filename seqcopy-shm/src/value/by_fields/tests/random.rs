//! Random pairs of types: one is accepted for the other exactly if an obvious program says so, which also says what is
//! read.

use super::*;
use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant, with_default};

/// A type.
#[derive(Debug, Clone, PartialEq)]
enum Type {
    Number(Scalar, usize),
    Array(Box<Type>, usize),
    Struct(Fields),
    Tags(Vec<(usize, i128)>),
    Enum(Vec<(usize, i128, Fields)>),
}

/// By the numbers of their names, and whether they have a default, each byte of which is [`SEVEN`].
type Fields = Vec<(usize, Type, bool)>;

const SEVEN: u8 = 7;

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn names(&mut self, most: usize) -> Vec<usize> {
        let mut names: Vec<usize> = (0..NAMES.len()).collect();
        (0..names.len()).for_each(|i| names.swap(i, i + self.below(NAMES.len() - i)));
        names.truncate(1 + self.below(most));
        names
    }

    fn number(&mut self) -> Type {
        let numbers = [
            (Scalar::Unsigned, 1),
            (Scalar::Unsigned, 2),
            (Scalar::Unsigned, 4),
            (Scalar::Unsigned, 8),
            (Scalar::Signed, 4),
            (Scalar::Float, 8),
            (Scalar::Bool, 1),
        ];
        let (scalar, size) = numbers[self.below(numbers.len())];
        Type::Number(scalar, size)
    }

    fn field(&mut self, name: usize, depth: usize) -> (usize, Type, bool) {
        let ty = self.ty(depth);
        let has_default = matches!(ty, Type::Number(..)) && self.below(3) == 0;
        (name, ty, has_default)
    }

    fn fields(&mut self, depth: usize) -> Fields {
        self.names(4).into_iter().map(|name| self.field(name, depth)).collect()
    }

    /// Mostly those that other types have by these names.
    fn tags(&mut self) -> Vec<(usize, i128)> {
        let shift = if self.below(6) == 0 { 8 } else { 0 };
        self.names(4).into_iter().map(|name| (name, i128::try_from(name + shift).unwrap())).collect()
    }

    fn ty(&mut self, depth: usize) -> Type {
        match self.below(if depth == 0 { 2 } else { 9 }) {
            0 | 1 => self.number(),
            2 => Type::Tags(self.tags()),
            3 => Type::Array(Box::new(self.ty(depth - 1)), self.below(4)),
            4 => Type::Enum(self.tags().into_iter().map(|(name, tag)| (name, tag, self.fields(depth - 1))).collect()),
            _ => Type::Struct(self.fields(depth - 1)),
        }
    }

    /// These fields, or nearly, some of them elsewhere. Those with a default are often missing.
    fn like_fields(&mut self, fields: &Fields, depth: usize) -> Fields {
        let mut other = Fields::new();
        for (name, ty, has_default) in fields {
            if !has_default || self.below(3) > 0 {
                let ty = self.like(ty, depth.saturating_sub(1));
                let is_number = matches!(ty, Type::Number(..));
                other.push((*name, ty, *has_default && is_number));
            }
        }
        let name = self.below(NAMES.len());
        if self.below(2) == 0 && other.iter().all(|it| it.0 != name) {
            other.push(self.field(name, depth.min(1)));
        }
        if self.below(2) == 0 && !other.is_empty() {
            let (i, j) = (self.below(other.len()), self.below(other.len()));
            other.swap(i, j);
        }
        if self.below(30) == 0 && other.len() > 1 {
            other.pop();
        }
        other
    }

    /// This type, or nearly.
    fn like(&mut self, ty: &Type, depth: usize) -> Type {
        if self.below(60) == 0 {
            return self.ty(depth.min(1));
        }
        match ty {
            Type::Number(..) => ty.clone(),
            Type::Array(element, len) => {
                let len = if self.below(40) == 0 { len + 1 } else { *len };
                Type::Array(Box::new(self.like(element, depth.saturating_sub(1))), len)
            }
            Type::Struct(fields) => Type::Struct(self.like_fields(fields, depth)),
            Type::Tags(tags) => Type::Tags(tags.iter().take(1 + self.below(tags.len())).copied().collect()),
            Type::Enum(all) => {
                let like = |(name, tag, fields): &(usize, i128, Fields)| (*name, *tag, self.like_fields(fields, depth));
                let mut all: Vec<_> = all.iter().map(like).collect();
                // It has the same tag, and another name.
                let (renamed, name) = (self.below(all.len()), self.below(NAMES.len()));
                if self.below(15) == 0 && all.iter().all(|it| it.0 != name) {
                    all[renamed].0 = name;
                }
                Type::Enum(all)
            }
        }
    }
}

impl Type {
    /// Its layout by the rules of C. It is never freed.
    fn layout(&self) -> &'static Layout {
        Box::leak(Box::new(match self {
            &Type::Number(scalar, size) => Layout::of_scalar("number", scalar, size, size),
            Type::Array(element, len) => Layout::of_array(element.layout(), *len),
            Type::Struct(fields) => {
                let (fields, size, align) = place(fields);
                Layout::of_struct("S", size.next_multiple_of(align), align, fields)
            }
            Type::Tags(tags) => {
                let variants: Vec<_> = tags.iter().map(|&(name, tag)| Variant::new(NAMES[name], tag, &[])).collect();
                Layout::of_tags("T", 1, 1, false, variants.leak())
            }
            Type::Enum(all) => {
                let placed: Vec<_> = all.iter().map(|(name, tag, fields)| (*name, *tag, place(fields))).collect();
                let payload = placed.iter().map(|(.., (_, _, align))| *align).max().unwrap_or(1);
                let size = placed.iter().map(|(.., (_, size, _))| *size).max().unwrap_or(0);
                let variants: Vec<_> = placed
                    .into_iter()
                    .map(|(name, tag, (fields, ..))| Variant::new(NAMES[name], tag, fields))
                    .collect();
                let size = (payload + size).next_multiple_of(payload);
                Layout::of_enum("E", size, payload, u8::LAYOUT, payload, variants.leak())
            }
        }))
    }
}

/// Fields after each other, where they end, and the alignment that they need.
fn place(fields: &Fields) -> (&'static [Field], usize, usize) {
    let (mut at, mut align, mut placed) = (0usize, 1, Vec::new());
    for (name, ty, has_default) in fields {
        let layout = ty.layout();
        at = at.next_multiple_of(layout.align());
        align = align.max(layout.align());
        let field = Field::new(NAMES[*name], at, layout);
        placed.push(match layout.size() {
            _ if !has_default => field,
            1 => with_default(field, || [SEVEN; 1]),
            2 => with_default(field, || [SEVEN; 2]),
            4 => with_default(field, || [SEVEN; 4]),
            _ => with_default(field, || [SEVEN; 8]),
        });
        at += layout.size();
    }
    (placed.leak(), at, align)
}

/// Whether values of `there` can be read as `here`.
fn accepts(here: &Type, there: &Type) -> bool {
    let fields = |here: &Fields, there: &Fields| {
        here.iter().all(|(name, ty, has_default)| match there.iter().find(|(other, ..)| other == name) {
            Some((_, found, _)) => accepts(ty, found),
            None => *has_default,
        })
    };
    let agree = |(name, tag): (usize, i128), (other, number): (usize, i128)| (name == other) == (tag == number);
    match (here, there) {
        (Type::Number(..), Type::Number(..)) => here == there,
        (Type::Array(a, m), Type::Array(b, n)) => m == n && accepts(a, b),
        (Type::Struct(a), Type::Struct(b)) => fields(a, b),
        (Type::Tags(a), Type::Tags(b)) => a.iter().all(|one| b.iter().all(|other| agree(*one, *other))),
        (Type::Enum(a), Type::Enum(b)) => a.iter().all(|one| {
            let goes_with = |other: &(usize, i128, Fields)| {
                agree((one.0, one.1), (other.0, other.1)) && (one.0 != other.0 || fields(&one.2, &other.2))
            };
            b.iter().all(goes_with)
        }),
        _ => false,
    }
}

/// What is expected of a value, byte by byte, where something is.
fn expect(here: &Layout, there: &Layout, bytes: &[u8], expected: &mut [Option<u8>]) {
    let fields = |here: &[Field], there: &[Field], start: usize, other: usize, expected: &mut [Option<u8>]| {
        for field in here {
            let to = start + field.offset();
            let Some(found) = there.iter().find(|it| it.name() == field.name()) else {
                expected[to..][..field.layout().size()].fill(Some(SEVEN));
                continue;
            };
            let from = other + found.offset();
            expect(field.layout(), found.layout(), &bytes[from..], &mut expected[to..]);
        }
    };
    match (here.shape(), there.shape()) {
        (Shape::Array { element, len, .. }, Shape::Array { element: other, .. }) => {
            for i in 0..len {
                expect(element, other, &bytes[i * other.size()..], &mut expected[i * element.size()..]);
            }
        }
        (Shape::Struct { fields: here, .. }, Shape::Struct { fields: there, .. }) => {
            fields(here, there, 0, 0, expected);
        }
        (Shape::Enum { payload, variants, .. }, Shape::Enum { payload: other, variants: others, .. }) => {
            expected[0] = Some(bytes[0]);
            let find = |variants: &[Variant]| variants.iter().position(|it| it.value() == i128::from(bytes[0]));
            if let (Some(a), Some(b)) = (find(variants), find(others)) {
                fields(variants[a].fields(), others[b].fields(), payload, other, expected);
            }
        }
        _ => (0..here.size()).for_each(|i| expected[i] = Some(bytes[i])),
    }
}

#[test]
#[cfg_attr(miri, ignore = "its types are never freed")]
fn random_types_are_accepted_and_read_as_they_should_be() {
    let pairs = if std::env::var_os("SEQCOPY_LONG").is_some() { 100_000 } else { 20_000 };
    let (mut accepted, mut unlike, mut split, mut filled) = (0, 0, 0, 0);
    for seed in 0..pairs {
        let mut random = Random(seed * 0x9e37_79b9 + 1);
        let here = random.ty(3);
        let there = random.like(&here, 3);
        let (a, b) = (here.layout(), there.layout());
        let region = RegionLayout::from_sizes(b.size(), b.align(), 1, 0).unwrap();
        let plan = Plan::from_layouts(&Path::Root, a, b, region.base(), region.buffer_layout);
        assert_eq!(plan.is_ok(), accepts(&here, &there), "{seed}: {here:?}\n{there:?}\n{plan:?}");
        let Ok(plan) = plan else { continue };
        accepted += 1;
        unlike += u64::from(!plan.matched.enums.is_empty());
        split += u64::from(a.size() != b.size());
        filled += u64::from(plan.matched.has_fills());
        let mut memory = vec![0u64; b.size() / 8 + 2];
        // SAFETY: the bytes of numbers (I4 private).
        let shared = unsafe { core::slice::from_raw_parts_mut(memory.as_mut_ptr().cast::<u8>(), b.size()) };
        let limit = if seed % 3 == 0 { 256 } else { 9 };
        for byte in shared.iter_mut() {
            *byte = u8::try_from(random.below(limit)).unwrap();
        }
        let bytes = shared.to_vec();
        let mut expected = vec![None; a.size()];
        expect(a, b, &bytes, &mut expected);
        for is_mapped in [true, false] {
            let mut found = vec![0xa5u8; a.size()];
            let place = found.as_mut_ptr();
            if is_mapped {
                // SAFETY: as many bytes as the type has (I4 private).
                let mut scratch = unsafe { plan.begin(place) };
                // SAFETY: aligned to 8, and no alignment is larger; as long as the type; the same place (I1 partition,
                // I2 init).
                unsafe { plan.load_fields(memory.as_ptr().cast(), place, &mut scratch) };
                // SAFETY: of the load above (I4 private).
                unsafe { plan.finish(place, &scratch) };
            } else {
                // SAFETY: a place for a value (I4 private).
                unsafe { plan.matched.put(&bytes, place) };
            }
            for (at, byte) in expected.iter().enumerate() {
                let is_right = byte.is_none_or(|byte| byte == found[at]);
                assert!(is_right, "{seed}, byte {at}: {here:?}\n{there:?}\n{bytes:?}\n{found:?}");
            }
        }
    }
    assert!(accepted > pairs / 5 && accepted < pairs * 9 / 10, "{accepted} of {pairs}");
    assert!(unlike > pairs / 100 && split > pairs / 20, "{unlike} with enums, {split} of other sizes");
    assert!(filled > pairs / 20, "{filled} with defaults");
}
