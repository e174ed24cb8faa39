//! A reader in C that was made by the page on the format, beside the library's writers and that one which follows the
//! page.

use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::atomic::AtomicBool;

use seqcopy_shm::{MapWriter, Region, Schema};

use super::compiler::{C, Running, program, workshop};
use super::devices::{Device, Key, SIZES, devices, key, newest, spoil_one};
use super::writer::{Numbers, numbers};
use super::*;

/// The program, and the schemas of the two types that it knows.
struct Page {
    _workshop: Place,
    exe: PathBuf,
    value: PathBuf,
    map: PathBuf,
}

impl Page {
    fn new() -> Option<Page> {
        if !C.is_there() {
            return None;
        }
        let workshop = workshop();
        let [exe, value, map] = ["reader", "value", "map"].map(|name| workshop.0.join(name));
        C.compile(&workshop.0, &program("reader.c"), Some(&exe));
        fs::write(&value, Schema::of::<Numbers>().as_bytes()).unwrap();
        fs::write(&map, Schema::of_map::<Key, Device>().as_bytes()).unwrap();
        Some(Page { _workshop: workshop, exe, value, map })
    }

    /// Opens a region; or what it says instead.
    fn open(&self, kind: &str, place: &Place) -> Result<Running, String> {
        let schema = if kind == "map" { &self.map } else { &self.value };
        let mut reader = Running::start(&self.exe, &[kind, place.path(), schema.to_str().unwrap()]);
        let said = reader.line();
        if said == "ok" { Ok(reader) } else { Err(said) }
    }
}

fn ask(reader: &mut Running, order: &str) -> String {
    reader.tell(order);
    reader.line()
}

#[test]
fn a_reader_that_follows_the_page_reads_whole_values() {
    let Some(page) = Page::new() else { return };
    for buffers in [1, 2, 4] {
        let place = Place::new();
        let mut writer = Options::new().buffers(buffers).create::<Numbers>(&place.0).unwrap();
        let mut reader = page.open("value", &place).unwrap();
        assert_eq!([ask(&mut reader, "r"), ask(&mut reader, "w")], ["empty", "alive"]);
        writer.write(numbers(7)).unwrap();
        assert_eq!(ask(&mut reader, "r"), "7");
        // This process writes meanwhile, as fast as it can.
        let wanted = rounds(20_000).to_string();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut n = 7;
                while !is_over.load(Ordering::Relaxed) {
                    n += 1;
                    writer.write(numbers(n)).unwrap();
                    // A single buffer that is written without a pause can hardly be read.
                    (0..if buffers == 1 { 2000 } else { 0 }).for_each(|_| std::hint::spin_loop());
                }
            });
            let said = ask(&mut reader, &format!("t {wanted}"));
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(said, wanted, "{buffers} buffers");
        });
        drop(writer);
        // Its lock is released once no process that another test is starting has its descriptors any more.
        let began = Instant::now();
        while ask(&mut reader, "w") != "gone" {
            assert!(began.elapsed() < Duration::from_secs(60));
        }
        let writer = Writer::<Numbers>::take_over(&place.0).unwrap();
        assert_eq!(ask(&mut reader, "w"), "alive");
        writer.close().unwrap();
        assert_eq!(ask(&mut reader, "r"), "closed");
    }
}

/// Each byte of the header and of the state, numbers of buffers that can't be, and other files.
#[test]
fn a_reader_that_follows_the_page_judges_a_header_as_the_library_does() {
    let Some(page) = Page::new() else { return };
    for buffers in [1, 2] {
        let place = Place::new();
        let mut writer = Options::new().buffers(buffers).create::<Numbers>(&place.0).unwrap();
        writer.write(numbers(1)).unwrap();
        let (whole, other) = (fs::read(&place.0).unwrap(), Place::new());
        let says = |bytes: &[u8]| {
            fs::write(&other.0, bytes).unwrap();
            page.open("value", &other).err()
        };
        assert_eq!(says(&whole), None);
        for (at, bit) in (0..132).flat_map(|at| [(at, 1), (at, 0x80)]) {
            let mut flipped = whole.clone();
            flipped[at] ^= bit;
            let why = says(&flipped);
            assert_eq!(why.is_none(), Region::open_file(&other.0).is_ok(), "byte {at}, bit {bit}: {why:?}");
        }
        let header = *writer.region().header();
        for impossible in [0u32, 3, 1 << 17] {
            let end = header.buffer_offset() + u64::from(impossible) * header.buffer_stride();
            let mut forged = whole.clone();
            forged[24..32].copy_from_slice(&(end + header.schema_len()).to_ne_bytes());
            forged[44..48].copy_from_slice(&impossible.to_ne_bytes());
            forged[64..72].copy_from_slice(&end.to_ne_bytes());
            assert_eq!(says(&forged).as_deref(), Some("damaged"), "{impossible} buffers");
        }
        assert_eq!(says(&whole[..whole.len() - 1]).as_deref(), Some("too short"));
        assert_eq!(says(&whole[..100]).as_deref(), Some("not a region of this kind"));
        let (pose, _pose) = Place::with(buffers, pose());
        assert_eq!(page.open("value", &pose).unwrap_err(), "another type");
        assert_eq!(page.open("map", &place).unwrap_err(), "not a region of this kind");
        fs::remove_file(&other.0).unwrap();
        assert_eq!(page.open("value", &other).unwrap_err(), "not there");
    }
}

#[test]
fn a_reader_that_follows_the_page_finds_entries() {
    let Some(page) = Page::new() else { return };
    for (buffers, count) in SIZES {
        let place = Place::new();
        let map = devices(&place, buffers, count);
        let mut reader = page.open("map", &place).unwrap();
        let name = |number: u32| String::from_utf8(key(number).to_vec()).unwrap();
        let mut sum = 0;
        for number in 0..count {
            let found = ask(&mut reader, &format!("g {}", name(number)));
            let expected = if number % 3 == 0 { "absent".into() } else { format!("{} {number} 1", 7 * number) };
            assert_eq!(found, expected);
            sum += if number % 3 == 0 { 0 } else { 7 * number };
        }
        let there = count - count.div_ceil(3);
        assert_eq!(ask(&mut reader, "a"), format!("{there} {sum} 0"));
        spoil_one(&place, &map);
        assert_eq!(ask(&mut reader, &format!("g {}", name(1))), "invalid");
        assert_eq!(ask(&mut reader, "a"), format!("{} {sum} 1", there - 1));
        // No free slot, and noise: each search ends.
        let (file, table) = newest(&place, &map);
        let len = usize::try_from(map.region().header().buffer_stride()).unwrap();
        file.write_all_at(&vec![0xa5; len], table).unwrap();
        assert_eq!(ask(&mut reader, &format!("g {}", name(1))), "absent");
        map.close().unwrap();
        assert_eq!(ask(&mut reader, "a"), "closed");
    }
}

/// A generation that is written again while it is walked through is not taken for one.
#[test]
fn a_reader_that_follows_the_page_walks_through_one_generation() {
    let Some(page) = Page::new() else { return };
    for buffers in [2, 16] {
        let place = Place::new();
        let mut map: MapWriter<Key, Device> = Options::new().buffers(buffers).create_map(&place.0, 64).unwrap();
        map.commit(|batch| (0..64).for_each(|n| _ = batch.insert(key(n), Device::of(1000)))).unwrap();
        let mut reader = page.open("map", &place).unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0u32.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    map.commit(|batch| {
                        let (from, to) = (key(number % 64), key(number.wrapping_mul(7) % 64));
                        let value = batch.remove(&from).unwrap().unwrap();
                        batch.insert(from, Device::of(value.number.wrapping_sub(3))).unwrap();
                        batch.update(&to, |value| value.number = value.number.wrapping_add(3)).unwrap();
                    })
                    .unwrap();
                    (0..2000).for_each(|_| std::hint::spin_loop());
                }
            });
            let said: Vec<String> = (0..rounds(2000)).map(|_| ask(&mut reader, "a")).collect();
            is_over.store(true, Ordering::Relaxed);
            assert!(said.iter().all(|said| said == "64 64000 0"), "{buffers} buffers: {said:?}");
        });
    }
}
