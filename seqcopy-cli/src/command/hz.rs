//! `seqcopy hz`: how often regions are written. Rates are exact, because they are computed from versions. The times
//! between writes are measured as long as no version is missed.

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::arguments::{Hz, Part};
use super::columns::{per_second, printable_path, rate};
use super::follow::{Followed, Step};
use super::region::{Failure, print};
use super::{show, to_json};

use serde_json::{Value as Json, json};

/// The shortest and the longest time between two looks.
const LOOKS: [Duration; 2] = [Duration::from_micros(50), Duration::from_millis(2)];

/// The writes of one region in an interval.
#[derive(Default)]
struct Meter {
    /// The number of writes, and how many of their versions were seen.
    writes: u64,
    seen: u64,
    /// When the last version was seen, and the times between consecutive versions.
    last: Option<Instant>,
    intervals: Vec<Duration>,
    /// The last message.
    told: Option<String>,
}

impl Meter {
    fn look(&mut self, followed: &mut Followed<'_>) {
        match followed.look() {
            Step::Nothing => {}
            Step::Told(what) => (self.told, self.last) = (Some(what), None),
            Step::Newer(number) => {
                let now = Instant::now();
                let (is_first, missed) = (!followed.has_seen(), followed.took(number));
                if is_first {
                    // These were written before the first look.
                    return;
                }
                self.writes += missed + 1;
                self.seen += 1;
                if let (Some(last), 0) = (self.last, missed) {
                    self.intervals.push(now - last);
                }
                (self.last, self.told) = (Some(now), None);
            }
        }
    }

    /// The mean, median, 99th percentile and maximum of the times, if each version was seen.
    fn intervals(&mut self) -> Option<[Duration; 4]> {
        let count = self.intervals.len();
        if count == 0 || self.seen != self.writes {
            return None;
        }
        self.intervals.sort();
        let mean = self.intervals.iter().sum::<Duration>() / u32::try_from(count).ok()?;
        let at = |share: usize| self.intervals[((count - 1) * share).div_ceil(100)];
        Some([mean, at(50), at(99), at(100)])
    }

    /// Begins the next interval.
    fn begin(&mut self) {
        *self = Meter { last: self.last, ..Meter::default() };
    }
}

pub(super) fn hz(options: &Hz, out: &mut impl Write) -> Result<(), Failure> {
    let parts: Vec<Part> =
        options.paths.iter().map(|path| Part { path: path.clone(), field: None, key: None }).collect();
    let mut followed: Vec<Followed<'_>> = parts.iter().map(Followed::new).collect();
    let mut meters: Vec<Meter> = parts.iter().map(|_| Meter::default()).collect();
    for (followed, meter) in followed.iter_mut().zip(&mut meters) {
        meter.look(followed);
    }
    let time = options.seconds.unwrap_or(Duration::from_secs(1));
    loop {
        let began = Instant::now();
        let mut pause = LOOKS[1];
        while began.elapsed() < time {
            sleep(pause.min(time.saturating_sub(began.elapsed())));
            let before: u64 = meters.iter().map(|meter| meter.writes).sum();
            for (followed, meter) in followed.iter_mut().zip(&mut meters) {
                meter.look(followed);
            }
            // Looks more often if there were many writes, down to the shortest sleep.
            let more = meters.iter().map(|meter| meter.writes).sum::<u64>() - before;
            pause = if more > 0 { pause / 2 } else { pause + pause / 16 }.clamp(LOOKS[0], LOOKS[1]);
        }
        report(&mut followed, &mut meters, began.elapsed(), options.json, out)?;
        out.flush()?;
        if options.seconds.is_some() {
            return Ok(());
        }
        meters.iter_mut().for_each(Meter::begin);
    }
}

fn report(
    followed: &mut [Followed<'_>],
    meters: &mut [Meter],
    time: Duration,
    as_json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut rows =
        vec![["REGION", "WRITES/S", "BYTES/S", "SEEN", "MISSED", "MEAN", "P50", "P99", "LARGEST"].map(str::to_owned)];
    let mut told = Vec::new();
    for (followed, meter) in followed.iter_mut().zip(meters) {
        let writes = per_second(meter.writes, time);
        // A commit of a map has no size of its own.
        let size = followed.source.as_ref().filter(|source| !source.is_map());
        let bytes = size.map(|source| writes * source.size());
        let share = (meter.writes > 0).then(|| per_second(meter.seen, time) / writes);
        let intervals = meter.intervals();
        let path = &followed.part.path;
        if as_json {
            let names = ["mean", "p50", "p99", "largest"];
            let seconds = intervals.map(|all| names.into_iter().zip(all.map(|it| it.as_secs_f64())));
            let intervals = seconds.map(|all| all.map(|(name, it)| (name.to_owned(), json!(it))).collect());
            let mut object = show::path(path);
            object["seconds"] = json!(time.as_secs_f64());
            object["writes"] = json!(meter.writes);
            object["writes_per_second"] = json!(writes);
            object["bytes_per_second"] = json!(bytes);
            object["missed"] = json!(meter.writes - meter.seen);
            object["seen_share"] = json!(share);
            object["interval_seconds"] = intervals.map_or(Json::Null, Json::Object);
            object["told"] = json!(meter.told);
            to_json::write(out, &object, false)?;
            continue;
        }
        let dash = || "-".to_owned();
        let [mean, p50, p99, largest] = intervals.map_or_else(|| std::array::from_fn(|_| dash()), |all| all.map(short));
        rows.push([
            printable_path(path),
            rate(writes),
            bytes.map_or_else(dash, rate),
            share.map_or_else(dash, |share| format!("{:.1} %", (share * 1000.0).floor() / 10.0)),
            (meter.writes - meter.seen).to_string(),
            mean,
            p50,
            p99,
            largest,
        ]);
        told.extend(meter.told.as_ref().map(|what| format!("! {}: {what}", printable_path(path))));
    }
    if !as_json {
        print(&rows, out)?;
        for line in told {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// `950 us`, `1.25 ms`, `2.00 s`.
fn short(time: Duration) -> String {
    match time.as_micros() {
        0..1000 => format!("{} us", time.as_micros()),
        1000..1_000_000 => format!("{:.2} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy_shm::{MapWriter, Writer, path_for};

    #[test]
    fn intervals_are_told_if_each_write_was_seen() {
        let of = |intervals: Vec<u64>, seen, writes| {
            let intervals = intervals.into_iter().map(Duration::from_millis).collect();
            let mut meter = Meter { writes, seen, intervals, ..Meter::default() };
            meter.intervals().map(|all| all.map(|it| it.as_millis()))
        };
        // In any order. The results are mean, median, 99th percentile and maximum.
        assert_eq!(of((1..=101).rev().collect(), 102, 102), Some([51, 51, 100, 101]));
        assert_eq!(of((1..=100).rev().collect(), 101, 101), Some([50, 51, 100, 100]));
        assert_eq!(of(vec![4, 2], 3, 3), Some([3, 4, 4, 4]));
        assert_eq!(of(vec![7], 2, 2), Some([7, 7, 7, 7]));
        assert_eq!((of(vec![], 1, 1), of(vec![7, 7], 3, 4)), (None, None));
    }

    #[test]
    fn the_next_time_begins_with_the_last_look() {
        let (last, intervals) = (Some(Instant::now()), vec![Duration::ZERO]);
        let mut meter = Meter { writes: 2, seen: 1, last, intervals, told: Some("closed".to_owned()) };
        meter.begin();
        assert_eq!((meter.last, meter.intervals.len(), meter.seen, meter.writes, meter.told), (last, 0, 0, 0, None));
    }

    #[test]
    fn times_are_short() {
        for (micros, text) in [
            (0, "0 us"),
            (999, "999 us"),
            (1000, "1.00 ms"),
            (1250, "1.25 ms"),
            (999_990, "999.99 ms"),
            (1_000_000, "1.00 s"),
            (2_500_000, "2.50 s"),
        ] {
            assert_eq!(short(Duration::from_micros(micros)), text);
        }
    }

    /// A value of 8 bytes, and a map, whose commits have no size. First 40 writes in two seconds, of which 30 were
    /// seen, then 4 that were all seen, then a single one.
    #[test]
    #[cfg_attr(miri, ignore = "creates regions")]
    fn a_report_is_of_what_was_seen() {
        let path = |name| path_for(&format!("seqcopy-test-hz-{name}-{}", std::process::id()));
        let parts = ["a", "b", "map"].map(|name| Part { path: path(name), field: None, key: None });
        let writers = [&parts[0], &parts[1]].map(|part| Writer::<u64>::create(&part.path).unwrap());
        let map = MapWriter::<u32, u32>::create(&parts[2].path, 7).unwrap();
        let mut followed = parts.each_ref().map(Followed::new);
        let times = |all: &[u64]| all.iter().map(|time| Duration::from_millis(*time)).collect();
        let meters = || {
            [
                Meter { writes: 40, seen: 30, intervals: times(&[1; 29]), ..Meter::default() },
                Meter { writes: 4, seen: 4, intervals: times(&[4, 2, 6]), ..Meter::default() },
                Meter { writes: 1, seen: 1, told: Some("closed".to_owned()), ..Meter::default() },
            ]
        };
        let mut said = |as_json| {
            let mut out = Vec::new();
            report(&mut followed, &mut meters(), Duration::from_secs(2), as_json, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let text = said(false);
        let lines: Vec<Vec<_>> = text.lines().map(|line| line.split_whitespace().skip(1).collect()).collect();
        assert_eq!(lines[1], ["20", "160", "75.0", "%", "10", "-", "-", "-", "-"], "{text}");
        assert_eq!(lines[2], ["2.0", "16", "100.0", "%", "0", "4.00", "ms", "4.00", "ms", "6.00", "ms", "6.00", "ms"]);
        assert_eq!(lines[3], ["0.5", "-", "100.0", "%", "0", "-", "-", "-", "-"]);
        assert_eq!(text.lines().nth(4), Some(&*format!("! {}: closed", parts[2].path.display())));
        let rows: Vec<Json> = said(true).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (row, (writes, rate, bytes, missed, share, told)) in rows.iter().zip([
            (40, 20.0, json!(160.0), 10, json!(0.75), Json::Null),
            (4, 2.0, json!(16.0), 0, json!(1.0), Json::Null),
            (1, 0.5, Json::Null, 0, json!(1.0), json!("closed")),
        ]) {
            assert_eq!(
                (&row["writes"], &row["seconds"], &row["missed"]),
                (&json!(writes), &json!(2.0), &json!(missed))
            );
            assert_eq!((&row["writes_per_second"], &row["bytes_per_second"]), (&json!(rate), &bytes));
            assert_eq!((&row["seen_share"], &row["told"]), (&share, &told));
        }
        let intervals = json!({ "mean": 0.004, "p50": 0.004, "p99": 0.006, "largest": 0.006 });
        let of = [0, 1, 2].map(|row| rows[row]["interval_seconds"].clone());
        assert_eq!(of, [Json::Null, intervals, Json::Null]);
        for writer in writers {
            writer.close().unwrap();
        }
        map.close().unwrap();
    }

    /// The time without a region, or until another region, is not a time between two writes.
    #[test]
    #[cfg_attr(miri, ignore = "creates regions")]
    fn the_time_of_a_replacement_is_no_interval() {
        let part =
            Part { path: path_for(&format!("seqcopy-test-hz-again-{}", std::process::id())), field: None, key: None };
        let mut writer = Writer::<u64>::create(&part.path).unwrap();
        writer.write(1).unwrap();
        let (mut followed, mut meter) = (Followed::new(&part), Meter::default());
        let mut look = |meter: &mut Meter| {
            sleep(Duration::from_millis(25));
            meter.look(&mut followed);
        };
        look(&mut meter);
        writer.write(2).unwrap();
        look(&mut meter);
        writer.close().unwrap();
        let mut writer = Writer::<u64>::create(&part.path).unwrap();
        look(&mut meter);
        assert!(meter.told.as_ref().is_some_and(|told| told.contains("replaced")), "{:?}", meter.told);
        writer.write(1).unwrap();
        look(&mut meter);
        assert_eq!((meter.writes, meter.seen, meter.intervals.len()), (2, 2, 0));
        writer.write(2).unwrap();
        look(&mut meter);
        assert_eq!((meter.writes, meter.seen, meter.intervals.len()), (3, 3, 1));
        writer.close().unwrap();
    }
}
