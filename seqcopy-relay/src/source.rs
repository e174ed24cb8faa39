//! [`Source`]: the region of a publisher, and the samples of what is in it.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use seqcopy::{ReadError, Version};
use seqcopy_shm::{
    Error, ErrorKind, ReadValueError, Region, Unmapped, WriterState,
    untyped::{self, FileMap},
};

use crate::sample::{Head, Kind};

/// What a region holds, read by system calls.
enum Bytes {
    Value(Region<Unmapped>),
    Map(FileMap),
}

/// A region that is read.
pub struct Source {
    watch: Region,
    bytes: Bytes,
    life: u64,
    /// The version that was sent last.
    known: Version,
    /// When that was seen first.
    seen: Instant,
    /// The keys of the map that were sent.
    keys: HashSet<Box<[u8]>>,
}

impl Source {
    /// Opens the region at a path, whatever its type.
    ///
    /// # Errors
    /// If there is no region, or if it was closed.
    pub fn open(path: &Path) -> Result<Source, Error> {
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
                let (seen, keys) = (Instant::now(), HashSet::new());
                return Ok(Source { watch, bytes, life, known: Version::NEVER, seen, keys });
            }
        }
    }

    /// The number of this opening.
    #[must_use]
    pub fn life(&self) -> u64 {
        self.life
    }

    /// The version that was sent last.
    #[must_use]
    pub fn known(&self) -> Version {
        self.known
    }

    /// How long ago what was sent last was seen first.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.seen.elapsed()
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

    /// Sleeps until there is something newer than what was sent, or the region is closed, for at most `time`.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        self.watch.wait(self.known, time)
    }

    /// The newest value, or what has changed in a map since the last call; `whole`: all of it, with the schema. `None`
    /// if there is no value yet.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn sample(&mut self, whole: bool) -> Result<Option<Vec<u8>>, ReadValueError> {
        let first = self.known == Version::NEVER;
        let whole = whole || first;
        let schema = if whole { self.watch.schema().as_bytes() } else { &[] };
        let mut head = Head {
            kind: Kind::Value,
            fingerprint: self.watch.header().fingerprint(),
            life: self.life,
            version: 0,
            follows: 0,
            slots: self.watch.header().slots(),
            set: 0,
            removed: 0,
            time: 0,
            age: 0,
        };
        let (payload, version) = match &self.bytes {
            Bytes::Value(region) => match region.read_bytes() {
                Err(ReadValueError::NoValue(ReadError::Empty)) => return Ok(None),
                read => {
                    let (mut bytes, version) = read?;
                    bytes.truncate(region.schema().used(&bytes));
                    (untyped::active(region.schema().layout(), &bytes).into_owned(), version)
                }
            },
            Bytes::Map(map) => {
                let entries = map.entries()?;
                let since = if whole { 0 } else { self.known.to_bits() };
                let mut payload = Vec::new();
                // The fields of a slot: stamp, key and value.
                let of_values = self.watch.schema().layout().fields()[2].layout();
                let mut keys = HashSet::with_capacity(entries.len());
                for (key, value, stamp) in entries.iter() {
                    if stamp.to_bits() > since {
                        payload.extend_from_slice(key);
                        payload.extend_from_slice(&untyped::active(of_values, value));
                        head.set += 1;
                    }
                    keys.insert(Box::from(key));
                }
                head.kind = Kind::Whole;
                if !whole {
                    head.kind = Kind::Changes;
                    head.follows = since;
                    for key in self.keys.difference(&keys) {
                        payload.extend_from_slice(key);
                        head.removed += 1;
                    }
                }
                self.keys = keys;
                (payload, entries.generation())
            }
        };
        if version != self.known {
            (self.known, self.seen) = (version, Instant::now());
        }
        head.version = version.to_bits();
        head.time = nanoseconds(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        head.age = nanoseconds(self.seen.elapsed());
        Ok(Some(head.encode(schema, &payload)))
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
