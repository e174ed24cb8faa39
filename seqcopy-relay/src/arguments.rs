//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand};
use seqcopy_shm::Options;
use zenoh::config::EndPoint;
use zenoh::key_expr::KeyExpr;
use zenoh::qos::{CongestionControl, Priority};

use crate::format::Format;
use crate::publish::Publish;
use crate::status::Show;
use crate::target::{Existing, Target};

/// Keeps regions of shared memory up to date on other hosts: the last value, or a map, by zenoh
#[derive(Debug, Parser)]
#[command(name = "seqcopy-relay", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub job: Job,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Job {
    /// Follow a region of this host, send its newest value, and answer queries
    Publish {
        #[command(flatten)]
        publish: PublishArguments,
        #[command(flatten)]
        network: Network,
    },
    /// Keep a region of this host as new as that of a publisher
    Subscribe {
        #[command(flatten)]
        subscribe: SubscribeArguments,
        #[command(flatten)]
        network: Network,
    },
}

#[derive(Debug, Args)]
pub struct PublishArguments {
    /// The file of the region, such as /dev/shm/quote
    region: PathBuf,
    /// The key on the network, such as fleet/7/quote; KEY/json has the same as JSON
    #[arg(long, value_parser = one_key)]
    key: String,
    /// The most samples a second
    #[arg(long, value_name = "PER_SECOND", default_value = "1000", value_parser = positive)]
    at_most: f64,
    /// How often all of it is sent, also if nothing has changed
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = positive)]
    whole: f64,
    /// The format of samples. Give 1 while some subscribers are older and cannot read 2
    #[arg(long, default_value = "2", value_parser = PossibleValuesParser::new(["1", "2"]).map(format))]
    format: Format,
    /// What the network does first
    #[arg(long, default_value = "data", value_parser = PossibleValuesParser::new(PRIORITIES.map(|(name, _)| name)).map(priority))]
    priority: Priority,
    /// Whether a sample that the network has no space for is dropped, or delays those after it
    #[arg(long, default_value = "drop", value_parser = PossibleValuesParser::new(["drop", "block"]).map(congestion))]
    congestion: CongestionControl,
    /// Let the network put several samples into one packet, which takes longer
    #[arg(long = "no-express", action = ArgAction::SetFalse)]
    express: bool,
}

#[derive(Debug, Args)]
pub struct SubscribeArguments {
    /// The key on the network
    #[arg(value_parser = one_key)]
    key: String,
    /// The file of the region, which need not exist
    region: PathBuf,
    /// Refuse a publisher whose type has changed, instead of replacing the region
    #[arg(long, conflicts_with = "replace")]
    keep_type: bool,
    /// Take over, or replace, also what another program has written
    #[arg(long)]
    replace: bool,
    /// The most for all buffers of the region; longer samples are not received
    #[arg(long, value_name = "BYTES", default_value = "268435456")]
    largest: u64,
    /// Buffers of a new region: 1, or a power of two
    #[arg(long, value_name = "N", default_value = "2", value_parser = buffers)]
    buffers: u32,
    /// Permissions of a new region
    #[arg(long, value_name = "OCTAL", default_value = "644", value_parser = mode)]
    mode: u32,
}

#[derive(Debug, Args)]
pub struct Network {
    /// Such as tcp/0.0.0.0:7447; can be repeated
    #[arg(long, value_name = "ENDPOINT", value_parser = endpoint)]
    pub listen: Vec<String>,
    /// Such as tcp/192.0.2.1:7447; can be repeated
    #[arg(long, value_name = "ENDPOINT", value_parser = endpoint)]
    pub connect: Vec<String>,
    /// A configuration of zenoh, in JSON5
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print a line each second
    #[arg(long)]
    status: bool,
    /// Print the same as JSON
    #[arg(long)]
    json: bool,
}

impl Network {
    /// How the state is shown.
    #[must_use]
    pub fn show(&self) -> Show {
        match self {
            Network { json: true, .. } => Show::Json,
            Network { status: true, .. } => Show::Lines,
            _ => Show::Troubles,
        }
    }
}

impl PublishArguments {
    #[must_use]
    pub fn options(self) -> Publish {
        let [period, whole] = [1.0 / self.at_most, self.whole].map(Duration::from_secs_f64);
        Publish {
            path: self.region,
            key: self.key,
            format: self.format,
            period,
            whole,
            congestion: self.congestion,
            priority: self.priority,
            is_express: self.express,
        }
    }
}

impl SubscribeArguments {
    /// The key, and what is written.
    #[must_use]
    pub fn target(self) -> (String, Target) {
        let existing = match self {
            SubscribeArguments { keep_type: true, .. } => Existing::KeepType,
            SubscribeArguments { replace: true, .. } => Existing::Any,
            _ => Existing::Own,
        };
        let options = Options::new().mode(self.mode);
        (self.key, Target::new(self.region, options, existing, self.buffers, self.largest))
    }
}

/// Parses a whole command line, of which the first is the name of the program.
///
/// # Errors
/// What is wrong, or the help that was asked for.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(arguments)
}

const PRIORITIES: [(&str, Priority); 7] = [
    ("real-time", Priority::RealTime),
    ("interactive-high", Priority::InteractiveHigh),
    ("interactive-low", Priority::InteractiveLow),
    ("data-high", Priority::DataHigh),
    ("data", Priority::Data),
    ("data-low", Priority::DataLow),
    ("background", Priority::Background),
];

#[allow(clippy::needless_pass_by_value)] // so clap has it
fn priority(word: String) -> Priority {
    PRIORITIES.iter().find(|(name, _)| *name == word).map_or(Priority::Data, |(_, priority)| *priority)
}

#[allow(clippy::needless_pass_by_value)] // as above
fn format(word: String) -> Format {
    if word == "1" { Format::One } else { Format::Two }
}

#[allow(clippy::needless_pass_by_value)] // as above
fn congestion(word: String) -> CongestionControl {
    if word == "block" { CongestionControl::Block } else { CongestionControl::Drop }
}

/// A number that is a time in seconds, or how often a second. One sample in more seconds than a clock has is never
/// sent.
fn positive(word: &str) -> Result<f64, String> {
    let number = word.parse::<f64>().map_err(|_| "not a number".to_owned())?;
    Some(number).filter(|number| (1e-9..=1e9).contains(number)).ok_or("expected a number from 1e-9 to 1e9".to_owned())
}

fn buffers(word: &str) -> Result<u32, String> {
    let number = word.parse::<u32>().ok();
    let latch = number.filter(|number| number.is_power_of_two() && *number <= 1 << 16);
    latch.ok_or("expected 1, or a power of two up to 65536".to_owned())
}

fn mode(word: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(word, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or("expected an octal number from 0 to 777".to_owned())
}

/// An endpoint of a transport that this program has: zenoh tries others again and again.
fn endpoint(word: &str) -> Result<String, String> {
    let parsed = word.parse::<EndPoint>().map_err(|_| "expected an endpoint such as tcp/192.0.2.1:7447".to_owned())?;
    match parsed.protocol().as_str() {
        "tcp" => Ok(word.to_owned()),
        "tls" if cfg!(feature = "tls") => Ok(word.to_owned()),
        "quic" if cfg!(feature = "quic") => Ok(word.to_owned()),
        name @ ("tls" | "quic") => {
            Err(format!("this program was built without {name}: build it with `--features {name}`"))
        }
        name => Err(format!("{name} is not one of tcp, tls and quic")),
    }
}

/// A key that names one region: with wildcards it would be whichever comes first.
fn one_key(key: &str) -> Result<String, String> {
    let parsed = KeyExpr::try_from(key).map_err(|why| format!("not a key: {why}"))?;
    if parsed.is_wild() {
        return Err("it has wildcards: a key is of one region, such as fleet/7/quote".to_owned());
    }
    Ok(key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Job, String> {
        let words = std::iter::once("seqcopy-relay").chain(line.split_whitespace());
        parse(words.map(OsString::from)).map(|arguments| arguments.job).map_err(|error| error.to_string())
    }

    fn publish(line: &str) -> (Publish, Network) {
        match parsed(&format!("publish q --key a/b {line}")) {
            Ok(Job::Publish { publish, network }) => (publish.options(), network),
            other => panic!("{line}: {other:?}"),
        }
    }

    fn subscribe(line: &str) -> (String, String) {
        match parsed(&format!("subscribe a/b q {line}")) {
            Ok(Job::Subscribe { subscribe, .. }) => {
                let (key, target) = subscribe.target();
                (key, format!("{target:?}"))
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn clap_finds_no_contradiction() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn lines_that_publish() {
        let (plain, network) = publish("");
        assert_eq!((plain.path.to_str(), plain.key.as_str()), (Some("q"), "a/b"));
        assert_eq!((plain.period, plain.whole), (Duration::from_millis(1), Duration::from_secs(5)));
        assert_eq!((plain.congestion, plain.priority), (CongestionControl::Drop, Priority::Data));
        let format = |words: &str| publish(words).0.format;
        assert_eq!([format(""), format("--format 1"), format("--format 2")], [Format::Two, Format::One, Format::Two]);
        assert!(plain.is_express && network.listen.is_empty() && network.connect.is_empty());
        assert_eq!((network.config.as_deref(), network.show()), (None, Show::Troubles));
        for (number, period, whole) in [("1e-9", 1e9, 1e-9), ("1e9", 1e-9, 1e9)] {
            let (publish, _) = publish(&format!("--at-most {number} --whole {number}"));
            let shares = [publish.period.as_secs_f64() / period, publish.whole.as_secs_f64() / whole];
            assert!(shares.iter().all(|share| (share - 1.0).abs() < 1e-6), "{number}: {shares:?}");
        }
        for (name, priority) in PRIORITIES {
            assert_eq!(publish(&format!("--priority {name}")).0.priority, priority);
        }
        let (other, network) = publish(
            "--at-most 50 --whole 0.5 --congestion block --no-express --listen tcp/[::1]:1 --connect tcp/c:3 --listen tcp/d:4 \
             --config f --status --json",
        );
        assert_eq!((other.period, other.whole), (Duration::from_millis(20), Duration::from_millis(500)));
        assert_eq!((other.congestion, other.is_express), (CongestionControl::Block, false));
        assert_eq!(
            (network.listen.join(" "), network.connect.join(" ")),
            ("tcp/[::1]:1 tcp/d:4".to_owned(), "tcp/c:3".to_owned())
        );
        assert_eq!((network.config.as_ref(), network.show()), (Some(&PathBuf::from("f")), Show::Json));
        assert_eq!(publish("--status").1.show(), Show::Lines);
    }

    #[test]
    fn transports_are_those_of_this_program() {
        for (name, is_there) in [("tls", cfg!(feature = "tls")), ("quic", cfg!(feature = "quic"))] {
            let found = parsed(&format!("publish q --key a --connect {name}/h:1"));
            let why = format!("this program was built without {name}: build it with `--features {name}`");
            assert!(found.map_or_else(|found| !is_there && found.contains(&why), |_| is_there), "{name}");
        }
    }

    #[test]
    fn lines_that_subscribe() {
        let new = |mode, existing, buffers, largest| {
            let options = Options::new().mode(mode);
            ("a/b".to_owned(), format!("{:?}", Target::new("q".into(), options, existing, buffers, largest)))
        };
        assert_eq!(subscribe(""), new(0o644, Existing::Own, 2, 256 << 20));
        assert_eq!(subscribe("--largest 5 --replace"), new(0o644, Existing::Any, 2, 5));
        for (line, buffers) in [("--buffers 65536", 65536), ("--buffers 1", 1)] {
            assert_eq!(subscribe(line), new(0o644, Existing::Own, buffers, 256 << 20));
        }
        assert_eq!(subscribe("--mode 777"), new(0o777, Existing::Own, 2, 256 << 20));
        assert_eq!(subscribe("--keep-type --buffers 8 --mode 640"), new(0o640, Existing::KeepType, 8, 256 << 20));
    }

    #[test]
    fn lines_that_are_wrong() {
        for (line, why) in [
            ("publish q", "--key <KEY>"),
            ("publish q --key a --at-most 0", "expected a number from 1e-9 to 1e9"),
            ("publish q --key a --at-most 9e-10", "from 1e-9 to 1e9"),
            ("publish q --key a --at-most 1.1e9", "from 1e-9 to 1e9"),
            ("publish q --key a --at-most nan", "from 1e-9 to 1e9"),
            ("publish q --key a --whole 1.1e9", "'--whole <SECONDS>': expected a number from 1e-9 to 1e9"),
            ("publish q --key a --whole soon", "not a number"),
            ("publish q --key a --priority first", "[possible values: real-time, interactive-high"),
            ("publish q --key a --format 3", "[possible values: 1, 2]"),
            ("publish q --key a --congestion wait", "[possible values: drop, block]"),
            ("subscribe a q --buffers two", "expected 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 0", "expected 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 3", "expected 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 131072", "expected 1, or a power of two up to 65536"),
            ("subscribe a q --replace --keep-type", "cannot be used with"),
            ("publish q --key a --connect 192.0.2.1:7447", "expected an endpoint such as tcp/192.0.2.1:7447"),
            ("publish q --key a --listen tcp", "expected an endpoint such as"),
            ("publish q --key a --listen udp/[::]:1", "udp is not one of tcp, tls and quic"),
            ("publish q --key f/*", "has wildcards"),
            ("publish q --key f//x", "not a key"),
            ("subscribe f/** q", "has wildcards"),
            ("subscribe a$*/b q", "has wildcards"),
            ("subscribe a q --whole 3", "unexpected argument '--whole'"),
            ("publish q --key a --keep-type", "unexpected argument '--keep-type'"),
            ("subscribe a q --mode 9", "expected an octal number from 0 to 777"),
            ("subscribe a q --mode 1000", "expected an octal number from 0 to 777"),
        ] {
            let found = parsed(line).unwrap_err();
            assert!(found.contains(why), "{line}: {found}");
        }
    }
}
