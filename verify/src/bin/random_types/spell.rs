//! Prints types as Rust.

use std::fmt::{Display, Formatter, Result};

use crate::model::{Base, Def, FUNCTIONS, Field, Len, Pointer, Repr, Treatment, Ty, Wrapper};

/// Prints types in a scope.
#[derive(Clone, Copy)]
pub(crate) struct Speller<'a> {
    pub(crate) defs: &'a [Def],
    /// The definition whose parameters are in scope.
    pub(crate) this: Option<&'a Def>,
}

/// A type to print.
pub(crate) struct Spelled<'a>(Speller<'a>, &'a Ty);

const PARAMS: [&str; 2] = ["A", "B"];
const LENS: [&str; 1] = ["N"];

impl<'a> Speller<'a> {
    pub(crate) fn ty(self, ty: &'a Ty) -> Spelled<'a> {
        Spelled(self, ty)
    }

    /// A foreign type, or an array of some, as its author writes it.
    pub(crate) fn raw(self, ty: &Ty) -> String {
        match ty {
            Ty::Array(ty, len) => format!("[{}; {}]", self.raw(ty), Speller::len(*len)),
            Ty::Def(index, args, lens) => self.applied(&self.defs[*index].name, args, lens),
            Ty::Bridged(_, inside) => self.ty(inside).to_string(),
            _ => panic!("{ty:?} is not foreign"),
        }
    }

    /// What describes it.
    pub(crate) fn list(self, ty: &Ty) -> String {
        match ty {
            Ty::Array(ty, len) => format!("[{}; {}]", self.list(ty), Speller::len(*len)),
            Ty::Def(index, args, lens) => self.applied(&format!("{}Def", self.defs[*index].name), args, lens),
            Ty::Bridged(false, _) => "seqcopy::Bytemuck".to_owned(),
            Ty::Bridged(true, _) => "seqcopy::Zerocopy".to_owned(),
            _ => panic!("{ty:?} is not foreign"),
        }
    }

    fn remote(self, ty: &Ty) -> String {
        format!("seqcopy::Remote<{}, {}>", self.raw(ty), self.list(ty))
    }

    /// The type of a field, as it is declared.
    pub(crate) fn declared(self, field: &Field) -> String {
        match field.treatment {
            Treatment::With => self.raw(&field.ty),
            _ => self.ty(&field.ty).to_string(),
        }
    }

    /// The type as which a field is copied, if it is.
    pub(crate) fn copied(self, field: &Field) -> Option<String> {
        match field.treatment {
            Treatment::With => Some(self.remote(&field.ty)),
            _ => Some(self.ty(field.copied()?).to_string()),
        }
    }

    /// A definition with its arguments.
    fn applied(self, name: &str, args: &[Ty], lens: &[Len]) -> String {
        let args = args.iter().map(|ty| self.ty(ty).to_string());
        let all: Vec<String> = args.chain(lens.iter().map(|&len| Speller::len(len))).collect();
        format!("{name}<{}>", all.join(", "))
    }

    fn len(len: Len) -> String {
        match len {
            Len::Number(number) => number.to_string(),
            Len::Param(index) => LENS[index].to_owned(),
        }
    }
}

impl Display for Spelled<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Spelled(speller, ty) = *self;
        let of = |ty| speller.ty(ty);
        match ty {
            Ty::Int(int) => f.write_str(int.name),
            Ty::Float(size) => write!(f, "f{}", 8 * size),
            Ty::Bool => f.write_str("bool"),
            Ty::Char => f.write_str("char"),
            Ty::NonZero(int) => write!(f, "core::num::NonZero<{}>", int.name),
            Ty::OptionNonZero(int) => write!(f, "Option<core::num::NonZero<{}>>", int.name),
            Ty::Vector => f.write_str("o::Vector"),
            Ty::Array(ty, len) => write!(f, "[{}; {}]", of(ty), Speller::len(*len)),
            Ty::Tuple(all) => {
                f.write_str("(")?;
                all.iter().try_for_each(|ty| write!(f, "{}, ", of(ty)))?;
                f.write_str(")")
            }
            Ty::Wrapper(Wrapper::Wrapping, ty) => write!(f, "core::num::Wrapping<{}>", of(ty)),
            Ty::Wrapper(Wrapper::Saturating, ty) => write!(f, "core::num::Saturating<{}>", of(ty)),
            Ty::Wrapper(Wrapper::Reverse, ty) => write!(f, "core::cmp::Reverse<{}>", of(ty)),
            Ty::Wrapper(Wrapper::ManuallyDrop, ty) => write!(f, "core::mem::ManuallyDrop<{}>", of(ty)),
            Ty::SeqOption(ty) => write!(f, "seqcopy::SeqOption<{}>", of(ty)),
            Ty::Aligned8(ty) => write!(f, "seqcopy::Aligned8<{}>", of(ty)),
            Ty::Unit => f.write_str("()"),
            Ty::Phantom(ty) => write!(f, "core::marker::PhantomData<{}>", of(ty)),
            Ty::Uninit(ty) => write!(f, "core::mem::MaybeUninit<{}>", of(ty)),
            Ty::Foreign(ty) => write!(f, "o::Foreign<{}>", of(ty)),
            Ty::Bytes(size) => write!(f, "o::Bytes<{size}>"),
            Ty::Unseen(int, size) => write!(f, "o::Unseen<{}, {size}>", int.name),
            Ty::Text => f.write_str("String"),
            Ty::Param(index) => f.write_str(PARAMS[*index]),
            Ty::Bridged(..) => f.write_str(&speller.remote(ty)),
            Ty::Def(index, ..) if speller.defs[*index].listing.is_some() => f.write_str(&speller.remote(ty)),
            Ty::Def(..) => f.write_str(&speller.raw(ty)),
            Ty::Pointer(pointer) => match pointer {
                Pointer::Const(ty) => write!(f, "*const {}", of(ty)),
                Pointer::Mut(ty) => write!(f, "*mut {}", of(ty)),
                Pointer::NonNull(ty) => write!(f, "core::ptr::NonNull<{}>", of(ty)),
                Pointer::OptionNonNull(ty) => write!(f, "Option<core::ptr::NonNull<{}>>", of(ty)),
                Pointer::Reference(true) => f.write_str("Option<&'static u64>"),
                Pointer::Reference(false) => f.write_str("Option<&'static [u8; 3]>"),
                Pointer::Function(index, false) => f.write_str(FUNCTIONS[*index].0),
                Pointer::Function(index, true) => write!(f, "Option<{}>", FUNCTIONS[*index].0),
                Pointer::Itself => {
                    let this = speller.this.expect("a pointer to itself stands in a definition");
                    write!(f, "*const {}{}", this.name, this.arguments())
                }
            },
        }
    }
}

impl Def {
    /// `<A, N>`, which follows the name inside the definition.
    pub(crate) fn arguments(&self) -> String {
        let params = PARAMS[..self.params.len()].iter().chain(&LENS[..self.lens]);
        let list: Vec<&str> = params.copied().collect();
        if list.is_empty() { String::new() } else { format!("<{}>", list.join(", ")) }
    }

    /// `<A: bound, const N: usize>`; without bounds for the definition itself.
    pub(crate) fn parameters(&self, bound: &str) -> String {
        let params = PARAMS[..self.params.len()].iter().map(|name| format!("{name}{bound}"));
        let lens = LENS[..self.lens].iter().map(|name| format!("const {name}: usize"));
        let list: Vec<String> = params.chain(lens).collect();
        if list.is_empty() { String::new() } else { format!("<{}>", list.join(", ")) }
    }

    /// The predicates `A: bound` of the parameters whose values are copied.
    pub(crate) fn bounds(&self, bound: &str) -> String {
        let copied = self.params.iter().zip(PARAMS).filter(|(param, _)| param.copied);
        copied.map(|(_, name)| format!("{name}: {bound}")).collect::<Vec<_>>().join(", ")
    }
}

impl Display for Repr {
    /// The attribute, if one is needed.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut items = vec![];
        match self.base {
            Base::C => items.push("C".to_owned()),
            Base::Transparent => items.push("transparent".to_owned()),
            Base::Rust => {}
        }
        match self.packed {
            Some(1) => items.push("packed".to_owned()),
            Some(pack) => items.push(format!("packed({pack})")),
            None => {}
        }
        items.extend(self.align.map(|align| format!("align({align})")));
        if items.is_empty() { Ok(()) } else { writeln!(f, "#[repr({})]", items.join(", ")) }
    }
}
