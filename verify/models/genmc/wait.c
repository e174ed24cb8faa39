// Waiting on a separate word: no waiter may sleep through a value that has been published.
// Rust: seqcopy/docs/guide/recipes.md, "Wait on a word of your own" (seqcopy/src/models/recipes/word.rs).
//
// The futex is a lock around "if the epoch is still this one, sleep" and "wake the sleeper", as in the kernel. The waiter
// sleeps forever if the wake-up comes before it sleeps.
//
// twin waits: -DREADER=MAPPED
// mutants: wt01 wt02 wt03 wt04 wt05 wt06
// reaches: newest in_between

#include "seq_count.h"

static atomic_uint epoch;
static atomic_uint waiters;

static pthread_mutex_t futex = PTHREAD_MUTEX_INITIALIZER;
static bool sleeping;
static bool woken;

static void atomic_wait(unsigned expected)
{
    pthread_mutex_lock(&futex);
    if (LD(epoch, relaxed) == expected)
        sleeping = true;
    pthread_mutex_unlock(&futex);
}

static void wake_all(void)
{
    pthread_mutex_lock(&futex);
    if (sleeping)
        woken = true;
    pthread_mutex_unlock(&futex);
}

static void increment_epoch(void)
{
    atomic_fetch_add_explicit(&epoch, 1, memory_order_relaxed);
}

static void *writer(void *unused)
{
    count_write(1, 0);
    if (IS(wt01))
        increment_epoch();
    if (!IS(wt02))
        FENCE(seq_cst);
    if (LD(waiters, relaxed) != 0) {
        if (!IS(wt01) && !IS(wt06))
            increment_epoch();
        wake_all();
    }
    return unused;
}

// SeqLock::has_changed(version of the first value): SingleBuffer::version.
static bool has_changed(void)
{
    return count_load() / 2 != 0;
}

// One iteration of the waiter's loop: it has checked before and found nothing new.
static void *waiter(void *unused)
{
    atomic_fetch_add_explicit(&waiters, 1, memory_order_relaxed);
    if (!IS(wt03))
        FENCE(seq_cst);
    bool changed = IS(wt04) && has_changed();
    unsigned seen = atomic_load_explicit(&epoch, ORDER(IS(wt05), relaxed, acquire));
    if (!IS(wt04))
        changed = has_changed();
    if (!changed)
        atomic_wait(seen);
    REACHED(newest, changed);
    REACHED(in_between, !changed && seen == 0);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, writer, NULL);
    pthread_create(&threads[1], NULL, waiter, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(!sleeping || woken);
    return 0;
}
