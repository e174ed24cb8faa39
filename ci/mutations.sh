#!/usr/bin/env bash
# Breaks the shipped code on purpose, in one place at a time, and looks whether a checker notices: the mutants of verify/mutants/*.diff. Each is a
# section with a title, what must find it, and a patch. They are of orderings and partitions, and of promises that no program can look for:
# lifetimes, threads, forks, names, restarts, other languages. Everything else has tests that were seen red when they were written.
#
# A mutant names its detector. `model:` is a model of loom. `program:` is a program of verify/src/bin/shipped, under Miri; a mistake of ui-tests,
# which must not compile; the program `partitions`; or a test:
#
#     spans::name                    of tests/tests/spans.rs, or of the program spans of that folder
#     seqcopy-shm::path::name        inside of a library, or of a program
#     seqcopy-cli/cli::path::name    of a test program of another crate
#     seqcopy-python::Class::name    of the Python package
#     straight:spans::name           built with copies as in optimised builds
#
#     ci/mutations.sh                  a few of each detector
#     ci/mutations.sh --all            all
#     ci/mutations.sh ID..             these; the trees are kept in target/mutants, for a debugger
#     ci/mutations.sh --show ID..      prints these
#
# A new one: change the code, with `crate::mutation::is("xy01")` around the change, append `git diff -U1` with its title and detector to the crate's
# file, and undo the change. All patches must apply, whichever are run. verify/mutants/switch.patch adds the condition, and SEQCOPY_MUTANT=xy01
# selects one when a program starts. The shipped code has no trace of them. One that never ran does not count as caught.
#
# Callable from any directory. Where Miri is not available, it says so and skips the mutants that only Miri can see.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
seeds=16
export LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-3}
export MIRIFLAGS="-Zmiri-many-seeds=0..$seeds -Zmiri-preemption-rate=0.1 -Zmiri-env-forward=SEQCOPY_MUTANT"

# A fence, the ordering of the claim, several writers, the latch's fence, a cell, R1, I2, and a mistake that was made once (cl05); then one
# of most other detectors. Those that ci/loom.sh runs with their model are left to it, and those of programs in C and Python to the daily run.
few=(sl10 mw01 mw06 cl05 nc01 ce01 gd04 im01 sp01 lk05 rl06)

# One line for each mutant: id;what;model;program;caught by.
rows() {
    awk '/^=== / { id = $2; sub(/:$/, "", id); what = $0; sub(/^=== [^ ]+ /, "", what); model = program = "-"; by = "" }
        /^model: / { model = $2 }
        /^program: / { program = $2 }
        /^caught by: / { by = substr($0, 12) }
        /^--- / && id { print id ";" what ";" model ";" program ";" by; id = "" }' verify/mutants/*.diff
}

case ${1:-} in
--all)
    mapfile -t ids < <(rows | sed 's/;.*//')
    ;;
--show)
    for id in "${@:2}"; do
        mutant_text "$id"
    done
    exit
    ;;
"") ids=("${few[@]}") ;;
*) ids=("$@") ;;
esac

# If it were set while Miri's programs are built, they would run with that value, whatever is set then.
unset SEQCOPY_MUTANT
began=$SECONDS
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$(mktemp -d)
chmod 711 "$work" && mkdir -m 777 "$work/ran"
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

# kind_of <program>: which kind of detector it is, of those that the head of this file lists.
kind_of() {
    case $1 in
    *::*) echo test ;;
    partitions) echo partitions ;;
    *) if [[ -e ui-tests/tests/ui/$1.rs ]]; then echo mistake; else echo miri; fi ;;
    esac
}

# test_of <program>: what `straight:crate/program::path` means: how it is built, in which crate, as which program, and its name there.
test_of() {
    local built=plain crate=tests program rest=$1
    [[ $rest != straight:* ]] || built=straight rest=${rest#straight:}
    program=${rest%%::*} rest=${rest#*::}
    if [[ $program == */* ]]; then
        crate=${program%/*} program=${program#*/}
    elif [[ -e $program/Cargo.toml ]]; then
        crate=$program program=lib
    fi
    echo "$built $crate $program $rest"
}

# compiles <tree> <mutant> <mistake>: whether it does, with the derive of that tree.
compiles() {
    local built
    built=$target/mistakes/$(basename "$1")/debug
    SEQCOPY_MUTANT=$2 rustc --edition 2024 --crate-name "mistake_$2" --emit metadata --out-dir "$work" \
        --extern "seqcopy=$built/libseqcopy.rlib" -L "dependency=$built/deps" "ui-tests/tests/ui/$3.rs"
}

mutant_trees "${ids[@]}" >"$work/trees"
for id in $(rows | sed 's/;.*//'); do
    apply_mutant "$id" "$target/mutants/pristine" --check || { echo "mutations: RED: $id does not apply" && exit 1; }
done
declare -A detector=()
others=
for id in "${ids[@]}"; do
    IFS=';' read -r _ _ model program _ < <(row "$id")
    [[ $program == - ]] || detector[$id]=$(kind_of "$program")
    [[ $model == - && ${detector[$id]} != miri ]] || others=1
done

# Some mutants only Miri can see.
miri=
rustup component add --toolchain nightly miri rust-src >/dev/null 2>&1 || true
if [[ -z $others ]]; then
    echo "only mutants that tests see: neither models nor Miri are built"
elif MIRIFLAGS='' shipped "$target/mutants/pristine" hook >"$work/miri" 2>&1; then
    miri=1
else
    skipped "the programs under Miri: $(tail -n 1 "$work/miri")"
fi

linux=
have_linux && linux=1

# tests_of <tree> <id>..: builds the tests that are to see these mutants, with their tree, and runs each without a mutant and with it. What
# `cargo test` builds is left where it is: some tests run programs next to theirs. A file <id>.by says by what the mutant was caught.
tests_of() {
    local tree=$1 id program
    shift
    for id; do
        IFS=';' read -r _ _ _ program _ < <(row "$id")
        echo "$(test_of "$program") $id"
    done | sort >"$work/tests"
    find "$tree" -name '*.rs' -exec touch {} +
    local built crate
    while read -r built crate; do
        if [[ $crate == seqcopy-python ]]; then
            python_tests "$tree"
            continue
        fi
        local flags='' into=$target/tests programs=() jobs=() from=$tree/Cargo.toml package=$crate
        [[ $crate != tests ]] || package=seqcopy-tests
        [[ $built == plain ]] || flags=$as_optimised into=$target/straight
        # As where the whole workspace is tested: other crates wait.
        local features=()
        [[ $package != seqcopy ]] || features=(--features wait)
        if grep -qx '\[workspace\]' "$tree/$crate/Cargo.toml"; then
            from=$tree/$crate/Cargo.toml into=$target/$(basename "${crate#seqcopy-}")
            cargo fetch --quiet --locked --manifest-path "$from" 2>/dev/null ||
                { skipped "a crate that $crate needs can't be had here" && continue; }
        fi
        local inside=--lib
        [[ -e $tree/$crate/src/lib.rs || $crate == tests ]] || inside=--bins
        mapfile -t programs < <(awk -v b="$built" -v c="$crate" -v inside="$inside" '$1 == b && $2 == c { print $3 == "lib" ? inside : "--test=" $3 }' "$work/tests" | sort -u)
        RUSTFLAGS=$flags cargo test --quiet --no-run -p "$package" "${features[@]}" "${programs[@]}" --manifest-path "$from" --target-dir "$into" \
            --message-format json-render-diagnostics |
            sed -nE '/"overflow_checks":[a-z]+,"test":true/s/.*"target":\{"kind":\["([a-z-]+)"[^]]*\].*"name":"([a-z0-9_-]+)".*"executable":"([^"]+)".*/\1 \2 \3/p' |
            while read -r kind name path; do
                [[ $kind == test ]] || name=lib
                echo "$built $crate $name $path"
            done >"$work/programs"
        mapfile -t jobs < <(awk 'NR == FNR { path[$1 " " $2 " " $3] = $4; next }
            ($1 " " $2 " " $3) in path { print $5 ";" tree "/" $2 ";" path[$1 " " $2 " " $3] ";" $4 }' tree="$tree" "$work/programs" "$work/tests")
        in_parallel try_test "${jobs[@]}" </dev/null
    done < <(awk '{ print $1, $2 }' "$work/tests" | sort -u)
}

# python_tests <tree>: the same of the Python package.
python_tests() {
    local jobs=()
    [[ -d $work/python ]] || python_environment "$work/python" || return 0
    if ! "$work/python/bin/python" -c 'import numpy' 2>/dev/null; then
        skipped "NumPy, which some tests of the Python package need, can't be had here"
        return 0
    fi
    python_package "$1" "$work/python"
    mapfile -t jobs < <(awk '$2 == "seqcopy-python" { print $5 ";" tree "/" $2 ";" python ";" $4 }' tree="$1" python="$work/python/bin/python" "$work/tests")
    in_parallel try_test "${jobs[@]}" </dev/null
}

# try_test <id>;<folder>;<program>;<test>: whether one test sees one mutant, and passes without it.
try_test() {
    local id folder program name
    IFS=';' read -r id folder program name <<<"$1"
    # In a tree without the switch the mutant always runs.
    if has_switch "$id" && ! run_test '' "$folder" "$program" "$name" >"$work/$id.sound" 2>&1; then
        echo "RED: the test $name fails by itself: $(complaint "$work/$id.sound")" >"$work/$id.red"
    elif ! run_test "$id" "$folder" "$program" "$name" >"$work/$id.test" 2>&1 && [[ -n $(complaint "$work/$id.test") ]]; then
        echo tests >"$work/$id.by"
    fi
}

# Tests of a macro are linked with the compiler's own libraries.
libraries=$(rustc --print target-libdir)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# run_test <id or nothing> <folder> <program> <test>: as `cargo test` runs it. What the switch says goes to a file, since some tests look at
# what a command prints.
run_test() (
    cd "$2"
    export SEQCOPY_MUTANT=$1 SEQCOPY_MUTANT_LOG=$work/ran/$1.ran CARGO_MANIFEST_DIR=$2
    # A mutant whose test never ends is caught by the limit that each thread of a test has (tests/harness).
    export LD_LIBRARY_PATH=$libraries SEQCOPY_TEST_LIMIT=30
    if [[ $3 == */python ]]; then
        cd tests
        local file
        file=$(grep -l "^class ${4%%::*}(" test_*.py) || { echo "error: there is no test $4" && return 1; }
        [[ $file != *$'\n'* ]] || { echo "error: the class ${4%%::*} is in several files: ${file//$'\n'/ }" && return 1; }
        timeout 60 "$3" -m unittest "${file%.py}.${4//::/.}" || { echo "error: $4 fails" && return 1; }
        return
    fi
    # Some tests start processes of other users.
    touch "$SEQCOPY_MUTANT_LOG" && chmod 666 "$SEQCOPY_MUTANT_LOG"
    # No pipe to a `grep -q`: it may end before all is written.
    [[ $("$3" --list --exact "$4") == "$4: test"* ]] || { echo "error: there is no test $4" && return 1; }
    timeout 300 "$3" --exact "$4"
)

# Builds the programs of each tree, one after the other, since cargo would wait for its own lock otherwise, and runs its tests. To cargo all
# trees are one package, of which it compares the age of files: so Miri has a target directory for each, copied from the pristine one.
while read -r tree of; do
    mistakes='' partitions='' other='' tests=()
    for id in $of; do
        echo "$tree" >"$work/$id.tree"
        IFS=';' read -r _ _ model _ < <(row "$id")
        [[ $model == - ]] || other=1
        case ${detector[$id]:-} in
        mistake) mistakes=1 ;;
        test) tests+=("$id") ;;
        partitions) partitions=$linux ;;
        miri) other=1 ;;
        esac
    done
    if [[ -n $mistakes ]]; then
        # From the start: what an earlier run has left is of another tree.
        rm -rf -- "$target/mistakes/$(basename "$tree")"
        cargo build --quiet -p seqcopy --manifest-path "$tree/Cargo.toml" --target-dir "$target/mistakes/$(basename "$tree")"
    fi
    [[ -z ${tests[*]} || -z $linux ]] || tests_of "$tree" "${tests[@]}"
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
    # No pipe to a `grep -q`: it may end before all is written.
    # shellcheck disable=SC2143
    if [[ -n $(grep -aoE 'mutant [a-z]{2}[0-9]{2}' "$2" | grep -v " $1\$") ]]; then
        return 1
    fi
    [[ $status -ne 0 && -n $(complaint "$2") ]]
}

# try_mutant <id>: runs its model and its program, prints one line.
try_mutant() {
    local id what model program by='' verdict tree
    IFS=';' read -r id what model program _ < <(row "$1")
    tree=$(<"$work/$id.tree")
    case ${detector[$id]:-} in
    mistake)
        # Without the mutant it does not compile, with it it does: then its test in ui-tests is red. A patch without the switch always runs.
        if { ! has_switch "$id" || ! compiles "$tree" '' "$program" >"$work/$id.ui" 2>&1; } &&
            compiles "$tree" "$id" "$program" >"$work/$id.mistake" 2>&1; then
            by="ui-tests"
        fi
        ;;
    partitions) [[ -z $linux ]] || ! caught "$id" "$work/$id.partitions" timeout 600 "$tree/partitions.program" || by="partitions" ;;
    test) by=$(cat "$work/$id.by" 2>/dev/null || true) ;;
    esac
    if [[ $model != - ]] && caught "$id" "$work/$id.loom" run_model "$tree/models.program" "$model"; then
        by="loom"
    fi
    if [[ ${detector[$id]:-} == miri && -n $miri ]] && caught "$id" "$work/$id.miri" shipped "$tree" "$program"; then
        by="${by:+$by, }Miri"
    fi
    if [[ -s $work/$id.red ]]; then
        verdict=$(<"$work/$id.red")
    elif [[ -n $by ]]; then
        verdict="caught by $by"
    elif [[ $model == - && -z $miri && ${detector[$id]:-} == miri ]]; then
        verdict="SKIPPED: only Miri can see it"
    elif [[ ${detector[$id]:-} == @(test|partitions) && -z $linux ]]; then
        verdict="SKIPPED: tested on Linux"
    elif [[ ${detector[$id]:-} == test && ! -e $work/$id.test ]]; then
        verdict="SKIPPED: a crate that its test needs can't be had here"
    else
        verdict="RED: not caught"
    fi
    # A mutant without the switch does not say that it runs.
    if [[ $verdict != @(SKIPPED|RED)* ]] && has_switch "$id" && ! grep -qas "mutant $id runs" "$work/$id".* "$work/ran/$id.ran"; then
        verdict="RED: never ran"
    fi
    echo "$id: $what: $verdict"
}

if [[ -n $miri ]]; then
    # In a tree without the switch the mutant always runs.
    mapfile -t programs < <(for id in "${ids[@]}"; do
        has_switch "$id" || continue
        IFS=';' read -r _ _ _ program _ < <(row "$id")
        [[ ${detector[$id]:-} != miri ]] || echo "$(<"$work/$id.tree"):$program"
    done | sort -u)
    in_parallel sound "${programs[@]}" | tee "$work/sound"
fi
in_parallel try_mutant "${ids[@]}" | tee "$work/report"

count() { grep -c -- "$1" "$work/report" || true; }
caught=$(count ': caught by ')
skipped=$(count ': SKIPPED')
known=$((${#ids[@]} - skipped))

echo "mutations: $((SECONDS - began)) s"
echo "mutations: caught $caught of $known"
if [[ $caught -ne $known ]] || grep -q RED "$work/report" "$work/sound" 2>/dev/null; then
    exit 1
fi
