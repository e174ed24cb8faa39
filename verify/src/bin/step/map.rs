//! Part `m`: a map between processes. A commit that inserts, updates and removes is stepped, and killed after every
//! instruction; and a reader's attempt at a key is stepped, with whole commits between two of its instructions.

use core::cell::Cell;
use core::hint::black_box;
use std::collections::BTreeMap;
use std::path::Path;

use seqcopy::ReadError;
use seqcopy_shm::{MapReader, MapWriter, Options, ReadValueError, View, WriterState, untyped::FileMap};
use seqcopy_tests::faults::Place;

use crate::next::Next;
use crate::reader::Mailbox;
use crate::report::Report;
use crate::shm::reader::attempt;
use crate::steps::{Outcome, Phase, Writing};
use crate::trace::{Child, mark};
use crate::values::{Padded24, Val};

type Value = Padded24;
type Model = BTreeMap<u64, Value>;

/// Eight slots, so that searches go on past other keys.
const CAPACITY: usize = 7;
/// Updated by every commit.
const UPDATED: u64 = 10;
/// One of three is inserted by a commit, and removed by the next.
const MOVING: u64 = 20;
/// There after every third commit only, so that the number of entries changes.
const EXTRA: u64 = 30;
/// The keys that are read.
pub(crate) const READ: [u64; 3] = [UPDATED, MOVING, 99];

fn moving(n: u64) -> u64 {
    MOVING + n % 3
}

/// The entries after `n` commits.
fn model(n: u64) -> Model {
    let fixed = (1..=3).map(|key| (key, Value::of(key)));
    let extra = (n % 3 == 0).then_some((EXTRA, Value::of(n)));
    fixed.chain([(UPDATED, Value::of(n)), (moving(n), Value::of(n))]).chain(extra).collect()
}

/// The commit that makes `model(n)` of `model(n - 1)`: a removal may move entries back.
#[inline(always)]
fn commit(map: &mut MapWriter<u64, Value>, n: u64) {
    let committed = map.commit(|batch| {
        let removed = batch.remove(&moving(n - 1)).is_ok_and(|value| value.is_some());
        let updated = batch.update(&UPDATED, |value| *value = Value::of(n)).is_ok_and(|result| result.is_some());
        let extra = match n % 3 {
            0 => batch.insert(EXTRA, Value::of(n)) == Ok(None),
            1 => batch.remove(&EXTRA).is_ok_and(|value| value.is_some()),
            _ => true,
        };
        removed && updated && extra && batch.insert(moving(n), Value::of(n)) == Ok(None)
    });
    assert_eq!(committed, Ok(true), "commit {n}");
}

fn make(path: &Path, buffers: u32) -> MapWriter<u64, Value> {
    let mut map = Options::new().buffers(buffers).seed(5).create_map::<u64, Value>(path, CAPACITY).expect("a map");
    let inserted = map.commit(|batch| model(0).into_iter().all(|(key, value)| batch.insert(key, value).is_ok()));
    assert_eq!(inserted, Ok(true));
    map
}

/// A child that takes over the map and commits, with a mark before and after each.
fn spawn(path: &Path, from: u64) -> Child {
    Child::spawn(|| {
        let mut map = MapWriter::<u64, Value>::take_over(path).expect("a map without a writer");
        for n in from.. {
            let n = black_box(n);
            mark();
            commit(&mut map, n);
            mark();
        }
    })
}

/// The whole of a view.
fn entries(view: &View<'_, u64, Value>) -> Result<Model, ReadValueError> {
    let all: Model = view.iter().collect::<Result<_, _>>()?;
    // Each key is found as well, and so is the number of entries.
    for (key, value) in &all {
        if view.get(key)? != Some(*value) {
            return Ok(Model::new());
        }
    }
    Ok(if view.len()? == all.len() && view.get(&99)?.is_none() { all } else { Model::new() })
}

/// All readers of a map.
struct Readers<'a> {
    path: &'a Path,
    reader: MapReader<u64, Value>,
    file: FileMap,
}

impl Readers<'_> {
    fn open(path: &Path) -> Readers<'_> {
        Readers { path, reader: MapReader::open(path).expect("a map"), file: FileMap::open(path).expect("a map") }
    }

    /// Which of two states all of them see, that before commit `n` or that after it.
    fn look(&self, n: u64) -> Result<Phase, String> {
        let view = self.reader.view();
        let whole = entries(&view).map_err(|error| format!("a view of now: {error}"))?;
        let phase = match () {
            () if whole == model(n) => Phase::New,
            () if whole == model(n - 1) => Phase::Old,
            () => return Err(format!("a view is neither state: {whole:?}")),
        };
        for key in (1..=3).chain([UPDATED, EXTRA, 99]).chain(MOVING..MOVING + 3) {
            let expected = whole.get(&key).copied();
            let found = [self.reader.try_get(&key), self.reader.get(&key), view.get(&key)];
            if found != [Ok(expected); 3] {
                return Err(format!("in phase {phase:?} key {key} is {found:?}"));
            }
        }
        let file = self.file.entries().map_err(|error| format!("by the file: {error}"))?;
        let generation = view.generation();
        if file.len() != whole.len() || file.generation() != generation || self.reader.generation() != generation {
            return Err(format!(
                "in phase {phase:?} the file has {} entries, generation {:?}",
                file.len(),
                file.generation()
            ));
        }
        for (key, value, _) in file.iter() {
            let key = u64::from_ne_bytes(key.try_into().expect("a key"));
            let at = u64::from_ne_bytes(value[8..16].try_into().expect("a value"));
            if whole.get(&key).map(|value| value.at) != Some(at) {
                return Err(format!("in phase {phase:?} the file has another value of {key}"));
            }
        }
        Ok(phase)
    }

    fn look_by_new_ones(&self, n: u64) -> Result<Phase, String> {
        Readers::open(self.path).look(n)
    }
}

/// The writer stepped. A view from before the commit stays readable for as long as it is promised to.
pub(crate) fn writer(report: &Report, place: &Place, buffers: u32) {
    let path = place.at("map");
    drop(make(&path, buffers));
    let readers = Readers::open(&path);
    let mut child = spawn(&path, 1);
    // The first commits are not stepped: what the writer does once, it does now.
    (0..4).for_each(|_| child.go_to_mark());
    let before: Cell<Option<(u64, View<'_, u64, Value>)>> = Cell::new(None);
    let look = |write: u64| {
        let n = write + 2;
        let phase = readers.look(n)?;
        let (of, view) = match before.get() {
            Some((of, view)) if of == n => (of, view),
            _ => (n, readers.reader.view()),
        };
        before.set(Some((of, view)));
        let expected = if phase == Phase::Old || buffers > 2 {
            Ok(model(n - 1))
        } else {
            Err(ReadValueError::NoValue(ReadError::Torn))
        };
        let found = entries(&view);
        if found == expected { Ok(phase) } else { Err(format!("in phase {phase:?} a view from before is {found:?}")) }
    };
    let name = format!("m: map of {buffers} written");
    Writing { report, name, writes: 6, every: 1, is_plain: true }.follow(&mut child, look);
}

/// A commit killed after every instruction, or every n-th.
pub(crate) fn killed(report: &Report, place: &Place, buffers: u32, every: u64) {
    let path = place.at("map");
    drop(make(&path, buffers));
    let readers = Readers::open(&path);
    let name = format!("m: map of {buffers} killed");
    let (mut n, mut after, mut kills, mut steps, mut instructions, mut outcomes) = (0, 0, 0, 0, 0, [0, 0]);
    loop {
        // The commit before the one that is killed is not stepped.
        let mut child = spawn(&path, n + 1);
        (0..3).for_each(|_| child.go_to_mark());
        n += 1;
        let done = child.steps(after);
        let is_end = child.next() == Next::End;
        steps += child.steps;
        child.kill();
        kills += 1;
        let state = readers.reader.region().writer_state();
        report.check(state == WriterState::Gone, || format!("{name}: {after}: killed, it is {state:?}"));
        let seen = readers.look(n + 1).and_then(|phase| match readers.look_by_new_ones(n + 1) {
            Ok(other) if other == phase => Ok(phase),
            other => Err(format!("readers see {phase:?}, new ones {other:?}")),
        });
        report.check(seen.is_ok(), || format!("{name}: {after}: {}", seen.clone().unwrap_err()));
        let is_new = seen == Ok(Phase::New);
        n += u64::from(is_new);
        outcomes[usize::from(is_new)] += 1;
        match MapWriter::<u64, Value>::take_over(&path) {
            Ok(mut map) => {
                let whole = entries(&map.view());
                report.check(whole == Ok(model(n)) && map.len() == model(n).len(), || {
                    format!("{name}: {after}: the next writer has {} entries, {whole:?}", map.len())
                });
                // All tables are written again.
                for _ in 0..=buffers {
                    n += 1;
                    commit(&mut map, n);
                    let seen = readers.look(n);
                    report.check(seen == Ok(Phase::New), || format!("{name}: {after}: the next commit: {seen:?}"));
                }
            }
            Err(error) => report.fail(&format!("{name}: {after}: take_over: {error}")),
        }
        instructions = instructions.max(done);
        if is_end {
            break;
        }
        after += every;
    }
    let names = place.names();
    report.check(names == ["map"], || format!("{name}: left in the directory: {names:?}"));
    report.count(|counts| {
        counts.steps += steps;
        counts.kills += kills;
    });
    println!(
        "{name}: {instructions} instructions, {kills} kills, readers see the old state {} times, the new one {}",
        outcomes[0], outcomes[1]
    );
}

/// An attempt at a key stepped, with 1 to `buffers + 2` commits after instruction k, for each k. How many instructions
/// it takes depends on where the key lies, so what is checked of each is its result alone.
pub(crate) fn reader(report: &Report, place: &Place, buffers: u32, key: u64) {
    let path = place.at("map");
    let mut map = make(&path, buffers);
    let mailbox = Mailbox::<Option<Value>>::new();
    let mut child = Child::spawn(|| {
        let reader = MapReader::<u64, Value>::open(&path).expect("a map");
        loop {
            let key = black_box(key);
            mark();
            let result = reader.try_get(&key);
            mark();
            mailbox.post_result(attempt(result));
            mark();
        }
    });
    let name = format!("m: map of {buffers} read, key {key}");
    (0..3).for_each(|_| child.go_to_mark());
    let (mut n, mut schedules, mut longest, mut counts) = (0, 0, 0, [0, 0, 0]);
    for commits in 1..=u64::from(buffers) + 2 {
        for after in 0.. {
            let old = model(n).get(&key).copied();
            child.go_to_mark();
            let done = child.steps(after);
            for _ in 0..commits {
                n += 1;
                commit(&mut map, n);
            }
            child.go_to_mark();
            child.go_to_mark();
            schedules += 1;
            longest = longest.max(done);
            let new = model(n).get(&key).copied();
            let has_ended = done < after;
            let is_right = match mailbox.read() {
                Ok(value) if has_ended => value == old,
                Ok(value) => {
                    counts[usize::from(value == new)] += 1;
                    value == old || value == new
                }
                Err(Outcome::Torn) => {
                    counts[2] += 1;
                    !has_ended && commits > u64::from(buffers) - 2 && after > 0
                }
                Err(_) => false,
            };
            report.check(is_right, || {
                format!("{name}: {commits} commits after instruction {after}: {:?}", mailbox.read())
            });
            if has_ended {
                break;
            }
        }
    }
    report.count(|counts| {
        counts.steps += child.steps;
        counts.schedules += schedules;
    });
    let [old, new, torn] = counts;
    println!("{name}: up to {longest} instructions, {schedules} schedules: old {old}, new {new}, torn {torn}");
}
