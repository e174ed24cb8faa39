//! [`Target`]: the region of a subscriber, and which samples are written to it.
//!
//! Samples are of a *life*: one opening of one region by one publisher, whose versions only grow. While the life that
//! is followed has its token on the network, samples of others are dropped. After it has gone, the next sample is taken
//! of a life that has a token, or that was not followed before.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;

use crate::sample;
use crate::sample::{Kind, NoSample, Sample};
use crate::status::Weight;
use seqcopy_shm::untyped::{BytesError, MapWriter, Writer};
use seqcopy_shm::{Error, Header, Options, Schema};

/// How many lives are remembered, whether they are there or were followed. A hostile publisher can have as many as it
/// likes.
const LIVES: usize = 256;

/// What the writers of relays record, so that after a restart they know their own regions.
const MARK: u64 = u64::from_ne_bytes(*b"seqrelay");

/// What is done with a region that is at the path already, and has no writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// If a relay wrote it last, it is taken over; one of another type, and one of another program, stay as they are.
    KeepType,
    /// If a relay wrote it last, it is taken over, or replaced if it has another type. One of another program stays as
    /// it is.
    Own,
    /// Taken over, or replaced if it has another type, whatever program wrote it last.
    Any,
}

/// What is done with a sample that is not dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The value was written.
    Written,
    /// The value is what was written last.
    Repeated,
}

/// Why a sample was not written.
#[derive(Debug)]
pub enum Dropped {
    NoSample(NoSample),
    /// Not newer than what was written.
    Older,
    /// Another publisher is followed, or this one was followed before.
    OtherLife,
    /// Its schema is not known, or changes are missing before it. A whole sample is asked for.
    Incomplete,
    /// The region would be larger than this subscriber allows.
    TooLarge(u64),
    /// The schema is not one, or not that of the sample.
    Schema(String),
    /// The payload is not valid.
    Payload(BytesError),
    /// The region can't be created or taken over.
    Region(Error),
    /// There is a region that another program wrote last.
    NotOurs(PathBuf),
}

impl Dropped {
    /// Which reason is shown if there are several.
    #[must_use]
    pub fn weight(&self) -> Weight {
        match self {
            Dropped::Incomplete => Weight::Follows,
            Dropped::Region(_) | Dropped::NotOurs(_) => Weight::Ours,
            _ => Weight::Theirs,
        }
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dropped::NoSample(why) => why.fmt(f),
            Dropped::Older => f.write_str("older than what was written"),
            Dropped::OtherLife => f.write_str("from a second publisher of this key, or an earlier one"),
            Dropped::Incomplete => f.write_str("incomplete: a whole sample was requested"),
            Dropped::TooLarge(size) => write!(f, "the region would have {size} bytes: see `--largest`"),
            Dropped::Schema(why) => write!(f, "the schema: {why}"),
            Dropped::Payload(why) => write!(f, "the payload: {why}"),
            Dropped::Region(why) => why.fmt(f),
            Dropped::NotOurs(path) => {
                write!(f, "{}: another program's region (`--replace` takes it over, or replaces it)", path.display())
            }
        }
    }
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // a program has one
enum Region {
    Value(Writer),
    Map(MapWriter),
}

impl Region {
    fn header(&self) -> &Header {
        match self {
            Region::Value(writer) => writer.region().header(),
            Region::Map(writer) => writer.region().header(),
        }
    }
}

/// A region that is written as samples come.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    options: Options,
    existing: Existing,
    buffers: u32,
    largest: u64,
    /// The lives that have a token.
    present: Vec<u64>,
    /// Whether there were more.
    has_missed: bool,
    /// Lives that were followed, and the version that was written last of each.
    past: VecDeque<(u64, u64)>,
    life: u64,
    /// The version that was written last, of this life; 0 for none.
    version: u64,
    /// Life, version and time of a whole sample that was older than what was written. Nothing was written since.
    older: Option<(u64, u64, u64)>,
    schema: Option<Schema>,
    region: Option<Region>,
    incomplete: bool,
}

impl Target {
    /// The region at a path, of at most `largest` bytes in all `buffers`.
    #[must_use]
    pub fn new(path: PathBuf, options: Options, existing: Existing, buffers: u32, largest: u64) -> Self {
        Target {
            path,
            options: options.buffers(buffers).replace_other_type(existing != Existing::KeepType).mark(MARK),
            existing,
            buffers,
            largest,
            present: Vec::new(),
            has_missed: false,
            past: VecDeque::new(),
            life: 0,
            version: 0,
            older: None,
            schema: None,
            region: None,
            incomplete: true,
        }
    }

    /// The most bytes that a sample can have and fit: one buffer of the largest region; and head and schema, for which
    /// this is plenty.
    #[must_use]
    pub fn longest_sample(&self) -> u64 {
        (self.largest / u64::from(self.buffers.max(1))).saturating_add(1 << 20)
    }

    /// A publisher's token is there.
    pub fn appeared(&mut self, life: u64) {
        // Who came first stays: otherwise a hostile publisher could push out the one that is followed.
        if !self.present.contains(&life) {
            if self.present.len() == LIVES {
                self.has_missed = true;
                return;
            }
            self.present.push(life);
        }
        self.incomplete = true;
    }

    /// Whether there is space for tokens that were missed when there were too many: returns this once.
    pub fn asks_for_tokens(&mut self) -> bool {
        self.present.len() < LIVES && std::mem::take(&mut self.has_missed)
    }

    /// A publisher's token is gone: readers here find that the region has no writer.
    pub fn vanished(&mut self, life: u64) {
        self.present.retain(|present| *present != life);
        if life == self.life {
            self.region = None;
        }
        self.incomplete = true;
    }

    /// Whether a whole sample would help.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.incomplete || (self.region.is_none() && !self.present.is_empty())
    }

    /// Writes a sample that was published, if it is to be written.
    ///
    /// # Errors
    /// Why it was dropped. Then nothing was written, but to a map that is full what fits in.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Taken, Dropped> {
        self.take_from(bytes, false)
    }

    /// Like [`take`](Self::take), of a sample that answers a query. What was published after it may have come before
    /// it, so that it is older says nothing about its publisher.
    ///
    /// # Errors
    /// As those of `take`.
    pub fn take_answer(&mut self, bytes: &[u8]) -> Result<Taken, Dropped> {
        self.take_from(bytes, true)
    }

    fn take_from(&mut self, bytes: &[u8], is_answer: bool) -> Result<Taken, Dropped> {
        let sample = Sample::parse(bytes).map_err(Dropped::NoSample)?;
        let head = &sample.head;
        let is_new = head.life != self.life;
        let is_present = self.present.contains(&head.life);
        let past = self.past.iter().find(|(life, _)| *life == head.life).map(|&(_, version)| version);
        // One that was followed before may come back, such as the first of two publishers: then its token is there.
        let is_over = past.is_some() && !is_present;
        if is_new && (self.present.contains(&self.life) || is_over) {
            return Err(Dropped::OtherLife);
        }
        let last = if is_new { past.unwrap_or(0) } else { self.version };
        if head.version < last && (is_answer || !(is_present && self.is_repeated(&sample))) {
            return Err(Dropped::Older);
        }
        let schema = self.schema_of(&sample)?;
        if head.version == last && self.region.is_some() && head.kind != Kind::Whole {
            self.incomplete = false;
            return Ok(Taken::Repeated);
        }
        let is_gap = head.kind == Kind::Changes && (head.follows != last || self.region.is_none());
        if is_gap {
            self.incomplete = true;
            return Err(Dropped::Incomplete);
        }
        if head.kind == Kind::Value {
            // Before a region of another type is replaced.
            let check = schema.validate(sample.payload);
            check.map_err(|error| Dropped::Payload(BytesError::Invalid(error.to_string())))?;
        }
        self.open(&sample, &schema)?;
        let written = write(&mut self.region, &sample, &schema);
        if written.is_ok() {
            if is_new {
                self.past.retain(|(life, _)| *life != self.life);
                self.past.truncate(LIVES - 1);
                self.past.push_front((self.life, self.version));
            }
            (self.life, self.version, self.older, self.incomplete) = (head.life, head.version, None, false);
        }
        // Without a token there is no word of its end.
        if !is_present {
            self.region = None;
        }
        written.map(|()| if !is_new && head.version == last { Taken::Repeated } else { Taken::Written })
    }

    /// Whether this is the second whole sample in a row that is older than what was written. A publisher sends all of
    /// it now and then, and in between its versions only grow: so what was written was not its own.
    fn is_repeated(&mut self, sample: &Sample<'_>) -> bool {
        let head = &sample.head;
        if head.kind == Kind::Changes || sample.schema.is_empty() {
            return false;
        }
        let before = self.older.replace((head.life, head.version, head.time));
        before.is_some_and(|(life, version, time)| life == head.life && version <= head.version && time != head.time)
    }

    /// The schema of a sample: its own, or the one that is known.
    fn schema_of(&mut self, sample: &Sample<'_>) -> Result<Schema, Dropped> {
        let fingerprint = sample.head.fingerprint;
        if let Some(schema) = self.schema.as_ref().filter(|schema| schema.fingerprint() == fingerprint) {
            return Ok(schema.clone());
        }
        if sample.schema.is_empty() {
            self.incomplete = true;
            return Err(Dropped::Incomplete);
        }
        let schema = Schema::decode(sample.schema).map_err(|error| Dropped::Schema(error.to_string()))?;
        if schema.fingerprint() != fingerprint {
            return Err(Dropped::Schema("another fingerprint than the sample".to_owned()));
        }
        // Types of programs have few more places than bytes.
        let (size, places) = (schema.layout().size(), sample::count(schema.layout()));
        if places > (size as u64).saturating_mul(8).saturating_add(1 << 16) {
            return Err(Dropped::Schema(format!("a type of {size} bytes with {places} places to check")));
        }
        Ok(schema)
    }

    /// Creates the region, or takes it over, unless this is done already.
    fn open(&mut self, sample: &Sample<'_>, schema: &Schema) -> Result<(), Dropped> {
        let slots = sample.head.slots;
        let fits =
            |region: &Region| region.header().fingerprint() == schema.fingerprint() && region.header().slots() >= slots;
        if self.region.as_ref().is_some_and(fits) && self.schema.is_some() {
            return Ok(());
        }
        let size = (schema.layout().size() as u64).saturating_mul(slots.max(1)).saturating_mul(self.buffers.into());
        if size > self.largest {
            return Err(Dropped::TooLarge(size));
        }
        self.region = None;
        if self.existing != Existing::Any
            && seqcopy_shm::Region::open_any(&self.path).is_ok_and(|there| there.writer_mark() != MARK)
        {
            return Err(Dropped::NotOurs(self.path.clone()));
        }
        let options = &self.options;
        let open = || {
            if sample.head.kind == Kind::Value {
                return Writer::open_or_create(&self.path, schema, options).map(Region::Value);
            }
            let map = MapWriter::open_or_create(&self.path, schema, slots, options)?;
            if map.region().header().slots() >= slots {
                return Ok(Region::Map(map));
            }
            // The publisher's map has become larger: this one ends, as that one has.
            map.close()?;
            MapWriter::open_or_create(&self.path, schema, slots, options).map(Region::Map)
        };
        self.region = Some(open().map_err(Dropped::Region)?);
        self.schema = Some(schema.clone());
        Ok(())
    }
}

/// Writes the payload, which must be as long as the type demands, and wakes readers.
fn write(region: &mut Option<Region>, sample: &Sample<'_>, schema: &Schema) -> Result<(), Dropped> {
    match region {
        Some(Region::Value(writer)) if sample.head.kind == Kind::Value => {
            writer.write_bytes(sample.payload).map_err(Dropped::Payload)?;
            writer.wake();
        }
        Some(Region::Map(map)) if sample.head.kind != Kind::Value => {
            // Stamp, key and value, or it would not have been opened.
            let [_, key, value] = schema.layout().fields() else { return Err(Dropped::NoSample(NoSample::Head)) };
            let (set, removed) =
                sample.entries(key.layout().size(), value.layout().size()).map_err(Dropped::NoSample)?;
            match sample.head.kind {
                Kind::Whole => map.replace(set),
                _ => map.change(set, removed),
            }
            .map_err(Dropped::Payload)?;
            map.wake();
        }
        // A value with the schema of a slot, or the reverse.
        _ => return Err(Dropped::NoSample(NoSample::Head)),
    }
    Ok(())
}
