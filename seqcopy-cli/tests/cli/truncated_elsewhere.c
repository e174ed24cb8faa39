/* A translation unit of `truncated.c`'s program that does not define SEQCOPY_SURVIVE_TRUNCATION. */
#include <stdio.h>

#include "quote.h"

int read_elsewhere(const char *path, int until);

int read_elsewhere(const char *path, int until)
{
    quote_region regions[70];
    static quote value;
    int status = QUOTE_READ_OK;
    /* More than one block of places. */
    for (int i = 0; i < 70; i++) {
        int opened = quote_open(&regions[i], path);
        if (opened != QUOTE_READ_OK)
            return opened;
    }
    puts("ready");
    fflush(stdout);
    while (status == QUOTE_READ_OK || status == QUOTE_READ_TORN)
        status = quote_read(&regions[69], &value);
    for (int i = 0; i < 70; i++)
        if (quote_read(&regions[i], &value) != status)
            return -until;
    for (int i = 0; i < 70; i++)
        quote_close(&regions[i]);
    return status;
}
