// The twin of seqcopy/src/seq_count/mod.rs and claim.rs: each function has the name and the steps of its Rust original, w1 to w4 and
// r1 to r4. Define READER, CODE and BITS before including it.

#ifndef SEQ_COUNT_H
#define SEQ_COUNT_H

#include "model.h"

// r1: SeqCount::read_begin_owned, or read_begin, which also works on read-only memory.
#define OWNED 0
#define MAPPED 1
#ifndef READER
#define READER OWNED
#endif

// The encodings of seq_count/code.rs.
#define PARITY 0
#define SKIP_ZERO 1
#define STAMP 2
#ifndef CODE
#define CODE PARITY
#endif

// Width of the word: 2 or 3 bits where it is meant to wrap around.
#ifndef BITS
#define BITS 16
#endif
#define MASK ((1u << BITS) - 1)

static atomic_uint word;

// The word is one word, or the two of two_words.h.
#ifdef TWO_WORDS
#define LOAD_WORD(order) load_two()
#define STORE_WORD(value, order) store_two(value)
#else
#define LOAD_WORD(order) atomic_load_explicit(&word, order)
#define STORE_WORD(value, order) atomic_store_explicit(&word, value, order)
#endif

static struct payload payload;

// SeqCode::state.
static inline bool is_stable(unsigned word)
{
    if (CODE == STAMP)
        return word != 0;
    return (word & 1) == 0 && !(CODE == SKIP_ZERO && word == 0);
}

// SeqCode::busy.
static inline unsigned busy(unsigned found)
{
    return CODE == STAMP ? 0 : found | 1;
}

// Successor::next. A stamp has no successor: the caller chooses it.
static inline unsigned next(unsigned busy, unsigned stamp)
{
    if (CODE == STAMP)
        return stamp;
    unsigned next = (busy + 1) & MASK;
    return CODE == SKIP_ZERO && next == 0 ? 2 : next;
}

// SeqCount::write_begin over the word that it found. The token is its busy word.
static inline unsigned write_begin_over(unsigned found)
{
    unsigned token = busy(found);
    if (IS(sl04))
        FENCE(release);
    // w1
    if (!IS(sl01))
        STORE_WORD(token, ORDER(IS(sl05), release, relaxed));
    // w2
    if (IS(sl03))
        FENCE(acquire);
    else if (!IS(sl02) && !IS(sl04) && !IS(sl05) && !IS(mw14))
        FENCE(release);
    return token;
}

static inline unsigned write_begin(void)
{
    return write_begin_over(LOAD_WORD(memory_order_relaxed));
}

// SeqCount::write_end and write_end_at.
static inline void write_end(unsigned token, unsigned stamp)
{
    // w4
    STORE_WORD(next(token, stamp), ORDER(IS(sl06), relaxed, release));
}

// SeqCount::write and write_at, which is all that SingleBuffer::publish does.
static inline void count_write(int value, unsigned stamp)
{
    unsigned token = write_begin();
    if (IS(sl07))
        write_end(token, stamp);
    // w3
    store(&payload, value);
    if (!IS(sl07))
        write_end(token, stamp);
}

// SeqCount::write_begin, then write_cancel. `value`: what a caller stores that breaks the contract.
static inline void count_cancel(int value)
{
    unsigned found = LOAD_WORD(memory_order_relaxed);
    unsigned token = write_begin_over(found);
    if (IS(cn01))
        ST(payload.first, value, relaxed);
    STORE_WORD(IS(cn02) ? next(token, 0) : IS(cn03) ? token : found, memory_order_release);
}

// SeqCount::claim_from (claim.rs), with the step c1 in place of w1. SeqCount::try_claim is this from the word as it is.
static inline bool claim_from(unsigned found, unsigned *token)
{
    bool is_busy = CODE == STAMP ? found == 0 : (found & 1) == 1;
    if (is_busy && !IS(cw05))
        return false;
    *token = busy(found);
    if (IS(cw06))
        found = LD(word, relaxed);
    if (IS(cw04)) {
        if (LD(word, acquire) != found)
            return false;
        ST(word, *token, relaxed);
    } else {
        // c1
        bool claimed = IS(cw01) ? atomic_compare_exchange_strong_explicit(&word, &found, *token, memory_order_relaxed, memory_order_relaxed)
                     : IS(cw03) ? atomic_compare_exchange_strong_explicit(&word, &found, *token, memory_order_acq_rel, memory_order_relaxed)
                                : atomic_compare_exchange_strong_explicit(&word, &found, *token, memory_order_acquire, memory_order_relaxed);
        if (!claimed)
            return false;
    }
    // w2
    if (!IS(cw02) && !IS(cw03))
        FENCE(release);
    return true;
}

// SeqCount::load.
static inline unsigned count_load(void)
{
    if (IS(sl19))
        FENCE(acquire);
    unsigned found = LOAD_WORD(memory_order_relaxed);
    if (IS(sl20))
        FENCE(release);
    else if (!IS(sl08) && !IS(sl19))
        FENCE(acquire);
    return found;
}

// SeqCount::read_begin or read_begin_owned.
static inline bool read_begin(unsigned *token)
{
    // r1
    if (READER == MAPPED)
        *token = count_load();
    else
        *token = LOAD_WORD(ORDER(IS(sl08), relaxed, acquire));
    return IS(sl09) || is_stable(*token);
}

// SeqCount::read_end.
static inline bool read_end(unsigned token)
{
    // r3
    if (IS(sl11))
        FENCE(release);
    else if (!IS(sl10) && !IS(sl12) && !IS(sl13) && !IS(sl15))
        FENCE(acquire);
    // r4
    unsigned after = LOAD_WORD(ORDER(IS(sl12), acquire, relaxed));
    if (IS(sl15))
        FENCE(acquire);
    return IS(sl14) || after == token;
}

// SeqCount::try_read, and SingleBuffer::attempt_into. `token`: the word that was loaded, even if the read is not accepted.
static inline bool try_read(struct copied *buf, unsigned *token)
{
    bool stable = read_begin(token);
    REACHED(busy_word, !stable);
    if (!stable)
        return false;
    if (IS(sl13))
        FENCE(acquire);
    // r2
    load_into(&payload, buf);
    bool accepted = read_end(*token);
    REACHED(torn_read, !accepted);
    return accepted;
}

#endif
