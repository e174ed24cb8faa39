//! Calls on values and locks of one process that fail, and succeed when the cause is gone.

use std::fmt::Debug;
use std::hint;
use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

use seqcopy::raw::Page;
use seqcopy::seq_count::{Parity, SeqCount, read_by};
use seqcopy::{
    MaybeInvalid, ReadError, Reader, SeqCopy, SeqLock, SeqSlice, SeqStr, SeqVec, Validate, Version, Writer, part,
};
use seqcopy_harness::{Out, fails};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Flag {
    at: u32,
    ok: bool,
}

/// The bits of a flag that is this byte.
fn bits(byte: u8) -> MaybeInvalid<Flag> {
    let mut bits = MaybeInvalid::<Flag>::zeroed();
    // SAFETY: the byte of the field, which may be any here.
    unsafe { bits.as_mut_ptr().cast::<u8>().wrapping_add(4).write(byte) };
    bits
}

#[test]
fn values() {
    let mut on = bits(7);
    let same = |on: &mut MaybeInvalid<Flag>| on.validate_ref().is_ok();
    let mend = |on: &mut MaybeInvalid<Flag>| *on = bits(1);
    let (error, value) = fails("MaybeInvalid::validate", &mut on, |on| (*on).validate(), same, None, mend);
    assert_eq!((error.to_string().contains("`ok`"), value), (true, Flag { at: 0, ok: true }));
    on = bits(7);
    fails("MaybeInvalid::validate_ref", &mut on, |on| on.validate_ref().copied(), same, None, mend);
    on = bits(7);
    fails("Validate::check", &mut on, |on| on.validate_ref().map(|_| ()), same, None, mend);
    let mut bytes = vec![0, 0, 0, 0, 7, 0, 0, 0];
    let check = |bytes: &mut Vec<u8>| Flag::LAYOUT.validate(bytes).map_err(|error| error.to_string());
    fails("Layout::validate", &mut bytes, check, |bytes| bytes.clone(), None, |bytes| bytes[4] = 1);
    let mut byte = 7;
    let check = |byte: &mut u8| {
        let mut bits = MaybeInvalid::<bool>::zeroed();
        // SAFETY: its byte, which may be any here.
        unsafe { bits.as_mut_ptr().cast::<u8>().write(*byte) };
        part!(Flag, ok).validate(bits)
    };
    let (error, ok) = fails("Part::validate", &mut byte, check, |byte| *byte, None, |byte| *byte = 1);
    assert_eq!((error.to_string().contains("`ok`"), ok), (true, true));
}

#[test]
fn texts_and_lists() {
    let mut text = SeqStr::<4>::try_from("abcd").unwrap();
    let pop = |text: &mut SeqStr<4>| _ = text.pop();
    fails("SeqStr::push", &mut text, |text| text.push('e'), |text| text.to_string(), None, pop);
    assert_eq!(&*text, "abce");
    fails(
        "SeqStr::push_str",
        &mut text,
        |text| text.push_str("é"),
        |text| text.to_string(),
        None,
        |text| {
            text.pop();
            text.pop();
        },
    );
    assert_eq!(&*text, "abé");
    let mut list = SeqVec::<u8, 3>::from_slice(&[1, 2, 3]).unwrap();
    let copy = |list: &mut SeqVec<u8, 3>| list.to_vec();
    fails("SeqVec::push", &mut list, |list| list.push(4), copy, None, |list| _ = list.pop());
    assert_eq!(*list, [1, 2, 4]);
    let extend = |list: &mut SeqVec<u8, 3>| list.extend_from_slice(&[8, 9]);
    fails("SeqVec::extend_from_slice", &mut list, extend, copy, None, |list| list.truncate(1));
    assert_eq!(*list, [1, 8, 9]);
    let mut from = vec![0u8; 4];
    let of = |from: &mut Vec<u8>| SeqVec::<u8, 3>::from_slice(from);
    let (_, of) = fails("SeqVec::from_slice", &mut from, of, |from| from.clone(), None, |from| from.truncate(3));
    assert_eq!(*of, [0; 3]);
}

fn all(slice: &SeqSlice<u16>) -> Vec<u16> {
    let mut all = Vec::new();
    slice.read_to_vec(&mut all);
    all
}

#[test]
fn slices() {
    let slice = SeqSlice::<u16>::with_capacity(3);
    slice.write_from(&[1, 2, 3]).unwrap();
    macro_rules! read {
        ($($name:literal: $call:expr;)*) => {$(
            let mut out = vec![0xa5a5; 2];
            fails($name, &mut out, $call, |out| (out.clone(), slice.version()), None, |out| out.push(0));
            assert_eq!(out, [1, 2, 3], "{}", $name);
        )*};
    }
    read! {
        "SeqSlice::read_to_slice": |out| slice.read_to_slice(out);
        "SeqSlice::try_read_to_slice": |out| slice.try_read_to_slice(out);
    }
    // Beyond the end, until there is as much.
    let mut out = [0xa5a5; 2];
    for (name, tries) in [("SeqSlice::read_range", false), ("SeqSlice::try_read_range", true)] {
        slice.write_from(&[1]).unwrap();
        let read = |out: &mut [u16; 2]| {
            if tries {
                slice.try_read_range(1..3, out).map_err(|error| error.to_string())
            } else {
                slice.read_range(1..3, out).map_err(|error| error.to_string())
            }
        };
        fails(name, &mut out, read, |out| *out, None, |_| slice.write_from(&[7, 8, 9]).unwrap());
        assert_eq!(out, [8, 9]);
        out = [0xa5a5; 2];
    }
    let state = |_: &mut Vec<u16>| (all(&slice), slice.version());
    let mut long = vec![5; 4];
    fails("SeqSlice::write_from", &mut long, |from| slice.write_from(from), state, None, |from| from.truncate(3));
    assert_eq!(all(&slice), [5; 3]);
    let mut writer = slice.writer().unwrap();
    let mut long = (vec![6; 4], &mut writer);
    let write = |(from, writer): &mut (Vec<u16>, &mut Writer<'_, u16, SeqSlice<u16>>)| writer.write_from(from);
    fails(
        "Writer::write_from",
        &mut long,
        write,
        |_| (all(&slice), slice.version()),
        None,
        |(from, _)| from.truncate(2),
    );
    assert_eq!(all(&slice), [6; 2]);
}

#[test]
fn locks_and_words() {
    let lock = SeqLock::new([1u64; 8]);
    let mut held = lock.writer();
    let state = |_: &mut Option<_>| (lock.read(), lock.version());
    let (value, ()) =
        fails("Sequenced::try_write", &mut held, |_| lock.try_write([2; 8]), state, None, |held| *held = None);
    assert_eq!((value, lock.read()), ([2; 8], [2; 8]));

    let count = SeqCount::<Parity<u32>>::new(2);
    // A writer that died.
    let busy = || {
        // SAFETY: the only writer.
        let dies = unsafe { count.write_begin() };
        #[allow(clippy::forget_non_drop)] // to say what is meant
        std::mem::forget(dies);
    };
    let recover = |_: &mut u32| {
        // SAFETY: the only writer; there is no payload.
        let adopted = unsafe { count.write_begin() };
        // SAFETY: of this word.
        unsafe { count.write_end(adopted) };
    };
    let mut out = 0xa5a5;
    let state = |out: &mut u32| (*out, count.load());
    busy();
    fails("seq_count::SeqCount::try_read", &mut out, |out| count.try_read(|| *out = 1), state, None, recover);
    assert_eq!(out, 1);
    busy();
    fails("seq_count::SeqCount::read_begin", &mut out, |_| count.read_begin().map(drop), state, None, recover);
    busy();
    out = 0xa5a5;
    // SAFETY: a local, and what is loaded is a number.
    let read = |out: &mut u32| unsafe { count.read_to(out, |buf| _ = buf.write(0)) }.map(drop);
    fails("seq_count::SeqCount::read_to", &mut out, read, state, None, recover);
    assert_eq!(out, 0);
    busy();
    // SAFETY: the write that it begins is ended at once.
    let claim = |_: &mut u32| unsafe { count.claim_from(count.load()) }.map(|token| unsafe { count.write_end(token) });
    fails("seq_count::SeqCount::claim_from", &mut out, claim, state, None, recover);
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
struct WithWord {
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u32>,
    open: bool,
    ticks: u64,
}

#[test]
fn pages() {
    let mut memory = WithWord { sequence: MaybeUninit::new(2), open: true, ticks: 7 };
    let at = &raw mut memory;
    // SAFETY: a local, initialised; one thread accesses it.
    let page = unsafe { Page::from_ptr(at) };
    let word = at.cast::<u32>();
    // SAFETY: the first field of that local, which one thread accesses.
    let put = |to: u32| unsafe { word.write(to) };
    // SAFETY: the first field of that local, which is initialised.
    let get = || unsafe { word.read() };
    let mut out = Out::<WithWord>::marked();
    macro_rules! while_odd {
        ($($name:literal: $call:expr;)*) => {$(
            put(3);
            fails($name, &mut out, $call, |out| (out.is_marked(), get()), None, |_| put(4));
        )*};
    }
    while_odd! {
        "raw::Page::try_read": |_| page.try_read().map(drop);
        "raw::Page::try_read_with": |_| page.try_read_with(|_| ()).map(drop);
        "raw::Page::try_read_part": |_| page.try_read_part(part!(WithWord, open)).map(|bits| assert_eq!(bits.validate(), Ok(true)));
        "raw::Page::try_read_into": |out| page.try_read_into(out.place()).map(|bits| assert!(bits.validate_ref().is_ok_and(|value| value.open && value.ticks == 7)));
    }
}

/// Tries a read until a write overlaps it, which is then the failure; without a writer it succeeds.
fn overlapped<C, T, E: Debug, S: PartialEq + Debug>(
    name: &str,
    mut on: C,
    call: impl Fn(&mut C) -> Result<T, E>,
    state: impl Fn(&mut C) -> S,
    write: impl Fn() + Sync,
) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            while !is_over.load(Relaxed) {
                write();
                // A pause in which reads come through, too.
                (0..50).for_each(|_| hint::spin_loop());
            }
        });
        let until_it_fails = |on: &mut C| loop {
            let is_last = writer.is_finished();
            let result = call(on);
            if is_last || result.is_err() {
                return result;
            }
        };
        let mend = |_: &mut C| {
            is_over.store(true, Relaxed);
            while !writer.is_finished() {
                thread::yield_now();
            }
        };
        fails(name, &mut on, until_it_fails, state, None, mend).1
    })
}

/// A value that is often overlapped, since it is large; whole if all of it is the same number.
#[derive(Clone, Copy, Debug, SeqCopy)]
struct Large {
    first: [u64; 256],
    second: [u64; 256],
}

impl Large {
    fn of(number: u64) -> Self {
        Large { first: [number; 256], second: [number; 256] }
    }

    fn is_whole(&self) -> bool {
        self.first.iter().chain(&self.second).all(|it| *it == self.first[0])
    }
}

#[test]
#[cfg_attr(miri, ignore = "waits until a write overlaps a read, by chance")]
fn reads_that_writes_overlap() {
    let lock = SeqLock::new(Large::of(1));
    let write = || lock.write(Large::of(lock.version().to_bits()));
    macro_rules! value {
        ($($name:literal: $call:expr;)*) => {$(
            // The version that the caller knows is as it was.
            let value: Large = overlapped($name, Version::NEVER, $call, |known| *known, write);
            assert!(value.is_whole(), $name);
        )*};
    }
    value! {
        "Sequenced::try_read": |_| lock.try_read();
        "Sequenced::try_read_versioned": |_| lock.try_read_versioned().map(|(value, _)| value);
        "Sequenced::try_read_into": |_| lock.try_read_into(&mut MaybeUninit::uninit()).copied();
        "Sequenced::read_with": |_| lock.read_with(|_| ControlFlow::Break(()));
        "Sequenced::try_read_if_changed": |on| {
            let mut known = Version::NEVER;
            lock.try_read_if_changed(&mut known).inspect_err(|_| *on = known).map(Option::unwrap)
        };
    }
    let (first, second) = (part!(Large, first), part!(Large, second));
    let value = overlapped("Sequenced::try_read_part", (), |()| lock.try_read_part(first), |()| (), write);
    assert!(value.iter().all(|it| *it == value[0]));
    let (first, second) =
        overlapped("Sequenced::try_read_parts", (), |()| lock.try_read_parts((first, second)), |()| (), write);
    assert!(Large { first, second }.is_whole());
    let refresh = |has_kept: &mut bool| {
        let mut reader = Reader::new(&lock);
        let before = (reader.get().first, reader.version());
        reader.refresh().inspect_err(|_| *has_kept = (reader.get().first, reader.version()) == before)
    };
    overlapped("Reader::refresh", true, refresh, |has_kept| *has_kept, write);
}

#[test]
#[cfg_attr(miri, ignore = "waits until a write overlaps a read, by chance")]
fn reads_of_lists_that_writes_overlap() {
    let slice = SeqSlice::<u64>::with_capacity(512);
    let write = || slice.write_from(&[slice.version().to_bits(); 512]).unwrap();
    write();
    let is_whole = |list: &[u64]| list.iter().all(|it| *it == list[0]);
    let all = overlapped(
        "SeqSlice::try_read_to_vec",
        (),
        |()| {
            let mut list = Vec::new();
            slice.try_read_to_vec(&mut list).map(|()| list)
        },
        |()| (),
        write,
    );
    assert!(is_whole(&all) && all.len() == 512);
    let all = overlapped(
        "SeqSlice::try_read_if_changed",
        Version::NEVER,
        |on| {
            let (mut known, mut list) = (Version::NEVER, Vec::new());
            slice.try_read_if_changed(&mut known, &mut list).inspect_err(|_| *on = known).map(|_| list)
        },
        |known| *known,
        write,
    );
    assert!(is_whole(&all) && all.len() == 512);
}

#[test]
fn reads_by_closures_fail_and_succeed_again() {
    struct Words {
        begin: AtomicU32,
        end: AtomicU32,
    }
    let mut words = Words { begin: AtomicU32::new(4), end: AtomicU32::new(3) };
    let (error, read) = fails(
        "seq_count::read_by",
        &mut words,
        |words| {
            read_by(
                || Ok::<_, ReadError>(words.end.load(Relaxed)),
                |&end| Ok(10 * end),
                || Ok(words.begin.load(Relaxed)),
                |&end, begin| end == begin,
            )
        },
        |words| (words.begin.load(Relaxed), words.end.load(Relaxed)),
        None,
        |words| words.end.store(4, Relaxed),
    );
    assert_eq!((error, read), (ReadError::Torn, (40, 4)));
}
