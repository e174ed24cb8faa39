#!/usr/bin/env bash
# Carries along what names a file of Rust that was moved. After `git mv`:
#
#     ci/carry.sh        the moves that git has staged
#     ci/carry.sh REV    those since a commit
#
# In every file that git has, the path becomes the new one, also where it is given from `src` on; in the crate's own sources, in its mutants and
# wherever a test is named, so does the path of its module. What no name tells is left to the compiler and to its user: `mod` lines, imports
# by `super::`, the order of modules (tests/tests/documents/arrows/order.rs), and the lines of mutants that an import stands in. At the end each
# mutant is applied, and those that no longer do are named: then it is red.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh

# module <path>: the path of the module that a file below `src` is, as `life::closing`; nothing for a crate's own file.
module() {
    local inside=${1#*/src/}
    inside=${inside%.rs}
    inside=${inside%/mod}
    case $inside in
    lib | main) ;;
    *) echo "${inside//\//::}" ;;
    esac
}

# replace <from> <to> <file>..: a whole path or name, wherever it stands.
replace() {
    local from=$1 to=$2
    shift 2
    from=$(sed 's/[.[\*^$/]/\\&/g' <<<"$from")
    to=$(sed 's/[\/&]/\\&/g' <<<"$to")
    [[ $# -eq 0 ]] || sed -i -E "s/(^|[^A-Za-z0-9_\/:.-]|[ab]\/|:)$from([^A-Za-z0-9_]|\$)/\1$to\2/g" -- "$@"
}

# holding <text>: the files that git has with this text in them, but for generated ones.
holding() {
    git grep -lIF -e "$1" -- . ':!*.lock' ':!*.tsv' || true
}

moved=0
while IFS=$'\t' read -r _ from to; do
    [[ $from == *.rs && $to == *.rs ]] || continue
    moved=$((moved + 1))
    echo "carry: $from -> $to"
    mapfile -t files < <(holding "$from")
    replace "$from" "$to" "${files[@]}"
    crate=${from%%/*}
    [[ $from == */src/* && $to == "$crate"/src/* ]] || continue
    # The path from `src` on, where only this crate has it.
    if [[ ${from#*/src/} == */* ]] && [[ $(git ls-files "*/src/${from#*/src/}" | wc -l) -eq 0 ]]; then
        mapfile -t files < <(holding "${from#*/src/}")
        replace "${from#*/src/}" "${to#*/src/}" "${files[@]}"
    fi
    was=$(module "$from") is=$(module "$to")
    [[ -n $was && -n $is && $was != "$is" ]] || continue
    mapfile -t files < <(git ls-files "$crate/src/*.rs" "verify/mutants/$crate.diff" "api/$crate.txt")
    replace "crate::$was" "crate::$is" "${files[@]}"
    replace "${crate//-/_}::$was" "${crate//-/_}::$is" "${files[@]}"
    # Tests by their names.
    mapfile -t files < <(holding "$crate::$was::")
    replace "$crate::$was" "$crate::$is" "${files[@]}"
done < <(git diff ${1:+"$1"} ${1:---cached} --diff-filter=R -M --name-status)
[[ $moved -gt 0 ]] || { echo "carry: git knows of no move of a Rust file: git mv, then this" && exit 1; }

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read 2>/dev/null |
    tar --extract --directory "$work"
GIT_CEILING_DIRECTORIES=$work git -C "$work" apply "$PWD/verify/mutants/switch.patch"
left=()
for id in $(sed -n 's/^=== \([a-z0-9]*\):.*/\1/p' verify/mutants/*.diff); do
    apply_mutant "$id" "$work" --check 2>/dev/null || left+=("$id")
done
[[ ${#left[@]} -eq 0 ]] || { echo "carry: RED: these mutants have lines that changed: ${left[*]}" && exit 1; }
echo "carry: $moved files; every mutant applies"
