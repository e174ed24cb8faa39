//! Bytes go where a plan says, by the accesses that have some of them, and nowhere else.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::super::series::{MOST, Move, Series};
use crate::{Aligned8, Layout, SeqCopy, SeqOption};

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Sample {
    id: u16,
    small: [u8; 3],
    level: SeqOption<u64>,
    halves: (u32, u32),
    list: [(u8, u32); 5],
    long: [u16; 400],
    ok: bool,
}

const FILL: u8 = 0xa5;

fn data(layout: &Layout, base: usize) -> Vec<bool> {
    let mut data = vec![false; layout.size()];
    layout.each_access(base, |access| data[access.offset..access.offset + access.width].fill(true));
    data
}

/// Data bytes, divided into moves at places that a number chooses, in another order and with gaps.
fn moves(data: &[bool], seed: usize) -> Vec<Move> {
    let mut moves: Vec<Move> = Vec::new();
    let mut random = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut at = 0;
    while at < data.len() {
        let len = data[at..].iter().take_while(|it| **it).count().min(1 + next(if seed % 2 == 0 { 12 } else { 500 }));
        if len > 0 && next(4) > 0 {
            moves.push(Move { from: at, to: 0, len });
        }
        at += len.max(1);
    }
    let mut to = 0;
    while !moves.iter().all(|it| it.to > 0) {
        let index = next(moves.len());
        if moves[index].to == 0 {
            to += 1 + next(3);
            moves[index].to = to;
            to += moves[index].len;
        }
    }
    moves
}

fn goes_where_it_should<T: SeqCopy>(seed: usize) {
    let (layout, base) = (T::LAYOUT, align_of::<Aligned8<T>>());
    let moves = moves(&data(layout, base), seed);
    let series = Series::from_layout(layout, base, moves.clone(), false).expect("data only");
    let size = layout.size();
    let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
    let shared: *mut u8 = shared.as_mut_ptr().cast();
    for byte in 0..size {
        // SAFETY: a local of that size (I4 private).
        unsafe { shared.wrapping_add(byte).write(u8::try_from(byte % 251).unwrap()) };
    }
    let mut found = vec![FILL; 4 * size + 8];
    let mut expected = found.clone();
    for it in &moves {
        (0..it.len).for_each(|i| expected[it.to + i] = u8::try_from((it.from + i) % 251).unwrap());
    }
    // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init); moves end before the end of the
    // vector (I4 private).
    unsafe { series.load(shared, found.as_mut_ptr()) };
    assert_eq!(found, expected, "{moves:?}");
}

#[test]
fn bytes_go_to_their_places_and_nowhere_else() {
    for seed in 0..if cfg!(miri) { 2 } else { 300 } {
        goes_where_it_should::<Sample>(seed);
        goes_where_it_should::<[(u8, u32); 8]>(seed);
        goes_where_it_should::<[u8; 100]>(seed);
        goes_where_it_should::<(u64, u16, u8)>(seed);
    }
}

#[test]
fn ranges_are_loaded_and_nothing_else() {
    fn of<T: SeqCopy>() {
        let (layout, base) = (T::LAYOUT, align_of::<Aligned8<T>>());
        let (size, is_data) = (layout.size(), data(layout, base));
        let series = Series::all(layout, base).unwrap();
        let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
        let shared: *mut u8 = shared.as_mut_ptr().cast();
        for byte in 0..size {
            // SAFETY: a local of that size (I4 private).
            unsafe { shared.wrapping_add(byte).write(u8::try_from(byte % 251).unwrap()) };
        }
        let (step, next) = if cfg!(miri) { (size / 3 + 1, size / 4 + 1) } else { (1 + size / 40, 1 + size / 50) };
        for start in (0..=size).step_by(step) {
            for end in (start..=size).step_by(next).chain([size]) {
                let mut found = vec![FILL; end - start + 8];
                // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init); a vector of that
                // length (I4 private).
                unsafe { series.load_range(shared, start..end, found.as_mut_ptr()) };
                for (at, byte) in (start..).zip(found) {
                    let is_data = at < end && is_data[at];
                    assert_eq!(byte, if is_data { u8::try_from(at % 251).unwrap() } else { FILL }, "{at}");
                }
            }
        }
    }
    of::<Sample>();
    of::<[(u8, u32); 8]>();
    of::<(u8, u32, u16)>();
    of::<[[u8; 3]; 5]>();
    of::<[u8; 100]>();
    of::<()>();
}

#[test]
fn only_data_can_be_moved() {
    let moves = |from, len| vec![Move { from, to: 0, len }];
    let of = |moves| Series::from_layout(<(u8, u32)>::LAYOUT, 8, moves, false).map(drop);
    let at = <(u8, u32)>::LAYOUT.fields()[1].offset();
    assert_eq!(of(moves(at, 4)), Some(()));
    assert_eq!(of(moves(if at == 0 { 5 } else { 1 }, 1)), None, "padding");
    assert_eq!(of(moves(8, 1)), None, "beyond the end");
    assert_eq!(of(Vec::new()), Some(()));
}

/// Padding that a move begins with, has inside and ends with is left as it is, and what follows goes where it would
/// without.
#[test]
fn gaps_are_left_out() {
    let (layout, base) = (Sample::LAYOUT, align_of::<Aligned8<Sample>>());
    let is_data = data(layout, base);
    let step = if cfg!(miri) { 9 } else { 1 };
    for (from, len) in (0..40).step_by(step).flat_map(|from| (0..40).step_by(step).map(move |len| (from, len))) {
        let series = Series::from_layout(layout, base, vec![Move { from, to: 3, len }], true).unwrap();
        let mut shared = Aligned8([0u8; size_of::<Sample>()]);
        let shared: *mut u8 = (&raw mut shared).cast();
        for byte in 0..80 {
            // SAFETY: inside of the local (I4 private).
            unsafe { shared.wrapping_add(byte).write(u8::try_from(byte).unwrap()) };
        }
        let mut found = [FILL; 50];
        // SAFETY: a local, initialised, aligned to the base (I1 partition, I2 init); the other one is long enough (I4
        // private).
        unsafe { series.load(shared, found.as_mut_ptr()) };
        let mut expected = [FILL; 50];
        for i in (0..len).filter(|i| is_data[from + i]) {
            expected[3 + i] = u8::try_from(from + i).unwrap();
        }
        assert_eq!(found, expected, "{len} from {from}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "a million steps")]
fn the_list_is_bounded() {
    // Two in each element.
    const LEN: usize = MOST / 2;
    assert!(Series::all(<[(u8, u32); LEN]>::LAYOUT, 8).is_some());
    assert!(Series::all(<[(u8, u32); LEN + 1]>::LAYOUT, 8).is_none());
    let layout = <(u8, u32)>::LAYOUT;
    let moves = |len: usize| {
        let places = (0..len).flat_map(|i| layout.fields().iter().map(move |it| (i, it.offset(), it.layout().size())));
        places.map(|(i, at, len)| Move { from: i * 8 + at, to: i * 16 + at * 2, len }).collect()
    };
    assert!(Series::from_layout(<[(u8, u32); LEN]>::LAYOUT, 8, moves(LEN), false).is_some());
    assert!(Series::from_layout(<[(u8, u32); LEN + 1]>::LAYOUT, 8, moves(LEN + 1), false).is_none());
}

#[test]
fn arrays_without_wanted_bytes_are_left_out() {
    type Rows = [[(u8, u32); 9]; 7];
    let (at, size) = (4 * size_of::<[(u8, u32); 9]>(), size_of::<(u8, u32)>());
    let wanted = |range: Range<usize>| range.start.max(at + size)..range.end.min(at + 3 * size);
    let mut found = Vec::new();
    Rows::LAYOUT.each_series_of(4, &wanted, |first, count| found.push((first.offset, first.width * count)));
    assert!(!found.is_empty() && found.len() <= 4, "{found:?}");
    assert!(found.iter().all(|(offset, _)| (at + size..at + 3 * size).contains(offset)), "{found:?}");
}

/// An access that has no wanted byte is not made: what it would load is uninitialised, so Miri would say so.
#[test]
fn as_few_accesses_as_possible() {
    let check = |from: usize, len: usize, words: Range<usize>| {
        let series = Series::from_layout(<[u32; 3]>::LAYOUT, 4, vec![Move { from, to: 0, len }], false).unwrap();
        let mut shared = core::mem::MaybeUninit::<[u32; 3]>::uninit();
        let shared: *mut u32 = shared.as_mut_ptr().cast();
        // SAFETY: inside of the local (I4 private).
        words.for_each(|word| unsafe { shared.wrapping_add(word).write(0x0706_0504) });
        let mut found = [FILL; 12];
        // SAFETY: a local, aligned; the words that have some of the bytes are initialised (I1 partition, I2 init, I4
        // private).
        unsafe { series.load(shared.cast(), found.as_mut_ptr()) };
        let mut expected = [FILL; 12];
        (0..len).for_each(|byte| expected[byte] = 0x0706_0504u32.to_ne_bytes()[(from + byte) % 4]);
        assert_eq!(found, expected);
    };
    check(0, 8, 0..2);
    check(0, 7, 0..2);
    check(9, 2, 2..3);
    check(3, 2, 0..2);
}

/// What is stored by the layout is what a load of the type finds, and padding is left alone.
fn stores_what_loads_find<T: SeqCopy>() {
    let size = size_of::<T>();
    let value: Vec<u8> = (0..size).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
    let series = Series::all(T::LAYOUT, align_of::<Aligned8<T>>()).unwrap();
    let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
    // Not by way of a shared reference: all accesses are atomic, loads included.
    let shared: *mut u8 = shared.as_mut_ptr().cast();
    // SAFETY: a local of that size (I4 private).
    unsafe { core::ptr::write_bytes(shared, FILL, size_of::<Aligned8<T>>()) };
    // SAFETY: a local, aligned, and the bytes of a vector of that length (I1 partition, I4 private).
    unsafe { series.store(value.as_ptr(), shared) };
    let mut found = vec![FILL; size];
    // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init).
    unsafe { crate::raw::load_by(T::LAYOUT, align_of::<Aligned8<T>>(), shared, found.as_mut_ptr()) };
    for (at, is_data) in data(T::LAYOUT, align_of::<Aligned8<T>>()).into_iter().enumerate() {
        // SAFETY: inside of the local (I4 private).
        let stored = unsafe { shared.add(at) };
        // SAFETY: initialised above (P4 uninit).
        let stored = unsafe { stored.read() };
        assert_eq!(stored, if is_data { value[at] } else { FILL }, "{at}");
        assert_eq!(found[at], stored, "{at}");
    }
}

#[test]
fn every_data_byte_and_no_other() {
    stores_what_loads_find::<Sample>();
    stores_what_loads_find::<[u8; 100]>();
    stores_what_loads_find::<[(u8, u32); 8]>();
    stores_what_loads_find::<()>();
}

#[test]
fn a_range_is_stored_and_nothing_else() {
    fn of<T: SeqCopy>() {
        let (size, base) = (size_of::<T>(), align_of::<Aligned8<T>>());
        let series = Series::all(T::LAYOUT, base).unwrap();
        let is_data = data(T::LAYOUT, base);
        let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
        let shared: *mut u8 = shared.as_mut_ptr().cast();
        let steps = if cfg!(miri) { (size / 3 + 1, size / 4 + 1) } else { (1 + size / 200, 1 + size / 100) };
        for start in (0..=size).step_by(steps.0) {
            for end in (start..=size).step_by(steps.1).chain([size]) {
                for at in 0..size {
                    // SAFETY: a local of that size (I4 private).
                    unsafe { shared.wrapping_add(at).write(u8::try_from(at % 100).unwrap()) };
                }
                let value: Vec<u8> = (start..end).map(|at| u8::try_from(100 + at % 100).unwrap()).collect();
                // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init, I5 one-writer), and
                // the bytes of a vector of that length (I4 private).
                unsafe { series.store_range(value.as_ptr(), start..end, shared) };
                for (at, is_data) in is_data.iter().enumerate() {
                    // SAFETY: inside of the local, initialised above (I4 private, P4 uninit).
                    let stored = unsafe { shared.wrapping_add(at).read() };
                    let is_new = *is_data && (start..end).contains(&at);
                    let byte = u8::try_from(if is_new { 100 + at % 100 } else { at % 100 }).unwrap();
                    assert_eq!(stored, byte, "{at} of {start}..{end} in {}", T::LAYOUT.type_name());
                }
            }
        }
    }
    of::<Sample>();
    of::<[(u8, u32); 8]>();
    of::<(u8, u32, u16)>();
    of::<[[u8; 3]; 5]>();
    of::<[u16; 9]>();
    of::<[u64; 20]>();
    of::<[u8; 100]>();
    of::<()>();
}
