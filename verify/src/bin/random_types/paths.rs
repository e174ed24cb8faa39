//! Paths to parts of a type, with what names them: for the compiler, for `part!`, and for the oracle.

use std::fmt::Write as _;

use seqcopy_tests::oracle::Rng;

use crate::facts::{WIDE, fact};
use crate::model::{Body, Def, Len, Treatment, Ty, Wrapper};
use crate::spell::Speller;

/// A part of a type that has no parameters.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// The type here.
    ty: Ty,
    /// Whether it is a foreign type as its author writes it.
    raw: bool,
    /// As an expression, `(*value).f0[at[0]].f1`.
    place: String,
    /// As an expression, `part!(T, f0).index(at[0])`; complete but for the fields that follow.
    part: String,
    /// The type of which the following are fields, unless none may follow; and they, `f1.f2`.
    of: Option<String>,
    fields: String,
    /// For the oracle: the numbers of fields and indices, as expressions.
    steps: Vec<String>,
    /// The lengths of the arrays whose index is known at run time only.
    lens: Vec<usize>,
}

/// The test of some part of a type, a statement.
pub(crate) fn test(rng: &mut Rng, defs: &[Def], tested: &Ty) -> String {
    let speller = Speller { defs, this: None };
    let whole = speller.ty(tested).to_string();
    // Most paths end at once, so of several rather the longest.
    let several = *rng.pick(&[1, 6]);
    let paths = (0..several).map(|_| Path::some(rng, speller, tested));
    let path = paths.max_by_key(|path| path.steps.len()).expect("there is one");
    let (lens, steps, place) = (&path.lens, path.steps.join(", "), &path.place);
    let (count, part) = (lens.len(), path.part());
    let way = rng.pick(&["bits", "lock", "latch", "writer_of_lock", "writer_of_latch"]);
    format!(
        "        case.part::<{whole}, _, {count}>({lens:?}, |at| vec![{steps}], |at| {part}, |value, at| &raw mut {place}, o::one_part::{way})?;\n"
    )
}

impl Path {
    /// Some part of a type, often of a part.
    fn some(rng: &mut Rng, speller: Speller<'_>, tested: &Ty) -> Path {
        let mut path = Path {
            ty: tested.clone(),
            raw: false,
            place: "(*value)".to_owned(),
            part: String::new(),
            of: Some(speller.ty(tested).to_string()),
            fields: String::new(),
            steps: vec![],
            lens: vec![],
        };
        while path.steps.is_empty() || rng.chance(5, 6) {
            match path.clone().step(rng, speller) {
                // What is all skipped has no part, whatever is around it.
                Some(next) if !fact(speller.defs, WIDE, &next.ty).is_hole() => path = next,
                _ => break,
            }
        }
        path
    }

    /// The expression that makes the part.
    fn part(&self) -> String {
        let Some(of) = &self.of else { return self.part.clone() };
        let fields = if self.fields.is_empty() { String::new() } else { format!(", {}", self.fields) };
        let last = format!("seqcopy::part!({of}{fields})");
        match (self.part.is_empty(), self.fields.is_empty()) {
            (true, _) => last,
            (false, true) => self.part.clone(),
            (false, false) => format!("{}.then({last})", self.part),
        }
    }

    fn field(mut self, name: &str, ty: &Ty, raw: bool, step: Option<usize>) -> Path {
        write!(self.place, ".{name}").unwrap();
        self.fields += if self.fields.is_empty() { "" } else { "." };
        self.fields += name;
        self.steps.extend(step.map(|step| step.to_string()));
        Path { ty: ty.clone(), raw, ..self }
    }

    /// One further step, if there is any.
    fn step(self, rng: &mut Rng, speller: Speller<'_>) -> Option<Path> {
        if self.of.is_none() && !matches!(self.ty, Ty::Array(..)) {
            return None;
        }
        let raw = self.raw;
        match self.ty.clone() {
            Ty::Array(element, Len::Number(len)) if len > 0 => Some(self.element(rng, speller, &element, len)),
            Ty::Tuple(all) => {
                let index = rng.below(all.len());
                Some(self.field(&index.to_string(), &all[index], false, Some(index)))
            }
            Ty::Wrapper(Wrapper::ManuallyDrop, _) => None,
            // Described as what is inside.
            Ty::Wrapper(_, inside) | Ty::Foreign(inside) => Some(self.field("0", &inside, false, None)),
            Ty::Aligned8(inside) => Some(self.field("0", &inside, false, Some(0))),
            Ty::Bridged(_, inside) if !raw => Some(self.field("value", &Ty::Bridged(false, inside), true, None)),
            Ty::Bridged(_, inside) => match *inside {
                Ty::Array(element, Len::Number(len)) if len > 0 => Some(self.element(rng, speller, &element, len)),
                _ => None,
            },
            ty @ Ty::Def(index, ..) if speller.defs[index].listing.is_some() && !raw => {
                Some(self.field("value", &ty, true, None))
            }
            Ty::Def(index, args, lens) => {
                let Body::Struct { fields, .. } = &speller.defs[index].body else { return None };
                let copied = |index: &usize| !matches!(fields[*index].treatment, Treatment::Skip);
                let all: Vec<usize> = (0..fields.len()).filter(copied).collect();
                if all.is_empty() {
                    return None;
                }
                // Rather one that has parts itself.
                let has_parts = |number: usize| {
                    matches!(
                        fields[number].ty,
                        Ty::Array(..) | Ty::Tuple(_) | Ty::Wrapper(..) | Ty::Param(_) | Ty::Def(..)
                    )
                };
                let picked = [(); 3].map(|()| *rng.pick(&all));
                let number = picked.into_iter().find(|&number| has_parts(number)).unwrap_or(picked[0]);
                let field = &fields[number];
                let raw = matches!(field.treatment, Treatment::With);
                Some(self.field(&field.name, &field.ty.with(&args, &lens), raw, Some(number)))
            }
            _ => None,
        }
    }

    /// An element of the array, whose index is often known at run time only.
    fn element(mut self, rng: &mut Rng, speller: Speller<'_>, element: &Ty, len: usize) -> Path {
        let index = if self.lens.len() < 3 && rng.chance(2, 3) {
            self.lens.push(len);
            format!("at[{}]", self.lens.len() - 1)
        } else {
            rng.below(len).to_string()
        };
        write!(self.place, "[{index}]").unwrap();
        let part = format!("{}.index({index})", self.part());
        self.steps.push(index);
        // The fields of a foreign type are parts only where it lies in a type that describes it. A type that names the
        // type around it, as a pointer to itself does, can't be written here.
        let of = (!self.raw && !element.names_param(true)).then(|| speller.ty(element).to_string());
        Path { ty: element.clone(), part, of, fields: String::new(), ..self }
    }
}
