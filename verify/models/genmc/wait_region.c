// Waiting on the sequence word of a region: no reader may sleep while a newer value than the one it knows is published and its writer
// has called wake. Rust: seqcopy-shm/src/handle/wait.rs and sys/unix/wait.rs, with their steps f1, f2, g1 and g2.
//
// The futex is a lock around "if the word is still this one, queue" and around "wake what is queued". With SHORTCUT the system takes
// no lock to wake if it counts no thread that waits, as Linux does, with a full barrier on each side.
//
// One call of `wait`, up to its first sleep: after a wake-up for nothing the reader is at g1 again.
//
// With REQUEUE a third process, which can only read the region, moves the sleeping reader to the queue of another word, where f2 does not
// find it. Then nothing wakes it but the end of its time, after which it is at g1 again.
//
// twin buffer: -DCODE=SKIP_ZERO -DREADER=MAPPED
// twin buffer_shortcut: -DCODE=SKIP_ZERO -DREADER=MAPPED -DSHORTCUT
// twin latch: -DLATCH
// twin latch_shortcut: -DLATCH -DSHORTCUT
// twin buffer_requeue: -DCODE=SKIP_ZERO -DREADER=MAPPED -DREQUEUE
// twin latch_requeue: -DLATCH -DREQUEUE
// mutants buffer: ft01 ft02 ft03 ft04
// mutants buffer_shortcut: ft01 ft02 ft03 ft04
// mutants latch: ft01 ft02 ft03 ft04
// mutants latch_shortcut: ft01 ft02 ft03 ft04
// mutants buffer_shortcut: ft05 ft06
// mutants latch_shortcut: ft05 ft06
// mutants buffer_requeue: ft07
// mutants latch_requeue: ft07
// reaches: newest waited refused
// reaches buffer_requeue: never_woken
// reaches latch_requeue: never_woken
// reaches buffer: busy_word

#ifdef LATCH
#include "latch.h"
#define WRITE(value) latch_write(value)
#define WORD() latch_load()
#define NUMBER(word) (word)
#else
#include "seq_count.h"
#define WRITE(value) count_write(value, 0)
#define WORD() count_load()
#define NUMBER(word) ((word) >> 1)
#endif

#define WRITES 2u

static pthread_mutex_t futex = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint waiters;
static bool queued;
static bool woken;
/* Asleep on another word. */
static bool moved;

// g2, as the system does it: a read of the word that orders nothing by itself.
static void futex_wait(unsigned seen)
{
#ifdef SHORTCUT
    atomic_fetch_add_explicit(&waiters, 1, memory_order_relaxed);
    if (!IS(ft06))
        FENCE(seq_cst);
#endif
    pthread_mutex_lock(&futex);
#ifdef LATCH
    bool is_same = LOAD_COUNT(memory_order_relaxed) == seen;
#else
    bool is_same = LOAD_WORD(memory_order_relaxed) == seen;
#endif
    if (IS(ft03)) {
        pthread_mutex_unlock(&futex);
        pthread_mutex_lock(&futex);
    }
    if (is_same || IS(ft02))
        queued = true;
    pthread_mutex_unlock(&futex);
    REACHED(refused, !is_same);
}

// f2.
static void futex_wake(void)
{
#ifdef SHORTCUT
    if (!IS(ft05))
        FENCE(seq_cst);
    if (LD(waiters, relaxed) == 0)
        return;
#endif
    pthread_mutex_lock(&futex);
    if (queued)
        woken = true;
    pthread_mutex_unlock(&futex);
}

#ifdef REQUEUE
// FUTEX_REQUEUE, as the system does it.
static void *hostile(void *unused)
{
    pthread_mutex_lock(&futex);
    if (queued && !woken) {
        queued = false;
        moved = true;
    }
    pthread_mutex_unlock(&futex);
    return unused;
}
#endif

static void *writer(void *unused)
{
    for (unsigned value = 1; value <= WRITES; value++) {
        if (IS(ft01))
            futex_wake();
        // f1
        WRITE((int)value);
        if (!IS(ft01))
            futex_wake();
    }
    return unused;
}

// Reader::wait.
static void *reader(void *unused)
{
    unsigned known = NUMBER(WORD());
    // There will be no newer value.
    if (known == WRITES)
        return unused;
    // g1
    unsigned seen = WORD();
    bool is_newer = NUMBER(seen) != known;
    REACHED(newest, is_newer);
    if (is_newer)
        return unused;
#ifndef LATCH
    REACHED(busy_word, !is_stable(seen) && seen != 0);
#endif
    futex_wait(IS(ft04) ? WORD() : seen);
    return unused;
}

int main(void)
{
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, writer, NULL);
    pthread_create(&threads[1], NULL, reader, NULL);
#ifdef REQUEUE
    pthread_create(&threads[2], NULL, hostile, NULL);
    pthread_join(threads[2], NULL);
#endif
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    REACHED(waited, queued && woken);
    assert(!queued || woken);
    // The reader's time is up, and it is at g1: there will be no newer value than this.
    REACHED(never_woken, moved);
    if (!IS(ft07) && moved)
        moved = NUMBER(WORD()) != WRITES;
    assert(!moved);
    return 0;
}
