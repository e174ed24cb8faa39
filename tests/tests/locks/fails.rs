//! Calls on values and locks of one process that fail, and succeed when the cause is gone.

use seqcopy::seq_count::{Parity, SeqCount};
use seqcopy::{MaybeInvalid, SeqCopy, SeqLock, SeqSlice, SeqStr, SeqVec, Validate, Writer, part};
use seqcopy_harness::fails;

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
    fails("SeqCount::try_read", &mut out, |out| count.try_read(|| *out = 1), state, None, recover);
    assert_eq!(out, 1);
    busy();
    fails("SeqCount::read_begin", &mut out, |_| count.read_begin().map(drop), state, None, recover);
    busy();
    out = 0xa5a5;
    // SAFETY: a local, and what is loaded is a number.
    let read = |out: &mut u32| unsafe { count.read_to(out, |buf| _ = buf.write(0)) }.map(drop);
    fails("SeqCount::read_to", &mut out, read, state, None, recover);
    assert_eq!(out, 0);
    busy();
    // SAFETY: the write that it begins is ended at once.
    let claim = |_: &mut u32| unsafe { count.claim_from(count.load()) }.map(|token| unsafe { count.write_end(token) });
    fails("SeqCount::claim_from", &mut out, claim, state, None, recover);
}
