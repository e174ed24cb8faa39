/* For programs that are to live on when the file of a mapped region is truncated, or can't be read any more; on Linux. */
#if defined(__linux__) && !defined(SEQCOPY_SIGBUS_DECLARED)
#define SEQCOPY_SIGBUS_DECLARED

#ifdef SEQCOPY_SURVIVE_TRUNCATION
#include <signal.h>
#include <stdlib.h>
#if !defined(MAP_ANONYMOUS) || !defined(MAP_NORESERVE) || !defined(SA_ONSTACK)
#error "strict modes of the C library leave out what SEQCOPY_SURVIVE_TRUNCATION needs: define _GNU_SOURCE before the first #include"
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Installs a handler of SIGBUS, once for the program, for all regions of all these headers. From then on a read of a region that lost
 * a page returns .._READ_TRUNCATED; without this, it ends the program. Returns 0, or -1: see errno.
 *
 * Define SEQCOPY_SURVIVE_TRUNCATION in one translation unit, before it includes the first of these headers: the functions are there.
 *
 * The handler that was there before gets the signals that are not about such a region; without one, they end the program as before.
 * A handler that is installed later should pass on to this one what is not its own. A thread that blocks SIGBUS is killed. No signal
 * is raised, and there are zeros in a value, where a file is truncated inside of a page, extended again, or has a hole punched. */
int seqcopy_survive_truncation(void);

#ifdef SEQCOPY_SURVIVE_TRUNCATION
#define SEQCOPY_SIGBUS_WEAK
#define SEQCOPY_SIGBUS_IS_THERE(function) 1
#else
/* Null in a program of which no translation unit defines it. */
#define SEQCOPY_SIGBUS_WEAK __attribute__((weak))
#define SEQCOPY_SIGBUS_IS_THERE(function) ((function) != NULL)
#endif
void seqcopy_sigbus_enter(const void *base, size_t size) SEQCOPY_SIGBUS_WEAK;
void seqcopy_sigbus_leave(const void *base) SEQCOPY_SIGBUS_WEAK;

#ifdef SEQCOPY_SURVIVE_TRUNCATION

/* Where a region is mapped: a sequence lock, written by the thread that has taken it, read by handlers. */
typedef struct seqcopy_sigbus_mapping {
    uint32_t is_taken;
    uint32_t seq;
    uintptr_t base;
    size_t size;
} seqcopy_sigbus_mapping;

/* Those after the first are allocated when they are needed, and never freed: a handler may look at them. */
typedef struct seqcopy_sigbus_mappings {
    seqcopy_sigbus_mapping each[64];
    struct seqcopy_sigbus_mappings *next;
} seqcopy_sigbus_mappings;

static seqcopy_sigbus_mappings seqcopy_sigbus_first_mappings;
static struct sigaction seqcopy_sigbus_previous;
/* 0: not installed, 1: being installed, 2: installed. */
static int seqcopy_sigbus_installed;
/* Whether a previous handler that is for one signal only has had it. */
static int seqcopy_sigbus_is_spent;

static void seqcopy_sigbus_set(seqcopy_sigbus_mapping *it, uintptr_t base, size_t size)
{
    uint32_t seq = __atomic_load_n(&it->seq, __ATOMIC_RELAXED);
    __atomic_store_n(&it->seq, seq + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&it->base, base, __ATOMIC_RELAXED);
    __atomic_store_n(&it->size, size, __ATOMIC_RELAXED);
    __atomic_store_n(&it->seq, seq + 2, __ATOMIC_RELEASE);
}

/* A mapping that has just been made and that nothing has accessed. Without memory it is left out, and kills as it would anyway. */
void seqcopy_sigbus_enter(const void *base, size_t size)
{
    seqcopy_sigbus_mappings *block = &seqcopy_sigbus_first_mappings;
    while (block != NULL) {
        seqcopy_sigbus_mappings *next, *other = NULL;
        for (size_t i = 0; i < sizeof block->each / sizeof *block->each; i++) {
            seqcopy_sigbus_mapping *it = &block->each[i];
            uint32_t free_one = 0;
            if (__atomic_compare_exchange_n(&it->is_taken, &free_one, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                seqcopy_sigbus_set(it, (uintptr_t)base, size);
                return;
            }
        }
        next = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE);
        if (next == NULL) {
            next = (seqcopy_sigbus_mappings *)calloc(1, sizeof *next);
            if (next != NULL && !__atomic_compare_exchange_n(&block->next, &other, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
                free(next);
                next = other;
            }
        }
        block = next;
    }
}

/* Before it is unmapped: the next one at its address may be anything. */
void seqcopy_sigbus_leave(const void *base)
{
    for (seqcopy_sigbus_mappings *block = &seqcopy_sigbus_first_mappings; block != NULL; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE))
        for (size_t i = 0; i < sizeof block->each / sizeof *block->each; i++) {
            seqcopy_sigbus_mapping *it = &block->each[i];
            if (__atomic_load_n(&it->base, __ATOMIC_RELAXED) == (uintptr_t)base) {
                seqcopy_sigbus_set(it, 0, 0);
                __atomic_store_n(&it->is_taken, 0, __ATOMIC_RELEASE);
                return;
            }
        }
}

/* Puts zeros in the place of the mapping in which this address lies. The thread that the signal interrupts reads there, so that entry
 * does not change meanwhile; one that does is another's. */
static int seqcopy_sigbus_put_zeros(uintptr_t address)
{
    for (seqcopy_sigbus_mappings *block = &seqcopy_sigbus_first_mappings; block != NULL; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE))
        for (size_t i = 0; i < sizeof block->each / sizeof *block->each; i++) {
            seqcopy_sigbus_mapping *it = &block->each[i];
            uint32_t seq = __atomic_load_n(&it->seq, __ATOMIC_ACQUIRE);
            uintptr_t base = __atomic_load_n(&it->base, __ATOMIC_RELAXED);
            size_t size = __atomic_load_n(&it->size, __ATOMIC_RELAXED);
            __atomic_thread_fence(__ATOMIC_ACQUIRE);
            if (seq % 2 == 0 && __atomic_load_n(&it->seq, __ATOMIC_RELAXED) == seq && address - base < size)
                return mmap((void *)base, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
        }
    return 0;
}

static void seqcopy_sigbus_handler(int number, siginfo_t *info, void *context)
{
    int error = errno;
    int is_done = info->si_code == BUS_ADRERR && seqcopy_sigbus_put_zeros((uintptr_t)info->si_addr);
    errno = error;
    if (is_done)
        return;
    if (seqcopy_sigbus_previous.sa_handler == SIG_IGN && info->si_code <= 0)
        return;
    if (seqcopy_sigbus_previous.sa_handler == SIG_IGN || seqcopy_sigbus_previous.sa_handler == SIG_DFL
        || ((seqcopy_sigbus_previous.sa_flags & (int)SA_RESETHAND) != 0 && __atomic_exchange_n(&seqcopy_sigbus_is_spent, 1, __ATOMIC_RELAXED))) {
        /* The access is repeated, and kills. A signal that was sent does not come again by itself. */
        struct sigaction none;
        memset(&none, 0, sizeof none);
        sigaction(SIGBUS, &none, NULL);
        if (info->si_code <= 0)
            raise(number);
    } else if ((seqcopy_sigbus_previous.sa_flags & SA_SIGINFO) != 0) {
        seqcopy_sigbus_previous.sa_sigaction(number, info, context);
    } else {
        seqcopy_sigbus_previous.sa_handler(number);
    }
}

int seqcopy_survive_truncation(void)
{
    struct sigaction action;
    int none = 0;
    if (!__atomic_compare_exchange_n(&seqcopy_sigbus_installed, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return 0;
    memset(&action, 0, sizeof action);
    /* The handler may run before the call that installs it returns, so the previous action is asked for first. */
    if (sigaction(SIGBUS, NULL, &seqcopy_sigbus_previous) == 0) {
        action.sa_sigaction = seqcopy_sigbus_handler;
        action.sa_mask = seqcopy_sigbus_previous.sa_mask;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | (seqcopy_sigbus_previous.sa_flags & (int)(SA_NODEFER | SA_RESTART));
        if (sigaction(SIGBUS, &action, NULL) == 0) {
            __atomic_store_n(&seqcopy_sigbus_installed, 2, __ATOMIC_RELEASE);
            return 0;
        }
    }
    __atomic_store_n(&seqcopy_sigbus_installed, 0, __ATOMIC_RELEASE);
    return -1;
}

#endif

#ifdef __cplusplus
}
#endif

#endif
