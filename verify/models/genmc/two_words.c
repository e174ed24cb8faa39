// A word made of two, for targets without 64-bit atomics: by itself, under SeqLock and under SeqLatch.
// Rust: seqcopy/src/seq_count/two_words.rs, TwoWords::{load, store, show_half}; used by seq_count/mod.rs and latch.rs.
//
// The first word is 1 or 2 bits wide, so that every store or every other store begins a new half. A load must return a
// number that was stored, with everything that happened before its store, and none older than a store that happened before
// the load. With DIES the writer stops between the two stores of the number DIES, and another thread continues after it.
//
// twin each: -DLOW=1 -DLAST=3
// twin every_other: -DLOW=2 -DLAST=5
// twin dies: -DLOW=2 -DLAST=5 -DDIES=2
// twin dies_at_each: -DLOW=1 -DLAST=4 -DDIES=2
// twin single_buffer: -DLOCK=SINGLE_BUFFER -DLOW=2 -DLAST=3
// twin latch: -DLOCK=LATCH -DLOW=2 -DLAST=4
// twin single_buffer_dies: -DLOCK=SINGLE_BUFFER -DLOW=2 -DLAST=3 -DDIES=2
// twin latch_dies: -DLOCK=LATCH -DLOW=2 -DLAST=4 -DDIES=2
// mutants: wd02 wd05 wd07
// mutants each: wd03 wd04 wd08
// mutants every_other: wd03 wd04 wd06 wd08 wd10 wd11
// mutants dies: wd11 wd12
// mutants single_buffer: wd03 wd08 sl01 sl02 sl04 sl10 sl14
// mutants latch: wd03 nc01 nc04 nc06 nc08
// mutants single_buffer_dies: wd11
// mutants latch_dies: wd11 wd12
// reaches: newest in_between
// reaches every_other: adopted
// reaches dies: adopted

#define REGISTER 0
#define SINGLE_BUFFER 1
#define LATCH 2
#ifndef LOCK
#define LOCK REGISTER
#endif
#ifndef DIES
#define DIES 0
#endif

#define TWO_WORDS
#include "two_words.h"

#include "latch.h"
#include "seq_count.h"

static atomic_int before, after, handed_over;

static void write(int value)
{
    ST(before, value, relaxed);
    if (LOCK == SINGLE_BUFFER)
        count_write(value, 0);
    else if (LOCK == LATCH)
        latch_write(value);
    else
        store_two((unsigned)value);
    ST(after, value, release);
}

// The same, stopped between t1 and t2.
static void write_half(int value)
{
    if (LOCK == SINGLE_BUFFER) {
        unsigned token = write_begin();
        store(&payload, 9);
        show_half(next(token, 0));
    } else if (LOCK == LATCH) {
        unsigned next = load_two() + 1;
        FENCE(release);
        store(buffer(next), 9);
        show_half(next);
    } else {
        show_half((unsigned)value);
    }
}

static void *writer(void *unused)
{
    for (int i = 1; i <= (DIES ? DIES - 1 : LAST); i++)
        write(i);
    if (DIES) {
        write_half(DIES);
        ST(handed_over, 1, release);
    }
    return unused;
}

static void *continues(void *unused)
{
    ASSUME(LD(handed_over, acquire));
    for (int i = DIES; i <= LAST; i++)
        write(i);
    return unused;
}

static int read_once(int last)
{
    int at_least = LD(after, acquire);
    unsigned found = 0;
    if (LOCK == REGISTER) {
        found = load_two();
    } else {
        struct copied buf;
        if (LOCK == SINGLE_BUFFER ? !try_read(&buf, &found) : !latch_try_read(&buf, &found))
            return last;
        if (LOCK == SINGLE_BUFFER)
            found /= 2;
        assert(buf.first == (int)found && buf.second == (int)found);
    }
    int got = (int)found;
    int at_most = LD(before, relaxed);
    assert(got <= at_most);
    assert(got >= at_least);
    assert(got >= last);
    REACHED(newest, got == LAST);
    REACHED(in_between, got == 1);
    return got;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, writer, NULL);
    if (DIES)
        pthread_create(&threads[1], NULL, continues, NULL);

    int last = read_once(0);
    if (LOCK != SINGLE_BUFFER)
        last = read_once(last);

    pthread_join(threads[0], NULL);
    if (DIES)
        pthread_join(threads[1], NULL);
    assert(read_once(last) == LAST);
    return 0;
}
