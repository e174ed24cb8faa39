#!/usr/bin/env bash
# Points the command `seqcopy` at N made-up or damaged regions, at some that are made to take memory and time, and at one whose
# owner cuts it off and fills it meanwhile. Red if a run ends by a signal, takes more than 256 MiB or 5 s of a processor, or says
# anything but one line beside exit status 1.
#
#     ci/hostile_command.sh [N] [--seed S] [--first K]      100 by default; each region takes five runs of the command
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $(uname -s) != Linux ]]; then
    echo "==== SKIPPED: regions are tried on Linux ===="
    exit 0
fi
cargo build --quiet --release -p seqcopy-cli -p seqcopy-tests --bin seqcopy --bin hostile
target=${CARGO_TARGET_DIR:-target}/release
"$target/hostile" "${1:-100}" "${@:2}" --command "$target/seqcopy"
