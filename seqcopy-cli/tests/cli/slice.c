/* Prints the elements of a slice: `slice PATH`. */
#include <inttypes.h>
#include <stdio.h>

#include "legs.h"

int main(int argc, char **argv)
{
    legs_reader *reader = NULL;
    legs v;
    uint32_t i;
    if (argc < 2 || legs_reader_open(argv[1], &reader) != SEQCOPY_OK || legs_reader_read(reader, &v, NULL) != SEQCOPY_OK) {
        puts(seqcopy_message());
        return 1;
    }
    legs_reader_free(&reader);
    for (i = 0; i < v.len; i++)
        printf("%" PRIu32 " %g\n", v.elements[i].joint, (double)v.elements[i].angle);
    return 0;
}
