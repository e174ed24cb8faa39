#!/usr/bin/env bash
# Runs the models of verify/models/ (see its README): C11 twins of the protocols under GenMC, aarch64 litmus tests under herd7.
# Red unless every twin passes, every mutation is caught, and every litmus test has the result that its name says. A tool
# that is not installed is skipped, which is printed.
set -euo pipefail

help() {
    cat <<'END'
usage: ci/models.sh [file..]     all models, or those of these files (verify/models/genmc/*.c, verify/models/herd/*.litmus)

Needs genmc and herd7, on PATH or in $SEQCOPY_MODEL_TOOLS/bin. Neither is part of this repository or of Debian: ci/build_models.sh builds
them. These versions were used:
  genmc    GenMC 0.10.3 with LLVM 14
  herd7    herdtools7 7.57. Installed, or it does not find its memory models.
$SEQCOPY_MODEL_JOBS models run in parallel (2 if unset), each for at most $SEQCOPY_MODEL_SECONDS seconds (600).
END
}

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
    help
    exit 0
fi

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/ci/lib.sh"
if [[ -n ${SEQCOPY_MODEL_TOOLS:-} ]]; then
    PATH=$SEQCOPY_MODEL_TOOLS/bin:$PATH
fi
jobs=${SEQCOPY_MODEL_JOBS:-2}
seconds=${SEQCOPY_MODEL_SECONDS:-600}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

shopt -s nullglob
twins=() litmus=()
if [[ $# -eq 0 ]]; then
    twins=("$root"/verify/models/genmc/*.c)
    litmus=("$root"/verify/models/herd/*.litmus)
else
    for file in "$@"; do
        case $file in
            *.c) twins+=("$file") ;;
            *.litmus) litmus+=("$file") ;;
            *) echo "models: $file: not a model" >&2 && exit 2 ;;
        esac
    done
fi

red=0
complain() {
    echo "RED     $*"
    red=1
}

# in_background <command..>: at most $jobs at a time.
in_background() {
    while [[ $(jobs -rp | wc -l) -ge $jobs ]]; do
        wait -n || true
    done
    "$@" &
}

# check <result file> <model> <flags..> <file>: writes one line, `passed <executions> <blocked>`, `caught <what>` or
# `broken <why>`.
check() {
    local result=$1 model=$2 status out cache
    shift 2
    # GenMC aborts (134) on a few programs with its cache of instructions, and on a few others without.
    for cache in '' --disable-instruction-caching; do
        status=0
        # In-place revisiting of reads rejects programs whose writes are not ordered, as those of some mutants are not.
        # shellcheck disable=SC2086 # none or one
        out=$(timeout "$seconds" genmc "--$model" --disable-ipr $cache --disable-estimation -- "$@" 2>&1) || status=$?
        [[ $status -eq 134 ]] || break
    done
    if [[ $status -eq 0 ]]; then
        sed -n 's/.*complete executions explored: *\([0-9]*\).*/\1/p; s/.*blocked executions seen: *\([0-9]*\).*/\1/p' <<<"$out" |
            { read -r complete && read -r blocked || true; echo "passed ${complete:-?} ${blocked:-0}"; }
    elif [[ $status -eq 42 && $out == *"Error: Safety violation!"* ]]; then
        echo "caught"
    elif [[ $status -eq 124 ]]; then
        echo "broken not finished in $seconds s"
    else
        echo "broken exit status $status: $(grep -m 1 -iE 'error|warning' <<<"$out" || tail -n 1 <<<"$out")"
    fi >"$result"
}

# The header of a twin's file: `// <word> [twin]: <rest>`, as lines `<twin> <rest>`, `-` for all twins.
header() {
    sed -n "s|^// $2: \(.*\)|- \1|p; s|^// $2 \([a-z0-9_]*\): \(.*\)|\1 \2|p" "$1"
}

# What Coq proves under RC11, for any number of writes (verify/proof), is run under the weaker model alone.
proved=(one_writer latch takeover latch_takeover wrap)

# models_of <name>: the memory models under which the twins of a file are run.
models_of() {
    [[ " ${proved[*]} " == *" $1 "* ]] || echo rc11
    echo imm
}

run_genmc() {
    local file name twin flags for_twin list item key
    local -a plan=()
    for file in "${twins[@]}"; do
        name=$(basename -- "$file" .c)
        while read -r twin flags; do
            plan+=("twin $name $twin - $flags")
            for kind in mutants reaches; do
                while read -r for_twin list; do
                    [[ $for_twin == - || $for_twin == "$twin" ]] || continue
                    for item in $list; do
                        plan+=("$kind $name $twin $item $flags")
                    done
                done < <(header "$file" "$kind")
            done
        done < <(header "$file" twin)
    done

    local line kind dir
    for line in "${plan[@]}"; do
        read -r kind name twin item flags <<<"$line"
        key=$work/$kind.$name.$twin.$item
        dir=$root/verify/models/genmc
        # shellcheck disable=SC2086 # flags are words
        case $kind in
            twin) for model in $(models_of "$name"); do in_background check "$key.$model" "$model" $flags "$dir/$name.c"; done ;;
            mutants) for model in $(models_of "$name"); do in_background check "$key.$model" "$model" $flags "-DMUTANT=$item" "$dir/$name.c"; done ;;
            reaches) model=$(models_of "$name" | head -n 1) && in_background check "$key.$model" "$model" $flags "-DREACH=$item" "$dir/$name.c" ;;
        esac
    done
    wait

    local rc11 imm passed=0 both=0 rc11_errors=0 imm_errors=0 mutants=0 caught=0 reaches=0 reached=0 what
    for line in "${plan[@]}"; do
        read -r kind name twin item flags <<<"$line"
        key=$work/$kind.$name.$twin.$item
        # Not run, where it is proved.
        rc11=proved
        [[ ! -e $key.rc11 ]] || rc11=$(<"$key.rc11")
        case $kind in
            twin)
                imm=$(<"$key.imm")
                passed=$((passed + 1))
                [[ $rc11 == proved ]] || both=$((both + 1))
                [[ $rc11 == p[ar]* ]] || rc11_errors=$((rc11_errors + 1))
                [[ $imm == passed* ]] || imm_errors=$((imm_errors + 1))
                if [[ $rc11 == p[ar]* && $imm == passed* ]]; then
                    printf 'twin    %-34s RC11 ' "$name/$twin"
                    read -r _ complete blocked <<<"$rc11"
                    [[ $rc11 == proved ]] && printf 'proved' || printf '%s executions (%s blocked)' "$complete" "$blocked"
                    read -r _ complete blocked <<<"$imm"
                    printf ', IMM %s (%s)\n' "$complete" "$blocked"
                else
                    complain "twin $name/$twin: RC11 $rc11, IMM $imm"
                fi
                ;;
            mutants)
                imm=$(<"$key.imm")
                mutants=$((mutants + 1))
                what=$(sed -n "s|^ *$item, // \(.*\)|\1|p" "$root/verify/models/genmc/model.h")
                if [[ $rc11$imm == *broken* ]]; then
                    complain "mutant $name/$twin $item: RC11 $rc11, IMM $imm"
                elif [[ $rc11 == caught || $imm == caught ]]; then
                    caught=$((caught + 1))
                    printf 'caught  %-34s %s by %s: %s\n' "$name/$twin" "$item" \
                        "$([[ $rc11 == caught ]] && echo -n 'RC11 and ')$([[ $imm == caught ]] && echo IMM || echo 'not IMM')" "$what"
                else
                    complain "mutant $name/$twin $item: not caught ($what)"
                fi
                ;;
            reaches)
                reaches=$((reaches + 1))
                [[ -e $key.rc11 ]] || rc11=$(<"$key.imm")
                if [[ $rc11 == caught ]]; then
                    reached=$((reached + 1))
                else
                    complain "outcome $name/$twin $item: $rc11, so it can't happen, and the model proves little"
                fi
                ;;
        esac
    done
    if [[ ${#twins[@]} -gt 1 ]]; then
        # A mutation that no model runs would be listed without evidence.
        while read -r item; do
            grep -qE "^// (mutants|twin).*\b$item\b" "$root"/verify/models/genmc/*.c || complain "mutation $item: no model runs it"
        done < <(sed -n 's|^ *\([a-z]*[0-9]*\), // .*|\1|p' "$root/verify/models/genmc/model.h")
    fi
    echo "outcomes that must be possible: $reached of $reaches"
    summary="GenMC RC11 $both twins $rc11_errors errors, IMM $passed twins $imm_errors errors, mutants $caught of $mutants caught"
}

# litmus_test <result file> <name> <file>: writes `<verdict> <witnesses> <others>`, or the message of herd7.
litmus_test() {
    local out options=(-optace true)
    [[ $2 != *_vectors* ]] || options+=(-variant neon)
    out=$(timeout "$seconds" herd7 "${options[@]}" "$3" 2>&1) || true
    sed -n "s/^Observation $2 //p" <<<"$out" | grep . >"$1" || echo "nothing: $(head -n 1 <<<"$out")" >"$1"
}

run_herd() {
    local file name expected verdict with without ours=0 never=0 broken=0 sometimes=0
    for file in "${litmus[@]}"; do
        name=$(basename -- "$file" .litmus)
        in_background litmus_test "$work/litmus.$name" "$name" "$file"
    done
    wait
    for file in "${litmus[@]}"; do
        name=$(basename -- "$file" .litmus)
        read -r verdict with without <"$work/litmus.$name"
        case $name in
            ours_*) expected=Never ours=$((ours + 1)) ;;
            broken_*) expected=Sometimes broken=$((broken + 1)) ;;
            *) complain "litmus $name: neither ours_ nor broken_" && continue ;;
        esac
        if [[ $verdict != "$expected" ]]; then
            complain "litmus $name: $expected expected, got $verdict $with $without"
            continue
        fi
        [[ $expected == Never ]] && never=$((never + 1)) || sometimes=$((sometimes + 1))
        printf 'herd7   %-40s %-9s %s of %s executions\n' "$name" "$verdict" "$with" "$((with + without))"
    done
    summary+="herd7: ours Never $never of $ours, broken Sometimes $sometimes of $broken"
}

# The compiler accepts a definition that nothing uses, and would then run another twin than the header names.
for file in "${twins[@]}"; do
    while read -r twin flags; do
        while read -r item; do
            grep -qE "(^| |\()(${item#-D})\b" <(grep -hv '^//' "$file" "$root"/verify/models/genmc/*.h) ||
                complain "twin $(basename -- "$file" .c)/$twin: no model uses ${item#-D}"
        done < <(grep -oE -- '-D[A-Z_]+' <<<"$flags")
    done < <(header "$file" twin)
done

summary=
if [[ ${#twins[@]} -eq 0 ]]; then
    :
elif command -v genmc >/dev/null 2>&1; then
    run_genmc
else
    skipped "genmc is not installed (verify/models/README.md)"
    summary="GenMC skipped"
fi
[[ -z $summary || ${#litmus[@]} -eq 0 ]] || summary+="; "
if [[ ${#litmus[@]} -eq 0 ]]; then
    :
elif command -v herd7 >/dev/null 2>&1; then
    run_herd
else
    skipped "herd7 is not installed (verify/models/README.md)"
    summary+="herd7 skipped"
fi
echo "models: $summary"
exit "$red"
