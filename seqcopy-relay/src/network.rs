//! The session, and the keys of what is not a sample.

use std::path::Path;

use zenoh::bytes::Encoding;
use zenoh::{Config, Session, Wait};

/// What the network answers if something is wrong.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

const LIMIT: &str = "transport/link/rx/max_message_size";

/// Opens a session: by a configuration of zenoh's, or by endpoints alone, without discovery; by neither, with zenoh's
/// defaults. With one endpoint to connect to, and none to listen at, it is a client of the program there, a router or a
/// peer: a router passes nothing on between two peers. Messages of more than `longest` bytes, or of more than the
/// configuration allows, are dropped before they are put together.
///
/// # Errors
/// If the configuration is not valid, or an endpoint can't be listened at. The text begins with what was tried.
pub fn open(config: Option<&Path>, listen: &[String], connect: &[String], longest: u64) -> Result<Session, Trouble> {
    let settings = settings(config, listen, connect, longest).map_err(|error| match config {
        Some(path) => format!("configuration {}: {error}", path.display()).into(),
        None => error,
    })?;
    zenoh::open(settings).wait().map_err(|error| format!("the network can't be opened: {error}").into())
}

/// Where a session of these arguments connects to, if it is told: its endpoints, or else those of its configuration.
#[must_use]
pub fn endpoints(config: Option<&Path>, connect: &[String]) -> Vec<String> {
    let configured = || {
        let list = Config::from_file(config?).ok()?.get_json("connect/endpoints").ok()?;
        serde_json::from_str(&list).ok()
    };
    if connect.is_empty() { configured().unwrap_or_default() } else { connect.to_vec() }
}

fn settings(config: Option<&Path>, listen: &[String], connect: &[String], longest: u64) -> Result<Config, Trouble> {
    let mut settings = match config {
        Some(path) => Config::from_file(path)?,
        None => Config::default(),
    };
    for (name, endpoints) in [("listen/endpoints", listen), ("connect/endpoints", connect)] {
        if !endpoints.is_empty() {
            let list: Vec<_> = endpoints.iter().map(|endpoint| format!("{endpoint:?}")).collect();
            settings.insert_json5(name, &format!("[{}]", list.join(",")))?;
        }
    }
    limit(&mut settings, longest)?;
    if config.is_none() && !(listen.is_empty() && connect.is_empty()) {
        settings.insert_json5("scouting/multicast/enabled", "false")?;
        // The program that listens may start later, or again: zenoh's own pauses grow to four seconds.
        settings.insert_json5("connect/timeout_ms", "-1")?;
        settings.insert_json5("connect/exit_on_failure", "false")?;
        settings
            .insert_json5("connect/retry", "{ period_init_ms: 100, period_max_ms: 500, period_increase_factor: 2 }")?;
        if listen.is_empty() {
            settings.insert_json5("listen/endpoints", "[]")?;
        }
        if listen.is_empty() && connect.len() == 1 {
            settings.insert_json5("mode", "\"client\"")?;
        }
    }
    Ok(settings)
}

/// The longest message that is received, unless the configuration says less.
fn limit(settings: &mut Config, longest: u64) -> Result<(), Trouble> {
    let configured: u64 = settings.get_json(LIMIT)?.parse()?;
    settings.insert_json5(LIMIT, &configured.min(longest).to_string())
}

/// The encoding of samples: bytes, which `sample` describes.
#[must_use]
pub fn encoding() -> Encoding {
    Encoding::APPLICATION_OCTET_STREAM.with_schema("seqcopy-relay")
}

/// The key of the same content as JSON.
#[must_use]
pub fn json(key: &str) -> String {
    format!("{key}/json")
}

/// The key of the token of a life: it is there while a publisher follows a region that has a writer.
#[must_use]
pub fn token(key: &str, life: u64) -> String {
    format!("{key}/@seqcopy/{life:016x}")
}

/// The keys of all tokens.
#[must_use]
pub fn tokens(key: &str) -> String {
    format!("{key}/@seqcopy/*")
}

/// The life of a token.
#[must_use]
pub fn life(token: &str) -> Option<u64> {
    u64::from_str_radix(token.rsplit('/').next()?, 16).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_smaller_limit_holds() {
        let mut settings = zenoh::Config::default();
        for (longest, holds) in [(5000, "5000"), (9000, "5000"), (70, "70")] {
            super::limit(&mut settings, longest).unwrap();
            assert_eq!(settings.get_json(super::LIMIT).unwrap(), holds);
        }
    }

    /// A program that was told where its peers are neither looks for others nor is found by them: it has no socket for
    /// that.
    #[test]
    #[cfg(target_os = "linux")]
    fn with_endpoints_nothing_is_announced() {
        let session = super::open(None, &["tcp/127.0.0.1:0".to_owned()], &[], 1 << 20).unwrap();
        let udp = ["udp", "udp6"].map(|table| std::fs::read_to_string(format!("/proc/self/net/{table}")).unwrap());
        let sockets: Vec<&str> = udp
            .iter()
            .flat_map(|table| table.lines().skip(1))
            .filter_map(|line| line.split_whitespace().nth(9))
            .collect();
        for file in std::fs::read_dir("/proc/self/fd").unwrap() {
            let Ok(to) = std::fs::read_link(file.unwrap().path()) else { continue };
            let to = to.to_string_lossy();
            let inode = to.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
            assert!(!inode.is_some_and(|inode| sockets.contains(&inode)), "{to}");
        }
        zenoh::Wait::wait(session.close()).unwrap();
    }

    /// Endpoints alone say all; what a configuration says stays, but for endpoints that are given besides.
    #[test]
    fn endpoints_take_the_place_of_discovery_and_not_of_a_configuration() {
        let path = std::env::temp_dir().join(format!("relay-settings-{}.json5", std::process::id()));
        let text = "{ connect: { timeout_ms: 7, endpoints: [\"tcp/192.0.2.9:1\"] }, listen: { endpoints: [\"tcp/[::1]:9\"] } }";
        std::fs::write(&path, text).unwrap();
        let endpoint = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (none, one, two) = (endpoint(&[]), endpoint(&["tcp/[::1]:1"]), endpoint(&["tcp/[::1]:1", "tcp/[::1]:2"]));
        let of = |config: bool, listen: &[String], connect: &[String]| {
            let settings = super::settings(config.then_some(&*path), listen, connect, 5000).unwrap();
            let name =
                ["scouting/multicast/enabled", "connect/timeout_ms", "connect/exit_on_failure", "listen/endpoints"];
            let names = name.into_iter().chain(["connect/endpoints", "connect/retry", super::LIMIT]);
            names.map(|name| settings.get_json(name).unwrap()).collect::<Vec<_>>()
        };
        let defaults = of(false, &none, &none);
        let (lists, retry) = (
            "[\"tcp/[::1]:1\",\"tcp/[::1]:2\"]",
            "{\"period_init_ms\":100,\"period_max_ms\":500,\"period_increase_factor\":2.0}",
        );
        assert_eq!(of(false, &none, &two), ["false", "-1", "false", "[]", lists, retry, "5000"]);
        assert_eq!(of(false, &two, &none), ["false", "-1", "false", lists, &defaults[4], retry, "5000"]);
        assert_eq!(["null", "null", "null"], defaults[..3]);
        let configured = of(true, &none, &none);
        assert_eq!(configured[1..5], ["7", &defaults[2], "[\"tcp/[::1]:9\"]", "[\"tcp/192.0.2.9:1\"]"]);
        let mut both = configured.clone();
        "[\"tcp/[::1]:1\"]".clone_into(&mut both[4]);
        assert_eq!(of(true, &none, &one), both);
        let connects = |config: bool, connect: &[String]| super::endpoints(config.then_some(&*path), connect);
        assert_eq!([connects(true, &none), connects(false, &none)], [endpoint(&["tcp/192.0.2.9:1"]), none.clone()]);
        assert_eq!([connects(true, &two), connects(false, &one)], [two.clone(), one.clone()]);
        std::fs::remove_file(&path).unwrap();
        let mode = |listen: &[String], connect: &[String]| {
            super::settings(None, listen, connect, 5000).unwrap().get_json("mode").unwrap()
        };
        assert_eq!(mode(&none, &one), "\"client\"");
        for (listen, connect) in [(&none, &none), (&none, &two), (&one, &none), (&one, &one)] {
            assert_eq!(mode(listen, connect), "null", "{listen:?} {connect:?}");
        }
    }

    #[test]
    fn tokens_name_their_life() {
        let token = super::token("fleet/7/quote", 0x1234);
        assert_eq!(token, "fleet/7/quote/@seqcopy/0000000000001234");
        assert_eq!(super::life(&token), Some(0x1234));
        assert_eq!(super::life("fleet/7/quote"), None);
    }
}
