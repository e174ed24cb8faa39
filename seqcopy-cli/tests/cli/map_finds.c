/* Looks keys up in a map: `map_finds PATH N`. Keys are `key 000000000` and so on, up to N - 1; those of numbers that 3 does not divide
 * have entries. Prints how many were found, were absent and were invalid, and how many entries a generation has, 0 if one of them is invalid. */
#include <stdio.h>
#include <stdlib.h>

#include "devices.h"

int main(int argc, char **argv)
{
    devices_reader *reader = NULL;
    devices entry;
    seqcopy_entries *all = NULL;
    unsigned found = 0, absent = 0, invalid = 0, seen = 0;
    seqcopy_status status;
    if (argc != 3)
        return 2;
    if (devices_reader_open(argv[1], &reader) != SEQCOPY_OK) {
        fprintf(stderr, "open: %s\n", seqcopy_message());
        return 1;
    }
    for (unsigned i = 0; i < (unsigned)atoi(argv[2]); i++) {
        char text[32];
        memset(&entry, 0xff, sizeof entry);
        snprintf(text, sizeof text, "key %09u", i);
        memcpy(entry.key, text, sizeof entry.key);
        status = devices_reader_get(reader, &entry);
        if (memcmp(entry.key, text, sizeof entry.key) != 0)
            return 1;
        seqcopy_entry *handle;
        if (devices_reader_entry(reader, &entry, &handle) != SEQCOPY_OK)
            return 1;
        for (int again = 0; again < 2; again++)
            if (devices_reader_read_entry(reader, handle, &entry) != status)
                return 1;
        seqcopy_entry_free(&handle);
        if (status == SEQCOPY_OK && i % 3 != 0 && entry.value.number == UINT64_C(7) * i
            && entry.value.half.tag == DEVICES_SEQ_OPTION_U32_TAG_SOME && entry.value.half.payload.Some._0 == i && entry.value.is_open
            && entry.stamp > 1 && entry.stamp <= seqcopy_region_version(devices_reader_region(reader))) {
            found++;
        } else if (status == SEQCOPY_ABSENT && i % 3 == 0) {
            absent++;
        } else if (status == SEQCOPY_INVALID) {
            invalid++;
        } else {
            fprintf(stderr, "key %u: %s\n", i, seqcopy_message());
            return 1;
        }
    }
    if (devices_reader_entries(reader, &all) == SEQCOPY_OK) {
        while ((status = devices_entries_next(all, &entry)) == SEQCOPY_OK)
            seen++;
        if (status != SEQCOPY_END || seqcopy_entries_free(&all) != SEQCOPY_OK)
            return 1;
    } else if (invalid == 0) {
        return 1;
    }
    printf("%u %u %u %u\n", found, absent, invalid, seen);
    return devices_reader_free(&reader) == SEQCOPY_OK ? 0 : 1;
}
