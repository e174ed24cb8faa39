// Two writers of one sequence word, which take turns by claiming it.
// Rust: seqcopy/src/seq_count/claim.rs, SeqCount::{try_claim, claim_from}; mod.rs, SeqCount::{write_end, write_end_at, write_cancel}.
//
// Two threads do what FIRST and SECOND say, a third one reads. Each write adds one to the value that is there, or to the one that was
// read. An accepted read returns exactly the value of its word's write; who claims finds what the writer before has left; at the end
// every write has been counted.
//
// twin adds: -DFIRST=ADD -DSECOND=ADD
// twin adds_to_read: -DFIRST=ADD_TO_READ -DSECOND=ADD_TO_READ
// twin both: -DFIRST=ADD -DSECOND=ADD_TO_READ
// twin cancels: -DFIRST=CANCEL -DSECOND=ADD
// twin cancels_read: -DFIRST=CANCEL -DSECOND=ADD_TO_READ
// twin mapped: -DFIRST=ADD -DSECOND=ADD -DREADER=MAPPED
// twin stamp: -DCODE=STAMP -DFIRST=ADD -DSECOND=ADD_TO_READ
// mutants adds: cw01 cw02 cw03 cw04 cw05 sl06 sl08 sl10
// mutants adds_to_read: cw02 cw03 cw04 cw06 sl06 sl08 sl10
// mutants both: cw01 cw02 cw03 cw04 cw05 cw06
// mutants stamp: cw01 cw02 cw03 cw04 cw05 cw06
// mutants cancels: cw01 cw02 cw03 cw04 cw05
// mutants cancels_read: cw06
// reaches: busy_word newest in_between refused
// reaches adds: torn_read

#define ADD 0
#define ADD_TO_READ 1
#define CANCEL 2

#include "seq_count.h"

// How many writes each thread has made; read after it has ended.
static int made[2];

// What the writer did before write number i.
static atomic_int before[4];

static unsigned initial(void)
{
    return CODE == STAMP ? 1 : 0;
}

// The number of the write that left a stable word.
static int number(unsigned word)
{
    return (int)(CODE == STAMP ? word - 1 : word / 2);
}

static void add(int thread, int value, unsigned found, unsigned token)
{
    ST(before[number(found) + 1], 1, relaxed);
    store(&payload, value + 1);
    write_end(token, found + 1);
    made[thread]++;
}

// SeqCount::try_claim, and a write of the last value plus one.
static void claim_and_add(int thread)
{
    unsigned token, found = LD(word, relaxed);
    bool claimed = claim_from(found, &token);
    REACHED(refused, !claimed);
    if (!claimed)
        return;
    struct copied last;
    load_into(&payload, &last);
    assert(last.first == number(found) && last.second == number(found));
    add(thread, last.first, found, token);
}

static void read_and_add(int thread)
{
    struct copied last;
    unsigned token, found;
    if (!try_read(&last, &found))
        return;
    bool claimed = claim_from(found, &token);
    REACHED(refused, !claimed);
    if (claimed)
        add(thread, last.first, found, token);
}

static void claim_and_cancel(void)
{
    unsigned token, found = LD(word, relaxed);
    if (claim_from(found, &token))
        ST(word, found, release);
}

static void run(int thread, int operation)
{
    if (operation == CANCEL)
        claim_and_cancel();
    if (operation == ADD_TO_READ)
        read_and_add(thread);
    else
        claim_and_add(thread);
}

static void *first(void *unused)
{
    run(0, FIRST);
    return unused;
}

static void *second(void *unused)
{
    run(1, SECOND);
    return unused;
}

static int read_once(int last)
{
    struct copied buf;
    unsigned found;
    if (!try_read(&buf, &found))
        return last;
    int got = number(found);
    assert(buf.first == got && buf.second == got);
    assert(got >= last);
    assert(got == 0 || LD(before[got], relaxed) == 1);
    REACHED(newest, got == 2);
    REACHED(in_between, got == 1);
    return got;
}

int main(void)
{
    pthread_t threads[2];
    ST(word, initial(), relaxed);
    pthread_create(&threads[0], NULL, first, NULL);
    pthread_create(&threads[1], NULL, second, NULL);

    int last = read_once(0);

    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(is_stable(LD(word, relaxed)));
    assert(read_once(last) == made[0] + made[1]);
    return 0;
}
