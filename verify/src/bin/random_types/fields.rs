//! Generates the types of fields.

use seqcopy_tests::oracle::Rng;

use crate::facts::{WIDE, asks_alignment, can_validate, fact, is_copy, is_describable, weight};
use crate::model::{Body, Def, FUNCTIONS, Field, Int, Len, Pointer, Style, Treatment, Ty, Wrapper};

/// Requirements on a type.
#[allow(clippy::struct_excessive_bools)] // each is independent
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    /// It may contain pointers.
    pub(crate) pointers: bool,
    /// It must have `Validate`.
    pub(crate) validate: bool,
    /// It must be `Copy`.
    pub(crate) copy: bool,
    /// It may have `repr(align)`.
    pub(crate) aligned: bool,
    /// Its numbers have at most four bytes, so its size is seldom a multiple of eight.
    pub(crate) narrow: bool,
    /// It is for a field of a struct, not of a variant.
    pub(crate) in_struct: bool,
    /// How deep arrays and the like may be nested.
    pub(crate) depth: usize,
    /// The approximate number of bytes that it may have.
    pub(crate) budget: usize,
}

/// The most values of which a type may consist.
const HEAVY: usize = 1500;

impl Want {
    pub(crate) const ANY: Want = Want {
        pointers: true,
        validate: false,
        copy: false,
        aligned: true,
        narrow: false,
        in_struct: false,
        depth: 2,
        budget: 64,
    };

    fn inside(self) -> Want {
        // The rule about `repr(align)` does not see arguments and elements of arrays.
        Want { depth: self.depth - 1, aligned: true, ..self }
    }
}

/// The scope in which types are generated: the definitions, and the parameters that may be named.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    defs: &'a [Def],
    this: Option<&'a Def>,
}

impl<'a> Fields<'a> {
    pub(crate) fn outside(defs: &'a [Def]) -> Self {
        Fields { defs, this: None }
    }

    /// The scope of a definition that follows the others.
    pub(crate) fn of(defs: &'a [Def], this: &'a Def) -> Self {
        Fields { defs, this: Some(this) }
    }

    /// That many fields, without names.
    pub(crate) fn several(self, rng: &mut Rng, want: Want, count: usize, style: Style) -> Vec<Field> {
        if style == Style::Unit {
            return vec![];
        }
        let mut left = want.budget;
        let mut fields = vec![];
        while fields.len() < count {
            let field = self.field(rng, Want { budget: left, ..want });
            left = left.saturating_sub(self.size(&field.ty));
            fields.push(field);
        }
        fields
    }

    fn field(self, rng: &mut Rng, want: Want) -> Field {
        let (ty, treatment) = match rng.below(24) {
            0 => {
                // The type inside is `Copy`, as the generated ones are not.
                let inside = Fields::outside(&[]).pick(rng, Want { validate: false, ..want.inside() });
                (Ty::Uninit(Box::new(inside)), Treatment::Skip)
            }
            1 => {
                let ty = self.pick(rng, want.inside());
                (Ty::Foreign(Box::new(ty.clone())), Treatment::As(ty))
            }
            2 if want.in_struct => {
                let int = *rng.pick(ints(want.narrow));
                int.size.map_or((Ty::Int(int), Treatment::Own), |size| (Ty::Bytes(size), Treatment::As(Ty::Int(int))))
            }
            3 if self.this.is_some_and(|this| !this.params.is_empty()) => {
                // A parameter without a requirement.
                let param = Box::new(self.param(rng, |_| true).expect("there are some"));
                let ty = match rng.below(3) {
                    0 if want.pointers && !want.validate => Ty::Pointer(Pointer::Const(param)),
                    1 if want.pointers && !want.validate => Ty::Pointer(Pointer::OptionNonNull(param)),
                    _ => Ty::Phantom(param),
                };
                (ty, Treatment::Own)
            }
            _ => {
                let ty = self.pick(rng, want);
                let treatment = if self.is_foreign(&ty) && rng.chance(2, 3) { Treatment::With } else { Treatment::Own };
                (ty, treatment)
            }
        };
        Field { name: String::new(), ty, treatment, poison: None }
    }

    /// A foreign type that has a list or a bridge, or an array of it.
    fn is_foreign(self, ty: &Ty) -> bool {
        match ty {
            Ty::Bridged(..) => true,
            Ty::Def(index, ..) => self.defs[*index].listing.is_some(),
            Ty::Array(ty, _) => self.is_foreign(ty),
            _ => false,
        }
    }

    /// A type parameter whose values may be copied.
    fn param(self, rng: &mut Rng, fits: impl Fn(usize) -> bool) -> Option<Ty> {
        let this = self.this?;
        let all: Vec<usize> = (0..this.params.len()).filter(|&index| fits(index)).collect();
        if all.is_empty() { None } else { Some(Ty::Param(*rng.pick(&all))) }
    }

    /// A type that meets the requirements.
    pub(crate) fn pick(self, rng: &mut Rng, want: Want) -> Ty {
        for _ in 0..20 {
            let ty = self.any(rng, want);
            if self.fits(&ty, want) {
                return ty;
            }
        }
        Ty::Int(Int::ALL[0])
    }

    fn fits(self, ty: &Ty, want: Want) -> bool {
        let known = self.known(ty);
        let size = fact(self.defs, WIDE, &known).map.len();
        // An array that is empty in this test may have elements elsewhere.
        let with_elements =
            |ty: &Ty| self.this.map_or_else(|| ty.clone(), |this| ty.with(&this.args, &[Len::Number(1)]));
        size <= want.budget
            && (want.pointers || !fact(self.defs, WIDE, &with_elements(ty)).has_pointers())
            && (!want.validate || can_validate(self.defs, &known))
            && (!want.copy || is_copy(self.defs, &known))
            && is_describable(self.defs, &known)
            && (want.aligned || !asks_alignment(self.defs, ty))
            && weight(self.defs, &known) <= HEAVY
    }

    /// The type with the arguments of the test for parameters.
    fn known(self, ty: &Ty) -> Ty {
        self.this.map_or_else(
            || ty.clone(),
            |this| {
                let lens: Vec<Len> = this.len_args.iter().map(|&len| Len::Number(len)).collect();
                ty.with(&this.args, &lens)
            },
        )
    }

    fn size(self, ty: &Ty) -> usize {
        fact(self.defs, WIDE, &self.known(ty)).map.len()
    }

    fn any(self, rng: &mut Rng, want: Want) -> Ty {
        let deeper = want.depth > 0;
        match rng.below(100) {
            0..=7 if want.pointers => self.pointer(rng, want),
            8..=21 if deeper => {
                let len = self.len(rng);
                let each = if let Len::Number(len @ 1..) = len { want.budget / len } else { want.budget };
                let want = Want { budget: each, ..want.inside() };
                let element = if self.defs.is_empty() { Ty::Unit } else { self.definition(rng, want) };
                let is_good = rng.chance(1, 2) && self.fits(&element, want);
                Ty::Array(Box::new(if is_good { element } else { self.pick(rng, want) }), len)
            }
            22..=26 if deeper && !want.validate => {
                let count = *rng.pick(&[1, 2, 2, 3, 3, 4, 5, 12]);
                let want = Want { budget: want.budget / count, ..want.inside() };
                Ty::Tuple((0..count).map(|_| self.pick(rng, want)).collect())
            }
            27..=32 if deeper => Ty::SeqOption(Box::new(self.pick(rng, want.inside()))),
            33..=36 if deeper => {
                let all = [Wrapper::Wrapping, Wrapper::Saturating, Wrapper::Reverse, Wrapper::ManuallyDrop];
                Ty::Wrapper(*rng.pick(&all), Box::new(self.pick(rng, want.inside())))
            }
            37 if deeper => Ty::Aligned8(Box::new(self.pick(rng, want.inside()))),
            38 => Ty::Unit,
            39 => Ty::Phantom(Box::new(Ty::Text)),
            40..=49 if self.this.is_some_and(|this| !this.params.is_empty()) => {
                let this = self.this.expect("just asked");
                let fits = |index: usize| this.params[index].copied && this.params[index].pointers <= want.pointers;
                self.param(rng, fits).unwrap_or(Ty::Bool)
            }
            50..=76 if !self.defs.is_empty() => self.definition(rng, want),
            77..=83 if !want.validate => unseen(rng, want.narrow),
            84..=87 => bridged(rng, want.narrow),
            _ => scalar(rng, want.narrow),
        }
    }

    /// A use of a definition.
    fn definition(self, rng: &mut Rng, want: Want) -> Ty {
        let index = rng.below(self.defs.len());
        let def = &self.defs[index];
        // The bounds of some definitions require more of the arguments than can be seen here.
        if (def.bound && def.validate) || (want.depth == 0 && !def.params.is_empty()) {
            return scalar(rng, want.narrow);
        }
        let mut args = vec![];
        for param in &def.params {
            let want = Want {
                pointers: want.pointers && param.pointers,
                depth: want.depth.saturating_sub(1),
                copy: want.copy || def.listing.is_some(),
                aligned: true,
                ..want
            };
            args.push(if param.copied { self.pick(rng, want) } else { Ty::Text });
        }
        let lens = (0..def.lens).map(|_| self.len(rng)).collect();
        Ty::Def(index, args, lens)
    }

    fn len(self, rng: &mut Rng) -> Len {
        if self.this.is_some_and(|this| this.lens > 0) && rng.chance(1, 3) {
            return Len::Param(0);
        }
        Len::Number(*rng.pick(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 16, 17, 33, 100, 1000]))
    }

    fn pointer(self, rng: &mut Rng, want: Want) -> Ty {
        let to = Box::new(match rng.below(4) {
            0 => Ty::Text,
            1 if want.depth > 0 => self.pick(rng, Want { validate: false, budget: 64, ..want.inside() }),
            _ => scalar(rng, false),
        });
        Ty::Pointer(match rng.below(9) {
            0 => Pointer::Const(to),
            1 => Pointer::Mut(to),
            2 => Pointer::NonNull(to),
            3 => Pointer::OptionNonNull(to),
            4 => Pointer::Reference(rng.chance(1, 2)),
            5 => Pointer::Function(rng.below(FUNCTIONS.len()), false),
            6 => Pointer::Function(rng.below(FUNCTIONS.len()), true),
            // A pointer to its own type only makes sense in a definition.
            _ if self.this.is_some_and(|this| !matches!(this.body, Body::Tags { .. })) => Pointer::Itself,
            _ => Pointer::Const(to),
        })
    }
}

fn ints(narrow: bool) -> &'static [Int] {
    if narrow { &Int::ALL[..6] } else { &Int::ALL }
}

/// Plain bytes, none of them in every other case, with any alignment.
fn unseen(rng: &mut Rng, narrow: bool) -> Ty {
    let sized: Vec<Int> = ints(narrow).iter().copied().filter(|int| int.size.is_some()).collect();
    let int = *rng.pick(&sized);
    Ty::Unseen(int, *rng.pick(&[0, 0, 0, 1, 2, 5]) * int.size.unwrap_or(1))
}

/// A type that another crate knows to be bytes.
fn bridged(rng: &mut Rng, narrow: bool) -> Ty {
    let int = *rng.pick(ints(narrow));
    let inside = match rng.below(9) {
        0 => Ty::Bool,
        1 => Ty::Char,
        2 => Ty::NonZero(int),
        3 => Ty::OptionNonZero(int),
        4 => Ty::Float(4),
        5..=6 => Ty::Array(Box::new(Ty::Int(int)), Len::Number(*rng.pick(&[0, 1, 2, 3, 8, 17]))),
        _ => Ty::Int(int),
    };
    Ty::Bridged(rng.chance(1, 2), Box::new(inside))
}

fn scalar(rng: &mut Rng, narrow: bool) -> Ty {
    let int = *rng.pick(ints(narrow));
    match rng.below(20) {
        0..=9 => Ty::Int(int),
        10..=11 => Ty::Bool,
        12 => Ty::Char,
        13..=14 => Ty::Float(if narrow { 4 } else { *rng.pick(&[4, 8]) }),
        15..=16 => Ty::NonZero(int),
        17..=18 => Ty::OptionNonZero(int),
        _ if narrow => Ty::Bool,
        _ => Ty::Vector,
    }
}
