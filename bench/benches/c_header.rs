//! Reads and writes by programs in C, beside those in Rust: `cargo bench -p bench --features peers --bench c_header --
//! --table`.
//!
//! `c-typed` are the functions of a type's header, and `c-call` those of the library, which take `void *`. All have
//! regions of two buffers, as `seqcopy-shm-latch2` in Rust. The loops in C are compiled by `cc -O2` when this starts,
//! with the library inside.

use std::ffi::{CStr, CString, c_char, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bench::args::Args;
use bench::processor;
use bench::shapes::{Dense, Shape};
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure};
use seqcopy::Validate;
use seqcopy_bindgen::Bindings;
use seqcopy_shm::{self as shm, Options, Reader};

const LOOPS: &str = r#"
#include "value.h"

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

void *open_reader(const char *path)
{
    value_reader *reader;
    return value_reader_open(path, &reader) == SEQCOPY_OK ? reader : NULL;
}

LOOP(typed_reads, value_reader, value_reader_read(self, values, NULL))
LOOP(called_reads, value_reader, seqcopy_reader_read(value_reader_handle(self), values, sizeof *values, NULL))
LOOP(typed_writes, value_writer, value_writer_write(self, values + i % 2))
LOOP(called_writes, value_writer, seqcopy_writer_write(value_writer_handle(self), values + i % 2, sizeof *values))
"#;

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

fn cases<T: Shape + Validate>(folder: &Path, operation: &str) -> Vec<(&'static str, Sampler)> {
    let place = |name: &str| -> PathBuf {
        let path = folder.join(format!("{operation}-{}-{name}", size_of::<T>()));
        let _ = std::fs::remove_file(&path);
        path
    };
    let loops = Loops::compiled::<T>(folder);
    let of_rust = place("rust");
    let mut writer = Options::new().buffers(2).create::<T>(&of_rust).expect("a region");
    writer.write(T::value(1)).expect("the writer's own process");
    if operation == "write_writer" {
        let [typed, called] = ["typed", "called"].map(|name| loops.open(c"open_writer", &place(name)));
        let values = values::<T>();
        let of_rust = Sampler::of_loop(move |count| {
            for turn in 0..count {
                writer.write_from(&black_box(&values).1[usize::from(turn % 2 == 1)]).expect("the writer's own process");
            }
        });
        return vec![
            ("seqcopy-shm-latch2", of_rust),
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
    for operation in ["region_read", "write_writer"] {
        run::<Dense<8>>(&folder, operation, &args);
        run::<Dense<32>>(&folder, operation, &args);
        run::<Dense<512>>(&folder, operation, &args);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn run<T: Shape + Validate>(folder: &Path, operation: &str, args: &Args) {
    if !args.wants(&format!("{operation}/{}/{}/", T::NAME, size_of::<T>())) {
        return;
    }
    let (names, mut samplers): (Vec<_>, Vec<_>) = cases::<T>(folder, operation).into_iter().unzip();
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
