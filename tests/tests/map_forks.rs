//! Forks of a process that writes a map: a child changes nothing, whichever call it is in, and nothing that it stored
//! is published.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use seqcopy_shm::{Batch, ChangeError, Entry, MapReader, Options, WriteError};
use seqcopy_tests::faults::forked;

/// In the child of a fork changes are refused, and a batch that began before the fork is published once.
#[test]
fn a_fork_changes_nothing() {
    let mut map = Options::new().create_map_memfd::<u32, u64>("fork", 7).unwrap();
    let reader = MapReader::<u32, u64>::from_fd(map.share().unwrap()).unwrap();
    map.insert(1, 1).unwrap();
    let known = reader.generation();
    let mut is_child = false;
    let result = map.commit(|batch| {
        batch.insert(2, 2).unwrap();
        // SAFETY: the child calls only what is under test here, and ends without returning to the test.
        let ForkResult::Parent { child } = unsafe { fork() }.unwrap() else {
            is_child = true;
            return (batch.insert(3, 3), batch.remove(&1), batch.clear())
                == (Err(ChangeError::Forked), Err(ChangeError::Forked), Err(ChangeError::Forked));
        };
        assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
        true
    });
    if is_child {
        let is_right = result == Err(WriteError::Forked)
            && map.insert(4, 4) == Err(ChangeError::Forked)
            && map.update_entry(&Entry::new(1), |_| ()) == Err(ChangeError::Forked)
            && !reader.has_changed(known);
        // SAFETY: ends the process at once, as a fork of a process with threads should.
        unsafe { nix::libc::_exit(i32::from(!is_right)) };
    }
    assert_eq!(result, Ok(true));
    let entries = |view: &seqcopy_shm::View<'_, u32, u64>| view.iter().collect::<Result<HashSet<_>, _>>();
    assert_eq!(reader.read(entries), Ok(HashSet::from([(1, 1), (2, 2)])));
    assert_eq!(reader.generation().writes_since(known), 1);
}

/// The same of each call of a batch, and what they would have stored is published by none of the next generations.
#[test]
fn no_call_of_a_batch_changes_anything_in_a_fork() {
    type Call = fn(&mut Batch<'_, u32, u64>) -> Result<(), ChangeError>;
    let calls: [(&str, Call); 8] = [
        ("insert", |batch| batch.insert(3, 3).map(drop)),
        ("insert over", |batch| batch.insert(1, 9).map(drop)),
        ("insert_if_absent", |batch| batch.insert_if_absent(3, 3).map(drop)),
        ("update", |batch| batch.update(&1, |value| *value = 9).map(drop)),
        ("update_entry", |batch| batch.update_entry(&Entry::new(1), |value| *value = 9).map(drop)),
        ("remove", |batch| batch.remove(&1).map(drop)),
        ("retain", |batch| batch.retain(|_, _| false)),
        ("clear", |batch| batch.clear()),
    ];
    // With an entry, and without, where some have nothing to do.
    for ((name, call), is_empty) in calls.into_iter().flat_map(|it| [(it, false), (it, true)]) {
        let mut map = Options::new().create_map_memfd::<u32, u64>("fork-batch", 7).unwrap();
        let reader = MapReader::<u32, u64>::from_fd(map.share().unwrap()).unwrap();
        let mut expected = HashSet::from([(2, 2)]);
        if !is_empty {
            map.insert(1, 1).unwrap();
            expected.insert((1, 1));
        }
        let committed = map.commit(|batch| {
            let child = forked(|| assert_eq!(call(batch), Err(ChangeError::Forked), "{name}"));
            assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0), "{name}");
            batch.insert(2, 2).map(drop)
        });
        assert_eq!(committed, Ok(Ok(())), "{name}");
        for more in 0..4 {
            let entries = |view: &seqcopy_shm::View<'_, u32, u64>| view.iter().collect::<Result<HashSet<_>, _>>();
            assert_eq!(reader.read(entries).as_ref(), Ok(&expected), "{name}, {more} later");
            map.insert(2, 2).unwrap();
        }
    }
}

/// A change that forks is made by the parent alone, by whichever call.
#[test]
fn a_fork_in_a_change_changes_nothing() {
    let mut map = Options::new().create_map_memfd::<u32, u64>("fork-change", 7).unwrap();
    let reader = MapReader::<u32, u64>::from_fd(map.share().unwrap()).unwrap();
    let entry = Entry::new(1);
    map.insert(1, 1).unwrap();
    for (way, value) in (0..4).zip(2..) {
        let mut is_child = false;
        let change = |there: &mut u64| {
            // SAFETY: the child calls only what is under test here, and ends without returning to the test.
            match unsafe { fork() }.unwrap() {
                ForkResult::Parent { child } => {
                    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
                    *there = value;
                }
                ForkResult::Child => {
                    is_child = true;
                    *there = 99;
                }
            }
        };
        let result = match way {
            0 => map.update(&1, change),
            1 => map.update_entry(&entry, change),
            2 => map.commit(|batch| batch.update(&1, change)).unwrap_or(Err(ChangeError::Forked)),
            _ => map.commit(|batch| batch.update_entry(&entry, change)).unwrap_or(Err(ChangeError::Forked)),
        };
        if is_child {
            let is_right = result == Err(ChangeError::Forked) && reader.get(&1) == Ok(Some(value - 1));
            // SAFETY: ends the process at once, as a fork of a process with threads should.
            unsafe { nix::libc::_exit(i32::from(!is_right)) };
        }
        assert_eq!((result, reader.read_entry(&entry)), (Ok(Some(())), Ok(Some(value))), "{way}");
    }
    // The child is refused before it stores, not after: what it had stored would be published with the next change of
    // another key.
    for way in 0..2 {
        let parent = std::process::id();
        let change = |there: &mut u64| {
            // SAFETY: as above.
            match unsafe { fork() }.unwrap() {
                ForkResult::Parent { child } => {
                    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
                    resume_unwind(Box::new(()))
                }
                ForkResult::Child => *there = 99,
            }
        };
        let result = catch_unwind(AssertUnwindSafe(|| match way {
            0 => map.update_entry(&entry, change),
            _ => map.update(&1, change),
        }));
        if std::process::id() != parent {
            // SAFETY: as above.
            unsafe { nix::libc::_exit(i32::from(!matches!(result, Ok(Err(ChangeError::Forked))))) };
        }
        assert!(result.is_err());
        map.insert(2, way).unwrap();
        assert_eq!(reader.get(&1), Ok(Some(5)), "{way}");
    }
}

/// The same of writers that know the type by its schema only.
#[test]
fn a_fork_changes_nothing_without_the_type() {
    use seqcopy_shm::untyped::{BytesError, MapWriter, Writer};
    use seqcopy_shm::{Options, Schema, SchemaBuilder, path_for};
    let place = |name| path_for(&format!("fork-untyped-{name}-{}", std::process::id()));
    let [value, slice, path] = ["value", "slice", "map"].map(place);
    let of_bytes = SchemaBuilder::number("u8").unwrap().slice(4).build().unwrap();
    let mut slice = Writer::open_or_create(&slice, &of_bytes, &Options::new()).unwrap();
    let mut value = Writer::open_or_create(&value, &Schema::of::<u8>(), &Options::new()).unwrap();
    let mut map = MapWriter::open_or_create(&path, &Schema::of_map::<u8, u8>(), 8, &Options::new()).unwrap();
    let of_one = map.entry(&[1]).unwrap();
    let mut change = || {
        let entry = [(&[1][..], &[2][..])];
        let changed = map.change(entry.into_iter(), [].into_iter());
        (value.write_bytes(&[1]), slice.write_elements(&[1]), changed, map.insert_entry(&of_one, &[2]))
    };
    let forked_is = || Err(BytesError::NotWritten(ChangeError::Forked));
    let child = forked(|| assert_eq!(change(), (forked_is(), forked_is(), forked_is(), forked_is())));
    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
    // What the child would have stored is in the next table, and not in the parent's notes: another change publishes
    // that.
    let reader = MapReader::<u8, u8>::open(&path).unwrap();
    for key in [5, 6] {
        map.insert(&[key], &[1]).unwrap();
        assert_eq!((reader.get(&1), reader.view().iter().count()), (Ok(None), usize::from(key) - 4));
    }
    for key in [5, 6] {
        map.remove(&[key]).unwrap();
    }
    let entry = [(&[1][..], &[2][..])];
    assert_eq!(map.change(entry.into_iter(), [].into_iter()), Ok(()));
    assert_eq!((value.write_bytes(&[1]), slice.write_elements(&[1])), (Ok(()), Ok(())));
    assert_eq!((value.version().to_bits(), slice.version().to_bits(), map.len()), (1, 1, 1));
    value.close().unwrap();
    slice.close().unwrap();
    map.close().unwrap();
}
