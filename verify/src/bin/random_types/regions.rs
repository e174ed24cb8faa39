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
        // Every other type is the value of a map.
        if made % 2 == 0 {
            let name = format!("MapKey{}", first + index);
            let key = key(rng, &name);
            items += &key.definition;
            write!(calls, "    regions.add_map::<{name}, {ty}>(\"{}\", [", def.name).expect("to memory");
            for _ in 0..VALUES {
                let (key, value) = (key.literal(rng), literal(rng, &defs, &tested));
                write!(calls, "({key}, {value}), ").expect("to memory");
            }
            calls += "])?;\n";
        }
    }
    let source = format!(
        "#![allow(warnings)]\nuse seqcopy_tests::oracle as o;\n\n{items}pub fn run(regions: &mut seqcopy_tests::regions::Regions) \
         -> Result<(), Box<dyn std::error::Error>> {{\n{calls}    Ok(())\n}}\n"
    );
    (source, made)
}

/// What a field of a key may be: type, size, alignment.
const PARTS: [(&str, usize, usize); 12] = [
    ("u8", 1, 1),
    ("i16", 2, 2),
    ("u32", 4, 4),
    ("i64", 8, 8),
    ("u64", 8, 8),
    ("u128", 16, 16),
    ("bool", 1, 1),
    ("char", 4, 4),
    ("core::num::NonZeroU16", 2, 2),
    ("[u8; 3]", 3, 1),
    ("[u16; 5]", 10, 2),
    ("seqcopy::SeqStr<8>", 12, 4),
];

/// A struct without padding.
struct Key {
    name: String,
    fields: Vec<&'static str>,
    definition: String,
}

/// A random one.
fn key(rng: &mut Rng, name: &str) -> Key {
    let (mut fields, mut end, mut align) = (Vec::new(), 0, 1);
    for _ in 0..=rng.below(9) {
        let &(part, size, part_align) = rng.pick(&PARTS);
        if end % part_align == 0 {
            fields.push(part);
            (end, align) = (end + size, align.max(part_align));
        }
    }
    while fields.is_empty() || end % align != 0 {
        fields.push("u8");
        end += 1;
    }
    let list: Vec<String> = fields.iter().enumerate().map(|(i, part)| format!("    f{i}: {part},\n")).collect();
    let derives = "#[derive(Clone, Copy, PartialEq, Eq, seqcopy::SeqCopy, seqcopy::Validate)]\n#[repr(C)]\n";
    Key { name: name.to_owned(), fields, definition: format!("{derives}pub struct {name} {{\n{}}}\n\n", list.concat()) }
}

impl Key {
    fn literal(&self, rng: &mut Rng) -> String {
        let list = self.fields.iter().enumerate().map(|(i, part)| format!("f{i}: {}, ", part_literal(rng, part)));
        format!("{} {{ {} }}", self.name, list.collect::<String>())
    }
}

fn part_literal(rng: &mut Rng, part: &str) -> String {
    let mut numbers = |count: usize| (0..count).map(|_| format!("{}, ", rng.below(256))).collect::<Vec<_>>().concat();
    match part {
        "[u8; 3]" => format!("[{}]", numbers(3)),
        "[u16; 5]" => format!("[{}]", numbers(5)),
        "bool" => rng.chance(1, 2).to_string(),
        "char" => format!("'\\u{{{:x}}}'", rng.below(0xd800)),
        "core::num::NonZeroU16" => format!("{part}::new({}).unwrap()", 1 + rng.below(0xffff)),
        "seqcopy::SeqStr<8>" => format!("seqcopy::SeqStr::try_from(\"{:x}\").unwrap()", rng.bits() & 0xffff_ffff),
        _ => format!("{:#x}u64 as {part}", rng.bits()),
    }
}
