//! Names for C, made from those of a schema: each is given once, and none has a meaning already.

use std::collections::HashMap;

use super::identifiers::identifier;
use super::{reader, system};

/// The names at file scope that the header defines so far: of types, functions and constants.
#[derive(Default)]
pub(super) struct Names(Given);

/// The names of a struct's members, which are a namespace of their own.
pub(super) struct Members<'n> {
    given: Given,
    outside: &'n Names,
}

/// The names that are given, and how often each was wanted.
#[derive(Default)]
struct Given(HashMap<String, usize>);

impl Given {
    fn fresh(&mut self, wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let mut name = wanted.to_owned();
        while is_taken(&name) {
            name.push('_');
        }
        while self.0.contains_key(&name) || is_taken(&name) {
            let number = self.0.entry(wanted.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{wanted}_{number}");
        }
        self.0.insert(name.clone(), 1);
        name
    }
}

/// What follows the name of a type in the name of the function that checks its bits.
pub(super) const IS_VALID: &str = "_bits_are_valid_";

impl Names {
    /// The wanted name for a constant, or a similar one if that is taken.
    pub(super) fn constant(&mut self, wanted: &str) -> String {
        self.0.fresh(wanted, system::is_taken)
    }

    /// The same for a type, and with it the name of the function that checks its bits.
    pub(super) fn kind(&mut self, wanted: &str) -> String {
        loop {
            let name = self.0.fresh(wanted, system::is_taken);
            if !self.has(&format!("{name}{IS_VALID}")) {
                self.0.0.insert(format!("{name}{IS_VALID}"), 1);
                return name;
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.0.contains_key(name)
    }

    /// The names of a struct's members.
    pub(super) fn members(&self) -> Members<'_> {
        Members { given: Given::default(), outside: self }
    }

    /// The name of the region's type, which begins all others: the one that the user chose, or else the type's own name, or a similar
    /// one if that is taken.
    pub(super) fn root(&mut self, own: &str, chosen: Option<&str>) -> Result<String, String> {
        let prefix = match chosen {
            Some(name) if identifier(name) != name || name.is_empty() => {
                return Err(format!(
                    "`--name` {name:?} can't be the name of a C type: use ASCII letters, digits and `_`, with a letter first"
                ));
            }
            Some(name) => {
                if let Some(taken) = Self::taken_below(name) {
                    return Err(format!(
                        "`--name` {name:?} can't be the name of a C type: the header would define `{taken}`, which is a keyword, \
                         a name of the system or one that the header uses itself; choose another"
                    ));
                }
                name.to_owned()
            }
            None => {
                let name = identifier(own);
                if Self::taken_below(&name).is_some() { format!("seqcopy_{name}") } else { name }
            }
        };
        self.0.0.insert(prefix.clone(), 1);
        self.0.0.insert(format!("{prefix}{IS_VALID}"), 1);
        for name in reader::names(&prefix) {
            self.0.0.insert(name, 1);
        }
        Ok(prefix)
    }

    /// A name that is taken, of those that the header makes from a prefix for any type.
    fn taken_below(prefix: &str) -> Option<String> {
        let is_taken = |name: &String| system::is_taken(name) || reader::uses(name);
        std::iter::once(prefix.to_owned()).chain(reader::names(prefix)).find(is_taken)
    }
}

impl Members<'_> {
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        // In C++, a member with the name of a type would change its meaning for the members after it; constants are macros.
        self.given.fresh(wanted, |name| system::conflicts_with_members(name) || self.outside.has(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        let mut names = Names::default();
        assert_eq!(names.kind("a"), "a");
        assert_eq!(names.kind("a"), "a_2");
        assert_eq!(names.kind("a_2"), "a_2_2");
        assert_eq!(names.kind("a"), "a_3");
        assert_eq!(names.constant("MAP_SHARED"), "MAP_SHARED_");
        assert_eq!(names.constant("MAP_SHARED"), "MAP_SHARED_2");
        // The name of the function that checks a type is taken with it.
        assert_eq!(names.kind("a_bits_are_valid_"), "a_bits_are_valid__2");
        assert_eq!(names.constant("b_bits_are_valid_"), "b_bits_are_valid_");
        assert_eq!(names.kind("b"), "b_2");
    }

    #[test]
    fn members_conflict_with_macros_and_types_only() {
        let mut names = Names::default();
        names.kind("Pose_Leg");
        let mut members = names.members();
        for (wanted, given) in [
            ("open", "open"),
            ("open", "open_2"),
            ("st_atime", "st_atime_"),
            ("st_atime", "st_atime_2"),
            ("class", "class_"),
            ("uint8_t", "uint8_t_"),
            ("Pose_Leg", "Pose_Leg_"),
        ] {
            assert_eq!(members.fresh(wanted), given);
        }
    }

    #[test]
    fn prefixes_that_are_taken() {
        for name in
            ["int", "stat", "shm", "sched", "size_t", "a b", "", "1a", "x;", "__x", "region", "status", "i0", "tag2"]
        {
            assert!(Names::default().root("Quote", Some(name)).is_err(), "{name}");
        }
        let message = Names::default().root("Quote", Some("shm")).unwrap_err();
        assert!(message.contains("`shm_open`"), "{message}");
        for (own, prefix) in [("Quote", "Quote"), ("shm", "seqcopy_shm"), ("region", "seqcopy_region"), ("Map", "Map")]
        {
            assert_eq!(Names::default().root(own, None).unwrap(), prefix);
        }
    }
}
