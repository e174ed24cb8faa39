(** * The growth of seqcopy-map: a read that begins and ends with one phase saw no store of a later phase.

    The map counts phases in a word of its own. The writer stores the next number (p3, release), and then to slots and tags, each store
    behind a release fence of its own (w2 of the slot's word). A reader loads the number (m1, which acquires by itself or by a fence after
    it), loads slots and tags (m3), executes an acquire fence and loads the number again (both m4). *)

Require Import Arith Lia Relations.
Require Import Model.
Set Implicit Arguments. Unset Strict Implicit.

(** [P n]: the store of number [n]. [of_phase n s]: the store [s] was made in phase [n]. *)
Record phases (X : execution) (phase : loc) (P : nat -> event) (of_phase : nat -> event -> Prop) : Prop := {
  p3_store : forall n, writes X (P n) phase n;
  p3_release : forall n, rel_access (lab X (P n)) = true;
  all_phases : forall e, is_write X e phase -> exists n, e = P n;
  phases_in_order : forall n m, n < m -> hb X (P n) (P m);
  (* the fence of the write that stores, which comes after the number of its phase *)
  stored_behind : forall n s, of_phase n s -> exists f, rel_fence (lab X f) = true /\ sb X f s /\ hb X (P n) f }.

Section Phase.
Variables (X : execution) (phase : loc) (P : nat -> event) (of_phase : nat -> event -> Prop).
Hypothesis C : consistent X.
Hypothesis H : phases X phase P of_phase.
Variables (m1 g fence m4 : event) (p : nat).
Hypothesis m1_acquires : acquires_by X m1 g.
Hypothesis m4_fence : acq_fence (lab X fence) = true.
Hypothesis fence_m4 : sb X fence m4.
Hypothesis begins : rf X (P p) m1.
Hypothesis ends : rf X (P p) m4.

(** What came before the phase began is seen. *)
Theorem phase_publishes a b : hb X a (P p) \/ a = P p -> b = g \/ sb X g b -> hb X a b.
Proof.
  intros A B. assert (S : hb X (P p) g).
  { apply hb_sw. apply sw_direct with (P p) m1 phase; auto.
    - left. split; auto. apply (p3_release H).
    - exists p. apply (p3_store H). }
  destruct A as [A| ->], B as [->|B]; eauto using hb_trans, hb_sb.
Qed.

(** No load in between has read a store of a later phase. *)
Theorem read_is_of_its_phase n s l x : of_phase n s -> is_write X s x -> rf X s l -> sb X l fence -> n <= p.
Proof.
  intros S W F B. destruct (le_lt_dec n p) as [|Lt]; auto. exfalso.
  destruct (stored_behind H S) as (f & Rf & Sf & Hf).
  assert (K : hb X (P n) m4).
  { apply hb_trans with f; auto. apply hb_trans with fence; [|now apply hb_sb].
    apply hb_sw. apply sw_direct with s l x; auto; right; auto. }
  assert (M : mo X (P p) (P n)).
  { apply (coherence_ww C) with phase; [exists p; apply (p3_store H)|exists n; apply (p3_store H)|now apply (phases_in_order H)]. }
  assert (R : is_read X m4 phase).
  { destruct (rf_values (formed C) ends) as (y & v & Wy & Ry). destruct (writes_once (p3_store H p) Wy) as [-> _]. now exists v. }
  destruct (coherence_wr C (w := P n) (s := P p) (r := m4) (x := phase)) as [E|M']; auto.
  - exists n. apply (p3_store H).
  - rewrite E in M. now destruct (mo_irreflexive (formed C) M).
  - now destruct (mo_asymmetric C M M').
Qed.

End Phase.
