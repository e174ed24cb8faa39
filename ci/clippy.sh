#!/usr/bin/env bash
# Lints of the shared table (Cargo.toml), for every crate, test and example.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
all=(--workspace --features bench/peers,seqcopy-verify/peers,seqcopy-verify-without-std/step)
cargo clippy "${all[@]}" --all-targets -- -D warnings
# The tests of what `cargo test --workspace` leaves to scripts. Of the workspace again: of two packages alone, what they depend on would have
# other features, and be checked once more.
cargo clippy "${all[@]}" --bin random_types --lib --profile test -- -D warnings
cargo clippy -p seqcopy --no-default-features -- -D warnings
cargo clippy -p seqcopy --no-default-features --features wait-tasks -- -D warnings
cargo clippy -p seqcopy-map --no-default-features -- -D warnings

# A workspace of its own, whose dependencies need more than Rust.
maps=(--manifest-path bench/maps/Cargo.toml --locked)
if ! command -v clang >/dev/null; then
    skipped "bench/maps needs a C compiler and libclang"
elif ! cargo tree --quiet $([[ -n ${SEQCOPY_NO_SKIP:-} ]] || echo --offline) "${maps[@]}" --depth 0 >/dev/null 2>&1; then
    # Not downloaded for this alone, unless nothing may be skipped: the bench itself does that.
    skipped "the crates of bench/maps are not on this machine"
else
    cargo clippy "${maps[@]}" --all-targets --target-dir "${CARGO_TARGET_DIR:-target}/tmp/maps" -- -D warnings
fi
