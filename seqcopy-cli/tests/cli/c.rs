//! `header`: compilers accept it, and C programs read whole values with it and the library.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::c_types::everything;
use super::compiler::{C, CPP, header, program, say, workshop};
use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Quote {
    odd: bool,
    number: u64,
    list: [u32; 30],
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
        let mut quote = Quote { odd: false, number: 0, list: [number; 30], parts, half: None.into(), last: 0 };
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
        let [reads, changes] = counts[..] else { panic!("{text}") };
        assert!(reads >= wanted && changes >= wanted / 5000, "{text}");
        say(&format!(
            "C program, {buffers} buffer(s): {reads} consistent reads of {} bytes, {changes} different values, \
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

#[test]
fn names_for_c() {
    let (place, _writer) = Place::with(2, pose());
    assert!(refuses(&["header", "--name", "struct", place.path()]).contains("can't be the name of a C type"));
    let (place, _writer) = Place::with(2, [0u64; 0]);
    assert!(refuses(&["header", place.path()]).contains("has no bytes"));
}
