//! Scripts of calls on one region: lines that a program in any language reads without a parser of its own, a model that
//! says what each must answer, random ones, and shorter ones of those that fail.
//!
//! A line is a verb and its arguments, bytes in hexadecimal. A program has at most one writer and one reader, and
//! answers each line with one. Verbs that begin with `r` are the reader's. In a script for several programs each line
//! begins with the number of one.
//!
//! | verb | arguments | answer |
//! |---|---|---|
//! | `create`, `open`, `take`, `grow` | | `ok`, or why not. `open` creates what is not there; `grow` replaces a map or a slice that is too small |
//! | `write` | a value, or the elements of a slice | `ok`, `invalid`: no value, or too many elements |
//! | `edit` | a value | the value that it begins with, and the answer of `write` |
//! | `set`, `remove` | key and value; key | `ok`, `invalid`, `full` |
//! | `change` | key and value | the same, but nothing is published if the key has that value |
//! | `begin`, `commit`, `discard` | | `yes` or `no`: whether there is a batch now, or was one |
//! | `get` | key | the value, as the writer sees it, or `absent` |
//! | `len`, `version` | | the writer's |
//! | `close`, `drop` | | `ok`; `drop` leaves the region without a writer |
//! | `restore` | | `yes` if it was put back, `no`; `exists` if the path leads to another region |
//! | `unlink` | | `ok` or `missing`: the file loses its name |
//! | `die` | | `ok`: the program is killed, and started again |
//! | `ropen`, `rdrop` | | `ok`, `missing` |
//! | `rread` | | version and value, or entries in the order of their keys; `empty`, `closed` |
//! | `rget` | key | generation and value, `absent`, `closed` |
//! | `rreopen` | | `yes` if the reader is one of a new region |
//! | `rlisten` | | `ok`: from now on a descriptor tells of what is newer than the last `rread` returned |
//! | `rtold` | | `yes` if the descriptor tells of something; then it is cleared. Every call that changes something wakes |
//! | `rwait` | | `yes` if there is something newer than the last `rread` returned, or the region is closed |
//!
//! `none`: there is no such handle. `skipped`: the language has no such call, and nothing was done. The padding of what
//! is written is 0xaa or 0x55; answers are the data bytes alone.

mod model;

use std::fmt::Write;

pub use model::Model;

/// What the region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A struct of a `u32`, a `bool` and three bytes of padding.
    Value,
    /// Elements: structs of a `u16`, a `bool` and a byte of padding.
    Slice,
    /// Keys of two bytes, and values as the elements.
    Map,
}

impl Kind {
    /// The data bytes of a value, or of an element.
    #[must_use]
    pub fn data(self) -> usize {
        if self == Kind::Value { 5 } else { 3 }
    }

    /// The bytes of a value, or of an element.
    #[must_use]
    pub fn size(self) -> usize {
        if self == Kind::Value { 8 } else { 4 }
    }
}

/// How many elements, or entries, there are space for: before and after `grow`.
pub const CAPACITY: [usize; 2] = [7, 14];

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string");
        text
    })
}

/// The bytes of such a text.
///
/// # Panics
/// If it is another text.
#[must_use]
pub fn bytes(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..][..2], 16).expect("hexadecimal")).collect()
}

/// The data bytes of values that lie one after the other.
#[must_use]
pub fn data_of(kind: Kind, values: &[u8]) -> String {
    values.chunks(kind.size()).map(|value| hex(&value[..kind.data()])).collect()
}

/// Numbers by which scripts are made.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("few")]
    }
}

/// A script of this many lines.
///
/// # Panics
/// Never: what is converted is small.
#[must_use]
pub fn random(kind: Kind, seed: u64, len: usize) -> Vec<String> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..20).for_each(|_| _ = random.below(2));
    let life = ["create", "open", "open", "take", "close", "drop", "restore", "restore", "unlink", "unlink", "version"];
    let reads = [
        "ropen", "ropen", "rread", "rread", "rread", "rreopen", "rreopen", "rwait", "rwait", "rdrop", "rlisten",
        "rtold", "rtold",
    ];
    let batch = ["begin", "begin", "commit", "commit", "discard", "len", "len"];
    let mut lines = vec![String::from("open")];
    while lines.len() < len {
        let value = |random: &mut Random| {
            let ok = [0, 1, 1, 1, 1, 0, 0, 7][usize::try_from(random.below(8)).expect("few")];
            let mut value = vec![u8::try_from(random.below(2)).expect("a byte"); kind.data() - 1];
            value.push(ok);
            value.resize(kind.size(), [0xaa, 0x55][usize::try_from(random.below(2)).expect("a bit")]);
            hex(&value)
        };
        // More than fit in, two of them often.
        let key = |random: &mut Random| {
            format!("{:02x}00", if random.below(2) == 0 { random.below(2) } else { random.below(9) })
        };
        let line = match (random.below(10), kind) {
            (0..4, _) => random.one(&life).into(),
            (4..7, _) => random.one(&reads).into(),
            (7, Kind::Map | Kind::Slice) if random.below(8) == 0 => "grow".into(),
            (_, Kind::Value) => format!("{} {}", random.one(&["write", "edit"]), value(&mut random)),
            (_, Kind::Slice) => {
                let most = if random.below(2) == 0 { 9 } else { 16 };
                let len = random.below(most);
                format!("write {}", (0..len).map(|_| value(&mut random)).collect::<String>()).trim_end().into()
            }
            (7, Kind::Map) => random.one(&batch).into(),
            (_, Kind::Map) => match random.below(5) {
                0 => format!("remove {}", key(&mut random)),
                1 => format!("{} {}", random.one(&["get", "rget"]), key(&mut random)),
                _ => {
                    let key = key(&mut random);
                    format!("{} {key} {}", random.one(&["set", "set", "change"]), value(&mut random))
                }
            },
        };
        lines.push(line);
    }
    lines
}

/// A script for two programs. One of them may be killed.
#[must_use]
pub fn in_turns(kind: Kind, seed: u64, len: usize) -> Vec<String> {
    let mut turns = Random(seed | 1);
    let lines = random(kind, seed, len).into_iter();
    let lines = lines.map(|line| {
        let line = if turns.below(25) == 0 { "die".into() } else { line };
        format!("{} {line}", turns.below(3) / 2)
    });
    lines.collect()
}

/// A shorter script that still fails: lines are left out as long as it does.
pub fn shrunk(mut script: Vec<String>, mut fails: impl FnMut(&[String]) -> bool) -> Vec<String> {
    let mut step = script.len() / 2;
    while step > 0 {
        let mut at = 0;
        while at < script.len() {
            let mut shorter = script.clone();
            shorter.drain(at..(at + step).min(shorter.len()));
            if fails(&shorter) {
                script = shorter;
            } else {
                at += step;
            }
        }
        step /= 2;
    }
    script
}

/// Runs a script, a line at a time; returns the first line whose answer is another than the model's, as a text. `run`
/// gets the number of the program.
pub fn differs(
    kind: Kind,
    buffers: u32,
    script: &[String],
    mut run: impl FnMut(usize, &str) -> String,
) -> Option<String> {
    let mut model = Model::new(kind, buffers);
    for (number, line) in script.iter().enumerate() {
        let (program, line) = match line.split_once(' ') {
            Some(("0", rest)) => (0, rest),
            Some(("1", rest)) => (1, rest),
            _ => (0, &line[..]),
        };
        let answer = run(program, line);
        if answer == "skipped" {
            continue;
        }
        let expected = model.step(program, line);
        if answer != expected {
            return Some(format!("line {number}, `{line}`: {answer}, and by the model {expected}"));
        }
    }
    None
}
