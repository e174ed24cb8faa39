//! Slices whose length is known at run time, compared with `RwLock<Vec<T>>`: `cargo bench -p bench --bench slices --
//! --table`.
//!
//! `read` and `write` are uncontended, into and from a slice that is there. `read_beside_writer` is a read while
//! another thread writes without a pause: the time of a read that succeeds, retries and waiting included; four buffers
//! are what is for such a writer. `region_read` and `region_write` are those of a region with one buffer, compared with
//! a region of an array, and with writers and readers that know the type by its schema, as C and Python do, of a region
//! with twice the capacity.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use bench::args::Args;
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure, per_operation};
use seqcopy::{SeqCopy, SeqSlice, Validate};
use seqcopy_shm::{Options, Reader, path_for, untyped};

/// The length of a sample with a writer.
const SAMPLE: Duration = Duration::from_millis(60);

const SIZES: [usize; 4] = [4 << 10, 64 << 10, 600 << 10, 8 << 20];

/// What the ratios are of.
const OURS: [&str; 3] = ["seqcopy-slice", "seqcopy-slice4", "region-slice"];

struct Case {
    operation: &'static str,
    shape: &'static str,
    bytes: usize,
    name: &'static str,
    sampler: Sampler,
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn each_of<T: SeqCopy + Copy + Send + Sync + 'static>(cases: &mut Vec<Case>, shape: &'static str, value: T) {
    for bytes in SIZES {
        let values = leak(vec![value; bytes / size_of::<T>()]);
        let (slice, more) = (leak(SeqSlice::<T>::from_slice(values)), leak(SeqSlice::<T, 4>::from_slice(values)));
        let lock = leak(RwLock::new(values.clone()));
        let mut push = |operation, name, sampler| cases.push(Case { operation, shape, bytes, name, sampler });

        let mut read = values.clone();
        let batch = move |count| (0..count).for_each(|_| _ = black_box(black_box(slice).read_to_slice(&mut read)));
        push("read", OURS[0], Sampler::of_warm_loop(1, batch));
        let mut read = values.clone();
        let batch = move |count| (0..count).for_each(|_| _ = black_box(black_box(more).read_to_slice(&mut read)));
        push("read", OURS[1], Sampler::of_warm_loop(1, batch));
        let mut read = values.clone();
        let batch = move |count| (0..count).for_each(|_| copy_of(black_box(lock), &mut read));
        push("read", "rwlock", Sampler::of_warm_loop(1, batch));

        let mut writer = slice.writer().expect("the only writer");
        let batch = move |count| (0..count).for_each(|_| writer.write_from(black_box(values)).expect("as long"));
        push("write", OURS[0], Sampler::of_warm_loop(1, batch));
        let batch = move |count| (0..count).for_each(|_| write_to(black_box(lock), black_box(values)));
        push("write", "rwlock", Sampler::of_warm_loop(1, batch));

        let mut read = values.clone();
        let beside = move || {
            beside_writer(
                || more.write_from(values).expect("as long"),
                || more.try_read_to_slice(black_box(&mut read)).is_ok(),
            )
        };
        push("read_beside_writer", OURS[1], Sampler::of(beside));
        let mut read = values.clone();
        let beside = move || {
            let read = || {
                copy_of(lock, black_box(&mut read));
                true
            };
            beside_writer(|| write_to(lock, values), read)
        };
        push("read_beside_writer", "rwlock", Sampler::of(beside));
    }
}

fn each_region<T: Validate + Copy + Send + 'static, const N: usize>(
    cases: &mut Vec<Case>,
    shape: &'static str,
    value: T,
) where
    [T; N]: Validate,
{
    let mut push = |operation, name, sampler| {
        cases.push(Case { operation, shape, bytes: size_of::<[T; N]>(), name, sampler });
    };
    let options = Options::new().buffers(1).capacity(N);
    let mut writer = options.create_memfd::<[T]>("slice").expect("a memfd");
    let from = paged::<T, N>(value);
    writer.write_from(&from.0).expect("as long");
    let reader = Reader::<[T]>::from_fd(writer.share().expect("a descriptor")).expect("a region");
    let mut read = paged::<T, N>(value);
    let batch =
        move |count| (0..count).for_each(|_| _ = black_box(black_box(&reader).read_to_slice(&mut read.0).is_ok()));
    push("region_read", OURS[2], Sampler::of_warm_loop(1, batch));
    let batch = move |count| (0..count).for_each(|_| writer.write_from(black_box(&from.0)).expect("as long"));
    push("region_write", OURS[2], Sampler::of_warm_loop(1, batch));

    let path = path_for(&format!("seqcopy-bench-slices-{shape}-{N}-{}", std::process::id()));
    drop(Options::new().buffers(1).capacity(2 * N).create::<[T]>(&path).expect("a region"));
    let reader = untyped::Reader::open(&path).expect("the region just made");
    let mut writer =
        untyped::Writer::take_over(&path, reader.region().schema(), &Options::new()).expect("the only writer");
    std::fs::remove_file(&path).expect("what was made above");
    let (from, mut read) = (paged::<T, N>(value), paged::<T, N>(value));
    writer.write_elements(bytes_of(&from)).expect("as long");
    let batch = move |count| {
        // SAFETY: numbers, for which any bits will do, and nothing else uses them.
        let read = unsafe { std::slice::from_raw_parts_mut((&raw mut read.0).cast::<u8>(), size_of::<[T; N]>()) };
        (0..count).for_each(|_| _ = black_box(black_box(&reader).read_elements_into(read).is_ok()));
    };
    push("region_read", "region-bytes", Sampler::of_warm_loop(1, batch));
    let batch =
        move |count| (0..count).for_each(|_| writer.write_elements(black_box(bytes_of(&from))).expect("as long"));
    push("region_write", "region-bytes", Sampler::of_warm_loop(1, batch));

    let from = paged::<T, N>(value);
    let mut writer = Options::new().buffers(1).create_memfd::<[T; N]>("array").expect("a memfd");
    writer.write_from(&from.0).expect("no fork");
    let reader = Reader::<[T; N]>::from_fd(writer.share().expect("a descriptor")).expect("a region");
    let mut read = paged::<T, N>(value);
    let batch = move |count| {
        // SAFETY: a place for it, which stays valid if nothing is read: a value of the same bits is.
        let read = unsafe { &mut *(&raw mut read.0).cast::<MaybeUninit<[T; N]>>() };
        (0..count).for_each(|_| _ = black_box(black_box(&reader).read_into(read).is_ok()));
    };
    push("region_read", "region-array", Sampler::of_warm_loop(1, batch));
    let batch = move |count| (0..count).for_each(|_| writer.write_from(black_box(&from.0)).expect("no fork"));
    push("region_write", "region-array", Sampler::of_warm_loop(1, batch));
}

/// At the beginning of a page: how two places lie to each other decides on more than what is compared here.
#[repr(align(4096))]
struct Paged<T>(T);

#[expect(clippy::unnecessary_box_returns, reason = "too large for the stack")]
fn paged<T: Copy, const N: usize>(value: T) -> Box<Paged<[T; N]>> {
    let mut place = Box::<Paged<[T; N]>>::new_uninit();
    let elements = place.as_mut_ptr().cast::<[MaybeUninit<T>; N]>();
    // SAFETY: the box begins with as many elements, which may hold anything.
    unsafe { &mut *elements }.fill(MaybeUninit::new(value));
    // SAFETY: all elements are written, and there is nothing else.
    unsafe { place.assume_init() }
}

/// The bytes of numbers.
fn bytes_of<T: Copy, const N: usize>(place: &Paged<[T; N]>) -> &[u8] {
    // SAFETY: numbers have no padding, and are borrowed for as long as their bytes.
    unsafe { std::slice::from_raw_parts((&raw const place.0).cast::<u8>(), size_of::<[T; N]>()) }
}

fn copy_of<T: Copy>(lock: &RwLock<Vec<T>>, dst: &mut [T]) {
    dst.copy_from_slice(&lock.read().expect("no panics"));
    black_box(dst);
}

fn write_to<T: Copy>(lock: &RwLock<Vec<T>>, values: &[T]) {
    let mut vec = lock.write().expect("no panics");
    vec.clear();
    vec.extend_from_slice(values);
}

/// The time of each read that succeeds.
fn beside_writer(write: impl Fn() + Sync, mut read: impl FnMut() -> bool) -> f64 {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                write();
            }
        });
        // Until both threads have found processors of their own.
        thread::sleep(SAMPLE / 10);
        let (start, mut reads) = (Instant::now(), 0);
        while start.elapsed() < SAMPLE {
            reads += u64::from(read());
        }
        let ns = per_operation(start.elapsed(), reads);
        stop.store(true, Relaxed);
        ns
    })
}

fn main() {
    let args = Args::of_process(21);
    let mut cases = Vec::new();
    each_of(&mut cases, "u8", 7u8);
    each_of(&mut cases, "u16", 7u16);
    each_of(&mut cases, "f32x3", [7.0f32; 3]);
    macro_rules! each_region {
        ($($bytes:expr),*) => {$(
            each_region::<u8, { $bytes }>(&mut cases, "u8", 7);
            each_region::<u16, { $bytes / 2 }>(&mut cases, "u16", 7);
            each_region::<[f32; 3], { $bytes / 12 }>(&mut cases, "f32x3", [7.0; 3]);
        )*};
    }
    each_region!(SIZES[0], SIZES[1], SIZES[2], SIZES[3]);
    cases.retain(|it| args.wants(&format!("{}/{}/{}/{}", it.operation, it.shape, it.bytes, it.name)));
    let names: Vec<_> = cases.iter().map(|it| (it.operation, it.shape, it.bytes, it.name)).collect();
    let mut samplers: Vec<Sampler> = cases.into_iter().map(|it| it.sampler).collect();
    let summaries = measure(&mut samplers, if args.smoke { 1 } else { args.rounds });
    let line = |(&(operation, shape, bytes, name), &ns): (&(_, _, _, &str), &bench::timing::Summary)| {
        let ours = names.iter().position(|it| (it.0, it.1, it.2) == (operation, shape, bytes) && OURS.contains(&it.3));
        Line {
            operation: str::to_owned(operation),
            shape: str::to_owned(shape),
            bytes,
            implementation: name.to_owned(),
            ns,
            ratio: ours.map(|ours| ns.median / summaries[ours].median),
        }
    };
    let lines: Vec<Line> = names.iter().zip(&summaries).map(line).collect();
    if args.table {
        println!("{HEADER}");
        for line in &lines {
            println!("{}", line.tab_separated());
        }
    } else {
        println!("{}", pretty(&lines));
    }
}
