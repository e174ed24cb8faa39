/* Reads values from a region while a writer writes: `reads PATH N M` reads N values, and goes on until M of them differed from the
 * one before. Prints how many were read, and how many were new; exits with 1 at the first value that is
 * torn. */
#include <stdio.h>
#include <stdlib.h>

#include "quote.h"

static int is_whole(const quote *value)
{
    if (value->last != ~value->number || value->odd != (value->number % 2 == 1))
        return 0;
    for (int i = 0; i < 30; i++)
        if (value->list[i] != value->number % 64)
            return 0;
    for (int i = 0; i < 3; i++)
        if (value->parts[i].tag != (uint8_t)value->number || value->parts[i].wide != value->number)
            return 0;
    if (value->odd)
        return value->half.tag == QUOTE_SEQ_OPTION_U32_TAG_SOME && value->half.payload.Some._0 == (uint32_t)(value->number / 2);
    return value->half.tag == QUOTE_SEQ_OPTION_U32_TAG_NONE;
}

int main(int argc, char **argv)
{
    quote_reader *reader;
    quote value;
    uint64_t newest = 0;
    unsigned long long reads = 0, changes = 0;
    unsigned long long wanted, wanted_changes;
    seqcopy_status status;
    if (argc != 4)
        return 2;
    wanted = strtoull(argv[2], NULL, 10);
    wanted_changes = strtoull(argv[3], NULL, 10);
    if (quote_reader_open(argv[1], &reader) != SEQCOPY_OK) {
        fprintf(stderr, "open: %s\n", seqcopy_message());
        return 1;
    }
    while (reads < wanted || changes < wanted_changes) {
        status = quote_reader_read(reader, &value, NULL);
        /* A single buffer that is written without a pause can hardly be read. */
        if (status == SEQCOPY_BUSY || status == SEQCOPY_TORN)
            continue;
        if (status != SEQCOPY_OK) {
            fprintf(stderr, "read %llu: %s\n", reads, seqcopy_message());
            return 1;
        }
        if (!is_whole(&value) || value.number < newest) {
            fprintf(stderr, "read %llu: torn, or older than the one before\n", reads);
            return 1;
        }
        changes += value.number != newest;
        newest = value.number;
        reads++;
    }
    printf("%llu %llu\n", reads, changes);
    return quote_reader_free(&reader) == SEQCOPY_OK ? 0 : 1;
}
