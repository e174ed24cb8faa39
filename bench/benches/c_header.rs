//! Reads and writes by programs in C, beside those in Rust: `cargo bench -p bench --features peers --bench c_header --
//! --table`.
//!
//! `c-typed` are the functions of a type's header, and `c-call` those of the library, which take `void *`. All have
//! regions of two buffers, as `seqcopy-shm-latch2` in Rust, or of one. Maps have 1,000 keys of 8 bytes, which are looked up or set
//! in turn. The loops in C are compiled by `cc -O2` when this starts, with the library inside.

use std::ffi::{CStr, CString, c_char, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bench::args::Args;
use bench::processor;
use bench::shapes::{Dense, Shape, Telemetry, TopOfBook};
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure};
use seqcopy::{SeqCopy, SeqStr, Validate};
use seqcopy_bindgen::Bindings;
use seqcopy_shm::{self as shm, Entry, MapReader, MapWriter, Options, Reader, Schema};

const LOOPS: &str = r#"
#include "value.h"
#include "map_schema.h"

/* Whatever a loop could keep in registers, or leave out. */
#define OPAQUE(place) __asm__ volatile("" : : "r"(place) : "memory")
#define LOOP(function, handle, call)                                                                                   \
    void function(handle *self, value *values, uint64_t count)                                                         \
    {                                                                                                                  \
        for (uint64_t i = 0; i < count; i++) {                                                                         \
            if (call != 0)                                                                                             \
                __builtin_trap();                                                                                      \
            OPAQUE(values);                                                                                            \
        }                                                                                                              \
    }

void *open_writer(const char *path)
{
    value_writer *writer;
    return value_writer_create(path, &writer) == SEQCOPY_OK ? writer : NULL;
}

void *open_writer_of_one(const char *path)
{
    value_writer *writer;
    seqcopy_options options;
    if (seqcopy_options_init(&options, sizeof options) != SEQCOPY_OK)
        return NULL;
    options.buffers = 1;
    return value_writer_open(seqcopy_writer_create, path, &options, &writer) == SEQCOPY_OK ? writer : NULL;
}

void *open_reader(const char *path)
{
    value_reader *reader;
    return value_reader_open(path, &reader) == SEQCOPY_OK ? reader : NULL;
}

LOOP(typed_reads, value_reader, value_reader_read(self, values, NULL))
LOOP(called_reads, value_reader, seqcopy_reader_read(value_reader_handle(self), values, sizeof *values, NULL))
LOOP(typed_writes, value_writer, value_writer_write(self, values + i % 2))
LOOP(called_writes, value_writer, seqcopy_writer_write(value_writer_handle(self), values + i % 2, sizeof *values))

enum { KEYS = 1000 };
static uint64_t keys[KEYS];
static seqcopy_entry *entries[KEYS];

void *open_map_writer(const char *path)
{
    seqcopy_map_writer *writer;
    for (uint64_t key = 0; key < KEYS; key++)
        keys[key] = key;
    return seqcopy_map_writer_take_over(path, map_schema, sizeof map_schema, NULL, &writer) == SEQCOPY_OK ? writer : NULL;
}

void *open_map_reader(const char *path)
{
    seqcopy_map_reader *reader;
    if (seqcopy_map_reader_open(path, NULL, 0, NULL, &reader) != SEQCOPY_OK)
        return NULL;
    for (uint64_t key = 0; key < KEYS; key++) {
        keys[key] = key;
        if (seqcopy_map_reader_entry(reader, keys + key, sizeof *keys, entries + key) != SEQCOPY_OK)
            return NULL;
    }
    return reader;
}

LOOP(map_gets, seqcopy_map_reader,
     seqcopy_map_reader_get(self, keys + i % KEYS, sizeof *keys, values, sizeof *values, NULL))
LOOP(map_entries, seqcopy_map_reader,
     seqcopy_map_reader_read_entry(self, entries[i % KEYS], values, sizeof *values, NULL))
LOOP(map_inserts, seqcopy_map_writer,
     seqcopy_map_writer_insert(self, keys + i % KEYS, sizeof *keys, values + i % 2, sizeof *values))
"#;

/// As in [`LOOPS`].
const KEYS: u64 = 1000;

/// Values that lie at the same place of a page in each case: how long a copy takes depends on where both sides lie. Not
/// where they lie in a region, at its beginning: a load soon after a store to the same place of another page waits for
/// that.
#[repr(C, align(4096))]
struct Page<T>([u64; 256], [T; 2]);

fn values<T: Shape>() -> Box<Page<T>> {
    Box::new(Page([0; 256], [T::value(1), T::value(2)]))
}

/// The loops for one type, compiled.
struct Loops(*mut c_void);

type Open = unsafe extern "C" fn(*const c_char) -> *mut c_void;
type Loop<T> = unsafe extern "C" fn(*mut c_void, *mut T, u64);

impl Loops {
    fn compiled<T: Shape + Validate>(folder: &Path) -> Loops {
        let header = Bindings::of::<T>().expect("a type for a region").name("value").c_header().expect("a header");
        std::fs::write(folder.join("value.h"), header).expect("a header");
        let schema = Schema::of_map::<u64, T>();
        let schema = format!("static const unsigned char map_schema[] = {{{}}};", numbers(schema.as_bytes()));
        std::fs::write(folder.join("map_schema.h"), schema).expect("a header");
        std::fs::write(folder.join("loops.c"), LOOPS).expect("a program");
        // Beside this program, which depends on that crate.
        let library = std::env::current_exe().expect("this program").with_file_name("libseqcopy_c.a");
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seqcopy-c/include");
        let made = folder.join(format!("loops-{}.so", size_of::<T>()));
        let mut compiler = Command::new("cc");
        compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", "-o"]).arg(&made);
        compiler.arg("-I").arg(include).arg("-I").arg(folder).arg(folder.join("loops.c")).arg(library);
        assert!(compiler.status().expect("a C compiler").success(), "cc failed");
        let name = CString::new(made.as_os_str().as_bytes()).expect("no 0");
        // SAFETY: a library without constructors that need anything.
        Loops(unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) })
    }

    fn symbol(&self, name: &CStr) -> *mut c_void {
        // SAFETY: a library that stays loaded, unless it could not be loaded.
        let found = if self.0.is_null() { self.0 } else { unsafe { libc::dlsym(self.0, name.as_ptr()) } };
        assert!(!found.is_null(), "{name:?} is not in the library");
        found
    }

    fn open(&self, function: &CStr, path: &Path) -> *mut c_void {
        let name = CString::new(path.as_os_str().as_bytes()).expect("no 0");
        // SAFETY: a function of this type (`LOOPS`).
        let open: Open = unsafe { std::mem::transmute(self.symbol(function)) };
        // SAFETY: a path with a 0 at its end.
        let handle = unsafe { open(name.as_ptr()) };
        assert!(!handle.is_null(), "{function:?} failed");
        handle
    }

    fn sampler<T: Shape>(&self, function: &CStr, handle: *mut c_void) -> Sampler {
        // SAFETY: a function of this type (`LOOPS`).
        let repeat: Loop<T> = unsafe { std::mem::transmute(self.symbol(function)) };
        let mut values = values::<T>();
        // SAFETY: a handle that is never freed, which this thread alone uses, and two values.
        Sampler::of_loop(move |count| unsafe { repeat(handle, values.1.as_mut_ptr(), count) })
    }
}

fn numbers(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",")
}

fn map_cases<T: Shape + Validate>(folder: &Path, operation: &str) -> Vec<(&'static str, Sampler)> {
    let map = |name: &str| {
        let path = folder.join(format!("{operation}-{}-{name}", size_of::<T>()));
        let _ = std::fs::remove_file(&path);
        let mut writer = MapWriter::<u64, T>::create(&path, usize::try_from(KEYS).expect("1000")).expect("a map");
        for key in 0..KEYS {
            writer.insert(key, T::value(key)).expect("space for it");
        }
        (path, writer)
    };
    let loops = Loops::compiled::<T>(folder);
    let ((path, mut writer), (of_c, _)) = (map("rust"), map("c"));
    if operation == "map_insert" {
        let handle = loops.open(c"open_map_writer", &of_c);
        let values = values::<T>();
        let of_rust = Sampler::of_loop(move |count| {
            for turn in 0..count {
                let value = black_box(&values).1[usize::from(turn % 2 == 1)];
                writer.insert(turn % KEYS, value).expect("a key that is there");
            }
        });
        return vec![("seqcopy-shm-map", of_rust), ("c-call", loops.sampler::<T>(c"map_inserts", handle))];
    }
    let reader = MapReader::<u64, T>::open(&path).expect("the map just made");
    let handle = loops.open(c"open_map_reader", &of_c);
    if operation == "map_get" {
        let of_rust = Sampler::of_loop(move |count| {
            let _ = &writer;
            for turn in 0..count {
                black_box(reader.get(&(turn % KEYS)).expect("a map"));
            }
        });
        return vec![("seqcopy-shm-map", of_rust), ("c-call", loops.sampler::<T>(c"map_gets", handle))];
    }
    let entries: Vec<_> = (0..KEYS).map(Entry::new).collect();
    let of_rust = Sampler::of_loop(move |count| {
        let _ = &writer;
        for entry in entries.iter().cycle().zip(0..count).map(|(entry, _)| entry) {
            black_box(reader.read_entry(entry).expect("a map"));
        }
    });
    vec![("seqcopy-shm-map", of_rust), ("c-call", loops.sampler::<T>(c"map_entries", handle))]
}

fn cases<T: Shape + Validate>(folder: &Path, operation: &str) -> Vec<(&'static str, Sampler)> {
    let place = |name: &str| -> PathBuf {
        let path = folder.join(format!("{operation}-{}-{name}", size_of::<T>()));
        let _ = std::fs::remove_file(&path);
        path
    };
    let loops = Loops::compiled::<T>(folder);
    let of_rust = place("rust");
    let is_single = operation == "write_single";
    let mut writer = Options::new().buffers(if is_single { 1 } else { 2 }).create::<T>(&of_rust).expect("a region");
    writer.write(T::value(1)).expect("the writer's own process");
    if operation != "region_read" {
        let open = if is_single { c"open_writer_of_one" } else { c"open_writer" };
        let [typed, called] = ["typed", "called"].map(|name| loops.open(open, &place(name)));
        let values = values::<T>();
        let of_rust = Sampler::of_loop(move |count| {
            for turn in 0..count {
                writer.write_from(&black_box(&values).1[usize::from(turn % 2 == 1)]).expect("the writer's own process");
            }
        });
        return vec![
            (if is_single { "seqcopy-shm-single" } else { "seqcopy-shm-latch2" }, of_rust),
            ("c-typed", loops.sampler::<T>(c"typed_writes", typed)),
            ("c-call", loops.sampler::<T>(c"called_writes", called)),
        ];
    }
    let reader = Reader::<T>::open(&of_rust).expect("the region just made");
    let [typed, called] = [(); 2].map(|()| loops.open(c"open_reader", &of_rust));
    let mut values = values::<T>();
    let of_rust = Sampler::of_loop(move |count| {
        let _ = &writer;
        for _ in 0..count {
            // SAFETY: initialised before, and a value when it was read.
            let buf = unsafe { &mut *(&raw mut black_box(&mut values).1[0]).cast::<MaybeUninit<T>>() };
            reader.read_into(buf).expect("a value");
        }
    });
    vec![
        ("seqcopy-shm-latch2", of_rust),
        ("c-typed", loops.sampler::<T>(c"typed_reads", typed)),
        ("c-call", loops.sampler::<T>(c"called_reads", called)),
    ]
}

/// A text beside a number.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Named {
    at: u64,
    name: SeqStr<28>,
}

impl Shape for Named {
    const NAME: &'static str = "named";

    fn value(seed: u64) -> Self {
        Named { at: seed, name: SeqStr::truncated(&format!("number {seed}")) }
    }

    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(0, size_of::<Self>());
    }
}

fn main() {
    let args = Args::of_process(31);
    if !Command::new("cc").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("==== SKIPPED: there is no compiler `cc`, nothing was compiled by it ====");
        return;
    }
    eprintln!("{}", processor::describe());
    if args.table {
        println!("{HEADER}");
    }
    let folder = shm::path_for(&format!("seqcopy-bench-c-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for operation in ["map_get", "map_read_entry", "map_insert"] {
        run::<Dense<1>>(&folder, operation, &args);
        run::<Dense<8>>(&folder, operation, &args);
    }
    for operation in ["region_read", "write_writer", "write_single"] {
        run::<Dense<8>>(&folder, operation, &args);
        run::<Dense<32>>(&folder, operation, &args);
        run::<Dense<512>>(&folder, operation, &args);
        run::<Named>(&folder, operation, &args);
        run::<TopOfBook>(&folder, operation, &args);
        run::<Telemetry>(&folder, operation, &args);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn run<T: Shape + Validate>(folder: &Path, operation: &str, args: &Args) {
    if !args.wants(&format!("{operation}/{}/{}/", T::NAME, size_of::<T>())) {
        return;
    }
    let cases = if operation.starts_with("map") { map_cases::<T> } else { cases::<T> };
    let (names, mut samplers): (Vec<_>, Vec<_>) = cases(folder, operation).into_iter().unzip();
    let summaries = measure(&mut samplers, if args.smoke { 1 } else { args.rounds });
    let line = |(name, ns): (&&str, &bench::timing::Summary)| Line {
        operation: operation.to_owned(),
        shape: T::NAME.to_owned(),
        bytes: size_of::<T>(),
        implementation: (*name).to_owned(),
        ns: *ns,
        ratio: Some(ns.median / summaries[0].median),
    };
    let lines: Vec<Line> = names.iter().zip(&summaries).map(line).collect();
    if args.table {
        for line in &lines {
            println!("{}", line.tab_separated());
        }
    } else {
        println!("{}", pretty(&lines));
    }
}
