// A writer stops forever in the middle of a write; a second writer, in another thread, overwrites what it left.
// Rust: seqcopy/src/seq_count/mod.rs, SeqCount::write_begin adopts a busy word; SeqCount::write.
//
// The hand-over is a release store and an acquire load: a lock of the operating system, a process that ended. The first
// writer publishes value 1 and stops during its second write, after step STEP: 1 the word is busy, 2 the fence, 3 half of
// the payload, 4 all of it. The second writer publishes value 3. No reader may see value 2, or a torn value.
//
// twin nothing_done: -DSTEP=0
// twin word_busy: -DSTEP=1
// twin fenced: -DSTEP=2
// twin half_stored: -DSTEP=3
// twin all_stored: -DSTEP=4
// twin mapped: -DSTEP=3 -DREADER=MAPPED
// twin stamp: -DSTEP=3 -DREADER=MAPPED -DCODE=STAMP
// twin counts_by_two: -DSTEP=3 -DMUTANT=rc03
// mutants word_busy: rc01 rc02 rc04 rc05 rc06 rh01
// mutants fenced: rc01 rc02 rc04 rc05 rc06 rh01
// mutants half_stored: rc01 rc02 rc04 rc05 rc06 rh01
// mutants all_stored: rc01 rc02 rc04 rc05 rc06 rh01
// mutants mapped: rc01 rc02 rc04 rc05 rc06 rh01
// mutants stamp: rc01 rc05 rc06 rh01
// reaches half_stored: busy_word torn_read newest in_between adopted
// reaches stamp: busy_word torn_read newest in_between adopted

#include "seq_count.h"

#define STAMP_OF(value) (CODE == STAMP ? (value) == 1 ? 9u : (value) == 3 ? 5u : 7u : 0u)

static atomic_int handed_over;

// The value that belongs to a word: 0 at first, then those of the two writers.
static int value_of(unsigned word)
{
    if (CODE == STAMP)
        return word == 9 ? 1 : word == 5 ? 3 : 0;
    return word == 0 ? 0 : word == 2 ? 1 : 3;
}

static void *stops(void *unused)
{
    count_write(1, STAMP_OF(1));
    // SeqCount::write, up to step STEP.
    if (STEP >= 1)
        ST(word, busy(LD(word, relaxed)), relaxed);
    if (STEP >= 2)
        FENCE(release);
    if (STEP >= 3)
        ST(payload.first, 2, relaxed);
    if (STEP >= 4)
        ST(payload.second, 2, relaxed);
    // The hand-over; not a step of the stopped writer.
    atomic_store_explicit(&handed_over, 1, ORDER(IS(rh01), relaxed, release));
    return unused;
}

static void *continues(void *unused)
{
    ASSUME(atomic_load_explicit(&handed_over, ORDER(IS(rh01), relaxed, acquire)));
    // SeqCount::write.
    unsigned found = LD(word, relaxed);
    bool stuck = !is_stable(found);
    REACHED(adopted, stuck);
    if (IS(rc02) && stuck)
        ST(word, found + 1, relaxed);
    unsigned token = busy(LD(word, relaxed));
    if (IS(rc03) && stuck)
        token += 2;
    if (IS(rc04))
        token = found + 1;
    ST(word, token, relaxed);
    if (!(IS(rc01) && stuck))
        FENCE(release);
    ST(payload.first, 3, relaxed);
    if (!IS(rc06))
        ST(payload.second, 3, relaxed);
    atomic_store_explicit(&word, next(token, STAMP_OF(3)), ORDER(IS(rc05), relaxed, release));
    return unused;
}

static int read_once(int last)
{
    struct copied buf;
    unsigned token;
    if (!try_read(&buf, &token))
        return last;
    int got = value_of(token);
    assert(buf.first == got && buf.second == got);
    assert(got >= last);
    REACHED(newest, got == 3);
    REACHED(in_between, got == 1);
    return got;
}

int main(void)
{
    pthread_t threads[2];
    ST(word, STAMP_OF(0), relaxed);
    pthread_create(&threads[0], NULL, stops, NULL);
    pthread_create(&threads[1], NULL, continues, NULL);

    int last = read_once(0);
    last = read_once(last);

    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(read_once(last) == 3);
    return 0;
}
