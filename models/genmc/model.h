// What the models share: C11 spelled briefly, the payload, the mutations.
//
// The payload is two words of relaxed atomics: that is what the copy layer promises of every byte, word and vector move
// (seqcopy/src/copy). A value is the same number in both words, so a mix of two values shows.

#ifndef MODEL_H
#define MODEL_H

#include <assert.h>
#include <genmc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define LD(place, order) atomic_load_explicit(&(place), memory_order_##order)
#define ST(place, value, order) atomic_store_explicit(&(place), value, memory_order_##order)
#define FENCE(order) atomic_thread_fence(memory_order_##order)
// The ordering of an access: another one if the condition, which names mutations, holds.
#define ORDER(condition, other, order) ((condition) ? memory_order_##other : memory_order_##order)

// Runs that cannot go on here, such as a waiting loop that has not been let through, are dropped.
#define ASSUME(condition) __VERIFIER_assume(condition)

// ci/models.sh reads this list: one mutation a line, its name and what it breaks.
enum mutant {
    none,
    // The sequence word: seq_count.h.
    sl01, // w1 left out: the word is never busy
    sl02, // w2 left out
    sl03, // w2 an acquire fence
    sl04, // w2 in front of w1
    sl05, // w1 a release store, no w2
    sl06, // w4 relaxed
    sl07, // w4 in front of the payload
    sl08, // r1 relaxed, nothing behind it
    sl09, // busy words are read, too
    sl10, // r3 left out
    sl11, // r3 a release fence
    sl12, // r4 an acquire load, no r3
    sl13, // r3 in front of the payload
    sl14, // r4 left out: everything is accepted
    sl15, // r3 behind r4
    sl18, // as many writes during a read as the word has values for
    sl19, // r1's fence in front of its load
    sl20, // r1's fence a release fence
    st01, // a stamp given twice
    // Turns: claim.h and seq_lock.c.
    mw01, // the claim is taken by a relaxed compare-exchange
    mw03, // the claim is taken by a load and a store
    mw04, // the claim is given back by a relaxed store
    mw05, // the claim is taken whatever it says
    mw06, // update copies the value before its turn
    mw09, // update stores before its closure has returned
    mw14, // the claim is taken by an acquire-release compare-exchange, no w2 or l1
    mw15, // a turn is taken on the sequence word itself instead of on the claim (against R2)
    cl03, // a panic in update leaves the claim taken
    cl05, // a try that failed gives back the claim of somebody else
    up04, // the claim is given back before the payload is stored
    // The latch: latch.h.
    nc01, // l1 left out
    nc02, // l3 relaxed
    nc03, // m1 relaxed
    nc04, // m3 left out
    nc05, // writes go to the cell that is read
    nc06, // the window is one write too wide
    nc07, // l3 in front of the payload
    nc08, // m4 left out: everything is accepted
    nc09, // l1 behind the payload
    nc10, // l1 an acquire fence
    nc11, // who takes over begins to count again
    nc12, // m4 an acquire load, no m3
    nc13, // m3 a release fence
    nc14, // three cells, which the count's period is no multiple of
    nc16, // m3 behind m4
    nc17, // l3 a release store in front of the payload, l1 behind it
    nc18, // as many writes during a read as the count has values for
    nc19, // m3 in front of the payload
    nc20, // who takes over goes on in the cell behind the unfinished one, and publishes both
    ce01, // one cell
    nh01, // the hand-over orders nothing
    // A word of two: two_words.h.
    wd02, // t1 left out
    wd03, // t1 behind t2
    wd04, // t1 relaxed
    wd05, // t2 relaxed
    wd06, // u1 behind u2
    wd07, // u2 relaxed
    wd08, // u3 left out
    wd10, // u1 relaxed
    wd11, // a half that is shown, but not begun, is taken for begun
    wd12, // t1 counts halves on instead of storing which it is
    // Taking over a busy word: takeover.c.
    rc01, // no w2 when the word is busy already
    rc02, // the word is made stable first, then written as usual
    rc03, // a busy word is counted on by two, to another busy one: harmless, must pass
    rc04, // the word is counted on blindly: busy becomes stable
    rc05, // w4 relaxed
    rc06, // only a part of the payload is stored
    rh01, // the hand-over orders nothing
    // Announce, then read: announce.c.
    fr00, // no fence on either side
    fr01, // the writer's fence left out
    fr02, // the reader's fence left out
    fr05, // the fences are acquire-release fences
    fr06, // instead of the fences the reader reads by a read-modify-write
    fr07, // instead of its fence the reader reads by a read-modify-write
    // Waiting on a word of one's own: wait.c.
    wt01, // the epoch is counted in front of the writer's fence, waiters or not
    wt02, // the writer's fence left out
    wt03, // the waiter's fence left out
    wt04, // the waiter looks at the value before the epoch
    wt05, // the waiter's load of the epoch relaxed
    wt06, // the epoch is not counted, only the wake-up is sent
    // Read, don't modify, write: rmw_reader.c.
    rm01, // the reader's read-modify-write relaxed
    rm02, // the writer's first read-modify-write relaxed
    rm03, // the writer begins by a store and a release fence
    rm04, // the reader ends by an acquire load
};

#ifndef MUTANT
#define MUTANT none
#endif
#define IS(m) (MUTANT == (m))

// What must be able to happen, or a model that passes says nothing: with -DREACH=<name>, the model must fail.
enum outcome { nothing, busy_word, torn_read, newest, in_between, lapped_once, lapped_twice, refused, waited, adopted };

#ifndef REACH
#define REACH nothing
#endif
#define REACHED(outcome, condition) assert(!(REACH == (outcome) && (condition)))

struct payload {
    atomic_int first, second;
};

struct copied {
    int first, second;
};

// Payload::store.
static inline void store(struct payload *to, int value)
{
    ST(to->first, value, relaxed);
    ST(to->second, value, relaxed);
}

// Payload::load_into. Into room of the caller's, as there; a struct as a result would be taken apart by the compiler.
static inline void load_into(struct payload *from, struct copied *buf)
{
    buf->first = LD(from->first, relaxed);
    buf->second = LD(from->second, relaxed);
}

#endif
