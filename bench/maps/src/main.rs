//! Maps compared with those of other crates: `cargo bench -p bench --bench maps -- --table` builds and runs this.
//!
//! A table of 8-byte keys and 32-byte values, of a thousand, a hundred thousand and a million entries. Every look-up
//! returns a copy of the value; keys are random; all maps that take a hasher have the same one. Operations that end in
//! `_shm` are about maps between processes, compared with the flat map of `seqcopy-shm`, with a hash map of one process
//! for scale; the others are about maps within a process, compared with `SeqMap`.
//!
//! | operation | what is measured |
//! |---|---|
//! | `get` | a look-up; with what it needs in each: a guard, a lock, a transaction |
//! | `get8` | one of eight look-ups in one view, transaction or lock |
//! | `update` | another value for a key that the map has, published each time |
//! | `insert_remove` | a key that the map has never had comes, and the oldest one goes |
//! | `get_beside`, `update_beside` | a look-up while another thread updates without a pause, and such an update |
//! | `grow_mean`, `grow_p99.99`, `grow_longest` | an insert, while an empty map grows to a million entries; the clock is read after each |
//!
//! | `entry_read`, `entry_update` | the same by a handle to the entry, of values of 8 and of 64 bytes; `1` is one entry all the time |
//!
//! The blackboard of iceoryx2 is measured with a thousand entries: it neither grows nor loses keys, and its look-ups
//! are linear.

mod entries;
mod map;
mod ours;
mod processes;
mod samples;
mod threads;

use bench::args::Args;
use bench::processor;
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, Summary, measure};

use entries::Shape;
use map::{BYTES, Map};
use ours::{Flat, FlatViews, Growing, Prepared};
use processes::{Handles, Lmdb, LmdbTogether, LookUp, OneHandle};
use samples::{Growth, Times};
use threads::{
    Dashmap, Flurry, FlurryOneGuard, LeftRight, Locked, LockedTogether, Papaya, PapayaOneGuard, SccIndex, SccMap,
};

/// The name and the number of entries.
const SIZES: [(&str, u64); 3] = [("1e3", 1000), ("1e5", 100_000), ("1e6", 1_000_000)];

/// An implementation. The first one of a group, if it is ours, is the one whose median the others are compared with.
type Case<T, S = u64> = (&'static str, fn(S) -> T);

macro_rules! cases {
    ($sample:ident: $($map:ty),* $(,)?) => { vec![$((<$map>::NAME, samples::$sample::<$map> as fn(u64) -> _)),*] };
}

fn main() {
    let args = Args::of_process(31);
    eprintln!("{}", processor::describe());
    if args.table {
        println!("{HEADER}");
    }
    for (shape, entries) in SIZES {
        let run = Run { args: &args, shape, bytes: BYTES, entries };
        let has_blackboard = entries == 1000;
        let mut cases = cases!(get: Flat<2>, Lmdb, Locked);
        if has_blackboard {
            cases.extend(cases!(get: OneHandle, Handles, LookUp));
        }
        run.loops("get_shm", cases);
        run.loops("get8_shm", cases!(get: FlatViews<4>, FlatViews<2>, LmdbTogether, LockedTogether));
        let mut cases = cases!(update: Flat<2>, Flat<4>, Lmdb, Locked);
        if has_blackboard {
            cases.extend(cases!(update: OneHandle, Handles));
        }
        run.loops("update_shm", cases);
        run.loops("insert_remove_shm", cases!(insert_remove: Flat<2>, Flat<4>, Lmdb, Locked));
        let mut cases = cases!(beside: Flat<2>, Flat<4>, FlatViews<4>, Lmdb, Locked);
        if has_blackboard {
            cases.extend(cases!(beside: Handles));
        }
        run.pairs("get_beside_shm", "update_beside_shm", cases);

        run.loops("get", cases!(get: Growing, Papaya, PapayaOneGuard, Flurry, FlurryOneGuard, Dashmap, SccMap, SccIndex, LeftRight, Locked));
        run.loops("update", cases!(update: Growing, Papaya, Flurry, Dashmap, SccMap, SccIndex, LeftRight, Locked));
        run.loops(
            "insert_remove",
            cases!(insert_remove: Growing, Papaya, Flurry, Dashmap, SccMap, SccIndex, LeftRight, Locked),
        );
        // Without scc's HashIndex: now and then it doesn't find a key that is being updated.
        let cases = cases!(beside: Growing, Papaya, PapayaOneGuard, Flurry, Dashmap, SccMap, LeftRight, Locked);
        run.pairs("get_beside", "update_beside", cases);
    }
    run_entries::<1>(&args);
    run_entries::<8>(&args);
    let (shape, entries) = SIZES[2];
    let run = Run { args: &args, shape, bytes: BYTES, entries };
    run.growth("_shm", cases!(grow: Flat<2>, Flat<4>, Lmdb, Locked));
    run.growth("", cases!(grow: Growing, Prepared, Papaya, Flurry, Dashmap, SccMap, SccIndex, LeftRight, Locked));
}

/// Handles, for values of this many words.
fn run_entries<const N: usize>(args: &Args) {
    for (shape, entries) in SIZES.into_iter().take(2) {
        for is_one in [false, true] {
            let of = Shape { entries, is_one };
            let shape = if is_one { format!("{shape}-1") } else { shape.to_owned() };
            let run = Run { args, shape: &shape, bytes: 8 * N, entries };
            run.handles(
                "entry_read",
                of,
                vec![
                    ("seqcopy-region", entries::read_region::<N>),
                    ("seqcopy-flat-map2-entry", entries::read_entry::<N>),
                    ("seqcopy-flat-map2", entries::get::<N>),
                    ("iceoryx2-handle", entries::read_blackboard::<N>),
                ],
            );
            run.handles(
                "entry_update",
                of,
                vec![
                    ("seqcopy-region", entries::write_region::<N>),
                    ("seqcopy-flat-map2-entry", entries::update_entry::<N>),
                    ("seqcopy-flat-map2", entries::insert::<N>),
                    ("iceoryx2-handle", entries::update_blackboard::<N>),
                ],
            );
        }
    }
}

/// Maps of one size.
struct Run<'a> {
    args: &'a Args,
    shape: &'a str,
    /// The size of an entry, or of a value.
    bytes: usize,
    entries: u64,
}

impl Run<'_> {
    /// Those that were asked for.
    fn wanted<T, S>(&self, operation: &str, cases: Vec<Case<T, S>>) -> Vec<Case<T, S>> {
        let line = |name: &str| format!("{operation}/{}/{}/{name}", self.shape, self.bytes);
        cases.into_iter().filter(|(name, _)| self.args.wants(&line(name))).collect()
    }

    fn loops(&self, operation: &str, cases: Vec<Case<Sampler>>) {
        let cases = self.wanted(operation, cases);
        let mut samplers: Vec<_> = cases.iter().map(|(_, sampler)| sampler(samples::opaque(self.entries))).collect();
        let summaries = measure(&mut samplers, self.args.rounds);
        self.print(operation, &cases, summaries);
    }

    fn handles(&self, operation: &str, shape: Shape, cases: Vec<Case<Sampler, Shape>>) {
        let cases = self.wanted(operation, cases);
        let mut samplers: Vec<_> = cases.iter().map(|(_, sampler)| sampler(shape)).collect();
        let summaries = measure(&mut samplers, self.args.rounds);
        self.print(operation, &cases, summaries);
    }

    fn pairs(&self, read: &str, write: &str, cases: Vec<Case<(Sampler, Times)>>) {
        let cases = self.wanted(read, cases);
        let built = cases.iter().map(|(_, sampler)| sampler(samples::opaque(self.entries)));
        let (mut samplers, times): (Vec<_>, Vec<_>) = built.unzip();
        let reads = measure(&mut samplers, self.args.rounds);
        self.print(read, &cases, reads);
        // Without those that warmed up.
        let of_rounds =
            |times: &Times| Summary::of(times.borrow().iter().rev().take(self.args.rounds).copied().collect());
        self.print(write, &cases, times.iter().map(of_rounds).collect());
    }

    /// Fewer rounds, since each has a million samples.
    fn growth(&self, suffix: &str, cases: Vec<Case<Growth>>) {
        let cases = self.wanted(&format!("grow{suffix}"), cases);
        let mut growths = vec![Vec::new(); cases.len()];
        for _ in 0..self.args.rounds.div_ceil(10) {
            for ((_, grow), growths) in cases.iter().zip(&mut growths) {
                growths.push(grow(samples::opaque(self.entries)));
            }
        }
        let column = |operation: &str, of: fn(&Growth) -> f64| {
            let summaries = growths.iter().map(|growths| Summary::of(growths.iter().map(of).collect())).collect();
            self.print(&format!("{operation}{suffix}"), &cases, summaries);
        };
        column("grow_mean", |growth| growth.mean);
        column("grow_p99.99", |growth| growth.quantile);
        column("grow_longest", |growth| growth.longest);
    }

    fn print<T, S>(&self, operation: &str, cases: &[Case<T, S>], summaries: Vec<Summary>) {
        let reference =
            summaries.first().filter(|_| cases.first().is_some_and(|(name, _)| name.starts_with("seqcopy")));
        let reference = reference.map(|ns| ns.median);
        let line = |((name, _), ns): (&Case<T, S>, Summary)| Line {
            operation: operation.to_owned(),
            shape: self.shape.to_owned(),
            bytes: self.bytes,
            implementation: (*name).to_owned(),
            ns,
            ratio: reference.map(|reference| ns.median / reference),
        };
        let lines: Vec<Line> = cases.iter().zip(summaries).map(line).collect();
        if self.args.table {
            for line in &lines {
                println!("{}", line.tab_separated());
            }
        } else if !lines.is_empty() {
            println!("{}", pretty(&lines));
        }
    }
}
