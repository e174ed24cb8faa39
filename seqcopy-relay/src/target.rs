//! [`Target`]: the region of a subscriber, and which samples are written to it.
//!
//! Samples are of a *life*: one opening of one region by one publisher, whose versions only grow. While the life that is followed has its
//! token on the network, samples of others are dropped. After it has gone, the next sample of a life that was not followed before is taken.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;

use seqcopy_shm::untyped::{MapWriter, Refused, Writer};
use seqcopy_shm::{Error, Header, Options, Schema};

use crate::sample::{Kind, NoSample, Sample};

/// How many lives are remembered, whether they are there or were followed. A hostile publisher can have as many as it likes.
const LIVES: usize = 256;

/// What is done with a sample that is not dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was written.
    Written,
    /// It is what was written last.
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
    Payload(Refused),
    /// The region can't be created or taken over.
    Region(Error),
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
        }
    }
}

#[derive(Debug)]
enum Region {
    Value(Writer),
    Map(MapWriter),
}

impl Region {
    fn header(&self) -> &Header {
        match self {
            Region::Value(writer) => writer.header(),
            Region::Map(writer) => writer.header(),
        }
    }
}

/// A region that is written as samples come.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    options: Options,
    buffers: u32,
    largest: u64,
    /// The lives that have a token.
    present: VecDeque<u64>,
    /// Those that were followed.
    past: VecDeque<u64>,
    life: u64,
    /// The version that was written last, of this life; 0 for none.
    version: u64,
    schema: Option<Schema>,
    region: Option<Region>,
    incomplete: bool,
}

fn remember(lives: &mut VecDeque<u64>, life: u64) {
    if !lives.contains(&life) {
        if lives.len() == LIVES {
            lives.pop_front();
        }
        lives.push_back(life);
    }
}

impl Target {
    /// The region at a path, of at most `largest` bytes in all `buffers`.
    #[must_use]
    pub fn new(path: PathBuf, options: Options, buffers: u32, largest: u64) -> Self {
        Target {
            path,
            options: options.buffers(buffers),
            buffers,
            largest,
            present: VecDeque::new(),
            past: VecDeque::new(),
            life: 0,
            version: 0,
            schema: None,
            region: None,
            incomplete: true,
        }
    }

    /// A publisher's token is there.
    pub fn appeared(&mut self, life: u64) {
        remember(&mut self.present, life);
        self.incomplete = true;
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

    /// Writes a sample, if it is to be written.
    ///
    /// # Errors
    /// Why it was dropped. Then nothing was written, but to a map that is full what fits in.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Taken, Dropped> {
        let sample = Sample::parse(bytes).map_err(Dropped::NoSample)?;
        let head = &sample.head;
        let is_new = head.life != self.life;
        if is_new && (self.present.contains(&self.life) || self.past.contains(&head.life)) {
            return Err(Dropped::OtherLife);
        }
        let last = if is_new { 0 } else { self.version };
        if head.version < last {
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
            let check = schema.layout().validate(sample.payload);
            check.map_err(|error| Dropped::Payload(Refused::Invalid(error.to_string())))?;
        }
        self.open(&sample, &schema)?;
        let written = write(&mut self.region, &sample, &schema);
        if written.is_ok() {
            if is_new {
                remember(&mut self.past, self.life);
            }
            (self.life, self.version, self.incomplete) = (head.life, head.version, false);
        }
        // Without a token there is no word of its end.
        if !self.present.contains(&head.life) {
            self.region = None;
        }
        written.map(|()| if head.version == last { Taken::Repeated } else { Taken::Written })
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
        let open = || {
            if sample.head.kind == Kind::Value {
                return Writer::open_or_create(&self.path, schema, &self.options).map(Region::Value);
            }
            let map = MapWriter::open_or_create(&self.path, schema, slots, &self.options)?;
            if map.header().slots() >= slots {
                return Ok(Region::Map(map));
            }
            // The publisher's map has become larger: this one ends, as that one has.
            map.close()?;
            MapWriter::open_or_create(&self.path, schema, slots, &self.options).map(Region::Map)
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
