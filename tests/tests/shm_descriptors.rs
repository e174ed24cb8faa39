//! No descriptor leaks, on error paths either. The only test of its process: others would open and close descriptors.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use seqcopy_harness::fails;
use seqcopy_shm::untyped;
use seqcopy_shm::{
    Error, FileReader, MapReader, MapWriter, Options, Reader, Region, Schema, SchemaBuilder, Writer, untyped::FileMap,
};
use seqcopy_tests::faults::{Beat, Place, Small, descriptors, send_descriptor};

/// How many regions this process has mapped.
fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.contains("seqcopy")).count()
}

type Call = (&'static str, fn(&Path) -> Option<Error>);

/// A call of this name with a path.
macro_rules! call {
    ($name:expr, $path:ident => $call:expr) => {
        ($name, (|$path: &Path| $call.err()) as fn(&Path) -> Option<Error>)
    };
}

/// Every call that opens what is there.
const OPEN: &[Call] = &[
    call!("Options::open", path => Options::new().open::<Small>(path)),
    call!("Options::open_file", path => Options::new().open_file::<Small>(path)),
    call!("Options::open_region", path => Options::new().open_region(path)),
    call!("Options::open_file_region", path => Options::new().open_file_region(path)),
    call!("Options::take_over", path => Options::new().take_over::<Small>(path)),
    call!("Reader::open", path => Reader::<Small>::open(path)),
    call!("FileReader::open", path => FileReader::<Small>::open(path)),
    call!("Reader::open_by_fields", path => Reader::<Small>::open_by_fields(path)),
    call!("FileReader::open_by_fields", path => FileReader::<Small>::open_by_fields(path)),
    call!("Options::open_by_fields", path => Options::new().open_by_fields::<Small>(path)),
    call!("untyped::Reader::open_with", path => untyped::Reader::open_with(path, &Options::new())),
    call!("untyped::MapReader::open_with", path => untyped::MapReader::open_with(path, &Options::new())),
    call!("Region::open", path => Region::open(path)),
    call!("Region::open_file", path => Region::open_file(path)),
    call!("Writer::take_over", path => Writer::<Small>::take_over(path)),
    call!("Region::open_any", path => Region::open_any(path)),
    call!("untyped::Reader::open", path => untyped::Reader::open(path)),
    call!("untyped::MapReader::open", path => untyped::MapReader::open(path)),
    call!("untyped::Reader::open_by_fields", path => {
        untyped::Reader::open_by_fields(path, &Schema::of::<Small>(), &Options::new())
    }),
    call!("untyped::MapReader::open_by_fields", path => {
        untyped::MapReader::open_by_fields(path, &Schema::of_map::<u8, u8>(), &Options::new())
    }),
    call!("untyped::Writer::take_over", path => {
        untyped::Writer::take_over(path, &Schema::of::<Small>(), &Options::new())
    }),
    call!("untyped::MapWriter::take_over", path => {
        untyped::MapWriter::take_over(path, &Schema::of_map::<u8, u8>(), &Options::new())
    }),
    call!("Options::open_map", path => Options::new().open_map::<u8, u8>(path)),
    call!("Options::take_over_map", path => Options::new().take_over_map::<u8, u8>(path)),
    call!("Options::open_map_by_fields", path => Options::new().open_map_by_fields::<u8, u8>(path)),
    call!("MapReader::open", path => MapReader::<u8, u8>::open(path)),
    call!("MapReader::open_by_fields", path => MapReader::<u8, u8>::open_by_fields(path)),
    call!("untyped::FileMap::open", path => FileMap::open(path)),
    call!("MapWriter::take_over", path => MapWriter::<u8, u8>::take_over(path)),
];

/// Every call that makes what is not there.
const CREATE: &[Call] = &[
    call!("Options::create", path => Options::new().create::<Small>(path)),
    call!("Options::open_or_create", path => Options::new().open_or_create::<Small>(path)),
    call!("Options::open_or_create_with", path => Options::new().open_or_create_with(path, Beat::<32>::of(1))),
    call!("Writer::create", path => Writer::<Small>::create(path)),
    call!("Writer::open_or_create", path => Writer::<Small>::open_or_create(path)),
    call!("Writer::open_or_create_with", path => Writer::open_or_create_with(path, Beat::<32>::of(1))),
    call!("Options::create_map", path => Options::new().create_map::<u8, u8>(path, 4)),
    call!("Options::open_or_create_map", path => Options::new().open_or_create_map::<u8, u8>(path, 4)),
    call!("MapWriter::create", path => MapWriter::<u8, u8>::create(path, 4)),
    call!("MapWriter::open_or_create", path => MapWriter::<u8, u8>::open_or_create(path, 4)),
    call!("untyped::Writer::create", path => {
        untyped::Writer::create(path, &Schema::of::<Small>(), &Options::new())
    }),
    call!("untyped::MapWriter::create", path => {
        untyped::MapWriter::create(path, &Schema::of_map::<u8, u8>(), 8, &Options::new())
    }),
    call!("untyped::Writer::open_or_create", path => untyped::Writer::open_or_create(path, &Schema::of::<Small>(), &Options::new())),
    call!("untyped::MapWriter::open_or_create", path => {
        untyped::MapWriter::open_or_create(path, &Schema::of_map::<u8, u8>(), 8, &Options::new())
    }),
];

/// Every call with a descriptor, of a file that is not sealed.
const DESCRIPTOR: &[Call] = &[
    call!("Reader::from_fd", path => Reader::<Small>::from_fd(opened(path))),
    call!("FileReader::from_fd", path => FileReader::<Small>::from_fd(opened(path))),
    call!("untyped::Reader::from_fd", path => untyped::Reader::from_fd(opened(path))),
    call!("untyped::MapReader::from_fd", path => untyped::MapReader::from_fd(opened(path))),
    call!("Region::from_fd", path => Region::from_fd(opened(path))),
    call!("Writer::take_over_fd", path => Writer::<Small>::take_over_fd(opened(path))),
    call!("MapReader::from_fd", path => MapReader::<u8, u8>::from_fd(opened(path))),
    call!("MapWriter::take_over_fd", path => MapWriter::<u8, u8>::take_over_fd(opened(path))),
];

fn opened(path: &Path) -> OwnedFd {
    fs::File::open(path).unwrap().into()
}

/// What a handle can do once it is there, and can't as long as the system, or the other side, does not let it.
struct Handles {
    path: PathBuf,
    limit: Option<(u64, u64)>,
}

impl Handles {
    /// No descriptor is to be had until this is called again.
    fn limit(&mut self) {
        if let Some((soft, hard)) = self.limit.take() {
            setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
        } else {
            let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
            setrlimit(Resource::RLIMIT_NOFILE, 0, hard).unwrap();
            self.limit = Some((soft, hard));
        }
    }
}

fn make(name: &str, path: &Path) {
    if name.contains("map") || name.contains("Map") {
        drop(MapWriter::<u8, u8>::create(path, 4).unwrap());
    } else {
        Writer::<Small>::create(path).unwrap().write(Beat::of(1)).unwrap();
    }
}

/// Each call succeeds when the cause of its failure is gone: the file is there, or is not, or is a region.
fn each_call_succeeds_then(place: &Place) {
    let path = place.at("later");
    let state = |(): &mut ()| (descriptors(), mappings(), place.names(), fs::read(&path).ok());
    let result = |call: &fn(&Path) -> Option<Error>, path: &Path| call(path).map_or(Ok(()), Err);
    for (name, call) in OPEN {
        fails(name, &mut (), |()| result(call, &path), state, None, |()| make(name, &path));
        fs::remove_file(&path).unwrap();
    }
    for (name, call) in CREATE {
        fs::write(&path, "no region").unwrap();
        fails(name, &mut (), |()| result(call, &path), state, None, |()| fs::remove_file(&path).unwrap());
        fs::remove_file(&path).unwrap();
    }
    for (name, call) in DESCRIPTOR {
        let mut at = path.clone();
        fs::write(&path, "no region").unwrap();
        // Held until the call has succeeded.
        let mut held = None;
        let options = || Options::new().allow_take_over_fd(true);
        let good = |at: &mut PathBuf| {
            let file = if name.contains("Map") {
                options().create_map_memfd::<u8, u8>("seqcopy-later", 4).unwrap().share()
            } else {
                options().create_memfd::<Small>("seqcopy-later").unwrap().share()
            };
            let file = file.unwrap();
            *at = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
            held = Some(file);
        };
        fails(name, &mut at, |at| result(call, at), |_| state(&mut ()), None, good);
        fs::remove_file(&path).unwrap();
    }
    let mut buffers = 3;
    let create = |buffers: &mut u32| Options::new().buffers(*buffers).create_memfd::<Small>("seqcopy-odd").map(drop);
    fails("Options::create_memfd", &mut buffers, create, |_| state(&mut ()), None, |buffers| *buffers = 2);
    let create = |buffers: &mut u32| Options::new().buffers(*buffers).create_map_memfd::<u8, u8>("odd", 4).map(drop);
    buffers = 3;
    fails("Options::create_map_memfd", &mut buffers, create, |_| state(&mut ()), None, |buffers| *buffers = 2);
    let kind = Schema::of::<Small>();
    let create =
        |buffers: &mut u32| untyped::Writer::create_memfd("odd", &kind, &Options::new().buffers(*buffers)).map(drop);
    buffers = 3;
    fails("untyped::Writer::create_memfd", &mut buffers, create, |_| state(&mut ()), None, |buffers| *buffers = 2);
    let number = SchemaBuilder::number("u8").unwrap();
    let kind = SchemaBuilder::map(&number, &number).build().unwrap();
    let create = |buffers: &mut u32| {
        untyped::MapWriter::create_memfd("odd", &kind, 8, &Options::new().buffers(*buffers)).map(drop)
    };
    buffers = 3;
    fails("untyped::MapWriter::create_memfd", &mut buffers, create, |_| state(&mut ()), None, |buffers| *buffers = 2);
    make("a value", &path);
    let mut other = place.path().join("map");
    make("a map", &other);
    fs::remove_file(&other).unwrap();
    drop(Writer::<u64>::create(&other).unwrap());
    let from = |at: &mut PathBuf| Reader::<Small>::from_region(Region::open(&*at)?).map(drop);
    fails("Reader::from_region", &mut other, from, |_| state(&mut ()), None, |at| at.clone_from(&path));
    fs::remove_file(place.at("map")).unwrap();
    fs::remove_file(&path).unwrap();
}

/// Handles without a descriptor to be had, and a moment later with one.
fn each_handle_goes_on(place: &Place) {
    let (value, map) = (place.at("later"), place.at("later-map"));
    macro_rules! shares {
        ($($name:literal: $path:ident => $handle:expr, $call:ident;)*) => {$({
            make(if stringify!($path) == "map" { "map" } else { "value" }, &$path);
            let handle = $handle;
            let mut on = Handles { path: $path.clone(), limit: None };
            let before = fs::read(&on.path).unwrap();
            on.limit();
            fails($name, &mut on, |_| handle.$call().map(drop), |_| (), None, Handles::limit);
            assert!(fs::read(&on.path).unwrap() == before, "{}", $name);
            drop(handle);
            fs::remove_file(&on.path).unwrap();
        })*};
    }
    let (schema, of_map) = (Schema::of::<Small>(), Schema::of_map::<u8, u8>());
    shares! {
        "Writer::share": value => Writer::<Small>::take_over(&value).unwrap(), share;
        "MapWriter::share": map => MapWriter::<u8, u8>::take_over(&map).unwrap(), share;
        "Region::share": value => Region::open(&value).unwrap(), share;
        "untyped::Writer::share": value => untyped::Writer::take_over(&value, &schema, &Options::new()).unwrap(), share;
        "untyped::MapWriter::share": map => untyped::MapWriter::take_over(&map, &of_map, &Options::new()).unwrap(), share;
        "Region::share of a map": map => Region::open_any(&map).unwrap(), share;
    }
    // A region of another type has the path, and then one of this.
    macro_rules! renews {
        ($($name:literal: $path:ident => $open:expr, $call:ident;)*) => {$({
            let of = if stringify!($path) == "map" { "map" } else { "value" };
            make(of, &$path);
            let mut on = $open;
            fs::remove_file(&$path).unwrap();
            drop(Writer::<[u8; 3]>::create(&$path).unwrap());
            let state = |_: &mut _| (descriptors(), mappings(), fs::read(&$path).unwrap());
            fails($name, &mut on, |on| on.$call().map(|_| ()), state, None, |_| {
                fs::remove_file(&$path).unwrap();
                make(of, &$path);
            });
            drop(on);
            fs::remove_file(&$path).unwrap();
        })*};
    }
    renews! {
        "Reader::reopen_if_removed": value => Reader::<Small>::open(&value).unwrap(), reopen_if_removed;
        "FileReader::reopen_if_removed": value => FileReader::<Small>::open(&value).unwrap(), reopen_if_removed;
        "MapReader::reopen_if_removed": map => MapReader::<u8, u8>::open(&map).unwrap(), reopen_if_removed;
        "untyped::MapReader::reopen_if_removed": map => untyped::MapReader::open(&map).unwrap(), reopen_if_removed;
        "untyped::MapReader::replacement": map => untyped::MapReader::open(&map).unwrap(), replacement;
    }
}

/// Also of a path that leads to no region, nothing is made, changed or kept. `good` has a writer.
fn each_call_fails(place: &Place, good: &Path, others: &[&Path]) {
    let failed = |calls: &[Call], paths: &[&Path]| {
        for (name, call) in calls {
            for path in paths {
                assert!(call(path).is_some(), "{name} of {}", path.display());
            }
        }
    };
    let missing = place.at("missing");
    failed(OPEN, &[&missing, place.path()]);
    failed(OPEN, others);
    failed(CREATE, &[good, place.path()]);
    failed(CREATE, others);
    failed(CREATE, &[&missing.join("region")]);
    failed(DESCRIPTOR, others);
    let odd = Options::new().buffers(3);
    odd.create_memfd::<Small>("seqcopy-odd").unwrap_err();
    odd.create_map_memfd::<u8, u8>("seqcopy-odd", 4).unwrap_err();
    Reader::<u64>::from_region(Region::open(good).unwrap()).unwrap_err();
}

/// Where no descriptor is to be had, handles that have theirs go on.
fn without_descriptors(place: &Place, good: &Path, writer: &Writer<Small>) {
    let path = place.at("map");
    let mut map = MapWriter::<u8, u8>::create(&path, 4).unwrap();
    let (reader, view) = (Reader::<Small>::open(good).unwrap(), MapReader::<u8, u8>::open(&path).unwrap());
    let region = Region::open(good).unwrap();
    let (here, there) = UnixStream::pair().unwrap();
    drop(there);
    assert!(region.send(&here).is_err());
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, 0, hard).unwrap();
    let shared = [writer.share(), map.share(), region.share(), view.region().share()];
    let opened =
        OPEN.iter().all(|(_, call)| call(good).is_some()) && CREATE.iter().all(|(_, call)| call(&path).is_some());
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
    assert!(
        opened
            && shared.iter().all(|shared| shared.as_ref().is_err_and(|error| error.to_string().contains("open files")))
    );
    map.insert(1, 2).unwrap();
    assert_eq!((reader.read(), region.version(), view.get(&1)), (Ok(Beat::of(1)), writer.version(), Ok(Some(2))));
    map.close().unwrap();
}

#[test]
fn errors_leave_neither_descriptors_nor_mappings() {
    let place = Place::new();
    let (good, damaged, closed, truncated) =
        (place.at("good"), place.at("damaged"), place.at("closed"), place.at("truncated"));
    let mut writer = Writer::<Small>::create(&good).unwrap();
    writer.write(Beat::of(1)).unwrap();
    let bytes = fs::read(&good).unwrap();
    let change = |path, at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 2;
        fs::write(path, bytes).unwrap();
    };
    change(&damaged, 16);
    change(&closed, 128);
    fs::write(&truncated, &bytes[..bytes.len() - 1]).unwrap();
    let memfd = Options::new().create_memfd::<Small>("seqcopy-leak").unwrap();
    let shared = memfd.share().unwrap();
    let (here, there) = UnixStream::pair().unwrap();
    let dangling = place.at("dangling");
    std::os::unix::fs::symlink(place.at("nowhere"), &dangling).unwrap();
    let texts = || [&good, &damaged, &closed, &truncated].map(|path| fs::read(path).unwrap());
    let before = (descriptors(), mappings(), texts());
    each_call_fails(&place, &good, &[&damaged, &truncated]);
    without_descriptors(&place, &good, &writer);
    each_call_succeeds_then(&place);
    each_handle_goes_on(&place);
    assert!((descriptors(), mappings(), texts()) == before);
    let before = (before.0, before.1);
    for _ in 0..1000 {
        for path in [&damaged, &closed, &truncated, &place.at("missing"), place.path()] {
            Reader::<Small>::open(path).unwrap_err();
            Reader::<Small>::open_by_fields(path).unwrap_err();
            FileReader::<Small>::open_by_fields(path).unwrap_err();
            Options::new().open_by_fields::<Small>(path).unwrap_err();
            FileReader::<Small>::open(path).unwrap_err();
            Writer::<Small>::take_over(path).unwrap_err();
        }
        Reader::<u64>::open(&good).unwrap_err();
        Reader::<u64>::open_by_fields(&good).unwrap_err();
        FileReader::<u64>::open(&good).unwrap_err();
        Writer::<Small>::take_over(&good).unwrap_err();
        for path in [&damaged, &closed, &truncated, &good, place.path(), &dangling] {
            Writer::<Small>::open_or_create(path).unwrap_err();
        }
        Writer::<Small>::create(&good).unwrap_err();
        Options::new().buffers(3).create::<Small>(place.at("new")).unwrap_err();
        Writer::<Small>::take_over_fd(shared.try_clone().unwrap()).unwrap_err();
        Region::from_fd(fs::File::open(&good).unwrap().into()).unwrap_err();
        // And what succeeds.
        drop(Reader::<Small>::open(&good).unwrap());
        Writer::<Small>::create(place.at("new")).unwrap().close().unwrap();
        drop(Writer::<Small>::open_or_create(place.at("new")).unwrap());
        Writer::<Small>::open_or_create(place.at("new")).unwrap().close().unwrap();
        // More descriptors than the buffer of the receiver holds; how many of them it accepts does not matter.
        send_descriptor(&here, &[shared.as_raw_fd(); 3]);
        drop(Region::receive(&there));
    }
    assert_eq!((descriptors(), mappings()), before);
    assert_eq!(place.names(), ["closed", "damaged", "dangling", "good", "truncated"]);
    writer.write(Beat::of(2)).unwrap();
}
