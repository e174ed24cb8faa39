// Two writers that take turns, over SeqLock's one copy or SeqLatch's cells.
// Rust: seqcopy/src/lock/mod.rs, write, try_write, update; lock/writer.rs, Writer::{claim, write, drop}; lock/claim.rs;
// lock/single_buffer.rs and lock/latch.rs, Protocol::{try_read_into, peek_into, publish}.
//
// Each thread does what FIRST and SECOND say, a third one reads. An accepted read gives exactly the value that the writer
// of its version published; at the end every write that was made counts, and the claim is free.
//
// twin writes: -DFIRST=WRITE -DSECOND=WRITE
// twin updates: -DFIRST=UPDATE -DSECOND=UPDATE
// twin panics: -DFIRST=PANIC -DSECOND=UPDATE
// twin tries: -DFIRST=WRITE -DSECOND=TRY_THEN_WRITE
// twin holds: -DFIRST=HOLD -DSECOND=WRITE
// twin holds_both: -DFIRST=HOLD -DSECOND=HOLD
// twin latch_writes: -DLOCK=LATCH -DFIRST=WRITE -DSECOND=WRITE
// twin latch_updates: -DLOCK=LATCH -DFIRST=UPDATE -DSECOND=UPDATE
// twin latch_holds: -DLOCK=LATCH -DFIRST=HOLD -DSECOND=WRITE
// mutants writes: mw01 mw03 mw05 mw14 mw04 up04 sl01 sl02 sl03 sl04 sl05 sl06 sl07 sl08 sl09 sl10 sl11 sl12 sl13 sl14 sl15
// mutants updates: mw01 mw03 mw05 mw06 mw14 mw04 up04 sl02 sl06 sl08 sl10
// mutants panics: cl03 mw09
// mutants tries: cl05
// mutants holds: mw01 mw03 mw05 mw04 mw15
// mutants holds_both: mw01 mw03 mw05 mw04
// mutants latch_writes: mw01 mw03 mw05 mw14 mw04 up04 nc01 nc02 nc03 nc04
// mutants latch_updates: mw01 mw03 mw05 mw06 mw14 mw04 up04 nc01 nc02 nc03 nc04
// mutants latch_holds: mw01 mw03 mw05 mw04
// reaches writes: waited busy_word torn_read newest in_between
// reaches updates: waited busy_word torn_read newest in_between
// reaches tries: refused
// reaches holds_both: refused

#define SINGLE_BUFFER 0
#define LATCH 1
#ifndef LOCK
#define LOCK SINGLE_BUFFER
#endif

#define WRITE 0
#define UPDATE 1
#define PANIC 2
#define TRY_THEN_WRITE 3
#define HOLD 4

#include "claim.h"
#include "latch.h"
#include "seq_count.h"

#define MOST_WRITES 4

// Told by the writers, under the claim, so that readers know what belongs to a version.
static atomic_int published[MOST_WRITES + 1];

// How many writes each thread made: known when it has ended.
static int made[2];

// What the next write will be called.
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
    load_into(LOCK == LATCH ? cell(latch_load()) : &payload, &buf);
    assert(buf.first == buf.second);
    return buf.first;
}

// A turn, with SeqLock::write's payload or update's change of what is there.
static void turn(int thread, bool update, int value)
{
    int old = IS(mw06) && update ? peek() : 0;
    if (IS(mw15)) {
        unsigned even = LD(word, relaxed);
        ASSUME(is_stable(even));
        ASSUME(atomic_compare_exchange_strong_explicit(&word, &even, even + 1, memory_order_acquire, memory_order_relaxed));
    } else {
        take(TURN);
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
        turn(thread, false, value);
    } else if (operation == UPDATE) {
        turn(thread, true, 0);
    } else if (operation == PANIC) {
        // The closure of update panics: its turn ends by unwinding, nothing was stored.
        take(TURN);
        int old = peek();
        if (IS(mw09))
            ST(payload.first, old + 1, relaxed);
        if (!IS(cl03))
            claim_release();
    } else if (operation == TRY_THEN_WRITE) {
        if (try_take(TURN)) {
            publish(thread, value);
            claim_release();
        } else {
            turn(thread, false, value);
        }
    } else if (operation == HOLD) {
        bool held = try_acquire_guard();
        REACHED(refused, !held);
        if (held) {
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
