/* Writes numbers without a call of the library, from the last one on, until it is killed: `direct_runs TICKS BLOCKS BUFFERS`. The ticks have as
 * many buffers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seqcopy.h>

#include "block.h"
#include "tick.h"

/* Sometimes other bytes than zeros follow a text, and the library writes the value. */
#define SET_TEXT(text, n) \
    (memset((text).bytes, n % 2 == 0 ? 0 : 0xee, sizeof (text).bytes), (text).len = (uint32_t)((n) % 4), memcpy((text).bytes, "abc", (size_t)((n) % 4)))

int main(int argc, char **argv)
{
    tick_writer *ticks;
    block_writer *blocks;
    tick tick_value;
    block block_value;
    seqcopy_options options;
    if (argc < 4 || seqcopy_options_init(&options, sizeof options) != SEQCOPY_OK)
        return 2;
    options.buffers = (uint32_t)atoi(argv[3]);
    if (tick_writer_open(seqcopy_writer_open_or_create, argv[1], &options, &ticks) != SEQCOPY_OK || block_writer_open_or_create(argv[2], &blocks) != SEQCOPY_OK)
        return fprintf(stderr, "%s\n", seqcopy_message()), 1;
    memset(&tick_value, 0, sizeof tick_value);
    (void)tick_writer_read(ticks, &tick_value);
    for (uint64_t n = tick_value.at + 1;; n++) {
        tick_value.open = n % 2 == 1;
        tick_value.at = n;
        tick_value.side = n % 2 == 1 ? TICK_SIDE_TAG_SELL : TICK_SIDE_TAG_BUY;
        for (int i = 0; i < 9; i++)
            tick_value.words[i] = n;
        for (int i = 0; i < 75; i++)
            tick_value.bytes[i] = (uint8_t)n;
        SET_TEXT(tick_value.names[0], n);
        SET_TEXT(tick_value.names[1], n);
        SET_TEXT(tick_value.name, n);
        for (int i = 0; i < 100; i++)
            block_value.words[i] = n;
        if (tick_writer_write(ticks, &tick_value) != SEQCOPY_OK || block_writer_write(blocks, &block_value) != SEQCOPY_OK)
            return fprintf(stderr, "%s\n", seqcopy_message()), 1;
        if (n % 4096 == 0) {
            puts("goes on");
            fflush(stdout);
        }
    }
}
