//! The two ways to step: a writer, with looks after each instruction, and a reader, with whole writes between two of
//! its instructions. What is written and read is the caller's.

use crate::next::Next;
use crate::report::Report;
use crate::trace::Child;

impl Child {
    /// Executes this many instructions, or those to the mark; returns how many there were.
    pub(crate) fn steps(&mut self, many: u64) -> u64 {
        for done in 0..many {
            if self.next() == Next::End {
                return done;
            }
            self.step();
        }
        many
    }

    /// Ends it by SIGKILL, wherever it is.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

/// What readers see of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Phase {
    Old,
    Busy,
    New,
}

/// A writing child that is stepped.
pub(crate) struct Writing<'a> {
    pub(crate) report: &'a Report,
    pub(crate) name: String,
    pub(crate) writes: u64,
    /// A look after every n-th instruction.
    pub(crate) every: u64,
    /// Whether it is promised that a write executes no locked instruction and no system call.
    pub(crate) is_plain: bool,
}

impl Writing<'_> {
    /// `look(n)` looks in every way while write `n` is going on, and returns what all readers see, or what is wrong.
    pub(crate) fn follow(&self, child: &mut Child, mut look: impl FnMut(u64) -> Result<Phase, String>) {
        let (report, name) = (self.report, &self.name);
        let (mut looks, mut busy, mut locked, mut repeated, mut calls) = (0, 0, 0, 0, 0);
        let (mut shortest, mut longest) = (u64::MAX, 0);
        'writes: for n in 1..=self.writes {
            child.go_to_mark();
            let (mut phase, mut done) = (Phase::Old, 0);
            loop {
                let next = child.next();
                if done % self.every == 0 || next == Next::End {
                    looks += 1;
                    match look(n) {
                        Ok(seen) if seen >= phase => phase = seen,
                        Ok(seen) => {
                            report.fail(&format!("{name}: write {n}, instruction {done}: {phase:?}, then {seen:?}"));
                        }
                        Err(what) => {
                            report.fail(&format!("{name}: write {n}, instruction {done} at {:#x}: {what}", child.pc()));
                            break 'writes;
                        }
                    }
                    busy += u64::from(phase == Phase::Busy);
                }
                match next {
                    Next::End => break,
                    Next::Locked => locked += 1,
                    Next::Syscall => calls += 1,
                    Next::Repeated => repeated += 1,
                    Next::Other => {}
                }
                child.step();
                done += 1;
            }
            report.check(phase == Phase::New, || format!("{name}: write {n} ended in phase {phase:?}"));
            (shortest, longest) = (done.min(shortest), done.max(longest));
            child.go_to_mark();
        }
        report.check(!self.is_plain || locked + calls == 0, || {
            format!("{name}: {locked} locked instructions and {calls} system calls, and promised are 0 of both")
        });
        report.count(|counts| {
            counts.steps += child.steps;
            counts.rounds += repeated;
            counts.looks += looks;
        });
        println!(
            "{name}: {shortest} to {longest} instructions a write, {looks} looks, {busy} of them busy, {locked} locked, \
             {repeated} rounds of a string instruction, {calls} system calls"
        );
    }
}

/// What an interrupted read came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    New,
    Torn,
    Old,
    Busy,
    /// A value of neither write, or an error that can't be.
    Wrong,
}

/// Behind how many instructions a read has looked at the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Looks {
    pub(crate) first: u64,
    pub(crate) second: u64,
    pub(crate) all: u64,
}

/// A reading child that is stepped: `loop { mark(); read; mark(); report; mark(); }`.
pub(crate) struct Reading<'a> {
    pub(crate) report: &'a Report,
    pub(crate) name: String,
    /// 1, or the buffers of a latch.
    pub(crate) buffers: u64,
    /// Writes after every n-th instruction, and after the first and last forty; of long reads after fewer, since after
    /// a late instruction all before it are stepped as well.
    pub(crate) every: u64,
    /// Whether it is promised that a read executes no locked instruction and no system call.
    pub(crate) is_plain: bool,
    /// Whether all values have one length, so that all reads execute as many instructions.
    pub(crate) has_one_length: bool,
}

/// This many instructions are stepped for one number of writes, about.
const STEPS: u64 = 100_000;

impl Reading<'_> {
    /// `write(m)` makes this many writes; `outcome(m)` says what the read came to that was interrupted by them, or by
    /// none.
    pub(crate) fn interrupt(
        &self,
        child: &mut Child,
        mut write: impl FnMut(u64),
        mut outcome: impl FnMut(u64) -> Outcome,
    ) -> Option<Looks> {
        let (report, name) = (self.report, &self.name);
        // Once without steps: what is found out once, is found out now.
        (0..3).for_each(|_| child.go_to_mark());
        let mut all = self.undisturbed(child);
        if outcome(0) != Outcome::New {
            report.fail(&format!("{name}: a read during no write is {:?}", outcome(0)));
            return None;
        }
        if !self.has_one_length {
            // The longest.
            for _ in 0..16 {
                write(1);
                all = all.max(self.undisturbed(child));
            }
        }
        let (every, edge) = (self.every.max(all * all / STEPS), if all > 2000 { 4 } else { 40 });
        let (mut looks, mut shown, mut schedules): (Option<Looks>, _, _) = (None, String::new(), 0);
        for m in 1..=self.buffers + 2 {
            let after: Vec<u64> = (0..=all).filter(|k| *k < edge || all - k < edge || k % every == 0).collect();
            let mut outcomes = Vec::with_capacity(after.len());
            for &k in &after {
                child.go_to_mark();
                let done = child.steps(k);
                report.check(done == k || !self.has_one_length, || {
                    format!("{name}: {done} instructions, and a moment ago {all}")
                });
                write(m);
                child.go_to_mark();
                child.go_to_mark();
                let came_to = outcome(m);
                report.check(came_to != Outcome::Wrong, || {
                    format!("{name}: {m} writes after instruction {k} of {all}: a value of neither write is accepted")
                });
                outcomes.push(came_to);
            }
            schedules += after.len() as u64;
            // New, then torn, then old; nothing is torn where the window of a latch allows that many writes.
            let leading = |from: usize, what| outcomes[from..].iter().take_while(|outcome| **outcome == what).count();
            let new = leading(0, Outcome::New);
            let torn = leading(new, Outcome::Torn);
            let old = leading(new + torn, Outcome::Old);
            let is_allowed = self.buffers >= 2 && m <= self.buffers - 2;
            let are_in_order = new + torn + old == outcomes.len() || !self.has_one_length;
            let has_torn = outcomes.contains(&Outcome::Torn);
            let fits = are_in_order && new > 0 && outcomes.ends_with(&[Outcome::Old]) && has_torn != is_allowed;
            report.check(fits, || format!("{name}: {m} writes: {}", pattern(&outcomes)));
            shown.extend([format!("; {m} writes: {}", pattern(&outcomes))]);
            if fits && !is_allowed && self.has_one_length {
                let here = Looks { first: after[new], second: after[new + torn], all };
                report.check(looks.is_none_or(|before| before == here || every > 1), || {
                    format!("{name}: {m} writes: the word is looked at {here:?}, and before {looks:?}")
                });
                looks = Some(here);
            }
        }
        report.count(|counts| {
            counts.steps += child.steps;
            counts.schedules += schedules;
        });
        println!("{name}: {all} instructions, {schedules} schedules{shown}");
        looks
    }

    /// Steps one read; returns how many instructions it executes.
    fn undisturbed(&self, child: &mut Child) -> u64 {
        let (mut all, mut locked, mut calls, mut repeated) = (0, 0, 0, 0);
        child.go_to_mark();
        loop {
            match child.next() {
                Next::End => break,
                Next::Locked => locked += 1,
                Next::Syscall => calls += 1,
                Next::Repeated => repeated += 1,
                Next::Other => {}
            }
            child.step();
            all += 1;
        }
        child.go_to_mark();
        child.go_to_mark();
        self.report.count(|counts| counts.rounds += repeated);
        self.report.check(!self.is_plain || locked + calls == 0, || {
            format!("{}: {locked} locked instructions and {calls} system calls, and promised are 0 of both", self.name)
        });
        all
    }
}

/// `new 4, torn 17, old 5`
fn pattern(outcomes: &[Outcome]) -> String {
    let runs =
        outcomes.chunk_by(|a, b| a == b).map(|run| format!("{} {}", format!("{:?}", run[0]).to_lowercase(), run.len()));
    runs.collect::<Vec<_>>().join(", ")
}
