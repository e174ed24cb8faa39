// One writer of a latch.
// Rust: seqcopy/src/seq_count/latch.rs, LatchWord::{write, read_begin, read_end}; lock/algorithms.rs, Latch::{publish, attempt_into}.
//
// One write more than it takes to return to the first buffer; two read attempts. An accepted read returns exactly the
// value of its count; what the writer did before that write happens-before the read; a thread's reads never go backwards.
//
// twin two: -DBUFFERS=2
// twin four: -DBUFFERS=4
// mutants: nc01 nc02 nc03 nc04 nc05 nc06 nc07 nc08 nc09 nc10 nc12 nc13 nc17 nc19 nc16
// mutants two: ce01
// reaches: torn_read newest in_between
// reaches four: lapped_once lapped_twice

#include "latch.h"

#define WRITES (BUFFERS + 1)

// What the writer did before write number i.
static atomic_int before[WRITES + 1];

static void *writer(void *unused)
{
    for (int i = 1; i <= WRITES; i++) {
        ST(before[i], 1, relaxed);
        latch_write(i);
    }
    return unused;
}

static int read_once(int last)
{
    struct copied buf;
    unsigned version;
    if (!latch_try_read(&buf, &version))
        return last;
    int got = (int)version;
    assert(buf.first == got && buf.second == got);
    assert(got >= last);
    assert(LD(before[got], relaxed) == 1);
    REACHED(newest, got == WRITES);
    REACHED(in_between, got == 1);
    return got;
}

int main(void)
{
    pthread_t thread;
    ST(before[0], 1, relaxed);
    pthread_create(&thread, NULL, writer, NULL);

    int last = read_once(0);
    last = read_once(last);

    pthread_join(thread, NULL);
    assert(read_once(last) == WRITES);
    return 0;
}
