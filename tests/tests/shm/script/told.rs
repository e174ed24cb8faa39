//! The lines `rlisten` and `rtold`: a notifier for the reader's region.

#[cfg(target_os = "linux")]
use std::os::fd::AsFd;

#[cfg(target_os = "linux")]
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use seqcopy::Version;
use seqcopy_shm::{Newer, Region};
#[cfg(target_os = "linux")]
use seqcopy_shm::{Notifier, Registration};

#[cfg(target_os = "linux")]
use super::yes;

/// A notifier with the reader's region, the version that it has reported last, and whether it has reported that the
/// region was closed.
#[cfg(target_os = "linux")]
#[derive(Default)]
pub(super) struct Told(Option<(Notifier, Registration, Version, bool)>);

#[cfg(target_os = "linux")]
impl Told {
    pub(super) fn register(&mut self, newer: Newer<'_>, known: Version) -> String {
        let notifier = Notifier::new().expect("a descriptor");
        let registration = notifier.register(newer).expect("a thread");
        self.0 = Some((notifier, registration, known, false));
        "ok".into()
    }

    /// Whether the notifier's descriptor is readable. Where the region has something new it must become so; a notifier
    /// that forgets it gives the wrong answer after 20 seconds.
    pub(super) fn ask(&mut self, region: &Region) -> String {
        let Some((notifier, _, known, is_told_closed)) = &mut self.0 else { return "none".into() };
        let version = region.version();
        let is_newer = version != *known && version.to_bits() != 0 || region.is_closed() && !*is_told_closed;
        let time = PollTimeout::from(if is_newer { 20_000u16 } else { 0 });
        let is_told = poll(&mut [PollFd::new(notifier.as_fd(), PollFlags::POLLIN)], time).expect("a descriptor") == 1;
        if is_told {
            notifier.clear().expect("a descriptor");
            (*known, *is_told_closed) = (version, region.is_closed());
        }
        yes(is_told)
    }
}

/// Other systems have none.
#[cfg(not(target_os = "linux"))]
#[derive(Default)]
pub(super) struct Told(());

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unused_self)] // as on Linux
impl Told {
    pub(super) fn register(&mut self, _: Newer<'_>, _: Version) -> String {
        "skipped".into()
    }

    pub(super) fn ask(&mut self, _: &Region) -> String {
        "skipped".into()
    }
}
