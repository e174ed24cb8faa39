#!/usr/bin/env bash
# Opens N generated or damaged regions, with a value or a map, and reads those that open. Red if anything panics or hangs, if an invalid value is
# accepted, or if too few regions get far enough to test the later checks.
#
#     ci/hostile.sh [N] [--seed S] [--first K]      50,000 by default; region K of a seed is always the same
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
program=$(verify_program hostile)
"$program" "${1:-50000}" "${@:2}"
