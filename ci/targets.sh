#!/usr/bin/env bash
# Builds for other pointer widths and processors, tests included where that needs no C compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
for target in i686-unknown-linux-gnu aarch64-unknown-linux-gnu; do
    if have_target "$target"; then
        cargo clippy -p seqcopy -p seqcopy-tests --tests --target "$target" -- -D warnings
        echo "targets: $target builds"
    fi
done
