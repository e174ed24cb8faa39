// The word wraps around during a read.
// Rust: seqcopy/src/seq_count/mod.rs and code.rs, Parity::next wraps; seq_count/latch.rs, LatchWord::write wraps.
//
// Words of 2 and 3 bits that start at their last value. A word of b bits distinguishes 2^(b-1) writes, a count 2^b: as long
// as fewer writes happen during one read, an accepted value is that of one write. With one more write it need not be: this
// is the time to wrap around that the documentation of each width states.
//
// twin word_2_bits: -DBITS=2 -DWRITES=1
// twin word_3_bits: -DBITS=3 -DWRITES=3
// twin skip_zero_3_bits: -DCODE=SKIP_ZERO -DBITS=3 -DWRITES=2
// twin latch_2_bits: -DLATCH -DBUFFERS=2 -DBITS=2 -DWRITES=3
// twin latch_4_buffers_2_bits: -DLATCH -DBUFFERS=4 -DBITS=2 -DWRITES=3
// twin latch_4_buffers_3_bits: -DLATCH -DBUFFERS=4 -DBITS=3 -DWRITES=5
// mutants word_2_bits: sl18 sl02 sl10
// mutants word_3_bits: sl18 sl02 sl10
// mutants skip_zero_3_bits: sl18 sl02 sl10
// mutants latch_2_bits: nc18 nc14 nc01 nc04 nc06
// mutants latch_4_buffers_2_bits: nc18
// mutants latch_4_buffers_3_bits: nc14 nc01 nc04 nc06
// reaches word_3_bits: newest in_between
// reaches latch_2_bits: newest in_between
// reaches latch_4_buffers_3_bits: lapped_once lapped_twice newest in_between

#include "latch.h"
#include "seq_count.h"

#ifdef LATCH
// A multiple of BUFFERS, as Latch::new demands.
#define START ((1u << BITS) - BUFFERS)
#else
#define START (CODE == SKIP_ZERO ? MASK - 1 : MASK - 1)
#endif

static const int writes = WRITES + (IS(sl18) || IS(nc18) ? 1 : 0);

static void *writer(void *unused)
{
    for (int i = 1; i <= writes; i++) {
#ifdef LATCH
        latch_write(i);
#else
        count_write(i, 0);
#endif
    }
    return unused;
}

// The word after that many writes.
static unsigned word_after(int writes)
{
#ifdef LATCH
    return (START + (unsigned)writes) & MASK;
#else
    unsigned word = START;
    for (int i = 0; i < writes; i++)
        word = next(busy(word), 0);
    return word;
#endif
}

static void read_once(void)
{
    struct copied buf;
    unsigned found;
#ifdef LATCH
    if (!latch_try_read(&buf, &found))
        return;
#else
    if (!try_read(&buf, &found))
        return;
#endif
    // The value of one write, the one that left this word.
    assert(buf.first == buf.second);
    assert(found == word_after(buf.first));
    REACHED(newest, buf.first == WRITES);
    REACHED(in_between, buf.first == 0);
}

int main(void)
{
    pthread_t thread;
    ST(word, START, relaxed);
    ST(count, START, relaxed);
    pthread_create(&thread, NULL, writer, NULL);
    read_once();
    read_once();
    pthread_join(thread, NULL);
    return 0;
}
