//! `region()` of a handle: what a writer's says of itself, and what a region with a map refuses.

use nix::sys::wait::{WaitStatus, waitpid};
use seqcopy_harness::fails;
use seqcopy_shm::untyped;
use seqcopy_shm::{
    ErrorKind, Header, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Schema, SchemaBuilder, Uid,
    VersionError, Writer, WriterState, untyped::FileMap,
};
use seqcopy_tests::faults::{Place, forked, is_woken};

/// The four writers, in one call each: `$on` is the region of one at `$path`.
macro_rules! each_writer {
    ($place:expr, |$path:ident, $on:ident| $body:expr) => {
        let (schema, of_map) = (Schema::of::<u32>(), Schema::of_map::<u32, u32>());
        let options = Options::new();
        let ($path, writer) = (&$place.at("value"), Writer::<u32>::create($place.at("value")).unwrap());
        let $on = writer.region();
        $body;
        let ($path, writer) = (&$place.at("map"), MapWriter::<u32, u32>::create($place.at("map"), 4).unwrap());
        let $on = writer.region();
        $body;
        let at = $place.at("bytes");
        let ($path, writer) = (&at, untyped::Writer::create(&at, &schema, &options).unwrap());
        let $on = writer.region();
        $body;
        let at = $place.at("entries");
        let ($path, writer) = (&at, untyped::MapWriter::create(&at, &of_map, 8, &options).unwrap());
        let $on = writer.region();
        $body;
    };
}

fn is_this(state: WriterState) -> bool {
    matches!(state, WriterState::Alive { pid, .. } if pid == std::process::id())
}

/// What a reader's region says, which was opened by the path.
#[test]
fn the_region_of_a_writer_says_what_that_of_a_reader_says() {
    let place = Place::new();
    each_writer!(place, |path, region| {
        let there = Region::open_any(path).unwrap();
        assert_eq!(format!("{:?}", region.header()), format!("{:?}", there.header()), "{path:?}");
        assert_eq!((region.schema(), region.owner()), (there.schema(), Uid::effective()));
        assert_eq!((region.version(), region.is_closed()), (there.version(), there.is_closed()));
        // The system does not tell a file of its own lock.
        assert!(is_this(region.writer_state()) && is_this(there.writer_state()), "{path:?}");
        assert!(!region.is_removed() && region.replacement().unwrap().is_none());
        assert_eq!(
            Region::from_fd(region.share().unwrap()).unwrap_err().to_string(),
            Region::from_fd(there.share().unwrap()).unwrap_err().to_string()
        );
        // Its file is there, and not at its path.
        std::fs::rename(path, path.with_extension("renamed")).unwrap();
        assert!(region.is_removed(), "{path:?}");
    });
}

/// It is its parent that holds the lock.
#[test]
fn in_a_fork_the_writer_is_the_parent() {
    let place = Place::new();
    let parent = std::process::id();
    each_writer!(place, |path, region| {
        let child =
            forked(|| assert!(matches!(region.writer_state(), WriterState::Alive { pid, .. } if pid == parent)));
        assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)), "{path:?}");
    });
}

/// The value in a writer's region, and a region that was put back.
#[test]
fn the_region_of_a_writer_follows_it() {
    let place = Place::new();
    let path = place.at("value");
    let mut writer = Writer::<u32>::create(&path).unwrap();
    writer.write(5).unwrap();
    assert_eq!(writer.region().read_bytes(), Ok((5u32.to_ne_bytes().to_vec(), writer.version())));
    let known = writer.region().version();
    assert!(!writer.region().wait(known, std::time::Duration::ZERO));
    std::fs::remove_file(&path).unwrap();
    assert!(writer.restore_if_removed().unwrap());
    assert!(!writer.region().is_removed() && !writer.region().is_closed());
    assert_eq!(writer.region().read_bytes(), Ok((5u32.to_ne_bytes().to_vec(), known)));
}

#[test]
fn a_map_is_not_one_value() {
    let place = Place::new();
    let path = place.at("map");
    let mut map = MapWriter::<u32, u32>::create(&path, 4).unwrap();
    map.insert(1, 10).unwrap();
    let (any, reader, file) =
        (Region::open_any(&path).unwrap(), MapReader::<u32, u32>::open(&path).unwrap(), FileMap::open(&path).unwrap());
    for region in [&any, reader.region(), map.region()] {
        assert_eq!(region.read_bytes(), Err(ReadValueError::IsMap));
    }
    assert_eq!(file.region().read_bytes(), Err(ReadValueError::IsMap));
    let error = Reader::<u32>::from_region(any).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Version(VersionError::Format { expected: 1, found: 2, .. })), "{error}");
    assert!(error.to_string().contains("MapReader") && error.to_string().contains(path.to_str().unwrap()), "{error}");
}

/// Types are described, and looked at, without a region.
#[test]
fn what_no_region_can_have_is_refused_before_there_is_one() {
    let place = Place::new();
    // A key with padding; and no slot at all.
    let number = |name| SchemaBuilder::number(name).unwrap();
    let padded = SchemaBuilder::structure("Padded", &[("id", number("u8")), ("level", number("u64"))]);
    let padded = SchemaBuilder::map(&padded, &number("u64")).build().unwrap();
    for slot in [padded, Schema::of::<u64>()] {
        let path = place.at("map");
        let when_made = untyped::MapWriter::create(&path, &slot, 8, &Options::new()).unwrap_err();
        let check = |slot: &mut Schema| untyped::MapWriter::check_slots(slot);
        let mend = |slot: &mut Schema| *slot = Schema::of_map::<u64, u64>();
        let (refused, ()) = fails("untyped::MapWriter::check_slots", &mut { slot }, check, |_| (), None, mend);
        assert!(when_made.to_string().ends_with(&refused.to_string()), "{when_made}: {refused}");
        assert!(!path.exists());
    }

    // More than memory, in two buffers.
    let huge = number("u8").array(isize::MAX as usize).build().unwrap();
    let when_made = untyped::Writer::create(place.at("huge"), &huge, &Options::new()).unwrap_err();
    let plan = |schema: &mut Schema| Header::planned(schema, false);
    let mend = |schema: &mut Schema| *schema = Schema::of::<u32>();
    let (refused, _) = fails("Header::planned", &mut { huge }, plan, |_| (), None, mend);
    assert!(when_made.to_string().ends_with(&refused.to_string()), "{when_made}: {refused}");
    for (schema, is_map) in [(Schema::of::<u32>(), false), (Schema::of_map::<u32, u32>(), true)] {
        let header = Header::planned(&schema, is_map).unwrap();
        assert_eq!((header.format(), header.buffers()), (if is_map { 2 } else { 1 }, 2));
        assert_eq!(header.fingerprint(), schema.fingerprint());
    }
}

/// What any handle gives away is not for writing, asked of the system; and a region of one kind is not taken over as
/// the other.
#[test]
fn what_is_shared_can_be_read_only() {
    let place = Place::new();
    let options = Options::new().allow_take_over_fd(true);
    let (schema, of_map) = (Schema::of::<u32>(), Schema::of_map::<u32, u32>());
    let value = Writer::<u32>::create(place.at("value")).unwrap();
    let map = MapWriter::<u32, u32>::create(place.at("map"), 4).unwrap();
    let bytes = untyped::Writer::create(place.at("bytes"), &schema, &options).unwrap();
    let entries = untyped::MapWriter::create(place.at("entries"), &of_map, 8, &options).unwrap();
    let (of_value, sealed_map) =
        (options.create_memfd::<u32>("value").unwrap(), options.create_map_memfd::<u32, u32>("map", 4).unwrap());
    let regions = ["value", "map", "bytes", "entries"].map(|name| Region::open_any(place.at(name)).unwrap());
    let all = [
        ("Writer", value.share()),
        ("MapWriter", map.share()),
        ("untyped::Writer", bytes.share()),
        ("untyped::MapWriter", entries.share()),
        ("a memfd's Writer", of_value.share()),
        ("a memfd's MapWriter", sealed_map.share()),
    ];
    let of_regions = regions.iter().map(|region| ("Region", region.share()));
    for (name, shared) in all.into_iter().chain(of_regions) {
        let shared = shared.unwrap();
        let flags =
            nix::fcntl::OFlag::from_bits_truncate(nix::fcntl::fcntl(&shared, nix::fcntl::FcntlArg::F_GETFL).unwrap());
        assert_eq!(flags & nix::fcntl::OFlag::O_ACCMODE, nix::fcntl::OFlag::O_RDONLY, "{name}");
    }
    // Received where it may be taken over, of the wrong kind, and of one that is given away by its path.
    let (value, map) = (of_value.share().unwrap(), sealed_map.share().unwrap());
    drop((of_value, sealed_map));
    let again = |file: &std::os::fd::OwnedFd| file.try_clone().unwrap();
    let of_maps = "one value, not a map";
    let errors = [
        (Region::from_fd(again(&map)).map(drop).unwrap_err(), "map, not a value"),
        (Reader::<u32>::from_fd(again(&map)).map(drop).unwrap_err(), "map, not a value"),
        (untyped::Reader::from_fd(again(&map)).map(drop).unwrap_err(), "map, not a value"),
        (MapReader::<u32, u32>::from_fd(again(&value)).map(drop).unwrap_err(), of_maps),
        (untyped::MapReader::from_fd(again(&value)).map(drop).unwrap_err(), of_maps),
        (Writer::<u32>::take_over_fd(map).map(drop).unwrap_err(), "map, not a value"),
        (MapWriter::<u32, u32>::take_over_fd(value).map(drop).unwrap_err(), of_maps),
        (Writer::<u32>::open_or_create(place.at("map")).map(drop).unwrap_err(), "map, not a value"),
    ];
    for (error, found) in errors {
        assert!(matches!(error.kind(), ErrorKind::Version(_)) && error.to_string().contains(found), "{error}");
    }
}

/// A thread that sleeps on the word by a call of its own: no look at the word after a while stands for a wake-up.
#[test]
fn each_writer_wakes_who_sleeps() {
    fn check(path: &std::path::Path, wake: &(dyn Fn() + Sync)) {
        let file = std::fs::File::open(path).unwrap();
        std::thread::scope(|scope| {
            let sleeps = scope.spawn(|| is_woken(&file, 192, 30));
            while !sleeps.is_finished() {
                wake();
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            assert!(sleeps.join().unwrap(), "{path:?}");
        });
    }
    let place = Place::new();
    let at = |name| place.at(name);
    let (schema, of_map, options) = (Schema::of::<u32>(), Schema::of_map::<u32, u32>(), Options::new());
    // Each by one thread at a time.
    let value = std::sync::Mutex::new(Writer::<u32>::create(at("value")).unwrap());
    check(&at("value"), &|| value.lock().unwrap().wake());
    let map = std::sync::Mutex::new(MapWriter::<u32, u32>::create(at("map"), 4).unwrap());
    check(&at("map"), &|| map.lock().unwrap().wake());
    let bytes = std::sync::Mutex::new(untyped::Writer::create(at("bytes"), &schema, &options).unwrap());
    check(&at("bytes"), &|| bytes.lock().unwrap().wake());
    let entries = std::sync::Mutex::new(untyped::MapWriter::create(at("entries"), &of_map, 8, &options).unwrap());
    check(&at("entries"), &|| entries.lock().unwrap().wake());
}
