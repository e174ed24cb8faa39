// Two contending writers, over the single buffer of SeqLock or the buffers of SeqLatch.
// Rust: seqcopy/src/lock/mod.rs, write, try_write, update; lock/writer.rs, Writer::{claim, write, drop}; lock/claim.rs;
// lock/algorithms.rs, Protocol::{attempt_into, peek_into, publish}.
//
// Two threads do what FIRST and SECOND say, a third one reads. An accepted read returns exactly the value that the writer
// of its version published; at the end every write has been counted, and the claim is free.
//
// twin writes: -DFIRST=WRITE -DSECOND=WRITE
// twin updates: -DFIRST=UPDATE -DSECOND=UPDATE
// twin panics: -DFIRST=PANIC -DSECOND=UPDATE
// twin tries: -DFIRST=WRITE -DSECOND=TRY_THEN_WRITE
// twin guard: -DFIRST=GUARDED -DSECOND=WRITE
// twin two_guards: -DFIRST=GUARDED -DSECOND=GUARDED
// twin latch_writes: -DLOCK=LATCH -DFIRST=WRITE -DSECOND=WRITE
// twin latch_updates: -DLOCK=LATCH -DFIRST=UPDATE -DSECOND=UPDATE
// twin latch_guard: -DLOCK=LATCH -DFIRST=GUARDED -DSECOND=WRITE
// mutants writes: mw01 mw03 mw05 mw14 mw04 up04 sl01 sl02 sl03 sl04 sl05 sl06 sl07 sl08 sl09 sl10 sl11 sl12 sl13 sl14 sl15
// mutants updates: mw01 mw03 mw05 mw06 mw14 mw04 up04 sl02 sl06 sl08 sl10
// mutants panics: cl03 mw09
// mutants tries: cl05
// mutants guard: mw01 mw03 mw05 mw04 mw15
// mutants two_guards: mw01 mw03 mw05 mw04
// mutants latch_writes: mw01 mw03 mw05 mw14 mw04 up04 nc01 nc02 nc03 nc04
// mutants latch_updates: mw01 mw03 mw05 mw06 mw14 mw04 up04 nc01 nc02 nc03 nc04
// mutants latch_guard: mw01 mw03 mw05 mw04
// reaches writes: waited busy_word torn_read newest in_between
// reaches updates: waited busy_word torn_read newest in_between
// reaches tries: refused
// reaches two_guards: refused

#define SINGLE_BUFFER 0
#define LATCH 1
#ifndef LOCK
#define LOCK SINGLE_BUFFER
#endif

#define WRITE 0
#define UPDATE 1
#define PANIC 2
#define TRY_THEN_WRITE 3
#define GUARDED 4

#include "claim.h"
#include "latch.h"
#include "seq_count.h"

#define MAX_WRITES 4

// The value of each version. The writers store it under the claim, for the reader's assertion.
static atomic_int published[MAX_WRITES + 1];

// How many writes each thread has made; read after it has ended.
static int made[2];

// The version of the next write.
static unsigned next_version(void)
{
    return LOCK == LATCH ? LD(count, relaxed) + 1 : LD(word, relaxed) / 2 + 1;
}

// Protocol::publish.
static void publish(int thread, int value)
{
    ST(published[next_version()], value, relaxed);
    if (LOCK == LATCH)
        latch_write(value);
    else
        count_write(value, 0);
    made[thread]++;
}

// Protocol::peek_into.
static int peek(void)
{
    struct copied buf;
    load_into(LOCK == LATCH ? buffer(latch_load()) : &payload, &buf);
    assert(buf.first == buf.second);
    return buf.first;
}

// SeqLock::write of a value, or SeqLock::update, which adds one.
static void write_or_update(int thread, bool update, int value)
{
    int old = IS(mw06) && update ? peek() : 0;
    if (IS(mw15)) {
        unsigned even = LD(word, relaxed);
        ASSUME(is_stable(even));
        ASSUME(atomic_compare_exchange_strong_explicit(&word, &even, even + 1, memory_order_acquire, memory_order_relaxed));
    } else {
        acquire_claim(ONE_WRITE);
    }
    if (!IS(mw06) && update)
        old = peek();
    if (IS(up04))
        claim_release();
    publish(thread, update ? old + 1 : value);
    if (!IS(up04) && !IS(mw15))
        claim_release();
}

static void run(int thread, int operation, int value)
{
    if (operation == WRITE) {
        write_or_update(thread, false, value);
    } else if (operation == UPDATE) {
        write_or_update(thread, true, 0);
    } else if (operation == PANIC) {
        // The closure of update panics: unwinding releases the claim, nothing was stored.
        acquire_claim(ONE_WRITE);
        int old = peek();
        if (IS(mw09))
            ST(payload.first, old + 1, relaxed);
        if (!IS(cl03))
            claim_release();
    } else if (operation == TRY_THEN_WRITE) {
        if (try_acquire(ONE_WRITE)) {
            publish(thread, value);
            claim_release();
        } else {
            write_or_update(thread, false, value);
        }
    } else if (operation == GUARDED) {
        bool acquired = try_acquire_guard();
        REACHED(refused, !acquired);
        if (acquired) {
            publish(thread, value);
            publish(thread, value + 1);
            claim_release();
        }
    }
}

static void *first(void *unused)
{
    run(0, FIRST, 10);
    return unused;
}

static void *second(void *unused)
{
    run(1, SECOND, 20);
    return unused;
}

static bool read_once(int *version)
{
    struct copied buf;
    unsigned found;
    bool accepted = LOCK == LATCH ? latch_try_read(&buf, &found) : try_read(&buf, &found);
    if (!accepted)
        return false;
    int got = (int)(LOCK == LATCH ? found : found / 2);
    assert(got >= *version);
    *version = got;
    int value = LD(published[got], relaxed);
    assert(buf.first == value && buf.second == value);
    REACHED(newest, got == 2);
    REACHED(in_between, got == 1);
    return true;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, first, NULL);
    pthread_create(&threads[1], NULL, second, NULL);

    int version = 0;
    read_once(&version);

    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(LD(claim, relaxed) == FREE);
    assert(read_once(&version));
    assert(version == made[0] + made[1]);
    if (SECOND == UPDATE)
        assert(peek() == version);
    return 0;
}
