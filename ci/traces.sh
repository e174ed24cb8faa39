#!/usr/bin/env bash
# What readers and writers of regions do, access by access, is what the programs of verify/proof do: for each case of verify/proof/traces.txt
# the same operations with the same orderings, places and values, of typed functions, those of bytes, and those of the C library.
#
#     ci/traces.sh    half a minute. ci/proof.sh compares the file with what Coq computes, and writes it.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
# Copies by vector instructions are not traced.
RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_traced --cfg seqcopy_portable" \
    cargo test --quiet -p seqcopy-c --test traces --target-dir target/traced -- --nocapture
