#!/usr/bin/env bash
# Checks that the version in Cargo.toml fits the changes of the public interface since the last tag (v*). Needs
# cargo-semver-checks, on PATH or in $SEQCOPY_TOOLS/bin; installs it if possible.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)
if [[ -z $tag ]]; then
    echo "semver: there is no tag v* yet, so nothing to compare with"
    exit 0
fi
have_cargo_command semver-checks || exit 0
for crate in $(published_crates --libraries); do
    # Macros have no interface to compare, and a crate that the tag does not have is new.
    if grep -q '^proc-macro = true' "$crate/Cargo.toml" || ! git cat-file -e "$tag:$crate/Cargo.toml" 2>/dev/null; then
        continue
    fi
    cargo semver-checks --package "$crate" --baseline-rev "$tag" --all-features
done
echo "semver: the version fits the changes since $tag"
