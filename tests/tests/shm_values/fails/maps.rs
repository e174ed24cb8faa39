//! Calls on maps that fail for a value that is not valid, or for want of space.

use std::fs;

use seqcopy::Version;
use seqcopy_harness::fails;
use seqcopy_shm::{Entry, MapReader, MapWriter, Options, Region, untyped};
use seqcopy_tests::faults::Place;

use super::{Flag, GOOD, On, flag_in};

#[test]
fn calls_on_maps() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u8, Flag>::create(&path, 4).unwrap();
    writer.insert(1, Flag { at: 1, ok: false }).unwrap();
    writer.insert(3, GOOD).unwrap();
    let at = flag_in(&path);
    while_invalid! {
        On::new(&path, MapReader::<u8, Flag>::open(&path).unwrap()), at;
        "MapReader::get": |on| on.handle.get(&3);
        "MapReader::try_get": |on| on.handle.try_get(&3);
        "MapReader::read_entry": |on| on.handle.read_entry(&Entry::new(3));
        "MapReader::get_versioned": |on| on.handle.get_versioned(&3);
        "MapReader::read": |on| on.handle.read(|view| view.get(&3));
        "View::get": |on| on.handle.view().get(&3);
        "View::get_versioned": |on| on.handle.view().get_versioned(&3);
        "View::iter": |on| on.handle.view().iter().collect::<Result<Vec<_>, _>>();
        "View::changed_since": |on| on.handle.view().changed_since(Version::NEVER).collect::<Result<Vec<_>, _>>();
    };
    while_invalid! {
        On::new(&path, untyped::MapReader::open(&path).unwrap()), at;
        "untyped::MapReader::get": |on| on.handle.get(&[3], &mut on.bytes);
        "untyped::MapReader::read_entry": |on| on.handle.read_entry(&on.handle.entry(&[3]).unwrap(), &mut on.bytes);
    };
    drop(writer);
    let schema = Region::open_any(&path).unwrap().schema().clone();
    let writer = while_invalid! {
        On::new(&path, untyped::MapWriter::take_over(&path, &schema, &Options::new()).unwrap()), at;
        "untyped::MapWriter::get": |on| on.handle.get(&[3], &mut on.bytes);
        "untyped::MapWriter::entries": |on| on.handle.entries().map(|entries| entries.len());
    };
    drop(writer);
    let writer = MapWriter::<u8, Flag>::take_over(&path).unwrap();
    // What is written has other tables: the flag is elsewhere each time.
    let mut on = On::new(&path, writer);
    let put = |on: &mut On<MapWriter<u8, Flag>>, byte: u8| {
        let bytes = fs::read(&on.path).unwrap();
        let mark = GOOD.at.to_ne_bytes();
        let all: Vec<usize> = (0..bytes.len() - 8).filter(|at| bytes[*at..][..8] == mark).collect();
        for at in all {
            on.put(byte, at as u64 + 8);
        }
    };
    put(&mut on, 7);
    let entries = |on: &mut On<MapWriter<u8, Flag>>| (on.handle.len(), on.handle.generation());
    let update = |on: &mut On<MapWriter<u8, Flag>>| on.handle.update(&3, |flag| flag.ok = true);
    fails("MapWriter::update", &mut on, update, entries, None, |on| put(on, 1));
    put(&mut on, 7);
    let update = |on: &mut On<MapWriter<u8, Flag>>| on.handle.update_entry(&Entry::new(3), |flag| flag.ok = true);
    fails("MapWriter::update_entry", &mut on, update, entries, None, |on| put(on, 1));
    put(&mut on, 7);
    macro_rules! in_a_batch {
        ($($name:literal: $call:expr;)*) => {$(
            let call = |on: &mut On<MapWriter<u8, Flag>>| on.handle.try_commit($call);
            fails($name, &mut on, call, entries, None, |on| put(on, 1));
            put(&mut on, 7);
        )*};
    }
    in_a_batch! {
        "Batch::get": |batch| batch.get(&3).map(drop);
        "Batch::update_entry": |batch| batch.update_entry(&Entry::new(3), |flag| flag.ok = true).map(drop);
        "Batch::update": |batch| batch.update(&3, |flag| flag.ok = true).map(drop);
    }
    // What is not valid is removed all the same, or stays where all the others go.
    let len = |on: &mut On<MapWriter<u8, Flag>>| on.handle.len();
    let remove = |on: &mut On<MapWriter<u8, Flag>>| on.handle.remove(&3);
    fails("MapWriter::remove", &mut on, remove, len, Some(1), |_| ());
    on.handle.insert(3, GOOD).unwrap();
    put(&mut on, 7);
    let remove = |on: &mut On<MapWriter<u8, Flag>>| on.handle.commit(|batch| batch.remove(&3)).unwrap();
    fails("Batch::remove", &mut on, remove, len, Some(1), |_| ());
    on.handle.insert(3, GOOD).unwrap();
    put(&mut on, 7);
    let retain = |on: &mut On<MapWriter<u8, Flag>>| on.handle.commit(|batch| batch.retain(|_, _| false)).unwrap();
    fails("Batch::retain", &mut on, retain, len, Some(1), |on| put(on, 1));
    assert!(on.handle.is_empty());
}

#[test]
fn a_full_map() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u8, u16>::create(&path, 6).unwrap();
    let all = u8::try_from(writer.capacity()).unwrap();
    (0..all).for_each(|key| _ = writer.insert(key, 1).unwrap());
    let reader = MapReader::<u8, u16>::open(&path).unwrap();
    let entries = |writer: &mut MapWriter<u8, u16>| {
        let mut all: Vec<(u8, u16)> = reader.view().iter().collect::<Result<_, _>>().unwrap();
        all.sort_unstable();
        (all, writer.generation())
    };
    macro_rules! full {
        ($($name:literal: $call:expr;)*) => {$(
            fails($name, &mut writer, $call, entries, None, |writer| _ = writer.remove(&0).unwrap());
            writer.remove(&200).unwrap();
            writer.insert(0, 1).unwrap();
        )*};
    }
    full! {
        "MapWriter::insert": |writer| writer.insert(200, 1);
        "MapWriter::insert_if_absent": |writer| writer.insert_if_absent(200, 1);
        "MapWriter::try_commit": |writer| writer.try_commit(|batch| { batch.update(&1, |it| *it = 5)?; batch.insert(200, 1) });
        "Batch::insert": |writer| writer.try_commit(|batch| batch.insert(200, 1));
        "Batch::insert_if_absent": |writer| writer.try_commit(|batch| batch.insert_if_absent(200, 1));
    }
}

/// A writer of a map by its schema, a key, and bytes for a value.
struct ByBytes {
    writer: untyped::MapWriter,
    reader: untyped::MapReader,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// Keys and values that are not a `bool`, and then are one.
#[test]
fn calls_with_bytes() {
    let place = Place::new();
    let path = place.at("map");
    drop(MapWriter::<bool, bool>::create(&path, 4).unwrap());
    let reader = untyped::MapReader::open(&path).unwrap();
    let writer = untyped::MapWriter::take_over(&path, reader.region().schema(), &Options::new()).unwrap();
    let mut on = ByBytes { writer, reader, key: vec![2], value: vec![3] };
    let state = |on: &mut ByBytes| (on.writer.len(), on.writer.generation());
    let entry = |on: &mut ByBytes| on.writer.entry(&on.key).map(drop);
    fails("untyped::MapWriter::entry", &mut on, entry, state, None, |on| on.key = vec![1]);
    on.key = vec![2];
    let entry = |on: &mut ByBytes| on.reader.entry(&on.key).map(drop);
    fails("untyped::MapReader::entry", &mut on, entry, state, None, |on| on.key = vec![1]);
    let insert = |on: &mut ByBytes| {
        let entry = on.writer.entry(&on.key).unwrap();
        on.writer.insert_entry(&entry, &on.value)
    };
    fails("untyped::MapWriter::insert_entry", &mut on, insert, state, None, |on| on.value = vec![1]);
    assert_eq!(state(&mut on).0, 1);
}
