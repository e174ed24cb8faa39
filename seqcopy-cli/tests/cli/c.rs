//! `header`: compilers accept it, and C programs read whole values with it.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::c_types::{Everything, everything};
use super::compiler::{C, CPP, header, program, say, workshop};
use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Quote {
    odd: bool,
    number: u64,
    list: [u32; 500],
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
    fn new(number: u32) -> Quote {
        let parts = [Part { tag: 0, wide: 0 }; 3];
        let mut quote = Quote { odd: false, number: 0, list: [number; 500], parts, half: None.into(), last: 0 };
        quote.set(number.into());
        quote
    }

    /// Sets everything but the list, which is the same for each 64th number.
    #[allow(clippy::cast_possible_truncation)] // what the program expects
    fn set(&mut self, number: u64) {
        self.odd = number % 2 == 1;
        self.number = number;
        self.parts = [Part { tag: number as u8, wide: number }; 3];
        self.half = self.odd.then_some((number / 2) as u32).into();
        self.last = !number;
    }
}

/// A C program reads while this process writes at full speed.
#[test]
fn a_c_program_reads_whole_values() {
    if !C.is_there() {
        return;
    }
    let wanted = rounds(1_000_000);
    for buffers in [1, 2, 4] {
        let (place, mut writer) = Place::with(buffers, Quote::new(0));
        let workshop = workshop();
        header(&workshop, &place, "quote");
        let exe = workshop.0.join("reads");
        C.compile(&workshop.0, &program("reads.c"), Some(&exe));

        let is_over = AtomicBool::new(false);
        let start = Instant::now();
        let (output, writes) = std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                // Made in advance, so that there is hardly anything between two writes.
                let mut quotes: Vec<Quote> = (0..64).map(Quote::new).collect();
                let mut numbers = 0u64..;
                while !is_over.load(Ordering::Relaxed) {
                    for (quote, number) in quotes.iter_mut().zip(&mut numbers) {
                        quote.set(number);
                        writer.write_from(quote).unwrap();
                        // A single buffer that is written without a pause can hardly be read.
                        (0..if buffers == 1 { 200 } else { 0 }).for_each(|_| std::hint::spin_loop());
                    }
                }
                numbers.start
            });
            // At least one in 5,000 is new: otherwise there may have been no write while the reader ran.
            let (reads, changes) = (wanted.to_string(), (wanted / 5000).to_string());
            let output = Command::new(&exe).args([place.path(), &reads, &changes]).output();
            is_over.store(true, Ordering::Relaxed);
            (output.unwrap(), writing.join().unwrap())
        });
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{buffers} buffers: {error}");
        let text = String::from_utf8(output.stdout).unwrap();
        let counts: Vec<u64> = text.split_whitespace().map(|count| count.parse().unwrap()).collect();
        let [reads, attempts, changes] = counts[..] else { panic!("{text}") };
        assert!(reads >= wanted && changes >= wanted / 5000, "{text}");
        say(&format!(
            "C program, {buffers} buffer(s): {reads} consistent reads of {} bytes, {attempts} attempts, {changes} different values, \
             {writes} writes, {:.1} s",
            size_of::<Quote>(),
            start.elapsed().as_secs_f64()
        ));
    }
}

/// What chance does not bring about: a writer overlaps the read at each place, one after the other.
#[test]
fn no_interleaving_is_accepted_that_tears() {
    if !C.is_there() {
        return;
    }
    let (place, _writer) = Place::with(2, [0u64; 3]);
    let workshop = workshop();
    header(&workshop, &place, "triple");
    let exe = workshop.0.join("interleavings");
    C.compile(&workshop.0, &program("interleavings.c"), Some(&exe));
    for buffers in ["1", "2", "4"] {
        let output = Command::new(&exe).arg(buffers).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{buffers} buffers: {text}");
        let counts: Vec<u32> = text.split_whitespace().map(|count| count.parse().unwrap()).collect();
        assert!(counts[0] == 4800 && counts[1] > 200 && counts[1] < 4000, "{buffers} buffers: {text}");
    }
}

const FIELDS: &str = "\
flag 1
signs -1 -2 -3 -4
wide 5 6
floats 1.5 2.5
letter 223
mode 1
depth 1
class 9
some 1 10
inner 1 11 1
shape 1 3.5 12
big 1 1 13
packed 14 15 16
line 17
raised 18
name 7 größe
levels 3 21
switches 1 1
ids 1 -1
";

#[test]
fn every_field_is_where_c_finds_it() {
    for compiler in [C, CPP] {
        if !compiler.is_there() {
            continue;
        }
        for buffers in [1, 2] {
            let (place, _writer) = Place::with(buffers, everything());
            let workshop = workshop();
            header(&workshop, &place, "Everything");
            let exe = workshop.0.join("fields");
            compiler.compile(&workshop.0, &program("fields.c"), Some(&exe));
            let output = Command::new(&exe).arg(place.path()).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), FIELDS, "{}", compiler.command);
        }
    }
}

/// What the C functions say about empty, closed, damaged and foreign regions.
#[test]
fn c_programs_are_told_what_is_wrong() {
    if !C.is_there() {
        return;
    }
    for buffers in [1, 2] {
        let place = Place::new();
        let mut writer = Options::new().buffers(buffers).create::<Everything>(&place.0).unwrap();
        let workshop = workshop();
        header(&workshop, &place, "Everything");
        let exe = workshop.0.join("fields");
        C.compile(&workshop.0, &program("fields.c"), Some(&exe));
        let says = |path: &str| {
            let output = Command::new(&exe).arg(path).stderr(Stdio::inherit()).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.split_once(' ').expect("a status").1.trim_end().to_owned()
        };
        assert_eq!(says(place.path()), "no value has been written yet: wait for the first");

        writer.write(everything()).unwrap();
        assert!(says(place.path()).starts_with('1'));
        let file = fs::File::options().read(true).write(true).open(&place.0).unwrap();
        let header = *writer.header();
        let buffer = header.buffer_offset() + 1 % u64::from(buffers) * header.buffer_stride();
        let field = |name: &str| {
            let field = Everything::LAYOUT.fields().iter().find(|field| field.name() == name).unwrap();
            buffer + field.offset() as u64
        };
        fields_are_checked(&file, field, || says(place.path()));
        assert!(says(place.path()).starts_with('1'));
        texts_are_judged_as_in_rust(&file, field("name"), || says(place.path()).starts_with('1'));

        let whole = fs::read(&place.0).unwrap();
        let other = Place::new();
        fs::write(&other.0, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(
            says(other.path()),
            "the file is shorter than its region: remove it and have the writer create it again"
        );
        fs::write(&other.0, &whole[..100]).unwrap();
        assert_eq!(
            says(other.path()),
            "the file is not a region, or one of another format, byte order or pointer width"
        );
        fs::remove_file(&other.0).unwrap();
        assert_eq!(says(other.path()), "the region can't be opened or mapped: see errno");
        assert_eq!(
            says("/dev/null"),
            "the file is not a region, or one of another format, byte order or pointer width"
        );
        // Each byte of the header and of the state is judged as by the library.
        for (at, bit) in (0..132).flat_map(|at| [(at, 1), (at, 0x80)]) {
            let mut flipped = whole.clone();
            flipped[at] ^= bit;
            fs::write(&other.0, &flipped).unwrap();
            let is_one = seqcopy_shm::Region::open_file(&other.0).is_ok();
            assert_eq!(says(other.path()).starts_with('1'), is_one, "byte {at}, bit {bit}");
        }
        let (other, _other) = Place::with(buffers, pose());
        assert_eq!(
            says(other.path()),
            "the region holds another type: generate this header again, by `seqcopy header`"
        );
        // Nor is it this type if a field has another name, and all else is the same.
        let schema = usize::try_from(header.schema_offset()).unwrap();
        let mut renamed = whole.clone();
        let at = schema + renamed[schema..].windows(6).position(|window| window == b"letter").unwrap();
        renamed[at] = b'b';
        let fingerprint = renamed[schema..]
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        renamed[16..24].copy_from_slice(&fingerprint.to_ne_bytes());
        fs::write(&other.0, &renamed).unwrap();
        let region = seqcopy_shm::Region::open_file(&other.0).unwrap();
        assert!(region.schema().layout().fields().iter().any(|field| field.name() == "better"));
        assert!(says(other.path()).starts_with("the region holds another type"));
        // Impossible numbers of buffers, in a header that is right in all that follows from them.
        for impossible in [0u32, 3, 1 << 17] {
            let end = header.buffer_offset() + u64::from(impossible) * header.buffer_stride();
            let mut forged = whole.clone();
            forged[24..32].copy_from_slice(&(end + header.schema_len()).to_ne_bytes());
            forged[44..48].copy_from_slice(&impossible.to_ne_bytes());
            forged[64..72].copy_from_slice(&end.to_ne_bytes());
            fs::write(&other.0, &forged).unwrap();
            let file = fs::File::options().write(true).open(&other.0).unwrap();
            file.set_len(end).unwrap();
            file.write_all_at(&whole[schema..], end).unwrap();
            assert_eq!(
                says(other.path()),
                "the region's header is damaged: remove the file and have the writer create it again"
            );
        }
        // The number of buffers is the writer's choice, and may be another next time.
        let (other, _other) = Place::with(8, everything());
        assert!(says(other.path()).starts_with('1'));

        let kept = Place::new();
        fs::hard_link(&place.0, &kept.0).unwrap();
        writer.close().unwrap();
        assert_eq!(says(kept.path()), "the writer closed the region: there will be no more values");
    }
}

/// Writes invalid bits in place of fields, which `field` finds in the file.
fn fields_are_checked(file: &fs::File, field: impl Fn(&str) -> u64, says: impl Fn() -> String) {
    // The lowest byte of four.
    let low = if cfg!(target_endian = "little") { 0 } else { 3 };
    for (at, byte) in [
        (field("flag"), 2),
        (field("letter") + 3, 0xff),
        (field("mode"), 3),
        (field("depth"), 0),
        (field("some"), 2),
        (field("inner") + 2, 9),
        (field("shape"), 7),
        (field("big"), 1),
        (field("id"), 0),
        // Lengths above the capacity, by one and by 2^24.
        (field("name") + low, 8),
        (field("levels") + low, 4),
        (field("levels") + 3 - low, 1),
        (field("switches") + low, 3),
        // An element beyond the length.
        (field("switches") + 5, 2),
    ] {
        // `id` is 1 in its lowest byte, wherever that lies.
        let mut before = [0; 4];
        file.read_exact_at(&mut before, at).unwrap();
        let bytes = if at == field("id") { [0; 4] } else { [byte, before[1], before[2], before[3]] };
        file.write_all_at(&bytes, at).unwrap();
        assert_eq!(
            says(),
            "the bits in the region are not a valid value of the type: the writer is broken, or not a program of this library",
            "at {at}"
        );
        file.write_all_at(&before, at).unwrap();
    }
}

/// Writes texts in place of a `SeqStr<7>` at `at`, and compares the program's verdict with that of Rust.
fn texts_are_judged_as_in_rust(file: &fs::File, at: u64, accepts: impl Fn() -> bool) {
    let mut before = [0; 11];
    file.read_exact_at(&mut before, at).unwrap();
    let texts: [&[u8]; 22] = [
        b"",
        b"seven !",
        b"\x7f",
        b"\x80",
        b"\xc1\xbf",
        b"\xc2\x80",
        b"\xc2",
        b"\xdf\xbf\xdf\xc0",
        b"\xe0\x9f\xbf",
        b"\xe0\xa0\x80",
        b"\xe1\x80",
        b"\xed\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xee\x80\x80",
        b"\xef\xbf\x7f",
        b"\xf0\x8f\xbf\xbf",
        b"\xf0\x90\x80\x80a",
        b"\xf4\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf1\x80\x80",
        b"ab\xf3\xa0\x80\xc0",
        b"\xf5\x80\x80\x80",
    ];
    for text in texts {
        // What follows would complete a sequence that is cut off.
        let mut bytes = [0x80; 11];
        bytes[..4].copy_from_slice(&u32::try_from(text.len()).unwrap().to_ne_bytes());
        bytes[4..4 + text.len()].copy_from_slice(text);
        file.write_all_at(&bytes, at).unwrap();
        assert_eq!(accepts(), std::str::from_utf8(text).is_ok(), "{text:02x?}");
    }
    file.write_all_at(&before, at).unwrap();
    assert!(accepts());
}

#[test]
#[cfg(target_os = "linux")] // the function is printed for Linux only
fn c_programs_ask_whether_the_writer_is_alive() {
    use rustix::fs::{FlockOperation, fcntl_lock};
    for compiler in [C, CPP] {
        if !compiler.is_there() {
            continue;
        }
        let place = Place::new();
        let mut writer = Writer::create(&place.0).unwrap();
        let workshop = workshop();
        header(&workshop, &place, "number");
        let exe = workshop.0.join("alive");
        compiler.compile(&workshop.0, &program("alive.c"), Some(&exe));
        let says = || {
            let output = Command::new(&exe).arg(place.path()).stderr(Stdio::inherit()).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(says(), "3 1 1\n");
        writer.write(7u64).unwrap();
        assert_eq!(says(), "0 1 1\n");
        drop(writer);
        // Its lock is released once no process that another test is starting has its descriptors any more.
        until(says, |text| text == "0 0 0\n");
        // A lock for reading is not a writer's.
        let reading = fs::File::open(&place.0).unwrap();
        fcntl_lock(&reading, FlockOperation::NonBlockingLockShared).unwrap();
        assert_eq!(says(), "0 0 0\n");
        drop(reading);
        let writer = Writer::<u64>::take_over(&place.0).unwrap();
        assert_eq!(says(), "0 1 1\n");
        // It removes the file.
        writer.close().unwrap();
        assert_eq!(says(), "6 -1 -1\n");
    }
}

#[test]
fn names_for_c() {
    let (place, _writer) = Place::with(2, pose());
    assert!(refuses(&["header", "--name", "struct", place.path()]).contains("can't be the name of a C type"));
    let (place, _writer) = Place::with(2, [0u64; 0]);
    assert!(refuses(&["header", place.path()]).contains("has no bytes"));
}
