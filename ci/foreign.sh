#!/usr/bin/env bash
# Types of other crates, in a lock and between processes; a crate that is generic over its users' types, and one of its users: the
# programs of seqcopy/docs/guide/payloads.md. A crate of the oldest edition. And programs in other languages that read by what a build
# script generated. A workspace of their own, because of what they depend on.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/foreign
cd tests/foreign
cargo fmt --all --check
for package in seqcopy-foreign-tests user edition-2015 readers; do
    cargo run --quiet --locked -p "$package" --target-dir "$target" | tee "$target.output"
    skipped_in "$target.output"
done
if grep -rn 'unsafe' src user/src edition-2015/src readers | grep -vE 'forbid\(unsafe_code\)|^[^:]*:[0-9]*: *//|no unsafe'; then
    echo "foreign: RED: the programs above are not to need \`unsafe\`"
    exit 1
fi
