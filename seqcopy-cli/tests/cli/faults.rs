//! Files that are not regions, and damaged regions: one line and exit status 1, by every command.

use std::fs;
use std::os::unix::fs::FileExt;

use super::*;

/// Every command, given a path.
fn commands(path: &str) -> [Vec<&str>; 8] {
    [
        vec!["show", path],
        vec!["show", "--json", path],
        vec!["layout", path],
        vec!["layout", "--json", path],
        vec!["watch", "--count", "1", path],
        vec!["watch", "--count", "1", "--json", path],
        vec!["diff", path, path],
        vec!["header", path],
    ]
}

#[track_caller]
fn all_refuse(path: &str, words: &str) {
    for arguments in commands(path) {
        let error = refuses(&arguments);
        assert!(error.contains(words), "{arguments:?}: {error}");
        assert!(error.contains(path.lines().next().unwrap_or_default()), "{arguments:?}: {error}");
    }
}

#[test]
fn paths_without_a_region() {
    let place = Place::new();
    all_refuse(place.path(), "the writer has not created it yet, or it was removed");
    all_refuse("/dev/null", "not a regular file");
    all_refuse("/", "");
}

#[test]
fn foreign_files() {
    let place = Place::new();
    for content in [Vec::new(), b"hello".to_vec(), vec![0; 4096], vec![0xff; 100_000], b"seqcopy\x01".repeat(1000)] {
        fs::write(&place.0, content).unwrap();
        all_refuse(place.path(), "");
    }
}

#[test]
fn a_path_with_a_newline_stays_on_one_line() {
    let error = refuses(&["show", "/no\nsuch\x1b[2Jregion"]);
    assert!(error.contains("/no\\nsuch\\u{1b}[2Jregion"), "{error}");
}

#[test]
fn truncated_files() {
    let (place, writer) = Place::with(2, pose());
    let whole = fs::read(&place.0).unwrap();
    drop(writer);
    let short = Place::new();
    for len in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        fs::write(&short.0, &whole[..len]).unwrap();
        refuses(&["show", short.path()]);
    }
    fs::write(&short.0, &whole[..whole.len() - 1]).unwrap();
    all_refuse(short.path(), "");
    // Truncated and grown again.
    let file = fs::File::create(&short.0).unwrap();
    file.write_all_at(&whole[..200], 0).unwrap();
    file.set_len(1 << 20).unwrap();
    all_refuse(short.path(), "");
}

/// Each byte of header and schema: refused, or (the time of creation) without effect.
#[test]
fn flipped_bytes() {
    let (place, writer) = Place::with(2, pose());
    let whole = fs::read(&place.0).unwrap();
    drop(writer);
    let schema = u64::from_ne_bytes(whole[64..72].try_into().unwrap());
    let flipped = Place::new();
    fs::write(&flipped.0, &whole).unwrap();
    let file = fs::File::options().write(true).open(&flipped.0).unwrap();
    let (mut refused, mut shown) = (0, 0);
    let schema = usize::try_from(schema).unwrap();
    for at in (0..132).chain((schema..whole.len()).step_by(5)) {
        file.write_all_at(&[whole[at] ^ 0x41], at as u64).unwrap();
        if seqcopy(&["show", flipped.path()]).status.success() {
            shown += 1;
        } else {
            refuses(&["show", flipped.path()]);
            refuses(&["header", flipped.path()]);
            refused += 1;
        }
        file.write_all_at(&whole[at..=at], at as u64).unwrap();
    }
    shows(&["show", flipped.path()]);
    // At most the twelve bytes of the time of creation.
    assert!(shown <= 12, "{shown} of {} flips were not noticed", shown + refused);
}

/// An invalid payload is shown, with a mark where its bits are invalid.
#[test]
fn invalid_bits() {
    for buffers in [1, 2] {
        let (place, writer) = Place::with(buffers, pose());
        let header = *writer.region().header();
        drop(writer);
        let buffer = header.buffer_offset() + 1 % u64::from(buffers) * header.buffer_stride();
        let file = fs::File::options().write(true).open(&place.0).unwrap();
        file.write_all_at(&[2], buffer).unwrap();
        let text = shows(&["show", place.path()]);
        assert!(text.contains("INVALID 0x2, expected a `bool`: 0 or 1"), "{text}");
        let json = shows_json(&["show", "--json", place.path()]);
        assert_eq!(json["value"]["moving"]["invalid"], "0x2");
        // All of the payload.
        for byte in [0x00, 0x55, 0xaa, 0xff] {
            file.write_all_at(&[byte; size_of::<Pose>()], buffer).unwrap();
            for arguments in commands(place.path()) {
                shows(&arguments);
            }
        }
    }
}

#[test]
fn a_writer_that_died_in_the_middle() {
    let (place, writer) = Place::with(1, pose());
    let word = writer.region().header().word_offset();
    drop(writer);
    let file = fs::File::options().read(true).write(true).open(&place.0).unwrap();
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, word).unwrap();
    file.write_all_at(&(u64::from_ne_bytes(bytes) | 1).to_ne_bytes(), word).unwrap();
    // Its lock is released once no process that another test is starting has its descriptors any more.
    until(|| refuses(&["show", place.path()]), |error| error.contains("the writer died in the middle of a write"));
    // The type can still be seen.
    shows(&["layout", place.path()]);
    shows(&["header", place.path()]);
    until(|| shows(&["watch", "--count", "1", place.path()]), |text| text.contains("! the writer died"));
}

#[test]
fn a_region_that_was_closed() {
    let (place, writer) = Place::with(2, pose());
    let kept = Place::new();
    fs::hard_link(&place.0, &kept.0).unwrap();
    writer.close().unwrap();
    let error = refuses(&["show", kept.path()]);
    assert!(error.contains("closed"), "{error}");
}

#[test]
fn no_permission() {
    use std::os::unix::fs::PermissionsExt;
    let (place, _writer) = Place::with(2, pose());
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read it all the same.
    if fs::File::open(&place.0).is_err() {
        all_refuse(place.path(), "ermission");
    }
}

/// What is known of a region whose value can't be read is shown to people who asked for all of it, and to no program.
#[test]
fn what_is_known_of_an_unreadable_region_is_for_people() {
    let place = Place::new();
    let mut writer = Options::new().buffers(1).create::<Pose>(&place.0).unwrap();
    writer.write(pose()).unwrap();
    let word = writer.region().header().word_offset();
    drop(writer);
    // A write that does not end.
    fs::File::options().write(true).open(&place.0).unwrap().write_all_at(&3u64.to_ne_bytes(), word).unwrap();
    for (words, is_known) in [(&["show"][..], true), (&["show", "--json"], false)] {
        for field in [None, Some("legs")] {
            let mut words = words.to_vec();
            words.push(place.path());
            words.extend(field);
            let output = seqcopy(&words);
            assert_eq!(output.status.code(), Some(1), "{words:?}");
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(text.starts_with("region     "), is_known && field.is_none(), "{words:?}: {text}");
            assert_eq!(text.is_empty(), !(is_known && field.is_none()), "{words:?}: {text}");
            assert_eq!(String::from_utf8(output.stderr).unwrap().matches('\n').count(), 1);
        }
    }
}
