#!/usr/bin/env bash
# Builds without std: a kernel without vector registers, microcontrollers without 64-bit atomics, two of them without
# compare-and-swap. Each of what firmware does with the locks (tests/embedded) is compiled down to machine code, which must
# call nobody for its atomics: a library that locks would be of no use to an interrupt handler.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
target_dir=${CARGO_TARGET_DIR:-target}/no_std
for target in x86_64-unknown-none thumbv7m-none-eabi thumbv6m-none-eabi riscv32imc-unknown-none-elf; do
    have_target "$target" || continue
    cargo clippy -p seqcopy -p seqcopy-embedded-tests --no-default-features --target "$target" -- -D warnings
    rm -f -- "$target_dir/$target"/release/deps/seqcopy_embedded_tests-*.s
    cargo rustc --quiet --release -p seqcopy-embedded-tests --target "$target" --target-dir "$target_dir" -- --emit asm
    assembly=("$target_dir/$target"/release/deps/seqcopy_embedded_tests-*.s)
    for function in on_timer new_reading set_target; do
        if ! grep -qE "^_[A-Za-z0-9_]*$function[A-Za-z0-9_]*:" "${assembly[@]}"; then
            echo "no_std: RED: $target: no machine code of $function"
            exit 1
        fi
    done
    if grep -nE '__atomic_|__sync_' "${assembly[@]}"; then
        echo "no_std: RED: $target: atomics by calls"
        exit 1
    fi
    echo "no_std: $target builds, the locks included"
done
