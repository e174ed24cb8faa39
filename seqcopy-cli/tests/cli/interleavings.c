/* Every way in which one burst of a writer's steps can overlap one read: the loads of the header are replaced, and before the chosen
 * one the writer makes some of its steps: `interleavings BUFFERS`. Prints how many cases there were and how many values were accepted;
 * exits with 1 at the first wrong result. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <seqcopy.h>

/* Each access by itself; and only the attempt that the header makes. */
#define SEQCOPY_PORTABLE
static void before_load(void);
#define __atomic_load_n(pointer, order) (before_load(), *(pointer))
#define seqcopy_reader_read(...) SEQCOPY_TORN
#include "triple.h"

static uint64_t memory[(TRIPLE_BUFFER_OFFSET + 4 * TRIPLE_BUFFER_STRIDE) / 8];
static uint32_t buffers;

/* The writer, step by step. Value k is three times the number k. */
static uint64_t writing, step;

static uint64_t *word(void)
{
    return &memory[TRIPLE_WORD_OFFSET / 8];
}

static void writer_step(void)
{
    uint64_t *buffer = &memory[(TRIPLE_BUFFER_OFFSET + writing % buffers * TRIPLE_BUFFER_STRIDE) / 8];
    if (buffers == 1 && step == 0) {
        *word() |= 1;
    } else if (step <= 3) {
        /* The latch has no first step of its own: its fence orders, but stores nothing. */
        if (step > 0)
            buffer[step - 1] = writing;
    } else {
        *word() = buffers == 1 ? 2 * writing : writing;
        writing++;
        step = 0;
        return;
    }
    step++;
}

static unsigned loads, chosen, burst;

static void before_load(void)
{
    if (loads++ == chosen)
        for (unsigned i = 0; i < burst; i++)
            writer_step();
}

int main(int argc, char **argv)
{
    /* The beginning of what a handle leads to, and no more: nothing else is looked at. */
    seqcopy_direct direct = {word(), NULL, 0, NULL, 0};
    const triple_reader *reader = (const triple_reader *)(const void *)&direct;
    unsigned cases = 0, accepted = 0;
    buffers = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;
    if (buffers != 1 && buffers != 2 && buffers != 4)
        return 2;
    direct.last = buffers - 1;
    for (unsigned ahead = 5; ahead < 25; ahead++)
        for (chosen = 0; chosen < 6; chosen++)
            for (burst = 0; burst < 40; burst++) {
                triple value;
                uint64_t published, since, version = 0;
                seqcopy_status status;
                int was_open;
                memset(memory, 0, sizeof memory);
                writing = 1;
                step = 0;
                for (unsigned i = 0; i < ahead; i++)
                    writer_step();
                published = *word() >> (buffers == 1);
                was_open = buffers == 1 && step > 0;
                loads = 0;
                status = triple_reader_read(reader, &value, &version);
                since = writing - 1 - published;
                cases++;
                if (status == SEQCOPY_OK) {
                    accepted++;
                    if (value.value[1] != value.value[0] || value.value[2] != value.value[0] || value.value[0] < published
                        || value.value[0] >= writing || value.value[0] != version) {
                        printf("torn after %u steps, %u before load %u\n", ahead, burst, chosen);
                        return 1;
                    }
                } else if ((buffers > 1 && since <= buffers - 2) || (burst == 0 && !was_open)) {
                    /* No write was finished during the read, or not enough of them. */
                    printf("refused without reason after %u steps, %u before load %u\n", ahead, burst, chosen);
                    return 1;
                }
            }
    printf("%u %u\n", cases, accepted);
    return 0;
}
