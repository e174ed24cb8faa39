// Waiting on the sequence word of a region by named events, on Windows: no reader may sleep while a newer value than the one it knows is
// published and its writer has called wake. Rust: seqcopy-shm/src/handle/wait.rs and sys/windows/wait.rs, with their steps f1 to f3 and g1
// to g5.
//
// The system has a lock around "open the event of that name, if there is one, and set it" and around "create it, or open it". An event of a
// number is set once and stays so. Here it is there from its creation to the end, as a sleeper keeps it.
//
// One call of `wait`, up to its first sleep: after a wake-up for nothing the reader is at g1 again.
//
// twin buffer: -DCODE=SKIP_ZERO -DREADER=MAPPED
// twin latch: -DLATCH
// mutants buffer: ev01 ev02 ev03 ev04 ev05 ev06
// mutants latch: ev01 ev02 ev03 ev04 ev05 ev06
// reaches: newest waited refused

#ifdef LATCH
#include "latch.h"
#define WRITE(value) latch_write(value)
#define WORD() latch_load()
#define WORD_RELAXED() LOAD_COUNT(memory_order_relaxed)
#define NUMBER(word) (word)
#else
#include "seq_count.h"
#define WRITE(value) count_write(value, 0)
#define WORD() count_load()
#define WORD_RELAXED() LOAD_WORD(memory_order_relaxed)
#define NUMBER(word) ((word) >> 1)
#endif

#define WRITES 2u

// The lock of the system's names.
static pthread_mutex_t names = PTHREAD_MUTEX_INITIALIZER;
static bool is_there[WRITES + 1];
static bool is_set[WRITES + 1];
static atomic_uint wakes;
// The event on which the reader sleeps.
static bool asleep;
static unsigned slept_on;

static void set_event(unsigned n)
{
    pthread_mutex_lock(&names);
    if (is_there[n])
        is_set[n] = true;
    pthread_mutex_unlock(&names);
}

// f2 and f3.
static void wake(void)
{
    unsigned n = atomic_fetch_add_explicit(&wakes, 1, ORDER(IS(ev06), relaxed, seq_cst));
    set_event(IS(ev03) ? n + 1 : n);
}

static void *writer(void *unused)
{
    for (unsigned value = 1; value <= WRITES; value++) {
        if (IS(ev01))
            wake();
        // f1
        WRITE((int)value);
        if (!IS(ev01))
            wake();
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
    // g2
    unsigned n = LD(wakes, acquire);
    // g3
    bool is_same = WORD_RELAXED() == seen && LD(wakes, relaxed) == n;
    pthread_mutex_lock(&names);
    is_there[n] = true;
    pthread_mutex_unlock(&names);
    // g4
    if (!IS(ev02))
        is_same = (IS(ev04) || WORD_RELAXED() == seen) && (IS(ev05) || LD(wakes, relaxed) == n);
    REACHED(refused, !is_same);
    // g5
    asleep = is_same;
    slept_on = n;
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, writer, NULL);
    pthread_create(&threads[1], NULL, reader, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    REACHED(waited, asleep && is_set[slept_on]);
    assert(!asleep || is_set[slept_on]);
    return 0;
}
