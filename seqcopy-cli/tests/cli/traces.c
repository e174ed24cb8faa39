/* What the functions of a header do without a call, access by access: `traces BUFFERS read ANSWER..`, `traces BUFFERS write A B IS_ON ANSWER`.
 * The loads of the region are answered by the numbers; prints each operation, and what is returned. */
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seqcopy.h>

static uint64_t traced_load(const void *at, size_t width, int order);
static void traced_store(const void *at, size_t width, int order, uint64_t value);
static void traced_fence(int order);

/* Each access by itself, and only the attempt that the header makes. */
#define SEQCOPY_PORTABLE
#define __atomic_load_n(pointer, order) ((__typeof__(*(pointer)))traced_load((pointer), sizeof *(pointer), (order)))
#define __atomic_store_n(pointer, value, order) traced_store((pointer), sizeof *(pointer), (order), (value))
#define __atomic_thread_fence(order) traced_fence(order)
#define seqcopy_reader_read(...) SEQCOPY_TORN
#define seqcopy_writer_write(...) SEQCOPY_TORN
#include "padded.h"

static uint64_t memory[512];
static char **answers;

static uint64_t *word(void)
{
    return &memory[PADDED_WORD_OFFSET / 8];
}

static const char *name(int order)
{
    return order == __ATOMIC_RELAXED ? "relaxed" : order == __ATOMIC_ACQUIRE ? "acquire" : order == __ATOMIC_RELEASE ? "release" : "another";
}

static bool is_of_region(const void *at)
{
    return (uintptr_t)at - (uintptr_t)memory < sizeof memory;
}

static size_t place(const void *at)
{
    return (size_t)((uintptr_t)at - (uintptr_t)memory);
}

static uint64_t traced_load(const void *at, size_t width, int order)
{
    uint64_t value = 0;
    if (!is_of_region(at)) {
        memcpy(&value, at, width);
        return value;
    }
    if (*answers == NULL) {
        puts("a load after the last answer");
        exit(1);
    }
    value = strtoull(*answers++, NULL, 10);
    printf("load %s %zu %zu %" PRIu64 "\n", name(order), place(at), width, value);
    return value;
}

static void traced_store(const void *at, size_t width, int order, uint64_t value)
{
    printf("store %s %zu %zu %" PRIu64 "\n", name(order), is_of_region(at) ? place(at) : 0, width, value);
}

static void traced_fence(int order)
{
    printf("fence %s\n", name(order));
}

int main(int argc, char **argv)
{
    uint8_t may_write = 1;
    (void)argc;
    /* The beginning of what a handle leads to, and no more: nothing else is looked at. */
    seqcopy_direct direct = {word(), &may_write, strtoull(argv[1], NULL, 10) - 1, NULL, 0};
    padded value;
    memset(&value, 0xaa, sizeof value);
    if (strcmp(argv[2], "read") == 0) {
        uint64_t version = 0;
        answers = argv + 3;
        if (padded_reader_read((const padded_reader *)(const void *)&direct, &value, &version) == SEQCOPY_OK)
            printf("value %" PRIu64 " %" PRIu64 " %" PRIu32 " %d\n", version, value.a, value.b, value.is_on);
        else
            puts("error");
    } else {
        value.a = strtoull(argv[3], NULL, 10);
        value.b = (uint32_t)strtoull(argv[4], NULL, 10);
        value.is_on = *argv[5] == '1';
        answers = argv + 6;
        puts(padded_writer_write((padded_writer *)(void *)&direct, &value) == SEQCOPY_OK ? "done" : "error");
    }
    return 0;
}
