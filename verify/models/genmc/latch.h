// The twin of seqcopy/src/seq_count/latch.rs and lock/algorithms.rs: each function has the name and the steps of its
// Rust original, l1 to l3 and m1 to m4. Define BUFFERS and BITS before including it.

#ifndef LATCH_H
#define LATCH_H

#include "model.h"

#ifndef BUFFERS
#define BUFFERS 2
#endif
#define NUMBER_OF_BUFFERS (IS(nc14) ? 3u : IS(ce01) ? 1u : BUFFERS + 0u)

// Width of the count: 2 or 3 bits where it is meant to wrap around.
#ifndef BITS
#define BITS 16
#endif
#define MASK ((1u << BITS) - 1)

static atomic_uint count;

// The count is one word, or the two of two_words.h.
#ifdef TWO_WORDS
#define LOAD_COUNT(order) load_two()
#define STORE_COUNT(value, order) store_two(value)
#else
#define LOAD_COUNT(order) atomic_load_explicit(&count, order)
#define STORE_COUNT(value, order) atomic_store_explicit(&count, value, order)
#endif

static struct payload buffers[4];

// Latch::buffer.
static inline struct payload *buffer(unsigned count)
{
    return &buffers[count % NUMBER_OF_BUFFERS];
}

// LatchWord::write, which is all that Latch::publish does.
static inline void latch_write(int value)
{
    unsigned next = (LOAD_COUNT(memory_order_relaxed) + 1) & MASK;
    // l1
    if (IS(nc10))
        FENCE(acquire);
    else if (!IS(nc01) && !IS(nc09) && !IS(nc17) && !IS(mw14))
        FENCE(release);
    if (IS(nc07) || IS(nc17))
        STORE_COUNT(next, memory_order_release);
    if (IS(nc17))
        FENCE(release);
    // l2
    store(buffer(IS(nc05) ? next - 1 : next), value);
    if (IS(nc09))
        FENCE(release);
    // l3
    if (!IS(nc07) && !IS(nc17))
        STORE_COUNT(next, ORDER(IS(nc02), relaxed, release));
}

// LatchWord::load.
static inline unsigned latch_load(void)
{
    return LOAD_COUNT(memory_order_acquire);
}

// LatchWord::read_begin.
static inline unsigned latch_read_begin(void)
{
    // m1
    return LOAD_COUNT(ORDER(IS(nc03), relaxed, acquire));
}

// LatchWord::read_end.
static inline bool latch_read_end(unsigned before)
{
    // m3
    if (IS(nc13))
        FENCE(release);
    else if (!IS(nc04) && !IS(nc12) && !IS(nc19) && !IS(nc16))
        FENCE(acquire);
    // m4
    unsigned after = LOAD_COUNT(ORDER(IS(nc12), acquire, relaxed));
    if (IS(nc16))
        FENCE(acquire);
    unsigned laps = (after - before) & MASK;
    unsigned window = IS(nc06) ? BUFFERS - 1 : IS(ce01) ? 0 : NUMBER_OF_BUFFERS - 2;
    REACHED(lapped_once, laps == 1 && laps <= window);
    REACHED(lapped_twice, laps == 2 && laps <= window);
    REACHED(torn_read, laps > window);
    return IS(nc08) || laps <= window;
}

// Latch::attempt_into.
static inline bool latch_try_read(struct copied *buf, unsigned *version)
{
    *version = latch_read_begin();
    if (IS(nc19))
        FENCE(acquire);
    // m2
    load_into(buffer(*version), buf);
    return latch_read_end(*version);
}

#endif
