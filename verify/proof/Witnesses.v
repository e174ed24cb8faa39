(** * Executions that the records of hypotheses hold of. A theorem whose hypotheses nothing satisfies can't fail; so each record has an execution
    here, with all that it is there for: sections on several threads, cancelled, stopped and taken over, words that wrap, four buffers, claims by
    byte, by word and by a writer that is moved, a map that has grown, two words that begin a new half. *)

Require Import Arith Lia Relations List Bool.
Require Import Model Protocol Finite Examples.
Require SeqLock Latch Claim Phase TwoWords.
Set Implicit Arguments. Unset Strict Implicit.
Import ListNotations.

(** The payload is location 1; location 5 is what writers hand over by. *)
Definition payload x := x = 1.
Ltac happens K := (apply hb_there; [exact K|apply (proj1 (mem_in _ _)); vm_compute; reflexivity]).
Ltac is_parity cur roles := unfold payload, roles; split; [split|..]; settle;
  match goal with |- cur (S ?i) = _ => now destruct i as [|[|[|[|]]]]
    | |- exists _, _ = _ /\ _ => eexists; split; [reflexivity|there]
    | |- exists _, writes _ _ _ _ /\ _ => busy_there | _ => idtac end.
Ltac is_accepted := split; [reflexivity|split; reflexivity].

(** ** The lock: two sections on two threads, and two attempts, one of each *)
Definition twice (code : nat -> val) : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Store Rlx 0 (code 1); Fence Rel; Store Rlx 1 1; Store Rel 0 (code 2);
       Load Acq 0 (code 2); Store Rlx 0 (code 3); Fence Rel; Store Rlx 1 2; Store Rel 0 (code 4);
       Load Acq 0 (code 2); Load Rlx 1 1; Fence Acq; Load Rlx 0 (code 2);
       Load Acq 0 (code 4); Load Rlx 1 2; Fence Acq; Load Rlx 0 (code 4)];
     initial := [0; 1]; threads := [[2; 3; 4; 5]; [6; 7; 8; 9; 10]; [11; 12; 13; 14; 15; 16; 17; 18]];
     reads_from := [(5, 6); (5, 11); (4, 12); (5, 14); (10, 15); (9, 16); (10, 18)];
     orders := [[0; 2; 5; 7; 10]; [1; 4; 9]] |}.
Definition twice_roles := {| s1 := [(1, 2); (2, 7)]; s2 := [(1, 3); (2, 8)]; s3 := [(0, 1); (1, 4); (2, 9)];
  s4 := [(0, 0); (1, 5); (2, 10)] |}.
Definition twice_cur i := match i with 0 => 0 | 1 => 2 | _ => 4 end.
Definition twice_out i := match i with 0 | 1 | 2 => SeqLock.Complete | _ => SeqLock.Cancelled end.
Definition first := {| Protocol.r1 := 11; g := 11; Protocol.r3 := 13; Protocol.r4 := 14 |}.
Definition second := {| Protocol.r1 := 15; g := 15; Protocol.r3 := 17; Protocol.r4 := 18 |}.

Lemma twice_ok : ok (twice (fun n => n)) = true. Proof. vm_compute. reflexivity. Qed.
Theorem two_sections same : let X := exec (twice (fun n => n)) same in
  consistent X /\ SeqLock.parity X shipped 0 payload SeqLock.even (fun n => n) twice_cur twice_out (writers_of twice_roles) /\
  (attempts X shipped 0 (writers_of twice_roles) first /\ SeqLock.accepted X 0 SeqLock.even first 2) /\
  attempts X shipped 0 (writers_of twice_roles) second /\ SeqLock.accepted X 0 SeqLock.even second 4.
Proof.
  intro X. split; [exact (ok_consistent twice_ok _)|]. split; [pose proof twice_ok; is_parity twice_cur twice_roles|].
  split; (split; [attempted twice_ok|is_accepted]).
Qed.

(** A word of two bits: the second section ends with the number 4, which is 0 in memory, and a reader accepts it. *)
Definition wrap n := n mod (2 * 2).
Lemma wrapped_ok : ok (twice wrap) = true. Proof. vm_compute. reflexivity. Qed.
Theorem accepted_across_a_wrap same : let X := exec (twice wrap) same in
  consistent X /\ SeqLock.parity X shipped 0 payload SeqLock.even wrap twice_cur twice_out (writers_of twice_roles) /\
  attempts X shipped 0 (writers_of twice_roles) second /\ SeqLock.accepted X 0 SeqLock.even second 0 /\
  reads_section X (writers_of twice_roles) (Protocol.r1 second) 2 /\
  forall i m, reads_section X (writers_of twice_roles) (Protocol.r1 second) i ->
    reads_section X (writers_of twice_roles) (Protocol.r4 second) m -> SeqLock.version (twice_cur m) < SeqLock.version (twice_cur i) + 2.
Proof.
  intro X. split; [exact (ok_consistent wrapped_ok _)|]. split; [pose proof wrapped_ok; is_parity twice_cur twice_roles|].
  split; [attempted wrapped_ok|]. split; [is_accepted|]. split.
  - exists 10. split; [cbn [W4 writers_of s4 twice_roles In]; pick|there].
  - intros i m (e & E & F) (e' & E' & F'). apply mem_in in F, F'. cbn [W4 writers_of s4 twice_roles In] in E, E'.
    cases; try discriminate F; try discriminate F'; vm_compute; lia.
Qed.

(** One that is cancelled, one whose writer stops, and one that takes over on another thread. *)
Definition stopped : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Store Rlx 0 1; Store Rel 0 0; Store Rlx 0 1; Fence Rel; Store Rlx 1 1; Store Rel 5 1;
       Load Acq 5 1; Store Rlx 0 1; Fence Rel; Store Rlx 1 2; Store Rel 0 2;
       Load Rlx 0 2; Fence Acq; Load Rlx 1 2; Fence Acq; Load Rlx 0 2];
     initial := [0; 1]; threads := [[2; 3; 4; 5; 6; 7]; [8; 9; 10; 11; 12]; [13; 14; 15; 16; 17]];
     reads_from := [(7, 8); (12, 13); (11, 15); (12, 17)]; orders := [[0; 2; 3; 4; 9; 12]; [1; 6; 11]; [7]] |}.
Definition stopped_roles := {| s1 := [(1, 2); (2, 4); (3, 9)]; s2 := [(2, 5); (3, 10)]; s3 := [(0, 1); (2, 6); (3, 11)];
  s4 := [(0, 0); (1, 3); (3, 12)] |}.
Definition stopped_cur i := match i with 0 | 1 => 0 | 2 => 1 | _ => 2 end.
Definition stopped_out i := match i with 0 | 3 => SeqLock.Complete | 2 => SeqLock.Stopped | _ => SeqLock.Cancelled end.
(** r1 is relaxed here, and a fence behind it acquires. *)
Definition after_stopped := {| Protocol.r1 := 13; g := 14; Protocol.r3 := 16; Protocol.r4 := 17 |}.

Lemma stopped_ok : ok stopped = true. Proof. vm_compute. reflexivity. Qed.
Theorem cancelled_stopped_taken_over same : let X := exec stopped same in
  consistent X /\ SeqLock.parity X shipped 0 payload SeqLock.even (fun n => n) stopped_cur stopped_out (writers_of stopped_roles) /\
  attempts X shipped 0 (writers_of stopped_roles) after_stopped /\ SeqLock.accepted X 0 SeqLock.even after_stopped 2.
Proof.
  intro X. split; [exact (ok_consistent stopped_ok _)|]. split; [pose proof stopped_ok; is_parity stopped_cur stopped_roles|].
  split; [|is_accepted]. split; intros; try discriminate;
  first [there | right; there | right; split; there
        | eapply constructed_there; [exact stopped_ok| |eassumption]; vm_compute; reflexivity].
Qed.

(** A region that is written, and closed: its word is 0 then, by a w1 that no write follows. One attempt takes the value; what has read the 0
    takes nothing. *)
Definition closed : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Store Rlx 0 1; Fence Rel; Store Rlx 1 1; Store Rel 0 2; Store Rel 0 0;
       Load Rlx 0 2; Fence Acq; Load Rlx 1 1; Fence Acq; Load Rlx 0 2; Load Rlx 0 0];
     initial := [0; 1]; threads := [[2; 3; 4; 5; 6]; [7; 8; 9; 10; 11; 12]];
     reads_from := [(5, 7); (4, 9); (5, 11); (6, 12)]; orders := [[0; 2; 5; 6]; [1; 4]] |}.
Definition closed_roles := {| s1 := [(1, 2); (2, 6)]; s2 := [(1, 3)]; s3 := [(0, 1); (1, 4)]; s4 := [(0, 0); (1, 5)] |}.
Definition closed_cur i := match i with 0 => 0 | 1 => 2 | _ => 3 end.
Definition closed_out i := match i with 0 | 1 => SeqLock.Complete | _ => SeqLock.Stopped end.
Definition before_closed := {| Protocol.r1 := 7; g := 8; Protocol.r3 := 10; Protocol.r4 := 11 |}.

Lemma closed_ok : ok closed = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_region_that_is_closed same : let X := exec closed same in
  consistent X /\
  SeqLock.parity X shipped 0 payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * 128)) closed_cur closed_out (writers_of closed_roles) /\
  attempts X shipped 0 (writers_of closed_roles) before_closed /\ SeqLock.accepted X 0 SeqLock.even_not_zero before_closed 2 /\
  (exists a, W1 (writers_of closed_roles) 2 a /\ rf X a 12 /\ reads X 12 0 0 /\ ~ SeqLock.even_not_zero 0).
Proof.
  intro X. split; [exact (ok_consistent closed_ok _)|]. split; [|split; [|split]].
  - pose proof closed_ok. unfold payload, closed_roles. split; [split|..]; settle;
      match goal with |- closed_cur (S ?i) = _ => destruct i as [|[|]]; reflexivity
        | |- exists _, _ = _ /\ _ => eexists; split; [reflexivity|there]
        | |- exists _, writes _ _ _ _ /\ _ => eexists; split; [vm_compute; reflexivity|intros [Ev Nz]; try discriminate Ev; now destruct Nz]
        | _ => idtac end.
  - split; intros; try discriminate; first [there | right; there | right; split; there
      | eapply constructed_there; [exact closed_ok| |eassumption]; vm_compute; reflexivity].
  - split; [split; [reflexivity|discriminate]|split; reflexivity].
  - exists 6. split; [cbn [W1 writers_of s1 closed_roles In]; pick|split; [there|split; [reflexivity|intros [_ N]; now destruct N]]].
Qed.

(** ** The latch of four buffers: a reader of count 1 that finds count [d] in the end *)
Definition laps4 (b : event) (d : val) : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0; Store Rlx 2 0; Store Rlx 3 0; Store Rlx 4 0;
       Fence Rel; Store Rlx 2 1; Store Rel 0 1; Fence Rel; Store Rlx 3 2; Store Rel 0 2; Fence Rel; Store Rlx 4 3; Store Rel 0 3;
       Load Acq 0 1; Load Rlx 2 1; Fence Acq; Load Rlx 0 d];
     initial := [0; 1; 2; 3; 4]; threads := [[5; 6; 7; 8; 9; 10; 11; 12; 13]; [14; 15; 16; 17]];
     reads_from := [(7, 14); (6, 15); (b, 17)]; orders := [[0; 7; 10; 13]; [1]; [2; 6]; [3; 9]; [4; 12]] |}.
Definition laps4_roles := {| s1 := []; s2 := [(1, 5); (2, 8); (3, 11)];
  s3 := [(0, 1); (0, 2); (0, 3); (0, 4); (1, 6); (2, 9); (3, 12)]; s4 := [(0, 0); (1, 7); (2, 10); (3, 13)] |}.
Definition laps4_payload x := 0 < x.
Definition laps4_buffer x := x - 1.
Definition laps4_count i := match i with 0 => 0 | 1 => 1 | 2 => 2 | 3 => 3 | _ => 4 end.
Definition laps4_attempt := {| Protocol.r1 := 14; g := 14; Protocol.r3 := 16; Protocol.r4 := 17 |}.

Definition is_accepted_at F d := forall same, let X := exec F same in
  consistent X /\ Latch.latch X shipped 0 laps4_payload 4 laps4_buffer (fun _ => False) (fun n => n) laps4_count (writers_of laps4_roles) /\
  attempts X shipped 0 (writers_of laps4_roles) laps4_attempt /\
  reads X (Protocol.r1 laps4_attempt) 0 1 /\ reads X (Protocol.r4 laps4_attempt) 0 d /\ d - 1 <= 4 - 2.
Ltac is_latch := unfold laps4_payload, laps4_roles; split; [split|..]; settle;
  match goal with |- _ \/ _ => idtac | _ => reflexivity end;
  match goal with |- _ /\ laps4_count (S ?i) = _ \/ _ => destruct i as [|[|[|[|]]]];
    [left; split; [eexists; pick|reflexivity]..|right; split; [intros e H; cases; discriminate|reflexivity]] | _ => idtac end.
Ltac is_lapped Kx := intros same X; split; [exact (ok_consistent Kx _)|]; split; [pose proof Kx; is_latch|];
  split; [attempted Kx|]; split; [reflexivity|split; [reflexivity|lia]].

Lemma one_apart_ok : ok (laps4 10 2) = true. Proof. vm_compute. reflexivity. Qed.
Theorem four_buffers_one_apart : is_accepted_at (laps4 10 2) 2. Proof. is_lapped one_apart_ok. Qed.
Lemma two_apart_ok : ok (laps4 13 3) = true. Proof. vm_compute. reflexivity. Qed.
Theorem four_buffers_two_apart : is_accepted_at (laps4 13 3) 3. Proof. is_lapped two_apart_ok. Qed.

(** A region of two buffers that is written, and closed: its word is 0 then. One attempt takes the value; what has read the 0 takes nothing. *)
Definition closed_latch : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0; Store Rlx 2 0;
       Fence Rel; Store Rlx 2 1; Store Rel 0 1; Store Rel 0 0;
       Load Rlx 0 1; Fence Acq; Load Rlx 2 1; Fence Acq; Load Rlx 0 1; Load Rlx 0 0];
     initial := [0; 1; 2]; threads := [[3; 4; 5; 6]; [7; 8; 9; 10; 11; 12]];
     reads_from := [(5, 7); (4, 9); (5, 11); (6, 12)]; orders := [[0; 5; 6]; [1]; [2; 4]] |}.
Definition closed_latch_roles := {| s1 := [(2, 6)]; s2 := [(1, 3)]; s3 := [(0, 1); (0, 2); (1, 4)]; s4 := [(0, 0); (1, 5)] |}.
Definition closed_latch_count i := match i with 0 => 0 | 1 => 1 | _ => 2 end.

Lemma closed_latch_ok : ok closed_latch = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_latch_that_is_closed same : let X := exec closed_latch same in
  consistent X /\ Latch.latch X shipped 0 laps4_payload 2 laps4_buffer (eq 0) (fun n => n) closed_latch_count (writers_of closed_latch_roles) /\
  attempts X shipped 0 (writers_of closed_latch_roles) before_closed /\
  reads X (Protocol.r1 before_closed) 0 1 /\ reads X (Protocol.r4 before_closed) 0 1 /\
  (exists a, W1 (writers_of closed_latch_roles) 2 a /\ rf X a 12 /\ reads X 12 0 0).
Proof.
  intro X. split; [exact (ok_consistent closed_latch_ok _)|]. split; [|split; [|split; [reflexivity|split; [reflexivity|]]]].
  - pose proof closed_latch_ok. unfold laps4_payload, closed_latch_roles. split; [split|..]; settle;
      match goal with |- _ /\ closed_latch_count (S ?i) = _ \/ _ => destruct i as [|[|]];
        [left; split; [eexists; pick|reflexivity]..|right; split; [intros e H; cases; discriminate|reflexivity]]
      | |- exists _, writes _ _ _ _ /\ _ => eexists; split; [vm_compute; reflexivity|reflexivity]
      | |- _ \/ _ => idtac | _ => reflexivity end.
  - split; intros; try discriminate; first [there | right; there | right; split; there
      | eapply constructed_there; [exact closed_latch_ok| |eassumption]; vm_compute; reflexivity].
  - exists 6. split; [cbn [W1 writers_of s1 closed_latch_roles In]; pick|split; [there|reflexivity]].
Qed.

(** ** Claims *)

(** What [claims_order_sections] asks of two sections, in the turns 0 and 1. *)
Definition takes_turns X byte free made claim back W c c' :=
  Claim.claims X byte free made claim back /\ Claim.turn X made claim back 0 c /\ Claim.turn X made claim back 1 c' /\
  Claim.inside X made claim back W /\ Claim.made_before X made claim back W.
Ltac is_claimed K T0 T1 v0 v0' v1 v1' :=
  split; [split|split; [exact T0|split; [exact T1|split]]];
  [there
  |intros x v R; discriminate R
  |intros [E|E]; discriminate E
  |intros e We; cases; try discriminate; subst; first [left; reflexivity|right; left; auto; fail|right; right; left; eexists; red; auto]
  |intros c [->| ->] _; [exists Acq, v0, v0'|exists Acq, v1, v1']; (split; [reflexivity|(split; [reflexivity|(split; [reflexivity|discriminate])])])
  |intros c u [[-> ->]|[-> ->]]; (split; [auto|(split; [there|(split; [reflexivity|happens K])])])
  |intros c u u' B B'; red in B, B'; lia
  |intros c [->| ->] _; happens K
  |intros n a S; red in S; cbn [W1 W2 W3 W4 writers_of s1 s2 s3 s4] in S; cases; try discriminate;
   first [exists 2; (split; [exact T0|]) | eexists; (split; [exact T1|])];
   (split; [first [left; reflexivity|right; happens K]|]); intros u B; red in B;
   let E := fresh in destruct B as [[E ->]|[E ->]]; try discriminate E; first [left; reflexivity|right; happens K]
  |intros a c S T; red in S; cbn [W1 W2 W3 W4 writers_of s1 s2 s3 s4] in S;
   inversion T as [[E|E]|c' [->| ->] F|]; subst; try discriminate E; apply mem_in in F; try discriminate F; cases; try discriminate; happens K].
Ltac is_turn_0 := apply Claim.turn_first; [auto|there].
Ltac is_turn_1 T0 c u := apply Claim.turn_next with c u; [exact T0|red; auto|auto|there].

(** By the byte, on two threads; what is stored under it is section 1, then section 2. *)
Definition by_byte : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Rmw Acq 0 0 1; Store Rlx 1 1; Store Rel 0 0; Rmw Acq 0 0 1; Store Rlx 1 2; Store Rel 0 0];
     initial := [0; 1]; threads := [[2; 3; 4]; [5; 6; 7]]; reads_from := [(0, 2); (4, 5)]; orders := [[0; 2; 4; 5; 7]; [1; 3; 6]] |}.
Definition by_byte_roles := {| s1 := []; s2 := []; s3 := [(0, 1); (1, 3); (2, 6)]; s4 := [] |}.
Definition by_byte_back c u := c = 2 /\ u = 4 \/ c = 5 /\ u = 7.

(** By a writer that claims on one thread, and stores and gives back on another one. *)
Definition moved : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Rmw Acq 0 0 1; Store Rel 5 1; Load Acq 5 1; Store Rlx 1 1; Store Rel 0 0; Rmw Acq 0 0 1; Store Rlx 1 2; Store Rel 0 0];
     initial := [0; 1]; threads := [[2; 3]; [4; 5; 6]; [7; 8; 9]]; reads_from := [(0, 2); (3, 4); (6, 7)];
     orders := [[0; 2; 6; 7; 9]; [1; 5; 8]; [3]] |}.
Definition moved_roles := {| s1 := []; s2 := []; s3 := [(0, 1); (1, 5); (2, 8)]; s4 := [] |}.
Definition moved_back c u := c = 2 /\ u = 6 \/ c = 7 /\ u = 9.

(** By the word itself: the claim is w1, and what gives it back is w4. *)
Definition by_word : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Rmw Acq 0 0 1; Fence Rel; Store Rlx 1 1; Store Rel 0 2; Rmw Acq 0 2 3; Fence Rel; Store Rlx 1 2; Store Rel 0 4];
     initial := [0; 1]; threads := [[2; 3; 4; 5]; [6; 7; 8; 9]]; reads_from := [(0, 2); (5, 6)];
     orders := [[0; 2; 5; 6; 9]; [1; 4; 8]] |}.
Definition by_word_roles := {| s1 := [(1, 2); (2, 6)]; s2 := [(1, 3); (2, 7)]; s3 := [(0, 1); (1, 4); (2, 8)];
  s4 := [(0, 0); (1, 5); (2, 9)] |}.
Definition by_word_back c u := c = 2 /\ u = 5 \/ c = 6 /\ u = 9.

Lemma by_byte_ok : ok by_byte = true. Proof. vm_compute. reflexivity. Qed.
Theorem two_claims_by_byte same : let X := exec by_byte same in
  consistent X /\ takes_turns X 0 (fun v => v = 0) 0 (fun c => c = 2 \/ c = 5) by_byte_back (writers_of by_byte_roles) 2 5.
Proof.
  intro X. split; [exact (ok_consistent by_byte_ok _)|]. unfold takes_turns, by_byte_roles.
  assert (T0 : Claim.turn X 0 (fun c => c = 2 \/ c = 5) by_byte_back 0 2) by is_turn_0.
  assert (T1 : Claim.turn X 0 (fun c => c = 2 \/ c = 5) by_byte_back 1 5) by is_turn_1 T0 2 4.
  is_claimed by_byte_ok T0 T1 0 1 0 1.
Qed.

Lemma moved_ok : ok moved = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_writer_that_is_moved same : let X := exec moved same in
  consistent X /\ takes_turns X 0 (fun v => v = 0) 0 (fun c => c = 2 \/ c = 7) moved_back (writers_of moved_roles) 2 7.
Proof.
  intro X. split; [exact (ok_consistent moved_ok _)|]. unfold takes_turns, moved_roles.
  assert (T0 : Claim.turn X 0 (fun c => c = 2 \/ c = 7) moved_back 0 2) by is_turn_0.
  assert (T1 : Claim.turn X 0 (fun c => c = 2 \/ c = 7) moved_back 1 7) by is_turn_1 T0 2 6.
  is_claimed moved_ok T0 T1 0 1 0 1.
Qed.

Lemma by_word_ok : ok by_word = true. Proof. vm_compute. reflexivity. Qed.
Theorem two_claims_by_word same : let X := exec by_word same in
  consistent X /\ takes_turns X 0 SeqLock.even 0 (fun c => c = 2 \/ c = 6) by_word_back (writers_of by_word_roles) 2 6.
Proof.
  intro X. split; [exact (ok_consistent by_word_ok _)|]. unfold takes_turns, by_word_roles.
  assert (T0 : Claim.turn X 0 (fun c => c = 2 \/ c = 6) by_word_back 0 2) by is_turn_0.
  assert (T1 : Claim.turn X 0 (fun c => c = 2 \/ c = 6) by_word_back 1 6) by is_turn_1 T0 2 5.
  is_claimed by_word_ok T0 T1 0 1 2 3.
Qed.

(** By the byte, which is seized once the first writer is done with the lock, or has leaked its claim: on another thread, after a hand-over of
    the lock as a whole. That is the second epoch, of which section 0 has all that came before. *)
Definition by_seizure : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Rmw Acq 0 0 1; Store Rlx 1 1; Store Rel 5 1;
       Load Acq 5 1; Store Rlx 0 2; Store Rlx 1 2; Store Rel 0 0; Rmw Acq 0 0 1; Store Rlx 1 3; Store Rel 0 0];
     initial := [0; 1]; threads := [[2; 3; 4]; [5; 6; 7; 8]; [9; 10; 11]]; reads_from := [(0, 2); (4, 5); (8, 9)];
     orders := [[0; 2; 6; 8; 9; 11]; [1; 3; 7; 10]; [4]] |}.
Definition by_seizure_roles := {| s1 := []; s2 := []; s3 := [(0, 1); (0, 3); (1, 7); (2, 10)]; s4 := [] |}.
Definition by_seizure_back c u := c = 6 /\ u = 8 \/ c = 9 /\ u = 11.

Lemma by_seizure_ok : ok by_seizure = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_claim_that_is_seized same : let X := exec by_seizure same in
  consistent X /\ takes_turns X 0 (fun v => v = 0) 6 (fun c => c = 6 \/ c = 9) by_seizure_back (writers_of by_seizure_roles) 6 9.
Proof.
  intro X. split; [exact (ok_consistent by_seizure_ok _)|]. unfold takes_turns, by_seizure_roles.
  assert (T0 : Claim.turn X 6 (fun c => c = 6 \/ c = 9) by_seizure_back 0 6) by (apply Claim.turn_seized; auto).
  assert (T1 : Claim.turn X 6 (fun c => c = 6 \/ c = 9) by_seizure_back 1 9) by is_turn_1 T0 6 8.
  split; [split|split; [exact T0|split; [exact T1|split]]].
  - there.
  - intros x v R. discriminate R.
  - intros _ v Wv. vm_compute in Wv. injection Wv as <-. discriminate.
  - intros e We. cases; try discriminate; subst;
      first [left; reflexivity|right; left; auto; fail|right; right; left; eexists; red; auto; fail|right; right; right; left; happens by_seizure_ok].
  - intros c [->| ->] N; [now destruct N|]. exists Acq, 0, 1. repeat (split; [reflexivity|]). discriminate.
  - intros c u [[-> ->]|[-> ->]]; (split; [auto|(split; [there|(split; [reflexivity|happens by_seizure_ok])])]).
  - intros c u u' B B'. red in B, B'. lia.
  - intros c [->| ->] N; [now destruct N|happens by_seizure_ok].
  - intros n a S. red in S. cbn [W1 W2 W3 W4 writers_of s1 s2 s3 s4] in S. cases; try discriminate;
      first [exists 6; (split; [exact T0|])|eexists; (split; [exact T1|])];
      (split; [first [left; reflexivity|right; happens by_seizure_ok]|]); intros u B; red in B;
      let E := fresh in destruct B as [[E ->]|[E ->]]; try discriminate E; first [left; reflexivity|right; happens by_seizure_ok].
  - intros a c S T. red in S.
    cbn [W1 W2 W3 W4 writers_of s1 s2 s3 s4] in S.
    inversion T as [Km|c' Kc F|]; subst; [|apply mem_in in F; destruct Kc as [->| ->]; discriminate F].
    cases; try discriminate; happens by_seizure_ok.
Qed.

(** ** A map that has grown twice: a read of the second phase, which sees what was moved then, and nothing that the third one stores *)
Definition grown : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Store Rel 0 1; Fence Rel; Store Rlx 1 1; Load Acq 0 1; Load Rlx 1 1; Fence Acq; Load Rlx 0 1;
       Store Rel 0 2; Fence Rel; Store Rlx 1 2];
     initial := [0; 1]; threads := [[2; 3; 4; 9; 10; 11]; [5; 6; 7; 8]]; reads_from := [(2, 5); (4, 6); (2, 8)];
     orders := [[0; 2; 9]; [1; 4; 11]] |}.
Definition grown_phases n e := n = 0 /\ e = 0 \/ n = 1 /\ e = 2 \/ n = 2 /\ e = 9.
Definition grown_stores n s := n = 1 /\ s = 4 \/ n = 2 /\ s = 11.

Lemma grown_ok : ok grown = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_map_that_has_grown same : let X := exec grown same in
  consistent X /\ Phase.phases X 0 grown_phases grown_stores /\ Phase.phase_read X 0 grown_phases 1 2 5 5 7 8 /\
  grown_stores 1 4 /\ rf X 4 6 /\ sb X 5 6 /\ sb X 6 7.
Proof.
  intro X. split; [exact (ok_consistent grown_ok _)|]. split; [|split].
  - split.
    + intros n e [[-> ->]|[[-> ->]|[-> ->]]]; reflexivity.
    + intros n e [[E _]|[[E ->]|[E ->]]]; [discriminate|reflexivity|reflexivity].
    + intros n m e e' L [[-> ->]|[[-> ->]|[-> ->]]] [[-> ->]|[[-> ->]|[-> ->]]]; try lia; happens grown_ok.
    + intros n s [[-> ->]|[-> ->]]; [exists 2, 3|exists 9, 10]; (split; [red; auto|]; split; [reflexivity|]; split; [there|happens grown_ok]).
  - split.
    + intros a [[_ ->]|[[E _]|[E _]]]; [happens grown_ok|discriminate|discriminate].
    + left. split; reflexivity.
    + reflexivity.
    + there.
    + split; [red; auto|there].
    + exists 2. split; [red; auto|there].
  - split; [left; split; reflexivity|]. split; [there|]. split; there.
Qed.

(** ** Two words, of two bits and more: the number 2 begins a half, and a reader finds it *)
Definition halves : finite :=
  {| labels := [Store Rel 0 0; Store Rel 1 0; Store Rel 1 1; Store Rel 0 1; Store Rel 1 2; Load Acq 0 1; Load Acq 1 2; Load Acq 0 1];
     initial := []; threads := [[0; 1; 2; 3; 4]; [5; 6; 7]]; reads_from := [(3, 5); (4, 6); (3, 7)]; orders := [[0; 3]; [1; 2; 4]] |}.
Definition halves_high h e := h = 0 /\ e = 0 \/ h = 1 /\ e = 3.
Definition halves_low n e := n = 0 /\ e = 1 \/ n = 1 /\ e = 2 \/ n = 2 /\ e = 4.

Ltac is_two_words K := split;
  [lia
  |intros h e [[-> ->]|[-> ->]]; split; reflexivity
  |intros n e [[-> ->]|[[-> ->]|[-> ->]]]; split; reflexivity
  |intros h k a b L [[-> ->]|[-> ->]] [[-> ->]|[-> ->]]; try lia; happens K
  |intros n m a b L [[-> ->]|[[-> ->]|[-> ->]]] [[-> ->]|[[-> ->]|[-> ->]]]; try lia; happens K
  |intros n k a b L [[-> ->]|[[-> ->]|[-> ->]]] [[-> ->]|[-> ->]]; try lia; happens K
  |intros k b [[E _]|[E _]]; [discriminate|]; injection E as ->; exists 2; red; auto
  |intros n e [[-> ->]|[[-> ->]|[-> ->]]]; [exists 0|exists 0|exists 3]; (split; [red; auto|happens K])].
Lemma halves_ok : ok halves = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_half_begins same : let X := exec halves same in
  consistent X /\ TwoWords.two_words X 0 1 2 halves_high halves_low /\ sb X 5 6 /\ sb X 6 7 /\
  halves_high 1 3 /\ rf X 3 5 /\ rf X 3 7 /\ halves_low 2 4 /\ rf X 4 6 /\ TwoWords.seen 2 1 2 = 2.
Proof.
  intro X. split; [exact (ok_consistent halves_ok _)|]. split; [is_two_words halves_ok|].
  - split; [there|]. split; [there|]. split; [red; auto|]. split; [there|]. split; [there|].
    split; [red; auto|]. split; [there|reflexivity].
Qed.

(** The half is ahead: the number that is read in between is still the last one of the half before. *)
Definition ahead : finite :=
  {| labels := [Store Rel 0 0; Store Rel 1 0; Store Rel 1 1; Store Rel 0 1; Store Rel 1 2; Load Acq 0 1; Load Acq 1 1; Load Acq 0 1];
     initial := []; threads := threads halves; reads_from := [(3, 5); (2, 6); (3, 7)]; orders := orders halves |}.
Lemma ahead_ok : ok ahead = true. Proof. vm_compute. reflexivity. Qed.
Theorem a_half_ahead same : let X := exec ahead same in
  consistent X /\ TwoWords.two_words X 0 1 2 halves_high halves_low /\ rf X 3 5 /\ rf X 3 7 /\ halves_low 1 2 /\ rf X 2 6 /\ TwoWords.seen 2 1 1 = 1.
Proof.
  intro X. split; [exact (ok_consistent ahead_ok _)|]. split; [is_two_words ahead_ok|].
  - split; [there|]. split; [there|]. split; [red; auto|]. split; [there|reflexivity].
Qed.

(** ** The reader as a program: a run of it, whose loads and fences are the events of [closed], by a shape of one byte and a word of one *)
Require Program Reader Trust Answers Bridge Honest Statements Traces.
From Coq Require Import NArith Strings.Byte.
Definition tiny := {| Reader.word_at := 0; Reader.width := 1; Reader.state_at := 2; Reader.state_width := 1; Reader.base := 1; Reader.stride := 1;
  Reader.buffers := 1; Reader.steps := [(0, 1)]; Reader.private_size := 1 |}.
Definition is_any (parts : list (list byte)) := true.
Definition tiny_trace := let word := Program.ALd Program.Relaxed (Reader.word tiny) [x02] in
  [word; Program.AFn Program.Acquire; Program.ALd Program.Relaxed (Reader.shared 1 1) [x01]; Program.AFn Program.Acquire; word].

Theorem a_program_that_reads same : let X := exec closed same in
  consistent X /\ Trust.placed tiny 3 /\ Trust.disjoint (Reader.steps tiny) /\
  Statements.ran X (writers_of closed_roles) tiny (Reader.steps tiny) tiny_trace [[x01]] 1 [7; 8; 9; 10; 11] /\
  SeqLock.parity X shipped (Reader.word_at tiny) payload SeqLock.even_not_zero (SeqLock.skip_zero (2 * 128)) closed_cur closed_out
    (writers_of closed_roles) /\
  (forall i m, Honest.found_by X (writers_of closed_roles) [7; 8; 9; 10; 11] i -> Honest.found_by X (writers_of closed_roles) [7; 8; 9; 10; 11] m ->
    SeqLock.version (closed_cur m) < SeqLock.version (closed_cur i) + (128 - 1)).
Proof.
  intro X. destruct (a_region_that_is_closed same) as (C & V & _). split; [exact C|]. split; [|split; [|split; [|split; [exact V|]]]].
  - split; cbn; auto; try lia; repeat constructor.
  - repeat constructor.
  - split.
    + exists (fun _ => x00), (Reader.reader tiny is_any 1). split; [apply Statements.a_value; repeat constructor|].
      cbn. repeat (constructor; [reflexivity..|]; cbn). constructor.
    + split; [vm_compute; reflexivity|]. repeat first [apply FOP_nil|apply FOP_cons|apply Forall_nil|apply Forall_cons]; there.
    + intros a e I Z. cbn [In] in I.
      repeat (destruct I as [<-|I]; [apply (@constructed_there closed closed_roles _ same closed_ok); [vm_compute; reflexivity|exact Z]|]). contradiction.
  - intros i m (r & _ & e & E & F) (r' & _ & e' & E' & F'). cbn [W4 writers_of s4 closed_roles In] in E, E'. cases; cbn; lia.
Qed.

(** Two runs of the writer, on two threads that hand over, and a run of the reader: all that is assumed of the programs on both sides. *)
Definition programs : finite :=
  {| labels := [Store Rlx 0 0; Store Rlx 1 0;
       Load Rlx 0 0; Store Rlx 0 1; Fence Rel; Store Rlx 1 7; Store Rel 0 2; Store Rel 5 1;
       Load Acq 5 1; Load Rlx 0 2; Store Rlx 0 3; Fence Rel; Store Rlx 1 8; Store Rel 0 4;
       Load Rlx 0 4; Fence Acq; Load Rlx 1 8; Fence Acq; Load Rlx 0 4];
     initial := [0; 1]; threads := [[2; 3; 4; 5; 6; 7]; [8; 9; 10; 11; 12; 13]; [14; 15; 16; 17; 18]];
     reads_from := [(0, 2); (7, 8); (6, 9); (13, 14); (12, 16); (13, 18)]; orders := [[0; 3; 6; 10; 13]; [1; 5; 12]; [7]] |}.
Definition programs_run i := match i with 0 => [0; 1] | 1 => [2; 3; 4; 5; 6] | 2 => [9; 10; 11; 12; 13] | _ => [] end.
Definition programs_trace := let word := Program.ALd Program.Relaxed (Reader.word tiny) [x04] in
  [word; Program.AFn Program.Acquire; Program.ALd Program.Relaxed (Reader.shared 1 1) [x08]; Program.AFn Program.Acquire; word].
Definition writer_trace found value busy next := [Program.ALd Program.Relaxed (Reader.word tiny) [found]; Program.ASt Program.Relaxed (Reader.word tiny) [busy];
  Program.AFn Program.Release; Program.ASt Program.Relaxed (Reader.shared 1 1) [value]; Program.ASt Program.Release (Reader.word tiny) [next]].

Lemma programs_ok : ok programs = true. Proof. vm_compute. reflexivity. Qed.
Theorem programs_that_write_and_read same : let X := exec programs same in
  let W := Written.steps_of_runs X tiny programs_run in let cur := Written.cur X tiny programs_run 0 in
  consistent X /\ Written.writer_runs_only X tiny payload programs_run /\
  (forall i j a b, i < j -> In a (programs_run i) -> In b (programs_run j) -> hb X a b) /\
  (exists e, In e (programs_run 0) /\ writes X e 0 (SeqLock.skip_zero (2 * 128) 0) /\ forall a, In a (programs_run 0) -> is_write X a 0 -> a = e) /\
  Statements.ran X W tiny (Reader.steps tiny) programs_trace [[x08]] 2 [14; 15; 16; 17; 18] /\ cur 1 = 2 /\ cur 2 = 4.
Proof.
  intros X W cur. split; [exact (ok_consistent programs_ok _)|]. split; [|split; [|split; [|split; [|split; reflexivity]]]].
  - split.
    + intros [|[|i]].
      * exists (fun _ => x07), (writer_trace x00 x07 x01 x02), (Program.Done tt). split; [cbn; repeat (constructor; [reflexivity..|]; cbn); constructor|].
        split; [vm_compute; reflexivity|]. repeat first [apply FOP_nil|apply FOP_cons|apply Forall_nil|apply Forall_cons]; there.
      * exists (fun _ => x08), (writer_trace x02 x08 x03 x04), (Program.Done tt). split; [cbn; repeat (constructor; [reflexivity..|]; cbn); constructor|].
        split; [vm_compute; reflexivity|]. repeat first [apply FOP_nil|apply FOP_cons|apply Forall_nil|apply Forall_cons]; there.
      * exists (fun _ => x00), [], Program.Halted. split; [constructor|]. split; [reflexivity|constructor].
    + intros e x We Px. unfold payload in Px. cbn [Reader.word_at tiny] in Px.
      cases; try discriminate; subst; try (exists 0; cbn; tauto); try (exists 1; cbn; tauto); try (exists 2; cbn; tauto); exfalso; lia.
    + intros x ->. discriminate.
  - intros i j a b L A B. destruct i as [|[|[|i]]], j as [|[|[|j]]]; try lia; cbn [programs_run In] in A, B; try contradiction;
      repeat (destruct A as [<-|A]; [repeat (destruct B as [<-|B]; [happens programs_ok|]); contradiction|]); contradiction.
  - exists 0. split; [now left|]. split; [reflexivity|]. intros a [<-|[<-|[]]] Wa; [reflexivity|]. destruct Wa as [v Wa]. discriminate.
  - split.
    + exists (fun _ => x00), (Reader.reader tiny is_any 1). split; [apply Statements.a_value; repeat constructor|].
      cbn. repeat (constructor; [reflexivity..|]; cbn). constructor.
    + split; [vm_compute; reflexivity|]. repeat first [apply FOP_nil|apply FOP_cons|apply Forall_nil|apply Forall_cons]; there.
    + intros a e I Z. assert (A : a = 0 \/ a = 1) by (destruct Z as [[Ia _]|[Ia _]]; cbn in Ia; lia). cbn [In] in I.
      destruct A as [->| ->]; repeat (destruct I as [<-|I]; [happens programs_ok|]); contradiction.
Qed.

(** A latch of two buffers, and all that is assumed of it and of a read. *)
Definition tiny2 := {| Reader.word_at := 0; Reader.width := 1; Reader.state_at := 3; Reader.state_width := 1; Reader.base := 1; Reader.stride := 1;
  Reader.buffers := 2; Reader.steps := [(0, 1)]; Reader.private_size := 1 |}.
Definition tiny2_trace := let word := Program.ALd Program.Relaxed (Reader.word tiny2) [x01] in
  [word; Program.AFn Program.Acquire; Program.ALd Program.Relaxed (Reader.shared 2 1) [x01]; Program.AFn Program.Acquire; word].
Theorem a_program_that_reads_a_latch same : let X := exec closed_latch same in
  Trust.placed tiny2 4 /\ Statements.ran X (writers_of closed_latch_roles) tiny2 (Reader.steps tiny2) tiny2_trace [[x01]] 1 [7; 8; 9; 10; 11].
Proof.
  intro X. split.
  - split; cbn; auto; try lia; repeat constructor.
  - split.
    + exists (fun _ => x00), (Reader.reader tiny2 is_any 1). split; [apply Statements.a_value; repeat constructor|].
      cbn. repeat (constructor; [reflexivity..|]; cbn). constructor.
    + split; [vm_compute; reflexivity|]. repeat first [apply FOP_nil|apply FOP_cons|apply Forall_nil|apply Forall_cons]; there.
    + intros a e I Z. cbn [In] in I.
      repeat (destruct I as [<-|I]; [apply (@constructed_there closed_latch closed_latch_roles _ same closed_latch_ok); [vm_compute; reflexivity|exact Z]|]). contradiction.
Qed.

Theorem a_latch_that_is_read same : let X := exec closed_latch same in
  exists first, Statements.read_of X (writers_of closed_latch_roles) tiny2 2 (Reader.steps tiny2) [[x01]] [7; 8; 9; 10; 11] 1 first.
Proof.
  intro X. destruct (a_latch_that_is_closed same) as (C & Lt & _). destruct (a_program_that_reads_a_latch same) as (_ & R).
  assert (Few : forall i, Honest.found_by X (writers_of closed_latch_roles) [7; 8; 9; 10; 11] i -> closed_latch_count i + 2 < 256).
  { intros i (r & _ & e & E & F). cbn [W4 writers_of s4 closed_latch_roles In] in E. cases; cbn; lia. }
  assert (V : Latch.latch X shipped 0 laps4_payload 2 laps4_buffer (eq 0) (fun n => n mod 256) closed_latch_count (writers_of closed_latch_roles)).
  { destruct Lt as [P1 P2 P3 P4 P5]. split; auto. intros i e E. pose proof (P4 i e E) as Q.
    cbn [W4 writers_of s4 closed_latch_roles In] in E. cases; exact Q. }
  destruct (@Statements.latch_is_honest X (writers_of closed_latch_roles) laps4_payload tiny2 laps4_buffer closed_latch_count (Reader.steps tiny2) tiny2_trace [[x01]] 1%N
    [7; 8; 9; 10; 11]) as (i & f & Ci & Rd); auto.
  - intros s c [<-|[]] Lc. unfold laps4_payload, laps4_buffer. cbn in *. lia.
  - exists f. replace i with 1 in Rd; [exact Rd|]. destruct i as [|[|i]]; cbn in Ci; lia.
Qed.

(** ** Shapes: those whose programs are traced are placed as inspection asks for it *)
Ltac lies := repeat first [apply Forall_nil|apply Forall_cons|apply FOP_nil|apply FOP_cons]; unfold Trust.apart; cbn; lia.
Theorem shapes_that_are_placed :
  Trust.placed (Traces.padded 4) 300 /\ Trust.disjoint Traces.padded_steps /\
  Trust.placed (Traces.slices 2) 512 /\ Trust.slice_placed (Traces.slices 2) Traces.long 5 /\ Answers.slice_apart Traces.long /\
  Trust.placed (Traces.maps 384 2) 1024 /\ Trust.table_placed (Traces.maps 384 2) Traces.pairs /\ Answers.table_apart Traces.pairs.
Proof.
  split; [split; cbn; try lia; lies|]. split; [lies|]. split; [split; cbn; try lia; lies|]. split; [|split; [|split; [|split]]].
  - split; [cbn; lia|]. intros n Hn. cbn in Hn. do 6 (destruct n as [|n]; [split; [cbn; lies|cbn; lia]|]). lia.
  - intros n Hn. cbn in Hn. do 6 (destruct n as [|n]; [split; cbn; lies|]). lia.
  - split; cbn; try lia; lies.
  - split; cbn; try lia; lies.
  - split; lies.
Qed.
