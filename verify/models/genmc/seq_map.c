// A map that grows within one process: one key, in a slot under a word of its own, in the tables that a latch's count names. In an
// odd phase the key is in one of two tables; memory that is out of use is made free and used again.
// Rust: seqcopy-map/src/tables.rs, Tables::{in_use, try_read}, Change::next_phase; table.rs, Table::{read, add, set_free}; table.rs;
// slot.rs, Slot::{read, fill, set_value, set_gone, set_free}; growth.rs, Change::{put, take, move_some, free_some, grow}; claim.rs.
//
// One thread or two write what DOES says, main reads: one get or two, and one at the end. A get that is accepted gives a state that
// the key had, and a thread's gets never go backwards. A slot whose word is accepted has a whole entry, whatever the phase. All keys
// have one hash, so a search ends at the key or at a free slot. Each slot's tag is an atomic of its own, which orders less than the word
// that eight tags share. Both words are loaded with acquire; the Rust code orders more where it
// may run on read-only memory.
//
// twin slot: -DDOES=SLOT -DGETS=2
// twin again: -DDOES=AGAIN -DGETS=2
// twin growth: -DDOES=GROWTH
// twin update: -DDOES=UPDATE -DGETS=2
// twin removal: -DDOES=REMOVAL -DGETS=2
// twin pointer: -DDOES=POINTER
// twin reuse: -DDOES=REUSE
// twin other_key: -DDOES=OTHER_KEY
// twin two_writers: -DDOES=TWO_WRITERS
// twin reuse_no_l1: -DDOES=REUSE -DMUTANT=nc01
// twin other_key_no_l1: -DDOES=OTHER_KEY -DMUTANT=nc01
// mutants slot: sl01 sl02 sl03 sl06 sl08 sl09 sl10 sl11 sl14 gm01
// mutants again: sl02 sl06 sl08 sl10 sl14 gm02
// mutants growth: sl02 sl08 nc02 nc03 nc04 nc12 nc13 gm03 gm06 gp01 gp02 gp05
// mutants update: sl06 sl08 nc02 nc03 gm03 gp04 gp05
// mutants removal: sl08 sl10
// mutants pointer: nc03 gm05 gp05
// mutants reuse: nc04 nc12 gm06 gp01 gp02
// mutants other_key: sl02 nc04 nc12 gm06 gp01 gp03
// mutants two_writers: mw01 mw03 mw05 mw04
// reaches: torn_read newest
// reaches growth: busy_word in_between
// reaches two_writers: waited in_between

#define SLOT 0
#define GROWTH 1
#define UPDATE 2
#define REMOVAL 3
#define POINTER 4
#define REUSE 5
#define OTHER_KEY 6
#define TWO_WRITERS 7
// The same table all the time: removed, and inserted again.
#define AGAIN 8

#ifndef GETS
#define GETS 1
#endif

#include "claim.h"
#include "latch.h"

// Values of a key are 10 times the key and more, and so not ABSENT.
#define KEY 1
#define OTHER 2
#define ABSENT 0
#define RETRY (-1)

// Meta.
#define META_FREE 0
#define META_FULL 1
#define META_GONE 2

struct slot {
    // 0 or the tag of all keys; in Rust beside the slots.
    atomic_int tag;
    atomic_uint word;
    atomic_int meta, key;
    struct payload value;
};

#define SLOTS (DOES == OTHER_KEY ? 2 : 1)

struct table {
    // What its maker stored before the pointer.
    atomic_int made;
    struct slot slots[2];
};

static struct table tables[3];
// Tables::places: numbers of tables for pointers.
static atomic_int places[2];

// SeqCount::write_begin.
static unsigned write_begin(struct slot *slot)
{
    unsigned busy = LD(slot->word, relaxed) | 1;
    // w1
    if (!IS(sl01))
        ST(slot->word, busy, relaxed);
    // w2
    if (IS(sl03))
        FENCE(acquire);
    else if (!IS(sl02))
        FENCE(release);
    return busy;
}

// SeqCount::write_end.
static void write_end(struct slot *slot, unsigned busy)
{
    // w4
    atomic_store_explicit(&slot->word, busy + 1, ORDER(IS(sl06), relaxed, release));
}

// Slot::fill.
static void fill(struct slot *slot, int key, int value)
{
    if (IS(gm02))
        ST(slot->meta, META_FULL, relaxed);
    unsigned busy = write_begin(slot);
    if (LD(slot->tag, relaxed) == 0)
        ST(slot->tag, 1, relaxed);
    ST(slot->meta, META_FULL, relaxed);
    ST(slot->key, key, relaxed);
    store(&slot->value, value);
    write_end(slot, busy);
}

// Slot::set_value.
static void set_value(struct slot *slot, int value)
{
    if (IS(gm01))
        store(&slot->value, value);
    unsigned busy = write_begin(slot);
    store(&slot->value, value);
    write_end(slot, busy);
}

// Slot::set_gone.
static void set_gone(struct slot *slot)
{
    unsigned busy = write_begin(slot);
    ST(slot->meta, META_GONE, relaxed);
    write_end(slot, busy);
}

// Slot::set_free.
static void set_free(struct slot *slot)
{
    if (LD(slot->meta, relaxed) == META_FREE)
        return;
    if (IS(gp01)) {
        ST(slot->tag, 0, relaxed);
        ST(slot->meta, META_FREE, relaxed);
        return;
    }
    unsigned busy = write_begin(slot);
    ST(slot->tag, 0, relaxed);
    ST(slot->meta, META_FREE, relaxed);
    write_end(slot, IS(gp03) ? -1u : busy);
}

// Tables::place.
static struct table *place(unsigned number)
{
    // m2
    int at = atomic_load_explicit(&places[number % 2], ORDER(IS(gm05), relaxed, acquire));
    assert(LD(tables[at].made, relaxed));
    return &tables[at];
}

// Change::in_use, for the writer: the table for new keys, and the first one.
static struct table *first(void)
{
    return place(LD(count, relaxed) / 2);
}

static struct table *for_new_keys(void)
{
    unsigned phase = LD(count, relaxed);
    return place(phase / 2 + phase % 2);
}

// Table::find, Table::free_slot.
static struct slot *find(struct table *table, int key, bool free)
{
    for (int i = 0; i < SLOTS; i++) {
        struct slot *slot = &table->slots[i];
        if (LD(slot->tag, relaxed) == 0)
            return free ? slot : NULL;
        if (!free && LD(slot->key, relaxed) == key)
            return slot;
    }
    return NULL;
}

// Change::next_phase. `next`: the next table, or none.
static void next_phase(int next)
{
    unsigned phase = LD(count, relaxed);
    // l1
    if (!IS(nc01))
        FENCE(release);
    if (IS(gp05))
        ST(count, phase + 1, release);
    // p2
    if (next >= 0)
        atomic_store_explicit(&places[(phase / 2 + 1) % 2], next, ORDER(IS(gm05), relaxed, release));
    // p3
    if (!IS(gp05))
        atomic_store_explicit(&count, phase + 1, ORDER(IS(nc02), relaxed, release));
}

// Change::grow, to a table that is made or used again.
static void grow(int next)
{
    ST(tables[next].made, 1, relaxed);
    next_phase(next);
}

// Change::put of a key that the first table has, or one of move_some.
static void move(int value)
{
    struct slot *from = find(first(), KEY, false), *to = find(for_new_keys(), 0, true);
    assert(from && to);
    if (IS(gm03))
        set_gone(from);
    fill(to, KEY, value);
    if (!IS(gm03))
        set_gone(from);
}

// The end of move_some: an even phase, in which the old first table is out of use, and free_some.
static void end_and_free(struct table *old)
{
    if (IS(gp02))
        for (int i = 0; i < SLOTS; i++)
            set_free(&old->slots[i]);
    next_phase(-1);
    if (!IS(gp02))
        for (int i = 0; i < SLOTS; i++)
            set_free(&old->slots[i]);
}

#if DOES == TWO_WRITERS
// SeqMap::update, with Change::step: the first write begins a growth, the second one ends it.
static void *writer(void *unused)
{
    acquire_claim(ONE_WRITE);
    if (LD(count, relaxed) == 0) {
        set_value(&first()->slots[0], 11);
        grow(1);
    } else {
        struct table *old = first();
        move(LD(old->slots[0].value.first, relaxed) + 1);
        end_and_free(old);
    }
    claim_release();
    return unused;
}
#else
static void *writer(void *unused)
{
    struct table *old = first();
    struct slot *slot = &old->slots[0];
    switch (DOES) {
    case SLOT:
        set_value(slot, 11);
        set_value(slot, 12);
        break;
    case AGAIN:
        // Removed, and inserted again.
        set_gone(slot);
        fill(slot, KEY, 12);
        break;
    case GROWTH:
        grow(1);
        move(10);
        end_and_free(old);
        set_value(&tables[1].slots[0], 12);
        break;
    case UPDATE:
        grow(1);
        move(11);
        set_value(&tables[1].slots[0], 12);
        next_phase(-1);
        break;
    case REMOVAL:
        // Removed from the first table, inserted into the next.
        grow(1);
        set_gone(slot);
        fill(&tables[1].slots[0], KEY, 12);
        next_phase(-1);
        break;
    case POINTER:
        // The second growth is to memory that no reader has seen.
        grow(1);
        move(10);
        next_phase(-1);
        grow(2);
        move(11);
        break;
    case REUSE:
        grow(1);
        move(10);
        end_and_free(old);
        grow(0);
        move(11);
        next_phase(-1);
        break;
    case OTHER_KEY:
        // Memory of this key is used again for another one, behind which this one then is.
        grow(1);
        move(10);
        end_and_free(old);
        grow(0);
        fill(find(for_new_keys(), 0, true), OTHER, 20);
        move(11);
        break;
    }
    return unused;
}
#endif

// Slot::read: the value, ABSENT if the key is gone or this is no slot of it (`other`), or RETRY.
static int slot_read(struct slot *slot, bool *other)
{
    // r1
    unsigned token = atomic_load_explicit(&slot->word, ORDER(IS(sl08), relaxed, acquire));
    REACHED(busy_word, token & 1);
    if (!IS(sl09) && (token & 1))
        return RETRY;
    // r2
    struct copied value;
    int meta = LD(slot->meta, relaxed), key = LD(slot->key, relaxed);
    load_into(&slot->value, &value);
    // r3
    if (IS(sl11))
        FENCE(release);
    else if (!IS(sl10))
        FENCE(acquire);
    // r4
    bool accepted = LD(slot->word, relaxed) == token || IS(sl14);
    REACHED(torn_read, !accepted);
    if (!accepted)
        return RETRY;
    *other = meta == META_FREE || key != KEY;
    if (meta != META_FREE)
        assert(value.first == value.second && value.first / 10 == key);
    return meta == META_FULL && !*other ? value.first : ABSENT;
}

// Table::read.
static int table_read(struct table *table)
{
    for (int i = 0; i < SLOTS; i++) {
        if (LD(table->slots[i].tag, relaxed) == 0)
            break;
        bool other;
        int found = slot_read(&table->slots[i], &other);
        if (found != ABSENT || !other)
            return found;
    }
    return ABSENT;
}

// SeqMap::try_get.
static int get(void)
{
    unsigned phase = latch_read_begin();
    struct table *tables[2] = { place(phase / 2), NULL };
    if (phase % 2)
        tables[1] = place(phase / 2 + 1);
    bool swapped = IS(gp04) && phase % 2;
    int found = table_read(tables[swapped]);
    if (found == ABSENT && phase % 2)
        found = table_read(tables[!swapped]);
    if (found == RETRY || (!latch_read_end(phase) && !IS(gm06)))
        return RETRY;
    REACHED(in_between, phase % 2);
    return found;
}

// The states that the key goes through, in their order: 10, 11, 12, where it is removed also ABSENT before the last.
static int number(int state)
{
    bool removed = DOES == AGAIN || DOES == REMOVAL;
    assert(state != ABSENT || removed);
    return state == ABSENT ? 2 : state == 12 ? 3 : state - 10;
}

int main(void)
{
    atomic_init(&tables[0].made, 1);
    struct slot *slot = &tables[0].slots[0];
    atomic_init(&slot->word, 2);
    atomic_init(&slot->tag, 1);
    atomic_init(&slot->meta, META_FULL);
    atomic_init(&slot->key, KEY);
    store(&slot->value, 10);

    pthread_t threads[2];
    pthread_create(&threads[0], NULL, writer, NULL);
    if (DOES == TWO_WRITERS)
        pthread_create(&threads[1], NULL, writer, NULL);

    int last = 0;
    for (int i = 0; i < GETS; i++) {
        int state = get();
        if (state == RETRY)
            continue;
        assert(number(state) >= last);
        last = number(state);
    }

    pthread_join(threads[0], NULL);
    if (DOES == TWO_WRITERS)
        pthread_join(threads[1], NULL);
    int state = get();
    REACHED(newest, last == number(state));
    assert(state == (DOES == POINTER || DOES == REUSE || DOES == OTHER_KEY ? 11 : 12));
    return 0;
}
