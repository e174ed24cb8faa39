#!/usr/bin/env bash
# Kills N writers at random instants, alternately of a latch and of a single buffer, while readers check every value they get.
# The last line is a summary. Red if a torn or invalid value was accepted, a reader of the latch was blocked, or a writer
# could not take over; red as well if no kill came in the middle of a copy, since the rest would prove nothing.
#
#     ci/kill.sh [N] [--seed S]      200 by default
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
cargo run --quiet --release -p seqcopy-tests --bin kill -- "${1:-200}" "${@:2}"
