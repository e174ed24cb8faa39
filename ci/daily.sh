#!/usr/bin/env bash
# What takes too long for each change, once a day (.github/workflows/daily.yml): the tier `daily` of ci/tiers.txt, each check to its end,
# whichever are red.
#
#     ci/daily.sh                   all of it
#     ci/daily.sh CHECK [OPTION]    one line of it
#     ci/daily.sh --changed [TIER]  prints the checks of a tier, or of this one, of which a source is not as it was when they last passed, and those
#                                   that name no sources: what .ci/run runs. Of this tier those first that passed longest ago
#     ci/daily.sh --record CHECK..  runs such checks now, and records that they have passed (ci/passed.txt), to be committed with the change
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

# is_as_it_was <check>: whether it has passed with its sources as they are.
is_as_it_was() {
    grep -qx "$1 $(hash_of_sources "$1")" ci/passed.txt
}

if [[ "${1-} ${2-}" == "--changed change" ]]; then
    for check in $(tier change); do
        if [[ -z $(hash_of_sources "$check") ]] || ! is_as_it_was "$check"; then
            echo "$check"
        fi
    done
    exit 0
fi
if [[ ${1-} == --changed ]]; then
    # When each line of ci/passed.txt was committed. What never passed has none.
    passed=$(git blame --line-porcelain -- ci/passed.txt 2>/dev/null |
        awk '/^committer-time / { time = $2 } /^\t/ { print $1, time }' || true)
    while read -r check; do
        is_as_it_was "$check" ||
            echo "$(awk -v check="$check" '$1 == check { time = $2 } END { print time + 0 }' <<<"$passed") $check"
    done < <(sed -nE 's/^daily +([a-z_]+) *:.*/\1/p' ci/tiers.txt) | sort --stable --numeric-sort --key 1,1 | sed 's,^[0-9]* ,,'
    exit 0
fi

# Its own, not those of a run that it is part of.
SEQCOPY_SKIPPED=$(mktemp) SEQCOPY_SECONDS=$(mktemp)
export SEQCOPY_SKIPPED SEQCOPY_SECONDS
trap 'table_of_seconds; rm -f -- "$SEQCOPY_SKIPPED" "$SEQCOPY_SECONDS"' EXIT
red=0
if [[ ${1-} == --record ]]; then
    for check in "${@:2}"; do
        before=$(hash_of_sources "$check")
        [[ -n $before ]] || { echo "daily: ci/tiers.txt names no sources of $check" >&2 && exit 2; }
        run_check "$check" || { red=1 && continue; }
        if grep -q "^$check: " "$SEQCOPY_SKIPPED"; then
            echo "daily: not recorded: $check has skipped something"
            red=1
        elif [[ $(hash_of_sources "$check") != "$before" ]]; then
            echo "daily: not recorded: the sources of $check were changed meanwhile"
            red=1
        else
            sed -i "/^$check /d" ci/passed.txt
            echo "$check $before" >>ci/passed.txt
            LC_ALL=C sort -o ci/passed.txt ci/passed.txt
        fi
    done
    exit "$red"
fi
while read -ra check; do
    [[ $# -eq 0 || "${check[*]}" == "$*" ]] || continue
    run_check "${check[@]}" || red=1
done < <(tier daily)
[[ -s $SEQCOPY_SECONDS ]] || { echo "daily: ci/tiers.txt has no daily check \`$*\`" >&2 && exit 2; }
exit "$red"
