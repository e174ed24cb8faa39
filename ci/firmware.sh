#!/usr/bin/env bash
# Runs a program for a Cortex-M0, which has no compare-and-swap, in an emulator (tests/embedded/src/bin/interrupted.rs): an interrupt
# handler and the main loop share values by the locks' whole vocabulary, with the feature `critical-section`. The emulator counts
# instructions instead of time, so each run is the same. Then a program whose handler writes one value with parts that don't agree:
# it must say so. At last one for a bare Cortex-A53 that allows no unaligned access (tests/embedded/src/bin/aligned.rs): it makes none,
# and one that does is noticed.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
target=thumbv6m-none-eabi
bare=aarch64-unknown-none
target_dir=${CARGO_TARGET_DIR:-target}/firmware

# Which systems ask for aligned accesses, only rustc knows. On those with vector registers the crate must use none.
for other in $(rustc --print target-list | grep '^aarch64'); do
    system=$(rustc --print cfg --target "$other" | sed -n 's/^target_os="\(.*\)"/\1/p')
    if RUSTC_BOOTSTRAP=1 rustc -Z unstable-options --print target-spec-json --target "$other" | grep -q '+strict-align' &&
        ! grep -q "not(any(.*target_os = \"$system\"" seqcopy/src/copy/vector/mod.rs; then
        echo "firmware: RED: $other has \`strict-align\`, and seqcopy/src/copy/vector/mod.rs does not name its system"
        exit 1
    fi
done

if ! have_program qemu-system-arm qemu-system-arm || ! have_program qemu-system-aarch64 qemu-system-arm; then
    skipped "qemu-system-arm and qemu-system-aarch64 are not installed (Debian: apt install qemu-system-arm)"
    exit 0
fi

# run_bare <feature> <cargo's options>: likewise the program for the other processor.
run_bare() {
    local feature=$1 folder=debug
    shift
    [[ $* != *--release* ]] || folder=release
    RUSTFLAGS="-C link-arg=-T$PWD/tests/embedded/aarch64.ld" cargo build --quiet "$@" -p seqcopy-embedded-tests \
        --bin aligned --features "$feature" --target "$bare" --target-dir "$target_dir" || return 100
    # Without the network card that this machine has by default: its boot ROM is in a package that is only recommended.
    timeout 60 qemu-system-aarch64 -machine virt -cpu cortex-a53 -nic none -nographic -monitor none -serial null \
        -semihosting-config enable=on,target=native -kernel "$target_dir/$bare/$folder/aligned" 2>&1
}

if have_target "$bare"; then
    for options in '' --release; do
        said=$(run_bare aligned $options) || { echo "firmware: RED: $said, exit code $?, of a program for $bare"; exit 1; }
    done
    if said=$(run_bare unaligned) || [[ $said != "aligned: fault "* ]]; then
        echo "firmware: RED: an unaligned access was not noticed: $said"
        exit 1
    fi
    echo "firmware: no unaligned access on a Cortex-A53 that allows none"
fi

have_target "$target" || exit 0

# Prints what the program with this feature prints; its exit code is that of the program.
run() {
    RUSTFLAGS="-C link-arg=-Tlink.x -L $PWD/tests/embedded" cargo build --quiet --release -p seqcopy-embedded-tests \
        --bin interrupted --features "$1" --target "$target" --target-dir "$target_dir" || return 100
    timeout 300 qemu-system-arm -machine microbit -nographic -monitor none -serial null -icount shift=6,sleep=off \
        -semihosting-config enable=on,target=native -kernel "$target_dir/$target/release/interrupted"
}

run firmware || { echo "firmware: RED: exit code $?"; exit 1; }
if said=$(run broken); then
    echo "firmware: RED: a handler that writes a torn value was not noticed: $said"
    exit 1
elif [[ $? -ne 1 || $said != *" torn; handler"* ]]; then
    echo "firmware: RED: the program with a torn value ended in another way: $said"
    exit 1
fi
echo "firmware: an interrupt writes, the main loop reads, on a Cortex-M0 with critical sections"
