(** * The reader and the writer of a region, as programs: seqcopy-shm/src/mapping/buffers.rs, and what retries and validates over it.

    A lock and a latch are one program, as they are there: one buffer or several. The steps have the names that Protocol.v has. *)

From Coq Require Import List NArith Arith Bool.
From Coq Require Import Strings.Byte.
Require Import Program.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

(** Where everything lies in a region as it was inspected: constants of the program. *)
Record shape := {
  word_at : nat; width : nat;              (* the word, and its bytes *)
  state_at : nat; state_width : nat;       (* whether the region was closed *)
  base : nat; stride : nat; buffers : N;   (* the buffers, one behind the other *)
  steps : list (nat * nat);                (* the accesses of a value: offset and bytes of each *)
  private_size : nat }.                            (* the bytes of a value, padding included *)

Definition shared o n := {| of := Shared; at_ := o; len := n |}.
Definition mine o n := {| of := Own; at_ := o; len := n |}.

Section Shape.
Variable L : shape.

Definition word := shared (word_at L) (width L).
Definition top := (256 ^ N.of_nat (width L))%N.
Definition is_single := (buffers L =? 1)%N.
Definition busy w := is_single && N.odd w.
Definition window := (buffers L - 2)%N.
Definition buffer w := base L + N.to_nat (w mod buffers L) * stride L.
Definition accepts w w' := ((w' + top - w) mod top <=? window)%N.
Definition version w := if is_single then (w / 2)%N else w.

Inductive failure := Busy | Torn | Empty | Closed | Truncated | WriterGone | Invalid.
Inductive result := Value (parts : list (list byte)) (version : N) | Error (why : failure).

Section Parts.
Variable R : Type.

(** The bytes of a value to own memory: r2. *)
Fixpoint copy from (s : list (nat * nat)) (k : prog R) : prog R :=
  match s with [] => k | (o, n) :: s => Ld Relaxed (shared (from + o) n) (fun b => St Relaxed (mine o n) b (copy from s k)) end.

(** The bytes of a value from own memory, without its padding. *)
Fixpoint collect (s : list (nat * nat)) (k : list (list byte) -> prog R) : prog R :=
  match s with [] => k [] | (o, n) :: s => Ld Relaxed (mine o n) (fun b => collect s (fun parts => k (b :: parts))) end.

(** The bytes of a value from own memory to the region: w3. *)
Fixpoint put to (s : list (nat * nat)) (k : prog R) : prog R :=
  match s with [] => k | (o, n) :: s => Ld Relaxed (mine o n) (fun b => St Relaxed (shared (to + o) n) b (put to s k)) end.

(** The bytes of several accesses, which are only looked at. *)
Fixpoint load_all from (s : list (nat * nat)) (k : list (list byte) -> prog R) : prog R :=
  match s with [] => k [] | (o, n) :: s => Ld Relaxed (shared (from + o) n) (fun b => load_all from s (fun parts => k (b :: parts))) end.

(** One attempt at what [take] takes of the buffer of a word: [Buffers::try_read]. *)
Definition attempt_at (take : N -> prog R -> prog R) (hit : N -> prog R) (miss : failure -> prog R) : prog R :=
  Ld Relaxed word (fun b => Fn Acquire (                                      (* r1 and its fence *)
  if busy (number b) then miss Busy else if (number b =? 0)%N then miss Empty else
  take (number b) (Fn Acquire (                                      (* r2, r3 *)
  Ld Relaxed word (fun b' =>                                                  (* r4 *)
  if accepts (number b) (number b') then hit (version (number b)) else miss Torn))))).

(** After an attempt that failed: whether the writer has left its write open, which the system is asked now and then; the bound of time. *)
Definition look (gone : prog R) (late : prog R) (again : prog R) : prog R :=
  let time := Ask (fun is_late => if is_late then late else again) in
  Ask (fun asks => if asks then
    Ld Relaxed word (fun b => Fn Acquire (if busy (number b) then
      Ask (fun is_free => if is_free then
        Ld Relaxed word (fun b' => Fn Acquire (if (number b' =? number b)%N then gone else time)) else time) else time))
  else time).

End Parts.

(** Why there is no value yet: [MappedRegion::explain]. Where the process survives that the file is truncated, zeros lie in the place of the region. *)
Definition state (k : N -> prog result) : prog result :=
  Ld Relaxed (shared (state_at L) (state_width L)) (fun s => Fn Acquire (k (number s))).
Definition explain : prog result :=
  state (fun s => Ld Relaxed word (fun b => if (s =? 2)%N && (number b =? 0)%N then Ret (Error Closed) else
    Ask (fun survives => if survives then state (fun s => Ret (Error (if (s =? 0)%N then Truncated else Empty))) else Ret (Error Empty)))).

(** [Reader::read]: at most [tries] attempts, and the value is judged where no other can change it. *)
Fixpoint reader_of (take : N -> prog result -> prog result) (found : N -> prog result) tries : prog result :=
  match tries with
  | 0 => Ret (Error Torn)
  | S tries => attempt_at take found (fun why => match why with
      | Empty => explain
      | _ => look (Ret (Error WriterGone)) (Ret (Error why)) (match tries with 0 => Ret (Error why) | _ => reader_of take found tries end)
      end)
  end.

Definition judged (valid : list (list byte) -> bool) n : prog result :=
  collect (steps L) (fun parts => if valid parts then Ret (Value parts n) else Ret (Error Invalid)).

Definition reader valid tries := reader_of (fun w k => copy (buffer w) (steps L) k) (judged valid) tries.

(** [Buffers::write]: the word that is found is the start of what is stored there. *)
Definition busy_word w := (2 * (w / 2) + 1)%N.                     (* found | 1 *)
Definition next_word w := (let n := (busy_word w + 1) mod top in if n =? 0 then 2 else n)%N.

Definition writer : prog unit :=
  Ld Relaxed word (fun b =>
  if is_single then
    St Relaxed word (encode (width L) (busy_word (number b))) (Fn Release (                           (* w1, w2 *)
    put (base L) (steps L) (St Release word (encode (width L) (next_word (number b))) (Ret tt))))     (* w3, w4 *)
  else let n := ((number b + 1) mod top)%N in
    Fn Release (put (buffer n) (steps L) (St Release word (encode (width L) n) (Ret tt)))).           (* l1, l2, l3 *)

(** ** A slice: a length, and elements after it. The length is loaded once, and one above the capacity goes with no elements. As many elements
    as it says lie in these accesses: one for each, or words that hold several. *)
Record slice := { length_width : nat; capacity : nat; accesses : nat -> list (nat * nat) }.

Definition length_of E (b : list byte) := if (N.of_nat (capacity E) <? number b)%N then None else Some (N.to_nat (number b)).

Definition take_slice E {R} (from : nat) (k : prog R) : prog R :=
  Ld Relaxed (shared from (length_width E)) (fun b => St Relaxed (mine 0 (length_width E)) b (
  match length_of E b with None => k | Some n => copy from (accesses E n) k end)).

Definition judged_slice E (valid : list (list byte) -> bool) n : prog result :=
  Ld Relaxed (mine 0 (length_width E)) (fun b =>
  match length_of E b with
  | None => Ret (Error Invalid)
  | Some count => collect (accesses E count) (fun parts => if valid parts then Ret (Value (b :: parts) n) else Ret (Error Invalid))
  end).

Definition slice_reader E valid tries := reader_of (fun w k => take_slice E (buffer w) k) (judged_slice E valid) tries.

(** ** A look-up in a map: [Tables::find]. The buffers are tables: of each, slots begin at [slots_at]. A slot has a stamp, which is 0 where it is free, a key
    and a value. Each [often] steps the word is looked at, as at the end. Own memory has the stamp of what was found, or 0, and then the value, whose
    accesses are counted from there: [value_at] is where a slot has byte 0 of own memory. *)
Record table := { slots_at : nat; slots : N; slot_size : nat; key_at : nat; key_steps : list (nat * nat); value_at : nat;
  value_steps : list (nat * nat); often : nat }.
Definition slot T w i := buffer w + slots_at T + N.to_nat (i mod slots T) * slot_size T.
Definition stamp_of := mine 0 8.
Definition none := encode 8 0.

Fixpoint search T (wanted : list (list byte) -> bool) {R} w (i : N) (step more : nat) (k : prog R) : prog R :=
  match more with
  | 0 => St Relaxed stamp_of none k
  | S more => Ld Relaxed (shared (slot T w i) 8) (fun stamp => if (number stamp =? 0)%N then St Relaxed stamp_of none k else
      load_all (slot T w i + key_at T) (key_steps T) (fun key => if wanted key then
        St Relaxed stamp_of stamp (copy (slot T w i + value_at T) (value_steps T) k)
      else let further := search T wanted w (i + 1)%N (S step) more k in
        if S step mod often T =? 0 then
          Fn Acquire (Ld Relaxed word (fun b => if accepts w (number b) then further else St Relaxed stamp_of none k))
        else further))
  end.

Definition judged_found T (valid : list (list byte) -> bool) n : prog result :=
  Ld Relaxed stamp_of (fun stamp => if (number stamp =? 0)%N then Ret (Value [none] n) else
  collect (value_steps T) (fun parts => if valid parts then Ret (Value (stamp :: parts) n) else Ret (Error Invalid))).

Definition look_up T wanted hash valid tries :=
  reader_of (fun w k => search T wanted w (hash mod slots T)%N 0 (N.to_nat (slots T)) k) (judged_found T valid) tries.

End Shape.
