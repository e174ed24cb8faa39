//! Peers that readers look into, each with several copies of the value: `triple_buffer`, left-right.

use left_right::{Absorb, ReadHandle, WriteHandle};
use triple_buffer::{Input, Output};

use super::{Ends, Peer, Reader, Writer};
use crate::shapes::Shape;

/// `triple_buffer`: one writer, one reader, which has the latest value to itself until its next read.
pub struct TripleBuffer;

impl<T: Shape> Reader<T> for Output<T> {
    #[inline(always)]
    fn value(&mut self) -> T {
        *self.read()
    }
}

impl<T: Shape> Writer<T> for Input<T> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        *self.input_buffer_mut() = *value;
        self.publish();
    }
}

impl<T: Shape> Peer<T> for TripleBuffer {
    const NAME: &'static str = "triple_buffer";
    const BY_VALUE: bool = false;
    type Reader = Output<T>;
    type Writer = Input<T>;

    fn make(value: T) -> Ends<T, Self> {
        let (writer, reader) = triple_buffer::triple_buffer(&value);
        Ends { reader, writer }
    }
}

/// left-right: two copies, each written in its turn; a writer waits for the readers of the one that it wants to write.
pub struct LeftRight;

/// What readers see.
#[derive(Clone, Copy)]
pub struct Side<T>(T);

/// The only operation: another value.
pub struct Set<T>(T);

impl<T: Shape> Absorb<Set<T>> for Side<T> {
    #[inline(always)]
    fn absorb_first(&mut self, operation: &mut Set<T>, _: &Self) {
        self.0 = operation.0;
    }

    #[inline(always)]
    fn absorb_second(&mut self, operation: Set<T>, _: &Self) {
        self.0 = operation.0;
    }

    fn sync_with(&mut self, first: &Self) {
        self.0 = first.0;
    }
}

/// Reads a [`LeftRight`].
pub struct LeftRightReader<T>(ReadHandle<Side<T>>);

impl<T> Clone for LeftRightReader<T> {
    fn clone(&self) -> Self {
        LeftRightReader(self.0.clone())
    }
}

impl<T: Shape> Reader<T> for LeftRightReader<T> {
    #[inline(always)]
    fn value(&mut self) -> T {
        self.0.enter().expect("the writer lives").0
    }
}

/// Writes a [`LeftRight`].
pub struct LeftRightWriter<T: Shape>(WriteHandle<Side<T>, Set<T>>);

impl<T: Shape> Writer<T> for LeftRightWriter<T> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.0.append(Set(*value));
        self.0.publish();
    }
}

impl<T: Shape> Peer<T> for LeftRight {
    const NAME: &'static str = "left-right";
    const BY_VALUE: bool = false;
    type Reader = LeftRightReader<T>;
    type Writer = LeftRightWriter<T>;

    fn make(value: T) -> Ends<T, Self> {
        let (writer, reader) = left_right::new_from_empty(Side(value));
        Ends { reader: LeftRightReader(reader), writer: LeftRightWriter(writer) }
    }
}
