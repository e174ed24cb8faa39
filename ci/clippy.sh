#!/usr/bin/env bash
# Lints of the shared table (Cargo.toml), for every crate, test and example.
#
#     ci/clippy.sh          the workspace
#     ci/clippy.sh --all    daily: bench/maps as well, a workspace of its own, whose dependencies need more than Rust
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
all=(--workspace --features "bench/peers seqcopy-verify/peers seqcopy-verify-without-std/step")
cargo clippy "${all[@]}" --all-targets -- -D warnings
# The tests of what `cargo test --workspace` leaves to scripts. Of the workspace again: of two packages alone, what they depend on would have
# other features, and be checked once more.
cargo clippy "${all[@]}" --bin random_types --lib --profile test -- -D warnings
cargo clippy -p seqcopy --no-default-features -- -D warnings
cargo clippy -p seqcopy --no-default-features --features wait-tasks -- -D warnings
cargo clippy -p seqcopy-map --no-default-features -- -D warnings

[[ ${1-} == --all ]] || exit 0
maps=(--manifest-path bench/maps/Cargo.toml --locked)
if ! have_program clang clang; then
    skipped "bench/maps needs a C compiler and libclang"
elif ! cargo fetch --quiet "${maps[@]}" 2>/dev/null; then
    skipped "the crates of bench/maps can't be had here"
else
    cargo clippy "${maps[@]}" --all-targets --target-dir "${CARGO_TARGET_DIR:-target}/tmp/maps" -- -D warnings
fi
