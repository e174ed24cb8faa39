#!/usr/bin/env bash
# Schemas, headers and regions of hostile processes, made up by libFuzzer, which sees what code each input reaches and goes on from
# there. With the address sanitizer, where there is a nightly toolchain. Red if an input panics, reads out of bounds or hangs; the
# input is then named. What was found stays below the target directory for the next run.
#
#     ci/fuzz.sh [SECONDS] [TARGET..]      10 seconds for each of schema, header, region
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
seconds=${1:-10}
targets=("${@:2}")
[[ ${#targets[@]} -gt 0 ]] || targets=(schema header region)

host=$(rustc -vV | sed -n 's/^host: //p')
if [[ $host != *-linux-gnu ]]; then
    echo "==== SKIPPED: regions are tried on Linux ===="
    exit 0
fi
if ! command -v "${CXX:-c++}" >/dev/null 2>&1; then
    echo "==== SKIPPED: libFuzzer needs a C++ compiler ===="
    exit 0
fi
folder=${CARGO_TARGET_DIR:-target}/fuzz
# What clang calls -fsanitize=fuzzer: counters at every edge, and the operands of comparisons.
flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions \
--cfg seqcopy_portable"
toolchain=()
if have_toolchain nightly; then
    toolchain=(+nightly)
    flags+=" -Zsanitizer=address"
fi
# With a target, so that macros and build scripts are left alone.
RUSTFLAGS=$flags cargo "${toolchain[@]}" build --quiet --release -p seqcopy-fuzz --features libfuzzer --bins --target "$host" \
    --target-dir "$folder"
cargo run --quiet -p seqcopy-fuzz --bin seeds -- "$folder/seeds"

red=0
for target in "${targets[@]}"; do
    mkdir -p "$folder/corpus/$target"
    log=$folder/$target.log
    status=0
    "$folder/$host/release/$target" "$folder/corpus/$target" "$folder/seeds/$target" -max_total_time="$seconds" -max_len=4096 \
        -timeout=20 -rss_limit_mb=3000 -detect_leaks=0 -use_value_profile=1 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$folder/found-$target-" >"$log" 2>&1 || status=$?
    edges=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d ' ' -f 2)
    begun=$(grep -oE 'INITED +cov: [0-9]+' "$log" | grep -oE '[0-9]+$')
    all=$(sed -nE 's/.*Loaded [0-9]+ modules +\(([0-9]+) inline.*/\1/p' "$log")
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
    kept=$(find "$folder/corpus/$target" -type f | wc -l)
    echo "fuzz: $target: ${runs:-?} executions, ${edges:-?} of ${all:-?} edges reached (${begun:-?} at the start), $kept inputs kept"
    if [[ $status -ne 0 ]]; then
        red=1
        echo "fuzz: RED: $target: $(complaint "$log")"
        grep -E 'Test unit written to|^SUMMARY|ERROR: ' "$log" || tail -n 5 "$log"
    elif [[ -z $edges || $edges -lt 100 ]]; then
        red=1
        echo "fuzz: RED: $target: it sees nothing of what is reached"
    fi
done
exit "$red"
