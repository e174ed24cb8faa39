//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use seqcopy_shm::Options;
use zenoh::key_expr::KeyExpr;

use crate::commands::Publish;
use crate::status::Show;
use crate::target::{Existing, Target};

/// What `--help` prints.
pub const HELP: &str = "\
Regions of shared memory on other hosts: the last value, by zenoh.

seqcopy-relay publish REGION --key KEY [--at-most PER_SECOND] [--whole SECONDS]
seqcopy-relay subscribe KEY REGION [--keep-type] [--largest BYTES] [--buffers N] [--mode OCTAL]

publish:
    --key KEY           the key on the network, such as fleet/7/quote
    --at-most N         at most N samples a second [1000]
    --whole SECONDS     send all of it every SECONDS, also if nothing has changed [5]
subscribe:
    --keep-type         refuse a publisher whose type has changed, instead of replacing the region
    --replace           take over, or replace, also what another program has written
    --largest BYTES     the most for all buffers of the region [268435456]; longer samples are not received
    --buffers N         of a new region: 1, or a power of two [2]
    --mode OCTAL        permissions of a new region [644]
both:
    --listen ENDPOINT   such as tcp/0.0.0.0:7447; can be repeated
    --connect ENDPOINT  such as tcp/192.0.2.1:7447; can be repeated
    --config FILE       a configuration of zenoh, in JSON5
    --status            a line each second on standard output
    --json              the same as JSON
";

/// What to do.
#[derive(Debug)]
pub enum Job {
    Help,
    Publish(Publish),
    Subscribe { key: String, target: Box<Target> },
}

/// A whole command line.
#[derive(Debug)]
pub struct Arguments {
    pub job: Job,
    pub listen: Vec<String>,
    pub connect: Vec<String>,
    pub config: Option<PathBuf>,
    pub show: Show,
}

/// Parses what follows the name of the program.
///
/// # Errors
/// What is wrong, for people.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, String> {
    let mut words = arguments.into_iter();
    let mut places = Vec::new();
    let (mut listen, mut connect, mut config, mut show) = (Vec::new(), Vec::new(), None, Show::Troubles);
    let (mut key, mut at_most, mut whole) = (None, 1000.0, 5.0);
    let (mut existing, mut largest, mut buffers, mut options) = (None, 1 << 28, 2, Options::new());
    let mut of = Vec::new();
    while let Some(word) = words.next() {
        let name = word.to_string_lossy().into_owned();
        if !name.starts_with('-') {
            places.push(word);
            continue;
        }
        let mut next = || words.next().ok_or(format!("{name} needs a value"));
        let text = |word: OsString| word.into_string().map_err(|_| format!("{name} is not text"));
        let number = |word: OsString| text(word)?.parse::<f64>().map_err(|_| format!("{name} is not a number"));
        // One sample in more seconds than a clock has is never sent.
        let positive = |number: f64| {
            Some(number).filter(|n| (1e-9..=1e9).contains(n)).ok_or(format!("{name}: from 1e-9 to 1e9, not {number}"))
        };
        match &name[..] {
            "--help" | "-h" => places = vec!["help".into()],
            "--listen" => listen.push(text(next()?)?),
            "--connect" => connect.push(text(next()?)?),
            "--config" => config = Some(PathBuf::from(next()?)),
            "--status" if show == Show::Troubles => show = Show::Lines,
            "--status" => {}
            "--json" => show = Show::Json,
            "--key" => key = Some(text(next()?)?),
            "--at-most" => at_most = positive(number(next()?)?)?,
            "--whole" => whole = positive(number(next()?)?)?,
            "--keep-type" | "--replace" => {
                let asked = if name == "--replace" { Existing::Any } else { Existing::KeepType };
                if existing.replace(asked).is_some_and(|before| before != asked) {
                    return Err("--keep-type and --replace contradict each other".to_owned());
                }
            }
            "--largest" => largest = text(next()?)?.parse().map_err(|_| format!("{name} is not a number of bytes"))?,
            "--buffers" => {
                let number = text(next()?)?.parse::<u32>().ok();
                let latch = number.filter(|n| n.is_power_of_two() && *n <= 1 << 16);
                buffers = latch.ok_or(format!("{name}: 1, or a power of two up to 65536"))?;
            }
            "--mode" => {
                let mode = u32::from_str_radix(&text(next()?)?, 8).ok().filter(|mode| *mode <= 0o777);
                options = options.mode(mode.ok_or(format!("{name}: octal, from 0 to 777"))?);
            }
            _ => return Err(format!("{name} is not known: see --help")),
        }
        of.push(name);
    }
    let allowed = |others: &[&str]| match of.iter().find(|name| others.contains(&&name[..])) {
        Some(name) => Err(format!("{name} belongs to the other command: see --help")),
        None => Ok(()),
    };
    let job = match &places[..] {
        [help] if help == "help" => Job::Help,
        [publish, path] if publish == "publish" => {
            allowed(&["--keep-type", "--replace", "--largest", "--buffers", "--mode"])?;
            let key = one_key(key.ok_or("--key is missing: see --help")?)?;
            let [period, whole] = [1.0 / at_most, whole].map(Duration::from_secs_f64);
            Job::Publish(Publish { path: path.into(), key, period, whole })
        }
        [subscribe, key, path] if subscribe == "subscribe" => {
            allowed(&["--key", "--at-most", "--whole"])?;
            let key = one_key(key.to_str().ok_or("the key is not text")?.to_owned())?;
            let existing = existing.unwrap_or(Existing::Own);
            let target = Target::new(path.into(), options, existing, buffers, largest);
            Job::Subscribe { key, target: Box::new(target) }
        }
        _ => return Err("publish REGION --key KEY, or subscribe KEY REGION: see --help".to_owned()),
    };
    Ok(Arguments { job, listen, connect, config, show })
}

/// A key that names one region: with wildcards it would be whichever comes first.
fn one_key(key: String) -> Result<String, String> {
    let parsed = KeyExpr::try_from(&key[..]).map_err(|why| format!("{key:?} is not a key: {why}"))?;
    if parsed.is_wild() {
        return Err(format!("{key:?} has wildcards: a key is of one region, such as fleet/7/quote"));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    /// Where nothing is asked for, what `--help` says is taken.
    #[test]
    fn lines_that_are_right() {
        let defaults = parsed("publish /dev/shm/q --key a/b").unwrap();
        let Job::Publish(publish) = &defaults.job else { panic!() };
        let period = Duration::from_millis(1);
        assert_eq!((publish.path.to_str(), publish.key.as_str()), (Some("/dev/shm/q"), "a/b"));
        assert_eq!((publish.period, publish.whole), (period, Duration::from_secs(5)));
        for (number, period, whole) in [("1e-9", 1e9, 1e-9), ("1e9", 1e-9, 1e9)] {
            let line = parsed(&format!("publish q --key a --at-most {number} --whole {number}")).unwrap();
            let Job::Publish(publish) = line.job else { panic!() };
            let shares = [publish.period.as_secs_f64() / period, publish.whole.as_secs_f64() / whole];
            assert!(shares.iter().all(|share| (share - 1.0).abs() < 1e-6), "{number}: {shares:?}");
        }
        let nothing: [&[String]; 2] = [&[], &[]];
        assert_eq!(
            ([&defaults.listen[..], &defaults.connect], defaults.config, defaults.show),
            (nothing, None, Show::Troubles)
        );
        let line = parsed(
            "publish --at-most 50 q --key a/b --listen tcp/[::1]:1 --connect c --listen d --json --status --whole 0.5 --config f",
        );
        let line = line.unwrap();
        let Job::Publish(publish) = line.job else { panic!() };
        assert_eq!((publish.period, publish.whole), (20 * period, 500 * period));
        assert_eq!(
            (&line.listen[..], &line.connect[..]),
            (&["tcp/[::1]:1".to_owned(), "d".to_owned()][..], &["c".to_owned()][..])
        );
        assert_eq!((line.config, line.show), (Some("f".into()), Show::Json));
        assert_eq!(parsed("publish q --key a --status --status").unwrap().show, Show::Lines);
        for help in ["--help", "-h", "publish x --help", "help"] {
            assert!(matches!(parsed(help).unwrap().job, Job::Help), "{help}");
        }
        let of = |line: &str| match parsed(line).unwrap().job {
            Job::Subscribe { key, target } => (key, format!("{target:?}")),
            other => panic!("{other:?}"),
        };
        let new = |options, existing, buffers, largest| {
            ("a/b".to_owned(), format!("{:?}", Target::new("q".into(), options, existing, buffers, largest)))
        };
        assert_eq!(of("subscribe a/b q"), new(Options::new(), Existing::Own, 2, 256 << 20));
        assert_eq!(of("subscribe --largest 5 a/b q --replace --replace"), new(Options::new(), Existing::Any, 2, 5));
        for (most, buffers) in [("--buffers 65536", 65536), ("--buffers 1", 1)] {
            assert_eq!(of(&format!("subscribe a/b q {most}")), new(Options::new(), Existing::Own, buffers, 256 << 20));
        }
        let most = new(Options::new().mode(0o777), Existing::Own, 2, 256 << 20);
        assert_eq!(of("subscribe a/b q --mode 777"), most);
        let asked = of("subscribe a/b q --keep-type --buffers 8 --mode 640");
        assert_eq!(asked, new(Options::new().mode(0o640), Existing::KeepType, 8, 256 << 20));
    }

    #[test]
    fn the_help_names_the_defaults() {
        let of = |line: &str| format!("{:?}", parsed(line).unwrap().job);
        let mut options = 0;
        for line in HELP.lines() {
            let Some((before, default)) = line.split_once(" [").filter(|_| line.starts_with("    --")) else {
                continue;
            };
            let option = before.split_whitespace().next().unwrap();
            let default = default.split_once(']').unwrap().0;
            let job = if matches!(option, "--at-most" | "--whole") { "publish q --key a" } else { "subscribe a q" };
            assert_eq!(of(&format!("{job} {option} {default}")), of(job), "{option}");
            options += 1;
        }
        assert_eq!(options, 5);
    }

    #[test]
    fn lines_that_are_wrong() {
        for (line, why) in [
            ("publish q", "--key is missing"),
            ("publish q --key a --at-most 0", "--at-most: from 1e-9 to 1e9, not 0"),
            ("publish q --key a --at-most 1e-20", "from 1e-9 to 1e9"),
            ("publish q --key a --at-most 9e-10", "from 1e-9 to 1e9"),
            ("publish q --key a --at-most 1.1e9", "from 1e-9 to 1e9"),
            ("publish q --key a --at-most nan", "from 1e-9 to 1e9"),
            ("publish q --key a --whole 1.1e9", "--whole: from 1e-9 to 1e9, not 1100000000"),
            ("publish q --key a --whole 9e-10", "from 1e-9 to 1e9"),
            ("publish q --key a --whole soon", "--whole is not a number"),
            ("publish q --key a --whole -1", "from 1e-9 to 1e9"),
            ("subscribe a q --largest -1", "--largest is not a number of bytes"),
            ("subscribe a q --buffers two", "--buffers: 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 0", "--buffers: 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 3", "--buffers: 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 131072", "--buffers: 1, or a power of two up to 65536"),
            ("subscribe a q --buffers 1099511627776", "--buffers: 1, or a power of two up to 65536"),
            ("subscribe a q --replace --keep-type", "contradict"),
            ("subscribe a q --whole 3", "--whole belongs to the other command"),
            ("publish q --key f/*", "has wildcards"),
            ("publish q --key f//x", "is not a key"),
            ("subscribe f/** q", "has wildcards"),
            ("subscribe a$*/b q", "has wildcards"),
            ("subscribe a q --keep-type --replace", "--keep-type and --replace contradict each other"),
            ("publish q --key a --keep-type", "--keep-type belongs to the other command"),
            ("publish q --key a --replace", "--replace belongs to the other command"),
            ("publish q --key a --largest 5", "--largest belongs to the other command"),
            ("publish q --key a --buffers 2", "--buffers belongs to the other command"),
            ("publish q --key a --mode 600", "--mode belongs to the other command"),
            ("subscribe a q --key a", "--key belongs to the other command"),
            ("subscribe a q --at-most 5", "--at-most belongs to the other command"),
            ("subscribe a q r", "subscribe KEY REGION"),
            ("publish", "publish REGION --key KEY"),
            ("", "publish REGION --key KEY"),
            ("subscribe a q --mode 9", "--mode: octal, from 0 to 777"),
            ("subscribe a q --mode 1000", "--mode: octal, from 0 to 777"),
            ("subscribe a", "subscribe KEY REGION"),
            ("subscribe a q --config", "needs a value"),
            ("subscribe a q --fast", "is not known"),
        ] {
            let found = parsed(line).unwrap_err();
            assert!(found.contains(why), "{line}: {found}");
        }
        let words = ["subscribe", "\u{e9}", "q"].map(OsString::from);
        assert!(parse(words).is_ok());
        let bytes = <OsString as std::os::unix::ffi::OsStringExt>::from_vec(vec![0xff]);
        assert_eq!(parse(["subscribe".into(), bytes.clone(), "q".into()]).unwrap_err(), "the key is not text");
        assert_eq!(parse(["publish".into(), "q".into(), "--key".into(), bytes]).unwrap_err(), "--key is not text");
    }
}
