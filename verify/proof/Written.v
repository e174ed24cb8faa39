(** * The writer as a program: its runs are the sections of Protocol.v. Each run is on one thread; that one is behind the other is what a claim gives
    (Claim.v). A run may end anywhere: its process was killed. *)

From Coq Require Import List NArith Arith Lia Bool Relations.
From Coq Require Import Strings.Byte.
Require Import Model Protocol Program Reader Trust Answers Bridge.
Require Claim.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

Section Trace.
Variable L : shape.

Definition stores to s bs := map (fun x => ASt Relaxed (shared (to + fst (fst x)) (snd (fst x))) (snd x)) (combine s bs).

(** All that a writer does that has found the word [b], and stores these parts: the steps w1 to w4, or l1 to l3. *)
Definition first_store (b : list byte) := if is_single L then [ASt Relaxed (word L) (encode (width L) (busy_word (number b)))] else [].
Definition last_word (b : list byte) := if is_single L then next_word L (number b) else ((number b + 1) mod top L)%N.
Definition to_buffer (b : list byte) := if is_single L then base L else buffer L (last_word b).
Definition written b bs := ALd Relaxed (word L) b :: first_store b ++ [AFn Release] ++ stores (to_buffer b) (steps L) bs ++
  [ASt Release (word L) (encode (width L) (last_word b))].

Lemma put_runs R to s p (k : prog R) t o : runs p (put to s k) t o ->
  (exists bs rest, stores to s bs = t ++ rest) \/ exists bs t', length bs = length s /\ t = stores to s bs ++ t' /\ runs p k t' o.
Proof.
  revert t. induction s as [|[x n] s IH]; intros t Q; cbn [put] in Q; [right; exists [], t; auto|].
  assert (Nothing : exists bs rest, stores to ((x, n) :: s) bs = [] ++ rest) by (exists []; eexists; reflexivity).
  inversion Q; subst; try discriminate; auto.
  match goal with Q : runs p (St _ _ _ _) _ _ |- _ => inversion Q; subst; try discriminate; auto end.
  match goal with Q : runs p (put _ _ _) _ _ |- _ => destruct (IH _ Q) as [(bs & rest & E)|(bs & t' & Len & -> & K)] end.
  - left. exists (bytes p (mine x n) :: bs), rest. unfold stores in *. cbn [combine map fst snd]. now rewrite E.
  - right. exists (bytes p (mine x n) :: bs), t'. split; [cbn; now rewrite Len|]. split; [reflexivity|exact K].
Qed.

(** A run is a beginning of that, and all of it if it ends. *)
Lemma writer_runs p t o : runs p (writer L) t o -> exists b bs rest, written b bs = t ++ rest.
Proof.
  intro Q. unfold writer in Q.
  assert (Load : forall b, exists b bs rest, written b bs = [] ++ rest) by (intro b; exists b, []; eexists; reflexivity).
  inversion Q; subst; try discriminate; try (apply (Load [])).
  - match goal with Q : runs p (if is_single L then _ else _) ?u _ |- _ => rename b into found; rename Q into K end. exists found.
    enough (G : exists bs rest, first_store found ++ [AFn Release] ++ stores (to_buffer found) (steps L) bs ++
      [ASt Release (word L) (encode (width L) (last_word found))] = t0 ++ rest).
    { destruct G as (bs & rest & E). exists bs, rest. unfold written. now rewrite E. }
    assert (End : forall v t o, runs p (St Release (word L) v (Ret tt)) t o -> exists rest, [ASt Release (word L) v] = t ++ rest).
    { clear. intros v t o Q. inversion Q; subst; try discriminate; [eexists; reflexivity|].
      match goal with Q : runs p (Ret _) _ _ |- _ => inversion Q; subst end; exists []; reflexivity. }
    assert (Put : forall t o to v, runs p (put to (steps L) (St Release (word L) v (Ret tt))) t o ->
      exists bs rest, stores to (steps L) bs ++ [ASt Release (word L) v] = t ++ rest).
    { clear - End. intros t o to v Q. destruct (put_runs Q) as [(bs & rest & E)|(bs & t' & _ & -> & K)].
      - exists bs, (rest ++ [ASt Release (word L) v]). now rewrite app_assoc, E.
      - destruct (End _ _ _ K) as [rest E]. exists bs, rest. now rewrite E, app_assoc. }
    unfold first_store, to_buffer, last_word in *. destruct (is_single L).
    + inversion K; subst; try discriminate; [exists []; eexists; reflexivity|].
      match goal with Q : runs p (Fn _ _) _ _ |- _ => inversion Q; subst end; [exists []; eexists; reflexivity|].
      match goal with Q : runs p (put _ _ _) _ _ |- _ => destruct (Put _ _ _ _ Q) as (bs & rest & E) end.
      exists bs, rest. cbn [app]. now rewrite E.
    + cbv zeta in K. inversion K; subst; [exists []; eexists; reflexivity|].
      match goal with Q : runs p (put _ _ _) _ _ |- _ => destruct (Put _ _ _ _ Q) as (bs & rest & E) end.
      exists bs, rest. cbn [app]. f_equal. exact E.
  - exists b, []. eexists. reflexivity.
Qed.

End Trace.

(** ** Sections *)
Section Sections.
Variables (X : execution) (L : shape) (payload : loc -> Prop).
(* the constructor's events, and those of the runs by their turns *)
Variable run : nat -> list event.
Let word := word_at L.

(** Each is a run of the writer, to its end or to where it was killed. Nothing else stores to word or payload, which lie apart. *)
Record writer_runs_only : Prop := {
  each_ran : forall i, exists p t o, runs p (writer L) t o /\ thread X (run (S i)) t;
  no_other : forall e x, is_write X e x -> payload x \/ x = word -> exists i, In e (run i);
  lie_apart : forall x, payload x -> x <> word }.
Hypothesis Only : writer_runs_only.

(** The steps, by what they do. *)
Definition steps_of_runs := {|
  W1 := fun i a => i <> 0 /\ In a (run i) /\ exists v, lab X a = Store Rlx word v;
  W2 := fun i a => In a (run i) /\ lab X a = Fence Rel;
  W3 := fun i a => In a (run i) /\ exists x, x <> word /\ is_write X a x;
  W4 := fun i a => In a (run i) /\ (i = 0 /\ is_write X a word \/ exists v, lab X a = Store Rel word v) |}.

(** A run up to its fence; from there on, where it comes so far; and its last store. *)
Record shaped es front behind last : Prop := {
  in_order : es = front ++ behind ++ last;
  order : ForallOrdPairs (sb X) es;
  front_word : forall a, In a front -> (exists v, lab X a = Load Rlx word v) \/ exists v, lab X a = Store Rlx word v;
  front_whole : behind = [] \/ (is_single L = true -> exists a v, In a front /\ lab X a = Store Rlx word v);
  behind_fence : behind = [] \/ exists f stores, behind = f :: stores /\ lab X f = Fence Rel /\ forall a, In a stores -> exists x v, lab X a = Store Rlx x v;
  last_release : last = [] \/ exists e v, last = [e] /\ lab X e = Store Rel word v }.

Lemma thread_labels es t a : thread X es t -> In a es -> In (lab X a) (flat_map label_of t).
Proof. intros [M _] I. rewrite <- M. now apply in_map. Qed.

Lemma run_shaped i : exists front behind last, shaped (run (S i)) front behind last.
Proof.
  destruct (each_ran Only i) as (p & t & o & Q & T). destruct (writer_runs Q) as (b & bs & rest & E). unfold written in E.
  set (front := ALd Relaxed (Reader.word L) b :: first_store L b) in *.
  set (S := stores (to_buffer L b) (steps L) bs) in *. set (fin := ASt Release (Reader.word L) (encode (width L) (last_word L b))) in *.
  change (front ++ [AFn Release] ++ S ++ [fin] = t ++ rest) in E. pose proof (proj2 T) as Or.
  assert (Front : forall u es a, (exists r, front = u ++ r) -> thread X es u -> In a es -> (exists v, lab X a = Load Rlx word v) \/ exists v, lab X a = Store Rlx word v).
  { intros u es a [r Eu] Tu I. pose proof (thread_labels Tu I) as Il.
    assert (In (lab X a) (flat_map label_of front)) by (rewrite Eu, flat_map_app; apply in_app_iff; auto).
    unfold front, first_store in H. destruct (is_single L); cbn in H; intuition; eauto. }
  assert (Stores : forall u es a, (exists r, S = u ++ r) -> thread X es u -> In a es -> exists x v, lab X a = Store Rlx x v).
  { intros u es a [r Eu] Tu I. pose proof (thread_labels Tu I) as Il.
    assert (H : In (lab X a) (flat_map label_of S)) by (rewrite Eu, flat_map_app; apply in_app_iff; auto).
    apply in_flat_map in H. destruct H as (y & Iy & H). unfold S, stores in Iy. apply in_map_iff in Iy. destruct Iy as (z & <- & _).
    cbn in H. destruct H as [<-|[]]. eauto. }
  destruct (app_eq_app _ _ _ _ E) as (l & [[Ef Er]|[Et Er]]).
  - (* it ended before its fence *)
    exists (run (Datatypes.S i)), [], []. split; auto.
    + now rewrite !app_nil_r.
    + intros a I. apply (Front t (run (Datatypes.S i))); auto. now exists l.
  - subst t. destruct (thread_app T) as (es1 & es2 & Es & T1 & T2 & _). rewrite Es in *.
    assert (F1 : forall a, In a es1 -> (exists v, lab X a = Load Rlx word v) \/ exists v, lab X a = Store Rlx word v).
    { intros a I. apply (Front front es1); auto. exists []. now rewrite app_nil_r. }
    assert (W1' : is_single L = true -> exists a v, In a es1 /\ lab X a = Store Rlx word v).
    { intro Si. destruct T1 as [M _]. unfold front, first_store in M. rewrite Si in M. cbn in M.
      destruct es1 as [|x [|y [|? ?]]]; try discriminate. injection M as _ M. exists y. eexists. split; [right; now left|exact M]. }
    destruct l as [|f l].
    + exists es1, [], es2. destruct T2 as [M _]. cbn in M. assert (es2 = []) as -> by (destruct es2; [auto|discriminate]).
      split; auto.
    + cbn [app] in Er. injection Er as <- Er. change (AFn Release :: l) with ([AFn Release] ++ l) in T2.
      destruct (thread_app T2) as (g & es3 & -> & Tg & T3 & _). apply thread_one with (1 := eq_refl) in Tg. destruct Tg as (e & -> & Le).
      destruct (app_eq_app _ _ _ _ Er) as (m & [[Es3 Er3]|[El Er3]]).
      * (* before its last store *)
        exists es1, (e :: es3), []. split; auto; [now rewrite app_nil_r|].
        right. exists e, es3. repeat split; auto. intros a I. apply (Stores l es3); auto. now exists m.
      * subst l. destruct (thread_app T3) as (es4 & es5 & -> & T4 & T5 & _).
        exists es1, (e :: es4), es5. split; auto.
        { right. exists e, es4. repeat split; auto. intros a I. apply (Stores S es4); auto. exists []. now rewrite app_nil_r. }
        destruct m as [|x m]; [left; destruct T5 as [M _]; cbn in M; destruct es5; [auto|discriminate]|].
        cbn [app] in Er3. injection Er3 as <- Em. assert (m = []) as -> by (destruct m; [auto|discriminate]).
        apply thread_one with (1 := eq_refl) in T5. destruct T5 as (e5 & -> & L5). right. exists e5. eauto.
Qed.

Lemma word_or_not a x v m : lab X a = Store m x v -> forall y, is_write X a y -> y = x.
Proof. intros E y [w Wy]. unfold writes in Wy. rewrite E in Wy. cbn in Wy. congruence. Qed.

(** The runs are sections, with the four stores of the steps. *)
Theorem written_is_section : (forall i j a b, i < j -> In a (run i) -> In b (run j) -> hb X a b) ->
  sections X shipped word payload steps_of_runs.
Proof.
  intro Turns. split; cbn [W1 W2 W3 W4 steps_of_runs w2_releases w4_releases shipped].
  - intros s x Ws Px. destruct (no_other Only Ws (or_introl Px)) as [i I]. exists i. split; auto. exists x. split; auto. exact (lie_apart Only Px).
  - intros e We. destruct (no_other Only We (or_intror eq_refl)) as [[|i] I]; [exists 0; right; auto|]. exists (S i).
    destruct (run_shaped i) as (front & behind & last & [Eq _ Fr _ Be La]). rewrite Eq, !in_app_iff in I.
    assert (Hl : forall v, lab X e = Store Rlx word v -> S i <> 0 /\ In e (run (S i)) /\ exists v, lab X e = Store Rlx word v).
    { intros v H. split; [auto|]. split; [|eauto]. rewrite Eq, !in_app_iff. exact I. }
    destruct I as [I|[I|I]].
    + destruct (Fr _ I) as [[v H]|[v H]]; [|left; eauto]. destruct We as [w We]. unfold writes in We. rewrite H in We. discriminate.
    + destruct Be as [->|(f & st & -> & Hf & Hs)]; [contradiction|]. destruct I as [<-|I].
      * destruct We as [w We]. unfold writes in We. rewrite Hf in We. discriminate.
      * destruct (Hs _ I) as (x & v & H). pose proof (word_or_not H We). subst x. left. eauto.
    + destruct La as [->|(e' & v & -> & H)]; [contradiction|]. destruct I as [<-|[]]. right. split; eauto. rewrite Eq, !in_app_iff. cbn. auto.
  - intros i e [_ [[_ We]|[v H]]]; auto. exists v. unfold writes. now rewrite H.
  - intros i s [I (x & Nx & Ws)]. destruct (run_shaped i) as (front & behind & last & [Eq Or Fr _ Be La]).
    rewrite Eq, !in_app_iff in I. destruct I as [I|[I|I]].
    + exfalso. destruct (Fr _ I) as [[v H]|[v H]]; [destruct Ws as [w Ws]; unfold writes in Ws; rewrite H in Ws; discriminate|].
      apply Nx. exact (word_or_not H Ws).
    + destruct Be as [->|(f & st & -> & Hf & Hs)]; [contradiction|]. exists f. split; [split; [|exact Hf]; rewrite Eq, !in_app_iff; cbn; auto|].
      destruct I as [<-|I]; [exfalso; destruct Ws as [w Ws]; unfold writes in Ws; rewrite Hf in Ws; discriminate|].
      rewrite Eq in Or. destruct (pairs_app Or) as (_ & O2 & _). destruct (pairs_app O2) as (O3 & _ & _).
      inversion O3 as [|? ? A _]; subst. rewrite Forall_forall in A. auto.
    + exfalso. destruct La as [->|(e & v & -> & H)]; [contradiction|]. destruct I as [<-|[]]. apply Nx. exact (word_or_not H Ws).
  - intros i s e [I (x & Nx & Ws)] [Ie [[E0 _]|[v He]]]; [discriminate|]. destruct (run_shaped i) as (front & behind & last & [Eq Or Fr _ Be La]).
    rewrite Eq, !in_app_iff in I, Ie.
    assert (Il : In e last).
    { destruct Ie as [Ie|[Ie|Ie]]; auto; exfalso.
      - destruct (Fr _ Ie) as [[w H]|[w H]]; rewrite H in He; discriminate.
      - destruct Be as [->|(f & st & -> & Hf & Hs)]; [contradiction|]. destruct Ie as [<-|Ie]; [rewrite Hf in He; discriminate|].
        destruct (Hs _ Ie) as (y & w & H). rewrite H in He. discriminate. }
    assert (Ns : ~ In s last).
    { intro Is. destruct La as [->|(e' & w & -> & H)]; [contradiction|]. destruct Is as [<-|[]]. apply Nx. exact (word_or_not H Ws). }
    rewrite Eq, app_assoc in Or. destruct (pairs_app Or) as (_ & _ & C). apply C; auto. rewrite in_app_iff. tauto.
  - intros _ i f [_ H]. now rewrite H.
  - intros _ i e [_ [[E0 _]|[v H]]]; [discriminate|]. now rewrite H.
  - intros i j a b Lt A B. assert (In_run : forall i a, in_section steps_of_runs i a -> In a (run i)).
    { clear. intros i a [(_ & I & _)|[(I & _)|[(I & _)|(I & _)]]]; auto. }
    apply (Turns i j); auto.
Qed.

(** In a region of one buffer each fence has the busy word before it. *)
Theorem written_is_busy_first : is_single L = true -> forall i f, W2 steps_of_runs (S i) f -> exists a, W1 steps_of_runs (S i) a /\ sb X a f.
Proof.
  intros Si i f [I Hf]. destruct (run_shaped i) as (front & behind & last & [Eq Or Fr Wh Be La]). cbn [W1 steps_of_runs].
  rewrite Eq, !in_app_iff in I. assert (Ib : In f behind).
  { destruct I as [I|[I|I]]; auto; exfalso.
    - destruct (Fr _ I) as [[v H]|[v H]]; rewrite H in Hf; discriminate.
    - destruct La as [->|(e & v & -> & H)]; [contradiction|]. destruct I as [<-|[]]. rewrite H in Hf. discriminate. }
  destruct Wh as [->|Wh]; [contradiction|]. destruct (Wh Si) as (a & v & Ia & Ha). exists a. split.
  - split; [auto|]. split; [rewrite Eq, in_app_iff; auto|eauto].
  - rewrite Eq in Or. destruct (pairs_app Or) as (_ & _ & C). apply C; auto. rewrite in_app_iff. auto.
Qed.

(** Their turns are those of the claims that they were made under. *)
Corollary claimed_is_section byte free made claim back : consistent X -> Claim.claims X byte free made claim back ->
  (forall n a, In a (run (S n)) -> exists c, Claim.turn X made claim back n c /\ (a = c \/ hb X c a) /\ forall u, back c u -> a = u \/ hb X a u) ->
  (forall a c, In a (run 0) -> Claim.turn X made claim back 0 c -> hb X a c) -> sections X shipped word payload steps_of_runs.
Proof.
  intros C Cl Inside First. apply written_is_section. intros i j a b Lt A B.
  set (W := {| W1 := fun i a => In a (run i); W2 := fun _ _ => False; W3 := fun _ _ => False; W4 := fun _ _ => False |}).
  apply (Claim.claims_order_sections C Cl (W := W)) with i j; auto; try (now left).
  - intros n x [I|[[]|[[]|[]]]]. auto.
  - intros x c [I|[[]|[[]|[]]]]. auto.
Qed.

End Sections.
