(** * A program that uses a region, proved from Statements.v and the definitions alone: one thread writes a value and then stores a flag, another
    finds the flag and then reads. What it reads is that value or a later one, whole. *)

From Coq Require Import List NArith Arith Relations.
Require Import Program Reader Trust Model Protocol Statements.
Require SeqLock.
Set Implicit Arguments. Unset Strict Implicit.

Theorem flag_and_value X W payload L half cur out valid tries t parts n es :
  (* the region, and a read of it *)
  consistent X -> is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  SeqLock.parity X shipped (word_at L) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * half)) cur out W ->
  disjoint (steps L) -> (forall s, In s (steps L) -> payload (base L + fst s)) -> ran X W L valid tries t parts n es ->
  (forall i m, Honest.found_by X W es i -> Honest.found_by X W es m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  (* the flag: stored with release after the end of write [k], loaded with acquire ahead of the read *)
  forall k e flag raised seen, W4 W k e -> sb X e raised -> is_write X raised flag -> rel_access (lab X raised) = true ->
  rf X raised seen -> acq_access (lab X seen) = true -> (forall a, In a es -> sb X seen a) ->
  exists i, k <= i /\ Honest.value_of X W (base L) (steps L) parts i.
Proof.
  intros C Si Tp Hh V D Pl Ran Few k e flag raised seen E Be Wr Rel F Acq Ahead.
  destruct (lock_is_honest C Si Tp Hh V D Pl Ran Few) as (i & first & _ & [Val [In Rd] Found]).
  exists i. split; [|exact Val].
  refine (found_is_not_stale C (SeqLock.parity_sections V) E _ Rd Found).
  apply hb_trans with raised; [now apply hb_sb|]. apply hb_trans with seen; [|apply hb_sb, Ahead, In].
  apply hb_sw. apply sw_direct with raised seen flag; auto; left; auto.
Qed.
