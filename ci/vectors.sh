#!/usr/bin/env bash
# The vector backends where the ordinary tests do not reach: under valgrind (every byte that a copy reads is initialised and in
# bounds), on aarch64 (built here, run by qemu), and the crate without them (--cfg seqcopy_portable).
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

# have_program <command> <Debian package>: installs the package if the command is missing.
have_program() {
    if command -v "$1" >/dev/null 2>&1; then
        return 0
    fi
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        (apt-get install -y "$2" || { apt-get update && apt-get install -y "$2"; }) >/dev/null 2>&1 || true
    fi
    command -v "$1" >/dev/null 2>&1
}

if have_program valgrind valgrind; then
    binary=$(cargo test --release -p seqcopy --lib --no-run --message-format=json 2>/dev/null |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    SEQCOPY_LONGEST=700 valgrind --quiet --error-exitcode=1 "$binary" --test-threads=1 copy:: >/dev/null
    # Others move no padding.
    binary=$(RUSTFLAGS=$as_optimised cargo test -p seqcopy-tests --test spans --no-run --target-dir target/visit \
        --message-format=json 2>/dev/null | sed -n '/"kind":\["test"\]/s/.*"executable":"\([^"]*\)".*/\1/p')
    "$binary" --quiet
    valgrind --quiet --error-exitcode=1 "$binary" --test-threads=1 >/dev/null
    echo "vectors: valgrind reports nothing"
else
    echo "==== SKIPPED: valgrind is not available here ===="
fi

target=aarch64-unknown-linux-gnu
if have_target "$target"; then
    if have_program aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu && have_program qemu-aarch64 qemu-user; then
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
        # Without the test that starts its own program again, which this way of emulating does not do.
        cargo test --release -p seqcopy --lib --target "$target" -- --skip a_read_over_a_value_never_unwinds
        RUSTFLAGS=$as_optimised cargo test -p seqcopy-tests --test shapes --test spans --test layout --target "$target" \
            --target-dir target/visit
        echo "vectors: aarch64 agrees with the reference implementation"
    else
        echo "==== SKIPPED: qemu-user or gcc-aarch64-linux-gnu is not available here ===="
    fi
fi

RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_portable" cargo test -p seqcopy -p seqcopy-tests --target-dir target/portable
echo "vectors: all tests pass without vectors"
