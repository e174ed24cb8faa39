// One writer over a sequence word: SeqCount as a user calls it, and a Writer of SeqLock.
// Rust: seqcopy/src/seq_count/mod.rs, SeqCount::{write, write_at, write_cancel, try_read}; SeqLock's reads are those of the twin `owned`.
//
// Three writes (`cancels`: two, and after each a write that is cancelled), two read attempts. An accepted read returns exactly the value of its word's write; what the writer did
// before that write happens-before the read; a thread's reads never go backwards; a read after the last write returns it.
//
// twin owned: -DREADER=OWNED
// twin mapped: -DREADER=MAPPED
// twin skip_zero: -DCODE=SKIP_ZERO -DREADER=MAPPED
// twin stamp: -DCODE=STAMP -DREADER=MAPPED
// twin cancels: -DCANCELS
// mutants: sl01 sl02 sl03 sl04 sl05 sl06 sl07 sl08 sl09 sl10 sl11 sl12 sl13 sl14 sl15
// mutants mapped: sl19 sl20
// mutants skip_zero: sl19 sl20
// mutants stamp: sl19 sl20 st01
// mutants cancels: cn01 cn02 cn03
// reaches: busy_word torn_read newest in_between

#include "seq_count.h"

#ifdef CANCELS
#define WRITES 2
#else
#define WRITES 3
#endif

// Stamps only have to differ.
static const unsigned stamps[] = {7, 9, 5, IS(st01) ? 9 : 8};

// What the writer did before write number i.
static atomic_int before[WRITES + 1];

// The number of the write that left a stable word.
static int number(unsigned word)
{
    if (CODE != STAMP)
        return CODE == SKIP_ZERO ? (int)word / 2 - 1 : (int)word / 2;
    for (int i = 0; i <= WRITES; i++)
        if (stamps[i] == word)
            return i;
    return 0;
}

static unsigned initial(void)
{
    return CODE == STAMP ? stamps[0] : CODE == SKIP_ZERO ? 2 : 0;
}

static void *writer(void *unused)
{
    for (int i = 1; i <= WRITES; i++) {
        ST(before[i], 1, relaxed);
        count_write(i, stamps[i]);
#ifdef CANCELS
        count_cancel(i + 1);
#endif
    }
    return unused;
}

static int read_once(int last)
{
    struct copied buf;
    unsigned token;
    if (!try_read(&buf, &token))
        return last;
    int got = number(token);
    assert(buf.first == got && buf.second == got);
    assert(got >= last);
    assert(LD(before[got], relaxed) == 1);
    REACHED(newest, got == WRITES);
    REACHED(in_between, got == 1);
    return got;
}

int main(void)
{
    pthread_t thread;
    ST(word, initial(), relaxed);
    ST(before[0], 1, relaxed);
    pthread_create(&thread, NULL, writer, NULL);

    int last = read_once(0);
    last = read_once(last);

    pthread_join(thread, NULL);
    assert(read_once(last) == WRITES);
    return 0;
}
