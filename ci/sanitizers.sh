#!/usr/bin/env bash
# The tests under the compiler's sanitizers, with a nightly toolchain. Once a day, for it builds everything several times:
#
#     ci/sanitizers.sh [PART..]      all of: thread address layout
#
#   thread    ThreadSanitizer: the racing tests, and the C library's regions, with a standard library that is instrumented too
#   address   AddressSanitizer: the copies, regions, maps and the command
#   layout    the tests of layouts, with the fields of structs of Rust's own repr in random order, three times
#
# Red at a report, at a test that fails, or if a program of verify/sanitizers, each of which has one mistake, is not reported. Each line
# says how many tests ran.
#
# What they can judge. No sanitizer sees into inline assembly, so what they are to see is built with `--cfg seqcopy_portable`; the
# assembly itself is run by `ci/vectors.sh` (valgrind) and `ci/exhaust.sh` (stepped). ThreadSanitizer ignores fences. It finds accesses that
# are not atomic and not ordered by a lock, a release store or a join: so a payload that is plain memory, or memory that is given back
# too early. It can't find a fence that is missing, which only makes a torn value look whole: loom, GenMC and Miri can.
# shellcheck disable=SC2086 # programs are words
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
have_linux || exit 0
have_toolchain nightly || exit 0

parts=("$@")
[[ ${#parts[@]} -gt 0 ]] || parts=(thread address layout)
target=$(rustc -vV | sed -n 's/^host: //p')
folder=$(mkdir -p "${CARGO_TARGET_DIR:-target}/sanitizers" && cd "${CARGO_TARGET_DIR:-target}/sanitizers" && pwd)
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=line-tables-only
red=0

# build <part> <flags> <cargo's arguments>..: builds tests or examples, in a folder of the part's own, and prints the programs.
build() {
    local part=$1 flags=$2
    shift 2
    if ! RUSTFLAGS="${RUSTFLAGS-} $flags" cargo +nightly "$@" --target "$target" --target-dir "$folder/$part" \
        --message-format json-render-diagnostics 2>"$folder/$part.build" >"$folder/$part.json"; then
        tail -n 30 "$folder/$part.build" >&2
        return 1
    fi
    # A command that a test starts is no test.
    [[ $1 != test ]] || sed -i '/"kind":\["bin"\].*"test":false}/d' "$folder/$part.json"
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$folder/$part.json"
}

# tests <part> <program>..: runs tests from the folder of their package, as cargo does.
tests() {
    local part=$1 program log status count=0 passed=0 reports=0
    shift
    for program; do
        log=$folder/$part-$(basename "$program").log status=0
        (cd "$(home "$part" "$program")" && timeout 1800 "$program" --quiet) >"$log" 2>&1 || status=$?
        passed=$((passed + $(passed_in "$log")))
        count=$((count + 1))
        if [[ $status -ne 0 ]] || grep -qE '^(WARNING: ThreadSanitizer|==[0-9]+==ERROR)' "$log"; then
            reports=$((reports + 1)) red=1
            echo "sanitizers: RED: $part: $(basename "$program"), exit status $status: $log"
            grep -aE '^(SUMMARY|test .* FAILED)|panicked at' "$log" | sort | uniq -c | sort -rn | head -n 5 || true
        fi
    done
    [[ $passed -gt 0 ]] || red=1
    echo "sanitizers: $part: $count programs, $passed tests passed, $reports red"
}

# home <part> <program>: the folder of the package that has this program.
home() {
    local manifest
    manifest=$(grep -F "\"executable\":\"$2\"" "$folder/$1.json" | sed -n 's/.*"manifest_path":"\([^"]*\)".*/\1/p')
    dirname "$manifest"
}

# reported <part> <pattern> <command>..: the program must be reported.
reported() {
    local part=$1 pattern=$2 log=$folder/$1-reported.log
    shift 2
    if "$@" >"$log" 2>&1 || ! grep -qE "$pattern" "$log"; then
        red=1
        echo "sanitizers: RED: $part: $(basename "${@: -1}") is not reported: $log"
    else
        echo "sanitizers: $part: $(basename "${@: -1}") is reported: $(grep -aoE -m 1 "$pattern" "$log")"
    fi
}

thread() {
    rustup component add --toolchain nightly rust-src >/dev/null 2>&1 || true
    if [[ ! -d $(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library ]]; then
        skipped "thread: the nightly toolchain has no component rust-src, and std must be instrumented"
        return 0
    fi
    local flags="-Zsanitizer=thread --cfg seqcopy_portable" programs
    export TSAN_OPTIONS="halt_on_error=0 exitcode=66 history_size=4"
    programs=$(build thread "$flags" build -Zbuild-std -p seqcopy-verify --bin plain_seqlock)
    reported thread 'WARNING: ThreadSanitizer: data race' "$programs"
    programs=$(build thread "$flags" test --no-run -Zbuild-std -p seqcopy-tests -p seqcopy-map --lib --test racing --test locks --test map_model)
    tests thread $programs
    programs=$(build thread "$flags" test --no-run -Zbuild-std -p seqcopy-c --test reopened)
    tests thread $programs
}

address() {
    local flags="-Zsanitizer=address --cfg seqcopy_portable" programs
    # What a schema describes is leaked on purpose: a `Layout` is `'static`. And some tests expect that a process is killed by a signal,
    # for a store to a read-only mapping for example; an access that raises one kills the test, too.
    # Variables stay on the stack, because one test looks at which stack a signal's handler runs.
    export ASAN_OPTIONS="detect_leaks=0 exitcode=66 handle_segv=0 handle_sigbus=0 detect_stack_use_after_return=0"
    programs=$(build address "$flags" build -p seqcopy-verify --bin one_past_the_end)
    reported address 'ERROR: AddressSanitizer: heap-buffer-overflow' "$programs"
    programs=$(build address "$flags" test --no-run -p seqcopy -p seqcopy-shm -p seqcopy-map -p seqcopy-tests -p seqcopy-bindgen -p seqcopy-c -p seqcopy-cli --lib --test '*')
    tests address $programs
    # With vectors, what is around the assembly.
    programs=$(build address-vectors "-Zsanitizer=address" test --no-run -p seqcopy --lib)
    SEQCOPY_LONGEST=700 tests address-vectors $programs
    # And that valgrind sees the same mistake in assembly, for the sake of ci/vectors.sh.
    if ! command -v valgrind >/dev/null 2>&1; then
        skipped "address: valgrind is not available here"
        return 0
    fi
    programs=$(build vectors "" build -p seqcopy-verify --bin one_past_the_end)
    reported vectors 'Invalid read of size [0-9]+' valgrind --error-exitcode=66 "$programs"
}

layout() {
    local seed programs
    # Without the tests of types that another crate describes: two structs of Rust's own repr with the same fields have them in two
    # orders then, and the compiler refuses the description, as it must.
    for seed in 1 2 3; do
        programs=$(build layout "-Zrandomize-layout -Zlayout-seed=$seed" test --no-run -p seqcopy -p seqcopy-map -p seqcopy-tests --lib \
            --test shapes --test spans --test values --test locks)
        tests layout $programs
    done
}

for part in "${parts[@]}"; do
    case $part in
        thread | address | layout) "$part" ;;
        *) echo "usage: ci/sanitizers.sh [thread|address|layout]..." >&2; exit 2 ;;
    esac
done
[[ $red -eq 0 ]] && echo "sanitizers: ${#parts[@]} parts, 0 reports"
exit "$red"
