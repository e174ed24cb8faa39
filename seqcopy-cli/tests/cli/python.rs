//! `header --lang python`: Python programs read whole, valid values with it, and refuse everything else with one line.
//!
//! `SEQCOPY_PYTHON` is the interpreter, `python3` if it is not set.

use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::atomic::AtomicBool;

use seqcopy::{SeqStr, SeqVec};
use seqcopy_shm::{MapWriter, Options};

use super::compiler::{program, say, skipped, workshop};
use super::devices::{SIZES, devices, fill_with_noise, spoil_one};
use super::*;

/// The interpreter, if there is one on a processor that the modules know.
pub(super) fn python() -> Option<String> {
    let python = std::env::var("SEQCOPY_PYTHON").unwrap_or("python3".to_owned());
    let runs = Command::new(&python).args(["-c", "import ctypes, mmap"]).output();
    let is_known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    if is_known && runs.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skipped(&format!("there is no `{python}` with ctypes and mmap, no module was run by it"));
    None
}

/// Puts the module of a region into a directory.
pub(super) fn module(workshop: &Place, region: &Place, name: &str) -> PathBuf {
    let path = workshop.0.join(format!("{name}.py"));
    fs::write(&path, shows(&["header", "--lang", "python", region.path()])).unwrap();
    path
}

/// Runs a program that imports modules from a directory. Warnings are errors.
pub(super) fn run(python: &str, workshop: &Place, program: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(python);
    command.args(["-B", "-W", "error"]).arg(program).args(arguments).env("PYTHONPATH", &workshop.0);
    command.output().expect("it starts")
}

/// What it prints.
#[track_caller]
pub(super) fn prints(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim_end().to_owned()
}

/// The one line with which it fails.
#[track_caller]
fn fails(output: &Output) -> String {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.code() == Some(1) && error.matches('\n').count() == 1, "{}: {error}", output.status);
    error
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Quote {
    odd: bool,
    number: u64,
    list: [u32; 100],
    parts: [Part; 3],
    half: SeqOption<u32>,
    last: u64,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Part {
    tag: u8,
    wide: u64,
}

impl Quote {
    #[allow(clippy::cast_possible_truncation)] // what the program expects
    fn new(number: u64) -> Quote {
        let odd = number % 2 == 1;
        Quote {
            odd,
            number,
            list: [number as u32; 100],
            parts: [Part { tag: number as u8, wide: number }; 3],
            half: odd.then_some((number / 2) as u32).into(),
            last: !number,
        }
    }
}

/// A Python program reads while this process writes.
#[test]
fn a_python_program_reads_whole_values() {
    let Some(python) = python() else { return };
    let wanted = rounds(100_000);
    for buffers in [1, 2, 16] {
        let (place, mut writer) = Place::with(buffers, Quote::new(0));
        let workshop = workshop();
        module(&workshop, &place, "quote");
        let is_over = AtomicBool::new(false);
        let output = std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 1.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    writer.write(Quote::new(number)).unwrap();
                    // An attempt takes microseconds: one or two buffers that are written without a pause can hardly be read.
                    (0..if buffers < 16 { 1000 } else { 20 }).for_each(|_| std::hint::spin_loop());
                }
            });
            // Some are new: otherwise there may have been no write while the reader ran.
            let (reads, changes) = (wanted.to_string(), (wanted / 100).to_string());
            let output = run(&python, &workshop, &program("reads.py"), &[place.path(), &reads, &changes]);
            is_over.store(true, Ordering::Relaxed);
            output
        });
        let text = prints(&output);
        let counts: Vec<&str> = text.split_whitespace().collect();
        let [reads, failed, changes, numpy] = counts[..] else { panic!("{text}") };
        assert!(reads.parse::<u64>().unwrap() >= wanted && changes.parse::<u64>().unwrap() >= wanted / 100, "{text}");
        say(&format!(
            "Python program, {buffers} buffer(s): {reads} consistent reads, {failed} attempts failed, {changes} changes, {numpy} NumPy"
        ));
        if numpy == "without" {
            skipped("NumPy is not installed, nothing was read as an array");
        }
    }
}

/// Keys whose length is not a multiple of a word, in tables of several sizes; hostile bits.
#[test]
fn a_python_program_finds_what_this_one_wrote() {
    let Some(python) = python() else { return };
    let workshop = workshop();
    let place = Place::new();
    for (buffers, count) in SIZES {
        let map = devices(&place, buffers, count);
        if buffers == 2 {
            // One module is for maps of all sizes.
            module(&workshop, &place, "devices");
        }
        let finds = |count: u32| run(&python, &workshop, &program("map_finds.py"), &[place.path(), &count.to_string()]);
        let (there, absent) = (count - count.div_ceil(3), count.div_ceil(3));
        assert_eq!(prints(&finds(count)), format!("{there} {absent} 0 {there}"));

        spoil_one(&place, &map);
        assert_eq!(prints(&finds(count)), format!("{} {absent} 1 {}", there - 1, there - 1));

        // Every search ends, and no value is accepted.
        fill_with_noise(&place, &map);
        assert_eq!(prints(&finds(50)), "0 50 0 0");
        map.close().unwrap();
        assert!(
            fails(&run(&python, &workshop, &workshop.0.join("devices.py"), &[place.path()])).contains("No such file")
        );
    }
}

#[test]
fn a_python_program_looks_at_whole_generations() {
    let Some(python) = python() else { return };
    for buffers in [2, 16] {
        let (workshop, place) = (workshop(), Place::new());
        let mut map: MapWriter<u32, u64> = Options::new().buffers(buffers).create_map(&place.0, 64).unwrap();
        map.commit(|batch| (0..64).for_each(|key| _ = batch.insert(key, 1000))).unwrap();
        module(&workshop, &place, "accounts");
        let is_over = AtomicBool::new(false);
        let (output, commits) = std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for number in 0u32.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    map.commit(|batch| {
                        let (from, to) = (number % 64, number.wrapping_mul(7) % 64);
                        let amount = batch.get(&from).unwrap().unwrap().min(3);
                        batch.update(&from, |value| *value -= amount).unwrap();
                        batch.update(&to, |value| *value += amount).unwrap();
                        // Entries that move: the last of a run is moved back.
                        let value = batch.remove(&to).unwrap().unwrap();
                        batch.insert(to, value).unwrap();
                    })
                    .unwrap();
                    // A look at all entries takes some time.
                    (0..20_000).for_each(|_| std::hint::spin_loop());
                }
                map.generation().to_bits()
            });
            let output = run(&python, &workshop, &program("map_reads.py"), &[place.path(), &rounds(2000).to_string()]);
            is_over.store(true, Ordering::Relaxed);
            (output, writing.join().unwrap())
        });
        let text = prints(&output);
        say(&format!("Python program, map of {buffers} buffers: whole views, torn, gets: {text}, {commits} commits"));
    }
}

/// A program that opens a region again for each value, as one that follows restarts does.
#[test]
fn regions_that_are_left_to_the_collector_give_back_their_descriptors() {
    let Some(python) = python() else { return };
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let (place, _writer) = Place::with(2, pose());
    let workshop = workshop();
    module(&workshop, &place, "pose");
    let program = "\
import gc, os, pose, sys
count = lambda: len(os.listdir('/proc/self/fd'))
before = count()
for _ in range(100):
    region = pose.Region(sys.argv[1])
    region.read()
del region
gc.collect()
print(count() - before)
";
    let source = workshop.0.join("opens.py");
    fs::write(&source, program).unwrap();
    assert_eq!(prints(&run(&python, &workshop, &source, &[place.path()])), "0");
}

/// The module is a program, too: it prints the value, or one line that says why it can't.
#[test]
fn values_as_python_has_them() {
    let Some(python) = python() else { return };
    let (place, writer) = Place::with(2, pose());
    let workshop = workshop();
    let module_of_pose = module(&workshop, &place, "pose");
    let shown = prints(&run(&python, &workshop, &module_of_pose, &[place.path()]));
    assert_eq!(
        shown,
        "Pose(moving=True, at=7, position=(0.5, -1.0, 1e+300), mode='Walking', legs=(Leg(joint=1, angle=0.10000000149011612), \
         Leg(joint=2, angle=0.20000000298023224)), target=2.5, reach=('Box', Box(width=1.0, height=2.0)), name=b'anymal\\x00\\x00')"
    );
    // By the path, and of the region that is open, by a descriptor too: also when the path is gone.
    let alive = "\
import os, pose, sys
path = sys.argv[1]
with open(path) as file, pose.Region(path) as region, pose.Region(file.fileno()) as other:
    file.close()
    print(pose.writer_is_alive(path), region.writer_is_alive(), other.writer_is_alive())
    os.rename(path, path + '-moved')
    print(region.writer_is_alive(), other.writer_is_alive())
    os.rename(path + '-moved', path)
try:
    region.writer_is_alive()
except ValueError as error:
    print(error)
";
    let asks = workshop.0.join("asks.py");
    fs::write(&asks, alive).unwrap();
    if cfg!(target_os = "linux") {
        let asked = || prints(&run(&python, &workshop, &asks, &[place.path()]));
        assert_eq!(asked(), "True True True\nTrue True\nthe region is closed");
        drop(writer);
        until(asked, |text| text == "False False False\nFalse False\nthe region is closed");
        // By the descriptor that has the lock itself, as a process has it that was forked from the writer.
        let locks = "\
import fcntl, os, pose, struct, sys
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(file, 37, struct.pack('hh4xqqi4x', fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0))
with pose.Region(file) as region:
    print(region.writer_is_alive())
";
        fs::write(&asks, locks).unwrap();
        assert_eq!(asked(), "True");
    }
    // Bits that are not a value: of a bool, an enum, an option, an enum with fields.
    let bytes = fs::read(&place.0).unwrap();
    let at =
        bytes.windows(6).position(|bytes| bytes == b"anymal").expect("the name") - std::mem::offset_of!(Pose, name);
    let file = fs::File::options().write(true).open(&place.0).unwrap();
    for offset in [
        std::mem::offset_of!(Pose, moving),
        std::mem::offset_of!(Pose, mode),
        std::mem::offset_of!(Pose, target),
        std::mem::offset_of!(Pose, reach),
    ] {
        file.write_all_at(&[2], (at + offset) as u64).unwrap();
        let error = fails(&run(&python, &workshop, &module_of_pose, &[place.path()]));
        assert!(error.contains(&format!("byte {offset}: 2")), "{error}");
        file.write_all_at(&bytes[at + offset..=at + offset], (at + offset) as u64).unwrap();
    }

    // Files that are not such a region.
    let (other, _other) = Place::with(2, 5u64);
    let map = Place::new();
    let mut writer: MapWriter<SeqStr<4>, SeqVec<i16, 3>> = MapWriter::create(&map.0, 7).unwrap();
    writer.insert("ab".parse().unwrap(), SeqVec::from([1, -2])).unwrap();
    let module_of_map = module(&workshop, &map, "words");
    assert_eq!(prints(&run(&python, &workshop, &module_of_map, &[map.path()])), "'ab': (1, -2)");
    for (module, path, words) in [
        (&module_of_pose, other.path(), "another type"),
        (&module_of_pose, map.path(), "has a map, and this module reads one value"),
        (&module_of_map, place.path(), "has one value, and this module reads a map"),
        (&module_of_map, asks.to_str().unwrap(), "not a region"),
        (&module_of_map, "/dev/null", "not a region"),
        (&module_of_map, "/", "not a region"),
        (&module_of_map, "/no such\nfile", "/no such\\nfile: No such file"),
    ] {
        let error = fails(&run(&python, &workshop, module, &[path]));
        assert!(error.contains(words), "{path}: {error}");
    }
    assert!(refuses(&["header", "--lang", "python", asks.to_str().unwrap()]).contains("seqcopy: "));
    assert!(refuses(&["header", "--lang", "python", "--name", "pose", place.path()]).contains("leave `--name` out"));

    // Every byte of the header.
    let copy = Place::new();
    for (name, region) in [("pose", &place), ("words", &map)] {
        let counts = prints(&run(&python, &workshop, &program("headers.py"), &[name, region.path(), copy.path()]));
        let counts: Vec<u32> = counts.split_whitespace().map(|count| count.parse().unwrap()).collect();
        assert!(counts[0] > 500 && counts[1] > 50, "{counts:?}");
        say(&format!("Python program, damaged copies of `{name}`: refused and read {counts:?}"));
    }
}

/// A program that does not map a region gets an error where its file is truncated; one that maps it ends by a signal, as the module says.
#[test]
fn a_python_program_that_does_not_map_survives_truncation() {
    const PROGRAM: &str = r#"
import os, sys, quote, devices
value, map, mapped = sys.argv[1], sys.argv[2], sys.argv[3] == "mapped"
region = quote.Region(value, mapped=mapped)
table = devices.Map(map, mapped=mapped)
print(region.read().number, region.version(), len(table.items()), end=" ", flush=True)
for path in (value, map):
    os.truncate(path, 0)
for ask in (region.read, region.version, table.items, table.generation, table.view):
    try:
        print(ask())
    except quote.Truncated as error:
        print("value", end=" ")
    except devices.Truncated as error:
        print("map", end=" ")
region.close()
table.close()
try:
    quote.Region(value, mapped=False)
except quote.Error as error:
    print(type(error).__name__)
"#;
    let Some(python) = python() else { return };
    let workshop = workshop();
    let source = workshop.0.join("main.py");
    fs::write(&source, PROGRAM).unwrap();
    // The writers live in this process.
    seqcopy_shm::survive_truncation().unwrap();
    for how in ["unmapped", "mapped"] {
        let (value, _writer) = Place::with(2, Quote::new(7));
        let map = Place::new();
        let _devices = devices(&map, 2, 30);
        module(&workshop, &value, "quote");
        module(&workshop, &map, "devices");
        let output = run(&python, &workshop, &source, &[value.path(), map.path(), how]);
        if how == "unmapped" {
            assert!(output.status.success(), "{output:?}");
            assert_eq!(prints(&output), "7 1 20 value value map map map Foreign");
        } else {
            let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
            assert_eq!((signal, &*output.stdout), (Some(7), &b"7 1 20 "[..]));
        }
    }
}
