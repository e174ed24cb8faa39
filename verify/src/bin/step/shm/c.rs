//! Part `header`: the attempt to read that the header makes which `seqcopy header` prints, compiled and stepped, with
//! whole writes between two of its instructions; and with a writer that is stepped. `SEQCOPY_STEP_COMMAND` is the
//! command, beside which the C library lies.

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use nix::libc;
use seqcopy::ReadError;
use seqcopy_shm::Writer;
use seqcopy_tests::faults::Place;

use super::reader::interrupt;
use super::writer::{Way, spawn};
use super::{Shareable, letter, make};
use crate::reader::Mailbox;
use crate::report::Report;
use crate::steps::{Phase, Reading, Writing};
use crate::trace::{Child, mark};

/// What is compiled after the header.
const SOURCE: &str = r#"
#include <seqcopy.h>
static int is_stepped;
static seqcopy_status again(const seqcopy_reader *reader, void *out, size_t size, uint64_t *version)
{
    return is_stepped ? SEQCOPY_TORN : seqcopy_reader_try_read(reader, out, size, version);
}
/* After the attempt of the header: that of the library would be another read. */
#define seqcopy_reader_read again
#include "step.h"
static step_reader *reader;
int open_region(const char *path, int alone) { is_stepped = alone; return (int)step_reader_open(path, &reader); }
int try_read(step *out) { return (int)step_reader_read(reader, out, NULL); }
"#;

/// A compiled reader, in this process and in its children.
struct Compiled {
    open: Open,
    try_read: TryRead,
}

type Open = extern "C" fn(*const libc::c_char, libc::c_int) -> libc::c_int;
type TryRead = extern "C" fn(*mut libc::c_void) -> libc::c_int;

fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(output.stdout) } else { Err(format!("{command:?}: {told}")) }
}

impl Compiled {
    /// For the type of the region at a path.
    fn new(command: &str, compiler: &str, place: &Place, region: &Path) -> Result<Compiled, String> {
        let header = run(Command::new(command).arg("header").arg(region).args(["--name", "step"]))?;
        std::fs::write(place.at("step.h"), header).map_err(|error| error.to_string())?;
        std::fs::write(place.at("step.c"), SOURCE).map_err(|error| error.to_string())?;
        let library = place.at("step.so");
        let flags = [
            "-std=c11",
            "-O2",
            "-shared",
            "-fPIC",
            "-I",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../seqcopy-c/include"),
            "-o",
        ];
        let built = Path::new(command).with_file_name("libseqcopy_c.a");
        let system = ["-lpthread", "-ldl", "-lm"];
        run(Command::new(compiler).args(flags).arg(&library).arg(place.at("step.c")).arg(built).args(system))?;
        let name = |bytes: &[u8]| CString::new(bytes).expect("no zero byte");
        // SAFETY: the library was compiled above, and what it runs when it is loaded is that of Rust. It is never
        // unloaded.
        let library = unsafe { libc::dlopen(name(library.as_os_str().as_bytes()).as_ptr(), libc::RTLD_NOW) };
        let find = |symbol: &str| {
            // SAFETY: a library, or null, by which all libraries are meant.
            let found = unsafe { libc::dlsym(library, name(symbol.as_bytes()).as_ptr()) };
            if library.is_null() || found.is_null() { Err(format!("{symbol}: not loaded")) } else { Ok(found) }
        };
        let (open, try_read) = (find("open_region")?, find("try_read")?);
        // SAFETY: the function of `SOURCE`, whose type this is.
        let open = unsafe { core::mem::transmute::<*mut libc::c_void, Open>(open) };
        // SAFETY: as above.
        let try_read = unsafe { core::mem::transmute::<*mut libc::c_void, TryRead>(try_read) };
        Ok(Compiled { open, try_read })
    }

    fn try_read<T: Copy>(&self, buf: &mut MaybeUninit<T>) -> Result<(), ReadError> {
        match (self.try_read)(buf.as_mut_ptr().cast()) {
            0 => Ok(()),
            1 => Err(ReadError::Busy),
            2 => Err(ReadError::Torn),
            // No read may end so here.
            _ => Err(ReadError::Empty),
        }
    }
}

/// By each compiler, regions of 1, 2 and 4 buffers.
pub(crate) fn each<T: Shareable>(report: &Report) {
    let Ok(command) = std::env::var("SEQCOPY_STEP_COMMAND") else {
        println!("==== SKIPPED: SEQCOPY_STEP_COMMAND does not name the command `seqcopy` ====");
        return;
    };
    for compiler in ["gcc", "clang"] {
        if Command::new(compiler).arg("--version").output().is_err() {
            println!("==== SKIPPED: {compiler} is not installed ====");
            continue;
        }
        for buffers in [1, 2, 4] {
            let place = Place::new();
            let path = place.at("region");
            drop(make::<T>(&path, buffers, 1));
            match Compiled::new(&command, compiler, &place, &path) {
                Ok(compiled) => {
                    let name = format!("header: {compiler}, region of {buffers} {}", T::NAME);
                    read::<T>(report, &name, &compiled, &path, buffers);
                    beside::<T>(report, &name, &compiled, &path, buffers);
                }
                Err(error) => report.fail(&format!("header: {error}")),
            }
        }
    }
}

/// If it is stepped, a read is the attempt of the header; otherwise the library says why that found nothing.
fn open(compiled: &Compiled, path: &Path, is_stepped: bool) {
    let path = CString::new(path.as_os_str().as_bytes()).expect("no zero byte");
    assert_eq!((compiled.open)(path.as_ptr(), is_stepped.into()), 0, "a region");
}

fn read<T: Shareable>(report: &Report, name: &str, compiled: &Compiled, path: &Path, buffers: u32) {
    let mut writer = Writer::<T>::take_over(path).expect("a region without a writer");
    let mailbox = Mailbox::<T>::new();
    let mut child = Child::spawn(|| {
        open(compiled, path, true);
        loop {
            let buf = mailbox.buf();
            mark();
            let result = compiled.try_read(buf);
            mark();
            mailbox.post(result.err());
            mark();
        }
    });
    let name = format!("{name} read");
    let reading = Reading { report, name, buffers: buffers.into(), every: 1, is_plain: true, has_one_length: true };
    interrupt(&reading, &mut child, &mailbox, |n| writer.write_from(&T::of(n)).expect("no fork"));
}

/// The writer of the region stepped; after each instruction the reader in C sees what those in Rust see.
fn beside<T: Shareable>(report: &Report, name: &str, compiled: &Compiled, path: &Path, buffers: u32) {
    let mut readers = make::<T>(path, buffers, 1);
    open(compiled, path, false);
    let mut child = spawn::<T>(&readers.source, Way::WriteFrom);
    // The first write is not stepped: what the writer does once, it does now.
    (0..2).for_each(|_| child.go_to_mark());
    let mut buf = MaybeUninit::<T>::uninit();
    let look = |n: u64| {
        // The value of write n is that of version n + 2, since there were two before.
        let version = n + 1;
        let result = compiled.try_read(&mut buf);
        // SAFETY: it says that it has read a value.
        let result = result.map(|()| unsafe { buf.assume_init_read() });
        let seen = letter(&result.map_err(seqcopy_shm::ReadValueError::NoValue), version);
        let others = readers.attempt(version);
        if !others.chars().all(|other| other == seen) {
            return Err(format!("in C {seen}, in Rust {others}"));
        }
        match seen {
            'o' => Ok(Phase::Old),
            'n' => Ok(Phase::New),
            'B' if buffers == 1 => Ok(Phase::Busy),
            other => Err(format!("readers see {other}")),
        }
    };
    let name = format!("{name} written");
    Writing { report, name, writes: 4, every: 1, is_plain: true }.follow(&mut child, look);
}
