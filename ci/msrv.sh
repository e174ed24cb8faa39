#!/usr/bin/env bash
# The oldest compiler that the crates promise to work with: every feature of each of them, and none. Tests and examples may need a
# newer one.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
target=${CARGO_TARGET_DIR:-target}/msrv
if have_toolchain "$version"; then
    mapfile -t crates < <(published_crates)
    rustup run "$version" cargo check --all-features "${crates[@]/#/--package=}" --target-dir "$target"
    rustup run "$version" cargo check -p seqcopy --no-default-features --target-dir "$target"
    echo "msrv: $version builds every feature of ${crates[*]}, and seqcopy without any"
fi
