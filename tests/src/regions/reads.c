/* Reads regions by the headers of `seqcopy header`, and compares: `reads DIR`. `all.h`, which `ci/header.sh` writes, includes the
 * headers and names their types: TYPES(ONE) is ONE(Quote) ONE(Pose) and so on; MAPS(ONE) are those
 * of maps. What was read is written again by the library: `PATH.c` has it. */
#include <stdio.h>
#include <stdlib.h>

#include <seqcopy.h>

#include "all.h"

static int reads, writes, failures;

/* Whether a file has exactly these bytes. */
static int is_image(const char *path, const void *value, size_t size)
{
    unsigned char *image = (unsigned char *)malloc(size + 1);
    FILE *file = fopen(path, "rb");
    int is_same = image != NULL && file != NULL && fread(image, 1, size + 1, file) == size
        && memcmp(image, value, size) == 0;
    if (file != NULL)
        fclose(file);
    free(image);
    return is_same;
}

static void report(const char *type, int number, const char *problem)
{
    failures++;
    fprintf(stderr, "%s.%d: %s\n", type, number, problem);
}

/* Writes a value to a region of its own, and reads that. */
#define ONE(type)                                                                  \
    static void write_##type(const char *path, const seqcopy_##type *value, int number) \
    {                                                                              \
        static seqcopy_##type found;                                               \
        char copy[4200];                                                           \
        seqcopy_##type##_writer *writer;                                           \
        seqcopy_##type##_region region;                                            \
        snprintf(copy, sizeof copy, "%s.c", path);                                 \
        remove(copy);                                                              \
        if (seqcopy_##type##_writer_create(copy, &writer) != SEQCOPY_OK            \
            || seqcopy_##type##_writer_write(writer, value) != SEQCOPY_OK          \
            || seqcopy_##type##_writer_free(&writer) != SEQCOPY_OK)                \
            report(#type, number, seqcopy_message());                              \
        if (seqcopy_##type##_open(&region, copy) != 0 || seqcopy_##type##_read(&region, &found) != 0 \
            || memcmp(&found, value, sizeof found) != 0)                           \
            report(#type, number, "another value was written");                    \
        seqcopy_##type##_close(&region);                                           \
        writes++;                                                                  \
    }
TYPES(ONE)
#undef ONE

#define ONE(type)                                                                  \
    static void read_##type(const char *dir)                                       \
    {                                                                              \
        static seqcopy_##type value;                                               \
        char path[4096];                                                           \
        for (int i = 0;; i++) {                                                    \
            seqcopy_##type##_region region;                                        \
            int status;                                                            \
            snprintf(path, sizeof path, "%s/%s.%d.image", dir, #type, i);          \
            if (access(path, R_OK) != 0)                                           \
                break;                                                             \
            path[strlen(path) - 6] = 0;                                            \
            status = seqcopy_##type##_open(&region, path);                         \
            if (status == 0)                                                       \
                status = seqcopy_##type##_read(&region, &value);                   \
            path[strlen(path)] = '.';                                              \
            reads++;                                                               \
            if (status != 0)                                                       \
                report(#type, i, seqcopy_##type##_message(status));                \
            else if (!is_image(path, &value, sizeof value))                        \
                report(#type, i, "another value");                                 \
            else {                                                                 \
                path[strlen(path) - 6] = 0;                                        \
                write_##type(path, &value, i);                                     \
            }                                                                      \
            seqcopy_##type##_close(&region);                                       \
        }                                                                          \
    }
TYPES(ONE)
#undef ONE

/* Each slot is found by its key, and a walk over all entries meets as many as there are images. */
#define ONE(type)                                                                  \
    static void read_##type(const char *dir)                                       \
    {                                                                              \
        static seqcopy_##type entry, wanted;                                       \
        char path[4096];                                                           \
        seqcopy_##type##_region region;                                            \
        seqcopy_##type##_iterator all;                                             \
        seqcopy_##type##_writer *writer;                                           \
        int status, images, entries = 0;                                           \
        /* Without the end of the name, which distinguishes its type from that of a region. */ \
        const int length = (int)strlen(#type) - 4;                                 \
        snprintf(path, sizeof path, "%s/%.*s.map", dir, length, #type);            \
        status = seqcopy_##type##_open(&region, path);                             \
        if (status != 0) {                                                         \
            report(#type, 0, seqcopy_##type##_message(status));                    \
            return;                                                                \
        }                                                                          \
        snprintf(path, sizeof path, "%s/%.*s.map.c", dir, length, #type);          \
        remove(path);                                                              \
        if (seqcopy_##type##_writer_open_or_create(path, 100, &writer) != SEQCOPY_OK) \
            report(#type, 0, seqcopy_message());                                   \
        for (images = 0;; images++) {                                              \
            FILE *file;                                                            \
            snprintf(path, sizeof path, "%s/%.*s.map.%d.image", dir, length, #type, images); \
            file = fopen(path, "rb");                                              \
            if (file == NULL)                                                      \
                break;                                                             \
            if (fread(&wanted, 1, sizeof wanted, file) != sizeof wanted)           \
                report(#type, images, "another size");                             \
            fclose(file);                                                          \
            memset(&entry, 0xa5, sizeof entry);                                    \
            memcpy(&entry.key, &wanted.key, sizeof wanted.key);                    \
            status = seqcopy_##type##_get(&region, &entry);                        \
            reads++;                                                               \
            if (status != 0)                                                       \
                report(#type, images, seqcopy_##type##_message(status));           \
            else if (!is_image(path, &entry, sizeof entry))                        \
                report(#type, images, "another entry");                            \
            else if (seqcopy_##type##_writer_insert(writer, &entry) != SEQCOPY_OK) \
                report(#type, images, seqcopy_message());                          \
            writes++;                                                              \
        }                                                                          \
        if (seqcopy_##type##_writer_free(&writer) != SEQCOPY_OK)                   \
            report(#type, images, seqcopy_message());                              \
        seqcopy_##type##_view(&region, &all);                                      \
        while ((status = seqcopy_##type##_next(&all, &entry)) == 0)                \
            entries++;                                                             \
        if (entries != images || images == 0 || strcmp(seqcopy_##type##_message(status), "there are no more entries") != 0) \
            report(#type, entries, seqcopy_##type##_message(status));              \
        seqcopy_##type##_close(&region);                                           \
    }
MAPS(ONE)
#undef ONE

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
#define ONE(type) read_##type(argv[1]);
    TYPES(ONE)
    MAPS(ONE)
    printf("%d values read, %d written, %d of them wrong\n", reads, writes, failures);
    return failures != 0;
}
