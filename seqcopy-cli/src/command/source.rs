//! [`Source`]: where one value lies: in a region of its own, or in a map, at a key.

use std::path::Path;

use seqcopy::ReadError::Empty;
use seqcopy::{Layout, Version};
use seqcopy_shm::ReadValueError;

use super::failure::Failure;
use super::printable::printable;
use super::region::Opened;
use super::{effort, key};

pub(super) struct Source {
    pub(super) opened: Opened,
    /// Of a map: the bytes of the key, and the key as the user wrote it.
    key: Option<(Vec<u8>, String)>,
}

impl Source {
    /// The value of a region, or that of a key of a map. So many of them will be in memory.
    pub(super) fn of(path: &Path, opened: Opened, key: Option<&str>, values: usize) -> Result<Source, Failure> {
        let refused = |line| Failure::at(path, line);
        let key = match (&opened, key) {
            (Opened::Value(_), None) => None,
            (Opened::Map(map), Some(text)) => {
                // A search has a slot in memory beside the value that it has found.
                effort::payload(map.schema().layout(), values + 1).map_err(refused)?;
                effort::walk(map.key(), 1).map_err(refused)?;
                Some((key::parse(map.key(), text).map_err(refused)?, text.to_owned()))
            }
            (Opened::Value(_), Some(_)) => {
                return Err(Failure::at(path, "this region holds one value, not a map: leave `--key` out"));
            }
            (Opened::Map(_), None) => {
                let line = "this region holds a map: name an entry by `--key KEY`, and then a field of its value";
                return Err(Failure::at(path, line));
            }
        };
        let source = Source { opened, key };
        effort::payload(source.layout(), values).map_err(refused)?;
        Ok(source)
    }

    /// The type of the value.
    pub(super) fn layout(&self) -> &Layout {
        match &self.opened {
            Opened::Value(region) => region.schema().layout(),
            Opened::Map(map) => map.value(),
        }
    }

    /// The value and its number, which for an entry is the generation that changed it; `None` if there is no value.
    pub(super) fn read(&self) -> Result<Option<(Vec<u8>, Version)>, ReadValueError> {
        match (&self.opened, &self.key) {
            (Opened::Map(map), Some((key, _))) => map.get_stamped(key),
            (Opened::Value(region), _) => match region.read_bytes() {
                Ok(bytes) => Ok(Some(bytes)),
                // Every region begins like this.
                Err(ReadValueError::NoValue(Empty)) => Ok(None),
                Err(error) => Err(error),
            },
            (Opened::Map(_), None) => Ok(None),
        }
    }

    /// What is said if there is no value.
    pub(super) fn absent(&self) -> String {
        match &self.key {
            Some((_, text)) => format!("`--key {}` has no entry in {}", printable(text), self.opened.name()),
            None => ReadValueError::NoValue(Empty).to_string(),
        }
    }

    pub(super) fn is_entry(&self) -> bool {
        self.key.is_some()
    }
}
