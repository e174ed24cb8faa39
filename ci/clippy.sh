#!/usr/bin/env bash
# Lints of the shared table (Cargo.toml), for every crate, test and example.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo clippy --workspace --all-targets -- -D warnings
cargo clippy -p seqcopy --no-default-features -- -D warnings
cargo clippy -p seqcopy-map --no-default-features -- -D warnings
