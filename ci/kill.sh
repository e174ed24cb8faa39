#!/usr/bin/env bash
# Kills N writers at random instants, in turn of a latch, of a single buffer and of a map, while readers check every value and every
# view they get. The last line is a summary. Red if a torn or invalid value or a wrong view was accepted, a reader of the latch or of
# a map was blocked, or a writer could not take over; red as well if no kill came in the middle of a copy and of a commit, since the
# rest would prove nothing.
#
#     ci/kill.sh [N] [--seed S]      200 by default
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
program=$(verify_program kill)
"$program" "${1:-200}" "${@:2}"
