#!/usr/bin/env bash
# Opens N made-up or damaged regions and reads what opens. Red if anything panics, hangs, is taken for a value without being
# one, or if too few get far enough for the later checks to be tried.
#
#     ci/hostile.sh [N] [--seed S] [--first K]      50,000 by default; region K of a seed is always the same
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $(uname -s) != Linux ]]; then
    echo "==== SKIPPED: regions are tried on Linux ===="
    exit 0
fi
cargo run --quiet --release -p seqcopy-tests --bin hostile -- "${1:-50000}" "${@:2}"
