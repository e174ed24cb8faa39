//! What a copy does with padding: the differential test of vector blocks, which no checker sees into. In spans, loads
//! may overwrite the padding of a caller's buffer, and writes that of a lock; nothing else may change, wherever the
//! value and the storage lie.
//!
//! The reference implementation that this holds the blocks to is described in seqcopy/docs/reference/soundness.md,
//! "Spans". Without vectors nothing is in a span.

#![allow(clippy::cast_ptr_alignment)] // `Memory` is aligned for every type

use core::mem::MaybeUninit;

use seqcopy::layout::AccessKind;
use seqcopy::{Aligned8, AtomicPerByte, Layout, SeqLatch, SeqLock, SeqOption, raw};
use seqcopy_tests::corpus::padded::{Between, Chooses, Fifteen, Hole, Labelled, Shuffled, Sixteen, Skips};
use seqcopy_tests::guarded::Memory;
use seqcopy_tests::has_vectors;
use seqcopy_tests::oracle::{padding_of, spans_of};

/// What stays as it was: offsets of bytes that are data in no value.
struct Holes {
    all: Vec<usize>,
    in_spans: Vec<bool>,
}

impl Holes {
    fn of(layout: &'static Layout) -> Self {
        let (in_spans, is_padding) = (spans_of(layout), padding_of(layout));
        let in_spans =
            in_spans.into_iter().zip(is_padding).map(|(in_span, is_padding)| in_span && is_padding).collect();
        Holes { all: layout.holes().flatten().collect(), in_spans }
    }

    /// Holes hold `byte`, but those in spans if they `may_change`. How many of these did.
    #[track_caller]
    fn check(&self, memory: &mut Memory, payload: usize, byte: u8, may_change: bool, what: &str) -> usize {
        let mut changed = 0;
        for &hole in &self.all {
            let found = memory.get(payload + hole);
            if may_change && self.in_spans[hole] {
                changed += usize::from(found != byte);
            } else {
                assert_eq!(found, byte, "{what}: byte {hole} is not the copy's");
            }
        }
        memory.check_guards(what);
        changed
    }
}

/// What lies in padding of the value, of the storage, and of the buffer.
const OF_VALUE: u8 = 0x11;
const OF_STORAGE: u8 = 0xee;
const OF_BUFFER: u8 = 0x77;

/// Whether copies are those of optimised builds, which `ci/test.sh` has made in unoptimised ones, too.
const AS_OPTIMISED: bool = cfg!(any(seqcopy_copy = "straight", not(any(debug_assertions, seqcopy_copy = "table"))));

/// How much padding copies have overwritten.
#[derive(Clone, Copy, Debug, Default)]
struct Changed {
    in_locks: usize,
    in_buffers: usize,
}

/// The value at `private`, loaded and stored in every way.
fn copies<T: Sample>(value: &T, private: &mut Memory, holes: &Holes) -> Changed {
    let name = T::LAYOUT.name();
    // SAFETY: a value was stored there, all other bytes are initialised.
    let from = unsafe { &*private.at(0).cast::<T>() };

    // Storage whose padding is the caller's.
    let mut shared = Memory::of::<T>(OF_STORAGE);
    let place = shared.at(0).cast::<T>();
    // SAFETY: aligned memory of this thread.
    unsafe { raw::store(place, from) };
    holes.check(&mut shared, 0, OF_STORAGE, false, &format!("raw::store of {name}"));
    // SAFETY: the same memory, whose data is initialised.
    unsafe { AtomicPerByte::from_ptr(shared.at(0).cast::<T>()) }.store(from);
    holes.check(&mut shared, 0, OF_STORAGE, false, &format!("AtomicPerByte::store of {name}"));
    let mut buffer = Memory::of::<T>(OF_BUFFER);
    // SAFETY: aligned memory of this thread.
    let buf = unsafe { &mut *buffer.at(0).cast::<MaybeUninit<T>>() };
    // SAFETY: as above; a value was stored.
    let found = unsafe { raw::load_into(shared.at(0).cast::<T>(), buf) };
    // SAFETY: a value was stored.
    assert_eq!(unsafe { found.assume_valid_ref() }, value);
    let in_buffers = holes.check(&mut buffer, 0, OF_BUFFER, true, &format!("raw::load_into of {name}"));
    holes.check(&mut shared, 0, OF_STORAGE, false, &format!("raw::load_into of {name}"));
    let mut wide = Memory::of::<Aligned8<T>>(OF_STORAGE);
    // SAFETY: aligned memory of this thread; the store comes first, so its data is initialised.
    let cell = unsafe { AtomicPerByte::from_ptr(wide.at(0).cast::<Aligned8<T>>()) };
    cell.store_inner(from);
    let found = cell.load_inner();
    // SAFETY: a value was stored.
    assert_eq!(unsafe { found.assume_valid_ref() }, value);
    holes.check(&mut wide, 0, OF_STORAGE, false, &format!("AtomicPerByte::store_inner of {name}"));
    if !T::LAYOUT.has_pointers() {
        // This one promises to leave all padding alone.
        let mut buffer = Memory::of::<T>(OF_BUFFER);
        // SAFETY: the same memory, aligned for `T`, and a buffer of this thread's.
        unsafe { raw::load_by(T::LAYOUT, align_of::<T>(), shared.at(0).cast_const(), buffer.at(0)) };
        // SAFETY: a whole value was loaded.
        assert_eq!(unsafe { &*buffer.at(0).cast::<T>() }, value);
        holes.check(&mut buffer, 0, OF_BUFFER, false, &format!("raw::load_by of {name}"));
    }

    // A lock, whose payload comes first.
    let mut memory = Memory::of::<SeqLock<T>>(OF_STORAGE);
    let payload = 0;
    let lock = memory.at(0).cast::<SeqLock<T>>();
    // SAFETY: aligned memory of this thread.
    unsafe { lock.write(SeqLock::new(value.clone())) };
    for &hole in &holes.all {
        memory.set(payload + hole, OF_STORAGE);
    }
    // SAFETY: a lock was put there.
    let lock = unsafe { &*memory.at(0).cast::<SeqLock<T>>() };
    lock.write_from(from);
    let in_locks = holes.check(&mut memory, payload, OF_STORAGE, true, &format!("write_from of {name}"));
    // SAFETY: as above.
    let lock = unsafe { &*memory.at(0).cast::<SeqLock<T>>() };
    assert_eq!(&lock.read(), value);
    let mut buffer = Memory::of::<T>(OF_BUFFER);
    // SAFETY: aligned memory of this thread.
    let buf = unsafe { &mut *buffer.at(0).cast::<MaybeUninit<T>>() };
    assert_eq!(lock.read_into(buf), value);
    holes.check(&mut buffer, 0, OF_BUFFER, true, &format!("read_into of {name}"));
    memory.check_guards("SeqLock");
    // All spans, whatever the size: without optimisation nothing is in registers.
    assert!(AS_OPTIMISED || (in_locks > 0) == (in_buffers > 0), "{name}: {in_locks} and {in_buffers}");
    Changed { in_locks, in_buffers }
}

fn check<T: Sample>() -> Changed {
    let holes = Holes::of(T::LAYOUT);
    let mut all = Changed::default();
    for value in T::samples() {
        let mut private = Memory::of::<T>(OF_VALUE);
        // SAFETY: aligned memory of this thread. Padding stays as it is: that is checked for the storage below.
        unsafe { raw::store(private.at(0).cast::<T>(), &value) };
        let changed = copies(&value, &mut private, &holes);
        holes.check(&mut private, 0, OF_VALUE, false, "the value itself");
        all = Changed { in_locks: all.in_locks + changed.in_locks, in_buffers: all.in_buffers + changed.in_buffers };
        let latch: SeqLatch<T> = SeqLatch::new(value.clone());
        for _ in 0..3 {
            latch.write_from(&value);
            assert_eq!(&latch.read(), &value);
        }
    }
    let in_spans = holes.in_spans.iter().any(|&in_span| in_span);
    assert!(in_spans || all.in_locks + all.in_buffers == 0);
    all
}

macro_rules! each {
    ($($type:ty),* $(,)?) => {
        #[test]
        #[cfg_attr(miri, ignore = "nothing is in a span there; `shapes` makes the same copies")]
        fn only_padding_in_spans_changes() {
            $(check::<$type>();)*
        }
    };
}

seqcopy_tests::corpus!(each);

#[test]
#[cfg_attr(miri, ignore = "nothing is in a span there")]
fn padding_of_spans_moves_along() {
    macro_rules! moved {
        ($($type:ty),* $(,)?) => {$(
            let changed = check::<$type>();
            assert_eq!(changed.in_buffers > 0, has_vectors(), "{}", stringify!($type));
            assert_eq!(changed.in_locks > 0, has_vectors(), "{}", stringify!($type));
        )*};
    }
    moved!([Hole; 41], [Labelled; 7], [Between; 2], [Skips; 2], [Chooses; 2], (u8, [Hole; 40], u16));
    // Small ones are loaded only: a small value may be in registers when it is stored.
    let small =
        [check::<Sixteen>(), check::<[Hole; 3]>(), check::<[[Hole; 3]; 7]>(), check::<Labelled>(), check::<Between>()];
    for changed in small {
        assert_eq!((changed.in_buffers > 0, changed.in_locks > 0), (has_vectors(), has_vectors() && !AS_OPTIMISED));
    }
    for changed in [check::<Fifteen>(), check::<[Hole; 2]>()] {
        assert_eq!((changed.in_locks, changed.in_buffers), (0, 0));
    }
    check::<Shuffled>();
}

/// What lies in the padding of a value does not reach other processes.
#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
fn padding_of_regions_is_not_written() {
    use seqcopy::SeqCopy;
    use seqcopy_tests::corpus::padded::hole;

    let path = seqcopy_shm::path_for(&format!("seqcopy-spans-{}", std::process::id()));
    let mut writer = seqcopy_shm::Writer::<[Hole; 41]>::create(&path).unwrap();
    let mut private = Memory::of::<[Hole; 41]>(OF_VALUE);
    // SAFETY: aligned memory of this thread.
    unsafe { raw::store(private.at(0).cast::<[Hole; 41]>(), &[hole(9); 41]) };
    // After the store: if that moved padding along, there would be nothing to find.
    for hole in Holes::of(<[Hole; 41]>::LAYOUT).all {
        private.set(hole, OF_VALUE);
    }
    for _ in 0..4 {
        // SAFETY: a value was stored there.
        writer.write_from(unsafe { &*private.at(0).cast::<[Hole; 41]>() }).unwrap();
    }
    let file = std::fs::read(&path).unwrap();
    writer.close().unwrap();
    let count = |bytes: &[u8]| file.windows(bytes.len()).filter(|window| *window == bytes).count();
    assert!(count(&[9, 9, 9, 9, !9]) >= 41);
    assert_eq!(count(&[OF_VALUE; 3]), 0);
}

/// Stretches of single bytes, and the other accesses between them.
#[cfg_attr(not(target_pointer_width = "64"), allow(dead_code))]
fn accesses(layout: &'static Layout) -> Vec<(usize, usize, AccessKind)> {
    let in_span = spans_of(layout);
    let mut accesses: Vec<(usize, usize, AccessKind)> = Vec::new();
    for access in seqcopy_tests::accesses(layout, 8) {
        match accesses.last_mut() {
            Some(last)
                if last.2 == AccessKind::Vector
                    && access.kind == AccessKind::Vector
                    && in_span[last.0 + last.1..access.offset].iter().all(|&in_span| in_span) =>
            {
                last.1 = access.offset + access.width - last.0;
            }
            _ => accesses.push((access.offset, access.width, access.kind)),
        }
    }
    accesses
}

#[test]
#[cfg(target_pointer_width = "64")]
fn spans_are_partitioned_into_bytes() {
    use AccessKind::{Pointer, Vector, Word};
    use seqcopy::SeqCopy;
    use seqcopy_tests::corpus::padded::SkipsInside;

    if !has_vectors() {
        assert!(accesses(<[Labelled; 7]>::LAYOUT).iter().all(|access| access.2 != Vector));
        return;
    }
    assert_eq!(accesses(Sixteen::LAYOUT), [(0, 16, Vector)]);
    assert_eq!(
        accesses(Fifteen::LAYOUT),
        [(0, 1, Word), (2, 2, Word), (4, 4, Word), (8, 4, Word), (12, 2, Word), (14, 1, Word)]
    );
    assert_eq!(accesses(<[Hole; 41]>::LAYOUT), [(0, 325, Vector)]);
    let labelled = [(0, 32, Vector), (32, 8, Pointer)];
    assert_eq!(accesses(Labelled::LAYOUT), labelled);
    let second = labelled.map(|(offset, width, kind)| (40 + offset, width, kind));
    assert_eq!(accesses(<[Labelled; 2]>::LAYOUT), [labelled, second].concat(), "not across a pointer");
    let between = [(0, 16, Vector), (16, 8, Pointer), (24, 22, Vector), (48, 8, Pointer), (56, 74, Vector)];
    assert_eq!(accesses(Between::LAYOUT), between);
    let skips = accesses(Skips::LAYOUT);
    assert_eq!(skips[..2], [(0, 16, Vector), (20, 73, Vector)], "not across a skipped field");
    // What has no padding is a run like any other.
    assert_eq!(accesses(SkipsInside::LAYOUT), [(0, 24, Vector), (28, 4, Word), (32, 16, Vector)]);
    // Not across an enum with fields, nor inside of it.
    let chooses = accesses(Chooses::LAYOUT);
    assert_eq!(chooses[..3], [(0, 1, Word), (8, 8, Word), (16, 80, Vector)]);
    assert_eq!(*chooses.last().unwrap(), (core::mem::offset_of!(Chooses, c), 24, Vector));
}
