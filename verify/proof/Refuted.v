(** * Designs that are not safe, each refuted by answers that a hostile program can give. They show that Trust.v and Answers.v can fail. *)

From Coq Require Import List NArith Arith Lia Bool.
From Coq Require Import Strings.Byte.
Require Import Program Reader.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** A value of one byte, 0 or 1, behind a word of one byte; two buffers, of two bytes each; a region of 6 bytes. *)
Definition small := {| word_at := 0; width := 1; state_at := 1; state_width := 1; base := 2; stride := 2; buffers := 1; steps := [(0, 1)]; private_size := 2 |}.
Definition size := 6.
Definition is_bool (parts : list (list byte)) := match parts with [b] => (number b <? 2)%N | _ => false end.
Definition good r := match r with Value parts _ => is_bool parts = true | Error _ => True end.
Definition nothing : own := fun _ => x00.

(** ** Validation in place. The other side changes the byte and the word never moves, so the last look at the word says nothing. *)
Definition reader_in_place : prog result :=
  Ld Relaxed (word small) (fun b => Fn Acquire (
  Ld Relaxed (shared (base small) 1) (fun v => if is_bool [v] then Fn Acquire (
    Ld Relaxed (word small) (fun b' => if (number b' =? number b)%N then
      Ld Relaxed (shared (base small) 1) (fun v' => Ret (Value [v'] (number b))) else Ret (Error Torn)))
  else Ret (Error Invalid)))).

Theorem in_place : ~ checked good reader_in_place.
Proof.
  intro H. assert (Q : runs nothing reader_in_place
    [ALd Relaxed (word small) [x02]; AFn Acquire; ALd Relaxed (shared 2 1) [x01]; AFn Acquire; ALd Relaxed (word small) [x02];
     ALd Relaxed (shared 2 1) [xff]] (Done (Value [[xff]] 2))) by repeat (constructor; try reflexivity).
  specialize (H _ _ _ Q). discriminate H.
Qed.

(** ** A length that is looked at, and loaded once more. *)
Definition reader_twice : prog result :=
  Ld Relaxed (shared 2 1) (fun n => if (number n <=? 3)%N then
    Ld Relaxed (shared 2 1) (fun n' => Ld Relaxed (shared 3 (N.to_nat (number n'))) (fun v => Ret (Value [v] 0)))
  else Ret (Error Invalid)).

Theorem length_twice : ~ inside size reader_twice.
Proof.
  intro H. assert (Q : runs nothing reader_twice [ALd Relaxed (shared 2 1) [x00]; ALd Relaxed (shared 2 1) [x04];
    ALd Relaxed (shared 3 4) [x00; x00; x00; x00]] (Done (Value [[x00; x00; x00; x00]] 0))) by repeat (constructor; try reflexivity).
  specialize (H _ _ _ Q). inversion H as [|? ? _ In1]. inversion In1 as [|? ? _ In2]. inversion In2 as [|? ? F _].
  cbv [act_fits fits shared at_ len size] in F. lia.
Qed.

(** ** A buffer that is chosen by the word, without a mask. *)
Definition reader_unmasked : prog result :=
  Ld Relaxed (word small) (fun b => Fn Acquire (Ld Relaxed (shared (base small + N.to_nat (number b) * stride small) 1) (fun v =>
  Fn Acquire (Ld Relaxed (word small) (fun b' => if (number b' =? number b)%N && is_bool [v] then Ret (Value [v] 0) else Ret (Error Torn)))))).

Theorem unmasked : ~ inside size reader_unmasked.
Proof.
  intro H. assert (Q : runs nothing reader_unmasked [ALd Relaxed (word small) [x02]; AFn Acquire; ALd Relaxed (shared 6 1) [x00]] Halted)
    by repeat (constructor; try reflexivity).
  specialize (H _ _ _ Q). inversion H as [|? ? _ In1]. inversion In1 as [|? ? _ In2]. inversion In2 as [|? ? F _].
  cbv [act_fits fits shared at_ len size] in F. lia.
Qed.

(** ** A reader that tries again for as long as the word is odd. *)
CoFixpoint reader_forever : prog result :=
  Ld Relaxed (word small) (fun b => if N.odd (number b) then reader_forever else Ret (Error Empty)).

Lemma unfolded R (q : prog R) :
  q = match q with Ret r => Ret r | Fn m k => Fn m k | Ld m a k => Ld m a k | St m a b k => St m a b k | Ask k => Ask k end.
Proof. now destruct q. Qed.

Theorem forever n : ~ bounded n reader_forever.
Proof.
  intro H. assert (Q : runs nothing reader_forever (repeat (ALd Relaxed (word small) [x01]) (S n)) Halted).
  { generalize (S n). clear. intro n. induction n as [|n IH]; [constructor|]. rewrite (unfolded reader_forever). now constructor. }
  specialize (H _ _ _ Q). rewrite repeat_length in H. lia.
Qed.

(** ** A writer that copies all bytes of its value: the second is padding, and what was in its memory before gets out. *)
Definition writer_memcpy : prog unit :=
  Ld Relaxed (mine 0 2) (fun b => St Relaxed (shared (base small) 2) b (Ret tt)).

Definition same_first (p p' : own) := p 0 = p' 0.

Lemma stored_bytes R p m m' a a' b b' (k : prog R) t o : of a = Shared -> runs p (St m a b k) (ASt m' a' b' :: t) o -> b = b'.
Proof. intros S Q. inversion Q; congruence. Qed.

Theorem memcpy : ~ silent same_first writer_memcpy.
Proof.
  intro H. assert (Q : runs nothing writer_memcpy [ASt Relaxed (shared 2 2) [x00; x00]] (Done tt)).
  { apply r_own; [reflexivity|]. apply r_st; [reflexivity|]. apply r_ret. }
  destruct (H nothing (fun i => if i =? 1 then xff else x00) _ _ eq_refl Q) as [o' Q'].
  inversion Q'; subst; try discriminate.
  match goal with K : runs _ (St _ _ _ _) _ _ |- _ => apply stored_bytes in K; [discriminate K|reflexivity] end.
Qed.
