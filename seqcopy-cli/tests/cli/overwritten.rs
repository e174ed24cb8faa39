//! What C readers say of a region of which another program has overwritten the header or the schema, before they open it or while they read.

use std::fs;
use std::os::unix::fs::FileExt;

use seqcopy_shm::MapWriter;

use super::compiler::{C, Running, header, workshop};
use super::*;

const PROGRAM: &str = r#"
#include <stdio.h>
#include "number.h"
#include "numbers.h"

int main(int argc, char **argv)
{
    number_region region;
    numbers_region map;
    number value;
    numbers entry;
    numbers_iterator all;
    int status[4] = { -1, -1, -1, -1 };
    if (argc != 3)
        return 2;
    status[0] = number_open(&region, argv[1]);
    status[1] = numbers_open(&map, argv[2]);
    printf("%d %d\n", status[0], status[1]);
    fflush(stdout);
    while (getchar() == '\n') {
        memset(&entry, 0, sizeof entry);
        entry.key = 1;
        status[1] = numbers_get(&map, &entry);
        numbers_view(&map, &all);
        status[2] = numbers_next(&all, &entry);
        printf("%d %d %d\n", number_read(&region, &value), status[1], status[2]);
        fflush(stdout);
    }
    number_close(&region);
    numbers_close(&map);
    return 0;
}
"#;

#[test]
fn an_overwritten_header_or_schema_is_noticed() {
    if !C.is_there() {
        return;
    }
    let (value, map, workshop) = (Place::new(), Place::new(), workshop());
    let mut writer = Writer::<u64>::create(&value.0).unwrap();
    writer.write(7).unwrap();
    let mut entries = MapWriter::<u32, u64>::create(&map.0, 4).unwrap();
    entries.insert(1, 5).unwrap();
    header(&workshop, &value, "number");
    header(&workshop, &map, "numbers");
    let (source, exe) = (workshop.0.join("main.c"), workshop.0.join("main"));
    fs::write(&source, PROGRAM).unwrap();
    C.compile(&workshop.0, &source, Some(&exe));
    let start = || Running::start(&exe, &[value.path(), map.path()]);
    let mut running = start();
    assert_eq!(running.line(), "0 0");
    let says = |running: &mut Running| {
        running.tell("");
        running.line()
    };
    assert_eq!(says(&mut running), "0 0 0");
    // The fingerprint: noticed by the next read, and gone when it is put back.
    let files = [&value, &map].map(|place| fs::File::options().read(true).write(true).open(&place.0).unwrap());
    for file in &files {
        let mut there = [0; 1];
        file.read_exact_at(&mut there, 20).unwrap();
        file.write_all_at(&[there[0] ^ 0x10], 20).unwrap();
    }
    assert_eq!(says(&mut running), "9 9 9");
    for file in &files {
        let mut there = [0; 1];
        file.read_exact_at(&mut there, 20).unwrap();
        file.write_all_at(&[there[0] ^ 0x10], 20).unwrap();
    }
    assert_eq!(says(&mut running), "0 0 0");
    // The schema: noticed when it is opened.
    for (file, header) in files.iter().zip([writer.header(), entries.header()]) {
        let last = header.size() - 1;
        let mut there = [0; 1];
        file.read_exact_at(&mut there, last).unwrap();
        file.write_all_at(&[there[0] ^ 1], last).unwrap();
    }
    assert_eq!(start().line(), "9 9");
    entries.close().unwrap();
    writer.close().unwrap();
}
