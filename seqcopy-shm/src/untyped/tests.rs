//! Regions written by their schema alone, and read by their type.

use super::{BytesError, MapReader as UntypedReader, MapWriter, Writer};
use crate::handle::WriteHandle as _;
use crate::{ChangeError, MapReader, Options, ReadValueError, Reader, Region, Schema, path_for};
use seqcopy::{SeqCopy, SeqOption, Validate};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Sample {
    ok: bool,
    at: u64,
    level: SeqOption<u32>,
    list: [bool; 0],
    tail: [u16; 40],
}

fn path(name: &str) -> std::path::PathBuf {
    path_for(&format!("untyped-{name}-{}", std::process::id()))
}

fn sample(at: u64) -> Sample {
    Sample { ok: true, at, level: SeqOption::Some(7), list: [], tail: [u16::try_from(at).unwrap(); 40] }
}

#[test]
fn a_value_goes_from_region_to_region() {
    let (here, there) = (path("here"), path("there"));
    let mut typed = crate::Writer::<Sample>::create(&here).unwrap();
    typed.write(sample(1)).unwrap();
    let region = crate::Region::open_file(&here).unwrap();
    for buffers in [1, 4] {
        let options = Options::new().buffers(buffers);
        let mut writer = Writer::open_or_create(&there, region.schema(), &options).unwrap();
        let (bytes, _) = region.read_bytes().unwrap();
        writer.write_bytes(&bytes).unwrap();
        let reader = Reader::<Sample>::open(&there).unwrap();
        assert_eq!(reader.read(), Ok(sample(1)));
        // Not valid, or not as long: nothing is written.
        for bad in [&[2; 104][..], &bytes[1..], &[]] {
            assert!(matches!(writer.write_bytes(bad), Err(BytesError::Invalid(_))));
        }
        assert_eq!((writer.version().to_bits(), reader.read()), (1, Ok(sample(1))));
        // A writer of the type goes on, and another one after it.
        drop(writer);
        crate::Writer::<Sample>::take_over(&there).unwrap().write(sample(2)).unwrap();
        let writer = Writer::open_or_create(&there, region.schema(), &options).unwrap();
        assert_eq!((writer.version().to_bits(), reader.read()), (2, Ok(sample(2))));
        writer.close().unwrap();
    }
    typed.close().unwrap();
}

#[test]
fn another_type_is_replaced_or_refused() {
    let path = path("type");
    let mut writer = Writer::open_or_create(&path, &Schema::of::<u32>(), &Options::new()).unwrap();
    writer.write_bytes(&5u32.to_ne_bytes()).unwrap();
    drop(writer);
    let error = Writer::open_or_create(&path, &Schema::of::<u64>(), &Options::new()).unwrap_err();
    assert!(error.to_string().contains("u32 there, u64 here"), "{error}");
    let options = Options::new().replace_other_type(true);
    let mut reader = Reader::<u32>::open(&path).unwrap();
    let map = Schema::of_map::<u32, u8>();
    let writer = MapWriter::open_or_create(&path, &map, 64, &options).unwrap();
    assert_eq!(reader.read(), Err(crate::ReadValueError::Closed));
    assert!(reader.reopen_if_removed().is_err());
    assert!(MapWriter::open_or_create(&path, &Schema::of::<u64>(), 64, &options).is_err(), "no map");
    writer.close().unwrap();
}

#[test]
fn entries_go_from_map_to_map() {
    let path = path("map");
    let schema = Schema::of_map::<u32, Sample>();
    let options = Options::new().buffers(4);
    let bytes = |at| {
        // SAFETY: zeroed where there is padding.
        let mut bits = seqcopy::MaybeInvalid::<Sample>::zeroed();
        bits.write(sample(at));
        // SAFETY: all bytes were initialised, and only data was written since.
        unsafe { core::slice::from_raw_parts(bits.as_ptr().cast::<u8>(), size_of::<Sample>()) }.to_vec()
    };
    let mut writer = MapWriter::open_or_create(&path, &schema, 16, &options).unwrap();
    let reader = MapReader::<u32, Sample>::open(&path).unwrap();
    let entries: Vec<_> = (0..10u32).map(|key| (key.to_ne_bytes(), bytes(u64::from(key)))).collect();
    let set = || entries.iter().map(|(key, value)| (&key[..], &value[..]));
    writer.replace(set()).unwrap();
    let first = writer.generation();
    writer.replace(set()).unwrap();
    assert_eq!(writer.generation(), first, "nothing has changed");
    for key in 0..10 {
        assert_eq!(reader.get_versioned(&key), Ok(Some((sample(u64::from(key)), first))));
    }
    writer.replace(set().skip(1)).unwrap();
    assert_eq!(reader.get(&0), Ok(None));
    writer.replace(set()).unwrap();
    // Some are removed, in several generations, so that each table lacks something else.
    for key in [3u32, 4, 0, 9] {
        writer.change(set().take(0), [&key.to_ne_bytes()[..]].into_iter()).unwrap();
        assert_eq!((reader.get(&key), reader.get(&1)), (Ok(None), Ok(Some(sample(1)))));
    }
    assert_eq!((reader.view().len(), writer.len()), (Ok(6), 6));
    // Full: the rest is there.
    let many: Vec<_> = (20..40u32).map(|key| (key.to_ne_bytes(), bytes(1))).collect();
    let more = many.iter().map(|(key, value)| (&key[..], &value[..]));
    assert_eq!(writer.change(more, [].into_iter()), Err(BytesError::NotWritten(ChangeError::Full)));
    assert_eq!((reader.view().len(), reader.get(&27)), (Ok(14), Ok(Some(sample(1)))));
    // Not valid: nothing changes.
    let bad = vec![9; size_of::<Sample>()];
    let before = writer.generation();
    let one = [(&5u32.to_ne_bytes()[..], &bad[..])];
    assert!(matches!(writer.change(one.into_iter(), [].into_iter()), Err(BytesError::Invalid(_))));
    assert_eq!((writer.generation(), reader.get(&5)), (before, Ok(Some(sample(5)))));
    // A writer of the types goes on, and another one after it, which finds what is there.
    drop(writer);
    let mut typed = Options::new().take_over_map::<u32, Sample>(&path).unwrap();
    typed.remove(&20).unwrap();
    typed.insert(50, sample(50)).unwrap();
    drop(typed);
    let mut writer = MapWriter::open_or_create(&path, &schema, 16, &options).unwrap();
    assert_eq!(writer.len(), 14);
    for round in 0..6u32 {
        let value = bytes(u64::from(round));
        writer.change([(&50u32.to_ne_bytes()[..], &value[..])].into_iter(), [].into_iter()).unwrap();
        let all: Result<Vec<_>, _> = reader.view().iter().map(|entry| entry.map(|(key, _)| key)).collect();
        let mut all = all.unwrap();
        all.sort_unstable();
        assert_eq!(all, [1, 2, 5, 6, 7, 8, 21, 22, 23, 24, 25, 26, 27, 50]);
        assert_eq!(reader.get(&50), Ok(Some(sample(u64::from(round)))));
    }
    let watch = Region::open_any(&path).unwrap();
    // Closed by a writer that could not remove its name.
    let kept = path.with_extension("kept");
    let left = crate::Writer::<u32>::create(&kept).unwrap();
    crate::life::close(&left.writable().mapping().map);
    drop(left);
    assert!(Region::open_any(&kept).unwrap().is_closed());
    std::fs::remove_file(kept).unwrap();
    assert_eq!(watch.version(), writer.generation());
    writer.close().unwrap();
    assert!(watch.is_closed() && watch.is_removed());
}

/// What another process has left in the newest table: entries that are not valid are dropped, and stamps are not from
/// the future.
#[test]
fn a_hostile_table_is_taken_over_as_far_as_it_is_valid() {
    use std::os::unix::fs::FileExt;
    let path = path("hostile-map");
    let mut typed = Options::new().create_map::<u32, bool>(&path, 8).unwrap();
    for key in 0..4 {
        typed.insert(key, true).unwrap();
    }
    let (header, count) = (*typed.region().header(), typed.generation().to_bits());
    drop(typed);
    // The newest table: its slots have a stamp, a key at 8 and a value at 16.
    let (buffer, slot) = (header.layout.buffer_layout, header.payload_size() as u64);
    let table = buffer.offset as u64 + (count & u64::from(header.buffers() - 1)) * buffer.stride as u64;
    let first = table + crate::mapping::table_header(header.payload_align()) as u64;
    let file = std::fs::File::options().read(true).write(true).open(&path).unwrap();
    for slot in (0..header.slots()).map(|index| first + index * slot) {
        let mut bytes = [0; 16];
        file.read_exact_at(&mut bytes, slot).unwrap();
        match u32::from_ne_bytes(bytes[8..12].try_into().unwrap()) {
            1 => file.write_all_at(&[7], slot + 16).unwrap(),
            2 => file.write_all_at(&u64::MAX.to_ne_bytes(), slot).unwrap(),
            _ => {}
        }
    }
    let schema = Schema::of_map::<u32, bool>();
    let mut writer = MapWriter::open_or_create(&path, &schema, 8, &Options::new()).unwrap();
    assert_eq!(writer.len(), 3);
    let one = [(&9u32.to_ne_bytes()[..], &[1][..])];
    writer.change(one.into_iter(), [].into_iter()).unwrap();
    let reader = MapReader::<u32, bool>::open(&path).unwrap();
    assert_eq!((reader.get(&1), reader.get(&9)), (Ok(None), Ok(Some(true))));
    let stamp = reader.get_versioned(&2).unwrap().unwrap().1;
    assert!(stamp.to_bits() <= writer.generation().to_bits(), "{stamp:?}");
    writer.close().unwrap();
}

/// A batch is made in the table that no reader looks at; a map that was put back has other tables.
#[test]
fn a_batch_goes_on_in_a_map_that_was_put_back() {
    let path = path("put-back");
    let schema = Schema::of_map::<u16, u16>();
    for (buffers, changes) in [2, 4, 8].into_iter().flat_map(|buffers| [(buffers, false), (buffers, true)]) {
        let options = Options::new().buffers(buffers);
        let mut writer = MapWriter::create(&path, &schema, 16, &options).unwrap();
        let bytes = |number: u16| number.to_ne_bytes();
        (0..9).for_each(|n| writer.insert(&bytes(n), &bytes(n)).unwrap());
        let before = writer.generation().to_bits();
        assert!(writer.begin());
        // What is there already is no change, but the next table is open.
        writer.change([(&bytes(7)[..], &bytes(7)[..])].into_iter(), [].into_iter()).unwrap();
        if changes {
            writer.insert(&bytes(9), &bytes(90)).unwrap();
            writer.remove(&bytes(3)).unwrap();
        }
        std::fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap());
        assert_eq!((writer.generation().to_bits(), writer.len()), (before, 9));
        let reader = MapReader::<u16, u16>::open(&path).unwrap();
        assert_eq!((reader.get(&9), reader.get(&3), reader.view().len()), (Ok(None), Ok(Some(3)), Ok(9)));
        if changes {
            writer.insert(&bytes(8), &bytes(80)).unwrap();
        }
        assert_eq!(writer.commit(), Some(Ok(())));
        assert_eq!(writer.generation().to_bits(), before + u64::from(changes));
        // In every table.
        for round in 0..10 {
            writer.insert(&bytes(20), &bytes(round)).unwrap();
            let mut all: Vec<_> = reader.view().iter().map(Result::unwrap).collect();
            all.sort_unstable();
            let of = |n| (n, if changes && n > 7 { n * 10 } else { n });
            let mut expected: Vec<_> = (0..9 + u16::from(changes)).filter(|&n| !changes || n != 3).map(of).collect();
            expected.push((20, round));
            assert_eq!(all, expected, "{buffers} buffers, {changes}, {round}");
        }
        writer.close().unwrap();
    }
}

/// Each pass over it gives something else: the first is checked, the second would be written.
#[derive(Clone)]
struct Liar(u32, std::rc::Rc<std::cell::Cell<u32>>);

impl Iterator for Liar {
    type Item = (&'static [u8], &'static [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (is_first, passes) = (std::mem::take(&mut self.0) > 0, &self.1);
        is_first.then(|| (&[1, 0][..], if passes.replace(passes.get() + 1) == 0 { &[2, 0][..] } else { &[2] }))
    }
}

#[test]
fn an_iterator_that_changes_its_mind_is_refused() {
    let path = path("liar");
    let mut writer = MapWriter::create(&path, &Schema::of_map::<u16, u16>(), 16, &Options::new()).unwrap();
    let change = || writer.change(Liar(1, std::rc::Rc::default()), [].into_iter());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).unwrap_err();
    assert!(panic.downcast_ref::<String>().is_some_and(|text| text.contains("the bytes of a key and of a value")));
    assert_eq!((writer.len(), writer.generation().to_bits()), (0, 1));
    writer.insert(&[1, 0], &[2, 0]).unwrap();
    assert_eq!(writer.len(), 1);
    writer.close().unwrap();
}

/// Each call that fails leaves what is there, and succeeds when its cause is gone.
#[test]
fn handles_to_entries_of_bytes() {
    use std::os::unix::fs::FileExt;
    let path = path("handles");
    let schema = Schema::of_map::<[bool; 2], bool>();
    let mut writer = MapWriter::create(&path, &schema, 8, &Options::new().buffers(2)).unwrap();
    let reader = UntypedReader::open(&path).unwrap();
    for bad in [&[0, 2][..], &[0], &[0, 1, 0]] {
        assert!(matches!(reader.entry(bad), Err(BytesError::Invalid(_))), "{bad:?}");
        assert!(matches!(writer.entry(bad), Err(BytesError::Invalid(_))), "{bad:?}");
    }
    let entry = writer.entry(&[0, 1]).unwrap();
    let value = &mut [9];
    assert_eq!((reader.read_entry(&entry, value), writer.get(entry.key(), value)), (Ok(None), Ok(None)));
    for bad in [&[2][..], &[], &[0, 0]] {
        assert!(matches!(writer.insert_entry(&entry, bad), Err(BytesError::Invalid(_))), "{bad:?}");
    }
    assert!(matches!(writer.insert(&[0, 2], &[1]), Err(BytesError::Invalid(_))));
    assert_eq!((writer.len(), writer.generation().to_bits()), (0, 1));
    writer.insert_entry(&entry, &[1]).unwrap();
    let of_reader = reader.entry(&[0, 1]).unwrap();
    for handle in [&entry, &of_reader, &of_reader] {
        assert_eq!((reader.read_entry(handle, value), value[0]), (Ok(Some(writer.generation())), 1));
    }
    // An equal value is a generation, as with `insert`.
    writer.insert_entry(&entry, &[1]).unwrap();
    assert_eq!(writer.generation().to_bits(), 3);
    // A handle of keys of another size.
    let other = self::path("handles-longer");
    let longer = MapWriter::create(&other, &Schema::of_map::<u32, bool>(), 8, &Options::new()).unwrap();
    let of_longer = longer.entry(&[0, 1, 0, 0]).unwrap();
    assert!(matches!(reader.read_entry(&of_longer, value), Err(BytesError::Invalid(_))));
    assert!(matches!(writer.insert_entry(&of_longer, &[1]), Err(BytesError::Invalid(_))));
    longer.close().unwrap();
    // What another process has made of the value.
    let before = std::fs::read(&path).unwrap();
    let at =
        before.windows(17).position(|part| part[..8] == 3u64.to_ne_bytes() && part[8..10] == [0, 1] && part[16] == 1);
    let at = at.unwrap() as u64 + 16;
    let put = |byte: u8| std::fs::File::options().write(true).open(&path).unwrap().write_all_at(&[byte], at).unwrap();
    put(7);
    for handle in [&entry, &of_reader] {
        assert!(matches!(reader.read_entry(handle, value), Err(BytesError::Invalid(_))));
    }
    assert!(matches!(writer.get(entry.key(), value), Err(BytesError::Invalid(_))));
    put(0);
    assert_eq!((reader.read_entry(&of_reader, value), value[0]), (Ok(Some(writer.generation())), 0));
    assert_eq!((writer.get(entry.key(), value), value[0]), (Ok(Some(writer.generation())), 0));
    writer.remove(entry.key()).unwrap();
    assert_eq!((reader.read_entry(&of_reader, value), reader.read_entry(&entry, value)), (Ok(None), Ok(None)));
    writer.close().unwrap();
    assert_eq!(reader.read_entry(&entry, value), Err(ReadValueError::Closed.into()));
}

/// What lies past it may be left out, and is never taken over into the region: it may be no valid element, and of an
/// earlier value.
#[test]
fn a_slice_is_checked_and_written_up_to_its_last_element() {
    let path = path("slice");
    let schema = Schema::of_slice::<bool>(100).unwrap();
    let mut writer = Writer::open_or_create(&path, &schema, &Options::new().buffers(1)).unwrap();
    let reader = Reader::<[bool]>::open(&path).unwrap();
    let bytes = |len: u32, elements: &[u8]| [&len.to_ne_bytes()[..], &[0; 60], elements].concat();
    for value in [bytes(2, &[1, 0]), bytes(2, &[1, 0, 7]), bytes(2, &[[1, 0].as_slice(), &[7; 126]].concat())] {
        assert_eq!(schema.used(&value), 66);
        writer.write_bytes(&value).unwrap();
        let mut found = Vec::new();
        reader.read_to_vec(&mut found).unwrap();
        assert_eq!(found, [true, false]);
        let (bytes, _) = crate::Region::open(&path).unwrap().read_bytes().unwrap();
        assert!(bytes.len() == 192 && bytes[66..].iter().all(|byte| *byte == 0));
    }
    for bad in [bytes(2, &[1]), bytes(2, &[1, 2]), bytes(101, &[1; 128]), bytes(u32::MAX, &[1; 128]), vec![0; 63]] {
        assert!(matches!(writer.write_bytes(&bad), Err(BytesError::Invalid(_))), "{bad:?}");
    }
    assert_eq!((reader.version().to_bits(), schema.used(&[1; 3])), (3, 3));
    // Elements of a `SeqVec` have to be valid, as they are part of the value.
    let vec = Schema::of::<seqcopy::SeqVec<bool, 4>>();
    assert_eq!(vec.used(&[0; 8]), 8);
    assert!(vec.validate(&[0, 0, 0, 0, 1, 0, 0, 7]).is_err());
    writer.close().unwrap();
}

/// The short way of C is for values of one length. Numbers are any bits, but the length of a slice is not.
#[test]
fn slices_are_not_read_and_written_at_once() {
    for (name, schema) in [("bools", Schema::of_slice::<bool>(100)), ("bytes", Schema::of_slice::<u8>(100))] {
        let (path, schema) = (path(name), schema.unwrap());
        let mut writer = Writer::open_or_create(&path, &schema, &Options::new()).unwrap();
        let reader = super::Reader::open(&path).unwrap();
        let mut to = vec![0; schema.size_and_align().0];
        for len in [2u32, 100, 101, u32::MAX] {
            let value = [&len.to_ne_bytes()[..], &[0; 60], &[1; 128]].concat();
            assert_eq!((value.len(), writer.__write_at_once(&value)), (to.len(), false), "{len}");
            assert_eq!(writer.write_bytes(&value).is_ok(), len <= 100, "{len}");
            assert!(reader.__read_at_once(&mut to).is_none(), "{len}");
        }
        writer.close().unwrap();
    }
}

/// What was removed is in no table after as many changes as there are other tables.
#[test]
fn what_was_removed_is_gone_from_the_region() {
    const SECRET: u64 = 0x5ec7_e75e_c7e7_5ec7;
    let path = path("removed");
    let schema = Schema::of_map::<u64, u64>();
    for buffers in [2, 4] {
        let mut writer = MapWriter::open_or_create(&path, &schema, 16, &Options::new().buffers(buffers)).unwrap();
        let entry = |key: u64, value: u64| (key.to_ne_bytes(), value.to_ne_bytes());
        let set = |writer: &mut MapWriter, (key, value): ([u8; 8], [u8; 8])| {
            writer.change([(&key[..], &value[..])].into_iter(), [].into_iter()).unwrap();
        };
        let copies = || {
            let bytes = std::fs::read(&path).unwrap();
            bytes.windows(8).filter(|window| *window == SECRET.to_ne_bytes()).count()
        };
        set(&mut writer, entry(SECRET, SECRET));
        (0..buffers).for_each(|round| set(&mut writer, entry(1, round.into())));
        assert_eq!(copies(), 2 * buffers as usize);
        let key = SECRET.to_ne_bytes();
        writer.change([(&key[..], &key[..])].into_iter().take(0), [&key[..]].into_iter()).unwrap();
        (0..buffers).for_each(|round| set(&mut writer, entry(1, round.into())));
        assert_eq!(copies(), 0);
        writer.close().unwrap();
    }
}

/// What is removed makes space for what is set.
#[test]
fn a_full_map_takes_a_key_for_one_that_goes() {
    let path = path("full");
    let schema = Schema::of_map::<u32, u32>();
    let mut writer = MapWriter::open_or_create(&path, &schema, 16, &Options::new()).unwrap();
    let keys: Vec<_> = (0..15u32).map(u32::to_ne_bytes).collect();
    let entries = |from: usize| keys[from..from + 14].iter().map(|key| (&key[..], &key[..]));
    writer.replace(entries(0)).unwrap();
    writer.replace(entries(1)).unwrap();
    let reader = MapReader::<u32, u32>::open(&path).unwrap();
    assert_eq!((reader.get(&0), reader.get(&14), writer.len()), (Ok(None), Ok(Some(14)), 14));
    writer.change([(&keys[0][..], &keys[0][..])].into_iter(), [&keys[14][..]].into_iter()).unwrap();
    assert_eq!((reader.get(&0), reader.get(&14), writer.len()), (Ok(Some(0)), Ok(None), 14));
    writer.close().unwrap();
}

/// The mark outlasts the writer, and not the next one; a region that replaces another has it from the start.
#[test]
fn writers_leave_the_mark_that_they_were_given() {
    let place = path("mark");
    let mark = || Region::open_any(&place).unwrap().writer_mark();
    let marked = Options::new().replace_other_type(true).mark(7);
    drop(Writer::open_or_create(&place, &Schema::of::<u32>(), &marked).unwrap());
    assert_eq!(mark(), 7);
    drop(crate::Writer::<u32>::take_over(&place).unwrap());
    assert_eq!(mark(), 0);
    let schema = Schema::of_map::<u16, u16>();
    drop(MapWriter::open_or_create(&place, &schema, 8, &marked).unwrap());
    assert_eq!(mark(), 7);
    drop(MapWriter::open_or_create(&place, &schema, 32, &marked.clone().mark(8)).unwrap());
    assert_eq!(mark(), 8);
    std::fs::remove_file(&place).unwrap();
}

/// The bytes after the end of a text have no meaning; in a number of that size, each has.
#[test]
fn a_handle_of_a_map_with_other_keys_finds_the_entry_of_this_one() {
    let [path, other] = ["handles-texts", "handles-numbers"].map(path);
    let texts = Schema::of_map::<seqcopy::SeqStr<4>, u8>();
    let mut writer = MapWriter::create(&path, &texts, 8, &Options::new()).unwrap();
    let numbers = MapWriter::create(&other, &Schema::of_map::<[u8; 8], u8>(), 8, &Options::new()).unwrap();
    let key = [&1u32.to_ne_bytes()[..], b"axyz"].concat();
    let of_numbers = numbers.entry(&key).unwrap();
    writer.insert_entry(&of_numbers, &[5]).unwrap();
    writer.insert(&key, &[6]).unwrap();
    writer.insert_entry(&of_numbers, &[7]).unwrap();
    let reader = MapReader::<seqcopy::SeqStr<4>, u8>::open(&path).unwrap();
    assert_eq!((writer.len(), reader.get(&seqcopy::SeqStr::truncated("a"))), (1, Ok(Some(7))));
    writer.remove(&key).unwrap();
    assert_eq!((writer.len(), reader.view().len()), (0, Ok(0)));
    writer.close().and_then(|()| numbers.close()).unwrap();
}

/// Sets each byte of a value to another number. If the byte has a meaning, that publishes something or is refused. If it
/// is padding, lies after a text, or belongs to another variant, nothing is published.
#[test]
fn a_change_that_differs_in_bytes_without_meaning_publishes_nothing() {
    /// `has_meaning` has an `x` for each byte of the value that has one.
    fn attempt<V: Validate>(name: &str, value: &[u8], has_meaning: &str) {
        let path = path(name);
        let key: &[u8] = &7u32.to_ne_bytes();
        let mut writer = MapWriter::create(&path, &Schema::of_map::<u32, V>(), 8, &Options::new()).unwrap();
        writer.insert(key, value).unwrap();
        let mut found = String::new();
        for at in 0..value.len() {
            let (mut other, before) = (value.to_vec(), writer.generation());
            other[at] ^= 1;
            let result = writer.change([(key, &other[..])].into_iter(), [].into_iter());
            found.push(if result.is_ok() && writer.generation() == before { '.' } else { 'x' });
            writer.change([(key, value)].into_iter(), [].into_iter()).unwrap();
        }
        assert_eq!(found, has_meaning, "{name}");
        writer.close().unwrap();
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Padded(u8, u16);
    attempt::<Padded>("padded", &[9; 4], "x.xx");
    attempt::<SeqOption<u8>>("none", &[0, 9], "x.");
    attempt::<SeqOption<u8>>("some", &[1, 9], "xx");
    attempt::<SeqOption<u32>>("padded option", &[1, 9, 9, 9, 9, 9, 9, 9], "x...xxxx");
    attempt::<u32>("number", &[9; 4], "xxxx");
    attempt::<[u8; 80]>("long", &[9; 80], &"x".repeat(80));
    let text = [&5u32.to_ne_bytes()[..], b"abcdefgh"].concat();
    attempt::<seqcopy::SeqStr<8>>("text", &text, "xxxxxxxxx...");
}

/// The length is that of the table which is open, as its entries are: here it differs from that of the last generation.
#[test]
fn the_length_of_a_batch_goes_on_in_a_map_that_was_put_back() {
    let path = path("put-back-length");
    let schema = Schema::of_map::<u16, u16>();
    let mut writer = MapWriter::create(&path, &schema, 16, &Options::new()).unwrap();
    let bytes = |number: u16| number.to_ne_bytes();
    writer.insert(&bytes(7), &bytes(7)).unwrap();
    assert!(writer.begin());
    (0..3).for_each(|n| writer.insert(&bytes(n), &bytes(n)).unwrap());
    std::fs::remove_file(&path).unwrap();
    assert!(writer.restore_if_removed().unwrap());
    assert_eq!(writer.len(), 4);
    assert_eq!(writer.commit(), Some(Ok(())));
    let view = MapReader::<u16, u16>::open(&path).unwrap();
    assert_eq!((writer.len(), view.view().len(), view.view().iter().count()), (4, Ok(4), 4));
    writer.close().unwrap();
}
