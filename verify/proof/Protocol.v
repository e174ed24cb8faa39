(** * What both locks share: sections of writers, attempts of readers. The steps have the names of the Rust source:

    [[
    seq_count/mod.rs                                   seq_count/latch.rs
    w1  word = busy      Relaxed                       (none)
    w2  fence            Release                       l1
    w3  payload stores   Relaxed                       l2
    w4  word = stable    Release                       l3
    r1  word             Acquire, or Relaxed, fence    m1
    r2  payload loads    Relaxed                       m2
    r3  fence            Acquire                       m3
    r4  word             Relaxed                       m4
    ]]

    Sections are numbered in the order in which the writers take turns. Number 0 is the constructor: the initial payload and the
    initial word. Each section may store any payload locations, in any order, each any number of times, or none of them; it may
    lack w4 (its writer stopped, and the next one took over). An attempt is four events; its payload loads are *all* loads
    of payload locations between r1 and r3 on the thread of the attempt, any number of them, in any order: its fences order
    those of no other thread, and a section's stores are those of the thread of its w2.

    T1 (SeqLock.v, for seq_count/mod.rs and lock/algorithms.rs) and T4 (Latch.v, for seq_count/latch.rs and lock/algorithms.rs):
       [snapshot] below holds of every accepted attempt. "Not newer" is [fences], "not older" is [not_older].
    T2 [publishes]: what happens-before w4 happens-before all that follows r1.
    T3 [monotonic], [not_stale]: versions never go back along happens-before, from attempt to attempt or from write to attempt. *)

Require Import Arith Lia Relations.
Require Import Model.
Set Implicit Arguments. Unset Strict Implicit.

(** Which of the four orderings are there; [shipped] has all. The examples take them away one by one. *)
Record orderings := { w2_releases : bool; w4_releases : bool; r1_acquires : bool; r3_acquires : bool }.
Definition shipped := {| w2_releases := true; w4_releases := true; r1_acquires := true; r3_acquires := true |}.

(** The events of each section, by step. *)
Record writers := {
  W1 : nat -> event -> Prop;
  W2 : nat -> event -> Prop;
  W3 : nat -> event -> Prop;
  W4 : nat -> event -> Prop }.

Definition in_section (W : writers) i a := W1 W i a \/ W2 W i a \/ W3 W i a \/ W4 W i a.

Record sections (X : execution) (O : orderings) (word : loc) (payload : loc -> Prop) (W : writers) : Prop := {
  (* R2 one-protocol: no other thread stores there *)
  all_payload : forall s x, is_write X s x -> payload x -> exists i, W3 W i s;
  all_word : forall e, is_write X e word -> exists i, W1 W i e \/ W4 W i e;
  w4_location : forall i e, W4 W i e -> is_write X e word;
  (* the order of the steps, and what they order *)
  w2_w3 : forall i s, W3 W (S i) s -> exists f, W2 W (S i) f /\ sb X f s;
  w3_w4 : forall i s e, W3 W (S i) s -> W4 W (S i) e -> sb X s e;
  w2_fence : w2_releases O = true -> forall i f, W2 W (S i) f -> rel_fence (lab X f);
  w4_release : w4_releases O = true -> forall i e, W4 W (S i) e -> rel_access (lab X e);
  (* I5 one-writer: each section happens-before the next one, by a claim, a lock, or the death of a process *)
  turns : forall i j a b, i < j -> in_section W i a -> in_section W j b -> hb X a b }.

(** [g] is r1 itself, or the fence behind it (P13 read-only). *)
Record attempt := { r1 : event; g : event; r3 : event; r4 : event }.

Record attempts (X : execution) (O : orderings) (word : loc) (W : writers) (A : attempt) : Prop := {
  (* a lock is shared with this reader after it was made; of other readers nothing is assumed *)
  constructed : forall a, W3 W 0 a \/ W4 W 0 a -> hb X a (r1 A);
  r1_word : is_read X (r1 A) word;
  r4_word : is_read X (r4 A) word;
  r1_r4 : sb X (r1 A) (r4 A);
  r3_r4 : sb X (r3 A) (r4 A);
  r1_g : g A = r1 A \/ sb X (r1 A) (g A);
  r1_acquire : r1_acquires O = true -> acquires_by X (r1 A) (g A);
  r3_fence : r3_acquires O = true -> acq_fence (lab X (r3 A)) }.

Definition r2 X A l := sb X (g A) l /\ sb X l (r3 A).

(** The section whose word a load returned. *)
Definition reads_section X W r i := exists e, W4 W i e /\ rf X e r.

(** The store to [x] that is the last one of the sections up to number [i]. *)
Definition last_store X W x i s :=
  is_write X s x /\ (exists k, k <= i /\ W3 W k s) /\
  forall k s', k <= i -> W3 W k s' -> is_write X s' x -> s' = s \/ mo X s' s.

(** What T1 and T4 say: r1 found the word of section [i], and each payload load of a [place] read the last store of the sections
    up to [i]. *)
Definition snapshot X (place : loc -> Prop) W A i :=
  reads_section X W (r1 A) i /\
  forall l x s, r2 X A l -> place x -> is_read X l x -> rf X s l -> last_store X W x i s.

Section Protocol.
Variables (X : execution) (word : loc) (payload : loc -> Prop) (W : writers).
Hypothesis C : consistent X.
Hypothesis P : sections X shipped word payload W.

(** The last store is the only one, and it is in the last section that stores there: in section [i] itself if that one does. *)
Lemma last_store_unique x i s s' : last_store X W x i s -> last_store X W x i s' -> s = s'.
Proof.
  intros (Ws & (k & K & S) & L) (Ws' & (k' & K' & S') & L').
  destruct (L _ _ K' S' Ws') as [|M]; auto. destruct (L' _ _ K S Ws) as [|M']; auto.
  now destruct (mo_asymmetric C M).
Qed.

Lemma last_store_section x i s k' s' :
  last_store X W x i s -> k' <= i -> W3 W k' s' -> is_write X s' x -> exists k, k' <= k <= i /\ W3 W k s.
Proof.
  intros (Ws & (k & K & Sk) & L) K' S' Ws'. destruct (le_lt_dec k' k) as [|N]; [now exists k|].
  assert (M : mo X s s').
  { apply (coherence_ww C) with x; auto. apply (turns P N); unfold in_section; auto. }
  destruct (L _ _ K' S' Ws') as [->|M']; [now exists k'|]. now destruct (mo_asymmetric C M).
Qed.

(** What a writer finds when it loads the word before its own stores: the last word of the sections before it. *)
Lemma found_is_last i r e k :
  is_read X r word -> (forall j a, j <= i -> in_section W j a -> hb X a r) -> (forall j a, i < j -> in_section W j a -> hb X r a) ->
  k <= i -> in_section W k e -> is_write X e word ->
  (forall j a, j <= i -> in_section W j a -> is_write X a word -> a = e \/ mo X a e) -> rf X e r.
Proof.
  intros R Before After K S We Last. destruct R as [v R].
  destruct (rf_total (formed C) (r := r) (x := word)) as [s F]; [now exists v|].
  assert (Ws : is_write X s word) by (apply (rf_location C F); now exists v).
  destruct (all_word P Ws) as (j & J). assert (Sj : in_section W j s) by (unfold in_section; tauto).
  destruct (le_lt_dec j i) as [Le|Lt].
  - destruct (coherence_wr C (w := e) (s := s) (r := r) We) as [->|M]; eauto; [now exists v|].
    destruct (Last _ _ Le Sj Ws) as [->|M']; auto. now destruct (mo_asymmetric C M M').
  - destruct (coherence C (After _ _ Lt Sj)). apply t_step. auto.
Qed.

(** A load of the word finds no older section than one whose end happens-before it. *)
Lemma found_is_not_stale r i j e : W4 W i e -> hb X e r -> is_read X r word -> reads_section X W r j -> i <= j.
Proof.
  intros E H R (e' & E' & F'). destruct (le_lt_dec i j) as [|N]; auto. exfalso.
  assert (M : mo X e' e).
  { apply (coherence_ww C) with word; eauto using w4_location. apply (turns P N); unfold in_section; auto. }
  destruct (coherence_wr C (w4_location P E) R H F') as [->|M'].
  - now destruct (mo_irreflexive (formed C) M).
  - now destruct (mo_asymmetric C M M').
Qed.

Variable A : attempt.
Hypothesis T : attempts X shipped word W A.

Lemma r1_hb_r4 : hb X (r1 A) (r4 A).
Proof. apply hb_sb, (r1_r4 T). Qed.

Lemma r1_to_g a : hb X a (r1 A) -> hb X a (g A).
Proof. destruct (r1_g T) as [->|B]; eauto using hb_trans, hb_sb. Qed.

(** w4 pairs with r1. *)
Lemma publication i e : W4 W i e -> rf X e (r1 A) -> hb X e (g A).
Proof.
  intros E F. destruct i.
  - apply r1_to_g, (constructed T); auto.
  - apply hb_sw. apply sw_direct with e (r1 A) word; eauto using w4_location, r1_acquire.
    left. split; auto. eapply w4_release; eauto.
Qed.

(** All stores of the sections up to the one that was read happen-before the payload loads. *)
Lemma stores_before i e k s : W4 W i e -> rf X e (r1 A) -> W3 W k s -> k <= i -> hb X s (g A).
Proof.
  intros E F S K. destruct i as [|i].
  - apply r1_to_g, (constructed T). left. now replace 0 with k by lia.
  - apply hb_trans with e; [|eauto using publication]. destruct (Nat.eq_dec k (Datatypes.S i)) as [->|N].
    + apply hb_sb. eapply w3_w4; eauto.
    + apply (turns P (i := k) (j := Datatypes.S i)); unfold in_section; auto. lia.
Qed.

(** *Not an older one.* *)
Lemma not_older i e k s x l s' :
  W4 W i e -> rf X e (r1 A) -> k <= i -> W3 W k s -> is_write X s x ->
  r2 X A l -> is_read X l x -> rf X s' l -> s = s' \/ mo X s s'.
Proof.
  intros E F K S Ws [B _] R F'.
  destruct (coherence_wr C Ws R (s := s')) as [->|]; auto.
  apply hb_trans with (g A); [eapply stores_before; eauto|now apply hb_sb].
Qed.

(** w2 pairs with r3: the fence of a section of which anything was seen happens-before r4. *)
Lemma fences k s x l :
  W3 W (S k) s -> r2 X A l -> is_read X l x -> rf X s l -> exists f, W2 W (S k) f /\ hb X f (r4 A).
Proof.
  intros S [_ B] R F. destruct (w2_w3 P S) as (f & Wf & Bf). exists f; split; auto.
  apply hb_trans with (r3 A); [|apply hb_sb, (r3_r4 T)].
  apply hb_sw. apply sw_direct with s l x; auto.
  - right. split; auto. eapply (w2_fence P); eauto.
  - eapply rf_location; eauto.
  - right. split; auto. now apply (r3_fence T).
Qed.

(** What r4 reads is no older than a store to the word that happens-before it. *)
Lemma r4_sees i j e e' :
  in_section W i e -> is_write X e word -> hb X e (r4 A) -> in_section W j e' -> rf X e' (r4 A) -> i <= j.
Proof.
  intros Se We H Se' F. destruct (le_lt_dec i j) as [|N]; auto.
  assert (R : is_read X (r4 A) word) by apply (r4_word T).
  pose proof (turns P N Se' Se) as H'.
  assert (M : mo X e' e) by (apply (coherence_ww C) with word; eauto using rf_location).
  destruct (coherence_wr C We R H F) as [->|M'].
  - now destruct (mo_irreflexive (formed C) M).
  - now destruct (mo_asymmetric C M).
Qed.

(** What two loads of the word read, of which one happens-before the other. *)
Lemma loads_in_order r r' i j e e' :
  is_read X r word -> is_read X r' word -> hb X r r' -> rf X e r -> rf X e' r' ->
  in_section W i e -> in_section W j e' -> i <= j.
Proof.
  intros R R' H F F' S S'. destruct (le_lt_dec i j) as [|N]; auto.
  pose proof (turns P N S' S) as H'.
  assert (M : mo X e' e) by (apply (coherence_ww C) with word; eauto using rf_location).
  destruct (coherence_rr C R R' H F F') as [->|M'].
  - now destruct (mo_irreflexive (formed C) M).
  - now destruct (mo_asymmetric C M).
Qed.

(** T2: what happens-before the end of the write that r1 read happens-before what follows r1 (or its fence). *)
Theorem publishes i e a b :
  W4 W i e -> rf X e (r1 A) -> a = e \/ hb X a e -> b = g A \/ sb X (g A) b -> hb X a b.
Proof.
  intros E F HA HB. pose proof (publication E F) as H.
  destruct HA as [->|HA], HB as [->|HB]; eauto using hb_trans, hb_sb.
Qed.

(** T3: of two attempts of which one happens-before the other, or begins before it on its thread, the later one reads the same
    section or a later one. An attempt that a write happens-before reads that write or a later one. *)
Theorem monotonic B i j :
  attempts X shipped word W B -> hb X (r1 B) (r1 A) -> reads_section X W (r1 B) i -> reads_section X W (r1 A) j -> i <= j.
Proof.
  intros TB H (e & E & F) (e' & E' & F').
  apply (loads_in_order (r1_word TB) (r1_word T) H F F'); unfold in_section; auto.
Qed.

Theorem not_stale i j e : W4 W i e -> hb X e (r1 A) -> reads_section X W (r1 A) j -> i <= j.
Proof. intros E H. exact (found_is_not_stale E H (r1_word T)). Qed.

End Protocol.
