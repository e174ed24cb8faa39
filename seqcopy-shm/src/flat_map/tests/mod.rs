//! Maps in memory of this process: against a model, with batches that panic, are dropped, and writers that die before
//! any of their stores. Miri runs these as well. Recorded histories are in `histories.rs`.

pub(super) mod crash;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::commit::Fate;
use super::fixture::{
    Batch, Change, Local, Model, Rng, SECRET, Writer, apply, commit, commit_once_for_each_other_table, model_of,
    with_a_secret,
};
use super::key::{LastSlot, Query};
use super::slot::bytes_of;
use super::table::{Found, TableMut};
use crate::ChangeError;
use seqcopy::ReadError;

#[test]
fn a_map_is_what_the_model_is_after_each_commit_panic_and_death() {
    let rounds = if cfg!(miri) { 4 } else { 4_000 };
    for (slots, buffers) in [(8, 2), (16, 4), (64, 2), (8, 8)] {
        let local = Local::new(slots, buffers, slots ^ 0x5eed);
        let keys = slots * 3 / 2;
        let capacity = local.place.capacity();
        let mut writer = local.writer();
        let (mut model, mut rng) = (Model::new(), Rng(slots * 77 + u64::from(buffers)));
        // The generations that must still be readable.
        let mut past: Vec<(u64, Model)> = vec![(local.place.begin(), Model::new())];
        let mut died = 0;
        for round in 1..=rounds {
            let changes: Vec<_> = (0..rng.below(5)).map(|_| Change::random(&mut rng, keys, round)).collect();
            let before = local.count();
            let mut next = model.clone();
            match rng.below(10) {
                // Dies before one of its stores; the next writer may die as well.
                0 => {
                    model_of(&mut next, &changes, capacity);
                    died += u32::from(!crash::after(u32::try_from(rng.below(40)).unwrap(), || {
                        commit(&mut writer, &changes);
                    }));
                    if local.count() != before {
                        model = next;
                        past.push((local.place.begin(), model.clone()));
                    }
                    local.check(&model, keys);
                    while rng.below(2) == 0 {
                        crash::after(u32::try_from(rng.below(200)).unwrap(), || _ = local.take_over());
                        local.check(&model, keys);
                    }
                    writer = local.take_over();
                    local.check(&model, keys);
                }
                // Panics after some changes, or is dropped.
                fate @ 1..3 => {
                    let all = |batch: &mut Batch<'_>| {
                        apply(&changes, batch);
                        if fate == 1 {
                            // Without a message on standard error.
                            resume_unwind(Box::new(()));
                        }
                        ((), Fate::Drop)
                    };
                    let result = catch_unwind(AssertUnwindSafe(|| writer.commit(all)));
                    assert_eq!(result.is_err(), fate == 1);
                    assert_eq!(local.count(), before);
                }
                _ => {
                    let all = |batch: &mut Batch<'_>| {
                        for change in &changes {
                            assert_eq!(change.to_batch(batch), change.to_model(&mut next, capacity), "{change:?}");
                            assert_eq!(*batch.len, next.len());
                        }
                        ((), Fate::Publish)
                    };
                    writer.commit(all);
                    model = next;
                    assert_eq!(writer.len, model.len());
                }
            }
            local.check(&model, keys);
            past.push((local.place.begin(), model.clone()));
            past.retain(|(token, _)| local.count() - token <= u64::from(buffers) - 2);
            for (token, model) in &past {
                assert_eq!(local.state(*token).as_ref(), Some(model), "generation {token}");
            }
        }
        assert!(died > 0 || cfg!(miri));
    }
}

/// A commit that removes, moves entries back, inserts and replaces, stopped before each of its stores.
#[test]
fn a_writer_that_dies_anywhere_loses_its_commit_or_has_made_it() {
    for buffers in [2, 4] {
        let mut stops = 0;
        loop {
            let local = Local::new(8, buffers, 3);
            let mut writer = local.writer();
            let mut model = Model::new();
            for key in 0..6 {
                let change = Change::Insert(key, [key, 1]);
                change.to_model(&mut model, 7).unwrap();
                commit(&mut writer, &[change]);
            }
            let changes = [
                Change::Remove(0),
                Change::Insert(9, [9, 9]),
                Change::Update(4, 7),
                Change::Remove(2),
                Change::Insert(5, [5, 5]),
            ];
            let mut next = model.clone();
            model_of(&mut next, &changes, 7);
            let before = local.count();
            let is_done = crash::after(stops, || commit(&mut writer, &changes));
            let expected = if local.count() == before { &model } else { &next };
            assert!(!is_done || local.count() != before);
            local.check(expected, 12);
            // The next writer dies at each of its stores as well, and the one after it goes on.
            for &again in if cfg!(miri) { &[5][..] } else { &[0, 1, 5, 17, 40] } {
                crash::after(again, || _ = local.take_over());
                local.check(expected, 12);
            }
            let mut writer = local.take_over();
            let mut expected = expected.clone();
            for key in [0, 9, 1] {
                let change = Change::Insert(key, [0, key]);
                let results =
                    (change.to_model(&mut expected, 7), writer.commit(|batch| (change.to_batch(batch), Fate::Publish)));
                assert_eq!(results.1, results.0);
                local.check(&expected, 12);
            }
            if is_done {
                break;
            }
            stops += if cfg!(miri) { 7 } else { 1 };
        }
        assert!(stops > 15, "{stops} stores");
    }
}

/// Entries move back so that each is still found, whatever the order.
#[test]
fn removal_in_every_order_leaves_every_other_entry() {
    fn permute(left: &mut Vec<u64>, order: &mut Vec<u64>, act: &mut impl FnMut(&[u64])) {
        if left.is_empty() {
            act(order);
        }
        for at in 0..left.len() {
            let key = left.remove(at);
            order.push(key);
            permute(left, order, act);
            order.pop();
            left.insert(at, key);
        }
    }
    // Under other seeds the same keys begin elsewhere, wrap around the end, and crowd.
    for seed in if cfg!(miri) { 0..1 } else { 0..4 } {
        let local = Local::new(8, 2, seed);
        let mut writer = local.writer();
        let keys: u64 = if cfg!(miri) { 3 } else { 7 };
        permute(&mut (0..keys).collect(), &mut Vec::new(), &mut |order| {
            let inserts: Vec<_> = (0..keys).map(|key| Change::Insert(key, [key, seed])).collect();
            commit(&mut writer, &inserts);
            let mut model: Model = (0..keys).map(|key| (key, [key, seed])).collect();
            for &key in order {
                assert_eq!(writer.commit(|batch| (batch.remove(&key), Fate::Publish)), Ok(model.remove(&key)));
                local.check(&model, keys);
            }
        });
    }
}

/// What was removed, replaced or never published is in no table any more when each of them was the next one once.
#[test]
fn what_was_removed_is_in_no_table_after_the_next_commits() {
    type Way = fn(&mut Writer);
    let ways: [(&str, Way); 5] = [
        ("removed", |writer| commit(writer, &[Change::Remove(SECRET)])),
        ("cleared", |writer| commit(writer, &[Change::Clear])),
        ("replaced, and the key removed", |writer| {
            commit(writer, &[Change::Insert(SECRET, [5; 2])]);
            commit(writer, &[Change::Remove(SECRET)]);
        }),
        ("moved back, inserted and removed in one batch", |writer| {
            let removals = [2, 3, 4, SECRET, 7].map(Change::Remove);
            commit(writer, &[&[Change::Insert(7, [SECRET; 2])], &removals[..]].concat());
        }),
        ("in a batch that panicked", |writer| {
            commit(writer, &[Change::Remove(SECRET)]);
            let all = |batch: &mut Batch<'_>| -> ((), Fate) {
                batch.insert_value(&SECRET, &[SECRET; 2]).unwrap();
                resume_unwind(Box::new(()))
            };
            assert!(catch_unwind(AssertUnwindSafe(|| writer.commit(all))).is_err());
        }),
    ];
    let seeds = if cfg!(miri) { 1 } else { 20 };
    // Under other seeds other entries lie after the secret, and move.
    for (buffers, seed) in (0..3 * seeds).map(|number| (2 << (number % 3), number / 3)) {
        for (what, way) in ways {
            let (local, mut writer) = with_a_secret(buffers, seed);
            way(&mut writer);
            assert!(local.copies_of(SECRET) > 0, "{what}: other tables still have it");
            commit_once_for_each_other_table(&local, &mut writer);
            assert_eq!(local.copies_of(SECRET), 0, "{what}, {buffers} buffers, seed {seed}");
        }
    }
}

/// Wherever a writer died that was removing a secret, and its successor, too.
#[test]
fn what_a_dead_writer_removed_is_in_no_table_after_a_take_over() {
    let thin = if cfg!(miri) { 5 } else { 1 };
    for (buffers, step) in [(2, thin), (4, 3 * thin)] {
        for stops in (0..).step_by(thin) {
            let (local, mut writer) = with_a_secret(buffers, 5);
            let before = local.count();
            let is_done = crash::after(stops, || commit(&mut writer, &[Change::Remove(2), Change::Remove(SECRET)]));
            let is_removed = local.count() != before;
            for again in (0..80 / u32::try_from(thin).unwrap()).step_by(step) {
                crash::after(again, || _ = local.take_over());
            }
            let mut writer = local.take_over();
            assert_eq!(local.copies_of(SECRET), if is_removed { 0 } else { 3 * buffers as usize }, "{stops}");
            commit(&mut writer, &[Change::Remove(SECRET), Change::Insert(9, [9; 2])]);
            commit_once_for_each_other_table(&local, &mut writer);
            assert_eq!(local.copies_of(SECRET), 0, "{stops}");
            if is_done {
                assert!(stops > 6 && is_removed, "{stops} stores");
                break;
            }
        }
    }
}

/// A view ends when its table is the next to be changed: not later, or it would see what a later commit stores, and not
/// before.
#[test]
fn a_view_ends_with_the_commit_before_the_one_that_changes_its_table() {
    for buffers in [2, 4, 8] {
        let local = Local::new(8, buffers, 4);
        let mut writer = local.writer();
        commit(&mut writer, &[Change::Insert(1, [1, 1])]);
        let (token, last) = (local.place.begin(), LastSlot::default());
        for later in 1..u64::from(buffers) {
            assert!(local.place.is_readable(token), "{buffers} buffers, {later}");
            assert_eq!(local.find(token, 1, Some(&last)), Ok(Some(([1, 1], token))));
            commit(&mut writer, &[Change::Insert(1, [1, later + 1])]);
        }
        assert_eq!(local.find(token, 1, Some(&last)), Err(ReadError::Torn));
        assert!(!local.place.is_readable(token), "{buffers} buffers");
        assert_eq!((local.get(token, 1), local.get(token, 2)), (Err(ReadError::Torn), Err(ReadError::Torn)));
        assert_eq!(local.state(token), None);
    }
}

/// What a view of a region returns is checked call by call, as the look-ups above are.
#[test]
#[cfg(all(target_os = "linux", not(miri)))]
fn each_call_of_a_view_looks_at_the_word() {
    use crate::{MapReader, Options, ReadValueError};

    let mut map = Options::new().create_map_memfd::<u64, u64>("views", 7).unwrap();
    let reader = MapReader::<u64, u64>::from_fd(map.share().unwrap()).unwrap();
    let torn = ReadValueError::NoValue(ReadError::Torn);
    for entries in 0..3 {
        let view = reader.view();
        assert_eq!((view.len(), view.iter().count()), (Ok(entries), entries));
        map.insert(entries as u64, 1).unwrap();
        assert_eq!((view.len(), view.get(&0), view.contains_key(&0)), (Err(torn), Err(torn), Err(torn)));
        assert_eq!(view.iter().collect::<Vec<_>>(), [Err(torn)], "{entries} entries");
    }
    // Half an iteration is not passed off as a whole one, also where only free slots were left.
    let view = reader.view();
    let mut seen = view.iter();
    assert!((0..3).all(|_| seen.next().is_some_and(|entry| entry.is_ok())));
    map.insert(1, 2).unwrap();
    assert_eq!((seen.next(), seen.next()), (Some(Err(torn)), None));
}

/// All tables are alike then: so commits are short, and views of generations before it end, as they do with commits.
#[test]
fn a_take_over_publishes_the_map_once_for_each_table_that_a_view_may_have() {
    for buffers in [2, 4, 8] {
        let local = Local::new(8, buffers, 1);
        commit(&mut local.writer(), &[Change::Insert(1, [1, 1])]);
        let (before, newest) = (local.count(), local.place.begin());
        let mut writer = local.take_over();
        assert_eq!(local.count() - before, u64::from(buffers) - 2);
        assert!(local.place.is_readable(newest), "the newest generation is not lost by it");
        local.check(&Model::from([(1, [1, 1])]), 3);
        commit(&mut writer, &[Change::Remove(1)]);
        assert!(!local.place.is_readable(newest));
        local.check(&Model::new(), 3);
    }
}

/// A long search asks now and then whether its generation is still readable, and gives up if it is not.
#[test]
fn a_long_search_asks_whether_it_may_go_on() {
    let local = Local::new(256, 2, 6);
    let mut writer = local.writer();
    let capacity = local.place.capacity() as u64;
    commit(&mut writer, &(0..capacity).map(|key| Change::Insert(key, [0; 2])).collect::<Vec<_>>());
    // SAFETY: there is one thread, and the writer is not used any more (I5 one-writer).
    let table = unsafe { TableMut::new(local.place.table(local.count())) };
    // SAFETY: a key and a value (I4 private).
    let put = |slot| unsafe { table.put(slot, 1, [u64::MAX].as_ptr().cast(), [0u64; 2].as_ptr().cast()) };
    (0..256).filter(|&slot| table.stamp(slot) == 0).for_each(put);
    let search = |may_go_on: bool| {
        let mut asked = 0;
        let found = table.find(6, Query::for_key(bytes_of(&capacity)), || {
            asked += 1;
            may_go_on
        });
        (found, asked)
    };
    assert_eq!((search(true), search(false)), ((Found::Neither, 4), (Found::Neither, 1)));
}

/// Whatever slot a handle remembers, it finds what a search finds: of entries that moved, of a free slot, which has a
/// key of zeros, and of a map that was never published.
#[test]
fn a_handle_finds_what_a_search_finds_wherever_it_looks_first() {
    let local = Local::new(8, 2, 6);
    let mut writer = local.writer();
    let check = |token: u64, entries: usize| {
        let all: Vec<_> = (0..4).map(|key| local.get(token, key)).collect();
        assert_eq!(all.iter().filter(|found| matches!(found, Ok(Some(_)))).count(), entries);
        for (key, found) in (0..4).zip(&all) {
            for slot in (0..9).chain([usize::MAX]) {
                let last = LastSlot::default();
                last.set(slot);
                for look in ["first", "second"] {
                    assert_eq!(local.find(token, key, Some(&last)), *found, "{key} at {slot}, {look} look");
                }
                let moves = matches!(found, Ok(Some(_))) && local.slot(token, last.get()) != Some(key);
                assert!(!moves, "{key} is not where it was found");
            }
        }
    };
    check(local.place.begin(), 0);
    commit(&mut writer, &[0, 1, 2].map(|key| Change::Insert(key, [key + 5; 2])));
    check(local.place.begin(), 3);
    commit(&mut writer, &[Change::Remove(0)]);
    check(local.place.begin(), 2);
    commit(&mut writer, &[Change::Insert(0, [9; 2]), Change::Insert(3, [8; 2])]);
    check(local.place.begin(), 4);
    // As a region whose writer died before it published anything.
    local.put(0, 0);
    check(0, 0);
    assert_eq!(local.get(0, 0), Err(ReadError::Empty));
}

/// The number of entries in the region is for readers. A writer that takes over counts.
#[test]
fn a_length_that_lies_is_not_believed() {
    for lie in [0, 1, 8] {
        let local = Local::new(8, 2, 6);
        let mut writer = local.writer();
        commit(&mut writer, &[1, 2, 3].map(|key| Change::Insert(key, [key; 2])));
        // SAFETY: there is one thread, and the writer is not used any more (I5 one-writer).
        unsafe { TableMut::new(local.place.table(local.count())) }.set_len(lie);
        let mut writer = local.take_over();
        assert_eq!(writer.len, 3, "{lie}");
        for key in 4..8 {
            commit(&mut writer, &[Change::Insert(key, [key; 2])]);
        }
        assert_eq!(writer.commit(|batch| (batch.insert_value(&9, &[9; 2]), Fate::Publish)), Err(ChangeError::Full));
        local.check(&(1..8).map(|key| (key, [key; 2])).collect(), 10);
    }
}

/// A count wraps only where another process overwrites it. Generation 0 is then unreadable, as in a region with one
/// value, and nothing is lost: its entries are not free slots.
#[test]
fn entries_survive_a_count_that_wraps() {
    for (buffers, before) in [(2, 0), (2, 1), (4, 2), (4, 5)] {
        let local = Local::new(8, buffers, 9);
        let mut model = Model::new();
        commit(&mut local.writer(), &[Change::Insert(0, [0; 2])]);
        model.insert(0, [0; 2]);
        // The table of that count is made like the newest: all tables are.
        drop(local.take_over());
        local.put(0, u64::MAX - before);
        let mut writer = local.take_over();
        for key in 1..7 {
            commit(&mut writer, &[Change::Insert(key, [key; 2])]);
            model.insert(key, [key; 2]);
            assert_eq!(writer.len, model.len());
            match local.count() {
                0 => assert_eq!(local.get(local.place.begin(), key), Err(ReadError::Empty)),
                _ => local.check(&model, 8),
            }
        }
    }
}

/// Whatever lies in the tables and in the word: each call ends, and each index is inside.
#[test]
fn noise_ends_every_search() {
    let rounds = if cfg!(miri) { 64 } else { 20_000 };
    let mut rng = Rng(0x0123_4567);
    for (slots, buffers) in [(8, 2), (64, 4), (256, 2)] {
        let local = Local::new(slots, buffers, 5);
        let words = local.layout.size() / 8;
        for _ in 0..rounds / slots {
            for word in 0..words {
                let bits = match rng.below(4) {
                    0 => 0,
                    1 => u64::MAX,
                    2 => rng.below(16),
                    _ => rng.0,
                };
                local.put(word, bits);
            }
            for key in 0..8 {
                let _ = local.get(local.place.begin(), key);
            }
            let mut writer = local.take_over();
            for _ in 0..4 {
                let changes: Vec<_> = (0..3).map(|_| Change::random(&mut rng, 16, 1)).collect();
                commit(&mut writer, &changes);
            }
        }
        // All slots taken, none by the key.
        for word in 0..words {
            local.put(word, 99);
        }
        assert_eq!(local.get(local.place.begin(), 7), Ok(None));
        let mut writer = local.take_over();
        let insert = |batch: &mut Batch<'_>| (batch.insert_value(&7, &[0; 2]), Fate::Publish);
        assert_eq!(writer.commit(insert), Err(ChangeError::Full));
    }
}

/// After a large batch, once the other tables have it: a change costs what it looks at, whether or not it changes
/// something. Of C, C++ and Python the writer without types does the work.
#[test]
#[cfg(not(miri))] // regions are files
fn a_change_costs_what_it_looks_at() {
    use crate::untyped;
    use crate::{Options, Schema, path_for};

    /// What is called, and how many generations each of its calls is.
    type Act<'a> = (&'a str, u64, &'a mut dyn FnMut());

    const ENTRIES: u32 = 2000;
    let bytes = u32::to_ne_bytes;
    for buffers in [2, 4] {
        let options = Options::new().buffers(buffers);
        let [path, other] = ["typed", "untyped"].map(|name| path_for(&format!("work-{name}-{}", std::process::id())));
        let mut typed = options.create_map::<u32, u32>(&path, ENTRIES as usize).unwrap();
        let schema = Schema::of_map::<u32, u32>();
        let slots = untyped::MapWriter::slots_for(ENTRIES as usize).unwrap();
        let mut untyped = untyped::MapWriter::create(&other, &schema, slots, &options).unwrap();
        let capacity = u32::try_from(typed.capacity()).unwrap();
        let fill = |typed: &mut crate::MapWriter<u32, u32>, untyped: &mut untyped::MapWriter, value: u32| {
            typed.commit(|batch| (0..capacity).for_each(|key| _ = batch.insert(key, value).unwrap())).unwrap();
            untyped.begin();
            (0..capacity).for_each(|key| untyped.insert(&bytes(key), &bytes(value)).unwrap());
            untyped.commit().unwrap().unwrap();
        };
        for equal in [7, 8] {
            fill(&mut typed, &mut untyped, 7);
            let (mut typed, mut untyped) = (std::cell::RefCell::new(&mut typed), std::cell::RefCell::new(&mut untyped));
            let before = |typed: &mut crate::MapWriter<u32, u32>, untyped: &untyped::MapWriter| {
                [typed.generation(), untyped.generation()].map(seqcopy::Version::to_bits)
            };
            let start = before(typed.get_mut(), untyped.get_mut());
            let set = |map: &mut untyped::MapWriter, value: u32| {
                map.change([(&bytes(1)[..], &bytes(value)[..])].into_iter(), [].into_iter())
            };
            let acts: &mut [Act<'_>] = &mut [
                ("empty", 0, &mut || typed.borrow_mut().commit(|_| ()).unwrap()),
                ("untyped empty", 0, &mut || {
                    let mut map = untyped.borrow_mut();
                    assert!(map.begin() && map.commit() == Some(Ok(())));
                }),
                ("absent", 0, &mut || assert_eq!(typed.borrow_mut().remove(&u32::MAX), Ok(None))),
                ("untyped absent", 0, &mut || untyped.borrow_mut().remove(&bytes(u32::MAX)).unwrap()),
                ("present", 0, &mut || assert_eq!(typed.borrow_mut().insert_if_absent(1, 3), Ok(Some(equal)))),
                ("full", 0, &mut || assert_eq!(typed.borrow_mut().insert(u32::MAX, 3), Err(ChangeError::Full))),
                ("untyped full", 0, &mut || assert!(untyped.borrow_mut().insert(&bytes(u32::MAX), &bytes(3)).is_err())),
                ("untyped change", 0, &mut || set(&mut untyped.borrow_mut(), equal).unwrap()),
                ("insert", 1, &mut || _ = typed.borrow_mut().insert(1, equal).unwrap()),
                ("untyped insert", 1, &mut || untyped.borrow_mut().insert(&bytes(1), &bytes(equal)).unwrap()),
            ];
            // One value is another than the batch's: the tables are caught up by that, once each.
            if equal != 7 {
                for _ in 0..buffers {
                    typed.borrow_mut().insert(1, equal).unwrap();
                    untyped.borrow_mut().insert(&bytes(1), &bytes(equal)).unwrap();
                }
            }
            let caught_up = before(&mut typed.borrow_mut(), &untyped.borrow_mut());
            assert_eq!(caught_up.map(|now| now - start[0]), [if equal == 7 { 0 } else { buffers.into() }; 2]);
            for (what, generations, act) in acts {
                let now = before(&mut typed.borrow_mut(), &untyped.borrow_mut());
                // The next table lacks the batch until the first call; each other table until it is the next one.
                for _ in 0..buffers {
                    act();
                }
                let stores = crash::stores(|| (0..100).for_each(|_| act()));
                assert!(stores <= 100 * 4 * buffers, "{what}, {buffers} buffers: {stores} stores");
                let made = before(&mut typed.borrow_mut(), &untyped.borrow_mut());
                let made: u64 = made.iter().zip(now).map(|(made, now)| made - now).sum();
                assert_eq!(made, *generations * u64::from(100 + buffers), "{what}");
            }
        }
        typed.close().and_then(|()| untyped.close()).unwrap();
    }
}
