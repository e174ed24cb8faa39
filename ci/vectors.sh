#!/usr/bin/env bash
# The vector backends where the ordinary tests don't see them: under valgrind (every byte that a copy reads is initialised and
# inside), on aarch64 (built here, run by qemu), and without them (--cfg seqcopy_portable).
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

# A program of Debian's, installed if it can be had.
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
    echo "vectors: valgrind has nothing to say"
else
    echo "==== SKIPPED: valgrind can't be had here ===="
fi

target=aarch64-unknown-linux-gnu
if have_target "$target"; then
    if have_program aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu && have_program qemu-aarch64 qemu-user; then
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
        cargo test --release -p seqcopy --lib --target "$target"
        cargo test --release -p seqcopy-tests --test shapes --test layout --target "$target"
        echo "vectors: aarch64 does what the reference implementation does"
    else
        echo "==== SKIPPED: qemu-user or gcc-aarch64-linux-gnu can't be had here ===="
    fi
fi

RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_portable" cargo test -p seqcopy -p seqcopy-tests --target-dir target/portable
echo "vectors: everything holds without them"
