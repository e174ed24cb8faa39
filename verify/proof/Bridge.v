(** * One program, two worlds: what a run of the reader is in an execution of Model.v. Its loads and fences are events of one thread; where the
    value was accepted, its last attempt is an [attempts] of Protocol.v, so that all that is proved of attempts holds of the program. *)

From Coq Require Import List NArith Arith Lia Bool Relations.
From Coq Require Import Strings.Byte.
Require Import Model Protocol Program Reader Trust Answers.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** A location stands for one access of the partition: the one that begins there. *)
Definition cell (a : access) : loc := at_ a.
Definition bits (b : list byte) : val := N.to_nat (number b).
Definition mode_of (m : order) := match m with Relaxed => Rlx | Acquire => Acq | Release => Rel end.
Definition label_of x :=
  match x with
  | ALd m a b => [Load (mode_of m) (cell a) (bits b)]
  | ASt m a b => [Store (mode_of m) (cell a) (bits b)]
  | AFn m => [Fence (mode_of m)]
  | AAsk _ => []
  end.

(** The events [es], in this order on one thread, are what was done in [t]. *)
Definition thread X es t := map (lab X) es = flat_map label_of t /\ ForallOrdPairs (sb X) es.

Lemma pairs_app A (R : A -> A -> Prop) l l' : ForallOrdPairs R (l ++ l') ->
  ForallOrdPairs R l /\ ForallOrdPairs R l' /\ forall a b, In a l -> In b l' -> R a b.
Proof.
  induction l as [|x l IH]; cbn; intro F; [repeat split; auto; [constructor|contradiction]|].
  inversion F as [|? ? A1 F']; subst. destruct (IH F') as (F1 & F2 & C). rewrite Forall_app in A1. destruct A1 as [A1 A2].
  repeat split; auto; [now constructor|]. intros a b [->|Ia] Ib; auto. rewrite Forall_forall in A2. auto.
Qed.

Lemma thread_app X es t t' : thread X es (t ++ t') ->
  exists es1 es2, es = es1 ++ es2 /\ thread X es1 t /\ thread X es2 t' /\ forall a b, In a es1 -> In b es2 -> sb X a b.
Proof.
  intros [M F]. rewrite flat_map_app in M. destruct (map_eq_app _ _ _ _ M) as (es1 & es2 & -> & M1 & M2).
  destruct (pairs_app F) as (F1 & F2 & C). exists es1, es2. unfold thread. auto.
Qed.

Lemma thread_one X es x l : label_of x = [l] -> thread X es [x] -> exists e, es = [e] /\ lab X e = l.
Proof.
  intros E [M _]. cbn in M. rewrite E in M. destruct es as [|e [|? ?]]; try discriminate. injection M as M. now exists e.
Qed.

Lemma each A B (P P' : A -> B -> Prop) l m : (forall a b, P a b -> P' a b) -> Forall2 P l m -> Forall2 P' l m.
Proof. induction 2; constructor; auto. Qed.

(** Loads of a copy are events that read what they were answered. *)
Lemma thread_loads X from s bs es : length s = length bs -> thread X es (loads from s bs) ->
  Forall2 (fun s b => exists l, In l es /\ reads X l (from + fst s) (bits b)) s bs.
Proof.
  revert bs es. induction s as [|[o n] s IH]; intros [|b bs] es Len T; try discriminate; constructor.
  - destruct T as [M _]. destruct es as [|e es]; [discriminate|]. injection M as E _. exists e. split; [now left|]. unfold reads. now rewrite E.
  - assert (T' : exists e es', es = e :: es' /\ thread X es' (loads from s bs)).
    { destruct T as [M F]. destruct es as [|e es]; [discriminate|]. exists e, es. split; auto. inversion F; subst. split; auto.
      cbn in M. now injection M. }
    destruct T' as (e & es' & -> & T'). injection Len as Len. specialize (IH _ _ Len T').
    eapply each; [|exact IH]. intros s' b' (l & I & R). exists l. split; [now right|auto].
Qed.

Section Bridge.
Variables (X : execution) (L : shape) (W : writers).
Let word := word_at L.

(** What the events of an accepted attempt are: an attempt of Protocol.v, that read these words, and the loads of [t1] in between. *)
Record accepted_at (es : list event) (b b' : list byte) (t1 : list act) (A : attempt) (es1 : list event) : Prop := {
  is_attempt : attempts X shipped word W A;
  begins_there : In (r1 A) es;
  ends_there : In (r4 A) es;
  guard_there : In (g A) es;
  first_word : reads X (r1 A) word (bits b);
  last_word : reads X (r4 A) word (bits b');
  between : thread X es1 t1;
  payload_loads : forall l, In l es1 -> r2 X A l }.

Lemma attempted_is_attempt es t0 b t1 b' : thread X es (t0 ++ attempted L b t1 b') ->
  (forall a e, In e es -> W3 W 0 a \/ W4 W 0 a -> hb X a e) -> exists A es1, accepted_at es b b' t1 A es1.
Proof.
  intros T Made. destruct (thread_app T) as (es0 & es' & -> & _ & T1 & _). unfold attempted in T1.
  destruct (thread_app T1) as (h & rest & -> & Th & Tr & S1). destruct (thread_app Tr) as (es1 & tl & -> & Te & Tt & S2).
  change [ALd Relaxed (Reader.word L) b; AFn Acquire] with ([ALd Relaxed (Reader.word L) b] ++ [AFn Acquire]) in Th.
  destruct (thread_app Th) as (h1 & h2 & -> & Th1 & Th2 & S3).
  change [AFn Acquire; ALd Relaxed (Reader.word L) b'] with ([AFn Acquire] ++ [ALd Relaxed (Reader.word L) b']) in Tt.
  destruct (thread_app Tt) as (t3 & t4 & -> & Tt3 & Tt4 & S4).
  apply thread_one with (1 := eq_refl) in Th1. destruct Th1 as (e1 & -> & L1). apply thread_one with (1 := eq_refl) in Th2. destruct Th2 as (eg & -> & Lg).
  apply thread_one with (1 := eq_refl) in Tt3. destruct Tt3 as (e3 & -> & L3). apply thread_one with (1 := eq_refl) in Tt4. destruct Tt4 as (e4 & -> & L4).
  assert (B1 : sb X e1 eg) by (apply S3; now left).
  assert (B4 : sb X e3 e4) by (apply S4; now left).
  assert (B14 : sb X e1 e4) by (apply S1; [now left|apply in_app_iff; right; right; now left]).
  exists {| r1 := e1; g := eg; r3 := e3; r4 := e4 |}, es1. split; cbn [r1 g r3 r4]; auto.
  - split; cbn [r1 g r3 r4]; auto.
    + intros a Z. apply Made; auto. apply in_app_iff. right. now left.
    + exists (bits b). unfold reads. now rewrite L1.
    + exists (bits b'). unfold reads. now rewrite L4.
    + intros _. right. split; auto. now rewrite Lg.
    + intros _. now rewrite L3.
  - apply in_app_iff. right. now left.
  - rewrite !in_app_iff. right. right. right. right. now left.
  - apply in_app_iff. right. right. now left.
  - unfold reads. now rewrite L1.
  - unfold reads. now rewrite L4.
  - intros l I. split; cbn [g r3].
    + apply S1; [right; now left|]. apply in_app_iff. now left.
    + apply S2; auto. now left.
Qed.

(** An attempt whose loads are among these events, under a word that was accepted, and that returned these parts, one for each access. *)
Definition accepted es n (s : list (nat * nat)) parts := exists A b b',
  attempts X shipped word W A /\ In (r1 A) es /\ In (r4 A) es /\ In (g A) es /\ reads X (r1 A) word (bits b) /\ reads X (r4 A) word (bits b') /\
  length b = width L /\ length b' = width L /\ busy L (number b) = false /\ number b <> 0%N /\ accepts L (number b) (number b') = true /\
  n = version L (number b) /\ Forall2 (fun s part => exists l, r2 X A l /\ reads X l (buffer L (number b) + fst s) (bits part)) s parts.

Lemma accepted_loads es t0 b b' n s parts : thread X es (t0 ++ attempted L b (loads (buffer L (number b)) s parts) b') ->
  (forall a e, In e es -> W3 W 0 a \/ W4 W 0 a -> hb X a e) -> length s = length parts ->
  length b = width L -> length b' = width L -> busy L (number b) = false -> number b <> 0%N -> accepts L (number b) (number b') = true ->
  n = version L (number b) -> accepted es n s parts.
Proof.
  intros T Made Len Lb Lb' Bu Nz Ac En. destruct (attempted_is_attempt T Made) as (A & es1 & H). exists A, b, b'.
  pose proof (is_attempt H). pose proof (begins_there H). pose proof (ends_there H). pose proof (guard_there H).
  pose proof (first_word H). pose proof (last_word H). repeat (split; auto).
  eapply each; [|exact (thread_loads Len (between H))]. intros s' part (l & I & Rl). exists l. split; auto. now apply (payload_loads H).
Qed.

(** An accepted run of the reader is such an attempt. *)
Theorem accepted_is_attempt valid tries p t parts n es :
  disjoint (steps L) -> runs p (reader L valid tries) t (Done (Value parts n)) -> thread X es t ->
  (forall a e, In e es -> W3 W 0 a \/ W4 W 0 a -> hb X a e) -> accepted es n (steps L) parts.
Proof.
  intros D Q T Made. destruct (reader_of_runs (value_makes valid D) Q) as [[why E]|F]; [discriminate|].
  destruct F as (t0 & b & t1 & b' & -> & Lb & Lb' & Bu & Nz & Ac & (parts' & An & -> & R)).
  unfold verdict_of in R. destruct (valid parts') eqn:Va; [|discriminate]. injection R as <- ->.
  eapply accepted_loads; eauto. clear - An. induction An; cbn; auto.
Qed.

(** The same of a slice: its length is one of the loads, and there are as many elements as it says. *)
Theorem accepted_slice_is_attempt E valid tries p t b0 parts n es :
  slice_apart E -> runs p (slice_reader L E valid tries) t (Done (Value (b0 :: parts) n)) -> thread X es t ->
  (forall a e, In e es -> W3 W 0 a \/ W4 W 0 a -> hb X a e) ->
  exists count, length_of E b0 = Some count /\ accepted es n ((0, length_width E) :: accesses E count) (b0 :: parts).
Proof.
  intros D Q T Made. destruct (reader_of_runs (slice_makes valid D) Q) as [[why E']|F]; [discriminate|].
  destruct F as (t0 & b & t1 & b' & -> & Lb & Lb' & Bu & Nz & Ac & (b1 & parts' & Lb1 & An & -> & R)).
  unfold slice_steps in *. destruct (length_of E b1) as [count|] eqn:Ln; [|discriminate].
  unfold verdict_of in R. destruct (valid parts') eqn:Va; [|discriminate]. injection R as <- <- ->.
  exists count. split; auto.
  apply (@accepted_loads es t0 b b' (version L (number b)) ((0, length_width E) :: accesses E count) (b0 :: parts)); auto.
  - unfold loads. cbn [combine map fst snd]. rewrite Nat.add_0_r. exact T.
  - cbn. f_equal. clear - An. induction An; cbn; auto.
Qed.

End Bridge.
