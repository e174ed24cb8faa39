#!/usr/bin/env bash
# Checks the proof of the protocols (verify/proof) with Coq: each file from the start, and each theorem below by name, with what it rests on.
# Red for a proof that does not hold, for an axiom or anything else that is assumed without proof, for a theorem that is gone, for one of a region that states
# something else than verify/proof/statements.txt has, for a record of hypotheses of which no witness is named, and for programs that do something
# else than verify/proof/traces.txt has, which ci/traces.sh compares with the crates.
#
#     ci/proof.sh           takes a minute and a half; installs Coq (Debian: coq)
#     ci/proof.sh --drop    drops each field of the records of hypotheses, and each hypothesis of verify/proof/hypotheses.txt, in turn: a proof must
#                           break; three minutes more
#     ci/proof.sh --bless   writes statements and traces: read the diff
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/lib.sh
files=(Model Protocol SeqLock Latch Claim TwoWords Phase Program Reader Trust Answers Refuted Bridge Honest Written Statements Client Traces Finite Examples
    LatchExamples Witnesses)
# What is stated of the protocols: the README of the folder has their words.
theorems=(
    Protocol.publishes Protocol.monotonic Protocol.not_stale Protocol.last_store_unique Protocol.last_store_section Protocol.found_is_last
    SeqLock.seqlock_snapshot SeqLock.shipped_is_sound SeqLock.wrapping_is_sound SeqLock.versions_grow SeqLock.busy_wraps
    SeqLock.region_is_sound SeqLock.busy_skips SeqLock.next_skips
    Latch.latch_snapshot Latch.shipped_is_sound Latch.wrapping_is_sound Latch.count_grows
    Claim.one_at_a_time Claim.turn_unique Claim.every_claim_has_a_turn Claim.claims_order_sections
    TwoWords.two_words_are_one Phase.phase_publishes Phase.read_is_of_its_phase
    Finite.ok_consistent Finite.ok_no_thin_air
    Examples.all_are_needed Examples.only_shipped_is_sound Examples.accepted_exists Examples.torn_exists Examples.wrap_bound_is_needed
    LatchExamples.all_are_needed LatchExamples.only_shipped_is_sound LatchExamples.accepted_exists LatchExamples.window_is_tight
    Witnesses.two_sections Witnesses.accepted_across_a_wrap Witnesses.cancelled_stopped_taken_over
    Witnesses.four_buffers_one_apart Witnesses.four_buffers_two_apart
    Witnesses.two_claims_by_byte Witnesses.a_writer_that_is_moved Witnesses.two_claims_by_word
    Witnesses.a_map_that_has_grown Witnesses.a_half_begins Witnesses.a_region_that_is_closed Witnesses.a_program_that_reads
    Witnesses.a_claim_that_is_seized Witnesses.a_latch_that_is_closed Witnesses.a_half_ahead
    Witnesses.a_program_that_reads_a_latch Witnesses.a_latch_that_is_read Witnesses.shapes_that_are_placed
    Statements.reader_is_safe Statements.quiet_is_read Statements.slice_is_safe Statements.look_up_is_safe Statements.sequence_is_safe
    Statements.writer_is_safe Statements.refuted Statements.lock_is_honest Statements.latch_is_honest Statements.found_is_not_stale
    Statements.versions_never_go_back Statements.lock_counts_up Statements.latch_counts_up Client.flag_and_value Client.handed_through
    Bridge.accepted_is_attempt Bridge.accepted_slice_is_attempt Written.written_is_section Written.written_is_busy_first Written.claimed_is_section
    Written.written_is_parity Statements.programs_are_honest Witnesses.programs_that_write_and_read
    Traces.exec_runs
)
# What the theorems of Statements.v, Client.v and Written.v are about: these are pinned with them.
definitions=(
    Model.label Model.execution Model.release_sequence Model.releases_by Model.acquires_by Model.synchronizes_with Model.hb Model.reads_before
    Model.eco Model.well_formed Model.consistent Model.no_thin_air
    Protocol.orderings Protocol.shipped Protocol.writers Protocol.in_section Protocol.sections Protocol.attempt Protocol.attempts Protocol.r2
    Protocol.reads_section Protocol.last_store Protocol.snapshot SeqLock.parity SeqLock.busy SeqLock.after SeqLock.version SeqLock.even_not_zero
    SeqLock.skip_zero Latch.latch Claim.claims Claim.turn Claim.follows
    Program.order Program.access Program.prog Program.act Program.out Program.bytes Program.update Program.runs Program.inside Program.owned
    Program.bounded Program.checked Program.blind Program.silent Program.number Program.encode Program.bind
    Reader.shape Reader.buffer Reader.accepts Reader.busy Reader.version Reader.attempt_at Reader.look Reader.state Reader.explain Reader.reader_of
    Reader.reader Reader.judged Reader.copy Reader.collect Reader.load_all Reader.put Reader.writer Reader.slice Reader.length_of Reader.take_slice
    Reader.judged_slice Reader.slice_reader Reader.table Reader.slot Reader.search Reader.judged_found Reader.look_up
    Trust.placed Trust.disjoint Trust.slice_placed Trust.table_placed Trust.search_bound Answers.answers Answers.loads Answers.attempted
    Answers.slice_apart Answers.table_apart Answers.same_data Refuted.good Refuted.reader_in_place
    Refuted.reader_twice Refuted.reader_unmasked Refuted.reader_forever Refuted.writer_memcpy
    Bridge.cell Bridge.bits Bridge.label_of Bridge.thread Bridge.accepted Honest.value_of Honest.found_by
    Written.writer_runs_only Written.steps_of_runs Written.is_first Written.is_last Written.out Written.cur
    Statements.is_valid Statements.is_valid_slice Statements.is_entry Statements.reads_region Statements.ran Statements.read_of
    Witnesses.takes_turns Witnesses.is_accepted_at
)
# A record of hypotheses, and executions that it holds of: a theorem whose hypotheses nothing satisfies says nothing.
witnesses=(
    SeqLock.parity:Witnesses.two_sections SeqLock.parity:Witnesses.cancelled_stopped_taken_over
    attempts:Witnesses.two_sections Latch.latch:Witnesses.is_accepted_at Latch.latch:Witnesses.a_latch_that_is_closed Claim.claims:Witnesses.takes_turns
    takes_turns:Witnesses.two_claims_by_word takes_turns:Witnesses.a_claim_that_is_seized Phase.phases:Witnesses.a_map_that_has_grown
    Phase.phase_read:Witnesses.a_map_that_has_grown TwoWords.two_words:Witnesses.a_half_begins
    SeqLock.parity:Witnesses.a_region_that_is_closed Trust.placed:Witnesses.a_program_that_reads Statements.ran:Witnesses.a_program_that_reads
    Written.writer_runs_only:Witnesses.programs_that_write_and_read Statements.ran:Witnesses.programs_that_write_and_read
    Statements.ran:Witnesses.a_program_that_reads_a_latch TwoWords.two_words:Witnesses.a_half_ahead Statements.read_of:Witnesses.a_latch_that_is_read
    Trust.slice_placed:Witnesses.shapes_that_are_placed Trust.table_placed:Witnesses.shapes_that_are_placed
    Answers.slice_apart:Witnesses.shapes_that_are_placed Answers.table_apart:Witnesses.shapes_that_are_placed
)
# The records of hypotheses whose fields are dropped: each with the first file that shows one of something else, and so can't tell whether a field is needed.
records=(
    Protocol.sections:Written Protocol.attempts:Bridge SeqLock.parity:Finite Latch.latch:Finite Claim.claims:Finite TwoWords.two_words:Finite
    Phase.phases:Finite Phase.phase_read:Finite Trust.placed:Traces Trust.table_placed:Traces Written.writer_runs_only:Traces Statements.ran:Traces
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
{
    echo "Require ${files[*]}."
    echo "Set Printing Width 120."
    printf '%s\n' "${theorems[@]}" | sed -nE 's/^(Statements|Client|Written)\..*/Check &./p'
    printf 'Print %s.\n' "${definitions[@]}"
} >"$work/Pinned.v"
(cd "$work" && coqc -q Pinned.v >statements 2>&1) || red "a definition is gone: $(tail -n 2 "$work/statements" | paste -sd ' ')"
version=$(coqc --version | sed -nE 's/.*version ([0-9]+\.[0-9]+).*/\1/p')
pinned=verify/proof/statements.txt
[[ ${1:-} != --bless ]] || { echo "As Coq $version prints them: written by ci/proof.sh --bless" && cat "$work/statements"; } >"$pinned"
if [[ $(head -n 1 "$pinned") == "As Coq $version "* ]]; then
    diff -u "$pinned" <(head -n 1 "$pinned" && cat "$work/statements") || red "a theorem states something else: read it, then ci/proof.sh --bless"
else
    skipped "statements are compared as another version of Coq prints them than $version"
fi
# print_traces <term>..: what Coq computes for each, as text.
print_traces() {
    {
        printf 'From Coq Require Import String List.\nRequire Import Traces.\nOpen Scope string_scope.\n'
        printf 'Set Printing Width 100000.\nSet Printing Depth 1000000.\n'
        printf 'Eval vm_compute in %s.\n' "$@"
    } >"$work/Print.v"
    (cd "$work" && coqc -q Print.v >printed 2>&1) || red "the traces can't be computed: $(tail -n 2 "$work/printed" | paste -sd ' ')"
    sed -e 's/^ *= "*//' -e '/^ *: \(string\|nat\)$/d' -e 's/"$//' "$work/printed"
}
# A case at a time: Coq prints a text by recursion.
mapfile -t terms < <(seq 0 $(($(print_traces '(length cases)') - 1)) | sed 's/.*/(text_of &)/')
print_traces "${terms[@]}" >"$work/traces"
traces=verify/proof/traces.txt
[[ ${1:-} != --bless ]] || cp "$work/traces" "$traces"
diff -u "$traces" "$work/traces" || red "the programs do something else: read it, then ci/proof.sh --bless, and ci/traces.sh"
for pair in "${witnesses[@]}"; do
    how=Check
    [[ " ${definitions[*]} " != *" ${pair#*:} "* ]] || how=Print
    printf 'Require %s.\nSet Printing Width 9999.\n%s %s.\n' "${files[*]}" "$how" "${pair#*:}" >"$work/Witness.v"
    said=$(cd "$work" && coqc -q Witness.v 2>&1) || true
    [[ $said == *"${pair%:*} "* ]] || red "${pair#*:} is no witness of ${pair%:*}"
done
# drop <file> <name> <text> <until>: the text, within the theorem, record or definition of this name, is True. The file, or one after it, no longer
# goes through.
dropped=0
drop() {
    rm -rf -- "$work/drop"
    mkdir "$work/drop"
    cp "$work"/*.v "$work"/*.vo "$work/drop"
    name=$2 text=$3 perl -0pi -e '
        my ($name, $text) = ($ENV{name}, $ENV{text});
        /(?:Theorem|Record|Definition) \Q$name\E\b/ or exit 3;
        my $at = index($_, $text, $-[0]);
        exit 3 if $at < 0 || substr($_, $-[0], $at - $-[0]) =~ /\bProof\./;
        substr($_, $at, length $text) = "True";' "$work/drop/$1.v" || red "$2 has no $3"
    local next broken='' behind=''
    for next in "${files[@]}"; do
        [[ $next != "$1" ]] || behind=1
        [[ $next != "$4" ]] || break
        [[ -n $behind ]] || continue
        (cd "$work/drop" && timeout 120 coqc -q "$next.v" >/dev/null 2>&1) || { broken=$next && break; }
    done
    [[ -n $broken ]] || red "no proof needs that $3 ($2)"
    dropped=$((dropped + 1))
    echo "proof: without \"$3\" ($1.$2), $broken.v does not hold"
}
if [[ ${1:-} == --drop ]]; then
    for record in "${records[@]}"; do
        file=${record%%.*} name=${record#*.}
        # The type of each field, as it stands there.
        while IFS= read -r -d '' text; do
            drop "$file" "${name%:*}" "$text" "${name#*:}"
        done < <(name=${name%:*} perl -0ne '
            /Record \Q$ENV{name}\E\b.*?\{\s*(.*?)\s*\}\.\s/s or exit 3;
            (my $fields = $1) =~ s/\(\*.*?\*\)//gs;
            print "$_\0" for map { /^\s*\w+ : (.*?)\s*$/s ? $1 : () } split /;\s*\n/, $fields;' "verify/proof/$file.v")
    done
    while IFS= read -r row; do
        [[ $row != '#'* ]] || continue
        file=${row%% | *} rest=${row#* | }
        drop "$file" "${rest%% | *}" "${rest#* | }" Traces
    done <verify/proof/hypotheses.txt
fi
echo "proof: ${#theorems[@]} theorems hold, none rests on an axiom; $(coqc --version | sed -nE 's/.*version ([0-9.]+).*/Coq \1/p'), $((SECONDS - began)) s"
