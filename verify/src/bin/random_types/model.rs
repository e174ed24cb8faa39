//! The model of random types: definitions and the types of their fields.

/// An integer type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Int {
    pub(crate) name: &'static str,
    /// Its size in bytes; `None` for that of a pointer.
    pub(crate) size: Option<usize>,
    pub(crate) signed: bool,
}

impl Int {
    const fn new(name: &'static str, size: Option<usize>, signed: bool) -> Self {
        Int { name, size, signed }
    }

    pub(crate) const ALL: [Int; 12] = [
        Int::new("u8", Some(1), false),
        Int::new("i8", Some(1), true),
        Int::new("u16", Some(2), false),
        Int::new("i16", Some(2), true),
        Int::new("u32", Some(4), false),
        Int::new("i32", Some(4), true),
        Int::new("u64", Some(8), false),
        Int::new("i64", Some(8), true),
        Int::new("usize", None, false),
        Int::new("isize", None, true),
        Int::new("u128", Some(16), false),
        Int::new("i128", Some(16), true),
    ];

    /// Those that can be the tag of an enum.
    pub(crate) const TAGS: &'static [Int] = Self::ALL.split_at(10).0;

    /// Smallest and largest value on every target, of at most 64 bits.
    pub(crate) fn range(self) -> (i128, i128) {
        let bits = 8 * self.size.unwrap_or(4).min(8);
        if self.signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) }
    }
}

/// The type of a field.
#[derive(Clone, Debug)]
pub(crate) enum Ty {
    Int(Int),
    /// `f32` or `f64`, by size.
    Float(usize),
    Bool,
    Char,
    NonZero(Int),
    OptionNonZero(Int),
    /// A SIMD vector of 16 bytes.
    Vector,
    Pointer(Pointer),
    Array(Box<Ty>, Len),
    Tuple(Vec<Ty>),
    Wrapper(Wrapper, Box<Ty>),
    SeqOption(Box<Ty>),
    Aligned8(Box<Ty>),
    Unit,
    Phantom(Box<Ty>),
    /// `MaybeUninit`, for skipped fields.
    Uninit(Box<Ty>),
    /// A foreign type that is laid out like this one.
    Foreign(Box<Ty>),
    /// A foreign type of that many bytes, without alignment.
    Bytes(usize),
    /// A number, or an array of some, as another crate knows it: `zerocopy` or `bytemuck`.
    Bridged(bool, Box<Ty>),
    /// Plain bytes, aligned like the integer; the number is often 0.
    Unseen(Int, usize),
    /// `String`, which can't be copied, for places without a requirement on the type.
    Text,
    /// A type parameter of the definition.
    Param(usize),
    /// A definition, by index, with its arguments.
    Def(usize, Vec<Ty>, Vec<Len>),
}

/// A pointer. A pointer to a definition only occurs in that definition.
#[derive(Clone, Debug)]
pub(crate) enum Pointer {
    Const(Box<Ty>),
    Mut(Box<Ty>),
    NonNull(Box<Ty>),
    OptionNonNull(Box<Ty>),
    /// `Option<&'static u64>` and `Option<&'static [u8; 3]>`.
    Reference(bool),
    /// One of [`FUNCTIONS`]; whether in an `Option`.
    Function(usize, bool),
    /// To the type that has the field.
    Itself,
}

/// Function types, each with the name of two functions in the oracle.
pub(crate) const FUNCTIONS: [(&str, &str); 4] = [
    ("fn() -> u64", "PLAIN"),
    ("unsafe fn(u8, u8) -> u64", "UNSAFE"),
    ("extern \"C\" fn(u32) -> u64", "FOREIGN"),
    ("fn(u64, u64, u64, u64, u64) -> u64", "FIVES"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    Wrapping,
    Saturating,
    Reverse,
    ManuallyDrop,
}

/// The length of an array, or an argument for one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Len {
    Number(usize),
    Param(usize),
}

/// A struct or enum.
#[derive(Clone, Debug)]
pub(crate) struct Def {
    pub(crate) name: String,
    pub(crate) params: Vec<Param>,
    /// How many const parameters it has.
    pub(crate) lens: usize,
    /// The arguments that it is tested with.
    pub(crate) args: Vec<Ty>,
    pub(crate) len_args: Vec<usize>,
    pub(crate) body: Body,
    /// Whether it has `Validate`.
    pub(crate) validate: bool,
    pub(crate) hooks: Vec<Hook>,
    /// Whether the bounds are written out in an attribute.
    pub(crate) bound: bool,
    /// Whether it is `Copy`, if its arguments are.
    pub(crate) copy: bool,
    /// How it is described, if it stands for a type of another crate.
    pub(crate) listing: Option<Listing>,
}

/// A list with `remote`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing {
    /// Compared by the compiler, not on a promise.
    pub(crate) proved: bool,
    /// It has the repr of the type, and its order.
    pub(crate) repr: bool,
    /// The type has the opposite order.
    pub(crate) reversed: bool,
}

/// A type parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    /// It must not be a type with pointers.
    pub(crate) pointers: bool,
    /// Values of the type are copied, so it needs the traits.
    pub(crate) copied: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Struct {
        repr: Repr,
        style: Style,
        fields: Vec<Field>,
    },
    /// An enum without fields; `None` is `repr(C)`.
    Tags {
        repr: Option<Int>,
        variants: Vec<Variant>,
    },
    /// An enum with fields; whether it is `repr(C, int)`.
    Choice {
        tag: Int,
        c: bool,
        variants: Vec<Variant>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repr {
    pub(crate) base: Base,
    pub(crate) packed: Option<usize>,
    pub(crate) align: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    C,
    Rust,
    Transparent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Unit,
}

#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) style: Style,
    /// The discriminant.
    pub(crate) value: i128,
    /// Whether it is written; otherwise it is one more than the one before.
    pub(crate) explicit: bool,
    pub(crate) fields: Vec<Field>,
    /// The type's own check refuses this variant, so no value has it.
    pub(crate) reserved: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// As written: a number in tuples, with `r#` where needed.
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) treatment: Treatment,
    /// The value of this field that a hook refuses.
    pub(crate) poison: Option<i128>,
}

/// How a field is copied.
#[derive(Clone, Debug)]
pub(crate) enum Treatment {
    Own,
    Skip,
    /// Copied as another type.
    As(Ty),
    /// Copied as the list or the bridge of its type says, by the option `with`.
    With,
}

/// A type's own check: one number must not have a certain value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hook {
    pub(crate) variant: usize,
    /// The field, unless the variant itself is refused.
    pub(crate) field: Option<usize>,
    pub(crate) poison: i128,
    /// `unsafe(check = ..)`.
    pub(crate) valid: bool,
}

impl Repr {
    pub(crate) const C: Repr = Repr { base: Base::C, packed: None, align: None };

    /// Whether the language specifies the layout.
    pub(crate) fn is_specified(self) -> bool {
        self.base != Base::Rust
    }

    /// Whether a pointer inside may be misaligned on some target.
    pub(crate) fn breaks_pointers(self) -> bool {
        self.packed.is_some_and(|pack| pack < 8)
    }
}

impl Field {
    /// The type as which it is copied; `None` for a hole.
    pub(crate) fn copied(&self) -> Option<&Ty> {
        match &self.treatment {
            Treatment::Own | Treatment::With => Some(&self.ty),
            Treatment::Skip => None,
            Treatment::As(ty) => Some(ty),
        }
    }

    /// The name without `r#`.
    pub(crate) fn plain_name(&self) -> &str {
        self.name.strip_prefix("r#").unwrap_or(&self.name)
    }
}

impl Def {
    pub(crate) fn new(name: String, body: Body, validate: bool) -> Self {
        Def {
            name,
            params: vec![],
            lens: 0,
            args: vec![],
            len_args: vec![],
            body,
            validate,
            hooks: vec![],
            bound: false,
            copy: false,
            listing: None,
        }
    }

    /// Whether the language specifies the layout, as far as it depends on this definition alone.
    pub(crate) fn is_specified(&self) -> bool {
        self.repr().is_specified() && self.listing.is_none_or(|listing| listing.repr)
    }

    /// All fields, of all variants.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        let (own, variants): (&[Field], &[Variant]) = match &self.body {
            Body::Struct { fields, .. } => (fields, &[]),
            Body::Tags { variants, .. } | Body::Choice { variants, .. } => (&[], variants),
        };
        own.iter().chain(variants.iter().flat_map(|variant| &variant.fields))
    }

    pub(crate) fn repr(&self) -> Repr {
        match self.body {
            Body::Struct { repr, .. } => repr,
            Body::Tags { .. } | Body::Choice { .. } => Repr::C,
        }
    }

    /// The type that is tested, with its arguments.
    pub(crate) fn tested(&self, index: usize) -> Ty {
        Ty::Def(index, self.args.clone(), self.len_args.iter().map(|&len| Len::Number(len)).collect())
    }
}

impl Ty {
    /// The types nested in this one, also the targets of pointers.
    pub(crate) fn children(&self) -> Vec<&Ty> {
        match self {
            Ty::Array(ty, _)
            | Ty::Wrapper(_, ty)
            | Ty::SeqOption(ty)
            | Ty::Aligned8(ty)
            | Ty::Phantom(ty)
            | Ty::Uninit(ty)
            | Ty::Foreign(ty)
            | Ty::Bridged(_, ty)
            | Ty::Pointer(Pointer::Const(ty) | Pointer::Mut(ty) | Pointer::NonNull(ty) | Pointer::OptionNonNull(ty)) => {
                vec![ty]
            }
            Ty::Tuple(all) | Ty::Def(_, all, _) => all.iter().collect(),
            _ => vec![],
        }
    }

    /// Whether the type names a type parameter. `itself` says whether the definition has any.
    pub(crate) fn names_param(&self, itself: bool) -> bool {
        matches!(self, Ty::Param(_))
            || matches!(self, Ty::Pointer(Pointer::Itself) if itself)
            || self.children().iter().any(|ty| ty.names_param(itself))
    }

    /// The same type with arguments instead of parameters.
    pub(crate) fn with(&self, args: &[Ty], lens: &[Len]) -> Ty {
        let one = |ty: &Ty| Box::new(ty.with(args, lens));
        let len = |len: Len| match len {
            Len::Param(index) => lens[index],
            Len::Number(_) => len,
        };
        match self {
            Ty::Param(index) => args[*index].clone(),
            Ty::Array(ty, n) => Ty::Array(one(ty), len(*n)),
            Ty::Tuple(all) => Ty::Tuple(all.iter().map(|ty| ty.with(args, lens)).collect()),
            Ty::Wrapper(wrapper, ty) => Ty::Wrapper(*wrapper, one(ty)),
            Ty::SeqOption(ty) => Ty::SeqOption(one(ty)),
            Ty::Aligned8(ty) => Ty::Aligned8(one(ty)),
            Ty::Phantom(ty) => Ty::Phantom(one(ty)),
            Ty::Uninit(ty) => Ty::Uninit(one(ty)),
            Ty::Foreign(ty) => Ty::Foreign(one(ty)),
            Ty::Pointer(Pointer::Const(ty)) => Ty::Pointer(Pointer::Const(one(ty))),
            Ty::Pointer(Pointer::Mut(ty)) => Ty::Pointer(Pointer::Mut(one(ty))),
            Ty::Pointer(Pointer::NonNull(ty)) => Ty::Pointer(Pointer::NonNull(one(ty))),
            Ty::Pointer(Pointer::OptionNonNull(ty)) => Ty::Pointer(Pointer::OptionNonNull(one(ty))),
            Ty::Def(index, all, ns) => {
                let all = all.iter().map(|ty| ty.with(args, lens)).collect();
                Ty::Def(*index, all, ns.iter().map(|&n| len(n)).collect())
            }
            other => other.clone(),
        }
    }
}
