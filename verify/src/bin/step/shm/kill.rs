//! Parts `k` and `k2`: a write to a region is killed after every instruction; and the next writer as well, for every
//! pair.

use std::collections::BTreeMap;

use seqcopy_shm::WriterState;
use seqcopy_tests::faults::Place;

use super::writer::{Way, spawn};
use super::{Readers, Shareable, Source, agreed, is_alive, make, make_memfd};
use crate::next::Next;
use crate::report::Report;
use crate::trace::Child;

/// A region whose writers are killed, and its readers.
pub(crate) trait Killed {
    /// A child that writes to it, with a mark before and after each value.
    fn spawn(&self) -> Child;
    fn version(&self) -> u64;
    fn writer_state(&self) -> WriterState;
    /// What a single attempt sees, as letters. `version` is that of the last value.
    fn attempt(&mut self, version: u64) -> String;
    /// What readers see that wait.
    fn wait(&mut self, version: u64) -> String;
    /// The next writer: it begins with the right version, has a value exactly if one is there, and all readers see what
    /// it writes.
    fn continues(&mut self, version: u64, has_value: bool) -> Result<(), String>;
}

/// What readers see of a region whose writer was killed: the same letter for all attempts, and for all that wait.
pub(crate) fn seen(region: &mut impl Killed, version: u64) -> Result<char, String> {
    let attempt = agreed(&region.attempt(version))?;
    match (attempt, agreed(&region.wait(version))?) {
        ('B', 'G') => Ok('G'),
        (attempt, waiting) if attempt == waiting => Ok(attempt),
        (attempt, waiting) => Err(format!("attempts see {attempt}, readers that wait {waiting}")),
    }
}

/// Values, written in one way.
struct Values<T: Shareable> {
    readers: Readers<T>,
    way: Way,
}

impl<T: Shareable> Killed for Values<T> {
    fn spawn(&self) -> Child {
        spawn::<T>(&self.readers.source, self.way)
    }

    fn version(&self) -> u64 {
        self.readers.reader.version().to_bits()
    }

    fn writer_state(&self) -> WriterState {
        self.readers.reader.writer_state()
    }

    fn attempt(&mut self, version: u64) -> String {
        self.readers.attempt(version)
    }

    fn wait(&mut self, version: u64) -> String {
        self.readers.wait(version)
    }

    fn continues(&mut self, version: u64, has_value: bool) -> Result<(), String> {
        let mut writer = self.readers.source.take_over::<T>().map_err(|error| format!("take_over: {error}"))?;
        let begins = writer.version().to_bits();
        if begins != version || writer.read().is_ok() != has_value {
            return Err(format!(
                "the next writer begins at {begins}, not {version}, and reads {}",
                writer.read().is_ok()
            ));
        }
        let is_updated = writer.update(|old| *old = T::of(version + 1)).is_ok();
        if is_updated != has_value {
            return Err(format!("an update works: {is_updated}, and there is a value: {has_value}"));
        }
        let now = version + u64::from(is_updated);
        writer.write_from(&T::of(now + 1)).map_err(|error| error.to_string())?;
        match seen(self, now)? {
            'n' => Ok(()),
            letter => Err(format!("after the next value readers see {letter}")),
        }
    }
}

/// A write to a memfd, which is taken over by its descriptor.
pub(crate) fn each_of_memfd<T: Shareable>(report: &Report, buffers: u32, way: Way) {
    let name = format!("k: memfd of {buffers} {way:?} {}", T::NAME);
    behind_each(report, &name, || Values { readers: make_memfd::<T>(buffers, 3), way }, buffers, 3);
}

/// A write with `values` written before.
pub(crate) fn each<T: Shareable>(report: &Report, place: &Place, buffers: u32, way: Way, values: u64) {
    let path = place.at("killed");
    let name = format!("k: region of {buffers} {way:?} {} after {values}", T::NAME);
    behind_each(report, &name, || Values { readers: make::<T>(&path, buffers, values), way }, buffers, values);
    let names = place.names();
    report.check(names == ["killed"], || format!("{name}: left in the directory: {names:?}"));
}

/// Killed after every instruction of a write. Each time by another process, whose path may be longer or shorter than
/// the last one's (the first `update` allocates its buffer, from the heap that the child has inherited), so what two
/// kills leave is not compared.
pub(crate) fn behind_each<R: Killed>(report: &Report, name: &str, make: impl Fn() -> R, buffers: u32, values: u64) {
    let mut outcomes: BTreeMap<char, u64> = BTreeMap::new();
    let (mut steps, mut kills, mut instructions, mut after) = (0, 0, 0, 0);
    let mut region = make();
    loop {
        if values == 0 {
            region = make();
        }
        let version = region.version();
        let mut child = region.spawn();
        child.go_to_mark();
        let done = child.steps(after);
        let is_end = child.next() == Next::End;
        let state = region.writer_state();
        report.check(is_alive(state, child.pid()), || format!("{name}: {after}: alive, it is {state:?}"));
        steps += child.steps;
        child.kill();
        kills += 1;
        let state = region.writer_state();
        report.check(state == WriterState::Gone, || format!("{name}: {after}: killed, it is {state:?}"));
        let nothing = if values == 0 { 'E' } else { 'o' };
        let result = match seen(&mut region, version) {
            Ok(letter) if letter == nothing || letter == 'n' || letter == 'G' && buffers == 1 => {
                *outcomes.entry(letter).or_default() += 1;
                let is_new = letter == 'n';
                region.continues(version + u64::from(is_new), is_new || letter == 'o')
            }
            Ok(letter) => Err(format!("readers see {letter}")),
            Err(what) => Err(what),
        };
        report.check(result.is_ok(), || format!("{name}: killed after {after}: {}", result.unwrap_err()));
        instructions = instructions.max(done);
        if is_end {
            break;
        }
        after += 1;
    }
    report.count(|counts| {
        counts.steps += steps;
        counts.kills += kills;
    });
    println!("{name}: {instructions} instructions, {kills} kills, readers see {outcomes:?}");
}

/// A killed write is adopted by a writer that is killed as well: every pair of instructions.
pub(crate) fn pairs<T: Shareable>(report: &Report, place: &Place, buffers: u32) {
    let path = place.at("killed");
    let mut region = Values { readers: make::<T>(&path, buffers, 1), way: Way::WriteFrom };
    let name = format!("k2: region of {buffers} {}", T::NAME);
    let (mut steps, mut pairs) = (0, 0);
    let source = Source::Path(path.clone());
    let mut killed = |after: u64| {
        let mut child = spawn::<T>(&source, Way::WriteFrom);
        child.go_to_mark();
        child.steps(after);
        steps += child.steps;
        let is_end = child.next() == Next::End;
        child.kill();
        is_end
    };
    for first in 0.. {
        let mut is_end = false;
        for second in 0.. {
            let version = region.version();
            is_end = killed(first);
            let between = agreed(&region.attempt(version));
            let now = version + u64::from(between == Ok('n'));
            let is_second_end = killed(second);
            let after = agreed(&region.attempt(now));
            pairs += 1;
            let is_right = match (&between, &after) {
                (Ok('B'), Ok('B' | 'n')) | (Ok('o' | 'n'), Ok('B')) => buffers == 1,
                (Ok('o' | 'n'), Ok('o' | 'n')) => true,
                _ => false,
            };
            report.check(is_right, || format!("{name}: {first}, then {second}: {between:?}, then {after:?}"));
            let now = now + u64::from(after == Ok('n'));
            let result = region.continues(now, after != Ok('B'));
            report.check(result.is_ok(), || format!("{name}: {first}, then {second}: {}", result.unwrap_err()));
            if is_second_end {
                break;
            }
        }
        if is_end {
            break;
        }
    }
    let _ = std::fs::remove_file(&path);
    report.count(|counts| {
        counts.steps += steps;
        counts.kills += 2 * pairs;
    });
    println!("{name}: {pairs} pairs of kills");
}
