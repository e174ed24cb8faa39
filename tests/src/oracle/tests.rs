//! Tests the checks: types that are deliberately described wrongly must fail.

#![allow(clippy::cast_possible_truncation)]

use core::mem::offset_of;

use seqcopy::{MaybeInvalid, SeqCopy, Validate, field};

use super::*;

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = no_nine)]
struct Padded {
    a: u8,
    b: u32,
    c: bool,
}

fn no_nine(bits: &MaybeInvalid<Padded>) -> Result<(), &'static str> {
    if field!(bits, Padded, a).validate_ref() == Ok(&9) { Err("nine") } else { Ok(()) }
}

/// What the description of `Padded` gets wrong.
#[derive(Clone, Copy, PartialEq)]
enum Lie {
    None,
    Offset,
    Name,
    Hole,
    Rule,
    Poison,
}

std::thread_local! {
    static LIE: core::cell::Cell<Lie> = const { core::cell::Cell::new(Lie::None) };
}

impl Model for Padded {
    fn node() -> Node {
        let lie = LIE.get();
        let b = offset_of!(Self, b) - usize::from(lie == Lie::Offset);
        let c = match lie {
            Lie::Hole => hole::<bool>("c", offset_of!(Self, c)),
            Lie::Rule => part::<u8>("c", offset_of!(Self, c)),
            _ => part::<bool>("c", offset_of!(Self, c)),
        };
        let a = part::<u8>(if lie == Lie::Name { "z" } else { "a" }, 0);
        let poison = if lie == Lie::Poison { 8 } else { 9 };
        let hook = Hook { place: Place::Field(0), poison, reason: "nine" };
        structure::<Self>("Padded", vec![a, part::<u32>("b", b), c]).with_hooks(vec![hook])
    }

    fn make(rng: &mut Rng) -> Self {
        Padded { a: rng.below(8) as u8, b: make(rng), c: make(rng) }
    }
}

fn checked(lie: Lie) -> Result<(), String> {
    LIE.set(lie);
    let mut case = report_case();
    case.copied::<Padded>()?;
    case.validated::<Padded>()
}

fn report_case() -> Case {
    Case::new(1)
}

#[test]
fn a_correct_description_passes() {
    assert_eq!(checked(Lie::None), Ok(()));
}

#[test]
fn wrong_descriptions_are_noticed() {
    for (lie, words) in [
        (Lie::Offset, "lies at 3"),
        (Lie::Name, "lies at 0"),
        (Lie::Hole, "something else"),
        (Lie::Rule, "another kind of number"),
        (Lie::Poison, "expected"),
    ] {
        let error = checked(lie).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn predictions_are_compared_with_the_type() {
    let fact = Fact { size: 12, align: 4, map: "1d3.5d3." };
    assert_eq!(report_case().predicted::<Padded>(fact, fact), Ok(()));
    let wrong = Fact { map: "1d3.6d2.", ..fact };
    if cfg!(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")) {
        assert!(report_case().predicted::<Padded>(wrong, wrong).is_err());
    }
}

#[test]
fn fingerprints_must_differ() {
    let mut report = Report::new(1);
    report.of("one", Case::copied::<Padded>);
    report.of("two", Case::copied::<Padded>);
    assert_eq!(format!("{:?}", report.finish()), format!("{:?}", std::process::ExitCode::FAILURE));
    let (u, i) = (u32::LAYOUT, u32::LAYOUT);
    assert_eq!(report_case().twin(u, i, false), Ok(()));
    assert!(report_case().twin(u, i, true).is_err());
}
