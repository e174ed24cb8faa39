#!/usr/bin/env bash
# Runs the command `seqcopy` on N generated or damaged regions, on some that are built to cost memory and time, and on one whose
# owner truncates and refills it meanwhile. Red if a run ends by a signal, takes more than 256 MiB or 5 s of processor time, or
# prints anything but one line with exit status 1.
#
#     ci/hostile_command.sh [N] [--seed S] [--first K]      60 by default; each takes twelve runs of the command, and a third are maps
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
program=$(verify_program hostile)
cargo build --quiet --release -p seqcopy-verify -p seqcopy-cli --bin seqcopy
"$program" "${1:-60}" "${@:2}" --command "${program%/*}/seqcopy"
