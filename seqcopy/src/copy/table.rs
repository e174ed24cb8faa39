//! The partition of a type as a constant table: the steps that [`Recorder`] takes down from its layout, once.
//!
//! Loads, stores and copies of parts follow it in every build: by code that is made of it (`straight`), or by a loop (`by_table`).

use core::marker::PhantomData;

use super::step::Step;
use super::steps::Recorder;
use crate::SeqCopy;

/// Some steps, with bodies.
pub(super) trait Steps {
    const STEPS: &'static [Step<'static>];
}

/// Those of all of a `T` in storage that is aligned as a `T` is, and to `BASE`.
///
/// Where a type is copied, its layout is evaluated, and so the errors reported that are found there: for a generic type, nothing else may
/// evaluate it.
///
/// ```compile_fail,E0080
/// use seqcopy::{AtomicPerByte, SeqCopy};
///
/// #[derive(SeqCopy)]
/// #[repr(i8)]
/// enum Handle<const N: usize> { Open, Closed }
///
/// impl<const N: usize> Drop for Handle<N> {
///     fn drop(&mut self) {}
/// }
///
/// AtomicPerByte::<Handle<3>>::zeroed().store(&Handle::Closed);
/// ```
pub(super) struct Of<T, const BASE: usize = 1>(PhantomData<T>);

impl<T: SeqCopy, const BASE: usize> Steps for Of<T, BASE> {
    const STEPS: &'static [Step<'static>] = {
        let few = const { &Recorded::<FEW>::of::<T, BASE>() };
        match few.len {
            0..=FEW => few.steps.split_at(few.len).0,
            MORE..=64 => recorded::<T, BASE, 64>(),
            65..=1024 => recorded::<T, BASE, 1024>(),
            1025..=16384 => recorded::<T, BASE, 16384>(),
            _ => panic!(
                "a type whose data lies in more than 16384 separate pieces: put neighbours of one type into an array, of which all elements count as one"
            ),
        }
    };
}

/// As many steps are tried at first: few types have more.
const FEW: usize = 16;
const MORE: usize = FEW + 1;

/// A function of its own, because a constant is evaluated together with every constant that its text names.
const fn recorded<T: SeqCopy, const BASE: usize, const N: usize>() -> &'static [Step<'static>] {
    let recorded = const { &Recorded::<N>::of::<T, BASE>() };
    recorded.steps.split_at(recorded.len).0
}

struct Recorded<const N: usize> {
    steps: [Step<'static>; N],
    len: usize,
}

impl<const N: usize> Recorded<N> {
    const fn of<T: SeqCopy, const BASE: usize>() -> Self {
        assert!(T::LAYOUT.size() == size_of::<T>(), "the layout of another type");
        let mut steps = [Step::NONE; N];
        let base = if BASE > align_of::<T>() { BASE } else { align_of::<T>() };
        let mut recorder = Recorder::new(&mut steps, true, base, false);
        recorder.record(T::LAYOUT, 0);
        let len = recorder.finish();
        Recorded { steps, len }
    }
}

/// The index of item `k`, where a step and its body are one item; that of the end, if there are fewer.
pub(super) const fn item(steps: &[Step<'_>], k: usize) -> usize {
    let (mut index, mut k) = (0, k);
    while k > 0 && index < steps.len() {
        index += 1 + steps[index].body;
        k -= 1;
    }
    index
}

/// How many items there are.
pub(super) const fn items(steps: &[Step<'_>]) -> usize {
    let (mut index, mut count) = (0, 0);
    while index < steps.len() {
        index += 1 + steps[index].body;
        count += 1;
    }
    count
}

/// The body of item `K`.
pub(super) struct Body<S, const K: usize>(PhantomData<S>);

impl<S: Steps, const K: usize> Steps for Body<S, K> {
    const STEPS: &'static [Step<'static>] = {
        let index = item(S::STEPS, K);
        S::STEPS.split_at(index + 1).1.split_at(S::STEPS[index].body).0
    };
}

/// The items from number `FROM` on, `COUNT` of them at most.
pub(super) struct Items<S, const FROM: usize, const COUNT: usize>(PhantomData<S>);

impl<S: Steps, const FROM: usize, const COUNT: usize> Steps for Items<S, FROM, COUNT> {
    const STEPS: &'static [Step<'static>] = {
        let from = S::STEPS.split_at(item(S::STEPS, FROM)).1;
        from.split_at(item(from, COUNT)).0
    };
}
