#!/usr/bin/env bash
# Whether the numbers on the pages about evidence are those of the sources: models, mutants, theorems, programs that must fail.
#
# Callable from any directory.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
red=0

# tells <page> <text>..: whether a page has these texts.
tells() {
    local told
    for told in "${@:2}"; do
        if [[ $(<"$1") != *"$told"* ]]; then
            echo "evidence: RED: $1 does not have: $told"
            red=1
        fi
    done
}

mutants=$(cat verify/mutants/*.diff | grep -c '^=== ')
promises=$(cat verify/mutants/*.diff | grep -cxE 'caught by: (ui-)?tests')
models=$(grep -cE '^    [a-z_]+:[a-z]+[0-9]+$' ci/loom.sh)
theorems=$(sed -n '/^theorems=(/,/^)/p' ci/proof.sh | grep -oE '[A-Z][A-Za-z]+\.[a-z_]+' | wc -l)
programs=$(find verify/must_fail -name '*.rs' | wc -l)
litmus=$(find verify/models/herd -name '*.litmus' | wc -l)
ours=$(find verify/models/herd -name 'ours_*.litmus' | wc -l)
twins=$(grep -hcE '^// twin [a-z0-9_]+: ' verify/models/genmc/*.c | paste -sd+ | bc)
steps=$(find verify/step_mutants -name '*.patch' | wc -l)

tells seqcopy/docs/reference/evidence.md "Coq: $theorems theorems" "| $programs programs" "loom: $models models" "| $mutants mutants" "$twins twins" \
    "$litmus litmus tests, of which $ours"
tells verify/evidence/results.md "| $theorems theorems" "| loom | $models models" "$((mutants - promises)) of orderings and partitions" "$promises of promises" \
    "each of $mutants mutants" "$twins twins of the shipped functions" "$litmus litmus tests" "the $ours that are ours" "the $((litmus - ours)) broken ones"
tells DEVELOPMENT.md "about a minute for each of $steps |"
((red == 0)) || exit 1
echo "evidence: the numbers on the pages are those of the sources"
