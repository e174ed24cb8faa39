/* Prints a value of `Quote`: `reads PATH`. Compiled as C and as C++. */
#include <errno.h>
#include <stdio.h>

#include "quote.h"

/* The name of a member, from here on. */
#undef errno

int main(int argc, char **argv)
{
    seqcopy_Quote_region region;
    seqcopy_Quote quote;
    int status = argc > 1 ? seqcopy_Quote_open(&region, argv[1]) : SEQCOPY_QUOTE_OPEN_FAILED;
    if (status == SEQCOPY_QUOTE_READ_OK)
        status = seqcopy_Quote_read(&region, &quote);
    if (status != SEQCOPY_QUOTE_READ_OK) {
        fprintf(stderr, "%s\n", seqcopy_Quote_message(status));
        return 1;
    }
    printf("%d %llu %g %d\n", quote.open, (unsigned long long)quote.at, (double)quote.bid, quote.errno);
    seqcopy_Quote_close(&region);
    return 0;
}
