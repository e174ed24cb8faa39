//! The cases of `verify/proof/traces.txt`: what the programs of the proof do with given answers, as Coq has computed
//! it.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A case: what is called, with which answers, and what it does then.
#[derive(Debug, Clone)]
pub struct Case {
    /// `read padded 1`: the call, the type, the number of buffers; of a read, then the situation; of a write, the parts
    /// of the value; of a look-up, the slot where the search begins.
    pub name: Vec<String>,
    /// What the loads of the region are answered, in their order.
    pub answers: Vec<u64>,
    /// The operations, a line each.
    pub acts: Vec<String>,
    /// What is returned.
    pub result: String,
}

impl Case {
    /// The call.
    #[must_use]
    pub fn call(&self) -> &str {
        &self.name[0]
    }

    /// The type.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.name[1]
    }

    /// The number of buffers.
    ///
    /// # Panics
    /// If the file has none there.
    #[must_use]
    pub fn buffers(&self) -> u32 {
        self.name[2].parse().expect("a number of buffers")
    }

    /// Whether a read is made in this situation.
    #[must_use]
    pub fn is(&self, situation: &str) -> bool {
        self.name[3..].iter().any(|word| word == situation)
    }

    /// The number that comes last in the name.
    ///
    /// # Panics
    /// If it is no number.
    #[must_use]
    pub fn last(&self) -> usize {
        self.name.last().and_then(|word| word.parse().ok()).expect("a number")
    }

    /// The version that is returned with the value, for calls that do not return it.
    ///
    /// # Panics
    /// If no value is returned.
    #[must_use]
    pub fn version(&self) -> u64 {
        let (_, fields) = self.result.split_once("value ").expect("a value");
        fields.split(' ').next().and_then(|word| word.parse().ok()).expect("a version")
    }

    /// Compares what a function did, and what it returned.
    ///
    /// # Panics
    /// If that is something else.
    pub fn compare(&self, by: &str, acts: &[String], result: &str) {
        let name = format!("{} with {:?}, by {by}", self.name.join(" "), self.answers);
        assert_eq!(acts, self.acts, "{name}");
        assert_eq!(result, self.result, "{name}");
    }
}

/// All of them.
///
/// # Panics
/// If the file is not there, or has another form.
#[must_use]
pub fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../verify/proof/traces.txt");
    let text = std::fs::read_to_string(path).expect(path);
    let case = |case: &str| {
        let mut lines: Vec<&str> = case.lines().collect();
        let result = lines.pop().expect("a result").to_string();
        let answers = lines[1].strip_prefix("answers ").expect("answers");
        let answers = answers.split(' ').map(|number| number.parse().expect("a number")).collect();
        let acts = lines[2..].iter().map(ToString::to_string).collect();
        Case { name: lines[0].split(' ').map(ToString::to_string).collect(), answers, acts, result }
    };
    text.split("case ").skip(1).map(case).collect()
}
