//! The C library: programs in C and C++ write and read the regions of each other, and of Rust. None sees a torn or an
//! invalid value, and each goes on where another was killed.

use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

use seqcopy::SeqStr;
use seqcopy_bindgen::Bindings;
use seqcopy_shm::{MapReader, MapWriter, ReadValueError, Reader};

use super::compiler::{C, CPP, CPP20, Running, include, program, workshop};
use super::*;

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
struct Beat {
    odd: bool,
    n: u64,
    words: [u64; 12],
    name: SeqStr<6>,
    side: SeqOption<u32>,
}

impl Beat {
    fn of(n: u64) -> Beat {
        #[allow(clippy::cast_possible_truncation)] // as in C
        let side = if n % 2 == 0 { SeqOption::None } else { SeqOption::Some(n as u32) };
        Beat { odd: n % 2 == 1, n, words: [n; 12], name: SeqStr::literal("beat"), side }
    }

    fn is_whole(&self) -> bool {
        let Beat { odd, n, words, name, side } = Beat::of(self.n);
        (odd, words, name, side) == (self.odd, self.words, self.name, self.side) && n == self.n
    }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Entry {
    odd: bool,
    n: u64,
}

const CAPACITY: usize = 50;
const KEYS: u32 = 8;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Language {
    C,
    Cpp,
    Python,
    Rust,
}

const KINDS: [&str; 3] = ["value", "slice", "map"];

/// The programs, by language; none where there is no compiler.
fn peers() -> &'static [(Language, PathBuf)] {
    static PEERS: OnceLock<(Place, Vec<(Language, PathBuf)>)> = OnceLock::new();
    let (_, peers) = PEERS.get_or_init(|| {
        let place = workshop();
        let slice = place.0.join("slice");
        let writer = Options::new().capacity(CAPACITY).create::<[u64]>(&slice).unwrap();
        let region = seqcopy_shm::Region::open(&slice).unwrap();
        let headers = [
            ("beat", Bindings::of::<Beat>().unwrap()),
            ("beats", Bindings::of_region(region.header(), region.schema())),
            ("beat_map", Bindings::of_map::<u32, Entry>().unwrap()),
        ];
        for (name, bindings) in headers {
            std::fs::write(place.0.join(format!("{name}.h")), bindings.name(name).c_header().unwrap()).unwrap();
        }
        writer.close().unwrap();
        let mut peers = vec![(Language::Rust, PathBuf::new())];
        for (language, compiler, source) in [(Language::C, C, "library.c"), (Language::Cpp, CPP, "library.cpp")] {
            if compiler.is_there() {
                let exe = place.0.join(source.replace('.', "-"));
                compiler.compile(&place.0, &program(source), Some(&exe));
                peers.push((language, exe));
            }
        }
        // `ci/python.sh` names one that has the package.
        if let Some(python) = std::env::var_os("SEQCOPY_PYTHON") {
            peers.push((Language::Python, python.into()));
        }
        (place, peers)
    });
    peers
}

/// A writer that runs until it is killed, or has written the last number.
fn start(language: Language, exe: &Path, kind: &str, path: &Path, last: u64) -> Running {
    let [path, last] = [path.to_str().unwrap(), &last.to_string()].map(str::to_owned);
    let words = ["write", kind, &path, &last];
    match language {
        // This program again, in which one test is run.
        Language::Rust => {
            let words = words.join(" ");
            Running::start_with(
                &std::env::current_exe().unwrap(),
                &["--exact", "library::rust_peer", "--nocapture", "-q"],
                &[("SEQCOPY_PEER", &words)],
            )
        }
        Language::Python => {
            let script = program("library.py");
            Running::start(exe, &[&[script.to_str().unwrap()], &words[..]].concat())
        }
        _ => Running::start(exe, &words),
    }
}

/// Waits for a line that says so: a test program prints others too.
fn is_ready(running: &mut Running) {
    loop {
        let line = running.line();
        if line.ends_with("ready") {
            return;
        }
        assert!(!line.is_empty() || running.is_running(), "the writer has ended");
    }
}

/// What another process runs.
#[test]
fn rust_peer() {
    let Ok(words) = std::env::var("SEQCOPY_PEER") else { return };
    let words: Vec<&str> = words.split(' ').collect();
    let (kind, path, last) = (words[1], Path::new(words[2]), words[3].parse().unwrap());
    write(kind, path, last, || {
        println!("ready");
    });
}

fn write(kind: &str, path: &Path, last: u64, mut ready: impl FnMut()) {
    let numbers = |first: u64| (first..).take_while(move |n| last == 0 || *n <= last);
    match kind {
        "value" => {
            let mut writer = Writer::<Beat>::open_or_create(path).unwrap();
            let first = writer.read().map_or(1, |beat| beat.n + 1);
            for n in numbers(first) {
                writer.write(Beat::of(n)).unwrap();
                if n == first {
                    ready();
                }
                writer.wake();
            }
        }
        "slice" => {
            let mut writer = Options::new().capacity(CAPACITY).open_or_create::<[u64]>(path).unwrap();
            let first = writer.update(|all| all.first().map_or(1, |n| n + 1)).unwrap_or(1);
            for n in numbers(first) {
                let count = 1 + usize::try_from(n).unwrap() % CAPACITY;
                writer.write_from(&vec![n; count]).unwrap();
                if n == first {
                    ready();
                }
            }
        }
        _ => {
            let mut writer = MapWriter::<u32, Entry>::open_or_create(path, 16).unwrap();
            let there = writer.commit(|batch| batch.get(&0)).unwrap().unwrap();
            let first = there.map_or(1, |entry| entry.n + 1);
            for n in numbers(first) {
                writer
                    .commit(|batch| {
                        (0..KEYS).for_each(|key| _ = batch.insert(key, Entry { odd: n % 2 == 1, n }).unwrap());
                    })
                    .unwrap();
                if n == first {
                    ready();
                }
            }
        }
    }
}

/// Reads until it finds the number, or the time is up; returns the last.
fn read(kind: &str, path: &Path, last: u64) -> u64 {
    let (mut newest, began) = (0, Instant::now());
    let mut saw = |n: u64, whole: bool| {
        assert!(whole && n >= newest, "{kind}: {n} after {newest}: torn or back");
        newest = n;
        n < last && began.elapsed() < Duration::from_secs(60)
    };
    let retry = |error: &ReadValueError| assert!(matches!(error, ReadValueError::NoValue(_)), "{kind}: {error}");
    match kind {
        "value" => {
            let reader = Reader::<Beat>::open(path).unwrap();
            while match reader.read() {
                Ok(beat) => saw(beat.n, beat.is_whole()),
                Err(error) => {
                    retry(&error);
                    true
                }
            } {}
        }
        "slice" => {
            let reader = Reader::<[u64]>::open(path).unwrap();
            let mut all = Vec::new();
            while match reader.read_to_vec(&mut all) {
                Ok(()) => {
                    saw(all[0], all.len() as u64 == 1 + all[0] % CAPACITY as u64 && all.iter().all(|n| *n == all[0]))
                }
                Err(error) => {
                    retry(&error);
                    true
                }
            } {}
        }
        _ => {
            let reader = MapReader::<u32, Entry>::open(path).unwrap();
            let entries = || reader.read(|view| view.iter().collect::<Result<Vec<_>, _>>());
            while match entries() {
                Ok(all) => {
                    let n = all.first().map_or(0, |(_, entry)| entry.n);
                    saw(n, all.iter().all(|(_, entry)| entry.n == n && entry.odd == (n % 2 == 1)))
                }
                Err(error) => {
                    retry(&error);
                    true
                }
            } {}
        }
    }
    newest
}

#[test]
fn each_language_reads_what_each_writes() {
    let last = 2000;
    for (writes, writer) in peers() {
        for (reads, reader) in peers() {
            for kind in KINDS {
                let place = Place::new();
                let mut running = start(*writes, writer, kind, &place.0, 0);
                is_ready(&mut running);
                let what = format!("{kind} from {writes:?} to {reads:?}");
                if *reads == Language::Rust {
                    assert!(read(kind, &place.0, last) >= last, "{what}: too slow");
                    continue;
                }
                let words = ["read", kind, place.path(), &last.to_string()];
                let mut command = Command::new(reader);
                if *reads == Language::Python {
                    command.arg(program("library.py"));
                }
                let output = command.args(words).stdin(Stdio::null()).output().unwrap();
                let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                assert!(
                    output.status.success() && said.starts_with("torn 0 invalid 0 back 0, "),
                    "{what}: {said}{errors}"
                );
            }
        }
    }
}

#[test]
fn handles_are_opened_and_closed() {
    for (language, exe) in peers() {
        if *language == Language::C {
            let place = Place::new();
            let ran = Command::new(exe).args(["live", "value", place.path(), "0"]).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            assert!(!place.0.exists(), "its path is removed");
        }
    }
}

/// C++ after a failure: `fails.hpp` beside this file, which has each call of the classes that can fail.
#[test]
fn each_call_of_the_classes_fails_and_succeeds() {
    let include = include().join("seqcopy.hpp");
    let (header, tried) = (std::fs::read_to_string(include).unwrap(), include_str!("fails.hpp"));
    // What answers a question: false is an answer, and both are asked for.
    let answers = ["is_closed", "is_removed", "was_created", "is_ok"];
    for answer in answers.iter().filter(|answer| **answer != "is_ok") {
        assert!(tried.contains(&format!("{answer}(")), "fails.hpp does not ask {answer}");
    }
    let (mut class, mut shown, mut calls) = ("", true, 0);
    for line in header.lines() {
        if let Some(name) = line.strip_prefix("class ") {
            (class, shown) = (name.trim_end_matches(" {"), true);
        }
        shown = (shown || line == "public:") && line != "private:";
        if line == "};" {
            (class, shown) = ("", true);
        }
        let Some((start, _)) =
            line.trim_start().trim_start_matches("static ").trim_start_matches("inline ").split_once('(')
        else {
            continue;
        };
        let (result, name) = start.rsplit_once(' ').unwrap_or((start, ""));
        let may_fail = result == "bool" || result.starts_with("std::optional<");
        if !may_fail || !shown || answers.contains(&name) {
            continue;
        }
        let call = if class.is_empty() { name.to_owned() } else { format!("{class}::{name}") };
        assert!(tried.contains(&format!("\"{call}\"")), "fails.hpp has no call of {call}");
        calls += 1;
    }
    assert_eq!(calls, 46, "calls that the header has");
    for (language, exe) in peers().iter().filter(|(language, _)| *language == Language::Cpp) {
        let (place, shared) =
            (Place::new(), Options::new().create_memfd::<Beat>("seqcopy-cpp").unwrap().share().unwrap());
        let ran =
            Command::new(exe).args(["fails", "all", place.path(), "0"]).stdin(Stdio::from(shared)).output().unwrap();
        let (said, errors) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success() && said == "each fails, and succeeds\n", "{language:?}: {said}{errors}");
    }
}

/// How often each is killed in the test below; the full number by `SEQCOPY_KILLS=100`.
fn kills() -> usize {
    std::env::var("SEQCOPY_KILLS").map_or(2, |number| number.parse().expect("a number"))
}

#[test]
fn each_language_goes_on_where_another_was_killed() {
    for kind in KINDS {
        for (first, one) in peers() {
            for (second, other) in peers() {
                let place = Place::new();
                let mut newest = 0;
                for round in 0..kills() {
                    for (language, exe) in [(*first, one), (*second, other)] {
                        let mut running = start(language, exe, kind, &place.0, 0);
                        is_ready(&mut running);
                        std::thread::sleep(Duration::from_micros(37 * round as u64 % 1000));
                        drop(running);
                        // Whatever it was doing: there is a whole value, and it is not older.
                        let found = read(kind, &place.0, newest + 1);
                        assert!(found > newest, "{kind}, {first:?} and {second:?}: blocked at {newest}");
                        newest = found;
                    }
                }
            }
        }
    }
}

/// The programs of the page, as they stand there, but for the path: a writer and a reader in C, then a writer in C++
/// and a reader that follows it.
#[test]
fn the_programs_of_the_page_run() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seqcopy-shm/docs/guide/other-languages.md");
    let text = std::fs::read_to_string(page).unwrap();
    let blocks = |language: &str| -> Vec<String> {
        let mark = format!("```{language}\n");
        let parts = text.split(&mark).skip(1);
        parts.map(|part| part.split_once("```").expect("an end").0.to_owned()).collect()
    };
    let (place, region, map) = (workshop(), Place::new(), Place::new());
    for (name, json) in ["quote", "price"].iter().zip(blocks("json")) {
        let described = place.0.join(format!("{name}.json"));
        std::fs::write(&described, json).unwrap();
        let text = shows(&["header", "--type", described.to_str().unwrap()]);
        std::fs::write(place.0.join(format!("{name}.h")), text).unwrap();
    }
    let built = |compiler: compiler::Compiler, language: &str| -> Vec<PathBuf> {
        let each = blocks(language).into_iter().enumerate().map(|(number, program)| {
            let source = place.0.join(format!("{number}.{language}"));
            let exe = place.0.join(format!("{language}-{number}"));
            let program = program.replace("/dev/shm/quote", region.path()).replace("/dev/shm/prices", map.path());
            std::fs::write(&source, program).unwrap();
            compiler.compile(&place.0, &source, Some(&exe));
            exe
        });
        each.collect()
    };
    let printed = |exe: &Path| {
        let ran = Command::new(exe).output().unwrap();
        assert!(ran.status.success(), "{exe:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    if !C.is_there() || !CPP.is_there() {
        return;
    }
    C.compile(&place.0, &place.0.join("price.h"), None);
    let Ok([write, read]) = <[PathBuf; 2]>::try_from(built(C, "c")) else { panic!("a writer and a reader") };
    assert_eq!([printed(&write), printed(&read)], ["", "1 0.5\n"]);
    let Ok([write, reads @ .., prices, own]) = <[PathBuf; 5]>::try_from(built(CPP, "cpp")) else {
        panic!("a writer, two readers, a map, and a struct of the program")
    };
    assert_eq!(printed(&prices), "3 ACME 100.5\n99.5\n");
    let reads: [PathBuf; 2] = reads;
    for (read, first) in reads.iter().zip([1, 0]) {
        let writer = Running::start(&write, &[]);
        while !region.0.exists() {
            std::thread::yield_now();
        }
        let values = printed(read);
        assert!(writer.end().1.success());
        // It continues with the value of C, or with zeros, and may be ahead of the reader in the beginning, or in the end.
        let line = |line: &str| line.split_once(' ').and_then(|(at, _)| at.parse().ok());
        let numbers: Vec<u64> = values.lines().map(|text| line(text).unwrap()).collect();
        assert!(numbers.len() > 10 && numbers.is_sorted() && *numbers.last().unwrap() <= 100 + first, "{values}");
        assert!(!region.0.exists());
    }
    assert_eq!(printed(&own), "7 1\n");
    // A struct of the program that differs in one member is refused, in both languages.
    let source = place.0.join("differs");
    for (member, other) in
        [("uint8_t side;", "uint16_t side;"), ("double bid;", "float bid;"), ("uint64_t at;", "uint64_t when, at;")]
    {
        let own = "#include \"quote.h\"\ntypedef struct Own { uint64_t at; double bid; uint8_t side; struct { uint32_t len; char bytes[12]; } \
                   symbol; seqcopy_Quote_SeqOption_f64 limit; } Own;\nSEQCOPY_QUOTE_IS(Own);\nint last;\n";
        for compiler in [C, CPP] {
            std::fs::write(&source, own).unwrap();
            compiler.compile(&place.0, &source, None);
            std::fs::write(&source, own.replace(member, other)).unwrap();
            let said = compiler.refuses(&place.0, &source);
            assert!(said.contains("`Own.") && said.contains("` differs"), "{said}");
        }
    }
}

/// Slices are written from a `std::span`, and the elements of a list are one.
#[test]
fn spans_are_taken_in_cpp_20() {
    if !CPP20.is_there() {
        return;
    }
    let (place, region) = (workshop(), Place::new());
    for (name, json) in [
        ("levels", r#"{ "name": "Levels", "slice": "u32", "capacity": 4 }"#),
        ("few", r#"{ "name": "Few", "value": { "list": "SeqVec<u16, 3>" } }"#),
    ] {
        let described = place.0.join("described.json");
        std::fs::write(&described, json).unwrap();
        let text = shows(&["header", "--type", described.to_str().unwrap()]);
        std::fs::write(place.0.join(format!("{name}.h")), text).unwrap();
    }
    let program = r#"
#include <cstdio>
#include "few.h"
#include "levels.h"
int main(int, char **argv)
{
    const std::uint32_t all[] = {5, 6, 7};
    auto writer = seqcopy::Writer<seqcopy_Slice_Levels>::create(argv[1]);
    auto reader = seqcopy::Reader<seqcopy_Slice_Levels>::open(argv[1]);
    std::vector<std::uint32_t> found;
    if (!writer || !seqcopy::write_elements(*writer, all) || !reader || !seqcopy::read_elements(*reader, found))
        return 1;
    for (std::uint32_t number : found)
        std::printf("%u ", number);
    seqcopy_Few few{};
    few.list.len = 2;
    for (std::uint16_t &number : seqcopy::elements(few.list))
        number = 9;
    few.list.len = 7; // of a value that was not validated
    for (const std::uint16_t &number : seqcopy::elements(std::as_const(few).list))
        std::printf("%u ", unsigned{number});
    return writer->close() ? 0 : 1;
}
"#;
    let [source, exe] = ["spans.cpp", "spans"].map(|name| place.0.join(name));
    std::fs::write(&source, program).unwrap();
    CPP20.compile(&place.0, &source, Some(&exe));
    let ran = Command::new(&exe).arg(&region.0).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "5 6 7 9 9 0 ");
}

/// The first line of the errors says what is missing.
#[test]
fn a_type_without_a_header_is_refused_in_cpp() {
    if !CPP.is_there() {
        return;
    }
    let place = workshop();
    let source = place.0.join("own.cpp");
    let program = "#include <seqcopy.hpp>\nstruct Own { int x; };\nbool is_there() { return seqcopy::Reader<Own>::open(\"x\").has_value(); }\n";
    std::fs::write(&source, program).unwrap();
    let said = CPP.refuses(&place.0, &source);
    let first = said.lines().find(|line| line.contains("error")).expect("an error");
    assert!(first.contains("this type has no header: include the one that `seqcopy header` prints"), "{said}");
}
