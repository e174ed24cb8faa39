//! The cases of `verify/proof/traces.txt`: what the programs of the proof do with given answers, as Coq has computed it.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A case: what is called, with which answers, and what it does then.
#[derive(Debug, Clone)]
pub struct Case {
    /// `read padded 1`: the call, the type, the number of buffers; of a write, then the parts of the value.
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
