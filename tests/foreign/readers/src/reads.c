/* Prints a value of `Quote`: `reads PATH`. Compiled as C and as C++. */
#include <errno.h>
#include <stdio.h>

#include "quote.h"

/* The name of a member, from here on. */
#undef errno

int main(int argc, char **argv)
{
    seqcopy_Quote_reader *reader = NULL;
    seqcopy_Quote quote;
    if (argc < 2 || seqcopy_Quote_reader_open(argv[1], &reader) != SEQCOPY_OK
        || seqcopy_Quote_reader_read(reader, &quote, NULL) != SEQCOPY_OK) {
        fprintf(stderr, "%s\n", seqcopy_message());
        return 1;
    }
    printf("%d %llu %g %d\n", quote.open, (unsigned long long)quote.at, (double)quote.bid, quote.errno);
    return seqcopy_Quote_reader_free(&reader) == SEQCOPY_OK ? 0 : 1;
}
