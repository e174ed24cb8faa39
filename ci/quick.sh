#!/usr/bin/env bash
# For a change on its way, in at most three minutes once everything was built: format and terms of everything, then clippy and the unit tests
# of the packages that changed, and the tests of pages if one of those changed.
#
#     ci/quick.sh [BASE]      what changed since BASE: `main`, or on main what is not committed yet
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:-}
if [[ -z $base ]]; then
    base=HEAD
    [[ $(git branch --show-current) == main ]] || ! git rev-parse --quiet --verify main >/dev/null || base=$(git merge-base main HEAD)
fi
ci/fmt.sh
ci/words.sh
mapfile -t files < <({ git diff --name-only "$base" && git ls-files --others --exclude-standard; } | sort -u)
members=$(cargo metadata --no-deps --offline --format-version 1)
folders=() pages=''
for file in "${files[@]}"; do
    # The package of a file is that of the nearest folder with a manifest, if this workspace has it.
    folder=$(dirname -- "$file")
    while [[ $folder != . && ! -e $folder/Cargo.toml ]]; do
        folder=$(dirname -- "$folder")
    done
    [[ $folder == . || $members != *"\"$PWD/$folder/Cargo.toml\""* ]] || folders+=("$folder")
    case $file in
    *.md | ci/* | .ci/* | .github/* | Cargo.toml | verify/mutants/*) pages=1 ;;
    esac
done
mapfile -t folders < <(printf '%s\n' "${folders[@]}" | sort -u | sed '/^$/d')
for folder in "${folders[@]}"; do
    package=(-p "$(sed -n 's/^name = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -n 1)")
    cargo clippy --quiet "${package[@]}" --all-targets -- -D warnings
    units=--bins
    [[ ! -e $folder/src/lib.rs ]] || units=--lib
    cargo test --quiet "${package[@]}" "$units"
done
[[ -z $pages ]] || cargo test --quiet -p seqcopy-tests --test documents
echo "quick: ok, $SECONDS s: ${folders[*]:-no package changed}${pages:+, the pages}"
