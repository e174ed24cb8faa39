//! Every shape is copied by every kind of copy and round-trips; bytes that are not data are left unchanged, but for
//! padding in spans (`spans.rs`).

#![allow(clippy::cast_ptr_alignment)] // `Buffer` is aligned for every type

use core::mem::MaybeUninit;

use seqcopy::{Aligned8, AtomicPerByte, Layout, SeqCopy, SeqLock, SeqOption, raw};
use seqcopy_tests::corpus::Sample;
use seqcopy_tests::oracle::spans_of;

/// Memory for one `T`, all of whose bytes are initialised, so that padding can be read.
struct Buffer {
    bytes: Vec<u128>,
}

/// The largest alignment in the corpus.
const ALIGN: usize = 64;

/// What lies where nothing is written. Two, since a value may hold one; Miri looks for other mistakes.
const FILLS: &[u8] = if cfg!(miri) { &[0xa5] } else { &[0xa5, 0x5a] };

impl Buffer {
    fn filled(size: usize, fill: u8) -> Self {
        Buffer { bytes: vec![u128::from_ne_bytes([fill; 16]); (size + ALIGN) / 16 + 1] }
    }

    fn start(&mut self) -> *mut u8 {
        let start = self.bytes.as_mut_ptr().cast::<u8>();
        let skip = start.align_offset(ALIGN);
        // SAFETY: the allocation has `ALIGN` bytes more than asked for.
        unsafe { start.add(skip) }
    }

    fn byte(&mut self, offset: usize) -> u8 {
        self.bytes(offset + 1)[offset]
    }

    /// The first bytes.
    fn bytes(&mut self, len: usize) -> &[u8] {
        // SAFETY: inside the allocation, all of whose bytes are initialised, by `filled` or by later stores.
        unsafe { core::slice::from_raw_parts(self.start(), len) }
    }
}

fn holes(layout: &'static Layout) -> impl Iterator<Item = usize> {
    layout.holes().flatten()
}

fn round_trips<T: Sample>() {
    let samples = T::samples();
    let cell = AtomicPerByte::new(samples[0].clone());
    let lock = SeqLock::new(samples[0].clone());
    for value in &samples {
        cell.store(value);
        let bits = cell.load();
        // SAFETY: a value was stored; no other thread has access.
        assert_eq!(unsafe { bits.assume_valid_ref() }, value);

        lock.write_from(value);
        assert_eq!(&lock.read(), value);
        assert_eq!(&lock.update(|old| old.clone()), value);
        assert_eq!(lock.try_read().as_ref(), Ok(value));
        let mut buf = MaybeUninit::uninit();
        assert_eq!(lock.read_into(&mut buf), value);
    }
    // Moves preserve the value.
    for value in &samples {
        let moved = Box::new(AtomicPerByte::new(value.clone()));
        let moved = *moved;
        // SAFETY: as above.
        let taken = unsafe { moved.into_inner().assume_valid() };
        assert_eq!(&taken, value);
        assert_eq!(&SeqLock::new(value.clone()).into_inner(), value);
        let mut lock = SeqLock::new(samples[0].clone());
        *lock.get_mut() = value.clone();
        assert_eq!(&lock.read(), value);
    }
}

fn leaves_padding<T: Sample>() {
    let size = size_of::<T>();
    let in_spans = spans_of(T::LAYOUT);
    for value in T::samples() {
        for &fill in FILLS {
            let mut shared = Buffer::filled(size, fill);
            let place = shared.start().cast::<T>();
            // SAFETY: aligned, large enough; no other thread has access.
            unsafe { raw::store(place, &value) };
            for hole in holes(T::LAYOUT) {
                assert_eq!(shared.byte(hole), fill, "{}: byte {hole} is not data and was written", T::LAYOUT.name());
            }
            let place = shared.start().cast::<T>();
            let mut private = Buffer::filled(size, !fill);
            let buf = private.start().cast::<MaybeUninit<T>>();
            // SAFETY: aligned, large enough, exclusive.
            let buf = unsafe { &mut *buf };
            // SAFETY: the bytes are initialised; no other thread has access.
            let bits = unsafe { raw::load_into(place, buf) };
            // SAFETY: the bits of `value`.
            assert_eq!(unsafe { bits.assume_valid_ref() }, &value);
            for hole in holes(T::LAYOUT) {
                let may_be_copied = in_spans[hole] && private.byte(hole) == fill;
                let is_left = private.byte(hole) == !fill || may_be_copied;
                assert!(is_left, "{}: byte {hole} is not data and was written", T::LAYOUT.name());
            }
            // Nor is any byte after the end.
            assert_eq!((shared.byte(size), private.byte(size)), (fill, !fill));
        }
    }
}

/// Slices of each length: the values come back, and neither padding nor the bytes behind the slice are written in
/// storage.
fn slices_round_trip<T: Sample>() {
    let samples = T::samples();
    let size = size_of::<T>();
    let lens: &[usize] = if cfg!(miri) { &[0, 5] } else { &[0, 1, 2, 3, 5, 8, 17, 33, 64, 130] };
    for &len in lens.iter().filter(|&&len| len * size <= 1 << 16) {
        let values: Vec<T> = samples.iter().cycle().take(len).cloned().collect();
        let mut shared = Buffer::filled(len * size, 0xa5);
        let place = shared.start().cast::<T>();
        // SAFETY: aligned, large enough, initialised; no other thread has access.
        unsafe { raw::store_slice(place, &values) };
        for hole in (0..len).flat_map(|i| holes(T::LAYOUT).map(move |hole| i * size + hole)) {
            assert_eq!(shared.byte(hole), 0xa5, "{} of {}: byte {hole} is padding", len, T::LAYOUT.name());
        }
        let mut buf: Vec<MaybeUninit<T>> = (0..=len).map(|_| MaybeUninit::zeroed()).collect();
        let place = shared.start().cast::<T>();
        // SAFETY: the bytes are initialised; no other thread has access.
        let bits = unsafe { raw::load_slice(place, &mut buf[..len]) };
        assert_eq!(bits.len(), len);
        for (bits, value) in bits.iter().zip(&values) {
            // SAFETY: the bits of `value`.
            assert_eq!(unsafe { bits.assume_valid_ref() }, value);
        }
        assert_eq!(shared.byte(len * size), 0xa5, "a byte behind the slice");
    }
}

macro_rules! each {
    ($($type:ty),* $(,)?) => {
        #[test]
        fn every_slice_round_trips() {
            $(slices_round_trip::<$type>();)*
        }

        #[test]
        fn every_value_round_trips() {
            $(round_trips::<$type>();)*
        }

        #[test]
        fn padding_is_not_written_in_storage_and_copied_in_spans_only() {
            $(leaves_padding::<$type>();)*
        }
    };
}

seqcopy_tests::corpus!(each);

#[test]
fn bytes_of_inactive_variants_are_zeroed() {
    let mut shared = Buffer::filled(size_of::<Choice>(), 0xff);
    let place = shared.start().cast::<Choice>();
    // SAFETY: aligned, large enough; no other thread has access.
    unsafe { raw::store(place, &Choice::None) };
    for offset in 0..size_of::<Choice>() {
        let hole = holes(Choice::LAYOUT).any(|hole| hole == offset);
        assert_eq!(shared.byte(offset), if hole { 0xff } else { 0 }, "byte {offset}");
    }
}

fn double(n: u8) -> u8 {
    2 * n
}

#[test]
fn pointers_keep_their_provenance() {
    static TARGET: u32 = 17;
    let lock = SeqLock::new(WithPointer::Number(1));
    lock.write(WithPointer::Pair(1, Some(&TARGET)));
    let WithPointer::Pair(1, Some(target)) = lock.read() else { panic!("another variant") };
    assert_eq!(*target, 17);
    let lock = SeqLock::new([&raw const TARGET; 3]);
    // SAFETY: a static.
    assert_eq!(unsafe { *lock.read()[2] }, 17);
    assert_eq!(SeqLock::new(double as fn(u8) -> u8).read()(4), 8);
}

#[test]
fn arrays_of_zero_sized_elements_take_no_time() {
    // Would not terminate if the elements were visited one by one.
    let lock = SeqLock::new([(); usize::MAX]);
    assert_eq!(lock.read().len(), usize::MAX);
    assert_eq!(<[Unit; usize::MAX]>::LAYOUT.access_count(8), 0);
    assert!(seqcopy::MaybeInvalid::<[Unit; usize::MAX]>::zeroed().validate().is_ok());
}

#[test]
fn nan_payloads_are_preserved() {
    let signalling = f32::from_bits(0x7fa0_1234);
    let bits = AtomicPerByte::new([signalling]).load();
    assert_eq!(bits.as_bytes(), 0x7fa0_1234u32.to_ne_bytes());
}

#[test]
fn statics_of_every_kind() {
    static TEXT: (&str,) = ("text",);
    static ENUM: SeqLock<Choice> = SeqLock::new(Choice::Small(3));
    static OPTION: SeqLock<SeqOption<[Padded; 9]>> = SeqLock::new(SeqOption::None);
    static NESTED: AtomicPerByte<Outer> = AtomicPerByte::new(Outer::Inner(Choice::Mixed { a: 1, b: true, c: 2 }));
    static POINTER: SeqLock<Option<&'static (&str,)>> = SeqLock::new(Some(&TEXT));
    assert_eq!(ENUM.read(), Choice::Small(3));
    assert_eq!(OPTION.read(), SeqOption::None);
    assert_eq!(NESTED.load().validate(), Ok(Outer::Inner(Choice::Mixed { a: 1, b: true, c: 2 })));
    assert_eq!(POINTER.read().map(|text| text.0), Some("text"));
}

/// Accesses at other places than multiples of an alignment are those of no memory.
#[test]
fn a_base_is_an_alignment() {
    let calls: [fn(usize); 2] = [
        |base| assert!(<[u32; 3]>::LAYOUT.access_count(base) > 0),
        |base| <[u32; 3]>::LAYOUT.each_access(base, |_| ()),
    ];
    for (base, call) in [0, 3, 6, usize::MAX].into_iter().flat_map(|base| calls.map(|call| (base, call))) {
        let why = std::panic::catch_unwind(|| call(base)).unwrap_err();
        assert_eq!(*why.downcast::<String>().unwrap(), format!("{base} is not an alignment: those are powers of two"));
    }
}
