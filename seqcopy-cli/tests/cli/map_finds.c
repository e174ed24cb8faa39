/* Looks keys up in a map: `map_finds PATH N`. Keys are `key 000000000` and so on, up to N - 1; those of numbers that 3 does not divide
 * have entries. Prints how many were found, were absent and were invalid, and how many a view has. */
#include <stdio.h>
#include <stdlib.h>

#include "devices.h"

int main(int argc, char **argv)
{
    devices_region region;
    devices entry;
    devices_iterator all;
    unsigned found = 0, absent = 0, invalid = 0, seen = 0;
    int status;
    if (argc != 3)
        return 2;
    status = devices_open(&region, argv[1]);
    if (status != DEVICES_READ_OK) {
        fprintf(stderr, "open: %s\n", devices_message(status));
        return 1;
    }
    for (unsigned i = 0; i < (unsigned)atoi(argv[2]); i++) {
        char text[32];
        memset(&entry, 0xff, sizeof entry);
        snprintf(text, sizeof text, "key %09u", i);
        memcpy(entry.key, text, sizeof entry.key);
        status = devices_get(&region, &entry);
        if (memcmp(entry.key, text, sizeof entry.key) != 0)
            return 1;
        if (status == DEVICES_READ_OK && i % 3 != 0 && entry.value.number == UINT64_C(7) * i
            && entry.value.half.tag == DEVICES_SEQ_OPTION_U32_TAG_SOME && entry.value.half.payload.Some._0 == i && entry.value.is_open
            && entry.stamp > 1 && entry.stamp <= devices_generation(&region)) {
            found++;
        } else if (status == DEVICES_READ_ABSENT && i % 3 == 0 && entry.stamp == 0 && entry.value.number == 0) {
            absent++;
        } else if (status == DEVICES_READ_INVALID && entry.value.number == 0) {
            invalid++;
        } else {
            fprintf(stderr, "key %u: %s\n", i, devices_message(status));
            return 1;
        }
    }
    devices_view(&region, &all);
    while ((status = devices_next(&all, &entry)) == DEVICES_READ_OK || status == DEVICES_READ_INVALID)
        seen += status == DEVICES_READ_OK;
    if (status != DEVICES_READ_END || devices_next(&all, &entry) != DEVICES_READ_END)
        return 1;
    devices_close(&region);
    printf("%u %u %u %u\n", found, absent, invalid, seen);
    return 0;
}
