#!/usr/bin/env bash
# The oldest compiler that the crates promise to work with. Tests and examples may need a newer one.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if have_toolchain "$version"; then
    rustup run "$version" cargo check -p seqcopy -p seqcopy-derive --target-dir target/msrv
    rustup run "$version" cargo check -p seqcopy --no-default-features --target-dir target/msrv
    echo "msrv: $version builds"
fi
