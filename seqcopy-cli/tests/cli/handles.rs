//! Handles of the C library where threads, and the dynamic linker, do what its header allows: the region of a reader
//! that is reopened, and a plugin that is unloaded.

use super::compiler::{C, program, workshop};
use super::*;
use seqcopy_shm::{Region, Schema};

/// By the address sanitizer: what was freed is not used. (That of threads needs a library that it was built into:
/// seqcopy-c's own tests.)
#[test]
fn threads_use_a_region_while_another_reopens_its_reader() {
    if !C.is_there() {
        return;
    }
    let workshop = workshop();
    let (of_value, of_map) = (workshop.0.join("u64.schema"), workshop.0.join("map.schema"));
    std::fs::write(&of_value, Schema::of::<u64>().as_bytes()).unwrap();
    let map = Place::new();
    let writer = seqcopy_shm::MapWriter::<u64, u64>::create(&map.0, 4).unwrap();
    std::fs::write(&of_map, Region::open_any(&map.0).unwrap().schema().as_bytes()).unwrap();
    writer.close().unwrap();
    let exe = workshop.0.join("reopened");
    C.compile(&workshop.0, &program("reopened.c"), Some(&exe));
    for (kind, schema) in [("value", &of_value), ("map", &of_map)] {
        let place = Place::new();
        let ran = Command::new(&exe).args([kind, place.path(), "300", schema.to_str().unwrap()]).output().unwrap();
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && errors.is_empty(), "{kind}: {:?}: {errors}", ran.status);
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "reopened 300\n", "{kind}");
    }
}

/// The handler of SIGBUS stays, so its code has to: of the shared library, and of one that has the static library
/// inside.
#[test]
#[cfg(target_env = "gnu")]
#[cfg_attr(seqcopy_portable, ignore = "a library with a sanitizer inside")]
fn a_library_that_handles_sigbus_is_not_unloaded() {
    if !C.is_there() {
        return;
    }
    let workshop = workshop();
    let exe = workshop.0.join("unloaded");
    C.compile_without_sanitizers(&[program("unloaded.c").as_os_str(), "-ldl".as_ref(), "-lpthread".as_ref()], &exe);
    let begins = workshop.0.join("begins.c");
    let source =
        "int seqcopy_survive_truncation(void); int plugin_begins(void) { return seqcopy_survive_truncation(); }";
    std::fs::write(&begins, source).unwrap();
    let library = std::env::current_exe().unwrap().with_file_name("libseqcopy_c.a");
    let shared = workshop.0.join("libseqcopy.so");
    let whole = ["-shared", "-Wl,--whole-archive", library.to_str().unwrap(), "-Wl,--no-whole-archive"];
    let links = ["-lpthread", "-ldl", "-lm"].map(std::ffi::OsStr::new);
    C.compile_without_sanitizers(&[&whole.map(std::ffi::OsStr::new)[..], &links].concat(), &shared);
    for library in [&library, &shared] {
        let plugin = workshop.0.join("plugin.so");
        let place = format!("-Wl,-rpath,{}", workshop.0.display());
        let flags = ["-shared", "-fPIC", &place].map(std::ffi::OsStr::new);
        let sources = [begins.as_os_str(), library.as_os_str()];
        C.compile_without_sanitizers(&[&flags[..], &sources, &links].concat(), &plugin);
        for namespace in [None, Some("of its own")] {
            let ran = Command::new(&exe).arg(&plugin).args(namespace).output().unwrap();
            let errors = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(3), "{library:?}, {namespace:?}: {:?}: {errors}", ran.status);
        }
    }
}
