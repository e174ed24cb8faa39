//! Checks the assembly of `bench::codegen`, see `ci/asm.sh`: `asm ARCH FILE.s DIRECTORY [--bless]` checks `FILE.s`
//! against the rules and compares it with the copies in `DIRECTORY`, or updates them; it also checks that no write can
//! panic. `asm --panics FILE.s ..` does only the latter; `asm --copies ARCH FILE.s` checks only the rules of copies
//! alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use bench::asm::{Arch, RULES, Rule, functions};
use bench::panics::{WRITES, breaches};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let result = match &words[..] {
        [flag, files @ ..] if flag == "--panics" => {
            let texts: Result<String, String> = files.iter().map(|file| read(Path::new(file))).collect();
            texts.and_then(|text| writes(&text))
        }
        [flag, arch, file] if flag == "--copies" => copies(arch, Path::new(file)),
        [arch, file, directory] => check(arch, Path::new(file), Path::new(directory), false),
        [arch, file, directory, flag] if flag == "--bless" => check(arch, Path::new(file), Path::new(directory), true),
        _ => Err("usage: asm ARCH FILE.s DIRECTORY [--bless], asm --copies ARCH FILE.s, or asm --panics FILE.s .."
            .to_owned()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Whether copies alone follow their rules: of code that was optimised less, or for size.
fn copies(name: &str, file: &Path) -> Result<bool, String> {
    let arch = Arch::named(name).ok_or(format!("no rules for {name}"))?;
    let found = functions(&read(file)?, arch, &RULES.map(|rule| rule.function));
    let (mut count, mut good) = (0, true);
    for rule in RULES.into_iter().filter_map(Rule::at_any_level) {
        let code = found.get(rule.function).ok_or(format!("{name}: no function {}", rule.function))?;
        count += 1;
        for breach in rule.breaches(code, arch) {
            eprintln!("{name}: {}: {breach}", rule.function);
            good = false;
        }
    }
    println!("{name}: {count} copies checked in {}", file.display());
    Ok(good)
}

/// Whether no write can panic.
fn writes(text: &str) -> Result<bool, String> {
    let breaches = breaches(text, &WRITES)?;
    for way in &breaches {
        eprintln!("may panic: {way}");
    }
    println!("{} writes, {} paths to a panic", WRITES.len(), breaches.len());
    Ok(breaches.is_empty())
}

fn check(name: &str, file: &Path, directory: &Path, bless: bool) -> Result<bool, String> {
    let arch = Arch::named(name).ok_or(format!("no rules for {name}"))?;
    let text = read(file)?;
    let found = functions(&text, arch, &RULES.map(|rule| rule.function));
    let mut good = writes(&text)?;
    // The functions of each file, in the order of the rules.
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for rule in RULES {
        let Some(code) = found.get(rule.function) else {
            return Err(format!("{name}: no function {}", rule.function));
        };
        for breach in rule.breaches(code, arch) {
            eprintln!("{name}: {}: {breach}", rule.function);
            good = false;
        }
        let text = files.entry(rule.file()).or_default();
        let separator = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{separator}{}:\n{}", rule.function, code.join("\n"));
    }
    let mut differ = Vec::new();
    for (file, text) in files {
        let path = directory.join(format!("{file}.s"));
        if bless {
            fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        } else {
            let before = fs::read_to_string(&path).unwrap_or_default();
            let before: Vec<&str> = before.split("\n\n").map(str::trim_end).collect();
            let functions = text.split("\n\n").map(str::trim_end).filter(|function| !before.contains(function));
            differ.extend(functions.filter_map(|function| Some(function.split_once(':')?.0.to_owned())));
        }
    }
    if !differ.is_empty() {
        println!(
            "{name}: the code differs from that in {} (ci/asm.sh --bless updates it): {}",
            directory.display(),
            differ.join(", ")
        );
    }
    println!("{name}: {} functions {}", RULES.len(), if good { "follow the rules" } else { "checked" });
    Ok(good)
}
