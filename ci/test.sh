#!/usr/bin/env bash
# The tests. The last line counts them.
#
#     ci/test.sh           the README's command, then the tests of the other members of the workspace, and those of copies
#                          as they are in optimised builds
#     ci/test.sh --long    daily: more reads while a process writes, more forks, more hostile schemas, peers and users, each mode of each
#                          compiler; then the adapters of other crates' locks
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
output=$(mktemp)
trap 'rm -f -- "$output"' EXIT
# What generated readers are compiled by. A test says if it is missing.
have_program clang clang || true

if [[ ${1-} == --long ]]; then
    {
        SEQCOPY_LONG=1 cargo test -p seqcopy-cli -p seqcopy-bindgen
        SEQCOPY_LONG=1 cargo test -p seqcopy-tests --test shm_forks --test map_faults
        SEQCOPY_LONG=1 cargo test -p seqcopy-tests --test shm -- hostile_user lies restored truncated::installs
        cargo test -p bench --features peers
    } 2>&1 | tee "$output"
else
    others=()
    for package in seqcopy seqcopy-derive seqcopy-map seqcopy-shm tests; do
        grep -q "^default-members = .*\"$package\"" Cargo.toml || { echo "test: RED: $package is no default member" && exit 1; }
        others+=(--exclude "$(sed -n 's/^name = "\(.*\)"/\1/p' "$package/Cargo.toml" | head -n 1)")
    done
    # Copies as in optimised builds, with vectors, in a build that checks what it does.
    copies=(-p seqcopy-tests --test shapes --test spans --test values --target-dir target/straight)
    { cargo test && cargo test --workspace "${others[@]}" && RUSTFLAGS=$as_optimised cargo test "${copies[@]}"; } 2>&1 | tee "$output"
fi
skipped_in "$output"
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
    END { printf "test: %d passed, %d failed, %d ignored\n", passed, failed, ignored; exit !passed || failed }' "$output"
