//! Peers that have a single writer by construction: nexus-slot, photon-ring, iceoryx2's `UnrestrictedAtomic`.

use std::mem::ManuallyDrop;
use std::ptr;

use iceoryx2_bb_lock_free::spmc::unrestricted_atomic::{Producer, UnrestrictedAtomic};
use nexus_slot::spmc;
use photon_ring::{Publisher, Subscriber};

use super::{Ends, Peer, Reader, Writer, place};
use crate::shapes::Shape;

/// nexus-slot 1.1: copies word by word, padding included.
pub struct NexusSlot;

/// A reader gets each value once, and `None` until the next one. So this reader never reads itself: a bitwise copy of
/// it does.
pub struct NexusReader<T>(spmc::SharedReader<T>);

impl<T> Clone for NexusReader<T> {
    fn clone(&self) -> Self {
        NexusReader(self.0.clone())
    }
}

impl<T: Shape> Reader<T> for NexusReader<T> {
    #[inline(always)]
    fn value(&mut self) -> T {
        // SAFETY: the copy is not dropped, so the `Arc` inside is not released twice. A clone would add the cost of its
        // reference count to the measurement.
        let mut once = ManuallyDrop::new(unsafe { ptr::read(&raw const self.0) });
        once.read().expect("a value that this reader has not seen")
    }
}

impl<T: Shape> Writer<T> for spmc::Writer<T> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.write(*value);
    }
}

impl<T: Shape> Peer<T> for NexusSlot {
    const NAME: &'static str = "nexus-slot";
    const BY_VALUE: bool = true;
    type Reader = NexusReader<T>;
    type Writer = spmc::Writer<T>;

    fn make(value: T) -> Ends<T, Self> {
        let (mut writer, reader) = spmc::shared_slot();
        writer.write(value);
        Ends { reader: NexusReader(reader), writer }
    }
}

/// photon-ring 3, used for the latest value only: a ring of two.
pub struct PhotonRing;

/// Reads the latest message.
pub struct PhotonReader<T: photon_ring::Pod> {
    ring: photon_ring::Subscribable<T>,
    end: Subscriber<T>,
}

impl<T: photon_ring::Pod> Clone for PhotonReader<T> {
    fn clone(&self) -> Self {
        PhotonReader { ring: self.ring.clone(), end: self.ring.subscribe() }
    }
}

impl<T: Shape + photon_ring::Pod> Reader<T> for PhotonReader<T> {
    #[inline(always)]
    fn value(&mut self) -> T {
        loop {
            // It is also `None` while the message is being written.
            if let Some(value) = self.end.latest() {
                return value;
            }
            std::hint::spin_loop();
        }
    }
}

impl<T: Shape + photon_ring::Pod> Writer<T> for Publisher<T> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.publish(*value);
    }
}

impl<T: Shape + photon_ring::Pod> Peer<T> for PhotonRing {
    const NAME: &'static str = "photon-ring";
    const BY_VALUE: bool = true;
    type Reader = PhotonReader<T>;
    type Writer = Publisher<T>;

    fn make(value: T) -> Ends<T, Self> {
        let (mut writer, ring) = photon_ring::channel(2);
        writer.publish(value);
        let end = ring.subscribe();
        Ends { reader: PhotonReader { ring, end }, writer }
    }
}

/// iceoryx2's `UnrestrictedAtomic`: two copies, plain accesses, a compare-and-swap to end a read.
pub struct Unrestricted;

/// Reads an [`UnrestrictedAtomic`].
pub struct UnrestrictedReader<T: Shape>(&'static UnrestrictedAtomic<T>);

impl<T: Shape> Clone for UnrestrictedReader<T> {
    fn clone(&self) -> Self {
        UnrestrictedReader(self.0)
    }
}

impl<T: Shape> Reader<T> for UnrestrictedReader<T> {
    #[inline(always)]
    fn value(&mut self) -> T {
        self.0.load()
    }
}

impl<T: Shape> Writer<T> for Producer<'static, T> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.store(*value);
    }
}

impl<T: Shape> Peer<T> for Unrestricted {
    const NAME: &'static str = "iceoryx2-unrestricted";
    const BY_VALUE: bool = true;
    type Reader = UnrestrictedReader<T>;
    type Writer = Producer<'static, T>;

    fn make(value: T) -> Ends<T, Self> {
        let atomic = place(UnrestrictedAtomic::new(value));
        let writer = atomic.acquire_producer().expect("a free producer");
        Ends { reader: UnrestrictedReader(atomic), writer }
    }
}
