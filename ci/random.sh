#!/usr/bin/env bash
# Generates COUNT random types (verify/src/bin/random_types), compiles and runs their tests (tests/src/oracle). Half of more than 50
# are copied as in optimised builds, half by a table, as in others.
#
#     ci/random.sh [COUNT] [SEED]      100 for each change, 400 daily
#
# SEQCOPY_RANDOM_MODE=  native     (the default)
#                       portable   without vector moves
#                       randomize  nightly, layouts of repr(Rust) types in random order
#                       miri       under Miri: fewer types by default, since each takes a second or two
#                       i686       under Miri, for a target with 32-bit pointers
#
# The types of a failed run are kept; the last lines say where.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

mode=${SEQCOPY_RANDOM_MODE:-native}
case $mode in
    miri | i686) default=40 ;;
    *) default=100 ;;
esac
count=${1:-$default}
seed=${2:-20251120}
# The size of a part: whole crates of 50 types, and two parts at least, if there are two crates. Each part overwrites the artefacts of
# the last one whose types were copied as its own are.
# shellcheck disable=SC2017 # a multiple of 50
part=$(((count + 99) / 100 * 50))
part=$((part < 500 ? part : 500))

target=${CARGO_TARGET_DIR:-$PWD/target}/random
types=$target/types-$mode
make=(cargo run -q -p seqcopy-verify --bin random_types -- --seed "$seed" --out "$types")
flags=${RUSTFLAGS:-}
run=()

miri() {
    if ! rustup run nightly cargo miri --version >/dev/null 2>&1; then
        skipped "the nightly toolchain has no component miri"
        exit 0
    fi
    make+=(--small)
    run+=("MIRIFLAGS=-Zmiri-strict-provenance -Zmiri-symbolic-alignment-check ${MIRIFLAGS:-}" cargo +nightly miri run -q)
}

case $mode in
    native) run+=(cargo run -q) ;;
    portable)
        # There the accesses of a copy are noted, and compared with the list.
        flags+=" --cfg seqcopy_portable --cfg seqcopy_traced"
        run+=(cargo run -q)
        ;;
    randomize)
        flags+=" -Zrandomize-layout -Zlayout-seed=$seed"
        run+=(cargo +nightly run -q)
        ;;
    miri) miri ;;
    i686)
        miri
        run+=(--target i686-unknown-linux-gnu)
        ;;
    *)
        echo "SEQCOPY_RANDOM_MODE=$mode: no such mode" >&2
        exit 2
        ;;
esac
run+=(--manifest-path "$types/Cargo.toml")

# What is generated, and that the same seed gives the same types.
cargo test --quiet -p seqcopy-verify --bin random_types

ok=0
for ((first = 0; first < count; first += part)); do
    form=straight
    [[ $((first / part % 2)) -eq 0 ]] || form=table
    some=$((count - first < part ? count - first : part))
    rm -rf -- "$types"
    "${make[@]}" --count "$some" --first "$first"
    status=0
    # A target directory for each mode and form: flags differ.
    env "CARGO_TARGET_DIR=$target/$mode-$form" "RUSTFLAGS=$flags --cfg seqcopy_copy=\"$form\"" "${run[@]}" |
        tee "$target/$mode.log" || status=$?
    # The last line of a complete run.
    if [[ $(tail -n 1 "$target/$mode.log") =~ ^random\ types:\ ([0-9]+)\ of ]]; then
        ok=$((ok + BASH_REMATCH[1]))
    else
        status=1
    fi
    if [[ $status -ne 0 ]]; then
        echo "$mode, $form: types $first to $((first + some - 1)) of seed $seed, in $types"
        break
    fi
done
echo "random types: $ok of $count ok (seed $seed)"
[[ $ok -eq $count ]]
