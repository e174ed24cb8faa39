//! Regions with one value.

use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use seqcopy::ReadError;
use seqcopy_shm::{ErrorKind, ReadValueError, Reader, Writer};
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

/// A child process: creates a region, writes values and closes it, over and over, until it is killed. It begins with
/// whatever the one before it has left. It writes for as long as the rest takes, so that about half of all writers are
/// found with a region.
pub(crate) fn write_and_close(path: &Path, from: u64) {
    let mut writer = match Writer::<Small>::open_or_create(path) {
        Ok(writer) => writer,
        Err(error) => return announce(&error.to_string()),
    };
    announce("ok");
    let (mut numbers, mut pause) = (from.., Duration::ZERO);
    loop {
        let began = Instant::now();
        while began.elapsed() <= pause {
            writer.write(Beat::of(numbers.next().expect("enough"))).expect("not forked");
        }
        let closes = Instant::now();
        writer.close().expect("a name");
        writer = Writer::open_or_create(path).expect("a path that leads nowhere");
        pause = closes.elapsed();
    }
}

/// What a writer that was killed between its creation and its end has left.
pub(crate) enum Left {
    Nothing,
    Open,
    /// Closed, and its name not removed yet.
    Closed,
    /// Something that a writer which closes regions never leaves.
    Unclear(String),
}

/// Looks at a path whose writer was killed, through a reader that opens it and through one that has been there before.
pub(crate) fn left_behind(path: &Path, earlier: &mut Option<Reader<Small>>) -> Left {
    let opened = Reader::<Small>::open(path);
    let unclear = |what: &dyn std::fmt::Debug| Left::Unclear(format!("{what:?}"));
    if let Some(earlier) = earlier {
        // What is closed stays closed, until the reader goes on with a new region.
        let first = earlier.read();
        if first == Err(ReadValueError::Closed) && earlier.read() != first {
            return unclear(&"a region that was closed has a value again");
        }
        match earlier.reopen_if_removed() {
            Ok(is_new) if is_new == (opened.is_ok() && first == Err(ReadValueError::Closed)) => {}
            Err(error) if matches!(error.kind(), ErrorKind::Closed) && opened.is_err() => {}
            other => return unclear(&(other, first.map(drop))),
        }
    }
    let reader = match opened {
        Ok(reader) => reader,
        Err(_) if !path.exists() => return Left::Nothing,
        Err(error) if matches!(error.kind(), ErrorKind::Closed) => return Left::Closed,
        Err(error) => return unclear(&error),
    };
    let mut buf = MaybeUninit::uninit();
    let read = reader.read_into(&mut buf).map(drop);
    let left = match read {
        Ok(()) if matches!(look(&buf), Verdict::Whole(_)) => Left::Open,
        Err(ReadValueError::NoValue(ReadError::Empty)) => Left::Open,
        Err(ReadValueError::Closed) => Left::Closed,
        other => return unclear(&other),
    };
    *earlier = Some(reader);
    left
}
