//! Samples, and their summary.
//!
//! The speed of a machine varies from one second to the next. So all implementations of an operation are sampled in
//! rotation, one sample each per round, and each round starts with another one: a slow second affects all of them
//! alike. The summary is the median and the quartiles, never the best case.

use std::time::{Duration, Instant};

/// How long one sample of a loop should take: long compared to the clock's resolution, short compared to a time slice,
/// so that few samples are interrupted.
const SAMPLE: Duration = Duration::from_micros(300);

/// Takes samples of one implementation, in nanoseconds per operation.
pub struct Sampler(Box<dyn FnMut() -> f64>);

impl Sampler {
    /// Samples of a loop: `batch` repeats the operation as often as its argument says.
    pub fn of_loop(mut batch: impl FnMut(u64) + 'static) -> Self {
        let mut count = 0;
        Sampler(Box::new(move || {
            if count == 0 {
                count = calibrate(|count| time(|| batch(count)), SAMPLE);
            }
            per_operation(time(|| batch(count)), count)
        }))
    }

    /// The same for operations whose data the other implementations evict from the caches: before each sample `batch`
    /// runs `warm_up` times.
    pub fn of_warm_loop(warm_up: u64, mut batch: impl FnMut(u64) + 'static) -> Self {
        let mut count = 0;
        Sampler(Box::new(move || {
            batch(warm_up);
            if count == 0 {
                count = calibrate(|count| time(|| batch(count)), SAMPLE);
            }
            per_operation(time(|| batch(count)), count)
        }))
    }

    /// Samples that are measured elsewhere.
    pub fn of(sample: impl FnMut() -> f64 + 'static) -> Self {
        Sampler(Box::new(sample))
    }

    fn take(&mut self) -> f64 {
        (self.0)()
    }
}

/// How long something takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Nanoseconds per operation, for `count` of them.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn per_operation(elapsed: Duration, count: u64) -> f64 {
    elapsed.as_secs_f64() * 1e9 / count.max(1) as f64
}

/// How many operations take about `goal`, where `duration` runs a batch of that many. Also warms up.
fn calibrate(mut duration: impl FnMut(u64) -> Duration, goal: Duration) -> u64 {
    let mut count = 1u64;
    loop {
        let elapsed = duration(count);
        if elapsed >= goal {
            return count;
        }
        // At most tenfold, because the first passes are slower.
        let wanted = goal.as_nanos() * u128::from(count) / elapsed.as_nanos().max(1);
        count = u64::try_from(wanted).unwrap_or(u64::MAX).clamp(count + 1, count.saturating_mul(10));
    }
}

/// The quartiles of some samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Half of the samples are below.
    pub median: f64,
    /// A quarter is below.
    pub p25: f64,
    /// A quarter is above.
    pub p75: f64,
}

impl Summary {
    /// # Panics
    /// If there are no samples.
    #[must_use]
    pub fn of(mut samples: Vec<f64>) -> Self {
        assert!(!samples.is_empty(), "no samples");
        samples.sort_by(f64::total_cmp);
        Summary { median: quantile(&samples, 2), p25: quantile(&samples, 1), p75: quantile(&samples, 3) }
    }
}

/// A quartile of sorted samples, interpolated linearly.
#[expect(clippy::cast_precision_loss, reason = "a remainder of a division by 4")]
fn quantile(sorted: &[f64], quarters: usize) -> f64 {
    let position = (sorted.len() - 1) * quarters;
    let (below, part) = (position / 4, (position % 4) as f64 / 4.0);
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * part
}

/// Samples all in rotation. The first samples only warm up: caches, branch predictors, and the size of the batches.
pub fn measure(samplers: &mut [Sampler], rounds: usize) -> Vec<Summary> {
    for _ in 0..2 {
        for sampler in samplers.iter_mut() {
            sampler.take();
        }
    }
    let mut samples = vec![Vec::with_capacity(rounds); samplers.len()];
    for round in 0..rounds {
        for turn in 0..samplers.len() {
            let index = (round + turn) % samplers.len();
            samples[index].push(samplers[index].take());
        }
    }
    samples.into_iter().map(Summary::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_known_rows() {
        assert_eq!(Summary::of(vec![3.0, 1.0, 2.0]), Summary { median: 2.0, p25: 1.5, p75: 2.5 });
        assert_eq!(Summary::of(vec![4.0, 1.0, 3.0, 2.0]), Summary { median: 2.5, p25: 1.75, p75: 3.25 });
        assert_eq!(Summary::of(vec![7.0]), Summary { median: 7.0, p25: 7.0, p75: 7.0 });
    }

    #[test]
    fn every_sampler_is_sampled_equally_often() {
        use std::cell::RefCell;
        use std::rc::Rc;
        let turns = Rc::new(RefCell::new(Vec::new()));
        let mut samplers: Vec<_> = (0..3u32)
            .map(|number| {
                let turns = Rc::clone(&turns);
                Sampler::of(move || {
                    turns.borrow_mut().push(number);
                    f64::from(number)
                })
            })
            .collect();
        let summaries = measure(&mut samplers, 3);
        assert_eq!(turns.borrow()[6..], [0, 1, 2, 1, 2, 0, 2, 0, 1]);
        assert_eq!(summaries.iter().map(|summary| summary.median).collect::<Vec<_>>(), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn warm_loops_run_before_they_are_timed() {
        use std::cell::RefCell;
        use std::rc::Rc;
        let batches = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&batches);
        let mut sampler = Sampler::of_warm_loop(70, move |count| {
            log.borrow_mut().push(count);
            std::thread::sleep(SAMPLE);
        });
        let _ = (sampler.take(), sampler.take());
        // The first one warms up, finds that a single repetition is long enough, and measures it.
        assert_eq!(*batches.borrow(), [70, 1, 1, 70, 1]);
    }

    #[test]
    fn batches_take_about_the_goal() {
        // A simulated clock, since that of a busy machine would be unreliable.
        let of = |nanos: u64| move |count: u64| Duration::from_nanos(nanos * count);
        assert_eq!(calibrate(of(100_000), Duration::from_millis(2)), 20);
        assert_eq!(calibrate(of(3), Duration::from_millis(2)), 666_667);
        assert_eq!(calibrate(of(5_000_000), Duration::from_millis(2)), 1);
    }
}
