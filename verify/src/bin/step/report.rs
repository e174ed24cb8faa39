//! [`Report`]: what was checked, and what failed.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// Counts of one part, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Instructions stepped.
    pub(crate) steps: u64,
    /// How many of them were rounds of a string instruction.
    pub(crate) rounds: u64,
    /// Looks of all readers after an instruction of a writer.
    pub(crate) looks: u64,
    /// Interleavings of a read with writes.
    pub(crate) schedules: u64,
    pub(crate) kills: u64,
    pub(crate) failures: u64,
}

impl Counts {
    fn cases(&self) -> u64 {
        self.looks + self.schedules + self.kills
    }

    fn since(&self, before: &Counts) -> Counts {
        Counts {
            steps: self.steps - before.steps,
            rounds: self.rounds - before.rounds,
            looks: self.looks - before.looks,
            schedules: self.schedules - before.schedules,
            kills: self.kills - before.kills,
            failures: self.failures - before.failures,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    counts: Cell<Counts>,
    parts: RefCell<Vec<(&'static str, &'static str, Counts, Duration)>>,
}

/// More failures are counted, but not printed.
const PRINTED: u64 = 40;

impl Report {
    /// Runs a part and counts it.
    pub(crate) fn part(&self, name: &'static str, what: &'static str, run: impl FnOnce()) {
        let (before, began) = (self.counts.get(), Instant::now());
        run();
        self.parts.borrow_mut().push((name, what, self.counts.get().since(&before), began.elapsed()));
    }

    /// Rounds of a string instruction so far.
    #[allow(dead_code)] // the program without std asks
    pub(crate) fn rounds(&self) -> u64 {
        self.counts.get().rounds
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.get();
        change(&mut counts);
        self.counts.set(counts);
    }

    /// Notes a failure. With `SEQCOPY_STEP_FIRST` in the environment, the first one ends the program.
    pub(crate) fn fail(&self, what: &str) {
        self.count(|counts| counts.failures += 1);
        if self.counts.get().failures <= PRINTED {
            println!("FAIL {what}");
        }
        if std::env::var_os("SEQCOPY_STEP_FIRST").is_some() {
            println!("step: ended at the first failure");
            std::process::exit(1);
        }
    }

    pub(crate) fn check(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.fail(&what());
        }
    }

    /// Prints the table and the sums; returns whether nothing failed.
    pub(crate) fn end(&self) -> bool {
        println!("| part | what | instructions | looks | schedules | kills | failures | s |");
        println!("|---|---|---|---|---|---|---|---|");
        for (name, what, counts, took) in self.parts.borrow().iter() {
            let Counts { steps, looks, schedules, kills, failures, .. } = counts;
            println!(
                "| {name} | {what} | {steps} | {looks} | {schedules} | {kills} | {failures} | {:.0} |",
                took.as_secs_f32()
            );
        }
        let counts = self.counts.get();
        println!("step: {} instructions, {} of them rounds of a string instruction", counts.steps, counts.rounds);
        println!("step: {} cases, {} failures", counts.cases(), counts.failures);
        counts.failures == 0
    }
}
