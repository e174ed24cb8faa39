#!/usr/bin/env bash
# Runs every verify/must_fail/*.rs under Miri and is red unless Miri rejects each one with the message that its first
# line names (`// expect: ..`). Each program breaks one premise of seqcopy/docs/reference/soundness.md: a checker that accepts one
# could not be trusted about the crate either.
#
# Callable from any directory. Where Miri is not available, it prints why and exits 0.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/ci/lib.sh"
programs=$root/verify/must_fail
page=$root/seqcopy/docs/reference/soundness.md
seeds=8
flags=(-Zmiri-strict-provenance -Zmiri-symbolic-alignment-check)

skip() {
    skipped "Miri: $1"
    exit 0
}

command -v rustup >/dev/null || skip "rustup is not installed"
# Does nothing if they are installed; fails without a network, which the next lines detect.
rustup component add --toolchain nightly miri rust-src >/dev/null 2>&1 || true
miri=$(rustup which --toolchain nightly miri 2>/dev/null) || skip "the nightly toolchain has no component miri"
sysroot=$(cargo +nightly miri setup --print-sysroot 2>/dev/null) || skip "Miri's standard library can't be built (is rust-src installed?)"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# check <program>: writes one line, `refused ..` or `RED ..`, to $work/<name>.
check() {
    local name expect status=0 out complaints
    name=$(basename -- "$1" .rs)
    out=$work/$name.out
    expect=$(sed -n '1s|^// expect: ||p' "$1")
    if [[ -z $expect ]]; then
        echo "RED     $name: its first line is not \`// expect: ..\`" >"$work/$name"
        return
    fi
    # One seed is enough for a program without threads: nothing in it depends on the schedule.
    local many=(-Zmiri-seed=0)
    if grep -q 'thread::' "$1"; then
        many=("-Zmiri-many-seeds=0..$seeds" -Zmiri-many-seeds-keep-going)
    fi
    # The lint cap keeps an error of a lint from being taken for Miri's.
    (cd "$programs" && timeout 120 "$miri" --sysroot "$sysroot" --edition 2024 --cap-lints warn \
        "${flags[@]}" "${many[@]}" "$name.rs") >"$out" 2>&1 || status=$?
    # The failure of each seed: errors and panic messages. Never the quoted source, whose comments could contain the
    # expected words. Seeds run in parallel, so their lines may be interleaved.
    complaints=$(awk '/^error/ && !/aborting due to/ { print; next }
        / panicked at / { panics++; next }
        panics && !/^(note: .*|Trying seed.*|FAILING SEED.*|)$/ { print; panics-- }' "$out")
    if [[ $status -eq 0 ]]; then
        echo "RED     $name: Miri accepts it"
    elif [[ -z $complaints ]]; then
        echo "RED     $name: no error, exit status $status: $(tail -n 1 "$out")"
    elif grep -vqF -- "$expect" <<<"$complaints"; then
        echo "RED     $name: expected \`$expect\`, got \`$(grep -vF -m 1 -- "$expect" <<<"$complaints")\`"
    else
        echo "refused $name ($(grep -c . <<<"$complaints") of $([[ ${#many[@]} -eq 1 ]] && echo 1 || echo "$seeds")): $(head -n 1 <<<"$complaints")"
    fi >"$work/$name"
}

shopt -s nullglob
files=("$programs"/*.rs)
# Two at a time; every child writes its line to a file, so that the report keeps its order.
for ((i = 0; i < ${#files[@]}; i += 2)); do
    for file in "${files[@]:i:2}"; do
        check "$file" &
    done
    wait
done

refused=0
for file in "${files[@]}"; do
    name=$(basename -- "$file" .rs)
    line=$(<"$work/$name")
    echo "$line"
    # The table of the soundness page is the index of this directory.
    if ! grep -qF "\`verify/must_fail/$name.rs\`" "$page"; then
        echo "RED     $name: seqcopy/docs/reference/soundness.md does not list it"
    elif [[ $line == refused* ]]; then
        refused=$((refused + 1))
    fi
done
listed=$({ grep -oE '`verify/must_fail/[a-z0-9_]+\.rs`' "$page" || true; } | sort -u | wc -l)
echo "must-fail: $refused of ${#files[@]} refused"
if [[ $refused -eq 0 || $refused -ne ${#files[@]} || $listed -ne ${#files[@]} ]]; then
    echo "must-fail: RED (seqcopy/docs/reference/soundness.md lists $listed programs)"
    exit 1
fi
