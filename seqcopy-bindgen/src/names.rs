//! Names for C, made from those of a schema: each is given once.
//!
//! What is defined at file scope begins with a prefix, `seqcopy_TYPE` unless the user chose another: no system has such
//! names, whatever the type is called. Members have the names of the fields.

use std::collections::HashMap;

use crate::error::Error;
use crate::identifiers::{constant, identifier, is_keyword};
use crate::template;

/// The names at file scope that the header defines so far: of types, functions and constants.
pub(super) struct Names {
    given: Given,
    /// The prefix of all names, and the same in upper case for constants.
    pub(super) prefix: String,
    pub(super) upper: String,
}

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

/// The first words of the names in the header of the library, after its own name.
const OF_LIBRARY: [&str; 15] = [
    "abi", "direct", "entries", "entry", "last", "map", "message", "notifier", "options", "reader", "region", "status",
    "survive", "waited", "writer",
];

/// Whether a header whose names begin so would define what that of the library does.
fn is_of_library(prefix: &str) -> bool {
    let own = prefix.strip_prefix("seqcopy_").and_then(|own| own.split('_').next());
    prefix == "seqcopy" || own.is_some_and(|word| OF_LIBRARY.contains(&word))
}

/// What follows the name of a type in the name of the function that checks its bits.
pub(super) const IS_VALID: &str = "_bits_are_valid_";

impl Names {
    /// The names of a type's header. All begin with the name that the user chose, or with that of the type.
    pub(super) fn of(own: &str, chosen: Option<&str>) -> Result<Names, Error> {
        let prefix = match chosen {
            Some(name)
                if identifier(name) != name || is_keyword(name) || template::uses(name) || is_of_library(name) =>
            {
                return Err(Error::Name(name.to_owned()));
            }
            Some(name) => name.to_owned(),
            None => match format!("seqcopy_{}", identifier(own)) {
                name if is_of_library(&name) => format!("seqcopy_Type_{}", identifier(own)),
                name => name,
            },
        };
        let mut given = Given::default();
        for name in template::names(&prefix).into_iter().chain([prefix.clone(), format!("{prefix}{IS_VALID}")]) {
            given.0.insert(name, 1);
        }
        Ok(Names { given, upper: constant(&prefix), prefix })
    }

    /// The wanted name for a constant, or a similar one if that is taken.
    pub(super) fn constant(&mut self, wanted: &str) -> String {
        self.given.fresh(wanted, is_keyword)
    }

    /// The name of a type, and with it that of the function that checks its bits.
    pub(super) fn kind(&mut self, wanted: &str) -> String {
        loop {
            let name = self.given.fresh(wanted, is_keyword);
            if !self.has(&format!("{name}{IS_VALID}")) {
                self.given.0.insert(format!("{name}{IS_VALID}"), 1);
                return name;
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.given.0.contains_key(name)
    }

    /// The names of a struct's members.
    pub(super) fn members(&self) -> Members<'_> {
        Members { given: Given::default(), outside: self }
    }
}

impl Members<'_> {
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let outside = self.outside;
        // In C++, a member with the name of a type would change its meaning for the members after it. Constants are
        // macros, and some are defined further down.
        let is_constant = |name: &str| name.strip_prefix(&outside.upper).is_some_and(|rest| rest.starts_with('_'));
        self.given
            .fresh(wanted, |name| is_keyword(name) || outside.has(name) || (is_constant(name) && !name.ends_with('_')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        let mut names = Names::of("T", Some("T")).unwrap();
        assert_eq!(names.kind("a"), "a");
        assert_eq!(names.kind("a"), "a_2");
        assert_eq!(names.kind("a_2"), "a_2_2");
        assert_eq!(names.kind("a"), "a_3");
        assert_eq!(names.constant("char8_t"), "char8_t_");
        assert_eq!(names.constant("char8_t"), "char8_t_2");
        // The name of the function that checks a type is taken with it.
        assert_eq!(names.kind("a_bits_are_valid_"), "a_bits_are_valid__2");
        assert_eq!(names.constant("b_bits_are_valid_"), "b_bits_are_valid_");
        assert_eq!(names.kind("b"), "b_2");
        assert_eq!(names.kind("T_reader"), "T_reader_2");
    }

    /// Types, constants and members get none.
    #[test]
    fn no_keyword_is_given() {
        let mut names = Names::of("T", Some("T")).unwrap();
        for word in super::super::identifiers::keywords() {
            assert!(!is_keyword(&names.kind(word)) && !is_keyword(&names.constant(word)), "{word}");
            assert!(!is_keyword(&names.members().fresh(word)), "{word}");
        }
    }

    #[test]
    fn members_conflict_with_keywords_types_and_constants_only() {
        let mut names = Names::of("Pose", None).unwrap();
        names.kind("seqcopy_Pose_Leg");
        let mut members = names.members();
        for (wanted, given) in [
            ("open", "open"),
            ("open", "open_2"),
            ("st_atime", "st_atime"),
            ("NULL", "NULL"),
            ("class", "class_"),
            ("class", "class_2"),
            ("uint8_t", "uint8_t_"),
            ("seqcopy_Pose_Leg", "seqcopy_Pose_Leg_"),
            ("SEQCOPY_POSE_MODE_TAG_CALM", "SEQCOPY_POSE_MODE_TAG_CALM_"),
        ] {
            assert_eq!(members.fresh(wanted), given);
        }
    }

    #[test]
    fn names_of_the_library_are_known() {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/../seqcopy-c/include/seqcopy.h");
        let text = std::fs::read_to_string(header).expect("the header of the library, in the same repository");
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let own: Vec<&str> = words.filter(|word| word.starts_with("seqcopy_")).collect();
        assert!(own.len() > 100 && own.iter().all(|word| is_of_library(word)), "{own:?}");
    }

    #[test]
    fn prefixes_that_are_taken() {
        for name in [
            "int",
            "memset",
            "size_t",
            "a b",
            "",
            "1a",
            "x;",
            "__x",
            "handle",
            "status",
            "i0",
            "tag2",
            "seqcopy",
            "seqcopy_map",
            "seqcopy_reader_open",
        ] {
            let message = Names::of("Quote", Some(name)).err().expect(name).to_string();
            assert!(message.contains("can't be the name of a C type"), "{message}");
        }
        for (own, prefix) in
            [("Quote", "seqcopy_Quote"), ("shm", "seqcopy_shm"), ("1", "seqcopy__1"), ("region", "seqcopy_Type_region")]
        {
            assert_eq!(Names::of(own, None).unwrap().prefix, prefix);
        }
        assert_eq!(Names::of("Quote", Some("quote")).unwrap().upper, "QUOTE");
    }
}
