//! seqcopy itself. All names begin with `seqcopy`.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use seqcopy::{
    Aligned8, AtomicPerByte, SeqLatch, SeqLock,
    seq_count::{Parity, SeqCount},
};

use super::{Copier, Ends, Peer, Reader, Writer, place};
use crate::shapes::Shape;

/// The bare copy: [`AtomicPerByte`], whose accesses are those of `seqcopy::raw`.
pub struct Raw<T>(AtomicPerByte<T>);

impl<T: Shape> Copier<T> for Raw<T> {
    const NAME: &'static str = "seqcopy-raw";

    fn new(value: T) -> Self {
        Raw(AtomicPerByte::new(value))
    }

    #[inline(always)]
    fn load(&self, buf: &mut MaybeUninit<T>) {
        self.0.load_into(buf);
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        self.0.store(value);
    }
}

/// The methods that the locks share.
pub trait Lock<T: Shape>: Send + Sync + 'static {
    /// Its name in the table.
    const NAME: &'static str;
    /// Its name when it copies by value.
    const NAME_BY_VALUE: &'static str;
    /// Its name when each write claims it, together with writes that do not.
    const NAME_CLAIMING: &'static str;

    /// The type that `writer` returns.
    type Sole: Writer<T>;

    #[expect(missing_docs, reason = "the method of the lock")]
    fn new(value: T) -> Self;
    #[expect(missing_docs, reason = "the method of the lock")]
    fn read(&self) -> T;
    #[expect(missing_docs, reason = "the method of the lock")]
    fn read_into(&self, buf: &mut MaybeUninit<T>);
    #[expect(missing_docs, reason = "the method of the lock")]
    fn try_read_into(&self, buf: &mut MaybeUninit<T>) -> bool;
    #[expect(missing_docs, reason = "the method of the lock")]
    fn write(&self, value: T);
    #[expect(missing_docs, reason = "the method of the lock")]
    fn write_from(&self, value: &T);
    #[expect(missing_docs, reason = "the method of the lock")]
    fn replace(&self, value: T) -> T;
    #[expect(missing_docs, reason = "the method of the lock")]
    fn writer(&'static self) -> Self::Sole;
    /// `Writer::write`.
    fn write_as(writer: &mut Self::Sole, value: T);
}

macro_rules! locks {
    ($($lock:ty: $name:literal, $new:expr;)*) => {$(
        impl<T: Shape> Lock<T> for $lock {
            const NAME: &'static str = $name;
            const NAME_BY_VALUE: &'static str = concat!($name, "-by-value");
            const NAME_CLAIMING: &'static str = concat!($name, "-claiming");
            type Sole = seqcopy::Writer<'static, T, Self>;

            fn new(value: T) -> Self {
                $new(value)
            }

            #[inline(always)]
            fn read(&self) -> T {
                self.read()
            }

            #[inline(always)]
            fn read_into(&self, buf: &mut MaybeUninit<T>) {
                self.read_into(buf);
            }

            #[inline(always)]
            fn try_read_into(&self, buf: &mut MaybeUninit<T>) -> bool {
                self.try_read_into(buf).is_ok()
            }

            #[inline(always)]
            fn write(&self, value: T) {
                self.write(value);
            }

            #[inline(always)]
            fn write_from(&self, value: &T) {
                self.write_from(value);
            }

            #[inline(always)]
            fn replace(&self, value: T) -> T {
                self.replace(value)
            }

            fn writer(&'static self) -> Self::Sole {
                self.writer().expect("a free lock")
            }

            #[inline(always)]
            fn write_as(writer: &mut Self::Sole, value: T) {
                writer.write(value);
            }
        }

        impl<T: Shape> Writer<T> for seqcopy::Writer<'static, T, $lock> {
            #[inline(always)]
            fn write(&mut self, value: &T) {
                self.write_from(value);
            }
        }
    )*};
}

locks! {
    SeqLock<T>: "seqcopy-seqlock", SeqLock::new;
    SeqLatch<T, 2>: "seqcopy-latch2", SeqLatch::new;
    SeqLatch<T, 4>: "seqcopy-latch4", SeqLatch::from_value;
    SeqLatch<T, 8>: "seqcopy-latch8", SeqLatch::from_value;
}

/// A lock, written as by one of several writers.
pub struct Turns<L>(PhantomData<L>);

/// A lock, written by its single `Writer`.
pub struct Sole<L>(PhantomData<L>);

/// A lock, written by its single `Writer`, by `write` instead of `write_from`.
pub struct SoleByValue<L>(PhantomData<L>);

/// [`Turns`] by the name that it has next to [`Sole`].
pub struct Claiming<L>(PhantomData<L>);

/// A lock, by `read` instead of `read_into` and `write` instead of `write_from`.
pub struct ByValue<L>(PhantomData<L>);

/// Reads a [`Lock`], and writes it as one of several writers.
pub struct End<L: 'static, const BY_VALUE: bool>(&'static L);

impl<L, const BY_VALUE: bool> Clone for End<L, BY_VALUE> {
    fn clone(&self) -> Self {
        End(self.0)
    }
}

impl<T: Shape, L: Lock<T>, const BY_VALUE: bool> Reader<T> for End<L, BY_VALUE> {
    #[inline(always)]
    fn value(&mut self) -> T {
        self.0.read()
    }

    #[inline(always)]
    fn read(&mut self, buf: &mut MaybeUninit<T>) {
        if BY_VALUE {
            buf.write(self.value());
        } else {
            self.0.read_into(buf);
        }
    }

    #[inline(always)]
    fn attempt(&mut self, buf: &mut MaybeUninit<T>) -> Option<bool> {
        Some(self.0.try_read_into(buf))
    }
}

impl<T: Shape, L: Lock<T>, const BY_VALUE: bool> Writer<T> for End<L, BY_VALUE> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        if BY_VALUE {
            self.0.write(*value);
        } else {
            self.0.write_from(value);
        }
    }
}

impl<T: Shape, L: Lock<T>> Peer<T> for Turns<L> {
    const NAME: &'static str = L::NAME;
    const BY_VALUE: bool = false;
    type Reader = End<L, false>;
    type Writer = End<L, false>;

    fn make(value: T) -> Ends<T, Self> {
        let lock = place(L::new(value));
        Ends { reader: End(lock), writer: End(lock) }
    }
}

impl<T: Shape, L: Lock<T>> Peer<T> for ByValue<L> {
    const NAME: &'static str = L::NAME_BY_VALUE;
    const BY_VALUE: bool = true;
    type Reader = End<L, true>;
    type Writer = End<L, true>;

    fn make(value: T) -> Ends<T, Self> {
        let lock = place(L::new(value));
        Ends { reader: End(lock), writer: End(lock) }
    }
}

impl<T: Shape, L: Lock<T>> Peer<T> for Sole<L> {
    const NAME: &'static str = L::NAME;
    const BY_VALUE: bool = false;
    type Reader = End<L, false>;
    type Writer = L::Sole;

    fn make(value: T) -> Ends<T, Self> {
        let lock = place(L::new(value));
        Ends { reader: End(lock), writer: lock.writer() }
    }
}

impl<T: Shape, L: Lock<T>> Peer<T> for Claiming<L> {
    const NAME: &'static str = L::NAME_CLAIMING;
    const BY_VALUE: bool = false;
    type Reader = End<L, false>;
    type Writer = End<L, false>;

    fn make(value: T) -> Ends<T, Self> {
        let Ends { reader, writer } = Turns::<L>::make(value);
        Ends { reader, writer }
    }
}

/// The `Writer` of a lock, by value.
pub struct Giver<T: Shape, L: Lock<T>>(L::Sole);

impl<T: Shape, L: Lock<T>> Writer<T> for Giver<T, L> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        L::write_as(&mut self.0, *value);
    }
}

impl<T: Shape, L: Lock<T>> Peer<T> for SoleByValue<L> {
    const NAME: &'static str = L::NAME_BY_VALUE;
    const BY_VALUE: bool = true;
    type Reader = End<L, true>;
    type Writer = Giver<T, L>;

    fn make(value: T) -> Ends<T, Self> {
        let lock = place(L::new(value));
        Ends { reader: End(lock), writer: Giver(lock.writer()) }
    }
}

/// A slot of one's own, as rings have them: a [`SeqCount`] and storage.
#[repr(C)]
pub struct Slot<T> {
    count: SeqCount<Parity<u64>>,
    cell: AtomicPerByte<Aligned8<T>>,
}

/// Reads a [`Slot`].
pub struct SlotReader<T: 'static>(&'static Slot<T>);

/// The single writer of a [`Slot`].
pub struct SlotWriter<T: 'static>(&'static Slot<T>);

impl<T: Shape> Reader<T> for SlotReader<T> {
    #[inline(always)]
    fn value(&mut self) -> T {
        loop {
            if let Ok((bits, _)) = self.0.count.try_read(|| self.0.cell.load_inner()) {
                // SAFETY: the count says that all of it is from one write.
                return unsafe { bits.assume_valid() };
            }
            std::hint::spin_loop();
        }
    }

    #[inline(always)]
    fn read_to(&mut self, dst: &mut T) {
        let load = |buf: &mut MaybeUninit<T>| _ = self.0.cell.load_inner_into(buf);
        // SAFETY: the cell is stored to in writes of the count only.
        while unsafe { self.0.count.read_to(dst, load) }.is_err() {
            std::hint::spin_loop();
        }
    }
}

impl<T: Shape> Writer<T> for SlotWriter<T> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        // SAFETY: the only writer.
        unsafe { self.0.count.write(|| self.0.cell.store_inner(value)) };
    }
}

impl<T: Shape> Peer<T> for Slot<T> {
    const NAME: &'static str = "seqcopy-slot";
    const BY_VALUE: bool = false;
    type Reader = SlotReader<T>;
    type Writer = SlotWriter<T>;

    fn make(value: T) -> Ends<T, Self> {
        let slot = place(Slot { count: SeqCount::new(0), cell: AtomicPerByte::new(Aligned8(value)) });
        Ends { reader: SlotReader(slot), writer: SlotWriter(slot) }
    }
}
