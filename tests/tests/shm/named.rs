//! Each call that takes a path names it where it fails, whatever is at the path.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use seqcopy_shm::untyped;
use seqcopy_shm::{Error, FileReader, MapReader, MapWriter, Options, Reader, Region, Schema, Writer, untyped::FileMap};
use seqcopy_tests::faults::Place;

type Call = fn(&Path) -> Result<(), Error>;

fn replacing() -> Options {
    Options::new().replace_other_type(true)
}

/// The key has one byte, and the value two.
fn slot() -> Schema {
    Schema::of_map::<u8, u16>()
}

const CALLS: [(&str, Call); 31] = [
    ("reader", |path| Reader::<u16>::open(path).map(drop)),
    ("reader by fields", |path| Reader::<u16>::open_by_fields(path).map(drop)),
    ("slice", |path| Reader::<[u16]>::open(path).map(drop)),
    ("file reader", |path| FileReader::<u16>::open(path).map(drop)),
    ("region", |path| Region::open(path).map(drop)),
    ("any region", |path| Region::open_any(path).map(drop)),
    ("file", |path| Region::open_file(path).map(drop)),
    ("map", |path| MapReader::<u8, u16>::open(path).map(drop)),
    ("map by fields", |path| MapReader::<u8, u16>::open_by_fields(path).map(drop)),
    ("file map", |path| FileMap::open(path).map(drop)),
    ("untyped reader", |path| untyped::Reader::open(path).map(drop)),
    ("untyped by fields", |path| {
        untyped::Reader::open_by_fields(path, &Schema::of::<u16>(), &Options::new()).map(drop)
    }),
    ("untyped map", |path| untyped::MapReader::open(path).map(drop)),
    ("untyped map by fields", |path| untyped::MapReader::open_by_fields(path, &slot(), &Options::new()).map(drop)),
    ("create", |path| Writer::<u16>::create(path).map(drop)),
    ("create slice", |path| Options::new().capacity(3).create::<[u16]>(path).map(drop)),
    ("take over", |path| Writer::<u16>::take_over(path).map(drop)),
    ("open or create", |path| Writer::<u16>::open_or_create(path).map(drop)),
    ("open or create with", |path| Writer::open_or_create_with(path, 5u16).map(drop)),
    ("replace", |path| replacing().open_or_create::<u16>(path).map(drop)),
    ("create what is too large", |path| Options::new().capacity(1 << 60).create::<[u16]>(path).map(drop)),
    ("replace by what is too large", |path| replacing().capacity(1 << 60).open_or_create::<[u16]>(path).map(drop)),
    ("create map", |path| MapWriter::<u8, u16>::create(path, 3).map(drop)),
    ("take over map", |path| MapWriter::<u8, u16>::take_over(path).map(drop)),
    ("open or create map", |path| MapWriter::<u8, u16>::open_or_create(path, 3).map(drop)),
    ("replace map", |path| replacing().open_or_create_map::<u8, u16>(path, 3).map(drop)),
    ("untyped create", |path| untyped::Writer::create(path, &Schema::of::<u16>(), &Options::new()).map(drop)),
    ("untyped take over", |path| untyped::Writer::take_over(path, &Schema::of::<u16>(), &Options::new()).map(drop)),
    ("untyped replace", |path| untyped::Writer::open_or_create(path, &Schema::of::<u16>(), &replacing()).map(drop)),
    ("untyped create map", |path| untyped::MapWriter::create(path, &slot(), 8, &Options::new()).map(drop)),
    ("untyped replace map", |path| untyped::MapWriter::open_or_create(path, &slot(), 8, &replacing()).map(drop)),
];

/// What is at a path, and how many calls fail there at least.
type State = (&'static str, fn(&Place) -> PathBuf, usize);

const STATES: [State; 9] = [
    ("nothing", |place| place.at("nothing"), 15),
    ("no folder", |place| place.at("no folder").join("region"), CALLS.len()),
    ("a file for a folder", |place| junk(place).join("region"), CALLS.len()),
    ("no name", |place| place.at("..").join(".."), CALLS.len()),
    ("a long name", |place| place.at(&"long".repeat(100)), CALLS.len()),
    ("a folder", |place| place.at("."), CALLS.len()),
    ("no region", junk, CALLS.len()),
    ("a region of another type", other, 20),
    // What may be replaced stays where the path is a link.
    ("a link to one", |place| link(place, &other(place)), 20),
];

fn junk(place: &Place) -> PathBuf {
    std::fs::write(place.at("junk"), b"no region").unwrap();
    place.at("junk")
}

fn other(place: &Place) -> PathBuf {
    let path = place.at("other");
    drop(replacing().open_or_create_with(&path, [5u64; 3]).unwrap());
    path
}

fn link(place: &Place, to: &Path) -> PathBuf {
    let path = place.at("link");
    let _ = std::fs::remove_file(&path);
    symlink(to, &path).unwrap();
    path
}

#[test]
fn each_call_names_the_path_at_which_it_fails() {
    for (state, prepare, least) in STATES {
        let mut failed = 0;
        for (call, open) in CALLS {
            let place = Place::new();
            let path = prepare(&place);
            let Err(error) = open(&path) else { continue };
            failed += 1;
            let (said, path) = (error.to_string(), format!("`{}`: ", path.display()));
            assert!(said.starts_with(&path), "{call} at {state}: {said}");
        }
        assert!(failed >= least, "{state}: only {failed} calls fail");
    }
}

/// While another program writes it.
#[test]
fn each_call_names_the_path_of_a_region_that_is_written() {
    let mut failed = 0;
    for (call, open) in CALLS {
        let place = Place::new();
        let (value, map) = (place.at("value"), place.at("map"));
        let writers = (Writer::<u16>::create(&value).unwrap(), MapWriter::<u8, u16>::create(&map, 3).unwrap());
        for path in [value, map] {
            let Err(error) = open(&path) else { continue };
            failed += 1;
            assert!(error.to_string().starts_with(&format!("`{}`: ", path.display())), "{call}: {error}");
        }
        drop(writers);
    }
    assert!(failed > 30, "only {failed} calls fail");
}

/// By it they find where entries lie, which no program can foresee that has not opened the map.
#[test]
fn each_map_has_a_seed_of_its_own() {
    let place = Place::new();
    let mut seeds = std::collections::HashSet::new();
    let options = Options::new();
    let seed = |region: &Region| region.header().seed();
    for round in 0..3 {
        let at = |name: &str| place.at(&format!("{name}{round}"));
        let typed = MapWriter::<u8, u16>::create(at("a"), 3).unwrap();
        let opened = MapWriter::<u8, u16>::open_or_create(at("b"), 3).unwrap();
        let untyped = untyped::MapWriter::create(at("c"), &slot(), 8, &options).unwrap();
        let replaced = untyped::MapWriter::open_or_create(at("d"), &slot(), 8, &replacing()).unwrap();
        let found = [typed.region(), opened.region(), untyped.region(), replaced.region()].map(seed);
        #[cfg(target_os = "linux")]
        seeds.extend([
            seed(options.create_map_memfd::<u8, u16>("a", 3).unwrap().region()),
            seed(untyped::MapWriter::create_memfd("b", &slot(), 8, &options).unwrap().region()),
        ]);
        seeds.extend(found);
    }
    assert_eq!(seeds.len(), if cfg!(target_os = "linux") { 18 } else { 12 }, "{seeds:?}");
}
