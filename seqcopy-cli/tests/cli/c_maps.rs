//! `header` of a map: compilers accept it, and C programs find what this process wrote.

use std::fs;
use std::process::Stdio;

use seqcopy::SeqStr;
use seqcopy_shm::MapWriter;

use super::compiler::{C, CPP, header, program, workshop};
use super::devices::{SIZES, devices, spoil_one};
use super::*;

/// Keys whose length is not a multiple of a word, in tables of several sizes; an invalid value.
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
        assert_eq!(run(), (Some(0), format!("{} {} 1 0", there - 1, count.div_ceil(3)), String::new()));

        map.close().unwrap();
    }
}

/// The recipe of `seqcopy_map_reader_get` for several look-ups in one generation. Look-ups without it do differ, so the
/// test could fail.
#[test]
fn look_ups_between_equal_versions_are_of_one_generation() {
    if !C.is_there() {
        return;
    }
    let (workshop, place) = (workshop(), Place::new());
    let mut map = MapWriter::<u32, u64>::create(&place.0, 8).unwrap();
    let mut both = |number: u64| {
        map.commit(|batch| [0, 1].map(|key| batch.insert(key, number).map(drop).unwrap())).unwrap();
    };
    both(0);
    fs::write(workshop.0.join("pairs.h"), shows(&["header", "--name", "pairs", place.path()])).unwrap();
    let exe = workshop.0.join("pairs");
    C.compile(&workshop.0, &program("map_pairs.c"), Some(&exe));
    let count = rounds(200_000).to_string();
    let mut running = Command::new(&exe).args([place.path(), &count]).stdout(Stdio::piped()).spawn().unwrap();
    for number in 1.. {
        both(number);
        // The writer's pace: most look-ups meet no commit, and some do.
        (0..200).for_each(|_| std::hint::spin_loop());
        if number % 256 == 0 && running.try_wait().unwrap().is_some() {
            break;
        }
    }
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success());
    let counts = String::from_utf8(output.stdout).unwrap();
    let counts: Vec<u64> = counts.split_whitespace().map(|count| count.parse().unwrap()).collect();
    assert_eq!(counts[0], 0, "of one generation");
    assert!(counts[1] > 0, "the map never changed between two look-ups");
}

/// The classes of C++ pass no bytes for such values. This process sees what they did.
#[test]
fn classes_take_maps_whose_values_have_no_bytes() {
    if !CPP.is_there() {
        return;
    }
    let (workshop, place) = (workshop(), Place::new());
    let mut map = MapWriter::<u32, ()>::create(&place.0, 8).unwrap();
    map.insert(1, ()).unwrap();
    drop(map);
    fs::write(workshop.0.join("numbers.h"), shows(&["header", "--name", "numbers", place.path()])).unwrap();
    let exe = workshop.0.join("set");
    CPP.compile(&workshop.0, &program("set.cpp"), Some(&exe));
    assert_eq!(Command::new(&exe).arg(place.path()).status().unwrap().code(), Some(0), "the line of set.cpp");
    let map = seqcopy_shm::MapReader::<u32, ()>::open(&place.0).unwrap();
    assert_eq!([1, 2, 3].map(|key| map.get(&key).unwrap().is_some()), [false, true, true]);
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
    assert!(refuses(&["header", "--name", "memcpy", place.path()]).contains("can't be the name of a C type"));
}
