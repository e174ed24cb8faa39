/* Reads regions by the headers of `seqcopy header`, and compares: `reads DIR`. `all.h`, which `ci/header.sh` writes, includes the
 * headers and names their types: TYPES(ONE) is ONE(Quote) ONE(Pose) and so on; MAPS(ONE) are those
 * of maps. What was read is written again by the library: `PATH.c` has it. */
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

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
        seqcopy_##type##_reader *reader;                                           \
        snprintf(copy, sizeof copy, "%s.c", path);                                 \
        remove(copy);                                                              \
        if (seqcopy_##type##_writer_create(copy, &writer) != SEQCOPY_OK            \
            || seqcopy_##type##_writer_write(writer, value) != SEQCOPY_OK          \
            || seqcopy_##type##_writer_free(&writer) != SEQCOPY_OK)                \
            report(#type, number, seqcopy_message());                              \
        if (seqcopy_##type##_reader_open(copy, &reader) != SEQCOPY_OK              \
            || seqcopy_##type##_reader_read(reader, &found, NULL) != SEQCOPY_OK    \
            || memcmp(&found, value, sizeof found) != 0)                           \
            report(#type, number, "another value was written");                    \
        seqcopy_##type##_reader_free(&reader);                                     \
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
            seqcopy_##type##_reader *reader;                                       \
            seqcopy_status status;                                                 \
            snprintf(path, sizeof path, "%s/%s.%d.image", dir, #type, i);          \
            if (access(path, R_OK) != 0)                                           \
                break;                                                             \
            path[strlen(path) - 6] = 0;                                            \
            status = seqcopy_##type##_reader_open(path, &reader);                  \
            memset(&value, 0, sizeof value);                                       \
            if (status == SEQCOPY_OK)                                              \
                status = seqcopy_##type##_reader_read(reader, &value, NULL);       \
            path[strlen(path)] = '.';                                              \
            reads++;                                                               \
            if (status != SEQCOPY_OK)                                              \
                report(#type, i, seqcopy_message());                               \
            else if (!is_image(path, &value, sizeof value))                        \
                report(#type, i, "another value");                                 \
            else {                                                                 \
                path[strlen(path) - 6] = 0;                                        \
                write_##type(path, &value, i);                                     \
            }                                                                      \
            seqcopy_##type##_reader_free(&reader);                                 \
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
        seqcopy_##type##_reader *reader;                                           \
        seqcopy_##type##_writer *writer;                                           \
        seqcopy_entries *all;                                                      \
        seqcopy_status status;                                                     \
        int images, entries = 0;                                                   \
        /* Without the end of the name, which distinguishes its type from that of a region. */ \
        const int length = (int)strlen(#type) - 4;                                 \
        snprintf(path, sizeof path, "%s/%.*s.map", dir, length, #type);            \
        if (seqcopy_##type##_reader_open(path, &reader) != SEQCOPY_OK) {           \
            report(#type, 0, seqcopy_message());                                   \
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
            memset(&entry, 0, sizeof entry);                                       \
            memcpy(&entry.key, &wanted.key, sizeof wanted.key);                    \
            status = seqcopy_##type##_reader_get(reader, &entry);                  \
            reads++;                                                               \
            if (status != SEQCOPY_OK)                                              \
                report(#type, images, seqcopy_message());                          \
            else if (!is_image(path, &entry, sizeof entry))                        \
                report(#type, images, "another entry");                            \
            else if (seqcopy_##type##_writer_insert(writer, &entry) != SEQCOPY_OK) \
                report(#type, images, seqcopy_message());                          \
            writes++;                                                              \
        }                                                                          \
        if (seqcopy_##type##_writer_free(&writer) != SEQCOPY_OK)                   \
            report(#type, images, seqcopy_message());                              \
        if (seqcopy_##type##_reader_entries(reader, &all) != SEQCOPY_OK)           \
            report(#type, images, seqcopy_message());                              \
        while ((status = seqcopy_##type##_entries_next(all, &entry)) == SEQCOPY_OK) \
            entries++;                                                             \
        if (entries != images || images == 0 || status != SEQCOPY_END)             \
            report(#type, entries, seqcopy_message());                             \
        seqcopy_entries_free(&all);                                                \
        seqcopy_##type##_reader_free(&reader);                                     \
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
