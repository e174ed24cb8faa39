(** * What is proved of the programs, in one file. The definitions are those of Program.v (what a program is, and what may be said of one),
    Reader.v (the programs), Trust.v ([placed] and its like: what inspection has established), Model.v and Protocol.v (executions, sections of
    writers). Client.v proves a program from this file alone.

    The first half has no memory model and no assumption about the other side. The second has an honest writer, and readers of any kind. *)

From Coq Require Import List NArith Arith Bool Relations Lia.
From Coq Require Import Strings.Byte.
Require Import Program Reader Trust Answers Model Protocol Bridge Honest Written.
Require Refuted SeqLock Latch.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** ** For all answers *)

(** What comes out was judged, from a private copy: of each access as many bytes as it has. *)
Definition is_valid s (valid : list (list byte) -> bool) r := match r with Value parts _ => valid parts = true /\ answers s parts | Error _ => True end.

(** A read of a value: each access inside of the region as it was inspected, and of own memory inside of the value's; a bound on how many;
    what it returns is valid, and follows from the answers alone. *)
Theorem reader_is_safe L size valid tries : placed L size -> disjoint (steps L) -> let q := reader L valid tries in
  inside size q /\ owned (private_size L) q /\ bounded (tries * (length (steps L) + 11)) q /\ checked (is_valid (steps L) valid) q /\ blind q.
Proof.
  intros P D q. pose proof (reader_safe P valid tries) as S. split; [exact (safe_inside S)|]. split; [exact (safe_owned S)|].
  split; [exact (safe_bounded S)|]. split; [|exact (reader_of_blind (value_twice valid D) (tries := tries))].
  intros p t r Q. destruct (reader_of_runs (value_makes valid D) Q) as [[why ->]|(? & ? & ? & ? & _ & _ & _ & _ & _ & _ & parts & An & _ & ->)]; [exact I|].
  unfold verdict_of. destruct (valid parts) eqn:V; [split; auto|exact I].
Qed.

(** It does return values: where the word is the same at both looks, the one that is there, if it is valid. *)
Theorem quiet_is_read L valid tries p b parts : disjoint (steps L) -> length b = width L -> busy L (number b) = false -> number b <> 0%N ->
  answers (steps L) parts -> valid parts = true ->
  runs p (reader L valid (S tries)) (attempted L b (loads (buffer L (number b)) (steps L) parts) b) (Done (Value parts (version L (number b)))).
Proof. intros. now apply quiet_goes. Qed.

(** What comes out of a slice: a length that fits, and as many parts as it says. *)
Definition is_valid_slice E (valid : list (list byte) -> bool) r :=
  match r with
  | Value (b :: parts) _ => exists n, length_of E b = Some n /\ n <= capacity E /\ valid parts = true /\ answers (accesses E n) parts
  | Value [] _ => False
  | Error _ => True
  end.

Theorem slice_is_safe L size E most valid tries : placed L size -> slice_placed L E most -> slice_apart E -> let q := slice_reader L E valid tries in
  inside size q /\ owned (private_size L) q /\ bounded (tries * (1 + most + 11)) q /\
  checked (is_valid_slice E valid) q /\ blind q.
Proof.
  intros P Pl D q. pose proof (slice_safe P valid tries Pl) as S. split; [exact (safe_inside S)|]. split; [exact (safe_owned S)|].
  split; [exact (safe_bounded S)|]. split; [|exact (reader_of_blind (slice_twice valid D) (tries := tries))].
  intros p t r Q.
  destruct (reader_of_runs (slice_makes valid D) Q) as [[why ->]|(? & ? & ? & ? & _ & _ & _ & _ & _ & _ & b & parts & _ & An & _ & ->)]; [exact I|].
  unfold slice_steps in An. destruct (length_of E b) as [n|] eqn:Ln; [|exact I].
  unfold verdict_of. destruct (valid parts) eqn:V; [|exact I]. exists n. split; [auto|]. split; [exact (length_of_le Ln)|auto].
Qed.

(** What comes out of a look-up in a map: that there is no such key, or a stamp and a value. *)
Definition is_entry T (valid : list (list byte) -> bool) r :=
  match r with
  | Value (stamp :: parts) _ => stamp = none /\ parts = [] \/ number stamp <> 0%N /\ length stamp = 8 /\ valid parts = true /\ answers (value_steps T) parts
  | Value [] _ => False
  | Error _ => True
  end.

Theorem look_up_is_safe L size T wanted hash valid tries : placed L size -> table_placed L T -> table_apart T ->
  let q := look_up L T wanted hash valid tries in
  inside size q /\ owned (private_size L) q /\ bounded (tries * (search_bound T (N.to_nat (slots T)) + 11)) q /\
  checked (is_entry T valid) q /\ blind q.
Proof.
  intros P Pl D q. pose proof (look_up_safe P wanted hash valid tries Pl) as S. split; [exact (safe_inside S)|]. split; [exact (safe_owned S)|].
  split; [exact (safe_bounded S)|]. split; [|exact (reader_of_blind (found_twice (wanted := wanted) (hash := hash) valid D) (tries := tries))].
  intros p t r Q.
  destruct (reader_of_runs (found_makes (wanted := wanted) (hash := hash) valid D) Q) as [[why ->]|(? & ? & ? & ? & _ & _ & _ & _ & _ & _ & [->|(b & parts & Nz & Lb & An & ->)])];
    [exact I|left; auto|].
  unfold verdict_of. destruct (valid parts) eqn:V; [right; auto|exact I].
Qed.

(** One program after another: k reads, or a read and what is done with its value. *)
Theorem sequence_is_safe R S size n m (good : S -> Prop) (q : prog R) (f : R -> prog S) :
  inside size q -> bounded n q -> (forall r, inside size (f r) /\ bounded m (f r) /\ checked good (f r)) ->
  inside size (bind q f) /\ bounded (n + m) (bind q f) /\ checked good (bind q f).
Proof.
  intros I B F. split; [|split].
  - intros p t o Q. destruct (bind_runs Q) as [(p' & t1 & t2 & r & -> & Q1 & Q2)|(o' & Q1 & _)]; [|exact (I _ _ _ Q1)].
    apply Forall_app. split; [exact (I _ _ _ Q1)|exact (proj1 (F r) _ _ _ Q2)].
  - intros p t o Q. destruct (bind_runs Q) as [(p' & t1 & t2 & r & -> & Q1 & Q2)|(o' & Q1 & _)]; [|pose proof (B _ _ _ Q1); lia].
    rewrite app_length. pose proof (B _ _ _ Q1). pose proof (proj1 (proj2 (F r)) _ _ _ Q2). lia.
  - intros p t s Q. destruct (bind_runs Q) as [(p' & t1 & t2 & r & _ & _ & Q2)|(o' & _ & N)]; [exact (proj2 (proj2 (F r)) _ _ _ Q2)|now destruct (N s)].
Qed.

(** A write, into whatever region: nothing that is padding gets out, nor anything else of own memory. *)
Theorem writer_is_safe L size : placed L size -> let q := writer L in
  inside size q /\ owned (private_size L) q /\ bounded (length (steps L) + 4) q /\ silent (same_data L) q.
Proof.
  intros P q. pose proof (writer_safe P) as S. split; [exact (safe_inside S)|]. split; [exact (safe_owned S)|].
  split; [exact (safe_bounded S)|apply writer_silent].
Qed.

(** Other designs have not got these. *)
Theorem refuted : ~ checked Refuted.good Refuted.reader_in_place /\ ~ inside Refuted.size Refuted.reader_twice /\
  ~ inside Refuted.size Refuted.reader_unmasked /\ (forall n, ~ bounded n Refuted.reader_forever) /\
  ~ silent Refuted.same_first Refuted.writer_memcpy.
Proof. exact (conj Refuted.in_place (conj Refuted.length_twice (conj Refuted.unmasked (conj Refuted.forever Refuted.memcpy)))). Qed.

(** ** An honest writer *)

(** A program that reads a region: its value lies in these accesses. *)
Inductive reads_region L : prog result -> list (nat * nat) -> list (list byte) -> Prop :=
| a_value valid tries parts : disjoint (steps L) -> reads_region L (reader L valid tries) (steps L) parts
| a_slice E valid tries b parts n : slice_apart E -> length_of E b = Some n ->
    reads_region L (slice_reader L E valid tries) ((0, length_width E) :: accesses E n) (b :: parts).

(** The run [t] of such a program ended with this value, and its loads and fences are the events [es] of one thread of the execution, after the region
    was made. *)
Record ran (X : execution) (W : writers) (L : shape) s t parts n es : Prop := {
  is_run : exists p q, reads_region L q s parts /\ runs p q t (Done (Value parts n));
  is_thread : thread X es t;
  is_made : forall a e, In e es -> W3 W 0 a \/ W4 W 0 a -> hb X a e }.

(** The value [n] is that of section [i] and of none in between: [first] is the load that found it, and what follows it acquires. *)
Record read_of (X : execution) (W : writers) (L : shape) from s parts es i (first : event) : Prop := {
  is_value : value_of X W from s parts i;
  is_loaded : In first es /\ is_read X first (word_at L);
  is_found : reads_section X W first i;
  is_acquired : exists g, In g es /\ acquires_by X first g }.

Lemma ran_accepted X W L s t parts n es : ran X W L s t parts n es -> accepted X L W es n s parts.
Proof.
  intros [(p & q & Rd & Q) Th Made]. destruct Rd as [valid tries parts D|E valid tries b parts c D Ln].
  - exact (accepted_is_attempt D Q Th Made).
  - destruct (accepted_slice_is_attempt D Q Th Made) as (c' & Ln' & A). now rewrite Ln in Ln'; injection Ln' as <-.
Qed.

(** A region of one buffer. [half] is 2^63; the last hypothesis: fewer complete writes during the read. *)
Theorem lock_is_honest X W payload L half cur out s t parts n es :
  consistent X -> is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  SeqLock.parity X shipped (word_at L) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * half)) cur out W ->
  (forall x, In x s -> payload (base L + fst x)) -> ran X W L s t parts n es ->
  (forall i m, found_by X W es i -> found_by X W es m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  exists i first, SeqLock.skip_zero (2 * half) (cur i) = 2 * N.to_nat n /\ read_of X W L (base L) s parts es i first.
Proof.
  intros C Si Tp Hh V Pl Ran Few.
  destruct (honest_lock C (ran_accepted Ran) Si Tp Hh V Pl Few) as (A & i & Eq & T & I & Ig & R & F).
  exists i, (r1 A). repeat (split; auto); [apply (r1_word T)|]. exists (g A). split; [auto|]. now apply (r1_acquire T).
Qed.

(** The same of the programs on both sides: the writers' runs, each to its end or to where it was killed, one behind the other ([claimed_is_section] in
    Written.v), into a region whose constructor has stored its word, which stands for [c0]. *)
Theorem programs_are_honest X payload L run half c0 s t parts n es :
  let W := steps_of_runs X L run in let cur := cur X L run c0 in
  consistent X -> is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  writer_runs_only X L payload run -> (forall i j a b, i < j -> In a (run i) -> In b (run j) -> hb X a b) ->
  (forall x, In x (steps L) -> base L + fst x <> word_at L) ->
  (exists e, In e (run 0) /\ writes X e (word_at L) (SeqLock.skip_zero (2 * half) c0) /\ forall a, In a (run 0) -> is_write X a (word_at L) -> a = e) ->
  (forall x, In x s -> payload (base L + fst x)) -> ran X W L s t parts n es ->
  (forall i m, found_by X W es i -> found_by X W es m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  exists i first, SeqLock.skip_zero (2 * half) (cur i) = 2 * N.to_nat n /\ read_of X W L (base L) s parts es i first.
Proof.
  intros W cur C Si Tp Hh Only Turns Apart Made Pl Ran Few.
  exact (lock_is_honest C Si Tp Hh (written_is_parity Only C Si Tp Hh Apart Turns Made) Pl Ran Few).
Qed.

(** A region of several buffers. The last hypothesis: fewer than 2^64 - N values were published. *)
Theorem latch_is_honest X W payload L buffer_of cnt s t parts n es :
  let N := N.to_nat (buffers L) in let size := N.to_nat (top L) in
  consistent X -> 2 <= N -> size mod N = 0 ->
  Latch.latch X shipped (word_at L) payload N buffer_of (eq 0) (fun n => n mod size) cnt W ->
  (forall x c, In x s -> c < N -> payload (base L + c * stride L + fst x) /\ buffer_of (base L + c * stride L + fst x) = c) ->
  ran X W L s t parts n es -> (forall i, found_by X W es i -> cnt i + N < size) ->
  exists i first, cnt i = N.to_nat n /\ read_of X W L (base L + cnt i mod N * stride L) s parts es i first.
Proof.
  intros N size C Two Mult V Pl Ran Few.
  destruct (honest_latch C (ran_accepted Ran) Two Mult V Pl Few) as (A & i & Eq & T & I & Ig & R & F).
  exists i, (r1 A). repeat (split; auto); [apply (r1_word T)|]. exists (g A). split; [auto|]. now apply (r1_acquire T).
Qed.

(** A read does not find an older value than what happens-before it, nor than a read that happens-before it; and later sections have no smaller numbers. *)
Theorem found_is_not_stale X W word payload r e i j : consistent X -> sections X shipped word payload W ->
  W4 W i e -> hb X e r -> is_read X r word -> reads_section X W r j -> i <= j.
Proof. exact (fun C P E H R F => Protocol.found_is_not_stale C P E H R F). Qed.

Theorem versions_never_go_back X W word payload r r' i j : consistent X -> sections X shipped word payload W ->
  is_read X r word -> is_read X r' word -> hb X r r' -> reads_section X W r i -> reads_section X W r' j -> i <= j.
Proof.
  intros C P R R' H (e & E & F) (e' & E' & F'). apply (loads_in_order C P R R' H F F'); unfold in_section; auto.
Qed.

Theorem lock_counts_up X word payload stable code cur out W : SeqLock.parity X shipped word payload stable code cur out W ->
  forall i j, i <= j -> SeqLock.version (cur i) <= SeqLock.version (cur j).
Proof. exact (fun V => SeqLock.versions_grow V). Qed.

Theorem latch_counts_up X word payload N buffer closed code cnt W : Latch.latch X shipped word payload N buffer closed code cnt W ->
  forall i j, i <= j -> cnt i <= cnt j.
Proof. intros V i j Le. induction Le as [|j Le IH]; auto. destruct (Latch.next_count V j) as [[_ ->]|[_ ->]]; lia. Qed.
