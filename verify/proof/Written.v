(** * The writer as a program: its runs are the sections of Protocol.v, and of a region of one buffer what SeqLock.v assumes of an honest writer. Each run
    is on one thread; that one is behind the other is what a claim gives (Claim.v). A run may end anywhere: its process was killed. *)

From Coq Require Import List NArith Arith Lia Bool Relations.
From Coq Require Import Strings.Byte.
Require Import Model Protocol Program Reader Trust Answers Bridge Honest.
Require Claim SeqLock.
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

(** A run is a beginning of that. The word has its width, unless nothing follows its load, at which the process was killed. *)
Lemma writer_runs p t o : runs p (writer L) t o -> exists b bs rest, written b bs = t ++ rest /\ (length b = width L \/ length t <= 1).
Proof.
  intro Q. unfold writer in Q.
  assert (Load : exists b bs rest, written b bs = [] ++ rest /\ (length b = width L \/ 0 <= 1)) by (exists [], []; eexists; split; [reflexivity|lia]).
  inversion Q; subst; try discriminate; try apply Load.
  - match goal with Q : runs p (if is_single L then _ else _) ?u _ |- _ => rename b into found; rename Q into K end. exists found.
    enough (G : exists bs rest, first_store found ++ [AFn Release] ++ stores (to_buffer found) (steps L) bs ++
      [ASt Release (word L) (encode (width L) (last_word found))] = t0 ++ rest).
    { destruct G as (bs & rest & E). exists bs, rest. split; [unfold written; now rewrite E|left; assumption]. }
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
  - exists b, []. eexists. split; [reflexivity|right; cbn; lia].
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
  destruct (each_ran Only i) as (p & t & o & Q & T). destruct (writer_runs Q) as (b & bs & rest & E & _). unfold written in E.
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

(** ** What a writer stores, as numbers *)
Lemma number_encode len n : number (encode len n) = (n mod 256 ^ N.of_nat len)%N.
Proof.
  revert n. induction len as [|len IH]; intro n; [now rewrite N.mod_1_r|]. cbn [encode number]. rewrite IH, Nat2N.inj_succ, N.pow_succ_r'.
  assert (B : Byte.to_N (byte_of n) = (n mod 256)%N).
  { unfold byte_of. pose proof (N.mod_lt n 256). destruct (Byte.of_N (n mod 256)) eqn:E; [now apply Byte.to_of_N|].
    apply Byte.of_N_None_iff in E. lia. }
  rewrite B, N.mod_mul_r by (try lia; apply N.pow_nonzero; lia). reflexivity.
Qed.

Section Words.
Variables (L : shape) (half : nat).
Hypothesis Tp : N.to_nat (top L) = 2 * half.
Hypothesis Hh : 1 < half.

Lemma bits_encode n : (n < top L)%N -> bits (encode (width L) n) = N.to_nat n.
Proof. intro H. unfold bits. rewrite number_encode. fold (top L). now rewrite N.mod_small. Qed.

Lemma busy_nat n : N.to_nat (busy_word n) = SeqLock.busy (N.to_nat n).
Proof. unfold busy_word, SeqLock.busy. rewrite N2Nat.inj_add, N2Nat.inj_mul, N2Nat.inj_div. reflexivity. Qed.

Lemma busy_below n : (n < top L)%N -> (busy_word n < top L)%N.
Proof.
  intro H. assert (N.to_nat (busy_word n) < N.to_nat (top L)); [|lia]. rewrite busy_nat, Tp. unfold SeqLock.busy.
  assert (N.to_nat n < 2 * half) by lia. pose proof (Nat.div_lt_upper_bound (N.to_nat n) 2 half). lia.
Qed.

Lemma busy_bits b : length b = width L -> bits (encode (width L) (busy_word (number b))) = SeqLock.busy (bits b).
Proof. intro E. rewrite bits_encode by (apply busy_below, bits_bound, E). apply busy_nat. Qed.

Lemma next_bits b : length b = width L -> bits (encode (width L) (next_word L (number b))) =
  let next := (SeqLock.busy (bits b) + 1) mod (2 * half) in if next =? 0 then 2 else next.
Proof.
  intro E. cbv zeta. unfold next_word. cbv zeta. set (m := ((busy_word (number b) + 1) mod top L)%N).
  assert (Em : N.to_nat m = (SeqLock.busy (bits b) + 1) mod (2 * half)).
  { unfold m. rewrite N2Nat.inj_mod, N2Nat.inj_add, busy_nat, Tp. reflexivity. }
  rewrite <- Em. assert (Lt : (m < top L)%N) by (apply N.mod_lt; lia).
  destruct (N.eqb_spec m 0) as [Z|Z]; destruct (Nat.eqb_spec (N.to_nat m) 0) as [Z'|Z']; try lia.
  - rewrite bits_encode by lia. reflexivity.
  - now apply bits_encode.
Qed.

(** The two stores, by the number that the word stands for. *)
Lemma busy_code b c : length b = width L -> bits b = SeqLock.skip_zero (2 * half) c ->
  bits (encode (width L) (busy_word (number b))) = SeqLock.skip_zero (2 * half) (SeqLock.after c SeqLock.Stopped).
Proof. intros E B. rewrite (busy_bits E), B. now apply SeqLock.busy_skips. Qed.

Lemma next_code b c : length b = width L -> bits b = SeqLock.skip_zero (2 * half) c ->
  bits (encode (width L) (next_word L (number b))) = SeqLock.skip_zero (2 * half) (SeqLock.after c SeqLock.Complete).
Proof. intros E B. rewrite (next_bits E), B. cbn [SeqLock.after]. rewrite (SeqLock.busy_skips c Hh). now rewrite SeqLock.next_skips. Qed.
End Words.

(** ** The runs of the writer of one buffer, as the sections of a lock *)
Section Parity.
Variables (X : execution) (L : shape) (payload : loc -> Prop) (run : nat -> list event) (half c0 : nat).
Let word := word_at L.
Let code := SeqLock.skip_zero (2 * half).
Hypothesis Only : writer_runs_only X L payload run.
Hypothesis C : consistent X.
Hypothesis Si : is_single L = true.
Hypothesis Tp : N.to_nat (top L) = 2 * half.
Hypothesis Hh : 1 < half.
Hypothesis Apart : forall s, In s (steps L) -> base L + fst s <> word.
Hypothesis Turns : forall i j a b, i < j -> In a (run i) -> In b (run j) -> hb X a b.
(* the constructor has stored a word, once *)
Hypothesis Made : exists e, In e (run 0) /\ writes X e word (code c0) /\ forall a, In a (run 0) -> is_write X a word -> a = e.

Definition busy_label b := Store Rlx word (bits (encode (width L) (busy_word (number b)))).
Definition next_label b := Store Rel word (bits (encode (width L) (next_word L (number b)))).

(** Nothing, the load, or the load and the busy word, what does not store to the word, and the next word at most. *)
Lemma run_steps i : exists b, run (S i) = [] \/ exists r, lab X r = Load Rlx word (bits b) /\ (run (S i) = [r] \/ length b = width L /\
  exists a tail last, run (S i) = r :: a :: tail ++ last /\ lab X a = busy_label b /\ (forall x y, In x tail -> is_write X x y -> y <> word) /\
    (last = [] \/ exists e, last = [e] /\ lab X e = next_label b)).
Proof.
  destruct (each_ran Only i) as (p & t & o & Q & T). destruct (writer_runs Q) as (b & bs & rest & E & Wd). exists b.
  unfold written, first_store, last_word, to_buffer in E. rewrite Si in E. cbn [app] in E.
  destruct t as [|x t]; [left; destruct T as [M _]; destruct (run (S i)); [auto|discriminate]|]. right.
  cbn [app] in E. injection E as <- E. change (?x :: t) with ([x] ++ t) in T.
  destruct (thread_app T) as (er & es & Er & Tr & Te & _). apply thread_one with (1 := eq_refl) in Tr. destruct Tr as (r & -> & Lr).
  exists r. split; [exact Lr|]. rewrite Er. destruct t as [|x t].
  { left. destruct Te as [M _]. destruct es; [auto|discriminate]. }
  right. split; [destruct Wd as [Wd|Wd]; [exact Wd|cbn in Wd; lia]|].
  cbn [app] in E. injection E as <- E. change (?x :: t) with ([x] ++ t) in Te.
  destruct (thread_app Te) as (ea & es' & -> & Ta & Te' & _). apply thread_one with (1 := eq_refl) in Ta. destruct Ta as (a & -> & La).
  exists a. set (F := AFn Release :: stores (base L) (steps L) bs) in *.
  set (fin := ASt Release (Reader.word L) (encode (width L) (next_word L (number b)))) in *.
  change (F ++ [fin] = t ++ rest) in E.
  assert (Others : forall u es, (exists v, F = u ++ v) -> thread X es u -> forall x y, In x es -> is_write X x y -> y <> word).
  { clear - Apart. intros u es [v Eu] T x y I Wy. pose proof (thread_labels T I) as Il.
    assert (H : In (lab X x) (flat_map label_of F)) by (rewrite Eu, flat_map_app; apply in_app_iff; auto).
    cbn [F flat_map label_of app] in H. destruct H as [H|H].
    - destruct Wy as [w Wy]. unfold writes in Wy. rewrite <- H in Wy. discriminate.
    - apply in_flat_map in H. destruct H as (z & Iz & H). unfold stores in Iz. apply in_map_iff in Iz. destruct Iz as (q & <- & Iq).
      destruct H as [H|[]]. rewrite (word_or_not (eq_sym H) Wy). apply Apart. destruct q as [s' part]. exact (in_combine_l _ _ _ _ Iq). }
  destruct (app_eq_app _ _ _ _ E) as (l & [[Ef Er']|[Et Er']]).
  - exists es', []. rewrite app_nil_r. split; [reflexivity|]. split; [exact La|]. split; [|auto]. apply (Others t); auto. now exists l.
  - subst t. destruct (thread_app Te') as (tail & last & -> & T1 & T2 & _). exists tail, last. split; [reflexivity|]. split; [exact La|].
    split; [apply (Others F); auto; exists []; now rewrite app_nil_r|].
    destruct l as [|f l]; [left; destruct T2 as [M _]; destruct last; [auto|discriminate]|].
    cbn [app] in Er'. injection Er' as <- El. assert (l = []) as -> by (destruct l; [auto|discriminate]).
    apply thread_one with (1 := eq_refl) in T2. destruct T2 as (e & -> & Le). right. exists e. auto.
Qed.

Definition is_first e := match lab X e with Store Rlx x _ => x =? word | _ => false end.
Definition is_last e := match lab X e with Store Rel x _ => x =? word | _ => false end.
Definition out i := match i with
  | 0 => SeqLock.Complete
  | _ => if existsb is_last (run i) then SeqLock.Complete else if existsb is_first (run i) then SeqLock.Stopped else SeqLock.Cancelled
  end.
Fixpoint cur i := match i with 0 => c0 | S j => SeqLock.after (cur j) (out (S j)) end.

Let W := steps_of_runs X L run.
Let P : sections X shipped word payload W := written_is_section Only Turns.

Lemma no_store e l : lab X e = Load Rlx word l -> forall y, ~ is_write X e y.
Proof. intros E y [w Wy]. unfold writes in Wy. rewrite E in Wy. discriminate. Qed.

(** Which stores to the word a run has, and how it has ended. *)
Definition word_stores i := out (S i) = SeqLock.Cancelled /\ (forall x y, In x (run (S i)) -> ~ is_write X x y) \/
  exists b r a, In r (run (S i)) /\ lab X r = Load Rlx word (bits b) /\ length b = width L /\ In a (run (S i)) /\ lab X a = busy_label b /\ sb X r a /\
    (forall x, In x (run (S i)) -> x <> r -> sb X r x) /\
    (out (S i) = SeqLock.Stopped /\ (forall x, In x (run (S i)) -> is_write X x word -> x = a) \/
     out (S i) = SeqLock.Complete /\ exists e, In e (run (S i)) /\ lab X e = next_label b /\ sb X a e /\
       forall x, In x (run (S i)) -> is_write X x word -> x = a \/ x = e).

Lemma stores_of_run i : word_stores i.
Proof.
  unfold word_stores, out. destruct (each_ran Only i) as (p & t & o & _ & T). pose proof (proj2 T) as Or. clear p t o T.
  destruct (run_steps i) as (b & [E|(r & Lr & [E|(Lb & a & tail & last & E & La & Tl & Las)])]); rewrite E in *.
  - left. split; [reflexivity|]. intros x y [].
  - left. split; [cbn; unfold is_first, is_last; now rewrite Lr|]. intros x y [<-|[]]. now apply (no_store Lr).
  - right. exists b, r, a. inversion Or as [|? ? Ra Or2]; subst. rewrite Forall_forall in Ra.
    split; [now left|]. split; [exact Lr|]. split; [exact Lb|]. split; [right; now left|]. split; [exact La|]. split; [apply Ra; now left|].
    split; [intros x [<-|I] N; [now destruct N|now apply Ra]|].
    assert (Fa : is_first a = true) by (unfold is_first; rewrite La; apply Nat.eqb_refl).
    assert (Na : is_last a = false) by (unfold is_last; now rewrite La).
    assert (Nr : is_last r = false) by (unfold is_last; now rewrite Lr).
    assert (Nt : existsb is_last tail = false).
    { apply not_true_is_false. intro H. apply existsb_exists in H. destruct H as (x & I & H). unfold is_last in H.
      destruct (lab X x) as [| [] y v | |] eqn:Lx; try discriminate. apply Nat.eqb_eq in H. subst y.
      apply (Tl x word I); [exists v; unfold writes; now rewrite Lx|reflexivity]. }
    assert (Only_a : forall x, In x (r :: a :: tail) -> is_write X x word -> x = a).
    { intros x [<-|[<-|I]] Wx; [now destruct (no_store Lr Wx)|auto|now destruct (Tl x word I Wx)]. }
    destruct Las as [->|(e & -> & Le)].
    + left. rewrite app_nil_r. split; [cbn; rewrite Nr, Na, Nt, Fa; cbn; now rewrite orb_true_r|exact Only_a].
    + right. assert (Fe : is_last e = true) by (unfold is_last; rewrite Le; apply Nat.eqb_refl).
      split; [cbn; rewrite Nr, Na, existsb_app, Nt; cbn; now rewrite Fe|]. exists e.
      split; [right; right; apply in_app_iff; right; now left|]. split; [exact Le|]. split.
      * inversion Or2 as [|? ? Ae _]; subst. rewrite Forall_forall in Ae. apply Ae, in_app_iff. right. now left.
      * intros x I Wx. change (r :: a :: tail ++ [e]) with ((r :: a :: tail) ++ [e]) in I. apply in_app_iff in I.
        destruct I as [I|[<-|[]]]; auto.
Qed.

(** The last store to the word of the runs up to [i] has the number that it stands for. *)
Definition stands i := exists k e, k <= i /\ In e (run k) /\ writes X e word (code (cur i)) /\
  forall j x, j <= i -> In x (run j) -> is_write X x word -> x = e \/ mo X x e.

Lemma word_in_section k e : In e (run k) -> is_write X e word -> in_section W k e.
Proof.
  intros I We. destruct k as [|k]; [right; right; right; split; auto|].
  destruct (stores_of_run k) as [[_ N]|(b & r & a & _ & _ & _ & Ia & La & _ & _ & [[_ O]|(_ & e' & Ie & Le & _ & O)])]; [now destruct (N _ _ I We)| |].
  - rewrite (O e I We). left. split; [auto|]. split; [exact Ia|]. unfold busy_label in La. eauto.
  - destruct (O e I We) as [->| ->]; [left; split; [auto|]; split; [exact Ia|]; unfold busy_label in La; eauto|].
    right. right. right. split; [exact Ie|]. right. unfold next_label in Le. eauto.
Qed.

Lemma section_in_run k e : in_section W k e -> In e (run k).
Proof. intros [(_ & I & _)|[(I & _)|[(I & _)|(I & _)]]]; exact I. Qed.

(** So a run finds that number. *)
Lemma found_stands i b r : stands i -> In r (run (S i)) -> lab X r = Load Rlx word (bits b) ->
  (forall x, In x (run (S i)) -> x <> r -> sb X r x) -> bits b = code (cur i).
Proof.
  intros (k & e & K & I & We & Last) Ir Lr First. assert (Rd : reads X r word (bits b)) by (unfold reads; now rewrite Lr).
  assert (We' : is_write X e word) by (now exists (code (cur i))).
  assert (F : rf X e r).
  { apply (found_is_last C P (i := i) (k := k)); auto.
    - now exists (bits b).
    - intros j x J Sx. apply (Turns (i := j) (j := S i)); auto; [lia|now apply section_in_run].
    - intros j x J Sx. apply section_in_run in Sx as Ix. destruct (Nat.eq_dec j (S i)) as [->|N]; [|apply (Turns (i := S i) (j := j)); auto; lia].
      apply hb_sb, First; auto. intros ->. destruct Sx as [(_ & _ & v & H)|[(_ & H)|[(_ & y & _ & H)|(_ & [[H _]|(v & H)])]]];
        try (rewrite Lr in H; discriminate); try discriminate. exact (no_store Lr H).
    - now apply word_in_section.
    - intros j x J Sx Wx. apply (Last j); auto. now apply section_in_run. }
  destruct (writes_once We (rf_writes C F Rd)) as [_ E]. symmetry. exact E.
Qed.

Lemma writes_label e m v : lab X e = Store m word v -> writes X e word v.
Proof. intro E. unfold writes. now rewrite E. Qed.

Lemma all_stand i : stands i.
Proof.
  induction i as [|i IH].
  - destruct Made as (e & I & We & O). exists 0, e. split; [auto|]. split; [exact I|]. split; [exact We|].
    intros j x J Ix Wx. replace j with 0 in Ix by lia. left. auto.
  - pose proof IH as (k & e & K & I & We & Last). assert (We' : is_write X e word) by (eexists; exact We).
    assert (Before : forall j x n, j <= i -> In x (run j) -> is_write X x word -> In n (run (S i)) -> is_write X n word -> mo X x n).
    { intros j x n J Ix Wx In_ Wn. apply (coherence_ww C) with word; auto. apply (Turns (i := j) (j := S i)); auto. lia. }
    destruct (stores_of_run i) as [[Oc N]|(b & r & a & Ir & Lr & Lb & Ia & La & Ra & First & Ends)].
    + exists k, e. split; [lia|]. split; [exact I|]. cbn [cur]. rewrite Oc. cbn [SeqLock.after]. split; [exact We|].
      intros j x J Ix Wx. destruct (Nat.eq_dec j (S i)) as [->|Ne]; [now destruct (N _ _ Ix Wx)|]. apply (Last j); auto. lia.
    + pose proof (found_stands IH Ir Lr First) as Fnd. pose proof (writes_label La) as Wa. rewrite (busy_code Tp Hh Lb Fnd) in Wa.
      assert (Wa' : is_write X a word) by (eexists; exact Wa). destruct Ends as [[Os O]|(Oc & e' & Ie & Le & Ae & O)].
      * exists (S i), a. split; [auto|]. split; [exact Ia|]. cbn [cur]. rewrite Os. split; [exact Wa|].
        intros j x J Ix Wx. destruct (Nat.eq_dec j (S i)) as [->|Ne]; [left; auto|]. right. apply (Before j x a); auto. lia.
      * pose proof (writes_label Le) as Wn. rewrite (next_code Tp Hh Lb Fnd) in Wn. assert (Wn' : is_write X e' word) by (eexists; exact Wn).
        exists (S i), e'. split; [auto|]. split; [exact Ie|]. cbn [cur]. rewrite Oc. split; [exact Wn|].
        intros j x J Ix Wx. destruct (Nat.eq_dec j (S i)) as [->|Ne].
        -- destruct (O x Ix Wx) as [->| ->]; auto. right. apply (coherence_ww C) with word; auto. now apply hb_sb.
        -- right. apply (Before j x e'); auto. lia.
Qed.

Lemma after_not_stable n : ~ SeqLock.even_not_zero (code (SeqLock.after n SeqLock.Stopped)).
Proof. intros [E _]. apply (proj1 (SeqLock.skip_zero_even (SeqLock.after n SeqLock.Stopped) Hh)) in E. exact (SeqLock.busy_odd (n := n) E). Qed.

(** The runs of the writer of a region of one buffer, which take turns, are what is assumed of an honest writer. *)
Theorem written_is_parity : SeqLock.parity X shipped word payload SeqLock.even_not_zero code cur out W.
Proof.
  split; [exact P|exact (written_is_busy_first Only Si)|reflexivity| | | |].
  - intros i x [_ [I (v & Lx)]]. assert (Wx : is_write X x word) by (exists v; exact (writes_label Lx)).
    destruct (stores_of_run i) as [[_ N]|(b & r & a & Ir & Lr & Lb & Ia & La & Ra & First & Ends)]; [now destruct (N _ _ I Wx)|].
    assert (x = a) as ->.
    { destruct Ends as [[_ O]|(_ & e & _ & Le & _ & O)]; [auto|]. destruct (O x I Wx) as [->| ->]; auto. rewrite Le in Lx. discriminate. }
    pose proof (writes_label La) as Wa. rewrite (busy_code Tp Hh Lb (found_stands (all_stand i) Ir Lr First)) in Wa.
    eexists. split; [exact Wa|apply after_not_stable].
  - intros a [N _]. now apply N.
  - intros [|i] e [I H].
    + destruct H as [[_ We]|(v & H)]; destruct Made as (e0 & I0 & W0 & O).
      * now rewrite (O e I We).
      * rewrite (O e I); [exact W0|exists v; exact (writes_label H)].
    + destruct H as [[H _]|(v & H)]; [discriminate|]. assert (We : is_write X e word) by (exists v; exact (writes_label H)).
      destruct (stores_of_run i) as [[_ N]|(b & r & a & Ir & Lr & Lb & Ia & La & Ra & First & [[_ O]|(Oc & e' & Ie & Le & Ae & O)])];
        [now destruct (N _ _ I We)|rewrite (O e I We), La in H; discriminate|].
      destruct (O e I We) as [->| ->]; [rewrite La in H; discriminate|]. cbn [cur]. rewrite Oc.
      pose proof (writes_label Le) as Wn. now rewrite (next_code Tp Hh Lb (found_stands (all_stand i) Ir Lr First)) in Wn.
  - intros i s Oc [I (x & _ & Ws)]. destruct (stores_of_run i) as [[_ N]|(b & r & a & _ & _ & _ & _ & _ & _ & _ & [[O _]|(O & _)])];
      [exact (N _ _ I Ws)|rewrite O in Oc; discriminate|rewrite O in Oc; discriminate].
Qed.

End Parity.
