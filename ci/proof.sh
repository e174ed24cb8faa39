#!/usr/bin/env bash
# Checks the proof of the protocols (verify/proof) with Coq: each file from the start, and each theorem below by name, with what it rests on.
# Red for a proof that does not hold, for an axiom or anything else that is assumed without proof, and for a theorem that is gone.
#
#     ci/proof.sh       takes about a minute; installs Coq (Debian: coq)
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
files=(Model Protocol SeqLock Latch Claim TwoWords Phase Finite Examples LatchExamples)
# What is stated of the protocols: the README of the folder has their words.
theorems=(
    Protocol.publishes Protocol.monotonic Protocol.not_stale Protocol.last_store_unique Protocol.last_store_section Protocol.found_is_last
    SeqLock.seqlock_snapshot SeqLock.shipped_is_sound SeqLock.wrapping_is_sound SeqLock.versions_grow SeqLock.busy_wraps
    Latch.latch_snapshot Latch.shipped_is_sound Latch.wrapping_is_sound Latch.count_grows
    Claim.one_at_a_time Claim.turn_unique Claim.every_claim_has_a_turn Claim.claims_order_sections
    TwoWords.two_words_are_one Phase.phase_publishes Phase.read_is_of_its_phase
    Finite.ok_consistent Finite.ok_no_thin_air
    Examples.all_are_needed Examples.only_shipped_is_sound Examples.accepted_exists Examples.torn_exists Examples.wrap_bound_is_needed
    LatchExamples.all_are_needed LatchExamples.only_shipped_is_sound LatchExamples.accepted_exists LatchExamples.window_is_tight
)
if ! have_program coqc coq; then
    skipped "Coq is not available here (Debian: coq)"
    exit 0
fi
began=$SECONDS
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

red() {
    echo "proof: RED: $*"
    exit 1
}

listed=$(printf '%s\n' "${files[@]/%/.v}" | sort)
[[ $listed == "$(find verify/proof -name '*.v' -printf '%f\n' | sort)" ]] || red "ci/proof.sh checks other files than verify/proof has"
# Coq itself would accept these, and some of them are not in the list that `Print Assumptions` makes.
left=$(grep -nEw 'Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture|Abort|bypass_check|Unset [GPU][a-z]+' verify/proof/*.v || true)
[[ -z $left ]] || red "something is assumed or left open: $left"
for file in "${files[@]}"; do
    cp "verify/proof/$file.v" "$work"
    (cd "$work" && coqc -q "$file.v") || red "verify/proof/$file.v does not hold"
done
{
    echo "Require ${files[*]}."
    printf 'Print Assumptions %s.\n' "${theorems[@]}"
} >"$work/Assumptions.v"
(cd "$work" && coqc -q Assumptions.v >assumptions 2>&1) || red "a theorem is gone: $(tail -n 2 "$work/assumptions" | paste -sd ' ')"
closed=$(grep -cx 'Closed under the global context' "$work/assumptions" || true)
if [[ $closed -ne ${#theorems[@]} || $(wc -l <"$work/assumptions") -ne ${#theorems[@]} ]]; then
    cat "$work/assumptions"
    red "a theorem rests on an axiom"
fi
echo "proof: ${#theorems[@]} theorems hold, none rests on an axiom; $(coqc --version | sed -nE 's/.*version ([0-9.]+).*/Coq \1/p'), $((SECONDS - began)) s"
