//! Calls that fail for what is at a path, in another process, or in the file, and succeed when that has changed.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use seqcopy_harness::fails;
use seqcopy_shm::untyped::{self, BytesError};
use seqcopy_shm::{
    ChangeError, Error, MapReader, MapWriter, Options, Reader, Region, Schema, SchemaBuilder, WriteError, Writer,
    untyped::FileMap,
};
use seqcopy_tests::faults::{Place, forked, is_root, send_descriptor};

fn no_region(path: &Path) {
    _ = fs::remove_file(path);
    fs::write(path, "no region").unwrap();
}

fn of_numbers() -> Schema {
    Schema::of::<u64>()
}

fn map_of_numbers() -> Schema {
    Schema::of_map::<u64, u64>()
}

#[test]
fn a_name_that_is_taken() {
    macro_rules! restore {
        ($($name:literal: $make:expr;)*) => {$(
            let place = Place::new();
            let path = place.at("region");
            let make: fn(&Path) -> _ = $make;
            let mut on = make(&path);
            no_region(&path);
            let state = |_: &mut _| (fs::read(&path).unwrap(), place.names());
            let mend = |_: &mut _| fs::remove_file(&path).unwrap();
            let (_, was_restored) = fails($name, &mut on, |on| on.restore_if_removed(), state, None, mend);
            assert!(was_restored && Region::open_any(&path).is_ok(), $name);
        )*};
    }
    restore! {
        "Writer::restore_if_removed": |path| Writer::<u64>::create(path).unwrap();
        "MapWriter::restore_if_removed": |path| MapWriter::<u64, u64>::create(path, 4).unwrap();
        "untyped::Writer::restore_if_removed": |path| untyped::Writer::create(path, &of_numbers(), &Options::new()).unwrap();
        "untyped::MapWriter::restore_if_removed": |path| untyped::MapWriter::create(path, &map_of_numbers(), 8, &Options::new()).unwrap();
    }
}

#[test]
fn a_name_that_leads_to_no_region() {
    macro_rules! newer {
        ($($name:literal: $open:expr, $newer:expr;)*) => {$(
            let place = Place::new();
            let path = place.at("region");
            Writer::<u64>::create(&path).unwrap().write(1).unwrap();
            let mut on = $open(&path).unwrap();
            let old = Region::open(&path).unwrap();
            no_region(&path);
            let mend = |_: &mut _| {
                fs::remove_file(&path).unwrap();
                Writer::<u64>::create(&path).unwrap().write(2).unwrap();
            };
            let state = |_: &mut _| old.read_bytes().unwrap().0;
            let (_, is_newer) = fails($name, &mut on, $newer, state, None, mend);
            assert!(is_newer, $name);
        )*};
    }
    newer! {
        "untyped::Reader::reopen_if_removed": untyped::Reader::open, untyped::Reader::reopen_if_removed;
        "untyped::Reader::replacement": untyped::Reader::open, |on| on.replacement().map(|newer| newer.is_some());
        "Region::replacement": Region::open, |on| on.replacement().map(|newer| newer.is_some());
    }
}

/// By the system call, which is of the thread; that of the C library is of all threads of the process.
fn as_user(user: i64) {
    // SAFETY: numbers.
    assert_eq!(unsafe { libc::syscall(libc::SYS_setresuid, -1, user, -1) }, 0);
}

#[test]
fn a_name_that_can_not_be_removed() {
    if !is_root() {
        seqcopy_tests::skipped("only root can make a directory where another user may not remove names");
        return;
    }
    let place = Place::new();
    fs::set_permissions(place.path(), PermissionsExt::from_mode(0o1777)).unwrap();
    macro_rules! close {
        ($($name:literal: $writer:ty, $make:expr;)*) => {$(
            let path = place.at("region");
            let make: fn(&Path) -> Result<$writer, Error> = $make;
            // One writer for each time that it is closed.
            let mut on = vec![make(&path).unwrap()];
            let reader = Region::open_any(&path).unwrap();
            let close = |on: &mut Vec<$writer>| on.pop().unwrap().close();
            as_user(65534);
            let state = |on: &mut Vec<$writer>| (on.len(), place.names(), reader.is_closed());
            let left = (0, vec!["region".to_owned()], true);
            fails($name, &mut on, close, state, Some(left), |on| {
                as_user(0);
                on.push(make(&path).unwrap());
            });
            assert!(place.names().is_empty(), $name);
        )*};
    }
    close! {
        "Writer::close": Writer<u64>, |path| Writer::<u64>::open_or_create(path);
        "MapWriter::close": MapWriter<u64, u64>, |path| MapWriter::<u64, u64>::open_or_create(path, 4);
        "untyped::Writer::close": untyped::Writer, |path| untyped::Writer::open_or_create(path, &of_numbers(), &Options::new());
        "untyped::MapWriter::close": untyped::MapWriter, |path| untyped::MapWriter::open_or_create(path, &map_of_numbers(), 8, &Options::new());
    }
}

/// What `call` says in a forked process, if that is right.
fn in_a_fork<T, E: PartialEq>(call: impl FnOnce() -> Result<T, E>, said: E) -> Result<T, E> {
    let child = forked(|| assert!(call().is_err_and(|error| error == said)));
    assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
    Err(said)
}

/// A writer, and whether it is another process that uses it.
type On<'a> = (&'a mut MapWriter<u64, u64>, bool);

#[test]
fn a_process_that_is_not_the_writers() {
    let place = Place::new();
    let path = place.at("value");
    let mut writer = Writer::<u64>::create(&path).unwrap();
    writer.write(1).unwrap();
    let reader = Reader::<u64>::open(&path).unwrap();
    macro_rules! write {
        ($($name:literal: $call:expr;)*) => {$(
            let mut on = (&mut writer, true);
            let call = |(writer, is_fork): &mut (&mut Writer<u64>, bool)| {
                let write: fn(&mut Writer<u64>) -> Result<(), WriteError> = $call;
                if *is_fork { in_a_fork(|| write(writer), WriteError::Forked) } else { write(writer) }
            };
            let state = |_: &mut _| reader.read_versioned();
            fails($name, &mut on, call, state, None, |(_, is_fork)| *is_fork = false);
        )*};
    }
    write! {
        "Writer::write": |writer| writer.write(2);
        "Writer::write_from": |writer| writer.write_from(&3);
        "Writer::write_in_place": |writer| writer.write_in_place(|place| place.write(4));
    }
    assert_eq!(reader.read(), Ok(4));

    let path = place.at("map");
    let mut writer = MapWriter::<u64, u64>::create(&path, 4).unwrap();
    let map = MapReader::<u64, u64>::open(&path).unwrap();
    macro_rules! clear {
        ($($name:literal: $said:expr, $call:expr;)*) => {$(
            writer.insert(1, 1).unwrap();
            let mut on = (&mut writer, true);
            let state = |_: &mut _| (map.get(&1), map.view().len());
            fails($name, &mut on, $call, state, None, |(_, is_fork)| *is_fork = false);
            assert_eq!(map.view().len(), Ok(0), $name);
        )*};
    }
    clear! {
        "MapWriter::clear": ChangeError::Forked, |(writer, is_fork): &mut On<'_>| {
            if *is_fork { in_a_fork(|| writer.clear(), ChangeError::Forked) } else { writer.clear() }
        };
        "MapWriter::commit": WriteError::Forked, |(writer, is_fork): &mut On<'_>| {
            let mut commit = || writer.commit(|batch| batch.clear().is_ok());
            if *is_fork { in_a_fork(commit, WriteError::Forked) } else { commit() }
        };
        "Batch::clear": ChangeError::Forked, |(writer, is_fork): &mut On<'_>| {
            writer.commit(|batch| if *is_fork { in_a_fork(|| batch.clear(), ChangeError::Forked) } else { batch.clear() }).unwrap()
        };
    }
}

#[test]
fn a_generation_that_has_gone() {
    let mut writer = Options::new().create_map_memfd::<u64, u64>("views", 7).unwrap();
    let reader = MapReader::<u64, u64>::from_fd(writer.share().unwrap()).unwrap();
    macro_rules! torn {
        ($($name:literal: $call:expr;)*) => {$(
            let mut view = reader.view();
            writer.insert(1, writer.generation().to_bits()).unwrap();
            let state = |_: &mut _| (reader.get(&1), reader.generation());
            fails($name, &mut view, $call, state, None, |view| *view = reader.view());
        )*};
    }
    torn! {
        "View::len": |view| view.len();
        "View::is_empty": |view| view.is_empty();
        "View::contains_key": |view| view.contains_key(&1);
    }
}

#[test]
fn a_region_that_is_closed() {
    let place = Place::new();
    let (path, kept) = (place.at("map"), place.at("kept"));
    let mut writer = MapWriter::<u64, u64>::create(&path, 4).unwrap();
    writer.insert(1, 1).unwrap();
    fs::hard_link(&path, &kept).unwrap();
    let before = fs::read(&kept).unwrap();
    let (map, file) = (untyped::MapReader::open(&path), FileMap::open(&path));
    let (map, file) = (map.unwrap(), file.unwrap());
    writer.close().unwrap();
    let closed = fs::read(&kept).unwrap();
    let put = |bytes: &[u8]| File::options().write(true).open(&kept).unwrap().write_all_at(bytes, 0).unwrap();
    let key = 1u64.to_ne_bytes();
    macro_rules! closed {
        ($on:ident; $($name:literal: $call:expr;)*) => {$(
            put(&closed);
            let mut on = &$on;
            fails($name, &mut on, $call, |_| fs::read(&kept).unwrap(), None, |_| put(&before));
        )*};
    }
    closed! { map;
        "untyped::MapReader::len": |map| map.len();
        "untyped::MapReader::is_empty": |map| map.is_empty();
        "untyped::MapReader::entries": |map| map.entries();
    }
    closed! { file;
        "untyped::FileMap::entries": |file| file.entries();
        "untyped::FileMap::get_versioned": |file| file.get_versioned(&key);
    }
}

/// A writer, keys and what they are to have.
type Keys<'a> = (&'a mut untyped::MapWriter, Vec<[u8; 2]>, u8);

#[test]
fn a_type_and_entries_that_do_not_fit() {
    let place = Place::new();
    let path = place.at("value");
    drop(Writer::<u64>::create(&path).unwrap());
    let watch = Region::open_any(&path).unwrap();
    let mut schema = Schema::of::<u32>();
    let require = |schema: &mut Schema| watch.require_type(schema);
    fails("Region::require_type", &mut schema, require, |_| (), None, |schema| *schema = of_numbers());

    let [key, value] = ["u16", "bool"].map(|name| SchemaBuilder::number(name).unwrap());
    let schema = SchemaBuilder::map(&key, &value).build().unwrap();
    let mut writer = untyped::MapWriter::create(place.at("map"), &schema, 8, &Options::new()).unwrap();
    let reader = untyped::MapReader::open(place.at("map")).unwrap();
    let none = |_: &mut _| reader.len();
    let insert = |(writer, value): &mut (&mut untyped::MapWriter, u8)| writer.insert(&[1, 0], &[*value]);
    fails("untyped::MapWriter::insert", &mut (&mut writer, 2), insert, none, None, |(_, value)| *value = 1);
    let remove = |(writer, key): &mut (&mut untyped::MapWriter, Vec<u8>)| writer.remove(key);
    let mend = |(_, key): &mut (_, Vec<u8>)| key.truncate(2);
    fails("untyped::MapWriter::remove", &mut (&mut writer, vec![1, 0, 0]), remove, |_| reader.len(), None, mend);
    // More than there is space for: what fits is written.
    let capacity = writer.capacity();
    macro_rules! full {
        ($($name:literal: $call:expr;)*) => {$(
            let keys = (0..=u16::try_from(capacity).unwrap()).map(u16::to_ne_bytes).collect();
            let mut on: Keys<'_> = (&mut writer, keys, 0);
            let mend = |(_, keys, value): &mut Keys<'_>| {
                keys.pop();
                *value = 1;
            };
            let (error, ()) = fails($name, &mut on, $call, |_| reader.len().unwrap(), Some(capacity), mend);
            assert_eq!(error, BytesError::NotWritten(ChangeError::Full));
            for key in 0..u16::try_from(capacity).unwrap() {
                let mut value = [0];
                reader.get(&key.to_ne_bytes(), &mut value).unwrap();
                assert_eq!(value, [1], "{}: {key}", $name);
            }
            writer.replace([].into_iter()).unwrap();
        )*};
    }
    full! {
        "untyped::MapWriter::change": |(writer, keys, value): &mut Keys<'_>| {
            let value = [*value];
            writer.change(keys.iter().map(|key| (&key[..], &value[..])), [].into_iter())
        };
        "untyped::MapWriter::replace": |(writer, keys, value): &mut Keys<'_>| {
            let value = [*value];
            writer.replace(keys.iter().map(|key| (&key[..], &value[..])))
        };
    }
    // In a batch as well.
    let commit = |(writer, is_fork): &mut (&mut untyped::MapWriter, bool)| {
        writer.begin();
        if *is_fork {
            return in_a_fork(|| writer.commit().unwrap(), BytesError::NotWritten(ChangeError::Forked));
        }
        (0..3u16).try_for_each(|key| writer.insert(&key.to_ne_bytes(), &[1]))?;
        writer.commit().unwrap()
    };
    let state = |_: &mut _| (reader.len(), reader.region().version());
    fails("untyped::MapWriter::commit", &mut (&mut writer, true), commit, state, None, |(_, is_fork)| *is_fork = false);
    assert_eq!(reader.len(), Ok(3));
}

#[test]
fn a_socket_that_has_no_region() {
    let place = Place::new();
    let path: PathBuf = place.at("file");
    no_region(&path);
    let mut writer = Options::new().create_memfd::<u64>("sent").unwrap();
    writer.write(7).unwrap();
    let region = Region::from_fd(writer.share().unwrap()).unwrap();
    let (sender, receiver) = UnixStream::pair().unwrap();
    let file = File::open(&path).unwrap();
    send_descriptor(&sender, &[std::os::fd::AsRawFd::as_raw_fd(&file)]);
    let receive = |socket: &mut UnixStream| Region::receive(socket);
    let mend = |_: &mut UnixStream| region.send(&sender).unwrap();
    let (_, received) = fails("Region::receive", &mut { receiver }, receive, |_| (), None, mend);
    assert_eq!(received.read_bytes().unwrap().0, 7u64.to_ne_bytes());

    let mut pair = (UnixStream::pair().unwrap().0, None);
    let send = |pair: &mut (UnixStream, _)| region.send(&pair.0);
    let mend = |pair: &mut (UnixStream, _)| {
        let (sender, receiver) = UnixStream::pair().unwrap();
        *pair = (sender, Some(receiver));
    };
    fails("Region::send", &mut pair, send, |_| region.read_bytes().unwrap().0, None, mend);
    assert_eq!(Region::receive(&pair.1.unwrap()).unwrap().read_bytes().unwrap().0, 7u64.to_ne_bytes());
}
