#!/usr/bin/env bash
# Runs a program for a Cortex-M0, which has no compare-and-swap, in an emulator (tests/embedded/src/bin/interrupted.rs): an interrupt
# handler and the main loop share values by the locks' whole vocabulary, with the feature `critical-section`. The emulator counts
# instructions instead of time, so each run is the same. Then a program whose handler writes one value with parts that don't agree:
# it must say so.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
target=thumbv6m-none-eabi
target_dir=${CARGO_TARGET_DIR:-target}/firmware

have_target "$target" || exit 0
if ! command -v qemu-system-arm >/dev/null; then
    skipped "qemu-system-arm is not installed (Debian: apt install qemu-system-arm)"
    exit 0
fi

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
