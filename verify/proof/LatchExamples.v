(** * The same for the latch, with two buffers. *)

Require Import Arith Lia Relations List Bool.
Require Import Model Protocol Finite Examples.
Require Latch.
Set Implicit Arguments. Unset Strict Implicit.
Import ListNotations.

(** Two writes, the first one to buffer 1 (locations 3 and 4), the second one to buffer 0 (1 and 2); one attempt, which loads [p]
    and [q]. [a], [x], [y], [b]: which stores its four loads read. *)
Definition laps (l1 l3 m1 m3 m4 : mode) (p q : loc) (a x y b : event) : finite :=
  let stores := [Store Rlx 0 0; Store Rlx 1 0; Store Rlx 2 0; Store Rlx 3 0; Store Rlx 4 0;
    Fence l1; Store Rlx 3 1; Store Rlx 4 1; Store l3 0 1; Fence l1; Store Rlx 1 2; Store Rlx 2 2; Store l3 0 2] in
  let value s := match stored (nth s stores (Fence Rlx)) with Some (_, v) => v | None => 0 end in
  {| labels := stores ++ [Load m1 0 (value a); Load Rlx p (value x); Load Rlx q (value y); Fence m3; Load m4 0 (value b)];
     initial := [0; 1; 2; 3; 4]; threads := [[5; 6; 7; 8; 9; 10; 11; 12]; [13; 14; 15; 16; 17]];
     reads_from := [(a, 13); (x, 14); (y, 15); (b, 17)]; orders := [[0; 8; 12]; [1; 10]; [2; 11]; [3; 6]; [4; 7]] |}.
Definition laps_roles := {| s1 := []; s2 := [(1, 5); (2, 9)];
  s3 := [(0, 1); (0, 2); (0, 3); (0, 4); (1, 6); (1, 7); (2, 10); (2, 11)]; s4 := [(0, 0); (1, 8); (2, 12)] |}.
Definition laps_attempt := {| Protocol.r1 := 13; g := 13; Protocol.r3 := 16; Protocol.r4 := 17 |}.
Definition laps_payload x := 0 < x.
Definition laps_buffer x := match x with 3 | 4 => 1 | _ => 0 end.
Definition laps_count i := match i with 0 => 0 | 1 => 1 | 2 => 2 | _ => 3 end.
Notation W := (writers_of laps_roles).

Ltac laps_latch := unfold laps_payload, laps_roles; split; [split|..]; settle;
  match goal with |- _ \/ _ => idtac | _ => reflexivity end;
  match goal with |- _ /\ laps_count (S ?i) = _ \/ _ => destruct i as [|[|[|]]];
    [left; split; [eexists; pick|reflexivity]..|right; split; [intros e H; cases; discriminate|reflexivity]] | _ => idtac end.
Ltac counted H := let e := fresh in let E := fresh in let R := fresh in pose proof H as [(e & E & R) _];
  apply mem_in in R; cbn [W4 writers_of s4 laps_roles In] in E; cases; try discriminate R.
Ltac in_place := split; [unfold laps_payload; lia|reflexivity].
Ltac too_new H l x s := counted H; apply (newer H (l := l) (x := x) (s := s)); [split; there|in_place|there|there|];
  let k := fresh in let Sk := fresh in intros k Sk; cbn [W3 writers_of s3 laps_roles In] in Sk; cases; lia.
Ltac too_old H l x s k s' := counted H; apply (older H (l := l) (x := x) (s := s) (k := k) (s' := s'));
  [split; there|in_place|there|there|lia|cbn [W3 writers_of s3 laps_roles In]; pick|there|discriminate|
   let M := fresh in intro M; apply mem_in in M; vm_compute in M; discriminate].

(** An attempt that is accepted and is not a snapshot: [width] is how many counts may pass. *)
Definition unsound_at width O := forall same, exists X word payload buffer cnt W A c d,
  same_thread X = same /\ consistent X /\ no_thin_air X /\ Latch.latch X O word payload 2 buffer (fun _ => False) (fun n => n) cnt W /\
  attempts X O word W A /\ reads X (Protocol.r1 A) word c /\ reads X (Protocol.r4 A) word d /\ d - c <= width /\
  forall i, ~ snapshot X (Latch.in_buffer payload buffer (c mod 2)) W A i.
Definition unsound := unsound_at (2 - 2).

Lemma by_laps F width O c d : ok F = true -> d - c <= width -> (ok F = true -> forall same, let X := exec F same in
    Latch.latch X O 0 laps_payload 2 laps_buffer (fun _ => False) (fun n => n) laps_count W /\ attempts X O 0 W laps_attempt /\
    (reads X (Protocol.r1 laps_attempt) 0 c /\ reads X (Protocol.r4 laps_attempt) 0 d) /\
    forall i, ~ snapshot X (Latch.in_buffer laps_payload laps_buffer (c mod 2)) W laps_attempt i) ->
  unsound_at width O.
Proof.
  intros K B E same. destruct (E K same) as (V & T & [R R'] & N).
  exists (exec F same), 0, laps_payload, laps_buffer, laps_count, W, laps_attempt, c, d.
  exact (conj eq_refl (conj (ok_consistent K same) (conj (ok_no_thin_air K (same := same))
    (conj V (conj T (conj R (conj R' (conj B N)))))))).
Qed.
Ltac by_example E c d Kx := apply (@by_laps E _ _ c d); [exact Kx|auto|]; let K := fresh "K" in intros K same X;
  split; [laps_latch|clear K; split; [attempted Kx|split; [split; reflexivity|intros i H]]].

Definition no_l1 := laps Acq Rel Acq Acq Acq 1 2 0 10 2 0.
Lemma no_l1_ok : ok no_l1 = true. Proof. vm_compute. reflexivity. Qed.
Lemma l1_is_needed b c d : unsound {| w2_releases := false; w4_releases := b; r1_acquires := c; r3_acquires := d |}.
Proof. by_example no_l1 0 0 no_l1_ok. too_new H 14 1 10. Qed.

Definition no_l3 := laps AcqRel Rlx Acq Acq Acq 3 4 8 6 4 8.
Lemma no_l3_ok : ok no_l3 = true. Proof. vm_compute. reflexivity. Qed.
Lemma l3_is_needed b c d : unsound {| w2_releases := b; w4_releases := false; r1_acquires := c; r3_acquires := d |}.
Proof. by_example no_l3 1 1 no_l3_ok. too_old H 15 4 4 1 7. Qed.

Definition no_m1 := laps AcqRel Rel Rlx AcqRel Acq 3 4 8 6 4 8.
Lemma no_m1_ok : ok no_m1 = true. Proof. vm_compute. reflexivity. Qed.
Lemma m1_is_needed b c d : unsound {| w2_releases := b; w4_releases := c; r1_acquires := false; r3_acquires := d |}.
Proof. by_example no_m1 1 1 no_m1_ok. too_old H 15 4 4 1 7. Qed.

Definition no_m3 := laps AcqRel Rel Acq Rel Acq 1 2 0 10 2 0.
Lemma no_m3_ok : ok no_m3 = true. Proof. vm_compute. reflexivity. Qed.
Lemma m3_is_needed b c d : unsound {| w2_releases := b; w4_releases := c; r1_acquires := d; r3_acquires := false |}.
Proof. by_example no_m3 0 0 no_m3_ok. too_new H 14 1 10. Qed.

(** No ordering of the latch can be weakened. *)
Theorem all_are_needed O : O = shipped \/ unsound O.
Proof.
  destruct O as [[] [] [] []]; [left; reflexivity|right..];
  first [apply l1_is_needed | apply l3_is_needed | apply m1_is_needed | apply m3_is_needed].
Qed.

Theorem only_shipped_is_sound O : Latch.sound 2 O <-> O = shipped.
Proof.
  split; [|intros ->; now apply Latch.shipped_is_sound]. intro H. destruct (all_are_needed O) as [|U]; auto. exfalso.
  destruct (U true) as (X & word & payload & buffer & cnt & R & A & c & d & _ & C & _ & V & T & Rc & Rd & Win & N).
  destruct (H _ _ _ _ _ _ _ _ _ _ C V T Rc Rd (fun F => F) (fun F => F) Win) as (i & _ & Half). exact (N i Half).
Qed.

(** The window is the widest: a reader that let N - 1 counts pass would accept half of a write. *)
Definition lapped := laps Rel Rel Acq Acq Rlx 1 2 0 10 2 8.
Lemma lapped_ok : ok lapped = true. Proof. vm_compute. reflexivity. Qed.
Theorem window_is_tight : unsound_at (2 - 1) shipped.
Proof. by_example lapped 0 1 lapped_ok. too_new H 14 1 10. Qed.

(** An attempt that is accepted while the next write is halfway. *)
Definition reads_first := laps Rel Rel Acq Acq Rlx 3 4 8 6 7 8.
Lemma reads_first_ok : ok reads_first = true. Proof. vm_compute. reflexivity. Qed.
Theorem accepted_exists same : let X := exec reads_first same in
  consistent X /\ no_thin_air X /\ Latch.latch X shipped 0 laps_payload 2 laps_buffer (fun _ => False) (fun n => n) laps_count W /\
  attempts X shipped 0 W laps_attempt /\ reads X (Protocol.r1 laps_attempt) 0 1 /\ reads X (Protocol.r4 laps_attempt) 0 1.
Proof.
  intro X. split; [exact (ok_consistent reads_first_ok _)|split; [exact (ok_no_thin_air reads_first_ok (same := _))|]].
  split; [pose proof reads_first_ok; laps_latch|split; [attempted reads_first_ok|split; reflexivity]].
Qed.
