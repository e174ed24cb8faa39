#!/usr/bin/env bash
# Small scopes, finished: the machine code as it is shipped, stepped and killed after every instruction (verify/src/bin/step), in four
# builds: with every vector instruction that the processor has, without std (SSE2 and the string instruction), without vectors, and for
# aarch64, run by QEMU; and every partition of small types (verify/src/bin/partitions), in the full run also for a target with words of 32
# bits. The last line is the sum: `exhaust: N cases, M failures`.
#
#     ci/exhaust.sh             a part of it, minutes
#     ci/exhaust.sh --all       everything, about an hour
#     ci/exhaust.sh --mutants   breaks the crate, once for each patch of verify/step_mutants, or for those given: each must be caught
#
# SEQCOPY_STEP_CPU chooses the processor that is stepped on; another process on it makes everything slower. Where the system does not
# let a process be stepped, that is said, and nothing is counted.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || { echo "exhaust: 0 cases, 0 failures"; exit 0; }
target=${CARGO_TARGET_DIR:-target}
# The package whose `step` is built without std.
small=(-p seqcopy-verify-without-std --features seqcopy-verify-without-std/step)
output=$(mktemp)
trap 'rm -rf -- "$output"' EXIT

# mutant <name> <command..>: runs a program of a mutant. The first failure ends its run; without a failure it runs to the end, and was not
# caught. Nor if it is stopped by the time limit.
caught=0 all=0
mutant() {
    local name=$1
    shift
    all=$((all + 1))
    if ! SEQCOPY_STEP_FIRST=1 timeout 300 "$@" >"$output" 2>&1 && grep -qaE '^FAIL|panicked' "$output"; then
        caught=$((caught + 1))
        echo "$name: caught: $(grep -aE -m 1 '^FAIL|panicked' "$output" | grep -aoE '^.{1,200}')"
    else
        echo "$name: NOT CAUGHT"
    fi
}

mutants() {
    local patch tree built id
    tree=$target/step_mutants/tree
    built=$target/step_mutants/target
    for patch; do
        id=$(basename -s .patch "$patch")
        rm -rf -- "$tree"
        mkdir -p "$tree"
        git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read 2>/dev/null |
            tar --extract --directory "$tree"
        GIT_CEILING_DIRECTORIES=$(cd "$tree/.." && pwd) git -C "$tree" apply "$PWD/$patch"
        # To cargo all trees are one package, of which it compares the age of files.
        find "$tree" -name '*.rs' -exec touch {} +
        export SEQCOPY_STEP_FEW=1 CARGO_PROFILE_RELEASE_DEBUG=0
        # What concerns one process is built alone; with seqcopy-tests, for its features.
        if grep -qE '^\+\+\+ b/seqcopy-shm/|^Seen between processes only' "$patch"; then
            cargo build --quiet --release -p seqcopy-verify --bin step --manifest-path "$tree/Cargo.toml" --target-dir "$built"
            mutant "$id" "$built/release/step"
            continue
        fi
        if ! grep -q '^+++ .*/aarch64.rs$' "$patch"; then
            cargo build --quiet --release -p seqcopy-tests "${small[@]}" --example step --manifest-path "$tree/Cargo.toml" \
                --target-dir "$built"
            mutant "$id" "$built/release/examples/step"
        fi
        if ! grep -q '^+++ .*/x86_64/' "$patch" && stepped_by_qemu "$tree" "$built"; then
            mutant "$id, aarch64" "${emulated[@]}" "$on_aarch64/examples/step"
        fi
    done
    echo "exhaust: caught $caught of $all"
    ((caught == all))
}

# stepped_by_qemu <tree> <target directory>: builds the program without std for aarch64, sets `emulated` to the command that runs programs
# with the plugin, and `on_aarch64` to the folder of what is built.
# Fails where it can't be run, and says why. A build that fails ends the check; `set -e` would not, inside a condition.
emulated=() on_aarch64=
stepped_by_qemu() {
    local target=aarch64-unknown-linux-gnu
    have_target "$target" && can_emulate_aarch64 || return 1
    cargo build --quiet --release "${small[@]}" --example step_plugin --manifest-path "$1/Cargo.toml" --target-dir "$2" || exit 1
    cargo build --quiet --release "${small[@]}" --example step --target "$target" --manifest-path "$1/Cargo.toml" --target-dir "$2" || exit 1
    emulated=(qemu-aarch64 -L "/usr/aarch64-linux-gnu" -plugin "$2/release/examples/libstep_plugin.so") on_aarch64=$2/$target/release
    # Does it get to its parts? None has this name.
    "${emulated[@]}" "$on_aarch64/examples/step" none >"$output" 2>&1 || true
    ! grep -q '^step: on processor' "$output" || return 0
    skipped "QEMU does not run it with its plugin: $(head -n 1 "$output")"
    return 1
}

if [[ ${1:-} == --mutants ]]; then
    shift
    (($# > 0)) || set -- verify/step_mutants/*.patch
    mutants "$@"
    exit
fi

# count <name> <command..>: runs it, and keeps its last line. Its other lines are shown where it fails, and in a full run.
red=0
count() {
    local name=$1 began=$SECONDS
    shift
    echo "==== exhaust: $name"
    "$@" >"$output" 2>&1 || red=1
    grep -aE '^FAIL|panicked|^error|^\||^on processor|^step: .* instructions' "$output" || true
    skipped_in "$output"
    if ! grep -qaE '^[a-z]+: [0-9]+ cases, [0-9]+ failures$' "$output"; then
        tail -n 20 "$output"
        red=1
    fi
    grep -aE '^[a-z]+: [0-9]+ cases, [0-9]+ failures$' "$output" | tail -n 1 >>"$output.sums" || true
    echo "==== exhaust: $name: $(tail -n 1 "$output"), $((SECONDS - began)) s"
}

sum() {
    sed -nE "s/$1/\1/p" "$output.sums" | awk '{ all += $1 } END { print all + 0 }'
}

: >"$output.sums"
trap 'rm -rf -- "$output" "$output.sums"' EXIT
cargo build --quiet --release -p seqcopy-verify --bin step
if [[ ${1:-} == --all ]]; then
    cargo build --quiet -p seqcopy-cli -p seqcopy-c
    export SEQCOPY_STEP_COMMAND=$target/debug/seqcopy
fi
count "as it is shipped" "$target/release/step" "$@"
# Without std the crate does not know that the system keeps the AVX registers.
cargo build --quiet --release "${small[@]}" --example step --target-dir "$target/no_std"
# A round of the string instruction is a step: `b5` and `b64` would take a day.
# shellcheck disable=SC2046 # the names of parts
count "without std" "$target/no_std/release/examples/step" "$@" $([[ ${1:-} == --all ]] && echo a a64 b c p n s || echo a c s)
if [[ ${1:-} == --all ]]; then
    RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_portable" cargo build --quiet --release -p seqcopy-verify --bin step --target-dir "$target/portable"
    # Only the copies differ, so nothing is killed that does not copy.
    count "without vectors" "$target/portable/release/step" "$@" a b b5 c p n as bs k m
else
    # For a part of the locks alone the smaller program, which is built in less time.
    RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_portable" cargo build --quiet --release "${small[@]}" --example step --target-dir "$target/portable"
    count "without vectors" "$target/portable/release/examples/step" a c
fi
if stepped_by_qemu . "$target/no_std"; then
    # It has no string instruction, so no `s`.
    # shellcheck disable=SC2046 # the names of parts
    count "aarch64, by QEMU" "${emulated[@]}" "$on_aarch64/examples/step" "$@" $([[ ${1:-} == --all ]] && echo a a64 b b5 b64 c p byte n || echo b byte c n)
    if [[ ${1:-} == --all ]]; then
        cargo build --quiet --release -p seqcopy-verify --bin step --target aarch64-unknown-linux-gnu --target-dir "$target/no_std"
        count "aarch64 between processes, by QEMU" "${emulated[@]}" "$on_aarch64/step" --all arc as bs k k2 m
    fi
fi
cargo build --quiet --release -p seqcopy-verify --bin partitions
count "partitions" "$target/release/partitions" "$@"
RUSTFLAGS="${RUSTFLAGS:-} --cfg seqcopy_portable" cargo build --quiet --release -p seqcopy-verify --bin partitions --target-dir "$target/portable"
count "partitions without vectors" "$target/portable/release/partitions" "$@"
# With words of 32 bits. The target brings its C library along, so nothing but its linker is needed.
if [[ ${1:-} == --all ]] && have_target i686-unknown-linux-musl; then
    CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_RUSTFLAGS="-C linker=rust-lld -C linker-flavor=ld.lld -C link-self-contained=yes" \
        cargo build --quiet --release -p seqcopy-verify --bin partitions --target i686-unknown-linux-musl
    count "partitions with words of 32 bits" "$target/i686-unknown-linux-musl/release/partitions" "$@"
fi
failures=$(sum '.* ([0-9]+) failures')
echo "exhaust: $(sum '[a-z]*: ([0-9]+) cases.*') cases, $failures failures"
((red == 0 && failures == 0))
