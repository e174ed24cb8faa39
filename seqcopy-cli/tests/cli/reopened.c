/* Two threads use the region of a reader while a third one reopens it: `reopened value|map PATH ROUNDS SCHEMA`. Only what the header says of a
 * `seqcopy_region` is used. Prints how often it was reopened. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <seqcopy.h>

static const seqcopy_region *region;
static int stops, changed;

static void check(seqcopy_status status, const char *what)
{
    if (status == SEQCOPY_OK)
        return;
    fprintf(stderr, "%s: %d: %s\n", what, (int)status, seqcopy_message());
    exit(1);
}

static unsigned hash(const uint8_t *bytes, size_t len)
{
    unsigned all = 0;
    for (size_t i = 0; i < len; i++)
        all = all * 31 + bytes[i];
    return all;
}

static void *uses(void *first)
{
    const uint8_t *schema, *now;
    size_t len;
    unsigned expected;
    check(seqcopy_region_schema(region, &schema, &len), "schema");
    expected = hash(schema, len);
    while (!__atomic_load_n(&stops, __ATOMIC_ACQUIRE)) {
        seqcopy_waited waited;
        uint32_t owner, pid;
        int fd;
        uint64_t known = seqcopy_region_version(region);
        check(seqcopy_region_wait(region, known, 200000, &waited), "wait");
        check(seqcopy_region_owner(region, &owner), "owner");
        check(seqcopy_region_schema(region, &now, &len), "schema");
        if (now != schema || hash(schema, len) != expected)
            __atomic_store_n(&changed, 1, __ATOMIC_RELAXED);
        (void)seqcopy_region_is_closed(region);
        (void)seqcopy_region_is_removed(region);
        (void)seqcopy_region_writer_state(region, &pid);
        check(seqcopy_region_share(region, &fd), "share");
        close(fd);
    }
    return first;
}

int main(int argc, char **argv)
{
    bool is_map = argc > 1 && strcmp(argv[1], "map") == 0;
    const char *path = argv[2];
    static uint8_t schema[1 << 16];
    FILE *file = fopen(argv[4], "rb");
    size_t len = fread(schema, 1, sizeof schema, file);
    seqcopy_writer *writer = NULL;
    seqcopy_map_writer *map_writer = NULL;
    seqcopy_reader *reader = NULL;
    seqcopy_map_reader *map_reader = NULL;
    uint64_t known = 0, value[2] = {1, 2};
    pthread_t threads[2];
    int reopened = 0;
    fclose(file);
    if (is_map) {
        seqcopy_options options;
        check(seqcopy_options_init(&options, sizeof options), "options");
        options.capacity = 4;
        check(seqcopy_map_writer_create(path, schema, len, &options, &map_writer), "create");
        check(seqcopy_map_writer_insert(map_writer, &value[0], 8, &value[1], 8), "insert");
        check(seqcopy_map_reader_open(path, NULL, 0, NULL, &map_reader), "open");
        region = seqcopy_map_reader_region(map_reader);
    } else {
        check(seqcopy_writer_create(path, schema, len, NULL, &writer), "create");
        check(seqcopy_writer_write(writer, value, 8), "write");
        check(seqcopy_reader_open(path, NULL, 0, NULL, &reader), "open");
        region = seqcopy_reader_region(reader);
    }
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, uses, NULL);
    for (int i = atoi(argv[3]); i > 0; i--) {
        bool restored = false, is_new = false;
        remove(path);
        if (is_map) {
            check(seqcopy_map_writer_restore_if_removed(map_writer, &restored), "restore");
            check(seqcopy_map_reader_reopen_if_removed(map_reader, &is_new), "reopen");
            check(seqcopy_map_reader_get(map_reader, &value[0], 8, &value[1], 8, NULL), "get");
        } else {
            check(seqcopy_writer_restore_if_removed(writer, &restored), "restore");
            check(seqcopy_reader_reopen_if_removed(reader, &is_new), "reopen");
            check(seqcopy_reader_read(reader, value, 8, &known), "read");
        }
        /* Of the new one from now on: the number of its value, not that of the old. */
        if (!is_map && seqcopy_region_version(region) != known)
            return 3;
        reopened += restored && is_new;
    }
    __atomic_store_n(&stops, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("reopened %d\n", reopened);
    if (is_map) {
        check(seqcopy_map_reader_free(&map_reader), "free");
        check(seqcopy_map_writer_close(&map_writer), "close");
    } else {
        check(seqcopy_reader_free(&reader), "free");
        check(seqcopy_writer_close(&writer), "close");
    }
    return __atomic_load_n(&changed, __ATOMIC_RELAXED) ? 2 : 0;
}
