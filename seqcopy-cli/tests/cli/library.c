/* A writer and a reader of a value, a slice and a map, by the C library: `library write|read|live value|slice|map PATH LAST`. A writer goes on from
 * the last number that it finds, to LAST, or until it is killed if that is 0. A reader reads until it finds LAST, and prints what it saw. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <seqcopy.h>

#include "beat.h"
#include "beats.h"
#include "beat_map.h"

enum { CAPACITY = 50, KEYS = 8 };

static void fail(const char *what)
{
    fprintf(stderr, "%s: %d: %s\n", what, (int)seqcopy_last_status(), seqcopy_message());
    exit(1);
}

static void check(seqcopy_status status, const char *what)
{
    if (status != SEQCOPY_OK)
        fail(what);
}

/* Bytes without a meaning are anything. */
static void set_beat(beat *value, uint64_t n)
{
    memset(value, 0xee, sizeof *value);
    value->odd = n % 2 == 1;
    value->n = n;
    for (int i = 0; i < 12; i++)
        value->words[i] = n;
    value->name.len = 4;
    memcpy(value->name.bytes, "beat", 4);
    value->side.tag = n % 2 == 0 ? BEAT_SEQ_OPTION_U32_TAG_NONE : BEAT_SEQ_OPTION_U32_TAG_SOME;
    if (n % 2 == 1)
        value->side.payload.Some._0 = (uint32_t)n;
}

static int is_whole(const beat *value)
{
    int whole = value->odd == (value->n % 2 == 1) && value->name.len == 4 && memcmp(value->name.bytes, "beat", 4) == 0
        && value->side.tag == value->n % 2 && (value->n % 2 == 0 || value->side.payload.Some._0 == (uint32_t)value->n);
    for (int i = 0; i < 12; i++)
        whole = whole && value->words[i] == value->n;
    return whole;
}

static void written(uint64_t n)
{
    if (n > 0)
        return;
    puts("ready");
    fflush(stdout);
}

static void write_values(const char *path, uint64_t last)
{
    beat_writer *writer;
    beat value;
    uint64_t n, first;
    check(beat_writer_open_or_create(path, &writer), "open");
    first = beat_writer_read(writer, &value) == SEQCOPY_OK ? value.n + 1 : 1;
    for (n = first; last == 0 || n <= last; n++) {
        if (n % 3 == 0) {
            beat *inside = beat_writer_begin(writer);
            if (inside == NULL)
                fail("begin");
            set_beat(inside, n);
            check(beat_writer_end(writer), "end");
        } else {
            set_beat(&value, n);
            check(beat_writer_write(writer, &value), "write");
        }
        written(n - first);
        if (n % 16 == 0 || n == last)
            check(beat_writer_wake(writer), "wake");
    }
    check(beat_writer_free(&writer), "free");
}

static void write_slices(const char *path, uint64_t last)
{
    beats_writer *writer;
    seqcopy_options options;
    uint64_t n, first = 1;
    beats all;
    uint64_t elements[CAPACITY];
    check(seqcopy_options_init(&options, sizeof options), "options");
    options.capacity = CAPACITY;
    check(beats_writer_open(seqcopy_writer_open_or_create, path, &options, &writer), "open");
    if (beats_writer_read(writer, &all) == SEQCOPY_OK && all.len > 0)
        first = all.elements[0] + 1;
    for (n = first; last == 0 || n <= last; n++) {
        size_t count = 1 + (size_t)(n % CAPACITY);
        for (size_t i = 0; i < count; i++)
            elements[i] = n;
        check(beats_writer_write_elements(writer, elements, count), "write");
        written(n - first);
        if (n % 16 == 0 || n == last)
            check(beats_writer_wake(writer), "wake");
    }
    check(beats_writer_free(&writer), "free");
}

static void write_maps(const char *path, uint64_t last)
{
    beat_map_writer *writer;
    beat_map entry;
    seqcopy_entry *handles[KEYS];
    uint64_t n, first = 1;
    memset(&entry, 0, sizeof entry);
    check(beat_map_writer_open_or_create(path, 2 * KEYS, &writer), "open");
    for (entry.key = 0; entry.key < KEYS; entry.key++)
        check(beat_map_writer_entry(writer, &entry, &handles[entry.key]), "entry");
    entry.key = 0;
    if (beat_map_writer_get(writer, &entry) == SEQCOPY_OK)
        first = entry.value.n + 1;
    for (n = first; last == 0 || n <= last; n++) {
        check(beat_map_writer_begin(writer), "begin");
        for (uint32_t key = 0; key < KEYS; key++) {
            entry.key = key;
            memset(&entry.value, 0xee, sizeof entry.value);
            entry.value.odd = n % 2 == 1;
            entry.value.n = n;
            /* By turns, so that both find what the other has set. */
            if (n % 2 == 0)
                check(beat_map_writer_insert(writer, &entry), "insert");
            else
                check(beat_map_writer_insert_entry(writer, handles[key], &entry), "insert_entry");
        }
        check(beat_map_writer_commit(writer), "commit");
        written(n - first);
        if (n % 16 == 0 || n == last)
            check(beat_map_writer_wake(writer), "wake");
    }
    for (uint32_t key = 0; key < KEYS; key++)
        check(seqcopy_entry_free(&handles[key]), "free");
    check(beat_map_writer_free(&writer), "free");
}

/* What readers saw. */
static uint64_t reads, torn, invalid, back, newest;

static void saw(uint64_t n, int whole)
{
    reads++;
    torn += !whole;
    back += n < newest;
    newest = n;
}

static void missed(seqcopy_status status, const char *what)
{
    if (status == SEQCOPY_INVALID)
        invalid++;
    else if (status != SEQCOPY_EMPTY && status != SEQCOPY_TORN && status != SEQCOPY_BUSY)
        fail(what);
}

static void read_values(const char *path, uint64_t last)
{
    beat_reader *reader;
    beat value;
    uint64_t version = 0, again;
    bool changed;
    seqcopy_waited waited;
    check(beat_reader_open(path, &reader), "open");
    while (newest < last) {
        seqcopy_status status = beat_reader_read(reader, &value, &version);
        if (status != SEQCOPY_OK) {
            missed(status, "read");
            continue;
        }
        saw(value.n, is_whole(&value));
        again = version;
        check(seqcopy_reader_read_if_changed(beat_reader_handle(reader), &value, sizeof value, &again, &changed), "read");
        if (changed != (again != version))
            fail("changed");
        if (reads % 64 == 0)
            check(beat_reader_wait(reader, version, 1000000, &waited), "wait");
    }
    check(beat_reader_free(&reader), "free");
}

static void read_slices(const char *path, uint64_t last)
{
    beats_reader *reader;
    uint64_t elements[CAPACITY];
    size_t count;
    check(beats_reader_open(path, &reader), "open");
    while (newest < last) {
        seqcopy_status status = beats_reader_read_elements(reader, elements, CAPACITY, &count, NULL);
        if (status != SEQCOPY_OK) {
            missed(status, "read");
            continue;
        }
        int whole = count == 1 + (size_t)(elements[0] % CAPACITY);
        for (size_t i = 0; i < count; i++)
            whole = whole && elements[i] == elements[0];
        saw(elements[0], whole);
    }
    check(beats_reader_free(&reader), "free");
}

static void read_maps(const char *path, uint64_t last)
{
    beat_map_reader *reader;
    beat_map entry;
    memset(&entry, 0, sizeof entry);
    seqcopy_entry *handle;
    check(beat_map_reader_open(path, &reader), "open");
    entry.key = 3;
    check(beat_map_reader_entry(reader, &entry, &handle), "entry");
    while (newest < last) {
        seqcopy_entries *all;
        uint64_t n = 0;
        int whole = 1;
        seqcopy_status status = beat_map_reader_entries(reader, &all);
        if (status != SEQCOPY_OK) {
            missed(status, "entries");
            continue;
        }
        while ((status = beat_map_entries_next(all, &entry)) == SEQCOPY_OK) {
            whole = whole && (n == 0 || n == entry.value.n) && entry.value.odd == (entry.value.n % 2 == 1) && entry.key < KEYS;
            n = entry.value.n;
        }
        if (status != SEQCOPY_END || (seqcopy_entries_len(all) != KEYS && seqcopy_entries_len(all) != 0))
            fail("next");
        check(seqcopy_entries_free(&all), "free");
        saw(n, whole);
        entry.key = 3;
        status = reads % 2 == 0 ? beat_map_reader_get(reader, &entry) : beat_map_reader_read_entry(reader, handle, &entry);
        if (status == SEQCOPY_OK)
            saw(entry.value.n, entry.value.odd == (entry.value.n % 2 == 1));
        else if (status != SEQCOPY_ABSENT)
            missed(status, "get");
    }
    check(seqcopy_entry_free(&handle), "free");
    check(beat_map_reader_free(&reader), "free");
}

/* From the first handle of a region to its end. */
static void live(const char *path)
{
    beat_writer *writer, *second;
    beat_reader *reader;
    beat value;
    bool answer = true;
    check(beat_writer_create(path, &writer), "create");
    if (beat_writer_create(path, &second) != SEQCOPY_EXISTS || second != NULL)
        fail("a second");
    set_beat(&value, 1);
    check(beat_writer_write(writer, &value), "write");
    check(beat_reader_open(path, &reader), "open");
    check(beat_writer_free(&writer), "free");
    check(beat_writer_take_over(path, &writer), "take over");
    if (beat_writer_read(writer, &value) != SEQCOPY_OK || value.n != 1)
        fail("read");
    check(beat_writer_close(&writer), "close");
    if (writer != NULL || beat_reader_read(reader, &value, NULL) != SEQCOPY_CLOSED || !seqcopy_region_is_closed(beat_reader_region(reader)))
        fail("closed");
    check(beat_reader_reopen_if_removed(reader, &answer), "reopen");
    if (answer)
        fail("there is no other");
    check(beat_writer_open_or_create(path, &writer), "again");
    check(beat_reader_reopen_if_removed(reader, &answer), "reopen");
    if (!answer || beat_reader_read(reader, &value, NULL) != SEQCOPY_EMPTY)
        fail("another");
    check(beat_writer_close(&writer), "close");
    check(beat_reader_free(&reader), "free");
}

static void live_map(const char *path)
{
    beat_map_writer *writer;
    beat_map_reader *reader;
    beat_map entry;
    bool answer = false;
    seqcopy_waited waited = SEQCOPY_WAITED_TIME_OUT;
    memset(&entry, 0, sizeof entry);
    entry.key = 7;
    check(beat_map_writer_open_or_create(path, 5, &writer), "open");
    check(beat_map_writer_insert(writer, &entry), "insert");
    check(beat_map_reader_open(path, &reader), "open");
    check(beat_map_reader_get(reader, &entry), "get");
    check(beat_map_reader_wait(reader, entry.stamp - 1, 0, &waited), "wait");
    check(beat_map_writer_remove(writer, &entry), "remove");
    if (waited != SEQCOPY_WAITED_NEWER || beat_map_reader_get(reader, &entry) != SEQCOPY_ABSENT || seqcopy_region_version(beat_map_reader_region(reader)) != 3)
        fail("removed");
    check(beat_map_writer_close(&writer), "close");
    if (writer != NULL || beat_map_reader_get(reader, &entry) != SEQCOPY_CLOSED)
        fail("closed");
    check(beat_map_writer_open_or_create(path, 5, &writer), "again");
    check(beat_map_reader_reopen_if_removed(reader, &answer), "reopen");
    if (!answer || beat_map_reader_get(reader, &entry) != SEQCOPY_ABSENT)
        fail("another");
    check(beat_map_writer_close(&writer), "close");
    check(beat_map_reader_free(&reader), "free");
}

int main(int count, char **words)
{
    uint64_t last;
    if (count != 5)
        return 2;
    last = strtoull(words[4], NULL, 10);
    if (strcmp(words[1], "live") == 0) {
        live(words[3]);
        live_map(words[3]);
        return 0;
    }
    if (strcmp(words[1], "write") == 0) {
        if (strcmp(words[2], "value") == 0)
            write_values(words[3], last);
        else if (strcmp(words[2], "slice") == 0)
            write_slices(words[3], last);
        else
            write_maps(words[3], last);
        return 0;
    }
    if (strcmp(words[2], "value") == 0)
        read_values(words[3], last);
    else if (strcmp(words[2], "slice") == 0)
        read_slices(words[3], last);
    else
        read_maps(words[3], last);
    printf("torn %llu invalid %llu back %llu, %llu reads\n", (unsigned long long)torn, (unsigned long long)invalid,
        (unsigned long long)back, (unsigned long long)reads);
    return 0;
}
