#!/usr/bin/env bash
# The generated code of the most important functions (bench/src/codegen.rs), for two architectures: its structure is checked,
# its text is only compared with bench/asm. --bless updates the texts, and the page that shows some of them
# (seqcopy/docs/reference/machine-code.md). And no write may panic (bench/src/panics.rs).
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
failed=0
for target in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu; do
    have_target "$target" || continue
    arch=${target%%-*}
    # One codegen unit, so that all functions are in one file; no peers, which other targets might not build.
    cargo rustc -p bench --lib --release --target "$target" -- \
        --emit "asm=$out/$arch.s" -C codegen-units=1
    cargo run --quiet -p bench --bin asm -- "$arch" "$out/$arch.s" "bench/asm/$arch" "$@" ||
        failed=1
done
# The page that shows some of these functions.
if [[ ${1-} == --bless ]]; then
    page=seqcopy/docs/reference/machine-code.md
    awk '
        /^<!-- bench\/asm\/.* -->$/ {
            print
            file = $2
            name = $3 ":"
            getline
            print
            while ((getline line <file) > 0 && line != name) { }
            while ((getline line <file) > 0 && line != "") print line
            close(file)
            while ((getline line) > 0 && line != "```") { }
            print line
            next
        }
        { print }' "$page" >"$out/page"
    cp -- "$out/page" "$page"
fi
# Copies alone make no call at any level of optimisation: what chooses their instructions is a constant, and inlined by force.
if have_target x86_64-unknown-linux-gnu; then
    for level in 1 s z; do
        cargo rustc --quiet -p bench --lib --release --target x86_64-unknown-linux-gnu -- \
            --emit "asm=$out/$level.s" -C codegen-units=1 -C "opt-level=$level"
        cargo run --quiet -p bench --bin asm -- --copies x86_64 "$out/$level.s" || failed=1
    done
fi
# Panics are searched for in unoptimised builds with all checks on, so that none is optimised away: with vectors and 64-bit
# words, and without; where copies follow a table, as they do in these builds, and where they don't.
for cfg in "" '--cfg seqcopy_copy="straight"' "--cfg seqcopy_portable --cfg seqcopy_two_words" \
    '--cfg seqcopy_portable --cfg seqcopy_two_words --cfg seqcopy_copy="straight"'; do
    flags="${RUSTFLAGS:-} $cfg -C debuginfo=0 -C debug-assertions=on -C overflow-checks=on -C codegen-units=1 --emit=asm,link"
    rm -rf -- "$out/panics"
    CARGO_TARGET_DIR="$out/panics" RUSTFLAGS=$flags cargo build --quiet -p bench --lib
    cargo run --quiet -p bench --bin asm -- --panics "$out"/panics/debug/deps/{bench,seqcopy,seqcopy_shm}-*.s ||
        failed=1
done
exit "$failed"
