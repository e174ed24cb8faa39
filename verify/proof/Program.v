(** * Programs over memory that another program may change, without a memory model.

    A program loads, stores and fences. Its own memory is memory: what is stored there is loaded again. Each load of the region is answered by
    *any* bytes, or by a trap; so whatever the other side is (another program, plain stores, accesses of other sizes, the kernel, a device, a
    file that was truncated), it is one of these answers. What the program asks the system or the clock is answered by anything, too.

    One premise is in this: that a load is executed once, and its answer fixed. Programs are coinductive, so that one that goes on forever is
    one as well. *)

From Coq Require Import List NArith Arith Lia Bool.
From Coq Require Import Strings.Byte.
Import ListNotations.
Set Implicit Arguments. Unset Strict Implicit.

Inductive order := Relaxed | Acquire | Release.
Inductive space := Shared | Own.
Record access := { of : space; at_ : nat; len : nat }.     (* in bytes, from the start of the region, or of the program's own memory *)

CoInductive prog (R : Type) :=
| Ret (r : R)
| Fn (m : order) (k : prog R)
| Ld (m : order) (a : access) (k : list byte -> prog R)
| St (m : order) (a : access) (b : list byte) (k : prog R)
| Ask (k : bool -> prog R).

(** What others can see of a run: no access of the program's own memory. *)
Inductive act :=
| ALd (m : order) (a : access) (b : list byte)
| ASt (m : order) (a : access) (b : list byte)
| AFn (m : order)
| AAsk (b : bool).

(** How a run ends; [Halted] is any beginning of one: a process may be killed. *)
Inductive out (R : Type) := Done (r : R) | Trap | Halted.
Arguments Trap {R}. Arguments Halted {R}.

Definition own := nat -> byte.
Definition bytes (p : own) a := map p (seq (at_ a) (len a)).
Definition update (p : own) a b : own := fun i => if (at_ a <=? i) && (i <? at_ a + len a) then nth (i - at_ a) b x00 else p i.

Section Runs.
Variable R : Type.

Inductive runs : own -> prog R -> list act -> out R -> Prop :=
| r_ret p r : runs p (Ret r) [] (Done r)
| r_stop p q : runs p q [] Halted
| r_fn p m k t o : runs p k t o -> runs p (Fn m k) (AFn m :: t) o
| r_ask p k b t o : runs p (k b) t o -> runs p (Ask k) (AAsk b :: t) o
| r_ld p m a k b t o : of a = Shared -> length b = len a -> runs p (k b) t o -> runs p (Ld m a k) (ALd m a b :: t) o
| r_trap p m a k b : of a = Shared -> runs p (Ld m a k) [ALd m a b] Trap
| r_own p m a k t o : of a = Own -> runs p (k (bytes p a)) t o -> runs p (Ld m a k) t o
| r_put p m a b k t o : of a = Own -> runs (update p a b) k t o -> runs p (St m a b k) t o
| r_st p m a b k t o : of a = Shared -> runs p k t o -> runs p (St m a b k) (ASt m a b :: t) o.

(** ** What is said of a program, for all answers *)

Definition fits size a := at_ a + len a <= size.
Definition act_fits size x := match x with ALd _ a _ | ASt _ a _ => fits size a | _ => True end.

(** Each access of the region is inside of it. *)
Definition inside size q := forall p t o, runs p q t o -> Forall (act_fits size) t.

(** Each access of its own memory is inside of that. *)
CoInductive owned private_size : prog R -> Prop :=
| o_ret r : owned private_size (Ret r)
| o_fn m k : owned private_size k -> owned private_size (Fn m k)
| o_ask k : (forall b, owned private_size (k b)) -> owned private_size (Ask k)
| o_ld m a k : (of a = Own -> fits private_size a) -> (forall b, length b = len a -> owned private_size (k b)) -> owned private_size (Ld m a k)
| o_st m a b k : (of a = Own -> fits private_size a) -> owned private_size k -> owned private_size (St m a b k).

(** It ends after at most [n] accesses, fences and questions. *)
Definition bounded n q := forall p t o, runs p q t o -> length t <= n.

(** What it returns is good. *)
Definition checked (good : R -> Prop) q := forall p t r, runs p q t (Done r) -> good r.

(** What it returns follows from the answers, and from nothing that was in its own memory before. *)
Definition blind q := forall p p' t r r', runs p q t (Done r) -> runs p' q t (Done r') -> r = r'.

(** What others see of it follows from what [alike] says of its own memory. *)
Definition silent (alike : own -> own -> Prop) q := forall p p' t o, alike p p' -> runs p q t o -> exists o', runs p' q t o'.

End Runs.

(** ** One program after another *)

CoFixpoint bind {R S} (q : prog R) (f : R -> prog S) : prog S :=
  match q with
  | Ret r => f r
  | Fn m k => Fn m (bind k f)
  | Ld m a k => Ld m a (fun b => bind (k b) f)
  | St m a b k => St m a b (bind k f)
  | Ask k => Ask (fun b => bind (k b) f)
  end.

Definition seen {R} (q : prog R) := match q with
  | Ret r => Ret r | Fn m k => Fn m k | Ld m a k => Ld m a k | St m a b k => St m a b k | Ask k => Ask k end.
Lemma seen_same R (q : prog R) : q = seen q.
Proof. now destruct q. Qed.

Lemma bind_ret R S r (f : R -> prog S) : bind (Ret r) f = f r.
Proof. transitivity (seen (bind (Ret r) f)); [apply seen_same|]. transitivity (seen (f r)); [reflexivity|symmetry; apply seen_same]. Qed.

(** A run of both is one of the first, and if that ended, one of the second behind it. *)
Lemma bind_runs R S (q : prog R) (f : R -> prog S) p t o : runs p (bind q f) t o ->
  (exists p' t1 t2 r, t = t1 ++ t2 /\ runs p q t1 (Done r) /\ runs p' (f r) t2 o) \/ (exists o', runs p q t o' /\ forall s, o <> Done s).
Proof.
  intro Q. remember (bind q f) as qf eqn:E. revert q E. induction Q; intros [x|n c|n c y|n c d y|c] E.
  all: try (rewrite bind_ret in E; left; eexists p, [], _, x; split; [reflexivity|]; split; [constructor|]; rewrite <- E;
    solve [apply r_trap; assumption|constructor; assumption]).
  all: match type of E with _ = ?q => rewrite (seen_same q) in E end; cbn in E; try discriminate; try (injection E; clear E; intros; subst).
  all: try (right; exists Halted; split; [constructor|discriminate]; fail).
  all: try (right; exists Trap; split; [constructor; assumption|discriminate]; fail).
  all: match goal with IH : forall q, bind _ _ = bind _ _ -> _ |- _ => destruct (IH _ eq_refl) as [(p' & t1 & t2 & r & -> & Q1 & Q2)|(o' & Q1 & N)] end.
  all: first [left; eexists p', _, t2, r; split; [|split; [econstructor; eassumption|exact Q2]]; reflexivity
    |right; exists o'; split; [econstructor; eassumption|exact N]].
Qed.

(** ** Numbers in bytes, little-endian *)

Fixpoint number (b : list byte) : N := (match b with [] => 0 | x :: b => Byte.to_N x + 256 * number b end)%N.
Definition byte_of (n : N) := match Byte.of_N (n mod 256)%N with Some b => b | None => x00 end.
Fixpoint encode len (n : N) := match len with 0 => [] | S len => byte_of n :: encode len (n / 256)%N end.

Lemma number_bound b : (number b < 256 ^ N.of_nat (length b))%N.
Proof.
  induction b as [|x b IH]; [reflexivity|]. cbn [number length]. rewrite Nat2N.inj_succ, N.pow_succ_r'.
  pose proof (Byte.to_N_bounded x). lia.
Qed.

Lemma encode_length len n : length (encode len n) = len.
Proof. revert n. induction len as [|len IH]; intro n; [reflexivity|]. cbn. now rewrite IH. Qed.

Lemma bytes_length p a : length (bytes p a) = len a.
Proof. unfold bytes. now rewrite map_length, seq_length. Qed.
