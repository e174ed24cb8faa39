//! Schemas and values that nobody in his right mind would write: whatever the library lets through, this program shows.

use std::io::{self, Write};

use seqcopy::{Layout, SeqCopy};
use seqcopy_shm::Schema;

use super::samples::{Sample, image};
use super::{effort, header, schemas, show, text, to_json, value};

/// Numbers that look random, always the same.
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

/// Where the size of the whole lies in a schema: behind its beginning (a length, 16 letters, two bytes) and the kind.
const SIZE: usize = 8 + 16 + 2 + 1;

/// Everything that the commands do with a schema and a value.
fn show_all(layout: &'static Layout, bytes: &[u8], other: &'static Layout) {
    let _ = show::drawing(layout).map(|drawing| drawing.to_string());
    let _ = to_json::layout(layout).to_string();
    let _ = schemas::compare(layout, other);
    let _ = schemas::compare(other, layout);
    let _ = header::sample(layout);
    let types = value::Types::of(layout);
    let value = value::Value::new(&types, layout, bytes);
    if effort::json(layout).is_ok() {
        to_json::write(&mut io::sink(), &value, true).unwrap();
        assert!(value.same(value));
    }
    if effort::rows(layout, 3).is_ok() {
        let table = text::Table::of(value, 3);
        let before = text::Before::Was(value);
        text::rows(value, before, 3, &mut |row| write!(io::sink(), "{}", table.line(row))).unwrap();
    }
}

#[test]
fn whatever_is_let_through_is_shown() {
    let sound = Schema::of::<Sample>();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut let_through = 0;
    for _ in 0..30_000 {
        let mut bytes = sound.as_bytes().to_vec();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len());
            match dice.roll(4) {
                0 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 => bytes[at] ^= 1 << dice.roll(8),
                2 => bytes[at] = *b"uifbcnmNM#_[{ed|".get(dice.roll(16)).unwrap(),
                // A number, or a name, of another place.
                _ => {
                    let (from, len) = (dice.roll(bytes.len()), dice.roll(9));
                    let part = bytes[from..bytes.len().min(from + len)].to_vec();
                    let end = bytes.len().min(at + part.len());
                    bytes[at..end].copy_from_slice(&part[..end - at]);
                }
            }
        }
        // A region is longer than its type, so a header with a size beyond memory is refused before the schema is looked at.
        if u64::from_le_bytes(*bytes[SIZE..].first_chunk().unwrap()) > 1 << 16 {
            continue;
        }
        let Ok(schema) = Schema::decode(&bytes) else { continue };
        let layout = schema.layout();
        let_through += 1;
        let mut content = image();
        content.resize(layout.size(), 0xa5);
        for _ in 0..8 {
            let at = dice.roll(content.len().max(1));
            content.get_mut(at).into_iter().for_each(|byte| *byte = 0xff);
        }
        show_all(layout, &content, Sample::LAYOUT);
    }
    assert!(let_through > 1000, "only {let_through} were put to the test");
}

/// A schema, written by hand.
struct Script(Vec<u8>);

impl Script {
    fn begin(kind: u8, size: u64, align: u64, name: &str) -> Self {
        let sound = Schema::of::<u8>();
        Script(sound.as_bytes()[..SIZE - 1].to_vec()).node(kind, size, align).text(name)
    }

    fn number(mut self, number: usize) -> Self {
        self.0.extend((number as u64).to_le_bytes());
        self
    }

    fn text(mut self, text: &str) -> Self {
        self = self.number(text.len());
        self.0.extend(text.bytes());
        self
    }

    fn node(mut self, kind: u8, size: u64, align: u64) -> Self {
        self.0.push(kind);
        self.0.extend(size.to_le_bytes());
        self.0.extend(align.to_le_bytes());
        self
    }

    /// As many as fit into a schema.
    fn fields(mut self, count: usize, kind: u8, size: u64, stride: usize) -> Self {
        self = self.number(count);
        for i in 0..count {
            self = self.text(&format!("a{i}")).number(i * stride).node(kind, size, 1);
        }
        self
    }
}

/// What takes long must be refused, not waited for.
#[test]
fn schemas_that_were_made_to_be_slow() {
    const PARTS: usize = 5000;
    const VARIANTS: usize = 1000;
    let gaps = Script::begin(b'{', 2 * PARTS as u64, 1, "Gaps").fields(PARTS, b'u', 1, 2);
    let nothing = Script::begin(b'{', 1, 1, "Nothing").fields(PARTS, b'#', 0, 0);
    let mut variants =
        Script::begin(b'|', 4 * VARIANTS as u64 + 2, 2, "Variants").node(b'u', 2, 2).number(2).number(VARIANTS);
    for i in 0..VARIANTS {
        variants = variants.text(&format!("V{i}")).number(i).number(1).text("a").number(4 * i).node(b'u', 1, 1);
    }
    for script in [gaps, nothing, variants] {
        let schema = Schema::decode(&script.0).unwrap();
        let layout = schema.layout();
        let began = std::time::Instant::now();
        show_all(layout, &vec![0; layout.size()], Sample::LAYOUT);
        assert!(began.elapsed().as_secs() < 30, "{}: {:?}", layout.name(), began.elapsed());
    }
    // Large, but honest.
    assert!(show::drawing(<[[Sample; 100]; 100]>::LAYOUT).is_some());
    assert!(show::drawing(<[u8; 1 << 24]>::LAYOUT).is_some());
}
