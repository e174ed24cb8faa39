//! Regions of random types, for C programs: the same definitions, without their tests.

use std::fmt::Write as _;

use seqcopy_tests::oracle::Rng;

use crate::facts::{WIDE, can_validate, fact};
use crate::literal::literal;
use crate::spell::Speller;
use crate::{emit, generate};

/// Values per type.
const VALUES: usize = 5;

/// The source of a crate of definitions, of which at most `wanted` become regions, and how many that are.
pub(crate) fn chunk(rng: &mut Rng, first: usize, count: usize, wanted: usize) -> (String, usize) {
    let defs = generate::definitions(rng, first, count, false);
    let (mut items, mut calls, mut made) = (String::new(), String::new(), 0);
    for (index, def) in defs.iter().enumerate() {
        items += &emit::alone(&defs, def);
        let tested = def.tested(index);
        if made == wanted || !can_validate(&defs, &tested) || fact(&defs, WIDE, &tested).map.is_empty() {
            continue;
        }
        made += 1;
        let ty = Speller { defs: &defs, this: None }.ty(&tested).to_string();
        write!(calls, "    regions.add::<{ty}>(\"{}\", [", def.name).expect("to memory");
        for _ in 0..VALUES {
            calls += &literal(rng, &defs, &tested);
            calls += ", ";
        }
        calls += "])?;\n";
    }
    let source = format!(
        "#![allow(warnings)]\nuse seqcopy_tests::oracle as o;\n\n{items}pub fn run(regions: &mut seqcopy_tests::regions::Regions) \
         -> Result<(), Box<dyn std::error::Error>> {{\n{calls}    Ok(())\n}}\n"
    );
    (source, made)
}
