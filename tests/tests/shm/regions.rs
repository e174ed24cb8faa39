//! The regions that are there: every kind, in every state, and other files.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, chown, symlink};
use std::path::Path;

use seqcopy_shm::{
    ErrorKind, Found, MapWriter, Options, Region, Writer, path_for, regions, regions_in, regions_mapped,
};
use seqcopy_tests::faults::{Place, is_root};

/// Creates a region of a kind, and leaves it.
type Make = fn(&Path);

const KINDS: [(&str, Make); 3] = [
    ("value", |path| drop(Writer::<u64>::create(path).unwrap())),
    ("slice", |path| drop(Options::new().capacity(100).create::<[u16]>(path).unwrap())),
    ("map", |path| drop(MapWriter::<u32, u64>::create(path, 100).unwrap())),
];

/// What becomes of its file, and whether it is then a region, a damaged one, or none.
type Spoil = fn(&Path);

const STATES: [(&str, Spoil, Option<bool>); 7] = [
    ("whole", |_| (), Some(true)),
    (
        "of another user",
        |path| {
            if is_root() {
                chown(path, Some(4711), None).unwrap();
            }
        },
        Some(true),
    ),
    ("truncated", |path| open(path).set_len(path.metadata().unwrap().len() - 1).unwrap(), Some(false)),
    ("of-another-format", |path| open(path).write_all_at(&[0xff; 4], 8).unwrap(), Some(false)),
    ("without-its-schema", |path| open(path).write_all_at(&[0xff; 16], schema(path)).unwrap(), Some(false)),
    ("of-other-bytes", |path| open(path).write_all_at(b"anything", 0).unwrap(), None),
    ("empty", |path| open(path).set_len(0).unwrap(), None),
];

/// Where its schema begins.
fn schema(path: &Path) -> u64 {
    Region::open_any(path).unwrap().header().schema_offset()
}

fn open(path: &Path) -> File {
    OpenOptions::new().write(true).open(path).unwrap()
}

#[test]
fn each_kind_in_each_state_is_found_or_passed_over() {
    let place = Place::new();
    let mut expected = Vec::new();
    for (kind, make) in KINDS {
        for (state, spoil, found) in STATES {
            let path = place.at(&format!("{kind}-{state}"));
            make(&path);
            spoil(&path);
            expected.extend(found.map(|is_whole| (path, is_whole)));
        }
    }
    // What is no file of its own: a link is followed, and nothing is opened that is not a file.
    fs::create_dir(place.at("directory")).unwrap();
    nix::unistd::mkfifo(&place.at("pipe"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    symlink("nowhere", place.at("link-to-nothing")).unwrap();
    symlink("pipe", place.at("link-to-a-pipe")).unwrap();
    symlink("map-whole", place.at("link-to-a-map")).unwrap();
    expected.push((place.at("link-to-a-map"), true));
    expected.sort();
    let found = regions_in(place.path()).unwrap();
    let said: Vec<_> = found.iter().map(|found| (found.path.clone(), found.region.is_ok())).collect();
    assert_eq!(said, expected);
    for Found { path, region, .. } in found {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match region {
            Ok(region) => {
                assert_eq!(region.owner().as_raw() == 4711, name.contains("user") && is_root());
                let is_map = region.header().format() == 2;
                assert_eq!(is_map, name.contains("map"), "{name}");
            }
            // Each message names the file.
            Err(error) => assert!(error.to_string().contains(&name), "{error}"),
        }
    }
}

#[test]
fn those_with_a_name_alone_are_found_where_names_lead() {
    let path = path_for(&format!("seqcopy-found-{}", std::process::id()));
    let is_there = || regions().iter().any(|found| found.path == path);
    assert!(!is_there());
    let writer = Writer::<u64>::create(&path).unwrap();
    assert!(is_there());
    writer.close().unwrap();
    assert!(!is_there());
    let error = regions_in(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    fs::create_dir(&path).unwrap();
    seqcopy_harness::fails(
        "regions_in",
        &mut path.join("inside"),
        |at| regions_in(at).map(drop),
        |at| at.exists(),
        None,
        |at| {
            fs::create_dir(at).unwrap();
        },
    );
    fs::remove_dir_all(path).unwrap();
}

/// By their mappings: with a name anywhere, without one any more, and a memfd.
#[test]
fn those_that_are_mapped_are_found_wherever_they_are() {
    let place = Place::new();
    let types = |name: &str| {
        regions_mapped()
            .into_iter()
            .filter_map(|found| Some((found.path, found.region.ok()?)))
            .find(|(_, region)| region.schema().layout().type_name().to_string() == name)
    };
    // Types that no other test has.
    let named = Writer::<[u8; 1201]>::create(place.at("a name: with 1 2 /3 words")).unwrap_err();
    assert!(matches!(named.kind(), ErrorKind::Io { .. }), "{named}");
    let named = Writer::<[u8; 1201]>::create(place.at("a name: with 1 2 words")).unwrap();
    // Who created it had it mapped before it had a name; who opened it, by its name.
    let (path, _) = types("[u8; 1201]").expect("mapped");
    assert!(path.starts_with("/proc"), "{}", path.display());
    let reader = Region::open(place.at("a name: with 1 2 words")).unwrap();
    let (path, _) = types("[u8; 1201]").expect("mapped");
    assert_eq!(path, place.at("a name: with 1 2 words"));
    fs::remove_file(&path).unwrap();
    let (path, _) = types("[u8; 1201]").expect("mapped, and without a name");
    assert!(path.starts_with("/proc"), "{}", path.display());
    // Its name is another region's.
    let other = Writer::<[u8; 1202]>::create(place.at("a name: with 1 2 words")).unwrap();
    assert!(types("[u8; 1201]").is_some() && types("[u8; 1202]").is_some());
    drop((named, reader, other));
    assert!(types("[u8; 1201]").is_none() && types("[u8; 1202]").is_none());
    let memfd = Options::new().create_memfd::<[u8; 1203]>("seqcopy-found").unwrap();
    assert!(types("[u8; 1203]").is_some());
    drop(memfd);
    assert!(types("[u8; 1203]").is_none());
}
