// What the models share: short names for C11 atomics, the payload, the mutations.
//
// The payload is two relaxed atomic words: that is what the copy layer promises for every byte, word and vector move
// (seqcopy/src/copy). A value is the same number in both words, so a torn value shows.

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
// The ordering of an access, or `other` under the mutations that the condition names.
#define ORDER(condition, other, order) ((condition) ? memory_order_##other : memory_order_##order)

// Drops executions in which the condition is false, such as those in which a waiting loop has not ended.
#define ASSUME(condition) __VERIFIER_assume(condition)

// ci/models.sh reads this list: one mutation per line, its name and what it breaks.
enum mutant {
    none,
    // The sequence word: seq_count.h.
    sl01, // w1 left out: the word is never busy
    sl02, // w2 left out
    sl03, // w2 an acquire fence
    sl04, // w2 before w1
    sl05, // w1 a release store, no w2
    sl06, // w4 relaxed
    sl07, // w4 before the payload
    sl08, // r1 relaxed, no fence after it
    sl09, // busy words are accepted, too
    sl10, // r3 left out
    sl11, // r3 a release fence
    sl12, // r4 an acquire load, no r3
    sl13, // r3 before the payload
    sl14, // r4 left out: everything is accepted
    sl15, // r3 after r4
    sl18, // as many writes during a read as make the word wrap around
    sl19, // r1's fence before its load
    sl20, // r1's fence a release fence
    st01, // a stamp given twice
    // Several writers: claim.h and seq_lock.c.
    mw01, // the claim is acquired by a relaxed compare-exchange
    mw03, // the claim is acquired by a load and a store
    mw04, // the claim is released by a relaxed store
    mw05, // the claim is acquired even if it is not free
    mw06, // update copies the value before it acquires the claim
    mw09, // update stores before its closure has returned
    mw14, // the claim is acquired by an acquire-release compare-exchange, no w2 or l1
    mw15, // the sequence word is acquired instead of the claim (against R2)
    cl03, // a panic in update does not release the claim
    cl05, // a failed attempt releases the claim of another thread
    up04, // the claim is released before the payload is stored
    // The latch: latch.h.
    nc01, // l1 left out
    nc02, // l3 relaxed
    nc03, // m1 relaxed
    nc04, // m3 left out
    nc05, // writes go to the buffer that is read
    nc06, // the window is one write too wide
    nc07, // l3 before the payload
    nc08, // m4 left out: everything is accepted
    nc09, // l1 after the payload
    nc10, // l1 an acquire fence
    nc11, // the writer that takes over starts the count at zero again
    nc12, // m4 an acquire load, no m3
    nc13, // m3 a release fence
    nc14, // three buffers, a number that does not divide the count's period
    nc16, // m3 after m4
    nc17, // l3 a release store before the payload, l1 after it
    nc18, // as many writes during a read as make the count wrap around
    nc19, // m3 before the payload
    nc20, // the writer that takes over skips the unfinished buffer, and so publishes it
    ce01, // one buffer
    nh01, // the hand-over orders nothing
    // A map, whose tables are brought up to date one slot at a time: flat_map.c.
    mp01, // the next table is not made like the published one
    mp02, // the writer that takes over does not copy what the unfinished commit has left
    // A map that moves to another table while readers look: seq_map.c.
    gm01, // a value is stored before the word says so
    gm02, // a slot is full before its entry is stored
    gm03, // an entry is gone before it is in the next table
    gm05, // the pointer to a table is stored and loaded relaxed
    gm06, // readers do not check the phase
    gp01, // a slot is made free without its word
    gp02, // the slots of a table are made free before the phase that uses it has ended
    gp03, // the word of a slot that is made free is set back
    gp04, // readers look into the next table first
    gp05, // the phase is counted before its table is in its place
    // A write that is cancelled: seq_count.h.
    cn01, // the caller stores a part of the payload before it cancels
    cn02, // a cancelled write ends as a complete one
    cn03, // a cancelled write leaves the word busy
    // A word that several writers claim: seq_count.h.
    cw01, // the word is claimed by a relaxed compare-exchange
    cw02, // no w2 behind the claim
    cw03, // the word is claimed by an acquire-release compare-exchange, no w2
    cw04, // the word is claimed by a load and a store
    cw05, // a busy word is claimed, too
    cw06, // the word is claimed as it is, not as the caller has seen it
    // A word made of two: two_words.h.
    wd02, // t1 left out
    wd03, // t1 after t2
    wd04, // t1 relaxed
    wd05, // t2 relaxed
    wd06, // u1 after u2
    wd07, // u2 relaxed
    wd08, // u3 left out
    wd10, // u1 relaxed
    wd11, // a half that is announced but not begun counts as begun
    wd12, // t1 adds one to the half instead of storing its number
    // Taking over a busy word: takeover.c.
    rc01, // no w2 if the word is busy already
    rc02, // the word is made stable first, then written as usual
    rc03, // a busy word is incremented by two, to another busy one: harmless, must pass
    rc04, // the word is incremented without a check: busy becomes stable
    rc05, // w4 relaxed
    rc06, // only a part of the payload is stored
    rh01, // the hand-over orders nothing
    // Announce, then read: announce.c.
    fr00, // no fence on either side
    fr01, // the writer's fence left out
    fr02, // the reader's fence left out
    fr05, // the fences are acquire-release fences
    fr06, // instead of the fences the reader reads by a read-modify-write
    fr07, // instead of its own fence the reader reads by a read-modify-write
    // Waiting on a separate word: wait.c.
    wt01, // the epoch is incremented before the writer's fence, even without waiters
    wt02, // the writer's fence left out
    wt03, // the waiter's fence left out
    wt04, // the waiter checks the value before it loads the epoch
    wt05, // the waiter's load of the epoch relaxed
    wt06, // the epoch is not incremented, only the wake-up is sent
    // Waiting on the sequence word: wait_region.c.
    ft01, // the writer wakes before it writes
    ft02, // the system does not compare the word before it puts the reader to sleep
    ft03, // the system compares and queues in two steps, not under one lock
    ft04, // the reader sleeps on the word as it is now, not on the one that it compared with the version
    ft05, // the writer asks without a barrier whether a thread waits
    ft06, // no barrier between the reader's announcement that it waits and its last look at the word
    ft07, // a sleep without a limit
    // Waiting by events: wait_events.c.
    ev01, // the writer wakes before it writes
    ev02, // g4 left out
    ev03, // the event of the next number is set
    ev04, // g4 without the word
    ev05, // g4 without the count
    ev06, // f2 relaxed
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

// Outcomes that must be possible, or a model that passes proves nothing: with -DREACH=<name>, the model must fail.
enum outcome { nothing, busy_word, torn_read, newest, in_between, lapped_once, lapped_twice, refused, waited, never_woken, adopted };

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

// Payload::load_into. Into a buffer of the caller, as in Rust; the compiler would split up a struct that is returned.
static inline void load_into(struct payload *from, struct copied *buf)
{
    buf->first = LD(from->first, relaxed);
    buf->second = LD(from->second, relaxed);
}

#endif
