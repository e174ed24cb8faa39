(** * The growth of seqcopy-map: a read that begins and ends with one phase saw no store of a later phase.

    The map counts phases in a word of its own. The writer stores the next number (p3, release), and then to slots and tags, each store
    behind a release fence of its own (w2 of the slot's word). A reader loads the number (m1, which acquires by itself or by a fence after
    it), loads slots and tags (m3), executes an acquire fence and loads the number again (both m4). *)

Require Import Arith Lia Relations.
Require Import Model.
Set Implicit Arguments. Unset Strict Implicit.

(** [P n e]: [e] stores number [n]; there are as many numbers as the map had tables. Number 0 is the constructor's, which need not release.
    [of_phase n s]: the store [s] was made in phase [n]. *)
Record phases (X : execution) (phase : loc) (P : nat -> event -> Prop) (of_phase : nat -> event -> Prop) : Prop := {
  p3_store : forall n e, P n e -> writes X e phase n;
  p3_release : forall n e, P (S n) e -> rel_access (lab X e) = true;
  phases_in_order : forall n m e e', n < m -> P n e -> P m e' -> hb X e e';
  (* the fence of the write that stores, which comes after the number of its phase *)
  stored_behind : forall n s, of_phase n s -> exists e f, P n e /\ rel_fence (lab X f) = true /\ sb X f s /\ hb X e f }.

(** A read that began and ended with number [p]. The map is shared with its reader after it was made. *)
Record phase_read (X : execution) (phase : loc) (P : nat -> event -> Prop) (p : nat) (e m1 g fence m4 : event) : Prop := {
  shared : forall a, P 0 a -> hb X a m1;
  m1_acquires : acquires_by X m1 g;
  m4_fence : acq_fence (lab X fence) = true;
  fence_m4 : sb X fence m4;
  begins : P p e /\ rf X e m1;
  ends : exists e', P p e' /\ rf X e' m4 }.

Section Phase.
Variables (X : execution) (phase : loc) (P : nat -> event -> Prop) (of_phase : nat -> event -> Prop).
Hypothesis C : consistent X.
Hypothesis H : phases X phase P of_phase.
Variables (p : nat) (e m1 g fence m4 : event).
Hypothesis R : phase_read X phase P p e m1 g fence m4.

(** What came before the phase began is seen. *)
Theorem phase_publishes a b : hb X a e \/ a = e -> b = g \/ sb X g b -> hb X a b.
Proof.
  intros A B. destruct (begins R) as [Pe F]. assert (S : hb X e g).
  { destruct p as [|q].
    - pose proof (shared R Pe) as Sh. destruct (m1_acquires R) as [[-> _]|[_ S]]; eauto using hb_trans, hb_sb.
    - apply hb_sw. apply sw_direct with e m1 phase; auto; [|exists (Datatypes.S q); apply (p3_store H Pe)|apply (m1_acquires R)].
      left. split; auto. apply (p3_release H Pe). }
  destruct A as [A| ->], B as [->|B]; eauto using hb_trans, hb_sb.
Qed.

(** No load in between has read a store of a later phase. *)
Theorem read_is_of_its_phase n s l x : of_phase n s -> is_write X s x -> rf X s l -> sb X l fence -> n <= p.
Proof.
  intros S W F B. destruct (le_lt_dec n p) as [|Lt]; auto. exfalso.
  destruct (stored_behind H S) as (en & f & Pn & Rf & Sf & Hf). destruct (ends R) as (e' & Pe' & F').
  assert (K : hb X en m4).
  { apply hb_trans with f; auto. apply hb_trans with fence; [|apply hb_sb, (fence_m4 R)].
    apply hb_sw. apply sw_direct with s l x; auto; right; split; auto. apply (m4_fence R). }
  assert (M : mo X e' en).
  { apply (coherence_ww C) with phase; [exists p; apply (p3_store H Pe')|exists n; apply (p3_store H Pn)|].
    now apply (phases_in_order H Lt). }
  assert (Rd : is_read X m4 phase).
  { destruct (rf_values (formed C) F') as (y & v & Wy & Ry). destruct (writes_once (p3_store H Pe') Wy) as [-> _]. now exists v. }
  destruct (coherence_wr C (w := en) (s := e') (r := m4) (x := phase)) as [E|M']; auto.
  - exists n. apply (p3_store H Pn).
  - rewrite E in M. now destruct (mo_irreflexive (formed C) M).
  - now destruct (mo_asymmetric C M M').
Qed.

End Phase.
