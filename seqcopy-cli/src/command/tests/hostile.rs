//! Schemas and values that no sane program writes: whatever the library accepts, this program shows.

use std::io;
use std::io::Write;

use seqcopy::{Layout, SeqCopy};
use seqcopy_bindgen::Bindings;
use seqcopy_shm::{Header, Schema};

use super::samples::{Sample, image};
use super::schema_builder::{START, SchemaBuilder};

use crate::command::field::same;
use crate::command::limits::TEXT;
use crate::command::output::Table;
use crate::command::{limits, schemas, show, text, to_json};
use seqcopy_shm::untyped::Variants;

/// Pseudo-random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % below
    }
}

/// Where the size of the type lies in a schema: after the start and the kind.
const SIZE: usize = START + 1;

/// Everything that the commands do with a schema and a value.
fn show_all(schema: &Schema, bytes: &[u8], other: &Layout) {
    let layout = schema.layout();
    let _ = show::drawing(layout).map(|drawing| drawing.to_string());
    let _ = to_json::layout(layout).to_string();
    let _ = schemas::compare(layout, other);
    let _ = schemas::compare(other, layout);
    if let Ok(header) = Header::planned(schema, false) {
        let bindings = Bindings::of_region(&header, schema);
        let _ = bindings.c_header();
    }
    let variants = Variants::from_layout(layout);
    let value = variants.value(layout, bytes);
    let _ = to_json::write(&mut io::sink(), &to_json::AsJson(value), true);
    if limits::walk(layout, 1).is_ok() {
        assert!(same(value, value));
    }
    if let Ok(table) = Table::of(TEXT, 3, |each| text::rows(value, Some(value), 3, each)) {
        text::rows(value, Some(value), 3, &mut |row| write!(io::sink(), "{}", table.line(row))).unwrap();
    }
}

/// Whether this is the daily run (`ci/daily.sh`).
fn is_long() -> bool {
    std::env::var_os("SEQCOPY_LONG").is_some()
}

#[test]
fn whatever_the_library_accepts_is_shown() {
    let sound = Schema::of::<Sample>();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut accepted, all) = (0, if is_long() { 30_000 } else { 3000 });
    for _ in 0..all {
        let mut bytes = sound.as_bytes().to_vec();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len());
            match dice.roll(4) {
                0 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 => bytes[at] ^= 1 << dice.roll(8),
                2 => bytes[at] = *b"uifbcnmNM#_[{ed|osv".get(dice.roll(19)).unwrap(),
                // A number, or a name, from another place.
                _ => {
                    let (from, len) = (dice.roll(bytes.len()), dice.roll(9));
                    let part = bytes[from..bytes.len().min(from + len)].to_vec();
                    let end = bytes.len().min(at + part.len());
                    bytes[at..end].copy_from_slice(&part[..end - at]);
                }
            }
        }
        // A region is longer than its type, so the library refuses a size beyond memory before it looks at the schema.
        if u64::from_le_bytes(*bytes[SIZE..].first_chunk().unwrap()) > 1 << 16 {
            continue;
        }
        let Ok(schema) = Schema::decode(&bytes) else { continue };
        let layout = schema.layout();
        accepted += 1;
        let mut content = image();
        content.resize(layout.size(), 0xa5);
        for _ in 0..8 {
            let at = dice.roll(content.len().max(1));
            content.get_mut(at).into_iter().for_each(|byte| *byte = 0xff);
        }
        show_all(&schema, &content, Sample::LAYOUT);
    }
    assert!(accepted > all / 30, "only {accepted} schemas were shown");
}

/// What would take too long must be refused at once.
#[test]
fn schemas_that_were_made_to_be_slow() {
    // What takes the square of the number takes a hundred times as long in the daily run.
    let (parts, count) = if is_long() { (5000, 1000) } else { (500, 100) };
    let names: Vec<String> = (0..parts).map(|i| format!("a{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let gaps = SchemaBuilder::new().structure("Gaps", &names, (b'u', 1), 2);
    let nothing = SchemaBuilder::new().structure("Nothing", &names, (b'#', 0), 0);
    let mut variants = SchemaBuilder::new().node(b'|', 4 * count + 2, 2).text("Variants");
    variants = variants.node(b'u', 2, 2).number(2).number(count);
    for i in 0..count {
        variants = variants.text(&format!("V{i}")).number(i).number(1).text("a").number(4 * i).node(b'u', 1, 1);
    }
    for schema in [gaps, nothing, variants] {
        let schema = schema.schema();
        let layout = schema.layout();
        let began = std::time::Instant::now();
        show_all(&schema, &vec![0; layout.size()], Sample::LAYOUT);
        assert!(began.elapsed().as_secs() < 600, "{}: {:?}", layout.name(), began.elapsed());
    }
    // Large, but drawn at once.
    assert!(show::drawing(<[[Sample; 100]; 100]>::LAYOUT).is_some());
    assert!(show::drawing(<[u8; 1 << 24]>::LAYOUT).is_some());
}
