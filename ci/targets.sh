#!/usr/bin/env bash
# Builds for other pointer widths and architectures, with the tests where that needs no C compiler. Then runs the tests of the locks
# as targets without 64-bit atomics have them: `seqcopy_two_words` makes words of two, of which the first is 4 bits wide.
#
#     ci/targets.sh          for aarch64 without the package of the tests, of which ci/vectors.sh runs what depends on the processor
#     ci/targets.sh --all    with them, and links the command for macOS
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
for target in i686-unknown-linux-gnu aarch64-unknown-linux-gnu; do
    if have_target "$target"; then
        tests=(-p seqcopy-tests)
        [[ $target != aarch64-* || ${1-} == --all ]] || tests=()
        cargo clippy -p seqcopy "${tests[@]}" --tests --target "$target" -- -D warnings
        echo "targets: $target builds"
    fi
done
# Regions on systems that are not Linux. Nothing is linked, so no C compiler is needed.
for target in x86_64-unknown-freebsd aarch64-apple-darwin aarch64-linux-android; do
    if have_target "$target"; then
        lints=(-D warnings)
        # `thread_local!` has no use for a `const` there, and clippy then says that it could be one.
        [[ $target != *-android ]] || lints+=(-A clippy::missing-const-for-thread-local)
        cargo clippy -p seqcopy -p seqcopy-map -p seqcopy-shm -p seqcopy-bindgen -p seqcopy-c -p seqcopy-cli -p seqcopy-tests --tests \
            --target "$target" -- "${lints[@]}"
        echo "targets: $target builds, with regions, the command, and all tests"
    fi
done
# Linked with what zig has of that system; nothing runs it here.
apple=aarch64-apple-darwin
if [[ ${1-} == --all ]] && have_target "$apple" && have_cargo_command zigbuild cargo-zigbuild==0.24.1 ziglang==0.13.0; then
    # It looks for zig in the Python that it finds first, and leaves files where it runs.
    root=$PWD tools=$(dirname "$(command -v cargo-zigbuild)")
    (cd "$tools" && PATH=$tools:$PATH cargo zigbuild --manifest-path "$root/Cargo.toml" -p seqcopy-cli --target "$apple")
    echo "targets: the command is linked for $apple"
fi
# Its tests run under wine: ci/windows.sh.
if have_target x86_64-pc-windows-gnu; then
    cargo clippy -p seqcopy -p seqcopy-map -p seqcopy-shm -p seqcopy-tests --all-targets --target x86_64-pc-windows-gnu -- -D warnings
    cargo clippy -p seqcopy-cli --target x86_64-pc-windows-gnu -- -D warnings
    echo "targets: x86_64-pc-windows-gnu builds, with regions, the command, and all tests"
fi
RUSTFLAGS="--cfg seqcopy_two_words" cargo test --quiet -p seqcopy -p seqcopy-tests --lib --test locks --test racing \
    --target-dir "${CARGO_TARGET_DIR:-target}/two-words"
echo "targets: the locks' tests pass over two words"
