#!/usr/bin/env bash
# The result tables of verify/evidence/results.md, each between two comments that name it.
#
#   ci/evidence.sh                  does each table have a row for each model, twin, litmus test and mutation?
#   ci/evidence.sh loom             runs ci/loom.sh and writes its table; likewise models, mutations, miri, exhaust
#   ci/evidence.sh loom - < output  writes the table from what ci/loom.sh printed before
#
# Callable from any directory.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
page=verify/evidence/results.md
mutants=verify/mutants
short=seqcopy/docs/reference/evidence.md
cores=$(nproc)

# section <name>: the lines between its comments.
section() {
    sed -n "/^<!-- ci\/evidence.sh $1 -->\$/,/^<!-- end -->\$/p" "$page"
}

# orderings: the lines of the crates that say what is ordered, which the twins of verify/models follow by hand: each that names an ordering or
# a fence, or begins or ends an access of a protocol. Without comments, imports and tests; a contract that is passed on is an unsafe block.
# One line for each function that has any, in no order of files: a function that moves is the same.
orderings() {
    find seqcopy/src/{seq_count,lock} seqcopy-map/src seqcopy-shm/src/{flat_map,mapping/buffers.rs} -name '*.rs' \
        ! -path '*/models/*' ! -path '*/tests/*' ! -name tests.rs ! -name histories.rs -print0 | LC_ALL=C sort -z |
        xargs -0 sed -s -e '/^mod tests {/,$d' -e 's/^ *//' |
        perl -pe 's/same_contract!(\((?:[^()]++|(?1))*\))/"unsafe { " . substr($1, 1, -1) . " }"/e' | grep -vE '^(//|(pub[a-z()]* )?use )' |
        awk '/(^|[ (])fn [a-z_]+/ { if (lines) print lines; lines = "" }
            /(^|[^A-Za-z0-9_])(Relaxed|Acquire|Release|AcqRel|SeqCst|fence)([^A-Za-z0-9_]|$)|\.(read|write)_(begin|end|cancel)/ { lines = lines $0 " " }
            END { if (lines) print lines }' | LC_ALL=C sort
}

# sources <name>: a hash of what the check of a table runs, without its comments, and for the models of what they copy. A table that was made
# of other models, mutants or programs is out of date. It is not made again for each other change of the crates: the checks that CI runs are
# for that.
sources() {
    local from
    case $1 in
        loom) from=(ci/loom.sh seqcopy/src/models seqcopy-map/src/models) ;;
        models) from=(verify/models) ;;
        mutations) from=(verify/mutants) ;;
        exhaust) from=(ci/exhaust.sh verify/src/bin/step verify/src/bin/partitions) ;;
    esac
    {
        code_of "${from[@]}"
        [[ $1 != models ]] || orderings
    } | sha256sum | head -c 16
}

loom_table() {
    echo "\`ci/loom.sh --all\`: $(sed -n 's/^loom: \(.*\)/\1/p' "$1" | head -n 1), on $cores cores."
    echo
    echo "| model | executions | preemptions | seconds | its twin | says |"
    echo "|---|---|---|---|---|---|"
    sed -nE 's/^model ([a-z_]+): ([0-9]+) executions, up to ([0-9]+) preemptions, ([0-9.]+) s; refuses ([a-z0-9]+): (.*)$/| \1 | \2 | \3 | \4 | \5 | \6 |/p' "$1" | sort
}

models_table() {
    echo "\`ci/models.sh\`: $(sed -n 's/^models: //p' "$1")."
    echo
    echo "| twin | executions, RC11 | executions, IMM | mutations caught |"
    echo "|---|---|---|---|"
    local twin rc11 imm
    while read -r twin rc11 imm; do
        echo "| $twin | $rc11 | $imm | $(grep -cE "^caught +$twin " "$1") |"
    done < <(sed -nE 's/^twin +([a-z0-9_/]+) +RC11 ([0-9]+) executions.*, IMM ([0-9]+) .*/\1 \2 \3/p' "$1")
    echo
    echo "Seen by IMM only: $(sed -nE 's/^caught +[a-z0-9_/]+ +([a-z0-9]+) by IMM: (.*)/\1 (\2)/p' "$1" | paste -sd ';' | sed 's/;/; /g')."
    echo
    echo "| litmus test | verdict | executions with the mistake |"
    echo "|---|---|---|"
    sed -nE 's/^herd7 +([a-z0-9_]+) +([A-Za-z]+) +([0-9]+ of [0-9]+) executions/| \1 | \2 | \3 |/p' "$1"
}

mutations_table() {
    echo "\`ci/mutations.sh --all\`: $(sed -n 's/^mutations: \(caught.*\)/\1/p' "$1"). Explained in [mutations.md]."
    echo
    echo "| seen by | mutations |"
    echo "|---|---|"
    local by number
    for by in "loom, Miri" loom Miri partitions tests ui-tests; do
        echo "| ${by/, / and } | $(grep -cE "^[a-z]+[0-9]+: .*: caught by $by\$" "$1" || true) |"
    done
    echo
    echo "| what is broken | mutations |"
    echo "|---|---|"
    while read -r number by; do
        echo "| \`$by\` | $number |"
    done < <(broken | sort | uniq -c)
}

# The folder that the first change of each mutant lies in: a crate's, or one with models or programs, in which it breaks a caller's part.
broken() {
    awk '/^=== / { first = 1 } /^\+\+\+ / && first { print substr($2, 3); first = 0 }' "$mutants"/*.diff |
        sed -E 's,^([a-z-]+/src/models|[a-z-]+)/.*,\1,'
}

miri_table() {
    echo "\`ci/miri.sh --seeds ..\`, preemption rate 0.1: $(grep -c '^miri: SB' "$1") configurations, $(grep -c RED "$1") reports."
    echo
    echo "| what | seeds | result |"
    echo "|---|---|---|"
    # Seeds run in parallel and their output is interleaved, so the number of tests counted means nothing.
    sed -nE 's/^miri: SB x86_64 +(.*), ([0-9]+) seeds +[0-9]+ tests (ok|RED[^,]*), [0-9]+ s$/| \1 | \2 | \3 |/p' "$1"
}

exhaust_table() {
    echo "\`ci/exhaust.sh --all\`: $(sed -n 's/^exhaust: //p' "$1"), on $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1) (family $(sed -n 's/^cpu family[[:space:]]*: //p' /proc/cpuinfo | head -n 1)), $(rustc --version | awk '{ print $1, $2 }')."
    echo
    echo "| build | part | what | instructions | looks | schedules | kills | failures |"
    echo "|---|---|---|---|---|---|---|---|"
    awk '/^==== exhaust: / && !/ cases, / { sub(/^==== exhaust: /, ""); build = $0 }
        /^\| [a-z0-9]+ \|/ && !/^\| part / && gsub(/\|/, "|") == 9 { sub(/ [0-9]+ \|$/, ""); print "| " build " " $0 }' "$1"
    echo
    echo "Partitions: $(sed -nE 's/^==== exhaust: (partitions.*): partitions: (.*), [0-9]+ s$/\1, \2/p' "$1" | paste -sd ';' | sed 's/;/; /g')."
}

# The names that a table must have, from the sources.
loom_names() { sed -nE 's/^ +([a-z_]+):[a-z]+[0-9]+$/\1/p' ci/loom.sh; }
models_names() {
    local file
    for file in verify/models/genmc/*.c; do
        sed -nE "s|^// twin ([a-z0-9_]+): .*|$(basename "$file" .c)/\1|p" "$file"
    done
    basename -s .litmus verify/models/herd/*.litmus
}

check() {
    local table red=0 missing
    for table in loom models; do
        missing=$(comm -3 <("${table}_names" | sort) <(section "$table" | sed -nE 's/^\| ([a-z0-9_/]*[_/][a-z0-9_/]+) \|.*/\1/p' | sort))
        if [[ -n $missing ]]; then
            echo "evidence: RED: the table $table of $page and the sources differ in" $missing
            red=1
        fi
    done
    local rows told
    rows=$(cat "$mutants"/*.diff | grep -c '^=== ')
    told=$(section mutations | sed -nE 's/.*caught ([0-9]+) of ([0-9]+) \(equivalent: ([0-9]+)\).*/\1 \2 \3/p')
    read -r caught known equivalent <<<"${told:-0 0 0}"
    if [[ $((known + equivalent)) -ne $rows || $caught -ne $known ]]; then
        echo "evidence: RED: $mutants has $rows mutants, $page says $caught caught of $known (equivalent: $equivalent)"
        red=1
    fi
    local by number
    while IFS='|' read -r _ by number _; do
        by=${by# } by=${by% } by=${by/ and /, }
        if [[ $(cat "$mutants"/*.diff | grep -cx "caught by: $by") -ne $number ]]; then
            echo "evidence: RED: $page has $number mutants that are seen by $by, $mutants others"
            red=1
        fi
    done < <(section mutations | grep -E '^\| [A-Za-z, -]+ \| [0-9]+ \|')
    # No pipe to a `grep -q`: it may end before all of a long table is written, and the pipe would fail.
    if [[ $(section miri) == *RED* || $(section miri) != *' 0 reports'* ]]; then
        echo "evidence: RED: the table miri of $page"
        red=1
    fi
    if [[ $(section exhaust) != *' 0 failures, on '* ]]; then
        echo "evidence: RED: the table exhaust of $page"
        red=1
    fi
    for table in loom models mutations exhaust; do
        if [[ $(section "$table") != *"<!-- from $(sources "$table") -->"* ]]; then
            echo "evidence: RED: the table $table of $page is older than what it was made from: run ci/evidence.sh $table"
            red=1
        fi
    done
    # What the short page says about these tables.
    local twins caught_c known_c litmus ours
    twins=$(section models | grep -cE '^\| [a-z0-9_]+/[a-z0-9_]+ \|')
    read -r caught_c known_c < <(section models | sed -nE 's/.* mutants ([0-9]+) of ([0-9]+) caught.*/\1 \2/p' | head -n 1)
    litmus=$(section models | grep -cE '^\| (ours|broken)_') ours=$(section models | grep -cE '^\| ours_')
    tells() {
        local page=$1 told
        for told in "${@:2}"; do
            if [[ $(<"$page") != *"$told"* ]]; then
                echo "evidence: RED: $page does not have $told"
                red=1
            fi
        done
    }
    local programs loom theorems
    theorems=$(sed -n '/^theorems=(/,/^)/p' ci/proof.sh | grep -oE '[A-Z][A-Za-z]+\.[a-z_]+' | wc -l)
    programs=$(find verify/must_fail -name '*.rs' | wc -l) loom=$(section loom | grep -cE '^\| [a-z_]+ \| [0-9]')
    tells "$short" "Coq: $theorems theorems" "| $programs programs" "loom: $loom models" "| $rows mutants" "$twins twins" "${known_c:-?} mutations" "$litmus litmus tests, of which $ours"
    tells "$page" "| $theorems theorems" "| loom | $loom models" "$twins twins of the shipped functions" "${known_c:-?} mutations of ${known_c:-?} caught" \
        "$litmus litmus tests" "the $ours that are ours" "the $((litmus - ours)) broken ones"
    tells DEVELOPMENT.md "about a minute for each of $(find verify/step_mutants -name '*.patch' | wc -l) |"
    [[ $red -eq 0 ]] || exit 1
    echo "evidence: the tables of $page are complete, and as old as what they were made from"
}

if [[ $# -eq 0 ]]; then
    check
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
if [[ ${2-} != - ]]; then
    case $1 in
        loom) ci/loom.sh --all ;;
        models) ci/models.sh ;;
        mutations) ci/mutations.sh --all --write ;;
        miri) ci/miri.sh --seeds 64 ;;
        exhaust) ci/exhaust.sh --all ;;
        *) echo "usage: ci/evidence.sh [loom | models | mutations | miri | exhaust [-]]" >&2; exit 2 ;;
    esac | tee "$work/output"
else
    cat >"$work/output"
fi
[[ -n $(section "$1") ]] || { echo "evidence: $page has no table $1" >&2; exit 2; }
if grep -qE 'RED|SKIPPED' "$work/output"; then
    echo "evidence: not written: the output is red, or something was skipped" >&2
    exit 1
fi
{
    "$1_table" "$work/output"
    [[ $1 == miri ]] || printf '\n<!-- from %s -->\n' "$(sources "$1")"
} >"$work/table"
if ! grep -q '^| [a-z]' "$work/table"; then
    echo "evidence: not written: nothing of $1 in the output" >&2
    exit 1
fi
sed -i -e "/^<!-- ci\/evidence.sh $1 -->\$/,/^<!-- end -->\$/{//!d}" -e "/^<!-- ci\/evidence.sh $1 -->\$/r $work/table" "$page"
echo "evidence: wrote the table $1 of $page"
