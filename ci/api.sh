#!/usr/bin/env bash
# The public interface of each library is what `api/<crate>.txt` says, with every feature, on x86-64 Linux. A change of it shows in
# review as a change of that file.
#
#     ci/api.sh            compares
#     ci/api.sh --bless    writes what there is
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
bless=${1-}
if [[ $(rustc -vV | sed -n 's/^host: //p') != x86_64-unknown-linux-gnu ]]; then
    echo "==== SKIPPED: the interface is kept as x86-64 Linux has it ===="
    exit 0
fi
have_toolchain nightly || exit 0
# The same as ci/docs.sh uses: dependencies are built once for both.
target=${CARGO_TARGET_DIR:-target}/docsrs
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cargo build --quiet -p seqcopy-api

red=0
mapfile -t crates < <(published_crates --libraries)
for crate in "${crates[@]}"; do
    cargo +nightly rustdoc --quiet -p "$crate" --lib --all-features --target-dir "$target" -- -Z unstable-options --output-format json
    status=0
    "${CARGO_TARGET_DIR:-target}/debug/seqcopy-api" "$target/doc/${crate//-/_}.json" >"$work/$crate.txt" || status=$?
    if [[ $status -eq 3 ]]; then
        echo "==== SKIPPED: this nightly's JSON is not that of the version of public-api in api/Cargo.toml ===="
        exit 0
    fi
    [[ $status -eq 0 ]] || exit "$status"
    if [[ $bless == --bless ]]; then
        cp "$work/$crate.txt" "api/$crate.txt"
    elif ! diff -U0 --label "api/$crate.txt" --label "what there is" "api/$crate.txt" "$work/$crate.txt" >"$work/diff"; then
        # (Or there is no such file: then nothing is in the difference, and diff has said so.)
        grep -v '^@@' "$work/diff" || true
        red=1
    fi
done
for file in api/*.txt; do
    crate=$(basename "$file" .txt)
    if [[ ! -e $work/$crate.txt ]]; then
        echo "api: RED: $file is of no library that is published"
        red=1
    fi
done
if [[ $red -ne 0 ]]; then
    echo "api: RED: if that is meant, run ci/api.sh --bless, and say in CHANGELOG.md what a user has to know"
    exit 1
fi
echo "api: $(cd api && wc -l *.txt | tail -n 1 | awk '{ print $1 }') lines of public interface in ${#crates[@]} libraries, as api/ has them"
