#!/usr/bin/env bash
# Formatting, of the workspace and of the programs that cargo does not see.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo fmt --all --check
cargo fmt --all --check --manifest-path bench/maps/Cargo.toml
rustfmt --edition 2024 --check verify/must_fail/*.rs
