//! Calls of the C library in any order: three bytes are a call, its size and its value. What is read must be a value of
//! its type, whatever was called before; and with the address sanitizer, nothing may be accessed that is not there.

use std::ffi::{CString, c_void};
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::{fs, process, thread};

use seqcopy_c::{
    seqcopy_entries, seqcopy_entries_free, seqcopy_entries_next, seqcopy_map_reader, seqcopy_map_reader_entries,
    seqcopy_map_reader_free, seqcopy_map_reader_get, seqcopy_map_reader_open, seqcopy_map_reader_reopen_if_removed,
    seqcopy_map_writer, seqcopy_map_writer_begin, seqcopy_map_writer_close, seqcopy_map_writer_commit,
    seqcopy_map_writer_discard, seqcopy_map_writer_free, seqcopy_map_writer_get, seqcopy_map_writer_insert,
    seqcopy_map_writer_open_or_create, seqcopy_map_writer_remove, seqcopy_map_writer_restore_if_removed,
    seqcopy_options, seqcopy_options_init, seqcopy_reader, seqcopy_reader_free, seqcopy_reader_open,
    seqcopy_reader_read, seqcopy_reader_read_elements, seqcopy_reader_read_if_changed,
    seqcopy_reader_reopen_if_removed, seqcopy_reader_try_read, seqcopy_status, seqcopy_writer, seqcopy_writer_begin,
    seqcopy_writer_close, seqcopy_writer_create, seqcopy_writer_end, seqcopy_writer_free,
    seqcopy_writer_open_or_create, seqcopy_writer_read, seqcopy_writer_restore_if_removed, seqcopy_writer_take_over,
    seqcopy_writer_write, seqcopy_writer_write_elements,
};
use seqcopy_shm::{Schema, SchemaBuilder};

/// How many calls there are.
const CALLS: u8 = 32;

/// The handles, and where their regions are.
struct Handles {
    path: PathBuf,
    name: CString,
    schemas: [Schema; 3],
    writer: *mut seqcopy_writer,
    reader: *mut seqcopy_reader,
    map_writer: *mut seqcopy_map_writer,
    map_reader: *mut seqcopy_map_reader,
    entries: *mut seqcopy_entries,
}

impl Handles {
    fn new() -> Handles {
        let name = format!("/dev/shm/seqcopy-fuzz-calls-{}-{:?}", process::id(), thread::current().id());
        let number = |name| SchemaBuilder::number(name).expect("a number");
        let value = number("bool").array(4);
        let slice = number("bool").slice(5);
        let map = SchemaBuilder::map(&number("u16"), &number("bool").array(3));
        Handles {
            path: PathBuf::from(&name),
            name: CString::new(name).expect("no 0"),
            schemas: [value, slice, map].map(|kind| kind.build().expect("a type")),
            writer: null_mut(),
            reader: null_mut(),
            map_writer: null_mut(),
            map_reader: null_mut(),
            entries: null_mut(),
        }
    }

    /// Makes a call. Lengths are those of the memory that is passed, or smaller, or wrong for the type.
    ///
    /// # Panics
    /// If what is read is not a value.
    #[allow(clippy::too_many_lines, clippy::multiple_unsafe_ops_per_block)] // a line or two for each call, of one contract
    fn call(&mut self, which: u8, size: u8, byte: u8) {
        let (mut memory, size) = ([byte; 256], usize::from(size));
        memory[4..].fill(byte & 1);
        let (mut number, mut count, mut flag) = (u64::from(byte), 0, false);
        let at = memory.as_mut_ptr().cast::<c_void>();
        let path = self.name.as_ptr();
        let schema = self.schemas[size % 3].as_bytes();
        let (schema, len) = (schema.as_ptr().cast::<c_void>(), schema.len() - usize::from(byte == 0xff));
        let mut options = core::mem::MaybeUninit::<seqcopy_options>::uninit();
        // SAFETY: a local of that size.
        unsafe { seqcopy_options_init(options.as_mut_ptr(), size_of::<seqcopy_options>()) };
        // SAFETY: set just now.
        let mut options = unsafe { options.assume_init() };
        options.capacity = size % 9;
        options.buffers = u32::from(byte % 5);
        options.replace_other_type = byte & 8 != 0;
        options.replace_smaller = byte & 16 != 0;
        let with = if byte & 32 == 0 { &raw const options } else { null() };
        let (key, value) = (memory.as_ptr().cast::<c_void>(), memory[4..].as_ptr().cast::<c_void>());
        // SAFETY: locals of 256 bytes, of which sizes say at most 255; handles that these functions gave out, or null,
        // by one thread.
        let status = unsafe {
            match which % CALLS {
                0 => {
                    seqcopy_writer_free(&raw mut self.writer);
                    seqcopy_writer_create(path, schema, len, with, &raw mut self.writer)
                }
                1 => {
                    seqcopy_writer_free(&raw mut self.writer);
                    seqcopy_writer_open_or_create(path, schema, len, with, &raw mut self.writer)
                }
                2 => {
                    seqcopy_writer_free(&raw mut self.writer);
                    seqcopy_writer_take_over(path, schema, len, with, &raw mut self.writer)
                }
                3 => seqcopy_writer_write(self.writer, value, size),
                4 => seqcopy_writer_write_elements(self.writer, value, size % 3, size),
                5 => seqcopy_writer_read(self.writer, at, size),
                6 => {
                    let mut place = null_mut();
                    let status = seqcopy_writer_begin(self.writer, &raw mut place);
                    if !place.is_null() {
                        // Every type here has at least four bytes.
                        place.cast::<u8>().add(size % 4).write(byte);
                    }
                    status
                }
                7 => seqcopy_writer_end(self.writer),
                8 => seqcopy_writer_restore_if_removed(self.writer, &raw mut flag),
                9 => seqcopy_writer_close(&raw mut self.writer),
                10 => seqcopy_writer_free(&raw mut self.writer),
                11 => {
                    seqcopy_reader_free(&raw mut self.reader);
                    seqcopy_reader_open(path, schema, len, with, &raw mut self.reader)
                }
                12 => {
                    seqcopy_reader_free(&raw mut self.reader);
                    seqcopy_reader_open(path, null(), 0, with, &raw mut self.reader)
                }
                13 => seqcopy_reader_read(self.reader, at, size, &raw mut number),
                14 => seqcopy_reader_try_read(self.reader, at, size, null_mut()),
                15 => seqcopy_reader_read_if_changed(self.reader, at, size, &raw mut number, &raw mut flag),
                16 => seqcopy_reader_read_elements(self.reader, at, size % 3, size / 2, &raw mut count, null_mut()),
                17 => seqcopy_reader_reopen_if_removed(self.reader, &raw mut flag),
                18 => seqcopy_reader_free(&raw mut self.reader),
                19 => {
                    seqcopy_map_writer_free(&raw mut self.map_writer);
                    seqcopy_map_writer_open_or_create(path, schema, len, with, &raw mut self.map_writer)
                }
                20 => seqcopy_map_writer_insert(self.map_writer, key, 2, value, size % 5),
                21 => seqcopy_map_writer_remove(self.map_writer, key, size % 4),
                22 => seqcopy_map_writer_get(self.map_writer, key, 2, at, size % 5, &raw mut number),
                23 => seqcopy_map_writer_begin(self.map_writer),
                24 => seqcopy_map_writer_commit(self.map_writer),
                25 => seqcopy_map_writer_discard(self.map_writer),
                26 => seqcopy_map_writer_restore_if_removed(self.map_writer, &raw mut flag),
                27 => seqcopy_map_writer_close(&raw mut self.map_writer),
                28 => {
                    seqcopy_map_reader_free(&raw mut self.map_reader);
                    seqcopy_map_reader_open(path, schema, len, with, &raw mut self.map_reader)
                }
                29 => {
                    seqcopy_map_reader_reopen_if_removed(self.map_reader, &raw mut flag);
                    seqcopy_map_reader_get(self.map_reader, key, 2, at, size % 5, &raw mut number)
                }
                30 => {
                    seqcopy_entries_free(&raw mut self.entries);
                    seqcopy_map_reader_entries(self.map_reader, &raw mut self.entries)
                }
                _ => {
                    let place = memory[2..].as_mut_ptr().cast();
                    seqcopy_entries_next(self.entries, at, 2, place, size % 5, null_mut())
                }
            }
        };
        if byte == 0x77 {
            let _ = fs::remove_file(&self.path);
        }
        assert_ne!(status, seqcopy_status::SEQCOPY_PANIC);
        if status == seqcopy_status::SEQCOPY_OK {
            let found = match which % CALLS {
                5 | 13 | 14 if size == 4 => &memory[..4],
                15 if size == 4 && flag => &memory[..4],
                16 => &memory[..count],
                22 | 29 => &memory[..3],
                31 => &memory[2..5],
                _ => &[],
            };
            assert!(found.iter().all(|byte| *byte < 2), "{which}: not a value: {found:?}");
        }
    }
}

impl Drop for Handles {
    #[allow(clippy::multiple_unsafe_ops_per_block)] // of one contract
    fn drop(&mut self) {
        // SAFETY: handles that are not used any more, or null.
        unsafe {
            seqcopy_entries_free(&raw mut self.entries);
            seqcopy_reader_free(&raw mut self.reader);
            seqcopy_map_reader_free(&raw mut self.map_reader);
            seqcopy_writer_free(&raw mut self.writer);
            seqcopy_map_writer_free(&raw mut self.map_writer);
        }
        let _ = fs::remove_file(&self.path);
    }
}

/// Any calls of the C library.
///
/// # Panics
/// If one of them panics, or what is read is not a value.
pub fn calls(data: &[u8]) {
    let mut handles = Handles::new();
    for call in data.chunks_exact(3).take(64) {
        handles.call(call[0], call[1], call[2]);
    }
}

/// Sequences of calls as programs make them.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    // The rest of a size when divided by three is the schema.
    let value = [
        [1, 0, 2],
        [12, 0, 0],
        [3, 4, 1],
        [13, 4, 0],
        [6, 1, 1],
        [7, 0, 0],
        [15, 4, 0],
        [14, 4, 0],
        [5, 4, 0],
        [8, 0, 0x77],
        [17, 0, 0],
        [9, 0, 0],
    ];
    let slice = [[1, 1, 2], [12, 0, 0], [4, 4, 1], [16, 22, 0], [13, 69, 0], [10, 0, 0], [2, 1, 2], [9, 0, 0]];
    let map = [
        [19, 5, 2],
        [28, 5, 0],
        [20, 3, 1],
        [23, 0, 0],
        [20, 3, 2],
        [21, 2, 1],
        [24, 0, 0],
        [29, 3, 2],
        [30, 0, 0],
        [31, 3, 0],
        [22, 3, 2],
        [26, 0, 0x77],
        [27, 0, 0],
    ];
    vec![value.concat(), slice.concat(), map.concat()]
}
