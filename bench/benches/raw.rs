//! Memory of your own: `cargo bench -p bench --bench raw -- --table`.
//!
//! `page_read` is a read of pvclock's page with its check: of a type of another crate, of the same type here, by
//! `value` and by `validate`, and as other programs read it, one volatile load for each field. `slice_load` and
//! `slice_store` are those of bytes and of numbers, beside `memcpy` and `AtomicU8`s one by one.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed, fence};

use bench::args::Args;
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure};
use seqcopy::raw::{self, Page};
use seqcopy::{SeqCopy, Validate, seq_count::Parity};
use seqcopy_adopters::{pvclock, vmclock};

/// `pvclock::TimeInfo`, in this crate.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, packed(4))]
struct TimeInfo {
    #[seqcopy(word = Parity<u32>)]
    version: MaybeUninit<u32>,
    pad0: u32,
    tsc_timestamp: u64,
    system_time: u64,
    tsc_to_system_mul: u32,
    tsc_shift: i8,
    flags: u8,
    pad: [u8; 2],
}

struct Case {
    operation: &'static str,
    shape: &'static str,
    bytes: usize,
    name: &'static str,
    sampler: Sampler,
}

/// Zeros that live as long as the program.
fn zeros<T>() -> *mut T {
    Box::into_raw(Box::<T>::new_zeroed()).cast()
}

fn page<T: raw::WordInside>() -> Page<'static, T> {
    // SAFETY: a box that is never freed, initialised, accessed by pages only.
    unsafe { Page::from_ptr(zeros::<T>()) }
}

fn pages(cases: &mut Vec<Case>) {
    let mut push =
        |shape, bytes, name, sampler| cases.push(Case { operation: "page_read", shape, bytes, name, sampler });
    macro_rules! each {
        ($shape:literal, $type:ty, $name:literal, |$bits:ident| $value:expr) => {
            let page = page::<$type>();
            let batch = move |count| {
                (0..count).for_each(|_| {
                    let ($bits, _) = black_box(page).try_read().expect("no writer");
                    _ = black_box($value);
                });
            };
            push($shape, size_of::<$type>(), $name, Sampler::of_loop(batch));
        };
    }
    each!("pvclock", TimeInfo, "seqcopy-value", |bits| bits.value());
    each!("pvclock", TimeInfo, "seqcopy-validate", |bits| bits.validate());
    each!("pvclock", pvclock::TimeInfo, "seqcopy-value-library", |bits| bits.value());
    each!("pvclock", pvclock::TimeInfo, "seqcopy-validate-library", |bits| bits.validate());
    each!("vmclock", vmclock::VmClock, "seqcopy-validate-library", |bits| bits.validate());
    let page = zeros::<pvclock::TimeInfo>();
    let volatile = move |count| {
        (0..count).for_each(|_| {
            let page = black_box(page);
            macro_rules! load {
                ($($field:ident),*) => {{
                    // SAFETY: a box that is never freed, aligned to 8.
                    $(black_box(unsafe { (&raw const (*page).$field).read_volatile() });)*
                }};
            }
            // SAFETY: a box that is never freed, aligned to 8.
            let before = unsafe { page.cast::<u32>().read_volatile() };
            fence(std::sync::atomic::Ordering::Acquire);
            load!(tsc_timestamp, system_time, tsc_to_system_mul, tsc_shift, flags);
            fence(std::sync::atomic::Ordering::Acquire);
            // SAFETY: a box that is never freed, aligned to 8.
            assert_eq!(before, unsafe { page.cast::<u32>().read_volatile() });
        });
    };
    push("pvclock", size_of::<TimeInfo>(), "volatile-fields", Sampler::of_loop(volatile));
}

fn slices<T: SeqCopy + Copy + Default + 'static>(cases: &mut Vec<Case>, shape: &'static str) {
    for bytes in [8, 64, 1000, 1024, 4096, 65536] {
        let len = bytes / size_of::<T>();
        let shared = Box::leak(vec![T::default(); len].into_boxed_slice()).as_mut_ptr();
        let mut push = |operation, name, sampler| cases.push(Case { operation, shape, bytes, name, sampler });
        let mut buf = vec![MaybeUninit::<T>::uninit(); len];
        let load = move |count| {
            (0..count).for_each(|_| {
                // SAFETY: as many elements, initialised, accessed by one thread.
                black_box(unsafe { raw::load_slice(black_box(shared), black_box(&mut buf)) });
            });
        };
        push("slice_load", "seqcopy-raw", Sampler::of_loop(load));
        let mut buf = vec![T::default(); len];
        let load = move |count| {
            (0..count).for_each(|_| {
                // SAFETY: as many elements, initialised, accessed by one thread.
                unsafe { black_box(shared).copy_to_nonoverlapping(black_box(&mut buf).as_mut_ptr(), black_box(len)) };
                black_box(&buf);
            });
        };
        push("slice_load", "memcpy", Sampler::of_loop(load));
        let values = vec![T::default(); len];
        let store = move |count| {
            // SAFETY: as many elements, initialised, accessed by one thread.
            (0..count).for_each(|_| unsafe { raw::store_slice(black_box(shared), black_box(&values)) });
        };
        push("slice_store", "seqcopy-raw", Sampler::of_loop(store));
        let values = vec![T::default(); len];
        let store = move |count| {
            (0..count).for_each(|_| {
                // SAFETY: as many elements, initialised, accessed by one thread.
                unsafe { black_box(&values).as_ptr().copy_to_nonoverlapping(black_box(shared), black_box(len)) };
            });
        };
        push("slice_store", "memcpy", Sampler::of_loop(store));
        let mut buf = vec![0u8; len * size_of::<T>()];
        let load = move |count| {
            (0..count).for_each(|_| {
                for (i, byte) in black_box(&mut buf).iter_mut().enumerate() {
                    let place = black_box(shared).cast::<u8>().wrapping_add(i);
                    // SAFETY: a byte of these elements, all of which are initialised.
                    *byte = unsafe { AtomicU8::from_ptr(place) }.load(Relaxed);
                }
            });
        };
        push("slice_load", "bytes", Sampler::of_loop(load));
    }
}

fn main() {
    let args = Args::of_process(31);
    let mut cases = Vec::new();
    pages(&mut cases);
    slices::<u8>(&mut cases, "u8");
    slices::<u16>(&mut cases, "u16");
    slices::<u64>(&mut cases, "u64");
    slices::<[f32; 3]>(&mut cases, "f32x3");
    eprintln!("{}", bench::processor::describe());
    if args.table {
        println!("{HEADER}");
    }
    cases.retain(|case| args.wants(&format!("{}/{}/{}/", case.operation, case.shape, case.bytes)));
    let keys: Vec<_> = cases.iter().map(|case| (case.operation, case.shape, case.bytes, case.name)).collect();
    // Those of one table at a time, in turns.
    let mut lines = Vec::new();
    for group in cases
        .chunk_by_mut(|a, b| (a.operation, a.shape, a.bytes) == (b.operation, b.shape, b.bytes) || a.bytes == b.bytes)
    {
        let mut samplers: Vec<_> =
            group.iter_mut().map(|case| std::mem::replace(&mut case.sampler, Sampler::of_loop(|_| ()))).collect();
        let summaries = measure(&mut samplers, args.rounds);
        for summary in summaries {
            let (operation, shape, bytes, name) = keys[lines.len()];
            lines.push(Line {
                operation: operation.to_owned(),
                shape: shape.to_owned(),
                bytes,
                implementation: name.to_owned(),
                ns: summary,
                ratio: None,
            });
        }
    }
    let of_ours = |line: &Line| {
        let same = |it: &&Line| (&it.operation, &it.shape, it.bytes) == (&line.operation, &line.shape, line.bytes);
        lines
            .iter()
            .filter(same)
            .find(|it| it.implementation.starts_with("seqcopy"))
            .map(|ours| line.ns.median / ours.ns.median)
    };
    let ratios: Vec<_> = lines.iter().map(of_ours).collect();
    for (line, ratio) in lines.iter_mut().zip(ratios) {
        line.ratio = ratio;
    }
    if args.table {
        for line in &lines {
            println!("{}", line.tab_separated());
        }
    } else {
        println!("{}", pretty(&lines));
    }
}
