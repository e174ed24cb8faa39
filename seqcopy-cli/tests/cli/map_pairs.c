/* Looks two keys up in one generation: `map_pairs PATH N`. The entries of 0 and 1 have the same value in each generation; so two look-ups
 * that differ are of two. Prints how many of N pairs differ, of those between which the version stayed, and of all. */
#include <stdio.h>
#include <stdlib.h>

#include "pairs.h"

int main(int argc, char **argv)
{
    pairs_reader *reader = NULL;
    pairs one, other;
    unsigned long seen = 0, differ = 0, all_differ = 0;
    if (argc != 3 || pairs_reader_open(argv[1], &reader) != SEQCOPY_OK)
        return 2;
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    one.key = 0;
    other.key = 1;
    const seqcopy_region *region = pairs_reader_region(reader);
    while (seen < strtoul(argv[2], NULL, 10)) {
        uint64_t before = seqcopy_region_version(region);
        if (pairs_reader_get(reader, &one) != SEQCOPY_OK || pairs_reader_get(reader, &other) != SEQCOPY_OK) {
            fprintf(stderr, "%s\n", seqcopy_message());
            return 1;
        }
        bool is_one_generation = seqcopy_region_version(region) == before;
        bool is_different = one.value != other.value;
        seen += is_one_generation ? 1 : 0;
        differ += is_one_generation && is_different ? 1 : 0;
        all_differ += is_different ? 1 : 0;
    }
    printf("%lu %lu\n", differ, all_differ);
    return pairs_reader_free(&reader) == SEQCOPY_OK ? 0 : 1;
}
