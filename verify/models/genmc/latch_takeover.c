// A latch's writer stops forever in the middle of a write; a second writer, in another thread, continues.
// Rust: seqcopy/src/seq_count/latch.rs, LatchWord::write: there is nothing to repair.
//
// The hand-over is a release store and an acquire load. The first writer publishes value 1 and stops during its second
// write, after step STEP: 0 none or the fence, 1 half of the payload, 2 all of it. The second writer publishes values 2
// and 3. No reader ever sees the half-written buffer.
//
// twin nothing_done: -DSTEP=0
// twin half_stored: -DSTEP=1
// twin all_stored: -DSTEP=2
// twin half_stored_four: -DSTEP=1 -DBUFFERS=4
// mutants nothing_done: nc01 nc02 nc11 nh01
// mutants half_stored: nc01 nc02 nc11 nc20 nh01
// mutants all_stored: nc01 nc02 nc11 nh01
// mutants half_stored_four: nc02 nc11 nc20
// reaches half_stored: torn_read newest in_between

#include "latch.h"

#define LAST 3

static atomic_int handed_over;

static void *stops(void *unused)
{
    latch_write(1);
    // LatchWord::write, up to step STEP. The value of a write that is not published does not matter.
    unsigned next = LD(count, relaxed) + 1;
    FENCE(release);
    if (STEP >= 1)
        ST(buffer(next)->first, 9, relaxed);
    if (STEP >= 2)
        ST(buffer(next)->second, 9, relaxed);
    // The hand-over; not a step of the stopped writer.
    atomic_store_explicit(&handed_over, 1, ORDER(IS(nh01), relaxed, release));
    return unused;
}

static void *continues(void *unused)
{
    ASSUME(atomic_load_explicit(&handed_over, ORDER(IS(nh01), relaxed, acquire)));
    if (IS(nc11))
        ST(count, 0, release);
    if (IS(nc20))
        ST(count, LD(count, relaxed) + 1, release);
    for (int i = 2; i <= LAST; i++)
        latch_write(i);
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
    REACHED(newest, got == LAST);
    REACHED(in_between, got == 1);
    return got;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, stops, NULL);
    pthread_create(&threads[1], NULL, continues, NULL);

    int last = read_once(0);
    last = read_once(last);

    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(read_once(last) == LAST);
    return 0;
}
