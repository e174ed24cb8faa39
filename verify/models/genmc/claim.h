// The twin of seqcopy/src/lock/claim.rs: each function has the name and the steps of its Rust original.

#ifndef CLAIM_H
#define CLAIM_H

#include "model.h"

#define FREE 0
// ClaimFor::OneWrite and ClaimFor::Guard.
#define ONE_WRITE 1
#define GUARD 2

static atomic_uchar claim;

// Claim::try_acquire_byte. `found`: the byte that was loaded.
static inline bool try_acquire_byte(unsigned char purpose, unsigned char *found)
{
    if (IS(mw03)) {
        *found = LD(claim, acquire);
        if (*found == FREE)
            ST(claim, purpose, relaxed);
        return *found == FREE;
    }
    if (IS(mw05)) {
        *found = atomic_exchange_explicit(&claim, purpose, memory_order_acquire);
        return true;
    }
    *found = FREE;
    if (IS(mw01))
        return atomic_compare_exchange_strong_explicit(&claim, found, purpose, memory_order_relaxed, memory_order_relaxed);
    if (IS(mw14))
        return atomic_compare_exchange_strong_explicit(&claim, found, purpose, memory_order_acq_rel, memory_order_relaxed);
    return atomic_compare_exchange_strong_explicit(&claim, found, purpose, memory_order_acquire, memory_order_relaxed);
}

// Claim::release.
static inline void claim_release(void)
{
    atomic_store_explicit(&claim, FREE, ORDER(IS(mw04), relaxed, release));
}

// Claim::try_acquire.
static inline bool try_acquire(unsigned char purpose)
{
    unsigned char found;
    bool acquired = try_acquire_byte(purpose, &found);
    REACHED(refused, !acquired);
    if (IS(cl05) && !acquired)
        claim_release();
    return acquired;
}

// Claim::acquire, with Claim::wait. Iterations that do not acquire the claim have no effect, so only the last one runs.
static inline void acquire_claim(unsigned char purpose)
{
    unsigned char found;
    if (try_acquire_byte(purpose, &found))
        return;
    ASSUME(LD(claim, relaxed) == FREE);
    ASSUME(try_acquire_byte(purpose, &found));
    REACHED(waited, true);
}

// Claim::try_acquire_guard: of its loop, too, only the last iteration runs.
static inline bool try_acquire_guard(void)
{
    unsigned char found;
    if (try_acquire_byte(GUARD, &found))
        return true;
    ASSUME(found == GUARD);
    return false;
}

#endif
