#!/usr/bin/env bash
# Kills N writers at random instants, in turn of a latch, of a single buffer, of a map, and of regions that are created and closed one after
# another, while readers check every value and every view they get. The last line is a summary. Red if a torn or invalid value or a wrong view
# was accepted, a reader of the latch or of a map was blocked, a writer could not take over, or a path was left with neither an open region,
# nor a closed one, nor none; red as well if no kill came in the middle of a copy and of a commit, since the
# rest would prove nothing.
#
#     ci/kill.sh [N] [--seed S]      200 by default
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
program=$(verify_program kill)
"$program" "${1:-200}" "${@:2}"
