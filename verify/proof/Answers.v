(** * What a reader returns: the answers that it got, judged; and what a writer shows. For all answers, as Trust.v. *)

From Coq Require Import List NArith Arith Lia Bool.
From Coq Require Import Strings.Byte.
Require Import Program Reader Trust.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

Ltac step H := inversion H; subst; clear H; try discriminate; try (exfalso; congruence).
Ltac next := match goal with
  | Q : runs _ (Ret _) _ _ |- _ => step Q | Q : runs _ (Fn _ _) _ _ |- _ => step Q | Q : runs _ (Ask _) _ _ |- _ => step Q
  | Q : runs _ (Ld _ _ _) _ _ |- _ => step Q | Q : runs _ (St _ _ _ _) _ _ |- _ => step Q end.

(** ** What own memory has after a copy *)
Definition stored_at (p : own) (s : nat * nat) b := bytes p (mine (fst s) (snd s)) = b.
Definition loads from s bs := map (fun x => ALd Relaxed (shared (from + fst (fst x)) (snd (fst x))) (snd x)) (combine s bs).
Definition answers (s : list (nat * nat)) (bs : list (list byte)) := Forall2 (fun s b => length b = snd s) s bs.

Lemma update_same p o n b : length b = n -> bytes (update p (mine o n) b) (mine o n) = b.
Proof.
  intros <-. unfold bytes, update, mine. cbn [at_ len].
  apply nth_ext with x00 x00; rewrite map_length, seq_length; auto. intros i Hi.
  rewrite nth_indep with (d' := (fun j => if (o <=? j) && (j <? o + length b) then nth (j - o) b x00 else p j) 0)
    by now rewrite map_length, seq_length.
  rewrite map_nth with (d := 0), seq_nth by auto.
  destruct (Nat.leb_spec o (o + i)); [|lia]. destruct (Nat.ltb_spec (o + i) (o + length b)); [|lia]. cbn. f_equal. lia.
Qed.

Lemma update_other p s s' b : apart s s' -> bytes (update p (mine (fst s) (snd s)) b) (mine (fst s') (snd s')) = bytes p (mine (fst s') (snd s')).
Proof.
  intro A. unfold bytes, update, mine, apart in *. cbn [at_ len]. apply map_ext_in. intros i Hi. apply in_seq in Hi.
  destruct (Nat.leb_spec (fst s) i); auto. destruct (Nat.ltb_spec i (fst s + snd s)); auto. lia.
Qed.

Section Parts.
Variable R : Type.

(** A run through a copy has one answer for each access, and leaves it in own memory; what lies elsewhere there stays. *)
Lemma copy_runs from s p (k : prog R) t r : disjoint s -> runs p (copy from s k) t (Done r) ->
  exists bs t' p', answers s bs /\ t = loads from s bs ++ t' /\ runs p' k t' (Done r) /\ Forall2 (stored_at p') s bs /\
    forall s', Forall (fun x => apart x s') s -> bytes p' (mine (fst s') (snd s')) = bytes p (mine (fst s') (snd s')).
Proof.
  revert p t. induction s as [|[o n] s IH]; intros p t D Q; cbn [copy] in Q.
  - exists [], t, p. repeat split; auto; constructor.
  - inversion D as [|? ? A D']; subst. step Q. match goal with Q : runs _ (St _ _ _ _) _ _ |- _ => step Q end.
    match goal with Q : runs _ (copy _ _ _) _ _ |- _ => destruct (IH _ _ D' Q) as (bs & t' & p' & An & -> & K & St & Keep) end.
    exists (b :: bs), t', p'. repeat split; auto.
    + constructor; auto.
    + constructor; auto. unfold stored_at. rewrite Keep; [now apply update_same|]. rewrite Forall_forall in *. intros x X. specialize (A _ X). unfold apart in *. lia.
    + intros s' F. inversion F; subst. rewrite Keep; auto. now apply (@update_other p (o, n) s' b).
Qed.

Lemma collect_runs s p (k : list (list byte) -> prog R) t r bs :
  Forall2 (stored_at p) s bs -> runs p (collect s k) t (Done r) -> runs p (k bs) t (Done r).
Proof.
  intro F. revert k. induction F as [|[o n] b s bs St _ IH]; intros k Q; cbn [collect] in Q; auto.
  step Q. unfold stored_at in St. cbn [fst snd] in St.
  match goal with Q : runs _ (collect _ _) _ _ |- _ => rewrite St in Q; now apply (IH (fun parts => k (b :: parts))) end.
Qed.

(** Whatever these answers are, there is a run with them. *)
Lemma copy_goes from s bs p : disjoint s -> answers s bs -> exists p', Forall2 (stored_at p') s bs /\
  (forall s', Forall (fun x => apart x s') s -> bytes p' (mine (fst s') (snd s')) = bytes p (mine (fst s') (snd s'))) /\
  forall (k : prog R) t o, runs p' k t o -> runs p (copy from s k) (loads from s bs ++ t) o.
Proof.
  intros D A. revert p. induction A as [|[o n] b s bs Lb A IH]; intro p; [exists p; repeat split; auto; constructor|].
  inversion D as [|? ? Ap D']; subst. destruct (IH D' (update p (mine o n) b)) as (p' & St & Keep & Go). exists p'. split; [|split].
  - constructor; auto. unfold stored_at. rewrite Keep; [now apply update_same|]. rewrite Forall_forall in *. intros x X. specialize (Ap _ X). unfold apart in *. lia.
  - intros s' F. inversion F; subst. rewrite Keep; auto. now apply (@update_other p (o, n) s' b).
  - intros k t out Q. cbn [copy]. apply r_ld; auto. apply r_put; auto.
Qed.

Lemma collect_goes s p (k : list (list byte) -> prog R) t o bs :
  Forall2 (stored_at p) s bs -> runs p (k bs) t o -> runs p (collect s k) t o.
Proof.
  intro F. revert k. induction F as [|[x n] b s bs St _ IH]; intros k Q; cbn [collect]; auto.
  apply r_own; auto. unfold stored_at in St. cbn [fst snd] in St. rewrite St. now apply (IH (fun parts => k (b :: parts))).
Qed.

Lemma loads_same from s bs bs' t t' : answers s bs -> answers s bs' -> loads from s bs ++ t = loads from s bs' ++ t' -> bs = bs' /\ t = t'.
Proof.
  intro A. revert bs'. induction A as [|[o n] b s bs L A IH]; intros bs' A' E; step A'; auto.
  unfold loads in E. cbn in E. injection E as -> E. destruct (IH _ H3 E) as [-> ->]. auto.
Qed.

End Parts.

(** ** A reader's value is of its last attempt *)

Section Reader.
Variable L : shape.

(** One attempt that succeeded, as the other side sees it. *)
Definition attempted (b : list byte) (t : list act) (b' : list byte) :=
  [ALd Relaxed (word L) b; AFn Acquire] ++ t ++ [AFn Acquire; ALd Relaxed (word L) b'].

(** What [take] loads of the buffer of a word, and what [found] makes of it: [makes w t n r]. *)
Section Of.
Variables (take : N -> prog result -> prog result) (found : N -> prog result).
Variable makes : N -> list act -> N -> result -> Prop.

(** A run through [take] and what comes behind it, and then through [found], makes a result of the loads in between. *)
Hypothesis Makes : forall w k p t r, runs p (take w k) t (Done r) ->
  exists t1 t2 p', t = t1 ++ t2 /\ runs p' k t2 (Done r) /\ forall n t3 r', runs p' (found n) t3 (Done r') -> t3 = [] /\ makes w t1 n r'.

Definition is_found t (r : result) := exists t0 b t1 b', t = t0 ++ attempted b t1 b' /\
  length b = width L /\ length b' = width L /\ busy L (number b) = false /\ number b <> 0%N /\ accepts L (number b) (number b') = true /\
  makes (number b) t1 (version L (number b)) r.

Lemma look_runs p gone late again t (r : result) : runs p (look L (Ret (Error gone)) (Ret (Error late)) again) t (Done r) ->
  (exists why, r = Error why) \/ exists t0 t', t = t0 ++ t' /\ runs p again t' (Done r).
Proof.
  intro Q. assert (Time : forall t, runs p (Ask (fun b : bool => if b then Ret (Error late) else again)) t (Done r) ->
    (exists why, r = Error why) \/ exists t0 t', t = t0 ++ t' /\ runs p again t' (Done r)).
  { clear. intros t Q. step Q. destruct b; [step H1; eauto|]. right. exists [AAsk false]. eexists. split; [reflexivity|eassumption]. }
  assert (More : forall x t1, (exists why, r = Error why) \/ (exists t0 t', t1 = t0 ++ t' /\ runs p again t' (Done r)) ->
    (exists why, r = Error why) \/ (exists t0 t', x :: t1 = t0 ++ t' /\ runs p again t' (Done r))).
  { clear. intros x t1 [E|(t0 & t' & -> & Q)]; auto. right. exists (x :: t0), t'. auto. }
  unfold look in Q. next. apply More. match goal with b : bool |- _ => destruct b end; [|now apply Time].
  next. apply More. next. apply More. destruct (busy L _); [|now apply Time]. next. apply More.
  match goal with b : bool |- _ => destruct b end; [|now apply Time].
  next. apply More. next. apply More. destruct (_ =? _)%N; [next; eauto|now apply Time].
Qed.

Lemma reader_of_runs tries p t r : runs p (reader_of L take found tries) t (Done r) -> (exists why, r = Error why) \/ is_found t r.
Proof.
  revert p t. induction tries as [|tries IH]; intros p t Q; cbn [reader_of] in Q; [next; eauto|].
  unfold attempt_at in Q. next. next.
  assert (Miss : forall why p t0 t1, runs p (match why with Empty => explain L | _ => look L (Ret (Error WriterGone)) (Ret (Error why))
      match tries with 0 => Ret (Error why) | S _ => reader_of L take found tries end end) t1 (Done r) ->
      (exists why, r = Error why) \/ is_found (t0 ++ t1) r).
  { clear - IH. intros why p t0 t1 Q. assert (Again : forall why, runs p (look L (Ret (Error WriterGone)) (Ret (Error why))
      match tries with 0 => Ret (Error why) | S _ => reader_of L take found tries end) t1 (Done r) -> (exists why, r = Error why) \/ is_found (t0 ++ t1) r).
    { clear Q why. intros why Q. destruct (look_runs Q) as [E|(t2 & t3 & -> & Q')]; auto.
      assert (Q2 : (exists why, r = Error why) \/ runs p (reader_of L take found tries) t3 (Done r)) by (destruct tries; [next; eauto|auto]).
      destruct Q2 as [E|Q2]; auto. destruct (IH _ _ Q2) as [E|(t4 & b & t5 & b' & -> & F)]; auto.
      right. exists (t0 ++ t2 ++ t4), b, t5, b'. rewrite <- !app_assoc. auto. }
    destruct why; try exact (Again _ Q). left. unfold explain, state in Q. do 3 next.
    destruct (_ && _); [next; eauto|]. next. match goal with b : bool |- _ => destruct b end; [do 3 next|next]; eauto. }
  match goal with Lb : length ?b = len (word L), Q : runs _ (if busy _ _ then _ else _) _ _ |- _ => rename b into found_word; rename Q into K end.
  destruct (busy L (number found_word)) eqn:Bu; [now apply (Miss Busy p [_; _])|].
  destruct (N.eqb_spec (number found_word) 0) as [Z|Z]; [now apply (Miss Empty p [_; _])|].
  destruct (Makes K) as (t1 & t2 & p' & -> & K' & F). next. next.
  match goal with Q : runs p' (if accepts _ _ (number ?b) then _ else _) _ _ |- _ => rename b into last_word; rename Q into K'' end.
  destruct (accepts L (number found_word) (number last_word)) eqn:Ac.
  - right. destruct (F _ _ _ K'') as [-> M]. exists [], found_word, t1, last_word. unfold attempted. cbn [app].
    rewrite <- ?app_assoc. repeat split; auto.
  - apply (Miss Torn p' ([ALd Relaxed (word L) found_word; AFn Acquire] ++ t1 ++ [AFn Acquire; ALd Relaxed (word L) last_word])) in K''.
    rewrite <- !app_assoc in K''. exact K''.
Qed.

End Of.
End Reader.

(** ** What is returned follows from the answers *)

Section Blind.
Variable L : shape.
Variables (take : N -> prog result -> prog result) (found : N -> prog result).
Definition agree (q q' : own) := forall n t r r', runs q (found n) t (Done r) -> runs q' (found n) t (Done r') -> r = r'.
Hypothesis Twice : forall w k p p' t r r', runs p (take w k) t (Done r) -> runs p' (take w k) t (Done r') ->
  exists q q' t', runs q k t' (Done r) /\ runs q' k t' (Done r') /\ agree q q'.

Lemma look_blind p p' gone late again t (r r' : result) :
  (forall t, runs p again t (Done r) -> runs p' again t (Done r') -> r = r') ->
  runs p (look L (Ret gone) (Ret late) again) t (Done r) -> runs p' (look L (Ret gone) (Ret late) again) t (Done r') -> r = r'.
Proof.
  intros A Q Q'. assert (Time : forall t, runs p (Ask (fun b : bool => if b then Ret late else again)) t (Done r) ->
    runs p' (Ask (fun b : bool => if b then Ret late else again)) t (Done r') -> r = r').
  { clear Q Q'. intros u Q Q'. next. next. match goal with b : bool |- _ => destruct b end; eauto. next. next. auto. }
  unfold look in Q, Q'. next. next. match goal with b : bool |- _ => destruct b end; eauto.
  do 4 next. destruct (busy L _); eauto. next. next. match goal with b : bool |- _ => destruct b end; eauto.
  do 4 next. destruct (_ =? _)%N; eauto. next. next. auto.
Qed.

Lemma reader_of_blind tries : blind (reader_of L take found tries).
Proof.
  induction tries as [|tries IH]; intros p p' t r r' Q Q'; cbn [reader_of] in *; [next; next; auto|].
  unfold attempt_at in *. do 4 next.
  assert (Miss : forall why p p' t, let q := match why with Empty => explain L | _ => look L (Ret (Error WriterGone)) (Ret (Error why))
      match tries with 0 => Ret (Error why) | S _ => reader_of L take found tries end end in
      runs p q t (Done r) -> runs p' q t (Done r') -> r = r').
  { clear - IH. intros why p p' t q Q Q'. assert (Again : forall why t, let q := match tries with 0 => Ret (Error why) | S _ => reader_of L take found tries end in
      runs p q t (Done r) -> runs p' q t (Done r') -> r = r').
    { clear - IH. intros why t q Q Q'. subst q. destruct tries; [next; next; auto|eapply IH; eauto]. }
    destruct why; subst q; try (eapply look_blind; [|exact Q|exact Q']; intros; eapply Again; eauto).
    unfold explain, state in Q, Q'. do 6 next. destruct (_ && _); [do 2 next; auto|]. do 2 next.
    match goal with b : bool |- _ => destruct b end; [do 6 next|do 2 next]; auto. }
  match goal with Q : runs p (if busy _ (number ?b) then _ else _) _ _, Q' : runs p' _ _ _ |- _ => rename b into word1, Q into K, Q' into K' end.
  destruct (busy L (number word1)); [eapply (Miss Busy); eauto|].
  destruct (_ =? _)%N; [eapply (Miss Empty); eauto|].
  destruct (Twice K K') as (q & q' & u & M & M' & A). do 4 next.
  match goal with Q : runs q (if accepts _ _ (number ?b) then _ else _) _ _, Q' : runs q' _ _ _ |- _ => rename b into word2, Q into U, Q' into U' end.
  destruct (accepts L _ _); [eapply A; eauto|eapply (Miss Torn); eauto].
Qed.

End Blind.

(** ** The readers of values and of slices *)

Section Readers.
Variable L : shape.
Variable valid : list (list byte) -> bool.
Definition verdict_of parts n := if valid parts then Value parts n else Error Invalid.

Definition of_value w t n r := exists parts, answers (steps L) parts /\ t = loads (buffer L w) (steps L) parts /\ r = verdict_of parts n.

Lemma judge_runs s p n t r bs : Forall2 (stored_at p) s bs ->
  runs p (collect s (fun parts => if valid parts then Ret (Value parts n) else Ret (Error Invalid))) t (Done r) -> t = [] /\ r = verdict_of bs n.
Proof.
  intros F Q. apply collect_runs with (1 := F) in Q. unfold verdict_of. destruct (valid bs); next; auto.
Qed.

Lemma value_makes : disjoint (steps L) -> forall w k p t (r : result), runs p (copy (buffer L w) (steps L) k) t (Done r) ->
  exists t1 t2 p', t = t1 ++ t2 /\ runs p' k t2 (Done r) /\
    forall n t3 r', runs p' (judged L valid n) t3 (Done r') -> t3 = [] /\ of_value w t1 n r'.
Proof.
  intros D w k p t r Q. destruct (copy_runs D Q) as (bs & t' & p' & A & -> & K & St & _).
  exists (loads (buffer L w) (steps L) bs), t', p'. split; [auto|split; auto]. intros n t3 r' J. destruct (judge_runs St J) as [-> ->].
  split; auto. now exists bs.
Qed.

Lemma value_twice : disjoint (steps L) -> forall w k p p' t (r r' : result),
  runs p (copy (buffer L w) (steps L) k) t (Done r) -> runs p' (copy (buffer L w) (steps L) k) t (Done r') ->
  exists q q' t', runs q k t' (Done r) /\ runs q' k t' (Done r') /\ agree (judged L valid) q q'.
Proof.
  intros D w k p p' t r r' Q Q'. destruct (copy_runs D Q) as (bs & t1 & q & A & -> & K & St & _).
  destruct (copy_runs D Q') as (bs' & t1' & q' & A' & E & K' & St' & _).
  destruct (loads_same A A' E) as [<- <-]. exists q, q', t1. split; [auto|split; auto].
  intros n t3 u u' J J'. destruct (judge_runs St J) as [_ ->], (judge_runs St' J') as [_ ->]. auto.
Qed.

(** Where the word is quiet, the first attempt has the value. *)
Lemma quiet_goes p tries b parts : disjoint (steps L) -> length b = width L -> busy L (number b) = false -> number b <> 0%N ->
  answers (steps L) parts -> valid parts = true ->
  runs p (reader L valid (S tries)) (attempted L b (loads (buffer L (number b)) (steps L) parts) b) (Done (Value parts (version L (number b)))).
Proof.
  intros D Lb Bu Nz A V. unfold reader. cbn [reader_of]. unfold attempt_at, attempted. cbn [app].
  apply r_ld; auto. apply r_fn. rewrite Bu. destruct (N.eqb_spec (number b) 0); [contradiction|].
  destruct (copy_goes result (buffer L (number b)) p D A) as (p' & St & _ & Go). apply Go. apply r_fn, r_ld; auto.
  assert (Ac : accepts L (number b) (number b) = true).
  { unfold accepts. pose proof (number_bound b). rewrite Lb in *. fold (top L) in *.
    replace (number b + top L - number b)%N with (top L) by lia. rewrite N.mod_same by lia. now apply N.leb_le, N.le_0_l. }
  rewrite Ac. unfold judged. apply collect_goes with (1 := St). rewrite V. constructor.
Qed.

(** What a slice is made of: the length that was loaded, and as many elements. *)
Variable E : slice.
Definition slice_steps b := match length_of E b with None => [] | Some n => accesses E n end.
Definition of_slice w t n r := exists b parts, length b = length_width E /\ answers (slice_steps b) parts /\
  t = ALd Relaxed (shared (buffer L w) (length_width E)) b :: loads (buffer L w) (slice_steps b) parts /\
  r = match length_of E b with None => Error Invalid | Some _ => match verdict_of parts n with Value _ _ => Value (b :: parts) n | e => e end end.

(** The accesses lie apart, and apart from the length. *)
Definition slice_apart := forall n, n <= capacity E -> disjoint (accesses E n) /\ Forall (fun s => apart s (0, length_width E)) (accesses E n).

Lemma slice_copied : slice_apart -> forall from k p t (r : result), runs p (take_slice E from k) t (Done r) ->
  exists b parts t2 p', length b = length_width E /\ answers (slice_steps b) parts /\
    t = ALd Relaxed (shared from (length_width E)) b :: loads from (slice_steps b) parts ++ t2 /\ runs p' k t2 (Done r) /\
    stored_at p' (0, length_width E) b /\ Forall2 (stored_at p') (slice_steps b) parts.
Proof.
  intros D from k p t r Q. unfold take_slice in Q. next. next. exists b. unfold slice_steps. destruct (length_of E b) as [n|] eqn:Ln.
  - destruct (D n (length_of_le Ln)) as [Di Be].
    match goal with Q : runs _ (copy _ _ _) _ _ |- _ => destruct (copy_runs Di Q) as (bs & t' & p' & A & -> & K & St & Keep) end.
    exists bs, t', p'. repeat split; auto. unfold stored_at. rewrite (Keep (0, length_width E)) by auto. now apply update_same.
  - match goal with Q : runs ?p _ _ _ |- _ => exists [], t0, p end. repeat split; auto; try constructor. unfold stored_at. now apply update_same.
Qed.

Lemma slice_judged p b parts n t r : stored_at p (0, length_width E) b -> Forall2 (stored_at p) (slice_steps b) parts ->
  runs p (judged_slice E valid n) t (Done r) -> t = [] /\
  r = match length_of E b with None => Error Invalid | Some _ => match verdict_of parts n with Value _ _ => Value (b :: parts) n | e => e end end.
Proof.
  intros Sb Sp J. unfold judged_slice in J. next. unfold stored_at in Sb. cbn [fst snd] in Sb. rewrite Sb in *.
  unfold slice_steps in Sp. destruct (length_of E b); [|next; auto].
  match goal with J : runs _ (collect _ _) _ _ |- _ => apply collect_runs with (1 := Sp) in J end.
  unfold verdict_of. destruct (valid parts); next; auto.
Qed.

Lemma slice_makes : slice_apart -> forall w k p t (r : result), runs p (take_slice E (buffer L w) k) t (Done r) ->
  exists t1 t2 p', t = t1 ++ t2 /\ runs p' k t2 (Done r) /\
    forall n t3 r', runs p' (judged_slice E valid n) t3 (Done r') -> t3 = [] /\ of_slice w t1 n r'.
Proof.
  intros D w k p t r Q. destruct (slice_copied D Q) as (b & parts & t2 & p' & Lb & A & -> & K & Sb & Sp).
  exists (ALd Relaxed (shared (buffer L w) (length_width E)) b :: loads (buffer L w) (slice_steps b) parts), t2, p'. split; [auto|split; auto].
  intros n t3 r' J. destruct (slice_judged Sb Sp J) as [-> ->]. split; auto. now exists b, parts.
Qed.

Lemma slice_twice : slice_apart -> forall w k p p' t (r r' : result),
  runs p (take_slice E (buffer L w) k) t (Done r) -> runs p' (take_slice E (buffer L w) k) t (Done r') ->
  exists q q' t', runs q k t' (Done r) /\ runs q' k t' (Done r') /\ agree (judged_slice E valid) q q'.
Proof.
  intros D w k p p' t r r' Q Q'. destruct (slice_copied D Q) as (b & bs & t1 & q & Lb & A & -> & K & Sb & Sp).
  destruct (slice_copied D Q') as (b' & bs' & t1' & q' & Lb' & A' & Eq & K' & Sb' & Sp').
  injection Eq as <- Eq. destruct (loads_same A A' Eq) as [<- <-]. exists q, q', t1. split; [auto|split; auto].
  intros n t3 u u' J J'. destruct (slice_judged Sb Sp J) as [_ ->], (slice_judged Sb' Sp' J') as [_ ->]. auto.
Qed.

(** What a look-up returns: that there is no such entry, or a stamp that is not 0, and a value that was judged. *)
Variable T : table.
Variable wanted : list (list byte) -> bool.
Definition of_found n r := r = Value [none] n \/ exists stamp parts, number stamp <> 0%N /\ length stamp = 8 /\ answers (value_steps T) parts /\
  r = match verdict_of parts n with Value _ _ => Value (stamp :: parts) n | e => e end.

(** The accesses of a value lie apart in own memory, and apart from the stamp. *)
Definition table_apart := disjoint (value_steps T) /\ Forall (fun s => apart s (0, 8)) (value_steps T).

Lemma load_all_runs R from s p (k : list (list byte) -> prog R) t r : runs p (load_all from s k) t (Done r) ->
  exists bs t', answers s bs /\ t = loads from s bs ++ t' /\ runs p (k bs) t' (Done r).
Proof.
  revert k t. induction s as [|[o n] s IH]; intros k t Q; cbn [load_all] in Q; [exists [], t; repeat split; auto; constructor|].
  next. match goal with Q : runs _ (load_all _ _ _) _ _ |- _ => destruct (IH _ _ Q) as (bs & t' & A & -> & K) end.
  exists (b :: bs), t'. repeat split; auto. constructor; auto.
Qed.

Lemma none_found R p (k : prog R) t r : runs p (St Relaxed stamp_of none k) t (Done r) ->
  exists p', runs p' k t (Done r) /\ stored_at p' (0, 8) none.
Proof. intro Q. next. eexists. split; [eassumption|]. now apply update_same. Qed.

(** A run through a search, and what own memory has then. *)
Definition left p' := stored_at p' (0, 8) none \/ exists stamp parts, number stamp <> 0%N /\ length stamp = 8 /\
  stored_at p' (0, 8) stamp /\ answers (value_steps T) parts /\ Forall2 (stored_at p') (value_steps T) parts.

Lemma search_runs : table_apart -> forall more w i step p (k : prog result) t r, runs p (search L T wanted w i step more k) t (Done r) ->
  exists t1 t2 p', t = t1 ++ t2 /\ runs p' k t2 (Done r) /\ left p'.
Proof.
  intros [Di Be]. assert (None : forall p (k : prog result) t0 t r, runs p (St Relaxed stamp_of none k) t (Done r) ->
    exists t1 t2 p', t0 ++ t = t1 ++ t2 /\ runs p' k t2 (Done r) /\ left p').
  { intros p k t0 t r Q. destruct (none_found Q) as (p' & K & S). exists t0, t, p'. repeat split; auto. now left. }
  induction more as [|more IH]; intros w i step p k t r Q; cbn [search] in Q; [now apply (None p k [])|].
  next. match goal with Q : runs _ (if (number ?b =? 0)%N then _ else _) ?u _ |- _ => rename b into stamp; rename u into rest; rename Q into K;
    destruct (N.eqb_spec (number stamp) 0) as [Z|Z]; [apply (None p k [ALd Relaxed (shared (slot L T w i) 8) stamp]) in K; exact K|] end.
  destruct (load_all_runs K) as (key & t' & _ & -> & K2).
  assert (More : forall x y, (exists t1 t2 p', y = t1 ++ t2 /\ runs p' k t2 (Done r) /\ left p') ->
    exists t1 t2 p', x ++ y = t1 ++ t2 /\ runs p' k t2 (Done r) /\ left p').
  { clear. intros x y (t1 & t2 & p' & -> & H). exists (x ++ t1), t2, p'. split; [apply app_assoc|exact H]. }
  apply (More [_]), More. destruct (wanted key).
  - next. match goal with Q : runs _ (copy _ _ _) _ _ |- _ => destruct (copy_runs Di Q) as (parts & t2 & p' & A & -> & K3 & St & Keep) end.
    eexists. exists t2, p'. split; [reflexivity|]. split; auto. right. exists stamp, parts.
    assert (stored_at p' (0, 8) stamp) by (unfold stored_at; rewrite (Keep (0, 8)) by auto; now apply update_same).
    repeat (split; auto).
  - destruct (_ =? _).
    + next. next. match goal with Q : runs _ (if accepts _ _ _ then _ else _) _ _ |- _ => rename Q into K3 end.
      apply (More [_]), (More [_]). destruct (accepts L w _); [now apply (IH _ _ _ _ _ _ _ K3)|exact (None p k [] _ _ K3)].
    + now apply (IH _ _ _ _ _ _ _ K2).
Qed.

Lemma none_number : (number none =? 0)%N = true.
Proof. reflexivity. Qed.

Lemma found_judged p n t r : left p -> runs p (judged_found T valid n) t (Done r) -> t = [] /\ of_found n r.
Proof.
  intros Lf J. unfold judged_found in J. next. destruct Lf as [S|(stamp & parts & Nz & Len & S & A & F)].
  - unfold stored_at in S. change (mine (fst (0, 8)) (snd (0, 8))) with stamp_of in S. rewrite S, none_number in *. next. split; auto. now left.
  - unfold stored_at in S. change (mine (fst (0, 8)) (snd (0, 8))) with stamp_of in S. rewrite S in *.
    destruct (N.eqb_spec (number stamp) 0); [contradiction|].
    match goal with J : runs _ (collect _ _) _ _ |- _ => apply collect_runs with (1 := F) in J end.
    assert (t = [] /\ r = match verdict_of parts n with Value _ _ => Value (stamp :: parts) n | e => e end) as [-> ->]
      by (unfold verdict_of; destruct (valid parts); next; auto).
    split; auto. right. exists stamp, parts. auto.
Qed.

Lemma found_makes hash : table_apart -> forall w k p t (r : result),
  runs p (search L T wanted w (hash mod slots T)%N 0 (N.to_nat (slots T)) k) t (Done r) ->
  exists t1 t2 p', t = t1 ++ t2 /\ runs p' k t2 (Done r) /\
    forall n t3 r', runs p' (judged_found T valid n) t3 (Done r') -> t3 = [] /\ of_found n r'.
Proof.
  intros D w k p t r Q. destruct (search_runs D Q) as (t1 & t2 & p' & -> & K & Lf). exists t1, t2, p'. split; [auto|split; auto].
  intros n t3 r' J. exact (found_judged Lf J).
Qed.

(** Two runs with the same answers leave the same. *)
Definition alike p p' := (stored_at p (0, 8) none /\ stored_at p' (0, 8) none) \/ exists stamp parts, number stamp <> 0%N /\
  (stored_at p (0, 8) stamp /\ Forall2 (stored_at p) (value_steps T) parts) /\ (stored_at p' (0, 8) stamp /\ Forall2 (stored_at p') (value_steps T) parts).

Lemma search_twice : table_apart -> forall more w i step p p' (k : prog result) t r r',
  runs p (search L T wanted w i step more k) t (Done r) -> runs p' (search L T wanted w i step more k) t (Done r') ->
  exists q q' t', runs q k t' (Done r) /\ runs q' k t' (Done r') /\ alike q q'.
Proof.
  intros [Di Be]. assert (None : forall p p' (k : prog result) t r r', runs p (St Relaxed stamp_of none k) t (Done r) ->
    runs p' (St Relaxed stamp_of none k) t (Done r') -> exists q q' t', runs q k t' (Done r) /\ runs q' k t' (Done r') /\ alike q q').
  { intros p p' k t r r' Q Q'. destruct (none_found Q) as (q & K & S), (none_found Q') as (q' & K' & S'). exists q, q', t. repeat split; auto. left. auto. }
  induction more as [|more IH]; intros w i step p p' k t r r' Q Q'; cbn [search] in Q, Q'; [eauto|].
  next. next. match goal with Q : runs p (if (number ?b =? 0)%N then _ else _) _ _ |- _ => rename b into stamp end.
  destruct (N.eqb_spec (number stamp) 0) as [Z|Z]; [eauto|].
  match goal with Q : runs p (load_all _ _ _) _ _, Q' : runs p' (load_all _ _ _) _ _ |- _ =>
    destruct (load_all_runs Q) as (key & t1 & A & Eq & K), (load_all_runs Q') as (key' & t1' & A' & Eq' & K') end.
  subst. destruct (loads_same A A' Eq') as [<- <-]. destruct (wanted key).
  - next. next. match goal with Q : runs (update p _ _) _ _ _, Q' : runs (update p' _ _) _ _ _ |- _ =>
      destruct (copy_runs Di Q) as (parts & t2 & q & An & -> & K2 & St & Keep), (copy_runs Di Q') as (parts' & t2' & q' & An' & Eq2 & K2' & St' & Keep') end.
    destruct (loads_same An An' Eq2) as [<- <-]. exists q, q', t2. repeat split; auto. right. exists stamp, parts. split; auto.
    split; split; auto; unfold stored_at; [rewrite (Keep (0, 8)) by auto|rewrite (Keep' (0, 8)) by auto]; now apply update_same.
  - destruct (_ =? _); [|eauto]. next. next. next. next. destruct (accepts L w _); eauto.
Qed.

Lemma found_twice hash : table_apart -> forall w k p p' t (r r' : result), let q := search L T wanted w (hash mod slots T)%N 0 (N.to_nat (slots T)) k in
  runs p q t (Done r) -> runs p' q t (Done r') ->
  exists q q' t', runs q k t' (Done r) /\ runs q' k t' (Done r') /\ agree (judged_found T valid) q q'.
Proof.
  intros D w k p p' t r r' s Q Q'. destruct (search_twice D Q Q') as (q & q' & u & K & K' & Al). exists q, q', u. split; [auto|split; auto].
  intros n t3 v v' J J'. unfold judged_found in J, J'. next. next.
  destruct Al as [[S S']|(stamp & parts & Nz & [S F] & [S' F'])]; unfold stored_at in S, S';
    change (mine (fst (0, 8)) (snd (0, 8))) with stamp_of in S, S'; rewrite S, S' in *; [rewrite none_number in *; next; next; auto|].
  destruct (N.eqb_spec (number stamp) 0); [contradiction|].
  match goal with J : runs q (collect _ _) _ _, J' : runs q' (collect _ _) _ _ |- _ =>
    apply collect_runs with (1 := F) in J; apply collect_runs with (1 := F') in J' end.
  destruct (valid parts); next; next; auto.
Qed.

End Readers.

(** ** The writer shows data bytes alone *)

Definition same_data L (p p' : own) := Forall (fun s => bytes p (mine (fst s) (snd s)) = bytes p' (mine (fst s) (snd s))) (steps L).

Lemma put_silent R to s (k : prog R) p p' t o :
  Forall (fun s => bytes p (mine (fst s) (snd s)) = bytes p' (mine (fst s) (snd s))) s ->
  (forall t o, runs p k t o -> exists o', runs p' k t o') -> runs p (put to s k) t o -> exists o', runs p' (put to s k) t o'.
Proof.
  intros A K. revert t o. induction s as [|[x n] s IH]; intros t o Q; cbn [put] in *; eauto.
  inversion A as [|? ? Eq A']; subst. cbn [fst snd] in Eq.
  inversion Q; subst; try discriminate; [exists Halted; constructor|].
  match goal with Q : runs p (St _ _ _ _) _ _ |- _ => inversion Q; subst; try discriminate end; [exists Halted; constructor|].
  match goal with Q : runs p (put _ _ _) _ _ |- _ => destruct (IH A' _ _ Q) as [o' Q'] end.
  exists o'. apply r_own; auto. rewrite <- Eq. apply r_st; auto.
Qed.

Lemma end_silent (p p' : own) m a b t o : of a = Shared -> runs p (St m a b (Ret tt)) t o -> exists o', runs p' (St m a b (Ret tt)) t o'.
Proof.
  intros S Q. inversion Q; subst; try congruence; [exists Halted; constructor|].
  match goal with Q : runs p (Ret _) _ _ |- _ => inversion Q; subst end;
    [exists (Done tt); apply r_st; [auto|constructor]|exists Halted; apply r_st; [auto|constructor]].
Qed.

Lemma writer_silent L : silent (same_data L) (writer L).
Proof.
  intros p p' t o A Q. unfold writer in *. inversion Q; subst; try discriminate; [exists Halted; constructor| |exists Trap; now constructor].
  match goal with Q : runs p _ ?t _ |- exists _, runs _ _ (?x :: ?t) _ => rename Q into K;
    enough (G : exists o', runs p' (if is_single L then
      St Relaxed (word L) (encode (width L) (busy_word (number b))) (Fn Release
        (put (base L) (steps L) (St Release (word L) (encode (width L) (next_word L (number b))) (Ret tt))))
      else let n := ((number b + 1) mod top L)%N in
        Fn Release (put (buffer L n) (steps L) (St Release (word L) (encode (width L) n) (Ret tt)))) t o') end.
  { destruct G as [o' Q']. exists o'. apply r_ld; auto. }
  assert (End : forall v t o, runs p (St Release (word L) v (Ret tt)) t o -> exists o', runs p' (St Release (word L) v (Ret tt)) t o').
  { intros v u o' Q'. eapply end_silent; eauto. }
  destruct (is_single L).
  - inversion K; subst; try discriminate; [exists Halted; constructor|].
    match goal with Q : runs p (Fn _ _) _ _ |- _ => inversion Q; subst end; [exists Halted; apply r_st; auto; constructor|].
    match goal with Q : runs p (put _ _ _) _ _ |- _ => apply (put_silent A (End _)) in Q; destruct Q as [o' Q'] end.
    exists o'. apply r_st; auto. now apply r_fn.
  - cbv zeta in *. inversion K; subst; [exists Halted; constructor|].
    match goal with Q : runs p (put _ _ _) _ _ |- _ => apply (put_silent A (End _)) in Q; destruct Q as [o' Q'] end.
    exists o'. now apply r_fn.
Qed.
