//! `locks`: which processes keep writers out.

use std::fs::File;

use rustix::fs::{FlockOperation, fcntl_lock};

use super::*;

#[test]
fn a_lock_for_reading_is_named_with_its_process() {
    let (place, writer) = Place::with(2, 7u64);
    let own = std::process::id();
    // The writer's own. A process that another test is starting has this one's descriptors, and so its locks, until it runs its own
    // program.
    let locks = || shows(&["locks", place.path()]);
    let text = until(locks, |text| text.lines().count() == 1);
    assert!(text.starts_with(&format!("process {own} (")), "{text}");
    assert!(text.contains(") holds a lock for writing, by descriptor "), "{text}");
    drop(writer);
    until(locks, |text| text == "no process that this user may look into holds a lock\n");
    // Any process that may read the file can take one.
    let reading = File::open(&place.0).unwrap();
    fcntl_lock(&reading, FlockOperation::NonBlockingLockShared).unwrap();
    let error = Writer::<u64>::take_over(&place.0).unwrap_err();
    assert!(error.to_string().contains("end that process, `seqcopy locks` names it"), "{error}");
    // Such a lock belongs to the process, which loses it when it closes any descriptor of the file.
    fcntl_lock(&reading, FlockOperation::NonBlockingLockShared).unwrap();
    let json = shows_json(&["locks", "--json", place.path()]);
    let locks = json["locks"].as_array().expect("a list");
    assert!(locks.iter().any(|lock| lock["pid"] == own), "{json}");
    assert_eq!(json["locks"][0]["kind"], "read", "{json}");
    let text = shows(&["locks", place.path()]);
    assert!(text.contains(") holds a lock for reading, by descriptor "), "{text}");
    drop(reading);
    drop(Writer::<u64>::take_over(&place.0).unwrap());
}

#[test]
fn a_path_without_a_file_is_refused() {
    let place = Place::new();
    assert!(refuses(&["locks", place.path()]).contains(place.path()));
}
