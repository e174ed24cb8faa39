#!/usr/bin/env bash
# Runs the models of seqcopy and seqcopy-map (src/models) under loom: each must pass, and each must fail as its twin, the same model with a
# mutant in it (ci/mutations.sh). One line per model.
#
#     ci/loom.sh          up to two preemptions, where a model has no smaller bound
#     ci/loom.sh --all    daily: up to three
#
# Callable from any directory. LOOM_MAX_PREEMPTIONS sets another bound.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
bound=2
[[ ${1:-} != --all ]] || bound=3
export LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-$bound}

# Model and mutant, the slowest first.
twins=(
    claim_two_readers:sl06
    map_removal:gm02
    map_slot:gm01
    claim_write_and_update:up01
    guard_hand_over:cl01
    guard_against_update:mw04
    claim_updates:mw01
    count_two_readers:sl10
    count_two_attempts:sl02
    count_claims:cw01
    count_claims_from:cw06
    count_cancelled:cn01
    foreign_two_words:of05
    foreign_backup:of07
    guard_newer_value:sl08
    guard_known_version:rd03
    crash_before_the_end:rc05
    crash_between_two_stores:rc01
    crash_before_the_first_store:rc04
    latch_two_readers:nc04
    latch_crash_before_the_end:nc01
    latch_crash_between_two_stores:nc12
    latch_crash_before_the_first_store:nc02
    latch_updates:up04
    part_of_lock:pt01
    part_of_latch:pt02
    slice_of_latch:sq03
    slice_of_lock:sq01
    slice_range_of_lock:sq02
    latch_two_buffers:nc10
    latch_count_of_two:nc13
    latch_four_buffers:nc06
    latch_newer_value:nc15
    recipe_notify_two_waiters:nt02
    recipe_word_two_waiters:wt03
    watched_two_writes:wa02
    watched_blocking:wa01
    watched_timed:wa04
    watched_async:wa03
    watched_wake_up:wa05
    watched_writer:wa10
    watched_until_gone:wa08
    watched_dropped:wl01
    recipe_word_two_writes:wt05
    recipe_event_two_waiters:el02
    guard_panic:mw08
    guard_of_lock:gd01
    fresh_announce_then_read:fr02
    recipe_announce:fr01
    recipe_event:el01
    recipe_event_async:el02
    recipe_event_two_writes:el03
    recipe_notify:nt01
    recipe_notify_two_writes:nt01
    recipe_word:wt01
    wide_register:wd07
    wide_register_of_two:wd10
    wide_lock:wd08
    wide_latch:wd03
    wide_lock_crash:wd11
    wide_latch_crash:wd12
    map_key_comes_back:gm10
    map_freed:gm09
    map_two_writers:gm11
    map_growth:gm03
    map_update_moves:gm04
    map_iteration:gm07
    map_pointer:gm05
    map_reuse:gm06
    map_free_slot:gm08
)

began=$SECONDS
models=$(loom_program)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# $work/<mutant>.program: the path of the program with this mutant. A mutant may be the twin of several models.
mapfile -t mutants < <(printf '%s\n' "${twins[@]#*:}" | sort -u)
mutant_trees "${mutants[@]}" >"$work/trees"
while read -r tree ids; do
    program=$(loom_program "$tree")
    for id in $ids; do
        echo "$program" >"$work/$id.program"
    done
done <"$work/trees"

known=$({ "$models" --list && "$models.map" --list; } | sed -n 's/^models::[a-z_]*::\([a-z_]*\): test$/\1/p' | sort)
if [[ $known != "$(printf '%s\n' "${twins[@]%:*}" | sort)" ]]; then
    echo "loom: RED: this script and the models differ in" "$(printf '%s\n' "${twins[@]%:*}" | sort | comm -3 - <(echo "$known"))"
    exit 1
fi

# explore <model>:<mutant>: one line, which begins with RED if something is wrong.
explore() {
    local model=${1%:*} mutant=${1#*:} out=$work/${1%:*} reason
    if ! run_model "$models" "$model" >"$out" 2>&1; then
        echo "RED: model $model fails: $(complaint "$out")"
        return
    fi
    if SEQCOPY_MUTANT=$mutant run_model "$(<"$work/$mutant.program")" "$model" >"$out.twin" 2>&1; then
        echo "RED: model $model accepts its twin $mutant"
        return
    fi
    reason=$(complaint "$out.twin")
    [[ -n $reason ]] || reason="RED: without a message"
    echo "$(grep -ao 'model .*' "$out"); refuses $mutant: $reason"
}

in_parallel explore "${twins[@]}" | tee "$work/report"
echo "loom: ${#twins[@]} models and their twins, $((SECONDS - began)) s"
if grep -q RED "$work/report"; then
    echo "loom: RED"
    exit 1
fi
