// Announce, then read: a worker announces that it is at work, then reads the value; a writer publishes a new value, then
// checks whether a worker is at work. At least one of them must see the other.
// Rust: seqcopy/docs/guide/recipes.md, "Announce, then read"; SeqLock::{write, read} are lock/algorithms.rs over seq_count/mod.rs.
//
// Both sides need a sequentially consistent fence. A read-modify-write by the reader alone does not replace it.
//
// twin fences: -DREADER=OWNED
// twin fences_mapped: -DREADER=MAPPED
// twin latch: -DLATCH
// mutants: fr00 fr01 fr02 fr05
// mutants fences: fr06 fr07
// mutants latch: fr06 fr07
// reaches: newest in_between

#include "latch.h"
#include "seq_count.h"

static atomic_bool at_work;
static bool writer_saw_worker;

static void fence_unless(bool left_out)
{
    if (IS(fr05))
        FENCE(acq_rel);
    else if (!left_out)
        FENCE(seq_cst);
}

static void *writer(void *unused)
{
    // The claim is left out: with one writer, its release is a store between w4 and the fence.
#ifdef LATCH
    latch_write(1);
#else
    count_write(1, 0);
#endif
    fence_unless(IS(fr00) || IS(fr01) || IS(fr06));
    writer_saw_worker = LD(at_work, relaxed);
    return unused;
}

// SeqLock::read and SeqLatch::read retry until an attempt succeeds. Failed attempts have no effect, so only the last one runs.
static int read_value(void)
{
    struct copied buf;
    unsigned found;
    bool by_rmw = IS(fr06) || IS(fr07);
#ifdef LATCH
    if (by_rmw) {
        // m1 as a read-modify-write, which always reads the newest count.
        found = atomic_fetch_add_explicit(&count, 0, memory_order_acq_rel);
        load_into(buffer(found), &buf);
        ASSUME(latch_read_end(found));
    } else {
        ASSUME(latch_try_read(&buf, &found));
    }
#else
    if (by_rmw) {
        // r1 as a read-modify-write.
        found = atomic_fetch_add_explicit(&word, 0, memory_order_acq_rel);
        ASSUME(is_stable(found));
        load_into(&payload, &buf);
        ASSUME(read_end(found));
    } else {
        ASSUME(try_read(&buf, &found));
    }
#endif
    return buf.first;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, writer, NULL);

    ST(at_work, true, relaxed);
    fence_unless(IS(fr00) || IS(fr02) || IS(fr06) || IS(fr07));
    int value = read_value();

    pthread_join(thread, NULL);
    assert(writer_saw_worker || value == 1);
    REACHED(newest, value == 1 && writer_saw_worker);
    REACHED(in_between, value == 0);
    return 0;
}
