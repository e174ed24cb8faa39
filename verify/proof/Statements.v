(** * What is proved of the programs, in one file. The definitions are those of Program.v (what a program is, and what may be said of one),
    Reader.v (the programs), Trust.v ([placed] and its like: what inspection has established), Model.v and Protocol.v (executions, sections of
    writers). Client.v proves a program from this file alone.

    The first half has no memory model and no assumption about the other side. The second has an honest writer, and readers of any kind. *)

From Coq Require Import List NArith Arith Bool Relations.
From Coq Require Import Strings.Byte.
Require Import Program Reader Trust Answers Model Protocol Bridge Honest.
Require Refuted SeqLock Latch.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** ** For all answers *)

(** What comes out was judged, from a private copy. *)
Definition is_valid (valid : list (list byte) -> bool) r := match r with Value parts _ => valid parts = true | Error _ => True end.

(** A read of a value: each access inside of the region as it was inspected, and of own memory inside of the value's; a bound on how many;
    what it returns is valid, and follows from the answers alone. *)
Theorem reader_is_safe L size valid tries : placed L size -> disjoint (steps L) -> let q := reader L valid tries in
  inside size q /\ owned (private_size L) q /\ bounded (tries * (length (steps L) + 11)) q /\ checked (is_valid valid) q /\ blind q.
Proof.
  intros P D q. pose proof (reader_safe P valid tries) as S. split; [exact (safe_inside S)|]. split; [exact (safe_owned S)|].
  split; [exact (safe_bounded S)|]. split; [|exact (reader_of_blind (value_twice valid D) (tries := tries))].
  intros p t r Q. destruct (reader_of_runs (value_makes valid D) Q) as [[why ->]|(? & ? & ? & ? & _ & _ & _ & _ & _ & _ & parts & _ & _ & ->)]; [exact I|].
  unfold verdict_of. destruct (valid parts) eqn:V; [exact V|exact I].
Qed.

(** What comes out of a slice: a length that fits, and as many parts as it says. *)
Definition is_valid_slice E (valid : list (list byte) -> bool) r :=
  match r with
  | Value (b :: parts) _ => valid parts = true /\ exists n, length_of E b = Some n /\ n <= capacity E /\ length parts = length (accesses E n)
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
  unfold verdict_of. destruct (valid parts) eqn:V; [|exact I]. split; [exact V|]. exists n. split; [auto|]. split; [exact (length_of_le Ln)|].
  clear - An. induction An; cbn; auto.
Qed.

(** A look-up in a map, whatever stamps and keys are there. *)
Theorem look_up_is_safe L size T wanted hash : placed L size -> table_placed size T -> let q := look_up L T wanted hash in
  inside size q /\ bounded (N.to_nat (slots T) * 4) q.
Proof.
  intros P Pl q. pose proof (find_safe P wanted (hash mod slots T)%N 0 (N.to_nat (slots T)) Pl) as S.
  split; [exact (safe_inside S)|exact (safe_bounded S)].
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

(** The run [t] of the reader of a region ended with this value, and its loads and fences are the events [es] of one thread of the execution,
    after the region was made. *)
Record ran (X : execution) (W : writers) (L : shape) valid tries t parts n es : Prop := {
  is_run : exists p, runs p (reader L valid tries) t (Done (Value parts n));
  is_thread : thread X es t;
  is_made : forall a e, In e es -> W3 W 0 a \/ W4 W 0 a -> hb X a e }.

(** The value [n] is that of section [i] and of none in between: [first] is the load that found it. *)
Record read_of (X : execution) (W : writers) (L : shape) from parts es i (first : event) : Prop := {
  is_value : value_of X W from (steps L) parts i;
  is_loaded : In first es /\ is_read X first (word_at L);
  is_found : reads_section X W first i }.

(** A region of one buffer. [half] is 2^63; the last hypothesis: fewer complete writes during the read. *)
Theorem lock_is_honest X W payload L half cur out valid tries t parts n es :
  consistent X -> is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  SeqLock.parity X shipped (word_at L) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * half)) cur out W ->
  disjoint (steps L) -> (forall s, In s (steps L) -> payload (base L + fst s)) -> ran X W L valid tries t parts n es ->
  (forall i m, found_by X W es i -> found_by X W es m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  exists i first, SeqLock.skip_zero (2 * half) (cur i) = 2 * N.to_nat n /\ read_of X W L (base L) parts es i first.
Proof.
  intros C Si Tp Hh V D Pl [[p Q] Th Made] Few.
  destruct (honest_lock C D Q Th Made Si Tp Hh V Pl Few) as (A & i & Eq & T & I & R & F).
  exists i, (r1 A). repeat (split; auto). apply (r1_word T).
Qed.

(** A region of several buffers. The last hypothesis: fewer than 2^64 - N values were published. *)
Theorem latch_is_honest X W payload L buffer_of cnt valid tries t parts n es :
  let N := N.to_nat (buffers L) in let size := N.to_nat (top L) in
  consistent X -> 2 <= N -> size mod N = 0 ->
  Latch.latch X shipped (word_at L) payload N buffer_of (eq 0) (fun n => n mod size) cnt W ->
  disjoint (steps L) ->
  (forall s c, In s (steps L) -> c < N -> payload (base L + c * stride L + fst s) /\ buffer_of (base L + c * stride L + fst s) = c) ->
  ran X W L valid tries t parts n es -> (forall i, found_by X W es i -> cnt i + N < size) ->
  exists i first, cnt i = N.to_nat n /\ read_of X W L (base L + cnt i mod N * stride L) parts es i first.
Proof.
  intros N size C Two Mult V D Pl [[p Q] Th Made] Few.
  destruct (honest_latch C D Q Th Made Two Mult V Pl Few) as (A & i & Eq & T & I & R & F).
  exists i, (r1 A). repeat (split; auto). apply (r1_word T).
Qed.

(** A read does not find an older value than what happens-before it. *)
Theorem found_is_not_stale X W word payload r e i j : consistent X -> sections X shipped word payload W ->
  W4 W i e -> hb X e r -> is_read X r word -> reads_section X W r j -> i <= j.
Proof.
  intros C P E H R F. exact (Protocol.found_is_not_stale C P E H R F).
Qed.
