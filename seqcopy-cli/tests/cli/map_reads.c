/* Looks at whole generations of a map while a writer commits: `map_reads PATH N` goes on until N views of different generations were
 * whole. In each the 64 values have the sum 64000, and value 5 is the one that a look-up in the same view finds. Prints how many views
 * were whole, and how many were torn. */
#include <stdio.h>
#include <stdlib.h>

#include "accounts.h"

int main(int argc, char **argv)
{
    accounts_region region;
    accounts entry, found;
    accounts_iterator all;
    uint64_t newest = 0;
    unsigned long whole = 0, torn = 0, gets = 0;
    int status;
    if (argc != 3)
        return 2;
    status = accounts_open(&region, argv[1]);
    if (status != ACCOUNTS_READ_OK) {
        fprintf(stderr, "open: %s\n", accounts_message(status));
        return 1;
    }
    while (whole < strtoul(argv[2], NULL, 10)) {
        uint64_t sum = 0, fifth = 0;
        unsigned entries = 0;
        accounts_view(&region, &all);
        while ((status = accounts_next(&all, &entry)) == ACCOUNTS_READ_OK) {
            entries++;
            sum += entry.value;
            if (entry.key == 5)
                fifth = entry.value;
        }
        memset(&found, 0, sizeof found);
        found.key = 5;
        if (status == ACCOUNTS_READ_END)
            status = accounts_view_get(&all, &found);
        if (status == ACCOUNTS_READ_TORN) {
            torn++;
            continue;
        }
        if (status != ACCOUNTS_READ_OK || entries != 64 || sum != 64000 || found.value != fifth || all.generation < newest) {
            fprintf(stderr, "%s: %u entries, sum %llu\n", accounts_message(status), entries, (unsigned long long)sum);
            return 1;
        }
        whole += all.generation != newest;
        newest = all.generation;
        found.key = 6;
        status = accounts_get(&region, &found);
        if (status != ACCOUNTS_READ_OK && status != ACCOUNTS_READ_TORN)
            return 1;
        gets += status == ACCOUNTS_READ_OK;
    }
    accounts_close(&region);
    printf("%lu %lu %lu\n", whole, torn, gets);
    return 0;
}
