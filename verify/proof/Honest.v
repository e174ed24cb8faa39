(** * An honest writer: what the reader returns is what one write left, whatever other readers do.

    For a region of one buffer and for one of several, by the theorems about attempts, which the runs of the program are (Bridge.v). *)

From Coq Require Import List NArith Arith Lia Bool Relations.
From Coq Require Import Strings.Byte.
Require Import Model Protocol Program Reader Trust Answers Bridge.
Require SeqLock Latch.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** Each part was stored by the last store to its place in the sections up to [i]. *)
Definition value_of X W from (s : list (nat * nat)) parts i := Forall2 (fun s part =>
  exists e, last_store X W (from + fst s) i e /\ writes X e (from + fst s) (bits part)) s parts.

Lemma value_of_snapshot X place W A i from s parts : consistent X -> snapshot X place W A i -> (forall s', In s' s -> place (from + fst s')) ->
  Forall2 (fun s part => exists l, r2 X A l /\ reads X l (from + fst s) (bits part)) s parts -> value_of X W from s parts i.
Proof.
  intros C [_ S] Pl F. induction F as [|[o n] part s parts (l & B & R) F IH]; constructor.
  - destruct (rf_total (formed C) (r := l) (x := from + o)) as [e Fe]; [now exists (bits part)|].
    exists e. split; [|exact (rf_writes C Fe R)]. apply (S l); auto; [apply (Pl (o, n)); now left|now exists (bits part)].
  - apply IH. intros s' I. apply Pl. now right.
Qed.

Lemma bits_bound L b : length b = width L -> (number b < top L)%N.
Proof. intro E. unfold top. rewrite <- E. apply number_bound. Qed.

Lemma within_window L b b' : length b = width L -> length b' = width L -> accepts L (number b) (number b') = true ->
  (bits b' + N.to_nat (top L) - bits b) mod N.to_nat (top L) <= N.to_nat (buffers L) - 2.
Proof.
  intros Lb Lb' Ac. unfold accepts, window in Ac. apply N.leb_le in Ac.
  pose proof (bits_bound Lb). pose proof (bits_bound Lb'). unfold bits.
  assert (E : N.to_nat ((number b' + top L - number b) mod top L) = (N.to_nat (number b') + N.to_nat (top L) - N.to_nat (number b)) mod N.to_nat (top L)).
  { rewrite N2Nat.inj_mod. f_equal. lia. }
  rewrite <- E. lia.
Qed.

Section Honest.
Variables (X : execution) (L : shape) (W : writers) (payload : loc -> Prop).
Variables (s : list (nat * nat)) (parts : list (list byte)) (n : N) (es : list event).
Hypothesis C : consistent X.
(* a reader of values or of slices ran, after the region was made *)
Hypothesis Acc : accepted X L W es n s parts.

(** The sections whose words the reader can have found. *)
Definition found_by i := exists r, In r es /\ reads_section X W r i.

(** A region of one buffer: its word is even, not 0, and counts by 2. [half] is 2^63. *)
Theorem honest_lock half cur out : is_single L = true -> N.to_nat (top L) = 2 * half -> 1 < half ->
  SeqLock.parity X shipped (word_at L) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * half)) cur out W ->
  (forall x, In x s -> payload (base L + fst x)) ->
  (forall i m, found_by i -> found_by m -> SeqLock.version (cur m) < SeqLock.version (cur i) + (half - 1)) ->
  exists A i, SeqLock.skip_zero (2 * half) (cur i) = 2 * N.to_nat n /\ attempts X shipped (word_at L) W A /\ In (r1 A) es /\ In (g A) es /\
    reads_section X W (r1 A) i /\ value_of X W (base L) s parts i.
Proof.
  intros Si Tp Hh V Pl Few.
  destruct Acc as (A & b & b' & T & I1 & I4 & Ig & R1 & R4 & Lb & Lb' & Bu & Nz & Ac & -> & F).
  pose proof (within_window Lb Lb' Ac) as Wd. pose proof (bits_bound Lb). pose proof (bits_bound Lb').
  unfold is_single in Si. apply N.eqb_eq in Si. rewrite Si in Wd.
  assert (Eq : bits b' = bits b).
  { unfold bits in *. assert (N.to_nat (number b) < N.to_nat (top L)) by lia. assert (N.to_nat (number b') < N.to_nat (top L)) by lia.
    change (N.to_nat 1 - 2) with 0 in Wd.
    pose proof (Nat.div_mod (N.to_nat (number b') + N.to_nat (top L) - N.to_nat (number b)) (N.to_nat (top L))).
    set (q := (N.to_nat (number b') + N.to_nat (top L) - N.to_nat (number b)) / N.to_nat (top L)) in *.
    assert (q = 1) by nia. nia. }
  assert (Ev : N.odd (number b) = false).
  { unfold busy, is_single in Bu. rewrite Si in Bu. exact Bu. }
  assert (E2 : bits b = 2 * N.to_nat (number b / 2)).
  { assert (M : (number b mod 2 = 0)%N) by (rewrite <- N.bit0_mod, N.bit0_odd, Ev; reflexivity).
    pose proof (N.div_mod' (number b) 2). unfold bits. lia. }
  assert (Ok : SeqLock.accepted X (word_at L) SeqLock.even_not_zero A (bits b)).
  { split; [|split; auto; now rewrite <- Eq]. split; [unfold SeqLock.even; rewrite E2, Nat.mul_comm; now apply Nat.mod_mul|]. unfold bits. lia. }
  destruct (SeqLock.region_is_sound Hh C V T Ok) as (i & Cu & S).
  { intros i m Ri Rm. apply Few; [exists (r1 A)|exists (r4 A)]; auto. }
  exists A, i. unfold version, is_single. rewrite Si. split; [rewrite Cu; exact E2|]. split; [auto|]. split; [auto|]. split; [auto|]. split; [apply S|].
  assert (Bf : buffer L (number b) = base L).
  { unfold buffer. rewrite Si, N.mod_1_r. cbn. lia. }
  rewrite Bf in F. eapply value_of_snapshot; eauto.
Qed.

(** A region of several buffers: its word counts values, and is 0 before the first one and where the region is closed. *)
Theorem honest_latch buffer_of cnt : let N := N.to_nat (buffers L) in let size := N.to_nat (top L) in
  2 <= N -> size mod N = 0 ->
  Latch.latch X shipped (word_at L) payload N buffer_of (eq 0) (fun n => n mod size) cnt W ->
  (forall x c, In x s -> c < N -> payload (base L + c * stride L + fst x) /\ buffer_of (base L + c * stride L + fst x) = c) ->
  (forall i, found_by i -> cnt i + N < size) ->
  exists A i, cnt i = N.to_nat n /\ attempts X shipped (word_at L) W A /\ In (r1 A) es /\ In (g A) es /\
    reads_section X W (r1 A) i /\ value_of X W (base L + cnt i mod N * stride L) s parts i.
Proof.
  intros N size Two Mult V Pl Few.
  destruct Acc as (A & b & b' & T & I1 & I4 & Ig & R1 & R4 & Lb & Lb' & Bu & Nz & Ac & -> & F).
  pose proof (within_window Lb Lb' Ac) as Wd. pose proof (bits_bound Lb). pose proof (bits_bound Lb'). fold size N in Wd.
  assert (Ns : is_single L = false) by (unfold is_single; apply N.eqb_neq; unfold N in Two; lia).
  assert (Hs : bits b < size) by (unfold bits, size; lia). assert (Hs' : bits b' < size) by (unfold bits, size; lia).
  assert (N1 : 0 <> bits b) by (unfold bits; lia).
  assert (Val : forall r i v, reads_section X W r i -> reads X r (word_at L) v -> cnt i mod size = v).
  { intros r i v (e & E & Fe) R. now destruct (writes_once (Latch.l3_value V E) (rf_writes C Fe R)). }
  destruct (Latch.read_section C V R1 N1) as [i0 Ri0].
  assert (Y : cnt i0 + N < size) by (apply Few; exists (r1 A); auto).
  assert (C0 : cnt i0 = bits b) by (rewrite <- (Val _ _ _ Ri0 R1); symmetry; apply Nat.mod_small; lia).
  assert (N4 : 0 <> bits b').
  { intro Z. rewrite <- Z in Wd. rewrite Nat.mod_small in Wd by lia. lia. }
  destruct (@Latch.wrapping_is_sound N size X (word_at L) payload buffer_of (eq 0) cnt W A (bits b) (bits b')) as (i & Cu & S); auto; [lia| |].
  { intros i m Ri Rm. assert (cnt m + N < size) by (apply Few; exists (r4 A); auto). lia. }
  assert (Yi : cnt i + N < size) by (apply Few; exists (r1 A); split; auto; apply S).
  rewrite Nat.mod_small in Cu by lia.
  assert (Bf : buffer L (number b) = base L + cnt i mod N * stride L).
  { unfold buffer. rewrite N2Nat.inj_mod, Cu. reflexivity. }
  exists A, i. unfold version. rewrite Ns. split; [exact Cu|]. split; [auto|]. split; [auto|]. split; [auto|]. split; [apply S|].
  rewrite Bf in F. eapply value_of_snapshot; eauto.
  intros x Is. destruct (Pl x (cnt i mod N) Is) as [P1 P2]; [apply Nat.mod_upper_bound; lia|]. rewrite Cu in *. split; auto.
Qed.

End Honest.
