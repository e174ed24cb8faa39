//! Runs cases and counts.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use super::case::Verdicts;
use super::{Case, Rng};

/// What has been tested so far.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    types: usize,
    failed: usize,
    verdicts: Verdicts,
    /// The name of the type that has a fingerprint.
    fingerprints: HashMap<u64, String>,
}

impl Report {
    /// An empty report. The seed is that of the values.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Report { seed, types: 0, failed: 0, verdicts: Verdicts::default(), fingerprints: HashMap::new() }
    }

    /// Tests one type; prints what is wrong.
    pub fn of(&mut self, name: &str, test: impl FnOnce(&mut Case) -> Result<(), String>) {
        self.types += 1;
        // The values must not depend on which other types are tested.
        let mut rng = Rng::new(self.seed);
        let seed = name.bytes().fold(rng.bits(), |seed, byte| Rng::new(seed ^ u64::from(byte)).bits());
        let mut case = Case::new(seed);
        let result = catch_unwind(AssertUnwindSafe(|| test(&mut case)));
        let result = result.unwrap_or_else(|_| Err("panicked, see above".to_owned()));
        let result = result.and_then(|()| self.fingerprints_of(name, &case));
        self.verdicts.add(case.verdicts());
        if let Err(what) = result {
            self.failed += 1;
            println!("FAILED {name}: {what}");
        }
    }

    /// Checks that no two types have the same fingerprint.
    fn fingerprints_of(&mut self, name: &str, case: &Case) -> Result<(), String> {
        for layout in case.layouts() {
            let fingerprint = layout.fingerprint();
            if let Some(other) = self.fingerprints.insert(fingerprint, name.to_owned()) {
                return Err(format!("has the fingerprint {fingerprint:#x} of {other}"));
            }
        }
        Ok(())
    }

    /// Prints the summary.
    #[must_use]
    pub fn finish(&self) -> ExitCode {
        let Verdicts { accepted, refused, by_hook, in_array } = self.verdicts;
        println!("verdicts: {accepted} accepted, {refused} refused, by hooks {by_hook}, of these in arrays {in_array}");
        println!("random types: {} of {} ok (seed {})", self.types - self.failed, self.types, self.seed);
        if self.failed == 0 && self.types > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
