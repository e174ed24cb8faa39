//! Regions with one value.

use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use seqcopy_shm::{ReadValueError, Reader, Writer};
use seqcopy_tests::faults::{Beat, Verdict, look};

use crate::process::announce;

/// The payload of the latch.
pub(crate) type Small = Beat<16>;
/// The payload of the single buffer: 64 KiB, so that many kills come in the middle of a copy.
pub(crate) type Large = Beat<8192>;

/// The results of the readers.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) values: AtomicU64,
    pub(crate) torn: AtomicU64,
    pub(crate) invalid: AtomicU64,
    pub(crate) backwards: AtomicU64,
    pub(crate) blocked: AtomicU64,
    pub(crate) writer_gone: AtomicU64,
}

impl Tally {
    pub(crate) fn add(count: &AtomicU64) {
        count.fetch_add(1, Relaxed);
    }

    /// Reads once and judges.
    pub(crate) fn read<const WORDS: usize>(&self, reader: &Reader<Beat<WORDS>>, last: &mut u64, is_latch: bool) {
        let mut buf = MaybeUninit::uninit();
        match reader.read_into(&mut buf) {
            Ok(_) => match look(&buf) {
                Verdict::Whole(number) => {
                    Self::add(&self.values);
                    if number < *last {
                        Self::add(&self.backwards);
                    }
                    *last = number;
                }
                Verdict::Torn => Self::add(&self.torn),
                Verdict::Invalid => Self::add(&self.invalid),
            },
            // All writers here write valid values, so an invalid one is torn.
            Err(ReadValueError::Invalid(_)) => Self::add(&self.torn),
            Err(_) if is_latch => Self::add(&self.blocked),
            Err(ReadValueError::WriterGone) => Self::add(&self.writer_gone),
            Err(_) => {}
        }
    }
}

/// A child process: writes until it is killed.
pub(crate) fn write<const WORDS: usize>(path: &Path, from: u64) {
    match Writer::<Beat<WORDS>>::take_over(path) {
        Ok(mut writer) => {
            announce("ok");
            for number in from.. {
                writer.write_from(&Beat::of(number)).expect("not forked");
            }
        }
        Err(error) => announce(&error.to_string()),
    }
}

/// A child process: reads until it is killed.
pub(crate) fn read<const WORDS: usize>(path: &Path) {
    let reader = Reader::<Beat<WORDS>>::open(path).expect("a region");
    announce("ok");
    let tally = Tally::default();
    let mut last = 0;
    while tally.torn.load(Relaxed) + tally.invalid.load(Relaxed) + tally.backwards.load(Relaxed) == 0 {
        tally.read(&reader, &mut last, WORDS == 16);
    }
}
