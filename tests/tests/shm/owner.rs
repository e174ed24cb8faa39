//! Files of other users where a region was expected. The table in verify/evidence/faults.md names these tests.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use seqcopy_shm::{Error, ErrorKind, FileReader, MapWriter, Options, Reader, Region, Schema, Uid, Writer, untyped};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

const WRITER: u32 = 23456;
const OTHER: u32 = 12345;

fn skips() -> bool {
    if !is_root() {
        seqcopy_tests::skipped("only root can start processes and create files of other users");
    }
    !is_root()
}

/// A directory where every user may create files.
fn public() -> Place {
    let place = Place::new();
    fs::set_permissions(place.path(), Permissions::from_mode(0o1777)).unwrap();
    place
}

/// A process of a user.
fn peer_of(user: u32) -> Peer {
    let mut peer = Peer::start(PEER);
    peer.must(&format!("user {user}"));
    peer
}

/// A region with the value 5 that belongs to a user, and has no writer.
fn region_of(user: u32, mode: u32, path: &Path) {
    let mut writer = Writer::<Small>::create(path).unwrap();
    writer.write(Beat::of(5)).unwrap();
    drop(writer);
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    chown(path, Some(user), Some(user)).unwrap();
}

/// The result of all ways to open by these options, which must be the same.
#[track_caller]
fn said(options: &Options, path: &Path) -> Result<(), Error> {
    let reader = options.open::<Small>(path).map(drop);
    let kind = |result: &Result<(), Error>| format!("{:?}", result.as_ref().map_err(Error::kind));
    let schema = Schema::of::<Small>();
    for (number, other) in [
        options.open_region(path).map(drop),
        options.open_file_region(path).map(drop),
        options.open_file::<Small>(path).map(drop),
        options.open_by_fields::<Small>(path).map(drop),
        untyped::Reader::open_with(path, options).map(drop),
        options.take_over::<Small>(path).map(drop),
        untyped::Writer::take_over(path, &schema, options).map(drop),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(kind(other), kind(&reader), "{number}");
    }
    // A map with the same owner and permissions, or a link to one, or one of two names.
    let (map, target) = (path.with_extension("map"), path.with_extension("target"));
    let is_link = path.is_symlink();
    drop(MapWriter::<u8, u8>::create(if is_link { &target } else { &map }, 4).unwrap());
    if is_link {
        symlink(&target, &map).unwrap();
    } else if fs::metadata(path).unwrap().nlink() > 1 {
        fs::hard_link(&map, &target).unwrap();
    }
    let metadata = fs::metadata(path).unwrap();
    fs::set_permissions(&map, metadata.permissions()).unwrap();
    if is_root() {
        chown(&map, Some(metadata.uid()), None).unwrap();
    }
    let schema = Schema::of_map::<u8, u8>();
    for (number, other) in [
        options.open_map::<u8, u8>(&map).map(drop),
        options.open_map_by_fields::<u8, u8>(&map).map(drop),
        untyped::MapReader::open_with(&map, options).map(drop),
        options.take_over_map::<u8, u8>(&map).map(drop),
        untyped::MapWriter::take_over(&map, &schema, options).map(drop),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(kind(other), kind(&reader), "map {number}");
    }
    fs::remove_file(&map).unwrap();
    let _ = fs::remove_file(&target);
    reader
}

#[test]
fn a_region_reports_its_owner() {
    let place = Place::new();
    let path = place.at("pose");
    let writer = Writer::<Small>::create(&path).unwrap();
    let mine = Uid::effective();
    assert_eq!((writer.region().owner(), Region::open(&path).unwrap().owner()), (mine, mine));
    assert_eq!(FileReader::<Small>::open(&path).unwrap().region().owner(), mine);
    assert_eq!(Options::new().create_memfd::<Small>("seqcopy-owner").unwrap().region().owner(), mine);
    drop(writer);
    if skips() {
        return;
    }
    region_of(OTHER, 0o644, &place.at("other"));
    assert_eq!(Region::open(place.at("other")).unwrap().owner(), Uid::from_raw(OTHER));
    assert_eq!(FileReader::<Small>::open(place.at("other")).unwrap().region().owner().to_string(), "user 12345");
    assert_eq!(Writer::<Small>::take_over(place.at("other")).unwrap().region().owner().as_raw(), OTHER);
}

#[test]
fn regions_of_the_required_owner_or_root_are_opened_unless_others_may_write_them() {
    let place = Place::new();
    let path = place.at("pose");
    drop(Writer::<Small>::create(&path).unwrap());
    let mine = Options::new().require_owner(Uid::effective());
    said(&mine, &path).unwrap();
    for mode in [0o666, 0o646, 0o664] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = said(&mine, &path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Permissions { mode: found, .. } if *found == mode), "{error}");
        assert!(
            error.to_string().contains(&format!("its permissions ({mode:o}) let users other than its owner write it"))
        );
        // Without a required owner it is taken over.
        drop(Writer::<Small>::take_over(&path).unwrap());
    }
    // Nor is it opened in the place of one that was removed.
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let mut reader = mine.open::<Small>(&path).unwrap();
    fs::remove_file(&path).unwrap();
    drop(Writer::<Small>::create(&path).unwrap());
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let error = reader.reopen_if_removed().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Permissions { mode: 0o666, .. }), "{error}");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(reader.reopen_if_removed().unwrap());
    if skips() {
        return;
    }
    let service = Options::new().require_owner(Uid::from_raw(WRITER));
    for (owner, expected) in [(WRITER, true), (0, true), (OTHER, false)] {
        let path = place.at(&owner.to_string());
        region_of(owner, 0o600, &path);
        match said(&service, &path) {
            Ok(()) => assert!(expected, "{owner}"),
            Err(error) => {
                assert!(!expected, "{error}");
                let (found, required) = (Uid::from_raw(OTHER), Uid::from_raw(WRITER));
                let kind = error.kind();
                assert!(
                    matches!(kind, ErrorKind::Owner { found: a, required: b, .. } if (*a, *b) == (found, required))
                );
                assert!(
                    error.to_string().contains("it belongs to user 12345, and should belong to user 23456 or root"),
                    "{error}"
                );
            }
        }
    }
}

/// It is neither mapped nor read, whatever it contains and however it changes.
#[test]
fn another_users_file_is_refused_before_it_is_read() {
    if skips() {
        return;
    }
    let place = public();
    let path = place.at("pose");
    let mine = Options::new().require_owner(Uid::effective());
    for contents in [&b""[..], b"junk", &[0; 5000]] {
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        chown(&path, Some(OTHER), None).unwrap();
        let error = said(&mine, &path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Owner { .. }), "{error}");
    }
    let mut reader = peer_of(WRITER);
    let said = reader.ask(&format!("open_mine {}", path.display()));
    assert!(said.contains("should belong to user"), "{said}");
    assert_eq!(reader.ask(&format!("maps {}", path.display())), "");
}

/// Another user creates the file first; the victim tries to create it, and then to take over.
#[test]
fn a_writer_learns_the_owner_of_an_existing_file_and_can_refuse_to_take_over() {
    if skips() {
        return;
    }
    let place = public();
    let path = place.at("pose");
    let (mut other, mut victim) = (peer_of(OTHER), peer_of(WRITER));
    other.must(&format!("create {} 2", path.display()));
    other.must("drop");
    fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let said = victim.ask(&format!("create {} 2", path.display()));
    assert!(said.contains("the path exists already and belongs to user 12345, who can"), "{said}");
    assert!(!said.contains("take the region over"), "{said}");
    let said = victim.ask(&format!("take_over_mine {}", path.display()));
    assert!(said.contains("it belongs to user 12345, and should belong to user 23456 or root"), "{said}");
    // If it belongs to the victim or to root, the error suggests to take it over.
    for user in [WRITER, 0] {
        chown(&path, Some(user), None).unwrap();
        let said = victim.ask(&format!("create {} 2", path.display()));
        assert!(said.contains("the path exists already: take the region over with `Writer::take_over`"), "{said}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    chown(&path, Some(WRITER), None).unwrap();
    victim.must(&format!("take_over_mine {}", path.display()));
}

#[test]
fn links_are_followed_unless_an_owner_is_required() {
    let place = Place::new();
    let (path, link) = (place.at("pose"), place.at("link"));
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    drop(writer);
    symlink(&path, &link).unwrap();
    assert_eq!(Reader::<Small>::open(&link).unwrap().read(), Ok(Beat::of(1)));
    let mine = Options::new().require_owner(Uid::effective());
    let error = said(&mine, &link).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SymbolicLink), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("a name in its path is a symbolic link, which may lead anywhere: state the path without it")
    );
    said(&mine, &path).unwrap();
    // A second name may lead to a different region, too.
    let second = place.at("second");
    fs::hard_link(&path, &second).unwrap();
    for name in [&path, &second] {
        let began = std::time::Instant::now();
        let error = said(&mine, name).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::HardLinks), "{error}");
        // Each of the five ways waits a moment: a file that is just being created may have two names.
        assert!(began.elapsed() >= std::time::Duration::from_millis(5 * 20), "{:?}", began.elapsed());
        assert!(matches!(mine.open_or_create::<Small>(name).unwrap_err().kind(), ErrorKind::HardLinks));
    }
    assert_eq!(Reader::<Small>::open(&second).unwrap().read(), Ok(Beat::of(1)));
    fs::remove_file(&second).unwrap();
    said(&mine, &path).unwrap();
    // Nothing is ever created at the target of a link.
    symlink(place.at("nowhere"), place.at("dangling")).unwrap();
    assert!(matches!(Writer::<Small>::create(place.at("dangling")).unwrap_err().kind(), ErrorKind::Exists { .. }));
    assert!(File::open(place.at("nowhere")).is_err());
}
