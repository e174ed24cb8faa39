#!/usr/bin/env bash
# Runs the models (loom) and the programs of verify/src/bin/shipped (Miri) with the mutants of verify/evidence/mutations.md
# (verify/mutants), one at a time: each must be caught by one of them. Mutants of the derive must let one of the mistakes of ui-tests
# compile; mutants of spans must fail one test of tests/tests/spans.rs, those of maps one of seqcopy-shm/src/flat_map/tests.rs, those of
# the partition the program verify/src/bin/partitions. One line per mutant. Without arguments a few of them; --all: all; --all --write: all, and the page's last column is written; ids: these.
#
# Callable from any directory. Where Miri is not available, it says so and skips the mutants that only Miri can see.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
page=verify/evidence/mutations.md
seeds=16
export LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-3}
export MIRIFLAGS="-Zmiri-many-seeds=0..$seeds -Zmiri-preemption-rate=0.1 -Zmiri-env-forward=SEQCOPY_MUTANT"

# A fence, the ordering of the claim, several writers, the latch's fence, a cell, R1, I2, and a mistake that was made once (cl05). Those of
# others that ci/loom.sh runs with their model are left to it.
few=(sl10 mw01 mw06 cl05 nc01 ce01 gd04 im01)

# The rows of the page: id;what;model;program;caught by.
rows() {
    sed -nE 's/^\| ([a-z]+[0-9]+) \| (.*) \| ([a-z_-]+) \| ([a-z_-]+) \| ?(.*) ?\|$/\1;\2;\3;\4;\5/p' "$page"
}

write=
case ${1:-} in
--all)
    mapfile -t ids < <(rows | sed 's/;.*//')
    [[ ${2:-} != --write ]] || write=1
    ;;
"") ids=("${few[@]}") ;;
*) ids=("$@") ;;
esac

# Page and patches must name the same mutants.
patches=$(basename -s .patch verify/mutants/*.patch | grep -vx switch | sort)
differing=$(rows | sed 's/;.*//' | sort | comm -3 - <(echo "$patches"))
if [[ -n $differing ]]; then
    echo "mutations: RED: $page and verify/mutants differ in" $differing
    exit 1
fi

# If it were set while Miri's programs are built, they would run with that value, whatever is set then.
unset SEQCOPY_MUTANT
began=$SECONDS
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# shipped <tree> <program>: runs it under Miri, with the mutant that SEQCOPY_MUTANT names.
shipped() {
    timeout 900 cargo +nightly miri run --quiet -p seqcopy-verify --bin shipped --manifest-path "$1/Cargo.toml" \
        --target-dir "$target/miri-mutants/$(basename "$1")" -- "$2"
}

# row <id>: that of one mutant.
row() {
    rows | grep "^$1;"
}

# Whether the program of a mutant is a mistake, a file that must not compile.
is_mistake() {
    [[ -e ui-tests/tests/ui/$1.rs ]]
}

# Whether it is a test of what copies do with padding.
is_of_spans() {
    grep -q "fn $1()" tests/tests/spans.rs
}

# Whether it is a test of maps. Those are run on Linux only.
is_of_maps() {
    grep -q "fn $1()" seqcopy-shm/src/flat_map/tests.rs
}

# Whether it is the program that checks the partition of every small layout. It is run on Linux only.
is_of_partitions() {
    [[ $1 == partitions ]]
}

# compiles <tree> <mutant> <mistake>: whether it does, with the derive of that tree.
compiles() {
    local built=$target/mistakes/$(basename "$1")/debug
    SEQCOPY_MUTANT=$2 rustc --edition 2024 --crate-name "mistake_$2" --emit metadata --out-dir "$work" \
        --extern "seqcopy=$built/libseqcopy.rlib" -L "dependency=$built/deps" "ui-tests/tests/ui/$3.rs"
}

mutant_trees "${ids[@]}" >"$work/trees"
declare -A of_derive=() of_spans=() of_maps=() of_partitions=()
others=
for id in "${ids[@]}"; do
    IFS=';' read -r _ _ _ program _ < <(row "$id")
    if is_mistake "$program"; then
        of_derive[$id]=1
    elif is_of_spans "$program"; then
        of_spans[$id]=1
    elif is_of_maps "$program"; then
        of_maps[$id]=1
    elif is_of_partitions "$program"; then
        of_partitions[$id]=1
    else
        others=1
    fi
done

# Some mutants only Miri can see.
miri=
rustup component add --toolchain nightly miri rust-src >/dev/null 2>&1 || true
if [[ -z $others ]]; then
    echo "only mutants of the derive, of spans, of maps and of the partition: neither models nor Miri are built"
elif MIRIFLAGS='' shipped "$target/mutants/pristine" hook >"$work/miri" 2>&1; then
    miri=1
else
    echo "==== SKIPPED: the programs under Miri: $(tail -n 1 "$work/miri") ===="
fi

linux=
[[ -z ${of_maps[*]}${of_partitions[*]} ]] || ! have_linux || linux=1

# Builds both programs of each tree, one after the other, since cargo would wait for its own lock otherwise. To cargo all trees
# are one package, of which it compares the age of files: so Miri has a target directory for each, copied from the pristine one.
while read -r tree of; do
    derive='' spans='' maps='' partitions='' other=''
    for id in $of; do
        echo "$tree" >"$work/$id.tree"
        if [[ -n ${of_derive[$id]:-} ]]; then
            derive=1
        elif [[ -n ${of_spans[$id]:-} ]]; then
            spans=1
        elif [[ -n ${of_maps[$id]:-} ]]; then
            maps=$linux
        elif [[ -n ${of_partitions[$id]:-} ]]; then
            partitions=$linux
        else
            other=1
        fi
    done
    if [[ -n $derive ]]; then
        # From the start: what an earlier run has left is of another tree.
        rm -rf -- "$target/mistakes/$(basename "$tree")"
        cargo build --quiet -p seqcopy --manifest-path "$tree/Cargo.toml" --target-dir "$target/mistakes/$(basename "$tree")"
    fi
    if [[ -n $spans ]]; then
        spans_program "$tree"
        SEQCOPY_MUTANT='' "$tree/spans.program" >"$work/spans" 2>&1 || ! grep -q 'mutation::is(' $(printf 'verify/mutants/%s.patch ' $of) ||
            { echo "mutations: RED: the test of spans without a mutant: $(complaint "$work/spans")" && exit 1; }
    fi
    if [[ -n $maps ]]; then
        maps_program "$tree"
        SEQCOPY_MUTANT='' timeout 600 "$tree/maps.program" flat_map::tests >"$work/maps" 2>&1 ||
            { echo "mutations: RED: the tests of maps without a mutant: $(complaint "$work/maps")" && exit 1; }
    fi
    [[ -z $partitions ]] || partitions_program "$tree"
    [[ -n $other ]] || continue
    loom_program "$tree" >/dev/null
    if [[ -n $miri ]]; then
        rm -rf -- "$target/miri-mutants/$(basename "$tree")"
        cp -a "$target/miri-mutants/pristine" "$target/miri-mutants/$(basename "$tree")"
    fi
    [[ -z $miri ]] || MIRIFLAGS='' shipped "$tree" hook >"$work/miri" 2>&1 ||
        { echo "mutations: RED: a tree without a mutant: $(complaint "$work/miri")" && exit 1; }
done <"$work/trees"

# sound <tree>:<program>: without a mutant the program passes. If it failed, it would seem to catch everything.
sound() {
    local said
    said=$work/sound-$(basename "${1%:*}")-${1#*:}
    if ! SEQCOPY_MUTANT='' MIRIFLAGS=-Zmiri-preemption-rate=0.1 shipped "${1%:*}" "${1#*:}" >"$said" 2>&1; then
        echo "RED: the program ${1#*:} fails by itself: $(complaint "$said")"
    fi
}

# caught <id> <output> <command>..: whether the command fails with a message, and no other mutant ran.
caught() {
    local status=0
    SEQCOPY_MUTANT=$1 "${@:3}" >"$2" 2>&1 || status=$?
    if [[ -n $(grep -aoE 'mutant [a-z]{2}[0-9]{2}' "$2" | grep -v " $1\$") ]]; then
        return 1
    fi
    [[ $status -ne 0 && -n $(complaint "$2") ]]
}

# try_mutant <id>: runs its model and its program, prints one line.
try_mutant() {
    local id what model program said by='' verdict tree
    IFS=';' read -r id what model program said < <(row "$1")
    tree=$(<"$work/$id.tree")
    if [[ -n ${of_derive[$id]:-} ]]; then
        # Without the mutant it does not compile, with it it does: then its test in ui-tests is red.
        if ! compiles "$tree" '' "$program" >"$work/$id.ui" 2>&1 && compiles "$tree" "$id" "$program" >"$work/$id.mistake" 2>&1; then
            by="ui-tests"
        fi
        program=-
    elif [[ -n ${of_spans[$id]:-} ]]; then
        ! caught "$id" "$work/$id.spans" "$tree/spans.program" --exact "$program" || by="spans"
        program=-
    elif [[ -n ${of_maps[$id]:-} ]]; then
        [[ -z $linux ]] || ! caught "$id" "$work/$id.maps" timeout 600 "$tree/maps.program" --exact "flat_map::tests::$program" || by="maps"
        program=-
    elif [[ -n ${of_partitions[$id]:-} ]]; then
        [[ -z $linux ]] || ! caught "$id" "$work/$id.partitions" timeout 600 "$tree/partitions.program" || by="partitions"
        program=-
    fi
    if [[ $model != - ]] && caught "$id" "$work/$id.loom" run_model "$tree/models.program" "$model"; then
        by="loom"
    fi
    if [[ $program != - && -n $miri ]] && caught "$id" "$work/$id.miri" shipped "$tree" "$program"; then
        by="${by:+$by, }Miri"
    fi
    if [[ $said == equivalent* ]]; then
        verdict="equivalent"
        [[ -z $by ]] || verdict="RED: not equivalent, $by refused it"
    elif [[ -n $by ]]; then
        verdict="caught by $by"
    elif [[ $model == - && -z $miri && $program != - ]]; then
        verdict="SKIPPED: only Miri can see it"
    elif [[ -n ${of_maps[$id]:-}${of_partitions[$id]:-} && -z $linux ]]; then
        verdict="SKIPPED: tested on Linux"
    else
        verdict="RED: not caught"
    fi
    # A mutant without the switch does not say that it runs.
    if [[ $verdict != SKIPPED* ]] && grep -q 'mutation::is(' "verify/mutants/$id.patch" && ! grep -qas "mutant $id runs" "$work/$id".*; then
        verdict="RED: never ran"
    fi
    echo "$id: $what: $verdict"
}

if [[ -n $miri ]]; then
    # In a tree without the switch the mutant always runs.
    mapfile -t programs < <(for id in "${ids[@]}"; do
        grep -q 'mutation::is(' "verify/mutants/$id.patch" || continue
        IFS=';' read -r _ _ _ program _ < <(row "$id")
        [[ $program == - ]] || [[ -n ${of_derive[$id]:-}${of_spans[$id]:-}${of_maps[$id]:-}${of_partitions[$id]:-} ]] || echo "$(<"$work/$id.tree"):$program"
    done | sort -u)
    in_parallel sound "${programs[@]}" | tee "$work/sound"
fi
in_parallel try_mutant "${ids[@]}" | tee "$work/report"

count() { grep -c -- "$1" "$work/report" || true; }
caught=$(count ': caught by ')
equivalent=$(count ': equivalent$')
skipped=$(count ': SKIPPED')
known=$((${#ids[@]} - equivalent - skipped))

if [[ -n $write ]]; then
    while IFS=: read -r id _; do
        by=$(sed -n "s/^$id: .*: caught by //p" "$work/report")
        [[ -z $by ]] || sed -i -E "s/^(\| $id \|.*\|)[^|]*\|\$/\1 $by |/" "$page"
    done <"$work/report"
fi
echo "mutations: $((SECONDS - began)) s"
echo "mutations: caught $caught of $known (equivalent: $equivalent)"
if [[ $caught -ne $known ]] || grep -q RED "$work/report" "$work/sound" 2>/dev/null; then
    exit 1
fi
