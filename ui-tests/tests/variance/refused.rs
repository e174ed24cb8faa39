// What no lifetime may become. Each line that begins with `fn` and takes `it` has an error.
use std::future::Future;
use std::marker::PhantomData;
use std::task::Waker;

use seqcopy::layout::Shape;
use seqcopy::raw::Page;
use seqcopy::{ArcReader, ArcWriter, AtomicPerByte, Bits, MaybeInvalid, Part, Reader, Remote, SeqLatch, SeqLock, SeqLockGuard};
use seqcopy::{SeqCopy, SeqSlice, Version, WakeUp, Watched, WatchedWriter, Writer};
use seqcopy_map::{Iter, SeqMap};
use seqcopy_shm::{Batch, FileReader, MapReader, MapWriter, Newer, View};

type Of<'r> = PhantomData<&'r u8>;
type Owner<'r> = fn(&'r u8);
type Waited = Watched<u8, SeqLock<u8>, Wakes>;
type Forever = Box<dyn Future<Output = u8>>;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Clock {
    #[seqcopy(word = seqcopy::seq_count::Parity<u32>)]
    sequence: std::mem::MaybeUninit<u32>,
    level: u32,
}

struct Wakes;

impl WakeUp for Wakes {
    fn register(&self, _: &Waker) {}
    fn wake(&self) {}
}

fn main() {}

// What is stored through a `&`, or read by a place of which only a type says what lies there: neither shorter nor longer.
fn shorter_stored<'r>(it: AtomicPerByte<Of<'static>>) -> AtomicPerByte<Of<'r>> { it }
fn longer_stored<'r>(it: AtomicPerByte<Of<'r>>) -> AtomicPerByte<Of<'static>> { it }
fn shorter_lock<'r>(it: SeqLock<Of<'static>>) -> SeqLock<Of<'r>> { it }
fn longer_lock<'r>(it: SeqLock<Of<'r>>) -> SeqLock<Of<'static>> { it }
fn shorter_latch<'r>(it: SeqLatch<Of<'static>>) -> SeqLatch<Of<'r>> { it }
fn longer_latch<'r>(it: SeqLatch<Of<'r>>) -> SeqLatch<Of<'static>> { it }
fn shorter_slice<'r>(it: SeqSlice<Of<'static>>) -> SeqSlice<Of<'r>> { it }
fn longer_slice<'r>(it: SeqSlice<Of<'r>>) -> SeqSlice<Of<'static>> { it }
fn shorter_watched<'r>(it: Watched<Of<'static>, SeqLock<u8>, Wakes>) -> Watched<Of<'r>, SeqLock<u8>, Wakes> { it }
fn longer_watched<'r>(it: Watched<Of<'r>, SeqLock<u8>, Wakes>) -> Watched<Of<'static>, SeqLock<u8>, Wakes> { it }
fn shorter_guarded<'w, 'r: 'w>(it: SeqLockGuard<'w, Of<'static>>) -> SeqLockGuard<'w, Of<'r>> { it }
fn longer_guarded<'w, 'r: 'w>(it: SeqLockGuard<'w, Of<'r>>) -> SeqLockGuard<'w, Of<'static>> { it }
fn shorter_written<'w, 'r: 'w>(it: Writer<'w, Of<'static>>) -> Writer<'w, Of<'r>> { it }
fn longer_written<'w, 'r: 'w>(it: Writer<'w, Of<'r>>) -> Writer<'w, Of<'static>> { it }
fn shorter_read<'w, 'r: 'w>(it: Reader<'w, Of<'static>>) -> Reader<'w, Of<'r>> { it }
fn longer_read<'w, 'r: 'w>(it: Reader<'w, Of<'r>>) -> Reader<'w, Of<'static>> { it }
fn shorter_owner_of_written<'r>(it: ArcWriter<u8, SeqLock<u8>, Owner<'static>>) -> ArcWriter<u8, SeqLock<u8>, Owner<'r>> { it }
fn longer_owner_of_written<'r>(it: ArcWriter<u8, SeqLock<u8>, Owner<'r>>) -> ArcWriter<u8, SeqLock<u8>, Owner<'static>> { it }
fn shorter_owner_of_read<'r>(it: ArcReader<u8, SeqLock<u8>, Owner<'static>>) -> ArcReader<u8, SeqLock<u8>, Owner<'r>> { it }
fn longer_owner_of_read<'r>(it: ArcReader<u8, SeqLock<u8>, Owner<'r>>) -> ArcReader<u8, SeqLock<u8>, Owner<'static>> { it }
fn shorter_whole<'r>(it: Part<Of<'static>, u8>) -> Part<Of<'r>, u8> { it }
fn longer_whole<'r>(it: Part<Of<'r>, u8>) -> Part<Of<'static>, u8> { it }
fn shorter_field<'r>(it: Part<u8, Of<'static>>) -> Part<u8, Of<'r>> { it }
fn longer_field<'r>(it: Part<u8, Of<'r>>) -> Part<u8, Of<'static>> { it }
fn shorter_key<'r>(it: SeqMap<Of<'static>, u8>) -> SeqMap<Of<'r>, u8> { it }
fn longer_key<'r>(it: SeqMap<Of<'r>, u8>) -> SeqMap<Of<'static>, u8> { it }
fn shorter_value<'r>(it: SeqMap<u8, Of<'static>>) -> SeqMap<u8, Of<'r>> { it }
fn longer_value<'r>(it: SeqMap<u8, Of<'r>>) -> SeqMap<u8, Of<'static>> { it }
fn shorter_entries<'w, 'r: 'w>(it: Iter<'w, Of<'static>, u8>) -> Iter<'w, Of<'r>, u8> { it }
fn longer_entries<'w, 'r: 'w>(it: Iter<'w, Of<'r>, u8>) -> Iter<'w, Of<'static>, u8> { it }
fn shorter_region_read<'r>(it: seqcopy_shm::Reader<[Of<'static>]>) -> seqcopy_shm::Reader<[Of<'r>]> { it }
fn longer_region_read<'r>(it: seqcopy_shm::Reader<[Of<'r>]>) -> seqcopy_shm::Reader<[Of<'static>]> { it }
fn shorter_file_read<'r>(it: FileReader<[Of<'static>]>) -> FileReader<[Of<'r>]> { it }
fn longer_file_read<'r>(it: FileReader<[Of<'r>]>) -> FileReader<[Of<'static>]> { it }
fn shorter_region_written<'r>(it: seqcopy_shm::Writer<Of<'static>>) -> seqcopy_shm::Writer<Of<'r>> { it }
fn longer_region_written<'r>(it: seqcopy_shm::Writer<Of<'r>>) -> seqcopy_shm::Writer<Of<'static>> { it }
fn shorter_map_read<'r>(it: MapReader<u8, Of<'static>>) -> MapReader<u8, Of<'r>> { it }
fn longer_map_read<'r>(it: MapReader<u8, Of<'r>>) -> MapReader<u8, Of<'static>> { it }
fn shorter_map_key<'r>(it: MapReader<Of<'static>, u8>) -> MapReader<Of<'r>, u8> { it }
fn longer_map_key<'r>(it: MapReader<Of<'r>, u8>) -> MapReader<Of<'static>, u8> { it }
fn shorter_map_written<'r>(it: MapWriter<u8, Of<'static>>) -> MapWriter<u8, Of<'r>> { it }
fn longer_map_written<'r>(it: MapWriter<u8, Of<'r>>) -> MapWriter<u8, Of<'static>> { it }

// What borrows, or is a value: not longer.
fn longer_guard<'r>(it: SeqLockGuard<'r, u8>) -> SeqLockGuard<'static, u8> { it }
fn longer_writer<'r>(it: Writer<'r, u8>) -> Writer<'static, u8> { it }
fn longer_reader<'r>(it: Reader<'r, u8>) -> Reader<'static, u8> { it }
fn longer_watched_writer<'r>(it: WatchedWriter<'r, u8, SeqLock<u8>, Wakes>) -> WatchedWriter<'static, u8, SeqLock<u8>, Wakes> { it }
fn longer_bits<'r>(it: Bits<'r, u8>) -> Bits<'static, u8> { it }
fn longer_page<'r>(it: Page<'r, Clock>) -> Page<'static, Clock> { it }
fn longer_iter<'r>(it: Iter<'r, u8, u8>) -> Iter<'static, u8, u8> { it }
fn longer_view<'r>(it: View<'r, u8, u8>) -> View<'static, u8, u8> { it }
fn longer_batch<'r>(it: Batch<'r, u8, u8>) -> Batch<'static, u8, u8> { it }
fn longer_newer<'r>(it: Newer<'r>) -> Newer<'static> { it }
fn longer_wrapped<'r>(it: Remote<Of<'r>, u8>) -> Remote<Of<'static>, u8> { it }
fn longer_unchecked<'r>(it: MaybeInvalid<Of<'r>>) -> MaybeInvalid<Of<'static>> { it }
fn longer_shape<'r>(it: Shape<'r>) -> Shape<'static> { it }

// A future borrows the lock and the version.
fn future_of_lock<'r>(it: &'r Waited, known: &'static mut Version) -> Forever { Box::new(it.changed(known)) }
fn future_of_version<'r>(it: &'static Waited, known: &'r mut Version) -> Forever { Box::new(it.changed(known)) }
fn last_future_of_lock<'r>(it: &'r Waited, known: &'static mut Version) -> Box<dyn Future<Output = Option<u8>>> { Box::new(it.changed_or_gone(known)) }
