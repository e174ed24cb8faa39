//! The calls of programs that were switched to this crate, each as its project makes them. A later change of the
//! interface that leaves one of them without its call does not compile here, or fails.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::thread;

use seqcopy::raw::{self, Page};
use seqcopy::seq_count::{Parity, SeqCount};
use seqcopy::{Aligned8, AtomicPerByte, Part, ReadError, SeqCopy, SeqLatch, SeqLock, SeqOption, Validate, part};

#[derive(Clone, Copy, Debug, Default, PartialEq, SeqCopy)]
struct Quote {
    bid: f64,
    ask: f64,
    size: [u32; 2],
    halted: bool,
}

/// A feed with one writer for each symbol, and readers that want one field (ibx).
#[test]
fn quotes() {
    const BID: Part<Quote, f64> = part!(Quote, bid);
    let quotes: Arc<[SeqLock<Quote>]> = (0..3).map(|_| SeqLock::default()).collect();
    let feed = thread::spawn({
        let quotes = Arc::clone(&quotes);
        move || {
            let mut writers: Vec<_> = quotes.iter().map(|quote| quote.writer().expect("the only one")).collect();
            for (n, writer) in (1u32..).zip(&mut writers) {
                writer.write(Quote { bid: f64::from(n), ..Quote::default() });
                writer.update(|quote| quote.ask = quote.bid + 0.5);
                writer.write_part(BID, 7.0);
            }
        }
    });
    feed.join().unwrap();
    assert_eq!((quotes[2].read_part(BID), quotes[2].read().ask), (7.0, 3.5));
    let mut known = quotes[0].version();
    assert!(quotes[0].read_if_changed(&mut known).is_none());
}

/// A text of up to 92 bytes with its own length, in a store whose words are the format's (rsproperties).
#[test]
fn texts_in_an_store() {
    #[repr(C)]
    struct Store {
        word: SeqCount<Parity<u32>>,
        text: AtomicPerByte<[u8; 92]>,
    }
    let mut store = Store { word: SeqCount::new(0), text: AtomicPerByte::zeroed() };
    store.text.set(&[b'a'; 92]);
    // SAFETY: the only writer.
    unsafe { store.word.write_at(2, || store.text.store(&[b'b'; 92])) };
    let mut text = [MaybeUninit::uninit(); 5];
    let (bits, token) = store
        .word
        // SAFETY: the first bytes of the text, all of whose accesses are single bytes.
        .try_read(|| unsafe { raw::load_slice(store.text.as_ptr().cast_const().cast::<u8>(), &mut text) }.to_vec())
        .unwrap();
    assert_eq!((bits[4].value(), token.word()), (b'b', 2));
    assert!(store.word.is_current(token));
}

/// Frames of megabytes in a mapped segment; a write is cancelled if the frame is not complete (dora).
#[test]
fn frames_in_a_segment() {
    let mut segment = vec![0u64; 200];
    let (word, frame) = (segment.as_mut_ptr(), segment.as_mut_ptr().wrapping_add(1).cast::<u8>());
    // SAFETY: in a box that lives longer, aligned, accessed by this word only.
    let word = unsafe { SeqCount::<Parity<u64>>::from_ptr(word.cast_const()) };
    let write = |bytes: &[u8], is_complete: bool| {
        // SAFETY: all writers claim the word.
        let Some(token) = (unsafe { word.try_claim() }) else { return };
        if !is_complete {
            // SAFETY: nothing was stored.
            return unsafe { word.write_cancel(token) };
        }
        // SAFETY: behind the word, initialised; the only writer.
        unsafe { raw::store_slice(frame, bytes) };
        // SAFETY: the frame is stored.
        unsafe { word.write_end(token) };
    };
    write(&[7; 1000], true);
    write(&[8; 1000], false);
    let mut bytes = vec![MaybeUninit::uninit(); 1000];
    let token = word.read_begin().unwrap();
    // SAFETY: behind the word, initialised.
    let bits = unsafe { raw::load_slice(frame.cast_const(), &mut bytes) };
    assert!(word.read_end(token) && bits.iter().all(|bits| bits.value() == 7));
}

/// A clock of a hypervisor: `no_std`, no panic, no `unsafe` but where the page is mapped (hyperlight, Asterinas).
#[test]
fn a_clock_of_a_hypervisor() {
    use seqcopy_adopters::pvclock::{TimeInfo, now};
    let info = TimeInfo { system_time: 9, ..seqcopy::MaybeInvalid::zeroed().value() };
    let mut memory = [0u64; 4];
    // SAFETY: a local, initialised.
    let page = unsafe { Page::<TimeInfo>::from_ptr((&raw mut memory).cast()) };
    // SAFETY: the only writer.
    unsafe { page.write(&info) };
    assert_eq!(now(page, || 0), Some(9));
}

/// A bound that may be missing, beside a counter of updates (clock-bound, nexus-slot).
#[test]
fn a_slot_that_begins_empty() {
    let (mut input, mut output) = SeqLatch::new(SeqOption::<[u64; 5]>::None).into_split();
    assert!(output.read().is_none());
    input.write(SeqOption::Some([3; 5]));
    assert_eq!(output.refresh(), Ok(true));
    assert_eq!(output.get().as_ref().map(|value| value[0]), Some(3));
}

/// Bytes of any alignment that are copied in words all the same, and checked (iceoryx2, libdd).
#[test]
fn bytes_in_words() {
    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    struct Message {
        kind: u8,
        text: [u8; 22],
        last: bool,
    }
    let cell = AtomicPerByte::new(Aligned8(Message { kind: 1, text: [2; 22], last: true }));
    let message = cell.load_inner().validate().unwrap();
    cell.store_inner(&Message { last: false, ..message });
    let bits = cell.load_inner();
    let mut bytes = bits.as_bytes().to_vec();
    bytes[23] = 9;
    let error = seqcopy::MaybeInvalid::<Message>::from_bytes(&bytes).unwrap().validate().unwrap_err();
    assert_eq!(error.to_string(), "invalid `Message`: `last` at byte 23 is 0x9, expected a `bool`: 0 or 1");
    assert_eq!(SeqLock::new(message).try_read().map(|message| message.kind), Ok::<_, ReadError>(1));
}
