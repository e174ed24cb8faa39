(** * A program that uses a region, proved from Statements.v and the definitions alone: one thread writes a value and then stores a flag, another
    finds the flag and then reads. What it reads is that value or a later one, whole. *)

From Coq Require Import List NArith Arith Relations.
Require Import Program Reader Trust Model Protocol Statements.
Require SeqLock.
Set Implicit Arguments. Unset Strict Implicit.

Theorem flag_and_value X W payload L half cur out s t parts n es :
  (* the region, and a read of it *)
  consistent X -> is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  SeqLock.parity X shipped (word_at L) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * half)) cur out W ->
  (forall x, In x s -> payload (base L + fst x)) -> ran X W L s t parts n es ->
  (forall i m, Honest.found_by X W es i -> Honest.found_by X W es m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  (* the flag: stored with release after the end of write [k], loaded with acquire ahead of the read *)
  forall k e flag raised seen, W4 W k e -> sb X e raised -> is_write X raised flag -> rel_access (lab X raised) = true ->
  rf X raised seen -> acq_access (lab X seen) = true -> (forall a, In a es -> sb X seen a) ->
  exists i, k <= i /\ Honest.value_of X W (base L) s parts i.
Proof.
  intros C Si Tp Hh V Pl Ran Few k e flag raised seen E Be Wr Rel F Acq Ahead.
  destruct (lock_is_honest C Si Tp Hh V Pl Ran Few) as (i & first & _ & [Val [In Rd] Found _]).
  exists i. split; [|exact Val].
  refine (found_is_not_stale C (SeqLock.parity_sections V) E _ Rd Found).
  apply hb_trans with raised; [now apply hb_sb|]. apply hb_trans with seen; [|apply hb_sb, Ahead, In].
  apply hb_sw. apply sw_direct with raised seen flag; auto; left; auto.
Qed.

(** A slab beside the region: its writer fills an entry and publishes the index of that as the value. A thread that has read the value finds there what was
    stored before the end of that write, or something newer: [after] is any load that follows the read on its thread. *)
Theorem handed_through X W payload L half cur out s t parts n es :
  consistent X -> is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  SeqLock.parity X shipped (word_at L) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * half)) cur out W ->
  (forall x, In x s -> payload (base L + fst x)) -> ran X W L s t parts n es ->
  (forall i m, Honest.found_by X W es i -> Honest.found_by X W es m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  exists i e, W4 W i e /\ Honest.value_of X W (base L) s parts i /\
    forall store after found slab, sb X store e -> is_write X store slab -> (forall a, In a es -> sb X a after) -> is_read X after slab ->
    rf X found after -> found = store \/ mo X store found.
Proof.
  intros C Si Tp Hh V Pl Ran Few.
  destruct (lock_is_honest C Si Tp Hh V Pl Ran Few) as (i & first & _ & [Val [In Rd] (e & E & F) (g & Ig & Acq)]).
  exists i, e. split; [exact E|]. split; [exact Val|]. intros store after found slab Be Ws Af Ra Fo.
  pose proof (SeqLock.parity_sections V) as P.
  assert (H : hb X e g).
  { destruct i as [|i].
    - assert (hb X e first) by (apply (is_made Ran In); auto). destruct Acq as [[-> _]|[_ B]]; eauto using hb_trans, hb_sb.
    - apply hb_sw. apply sw_direct with e first (word_at L); auto; [|now apply (w4_location P (i := S i))].
      left. split; auto. exact (w4_release P eq_refl E). }
  destruct (coherence_wr C Ws Ra (s := found)) as [->|M]; auto.
  apply hb_trans with e; [now apply hb_sb|]. apply hb_trans with g; auto. apply hb_sb, Af, Ig.
Qed.
