//! What a process has that a test may forget to give back.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, PoisonError};

use crate::limit::WATCH;

/// How often there is what.
pub(crate) struct Left(BTreeMap<String, usize>);

type Count = fn() -> usize;

static COUNTED: Mutex<Vec<(&str, Count)>> = Mutex::new(Vec::new());

pub(crate) fn count(name: &'static str, entries: Count) {
    COUNTED.lock().unwrap_or_else(PoisonError::into_inner).push((name, entries));
}

impl Left {
    pub(crate) fn now() -> Left {
        let mut all = BTreeMap::new();
        let mut add = |what: String, number| *all.entry(what).or_default() += number;
        let names = |of: &str| fs::read_dir(of).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in names("/proc/self/fd") {
            let Ok(link) = fs::read_link(&path) else { continue };
            // The one by which the folder is read; profiles of coverage.
            let is_own = link.starts_with("/proc") || link.extension().is_some_and(|it| it == "profraw");
            add(format!("a descriptor of {}", link.display()), usize::from(!is_own));
        }
        for path in names("/proc/self/task") {
            let Ok(name) = fs::read_to_string(path.join("comm")) else { continue };
            add(format!("a thread named {}", name.trim_end()), usize::from(name.trim_end() != WATCH));
        }
        for line in fs::read_to_string("/proc/self/maps").unwrap_or_default().lines() {
            let mut columns = line.split_whitespace();
            let is_shared = columns.nth(1).is_some_and(|rights| rights.ends_with('s'));
            let file = columns.nth(3).unwrap_or("no file");
            // Memory that a test shares with its forks is of `/dev/zero`, and no other file's.
            let is_own = file.starts_with("/dev/zero") || file.ends_with(".profraw");
            add(format!("a map of {file}"), usize::from(is_shared && !is_own));
        }
        for (name, entries) in COUNTED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            add(format!("an entry of {name}"), entries());
        }
        Left(all)
    }

    /// What there is that was not there before.
    pub(crate) fn beyond(&self, before: &Left) -> Vec<String> {
        let more = |(what, number): (&String, &usize)| {
            let more = number.saturating_sub(before.0.get(what).copied().unwrap_or_default());
            (more > 0).then(|| format!("{more} times {what}"))
        };
        self.0.iter().filter_map(more).collect()
    }
}
