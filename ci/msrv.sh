#!/usr/bin/env bash
# The oldest compiler that the crates promise to work with: every feature of each of them, and none. Tests and examples may need a
# newer one. Then, with the compiler of today, the oldest versions of other crates that the manifests allow.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}/msrv" && cd "${CARGO_TARGET_DIR:-target}/msrv" && pwd)
mapfile -t crates < <(published_crates)
if have_toolchain "$version"; then
    rustup run "$version" cargo check --all-features "${crates[@]/#/--package=}" --target-dir "$target"
    rustup run "$version" cargo check -p seqcopy --no-default-features --target-dir "$target"
    rustup run "$version" cargo check --locked --manifest-path seqcopy-python/Cargo.toml --target-dir "$target"
    echo "msrv: $version builds every feature of ${crates[*]}, seqcopy without any, and the Python package"
fi

have_toolchain nightly || exit 0
# A workspace of the published crates alone, without what only their tests use: features and versions that those ask for would be had by all.
oldest=$target/oldest
rm -rf -- "$oldest"
mkdir "$oldest"
git ls-files -z --cached --others --exclude-standard -- "${crates[@]}" | xargs -0 cp --parents -t "$oldest"
sed -E "/^(exclude|default-members) = /d; s/^members = .*/members = [$(printf '"%s", ' "${crates[@]}")]/" Cargo.toml >"$oldest/Cargo.toml"
for crate in "${crates[@]}"; do
    awk '/^\[/ { keep = !/dev-dependencies/ } keep' "$crate/Cargo.toml" >"$oldest/$crate/Cargo.toml"
done
if ! (cd "$oldest" && cargo +nightly generate-lockfile -Z direct-minimal-versions && cargo fetch) >"$oldest/output" 2>&1; then
    # Whatever is not the network's is a mistake of ours: versions that don't agree, or a manifest.
    if ! grep -qE 'failed to (download|fetch|get|query|load source)|[Cc]ould not (resolve|connect)|network' "$oldest/output"; then
        echo "msrv: RED: with the oldest versions that the manifests name:"
        cat "$oldest/output"
        exit 1
    fi
    skipped "the oldest versions of dependencies can't be had here: $(grep -m 1 '^error' "$oldest/output")"
    exit 0
fi
cargo check --quiet --locked --all-features --manifest-path "$oldest/Cargo.toml" --target-dir "$target"
echo "msrv: every feature of ${crates[*]} builds with the oldest versions that the manifests name"
