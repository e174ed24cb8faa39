//! What the tests kill: programs that write a value or a map, or read one and check what they get.
//!
//! `peer write|write-map|read|read-map REGION [PAUSE_IN_MICROSECONDS]`

use std::error::Error;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::{MapReader, Options, ReadValueError, Reader, Writer};

/// Everything follows from the number.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Value {
    odd: bool,
    number: u64,
    words: [u64; 6],
    half: SeqOption<u32>,
}

impl Value {
    fn of(number: u64) -> Value {
        let half = u32::try_from(number / 2).unwrap();
        Value {
            odd: number % 2 == 1,
            number,
            words: std::array::from_fn(|index| number.wrapping_mul(0x9e37_79b9) + index as u64),
            half: if number.is_multiple_of(3) { SeqOption::None } else { SeqOption::Some(half) },
        }
    }
}

/// The entry that has the number of each commit.
const NEWEST: u32 = 1000;

/// Ends the program with a message that a test looks for.
fn violation(what: &str) -> ! {
    println!("VIOLATION {what}");
    std::process::exit(1)
}

fn check(value: &Value) {
    if *value != Value::of(value.number) {
        violation("torn");
    }
}

fn write(path: &Path, pause: Duration) -> Result<(), Box<dyn Error>> {
    let mut writer = Writer::<Value>::open_or_create(path)?;
    let mut number = writer.read().map_or(0, |value| value.number);
    loop {
        number += 1;
        writer.write(Value::of(number))?;
        writer.wake();
        if !pause.is_zero() {
            sleep(pause);
        }
    }
}

fn write_map(path: &Path, pause: Duration) -> Result<(), Box<dyn Error>> {
    let mut map = Options::new().buffers(8).open_or_create_map::<u32, Value>(path, 200)?;
    let mut number = map.view().get(&NEWEST)?.map_or(0, |value| value.number);
    loop {
        number += 1;
        map.commit(|batch| -> Result<(), seqcopy_shm::ChangeError> {
            for step in 0..5 {
                batch.insert(((number * 7 + step) % 100) as u32, Value::of(number))?;
            }
            batch.remove(&((number * 13 % 100) as u32))?;
            batch.insert(NEWEST, Value::of(number))?;
            Ok(())
        })??;
        map.wake();
        sleep(pause);
    }
}

/// Prints the newest number now and then, so that a test sees that this one reads.
struct Progress {
    newest: u64,
    printed: Instant,
}

impl Progress {
    fn read(&mut self, number: u64) {
        if number < self.newest {
            violation(&format!("{number} after {}", self.newest));
        }
        self.newest = number;
        if self.printed.elapsed() > Duration::from_millis(20) {
            self.printed = Instant::now();
            println!("{number}");
        }
    }
}

fn read(path: &Path, progress: &mut Progress) -> Result<(), Box<dyn Error>> {
    let reader = Reader::<Value>::open(path)?;
    loop {
        match reader.read_versioned() {
            Ok((value, version)) => {
                check(&value);
                progress.read(value.number);
                let _ = reader.wait(version, Duration::from_millis(100));
            }
            Err(ReadValueError::Invalid(error)) => violation(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn read_map(path: &Path, progress: &mut Progress) -> Result<(), Box<dyn Error>> {
    let reader = MapReader::<u32, Value>::open(path)?;
    loop {
        let look = reader.read(|view| {
            let newest = view.get(&NEWEST)?;
            let values = view.iter().collect::<Result<Vec<_>, _>>()?;
            Ok((view.generation(), newest, values))
        });
        match look {
            Ok((generation, Some(newest), values)) => {
                for (_, value) in values {
                    check(&value);
                    if value.number > newest.number {
                        violation("an entry of a later generation");
                    }
                }
                progress.read(newest.number);
                let _ = reader.wait(generation, Duration::from_millis(100));
            }
            Ok((_, None, values)) if !values.is_empty() => violation("entries without the newest"),
            Err(ReadValueError::Invalid(error)) => violation(&error.to_string()),
            Ok(_) | Err(ReadValueError::NoValue(_)) => sleep(Duration::from_millis(1)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [job, path, rest @ ..] = &words[..] else { return Err("JOB REGION [PAUSE]".into()) };
    let pause = Duration::from_micros(rest.first().map_or(Ok(1000), |pause| pause.parse())?);
    let mut progress = Progress { newest: 0, printed: Instant::now() };
    loop {
        let path = Path::new(path);
        let error = match &job[..] {
            "write" => return write(path, pause),
            "write-map" => return write_map(path, pause),
            "read" => read(path, &mut progress),
            "read-map" => read_map(path, &mut progress),
            _ => return Err("write, write-map, read or read-map".into()),
        };
        // Not there yet, no value yet, or replaced.
        drop(error);
        sleep(Duration::from_millis(10));
    }
}
