//! All checks of one type.

use seqcopy::{AtomicPerByte, Layout, Part, SeqLock, Validate};

use super::judge::{Corruption, Refusal, corruptions, judge};
use super::memory::{Buffer, View};
use super::node::{Byte, Node};
use super::{Model, Rng, copies, one_part, partition, tree};

/// What is expected of a type before it is compiled, for one family of targets.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// `size_of`.
    pub size: usize,
    /// `align_of`.
    pub align: usize,
    /// The kind of each byte, as lengths of runs of `d`ata, `p`ointer and hole (`.`) bytes: `1d3.4d8p`.
    pub map: &'static str,
}

/// One type under test.
#[derive(Debug)]
pub struct Case {
    rng: Rng,
    layouts: Vec<&'static Layout>,
    verdicts: Verdicts,
}

/// How many verdicts of the crate were compared with those of the oracle.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdicts {
    pub(super) accepted: usize,
    pub(super) refused: usize,
    /// How many of those a hook refused.
    pub(super) by_hook: usize,
    /// How many of these have the type of the hook in an array.
    pub(super) in_array: usize,
}

impl Verdicts {
    fn count(&mut self, refusal: Option<&Refusal>) {
        match refusal {
            None => self.accepted += 1,
            Some(refusal) => {
                self.refused += 1;
                self.by_hook += usize::from(refusal.reason.is_some());
                self.in_array += usize::from(refusal.reason.is_some() && refusal.path.contains('['));
            }
        }
    }

    pub(super) fn add(&mut self, other: Verdicts) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.by_hook += other.by_hook;
        self.in_array += other.in_array;
    }
}

impl Case {
    pub(super) fn new(seed: u64) -> Self {
        Case { rng: Rng::new(seed), layouts: Vec::new(), verdicts: Verdicts::default() }
    }

    pub(super) fn layouts(&self) -> &[&'static Layout] {
        &self.layouts
    }

    pub(super) fn verdicts(&self) -> Verdicts {
        self.verdicts
    }

    /// Checks everything that needs no validation.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn copied<T: Model>(&mut self) -> Result<(), String> {
        let node = T::node();
        if node.size() != size_of::<T>() {
            return Err(format!("the test is wrong about the size: {node:?}"));
        }
        self.layouts.push(T::LAYOUT);
        tree::check(&node, T::LAYOUT, T::LAYOUT.name())?;
        tree::check_facts(&node, T::LAYOUT, align_of::<T>())?;
        partition::check::<T>(&node)?;
        #[cfg(miri)]
        super::race::check::<T>(&mut self.rng);
        copies::all::<T>(&node, &mut self.rng)
    }

    /// Checks the less common ways in and out of `AtomicPerByte` and the locks; a share of all types is enough.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn copied_otherwise<T: Model>(&mut self) -> Result<(), String> {
        copies::other_ways::<T>(&T::node(), &mut self.rng)
    }

    /// Checks whether the layout says correctly that the language specifies it.
    ///
    /// # Errors
    /// If it does not.
    pub fn specified<T: Model>(&mut self, expected: bool) -> Result<(), String> {
        if T::LAYOUT.is_specified() == expected { Ok(()) } else { Err(format!("`is_specified` is not {expected}")) }
    }

    /// Checks the predictions made without a compiler, for 64-bit targets and for 32-bit x86.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn predicted<T: Model>(&mut self, wide: Fact, narrow: Fact) -> Result<(), String> {
        let fact = if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
            wide
        } else if cfg!(target_arch = "x86") {
            narrow
        } else {
            return Ok(());
        };
        let map = run_lengths(&T::node().map());
        if (fact.size, fact.align, fact.map) == (size_of::<T>(), align_of::<T>(), &map) {
            return Ok(());
        }
        Err(format!("expected {fact:?}, but it is {} bytes, align {}, {map}", size_of::<T>(), align_of::<T>()))
    }

    /// Checks an `AtomicPerByte` and a lock that were made of `value` in constants.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn constant<T: Model>(&mut self, bytes: &AtomicPerByte<T>, lock: &SeqLock<T>, value: &T) -> Result<(), String> {
        let rng = self.rng.fork();
        copies::constants(&T::node(), bytes, lock, value, || T::make(&mut rng.clone()))
    }

    /// Checks a part, in arrays of these lengths at some indices: the path to it for the description of the type, the
    /// part, and its place in a value; and the way.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn part<T: Model, F, const N: usize>(
        &mut self,
        lens: [usize; N],
        path: impl Fn([usize; N]) -> Vec<usize>,
        part: impl Fn([usize; N]) -> Part<T, F>,
        place: impl Fn(&mut T, [usize; N]) -> *mut F,
        way: one_part::Way<T, F>,
    ) -> Result<(), String> {
        let node = T::node();
        for _ in 0..if N == 0 || cfg!(miri) { 1 } else { 3 } {
            let at = lens.map(|len| self.rng.below(len));
            one_part::check(&node, &path(at), part(at), &|value| place(value, at), way, &mut self.rng)?;
        }
        Ok(())
    }

    /// Checks validation: values that were stored are accepted, invalid ones are refused with the right path and
    /// message.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn validated<T: Model + Validate>(&mut self) -> Result<(), String> {
        let node = T::node();
        let map = node.map();
        let (values, limit, rounds) = if cfg!(miri) { (T::KINDS.min(4), 5, 2) } else { (T::KINDS.max(6), 40, 24) };
        for kind in 0..values {
            let value = T::make_kind(kind % T::KINDS, &mut self.rng);
            let mut buf = Buffer::new::<T>(0xa5);
            copies::put(&buf, &value);
            self.verdict::<T>(&node, &buf, Some(&value)).map_err(|it| format!("as it was stored: {it}"))?;

            let mut all = Vec::new();
            corruptions(&node, buf.view(), 0, &mut self.rng, &mut all);
            while all.len() > limit {
                all.swap_remove(self.rng.below(all.len()));
            }
            for Corruption { offset, bytes } in &all {
                let before = buf.view().bytes(*offset, bytes.len());
                buf.write(*offset, bytes);
                if judge(&node, buf.view()).is_ok() {
                    return Err(format!("the test is wrong: {bytes:02x?} at {offset} is accepted: {node:?}"));
                }
                self.verdict::<T>(&node, &buf, None).map_err(|it| format!("{bytes:02x?} written at {offset}: {it}"))?;
                buf.write(*offset, &before);
            }
            for _ in 0..rounds {
                self.stir(&map, &mut buf);
                let bytes = data(&map, buf.view());
                self.verdict::<T>(&node, &buf, None).map_err(|it| format!("with the bytes {bytes}: {it}"))?;
            }
        }
        Ok(())
    }

    /// Checks that two types of the same name have different fingerprints if one was changed, and otherwise the same
    /// schema and accesses.
    ///
    /// # Errors
    /// The message says what is wrong.
    pub fn twin(&mut self, layout: &'static Layout, twin: &'static Layout, is_changed: bool) -> Result<(), String> {
        if layout.name() != twin.name() {
            return Err("the test is wrong about a name".to_owned());
        }
        if (layout.fingerprint() == twin.fingerprint()) == is_changed {
            return Err(format!("the fingerprints of {layout:?} and {twin:?} should differ: {is_changed}"));
        }
        let accesses = |layout: &'static Layout| [1, 2, 8, 64].map(|base| crate::accesses(layout, base));
        if !is_changed && (layout.schema() != twin.schema() || accesses(layout) != accesses(twin)) {
            return Err(format!("{layout:?} and {twin:?} are not copied alike"));
        }
        Ok(())
    }

    /// Compares the crate's verdict on the bits with that of the oracle. A valid value must be returned.
    fn verdict<T: Model + Validate>(&mut self, node: &Node, buf: &Buffer, value: Option<&T>) -> Result<(), String> {
        let (bits, again) = (copies::get::<T>(buf), copies::get::<T>(buf));
        let by_ref = bits.validate_ref().map(View::of);
        let judged = judge(node, buf.view());
        self.verdicts.count(judged.as_ref().err());
        match (judged, by_ref, again.validate()) {
            (Ok(()), Ok(view), Ok(found)) => {
                copies::same(node, View::of(&found), view)?;
                value.map_or(Ok(()), |value| copies::same(node, View::of(value), view))
            }
            (Err(refusal), Err(error), Err(same)) => {
                let text = error.to_string();
                let told = (error.offset(), error.path().to_string(), error.found(), refusal.reason);
                let is_told = refusal.reason.is_none_or(|reason| text.ends_with(reason)) && error == same;
                if told == (refusal.offset, refusal.path.clone(), refusal.found, refusal.reason) && is_told {
                    return Ok(());
                }
                Err(format!("expected {refusal:?}, got {told:?}: {text}"))
            }
            (expected, found, _) => Err(format!("expected {expected:?}, got {:?}", found.map(|_| ()))),
        }
    }

    /// Overwrites some or all of the data, with any bytes or with bytes that are often valid.
    fn stir(&mut self, map: &[Byte], buf: &mut Buffer) {
        let (share, small) = (*self.rng.pick(&[1, 2, 8]), self.rng.chance(2, 3));
        for (at, &byte) in map.iter().enumerate() {
            if byte != Byte::Hole && self.rng.chance(share, 8) {
                let [any, ..] = self.rng.bits().to_ne_bytes();
                buf.write(at, &[if small { any % 3 } else { any }]);
            }
        }
    }
}

/// The data bytes, for messages.
fn data(map: &[Byte], view: View) -> String {
    let byte = |(at, &byte)| if byte == Byte::Hole { "..".to_owned() } else { format!("{:02x}", view.byte(at)) };
    map.iter().enumerate().map(byte).collect()
}

fn run_lengths(map: &[Byte]) -> String {
    let run = |run: &[Byte]| match run[0] {
        Byte::Hole => [run.len().to_string(), ".".to_owned()],
        Byte::Data => [run.len().to_string(), "d".to_owned()],
        Byte::Pointer => [run.len().to_string(), "p".to_owned()],
    };
    map.chunk_by(|a, b| a == b).flat_map(run).collect()
}
