//! Generates definitions.

use seqcopy_tests::oracle::Rng;

use crate::facts::{WIDE, fact, has_listed, weight};
use crate::fields::{Fields, Want};
use crate::model::{Base, Body, Def, Field, Hook, Int, Listing, Param, Repr, Style, Treatment, Ty, Variant};

/// Generates definitions, each of which may use those before it. `first` is the number in the first name. If they are
/// `small`, an interpreter can run their tests.
pub(crate) fn definitions(rng: &mut Rng, first: usize, count: usize, small: bool) -> Vec<Def> {
    let mut defs = Vec::new();
    while defs.len() < count {
        let name = format!("T{}", first + defs.len());
        let def = definition(rng, &defs, name);
        let mut with_it = defs.clone();
        let ty = def.tested(defs.len());
        with_it.push(def);
        // Some structs are large; the partition of an enum is a table, so enums are not.
        let is_choice = matches!(with_it.last(), Some(Def { body: Body::Choice { .. }, .. }));
        let most = if is_choice { 900 } else { 5000 };
        let (size, weight) = (fact(&with_it, WIDE, &ty).map.len(), weight(&with_it, &ty));
        if size <= most && !(small && (size > 200 || weight > 60)) {
            defs = with_it;
        }
    }
    defs
}

fn definition(rng: &mut Rng, defs: &[Def], name: String) -> Def {
    match rng.below(20) {
        0..=2 => tags(rng, name),
        3..=10 => structure(rng, defs, name),
        _ => choice(rng, defs, name),
    }
}

/// A definition without fields yet, with parameters and the arguments for the test: these are chosen before the fields
/// that use them.
fn head(rng: &mut Rng, defs: &[Def], name: String, body: Body, validate: bool, listing: Option<Listing>) -> Def {
    let mut def = Def::new(name, body, validate);
    def.listing = listing;
    def.copy = listing.is_some() || rng.chance(1, 3);
    let breaks = def.repr().breaks_pointers();
    if rng.chance(1, 4) {
        for _ in 0..=rng.below(2) {
            let param = Param { pointers: !breaks && rng.chance(1, 2), copied: rng.chance(5, 6) };
            let arg = if param.copied {
                let want =
                    Want { pointers: param.pointers, validate, copy: def.copy, depth: 1, budget: 48, ..Want::ANY };
                Fields::outside(defs).pick(rng, want)
            } else {
                Ty::Text
            };
            def.params.push(param);
            def.args.push(arg);
        }
    }
    if rng.chance(1, 6) {
        def.lens = 1;
        def.len_args = vec![*rng.pick(&[0, 1, 2, 3, 5, 9])];
    }
    def.bound = def.params.iter().any(|param| param.copied) && rng.chance(1, 6);
    def
}

fn structure(rng: &mut Rng, defs: &[Def], name: String) -> Def {
    let repr = struct_repr(rng);
    let style = match rng.below(20) {
        0 => Style::Unit,
        1..=7 => Style::Tuple,
        _ => Style::Named,
    };
    let validate = repr.is_specified() && rng.chance(3, 5);
    let listing = rng.chance(2, 5).then(|| listing(rng, repr.is_specified(), validate));
    let listing = listing.map(|it| Listing { reversed: it.reversed && style == Style::Named, ..it });
    let mut def = head(rng, defs, name, Body::Struct { repr, style, fields: vec![] }, validate, listing);
    let want = Want {
        pointers: !repr.breaks_pointers(),
        validate,
        copy: def.copy,
        aligned: repr.packed.is_none(),
        narrow: rng.chance(1, 3),
        in_struct: true,
        depth: 3,
        budget: if rng.chance(1, 12) { 3000 } else { 300 },
    };
    let count = match repr.base {
        _ if style == Style::Unit => 0,
        Base::Transparent => 1,
        _ => *rng.pick(&[0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 12]),
    };
    let mut fields = Fields::of(defs, &def).several(rng, want, count, style);
    if repr.base == Base::Transparent && style != Style::Unit {
        for _ in 0..rng.below(3) {
            let ty = if rng.chance(1, 2) { Ty::Unit } else { Ty::Phantom(Box::new(Ty::Text)) };
            // Before or after the field that matters.
            fields.insert(rng.below(fields.len() + 1), own(ty));
        }
    }
    let style = use_params(&def, &mut fields, style);
    rename(rng, &mut fields, style);
    def.body = Body::Struct { repr, style, fields };
    struct_hooks(rng, &mut def);
    bounded(defs, &mut def);
    def
}

/// How a type is listed, if it stands for one of another crate.
fn listing(rng: &mut Rng, is_specified: bool, validate: bool) -> Listing {
    let proved = !is_specified || rng.chance(3, 4);
    let repr = is_specified && (validate || !proved || rng.chance(1, 2));
    Listing { proved, repr, reversed: !repr && rng.chance(1, 2) }
}

/// Bounds that are written out say nothing of foreign types, which have to be `Copy`.
fn bounded(defs: &[Def], def: &mut Def) {
    let has_listed = def.fields().filter_map(Field::copied).any(|ty| has_listed(defs, ty));
    def.bound &= !has_listed;
}

fn struct_repr(rng: &mut Rng) -> Repr {
    let base = if rng.chance(2, 3) { Base::C } else { Base::Rust };
    let plain = Repr { base, packed: None, align: None };
    match rng.below(20) {
        0..=9 => plain,
        10..=15 => Repr { packed: Some(*rng.pick(&[1, 1, 2, 4, 8])), ..plain },
        16..=17 => Repr { align: Some(*rng.pick(&[2, 8, 16, 16, 64])), ..plain },
        _ => Repr { base: Base::Transparent, ..plain },
    }
}

/// A type parameter that no field names is an error.
fn use_params(def: &Def, fields: &mut Vec<Field>, style: Style) -> Style {
    let mut style = style;
    for index in 0..def.params.len() {
        if !fields.iter().any(|field| names(&field.ty, index) || field.copied().is_some_and(|ty| names(ty, index))) {
            fields.push(own(Ty::Phantom(Box::new(Ty::Param(index)))));
            if style == Style::Unit {
                style = Style::Named;
            }
        }
    }
    style
}

/// Whether rustc counts the parameter as used: in a function pointer that mentions the type itself it would not.
fn names(ty: &Ty, index: usize) -> bool {
    matches!(ty, Ty::Param(it) if *it == index) || ty.children().iter().any(|ty| names(ty, index))
}

fn own(ty: Ty) -> Field {
    Field { name: String::new(), ty, treatment: Treatment::Own, poison: None }
}

/// Names of fields: numbers in tuples, otherwise some that need `r#`.
fn rename(rng: &mut Rng, fields: &mut [Field], style: Style) {
    for (index, field) in fields.iter_mut().enumerate() {
        field.name = match style {
            Style::Tuple => index.to_string(),
            _ if index == 1 && rng.chance(1, 5) => "r#type".to_owned(),
            _ if index == 2 && rng.chance(1, 5) => "r#match".to_owned(),
            _ => format!("f{index}"),
        };
    }
}

fn tags(rng: &mut Rng, name: String) -> Def {
    let repr = rng.chance(5, 6).then(|| *rng.pick(Int::TAGS));
    let range = repr.map_or((i128::from(i32::MIN), i128::from(i32::MAX)), Int::range);
    let count = match rng.below(12) {
        0 => 1,
        // As many as a byte has values.
        1 if range.1 - range.0 == 255 => 256,
        1 => 40,
        _ => 2 + rng.below(7),
    };
    let values = discriminants(rng, range, count);
    let mut variants: Vec<Variant> = values.into_iter().enumerate().map(|it| unit_variant(it.0, it.1)).collect();
    let mut def = Def::new(name, Body::Tags { repr, variants: vec![] }, rng.chance(3, 4));
    if rng.chance(1, 4) {
        (def.listing, def.copy) = (Some(listing(rng, true, def.validate)), true);
    } else if def.validate && variants.len() > 1 && rng.chance(1, 2) {
        let index = rng.below(variants.len());
        variants[index].reserved = true;
        let poison = variants[index].value;
        def.hooks.push(Hook { variant: index, field: None, poison, valid: rng.chance(1, 2) });
    }
    def.body = Body::Tags { repr, variants };
    def
}

fn unit_variant(index: usize, (value, explicit): (i128, bool)) -> Variant {
    let name = if index == 1 { "r#Yield".to_owned() } else { format!("V{index}") };
    Variant { name, style: Style::Unit, value, explicit, fields: vec![], reserved: false }
}

/// Distinct numbers of a range, and whether each must be written.
fn discriminants(rng: &mut Rng, (low, high): (i128, i128), count: usize) -> Vec<(i128, bool)> {
    let mut all: Vec<(i128, bool)> = vec![];
    // Many can't be drawn at random.
    let dense = count > 60 || rng.chance(1, 3);
    let start = if count > 60 { low } else { 0 };
    while all.len() < count {
        let following = all.last().map_or(0, |&(value, _)| value + 1);
        let any = match rng.below(6) {
            0 => low,
            1 => high,
            2 => low + i128::from(rng.bits()) % (high - low + 1),
            3 => -1,
            _ => i128::from(rng.bits() % 100) - if low < 0 { 50 } else { 0 },
        };
        let (value, explicit) = match all.len() {
            0 if dense => (start, true),
            0 if rng.chance(1, 2) => (0, false),
            0 => (any, true),
            _ if dense || rng.chance(1, 2) => (following, false),
            _ => (any, true),
        };
        if (low..=high).contains(&value) && all.iter().all(|&(other, _)| other != value) {
            all.push((value, explicit));
        }
    }
    all
}

fn choice(rng: &mut Rng, defs: &[Def], name: String) -> Def {
    let (tag, c) = (*rng.pick(Int::TAGS), rng.chance(1, 2));
    let validate = rng.chance(3, 5);
    // The compiler can't compare lists of variants with fields.
    let listing = rng.chance(1, 6).then_some(Listing { proved: false, repr: true, reversed: false });
    let mut def = head(rng, defs, name, Body::Choice { tag, c, variants: vec![] }, validate, listing);
    let count = *rng.pick(&[1, 2, 2, 3, 3, 3, 4, 5, 7]);
    let (narrow, budget) = (rng.chance(1, 3), 1 + rng.below(200));
    let want = Want { validate, copy: def.copy, narrow, depth: 3, budget, ..Want::ANY };
    let mut variants = vec![];
    for (index, discriminant) in discriminants(rng, tag.range(), count).into_iter().enumerate() {
        let style = *rng.pick(&[Style::Unit, Style::Tuple, Style::Tuple, Style::Named, Style::Named]);
        let count = if style == Style::Unit { 0 } else { *rng.pick(&[0, 1, 1, 2, 2, 3, 4]) };
        let fields = Fields::of(defs, &def).several(rng, want, count, style);
        variants.push(Variant { style, fields, ..unit_variant(index, discriminant) });
    }
    // The last variant guarantees that one has fields, and that the parameters are named.
    let mut all: Vec<Field> = variants.iter().flat_map(|it| it.fields.iter().cloned()).collect();
    let before = all.len();
    use_params(&def, &mut all, Style::Named);
    let last = variants.last_mut().expect("there is one");
    last.fields.extend(all.drain(before..));
    if last.style == Style::Unit {
        last.style = if rng.chance(1, 2) { Style::Tuple } else { Style::Named };
    }
    for variant in &mut variants {
        rename(rng, &mut variant.fields, variant.style);
    }
    def.body = Body::Choice { tag, c, variants };
    choice_hooks(rng, &mut def);
    bounded(defs, &mut def);
    def
}

fn struct_hooks(rng: &mut Rng, def: &mut Def) {
    let validate = def.validate && def.listing.is_none();
    let Body::Struct { fields, .. } = &mut def.body else { return };
    if validate && rng.chance(1, 2) {
        def.hooks = hooks(rng, fields.iter_mut().enumerate().map(|(index, field)| (0, index, field)).collect());
    }
}

fn choice_hooks(rng: &mut Rng, def: &mut Def) {
    let validate = def.validate && def.listing.is_none();
    let Body::Choice { variants, .. } = &mut def.body else { return };
    if validate && rng.chance(1, 2) {
        let places = variants.iter_mut().enumerate().flat_map(|(variant, it)| {
            it.fields.iter_mut().enumerate().map(move |(index, field)| (variant, index, field))
        });
        def.hooks = hooks(rng, places.collect());
    }
}

/// At most one hook of each kind, on different numbers, the safe one first, in the order in which they run.
fn hooks(rng: &mut Rng, places: Vec<(usize, usize, &mut Field)>) -> Vec<Hook> {
    let mut hooks = vec![];
    let mut left = vec![false, true];
    for (variant, index, field) in places {
        let Ty::Int(int) = field.ty else { continue };
        if int.size == Some(16) || !matches!(field.treatment, Treatment::Own) || !rng.chance(1, 2) || left.is_empty() {
            continue;
        }
        let (low, high) = int.range();
        let poison = *rng.pick(&[low, high, 0, 1, 7, 100, high / 2]);
        field.poison = Some(poison);
        let valid = left.swap_remove(rng.below(left.len()));
        hooks.push(Hook { variant, field: Some(index), poison, valid });
    }
    hooks.sort_by_key(|hook| hook.valid);
    hooks
}
