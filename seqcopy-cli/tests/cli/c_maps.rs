//! `header` of a map: compilers accept it, and C programs find what this process wrote.

use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::atomic::AtomicBool;

use seqcopy::SeqStr;
use seqcopy_shm::{MapWriter, Options};

use super::compiler::{C, CPP, header, program, say, workshop};
use super::devices::{SIZES, devices, fill_with_noise, newest, spoil_one};
use super::*;

/// Keys whose length is not a multiple of a word, in tables of several sizes; hostile bits.
#[test]
fn a_c_program_finds_what_this_one_wrote() {
    if !C.is_there() {
        return;
    }
    let workshop = workshop();
    let place = Place::new();
    let exe = workshop.0.join("finds");
    for (buffers, count) in SIZES {
        let map = devices(&place, buffers, count);
        if !exe.exists() {
            // One header is for maps of all sizes.
            header(&workshop, &place, "devices");
            C.compile(&workshop.0, &program("map_finds.c"), Some(&exe));
            if CPP.is_there() {
                CPP.compile(&workshop.0, &program("map_finds.c"), None);
            }
        }
        let count_text = count.to_string();
        let run = || {
            let output = Command::new(&exe).args([place.path(), &count_text]).output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            (output.status.code(), String::from_utf8(output.stdout).unwrap().trim().to_owned(), error)
        };
        let there = count - count.div_ceil(3);
        assert_eq!(run(), (Some(0), format!("{there} {} 0 {there}", count.div_ceil(3)), String::new()));

        spoil_one(&place, &map);
        assert_eq!(run(), (Some(0), format!("{} {} 1 {}", there - 1, count.div_ceil(3), there - 1), String::new()));

        // Every search ends, and nothing is accepted.
        fill_with_noise(&place, &map);
        let (code, _, error) = run();
        assert!(code == Some(1) && error.contains("the key has no entry"), "{code:?} {error}");

        // Each field of the header, and a file that is too short.
        let (file, table) = newest(&place, &map);
        let bytes = fs::read(&place.0).unwrap();
        for (field, words) in [(8, "another format"), (16, "other keys")].into_iter().chain(
            // Among them the reserved bytes, the nanoseconds of the time of creation, and the state.
            [14, 15, 44, 56, 107, 108, 111, 112, 128, 131].map(|field| (field, "damaged")),
        ) {
            file.write_all_at(&[bytes[field] ^ 0x41], field as u64).unwrap();
            let (code, _, error) = run();
            assert!(code == Some(1) && error.contains(words), "{field}: {code:?} {error}");
            file.write_all_at(&bytes[field..=field], field as u64).unwrap();
        }
        for slots in [0u64, 1, 4, 24, 1 << 33, 1 << 32, 1 << 63] {
            file.write_all_at(&slots.to_ne_bytes(), 112).unwrap();
            let (code, _, error) = run();
            assert!(code == Some(1) && error.contains("damaged"), "{slots}: {code:?} {error}");
        }
        file.write_all_at(&bytes[112..120], 112).unwrap();
        file.set_len(table + 10).unwrap();
        let (code, _, error) = run();
        assert!(code == Some(1) && error.contains("shorter"), "{code:?} {error}");
        map.close().unwrap();
    }
    let (value, _writer) = Place::with(2, 5u64);
    let output = Command::new(&exe).args([value.path(), "1"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a region with a map"));
}

#[test]
fn a_c_program_reads_while_a_writer_writes() {
    if !C.is_there() {
        return;
    }
    for buffers in [2, 16] {
        let (workshop, place) = (workshop(), Place::new());
        let mut map: MapWriter<u32, u64> = Options::new().buffers(buffers).create_map(&place.0, 64).unwrap();
        map.commit(|batch| (0..64).for_each(|key| _ = batch.insert(key, 1000))).unwrap();
        header(&workshop, &place, "accounts");
        let exe = workshop.0.join("reads");
        C.compile(&workshop.0, &program("map_reads.c"), Some(&exe));
        let is_over = AtomicBool::new(false);
        let (output, commits) = std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for number in 0u32.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    map.commit(|batch| {
                        let (from, to) = (number % 64, number.wrapping_mul(7) % 64);
                        batch.update(&from, |value| *value = value.wrapping_sub(3)).unwrap();
                        batch.update(&to, |value| *value = value.wrapping_add(3)).unwrap();
                        // Entries that move: the last of a run is moved back.
                        let value = batch.remove(&to).unwrap().unwrap();
                        batch.insert(to, value).unwrap();
                    })
                    .unwrap();
                    // A map of two tables that is changed without a pause can hardly be read as a whole.
                    (0..2000).for_each(|_| std::hint::spin_loop());
                }
                map.generation().to_bits()
            });
            let output = Command::new(&exe).args([place.path(), &rounds(2000).to_string()]).output();
            is_over.store(true, Ordering::Relaxed);
            (output.unwrap(), writing.join().unwrap())
        });
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        say(&format!(
            "C program, map of {buffers} buffers: whole views, torn, gets: {}, {commits} commits",
            text.trim()
        ));
    }
}

/// Keys and values of many kinds: compilers accept the header, in both languages.
#[test]
fn compilers_accept_the_headers_of_maps() {
    fn check<K: seqcopy_shm::MapKey, V: Validate>(name: &str) {
        let (workshop, place) = (workshop(), Place::new());
        let _map = MapWriter::<K, V>::create(&place.0, 7).unwrap();
        let source = workshop.0.join("source.c");
        let program = format!("#include \"map.h\"\nint main(void) {{ return sizeof(seqcopy_Map_{name}) == 0; }}\n");
        fs::write(&source, program).unwrap();
        fs::write(workshop.0.join("map.h"), shows(&["header", place.path()])).unwrap();
        for compiler in [&C, &CPP] {
            if compiler.is_there() {
                compiler.compile(&workshop.0, &source, None);
            }
        }
    }
    check::<u8, bool>("bool");
    check::<u128, ()>("__");
    check::<SeqStr<12>, SeqStr<5>>("SeqStr");
    check::<[[u16; 3]; 2], Pose>("Pose");
    check::<std::cmp::Ordering, [Reach; 3]>("array");
    let (place, _map) = {
        let place = Place::new();
        let map = MapWriter::<u32, u32>::create(&place.0, 7).unwrap();
        (place, map)
    };
    assert!(refuses(&["header", "--name", "mmap", place.path()]).contains("can't be the name of a C type"));
}

/// Slots that are free belong to a generation, too: when it is gone, that is said, and not that there are no more entries.
#[test]
fn a_generation_that_is_gone_has_no_end() {
    use std::io::{BufRead, BufReader, Write};
    if !C.is_there() {
        return;
    }
    let (workshop, place) = (workshop(), Place::new());
    let mut map = MapWriter::<u32, u32>::create(&place.0, 7).unwrap();
    map.insert(1, 10).unwrap();
    header(&workshop, &place, "numbers");
    let program = "\
#include <stdio.h>
#include \"numbers.h\"
int main(int argc, char **argv)
{
    numbers_region region;
    numbers_iterator all;
    numbers entry;
    if (argc < 2 || numbers_open(&region, argv[1]) != NUMBERS_READ_OK)
        return 1;
    numbers_view(&region, &all);
    if (numbers_next(&all, &entry) != NUMBERS_READ_OK || puts(\"one\") < 0 || fflush(stdout) != 0)
        return 2;
    (void)getchar();
    return puts(numbers_message(numbers_next(&all, &entry))) < 0;
}
";
    let (source, exe) = (workshop.0.join("gone.c"), workshop.0.join("gone"));
    fs::write(&source, program).unwrap();
    C.compile(&workshop.0, &source, Some(&exe));
    let piped = std::process::Stdio::piped;
    let mut child = Command::new(&exe).arg(place.path()).stdin(piped()).stdout(piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("one"));
    (2..5).for_each(|value| _ = map.insert(1, value).unwrap());
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let last = lines.next();
    assert!(last.as_deref().is_some_and(|line| line.contains("with a new view")), "{last:?}");
    assert!(child.wait().unwrap().success());
}
