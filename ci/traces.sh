#!/usr/bin/env bash
# What readers and writers of regions do, access by access, is what the programs of verify/proof do: for each case of verify/proof/traces.txt
# the same operations with the same orderings, places and values, of typed functions, those of bytes, and those of the C library.
#
# And copies, in both forms, make the accesses that the layout of their type lists: of all types of the tests, for all their values.
#
#     ci/traces.sh    a minute. ci/proof.sh compares the file with what Coq computes, and writes it.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
# Copies by vector instructions are not traced.
traced="${RUSTFLAGS:-} --cfg seqcopy_traced --cfg seqcopy_portable"
RUSTFLAGS=$traced cargo test --quiet -p seqcopy-c --test traces --target-dir target/traced -- --nocapture
for form in table straight; do
    RUSTFLAGS="$traced --cfg seqcopy_copy=\"$form\"" \
        cargo test --quiet -p seqcopy-tests --test values --test many_fields --target-dir target/traced
done
