//! Reads and writes between processes: `cargo bench -p bench --features peers --bench shm -- --table`.
//!
//! `read` and `write_writer` are uncontended, in this process; `read_process` is a read while another *process* writes
//! a value each microsecond, `read_thread` the same with a thread. Names that end in `-bits` skip the validation.
//! `own-fields` is a reader of a struct with one field, `same-fields` one that was opened by its fields, `more-fields`
//! one of a type with others as well. `seqcopy-c` calls the functions of the C library, of two buffers. iceoryx2's
//! atomics lie in a shared mapping as well.

use std::ffi::CString;
use std::hint::{black_box, spin_loop};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use bench::args::Args;
use bench::peers::{Caller, place};
use bench::processor;
use bench::shapes::{Dense, Shape, Telemetry};
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure, per_operation};
use iceoryx2_bb_container::byte_atomic::FixedSizeByteAtomic;
use iceoryx2_bb_elementary_traits::atomic_copy::AtomicCopy;
use iceoryx2_bb_lock_free::spmc::unrestricted_atomic::UnrestrictedAtomic;
use seqcopy::{SeqCopy, SeqLatch, SeqLock, Validate};
use seqcopy_c::{
    seqcopy_reader, seqcopy_reader_open, seqcopy_reader_read, seqcopy_status, seqcopy_writer, seqcopy_writer_create,
    seqcopy_writer_write,
};
use seqcopy_shm::{self as shm, Options, Reader};

/// The length of a sample with a writer.
const SLICE: Duration = Duration::from_millis(3);
/// The pause between two writes.
const GAP: Duration = Duration::from_micros(1);

/// A clock's reading, as a daemon publishes it: something to validate.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Clock {
    now: [u64; 2],
    error: u64,
    drift: u32,
    status: Status,
    disrupted: bool,
}

#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
enum Status {
    _Unknown,
    Synchronized,
    FreeRunning,
}

// SAFETY: made of what this is implemented for, and it names each field that has bytes.
unsafe impl AtomicCopy for Clock {
    #[inline(always)]
    fn for_each_field<F: FnMut(usize, usize)>(&self, base: usize, then: &mut F) {
        self.each_part(&mut |offset, len| then(base + offset, len));
    }
}

impl Shape for Clock {
    const NAME: &'static str = "clock";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        let status = if seed & 1 == 0 { Status::Synchronized } else { Status::FreeRunning };
        Clock { now: [seed; 2], error: !seed, drift: seed as u32, status, disrupted: seed & 2 == 0 }
    }

    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        // Padding only after the bool.
        then(0, std::mem::offset_of!(Self, disrupted) + 1);
    }
}

fn path(name: &str) -> PathBuf {
    shm::path_for(&format!("seqcopy-bench-{}-{name}", std::process::id()))
}

/// A region whose file has been removed, so that only this process has it.
fn region<T: Shape + Validate>(buffers: u32) -> (shm::Writer<T>, Reader<T>) {
    let path = path("alone");
    let mut writer = Options::new().buffers(buffers).create::<T>(&path).expect("a region");
    writer.write(T::value(1)).expect("the writer's own process");
    let reader = Reader::open(&path).expect("the region just made");
    std::fs::remove_file(&path).expect("its path");
    (writer, reader)
}

/// Places a value in a shared mapping, like a region.
fn mapped<L>(content: L) -> &'static L {
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
    // SAFETY: a new mapping changes no existing memory.
    let place = unsafe {
        mmap_anonymous(std::ptr::null_mut(), size_of::<L>(), ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED)
    };
    let place = place.expect("memory").cast::<L>();
    // SAFETY: large enough, page-aligned, and new.
    unsafe { place.write(content) };
    // SAFETY: initialised above, never unmapped.
    unsafe { &*place }
}

/// One implementation.
struct Case {
    name: &'static str,
    sampler: Sampler,
}

fn reading<T: Shape>(name: &'static str, mut read: impl FnMut(&mut MaybeUninit<T>) + 'static) -> Case {
    let mut caller = Caller::<T>::new(2).opaque();
    let sampler = Sampler::of_loop(move |count| {
        let buf = &mut caller.buf;
        for _ in 0..count {
            read(buf);
            black_box(&mut *buf);
        }
    });
    Case { name, sampler }
}

fn writing<T: Shape>(name: &'static str, mut write: impl FnMut(&T) + 'static) -> Case {
    let caller = Caller::<T>::new(2).opaque();
    let sampler = Sampler::of_loop(move |count| {
        let caller = &*caller;
        for turn in 0..count {
            write(caller.value(turn));
            black_box(caller);
        }
    });
    Case { name, sampler }
}

fn read_cases<T: Shape + Validate + AtomicCopy, const SIZE: usize>() -> Vec<Case> {
    let mut cases = Vec::new();
    let lock: &'static SeqLock<T> = place(SeqLock::new(T::value(1)));
    let latch: &'static SeqLatch<T> = place(SeqLatch::new(T::value(1)));
    cases.push(reading("seqcopy-seqlock", move |buf| {
        lock.read_into(buf);
    }));
    cases.push(reading("seqcopy-latch2", move |buf| {
        latch.read_into(buf);
    }));
    for (buffers, bits, whole) in
        [(1, "seqcopy-shm-seqlock-bits", "seqcopy-shm-seqlock"), (2, "seqcopy-shm-latch2-bits", "seqcopy-shm-latch2")]
    {
        let (writer, reader) = region::<T>(buffers);
        cases.push(reading(bits, move |buf| {
            let _ = &writer;
            reader.read_bits_into(buf).expect("a value");
        }));
        let (writer, reader) = region::<T>(buffers);
        cases.push(reading(whole, move |buf| {
            let _ = &writer;
            reader.read_into(buf).expect("a value");
        }));
    }
    let (writer, reader) = by_c::<T>();
    cases.push(reading("seqcopy-c", move |buf: &mut MaybeUninit<T>| {
        let _ = &writer;
        // SAFETY: a reader that is never freed; space for a value of the type.
        let status = unsafe { seqcopy_reader_read(reader, buf.as_mut_ptr().cast(), size_of::<T>(), null_mut()) };
        assert_eq!(status, seqcopy_status::SEQCOPY_OK);
    }));
    let held = || Held { value: T::value(1) };
    let grown = Grown { added: 1, value: T::value(1), last: 2 };
    cases.push(by_fields::<T, _>("seqcopy-shm-own-fields", held(), |path| Reader::open(path)));
    cases.push(by_fields::<T, _>("seqcopy-shm-same-fields", held(), |path| Reader::open_by_fields(path)));
    cases.push(by_fields::<T, _>("seqcopy-shm-more-fields", grown, |path| Reader::open_by_fields(path)));
    let atomic = mapped(UnrestrictedAtomic::new(T::value(1)));
    cases.push(reading("iceoryx2-unrestricted", move |buf| {
        buf.write(atomic.load());
    }));
    let bytes = mapped(FixedSizeByteAtomic::<T, SIZE>::new(T::value(1)));
    cases.push(reading("iceoryx2-byteatomic", move |buf| {
        // SAFETY: one thread, so nothing is torn.
        buf.write(unsafe { bytes.read().assume_consistent() });
    }));
    cases
}

/// A region as a program in C has it, with a value.
fn by_c<T: Shape + Validate>() -> (*mut seqcopy_writer, *const seqcopy_reader) {
    let path = path("c");
    let name = CString::new(path.as_os_str().as_bytes()).expect("no 0");
    let schema = shm::Schema::of::<T>();
    let (schema, len) = (schema.as_bytes().as_ptr().cast(), schema.as_bytes().len());
    let (mut writer, mut reader, value) = (null_mut(), null_mut(), T::value(1));
    // SAFETY: pointers to locals, as long as is said.
    let created = unsafe { seqcopy_writer_create(name.as_ptr(), schema, len, null(), &raw mut writer) };
    // SAFETY: as above.
    let written = unsafe { seqcopy_writer_write(writer, (&raw const value).cast(), size_of::<T>()) };
    // SAFETY: as above.
    let opened = unsafe { seqcopy_reader_open(name.as_ptr(), schema, len, null(), &raw mut reader) };
    assert_eq!([created, written, opened], [seqcopy_status::SEQCOPY_OK; 3]);
    std::fs::remove_file(&path).expect("its path");
    (writer, reader)
}

/// A value by the one field that has it, and a type that has grown.
#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Held<T> {
    value: T,
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Grown<T> {
    added: u64,
    value: T,
    last: u16,
}

/// Reads of the one field, by a reader that was opened by its type or by its fields.
fn by_fields<T: Shape + Validate, B: Validate + 'static>(
    name: &'static str,
    value: B,
    open: impl FnOnce(&Path) -> Result<Reader<Held<T>>, shm::Error>,
) -> Case {
    let path = path("fields");
    let mut writer = Options::new().buffers(2).create::<B>(&path).expect("a region");
    writer.write(value).expect("the writer's own process");
    let reader = open(&path).expect("the region just made");
    std::fs::remove_file(&path).expect("its path");
    reading::<T>(name, move |buf| {
        let _ = &writer;
        // SAFETY: a struct has the size of its only field, and lies where that does.
        let held = unsafe { &mut *(&raw mut *buf).cast::<MaybeUninit<Held<T>>>() };
        reader.read_into(held).expect("a value");
    })
}

fn write_cases<T: Shape + Validate + AtomicCopy, const SIZE: usize>() -> Vec<Case> {
    let mut cases = Vec::new();
    let lock: &'static SeqLock<T> = place(SeqLock::new(T::value(1)));
    let latch: &'static SeqLatch<T> = place(SeqLatch::new(T::value(1)));
    let mut writer = lock.writer().expect("a free lock");
    cases.push(writing("seqcopy-seqlock", move |value| writer.write_from(value)));
    let mut writer = latch.writer().expect("a free lock");
    cases.push(writing("seqcopy-latch2", move |value| writer.write_from(value)));
    for (buffers, name) in [(1, "seqcopy-shm-seqlock"), (2, "seqcopy-shm-latch2")] {
        let (mut writer, _) = region::<T>(buffers);
        cases.push(writing(name, move |value| writer.write_from(value).expect("the writer's own process")));
    }
    let (writer, _) = by_c::<T>();
    cases.push(writing("seqcopy-c", move |value: &T| {
        // SAFETY: a writer that is never freed, used by this thread; a value of the type.
        let status = unsafe { seqcopy_writer_write(writer, (&raw const *value).cast(), size_of::<T>()) };
        assert_eq!(status, seqcopy_status::SEQCOPY_OK);
    }));
    let producer = mapped(UnrestrictedAtomic::new(T::value(1))).acquire_producer().expect("a free lock");
    cases.push(writing("iceoryx2-unrestricted", move |value| producer.store(*value)));
    let bytes = mapped(FixedSizeByteAtomic::<T, SIZE>::new(T::value(1)));
    cases.push(writing("iceoryx2-byteatomic", move |value| bytes.write(*value)));
    cases
}

/// Writes a value each microsecond while `enabled` is true, until it is `None`.
fn write_on<T: Shape>(mut write: impl FnMut(&T), enabled: impl Fn() -> Option<bool>) {
    let caller = Caller::<T>::new(4).opaque();
    let mut turn = 0;
    while let Some(write_now) = enabled() {
        if !write_now {
            thread::sleep(Duration::from_micros(50));
            continue;
        }
        write(caller.value(turn));
        turn += 1;
        let written = Instant::now();
        while written.elapsed() < GAP {
            spin_loop();
        }
    }
}

/// A sample: nanoseconds per read, while another thread or process writes, as `tell` commands it.
fn beside<T: Shape>(
    name: &'static str,
    tell: impl Fn(bool) + 'static,
    mut read: impl FnMut(&mut MaybeUninit<T>) + 'static,
) -> Case {
    let mut caller = Caller::<T>::new(2).opaque();
    let sampler = Sampler::of(move || {
        tell(true);
        // The writer checks every 50 us.
        thread::sleep(Duration::from_millis(1));
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < SLICE {
            for _ in 0..64 {
                read(&mut caller.buf);
                black_box(&mut caller.buf);
            }
            count += 64;
        }
        let ns = per_operation(start.elapsed(), count);
        tell(false);
        thread::sleep(Duration::from_millis(1));
        ns
    });
    Case { name, sampler }
}

/// A thread that writes when told to.
fn thread_case<T: Shape, L: Send + Sync>(
    name: &'static str,
    lock: &'static L,
    write: impl Fn(&L, &T) + Send + 'static,
    read: impl Fn(&L, &mut MaybeUninit<T>) + 'static,
) -> Case {
    let enabled = Arc::new(AtomicBool::new(false));
    let seen = Arc::downgrade(&enabled);
    thread::spawn(move || write_on(|value| write(lock, value), || Some(seen.upgrade()?.load(Relaxed))));
    beside(name, move |on| enabled.store(on, Relaxed), move |buf| read(lock, buf))
}

/// A process that is killed when this is dropped.
struct Process(Child, shm::Writer<u32>);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that writes when told to.
fn process_case<T: Shape + Validate>(name: &'static str, buffers: u32) -> Case {
    let (values, orders) = (path(&format!("{buffers}-values")), path(&format!("{buffers}-orders")));
    let mut order = shm::Writer::<u32>::create(&orders).expect("a region");
    order.write(0).expect("the writer's own process");
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("--writer").arg(&values).arg(&orders).args([
        T::NAME,
        &size_of::<T>().to_string(),
        &buffers.to_string(),
    ]);
    let child = command.stdout(Stdio::null()).spawn().expect("another process");
    let reader: Reader<T> = loop {
        if let Ok(reader) = Reader::open(&values) {
            break reader;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let _ = (std::fs::remove_file(&values), std::fs::remove_file(&orders));
    let process = std::cell::RefCell::new(Process(child, order));
    let tell = move |on| process.borrow_mut().1.write(u32::from(on)).expect("the writer's own process");
    beside(name, tell, move |buf| {
        reader.read_into(buf).expect("a value");
    })
}

fn run_writer<T: Shape + Validate>(values: &Path, orders: &Path, buffers: u32) {
    let orders = Reader::<u32>::open(orders).expect("orders");
    let mut writer = Options::new().buffers(buffers).create::<T>(values).expect("a region");
    writer.write(T::value(1)).expect("the writer's own process");
    let parent = std::os::unix::process::parent_id();
    write_on::<T>(
        |value| writer.write_from(value).expect("the writer's own process"),
        || (std::os::unix::process::parent_id() == parent).then(|| orders.read() == Ok(1)),
    );
}

fn contended_cases<T: Shape + Validate>(processes: bool) -> Vec<Case> {
    if processes {
        return vec![process_case::<T>("seqcopy-shm-seqlock", 1), process_case::<T>("seqcopy-shm-latch2", 2)];
    }
    let lock: &'static SeqLock<T> = place(SeqLock::new(T::value(1)));
    let latch: &'static SeqLatch<T> = place(SeqLatch::new(T::value(1)));
    vec![
        thread_case("seqcopy-seqlock", lock, SeqLock::write_from, |lock, buf| {
            lock.read_into(buf);
        }),
        thread_case("seqcopy-latch2", latch, SeqLatch::write_from, |latch, buf| {
            latch.read_into(buf);
        }),
    ]
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, flag, values, orders, shape, bytes, buffers] = &args[..]
        && flag == "--writer"
    {
        let buffers = buffers.parse().expect("a number of buffers");
        match (&**shape, &**bytes) {
            ("dense", "64") => run_writer::<Dense<8>>(values.as_ref(), orders.as_ref(), buffers),
            ("dense", "1024") => run_writer::<Dense<128>>(values.as_ref(), orders.as_ref(), buffers),
            _ => run_writer::<Clock>(values.as_ref(), orders.as_ref(), buffers),
        }
        return;
    }
    let args = Args::of_process(31);
    eprintln!("{}", processor::describe());
    if args.table {
        println!("{HEADER}");
    }
    macro_rules! alone {
        ($operation:literal, $cases:ident: $($shape:ty),*) => {$(
            run::<$shape>($operation, "seqcopy-seqlock", &args, $cases::<$shape, { size_of::<$shape>() }>);
        )*};
    }
    macro_rules! together {
        ($operation:literal, $reference:literal, $processes:literal: $($shape:ty),*) => {$(
            run::<$shape>($operation, $reference, &args, || contended_cases::<$shape>($processes));
        )*};
    }
    // `Telemetry` is a type of a library crate, whose check is inlined here as that of `Clock` is.
    alone!("region_read", read_cases: Clock, Telemetry, Dense<8>, Dense<32>, Dense<128>, Dense<512>, Dense<8192>);
    alone!("write_writer", write_cases: Clock, Dense<8>, Dense<32>, Dense<128>, Dense<512>, Dense<8192>);
    together!("read_thread", "seqcopy-seqlock", false: Clock, Dense<8>, Dense<128>);
    together!("read_process", "seqcopy-shm-seqlock", true: Clock, Dense<8>, Dense<128>);
}

fn run<T: Shape>(operation: &str, reference: &str, args: &Args, cases: impl FnOnce() -> Vec<Case>) {
    if !args.wants(&format!("{operation}/{}/{}/", T::NAME, size_of::<T>())) {
        return;
    }
    let (names, mut samplers): (Vec<_>, Vec<_>) = cases().into_iter().map(|case| (case.name, case.sampler)).unzip();
    let summaries = measure(&mut samplers, args.rounds);
    let base = names.iter().position(|name| *name == reference).map(|index| summaries[index].median);
    let lines: Vec<Line> = names
        .iter()
        .zip(&summaries)
        .map(|(name, ns)| Line {
            operation: operation.to_owned(),
            shape: T::NAME.to_owned(),
            bytes: size_of::<T>(),
            implementation: (*name).to_owned(),
            ns: *ns,
            ratio: base.map(|base| ns.median / base),
        })
        .collect();
    if args.table {
        for line in &lines {
            println!("{}", line.tab_separated());
        }
    } else {
        println!("{}", pretty(&lines));
    }
}
