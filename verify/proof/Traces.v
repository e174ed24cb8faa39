(** * What the programs of Reader.v do for given answers, computed: traces.txt. seqcopy-c/tests/traces.rs gives the same answers to the functions of
    the crates, and compares what these do. *)

From Coq Require Import List NArith Arith Bool String DecimalString.
From Coq Require Import Strings.Byte.
Require Import Program Reader.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.
Open Scope string_scope.

(** A run whose [n]-th load of the region is answered by the [n]-th number, in as many bytes as it has; no question is answered by yes. *)
Fixpoint exec {R} (fuel : nat) (p : own) (q : prog R) (answers : list N) : list act * option R :=
  match fuel with
  | 0 => ([], None)
  | S fuel => match q with
    | Ret r => ([], Some r)
    | Fn m k => let (t, r) := exec fuel p k answers in (AFn m :: t, r)
    | Ask k => let (t, r) := exec fuel p (k false) answers in (AAsk false :: t, r)
    | Ld m a k => match of a with
      | Own => exec fuel p (k (bytes p a)) answers
      | Shared => match answers with
        | [] => ([], None)
        | n :: answers => let b := encode (len a) n in let (t, r) := exec fuel p (k b) answers in (ALd m a b :: t, r)
        end
      end
    | St m a b k => match of a with
      | Own => exec fuel (update p a b) k answers
      | Shared => let (t, r) := exec fuel p k answers in (ASt m a b :: t, r)
      end
    end
  end.

(** [exec] gives what [runs] has. *)
Theorem exec_runs R fuel p (q : prog R) answers t r : exec fuel p q answers = (t, Some r) -> runs p q t (Done r).
Proof.
  revert p q answers t. induction fuel as [|fuel IH]; intros p q answers t E; [discriminate|]. destruct q; cbn in E.
  - injection E as <- ->. constructor.
  - destruct (exec fuel p q answers) eqn:X. injection E as <- ->. constructor. eauto.
  - destruct (of a) eqn:S.
    + destruct answers as [|n answers]; [discriminate|]. destruct (exec fuel p (k _) answers) eqn:X. injection E as <- ->.
      constructor; eauto. apply encode_length.
    + apply r_own; eauto.
  - destruct (of a) eqn:S.
    + destruct (exec fuel p q answers) eqn:X. injection E as <- ->. apply r_st; eauto.
    + apply r_put; eauto.
  - destruct (exec fuel p (k false) answers) eqn:X. injection E as <- ->. constructor. eauto.
Qed.

(** ** As text *)
Definition decimal (n : N) := NilEmpty.string_of_uint (N.to_uint n).
Definition natural n := decimal (N.of_nat n).
Definition words (l : list string) := concat " " l.
Definition order_name m := match m with Relaxed => "relaxed" | Acquire => "acquire" | Release => "release" end.
Definition line x :=
  match x with
  | ALd m a b => [words ["load"; order_name m; natural (at_ a); natural (len a); decimal (number b)]]
  | ASt m a b => [words ["store"; order_name m; natural (at_ a); natural (len a); decimal (number b)]]
  | AFn m => [words ["fence"; order_name m]]
  | AAsk _ => []
  end.
Definition result_line r :=
  match r with
  | Some (Value parts n) => words ("value" :: decimal n :: map (fun b => decimal (number b)) parts)
  | Some (Error Busy) => "error busy" | Some (Error Torn) => "error torn" | Some (Error Empty) => "error empty"
  | Some (Error Invalid) => "error invalid" | Some (Error _) => "error" | None => "no end"
  end.
Definition said {R} (name : list string) (answers : list N) (result : option R -> string) (x : list act * option R) :=
  words ("case" :: name) :: words ("answers" :: map decimal answers) :: flat_map line (fst x) ++ [result (snd x)].

(** ** The regions: places are counted from the word, which is at byte 192 of each (the page on the format) *)
Definition region base stride buffers steps size :=
  {| word_at := 0; width := 8; state_at := 0; state_width := 4; base := base; stride := stride; buffers := buffers; steps := steps;
     private_size := size |}.

(** [repr(C)] of a [u64], a [u32] and a [bool]: three accesses and three bytes of padding. *)
Definition padded_steps := [(0, 8); (8, 4); (12, 1)].
Definition padded buffers := region 16 16 buffers padded_steps 16.
Definition is_padded (parts : list (list byte)) := match parts with [_; _; b] => (number b <? 2)%N | _ => false end.

(** Slices of at most five [u64], each an access of its own, and of five [u32], of which a word has two: the buffer of the latter ends in half
    a word that is loaded whole where another element is in it. *)
Definition long := {| length_width := 4; capacity := 5; accesses := fun n => map (fun i => (64 + 8 * i, 8)) (seq 0 n) |}.
Definition short := {| length_width := 4; capacity := 5;
  accesses := fun n => map (fun i => (64 + 8 * i, (if i =? 2 then 4 else 8)%nat)) (seq 0 ((n + 1) / 2)) |}.
Definition slices buffers := region 64 128 buffers [] 128.

Definition nothing : own := fun _ => xaa.
Definition number_of_buffers b := decimal b.

Definition read kind b (answers : list N) :=
  said [kind; "padded"; number_of_buffers b] answers result_line (exec 200 nothing (reader (padded b) is_padded 4) answers).
Definition try b (answers : list N) :=
  said ["try"; "padded"; number_of_buffers b] answers result_line
    (exec 200 nothing (attempt_at (padded b) (fun from k => copy from padded_steps k) (judged (padded b) is_padded) (fun why => Ret (Error why))) answers).
Definition read_slice E name b (answers : list N) :=
  said ["read"; name; number_of_buffers b] answers result_line (exec 200 nothing (slice_reader (slices b) E (fun _ => true) 4) answers).
Definition write b (a c d : N) (found : N) :=
  let p := update (update (update nothing (mine 0 8) (encode 8 a)) (mine 8 4) (encode 4 c)) (mine 12 1) (encode 1 d) in
  said ["write"; "padded"; number_of_buffers b; decimal a; decimal c; decimal d] [found] (fun _ => "done") (exec 200 p (writer (padded b)) [found]).

Definition max := (2 ^ 64 - 1)%N.
Definition cases : list (list string) := [
  (* a lock: taken at once; after a write that was in progress, and one that overlaps; twice; the greatest words; other bits than a bool has *)
  read "read" 1 [2; 17; 5; 1; 2]; read "read" 1 [3; 4; max; 2 ^ 32 - 1; 0; 4]; read "read" 1 [4; 17; 5; 1; 6; 6; 18; 6; 0; 6];
  read "read" 1 [4; 1; 2; 2; 5; 7; 8; 3; 4; 0; 8]; read "read" 1 [max - 1; 1; 2; 1; max - 1]; read "read" 1 [max; max; 2; 1; 1; 1; 2];
  read "read" 1 [2; 1; 1; 2; 2]; read "read" 1 [2; 1; 1; 255; 2]; read "read" 1 [2; 1; 1; 2; 4; 4; 1; 1; 1; 4];
  read "read" 1 [2; 1; 1; 1; max - 1; 2; 1; 1; 1; 0; 6; 1; 2; 0; 6];
  try 1 [0]; try 1 [1]; try 1 [2; 1; 1; 1; 4]; try 1 [2; 1; 1; 1; 3]; try 1 [2; 1; 1; 1; 2]; try 1 [max]; try 1 [4; 1; 1; 1; 2];
  (* latches: no word is busy; a window of none, and of two; counts that wrap, go back, and are of another process's choice *)
  read "read" 2 [3; 17; 5; 1; 3]; read "read" 2 [4; 17; 5; 1; 5; 5; 1; 2; 0; 5]; read "read" 2 [max; 1; 1; 1; max];
  read "read" 2 [2; 1; 1; 2; 2]; read "read" 2 [2 ^ 63 + 1; 1; 1; 0; 2 ^ 63 + 1];
  try 2 [0]; try 2 [1; 1; 1; 1; 2]; try 2 [5; 1; 1; 1; 4]; try 2 [7; 1; 1; 1; 7];
  read "read" 4 [5; 17; 5; 1; 5]; read "read" 4 [5; 17; 5; 1; 6]; read "read" 4 [6; 17; 5; 0; 8]; read "read" 4 [7; 1; 1; 1; 10; 10; 2; 2; 1; 12];
  read "read" 4 [max; 1; 1; 1; 1]; read "read" 4 [max - 1; 2; 2; 0; 0]; read "read" 4 [2; 1; 1; 9; 3];
  try 4 [0]; try 4 [max; 1; 1; 1; 2]; try 4 [8; 1; 1; 1; 7]; try 4 [1; 1; 1; 1; 4]; try 4 [1; 1; 1; 1; 3];
  (* slices: none, one, all, one more, and the greatest length that four bytes have; a length that another attempt takes *)
  read_slice long "u64" 1 [2; 0; 2]; read_slice long "u64" 1 [2; 1; 7; 2]; read_slice long "u64" 1 [2; 5; 1; 2; 3; 4; 5; 2];
  read_slice long "u64" 1 [2; 6; 2]; read_slice long "u64" 1 [2; 2 ^ 32 - 1; 2]; read_slice long "u64" 1 [2; 6; 4; 4; 2; 8; 9; 4];
  read_slice long "u64" 2 [3; 3; 7; 8; 9; 3]; read_slice long "u64" 4 [6; 2; 7; 8; 8]; read_slice long "u64" 4 [5; 5; 1; 1; 1; 1; 1; 8; 9; 1; 6; 9];
  read_slice short "u32" 1 [2; 0; 2]; read_slice short "u32" 1 [2; 2; 7; 2]; read_slice short "u32" 1 [2; 3; 7; 8; 2];
  read_slice short "u32" 1 [2; 4; 7; 8; 2]; read_slice short "u32" 1 [2; 5; 7; 8; 9; 2]; read_slice short "u32" 1 [2; 6; 2];
  (* writers: the first write, a later one, one that takes over, words that wrap *)
  write 1 1 2 1 0; write 1 1 2 1 4; write 1 max 0 0 5; write 1 3 4 1 (max - 1); write 1 3 4 1 max;
  write 2 1 2 1 0; write 2 1 2 0 1; write 2 1 2 1 4; write 2 5 6 1 max; write 4 1 2 1 7; write 4 1 2 1 2; write 4 8 9 0 (2 ^ 63)]%N.

Definition newline := String (Ascii.ascii_of_nat 10) "".
Definition text := concat newline (map (concat newline) cases).
