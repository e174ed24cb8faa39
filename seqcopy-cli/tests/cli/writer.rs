//! A writer in C that was made by the page on the format, beside the library's readers and writers.

use std::time::Duration;

use seqcopy_shm::{ErrorKind, ReadValueError, Reader, Region, WriterState};

use super::compiler::{C, Running, program, workshop};
use super::*;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Numbers {
    n: u64,
    more: [u64; 500],
    end: u64,
}

pub(super) fn numbers(n: u64) -> Numbers {
    Numbers { n, more: [n; 500], end: n }
}

/// The number, of a value that is whole.
fn number_of(value: &Numbers) -> u64 {
    assert!(value.end == value.n && value.more == [value.n; 500], "torn: {} and {}", value.n, value.end);
    value.n
}

/// Starts it; or what it says instead.
fn start(exe: &Path, arguments: &[&str]) -> Result<Running, String> {
    let mut writer = Running::start(exe, arguments);
    let said = writer.line();
    if said == "ok" { Ok(writer) } else { Err(said) }
}

fn must(writer: &mut Running, order: &str) {
    writer.tell(order);
    assert_eq!(writer.line(), "ok");
}

#[test]
#[cfg(target_os = "linux")] // locks of open file descriptions
fn a_writer_that_follows_the_page_is_one() {
    if !C.is_there() {
        return;
    }
    let workshop = workshop();
    let exe = workshop.0.join("writer");
    C.compile(&workshop.0, &program("writer.c"), Some(&exe));
    let schema = workshop.0.join("schema");
    std::fs::write(&schema, seqcopy_shm::Schema::of::<Numbers>().as_bytes()).unwrap();
    for buffers in [1, 2, 4] {
        let place = Place::new();
        let create = ["create", place.path(), schema.to_str().unwrap(), &buffers.to_string()];
        let mut writer = start(&exe, &create).unwrap();
        // The header is what the library would have made.
        let (made, other) = (Region::open(&place.0).unwrap(), Place::new());
        let ours = Options::new().buffers(buffers).create::<Numbers>(&other.0).unwrap();
        let header = |header: &seqcopy_shm::Header| {
            let (offset, stride) = (header.buffer_offset(), header.buffer_stride());
            (header.size(), header.fingerprint(), header.buffers(), offset, stride, header.schema_offset())
        };
        assert_eq!(header(made.header()), header(ours.region().header()));
        ours.close().unwrap();

        let reader = Reader::<Numbers>::open(&place.0).unwrap();
        assert!(matches!(reader.read(), Err(ReadValueError::NoValue(_))));
        assert!(start(&exe, &create).unwrap_err().starts_with("link: File exists"));
        // A reader is woken.
        let known = reader.version();
        must(&mut writer, "w 7");
        assert!(reader.wait(known, Duration::MAX));
        assert_eq!((number_of(&reader.read().unwrap()), reader.version().to_bits()), (7, 1));

        // There is one writer, and it is not known which.
        assert_eq!(reader.writer_state(), WriterState::Held);
        let refused = Writer::<Numbers>::take_over(&place.0).unwrap_err();
        assert!(matches!(refused.kind(), ErrorKind::Writer(WriterState::Held)), "{refused}");
        assert!(start(&exe, &["take", place.path()]).unwrap_err().starts_with("lock"));

        // Killed while it writes; the library takes over, and it again.
        let mut newest = 0;
        for round in 0..3 {
            must(&mut writer, "s");
            for _ in 0..rounds(20_000) {
                if let Ok(value) = reader.try_read() {
                    let number = number_of(&value);
                    assert!(number >= newest || number == 1000, "back from {newest} to {number}");
                    newest = number;
                }
            }
            drop(writer);
            let version = reader.version();
            until(|| format!("{:?}", reader.writer_state()), |state| state == "Gone");
            let mut ours = Writer::<Numbers>::take_over(&place.0).unwrap();
            ours.write(numbers(round)).unwrap();
            assert_eq!(
                (number_of(&reader.read().unwrap()), reader.version().to_bits()),
                (round, version.to_bits() + 1)
            );
            drop(ours);
            // While another test starts a process, that has the descriptor as well.
            writer = loop {
                if let Ok(writer) = start(&exe, &["take", place.path()]) {
                    break writer;
                }
            };
            newest = 0;
        }
        must(&mut writer, "c");
        assert!(matches!(reader.read(), Err(ReadValueError::Closed)) && reader.region().is_closed());
        assert!(!place.0.exists());
    }
}

/// Each state of a writer, made in the words that the page on the format describes: by its name in Rust, in C, and in
/// JSON.
#[test]
fn every_state_of_a_writer_has_its_names() {
    use std::os::unix::fs::FileExt;

    let (place, writer) = Place::with(2, 7u64);
    let reader = seqcopy_shm::Reader::<u64>::open(place.path()).unwrap();
    let file = std::fs::File::options().read(true).write(true).open(place.path()).unwrap();
    let mut words = [0; 24];
    file.read_exact_at(&mut words, 136).unwrap();
    let own = std::process::id();
    let mut writer = Some(writer);
    let header = include_str!("../../../seqcopy-c/include/seqcopy.h");
    for (state, in_c, in_json) in [
        (format!("Alive {{ pid: {own} }}"), "ALIVE", serde_json::json!({ "state": "alive", "pid": own })),
        // A process that began at another time than the process that has its number now.
        (format!("Orphaned {{ pid: {own} }}"), "ORPHANED", serde_json::json!({ "state": "orphaned", "pid": own })),
        // In other namespaces.
        ("Held".to_owned(), "HELD", serde_json::json!({ "state": "held" })),
        ("Gone".to_owned(), "ENDED", serde_json::json!({ "state": "gone" })),
        ("Never".to_owned(), "NEVER", serde_json::json!({ "state": "never" })),
    ] {
        match in_c {
            "ORPHANED" => file.write_all_at(&[words[0] ^ 1], 136).unwrap(),
            "HELD" => {
                file.write_all_at(&words[..1], 136).unwrap();
                file.write_all_at(&[words[16] ^ 1], 152).unwrap();
            }
            "ENDED" => drop(writer.take()),
            "NEVER" => file.write_all_at(&[0; 36], 132).unwrap(),
            _ => {}
        }
        assert_eq!(format!("{:?}", reader.writer_state()), state);
        assert_eq!(shows_json(&["show", "--json", place.path()])["writer"], in_json);
        let path = std::ffi::CString::new(place.path()).unwrap();
        let (mut handle, mut pid) = (std::ptr::null_mut(), 0xa5a5_a5a5);
        let (no_schema, no_options) = (std::ptr::null(), std::ptr::null());
        // SAFETY: a text, and a place for the handle.
        let opened =
            unsafe { seqcopy_c::seqcopy_reader_open(path.as_ptr(), no_schema, 0, no_options, &raw mut handle) };
        assert_eq!(opened, seqcopy_c::seqcopy_status::SEQCOPY_OK);
        // SAFETY: of a reader that is there.
        let region = unsafe { seqcopy_c::seqcopy_reader_region(handle) };
        // SAFETY: of that reader, and a place for the number.
        let number = unsafe { seqcopy_c::seqcopy_region_writer_state(region, &raw mut pid) } as u32;
        // SAFETY: not used after this.
        unsafe { seqcopy_c::seqcopy_reader_free(&raw mut handle) };
        assert!(header.contains(&format!("SEQCOPY_WRITER_{in_c} = {number},")), "{state}: {number} in C");
        assert_eq!(pid, if state.contains("pid") { own } else { 0 }, "{state}");
    }
}
