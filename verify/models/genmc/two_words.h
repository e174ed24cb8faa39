// The twin of seqcopy/src/seq_count/two_words.rs: each function has the name and the steps of its Rust original, t1, t2 and u1
// to u3. Include it before seq_count.h or latch.h, which then count in such words. LOW is the width of the first word.

#ifndef TWO_WORDS_H
#define TWO_WORDS_H

#include "model.h"

#define HALF (LOW - 1)
#define LOW_MASK ((1u << LOW) - 1)

static atomic_uint low, high;

// Long::seen, as a number.
static inline unsigned seen(unsigned low, unsigned high)
{
    unsigned half = IS(wd11) ? high : high - ((high ^ (low >> HALF)) & 1);
    return half << HALF | (low & (LOW_MASK >> 1));
}

// TwoWords::show_half.
static inline void show_half(unsigned number)
{
    if (IS(wd02) || (((LD(low, relaxed) ^ number) >> HALF) & 1) == 0)
        return;
    // t1
    unsigned half = IS(wd12) ? LD(high, relaxed) + 1 : number >> HALF;
    atomic_store_explicit(&high, half, ORDER(IS(wd04), relaxed, release));
}

// TwoWords::store.
static inline void store_two(unsigned number)
{
    bool begins = (((LD(low, relaxed) ^ number) >> HALF) & 1) == 1;
    if (!IS(wd03))
        show_half(number);
    // t2
    atomic_store_explicit(&low, number & LOW_MASK, ORDER(IS(wd05), relaxed, release));
    if (IS(wd03) && begins)
        ST(high, number >> HALF, release);
}

// TwoWords::load. Only the last iteration of its loop runs: loads of those before could only rule out executions.
static inline unsigned load_two(void)
{
    // u1
    unsigned before = IS(wd06) ? 0 : atomic_load_explicit(&high, ORDER(IS(wd10), relaxed, acquire));
    // u2
    unsigned found = atomic_load_explicit(&low, ORDER(IS(wd07), relaxed, acquire));
    // u3
    unsigned after = IS(wd08) ? before : LD(high, acquire);
    ASSUME(IS(wd06) || before == after);
    REACHED(adopted, (after & 1) != ((found >> HALF) & 1));
    return seen(found, after);
}

#endif
