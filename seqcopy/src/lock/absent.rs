//! The locks' methods that need compare-and-swap, for processors that have none. They exist so that the compiler's error can
//! say why they cannot be called, and what to call instead.

use super::{Policy, SeqLock, SeqLockGuard, Sequenced, Writer};
use crate::seq_copy::SeqCopy;

/// The subject of those methods' bounds. The bounds are higher-ranked over a lifetime, because rustc rejects a method whose
/// plain bound can never hold where it is defined, not where it is called.
#[allow(unreachable_pub, missing_debug_implementations)] // visible in bounds of public methods, but not nameable
pub struct Processor;

#[diagnostic::on_unimplemented(
    message = "this processor has no compare-and-swap, so writers cannot acquire the write claim",
    label = "needs compare-and-swap",
    note = "write through `unsafe {{ lock.writer_unchecked() }}`, for which you promise that there is no other writer at the time, for example because one interrupt handler or one loop does all the writing",
    note = "or make the handles of a lock that is borrowed exclusively, by its method `split`",
    note = "or enable the feature `critical-section` of seqcopy (or its `portable-atomic`), which provides one"
)]
#[allow(unreachable_pub)] // visible in bounds of public methods, but not nameable
pub trait CompareAndSwap<'never> {
    fn absent() -> !;
}

/// Defines methods that cannot be called on this target.
macro_rules! absent {
    ([$($generics:tt)*] $lock:ty: $($name:ident(&self $(, $value:ident: $of:ty)?) -> $result:ty;)*) => {
        impl<T, $($generics)*> $lock {
            $(
                /// Unavailable on this processor, which has no compare-and-swap: use [`writer_unchecked`](Self::writer_unchecked).
                #[allow(clippy::needless_pass_by_value, clippy::must_use_candidate, clippy::missing_errors_doc)] // never called
                pub fn $name(&self $(, $value: $of)?) -> $result
                where
                    T: SeqCopy,
                    for<'never> Processor: CompareAndSwap<'never>,
                {
                    $(let _ = $value;)?
                    <Processor as CompareAndSwap<'_>>::absent()
                }
            )*
        }
    };
}

absent! { [P: Policy] Sequenced<T, P>:
    write(&self, value: T) -> ();
    write_from(&self, value: &T) -> ();
    try_write(&self, value: T) -> Result<(), T>;
    replace(&self, value: T) -> T;
    writer(&self) -> Option<Writer<'_, T, Self>>;
    has_writer(&self) -> bool;
}

absent! { [] SeqLock<T>:
    lock_write(&self) -> SeqLockGuard<'_, T>;
    try_lock_write(&self) -> Option<SeqLockGuard<'_, T>>;
}

impl<T, P: Policy> Sequenced<T, P> {
    /// Unavailable on this processor, which has no compare-and-swap: use [`writer_unchecked`](Self::writer_unchecked).
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: SeqCopy,
        for<'never> Processor: CompareAndSwap<'never>,
    {
        let _ = change;
        <Processor as CompareAndSwap<'_>>::absent()
    }
}
