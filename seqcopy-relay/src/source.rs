//! [`Source`]: the region of a publisher, and [`Newest`], what was read from it last, of which samples are made.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use seqcopy::{Layout, ReadError, Version};
use seqcopy_cli::__Content as Shown;
use seqcopy_shm::{
    Error, ErrorKind, ReadValueError, Region, Schema, Unmapped, WriterState,
    untyped::{self, Entries, FileMap},
};

use crate::format::Format;
use crate::sample::{Head, Kind};

/// What a region holds, read by system calls.
enum Bytes {
    Value(Region<Unmapped>),
    Map(FileMap),
}

/// What one opening of a region has for good.
struct Facts {
    format: Format,
    schema: Schema,
    slots: u64,
    life: u64,
}

/// What was read from a region last. It does not change.
pub struct Newest {
    facts: Arc<Facts>,
    content: Content,
    version: Version,
    /// When this version was seen first.
    seen: Instant,
}

enum Content {
    /// All bytes of a value.
    Value(Vec<u8>),
    Entries(Entries),
}

/// A region that is read.
pub struct Source {
    watch: Region,
    bytes: Bytes,
    facts: Arc<Facts>,
    newest: Option<Arc<Newest>>,
}

impl Source {
    /// Opens the region at a path, whatever its type, to make samples of a format.
    ///
    /// # Errors
    /// If there is no region, or if it was closed.
    pub fn open(path: &Path, format: Format) -> Result<Source, Error> {
        loop {
            let watch = Region::open_any(path)?;
            if watch.is_closed() {
                return Err(ErrorKind::Closed.into());
            }
            let bytes = match watch.header().slots() {
                0 => Bytes::Value(Region::open_file(path)?),
                _ => Bytes::Map(FileMap::open(path)?),
            };
            let is_removed = match &bytes {
                Bytes::Value(region) => region.is_removed(),
                Bytes::Map(map) => map.region().is_removed(),
            };
            // Both lead to the same file, if the path leads to each of them.
            if !watch.is_removed() && !is_removed {
                // Its keys are taken from the system's random numbers.
                let life = RandomState::new().hash_one(std::process::id()).max(1);
                let facts = Facts { format, schema: watch.schema().clone(), slots: watch.header().slots(), life };
                return Ok(Source { watch, bytes, facts: Arc::new(facts), newest: None });
            }
        }
    }

    /// The number of this opening.
    #[must_use]
    pub fn life(&self) -> u64 {
        self.facts.life
    }

    /// What was read last.
    #[must_use]
    pub fn newest(&self) -> Option<Arc<Newest>> {
        self.newest.clone()
    }

    /// The version that was read last.
    #[must_use]
    pub fn known(&self) -> Version {
        self.newest.as_ref().map_or(Version::NEVER, |newest| newest.version)
    }

    /// Whether the path leads to another region, or to none.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.watch.is_closed() || self.watch.is_removed()
    }

    /// Whether a process may be writing it.
    #[must_use]
    pub fn has_writer(&self) -> bool {
        matches!(self.watch.writer_state(), WriterState::Alive { .. } | WriterState::Held)
    }

    /// Sleeps until there is something newer than what was read, or the region is closed, for at most `time`.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        self.watch.wait(self.known(), time)
    }

    /// A sample of the newest value, or of what has changed in a map since the last call; `whole`: of all of it, with
    /// the schema. `None` if there is no value yet.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn sample(&mut self, whole: bool) -> Result<Option<Vec<u8>>, ReadValueError> {
        let before = self.newest.clone();
        let Some(newest) = self.read()? else { return Ok(None) };
        Ok(Some(match before {
            Some(before) if !whole => newest.since(&before),
            _ => newest.whole(),
        }))
    }

    fn read(&mut self) -> Result<Option<Arc<Newest>>, ReadValueError> {
        let (content, version) = match &self.bytes {
            Bytes::Value(region) => match region.read_bytes() {
                Err(ReadValueError::NoValue(ReadError::Empty)) => return Ok(None),
                read => read.map(|(bytes, version)| (Content::Value(bytes), version))?,
            },
            Bytes::Map(map) => {
                let entries = map.entries()?;
                let generation = entries.generation();
                (Content::Entries(entries), generation)
            }
        };
        let seen = self.newest.as_ref().filter(|newest| newest.version == version).map(|newest| newest.seen);
        let seen = seen.unwrap_or_else(Instant::now);
        self.newest = Some(Arc::new(Newest { facts: Arc::clone(&self.facts), content, version, seen }));
        Ok(self.newest.clone())
    }
}

impl Newest {
    /// The opening that it was read by, and its version: another one is of something else.
    #[must_use]
    pub fn identity(&self) -> (u64, Version) {
        (self.facts.life, self.version)
    }

    /// How long ago it was seen first.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.seen.elapsed()
    }

    /// A sample of all of it, with the schema.
    #[must_use]
    pub fn whole(&self) -> Vec<u8> {
        let (kind, payload, set) = match &self.content {
            Content::Value(bytes) => (Kind::Value, self.value(bytes), 0),
            Content::Entries(entries) => {
                let (payload, set) = self.entries_after(entries, 0);
                (Kind::Whole, payload, set)
            }
        };
        Head { kind, set, ..self.head() }.encode(self.facts.schema.as_bytes(), &payload)
    }

    /// A sample of what is other than before, in the same opening: of a value all, without the schema.
    fn since(&self, before: &Newest) -> Vec<u8> {
        match (&self.content, &before.content) {
            (Content::Entries(entries), Content::Entries(old)) => {
                let follows = before.version.to_bits();
                let (mut payload, set) = self.entries_after(entries, follows);
                let keys: HashSet<&[u8]> = entries.iter().map(|(key, ..)| key).collect();
                let mut removed = 0;
                for (key, ..) in old.iter().filter(|(key, ..)| !keys.contains(key)) {
                    payload.extend_from_slice(key);
                    removed += 1;
                }
                Head { kind: Kind::Changes, follows, set, removed, ..self.head() }.encode(&[], &payload)
            }
            (Content::Value(bytes), _) => self.head().encode(&[], &self.value(bytes)),
            (Content::Entries(_), Content::Value(_)) => self.whole(),
        }
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// If it would have more than `most` bytes.
    pub fn json(&self, most: u64) -> Result<Vec<u8>, String> {
        let content = match &self.content {
            Content::Value(bytes) => Shown::Value(bytes),
            Content::Entries(entries) => Shown::Entries(entries),
        };
        seqcopy_cli::__json(&self.facts.schema, content, self.version, most)
    }

    /// The head of a sample of a value. Of a map's, kind and counts are others.
    fn head(&self) -> Head {
        Head {
            format: self.facts.format,
            kind: Kind::Value,
            fingerprint: self.facts.schema.fingerprint(),
            life: self.facts.life,
            version: self.version.to_bits(),
            follows: 0,
            slots: self.facts.slots,
            set: 0,
            removed: 0,
            time: nanoseconds(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()),
            age: nanoseconds(self.age()),
        }
    }

    fn layout(&self) -> &Layout {
        self.facts.schema.layout()
    }

    /// The bytes of a value that leave this machine.
    fn value(&self, bytes: &[u8]) -> Vec<u8> {
        untyped::active(self.layout(), &bytes[..self.facts.schema.used(bytes)]).into_owned()
    }

    /// Key and value of each entry that was changed after a generation, and their number.
    fn entries_after(&self, entries: &Entries, generation: u64) -> (Vec<u8>, u32) {
        // The fields of a slot: stamp, key and value.
        let of_values = self.layout().fields()[2].layout();
        let (mut payload, mut count) = (Vec::new(), 0);
        for (key, value, _) in entries.iter().filter(|(_, _, stamp)| stamp.to_bits() > generation) {
            payload.extend_from_slice(key);
            payload.extend_from_slice(&untyped::active(of_values, value));
            count += 1;
        }
        (payload, count)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
