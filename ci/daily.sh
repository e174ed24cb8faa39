#!/usr/bin/env bash
# What takes too long for each change, once a day: the tests in their long form, those that `cargo test --workspace` leaves out, the checks
# that .ci/run leaves to this script, and every mutant. .github/workflows/daily.yml runs it.
#
#     ci/daily.sh                 everything
#     ci/daily.sh CHECK..         some of it, by the names below
set -euo pipefail
cd "$(dirname "$0")/.."

tests() {
    # More reads while a process writes, more forks, more hostile schemas, each mode of each compiler. Then the adapters of other crates' locks.
    SEQCOPY_LONG=1 cargo test -p seqcopy-cli -p seqcopy-bindgen &&
        SEQCOPY_LONG=1 cargo test -p seqcopy-tests --test shm_forks &&
        cargo test -p bench --features peers
}

red=()
for check in ${*:-tests relay exhaust targets mutations}; do
    echo "==== $check"
    began=$SECONDS
    case $check in
        tests) tests ;;
        mutations | targets) "ci/$check.sh" --all ;;
        *) "ci/$check.sh" ;;
    esac || red+=("$check")
    echo "==== $check: $((SECONDS - began)) s"
done
if ((${#red[@]} > 0)); then
    echo "daily: RED: ${red[*]}"
    exit 1
fi
echo "daily: ok, $SECONDS s"
