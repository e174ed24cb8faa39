//! Counts the results.

use std::collections::BTreeMap;

use seqcopy_shm::{Error, ErrorKind};

/// The counts.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) regions: u64,
    /// Opened as a region of any type.
    pub(crate) opened: u64,
    /// Opened as typed.
    pub(crate) typed: u64,
    pub(crate) valid: u64,
    pub(crate) invalid: u64,
    /// Empty, closed, busy.
    pub(crate) no_value: u64,
    pub(crate) layouts: u64,
    /// Maps that were opened, what look-ups found in them, and the entries of iterations.
    pub(crate) maps: u64,
    pub(crate) found: u64,
    pub(crate) absent: u64,
    pub(crate) damaged: u64,
    pub(crate) entries: u64,
    pub(crate) failures: u64,
    refused: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts a refusal by its reason: the message without numbers and names.
    pub(crate) fn refuse(&mut self, error: &Error) {
        let words = error.to_string();
        let words = words.split_once("`: ").map_or(&*words, |(_, words)| words);
        let reason = match error.kind() {
            ErrorKind::Type(_) => "type: ..".into(),
            ErrorKind::Header { .. } => {
                let what = words.split_once(": its ").map_or(words, |(_, what)| what);
                format!("header: {}", what.split(" should").next().unwrap_or(what))
            }
            ErrorKind::Schema(_) => {
                let why = words.split(": ").nth(1).unwrap_or(words);
                format!("schema: {}", plain(why))
            }
            ErrorKind::Io { doing, .. } => format!("system: {doing}"),
            ErrorKind::Fingerprint { .. } => "fingerprint".into(),
            ErrorKind::Hole { .. } => "hole".into(),
            other => plain(&format!("{other:?}")),
        };
        *self.refused.entry(reason).or_default() += 1;
    }

    /// The number of different reasons.
    pub(crate) fn reasons(&self) -> usize {
        self.refused.len()
    }

    pub(crate) fn print(&self) {
        for (reason, count) in &self.refused {
            println!("{count:>9} refused: {reason}");
        }
        println!("{:>9} opened as a type of this program, {} layouts drawn and partitioned", self.typed, self.layouts);
        let (found, absent, damaged) = (self.found, self.absent, self.damaged);
        println!(
            "{found:>9} keys found in maps, {absent} not there, {damaged} with invalid values; {} entries",
            self.entries
        );
        println!("{:>9} reads without a value: empty, busy, unfinished", self.no_value);
    }
}

/// A message without its numbers and names.
fn plain(words: &str) -> String {
    // A quotation may contain anything, even quotation marks.
    let mut words = words.to_owned();
    for quote in ['"', '`'] {
        if let (Some(from), Some(to)) = (words.find(quote), words.rfind(quote)) {
            words.replace_range(from..=to, "..");
        }
    }
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let words = words.split(' ').map(|word| if has_digit(word) { "#" } else { word }).collect::<Vec<_>>().join(" ");
    words.split(" of kind ").next().unwrap_or_default().into()
}
