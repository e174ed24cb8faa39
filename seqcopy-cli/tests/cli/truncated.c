/* Lives on when files of regions are truncated. For each line of its input, `v PATH` or `m PATH`, reads a value or looks up in a map until there
 * is an error that stays, and prints its status. */
#include <stdio.h>
#include <stdlib.h>

#include "quote.h"
#include "lease.h"

static int is_whole(const quote *value)
{
    for (int i = 0; i < 2000; i++)
        if (value->list[i] != value->number)
            return 0;
    return value->last == value->number;
}

static void ready(void)
{
    puts("ready");
    fflush(stdout);
}

static void check(int is_one)
{
    if (!is_one) {
        puts("torn");
        exit(1);
    }
}

static seqcopy_status read_value(const char *path)
{
    quote_reader *reader;
    static quote value;
    seqcopy_status status = quote_reader_open(path, &reader);
    if (status != SEQCOPY_OK)
        return status;
    ready();
    do {
        status = quote_reader_read(reader, &value, NULL);
        check(status != SEQCOPY_OK || is_whole(&value));
    } while (status == SEQCOPY_OK || status == SEQCOPY_BUSY || status == SEQCOPY_TORN);
    quote_reader_free(&reader);
    return status;
}

/* Looks up and walks. */
static seqcopy_status read_map(const char *path)
{
    lease_reader *reader;
    lease entry;
    seqcopy_entries *all;
    seqcopy_status status = lease_reader_open(path, &reader);
    if (status != SEQCOPY_OK)
        return status;
    ready();
    memset(&entry, 0, sizeof entry);
    entry.key = 7;
    do {
        status = lease_reader_get(reader, &entry);
        check(status != SEQCOPY_OK || entry.value == 70);
        if (status == SEQCOPY_OK) {
            status = lease_reader_entries(reader, &all);
            seqcopy_entries_free(&all);
        }
    } while (status == SEQCOPY_OK || status == SEQCOPY_TORN || status == SEQCOPY_ABSENT);
    lease_reader_free(&reader);
    return status;
}

int main(int argc, char **argv)
{
    static char line[4096];
    (void)argv;
    if (argc == 1 && (seqcopy_survive_truncation() != SEQCOPY_OK || seqcopy_survive_truncation() != SEQCOPY_OK))
        return 2;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *path = line + 2;
        path[strcspn(path, "\n")] = 0;
        printf("%d\n", (int)(line[0] == 'v' ? read_value(path) : read_map(path)));
        fflush(stdout);
    }
    return 0;
}
