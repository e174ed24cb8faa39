#!/usr/bin/env bash
# The crate without std and alloc. First its unit tests, and those of the locks that need nothing else (verify/without_std). Then
# what needs no derive, over a build with no feature at all, which must depend on no other crate. Then
# builds for targets that have no std: a kernel without vector registers, microcontrollers without 64-bit atomics, two of them
# without compare-and-swap. Firmware that uses the locks (tests/embedded) is compiled to machine code, which must not call a
# library for its atomics: such a library locks, which an interrupt handler must not.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
target_dir=${CARGO_TARGET_DIR:-target}/no_std

# The test programs themselves have std; the crate that they test must not.
for package in seqcopy seqcopy-verify-without-std; do
    if cargo tree --prefix none --edges features,normal,dev --no-default-features -p "$package" | grep -E '^seqcopy feature "(std|alloc|default)"'; then
        echo "no_std: RED: the tests of $package would run with the features above"
        exit 1
    fi
done
cargo test --quiet -p seqcopy --no-default-features --features derive --lib --target-dir "$target_dir"
cargo test --quiet -p seqcopy-verify-without-std --test 'without_std_*' --target-dir "$target_dir"
echo "no_std: the tests pass without std and alloc"

if cargo tree --prefix none --edges normal,build --no-default-features -p seqcopy | grep -v '^seqcopy v'; then
    echo "no_std: RED: without its features seqcopy depends on what is above"
    exit 1
fi
cargo test --quiet -p seqcopy --no-default-features --lib --test without_derive --target-dir "$target_dir"
echo "no_std: the tests that need no derive pass without it"

# Kernels and hypervisors.
for target in x86_64-unknown-none aarch64-unknown-none; do
    have_target "$target" || continue
    cargo clippy -p seqcopy-adopters --target "$target" -- -D warnings
    echo "no_std: the sequence locks of others are built for $target"
done

for target in x86_64-unknown-none thumbv7m-none-eabi thumbv6m-none-eabi riscv32imc-unknown-none-elf; do
    have_target "$target" || continue
    cargo clippy -p seqcopy --no-default-features --features wait-wakers --target "$target" -- -D warnings
    # The map needs 64-bit atomics.
    [[ $target != x86_64-* ]] || cargo clippy -p seqcopy-map --no-default-features --target "$target" -- -D warnings
    cargo clippy -p seqcopy-embedded-tests --target "$target" -- -D warnings
    # Also what cargo remembers of it, or it would not be compiled again.
    cargo clean --quiet --release -p seqcopy-embedded-tests --target "$target" --target-dir "$target_dir"
    cargo rustc --quiet --release -p seqcopy-embedded-tests --target "$target" --target-dir "$target_dir" -- --emit asm
    assembly=("$target_dir/$target"/release/deps/seqcopy_embedded_tests-*.s)
    for function in on_timer new_reading set_target; do
        if ! grep -qE "^_[A-Za-z0-9_]*${function}[A-Za-z0-9_]*:" "${assembly[@]}"; then
            echo "no_std: RED: $target: no machine code for $function"
            exit 1
        fi
    done
    if grep -nE '__atomic_|__sync_' "${assembly[@]}"; then
        echo "no_std: RED: $target: atomics call a library"
        exit 1
    fi
    # Where there is no compare-and-swap, the compiler says so, and what to call instead.
    if ! rustc --target "$target" --print cfg | grep -qx 'target_has_atomic="8"'; then
        # shellcheck disable=SC2012 # the newest
        library=$(ls -t "$target_dir/$target"/release/deps/libseqcopy-*.rlib | head -n 1)
        for call in 'write(1)' 'write_from(&1)' 'try_write(1)' 'replace(1)' 'update(|_| ())' 'writer()' 'has_writer()' 'lock_write()' 'try_lock_write()'; do
            answer=$(echo "#![no_std] pub fn missing(lock: &seqcopy::SeqLock<u32>) { let _ = lock.$call; }" |
                rustc --edition 2024 --crate-type lib --emit metadata -o "$target_dir/missing.rmeta" --target "$target" --extern seqcopy="$library" \
                    -L "$target_dir/release/deps" -L "$target_dir/$target/release/deps" - 2>&1 || true)
            if ! grep -q 'write through `unsafe { lock.writer_unchecked() }`' <<<"$answer"; then
                echo "no_std: RED: $target: a missing \`${call%%(*}\` is answered by: $answer"
                exit 1
            fi
        done
    fi
    echo "no_std: $target builds, the locks included"
done
