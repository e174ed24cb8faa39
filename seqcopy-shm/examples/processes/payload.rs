//! What the map has: a [`Process`] for each process id, and the sums over all of them under the key [`ALL`].

use std::fmt;

use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate, Version};
use seqcopy_shm::{ReadValueError, View};

/// The key of the sums: more than any process id is.
pub(crate) const ALL: u32 = u32::MAX;

/// A process, or the sums over all.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Process {
    /// As much of it as there is space for.
    pub(crate) name: SeqStr<28>,
    pub(crate) state: State,
    pub(crate) parent: SeqOption<u32>,
    /// Per cent of one processor.
    pub(crate) cpu: f32,
    /// Resident, in bytes.
    pub(crate) memory: u64,
    /// How often the entry was published; of [`ALL`] the sum over all.
    pub(crate) turn: u64,
    /// A checksum of the key and the fields above: a value of several writes has the wrong one, and so has one of
    /// another key.
    check: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
pub(crate) enum State {
    Running,
    Sleeping,
    Waiting,
    Stopped,
    Zombie,
    Other,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Running => "running",
            State::Sleeping => "sleeping",
            State::Waiting => "waiting",
            State::Stopped => "stopped",
            State::Zombie => "zombie",
            State::Other => "other",
        })
    }
}

impl Process {
    /// An entry that was never published, without its checksum.
    pub(crate) fn new(name: &str, state: State, parent: Option<u32>) -> Self {
        let (name, parent) = (SeqStr::truncated(name), SeqOption::from(parent));
        Process { name, state, parent, cpu: 0.0, memory: 0, turn: 0, check: 0 }
    }

    /// Whether all that describes the process is the same: everything but turn and checksum.
    pub(crate) fn is_like(&self, other: &Process) -> bool {
        Process { turn: other.turn, check: other.check, ..*self } == *other
    }

    pub(crate) fn with_turn(mut self, turn: u64) -> Self {
        self.turn = turn;
        self
    }

    /// The same with its checksum, as the value of a key.
    pub(crate) fn sealed(mut self, key: u32) -> Self {
        self.check = self.sum(key);
        self
    }

    /// Whether the checksum is right: all bits are of one write, of this key.
    pub(crate) fn is_sealed(&self, key: u32) -> bool {
        self.check == self.sum(key)
    }

    fn sum(&self, key: u32) -> u64 {
        let Process { name, state, parent, cpu, memory, turn, check: _ } = self;
        let words = [
            u64::from(key),
            *state as u64,
            parent.into_option().map_or(u64::MAX, u64::from),
            u64::from(cpu.to_bits()),
            *memory,
            *turn,
            name.len() as u64,
        ];
        let mut sum = 0u64;
        let mut add = |word: u64| sum = (sum ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(29);
        words.into_iter().for_each(&mut add);
        name.bytes().for_each(|byte| add(byte.into()));
        sum
    }
}

/// The sums over the entries of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) processes: u64,
    pub(crate) memory: u64,
    pub(crate) turns: u64,
}

impl Sums {
    pub(crate) fn add(&mut self, process: &Process) {
        self.processes += 1;
        self.memory = self.memory.wrapping_add(process.memory);
        self.turns = self.turns.wrapping_add(process.turn);
    }

    pub(crate) fn subtract(&mut self, process: &Process) {
        self.processes -= 1;
        self.memory = self.memory.wrapping_sub(process.memory);
        self.turns = self.turns.wrapping_sub(process.turn);
    }

    /// The entry that has them: the number of processes is in the field for the parent.
    pub(crate) fn entry(self) -> Process {
        let mut all = Process::new("all processes", State::Other, u32::try_from(self.processes).ok());
        (all.memory, all.turn) = (self.memory, self.turns);
        all.sealed(ALL)
    }
}

/// One generation, copied.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) generation: Version,
    pub(crate) processes: Vec<(u32, Process)>,
    pub(crate) sums: Sums,
    /// Whether it contradicts itself nowhere. That of an empty map does not.
    pub(crate) is_right: bool,
}

impl Snapshot {
    /// All entries of a view, with everything checked that one generation must fulfil: each value has its checksum, the
    /// sums are those over the entries, the length is their number, and each key is found.
    ///
    /// # Errors
    /// If the generation can't be read any more, or a value is not valid.
    pub(crate) fn of(view: &View<'_, u32, Process>) -> Result<Snapshot, ReadValueError> {
        let mut processes = Vec::with_capacity(view.len()?);
        let (mut sums, mut all, mut is_right) = (Sums::default(), None, true);
        for entry in view.iter() {
            let (key, value) = entry?;
            is_right &= value.is_sealed(key);
            if key == ALL {
                is_right &= all.replace(value).is_none();
            } else {
                sums.add(&value);
                processes.push((key, value));
            }
        }
        is_right &= view.len()? == processes.len() + usize::from(all.is_some());
        is_right &= all.unwrap_or_else(|| Sums::default().entry()) == sums.entry();
        for (key, _) in &processes {
            is_right &= view.contains_key(key)?;
        }
        Ok(Snapshot { generation: view.generation(), processes, sums, is_right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy_shm::{MapReader, MapWriter};

    fn process() -> Process {
        Process { cpu: 7.0, memory: 7, turn: 7, ..Process::new("name", State::Running, Some(7)) }
    }

    /// A change of any part is detected: otherwise the example would prove nothing.
    #[test]
    fn a_checksum_notices_a_change_of_any_part() {
        let whole = process().sealed(3);
        assert!(whole.is_sealed(3) && !whole.is_sealed(4) && !process().is_sealed(3));
        let changes: [fn(&mut Process); 9] = [
            |value| value.name = SeqStr::literal("Name"),
            |value| value.name = SeqStr::literal("name2"),
            |value| value.state = State::Sleeping,
            |value| value.parent = SeqOption::None,
            |value| value.parent = SeqOption::Some(8),
            |value| value.cpu = -7.0,
            |value| value.memory += 1,
            |value| value.turn += 1,
            |value| value.check ^= 1,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut mixed = whole;
            change(&mut mixed);
            assert!(!mixed.is_sealed(3), "change {number}");
        }
    }

    /// A generation that contradicts itself is noticed: sums of other entries, a value of another key.
    #[test]
    fn a_snapshot_notices_a_generation_that_is_wrong() {
        let path = seqcopy_shm::path_for(&format!("seqcopy-processes-{}-snapshot", std::process::id()));
        let mut map = MapWriter::<u32, Process>::create(&path, 100).unwrap();
        let reader = MapReader::open(&path).unwrap();
        let is_right = || Snapshot::of(&reader.view()).unwrap().is_right;
        assert!(is_right(), "an empty map");
        let mut sums = Sums::default();
        for key in 0..10 {
            let value = process().sealed(key);
            sums.add(&value);
            map.try_commit(|batch| batch.insert(key, value).and(batch.insert(ALL, sums.entry()))).unwrap();
            assert!(is_right(), "{key}");
        }
        let replace = |map: &mut MapWriter<u32, Process>, key, value: Process| map.insert(key, value).unwrap().unwrap();
        for (key, value) in [
            (3, process().sealed(4)),
            (3, Process { memory: 8, ..process() }.sealed(3)),
            (3, Process { turn: 8, ..process() }.sealed(3)),
            (ALL, Sums { processes: 9, ..sums }.entry()),
            (ALL, Sums::default().entry()),
        ] {
            let right = replace(&mut map, key, value);
            assert!(!is_right(), "{key} {value:?}");
            replace(&mut map, key, right);
            assert!(is_right());
        }
        map.remove(&3).unwrap();
        assert!(!is_right(), "a process without its sums");
        map.close().unwrap();
    }
}
