#!/usr/bin/env bash
# The tests under Miri, with strict provenance and symbolic alignment check. Red at the first report.
#
#   ci/miri.sh              for each change: x86_64 but for the racing tests, layouts on 32 bits, must-fail programs. The orderings of the
#                           protocols are left to ci/loom.sh, which tries all schedules
#   ci/miri.sh --by-table   by ci/vectors.sh: copies by a table, as builds without optimisation make them
#   ci/miri.sh --seeds 16   daily: only the racing tests, also by a table, words that wrap around, the recipes, and owners, with that many seeds;
#                           and the programs of the documentation
#   ci/miri.sh --all [N]    by hand: both aliasing models, four targets, racing tests with many seeds; from the Nth configuration on, to
#                           go on where a run was stopped
#
# Prints a line for each configuration and a summary at the end. Where Miri is not available, it says so and exits 0.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

all=false by_table_only=false only='' from=1
case "${1-} ${2-}" in
    " ") ;;
    "--all ") all=true ;;
    "--by-table ") by_table_only=true ;;
    "--all "[1-9]*) all=true from=$2 ;;
    "--seeds "[1-9]*) only=$2 ;;
    *) echo "usage: ci/miri.sh [--by-table | --all [n] | --seeds n]" >&2; exit 2 ;;
esac

skip() {
    skipped "Miri: nothing was checked: $1"
    exit 0
}

host=x86_64-unknown-linux-gnu
targets=("$host")
if $all; then
    # 32 bits, weakly ordered, big-endian. Miri interprets, so the host does not matter.
    targets+=(i686-unknown-linux-gnu aarch64-unknown-linux-gnu s390x-unknown-linux-gnu)
else
    targets+=(i686-unknown-linux-gnu)
fi

command -v rustup >/dev/null || skip "rustup is not installed"
# Does nothing if they are installed; fails without a network, which the next lines detect.
rustup component add --toolchain nightly miri rust-src >/dev/null 2>&1 || true
rustup which --toolchain nightly miri >/dev/null 2>&1 || skip "the nightly toolchain has no component miri"
for target in "${targets[@]}"; do
    cargo +nightly miri setup --target "$target" >/dev/null 2>&1 ||
        skip "Miri's standard library for $target can't be built (is rust-src installed?)"
done

flags=(-Zmiri-strict-provenance -Zmiri-symbolic-alignment-check)
# Unit tests, tests of the public interface, and the example that checks itself. The derive and the generator of random types
# only produce text, and trybuild starts compilers.
crates=(-p seqcopy -p seqcopy-shm -p seqcopy-map --lib --test '*' --example telemetry)
suite=(-p seqcopy-tests --lib --test '*')
# All of these but `racing` and the recipes, which want several seeds.
once=(-p seqcopy-tests --lib --test '[!r]*' --test remote)
# Without seqcopy-shm: Miri maps no files, and what the regions do apart from that is covered by the tests.
docs=(-p seqcopy --doc)
# Those whose outcome depends on the schedule.
racing=(-p seqcopy-tests -p seqcopy-adopters --test racing --test races)
ends=(-p seqcopy --lib lock::tests)
# What differs where copies follow a table. Miri's other runs copy as optimised builds do.
table=(-p seqcopy -p seqcopy-tests --lib --test shapes)
table_tests=(-p seqcopy-tests --test values --test locks -- enums:: seq_lock::)
by_table='--cfg seqcopy_copy="table"'
# The programs of seqcopy/docs/guide/recipes.md: a lost wake-up is a deadlock.
recipes=(-p seqcopy-tests --test recipes)
# Entries that are moved while readers hold references. By Tree Borrows and without strict provenance, since crossbeam-epoch itself
# fails otherwise; and what it still has at the end counts as leaked.
owners=(-p seqcopy-map --example moved_owners)
for_epochs="-Zmiri-permissive-provenance -Zmiri-ignore-leaks"
layouts=(-p seqcopy-tests --test shapes)
layout_tests=(-p seqcopy-tests --test values --test locks -- layout:: seq_count)

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
asked=0
configurations=0
reports=0
running=()

# report <file>: prints the line of a configuration that has ended, and parts of its output if it is red.
report() {
    configurations=$((configurations + 1))
    cat -- "$1.line"
    if ! grep -q ' ok, ' "$1.line"; then
        reports=$((reports + 1))
        # The first report and the end of the output: the rest of the tests may lie between them.
        grep -m 1 -A 25 -E '^error|panicked at|FAILED' "$1.out" || true
        echo "... $(wc -l <"$1.out") lines, the last:"
        tail -n 15 -- "$1.out"
    fi
}

# settle <n>: waits until at most n configurations are running; reports each when it has ended.
settle() {
    local one ended
    while ((${#running[@]} > $1)); do
        wait -n -p ended "${running[@]%% *}" || true
        for one in "${!running[@]}"; do
            if [[ ${running[one]%% *} == "$ended" ]]; then
                report "${running[one]#* }"
                unset "running[one]"
            fi
        done
    done
}

# run <name> <model> <target> <seeds> <what to test>..: one configuration, in the background. Miri itself runs seeds in
# parallel; without seeds, as many configurations run as there are processors. $rustflags: flags for the compiler; $miriflags: more
# of them for Miri, where the last one counts.
rustflags='' miriflags=''
run() {
    local name=$1 model=$2 target=$3 seeds=$4 file
    shift 4
    asked=$((asked + 1))
    ((asked >= from)) || return 0
    local miri=("${flags[@]}")
    [[ $model == TB ]] && miri+=(-Zmiri-tree-borrows)
    [[ -z $miriflags ]] || miri+=("$miriflags")
    if [[ $seeds != - ]]; then
        miri+=(-Zmiri-preemption-rate=0.1 "-Zmiri-many-seeds=0..$seeds")
        name="$name, $seeds seeds"
        settle 0
    else
        settle $(($(nproc) - 1))
    fi
    # Built here, one after the other, so that only the tests are timed. (Documentation tests are built when they run.)
    if [[ $name != documentation ]] &&
        ! RUSTFLAGS="${RUSTFLAGS-} $rustflags" cargo +nightly miri test --target "$target" --no-run "$@" >"$work/build" 2>&1; then
        cat "$work/build"
        exit 1
    fi
    file=$work/$configurations-${#running[@]}-$RANDOM
    (
        began=$SECONDS status=0
        RUSTFLAGS="${RUSTFLAGS-} $rustflags" MIRIFLAGS="${miri[*]}" timeout 7200 cargo +nightly miri test --target "$target" --no-fail-fast "$@" \
            >"$file.out" 2>&1 || status=$?
        passed=$(passed_in "$file.out")
        outcome=ok
        [[ $status -eq 0 && $passed -gt 0 ]] || outcome="RED (exit status $status)"
        printf 'miri: %s %-8s %-22s %5d tests %s, %d s\n' \
            "$model" "${target%%-*}" "$name" "$passed" "$outcome" $((SECONDS - began)) >"$file.line"
    ) &
    running+=("$! $file")
}

if [[ -n $only ]]; then
    run racing SB "$host" "$only" "${racing[@]}"
    run "ends of words" SB "$host" "$only" "${ends[@]}"
    run recipes SB "$host" "$only" "${recipes[@]}"
    miriflags=$for_epochs run owners TB "$host" "$only" "${owners[@]}"
    rustflags=$by_table run "racing, by table" SB "$host" "$only" "${racing[@]}"
    run "documentation" SB "$host" - "${docs[@]}"
elif $all; then
    # Schedules differ by the seed, and hardly by the target: that changes layouts and the width of words.
    seeds=24 elsewhere=6
    for model in SB TB; do
        for target in "${targets[@]}"; do
            run crates "$model" "$target" - "${crates[@]}"
            run suite "$model" "$target" - "${suite[@]}"
        done
        run "documentation" "$model" "$host" - "${docs[@]}"
    done
    for model in SB TB; do
        for target in "${targets[@]}"; do
            run racing "$model" "$target" "$([[ $target == "$host" ]] && echo $seeds || echo $elsewhere)" "${racing[@]}"
        done
    done
    run recipes SB "$host" "$seeds" "${recipes[@]}"
    miriflags=$for_epochs run owners TB "$host" "$seeds" "${owners[@]}"
    rustflags="--cfg seqcopy_two_words"
    run "racing, two words" SB "$host" "$seeds" "${racing[@]}"
    rustflags=$by_table
    for model in SB TB; do
        run "by table" "$model" "$host" - "${table[@]}"
        run "tests, by table" "$model" "$host" - "${table_tests[@]}"
    done
    run "by table" SB i686-unknown-linux-gnu - "${table[@]}"
    run "tests, by table" SB i686-unknown-linux-gnu - "${table_tests[@]}"
    run "racing, by table" SB "$host" "$seeds" "${racing[@]}"
elif $by_table_only; then
    rustflags=$by_table
    run "by table" SB "$host" - "${table[@]}"
    run "tests, by table" SB "$host" - "${table_tests[@]}"
else
    # The longest first, so that they end at about the same time.
    run suite SB "$host" - "${once[@]}"
    run crates SB "$host" - "${crates[@]}"
    run layouts SB i686-unknown-linux-gnu - "${layouts[@]}"
    run "tests of layouts" SB i686-unknown-linux-gnu - "${layout_tests[@]}"
fi
settle 0

if [[ -z $only && -x ci/must_fail.sh ]] && ! $by_table_only; then
    began=$SECONDS
    outcome=ok
    ci/must_fail.sh >"$work/must_fail" 2>&1 || outcome=RED
    configurations=$((configurations + 1))
    if [[ $outcome == RED ]]; then
        reports=$((reports + 1))
        cat "$work/must_fail"
    fi
    echo "miri: $(tail -n 1 "$work/must_fail") $outcome, $((SECONDS - began)) s"
fi

echo "miri: $configurations configurations, $reports reports"
[[ $reports -eq 0 ]]
