/* Lines of a script (tests/harness/src/script.rs), answered by the C library: `script value|slice|map PATH BUFFERS SCHEMA`. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <seqcopy.h>

enum { MOST = 4096, SMALL = 7, LARGE = 14 };

static const char *path;
static char kind;
static unsigned char schema[MOST];
static size_t schema_len;
static seqcopy_options options;
static seqcopy_writer *writer;
static seqcopy_reader *reader;
static seqcopy_map_writer *map_writer;
static seqcopy_map_reader *map_reader;
static uint64_t seen;

static size_t size(void) { return kind == 'v' ? 8 : 4; }
static size_t data(void) { return kind == 'v' ? 5 : 3; }

static size_t unhex(const char *text, unsigned char *bytes)
{
    size_t count = 0;
    for (; text != NULL && text[0] != '\0' && text[1] != '\0'; text += 2) {
        char digits[3] = {text[0], text[1], '\0'};
        bytes[count++] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return count;
}

/* The data bytes of values that lie one after the other. */
static void print_data(const unsigned char *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < data(); j++)
            printf("%02x", values[i * size() + j]);
}

static const char *name_of(seqcopy_status status)
{
    switch (status) {
    case SEQCOPY_OK: return "ok";
    case SEQCOPY_INVALID:
    case SEQCOPY_TOO_LONG: return "invalid";
    case SEQCOPY_FULL: return "full";
    case SEQCOPY_EMPTY: return "empty";
    case SEQCOPY_CLOSED: return "closed";
    case SEQCOPY_ABSENT: return "absent";
    case SEQCOPY_HAS_WRITER: return "already";
    case SEQCOPY_EXISTS: return "exists";
    case SEQCOPY_NOT_FOUND: return "missing";
    default: return seqcopy_message();
    }
}

static const char *yes(int is) { return is ? "yes" : "no"; }

static const char *open_writer(const char *verb)
{
    seqcopy_options with = options;
    with.replace_smaller = strcmp(verb, "grow") == 0;
    with.capacity = kind != 'm' ? 0 : with.replace_smaller ? LARGE : SMALL;
    /* By its schema, a slice of another capacity is of another type. */
    if (with.replace_smaller && kind == 's')
        return "skipped";
    seqcopy_writer *new_writer = NULL;
    seqcopy_map_writer *new_map = NULL;
    seqcopy_status status;
    if (kind == 'm') {
        status = strcmp(verb, "create") == 0 ? seqcopy_map_writer_create(path, schema, schema_len, &with, &new_map)
            : strcmp(verb, "take") == 0      ? seqcopy_map_writer_take_over(path, schema, schema_len, &with, &new_map)
                                             : seqcopy_map_writer_open_or_create(path, schema, schema_len, &with, &new_map);
        if (status == SEQCOPY_OK) {
            seqcopy_map_writer_free(&map_writer);
            map_writer = new_map;
        }
    } else {
        status = strcmp(verb, "create") == 0 ? seqcopy_writer_create(path, schema, schema_len, &with, &new_writer)
            : strcmp(verb, "take") == 0      ? seqcopy_writer_take_over(path, schema, schema_len, &with, &new_writer)
                                             : seqcopy_writer_open_or_create(path, schema, schema_len, &with, &new_writer);
        if (status == SEQCOPY_OK) {
            seqcopy_writer_free(&writer);
            writer = new_writer;
        }
    }
    return name_of(status);
}

static const char *read_line(const char *verb, const unsigned char *key)
{
    const seqcopy_region *region = kind == 'm' ? seqcopy_map_reader_region(map_reader) : seqcopy_reader_region(reader);
    unsigned char value[MOST];
    uint64_t version = 0;
    bool is = false;
    seqcopy_status status;
    if (region == NULL)
        return "none";
    memset(value, 0xee, sizeof value);
    if (strcmp(verb, "rdrop") == 0) {
        seqcopy_reader_free(&reader);
        seqcopy_map_reader_free(&map_reader);
        return "ok";
    }
    if (strcmp(verb, "rwait") == 0) {
        seqcopy_waited waited;
        status = seqcopy_region_wait(region, seen, 0, &waited);
        return status == SEQCOPY_OK ? yes(waited != SEQCOPY_WAITED_TIME_OUT) : name_of(status);
    }
    if (strcmp(verb, "rreopen") == 0) {
        status = kind == 'm' ? seqcopy_map_reader_reopen_if_removed(map_reader, &is)
                             : seqcopy_reader_reopen_if_removed(reader, &is);
        if (is)
            seen = 0;
        return status == SEQCOPY_OK ? yes(is) : name_of(status);
    }
    if (strcmp(verb, "rget") == 0) {
        status = seqcopy_map_reader_get(map_reader, key, 2, value, size(), &version);
        if (status != SEQCOPY_OK)
            return name_of(status);
        printf("%llu ", (unsigned long long)version);
        print_data(value, 1);
        return "";
    }
    /* There is no descriptor. */
    if (strcmp(verb, "rlisten") == 0 || strcmp(verb, "rtold") == 0)
        return "skipped";
    if (kind == 'm') {
        seqcopy_entries *entries;
        unsigned char all[256][4], there[256] = {0}, found[2];
        status = seqcopy_map_reader_entries(map_reader, &entries);
        if (status != SEQCOPY_OK)
            return name_of(status);
        seen = seqcopy_entries_generation(entries);
        while (seqcopy_entries_next(entries, found, 2, value, size(), NULL) == SEQCOPY_OK) {
            memcpy(all[found[0]], value, size());
            there[found[0]] = 1;
        }
        seqcopy_entries_free(&entries);
        printf("%llu", (unsigned long long)seen);
        for (int i = 0, first = 1; i < 256; i++) {
            if (!there[i])
                continue;
            printf(first ? " %02x00=" : "%02x00=", i);
            print_data(all[i], 1);
            printf(",");
            first = 0;
        }
        return "";
    }
    size_t count = 1;
    status = kind == 'v' ? seqcopy_reader_read(reader, value, size(), &version)
                         : seqcopy_reader_read_elements(reader, value, size(), seqcopy_reader_capacity(reader), &count, &version);
    if (status != SEQCOPY_OK)
        return name_of(status);
    if (value[size() * count] != 0xee)
        return "the bytes behind it are not what they were";
    seen = version;
    printf(count == 0 ? "%llu" : "%llu ", (unsigned long long)version);
    print_data(value, count);
    return "";
}

static const char *map_line(const char *verb, const unsigned char *key, const unsigned char *value)
{
    unsigned char found[8];
    bool is = false;
    seqcopy_status status;
    if (strcmp(verb, "set") == 0)
        return name_of(seqcopy_map_writer_insert(map_writer, key, 2, value, size()));
    if (strcmp(verb, "remove") == 0)
        return name_of(seqcopy_map_writer_remove(map_writer, key, 2));
    if (strcmp(verb, "begin") == 0)
        return yes(seqcopy_map_writer_begin(map_writer) == SEQCOPY_OK);
    if (strcmp(verb, "commit") == 0)
        return yes(seqcopy_map_writer_commit(map_writer) == SEQCOPY_OK);
    if (strcmp(verb, "discard") == 0) {
        is = seqcopy_map_writer_begin(map_writer) != SEQCOPY_OK;
        seqcopy_map_writer_discard(map_writer);
        return yes(is);
    }
    if (strcmp(verb, "get") == 0) {
        memset(found, 0xee, sizeof found);
        status = seqcopy_map_writer_get(map_writer, key, 2, found, size(), NULL);
        if (status != SEQCOPY_OK)
            return name_of(status);
        if (found[size()] != 0xee)
            return "the bytes behind it are not what they were";
        print_data(found, 1);
        return "";
    }
    if (strcmp(verb, "len") == 0) {
        printf("%zu", seqcopy_map_writer_len(map_writer));
        return "";
    }
    if (strcmp(verb, "version") == 0) {
        printf("%llu", (unsigned long long)seqcopy_map_writer_generation(map_writer));
        return "";
    }
    if (strcmp(verb, "restore") == 0) {
        status = seqcopy_map_writer_restore_if_removed(map_writer, &is);
        return status == SEQCOPY_OK ? yes(is) : name_of(status);
    }
    if (strcmp(verb, "drop") == 0)
        return name_of(seqcopy_map_writer_free(&map_writer));
    if (strcmp(verb, "close") == 0)
        return name_of(seqcopy_map_writer_close(&map_writer));
    return "skipped";
}

static const char *line_of(const char *verb, const char *first, const char *second)
{
    unsigned char one[MOST], two[MOST];
    size_t len = unhex(first, one);
    bool is = false;
    seqcopy_status status;
    unhex(second, two);
    if (strcmp(verb, "create") == 0 || strcmp(verb, "open") == 0 || strcmp(verb, "take") == 0 || strcmp(verb, "grow") == 0)
        return open_writer(verb);
    if (strcmp(verb, "unlink") == 0)
        return unlink(path) == 0 ? "ok" : "missing";
    if (strcmp(verb, "ropen") == 0) {
        seqcopy_reader *new_reader = NULL;
        seqcopy_map_reader *new_map = NULL;
        status = kind == 'm' ? seqcopy_map_reader_open(path, schema, schema_len, NULL, &new_map)
                             : seqcopy_reader_open(path, schema, schema_len, NULL, &new_reader);
        if (status == SEQCOPY_OK) {
            seqcopy_reader_free(&reader);
            seqcopy_map_reader_free(&map_reader);
            reader = new_reader;
            map_reader = new_map;
            seen = 0;
        }
        return name_of(status);
    }
    if (verb[0] == 'r' && strcmp(verb, "remove") != 0 && strcmp(verb, "restore") != 0)
        return read_line(verb, one);
    if (writer == NULL && map_writer == NULL)
        return "none";
    if (kind == 'm')
        return map_line(verb, one, two);
    if (strcmp(verb, "write") == 0)
        return name_of(kind == 'v' ? seqcopy_writer_write(writer, one, len)
                                   : seqcopy_writer_write_elements(writer, one, size(), len / size()));
    if (strcmp(verb, "edit") == 0) {
        void *value;
        status = seqcopy_writer_begin(writer, &value);
        if (status != SEQCOPY_OK)
            return name_of(status);
        print_data(value, 1);
        printf(" ");
        memcpy(value, one, len);
        return name_of(seqcopy_writer_end(writer));
    }
    if (strcmp(verb, "version") == 0) {
        printf("%llu", (unsigned long long)seqcopy_writer_version(writer));
        return "";
    }
    if (strcmp(verb, "restore") == 0) {
        status = seqcopy_writer_restore_if_removed(writer, &is);
        return status == SEQCOPY_OK ? yes(is) : name_of(status);
    }
    if (strcmp(verb, "drop") == 0)
        return name_of(seqcopy_writer_free(&writer));
    if (strcmp(verb, "close") == 0)
        return name_of(seqcopy_writer_close(&writer));
    return "skipped";
}

int main(int count, char **words)
{
    static char line[MOST];
    if (count != 5)
        return 2;
    kind = words[1][0];
    path = words[2];
    if (seqcopy_options_init(&options, sizeof options) != SEQCOPY_OK)
        return 2;
    options.buffers = (uint32_t)atoi(words[3]);
    schema_len = unhex(words[4], schema);
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *verb = strtok(line, " \n"), *first = strtok(NULL, " \n"), *second = strtok(NULL, " \n");
        if (verb == NULL)
            continue;
        printf("%s\n", line_of(verb, first, second));
        if (writer != NULL)
            seqcopy_writer_wake(writer);
        if (map_writer != NULL)
            seqcopy_map_writer_wake(map_writer);
        fflush(stdout);
    }
    seqcopy_writer_free(&writer);
    seqcopy_map_writer_free(&map_writer);
    seqcopy_reader_free(&reader);
    seqcopy_map_reader_free(&map_reader);
    return 0;
}
