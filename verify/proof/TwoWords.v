(** * Two words as one: seq_count/two_words.rs, for targets without 64-bit atomics (P26 of soundness.md).

    A number is stored in two words: [low], the number modulo two halves, and [high], which counts halves. The writer stores [high] first
    (t1), if the number begins a new half, then [low] (t2); both release. The reader loads [high] (u1), [low] (u2) and [high] again (u3), all
    of which acquire, until both loads of [high] return the same. It takes the half that it found, or the one before, whichever has the
    parity of the highest bit of [low]. The theorem: that is the number whose t2 was read, and the load acquires from it. So the pair is
    one location whose stores release and whose loads acquire, as Protocol.v has it. *)

Require Import Arith Lia Relations.
Require Import Model Protocol.
Set Implicit Arguments. Unset Strict Implicit.

(** [T1 h e]: the store [e] shows half [h]; a writer that takes over stores the same half again. [T2 n e]: the store [e] publishes number
    [n]. Halves are counted without bound here: that a half comes back on the same word is what the number of its bits excludes. *)
Record two_words (X : execution) (high low : loc) (half : nat) (T1 T2 : nat -> event -> Prop) : Prop := {
  some_half : 0 < half;
  t1_store : forall h e, T1 h e -> writes X e high h /\ rel_access (lab X e) = true;
  t2_store : forall n e, T2 n e -> writes X e low (n mod (2 * half)) /\ rel_access (lab X e) = true;
  (* writers take turns (Claim.v), and numbers go up by one: a half is shown after all numbers of the halves before it, and before its own *)
  halves_in_order : forall h k a b, h < k -> T1 h a -> T1 k b -> hb X a b;
  numbers_in_order : forall n m a b, n < m -> T2 n a -> T2 m b -> hb X a b;
  shown_after : forall n k a b, n < k * half -> T2 n a -> T1 k b -> hb X a b;
  last_of_half : forall k b, T1 (S k) b -> exists a, T2 (S k * half - 1) a;
  shown_before : forall n e, T2 n e -> exists a, T1 (n / half) a /\ hb X a e }.

(** What the reader computes. *)
Definition seen half h l := if Nat.eqb (h mod 2) (l / half) then h * half + l mod half else (h - 1) * half + l mod half.

Section TwoWords.
Variables (X : execution) (high low : loc) (half : nat) (T1 T2 : nat -> event -> Prop).
Hypothesis C : consistent X.
Hypothesis P : two_words X high low half T1 T2.
Variables u1 u2 u3 : event.
Hypothesis u1_acquires : acq_access (lab X u1) = true.
Hypothesis u2_acquires : acq_access (lab X u2) = true.
Hypothesis u1_u2 : sb X u1 u2.
Hypothesis u2_u3 : sb X u2 u3.

Lemma acquires_from (e r : event) x : is_write X e x -> rel_access (lab X e) = true -> rf X e r -> acq_access (lab X r) = true -> hb X e r.
Proof.
  intros W R F A. apply hb_sw. apply sw_direct with e r x; auto; [left|left]; split; auto.
Qed.

(** u2 reads the last number of the half before the one that u1 found, or a later one. *)
Lemma not_before h n e1 e2 : T1 h e1 -> rf X e1 u1 -> T2 n e2 -> rf X e2 u2 -> h <= n / half + 1.
Proof.
  intros A F1 B F2. destruct h as [|k]; [lia|]. pose proof (some_half P) as Hp.
  destruct (last_of_half P A) as (a & L).
  destruct (le_lt_dec (S k * half - 1) n) as [Le|Lt].
  - assert (k <= n / half); [|lia]. apply Nat.div_le_lower_bound; nia.
  - exfalso. pose proof (t1_store P A) as (W1 & R1). pose proof (t2_store P B) as (W2 & _). pose proof (t2_store P L) as (Wl & _).
    assert (H : hb X a u2).
    { apply hb_trans with e1; [apply (shown_after P (n := S k * half - 1) (k := S k)); auto; nia|].
      apply hb_trans with u1; [|now apply hb_sb].
      apply acquires_from with high; auto. now exists (S k). }
    assert (M : mo X e2 a).
    { apply (coherence_ww C) with low; [eexists; eauto|eexists; eauto|]. apply (numbers_in_order P Lt); auto. }
    assert (R : is_read X u2 low) by (destruct (rf_values (formed C) F2) as (y & v & Wy & Ry); destruct (writes_once W2 Wy) as [-> _]; eexists; eauto).
    destruct (coherence_wr C (w := a) (s := e2) (r := u2) (x := low)) as [E|M']; auto.
    + eexists; eauto.
    + subst. now destruct (mo_irreflexive (formed C) M).
    + now destruct (mo_asymmetric C M M').
Qed.

(** u3 reads the half of the number that u2 found, or a later one. *)
Lemma not_after h n e2 e3 : T2 n e2 -> rf X e2 u2 -> T1 h e3 -> rf X e3 u3 -> n / half <= h.
Proof.
  intros B F2 A F3. destruct (le_lt_dec (n / half) h) as [|Lt]; auto. exfalso.
  destruct (shown_before P B) as (a & Ta & H). pose proof (t1_store P A) as (W3 & _). pose proof (t1_store P Ta) as (Wa & _).
  pose proof (t2_store P B) as (W2 & R2).
  assert (H' : hb X a u3).
  { apply hb_trans with e2; auto. apply hb_trans with u2; [|now apply hb_sb]. apply acquires_from with low; auto. eexists; eauto. }
  assert (M : mo X e3 a).
  { apply (coherence_ww C) with high; [eexists; eauto|eexists; eauto|]. apply (halves_in_order P Lt); auto. }
  assert (R : is_read X u3 high) by (destruct (rf_values (formed C) F3) as (y & v & Wy & Ry); destruct (writes_once W3 Wy) as [-> _]; eexists; eauto).
  destruct (coherence_wr C (w := a) (s := e3) (r := u3) (x := high)) as [E|M']; auto.
  - eexists; eauto.
  - subst. now destruct (mo_irreflexive (formed C) M).
  - now destruct (mo_asymmetric C M M').
Qed.

(** The number that the reader computes is the one whose t2 it read, and what its writer did before happens-before what follows. *)
Theorem two_words_are_one h n e1 e2 e3 :
  T1 h e1 -> rf X e1 u1 -> T2 n e2 -> rf X e2 u2 -> T1 h e3 -> rf X e3 u3 ->
  seen half h (n mod (2 * half)) = n /\ hb X e2 u2.
Proof.
  intros A F1 B F2 A' F3. split.
  - pose proof (some_half P) as Hp. pose proof (not_before A F1 B F2) as L. pose proof (not_after B F2 A' F3) as G.
    assert (D : n mod (2 * half) / half = (n / half) mod 2).
    { rewrite (Nat.mul_comm 2), Nat.mod_mul_r by lia.
      rewrite (Nat.mul_comm half ((n / half) mod 2)), Nat.div_add by lia.
      rewrite Nat.div_small; [lia|apply Nat.mod_upper_bound; lia]. }
    assert (M : (n mod (2 * half)) mod half = n mod half).
    { rewrite (Nat.mul_comm 2), Nat.mod_mul_r by lia.
      rewrite (Nat.mul_comm half ((n / half) mod 2)), Nat.mod_add by lia. apply Nat.mod_mod. lia. }
    unfold seen. rewrite D, M. pose proof (Nat.div_mod n half) as E.
    destruct (Nat.eq_dec h (n / half)) as [->|N].
    + rewrite Nat.eqb_refl. nia.
    + assert (h = n / half + 1) by lia. subst h.
      assert (Ne : (n / half + 1) mod 2 <> (n / half) mod 2).
      { pose proof (Nat.div_mod (n / half) 2). pose proof (Nat.div_mod (n / half + 1) 2).
        pose proof (Nat.mod_upper_bound (n / half) 2). pose proof (Nat.mod_upper_bound (n / half + 1) 2). lia. }
      apply Nat.eqb_neq in Ne. rewrite Ne. replace (n / half + 1 - 1) with (n / half) by lia. nia.
  - destruct (t2_store P B) as (W2 & R2). apply acquires_from with low; auto. eexists; eauto.
Qed.

End TwoWords.
