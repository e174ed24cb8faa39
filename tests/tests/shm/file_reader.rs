//! A `Reader` of a file gives the same results as one that maps it, and survives a file that is truncated. The table in
//! verify/evidence/faults.md names these tests.

use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use seqcopy::{ReadError, Version};
use seqcopy_shm::{FileReader, Options, ReadValueError, Reader, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_alive};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

#[test]
fn a_file_reader_reads_what_a_reader_does() {
    let place = Place::new();
    for buffers in [1, 2, 8] {
        let path = place.at(&buffers.to_string());
        let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
        let (mut file, mapped) = (FileReader::<Small>::open(&path).unwrap(), Reader::<Small>::open(&path).unwrap());
        let is_written_here =
            |file: &FileReader<Small>| is_alive(file.region().writer_state().unwrap(), std::process::id());
        assert_eq!(file.region().header(), mapped.region().header());
        assert!(is_written_here(&file));
        assert_eq!(file.read(), Err(ReadValueError::NoValue(ReadError::Empty)));
        assert_eq!((file.read(), file.try_read()), (mapped.read(), mapped.try_read()));
        let mut known = Version::NEVER;
        for number in 1..20 {
            writer.write(Beat::of(number)).unwrap();
            let value = Beat::of(number);
            assert_eq!(file.region().version(), Ok(mapped.version()));
            assert_eq!(file.read_versioned(), mapped.read_versioned());
            assert_eq!(file.read_if_changed(&mut known), Ok(Some(value)));
            assert_eq!(file.read_if_changed(&mut known), Ok(None));
            assert_eq!(known.to_bits(), number);
            let mut buf = MaybeUninit::uninit();
            assert_eq!(file.read_into(&mut buf).copied(), Ok(value));
            assert_eq!(file.try_read(), Ok(value));
        }
        drop(writer);
        assert_eq!(file.region().writer_state(), Ok(WriterState::Gone));
        assert!(!file.region().is_removed());
        let writer = Writer::<Small>::take_over(&path).unwrap();
        assert!(is_written_here(&file));
        assert_eq!(file.region().is_closed(), Ok(false));
        writer.close().unwrap();
        assert!(file.region().is_removed());
        assert_eq!((file.region().is_closed(), file.read()), (Ok(true), Err(ReadValueError::Closed)));
        assert_eq!(file.try_read(), Err(ReadValueError::Closed));
        assert_eq!(file.reopen_if_removed().map_err(|error| error.to_string()), Ok(false));
        let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
        writer.write(Beat::of(30)).unwrap();
        assert!(file.reopen_if_removed().unwrap());
        assert_eq!(file.read_if_changed(&mut known), Ok(Some(Beat::of(30))));
        assert_eq!(known.to_bits(), 1);
    }
}

#[test]
fn a_value_larger_than_the_stack_is_read_into_a_buffer() {
    type Frame = [u64; 1 << 20];
    let place = Place::new();
    let path = place.at("frame");
    let mut writer = Writer::<Frame>::create(&path).unwrap();
    let make = |frame: &mut MaybeUninit<Frame>| {
        // SAFETY: zeros the first time: numbers.
        let frame = unsafe { frame.assume_init_mut() };
        frame[7] = 9;
    };
    writer
        .write_in_place(|frame| {
            make(frame);
            // SAFETY: as above.
            unsafe { frame.assume_init_mut() }
        })
        .unwrap();
    // The stacks of test threads have 2 MiB, a frame has 8.
    let reader = FileReader::<Frame>::open(&path).unwrap();
    let mut buf = Box::new_uninit();
    let frame = reader.read_into(&mut buf).unwrap();
    assert_eq!((frame[6], frame[7], frame[8]), (0, 9, 0));
}

#[test]
fn a_reader_that_does_not_map_reports_a_truncated_file_from_every_method() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Beat::of(5)).unwrap();
    let reader = FileReader::<Small>::open(&path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let len = file.metadata().unwrap().len();
    file.set_len(0).unwrap();
    let truncated = ReadValueError::Truncated;
    assert_eq!((reader.read(), reader.try_read()), (Err(truncated), Err(truncated)));
    let region = reader.region();
    assert_eq!((region.version(), region.is_closed()), (Err(truncated), Err(truncated)));
    assert_eq!((region.writer_state(), region.read_bytes()), (Err(truncated), Err(truncated)));
    let mut buf = MaybeUninit::uninit();
    assert_eq!((reader.read_versioned(), reader.read_into(&mut buf)), (Err(truncated), Err(truncated)));
    assert_eq!(reader.read_if_changed(&mut Version::NEVER.clone()), Err(truncated));
    // Else dropping the writer would be a SIGBUS.
    file.set_len(len).unwrap();
}

/// Sets the flag on drop, also if the peer has died and this thread panics.
struct Stop<'a>(&'a AtomicBool);
impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// A process that opens a file is not killed by a SIGBUS when the file is truncated or filled again: until it is
/// checked, it is read, not mapped.
#[test]
fn a_file_that_is_truncated_while_it_is_opened_is_refused_or_opened() {
    let place = Place::new();
    let (good, path) = (place.at("good"), place.at("raced"));
    let mut writer = Writer::<Small>::create(&good).unwrap();
    writer.write(Beat::of(5)).unwrap();
    drop(writer);
    let bytes = fs::read(&good).unwrap();
    fs::write(&path, &bytes).unwrap();
    let mut peer = Peer::start(PEER);
    let stop = AtomicBool::new(false);
    let (opened, refused) = std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = File::options().write(true).open(&path).unwrap();
            // Pauses of several lengths, so that the file is found truncated and whole on every machine, even if the
            // two run in lockstep.
            for turn in 0_u32.. {
                file.set_len(0).unwrap();
                std::thread::sleep(Duration::from_micros(if turn % 8 == 0 { 200 } else { 0 }));
                std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).unwrap();
                std::thread::sleep(Duration::from_micros(if turn % 8 == 4 { 200 } else { 0 }));
                if stop.load(SeqCst) {
                    break;
                }
            }
        });
        let _stop = Stop(&stop);
        let (mut opened, mut refused) = (0, 0);
        let began = Instant::now();
        let mut rounds = 0;
        while rounds < 30 || (opened == 0 || refused == 0) && began.elapsed() < Duration::from_secs(60) {
            rounds += 1;
            let said = peer.ask(&format!("open_often {} 1000", path.display()));
            let words: Vec<_> = said.split(' ').collect();
            opened += words[1].parse::<u32>().unwrap();
            refused += words[3].parse::<u32>().unwrap();
        }
        (opened, refused)
    });
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} refused");
}
