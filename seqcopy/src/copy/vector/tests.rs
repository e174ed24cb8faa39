//! The backend does what the reference implementation does: every length, every alignment of both sides, not a byte
//! beyond.

use std::vec::Vec;

use super::{backend, words};

/// A path through a backend: its name, how many bytes it needs at least, and the function.
pub(super) type Path = (&'static str, usize, unsafe fn(*const u8, *mut u8, usize));

/// What programs in C call, if one function is all of it.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
unsafe fn chosen_before(from: *const u8, to: *mut u8, len: usize) {
    match backend::mover(len) {
        Some(copy) => same_contract!(copy(from, to, len)),
        None => same_contract!(backend::in_memory(from, to, len)),
    }
}

const GUARD: u8 = 0xee;
/// Bytes kept free on either side of a copy.
const MARGIN: usize = 64;

/// A buffer for copies of up to `len` bytes at any place from a 64-byte boundary on.
struct Buffer {
    bytes: Vec<u8>,
    boundary: usize,
}

impl Buffer {
    fn new(len: usize) -> Self {
        let bytes = std::vec![GUARD; len + 4 * MARGIN];
        let boundary = MARGIN + bytes.as_ptr().align_offset(64);
        Buffer { bytes, boundary }
    }

    fn at(&mut self, shift: usize) -> *mut u8 {
        // SAFETY: inside the allocation.
        unsafe { self.bytes.as_mut_ptr().add(self.boundary + shift) }
    }

    /// What lies at `shift`, with a margin on either side.
    fn window(&mut self, shift: usize, len: usize) -> &mut [u8] {
        &mut self.bytes[self.boundary + shift - MARGIN..][..len + 2 * MARGIN]
    }
}

/// A path of the backend, its buffers, and what the reference implementation leaves behind.
struct Trial {
    name: &'static str,
    copy: unsafe fn(*const u8, *mut u8, usize),
    source: Buffer,
    expected: Buffer,
    done: Buffer,
}

impl Trial {
    fn new(name: &'static str, copy: unsafe fn(*const u8, *mut u8, usize), longest: usize) -> Self {
        Trial { name, copy, source: Buffer::new(longest), expected: Buffer::new(longest), done: Buffer::new(longest) }
    }

    /// Copies `len` bytes between all the given places, and compares each result with that of the reference
    /// implementation.
    fn try_places(&mut self, len: usize, places: impl Iterator<Item = (usize, usize)>) {
        self.expected.window(0, len).fill(GUARD);
        let mut expected_from = usize::MAX;
        for (from, to) in places {
            if expected_from == usize::MAX {
                for (i, byte) in self.source.window(from, len)[MARGIN..][..len].iter_mut().enumerate() {
                    *byte = u8::try_from((i * 31 + 7 + i / 251) % 256).expect("a byte");
                }
                // SAFETY: both sides have `len` bytes, initialised, and this thread's alone.
                unsafe { words::copy(self.source.at(from), self.expected.at(0), len) };
            } else if expected_from != from {
                let start = self.source.boundary;
                self.source.bytes.copy_within(start + expected_from..start + expected_from + len, start + from);
            }
            expected_from = from;
            self.done.window(to, len).fill(GUARD);
            // SAFETY: both sides have `len` bytes, initialised, and this thread's alone.
            unsafe { (self.copy)(self.source.at(from), self.done.at(to), len) };
            let same = self.expected.window(0, len) == self.done.window(to, len);
            assert!(
                same,
                "{}: {len} bytes from {from} to {to} differ from the reference implementation, or spill over",
                self.name
            );
            let (expected, source) =
                (&self.expected.window(0, len)[MARGIN..][..len], &self.source.window(from, len)[MARGIN..][..len]);
            assert!(expected == source, "{}: {len} bytes from {from}: the source was written", self.name);
        }
    }
}

#[test]
fn every_length_and_every_alignment() {
    // The fallback is the reference implementation itself: there a part is enough.
    let is_fallback = backend::RUN == words::RUN;
    let longest = match (cfg!(miri), is_fallback) {
        (true, _) => 66,
        (false, true) => 600,
        // Shorter under valgrind, which takes fifty times as long (ci/vectors.sh).
        (false, false) => std::env::var("SEQCOPY_LONGEST").map_or(4096, |longest| longest.parse().expect("a length")),
    };
    std::thread::scope(|scope| {
        for (name, least, copy) in backend::paths().into_iter().chain([("chosen before", 1, chosen_before as _)]) {
            scope.spawn(move || {
                let mut trial = Trial::new(name, copy, longest);
                // Each up to where the widest moves begin, and each around where the next way does; a sample between.
                let is_tried = |len: &usize| *len <= 1100 || longest - len <= 100 || len % 89 == 0;
                for len in (least..=longest).filter(is_tried) {
                    if cfg!(miri) {
                        trial.try_places(len, [(0, 0), (len % 64, len * 7 % 64)].into_iter());
                    } else if len <= 130 {
                        trial.try_places(len, (0..64 * 64).map(|pair| (pair / 64, pair % 64)));
                    } else {
                        // Every alignment of either side.
                        trial.try_places(len, (0..64).map(|shift| (shift, len * 7 % 64)));
                        trial.try_places(len, (0..64).map(|shift| (len * 5 % 64, shift)));
                    }
                }
            });
        }
    });
}

/// At all lengths at which a long run is moved by 256 bits, whatever else the processor has.
#[test]
fn lengths_that_are_chosen_before() {
    let chosen: Vec<usize> = (0..5000).filter(|&len| backend::mover(len).is_some()).collect();
    #[cfg(all(target_arch = "x86_64", feature = "std", not(miri), not(seqcopy_portable)))]
    assert_eq!(chosen.is_empty(), !std::arch::is_x86_feature_detected!("avx"));
    assert!(chosen.is_empty() || chosen == (words::LONG..1024).collect::<Vec<_>>(), "{chosen:?}");
}

#[test]
#[cfg_attr(miri, ignore = "the fallback has no long path of its own")]
fn long_runs() {
    for (name, _, copy) in backend::paths().into_iter().filter(|path| !path.0.starts_with("short")) {
        let mut trial = Trial::new(name, copy, 1 << 20);
        for len in [8191, 65_536, 65_537, 1 << 20] {
            trial.try_places(len, [(16, 8), (0, 0), (1, 63)].into_iter());
        }
    }
}

/// Blocks that end where the allocation ends, and bytes that were never written after the copy's source: valgrind sees
/// a read beyond either.
#[test]
#[cfg_attr(miri, ignore = "for valgrind: the fallback has no blocks that could go too far")]
fn nothing_beyond_the_ends_is_read() {
    for (name, least, copy) in backend::paths().into_iter().chain([("chosen before", 1, chosen_before as _)]) {
        for len in least..=700 {
            for skip in [0, 1, 8] {
                let source: std::boxed::Box<[u8]> =
                    (0..len + skip).map(|i| u8::try_from(i % 251).expect("a byte")).collect();
                let mut target = std::vec![0u8; len].into_boxed_slice();
                // SAFETY: both sides have `len` bytes, initialised, and this thread's alone.
                unsafe { copy(source[skip..].as_ptr(), target.as_mut_ptr(), len) };
                assert!(source[skip..] == target[..], "{name}: {len} bytes");
            }
        }
    }
}

/// Spans of every length with padding at every third place, say, or nearly everywhere: data arrives, nothing beyond the
/// ends changes. Under valgrind the padding of the source is undefined, so nothing may depend on it.
#[test]
fn spans_do_what_the_reference_implementation_does() {
    use core::mem::MaybeUninit;

    let longest = if cfg!(miri) { 20 } else { 700 };
    for apart in [2usize, 3, 7, 16] {
        for len in (1..=longest).step_by(if cfg!(miri) { 3 } else { 1 }) {
            let is_data: Vec<bool> = (0..len).map(|i| i % apart == 0 || i == len - 1).collect();
            let mut source = std::vec![MaybeUninit::<u8>::uninit(); len];
            for i in (0..len).filter(|&i| is_data[i]) {
                source[i].write(u8::try_from(i * 7 % 251).expect("a byte"));
            }
            let (mut stored, mut loaded) = (Buffer::new(len), Buffer::new(len));
            let (mut expected, mut expected_loaded) = (Buffer::new(len), Buffer::new(len));
            let (to, from) = (len * 5 % 64, len * 3 % 64);
            let (place, buffer) = (stored.at(to), loaded.at(from));
            let private = source.as_ptr().cast::<u8>();
            if backend::RUN == words::RUN {
                // SAFETY: all sides have `len` bytes, of which the data is initialised, and belong to this thread.
                unsafe { words::spans::store_data_bytes(private, place, &is_data) };
                // SAFETY: sides of `len` bytes, all of this thread (I4 private).
                unsafe { words::spans::load_data_bytes(place, buffer, &is_data) };
            } else {
                // SAFETY: sides of `len` bytes, all of this thread (I4 private).
                unsafe { backend::store_span(private, place, len) };
                // SAFETY: sides of `len` bytes, all of this thread (I4 private).
                unsafe { backend::load_run(place, buffer, len) };
            }
            let (place, buffer) = (expected.at(to), expected_loaded.at(from));
            // SAFETY: sides of `len` bytes, all of this thread (I4 private).
            unsafe { words::spans::store_data_bytes(private, place, &is_data) };
            // SAFETY: sides of `len` bytes, all of this thread (I4 private).
            unsafe { words::spans::load_data_bytes(place, buffer, &is_data) };
            for (name, shift, found, expected) in
                [("store", to, &mut stored, &mut expected), ("load", from, &mut loaded, &mut expected_loaded)]
            {
                let is_padding = |at: usize| at >= MARGIN && is_data.get(at - MARGIN) == Some(&false);
                let all = found.window(shift, len).iter().zip(expected.window(shift, len).iter()).enumerate();
                for (at, (found, expected)) in all.filter(|(at, _)| !is_padding(*at)) {
                    assert_eq!(
                        found, expected,
                        "{name} of {len} bytes, {apart} apart: byte {at}, the span begins at {MARGIN}"
                    );
                }
            }
        }
    }
}
