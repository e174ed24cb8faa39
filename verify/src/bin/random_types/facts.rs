//! Computes layouts by the rules of the Reference, for types whose layout is specified.
//!
//! For others the result is an estimate of the size.

use crate::model::{Body, Def, Field, Len, Repr, Ty};

/// The widths on a family of targets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) pointer: usize,
    /// The alignment of numbers of eight bytes.
    pub(crate) eight: usize,
}

pub(crate) const WIDE: Target = Target { pointer: 8, eight: 8 };
/// 32-bit x86 under Unix.
pub(crate) const NARROW: Target = Target { pointer: 4, eight: 4 };

/// A type's layout.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) align: usize,
    /// The kind of each byte; where several apply, the last of hole, data, pointer.
    pub(crate) map: Vec<u8>,
}

const HOLE: u8 = 0;
const DATA: u8 = 1;
const POINTER: u8 = 2;

impl Fact {
    fn new(size: usize, align: usize, byte: u8) -> Self {
        Fact { align, map: vec![byte; size] }
    }

    /// The lengths of runs of data, pointer and hole bytes.
    pub(crate) fn text(&self) -> String {
        let letter = |byte| ['.', 'd', 'p'][usize::from(byte)];
        let runs = self.map.chunk_by(|a, b| a == b);
        runs.map(|run| [run.len().to_string(), letter(run[0]).to_string()].concat()).collect()
    }

    /// Whether it has bytes and no data among them.
    pub(crate) fn is_hole(&self) -> bool {
        !self.map.is_empty() && self.map.iter().all(|&byte| byte == HOLE)
    }

    /// Whether it contains a pointer; an array of length 0 does not.
    pub(crate) fn has_pointers(&self) -> bool {
        self.map.contains(&POINTER)
    }
}

/// The layout of a type without parameters.
pub(crate) fn fact(defs: &[Def], target: Target, ty: &Ty) -> Fact {
    let of = |ty: &Ty| fact(defs, target, ty);
    let number = |size: Option<usize>| {
        let size = size.unwrap_or(target.pointer);
        Fact::new(size, if size == 8 { target.eight } else { size }, DATA)
    };
    match ty {
        Ty::Int(int) | Ty::NonZero(int) | Ty::OptionNonZero(int) => number(int.size),
        Ty::Float(size) => number(Some(*size)),
        Ty::Bool => number(Some(1)),
        Ty::Char => number(Some(4)),
        Ty::Vector => number(Some(16)),
        Ty::Pointer(_) => Fact::new(target.pointer, target.pointer, POINTER),
        Ty::Array(ty, len) => {
            let Len::Number(len) = len else { panic!("a parameter is left") };
            let element = of(ty);
            Fact { align: element.align, map: element.map.repeat(*len) }
        }
        Ty::Tuple(all) => structure(Repr::C, all.iter().map(of)),
        Ty::Wrapper(_, ty) | Ty::Foreign(ty) | Ty::Bridged(_, ty) => of(ty),
        Ty::SeqOption(ty) => choice(Fact::new(1, 1, DATA), true, &[vec![], vec![of(ty)]]),
        Ty::Aligned8(ty) => structure(Repr { align: Some(8), ..Repr::C }, [of(ty)]),
        Ty::Unit | Ty::Phantom(_) => Fact::new(0, 1, HOLE),
        Ty::Uninit(ty) => {
            let inside = of(ty);
            Fact::new(inside.map.len(), inside.align, HOLE)
        }
        Ty::Bytes(size) => Fact::new(*size, 1, DATA),
        Ty::Unseen(int, size) => Fact::new(*size, number(int.size).align, DATA),
        // Never as a value.
        Ty::Text => Fact::new(3 * target.pointer, target.pointer, HOLE),
        Ty::Param(_) => panic!("a parameter is left"),
        Ty::Def(index, args, lens) => {
            let field = |field: &Field| {
                let own = of(&field.ty.with(args, lens));
                // A foreign field has the content of the type as which it is copied, but its own offset.
                let map = field.copied().map_or_else(|| own.map.clone(), |ty| of(&ty.with(args, lens)).map);
                Fact { map, ..own }
            };
            match &defs[*index].body {
                Body::Struct { repr, fields, .. } => structure(*repr, fields.iter().map(field)),
                Body::Tags { repr, .. } => number(repr.map_or(Some(4), |int| int.size)),
                Body::Choice { tag, c, variants } => {
                    let parts: Vec<Vec<Fact>> =
                        variants.iter().map(|variant| variant.fields.iter().map(field).collect()).collect();
                    choice(number(tag.size), *c, &parts)
                }
            }
        }
    }
}

/// `layout.repr.c.struct.size-field-offset`, with the modifiers.
fn structure(repr: Repr, fields: impl IntoIterator<Item = Fact>) -> Fact {
    let mut all = Fact::new(0, 1, HOLE);
    for field in fields {
        let align = repr.packed.map_or(field.align, |pack| pack.min(field.align));
        all.pad(align);
        all.map.extend(field.map);
        all.align = all.align.max(align);
    }
    all.align = all.align.max(repr.align.unwrap_or(1));
    all.pad(all.align);
    all
}

/// `layout.repr.primitive.adt`, or `layout.repr.primitive-c` if the fields of each variant are a struct of their own.
fn choice(tag: Fact, c: bool, variants: &[Vec<Fact>]) -> Fact {
    let payload = |fields: &Vec<Fact>| {
        let first = (!c).then(|| tag.clone());
        structure(Repr::C, first.into_iter().chain(fields.iter().cloned()))
    };
    let union = variants.iter().map(payload).fold(Fact::new(0, 1, HOLE), |mut union, variant| {
        union.align = union.align.max(variant.align);
        union.map.resize(union.map.len().max(variant.map.len()), HOLE);
        for (byte, more) in union.map.iter_mut().zip(variant.map) {
            *byte = more.max(*byte);
        }
        union
    });
    let union = structure(Repr::C, [union]);
    if c { structure(Repr::C, [tag, union]) } else { union }
}

impl Fact {
    fn pad(&mut self, align: usize) {
        self.map.resize(self.map.len().next_multiple_of(align), HOLE);
    }
}

/// The expected result of `Layout::is_specified`, which does not see fields that are skipped or copied as another type.
pub(crate) fn is_called_specified(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Tuple(_) => false,
        Ty::Def(index, args, lens) => {
            let def = &defs[*index];
            let mut copied = def.fields().filter_map(Field::copied);
            def.is_specified() && copied.all(|ty| is_called_specified(defs, &ty.with(args, lens)))
        }
        Ty::Pointer(_) | Ty::Phantom(_) => true,
        _ => ty.children().iter().all(|ty| is_called_specified(defs, ty)),
    }
}

/// Whether the language specifies the layout of a type without parameters.
pub(crate) fn is_specified(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Tuple(_) | Ty::Text => false,
        Ty::Def(index, args, lens) => {
            let def = &defs[*index];
            def.is_specified()
                && def.fields().all(|field| match field.copied() {
                    Some(copied) => {
                        is_specified(defs, &field.ty.with(args, lens)) && is_specified(defs, &copied.with(args, lens))
                    }
                    None => is_specified(defs, &field.ty.with(args, lens)),
                })
        }
        Ty::Pointer(_) | Ty::Phantom(_) => true,
        _ => ty.children().iter().all(|ty| is_specified(defs, ty)),
    }
}

/// Whether the type can have `Validate`.
pub(crate) fn can_validate(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Pointer(_) | Ty::Tuple(_) | Ty::Text | Ty::Unseen(..) => false,
        Ty::Phantom(_) | Ty::Bridged(..) => true,
        Ty::Def(index, args, lens) => {
            let def = &defs[*index];
            def.validate && def.fields().filter_map(Field::copied).all(|ty| can_validate(defs, &ty.with(args, lens)))
        }
        _ => ty.children().iter().all(|ty| can_validate(defs, ty)),
    }
}

/// Whether a type without parameters is `Copy`.
pub(crate) fn is_copy(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Text => false,
        Ty::Pointer(_) | Ty::Phantom(_) => true,
        Ty::Def(index, args, lens) => {
            let def = &defs[*index];
            def.copy && def.fields().all(|field| is_copy(defs, &field.ty.with(args, lens)))
        }
        _ => ty.children().iter().all(|ty| is_copy(defs, ty)),
    }
}

/// Whether the foreign types in a type without parameters are `Copy`, or a list could not describe them.
pub(crate) fn is_describable(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Pointer(_) | Ty::Phantom(_) => true,
        Ty::Def(index, args, lens) => {
            let def = &defs[*index];
            let mut copied = def.fields().filter_map(Field::copied);
            (def.listing.is_none() || is_copy(defs, ty)) && copied.all(|ty| is_describable(defs, &ty.with(args, lens)))
        }
        _ => ty.children().iter().all(|ty| is_describable(defs, ty)),
    }
}

/// Whether a foreign type with a list is copied for a value of this type.
pub(crate) fn has_listed(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Pointer(_) | Ty::Phantom(_) => false,
        Ty::Def(index, args, _) => {
            let def = &defs[*index];
            def.listing.is_some()
                || args.iter().chain(def.fields().filter_map(Field::copied)).any(|ty| has_listed(defs, ty))
        }
        _ => ty.children().iter().any(|ty| has_listed(defs, ty)),
    }
}

/// Whether rustc would reject the type in a packed one: `repr(align)` on it or on its fields, without regard to
/// arguments.
pub(crate) fn asks_alignment(defs: &[Def], ty: &Ty) -> bool {
    match ty {
        Ty::Aligned8(_) => true,
        Ty::Def(index, ..) => {
            let def = &defs[*index];
            def.repr().align.is_some() || def.fields().any(|field| asks_alignment(defs, &field.ty))
        }
        // Transparent wrappers are generic types, whose field is a parameter.
        _ => false,
    }
}

/// How many values are made for one value of the type; elements without bytes count as well.
pub(crate) fn weight(defs: &[Def], ty: &Ty) -> usize {
    match ty {
        Ty::Array(ty, Len::Number(len)) => len * weight(defs, ty),
        Ty::Def(index, args, lens) => {
            1 + defs[*index].fields().map(|field| weight(defs, &field.ty.with(args, lens))).sum::<usize>()
        }
        Ty::Pointer(_) | Ty::Phantom(_) | Ty::Uninit(_) => 1,
        _ => 1 + ty.children().iter().map(|ty| weight(defs, ty)).sum::<usize>(),
    }
}
