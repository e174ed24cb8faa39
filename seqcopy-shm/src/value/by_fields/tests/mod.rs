//! Values of one type made of another's: of derived types, and of random ones, for which an obvious program says what
//! is expected.

mod random;

use core::fmt::Debug;
use core::mem::MaybeUninit;
use core::num::NonZeroU16;

use super::{Others, Plan, storage_of};
use crate::mapping::RegionLayout;
use crate::value::checks::check_elements;
use seqcopy::layout::Path;
use seqcopy::{Aligned8, MaybeInvalid, SeqCopy, SeqOption, Validate, ValidateParts, part};

/// The value that a plan makes of these bytes: loaded from storage, and from a copy of them.
fn made<T: Validate, B>(plan: &Plan, storage: &mut MaybeUninit<Aligned8<B>>) -> [MaybeInvalid<T>; 2] {
    let shared: *const u8 = storage.as_mut_ptr().cast();
    // SAFETY: all bytes are initialised: each storage here begins with zeros (I4 private).
    let bytes = unsafe { core::slice::from_raw_parts(shared, size_of::<B>()) }.to_vec();
    [true, false].map(|is_mapped| {
        let mut value = MaybeUninit::<T>::uninit();
        // Miri sees what is left out. Elsewhere it must not be zeros by chance.
        if !cfg!(miri) {
            // SAFETY: a local (I4 private).
            unsafe { value.as_mut_ptr().write_bytes(0xa5, 1) };
        }
        if is_mapped {
            let place = value.as_mut_ptr().cast();
            // SAFETY: a local (I4 private).
            let mut scratch = unsafe { plan.begin(place) };
            // SAFETY: a local, aligned, as long as the type (I1 partition, I2 init); the same place.
            unsafe { plan.load_fields(shared, place, &mut scratch) };
            // SAFETY: of the load above (I4 private).
            unsafe { plan.finish(place, &scratch) };
        } else {
            plan.apply(&bytes, &mut value);
        }
        // SAFETY: every data byte is written, says `finish` (I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written(value) }
    })
}

fn stored<B: SeqCopy>(value: &B) -> MaybeUninit<Aligned8<B>> {
    let mut storage = MaybeUninit::<Aligned8<B>>::zeroed();
    // SAFETY: a local, aligned (I4 private, P9 layout).
    unsafe { seqcopy::raw::store(storage.as_mut_ptr().cast::<B>(), value) };
    storage
}

fn plan<A: Validate, B: Validate>() -> Result<Plan, String> {
    let region = RegionLayout::from_sizes(size_of::<B>(), align_of::<B>(), 1, 0).unwrap();
    Plan::from_layouts(&Path::Root, A::LAYOUT, B::LAYOUT, region.base(), region.buffer_layout)
        .map_err(|difference| difference.to_string())
}

/// Asserts what a program that has an `A` reads of a `B`.
fn reads<A: Validate + PartialEq + Debug, B: Validate>(value: &B, expected: &A) {
    let plan = plan::<A, B>().expect("it has all fields");
    for bits in made::<A, B>(&plan, &mut stored(value)) {
        assert_eq!(bits.validate().as_ref(), Ok(expected));
    }
}

fn refuses<A: Validate, B: Validate>(message: &str) {
    assert_eq!(plan::<A, B>().map(drop).unwrap_err(), message);
}

macro_rules! types {
    ($($(#[$attribute:meta])* $kind:ident $name:ident $body:tt $(;)?)*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
        #[allow(dead_code)] // a value only comes from the other type
        $(#[$attribute])*
        $kind $name $body
    )*};
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Pair(u16, u8);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Triple(u16, u8, f32);

types! {
    #[repr(C)]
    struct Leg { id: u8, length: u32, ready: bool }
    #[repr(C)]
    struct LongLeg { ready: bool, added: u64, length: u32, more: [u8; 3], id: u8 }
    #[repr(C)]
    struct Three { a: u8, b: u8, c: u8 }
    #[repr(C)]
    struct Two { c: u8, a: u8 }
    #[repr(C)]
    struct Robot { at: u64, legs: [Leg; 3], name: [u8; 40], pair: Pair, ok: bool }
    #[repr(C)]
    struct NewRobot { ok: bool, serial: u32, name: [u8; 40], legs: [LongLeg; 3], pair: Triple, at: u64 }
    #[repr(u8)]
    enum Mode { Stop = 1, Go = 5 }
    #[repr(u8)]
    enum NewMode { Stop = 1, Turn = 2, Go = 5 }
    #[repr(u8)]
    enum OtherMode { Stop = 1, Go = 4 }
    #[repr(u8)]
    enum OneMode { Stop = 1, Walk = 5 }
    #[repr(C, u8)]
    enum Shape { Circle { radius: f32 } = 1, Square(u8, u16) = 4, Nothing }
    #[repr(C, u8)]
    enum MoreShapes { Square(u8, u16) = 4, Circle { radius: f32 } = 1, Nothing = 5, Line { length: f64 } = 9 }
    #[repr(C, u8)]
    enum GrownShapes { Square(u8, u16) = 4, Circle { colour: u32, radius: f32 } = 1, Nothing = 5 }
    #[repr(C, u16)]
    enum TwoBytes { Circle { radius: f32 } = 0x101, Square(u8, u16) = 0x104, Nothing = 0x201 }
    #[repr(C, u16)]
    enum GrownTwoBytes { Square(u8, u16) = 0x104, Circle { colour: u32, radius: f32 } = 0x101, Nothing = 0x201 }
    #[repr(C)]
    struct Drawing { shapes: [Shape; 2], modes: [Mode; 3] }
    #[repr(C)]
    struct NewDrawing { modes: [NewMode; 3], shapes: [GrownShapes; 2] }
}

#[test]
fn fields_are_found_wherever_they_are() {
    let leg = |n: u8| Leg { id: n, length: 1000 + u32::from(n), ready: n % 2 == 0 };
    let long = |n: u8| LongLeg { ready: n % 2 == 0, added: 5, length: 1000 + u32::from(n), more: [9; 3], id: n };
    let name = core::array::from_fn(|i| u8::try_from(i).unwrap());
    let old = Robot { at: 7, legs: [leg(0), leg(1), leg(2)], name, pair: Pair(3, 4), ok: true };
    let new = NewRobot { ok: true, serial: 1, name, legs: [long(0), long(1), long(2)], pair: Triple(3, 4, 0.5), at: 7 };
    reads(&new, &old);
    reads(&old, &old);
    reads(&new, &new);
    refuses::<NewRobot, Robot>("field `serial`: no such field there, u32 here");
    reads(&[Triple(1, 2, 3.0); 2], &[Pair(1, 2); 2]);
    reads(&[[7u16; 5]; 3], &[[7u16; 5]; 3]);
}

#[test]
fn variants_are_found_by_tags_of_two_bytes() {
    reads(&GrownTwoBytes::Circle { colour: 1, radius: 2.0 }, &TwoBytes::Circle { radius: 2.0 });
    reads(&GrownTwoBytes::Square(1, 2), &TwoBytes::Square(1, 2));
    reads(&GrownTwoBytes::Nothing, &TwoBytes::Nothing);
}

#[test]
fn variants_are_found_by_name_and_tag() {
    reads(&NewMode::Go, &Mode::Go);
    reads(&Mode::Stop, &NewMode::Stop);
    for (value, expected) in [
        (MoreShapes::Circle { radius: 0.5 }, Shape::Circle { radius: 0.5 }),
        (MoreShapes::Square(3, 4), Shape::Square(3, 4)),
        (MoreShapes::Nothing, Shape::Nothing),
    ] {
        reads(&value, &expected);
        reads(&expected, &value);
    }
    for (value, expected) in [
        (GrownShapes::Circle { colour: 9, radius: 0.5 }, Shape::Circle { radius: 0.5 }),
        (GrownShapes::Square(3, 4), Shape::Square(3, 4)),
        (GrownShapes::Nothing, Shape::Nothing),
    ] {
        reads(&value, &expected);
        let modes = [NewMode::Go, NewMode::Stop, NewMode::Go];
        let drawing = Drawing { shapes: [expected, Shape::Square(1, 2)], modes: [Mode::Go, Mode::Stop, Mode::Go] };
        reads(&NewDrawing { modes, shapes: [value, GrownShapes::Square(1, 2)] }, &drawing);
    }
    refuses::<Mode, OtherMode>("the type: variant `Go` = 4 there, variant `Go` = 5 here");
    refuses::<Mode, OneMode>("the type: variant `Walk` = 5 there, variant `Go` = 5 here");
    refuses::<Mode, u8>("the type: u8 there, u8 enum `Mode` here");
    refuses::<GrownShapes, Shape>("field `Circle.colour`: no such field there, u32 here");
}

/// Tags that the reader does not have, or that the writer's type does not.
#[test]
fn values_of_other_variants_are_invalid() {
    fn lies<B: Validate>(value: &B) {
        let mut storage = stored(value);
        // SAFETY: the tag, inside of a local (I4 private).
        unsafe { storage.as_mut_ptr().cast::<u8>().write(9) };
        for bits in made::<MoreShapes, B>(&plan::<MoreShapes, B>().unwrap(), &mut storage) {
            assert_eq!(bits.validate(), Ok(MoreShapes::Line { length: 0.0 }), "initialised to the end");
        }
    }

    let refused = |plan: &Plan, storage: &mut MaybeUninit<Aligned8<MoreShapes>>| {
        made::<Shape, MoreShapes>(plan, storage).map(|bits| bits.validate().unwrap_err().to_string())
    };
    let unlike = plan::<Shape, MoreShapes>().unwrap();
    for message in refused(&unlike, &mut stored(&MoreShapes::Line { length: 0.25 })) {
        assert_eq!(
            message,
            "invalid `Shape`: found 0x9, expected a variant of `Shape`: Circle = 1, Square = 4, Nothing = 5"
        );
    }
    let grown = plan::<Shape, GrownShapes>().unwrap();
    let mut storage = stored(&GrownShapes::Circle { colour: 1, radius: 2.0 });
    // SAFETY: the tag, inside of a local (I4 private).
    unsafe { storage.as_mut_ptr().cast::<u8>().write(77) };
    for bits in made::<Shape, GrownShapes>(&grown, &mut storage) {
        assert!(bits.validate().unwrap_err().to_string().contains("0x4d"), "the tag is named");
    }
    // A process that lies writes a tag that its type does not have: the fields are zeros then, of which a `Line` can be
    // made.
    lies(&Shape::Nothing);
    lies(&GrownShapes::Nothing);
}

/// A slice of any capacity, as a `SeqVec` that begins a line.
#[test]
fn elements_are_those_of_a_range() {
    fn of<A: Validate + PartialEq + Debug + Clone, B: Validate + Clone>(values: &[B], expected: &[A]) {
        let there = crate::Schema::of_slice::<B>(values.len()).unwrap();
        let layout = there.layout();
        let others = Others::from_layouts(A::LAYOUT, layout, 64).expect("it has all fields");
        let mut memory = vec![[0u64; 8]; layout.size() / 64 + 2];
        let shared: *mut u8 = memory.as_mut_ptr().cast();
        let shared = shared.wrapping_add(shared.align_offset(64));
        let elements = seqcopy::raw::__shm::Elements::<B>::from_layout(layout, 64, 64, values.len());
        // SAFETY: aligned, long enough, initialised, and this thread's alone (I1 partition, I2 init, I4 private).
        unsafe { elements.store_elements(values.as_ptr(), 0, values.len(), shared) };
        for start in 0..values.len() {
            for end in start..=values.len() {
                let mut found: Vec<A> = Vec::with_capacity(end - start);
                // SAFETY: a slice of that type, which no other thread has; a range of the capacity, for which there is
                // space.
                unsafe { others.load_elements(shared, start..end, found.as_mut_ptr()) };
                // SAFETY: every data byte is written (I6 maybe-invalid).
                unsafe { check_elements::<A>(&found.spare_capacity_mut()[..end - start], 0) }.unwrap();
                // SAFETY: they were validated (P24 safety).
                unsafe { found.set_len(end - start) };
                assert_eq!(found, expected[start..end]);
            }
        }
    }
    let leg = |n: u8| Leg { id: n, length: 1000 + u32::from(n), ready: n % 2 == 0 };
    let long = |n: u8| LongLeg { ready: n % 2 == 0, added: 5, length: 1000 + u32::from(n), more: [9; 3], id: n };
    let count = if cfg!(miri) { 3 } else { 20 };
    let (legs, longs): (Vec<_>, Vec<_>) = (0..count).map(|n| (leg(n), long(n))).unzip();
    of(&longs, &legs);
    of(&legs, &legs);
    let threes: Vec<_> = (0..count).map(|n| Three { a: n, b: n + 1, c: n + 2 }).collect();
    of(&threes, &threes.iter().map(|it| Two { c: it.c, a: it.a }).collect::<Vec<_>>());
    of(&[(); 4], &[(); 4]);
    let refused =
        |schema: crate::Schema| Others::from_layouts(Leg::LAYOUT, schema.layout(), 64).unwrap_err().to_string();
    assert_eq!(
        refused(crate::Schema::of::<Leg>()),
        "the type: struct `Leg` there, a slice of a type with these fields here"
    );
    assert_eq!(
        refused(crate::Schema::of_slice::<()>(9).unwrap()),
        "the type: slice `[()]` there, a slice of a type with these fields here"
    );
    let message = "field `elements[..].id`: no such field there, u8 here";
    assert_eq!(refused(crate::Schema::of_slice::<Two>(9).unwrap()), message);
}

/// A process that lies may describe a type of any size.
#[test]
fn what_is_not_wanted_is_not_looked_at() {
    assert!(plan::<Before, Huge>().is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "a million steps")]
fn types_of_too_many_pieces_are_refused() {
    // Three fields in each.
    const LEN: usize = (1 << 20) / 3;
    assert!(plan::<[Leg; LEN], [LongLeg; LEN]>().is_ok());
    let message = plan::<[Leg; LEN + 1], [LongLeg; LEN + 1]>().map(drop).unwrap_err();
    assert_eq!(message, "the type: array of 349526 with more than 1048576 groups of bytes there, fewer here");
    assert!(plan::<[Leg; 4 * LEN], [Leg; 4 * LEN]>().is_err());
}

fn eleven() -> NonZeroU16 {
    NonZeroU16::new(11).expect("not 0")
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Huge {
    a: u8,
    many: [Leg; 1 << 36],
    b: u32,
    grids: [[[Leg; 1 << 11]; 1 << 11]; 1 << 11],
}

types! {
    #[repr(C)]
    struct Before { a: u8, b: u32 }
    #[repr(C)]
    struct After {
        #[seqcopy(default)]
        first: [u64; 3],
        a: u8,
        #[seqcopy(default = eleven)]
        number: NonZeroU16,
        b: u32,
        #[seqcopy(default)]
        last: SeqOption<f32>,
    }
    #[repr(C)]
    struct Nested { list: [Before; 2], end: u8 }
    #[repr(C)]
    struct NewNested { end: u8, list: [After; 2] }
    #[repr(C, u8)]
    enum Old { A { a: u8 }, B }
    #[repr(C, u8)]
    enum New { A { #[seqcopy(default = eleven)] number: NonZeroU16, a: u8 }, B }
}

#[test]
fn fields_that_are_not_there_have_their_defaults() {
    let after = |a: u8| After { first: [0; 3], a, number: eleven(), b: 9, last: SeqOption::None };
    reads(&Before { a: 3, b: 9 }, &after(3));
    reads(&After { number: NonZeroU16::MIN, ..after(4) }, &After { number: NonZeroU16::MIN, ..after(4) });
    let list = [Before { a: 3, b: 9 }, Before { a: 4, b: 9 }];
    reads(&Nested { list, end: 1 }, &NewNested { end: 1, list: [after(3), after(4)] });
    reads(&Old::A { a: 7 }, &New::A { number: eleven(), a: 7 });
    reads(&Old::B, &New::B);
    refuses::<After, Pair>("field `a`: no such field there, u8 here");
}

/// Enums and options that are defaults, as a part: what is loaded with them lies in no field of theirs.
#[test]
fn parts_of_defaults_are_loaded_from_initialised_bytes() {
    let plan = plan::<After, Before>().unwrap();
    let mut copy = MaybeUninit::<Aligned8<After>>::uninit();
    let value = copy.as_mut_ptr().cast();
    // SAFETY: a local (I4 private).
    let mut scratch = unsafe { plan.begin(value) };
    // SAFETY: storage of the other type, and the same place (I1 partition, I2 init, I4 private).
    unsafe { plan.load_fields(stored(&Before { a: 3, b: 9 }).as_mut_ptr().cast(), value, &mut scratch) };
    // SAFETY: of the load above (I4 private).
    unsafe { plan.finish(value, &scratch) };
    // SAFETY: every data byte is written (I6 maybe-invalid).
    let storage = storage_of(unsafe { MaybeInvalid::assume_written_ref(&copy) });
    let parts = (part!(After, last), part!(After, b));
    let mut bits = parts.zeroed();
    parts.load_bits(&storage, &mut bits);
    assert_eq!(parts.validate_bits(bits), Ok((SeqOption::None, 9)));
}

types! {
    #[repr(C)]
    struct Wide { a: u8, b: u64 }
    #[repr(C)]
    struct List { a: u8, b: [u32; 4] }
    #[repr(C)]
    struct Deep { x: [List; 2] }
    #[repr(C)]
    struct Deeper { x: [ListOfFive; 2] }
    #[repr(C)]
    struct ListOfFive { a: u8, b: [u32; 5] }
    #[repr(transparent)]
    struct Metres { value: f64 }
    #[repr(C)]
    struct LikeVec { len: u32, elements: [u8; 4] }
    #[repr(C)]
    struct Signed { a: i8, b: u32 }
}

#[test]
fn what_is_refused_names_the_first_field() {
    refuses::<Before, Wide>("field `b`: u64 there, u32 here");
    refuses::<Before, Signed>("field `a`: i8 there, u8 here");
    refuses::<Before, List>("field `b`: array of 4 there, u32 here");
    refuses::<Deep, Deeper>("field `x[..].b`: array of 5 there, array of 4 here");
    refuses::<Metres, f64>("the type: f64 there, struct `Metres` here");
    refuses::<[u8; 3], [u8; 4]>("the type: array of 4 there, array of 3 here");
    refuses::<seqcopy::SeqStr<8>, seqcopy::SeqStr<9>>("field `bytes`: array of 9 there, array of 8 here");
    refuses::<seqcopy::SeqVec<u8, 4>, LikeVec>("the type: struct `LikeVec` there, seqcopy's `SeqVec` here");
    refuses::<LikeVec, seqcopy::SeqVec<u8, 4>>("the type: seqcopy's `SeqVec` there, struct `LikeVec` here");
    refuses::<Before, SeqOption<Before>>("the type: seqcopy's `SeqOption` there, struct `Before` here");
}
