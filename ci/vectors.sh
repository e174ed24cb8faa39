#!/usr/bin/env bash
# The copies where the ordinary tests do not reach: the vector backends under valgrind (every byte that a copy reads is initialised and in
# bounds); on aarch64 (built here, run by qemu), with the unit tests of regions; the crate without them (--cfg seqcopy_portable); and copies
# by a table under Miri.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

running=()
if have_program valgrind valgrind; then
    binary=$(cargo test --release -p seqcopy --lib --no-run --message-format=json 2>/dev/null |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    # One thread, while the rest is built.
    SEQCOPY_LONGEST=700 valgrind --quiet --error-exitcode=1 "$binary" --test-threads=1 copy:: >/dev/null &
    running+=("$!")
    # Others move no padding.
    binary=$(RUSTFLAGS=$as_optimised cargo test -p seqcopy-tests --test spans --no-run --target-dir target/straight \
        --message-format=json 2>/dev/null | sed -n '/"kind":\["test"\]/s/.*"executable":"\([^"]*\)".*/\1/p')
    "$binary" --quiet
    valgrind --quiet --error-exitcode=1 "$binary" --test-threads=1 >/dev/null &
    running+=("$!")
else
    skipped "valgrind is not available here"
fi

target=aarch64-unknown-linux-gnu
if have_target "$target"; then
    if can_emulate_aarch64; then
        # Without the test that starts its own program again, which this way of emulating does not do.
        cargo test --release -p seqcopy --lib --target "$target" -- --skip a_read_over_a_value_never_unwinds
        # Without the test of pages that a fork clears, which it does not do either, and says that it did; and without the one of paths to
        # the root, where it shows the directory of -L.
        cargo test --release -p seqcopy-shm -p seqcopy-map --lib --target "$target" -- --skip each_kind_of_guard_notices_a_fork \
            --skip a_walk_leads_where_the_system_does_but_by_links_of_others
        RUSTFLAGS=$as_optimised cargo test -p seqcopy-tests --test shapes --test spans --test values --target "$target" \
            --target-dir target/straight
        echo "vectors: aarch64 agrees with the reference implementation"
    fi
fi

# The tests of what copies, and those of the crate itself. What the others are about does not know how bytes are copied.
RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_portable" cargo test -p seqcopy -p seqcopy-tests --lib --test shapes --test spans --test values \
    --test remote --test locks --test racing --target-dir target/portable
echo "vectors: the tests of copies pass without vectors"

ci/miri.sh --by-table

for process in "${running[@]}"; do
    wait "$process"
done
((${#running[@]} == 0)) || echo "vectors: valgrind reports nothing"
