//! What is opened unasked by fields: nothing. With descriptors, which only Linux gives away.

use std::fs::File;

use seqcopy_shm::{Error, ErrorKind, FileReader, MapReader, MapWriter, Options, Reader, Region, Writer};
use seqcopy_tests::faults::Place;

use super::versions::{v1, v2};

/// Whatever a reader is made from: another version is that of another type, unless it is asked for.
#[test]
fn no_call_reads_another_version_unasked() {
    type Old = v1::Robot;
    type Made<'a> = &'a dyn Fn() -> Result<(), Error>;
    let place = Place::new();
    let (path, map) = (place.at("robot"), place.at("robots"));
    let (new, of_new) =
        (Writer::<v2::Robot>::create(&path).unwrap(), MapWriter::<u64, v2::Robot>::create(&map, 7).unwrap());
    let options = Options::new();
    let fd = || File::open(&path).unwrap().into();
    let memory = Options::new().create_memfd::<v2::Robot>("robot").unwrap();
    let of_map = Options::new().create_map_memfd::<u64, v2::Robot>("robots", 7).unwrap();
    let shared = || memory.share().unwrap();
    let all: [(&str, Made<'_>); 10] = [
        ("Reader::open", &|| Reader::<Old>::open(&path).map(drop)),
        ("Options::open", &|| options.open::<Old>(&path).map(drop)),
        ("Reader::from_fd", &|| Reader::<Old>::from_fd(shared()).map(drop)),
        ("Reader::from_region", &|| Reader::<Old>::from_region(Region::open(&path)?).map(drop)),
        ("FileReader::open", &|| FileReader::<Old>::open(&path).map(drop)),
        ("Options::open_file", &|| options.open_file::<Old>(&path).map(drop)),
        ("FileReader::from_fd", &|| FileReader::<Old>::from_fd(fd()).map(drop)),
        ("MapReader::open", &|| MapReader::<u64, Old>::open(&map).map(drop)),
        ("Options::open_map", &|| options.open_map::<u64, Old>(&map).map(drop)),
        ("MapReader::from_fd", &|| MapReader::<u64, Old>::from_fd(of_map.share().unwrap()).map(drop)),
    ];
    for (name, make) in all {
        let error = make().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Type(_)), "{name}: {error}");
    }
    // Where these are of the version that is there, each makes one.
    assert!(Reader::<v2::Robot>::from_fd(shared()).is_ok() && FileReader::<v2::Robot>::from_fd(fd()).is_ok());
    assert!(MapReader::<u64, v2::Robot>::from_fd(of_map.share().unwrap()).is_ok());
    drop((new, of_new));
}
