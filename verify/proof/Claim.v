(** * Why writers take turns: the claim of lock/claim.rs, a byte that is taken by compare-and-swap and given back by a release store, and
    that of seq_count/claim.rs, where the word itself is claimed.

    Protocol.v assumes that sections happen-before one another ([turns]). Here that follows from what a claim does. Some values are free (of
    the byte 0, of the word the stable ones). A claim is an update that acquires, from a free value to one that is not. What gives it back
    stores a free value and releases (of the word this is w4, or the store that cancels), after all else of the section. A writer may be moved between
    threads meanwhile, by what happens-before. *)

Require Import Arith Lia Relations Wellfounded.
Require Import Model Protocol.
Set Implicit Arguments. Unset Strict Implicit.

(** [claim c]: the update [c] took the claim. [back c u]: the store [u] gives it back. [made] is the constructor's store. A claim that is
    never given back, because its writer stopped or forgot it, has no [u].

    The caller that has the lock exclusively borrowed may seize the claim by a plain store, from any other ([take_over] in lock/claim.rs, for [split] and a
    writer that recovers). That begins an epoch, of which this store is [made], and [made] itself has the claim then. What was stored
    in earlier epochs happens-before it, and what is stored in later ones happens-after all claims of this one. *)
Record claims (X : execution) (byte : loc) (free : val -> Prop) (made : event) (claim : event -> Prop) (back : event -> event -> Prop)
  : Prop := {
  made_free : is_write X made byte;
  made_stores : forall x v, ~ reads X made x v;
  seized : claim made -> forall v, writes X made byte v -> ~ free v;
  all_byte : forall e, is_write X e byte ->
    e = made \/ claim e \/ (exists c, back c e) \/ hb X e made \/ forall c, claim c -> hb X c e;
  claim_update : forall c, claim c -> c <> made -> exists m v v', lab X c = Rmw m byte v v' /\ acquires m = true /\ free v /\ ~ free v';
  back_store : forall c u, back c u -> claim c /\ is_write X u byte /\ rel_access (lab X u) = true /\ hb X c u;
  back_once : forall c u u', back c u -> back c u' -> u = u';
  made_first : forall c, claim c -> c <> made -> hb X made c }.

Section Claims.
Variables (X : execution) (byte : loc) (free : val -> Prop) (made : event) (claim : event -> Prop) (back : event -> event -> Prop).
Hypothesis C : consistent X.
Hypothesis P : claims X byte free made claim back.

(** The claims in their order: the first one read what the constructor stored, or is that store; each other one read what gave back the one
    before. *)
Inductive turn : nat -> event -> Prop :=
| turn_seized : claim made -> turn 0 made
| turn_first c : claim c -> rf X made c -> turn 0 c
| turn_next n c u c' : turn n c -> back c u -> claim c' -> rf X u c' -> turn (S n) c'.

Definition follows c c' := exists u, back c u /\ rf X u c'.

Lemma turn_claim n c : turn n c -> claim c.
Proof. now destruct 1. Qed.

(** What reads is not [made]. *)
Lemma not_made w c : rf X w c -> c <> made.
Proof. intros F ->. destruct (rf_values (formed C) F) as (x & v & _ & R). exact (made_stores P R). Qed.

Lemma claim_writes c : claim c -> is_write X c byte.
Proof.
  intro K. destruct (Nat.eq_dec c made) as [->|N]; [apply (made_free P)|].
  destruct (claim_update P K N) as (m & v & v' & L & _). exists v'. unfold writes. now rewrite L.
Qed.

Lemma claim_reads c : claim c -> c <> made -> exists v, reads X c byte v /\ free v.
Proof. intros K N. destruct (claim_update P K N) as (m & v & v' & L & _ & F & _). exists v. unfold reads. now rewrite L. Qed.

(** Who takes the claim sees all that the one before has done. *)
Lemma handed_over c u c' : back c u -> claim c' -> rf X u c' -> hb X u c'.
Proof.
  intros B K F. destruct (back_store P B) as (_ & Wu & Rel & _). destruct (claim_update P K (not_made F)) as (m & v & v' & L & Acq & _).
  apply hb_sw. apply sw_direct with u c' byte; auto.
  - left. auto.
  - left. split; auto. now rewrite L.
Qed.

(** What a claim reads is before it. *)
Lemma source_before w c : claim c -> rf X w c -> (w = made \/ exists d, back d w) -> mo X w c.
Proof.
  intros K F S. apply (coherence_ww C) with byte.
  - destruct S as [->|[d B]]; [apply (made_free P)|apply (back_store P B)].
  - now apply claim_writes.
  - destruct S as [->|[d B]]; [exact (made_first P K (not_made F))|]. eapply handed_over; eauto.
Qed.

(** Of two claims that expect the same free byte one succeeds. *)
Lemma one_at_a_time w c c' :
  claim c -> claim c' -> rf X w c -> rf X w c' -> (w = made \/ exists d, back d w) -> c = c'.
Proof.
  intros K K' F F' S. pose proof (source_before K F S) as M. pose proof (source_before K' F' S) as M'.
  destruct (mo_total (formed C) (claim_writes K) (claim_writes K')) as [|[N|N]]; auto; exfalso.
  - apply (atomicity C (a := c') (b := c)); auto. split; [|now exists w].
    intros ->. now destruct (mo_irreflexive (formed C) N).
  - apply (atomicity C (a := c) (b := c')); auto. split; [|now exists w].
    intros ->. now destruct (mo_irreflexive (formed C) N).
Qed.

(** A claim that was seized leaves nothing free to be read. *)
Lemma seized_is_not_free c : claim made -> claim c -> ~ rf X made c.
Proof.
  intros Km K F. destruct (claim_reads K (not_made F)) as (v & R & Fv). exact (seized P Km (rf_writes C F R) Fv).
Qed.

Theorem turn_unique n c c' : turn n c -> turn n c' -> c = c'.
Proof.
  revert c c'. induction n as [|n IH]; intros c c' T T'.
  - inversion T as [Km|? K F|]; inversion T' as [Km'|? K' F'|]; subst; eauto using one_at_a_time.
    + now destruct (seized_is_not_free Km K').
    + now destruct (seized_is_not_free Km' K).
  - inversion T as [| |? d u ? D B K F]; inversion T' as [| |? d' u' ? D' B' K' F']; subst.
    pose proof (IH _ _ D D') as ->. pose proof (back_once P B B') as ->. eauto using one_at_a_time.
Qed.

(** Every claim has its turn, if it has only finitely many before it. *)
Theorem every_claim_has_a_turn : well_founded follows -> forall c, claim c -> exists n, turn n c.
Proof.
  intros Wf c. induction c as [c IH] using (well_founded_induction Wf). intro K.
  destruct (Nat.eq_dec c made) as [->|Nm]; [exists 0; now constructor|].
  destruct (claim_reads K Nm) as (v & R & Fv). assert (Rd : is_read X c byte) by now exists v.
  destruct (rf_total (formed C) Rd) as [w F].
  pose proof (rf_writes C F R) as Ww. assert (Wr : is_write X w byte) by now exists v.
  destruct (all_byte P Wr) as [->|[Kw|[[d B]|[Be|Af]]]].
  - exists 0. now constructor.
  - destruct (Nat.eq_dec w made) as [->|Nw]; [now destruct (seized_is_not_free Kw K)|].
    destruct (claim_update P Kw Nw) as (m & a & b & L & _ & _ & N). unfold writes in Ww. rewrite L in Ww. simpl in Ww.
    destruct N. congruence.
  - destruct (IH d) as [n T]; [now exists w|apply (back_store P B)|].
    exists (S n). econstructor; eauto.
  - (* of an earlier epoch: the claim would have read [made], or something newer *)
    pose proof (coherence_ww C Wr (made_free P) Be) as M.
    destruct (coherence_wr C (made_free P) Rd (made_first P K Nm) F) as [->|M'];
      [now destruct (mo_irreflexive (formed C) M)|now destruct (mo_asymmetric C M M')].
  - destruct (coherence C (Af _ K)). apply t_step. auto.
Qed.

Lemma turn_before n m c' : n < m -> turn m c' ->
  exists c u d, turn n c /\ back c u /\ rf X u d /\ turn (S n) d /\ (d = c' \/ hb X d c').
Proof.
  revert c'. induction m as [|m IH]; intros c' N T; [lia|].
  inversion T as [| |? c u ? D B K F]; subst. destruct (Nat.eq_dec n m) as [->|Ne].
  - exists c, u, c'. auto 7.
  - destruct (IH c) as (c0 & u0 & d & T0 & B0 & F0 & T1 & H); [lia|auto|].
    exists c0, u0, d. repeat split; auto. right. apply hb_trans with u; [|eapply handed_over; eauto].
    assert (hb X c u) by apply (back_store P B).
    destruct H as [->|H]; eauto using hb_trans.
Qed.

(** The events of section [S n] are those between the claim of turn [n] and what gives it back, these two included: where the word itself is
    claimed, the claim is w1 and what gives it back is w4. Between them is happens-before, not one thread: a writer may be moved. *)
Definition inside W := forall n a, in_section W (S n) a ->
  exists c, turn n c /\ (a = c \/ hb X c a) /\ forall u, back c u -> a = u \/ hb X a u.
Definition made_before W := forall a c, in_section W 0 a -> turn 0 c -> hb X a c.

(** From anywhere in a turn to anywhere in a later one. *)
Lemma given_back n m a b c c' :
  n < m -> turn n c -> turn m c' -> (forall u, back c u -> a = u \/ hb X a u) -> (b = c' \/ hb X c' b) -> hb X a b.
Proof.
  intros L T T' A B. destruct (turn_before L T') as (c0 & u & d & T0 & Bk & F & Td & H).
  pose proof (turn_unique T T0) as <-. assert (U : hb X u d) by (eapply handed_over; eauto using turn_claim).
  assert (Ad : hb X a d) by (destruct (A _ Bk) as [->|?]; eauto using hb_trans).
  assert (Ac : hb X a c') by (destruct H as [->|?]; eauto using hb_trans).
  destruct B as [->|?]; eauto using hb_trans.
Qed.

(** What Protocol.v assumes: the sections of those that have the claim, numbered by their turns, happen-before one another. *)
Theorem claims_order_sections W :
  inside W -> made_before W -> forall i j a b, i < j -> in_section W i a -> in_section W j b -> hb X a b.
Proof.
  intros Inside First i j a b L A B. destruct j as [|m]; [lia|].
  destruct (Inside _ _ B) as (c' & T' & Bc & _). destruct i as [|n].
  - destruct m as [|m].
    + assert (hb X a c') by now apply First. destruct Bc as [->|]; eauto using hb_trans.
    + destruct (turn_before (n := 0) (m := S m) (c' := c')) as (c & u & d & T & Bk & _); [lia|auto|].
      apply hb_trans with c; [now apply First|].
      apply (given_back (n := 0) (m := S m) (c := c) (c' := c')); auto; [lia|].
      intros u' B'. right. apply (back_store P B').
  - destruct (Inside _ _ A) as (c & T & _ & Before).
    apply (given_back (n := n) (m := m) (c := c) (c' := c')); auto; lia.
Qed.

End Claims.
