//! [`Link`]: whether the program is connected to another one, and when it reports that.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use zenoh::{Session, Wait};

use crate::status::{Show, Status};

/// How often the connection is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// After how long without a connection it is reported first.
const FIRST: Duration = Duration::from_secs(2);
/// The longest time from one report to the next.
const LONGEST: Duration = Duration::from_secs(64);

/// Watches the connection of a session that may not be open yet: the session of a client opens when it is connected.
#[derive(Debug)]
pub struct Link(Arc<OnceLock<Session>>);

impl Link {
    /// Starts a thread that reports on standard error, as `name`, when no endpoint of `connect` is reached, and when one
    /// is again. With [`Show::Json`] it tells only the status. Without endpoints it starts no thread.
    #[must_use]
    pub fn watch(name: &'static str, connect: &[String], show: Show, status: &Arc<Status>) -> Link {
        let session = Arc::new(OnceLock::<Session>::new());
        let (link, status) = (Link(Arc::clone(&session)), Arc::clone(status));
        let endpoints = connect.join(" or ");
        if endpoints.is_empty() {
            return link;
        }
        thread::spawn(move || {
            let mut words = Words::new(Instant::now());
            loop {
                thread::sleep(LOOK);
                let is_connected = session.get().is_some_and(|session| {
                    let info = session.info();
                    info.routers_zid().wait().next().is_some() || info.peers_zid().wait().next().is_some()
                });
                status.connected(is_connected);
                let said = words.say(is_connected, Instant::now());
                if let Some(said) = said.filter(|_| show != Show::Json) {
                    // Standard error may be closed.
                    let _ = writeln!(std::io::stderr(), "{name}: {said} {endpoints}");
                }
            }
        });
        link
    }

    /// This is the session.
    pub fn opened(&self, session: &Session) {
        let _ = self.0.set(session.clone());
    }
}

/// Decides when to report. A missing connection is reported after two seconds, then after twice as long each time; and
/// once more when it is there again.
#[derive(Debug)]
struct Words {
    /// When there was a connection last.
    since: Instant,
    /// After how long without one the next report is due.
    after: Duration,
}

impl Words {
    fn new(now: Instant) -> Words {
        Words { since: now, after: FIRST }
    }

    fn say(&mut self, is_connected: bool, now: Instant) -> Option<&'static str> {
        if is_connected {
            let was_said = self.after > FIRST;
            *self = Words::new(now);
            return was_said.then_some("connected to");
        }
        let missing = now.saturating_duration_since(self.since);
        if missing < self.after {
            return None;
        }
        // Once, also if this program has not run meanwhile.
        self.after = missing + missing.min(LONGEST);
        Some("not connected to")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_less_and_less_often() {
        let start = Instant::now();
        let mut words = Words::new(start);
        let mut said = |connected: std::ops::Range<u32>, seconds: std::ops::Range<u32>| -> Vec<_> {
            let at = |second| Some((second, words.say(connected.contains(&second), start + second * FIRST / 2)?));
            seconds.filter_map(at).collect()
        };
        let not = |second: u32| (second, "not connected to");
        let first = [2, 4, 8, 16, 32, 64, 128, 192, 256].map(not);
        assert_eq!(said(0..0, 0..300), first);
        assert_eq!(said(300..400, 300..402), [(300, "connected to"), not(401)]);
        assert_eq!(said(403..500, 402..415), [(403, "connected to")]);
        // A pause of a second is not reported.
        assert_eq!(said(416..500, 415..420), []);
        // After a long stop it is reported once.
        assert_eq!([said(0..0, 900..901), said(0..0, 901..960)], [vec![not(900)], vec![]]);
    }
}
