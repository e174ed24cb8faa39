//! `SeqLatch`: readers see the last value published, at any point of a write; reads that were overtaken by writes fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use seqcopy::seq_count::{BufferCount, SupportedBufferCount};
use seqcopy::{ReadError, SeqCopy, SeqLatch, Version};
use seqcopy_tests::corpus::{Choice, Padded, Sample, WithPointer};

fn round_trips<T: Sample, const BUFFERS: usize>()
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    let samples = T::samples();
    let latch = SeqLatch::<T, BUFFERS>::from_value(samples[0].clone());
    assert_eq!(latch.read(), samples[0]);
    // Often enough that every buffer is used, and used again.
    for round in 0..3 * BUFFERS {
        let value = &samples[round % samples.len()];
        latch.write_from(value);
        assert_eq!(&latch.read(), value);
        assert_eq!(latch.try_read().as_ref(), Ok(value));
        assert_eq!(&latch.update(|old| old.clone()), value);
        assert_eq!(&latch.replace(value.clone()), value);
    }
    assert_eq!(latch.into_inner(), samples[(3 * BUFFERS - 1) % samples.len()]);
}

#[test]
fn every_value_round_trips_through_every_buffer() {
    round_trips::<u8, 2>();
    round_trips::<Padded, 2>();
    round_trips::<Padded, 4>();
    round_trips::<Choice, 2>();
    round_trips::<Choice, 8>();
    round_trips::<WithPointer, 4>();
    round_trips::<[Padded; 4], 4>();
    round_trips::<(), 2>();
}

#[test]
fn lives_in_statics_and_infers() {
    static LATCH: SeqLatch<Choice, 4> = SeqLatch::from_value(Choice::Small(3));
    assert_eq!(LATCH.read(), Choice::Small(3));
    let latch = SeqLatch::new(5);
    assert_eq!(latch.read(), 5);
    assert_eq!(SeqLatch::<u8, 4>::default().read(), 0);
    assert_eq!(SeqLatch::<u8, 2>::from(9).read(), 9);
    assert_eq!(format!("{latch:?}"), "SeqLatch { data: 5 }");
}

#[test]
fn versions_count_writes() {
    let latch = SeqLatch::new(1u64);
    let first = latch.version();
    assert_eq!(first.writes_since(Version::NEVER), 1);
    let mut known = Version::NEVER;
    assert_eq!(latch.read_if_changed(&mut known), Some(1));
    assert_eq!(latch.read_if_changed(&mut known), None);
    latch.write(2);
    assert!(latch.has_changed(known));
    let (value, version) = latch.read_versioned();
    assert_eq!((value, version.writes_since(first)), (2, 1));
}

#[test]
fn one_writer_at_a_time() {
    let latch = Arc::new(SeqLatch::<u32, 4>::from_value(0));
    let mut writer = latch.writer().unwrap();
    assert!(latch.has_writer() && latch.writer().is_none() && SeqLatch::writer_arc(&latch).is_none());
    assert_eq!(latch.try_write(7), Err(7));
    writer.write(1);
    assert_eq!((writer.replace(2), writer.update(|n| *n + 1), writer.read()), (1, 3, 2));
    drop(writer);
    let mut writer = SeqLatch::writer_arc(&latch).unwrap();
    thread::spawn(move || writer.write(4)).join().unwrap();
    assert_eq!((latch.read(), latch.has_writer()), (4, false));
    // SAFETY: the only writer.
    unsafe { latch.writer_unchecked() }.write(5);
    assert_eq!(latch.read(), 5);
}

#[test]
fn a_panic_in_update_changes_nothing() {
    let latch = SeqLatch::new([1u64; 4]);
    let result = std::panic::catch_unwind(|| {
        latch.update(|value| {
            value[0] = 9;
            panic!("in the middle");
        });
    });
    assert!(result.is_err());
    assert_eq!((latch.read(), latch.has_writer()), ([1; 4], false));
    latch.write([2; 4]);
    assert_eq!(latch.read(), [2; 4]);
}

#[test]
fn a_stopped_writer_blocks_no_reader() {
    // A leaked writer, and one in a mutex that was poisoned.
    let latch = SeqLatch::new(1);
    std::mem::forget(latch.writer().unwrap());
    assert_eq!((latch.read(), latch.try_read()), (1, Ok(1)));
    assert!(latch.writer().is_none());

    let shared = Arc::new(SeqLatch::<u32>::new(1));
    let writer = Arc::new(Mutex::new(SeqLatch::writer_arc(&shared).unwrap()));
    let after = Arc::clone(&writer);
    let died = thread::spawn(move || {
        let mut writer = after.lock().unwrap();
        writer.write(2);
        panic!("while the mutex is locked");
    });
    assert!(died.join().is_err());
    assert_eq!(shared.read(), 2);
    writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).write(3);
    assert_eq!(shared.read(), 3);
}

fn races<T: Sample + Send + Sync, const BUFFERS: usize>()
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    let (writes, reads) = if cfg!(miri) { (24, 12) } else { (20_000, 20_000) };
    let samples = T::samples();
    let latch = SeqLatch::<T, BUFFERS>::from_value(samples[0].clone());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = latch.writer().unwrap();
            for i in 0..writes {
                writer.write_from(&samples[i % samples.len()]);
            }
            done.store(true, Ordering::Release);
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = latch.version();
                for _ in 0..reads {
                    match latch.try_read() {
                        Ok(value) => assert!(samples.contains(&value), "{value:?}"),
                        Err(error) => assert_eq!(error, ReadError::Torn),
                    }
                    let (value, version) = latch.read_versioned();
                    assert!(samples.contains(&value), "{value:?}");
                    assert!(version.writes_since(last) <= writes as u64, "the version decreased");
                    last = version;
                }
            });
        }
    });
    assert_eq!(latch.read(), samples[(writes - 1) % samples.len()]);
}

// Pointers are not `Send`; these point to statics.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Static(u8, WithPointer);

// SAFETY: points to a static.
unsafe impl Send for Static {}
// SAFETY: points to a static.
unsafe impl Sync for Static {}

impl Sample for Static {
    fn samples() -> Vec<Self> {
        WithPointer::samples().into_iter().map(|pointer| Static(7, pointer)).collect()
    }
}

#[test]
fn readers_see_whole_values() {
    races::<Padded, 2>();
    races::<Padded, 4>();
    races::<Choice, 2>();
    races::<Choice, 4>();
    races::<Static, 2>();
    races::<Static, 4>();
    races::<[Padded; 4], 4>();
}

#[test]
fn size_is_word_claim_and_buffers() {
    // Word and claim, then the buffers, each aligned to 8.
    assert_eq!(size_of::<SeqLatch<u8>>(), 16 + 2 * 8);
    assert_eq!(size_of::<SeqLatch<[u64; 4], 4>>(), 16 + 4 * 32);
    assert_eq!(align_of::<SeqLatch<u8>>(), 8);
}
