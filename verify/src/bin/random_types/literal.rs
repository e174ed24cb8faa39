//! Values that can be written in a constant.

use seqcopy_tests::oracle::Rng;

use crate::model::{Body, Def, FUNCTIONS, Field, Int, Len, Pointer, Treatment, Ty, Wrapper};

/// A value of a type without parameters, as an expression.
pub(crate) fn literal(rng: &mut Rng, defs: &[Def], ty: &Ty) -> String {
    expression(rng, defs, ty, false)
}

/// A value of this type: of a foreign one (or an array of some) `raw`, as its author makes it, otherwise in the wrapper
/// `Remote`.
fn expression(rng: &mut Rng, defs: &[Def], ty: &Ty, raw: bool) -> String {
    let mut of = |ty: &Ty| literal(rng, defs, ty);
    let wrapped = |value: String| if raw { value } else { format!("seqcopy::Remote::new({value})") };
    match ty {
        Ty::Int(int) => number(rng, *int),
        Ty::Float(4) => format!("f32::from_bits({:#x})", float(rng, 0x7f80_0001, 0xffff_ffff)),
        Ty::Float(_) => format!("f64::from_bits({:#x})", float(rng, 0x7ff0_0000_0000_0001, u64::MAX)),
        Ty::Bool => rng.chance(1, 2).to_string(),
        Ty::Char => ["'\\0'", "'a'", "'\\u{d7ff}'", "'\\u{10ffff}'", "'ß'"][rng.below(5)].to_owned(),
        Ty::NonZero(int) => format!("core::num::NonZero::<{}>::new({}).unwrap()", int.name, 1 + rng.below(100)),
        Ty::OptionNonZero(int) => format!("core::num::NonZero::<{}>::new({})", int.name, number(rng, *int)),
        Ty::Vector => {
            format!("unsafe {{ core::mem::transmute::<u128, o::Vector>({:#x}{:016x}) }}", rng.bits(), rng.bits())
        }
        Ty::Pointer(pointer) => self::pointer(rng, pointer),
        Ty::Array(ty, len) => {
            let Len::Number(len) = *len else { panic!("a parameter is left") };
            let mut of = |ty: &Ty| expression(rng, defs, ty, raw);
            if len > 4 {
                return format!("[const {{ {} }}; {len}]", of(ty));
            }
            let elements: Vec<String> = (0..len).map(|_| of(ty)).collect();
            format!("[{}]", elements.join(", "))
        }
        Ty::Tuple(all) => {
            let all: Vec<String> = all.iter().map(|ty| of(ty) + ",").collect();
            format!("({})", all.concat())
        }
        Ty::Wrapper(wrapper, ty) => {
            let name = match wrapper {
                Wrapper::Wrapping => "core::num::Wrapping",
                Wrapper::Saturating => "core::num::Saturating",
                Wrapper::Reverse => "core::cmp::Reverse",
                Wrapper::ManuallyDrop => "core::mem::ManuallyDrop::new",
            };
            format!("{name}({})", of(ty))
        }
        Ty::SeqOption(ty) => {
            if rng.chance(1, 2) {
                return "seqcopy::SeqOption::None".to_owned();
            }
            format!("seqcopy::SeqOption::Some({})", literal(rng, defs, ty))
        }
        Ty::Aligned8(ty) => format!("seqcopy::Aligned8({})", of(ty)),
        Ty::Unit => "()".to_owned(),
        Ty::Phantom(_) => "core::marker::PhantomData".to_owned(),
        Ty::Uninit(_) => "core::mem::MaybeUninit::uninit()".to_owned(),
        Ty::Foreign(ty) => format!("o::Foreign({})", of(ty)),
        Ty::Bytes(size) => format!("o::Bytes([{}; {size}])", rng.below(256)),
        Ty::Unseen(_, size) => format!("o::Unseen([], [{}; {size}])", rng.below(256)),
        Ty::Text | Ty::Param(_) => panic!("no value of this is ever made"),
        Ty::Bridged(_, inside) => wrapped(of(inside)),
        Ty::Def(index, args, lens) => {
            let value = definition(rng, defs, &defs[*index], args, lens);
            if defs[*index].listing.is_some() { wrapped(value) } else { value }
        }
    }
}

fn definition(rng: &mut Rng, defs: &[Def], def: &Def, args: &[Ty], lens: &[Len]) -> String {
    let mut fields = |all: &[Field]| {
        let one = |field: &Field| format!("{}: {}, ", field.name, self::field(rng, defs, field, args, lens));
        all.iter().map(one).collect::<String>()
    };
    match &def.body {
        Body::Struct { fields: all, .. } => format!("{} {{ {} }}", def.name, fields(all)),
        Body::Tags { variants, .. } | Body::Choice { variants, .. } => {
            let made: Vec<_> = variants.iter().filter(|variant| !variant.reserved).collect();
            let variant = *rng.pick(&made);
            let mut fields = |all: &[Field]| {
                let one = |field: &Field| format!("{}: {}, ", field.name, self::field(rng, defs, field, args, lens));
                all.iter().map(one).collect::<String>()
            };
            format!("{}::{} {{ {} }}", def.name, variant.name, fields(&variant.fields))
        }
    }
}

fn field(rng: &mut Rng, defs: &[Def], field: &Field, args: &[Ty], lens: &[Len]) -> String {
    let ty = field.ty.with(args, lens);
    match (field.poison, &field.treatment) {
        // A number that the hook accepts.
        (Some(poison), _) => if poison == 3 { "4" } else { "3" }.to_owned(),
        (None, Treatment::With) => expression(rng, defs, &ty, true),
        (None, Treatment::Own | Treatment::Skip | Treatment::As(_)) => literal(rng, defs, &ty),
    }
}

fn number(rng: &mut Rng, int: Int) -> String {
    let (low, high) = int.range();
    match rng.below(6) {
        0 => format!("{}::MIN", int.name),
        1 => format!("{}::MAX", int.name),
        2 => "0".to_owned(),
        _ => format!("({})", low + i128::from(rng.bits()) % (high - low + 1)),
    }
}

/// The bits of a float, often of a signalling NaN.
fn float(rng: &mut Rng, nan: u64, mask: u64) -> u64 {
    if rng.chance(1, 2) { nan } else { rng.bits() & mask }
}

fn pointer(rng: &mut Rng, pointer: &Pointer) -> String {
    let target = format!("o::TARGETS[{}]", rng.below(32));
    let null = rng.chance(1, 4);
    let non_null = format!("unsafe {{ core::ptr::NonNull::new_unchecked((&raw const {target}).cast_mut().cast()) }}");
    match pointer {
        Pointer::Const(_) | Pointer::Itself if null => "core::ptr::null()".to_owned(),
        Pointer::Const(_) | Pointer::Itself => format!("(&raw const {target}).cast()"),
        Pointer::Mut(_) if null => "core::ptr::null_mut()".to_owned(),
        Pointer::Mut(_) => format!("(&raw const {target}).cast_mut().cast()"),
        Pointer::NonNull(_) => non_null,
        Pointer::OptionNonNull(_) | Pointer::Reference(_) | Pointer::Function(_, true) if null => "None".to_owned(),
        Pointer::OptionNonNull(_) => format!("Some({non_null})"),
        Pointer::Reference(true) => format!("Some(&{target})"),
        Pointer::Reference(false) => format!("Some(&o::THREES[{}])", rng.below(4)),
        Pointer::Function(index, optional) => {
            let function = format!("o::{}[{}]", FUNCTIONS[*index].1, rng.below(2));
            if *optional { format!("Some({function})") } else { function }
        }
    }
}
