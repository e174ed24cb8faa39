//! The command line that the benches share.

use std::fmt::Display;
use std::process::exit;

const USAGE: &str = "\
--table          tab-separated lines, nothing else on stdout
--rounds N       samples of each measurement (also BENCH_ROUNDS)
--filter SUBSTR  only lines that contain it; a line is operation/shape/bytes/implementation
                 (several, separated by commas: all of them)";

/// The parsed command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args {
    /// Tab-separated instead of aligned.
    pub table: bool,
    /// Samples per measurement.
    pub rounds: usize,
    /// Substrings that a line must contain.
    pub filters: Vec<String>,
    /// Started by `cargo test`: run once, to show that it works.
    pub smoke: bool,
}

impl Args {
    /// The arguments of this process; exits with a message if they are invalid.
    #[must_use]
    pub fn of_process(rounds: usize) -> Self {
        let from_env = std::env::var("BENCH_ROUNDS").ok();
        match Self::parse(std::env::args().skip(1), from_env.as_deref(), rounds) {
            Ok(args) => args,
            Err(message) => {
                eprintln!("{message}\n\n{USAGE}");
                exit(2)
            }
        }
    }

    fn parse(words: impl Iterator<Item = String>, env: Option<&str>, rounds: usize) -> Result<Self, String> {
        let mut args = Args { table: false, rounds, filters: Vec::new(), smoke: true };
        if let Some(text) = env {
            args.rounds = number("BENCH_ROUNDS", text)?;
        }
        let mut words = words.peekable();
        let mut rounds_given = false;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--table" => args.table = true,
                "--rounds" => {
                    args.rounds = number("--rounds", &value()?)?;
                    rounds_given = true;
                }
                "--filter" => args.filters.extend(value()?.split(',').map(str::to_owned)),
                // Only `cargo bench` adds it.
                "--bench" => args.smoke = false,
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        if args.smoke && !rounds_given {
            args.rounds = 1;
        }
        Ok(args)
    }

    /// Whether a line is wanted.
    #[must_use]
    pub fn wants(&self, line: &str) -> bool {
        self.filters.iter().all(|filter| line.contains(filter.as_str()))
    }
}

fn number(what: impl Display, text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("{what} needs a number above 0, not {text:?}")),
        Ok(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str, env: Option<&str>) -> Result<Args, String> {
        Args::parse(line.split_whitespace().map(str::to_owned), env, 31)
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_default() {
        assert_eq!(parse("--bench", None).unwrap().rounds, 31);
        assert_eq!(parse("--bench", Some("5")).unwrap().rounds, 5);
        assert_eq!(parse("--bench --rounds 7", Some("5")).unwrap().rounds, 7);
    }

    #[test]
    fn cargo_test_runs_one_round() {
        assert_eq!(parse("", None).unwrap().rounds, 1);
        assert!(!parse("--bench", None).unwrap().smoke);
    }

    #[test]
    fn every_filter_must_match() {
        let args = parse("--bench --filter read/,dense", None).unwrap();
        assert!(args.wants("read/dense/8/seqlock"));
        assert!(!args.wants("read_contended/dense/8/seqlock"));
        assert!(!args.wants("read/enum/24/seqlock"));
    }

    #[test]
    fn invalid_arguments_are_rejected() {
        assert!(parse("--rounds", None).is_err());
        assert!(parse("--rounds 0", None).is_err());
        assert!(parse("--speed", None).is_err());
    }
}
