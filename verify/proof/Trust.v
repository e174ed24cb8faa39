(** * For all answers: whatever the other side does to the region, a reader stays inside of it, ends, returns what was judged, and nothing but
    what it was answered; and a writer shows data bytes alone. No memory model is in here. *)

From Coq Require Import List NArith Arith Lia Bool.
From Coq Require Import Strings.Byte.
Require Import Program Reader.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** What inspection has established of a shape: constants, which no later answer changes. *)
Record placed (L : shape) (size : nat) : Prop := {
  word_inside : word_at L + width L <= size;
  state_inside : state_at L + state_width L <= size;
  some_buffer : (0 < buffers L)%N;
  buffers_inside : base L + N.to_nat (buffers L) * stride L <= size;
  private_inside : private_size L <= stride L;
  steps_inside : Forall (fun s => fst s + snd s <= private_size L) (steps L) }.

Definition apart (s s' : nat * nat) := fst s + snd s <= fst s' \/ fst s' + snd s' <= fst s.
Definition disjoint := ForallOrdPairs apart.

(** ** All of a finite program, at once *)
Section Safe.
Variables (R : Type) (size private_size : nat).

Inductive safe : nat -> prog R -> Prop :=
| s_ret n r : safe n (Ret r)
| s_fn n m k : safe n k -> safe (S n) (Fn m k)
| s_ask n k : (forall b, safe n (k b)) -> safe (S n) (Ask k)
| s_ld n m a k : of a = Shared -> fits size a -> (forall b, length b = len a -> safe n (k b)) -> safe (S n) (Ld m a k)
| s_own n m a k : of a = Own -> fits private_size a -> (forall b, length b = len a -> safe n (k b)) -> safe n (Ld m a k)
| s_put n m a b k : of a = Own -> fits private_size a -> safe n k -> safe n (St m a b k)
| s_st n m a b k : of a = Shared -> fits size a -> safe n k -> safe (S n) (St m a b k).

Lemma safe_le n n' q : safe n q -> n <= n' -> safe n' q.
Proof.
  intro H. revert n'. induction H; intros n' Le;
    [apply s_ret|destruct n'; [lia|apply s_fn]|destruct n'; [lia|apply s_ask]|destruct n'; [lia|apply s_ld]
    |apply s_own|apply s_put|destruct n'; [lia|apply s_st]]; auto with arith.
Qed.

Lemma safe_inside n q : safe n q -> inside size q.
Proof.
  intros H p t o Q. revert p t o Q. induction H; intros p t o Q; inversion Q; subst; eauto using bytes_length; try congruence; constructor; cbn; eauto.
Qed.

Lemma safe_bounded n q : safe n q -> bounded n q.
Proof.
  intros H p t o Q. revert p t o Q.
  induction H; intros p t o Q; inversion Q; subst; cbn [length]; try congruence; try lia; try apply le_n_S; eauto using bytes_length.
Qed.

Lemma safe_owned n q : safe n q -> owned private_size q.
Proof. induction 1; constructor; auto; intro; congruence. Qed.

End Safe.

(** ** The reader *)
Section Reader.
Variables (L : shape) (size : nat).
Hypothesis P : placed L size.

Lemma buffer_inside w o n : o + n <= private_size L -> fits size (shared (buffer L w + o) n).
Proof.
  intro H. unfold fits, shared, buffer. cbn. pose proof (some_buffer P). pose proof (buffers_inside P). pose proof (private_inside P).
  assert (N.to_nat (w mod buffers L) < N.to_nat (buffers L)) by (pose proof (N.mod_lt w (buffers L)); lia).
  assert (N.to_nat (w mod buffers L) * stride L + stride L <= N.to_nat (buffers L) * stride L) by nia. lia.
Qed.

Section Safe.
Variable R : Type.
Notation safe := (@safe R size (private_size L)).

Lemma word_safe n m k : (forall b, safe n (k b)) -> safe (S n) (Ld m (word L) k).
Proof. intro H. apply s_ld; auto. apply (word_inside P). Qed.

Lemma copy_safe w s n (k : prog R) : Forall (fun s => fst s + snd s <= private_size L) s -> safe n k -> safe (length s + n) (copy (buffer L w) s k).
Proof.
  intros I K. induction I as [|[o l] s H _ IH]; cbn; auto. apply s_ld; auto using buffer_inside. intros. apply s_put; auto.
Qed.

Lemma collect_safe s n (k : list (list byte) -> prog R) :
  Forall (fun s => fst s + snd s <= private_size L) s -> (forall parts, safe n (k parts)) -> safe n (collect s k).
Proof. intro I. revert k. induction I as [|[o l] s H _ IH]; intros k K; cbn; auto. apply s_own; auto. Qed.

Lemma put_safe w s n (k : prog R) : Forall (fun s => fst s + snd s <= private_size L) s -> safe n k -> safe (length s + n) (put (buffer L w) s k).
Proof.
  intros I K. induction I as [|[o l] s H _ IH]; cbn [put length plus]; auto. apply s_own; auto.
  intros. apply s_st; auto using buffer_inside.
Qed.

Lemma look_safe n (gone late again : prog R) : safe n gone -> safe n late -> safe n again -> safe (7 + n) (look L gone late again).
Proof.
  intros G T A. assert (Time : safe (S n) (Ask (fun is_late : bool => if is_late then late else again))).
  { apply s_ask. now intros []. }
  apply s_ask. intros []; [|eapply safe_le; eauto; lia]. apply word_safe. intro b. apply s_fn.
  destruct (busy L (number b)); [|eapply safe_le; eauto; lia]. apply s_ask. intros []; [|eapply safe_le; eauto; lia].
  apply word_safe. intro b'. apply s_fn. destruct (_ =? _)%N; auto. eapply safe_le; eauto.
Qed.

Lemma attempt_safe c n take (hit : N -> prog R) miss :
  (forall w n k, safe n k -> safe (c + n) (take w k)) -> (forall v, safe n (hit v)) -> (forall why, safe n (miss why)) ->
  safe (c + 4 + n) (attempt_at L take hit miss).
Proof.
  intros T H M. replace (c + 4 + n) with (S (S (c + S (S n)))) by lia. apply word_safe. intro b. apply s_fn.
  destruct (busy L (number b)); [eapply safe_le; eauto; lia|]. destruct (_ =? _)%N; [eapply safe_le; eauto; lia|].
  apply T, s_fn, word_safe. intro b'. destruct (accepts L _ _); auto.
Qed.
End Safe.

Lemma state_safe n k : (forall s, safe size (private_size L) n (k s)) -> safe size (private_size L) (2 + n) (state L k).
Proof. intro K. apply s_ld; auto; [apply (state_inside P)|]. intros s _. apply s_fn, K. Qed.

Lemma explain_safe : safe size (private_size L) 6 (explain L).
Proof.
  apply (state_safe (n := 4)). intro s. apply word_safe. intro b. destruct (_ && _); [apply s_ret|]. apply s_ask. intros []; [|apply s_ret].
  apply (state_safe (n := 0)). intro. apply s_ret.
Qed.

Lemma reader_of_safe c take found tries :
  (forall w n k, safe size (private_size L) n k -> safe size (private_size L) (c + n) (take w k)) ->
  (forall v, safe size (private_size L) 0 (found v)) ->
  safe size (private_size L) (tries * (c + 11)) (reader_of L take found tries).
Proof.
  intros T F. induction tries as [|tries IH]; [apply s_ret|].
  cbn [reader_of]. replace (S tries * (c + 11)) with (c + 4 + (7 + tries * (c + 11))) by (cbn; lia).
  apply attempt_safe; auto.
  - intro v. eapply safe_le; eauto. lia.
  - assert (A : forall why, safe size (private_size L) (7 + tries * (c + 11)) (look L (Ret (Error WriterGone)) (Ret (Error why))
        match tries with 0 => Ret (Error why) | S _ => reader_of L take found tries end)).
    { intro why. apply look_safe; try apply s_ret. destruct tries; [apply s_ret|exact IH]. }
    intros []; auto. eapply safe_le; [apply explain_safe|lia].
Qed.

Lemma judged_safe valid v : safe size (private_size L) 0 (judged L valid v).
Proof. apply collect_safe; [apply (steps_inside P)|]. intro parts. destruct (valid parts); apply s_ret. Qed.

Lemma reader_safe valid tries : safe size (private_size L) (tries * (length (steps L) + 11)) (reader L valid tries).
Proof. apply reader_of_safe; [|apply judged_safe]. intros w n k K. apply copy_safe; auto. apply (steps_inside P). Qed.

Lemma writer_safe : safe size (private_size L) (length (steps L) + 4) (writer L).
Proof.
  replace (length (steps L) + 4) with (S (S (S (length (steps L) + 1)))) by lia. apply word_safe. intro b.
  assert (W : forall m v, safe size (private_size L) 1 (St m (word L) v (Ret tt))).
  { intros. apply s_st; auto; [apply (word_inside P)|apply s_ret]. }
  destruct (is_single L).
  - apply s_st; auto; [apply (word_inside P)|]. apply s_fn.
    replace (base L) with (buffer L 0) by (unfold buffer; rewrite N.mod_0_l; [cbn; lia|pose proof (some_buffer P); lia]).
    apply put_safe; auto. apply (steps_inside P).
  - apply s_fn. eapply safe_le; [apply put_safe; [apply (steps_inside P)|apply W]|lia].
Qed.

(** A slice, whatever length is there: at most [most] accesses. *)
Definition slice_placed E most := length_width E <= private_size L /\ forall n, n <= capacity E ->
  Forall (fun s => fst s + snd s <= private_size L) (accesses E n) /\ length (accesses E n) <= most.

Lemma length_of_le E b n : length_of E b = Some n -> n <= capacity E.
Proof. unfold length_of. destruct (N.ltb_spec (N.of_nat (capacity E)) (number b)); intro Eq; inversion Eq; lia. Qed.

Lemma slice_safe E most valid tries : slice_placed E most -> safe size (private_size L) (tries * (1 + most + 11)) (slice_reader L E valid tries).
Proof.
  intros [Len I]. apply reader_of_safe.
  - intros w n k K. cbn [Nat.add]. apply s_ld; auto.
    { rewrite <- (Nat.add_0_r (buffer L w)). now apply buffer_inside. }
    intros b _. apply s_put; [auto|exact Len|]. destruct (length_of E b) as [m|] eqn:Lm; [|eapply safe_le; [exact K|lia]].
    destruct (I _ (length_of_le Lm)) as [In Few]. eapply safe_le; [apply copy_safe; [exact In|exact K]|lia].
  - intro v. apply s_own; [auto|exact Len|]. intros b _. destruct (length_of E b) as [m|] eqn:Lm; [|apply s_ret].
    destruct (I _ (length_of_le Lm)) as [In _]. apply collect_safe; auto. intro parts. destruct (valid parts); apply s_ret.
Qed.

(** A look-up, whatever stamps and keys are there. *)
Record table_placed (T : table) : Prop := {
  some_slot : (0 < slots T)%N;
  slots_inside : slots_at T + N.to_nat (slots T) * slot_size T <= stride L;
  stamp_in_slot : 8 <= slot_size T;
  keys_in_slot : Forall (fun s => key_at T + fst s + snd s <= slot_size T) (key_steps T);
  values_in_slot : Forall (fun s => value_at T + fst s + snd s <= slot_size T) (value_steps T);
  stamp_in_own : 8 <= private_size L;
  values_in_own : Forall (fun s => fst s + snd s <= private_size L) (value_steps T) }.

Lemma slot_inside T w i o n : table_placed T -> o + n <= slot_size T -> fits size (shared (slot L T w i + o) n).
Proof.
  intros I H. unfold fits, shared, slot, buffer. cbn. pose proof (some_slot I). pose proof (slots_inside I).
  pose proof (some_buffer P). pose proof (buffers_inside P).
  assert (N.to_nat (i mod slots T) < N.to_nat (slots T)) by (pose proof (N.mod_lt i (slots T)); lia).
  assert (N.to_nat (w mod buffers L) < N.to_nat (buffers L)) by (pose proof (N.mod_lt w (buffers L)); lia).
  assert (N.to_nat (i mod slots T) * slot_size T + slot_size T <= N.to_nat (slots T) * slot_size T) by nia.
  assert (N.to_nat (w mod buffers L) * stride L + stride L <= N.to_nat (buffers L) * stride L) by nia. lia.
Qed.

(** The most that each slot takes, and then the value. *)
Definition search_bound T more := more * (3 + length (key_steps T)) + length (value_steps T).

Lemma load_all_safe R from s n (k : list (list byte) -> prog R) : Forall (fun s => fits size (shared (from + fst s) (snd s))) s ->
  (forall parts, safe size (private_size L) n (k parts)) -> safe size (private_size L) (length s + n) (load_all from s k).
Proof.
  intro I. revert k. induction I as [|[o l] s H _ IH]; intros k K; cbn; auto. apply s_ld; auto.
Qed.

Lemma search_safe T R wanted w i step more n (k : prog R) : table_placed T -> safe size (private_size L) n k ->
  safe size (private_size L) (search_bound T more + n) (search L T wanted w i step more k).
Proof.
  intros I K. assert (None : forall m b, n <= m -> safe size (private_size L) m (St Relaxed stamp_of b k)).
  { intros m b Le. apply s_put; [auto|exact (stamp_in_own I)|]. eapply safe_le; eauto. }
  revert i step. induction more as [|more IH]; intros i step; cbn [search]; [apply None; unfold search_bound; lia|].
  unfold search_bound in *. replace (S more * (3 + length (key_steps T)) + length (value_steps T) + n)
    with (S (length (key_steps T) + (S (S (more * (3 + length (key_steps T)) + length (value_steps T) + n))))) by (cbn; lia).
  apply s_ld; auto. { rewrite <- (Nat.add_0_r (slot L T w i)). apply slot_inside; auto. apply (stamp_in_slot I). }
  intros stamp _. destruct (_ =? _)%N; [apply None; lia|]. apply load_all_safe.
  { eapply Forall_impl; [|exact (keys_in_slot I)]. intros [o l] H. rewrite <- Nat.add_assoc. now apply slot_inside. }
  intro key. destruct (wanted key).
  - apply s_put; [auto|exact (stamp_in_own I)|]. eapply safe_le with (n := length (value_steps T) + n); [|lia].
    assert (C : forall s, Forall (fun s => value_at T + fst s + snd s <= slot_size T) s -> Forall (fun s => fst s + snd s <= private_size L) s ->
      safe size (private_size L) (length s + n) (copy (slot L T w i + value_at T) s k)).
    { induction s as [|[o l] s IHs]; intros F G; cbn; auto. inversion F; inversion G; subst. cbn in *.
      apply s_ld; auto. { rewrite <- Nat.add_assoc. now apply slot_inside. } intros. apply s_put; auto. }
    apply C; [exact (values_in_slot I)|exact (values_in_own I)].
  - destruct (_ =? _); [|eapply safe_le; [apply IH|lia]]. apply s_fn, word_safe. intro b. destruct (accepts L w (number b)); [apply IH|].
    apply None. lia.
Qed.

Lemma look_up_safe T wanted hash valid tries : table_placed T ->
  safe size (private_size L) (tries * (search_bound T (N.to_nat (slots T)) + 11)) (look_up L T wanted hash valid tries).
Proof.
  intro I. apply reader_of_safe.
  - intros w n k K. now apply search_safe.
  - intro v. apply s_own; [auto|exact (stamp_in_own I)|]. intros b _. destruct (_ =? _)%N; [apply s_ret|].
    apply collect_safe; [exact (values_in_own I)|]. intro parts. destruct (valid parts); apply s_ret.
Qed.

End Reader.
