//! [`Status`]: what was done, counted; a line each second for people or for programs.

use std::fmt::Display;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// How the state is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Only troubles.
    Troubles,
    /// A line each second.
    Lines,
    /// The status as JSON.
    Json,
}

/// Which of several reasons is shown: the greatest, of these the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A message that only follows from another one.
    Follows,
    /// Something that others sent, which may be anyone.
    Theirs,
    /// Something here.
    Ours,
}

/// Counters of a publisher or a subscriber.
#[derive(Debug, Default)]
pub struct Status {
    /// Values or generations that were read; samples that came.
    pub seen: AtomicU64,
    /// Samples that were sent; that were written.
    pub passed: AtomicU64,
    /// Samples that were dropped, or could not be sent.
    pub lost: AtomicU64,
    connected: Mutex<Option<bool>>,
    newest: Mutex<Option<(Instant, Duration)>>,
    trouble: Mutex<Option<(Weight, String, u64)>>,
}

/// Three digits.
#[allow(clippy::cast_precision_loss)]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A message without the places in zenoh's source that its errors name: ` at /path/file.rs:12.`
#[must_use]
pub fn plain(text: &str) -> String {
    let mut parts = text.split(".rs:");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let place = plain.rfind(" at ").filter(|at| rest.len() < part.len() && !plain[at + 4..].contains(' '));
        match place {
            Some(at) => {
                plain.truncate(at);
                plain.push_str(rest.strip_prefix('.').unwrap_or(rest));
            }
            None => plain.extend([".rs:", part]),
        }
    }
    plain
}

/// When it was counted, and what.
type Counted = (Instant, [u64; 3]);

/// What was counted since the last call, and how long that is.
fn since(before: &mut Counted, now: Counted) -> (Duration, [u64; 3]) {
    let last = std::mem::replace(before, now);
    (now.0 - last.0, [0, 1, 2].map(|which| now.1[which] - last.1[which]))
}

impl Status {
    /// Something was passed on that was so old then.
    pub fn pass(&self, age: Duration) {
        self.passed.fetch_add(1, Relaxed);
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), age));
    }

    /// Whether the session reaches an endpoint that it connects to. Never called if it connects to none.
    pub fn connected(&self, is_connected: bool) {
        *self.connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(is_connected);
    }

    /// Something was not passed on, and why. Of each second one reason is shown, with how many there were.
    pub fn dropped(&self, weight: Weight, why: &impl Display) {
        self.lost.fetch_add(1, Relaxed);
        self.trouble(weight, why);
    }

    /// Why nothing is passed on.
    pub fn trouble(&self, weight: Weight, why: &impl Display) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let (heaviest, text, count) = trouble.get_or_insert_with(|| (weight, String::new(), 0));
        *count += 1;
        if weight >= *heaviest {
            (*heaviest, *text) = (weight, plain(&why.to_string()));
        }
    }

    /// The reason that is shown, and how many there were since the last call.
    pub fn take_trouble(&self) -> Option<(String, u64)> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        trouble.map(|(_, why, count)| (why, count))
    }

    /// Shows troubles, and the state if it is asked for, once a second from another thread.
    pub fn show(self: &Arc<Self>, name: &'static str, show: Show) {
        let status = Arc::clone(self);
        thread::spawn(move || {
            let mut before = (Instant::now(), [0; 3]);
            loop {
                thread::sleep(Duration::from_secs(1));
                let (line, trouble) = status.lines(name, show, &mut before, Instant::now());
                // Standard output may be closed: what is passed on matters more.
                if let Some(line) = line {
                    let _ = writeln!(std::io::stdout(), "{line}");
                }
                if let Some(line) = trouble {
                    let _ = writeln!(std::io::stderr(), "{line}");
                }
            }
        });
    }

    /// What is shown of the time since `before`: on standard output, and on standard error.
    fn lines(&self, name: &str, show: Show, before: &mut Counted, now: Instant) -> (Option<String>, Option<String>) {
        let counts = [&self.seen, &self.passed, &self.lost].map(|count| count.load(Relaxed));
        let (time, [seen, passed, dropped]) = since(before, (now, counts));
        let [seen, passed] = [seen, passed].map(|count| rate(count, time));
        let newest = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let age = newest.map(|(since, age)| now.saturating_duration_since(since) + age);
        let trouble = self.take_trouble();
        let age_text = age.map_or("-".to_owned(), |age| format!("{:.3}", age.as_secs_f64()));
        let line = match show {
            Show::Troubles => None,
            Show::Lines => {
                Some(format!("{name}: in {seen:.0}/s, out {passed:.0}/s, dropped {dropped}, age {age_text} s"))
            }
            Show::Json => {
                let connected = *self.connected.lock().unwrap_or_else(PoisonError::into_inner);
                let connected = connected.map_or("null".to_owned(), |is_connected| is_connected.to_string());
                let age = if age.is_some() { age_text } else { "null".to_owned() };
                let why = trouble.as_ref().map_or("null".to_owned(), |(why, _)| Json::from(why.as_str()).to_string());
                Some(format!(
                    "{{\"connected\":{connected},\"in_per_second\":{seen:.1},\"out_per_second\":{passed:.1},\"dropped\":{dropped},\
                     \"age_seconds\":{age},\"trouble\":{why}}}"
                ))
            }
        };
        let trouble = trouble.filter(|_| show != Show::Json).map(|(why, count)| {
            let why = why.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"");
            if count == 1 { format!("{name}: {why}") } else { format!("{name}: {why} ({count} times)") }
        });
        (line, trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Instant, Relaxed, Show, Status, Weight, since};

    #[test]
    fn a_reason_that_follows_hides_no_other() {
        let status = Status::default();
        let shown = |reasons: &[(Weight, &str)]| {
            for (weight, why) in reasons {
                status.dropped(*weight, why);
            }
            status.take_trouble()
        };
        let (follows, theirs, ours) =
            ((Weight::Follows, "incomplete"), (Weight::Theirs, "junk"), (Weight::Ours, "no space"));
        assert_eq!(shown(&[follows, follows]), Some(("incomplete".to_owned(), 2)));
        assert_eq!(shown(&[follows, ours, theirs, follows]), Some(("no space".to_owned(), 4)));
        assert_eq!(shown(&[theirs, (Weight::Theirs, "older"), follows]), Some(("older".to_owned(), 3)));
        assert_eq!(shown(&[]), None);
    }

    #[test]
    fn what_is_shown_was_counted_since_the_last_line() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut before = (start, [0; 3]);
        let shown = [(1, [10, 5, 1]), (2, [30, 6, 1]), (5, [30, 6, 4])]
            .map(|(seconds, counts)| since(&mut before, (start + seconds * second, counts)));
        assert_eq!(shown, [(second, [10, 5, 1]), (second, [20, 1, 0]), (3 * second, [0, 0, 3])]);
    }

    #[test]
    fn a_reason_names_no_source_of_zenoh() {
        let status = Status::default();
        status.trouble(Weight::Ours, &"closed at /a/zenoh-1.10.2/src/b.rs:7.");
        assert_eq!(status.take_trouble(), Some(("closed".to_owned(), 1)));
    }

    #[test]
    fn places_in_sources_are_left_out() {
        for (text, plain) in [
            ("no port at /a-1.2/src/lib.rs:62.", "no port"),
            ("bound: [busy at /a/b.rs:6.] at C:\\c\\d.rs:338.", "bound: [busy]"),
            ("a file at /x y/z.rs:1.", "a file at /x y/z.rs:1."),
            ("meet at noon.rs:", "meet at noon.rs:"),
            ("src/lib.rs:3 and that is all", "src/lib.rs:3 and that is all"),
            ("", ""),
        ] {
            assert_eq!(super::plain(text), plain);
        }
    }

    /// What came, what was passed on, and why the rest was not, before anything came and after it.
    #[test]
    fn lines_are_as_they_were() {
        let (start, half) = (Instant::now(), Duration::from_millis(500));
        let line = |show, with_trouble: bool| {
            let status = Status::default();
            let mut before = (start, [0; 3]);
            let first = status.lines("publish", show, &mut before, start + half);
            status.seen.store(30, Relaxed);
            if with_trouble {
                status.connected(true);
                status.pass(Duration::from_millis(250));
                status.dropped(Weight::Ours, &"no \"space\"\u{1b} on 'disk'");
                status.trouble(Weight::Theirs, &"junk");
            }
            let newest = status.newest.lock().unwrap().map_or(start, |(at, _)| at);
            // A second is shown, however long this has taken.
            before.0 = newest + half;
            (first, status.lines("publish", show, &mut before, newest + 3 * half))
        };
        let some = |text: &str| Some(text.to_owned());
        let why = || some("publish: no \"space\"\\u{1b} on 'disk' (2 times)");
        assert_eq!(line(Show::Troubles, false), ((None, None), (None, None)));
        assert_eq!(line(Show::Troubles, true).1, (None, why()));
        let (first, second) = line(Show::Lines, false);
        assert_eq!(first, (some("publish: in 0/s, out 0/s, dropped 0, age - s"), None));
        assert_eq!(second, (some("publish: in 30/s, out 0/s, dropped 0, age - s"), None));
        assert_eq!(line(Show::Lines, true).1, (some("publish: in 30/s, out 1/s, dropped 1, age 1.750 s"), why()));
        let (first, second) = line(Show::Json, true);
        let of_nothing = r#"{"connected":null,"in_per_second":0.0,"out_per_second":0.0,"dropped":0,"age_seconds":null,"trouble":null}"#;
        assert_eq!(first, (some(of_nothing), None));
        let (json, told) = (second.0.unwrap(), second.1);
        let why = r#""dropped":1,"age_seconds":1.750,"trouble":"no \"space\"\u001b on 'disk'"}"#;
        assert!(
            json.starts_with(r#"{"connected":true,"in_per_second":30.0,"out_per_second":1.0,"#) && json.ends_with(why),
            "{json}"
        );
        assert_eq!(told, None);
    }
}
