// The twin of seqcopy/src/lock/claim.rs: each function has the name of its Rust original and its steps.

#ifndef CLAIM_H
#define CLAIM_H

#include "model.h"

#define FREE 0
// ClaimFor::OneWrite and ClaimFor::Guard.
#define TURN 1
#define HELD 2

static atomic_uchar claim;

// Claim::try_acquire_byte. `found`: what the claim said.
static inline bool try_acquire_byte(unsigned char hold, unsigned char *found)
{
    if (IS(mw03)) {
        *found = LD(claim, acquire);
        if (*found == FREE)
            ST(claim, hold, relaxed);
        return *found == FREE;
    }
    if (IS(mw05)) {
        *found = atomic_exchange_explicit(&claim, hold, memory_order_acquire);
        return true;
    }
    *found = FREE;
    if (IS(mw01))
        return atomic_compare_exchange_strong_explicit(&claim, found, hold, memory_order_relaxed, memory_order_relaxed);
    if (IS(mw14))
        return atomic_compare_exchange_strong_explicit(&claim, found, hold, memory_order_acq_rel, memory_order_relaxed);
    return atomic_compare_exchange_strong_explicit(&claim, found, hold, memory_order_acquire, memory_order_relaxed);
}

// Claim::release.
static inline void claim_release(void)
{
    atomic_store_explicit(&claim, FREE, ORDER(IS(mw04), relaxed, release));
}

// Claim::try_take.
static inline bool try_take(unsigned char hold)
{
    unsigned char found;
    bool taken = try_acquire_byte(hold, &found);
    REACHED(refused, !taken);
    if (IS(cl05) && !taken)
        claim_release();
    return taken;
}

// Claim::take, with Claim::wait. Rounds of its loop that don't take the claim have no effect: the last one is run.
static inline void take(unsigned char hold)
{
    unsigned char found;
    if (try_acquire_byte(hold, &found))
        return;
    ASSUME(LD(claim, relaxed) == FREE);
    ASSUME(try_acquire_byte(hold, &found));
    REACHED(waited, true);
}

// Claim::try_acquire_guard: likewise.
static inline bool try_acquire_guard(void)
{
    unsigned char found;
    if (try_acquire_byte(HELD, &found))
        return true;
    ASSUME(found == HELD);
    return false;
}

#endif
