//! Regions with a map. Its writers keep a sum of all entries in it, so that each generation can be checked by itself.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use seqcopy::ReadError;
use seqcopy_shm::{ChangeError, MapReader, MapWriter, Options, ReadValueError, View};
use seqcopy_tests::oracle::Rng;

use crate::process::announce;

/// A number, the key, and the number again: a torn value, or one of another key, is noticed.
type Value = [u64; 3];
/// The key of the entry with the sum of the others' numbers, and with the number of the writer's commit.
const SUM: u64 = u64::MAX;
/// The other keys are below this: few, so that a view of all is often whole with a writer that never pauses.
const KEYS: u64 = 40;

/// The results of the readers.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) views: AtomicU64,
    /// Views that ended because the writer committed: no fault.
    pub(crate) ended: AtomicU64,
    pub(crate) wrong: AtomicU64,
    pub(crate) backwards: AtomicU64,
    pub(crate) blocked: AtomicU64,
}

impl Tally {
    fn add(count: &AtomicU64) {
        count.fetch_add(1, Relaxed);
    }

    /// Looks at one generation and judges. `last` has the generation of the last look, and what its writer called it.
    pub(crate) fn look(&self, reader: &MapReader<u64, Value>, last: &mut (u64, u64)) {
        let view = reader.view();
        match number_of(&view) {
            Ok(Some(number)) => {
                Self::add(&self.views);
                let now = (view.generation().to_bits(), number);
                // A take-over publishes the same entries again.
                if now.0 < last.0 || now.1 < last.1 {
                    Self::add(&self.backwards);
                }
                *last = now;
            }
            // All writers here write valid entries.
            Ok(None) | Err(ReadValueError::Invalid(_)) => Self::add(&self.wrong),
            Err(ReadValueError::NoValue(ReadError::Torn)) => Self::add(&self.ended),
            Err(_) => Self::add(&self.blocked),
        }
        match reader.get(&SUM) {
            Ok(Some([_, key, number])) if key == SUM && number >= last.1 => last.1 = number,
            Ok(_) => Self::add(&self.wrong),
            Err(_) => Self::add(&self.blocked),
        }
    }

    /// Looks at a map that no process writes: a view can't end.
    pub(crate) fn look_at_rest(&self, reader: &MapReader<u64, Value>) {
        match number_of(&reader.view()) {
            Ok(Some(_)) => {}
            Ok(None) => Self::add(&self.wrong),
            Err(_) => Self::add(&self.blocked),
        }
    }
}

/// The number that the writer gave a generation; `None` if it is not a whole one. Each entry must be found by its key,
/// too.
fn number_of(view: &View<'_, u64, Value>) -> Result<Option<u64>, ReadValueError> {
    // A bit for each key that was seen.
    let (mut keys, mut sum, mut found, mut is_right) = (0u64, 0u64, None, true);
    for entry in view.changed_since(seqcopy::Version::NEVER) {
        let (key, value, stamp) = entry?;
        is_right &= value[1] == key && stamp.to_bits() <= view.generation().to_bits();
        if key == SUM {
            is_right &= found.is_none();
            found = Some(value);
        } else {
            is_right &= key < KEYS && keys & 1 << (key % KEYS) == 0 && value[0] == value[2];
            keys |= 1 << (key % KEYS);
            sum = sum.wrapping_add(value[0]);
        }
    }
    // Each call vouches for what it returned, whatever the next one says.
    let Some([_, _, number]) = found.filter(|found| is_right && found[0] == sum) else { return Ok(None) };
    for key in 0..KEYS {
        is_right &= view.get(&key)?.is_some_and(|value| value[1] == key) == (keys & 1 << key != 0);
    }
    is_right &= view.len()? == keys.count_ones() as usize + 1;
    Ok(is_right.then_some(number))
}

/// Creates a map that has its first sum.
pub(crate) fn create(path: &Path, buffers: u32) {
    let mut writer = Options::new().buffers(buffers).create_map::<u64, Value>(path, 41).expect("a map");
    writer.insert(SUM, [0, SUM, 0]).expect("an empty map");
}

pub(crate) fn open(path: &Path) -> MapReader<u64, Value> {
    MapReader::open(path).expect("a reader")
}

/// One commit: up to three changes, and the sum.
fn change(writer: &mut MapWriter<u64, Value>, rng: &mut Rng, number: u64) -> Result<(), ChangeError> {
    let changes = rng.below(4);
    writer.try_commit(|batch| {
        let mut sum = batch.get(&SUM)?.expect("there since the map was created")[0];
        for _ in 0..changes {
            let (key, bits) = (rng.bits() % KEYS, rng.bits());
            let old = if bits % 3 == 0 {
                batch.remove(&key)?
            } else {
                sum = sum.wrapping_add(bits);
                batch.insert(key, [bits, key, bits])?
            };
            sum = sum.wrapping_sub(old.map_or(0, |old| old[0]));
        }
        batch.insert(SUM, [sum, SUM, number]).map(drop)
    })
}

/// A child process: checks what it has taken over, and writes until it is killed.
pub(crate) fn write(path: &Path, from: u64) {
    let mut writer = match MapWriter::<u64, Value>::take_over(path) {
        Ok(writer) => writer,
        Err(error) => return announce(&error.to_string()),
    };
    match number_of(&writer.view()) {
        Ok(Some(number)) if number <= from && writer.view().len() == Ok(writer.len()) => announce("ok"),
        other => return announce(&format!("took over a map that is not whole: {other:?}")),
    }
    let mut rng = Rng::new(from);
    for number in from.. {
        change(&mut writer, &mut rng, number).expect("space, and no fork");
    }
}

/// A child process: reads until it is killed.
pub(crate) fn read(path: &Path) {
    let reader = open(path);
    announce("ok");
    let (tally, mut last) = (Tally::default(), (0, 0));
    while tally.wrong.load(Relaxed) + tally.backwards.load(Relaxed) == 0 {
        tally.look(&reader, &mut last);
    }
}

/// Whether the writer was killed in the middle of a commit: then the next table has a stamp of a generation that is not
/// published.
pub(crate) fn is_left_in_a_commit(reader: &MapReader<u64, Value>, file: &File) -> bool {
    let header = reader.region().header();
    let mut bytes = vec![0; usize::try_from(header.size()).expect("mapped")];
    file.read_exact_at(&mut bytes, 0).expect("the region");
    let number = |at: u64| {
        let at = usize::try_from(at).expect("inside");
        u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
    };
    let next = number(header.word_offset()) + 1;
    let table = header.buffer_offset() + next % u64::from(header.buffers()) * header.buffer_stride();
    (0..header.slots()).any(|slot| number(table + 64 + slot * header.payload_size() as u64) == next)
}
