//! A field by its path, as in `pose.legs[2].angle`: found in the type, before any value is read.

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

use super::printable::printable;
use super::types::type_name;
use seqcopy_shm::untyped::Value;
use seqcopy_shm::untyped::Variants;

/// Where a part of a value lies, and its type.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    offset: usize,
    pub(super) layout: &'a Layout,
}

/// This many names are listed in an error.
const LISTED: usize = 24;

impl<'a> Place<'a> {
    /// The whole value, or the field that the path names.
    pub(super) fn find(root: &'a Layout, path: Option<&str>) -> Result<Place<'a>, String> {
        let mut place = Place { offset: 0, layout: root };
        let Some(path) = path else { return Ok(place) };
        let mut rest = path;
        while !rest.is_empty() {
            let passed = &path[..path.len() - rest.len()];
            if let Some(index) = rest.strip_prefix('[') {
                let (digits, after) =
                    index.split_once(']').ok_or_else(|| format!("`{}`: a `]` is missing", printable(path)))?;
                place = place.element(passed, digits)?;
                rest = after;
            } else {
                let name = match rest.strip_prefix('.') {
                    Some(name) if !passed.is_empty() => name,
                    None if passed.is_empty() => rest,
                    _ => return Err(format!("`{}`: expected a path, as in `pose.legs[2].angle`", printable(path))),
                };
                let end = name.find(['.', '[']).unwrap_or(name.len());
                place = place.field(passed, &name[..end])?;
                rest = &name[end..];
            }
        }
        Ok(place)
    }

    fn element(self, passed: &str, digits: &str) -> Result<Place<'a>, String> {
        let of = self.named(passed);
        let Shape::Array { element, len, .. } = self.layout.shape() else {
            return Err(format!("{of} is not an array: `[{}]` names no element", printable(digits)));
        };
        match digits.parse::<usize>() {
            Ok(index) if index < len => Ok(Place { offset: self.offset + index * element.size(), layout: element }),
            _ => Err(format!("{of} has {len} elements: `[{}]` names none of them", printable(digits))),
        }
    }

    fn field(self, passed: &str, name: &str) -> Result<Place<'a>, String> {
        let (of, wanted) = (self.named(passed), printable(name));
        match self.layout.shape() {
            Shape::Struct { fields, .. } => match fields.iter().find(|field| field.name() == name) {
                Some(field) => Ok(Place { offset: self.offset + field.offset(), layout: field.layout() }),
                None => Err(format!("{of} has no field `{wanted}`: {}", listed(fields))),
            },
            Shape::Array { len, .. } => {
                Err(format!("{of} is an array of {len}: name an element, as in `{passed}[0].{wanted}`"))
            }
            Shape::Enum { .. } => {
                Err(format!("{of} is an enum, whose fields are those of its variant: show it as a whole"))
            }
            _ => Err(format!("{of} has no fields: there is no `{wanted}` in it")),
        }
    }

    /// What an error calls it.
    fn named(self, passed: &str) -> String {
        match passed {
            "" => format!("`{}`", type_name(self.layout)),
            passed => format!("`{}` (`{}`)", printable(passed), type_name(self.layout)),
        }
    }

    /// The value there, in the bytes of a whole value.
    pub(super) fn value(self, variants: &'a Variants, bytes: &'a [u8]) -> Value<'a> {
        variants.value(self.layout, bytes.get(self.offset..).unwrap_or_default())
    }
}

fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().take(LISTED).map(|field| format!("`{}`", printable(field.name()))).collect();
    match fields.len().checked_sub(LISTED) {
        _ if fields.is_empty() => "it has none".to_owned(),
        None | Some(0) => format!("it has {}", names.join(", ")),
        Some(more) => format!("it has {}, and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Leg {
        angle: f32,
        free: bool,
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(u8)]
    #[allow(dead_code)]
    enum Mode {
        Stop,
        Go { speed: u16 },
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Pose {
        at: u64,
        legs: [Leg; 4],
        mode: Mode,
    }

    fn error(path: &str) -> String {
        Place::find(Pose::LAYOUT, Some(path)).err().expect("no such field")
    }

    #[test]
    fn paths_lead_to_their_places() {
        let place = |path| Place::find(Pose::LAYOUT, Some(path)).map(|place| (place.offset, place.layout.name()));
        assert_eq!(place("at"), Ok((0, "u64")));
        assert_eq!(place("legs"), Ok((8, Pose::LAYOUT.fields()[1].layout().name())));
        assert_eq!(place("legs[3]"), Ok((32, "Leg")));
        assert_eq!(place("legs[3].free"), Ok((36, "bool")));
        assert_eq!(place("mode"), Ok((40, "Mode")));
        let element = Place::find(<[[u16; 3]; 2]>::LAYOUT, Some("[1][2]")).map(|place| place.offset);
        assert_eq!(element, Ok(10));
        assert_eq!(Place::find(Pose::LAYOUT, None).map(|place| place.layout.name()), Ok("Pose"));
    }

    #[test]
    fn errors_say_what_there_is() {
        assert_eq!(error("leg"), "`Pose` has no field `leg`: it has `at`, `legs`, `mode`");
        assert_eq!(error("legs[0].z"), "`legs[0]` (`Leg`) has no field `z`: it has `angle`, `free`");
        assert_eq!(error("legs[4]"), "`legs` (`[Leg; 4]`) has 4 elements: `[4]` names none of them");
        assert_eq!(error("legs[-1]"), "`legs` (`[Leg; 4]`) has 4 elements: `[-1]` names none of them");
        assert_eq!(error("legs.free"), "`legs` (`[Leg; 4]`) is an array of 4: name an element, as in `legs[0].free`");
        assert_eq!(error("at.x"), "`at` (`u64`) has no fields: there is no `x` in it");
        assert_eq!(error("at[0]"), "`at` (`u64`) is not an array: `[0]` names no element");
        let mode = "`mode` (`Mode`) is an enum, whose fields are those of its variant: show it as a whole";
        assert_eq!(error("mode.Go.speed"), mode);
        assert_eq!(error("legs[0"), "`legs[0`: a `]` is missing");
        assert_eq!(error(".at"), "`.at`: expected a path, as in `pose.legs[2].angle`");
        assert_eq!(error("legs[0]free"), "`legs[0]free`: expected a path, as in `pose.legs[2].angle`");
        assert_eq!(error("\u{1b}[0"), "`Pose` has no field `\\u{1b}`: it has `at`, `legs`, `mode`");
        let many: Vec<Field> = (0..=LISTED).map(|at| Field::new("a", at, <u8 as SeqCopy>::LAYOUT)).collect();
        assert!(listed(&many[..LISTED]).ends_with(", `a`") && listed(&many).ends_with(", `a`, and 1 more"));
    }
}
