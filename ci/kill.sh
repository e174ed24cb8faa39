#!/usr/bin/env bash
# Kills N writers at random instants, a latch's and one copy's by turns, while readers check every value they get.
# The last line sums up; red if anything torn or invalid was accepted, a reader of the latch was blocked, or a
# writer could not take over. Red as well if no kill came in the middle of a copy: then the rest proves nothing.
#
#     ci/kill.sh [N] [--seed S]      200 by default
set -euo pipefail
cd "$(dirname "$0")/.."
if [[ $(uname -s) != Linux ]]; then
    echo "==== SKIPPED: regions are tried on Linux ===="
    exit 0
fi
cargo run --quiet --release -p seqcopy-tests --bin kill -- "${1:-200}" "${@:2}"
