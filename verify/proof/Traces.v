(** * What the programs of Reader.v do for given answers, computed: traces.txt. seqcopy-c/tests/traces.rs gives the same answers to the functions of
    the crates, and compares what these do. *)

From Coq Require Import List NArith Arith Bool String DecimalString.
From Coq Require Import Strings.Byte.
Require Import Program Reader.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.
Open Scope string_scope.

(** A run whose [n]-th load of the region is answered by the [n]-th number, in as many bytes as it has, and the [n]-th question by [asked n]; those behind
    are answered by no. *)
Fixpoint exec {R} (fuel : nat) (p : own) (q : prog R) (answers : list N) (asked : list bool) : list act * option R :=
  match fuel with
  | 0 => ([], None)
  | S fuel => match q with
    | Ret r => ([], Some r)
    | Fn m k => let (t, r) := exec fuel p k answers asked in (AFn m :: t, r)
    | Ask k => let a := hd false asked in let (t, r) := exec fuel p (k a) answers (tl asked) in (AAsk a :: t, r)
    | Ld m a k => match of a with
      | Own => exec fuel p (k (bytes p a)) answers asked
      | Shared => match answers with
        | [] => ([], None)
        | n :: answers => let b := encode (len a) n in let (t, r) := exec fuel p (k b) answers asked in (ALd m a b :: t, r)
        end
      end
    | St m a b k => match of a with
      | Own => exec fuel (update p a b) k answers asked
      | Shared => let (t, r) := exec fuel p k answers asked in (ASt m a b :: t, r)
      end
    end
  end.

(** [exec] gives what [runs] has. *)
Theorem exec_runs R fuel p (q : prog R) answers asked t r : exec fuel p q answers asked = (t, Some r) -> runs p q t (Done r).
Proof.
  revert p q answers asked t. induction fuel as [|fuel IH]; intros p q answers asked t E; [discriminate|]. destruct q; cbn in E.
  - injection E as <- ->. constructor.
  - destruct (exec fuel p q answers asked) eqn:X. injection E as <- ->. constructor. eauto.
  - destruct (of a) eqn:S.
    + destruct answers as [|n answers]; [discriminate|]. destruct (exec fuel p (k _) answers asked) eqn:X. injection E as <- ->.
      constructor; eauto. apply encode_length.
    + apply r_own; eauto.
  - destruct (of a) eqn:S.
    + destruct (exec fuel p q answers asked) eqn:X. injection E as <- ->. apply r_st; eauto.
    + apply r_put; eauto.
  - destruct (exec fuel p (k (hd false asked)) answers (tl asked)) eqn:X. injection E as <- ->. constructor. eauto.
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
  | Some (Error Invalid) => "error invalid" | Some (Error Closed) => "error closed" | Some (Error Truncated) => "error truncated"
  | Some (Error WriterGone) => "error gone" | None => "no end"
  end.
Definition said {R} (name : list string) (answers : list N) (result : option R -> string) (x : list act * option R) :=
  words ("case" :: name) :: words ("answers" :: map decimal answers) :: flat_map line (fst x) ++ [result (snd x)].

(** ** The regions: places are counted from their start (the page on the format) *)
Definition region base stride buffers steps size :=
  {| word_at := 192; width := 8; state_at := 128; state_width := 4; base := base; stride := stride; buffers := buffers; steps := steps;
     private_size := size |}.

(** [repr(C)] of a [u64], a [u32] and a [bool]: three accesses and three bytes of padding. *)
Definition padded_steps := [(0, 8); (8, 4); (12, 1)].
Definition padded buffers := region 208 16 buffers padded_steps 16.
Definition is_on (b : list byte) := (number b <? 2)%N.
Definition is_padded (parts : list (list byte)) := match parts with [_; _; b] => is_on b | _ => false end.

(** Slices of at most five [u64], each an access of its own, and of five [u32], of which a word has two: the buffer of the latter ends in half
    a word that is loaded whole where another element is in it. *)
Definition long := {| length_width := 4; capacity := 5; accesses := fun n => map (fun i => (64 + 8 * i, 8)) (seq 0 n) |}.
Definition short := {| length_width := 4; capacity := 5;
  accesses := fun n => map (fun i => (64 + 8 * i, (if i =? 2 then 4 else 8)%nat)) (seq 0 ((n + 1) / 2)) |}.
Definition slices buffers := region 256 128 buffers [] 128.

(** Maps of [u32] to [u64] with 8 and with 128 slots, and of [[u64; 2]] to the struct above. *)
Definition numbers slots := {| slots_at := 64; slots := slots; slot_size := 24; key_at := 8; key_steps := [(0, 4)]; value_at := 8;
  value_steps := [(8, 8)]; often := 64 |}.
Definition pairs := {| slots_at := 64; slots := 8; slot_size := 40; key_at := 8; key_steps := [(0, 8); (8, 8)]; value_at := 16;
  value_steps := [(8, 8); (16, 4); (20, 1)]; often := 64 |}.
Definition maps stride buffers := region 256 stride buffers [] 24.

Definition nothing : own := fun _ => xaa.
Definition fuel := 5000.

(** The call, the type, the number of buffers, and in which situation: whether the writer has ended ([left]), time passes at the second
    attempt behind the quick ones ([slow]), or the process survives that the file is truncated ([survives]). *)
Definition read situation b (answers : list N) asked :=
  said (["read"; "padded"; decimal b] ++ situation) answers result_line (exec fuel nothing (reader (padded b) is_padded 100) answers asked).
Definition try b (answers : list N) :=
  said ["try"; "padded"; decimal b] answers result_line
    (exec fuel nothing (attempt_at (padded b) (fun w k => copy (buffer (padded b) w) padded_steps k) (judged (padded b) is_padded)
      (fun why => match why with Empty => explain (padded b) | _ => Ret (Error why) end)) answers []).
Definition read_slice E name b (answers : list N) :=
  said ["read"; name; decimal b] answers result_line (exec fuel nothing (slice_reader (slices b) E (fun _ => true) 100) answers []).
Definition write b (a c d : N) (found : N) :=
  let p := update (update (update nothing (mine 0 8) (encode 8 a)) (mine 8 4) (encode 4 c)) (mine 12 1) (encode 1 d) in
  said ["write"; "padded"; decimal b; decimal a; decimal c; decimal d] [found] (fun _ => "done") (exec fuel p (writer (padded b)) [found] []).
(** The wanted key is 7, or a pair of 7 and 8, and the search begins at this slot. *)
Definition look T name stride b hash (answers : list N) :=
  let wanted key := match map number key with [7] => true | [7; 8] => true | _ => false end%N in
  let valid parts := match parts with [_; _; b] => is_on b | _ => true end in
  said ["get"; name; decimal b; decimal hash] answers result_line
    (exec fuel nothing (look_up (maps stride b) T wanted hash valid 100) answers []).
Definition get := look (numbers 8) "u32" 256.
Definition get_large := look (numbers 128) "large" 3136.
Definition get_pair := look pairs "pair" 384.

(** 63 attempts that fail before the system is asked for the first time: neither that nor whether it is late. And 64 words of a write in progress. *)
Definition quick := repeat false (63 * 2).
Definition yes := true.
Definition no := false.
Definition busy_words := repeat 3%N 64.
(** So many slots that have other keys than the wanted one. *)
Definition others n : list N := List.concat (repeat [5; 1]%N n).

Definition max := (2 ^ 64 - 1)%N.
Definition cases : list (list string) := [
  (* a lock: taken at once; after a write that was in progress, and one that overlaps; twice; the greatest words; other bits than a bool has *)
  read [] 1 [2; 17; 5; 1; 2] []; read [] 1 [3; 4; max; 2 ^ 32 - 1; 0; 4] []; read [] 1 [4; 17; 5; 1; 6; 6; 18; 6; 0; 6] [];
  read [] 1 [4; 1; 2; 2; 5; 7; 8; 3; 4; 0; 8] []; read [] 1 [max - 1; 1; 2; 1; max - 1] []; read [] 1 [max; max; 2; 1; 1; 1; 2] [];
  read [] 1 [2; 1; 1; 2; 2] []; read [] 1 [2; 1; 1; 255; 2] []; read [] 1 [2; 1; 1; 2; 4; 4; 1; 1; 1; 4] [];
  read [] 1 [2; 1; 1; 1; max - 1; 2; 1; 1; 1; 0; 6; 1; 2; 0; 6] [];
  try 1 [0; 1; 0]; try 1 [1]; try 1 [2; 1; 1; 1; 4]; try 1 [2; 1; 1; 1; 3]; try 1 [2; 1; 1; 1; 2]; try 1 [max]; try 1 [4; 1; 1; 1; 2];
  (* latches: no word is busy; a window of none, and of two; counts that wrap, go back, and are of another process's choice *)
  read [] 2 [3; 17; 5; 1; 3] []; read [] 2 [4; 17; 5; 1; 5; 5; 1; 2; 0; 5] []; read [] 2 [max; 1; 1; 1; max] [];
  read [] 2 [2; 1; 1; 2; 2] []; read [] 2 [2 ^ 63 + 1; 1; 1; 0; 2 ^ 63 + 1] [];
  try 2 [0; 2; 0]; try 2 [1; 1; 1; 1; 2]; try 2 [5; 1; 1; 1; 4]; try 2 [7; 1; 1; 1; 7];
  read [] 4 [5; 17; 5; 1; 5] []; read [] 4 [5; 17; 5; 1; 6] []; read [] 4 [6; 17; 5; 0; 8] []; read [] 4 [7; 1; 1; 1; 10; 10; 2; 2; 1; 12] [];
  read [] 4 [max; 1; 1; 1; 1] []; read [] 4 [max - 1; 2; 2; 0; 0] []; read [] 4 [2; 1; 1; 9; 3] [];
  try 4 [0; 1; 0]; try 4 [max; 1; 1; 1; 2]; try 4 [8; 1; 1; 1; 7]; try 4 [1; 1; 1; 1; 4]; try 4 [1; 1; 1; 1; 3];
  (* no value: why *)
  read [] 1 [0; 1; 0] []; read [] 1 [0; 2; 0] []; read [] 1 [0; 2; 2] []; read [] 2 [0; 2; 0] []; read [] 2 [0; 0; 0] [];
  read [] 1 [3; 0; 2; 0] []; read [] 1 [2; 1; 1; 1; 4; 0; 1; 2 ^ 63] [];
  (* after 64 attempts the system is asked about the writer: it has ended, and the word is the same at the second look, or another; the write has
     ended before the first look; the writer is there; time passes *)
  read ["left"] 1 (busy_words ++ [3; 3]) (quick ++ [yes; yes]);
  read ["left"] 1 (busy_words ++ [3; 5; 6; 1; 2; 1; 6]) (quick ++ [yes; yes; no]);
  read ["left"] 1 (busy_words ++ [4; 4; 1; 2; 1; 4]) (quick ++ [yes; no]);
  read ["left"] 1 (busy_words ++ [3; 2; 4; 1; 2; 1; 4]) (quick ++ [yes; yes; no]);
  read [] 1 (busy_words ++ [3; 4; 1; 2; 1; 4]) (quick ++ [yes; no; no]);
  read [] 2 (List.concat (repeat [1; 1; 1; 1; 2] 64) ++ [3; 3; 1; 2; 1; 3]) (quick ++ [yes; no]);
  read ["slow"] 1 (busy_words ++ [3; 3; 3]) (quick ++ [yes; no; no; yes; no; yes]);
  read ["slow"] 1 (busy_words ++ [3; 4; 1; 2; 1; 6; 8]) (quick ++ [yes; no; no; yes; yes]);
  read ["left"; "slow"] 1 (busy_words ++ [3; 5; 5; 5; 5]) (quick ++ [yes; yes; no; yes; yes]);
  (* slices: none, one, all, one more, and the greatest length that four bytes have; a length that another attempt takes *)
  read_slice long "u64" 1 [2; 0; 2]; read_slice long "u64" 1 [2; 1; 7; 2]; read_slice long "u64" 1 [2; 5; 1; 2; 3; 4; 5; 2];
  read_slice long "u64" 1 [2; 6; 2]; read_slice long "u64" 1 [2; 2 ^ 32 - 1; 2]; read_slice long "u64" 1 [2; 6; 4; 4; 2; 8; 9; 4];
  read_slice long "u64" 2 [3; 3; 7; 8; 9; 3]; read_slice long "u64" 4 [6; 2; 7; 8; 8]; read_slice long "u64" 4 [5; 5; 1; 1; 1; 1; 1; 8; 9; 1; 6; 9];
  read_slice short "u32" 1 [2; 0; 2]; read_slice short "u32" 1 [2; 2; 7; 2]; read_slice short "u32" 1 [2; 3; 7; 8; 2];
  read_slice short "u32" 1 [2; 4; 7; 8; 2]; read_slice short "u32" 1 [2; 5; 7; 8; 9; 2]; read_slice short "u32" 1 [2; 6; 2];
  (* writers: the first write, a later one, one that takes over, words that wrap *)
  write 1 1 2 1 0; write 1 1 2 1 4; write 1 max 0 0 5; write 1 3 4 1 (max - 1); write 1 3 4 1 max;
  write 2 1 2 1 0; write 2 1 2 0 1; write 2 1 2 1 4; write 2 5 6 1 max; write 4 1 2 1 7; write 4 1 2 1 2; write 4 8 9 0 (2 ^ 63);
  (* maps: at the first slot, behind others, across the end of the table, in no slot of a full one; other generations; the search that is given up *)
  get 2 3 [1; 5; 7; 9; 1]; get 2 3 [1; 0; 1]; get 2 6 [2; 5; 1; 5; 2; 4; 7; 9; 2]; get 4 7 ([3] ++ others 8 ++ [3]);
  get 2 0 [1; 5; 7; 9; 2; 2; 6; 7; 8; 2]; get 4 0 [5; 5; 7; 9; 7]; get 2 0 [0; 1; 0]; get 2 0 [0; 2; 0];
  get_large 2 100 ([1] ++ others 63 ++ [5; 7; 9; 1]); get_large 2 100 ([1] ++ others 64 ++ [1; 5; 7; 9; 1]);
  get_large 2 100 ([1] ++ others 64 ++ [2; 2; 2; 0; 2]); get_large 2 0 ([2] ++ others 64 ++ [2] ++ others 64 ++ [2; 2]);
  get_pair 2 3 [1; 5; 7; 8; 9; 1; 1; 1]; get_pair 2 3 [1; 5; 7; 9; 5; 7; 8; 9; 1; 1; 1]; get_pair 2 3 [1; 5; 7; 8; 9; 1; 2; 1]; get_pair 2 3 [1; 5; 6; 8; 0; 1];
  (* in a process that survives that its file is truncated *)
  read ["survives"] 1 [0; 1; 0; 1] [yes]; read ["survives"] 1 [0; 0; 0; 0] [yes]; read ["survives"] 1 [0; 2; 0] []]%N.

Definition newline := String (Ascii.ascii_of_nat 10) "".
Definition text_of n := concat newline (nth n cases []).
