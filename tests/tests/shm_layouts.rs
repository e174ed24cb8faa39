//! What is made of a schema is freed with the region or the map that it came from: a program that opens regions of
//! other users all day does not grow, whatever types they have. `SEQCOPY_LAYOUTS` sets how many types; 1,000 if unset.

#![cfg(all(any(unix, windows), target_pointer_width = "64", not(miri)))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use seqcopy::layout::fingerprint_of;
use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::{MapWriter, Region, Schema, Writer, untyped::FileMap};
use seqcopy_tests::faults::Place;

/// Counts the bytes that are allocated.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: this function's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: this function's contract.
        unsafe { System.dealloc(at, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// All kinds of parts that a layout refers to. Its name is replaced by others of the same length.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Name0000000 {
    numbers: [u32; 3],
    nested: [[u16; 2]; 2],
    mode: Mode,
    maybe: SeqOption<i64>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    Off,
    On,
}

const NAME: &[u8] = b"Name0000000";

fn value() -> Name0000000 {
    Name0000000 { numbers: [1, 2, 3], nested: [[4; 2]; 2], mode: Mode::On, maybe: SeqOption::None }
}

/// The schema with another name.
fn renamed(schema: &Schema, number: usize) -> Vec<u8> {
    let mut bytes = schema.as_bytes().to_vec();
    let at = bytes.windows(NAME.len()).position(|part| part == NAME).expect("its name");
    bytes[at..at + NAME.len()].copy_from_slice(format!("Name{number:07}").as_bytes());
    bytes
}

/// Gives a region another schema, in place.
fn retype(path: &Path, image: &[u8], schema: &[u8]) {
    let mut bytes = image.to_vec();
    bytes[16..24].copy_from_slice(&fingerprint_of(schema).to_le_bytes());
    let start = bytes.len() - schema.len();
    bytes[start..].copy_from_slice(schema);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn layouts_are_freed_with_their_regions_and_maps() {
    let types: usize = std::env::var("SEQCOPY_LAYOUTS").map_or(1000, |number| number.parse().expect("a number"));
    let place = Place::new();
    let (path, map_path) = (place.at("value"), place.at("map"));
    Writer::create(&path).unwrap().write(value()).unwrap();
    MapWriter::<u32, Name0000000>::create(&map_path, 10).unwrap().insert(7, value()).unwrap();
    let (image, map_image) = (std::fs::read(&path).unwrap(), std::fs::read(&map_path).unwrap());
    let schemas = (Schema::of::<Name0000000>(), FileMap::open(&map_path).unwrap().region().schema().clone());
    let open_all = |number: usize| {
        let name = format!("Name{number:07}");
        retype(&path, &image, &renamed(&schemas.0, number));
        let region = Region::open(&path).unwrap();
        assert_eq!(region.read_bytes().unwrap().0.len(), size_of::<Name0000000>());
        assert_eq!(region.schema().layout().name(), name);
        let file = Region::open_file(&path).unwrap();
        assert!(file.schema().layout().display(8).to_string().contains(&name));
        retype(&map_path, &map_image, &renamed(&schemas.1, number));
        let map = FileMap::open(&map_path).unwrap();
        assert_eq!((map.entries().unwrap().len(), map.value().name()), (1, &*name));
        // A copy of the schema keeps what the region's is given back with.
        let kept = region.schema().clone();
        drop(region);
        assert_eq!(kept.layout().fields()[3].name(), "maybe");
    };
    (0..10).for_each(open_all);
    let before = LIVE.load(Relaxed);
    (10..types).for_each(open_all);
    let grown = LIVE.load(Relaxed).saturating_sub(before);
    assert!(grown < 1 << 16, "{grown} bytes more after {types} types");
}
