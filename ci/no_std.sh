#!/usr/bin/env bash
# Builds without std: a kernel without vector registers, a microcontroller without compare-and-swap and without 64-bit
# atomics. There SeqLock is not offered; everything below it is.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
for target in x86_64-unknown-none thumbv6m-none-eabi riscv32imc-unknown-none-elf; do
    if have_target "$target"; then
        cargo clippy -p seqcopy --no-default-features --target "$target" -- -D warnings
        echo "no_std: $target builds"
    fi
done
