//! Which types are `Send`, `Sync` and unwind-safe, and which are not. Checked at compile time.

#![allow(clippy::needless_pass_by_value)]

use std::cell::{Cell, RefCell};
use std::panic::{RefUnwindSafe, UnwindSafe};

use seqcopy::layout::{Access, AccessKind, Field, Scalar, Shape, Variant};
use seqcopy::{
    Aligned8, ArcWriter, AtomicPerByte, Attempt, Bits, InvalidValue, Layout, MaybeInvalid, ReadError, SeqCopy,
    SeqLatch, SeqLock, SeqLockGuard, SeqOption, Version, Writer,
    seq_count::{CountOrZero, Parity, ParitySkipZero, SeqCode, SeqCount, StampOrZero, State, Token, WriteToken},
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

/// `Send` and not `Sync`.
#[derive(Clone, Copy, SeqCopy)]
struct SendOnly(*const u8);
// SAFETY: it is never dereferenced.
unsafe impl Send for SendOnly {}

/// `Sync` and not `Send`.
#[derive(Clone, Copy, SeqCopy)]
struct SyncOnly(*const u8);
// SAFETY: it is never dereferenced.
unsafe impl Sync for SyncOnly {}

/// Neither.
type Neither = *const u8;

assert_impl_all!(SendOnly: Send);
assert_not_impl_any!(SendOnly: Sync);
assert_impl_all!(SyncOnly: Sync);
assert_not_impl_any!(SyncOnly: Send);
assert_not_impl_any!(Neither: Send, Sync);

// Readers get copies, never a `&T`, so storage requires `Send` only, for `Send` and for `Sync`.
assert_impl_all!(AtomicPerByte<u64>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(AtomicPerByte<SendOnly>: Send, Sync);
assert_not_impl_any!(AtomicPerByte<SyncOnly>: Send, Sync);
assert_not_impl_any!(AtomicPerByte<Neither>: Send, Sync);

assert_impl_all!(SeqLock<u64>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqLock<SendOnly>: Send, Sync);
assert_not_impl_any!(SeqLock<SyncOnly>: Send, Sync);
assert_not_impl_any!(SeqLock<Neither>: Send, Sync);

assert_impl_all!(SeqLatch<u64>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqLatch<SendOnly, 4>: Send, Sync);
assert_not_impl_any!(SeqLatch<SyncOnly>: Send, Sync);
assert_not_impl_any!(SeqLatch<Neither, 4>: Send, Sync);

// After a panic a lock has its old value, whatever its type.
assert_impl_all!(SeqLock<Option<&'static Cell<u8>>>: UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqLatch<Option<&'static Cell<u8>>>: UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(Option<&'static Cell<u8>>: UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(SeqLock<Option<&'static Cell<u8>>>: Send, Sync);

// Writers may be sent, but not shared: their writes are not synchronised with each other.
assert_impl_all!(Writer<'static, u64>: Send, UnwindSafe);
assert_impl_all!(Writer<'static, SendOnly>: Send);
assert_impl_all!(Writer<'static, SendOnly, SeqLatch<SendOnly>>: Send);
assert_not_impl_any!(Writer<'static, u64>: Sync, Clone);
assert_not_impl_any!(Writer<'static, u64, SeqLatch<u64>>: Sync, Clone);
assert_not_impl_any!(Writer<'static, SyncOnly>: Send, Sync);
assert_not_impl_any!(Writer<'static, Neither>: Send, Sync);
assert_not_impl_any!(Writer<'static, Neither, SeqLatch<Neither>>: Send, Sync);

assert_impl_all!(ArcWriter<u64>: Send, UnwindSafe);
assert_impl_all!(ArcWriter<SendOnly>: Send);
assert_not_impl_any!(ArcWriter<u64>: Sync, Clone);
assert_not_impl_any!(ArcWriter<u64, SeqLatch<u64, 4>>: Sync, Clone);
assert_not_impl_any!(ArcWriter<SyncOnly>: Send, Sync);
assert_not_impl_any!(ArcWriter<Neither>: Send, Sync);

// A guard contains a value and lends references to it; it may be dropped on any thread.
assert_impl_all!(SeqLockGuard<'static, u64>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqLockGuard<'static, SendOnly>: Send);
assert_not_impl_any!(SeqLockGuard<'static, SendOnly>: Sync, Clone);
assert_not_impl_any!(SeqLockGuard<'static, SyncOnly>: Send, Sync);
assert_not_impl_any!(SeqLockGuard<'static, Neither>: Send, Sync);
assert_not_impl_any!(SeqLockGuard<'static, Option<&'static RefCell<u8>>>: UnwindSafe, RefUnwindSafe);

// Bits that may be invalid are `Send` and `Sync` as the value is.
assert_impl_all!(MaybeInvalid<u64>: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(MaybeInvalid<SendOnly>: Send);
assert_not_impl_any!(MaybeInvalid<SendOnly>: Sync);
assert_impl_all!(MaybeInvalid<SyncOnly>: Sync);
assert_not_impl_any!(MaybeInvalid<SyncOnly>: Send);
assert_not_impl_any!(MaybeInvalid<Neither>: Send, Sync);
assert_not_impl_any!(MaybeInvalid<Cell<u8>>: Sync, RefUnwindSafe, Copy);
assert_not_impl_any!(MaybeInvalid<String>: Clone);
// `Bits` stay on the thread that validates.
assert_not_impl_any!(Bits<'static, u64>: Send, Sync);

assert_impl_all!(Aligned8<u64>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(Aligned8<Neither>: Send, Sync);
assert_impl_all!(SeqOption<u64>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqOption<SendOnly>: Send);
assert_not_impl_any!(SeqOption<SendOnly>: Sync);

// Words: for every encoding, which is only a type-level name.
enum Named {}
// SAFETY: never called: only the types are used.
unsafe impl SeqCode for Named {
    type Word = u32;
    const INITIAL: u32 = 0;

    fn state(_: u32) -> State {
        State::Busy
    }

    fn busy(_: u32) -> u32 {
        1
    }
}
assert_impl_all!(SeqCount<Parity<u16>>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqCount<StampOrZero<u64>>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(SeqCount<CountOrZero<u32>>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Token<ParitySkipZero<u32>>: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(WriteToken<Parity<u64>>: UnwindSafe, RefUnwindSafe);
// Its fences are those of one thread.
assert_not_impl_any!(WriteToken<Parity<u64>>: Clone, Send, Sync);
assert_impl_all!(SeqCount<Named>: Send, Sync);
assert_impl_all!(Token<Named>: Send, Sync);

// Types that are only data.
assert_impl_all!(Version: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(Attempt: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(InvalidValue: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(ReadError: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(State: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(Layout: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Shape<'_>: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(Scalar: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(Field: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Variant: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Access: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(AccessKind: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);

#[allow(dead_code)] // compiled, not called
fn holes_and_drawing(
    layout: &Layout,
) -> (impl Send + Sync + UnwindSafe + RefUnwindSafe, impl Send + Sync + UnwindSafe + RefUnwindSafe + Copy) {
    (layout.holes(), layout.display(8))
}

// A copy of a layout's part would not be borrowed from the layout, which may be freed: `Schema::layout`.
assert_not_impl_any!(Layout: Clone);
assert_not_impl_any!(Field: Clone);
assert_not_impl_any!(Variant: Clone);

fn crosses_threads<T: Send + Sync>() {}

/// Also where the encoding is a parameter: no property of it matters.
#[test]
fn words_of_any_encoding_cross_threads() {
    fn any<C: SeqCode>() {
        crosses_threads::<SeqCount<C>>();
        crosses_threads::<Token<C>>();
    }
    any::<Named>();
}

/// Also where the payload is a parameter with the bound `Send` only.
#[test]
fn storage_of_any_send_payload_is_sync() {
    fn any<T: SeqCopy + Send>() {
        crosses_threads::<AtomicPerByte<T>>();
        crosses_threads::<SeqLock<T>>();
        crosses_threads::<SeqLatch<T, 4>>();
    }
    any::<SendOnly>();
}

#[test]
fn errors_implement_error() {
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<InvalidValue>();
    is_error::<ReadError>();
}
