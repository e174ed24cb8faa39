//! Part `arc`: an `ArcWriter` is stepped; after each instruction every reader looks in every way. What the `Arc` holds
//! is in the memory of one process; the lock, which it refers to, is in memory that both share.

use std::hint::black_box;
use std::sync::Arc;

use seqcopy::{ArcWriter, Policy, SeqLatch, SeqLatchPolicy, SeqLock, SeqLockPolicy, Sequenced};

use crate::locks::{Kind, Method};
use crate::memory::Placed;
use crate::report::Report;
use crate::steps::Writing;
use crate::trace::{Child, mark};
use crate::values::Val;
use crate::writer;

struct Owner<T: 'static, L: Policy + 'static>(&'static Sequenced<T, L>);

/// A method of the locks that claims a writer.
type Claim<T, L> = fn(&Arc<Owner<T, L>>) -> Option<ArcWriter<T, Sequenced<T, L>, Owner<T, L>>>;

/// By each lock.
pub(crate) fn writers<T: Val>(report: &Report) {
    stepped::<T, SeqLockPolicy>(report, |owner| SeqLock::writer_of_field(owner, |owner| owner.0));
    stepped::<T, SeqLatchPolicy<2>>(report, |owner| SeqLatch::writer_of_field(owner, |owner| owner.0));
    stepped::<T, SeqLatchPolicy<4>>(report, |owner| SeqLatch::writer_of_field(owner, |owner| owner.0));
}

fn stepped<T: Val, L: Kind<T>>(report: &Report, claim: Claim<T, L>) {
    for method in [Method::Write, Method::WriteFrom, Method::Update, Method::Replace] {
        let placed = Placed::<T, L>::new();
        let lock = placed.lock_of_child();
        let child = Child::spawn(|| {
            let mut writer = claim(&Arc::new(Owner(lock))).expect("the only writer");
            loop {
                let value = T::of(writer.version().to_bits() + 1);
                let value = black_box(&value);
                mark();
                match method {
                    Method::Write => writer.write(*value),
                    Method::WriteFrom => writer.write_from(value),
                    Method::Update => writer.update(|old| *old = *value),
                    _ => _ = black_box(writer.replace(*value)),
                }
                mark();
            }
        });
        let name = format!("arc: {} ArcWriter({method:?}) {}", L::NAME, T::NAME);
        writer::follow::<T, L>(&placed, child, &Writing { report, name, writes: 6, every: 1, is_plain: true });
    }
}
