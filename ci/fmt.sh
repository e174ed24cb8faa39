#!/usr/bin/env bash
# Formatting, of the workspace and of the programs that cargo does not see.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo fmt --all --check
for workspace in bench/maps seqcopy-relay tests/foreign; do
    cargo fmt --all --check --manifest-path "$workspace/Cargo.toml"
done
rustfmt --edition 2024 --check verify/must_fail/*.rs
