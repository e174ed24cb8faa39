#!/usr/bin/env bash
# Compares the public interface of each library, with every feature, on x86-64 Linux, with `api/<crate>.txt`, so that a change of
# the interface shows in review as a change of that file.
#
#     ci/api.sh            compares
#     ci/api.sh --bless    writes the current interface
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
bless=${1-}
if [[ $(rustc -vV | sed -n 's/^host: //p') != x86_64-unknown-linux-gnu ]]; then
    skipped "the interface is recorded for x86-64 Linux"
    exit 0
fi
have_toolchain nightly || exit 0
# Shared with ci/docs.sh, so that dependencies are built only once.
target=${CARGO_TARGET_DIR:-target}/docsrs
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cargo test --quiet -p seqcopy-api --bin seqcopy-api
cargo build --quiet -p seqcopy-api

red=0
mapfile -t crates < <(published_crates --libraries)
for crate in "${crates[@]}"; do
    cargo +nightly rustdoc --quiet -p "$crate" --lib --all-features --target-dir "$target" -- -Z unstable-options --output-format json
    status=0
    "${CARGO_TARGET_DIR:-target}/debug/seqcopy-api" "$target/doc/${crate//-/_}.json" >"$work/$crate.txt" || status=$?
    if [[ $status -eq 3 ]]; then
        skipped "the version of public-api in api/Cargo.toml does not read this nightly's JSON"
        exit 0
    fi
    [[ $status -eq 0 ]] || exit "$status"
    if [[ $bless == --bless ]]; then
        cp "$work/$crate.txt" "api/$crate.txt"
    elif ! diff -U0 --label "api/$crate.txt" --label "current" "api/$crate.txt" "$work/$crate.txt" >"$work/diff"; then
        # (If there is no such file, diff has said so and printed no difference.)
        grep -v '^@@' "$work/diff" || true
        red=1
    fi
done
for file in api/*.txt; do
    crate=$(basename "$file" .txt)
    if [[ ! -e $work/$crate.txt ]]; then
        echo "api: RED: $file belongs to no published library"
        red=1
    fi
done
if [[ $red -ne 0 ]]; then
    echo "api: RED: if the change is intended, run ci/api.sh --bless and describe it in CHANGELOG.md"
    exit 1
fi
echo "api: $(cd api && wc -l -- *.txt | tail -n 1 | awk '{ print $1 }') lines of public interface in ${#crates[@]} libraries, as api/ has them"
