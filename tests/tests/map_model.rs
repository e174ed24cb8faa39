//! Maps through their public face: what they hold, compared with a `HashMap`; keys and values of several types;
//! batches, views, stamps.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use seqcopy::{Remote, SeqCopy, SeqOption, SeqStr, Validate, Version};
use seqcopy_shm::{ChangeError, MapKey, MapReader, MapWriter, Options, ReadValueError};
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SeqCopy, Validate)]
#[repr(C)]
struct Route {
    network: [u8; 4],
    bits: u8,
    kind: Kind,
    reserved: [u8; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SeqCopy, Validate)]
#[repr(u8)]
enum Kind {
    Direct,
    Gateway,
}

/// With padding, an enum with fields, an alignment above 8.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, align(32))]
struct Hop {
    metric: u8,
    via: SeqOption<u32>,
    name: SeqStr<20>,
    load: f32,
}

fn hop(number: u64) -> Hop {
    let low = u32::try_from(number & 0xffff).unwrap();
    Hop {
        metric: number.to_le_bytes()[0],
        via: if number % 3 == 0 { SeqOption::None } else { SeqOption::Some(low) },
        name: SeqStr::truncated(&format!("hop {number}")),
        load: 0.5,
    }
}

/// Compares everything that a reader finds with the model, and what changed after the generation `known`.
fn compare<K, V>(
    reader: &MapReader<K, V>,
    writer: &MapWriter<K, V>,
    model: &HashMap<K, (V, Version)>,
    known: Version,
    keys: impl Iterator<Item = K>,
) where
    K: MapKey + Copy + std::hash::Hash + std::fmt::Debug,
    V: Validate + Copy + PartialEq + std::fmt::Debug,
{
    let mut changed = HashSet::new();
    for (one, (_, stamp)) in model {
        if *stamp > known {
            changed.insert(*one);
        }
    }
    for view in [reader.view(), writer.view()] {
        assert!(view.is_current() && view.is_readable());
        assert_eq!(view.generation(), reader.generation());
        assert_eq!((view.len(), view.is_empty()), (Ok(model.len()), Ok(model.is_empty())));
        let entries: Vec<_> = view.iter().map(Result::unwrap).collect();
        assert_eq!(entries.len(), model.len());
        assert!(entries.iter().all(|(one, there)| model[one].0 == *there));
        let found: HashSet<_> = view.changed_since(known).map(|entry| entry.unwrap().0).collect();
        assert_eq!(found, changed);
    }
    for one in keys {
        let expected = model.get(&one).copied();
        assert_eq!(reader.get(&one), Ok(expected.map(|(there, _)| there)));
        assert_eq!(reader.get_versioned(&one), Ok(expected));
        assert_eq!(reader.try_get(&one), Ok(expected.map(|(there, _)| there)));
        assert_eq!(reader.view().contains_key(&one), Ok(expected.is_some()));
    }
}

/// Keeps about two of three entries, and asks about each once.
fn retain<K, V>(writer: &mut MapWriter<K, V>, model: &mut HashMap<K, (V, Version)>, round: u64)
where
    K: MapKey + Copy + std::hash::Hash + std::fmt::Debug,
    V: Validate + Copy + PartialEq + std::fmt::Debug,
{
    let (mut asked, mut gone) = (HashSet::new(), HashSet::new());
    let retained = writer.commit(|batch| {
        batch.retain(|one, there| {
            assert!(asked.insert(*one) && model[one].0 == *there, "{one:?}");
            let stays = (asked.len() as u64 + round) % 3 != 0;
            stays || !gone.insert(*one)
        })
    });
    assert_eq!(retained, Ok(Ok(())));
    assert_eq!(asked.len(), model.len());
    model.retain(|one, _| !gone.contains(one));
}

/// Random changes, one by one, in batches, dropped and panicking; each generation is compared with the model.
fn like_a_hash_map<K, V>(buffers: u32, capacity: usize, key: impl Fn(u64) -> K, value: impl Fn(u64) -> V)
where
    K: MapKey + Copy + std::hash::Hash + std::fmt::Debug,
    V: Validate + Copy + PartialEq + std::fmt::Debug,
{
    let place = Place::new();
    let path = place.at("map");
    let mut writer = Options::new().buffers(buffers).create_map::<K, V>(&path, capacity).unwrap();
    let reader = MapReader::<K, V>::open(&path).unwrap();
    let capacity = writer.capacity();
    let keys = capacity as u64 * 5 / 4;
    let mut rng = Rng::new(buffers.into());
    let mut model: HashMap<K, (V, Version)> = HashMap::new();
    for round in 0..1500 {
        let now = Version::from_bits(writer.generation().to_bits() + 1);
        let one = key(rng.bits() % keys);
        let known = reader.generation();
        match rng.below(12) {
            0..5 => {
                let new = value(round);
                match writer.insert(one, new) {
                    Err(error) => assert_eq!((error, model.len()), (ChangeError::Full, capacity)),
                    Ok(old) => assert_eq!(old, model.insert(one, (new, now)).map(|(old, _)| old)),
                }
            }
            5 => {
                let there = model.get(&one).map(|(there, _)| *there);
                match writer.insert_if_absent(one, value(round)) {
                    Err(error) => assert_eq!((error, model.len(), there), (ChangeError::Full, capacity, None)),
                    Ok(found) => {
                        assert_eq!(found, there);
                        model.entry(one).or_insert((value(round), now));
                    }
                }
            }
            6 => {
                let updated = writer.update(&one, |there| *there = value(round)).unwrap();
                assert_eq!(updated.is_some(), model.contains_key(&one));
                model.entry(one).and_modify(|there| *there = (value(round), now));
            }
            7..10 => assert_eq!(writer.remove(&one), Ok(model.remove(&one).map(|(old, _)| old))),
            10 => {
                let keys: Vec<_> = (0..8).map(|_| key(rng.bits() % keys)).collect();
                let fate = rng.below(3);
                let mut next = model.clone();
                let batch = catch_unwind(AssertUnwindSafe(|| {
                    writer.try_commit(|batch| {
                        assert_eq!(batch.generation(), now);
                        for (at, &one) in keys.iter().enumerate() {
                            if at % 2 == 0 {
                                assert_eq!(batch.remove(&one)?, next.remove(&one).map(|(old, _)| old));
                            } else if next.len() < capacity || next.contains_key(&one) {
                                batch.insert(one, value(round))?;
                                next.insert(one, (value(round), now));
                            }
                            assert_eq!(batch.contains_key(&one), next.contains_key(&one));
                            assert_eq!(batch.get(&one)?, next.get(&one).map(|(value, _)| *value));
                        }
                        assert_eq!((batch.len(), batch.is_empty()), (next.len(), next.is_empty()));
                        match fate {
                            0 => Ok(()),
                            1 => Err(ChangeError::Full),
                            _ => resume_unwind(Box::new(())),
                        }
                    })
                }));
                match (fate, batch) {
                    (0, Ok(Ok(()))) => model = next,
                    (1, Ok(Err(ChangeError::Full))) | (2, Err(_)) => assert_eq!(reader.generation(), known),
                    (fate, batch) => panic!("{fate} {batch:?}"),
                }
            }
            _ if round % 10 == 0 => {
                writer.clear().unwrap();
                model.clear();
            }
            _ if round % 10 == 5 => retain(&mut writer, &mut model, round),
            // Taken over by another writer, with whatever the last one left behind.
            _ => {
                drop(writer);
                writer = MapWriter::take_over(&path).unwrap();
                assert!(!writer.was_created() && writer.capacity() == capacity);
                let repeated = reader.generation().writes_since(known);
                assert_eq!(repeated, u64::from(buffers) - 2);
            }
        }
        compare(&reader, &writer, &model, known, (0..keys).map(&key));
        assert_eq!((writer.len(), writer.is_empty()), (model.len(), model.is_empty()));
    }
    writer.close().unwrap();
    assert_eq!(reader.get(&key(0)), Err(ReadValueError::Closed));
    assert_eq!(reader.view().len(), Err(ReadValueError::Closed));
    assert!(reader.view().iter().eq([Err(ReadValueError::Closed)]));
    assert!(!path.exists());
}

#[test]
fn numbers() {
    like_a_hash_map::<u64, [u64; 4]>(2, 20, |key| key * 1000, |value| [value; 4]);
}

#[test]
fn structs_with_padding_and_enums_with_fields() {
    let route = |key: u64| Route {
        network: [10, 0, 0, key.to_le_bytes()[0]],
        bits: 24,
        kind: if key % 2 == 0 { Kind::Direct } else { Kind::Gateway },
        reserved: [0; 2],
    };
    like_a_hash_map::<Route, Hop>(4, 50, route, hop);
}

#[test]
fn strings_and_sets() {
    like_a_hash_map::<SeqStr<12>, ()>(2, 7, |key| SeqStr::truncated(&format!("key {key}")), |_| ());
}

#[test]
fn keys_of_a_byte_and_long_values() {
    let long = |value: u64| [u8::try_from(value & 0xff).unwrap(); 300];
    like_a_hash_map::<u8, [u8; 300]>(16, 14, |key| u8::try_from(key).unwrap(), long);
}

#[test]
fn values_of_other_crates() {
    use std::net::Ipv4Addr;

    /// A list of the fields of another crate's type.
    #[derive(SeqCopy, Validate)]
    #[repr(C)]
    #[seqcopy(remote = foreign::Peer)]
    #[allow(dead_code)]
    struct PeerDef {
        address: Ipv4Addr,
        port: u16,
        open: bool,
    }
    mod foreign {
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[repr(C)]
        pub(super) struct Peer {
            pub(super) address: std::net::Ipv4Addr,
            pub(super) port: u16,
            pub(super) open: bool,
        }
    }
    let mut map = Options::new().create_map_memfd::<Ipv4Addr, Remote<foreign::Peer, PeerDef>>("peers", 10).unwrap();
    let peer = foreign::Peer { address: Ipv4Addr::LOCALHOST, port: 80, open: true };
    map.insert(peer.address, Remote::new(peer)).unwrap();
    let reader = MapReader::<Ipv4Addr, Remote<foreign::Peer, PeerDef>>::from_fd(map.share().unwrap()).unwrap();
    assert_eq!(reader.get(&Ipv4Addr::LOCALHOST).unwrap().map(|found| found.value), Some(peer));
}

#[test]
fn a_view_is_readable_until_as_many_commits_as_there_are_other_buffers_have_ended() {
    for buffers in [2, 4, 16] {
        let mut map = Options::new().buffers(buffers).create_map_memfd::<u32, u64>("views", 10).unwrap();
        let reader = MapReader::<u32, u64>::from_fd(map.share().unwrap()).unwrap();
        map.insert(1, 0).unwrap();
        let view = reader.view();
        for later in 1..u64::from(buffers) - 1 {
            map.insert(1, later).unwrap();
            assert!(!view.is_current() && view.is_readable());
            assert_eq!(view.get(&1), Ok(Some(0)));
            // What is not published can't be seen, and tears no view.
            let _ = map.try_commit(|batch| batch.insert(1, 99).and(Err::<(), _>(ChangeError::Full)));
            assert_eq!((view.get(&1), reader.get(&1)), (Ok(Some(0)), Ok(Some(later))));
        }
        map.insert(1, 77).unwrap();
        assert!(!view.is_readable());
        let torn = ReadValueError::NoValue(seqcopy::ReadError::Torn);
        assert_eq!((view.get(&1), view.len(), view.contains_key(&1)), (Err(torn), Err(torn), Err(torn)));
        assert_eq!(view.iter().collect::<Vec<_>>(), [Err(torn)]);
        // `read` takes a newer one.
        let mut views = 0;
        let value = reader.read(|view| {
            views += 1;
            if views == 1 {
                (0..buffers).for_each(|_| _ = map.insert(2, 0));
            }
            view.get(&1)
        });
        assert_eq!((value, map.insert(3, 3)), (Ok(Some(77)), Ok(None)));
    }
}

#[test]
fn a_commit_without_a_change_is_no_generation() {
    let mut map = Options::new().create_map_memfd::<u32, u64>("nothing", 7).unwrap();
    let reader = MapReader::<u32, u64>::from_fd(map.share().unwrap()).unwrap();
    (0..7).for_each(|key| assert_eq!(map.insert(key, 0), Ok(None)));
    let known = reader.generation();
    assert_eq!(map.commit(|_| 5), Ok(5));
    assert_eq!(
        (map.remove(&9), map.insert_if_absent(1, 1), map.insert(9, 9)),
        (Ok(None), Ok(Some(0)), Err(ChangeError::Full))
    );
    assert_eq!(map.update(&9, |_| ()), Ok(None));
    assert!(!reader.has_changed(known));
    map.remove(&1).unwrap();
    assert!(reader.has_changed(known));
    assert!(reader.wait(known, std::time::Duration::ZERO));
}

/// An eighth is free, in as many arrangements as there are rounds: what moves to a slot that becomes free is not passed
/// over.
#[test]
fn retain_asks_about_each_entry_once() {
    let place = Place::new();
    let mut writer = MapWriter::<u64, u64>::create(place.at("map"), 7).unwrap();
    for round in 0..500 {
        let mut asked = Vec::new();
        let keys = round * 7..round * 7 + 7;
        let result = writer.commit(|batch| {
            keys.clone().for_each(|key| _ = batch.insert(key, 1).unwrap());
            batch.retain(|key, _| {
                asked.push(*key);
                false
            })
        });
        asked.sort_unstable();
        assert_eq!((result, writer.len()), (Ok(Ok(())), 0));
        assert!(asked.into_iter().eq(keys));
    }
}
