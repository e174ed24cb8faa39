//! A writer and a reader of each protocol: no copy is torn, and none is older than the one before. Miri runs them with
//! many schedules.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use seqcopy::raw::Page;
use seqcopy::{ReadError, SeqCopy, Validate};
use seqcopy_adopters::{
    clock_bound, hyperv, mlx5, ntp_shm, process_context, property, pvclock, simulator, timehands, vmclock,
};

const WRITES: u64 = if cfg!(miri) { 30 } else { 60_000 };

/// Writes 1 to [`WRITES`] by `write` while a second thread checks the number that `read` returns, and three times that
/// number.
fn race(mut write: impl FnMut(u64), read: impl Fn() -> Option<(u64, u64)> + Sync) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut good, mut last) = (0, 0);
            while !done.load(Relaxed) || good == 0 {
                match read() {
                    Some((number, three)) => {
                        assert_eq!(three, number.wrapping_mul(3), "torn");
                        assert!(number >= last, "from {last} back to {number}");
                        (good, last) = (good + 1, number);
                    }
                    None => std::thread::yield_now(),
                }
            }
        });
        (1..=WRITES).for_each(&mut write);
        done.store(true, Relaxed);
    });
}

fn zeroed<T: Validate>() -> T {
    seqcopy::MaybeInvalid::zeroed().validate().expect("zeros")
}

#[test]
fn pvclock_is_whole() {
    let value = |n| pvclock::TimeInfo { tsc_timestamp: n, system_time: 3 * n, flags: 1, ..zeroed() };
    // At a multiple of 4, as a guest may place it.
    let mut memory = [0u32; 9];
    let place = (&raw mut memory).cast::<u32>().wrapping_add(1).cast();
    // SAFETY: a local, initialised, accessed by this page only; one writer.
    let page = unsafe { Page::<pvclock::TimeInfo>::from_ptr(place) };
    race(
        // SAFETY: the only writer.
        |n| unsafe { page.write(&value(n)) },
        || page.try_read().ok().map(|(bits, _)| bits.value()).map(|info| (info.tsc_timestamp, info.system_time)),
    );
    assert_eq!(pvclock::now(page, || WRITES + 1000), Some(3 * WRITES));
    // SAFETY: the only writer.
    let write = unsafe { page.count().write_begin() };
    assert_eq!(pvclock::now(page, || 0), None, "a hypervisor that stopped in the middle");
    drop(write);
}

#[test]
fn hyperv_is_whole() {
    let mut memory: hyperv::ReferenceTsc = zeroed();
    // SAFETY: a local, initialised, accessed by this page only; one writer.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    assert_eq!(hyperv::now(page, || 1), None, "not to be used");
    // The last word of which the next ones wrap around.
    // SAFETY: the only writer, no reader yet.
    unsafe { page.write_at(u32::MAX - 5, &zeroed()) };
    race(
        |n| {
            let value = hyperv::ReferenceTsc { scale: n, offset: 3 * n.cast_signed(), ..zeroed() };
            // SAFETY: the only writer, which never stopped in the middle.
            unsafe { page.write(&value) };
        },
        || {
            let (bits, token) = page.try_read().ok()?;
            assert!(token.word() != 0 && token.word() != u32::MAX);
            let page = bits.value();
            Some((page.scale, page.offset.cast_unsigned()))
        },
    );
    assert_eq!(hyperv::now(page, || 1 << 63), Some(WRITES / 2 + 3 * WRITES));
    assert_eq!(u64::from(page.count().load()), WRITES - 4, "MAX - 4 to MAX - 1, then 1");
}

#[test]
fn timehands_are_whole() {
    let mut memory: [timehands::Timehands; timehands::HANDS] = zeroed();
    let base = (&raw mut memory).cast::<timehands::Timehands>();
    let current = AtomicU32::new(0);
    // SAFETY: locals, initialised, each accessed by one page only.
    let hands = std::array::from_fn(|n| unsafe { Page::from_ptr(base.wrapping_add(n)) });
    let keep = timehands::Timekeep { current: &current, hands };
    assert_eq!(keep.try_read(|| 0).unwrap_err(), ReadError::Busy, "no copy yet");
    race(
        |n| {
            let hands = timehands::Timehands { scale: n, offset: [3 * n; 2], ..zeroed() };
            // SAFETY: the only writer.
            unsafe { keep.write(&hands) };
        },
        || {
            let (hands, _) = keep.try_read(|| 0).ok()?;
            assert_eq!(hands.offset[0], hands.offset[1]);
            Some((hands.scale, hands.offset[0]))
        },
    );
}

#[test]
fn mlx5_is_whole() {
    let mut memory: mlx5::ClockInfo = zeroed();
    // SAFETY: a local, initialised, accessed by this page only; one writer.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    race(
        // SAFETY: the only writer.
        |n| unsafe { page.write(&mlx5::ClockInfo { nsec: n, cycles: 3 * n, ..zeroed() }) },
        || mlx5::try_read(page).ok().map(|info| (info.nsec, info.cycles)),
    );
}

fn vmclock_value(n: u64) -> vmclock::VmClock {
    vmclock::VmClock {
        magic: vmclock::MAGIC.into(),
        size: 4096.into(),
        version: 1.into(),
        counter_id: vmclock::Counter::X86Tsc,
        clock_status: vmclock::Status::Synchronized,
        counter_period_shift: 1,
        counter_value: n.into(),
        counter_period_frac_sec: (1 << 63).into(),
        time_sec: (3 * n).into(),
        ..zeroed()
    }
}

#[test]
fn vmclock_is_whole() {
    let mut memory = vmclock_value(0);
    memory.seq_count = MaybeUninit::new(0);
    // SAFETY: a local, initialised, accessed by this page only; one writer.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    race(
        |n| {
            let word = u32::try_from(2 * n).expect("few writes").to_le();
            // SAFETY: the only writer; no word is used twice.
            unsafe { page.write_at(word, &vmclock_value(n)) };
        },
        || {
            let (clock, _) = vmclock::try_read(page, || 0).ok()?;
            Some((clock.counter_value.get(), clock.time_sec.get()))
        },
    );
    let (clock, counter) = vmclock::try_read(page, || WRITES + 10).unwrap();
    assert_eq!(clock.at(counter), Some((3 * WRITES + 2, 1 << 63)), "10 / 4 seconds later");
}

/// A field of another version names itself; a page of another kind is refused.
#[test]
fn vmclock_of_others_is_refused() {
    let refused = |change: fn(&mut [u8; 104])| {
        let mut value = vmclock_value(1);
        value.seq_count = MaybeUninit::new(0);
        let mut memory = seqcopy::MaybeInvalid::<[u64; 13]>::zeroed().value();
        let place = (&raw mut memory).cast::<vmclock::VmClock>();
        // SAFETY: a local, initialised.
        let page = unsafe { Page::from_ptr(place) };
        // SAFETY: one writer.
        unsafe { page.write_at(2u32.to_le(), &value) };
        // SAFETY: plain bytes of a local that no other thread accesses.
        change(unsafe { &mut *place.cast() });
        // SAFETY: a local, initialised.
        vmclock::try_read(unsafe { Page::from_ptr(place) }, || 0).map(|_| ()).map_err(|error| format!("{error:?}"))
    };
    assert_eq!(refused(|_| ()), Ok(()));
    assert!(refused(|bytes| bytes[34] = 77).unwrap_err().contains("clock_status"));
    assert!(refused(|bytes| bytes[10] = 7).unwrap_err().contains("counter_id"));
    let changes: [fn(&mut [u8; 104]); 3] =
        [|bytes| bytes[0] = 0, |bytes| bytes[8] = 2, |bytes| bytes[4..8].copy_from_slice(&[103, 0, 0, 0])];
    for change in changes {
        assert_eq!(refused(change).unwrap_err(), "NotVersion1");
    }
}

/// The little-endian numbers of zerocopy have an alignment of 1, and alone would be copied byte by byte. The struct is
/// aligned to 8, so they are copied in words, but for a run that is long enough for vectors.
#[test]
fn vmclock_is_copied_in_words() {
    let mut accesses = Vec::new();
    vmclock::VmClock::LAYOUT.each_access(8, |access| accesses.push((access.offset, access.width)));
    println!("{accesses:?}");
    let widest = if cfg!(target_pointer_width = "64") { 8 } else { 4 };
    let words = accesses.iter().filter(|access| access.1 == widest).count();
    // The run behind the word is long enough for vectors, where there are any.
    assert!(
        words * widest >= 104 - 4 - 8 || accesses.iter().all(|access| access.0 >= 16 && access.1 == 1 || access.0 < 12)
    );
}

#[test]
fn clock_bound_is_whole() {
    let bound = |n: u64| clock_bound::ErrorBound {
        as_of: [n.cast_signed(); 2],
        void_after: [3 * n.cast_signed(); 2],
        bound_nsec: 0,
        disruption_marker: 0,
        max_drift_ppb: 0,
        clock_status: clock_bound::ClockStatus::Synchronized,
        disruption_support: n % 2 == 0,
        padding: [0; 7],
    };
    let mut memory = clock_bound::Segment {
        magic: [0x414D_5A4E, 0x4342_0200],
        size: 80,
        version: 2,
        generation: 0,
        bound: bound(0),
    };
    // SAFETY: a local that outlives the threads, accessed by this type only.
    let segment = unsafe { clock_bound::Mapped::new(&raw mut memory) };
    assert_eq!(segment.try_read(), Err(ReadError::Empty));
    race(
        |n| {
            // 16 bits: as many as wrap around, which no reader's copy outlives.
            // SAFETY: the only writer.
            unsafe { segment.write(&bound(n)) };
        },
        || {
            let bound = segment.try_read().ok()?.expect("a value");
            assert_eq!(bound.disruption_support, bound.as_of[0] % 2 == 0);
            Some((bound.as_of[1].cast_unsigned(), bound.void_after[0].cast_unsigned()))
        },
    );
}

#[test]
fn two_words_are_whole() {
    let value = |n: u64| {
        let n = f64::from(u32::try_from(n).expect("few writes"));
        simulator::Telemetry { elapsed: n, rpm: 3.0 * n, gear: 1, lap: 1 }
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small and whole
    let number = |n: f64| n as u64;
    let (begin, end) = (AtomicU32::new(0), AtomicU32::new(0));
    let mut memory = value(0);
    // SAFETY: a local that outlives the threads, accessed by this type only.
    let buffer = unsafe { simulator::Buffer::new(&begin, &end, &raw mut memory) };
    race(
        |n| {
            // SAFETY: the only writer.
            unsafe { buffer.begin() };
            // SAFETY: begun.
            unsafe { buffer.end(&value(n)) };
        },
        || buffer.try_read().ok().map(|read| (number(read.elapsed), number(read.rpm))),
    );
    // The plugin's own reader accepts a write that began after its first look and is not over at its second one.
    let first = begin.load(Relaxed);
    // SAFETY: the only writer.
    unsafe { buffer.begin() };
    assert_eq!(first, end.load(Relaxed), "`begin` first and `end` last agree");
    assert_eq!(buffer.try_read().unwrap_err(), ReadError::Torn, "`end` first and `begin` last do not");
}

#[test]
fn a_value_with_a_backup_is_whole() {
    let value = |n: u64| [n, 3 * n, n];
    let property = property::Property::new(value(0));
    race(
        // SAFETY: the only writer.
        |n| unsafe { property.write(&value(n - 1), &value(n)) },
        || {
            let [number, three, again] = property.try_read().ok()?.value();
            assert_eq!(number, again);
            Some((number, three))
        },
    );
}

#[test]
fn a_header_that_is_claimed_is_whole() {
    let mut memory: process_context::Header = zeroed();
    // SAFETY: a local, initialised, accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    let header = |n: u64| process_context::Header {
        payload: n,
        payload_size: u32::try_from(3 * n).expect("few writes"),
        ..zeroed()
    };
    // SAFETY: the only writer so far.
    unsafe { page.write_at(7, &header(0)) };
    race(
        |n| {
            // SAFETY: all writers call it.
            assert_eq!(unsafe { process_context::publish(page, &header(n), 5) }, Some(7 + n), "later than before");
        },
        || {
            page.try_read()
                .ok()
                .map(|(bits, _)| bits.value())
                .map(|header| (header.payload, u64::from(header.payload_size)))
        },
    );
    // SAFETY: all writers claim.
    let write = unsafe { page.count().try_claim() };
    // SAFETY: all writers claim.
    assert_eq!(unsafe { process_context::publish(page, &header(1), 5) }, None, "another thread publishes");
    assert_eq!(write.map(|write| write.found()), Some(7 + WRITES));
}

/// The protocol of NTP's segment, and the hole in it.
#[test]
fn samples_are_taken_once() {
    let time = |n: i64| ntp_shm::ShmTime { mode: 1, clock_sec: n, receive_sec: 3 * n, precision: -20, ..zeroed() };
    let mut memory = time(0);
    (memory.count, memory.valid) = (MaybeUninit::new(0), MaybeUninit::new(0));
    // SAFETY: a local, initialised, accessed by this type only.
    let segment = unsafe { ntp_shm::Segment::new(&raw mut memory) };
    for n in 1..=10 {
        assert!(segment.take().unwrap().is_none());
        // SAFETY: the only writer.
        unsafe { segment.put(&time(n)) };
        let taken = segment.take().unwrap().unwrap();
        assert_eq!((taken.clock_sec, taken.receive_sec), (n, 3 * n));
    }
    // SAFETY: the only writer.
    unsafe { segment.put(&time(11)) };
    // SAFETY: a second handle of the same memory, by the same accesses.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    // SAFETY: the only writer.
    let write = unsafe { page.count().write_begin() };
    assert!(segment.take().unwrap().is_some(), "accepted while the count is odd");
    assert_eq!(page.try_read().unwrap_err(), ReadError::Busy, "`Parity` refuses it");
    drop(write);
}
