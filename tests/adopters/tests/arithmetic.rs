//! What clocks make of their pages, against a slow and obvious way: products by doubling and adding, shifts by one bit
//! at a time.

#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // any numbers will do

use std::mem::MaybeUninit;

use seqcopy_adopters::{hyperv, mlx5, pvclock, timehands, vmclock};

/// A number of 192 bits, the lowest word first.
type Wide = [u64; 3];

fn add(left: Wide, right: Wide) -> Wide {
    let (mut sum, mut carry) = ([0; 3], false);
    for (i, sum) in sum.iter_mut().enumerate() {
        let (part, over) = left[i].overflowing_add(right[i]);
        let (part, over_again) = part.overflowing_add(u64::from(carry));
        (*sum, carry) = (part, over || over_again);
    }
    assert!(!carry, "more than 192 bits");
    sum
}

fn product(left: u64, right: u64) -> Wide {
    (0..64).rev().fold([0; 3], |sum, bit| {
        let doubled = add(sum, sum);
        if right >> bit & 1 == 1 { add(doubled, [left, 0, 0]) } else { doubled }
    })
}

fn halved(number: Wide, times: u32) -> Wide {
    (0..times).fold(number, |[a, b, c], _| [a >> 1 | b << 63, b >> 1 | c << 63, c >> 1])
}

/// Numbers of all sizes, those at the ends more often.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = self.0 >> 7 ^ self.0 << 41;
        match self.0 >> 60 {
            0 => u64::MAX - (random & 3),
            1 => random & 3,
            shift => random >> (shift * 4),
        }
    }
}

const ROUNDS: u32 = if cfg!(miri) { 20 } else { 50_000 };

#[test]
fn pvclock_times() {
    let mut numbers = Numbers(1);
    for _ in 0..ROUNDS {
        let [tsc, timestamp, time, mul, shift] = [(); 5].map(|()| numbers.next());
        let (mul, shift) = (mul as u32, (shift % 80) as i8 - 40);
        let info = pvclock::TimeInfo {
            version: MaybeUninit::uninit(),
            pad0: 0,
            tsc_timestamp: timestamp,
            system_time: time,
            tsc_to_system_mul: mul,
            tsc_shift: shift,
            flags: 1,
            pad: [0; 2],
        };
        let mut delta = tsc.wrapping_sub(timestamp);
        for _ in 0..shift.abs() {
            delta = if shift < 0 { delta / 2 } else { delta.wrapping_mul(2) };
        }
        let [elapsed, ..] = halved(product(delta, u64::from(mul)), 32);
        assert_eq!(info.at(tsc), time.wrapping_add(elapsed), "{info:?} at {tsc}");
        assert!(info.is_stable());
    }
}

#[test]
fn hyperv_times() {
    let mut numbers = Numbers(2);
    for _ in 0..ROUNDS {
        let [tsc, scale, offset] = [(); 3].map(|()| numbers.next());
        let page = hyperv::ReferenceTsc { sequence: MaybeUninit::uninit(), reserved: 0, scale, offset: offset as i64 };
        let [elapsed, ..] = halved(product(tsc, scale), 64);
        assert_eq!(page.at(tsc), elapsed.wrapping_add(offset), "{page:?} at {tsc}");
    }
}

/// With the counter at its end and beyond it, sums that are larger than the clock, and shifts that are larger than the
/// product.
#[test]
fn vmclock_times() {
    let mut numbers = Numbers(3);
    let (mut times, mut refused) = (0, 0);
    for _ in 0..ROUNDS {
        let [counter, value, period, shift, seconds, fraction] = [(); 6].map(|()| numbers.next());
        let mut clock = seqcopy::MaybeInvalid::<vmclock::VmClock>::zeroed().validate().expect("zeros");
        clock.counter_value.set(value);
        clock.counter_period_frac_sec.set(period);
        clock.counter_period_shift = (shift % 140) as u8;
        clock.time_sec.set(seconds);
        clock.time_frac_sec.set(fraction);
        let elapsed = halved(product(counter.wrapping_sub(value), period), u32::from(clock.counter_period_shift));
        let expected = match add([fraction, seconds, 0], elapsed) {
            [fraction, seconds, 0] if clock.counter_period_shift < 128 => Some((seconds, fraction)),
            _ => None,
        };
        assert_eq!(clock.at(counter), expected, "{clock:?} at {counter}");
        if expected.is_some() { times += 1 } else { refused += 1 }
    }
    assert!(times > 0 && refused > 0, "{times} times, {refused} refused");
}

#[test]
fn timehands_times() {
    let mut numbers = Numbers(4);
    for _ in 0..ROUNDS {
        let [counter, offset, mask, scale, seconds, fraction] = [(); 6].map(|()| numbers.next());
        let hands = timehands::Timehands {
            algo: 1,
            generation: MaybeUninit::uninit(),
            scale,
            offset_count: offset as u32,
            counter_mask: mask as u32,
            offset: [seconds, fraction],
            boottime: [0; 2],
        };
        let delta = u64::from((counter as u32).wrapping_sub(offset as u32) & mask as u32);
        let [fraction, carried, _] = add(product(scale, delta), [fraction, 0, 0]);
        assert_eq!(hands.at(counter as u32), [seconds.wrapping_add(carried), fraction]);
    }
}

/// Back and forth from the time of the page, across the end of a counter of 48 bits.
#[test]
fn mlx5_times() {
    let mask = (1 << 48) - 1;
    let mut numbers = Numbers(5);
    for _ in 0..ROUNDS {
        let (cycles, nsec) = (numbers.next() & mask, numbers.next() >> 2 | 1 << 61);
        let steps = numbers.next() & ((1 << 30) - 1);
        let info = mlx5::ClockInfo {
            sign: MaybeUninit::uninit(),
            reserved: 0,
            nsec,
            cycles,
            frac: 0,
            mult: 3 << 20,
            shift: 21,
            mask,
            overflow_period: 0,
        };
        let [elapsed, ..] = halved(product(steps, 3 << 20), 21);
        assert_eq!(info.at(cycles.wrapping_add(steps) & mask), nsec + elapsed, "{steps} later");
        assert_eq!(info.at(cycles.wrapping_sub(steps) & mask), nsec - elapsed, "{steps} earlier");
    }
}
