//! What the locks can't do on processors without compare-and-swap: the methods are there to say why, and what to call instead.

/// What the bounds of those methods are about. A parameter that no lifetime meets keeps rustc from refusing the methods themselves.
#[allow(unreachable_pub, missing_debug_implementations)] // seen in bounds of public methods, and never to be named
pub struct Processor;

#[diagnostic::on_unimplemented(
    message = "this processor has no compare-and-swap, so writers can't take turns",
    label = "needs compare-and-swap",
    note = "write by `unsafe {{ lock.writer_unchecked() }}`: you promise that there is no other writer meanwhile, as where one interrupt handler or one loop is the only place that writes"
)]
#[allow(unreachable_pub)] // seen in bounds of public methods, and never to be named
pub trait CompareAndSwap<'never> {
    fn absent() -> !;
}

/// Gives a lock the methods that it can't have here.
macro_rules! absent {
    ([$($generics:tt)*] $lock:ty) => {
        $crate::lock::absent! { @ [$($generics)*] $lock:
            write(&self, value: T) -> ();
            write_from(&self, value: &T) -> ();
            try_write(&self, value: T) -> Result<(), T>;
            replace(&self, value: T) -> T;
            writer(&self) -> Option<$crate::lock::Writer<'_, T, Self>>;
            has_writer(&self) -> bool;
        }

        impl<T, $($generics)*> $lock {
            /// Not on this processor, which has no compare-and-swap: use [`writer_unchecked`](Self::writer_unchecked).
            pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R
            where
                T: $crate::SeqCopy,
                for<'never> $crate::lock::Processor: $crate::lock::CompareAndSwap<'never>,
            {
                let _ = change;
                <$crate::lock::Processor as $crate::lock::CompareAndSwap<'_>>::absent()
            }
        }
    };
    (@ [$($generics:tt)*] $lock:ty: $($name:ident(&self $(, $value:ident: $of:ty)?) -> $result:ty;)*) => {
        impl<T, $($generics)*> $lock {
            $(
                /// Not on this processor, which has no compare-and-swap: use [`writer_unchecked`](Self::writer_unchecked).
                #[allow(clippy::needless_pass_by_value, clippy::must_use_candidate, clippy::missing_errors_doc)] // never called
                pub fn $name(&self $(, $value: $of)?) -> $result
                where
                    T: $crate::SeqCopy,
                    for<'never> $crate::lock::Processor: $crate::lock::CompareAndSwap<'never>,
                {
                    $(let _ = $value;)?
                    <$crate::lock::Processor as $crate::lock::CompareAndSwap<'_>>::absent()
                }
            )*
        }
    };
}
pub(crate) use absent;
