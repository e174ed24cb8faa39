// A map between processes: a latch whose buffers are tables of two slots. A commit stores only what changed, after it has made the
// next table like the published one; a reader takes slots one by one out of a view, and checks each.
// Rust: seqcopy-shm/src/flat_map/commit.rs, Commits::{catch_up, commit, publish}; place.rs, Place::{begin, find, is_readable}.
//
// Generation 1 is empty. Commit 2 changes slot 0, 3 slot 1, 4 slot 0, and so on. Two views, the second one backwards, and a last one.
// Each value that a view gives out is that of its generation, and a thread's generations never go backwards.
//
// DIES: the first writer stops forever in commit 3, after this many stores. Another thread takes over, knows nothing of what the table
// lacks, copies all of it, and makes commit 3 itself.
//
// twin two: -DBUFFERS=2 -DLAST=4
// twin two_again: -DBUFFERS=2 -DLAST=5
// twin four: -DBUFFERS=4 -DLAST=6
// twin dies_before: -DDIES=0 -DLAST=4
// twin dies_between: -DDIES=1 -DLAST=4
// twin dies_behind: -DDIES=2 -DLAST=4
// mutants two: nc01 nc02 nc03 nc04 nc05 nc06 nc07 nc08 nc09 nc10 mp01
// mutants four: nc01 nc02 nc03 nc04 nc05 nc06 nc07 nc08 nc09 nc10 mp01
// mutants dies_before: nc01 nc02 nh01
// mutants dies_between: nc01 nc02 nh01 mp02
// mutants dies_behind: nc01 nc02 nh01 mp02
// reaches: torn_read newest
// reaches two_again: in_between
// reaches four: in_between lapped_once lapped_twice

#include "latch.h"

// The slots of a table.
static atomic_int *slot(unsigned generation, int number)
{
    struct payload *table = buffer(generation);
    return number == 0 ? &table->first : &table->second;
}

// The slot that a commit changes.
static int touched(unsigned generation)
{
    return generation % 2;
}

// What a slot holds in a generation: the last commit that changed it, 0 if no commit did.
static int state(unsigned generation, int number)
{
    int last = touched(generation) == number ? (int)generation : (int)generation - 1;
    return last >= 2 ? last : 0;
}

// Commits::catch_up: copies what the commits from `first` on have changed; 0: everything.
static void catch_up(unsigned next, unsigned first)
{
    if (IS(mp01))
        return;
    if (first == 0) {
        if (!IS(mp02))
            for (int i = 0; i < 2; i++)
                ST(*slot(next, i), LD(*slot(next - 1, i), relaxed), relaxed);
        return;
    }
    for (unsigned g = first; g < next; g++)
        ST(*slot(next, touched(g)), LD(*slot(next - 1, touched(g)), relaxed), relaxed);
}

// Commits::commit. `first`: as in catch_up.
static void commit(unsigned first)
{
    unsigned next = LD(count, relaxed) + 1;
    // l1
    if (IS(nc10))
        FENCE(acquire);
    else if (!IS(nc01) && !IS(nc09))
        FENCE(release);
    if (IS(nc07))
        ST(count, next, release);
    // c1
    catch_up(next, first);
    if (IS(nc09))
        FENCE(release);
    // c2
    ST(*slot(IS(nc05) ? next - 1 : next, touched(next)), next, relaxed);
    // l3
    if (!IS(nc07))
        atomic_store_explicit(&count, next, ORDER(IS(nc02), relaxed, release));
}

// The first commit that the table of `next` lacks.
static unsigned lag(unsigned next)
{
    return next + 1 > BUFFERS + 2 ? next + 1 - BUFFERS : 2;
}

#ifdef DIES
static atomic_int handed_over;

static void *writer(void *unused)
{
    commit(2);
    // Commit 3, up to a step of it.
    unsigned next = LD(count, relaxed) + 1;
    FENCE(release);
    if (DIES >= 1)
        ST(*slot(next, 0), 9, relaxed);
    if (DIES >= 2)
        ST(*slot(next, 1), 9, relaxed);
    // The hand-over; not a step of the writer that stopped.
    atomic_store_explicit(&handed_over, 1, ORDER(IS(nh01), relaxed, release));
    return unused;
}

static void *successor(void *unused)
{
    ASSUME(atomic_load_explicit(&handed_over, ORDER(IS(nh01), relaxed, acquire)));
    for (unsigned g = 3; g <= LAST; g++)
        commit(0);
    return unused;
}
#else
static void *writer(void *unused)
{
    for (unsigned g = 2; g <= LAST; g++)
        commit(lag(g));
    return unused;
}
#endif

static unsigned view(unsigned last, bool backwards)
{
    unsigned before = latch_read_begin();
    assert(before >= last);
    for (int i = 0; i < 2; i++) {
        int number = backwards ? 1 - i : i;
        // m2
        int value = LD(*slot(before, number), relaxed);
        if (!latch_read_end(before))
            return before;
        assert(value == state(before, number));
    }
    REACHED(newest, before == LAST);
    REACHED(in_between, before > 1 && before < LAST);
    return before;
}

int main(void)
{
    atomic_init(&count, 1);
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, writer, NULL);
#ifdef DIES
    pthread_create(&threads[1], NULL, successor, NULL);
#endif

    unsigned last = view(0, false);
    last = view(last, true);

    pthread_join(threads[0], NULL);
#ifdef DIES
    pthread_join(threads[1], NULL);
#endif
    assert(view(last, false) == LAST);
    return 0;
}
