/* Values that are read and written without a call of the library: `direct PATH`. The accesses of the header are replaced: each is noted, and
 * before each of a write, a reader reads. Exits with 1 at the first wrong result, and leaves the region with the last value. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __cplusplus
#include <seqcopy.hpp>
#else
#include <seqcopy.h>
#endif

#define SEQCOPY_PORTABLE
static void access_is(char what, const volatile void *place, int order);
#define __atomic_load_n(place, order) (access_is('l', place, order), *(place))
#define __atomic_store_n(place, value, order) (access_is('s', place, order), (void)(*(place) = (value)))
#define __atomic_thread_fence(order) access_is('f', NULL, order)

#include "block.h"
#include "offer.h"
#include "tick.h"

static void fail(const char *what)
{
    printf("%s: %d: %s\n", what, (int)seqcopy_last_status(), seqcopy_message());
    exit(1);
}

static void check(int holds, const char *what)
{
    if (!holds)
        fail(what);
}

/* The bytes after a text keep their values. */
#define SET_TEXT(text, n) ((text).len = (uint32_t)((n) % 4), memcpy((text).bytes, "abc", (size_t)((n) % 4)))
/* A text is read with zeros after it. */
static const char ZEROS[25] = {0};
#define IS_TEXT(text, n) ((text).len == (n) % 4 && memcmp((text).bytes, "abc", (size_t)((n) % 4)) == 0 \
    && memcmp((text).bytes + (n) % 4, ZEROS, sizeof (text).bytes - (n) % 4) == 0)

/* Padding is anything, and so are the bytes after each text, unless they are zeros. */
static void set(tick *value, uint64_t n, int zeros)
{
    memset(value, 0xee, sizeof *value);
    if (zeros) {
        memset(value->names, 0, sizeof value->names);
        memset(&value->name, 0, sizeof value->name);
    }
    value->open = n % 2 == 1;
    value->at = n;
    value->side = n % 2 == 1 ? TICK_SIDE_TAG_SELL : TICK_SIDE_TAG_BUY;
    for (int i = 0; i < 9; i++)
        value->words[i] = n;
    for (int i = 0; i < 75; i++)
        value->bytes[i] = (uint8_t)n;
    SET_TEXT(value->names[0], n);
    SET_TEXT(value->names[1], n);
    SET_TEXT(value->name, n);
}

static int is_number(const tick *value, uint64_t n)
{
    int whole = value->open == (n % 2 == 1) && value->at == n
        && value->side == (n % 2 == 1 ? TICK_SIDE_TAG_SELL : TICK_SIDE_TAG_BUY);
    for (int i = 0; i < 9; i++)
        whole = whole && value->words[i] == n;
    for (int i = 0; i < 75; i++)
        whole = whole && value->bytes[i] == (uint8_t)n;
    return whole && IS_TEXT(value->names[0], n) && IS_TEXT(value->names[1], n) && IS_TEXT(value->name, n);
}

/* The accesses of the region, and fences: what they are, in lower case if they are relaxed. */
static char seen[200];
static size_t count;
static const unsigned char *base;
static size_t first_changed, last_changed;
static int is_inside;
/* Reads before each access, and must find this number. */
static tick_reader *beside;
static uint64_t published;

static void access_is(char what, const volatile void *place, int order)
{
    const unsigned char *byte = (const unsigned char *)(uintptr_t)place;
    if (is_inside || base == NULL)
        return;
    if (place != NULL && (byte < base || byte >= base + TICK_BUFFER_OFFSET + 2 * TICK_BUFFER_STRIDE))
        return;
    if (what == 's' && byte >= base + TICK_BUFFER_OFFSET) {
        size_t offset = (size_t)(byte - base);
        first_changed = offset < first_changed ? offset : first_changed;
        last_changed = offset > last_changed ? offset : last_changed;
    }
    if (what != 'f')
        what = (char)(what + (byte == base + TICK_WORD_OFFSET));
    /* l m: a load of the value, of the word; s t: a store. */
    seen[count++] = order == __ATOMIC_RELAXED ? what : (char)(what - 'a' + 'A' + (order == __ATOMIC_ACQUIRE ? 1 : 0));
    if (beside != NULL) {
        tick value;
        is_inside = 1;
        check(tick_reader_read(beside, &value, NULL) == SEQCOPY_OK && is_number(&value, published), "a read during a write");
        is_inside = 0;
    }
}

/* The same accesses one after the other, as one. */
static const char *accesses(void)
{
    size_t kept = 0;
    seen[count] = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || seen[i] != seen[kept - 1])
            seen[kept++] = seen[i];
    seen[kept] = 0;
    count = 0;
    return seen;
}

static const unsigned char *base_of(const void *handle)
{
    return (const unsigned char *)((const seqcopy_direct *)handle)->word - TICK_WORD_OFFSET;
}

static void number(tick_writer *writer, uint64_t n)
{
    tick value;
    set(&value, n, 1);
    check(tick_writer_write(writer, &value) == SEQCOPY_OK, "write");
}

static void holds(const tick_reader *reader, uint64_t n, uint64_t expected)
{
    tick value;
    uint64_t version = 0;
    check(tick_reader_read(reader, &value, &version) == SEQCOPY_OK, "read");
    check(is_number(&value, n) && version == expected, "the number that is read");
}

/* A large value is moved by the library at once, between the same accesses of the word. */
static void blocks(const char *path)
{
    block_writer *writer;
    block_reader *reader;
    block value, found;
    uint64_t version;
    check(block_writer_create(path, &writer) == SEQCOPY_OK && block_reader_open(path, &reader) == SEQCOPY_OK, "open");
    for (uint64_t n = 1; n < 6; n++) {
        for (size_t i = 0; i < 100; i++)
            value.words[i] = (n + i) * UINT64_C(0x0101010101010101);
        base = base_of(writer);
        check(block_writer_write(writer, &value) == SEQCOPY_OK, "write");
        base = NULL;
        check(strcmp(accesses(), "mFT") == 0, seen);
        memset(&found, 0, sizeof found);
        base = base_of(reader);
        check(block_reader_read(reader, &found, &version) == SEQCOPY_OK, "read");
        base = NULL;
        check(strcmp(accesses(), "mGm") == 0, seen);
        check(version == n && memcmp(&value, &found, sizeof value) == 0, "the block that is read");
    }
    check(block_reader_free(&reader) == SEQCOPY_OK && block_writer_close(&writer) == SEQCOPY_OK, "close");
}

/* Of an enum with fields, the fields of the value's variant are stored and no others. */
static void offers(const char *path)
{
    offer_writer *writer;
    offer_reader *reader;
    offer value, found;
    check(offer_writer_create(path, &writer) == SEQCOPY_OK && offer_reader_open(path, &reader) == SEQCOPY_OK, "open");
    for (uint64_t n = 0; n < 6; n++) {
        memset(&value, 0xee, sizeof value);
        value.at = n;
        value.limit.tag = n % 3 == 0 ? OFFER_SEQ_OPTION_U64_TAG_SOME : OFFER_SEQ_OPTION_U64_TAG_NONE;
        if (n % 3 == 0)
            value.limit.payload.Some._0 = n;
        value.levels.len = (uint32_t)(n % 5);
        for (uint16_t i = 0; i < 4; i++)
            value.levels.elements[i] = (uint16_t)(n + i);
        base = base_of(writer);
        check(offer_writer_write(writer, &value) == SEQCOPY_OK, "write");
        base = NULL;
        check(strcmp(accesses(), "mFsT") == 0, seen);
        memset(&found, 0xee, sizeof found);
        check(offer_reader_read(reader, &found, NULL) == SEQCOPY_OK, "read");
        check(found.at == n && found.limit.tag == value.limit.tag && found.limit.payload.Some._0 == (n % 3 == 0 ? n : 0), "the limit");
        check(memcmp(&found.levels, &value.levels, sizeof found.levels) == 0, "the levels");
    }
    value.levels.len = 5;
    check(offer_writer_write(writer, &value) == SEQCOPY_INVALID && strstr(seqcopy_message(), "levels") != NULL, "too long a list");
    value.levels.len = 0;
    value.limit.tag = 7;
    check(offer_writer_write(writer, &value) == SEQCOPY_INVALID && strstr(seqcopy_message(), "limit") != NULL, "no variant");
    for (const unsigned char *at = base_of(writer), *end = at + OFFER_BUFFER_OFFSET + 2 * OFFER_BUFFER_STRIDE; at < end; at++)
        check(*at != 0xee, "a byte of no field");
    check(offer_reader_free(&reader) == SEQCOPY_OK && offer_writer_close(&writer) == SEQCOPY_OK, "close");
}

int main(int argc, char **argv)
{
    tick_writer *writer;
    tick_reader *reader;
    tick value;
    seqcopy_options options;
    seqcopy_direct *direct;
    bool restored, reopened;
    pid_t child;
    int ended;
    if (argc < 2)
        return 2;
    check(tick_writer_create(argv[1], &writer) == SEQCOPY_OK, "create");
    check(tick_reader_open(argv[1], &reader) == SEQCOPY_OK, "open");
    check(tick_reader_read(reader, &value, NULL) == SEQCOPY_EMPTY, "a read before the first write");
    number(writer, 1);

    /* A write: which accesses there are, in which order, and that each of them leaves readers the value before it. */
    for (published = 1; published < 5; published++) {
        base = base_of(writer);
        beside = reader;
        first_changed = SIZE_MAX;
        last_changed = 0;
        number(writer, published + 1);
        beside = NULL;
        base = NULL;
        check(strcmp(accesses(), "mFsT") == 0, seen);
        size_t buffer = TICK_BUFFER_OFFSET + (published + 1) % 2 * TICK_BUFFER_STRIDE;
        check(first_changed == buffer && last_changed < buffer + sizeof value, "the buffer that is written");
        holds(reader, published + 1, published + 1);
    }
    base = base_of(reader);
    holds(reader, 5, 5);
    base = NULL;
    check(strcmp(accesses(), "mGlGm") == 0, seen);

    /* The library writes a value if a text is followed by a byte that is not zero, wherever it is. */
    for (size_t at = 6 % 4; at < sizeof value.name.bytes; at++) {
        set(&value, 6, 1);
        value.name.bytes[at] = 0xee;
        base = base_of(writer);
        check(tick_writer_write(writer, &value) == SEQCOPY_OK && strcmp(accesses(), "") == 0, "a text that ends in another byte");
        base = NULL;
        holds(reader, 6, published + 1 + at - 6 % 4);
    }
    set(&value, 6, 0);
    check(tick_writer_write(writer, &value) == SEQCOPY_OK, "write");
    holds(reader, 6, published + 1 + sizeof value.name.bytes - 6 % 4);
    published = published + 1 + sizeof value.name.bytes - 6 % 4;

    /* A text that is not UTF-8, or has an invalid length. */
    set(&value, 7, 1);
    value.names[1].bytes[2] = 0x80;
    check(tick_writer_write(writer, &value) == SEQCOPY_INVALID && strstr(seqcopy_message(), "names") != NULL, "no UTF-8");
    value.names[1].len = 4;
    check(tick_writer_write(writer, &value) == SEQCOPY_INVALID && strstr(seqcopy_message(), "names") != NULL, "a length");
    holds(reader, 6, published);

    /* What is not a value is not written, null is refused, and so is a handle that is in use. */
    set(&value, 6, 1);
    value.side = (tick_Side)2;
    check(tick_writer_write(writer, &value) == SEQCOPY_INVALID && strstr(seqcopy_message(), "side") != NULL, "an invalid value");
    check(tick_writer_write(writer, NULL) == SEQCOPY_ARGUMENT, "no value");
    check(tick_writer_write(NULL, &value) == SEQCOPY_ARGUMENT, "no writer");
    check(tick_reader_read(reader, NULL, NULL) == SEQCOPY_ARGUMENT, "no place");
    check(tick_reader_read(NULL, &value, NULL) == SEQCOPY_ARGUMENT, "no reader");
    direct = (seqcopy_direct *)(void *)writer;
    direct->in_use = 1;
    value.side = TICK_SIDE_TAG_BUY;
    check(tick_writer_write(writer, &value) == SEQCOPY_IN_USE, "a handle in use");
    direct->in_use = 0;
    holds(reader, 6, published);

    /* A forked child reads, and does not write. */
    child = fork();
    if (child == 0) {
        holds(reader, 6, published);
        _exit(tick_writer_write(writer, &value) == SEQCOPY_FORKED ? 0 : 1);
    }
    check(waitpid(child, &ended, 0) == child && ended == 0, "a forked child");
    holds(reader, 6, published);

    /* The region is another one when it was put back; a reader of the old one learns that, and opens the new one. */
    check(unlink(argv[1]) == 0, "unlink");
    check(seqcopy_writer_restore_if_removed(tick_writer_handle(writer), &restored) == SEQCOPY_OK && restored, "restore");
    number(writer, 7);
    check(tick_reader_read(reader, &value, NULL) == SEQCOPY_CLOSED, "the old region");
    check(tick_reader_reopen_if_removed(reader, &reopened) == SEQCOPY_OK && reopened, "reopen");
    holds(reader, 7, published + 1);
    check(tick_writer_close(&writer) == SEQCOPY_OK, "close");
    check(tick_reader_read(reader, &value, NULL) == SEQCOPY_CLOSED, "a closed region");
    check(tick_reader_free(&reader) == SEQCOPY_OK, "free");

    /* A single buffer: the word is odd while it is written. */
    check(seqcopy_options_init(&options, sizeof options) == SEQCOPY_OK, "options");
    options.buffers = 1;
    check(tick_writer_open(seqcopy_writer_create, argv[1], &options, &writer) == SEQCOPY_OK, "a single buffer");
    check(tick_reader_open(argv[1], &reader) == SEQCOPY_OK, "open");
    number(writer, 7);
    base = base_of(writer);
    first_changed = SIZE_MAX;
    last_changed = 0;
    number(writer, 8);
    base = NULL;
    check(strcmp(accesses(), "mtFsT") == 0, seen);
    check(first_changed == TICK_BUFFER_OFFSET && last_changed < TICK_BUFFER_OFFSET + sizeof value, "the single buffer");
    holds(reader, 8, 2);
    /* A writer died during its third write. */
    direct = (seqcopy_direct *)(void *)writer;
    *direct->word |= 1;
    check(tick_reader_read(reader, &value, NULL) == SEQCOPY_BUSY, "a value that is being written");
    number(writer, 9);
    holds(reader, 9, 3);
    /* After the last count comes the first one. */
    *direct->word = UINT64_MAX - 3;
    number(writer, 10);
    check(*direct->word == UINT64_MAX - 1, "the last count");
    number(writer, 11);
    holds(reader, 11, 1);
    check(tick_reader_free(&reader) == SEQCOPY_OK && tick_writer_close(&writer) == SEQCOPY_OK, "close");

    /* Padding that is not copied is zeros. */
    check(tick_writer_create(argv[1], &writer) == SEQCOPY_OK && tick_reader_open(argv[1], &reader) == SEQCOPY_OK, "create");
    number(writer, 3);
    memset(&value, 0xff, sizeof value);
    check(tick_reader_read(reader, &value, NULL) == SEQCOPY_OK && is_number(&value, 3), "read");
    for (size_t i = 1; i < 8; i++)
        check(((const unsigned char *)&value)[i] == 0, "padding");
    check(tick_reader_free(&reader) == SEQCOPY_OK && tick_writer_close(&writer) == SEQCOPY_OK, "close");

    blocks(argv[1]);
    offers(argv[1]);

    /* What Rust finds. */
    options.buffers = 4;
    check(tick_writer_open(seqcopy_writer_create, argv[1], &options, &writer) == SEQCOPY_OK, "four buffers");
    for (uint64_t n = 1; n < 11; n++) {
        set(&value, n, n % 3 == 0);
        check(tick_writer_write(writer, &value) == SEQCOPY_OK, "write");
    }
    check(tick_writer_free(&writer) == SEQCOPY_OK, "free");
    return 0;
}
