/* Reads regions by the headers of `seqcopy header`, and compares: `reads DIR`. `all.h`, which `ci/header.sh` writes, includes the
 * headers and names their types: TYPES(ONE) is ONE(Quote) ONE(Pose) and so on. */
#include <stdio.h>
#include <stdlib.h>

#include "all.h"

static int reads, failures;

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

#define ONE(type)                                                                  \
    static void read_##type(const char *dir)                                       \
    {                                                                              \
        static type value;                                                         \
        char path[4096];                                                           \
        for (int i = 0;; i++) {                                                    \
            type##_region region;                                                  \
            int status;                                                            \
            snprintf(path, sizeof path, "%s/%s.%d.image", dir, #type, i);          \
            if (access(path, R_OK) != 0)                                           \
                break;                                                             \
            path[strlen(path) - 6] = 0;                                            \
            status = type##_open(&region, path);                                   \
            if (status == 0)                                                       \
                status = type##_read(&region, &value);                             \
            path[strlen(path)] = '.';                                              \
            reads++;                                                               \
            if (status != 0)                                                       \
                report(#type, i, type##_message(status));                          \
            else if (!is_image(path, &value, sizeof value))                        \
                report(#type, i, "another value");                          \
            type##_close(&region);                                                 \
        }                                                                          \
    }
TYPES(ONE)
#undef ONE

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
#define ONE(type) read_##type(argv[1]);
    TYPES(ONE)
    printf("%d values read, %d of them wrong\n", reads, failures);
    return failures != 0;
}
