//! [`Followed`]: reads a region again and again, and opens the next region when another one takes its place. It reports
//! such events and continues.

use std::fmt::Display;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::arguments::Part;
use super::region::{Opened, open};
use super::source::{Read, Source};

use seqcopy::Version;
use seqcopy_shm::{Region, survive_truncation, wait_any};

/// How often to check whether the region's name leads to another file. The check makes a system call for each directory
/// of the path.
const NAMES: Duration = Duration::from_millis(20);

pub(super) struct Followed<'p> {
    pub(super) part: &'p Part,
    /// `None` until there is a region, and after it has to be replaced by the next one.
    pub(super) source: Option<Source<'p>>,
    /// How often a region was opened.
    pub(super) opened: u64,
    /// Whether a map is compared with what it was before.
    has_changes: bool,
    bell: Option<Region>,
    /// The last version that was seen.
    seen: Option<u64>,
    /// Whether a newer version could not be read.
    is_failing: bool,
    /// How many versions of a region that has ended were published and not seen.
    lost: Option<u64>,
    /// The last message, so that it is not repeated.
    told: String,
    asked: Instant,
}

/// A mapped region on whose word to sleep, for writers that wake their readers. Only if this process can survive the
/// truncation of a file.
pub(super) fn bell(path: &Path) -> Option<Region> {
    survive_truncation().ok()?;
    Region::open_any(path).ok()
}

/// The result of a look.
pub(super) enum Step {
    Nothing,
    /// There is a newer version, with this number.
    Newer(u64),
    /// A message about an event of the region.
    Told(String),
}

impl<'p> Followed<'p> {
    pub(super) fn new(part: &'p Part) -> Self {
        Self::first(part, false)
    }

    /// One whose maps are compared with what they were before, so that two are in memory.
    pub(super) fn of_changes(part: &'p Part) -> Self {
        Self::first(part, true)
    }

    fn first(part: &'p Part, has_changes: bool) -> Self {
        let mut followed = Followed {
            part,
            source: None,
            opened: 0,
            has_changes,
            bell: None,
            seen: None,
            is_failing: false,
            lost: None,
            told: String::new(),
            asked: Instant::now(),
        };
        followed.open();
        // Values that were written before the first look were not missed.
        followed.seen = None;
        followed
    }

    /// Opens the region at the path, or returns why it can't be opened.
    fn open(&mut self) -> Option<String> {
        let opened = open(&self.part.path).and_then(|opened| {
            let is_compared = self.has_changes && self.part.key.is_none() && matches!(opened, Opened::Map(_));
            Source::of(self.part, opened, if is_compared { 2 } else { 1 })
        });
        self.asked = Instant::now();
        match opened {
            Ok(source) => {
                self.bell = bell(&self.part.path);
                // All of it is new.
                (self.source, self.seen, self.is_failing) = (Some(source), Some(0), false);
                self.opened += 1;
                None
            }
            Err(failure) => failure.below(&self.part.path),
        }
    }

    /// A message, unless it is the same as the last one.
    pub(super) fn tell(&mut self, what: impl Display) -> Step {
        let what = what.to_string();
        if what == self.told {
            return Step::Nothing;
        }
        self.told.clone_from(&what);
        Step::Told(what)
    }

    pub(super) fn look(&mut self) -> Step {
        let Some(source) = &self.source else {
            if self.asked.elapsed() < NAMES && !self.told.is_empty() {
                return Step::Nothing;
            }
            let before = std::mem::take(&mut self.told);
            let is_again = !before.is_empty();
            return match self.open() {
                Some(why) => {
                    self.told = before;
                    self.tell(why)
                }
                None if is_again => self.tell(format_args!("opened: {}", self.title())),
                None => Step::Nothing,
            };
        };
        let is_due = self.asked.elapsed() >= NAMES;
        // A mapped region needs no system call.
        if !is_due && self.bell.as_ref().is_some_and(|bell| Some(bell.version().to_bits()) == self.seen) {
            return Step::Nothing;
        }
        let published = source.opened.published();
        let newer = published.as_ref().ok().copied().filter(|number| *number != 0 && Some(*number) != self.seen);
        match newer {
            // If reading fails it is tried again, because the region may have ended meanwhile.
            Some(number) if !(is_due && self.is_failing) => return Step::Newer(number),
            _ => {}
        }
        if is_due {
            self.asked = Instant::now();
            let region = source.opened.region();
            let is_closed = region.is_closed().is_ok_and(|is_closed| is_closed);
            if region.is_removed() && open(&self.part.path).is_ok() {
                self.lose();
                (self.source, self.bell) = (None, None);
                if self.open().is_none() {
                    return self.tell(format_args!("replaced: {}", self.title()));
                }
                return Step::Nothing;
            }
            if is_closed {
                return self.tell("closed");
            }
        }
        match (published, newer) {
            (Err(error), _) => self.tell(error),
            (_, Some(number)) => Step::Newer(number),
            _ => Step::Nothing,
        }
    }

    /// Versions that were published and not seen are lost. A region that is closed has no count any more.
    fn lose(&mut self) {
        let published = self.source.as_ref().and_then(|source| source.opened.published().ok());
        let newest = published.filter(|number| *number != 0);
        self.lost = newest.zip(self.seen).map(|(number, seen)| number.saturating_sub(seen));
    }

    /// How many versions of the last region were not seen. `None` if that is not known, or was already returned.
    pub(super) fn lost(&mut self) -> Option<u64> {
        self.lost.take()
    }

    /// Notes that the newer version could not be read.
    pub(super) fn failed(&mut self) {
        self.is_failing = true;
    }

    fn title(&self) -> String {
        self.source.as_ref().map_or(String::new(), Source::title)
    }

    /// How many of the values that were published since the last look still exist.
    pub(super) fn kept(&self) -> u64 {
        self.source.as_ref().map_or(1, Source::kept)
    }

    /// The earliest value that was not seen and still exists. If a writer has overwritten it meanwhile, a value from
    /// the middle of the existing ones, so that a fast or hostile writer does not keep this program busy. The newest
    /// value is read by its number, too, because there may be a newer one by now.
    pub(super) fn earliest(&self, newest: u64) -> Option<Read> {
        let (source, seen) = (self.source.as_ref()?, self.seen?);
        let kept = |newest: u64, part: u64| newest.saturating_sub(source.kept() / part).max(seen).saturating_add(1);
        let read = |number: u64, newest: u64| (number <= newest).then(|| source.read_of(number)).flatten();
        read(kept(newest, 1), newest).or_else(|| {
            let newest = source.opened.published().ok()?;
            read(kept(newest, 2), newest)
        })
    }

    pub(super) fn has_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// How many versions between the last seen one and this one were not seen.
    pub(super) fn missed(&self, number: u64) -> u64 {
        self.seen.map_or(0, |seen| number.wrapping_sub(seen).wrapping_sub(1).min(number))
    }

    /// Notes that a version was seen. Returns how many were not seen since the last one. The last message may be
    /// repeated afterwards.
    pub(super) fn took(&mut self, number: u64) -> u64 {
        let missed = self.missed(number);
        (self.seen, self.told, self.is_failing) = (Some(number), String::new(), false);
        missed
    }
}

/// Sleeps for at most this time, until one of the regions has a newer version and its writer wakes its readers.
pub(super) fn rest<'f>(mut followed: impl Iterator<Item = &'f Followed<'f>> + Clone, most: Duration) {
    let known = |seen: Option<u64>| Version::from_bits(seen.unwrap_or(0));
    let bells = followed.clone().map(|it| Some(it.bell.as_ref()?.newer_than(known(it.seen))));
    let bells = bells.collect::<Option<Vec<_>>>().unwrap_or_default();
    if bells.is_empty() {
        sleep(most);
    } else {
        // A closed region counts as newer, and nothing more will come.
        let began = Instant::now();
        if wait_any(&bells, most).is_some() && followed.any(|it| !it.told.is_empty()) {
            sleep(most.saturating_sub(began.elapsed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy_shm::{Options, Writer, path_for};

    #[test]
    #[cfg_attr(miri, ignore = "creates regions")]
    fn what_is_written_during_a_look_does_not_hide_what_was_found() {
        let path = path_for(&format!("seqcopy-test-follow-{}", std::process::id()));
        let mut writer = Options::new().buffers(8).create::<u64>(&path).unwrap();
        let part = Part { path, field: None, key: None };
        let mut followed = Followed::new(&part);
        for value in 1..=3 {
            writer.write(value).unwrap();
        }
        followed.seen = Some(2);
        let Step::Newer(newest) = followed.look() else { panic!("there is a newer one") };
        writer.write(4).unwrap();
        assert_eq!((newest, followed.earliest(newest).unwrap().number()), (3, 3));
        followed.took(3);
        assert_eq!(followed.earliest(newest).unwrap().number(), 4);
        writer.close().unwrap();
    }

    /// Each event is reported once, in the order of the events. `asked` is set back instead of waiting.
    #[test]
    #[cfg_attr(miri, ignore = "creates regions")]
    #[cfg_attr(windows, ignore = "removes a file that is mapped")]
    fn what_happens_to_a_region_is_told_once() {
        let path = path_for(&format!("seqcopy-test-follow-life-{}", std::process::id()));
        let part = Part { path: path.clone(), field: None, key: None };
        let mut followed = Followed::new(&part);
        let look = |followed: &mut Followed<'_>| {
            followed.asked = Instant::now().checked_sub(NAMES).unwrap();
            match followed.look() {
                Step::Nothing => "nothing".to_owned(),
                Step::Newer(number) => {
                    format!("{number}, {} missed", followed.took(number))
                }
                Step::Told(what) => what,
            }
        };
        assert!(look(&mut followed).contains("cannot open it"));
        assert_eq!((look(&mut followed), followed.lost()), ("nothing".to_owned(), None));
        // The name is not checked again so soon.
        followed.asked = Instant::now();
        let mut writer = Options::new().buffers(8).create::<u64>(&path).unwrap();
        assert!(matches!(followed.look(), Step::Nothing));
        assert_eq!(look(&mut followed), "opened: u64");
        assert_eq!(look(&mut followed), "nothing");
        (1..=3).for_each(|value| writer.write(value).unwrap());
        assert_eq!([(); 2].map(|()| look(&mut followed)), ["3, 2 missed", "nothing"]);
        // Reading a newer version is tried again, and then the end of the region is seen.
        writer.write(4).unwrap();
        assert!(matches!(followed.look(), Step::Newer(4)));
        followed.failed();
        assert!(matches!(followed.look(), Step::Newer(4)));
        writer.write(5).unwrap();
        // The name leads to another region. Versions that were not seen are lost, and all of the new region is new.
        std::fs::remove_file(&path).unwrap();
        let mut next = Writer::<u32>::create(&path).unwrap();
        next.write(7).unwrap();
        assert_eq!(look(&mut followed), "replaced: u32");
        assert_eq!((followed.lost(), followed.lost()), (Some(2), None));
        assert_eq!([(); 2].map(|()| look(&mut followed)), ["1, 0 missed", "nothing"]);
        next.close().unwrap();
        assert_eq!([(); 2].map(|()| look(&mut followed)), ["closed", "nothing"]);
        drop(writer);
    }
}
