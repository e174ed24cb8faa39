// Not shipped: "read, don't modify, write" (Boehm 2012), where readers end by a read-modify-write instead of a fence.
// No Rust function: readers of seqcopy never write.
//
// It shows what the checkers see. Mutations rm01 and rm02 need a load that takes effect after a later access of its own
// thread (load buffering). RC11 excludes that by definition, as loom and Miri do; IMM finds both.
//
// twin control: -DREADER=OWNED
// mutants: rm01 rm02 rm03 rm04
// reaches: newest in_between

#include "seq_count.h"

static void *writer(void *unused)
{
    for (int i = 1; i <= 2; i++) {
        unsigned even = 0;
        if (IS(rm03)) {
            even = LD(word, relaxed);
            ST(word, even + 1, relaxed);
            FENCE(release);
        } else {
            even = atomic_fetch_add_explicit(&word, 1, ORDER(IS(rm02), relaxed, acquire));
        }
        store(&payload, i);
        ST(word, even + 2, release);
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, writer, NULL);

    unsigned before = LD(word, acquire);
    if (is_stable(before)) {
        struct copied buf;
        load_into(&payload, &buf);
        unsigned after = IS(rm04) ? LD(word, acquire)
                                  : atomic_fetch_add_explicit(&word, 0, ORDER(IS(rm01), relaxed, release));
        if (after == before) {
            int value = (int)before / 2;
            assert(buf.first == value && buf.second == value);
            REACHED(newest, value == 2);
            REACHED(in_between, value == 1);
        }
    }

    pthread_join(thread, NULL);
    return 0;
}
