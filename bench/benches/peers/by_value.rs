//! Values that are made, passed on and looked at, as programs do with them: by functions that are not inlined.

use std::hint::black_box;

use bench::peers::baseline::{TwinPeer, TwinWriter, Words};
use bench::peers::locks::Seqlock;
use bench::peers::ours::{Slot, SoleByValue, Turns};
use bench::peers::slots::{NexusSlot, PhotonRing};
use bench::peers::{self, Caller, Peer, Reader, returned};
use bench::shapes::Shape;
use bench::timing::Sampler;
use seqcopy::{SeqLatch, SeqLock};

use crate::cases::{Anchor, Case, Operation};

macro_rules! cases {
    ($case:ident<$shape:ident>: $($peer:ty),* $(,)?) => { vec![$($case::<$shape, $peer>()),*] };
}

/// A slot that is written and then read, or read over an existing value, compared with the same slot with hand-written
/// words.
pub(crate) fn of_words<T: Shape + photon_ring::Pod, const WORDS: usize>(operation: Operation) -> Vec<Case> {
    type WordsWriter<const WORDS: usize> = TwinPeer<Words<WORDS>, TwinWriter<Words<WORDS>>>;
    match operation {
        Operation::ReadTo => cases!(read_to<T>: WordsWriter<WORDS>, Slot<T>),
        Operation::ExchangeGiven => {
            cases!(exchange_given<T>: WordsWriter<WORDS>, Slot<T>, SoleByValue<SeqLock<T>>, SoleByValue<SeqLatch<T>>, NexusSlot, PhotonRing)
        }
        _ => {
            cases!(exchange_made<T>: WordsWriter<WORDS>, Slot<T>, SoleByValue<SeqLock<T>>, SoleByValue<SeqLatch<T>>, NexusSlot, PhotonRing)
        }
    }
}

fn read_to<T: Shape, P: Peer<T>>() -> Case {
    let build = || {
        let (mut caller, ends) = (Caller::<T>::new(2).opaque(), black_box(P::make(T::value(1))));
        let (writer, mut kept) = (ends.writer, Some(ends.reader));
        Sampler::of_loop(move |count| {
            let _ = &writer;
            let dst = caller.buf.write(T::value(3));
            let mut reader = kept.take().expect("put back below");
            for _ in 0..count {
                reader.read_to(dst);
                black_box(&mut *dst);
            }
            kept = Some(reader);
        })
    };
    Case { implementation: P::NAME, by_value: false, build }
}

/// Reads whose value is looked at at once.
pub(crate) fn used<T: Shape + AsRef<[u8]>, const SIZE: usize>(_: Operation) -> Vec<Case> {
    vec![
        read_used::<T, Turns<SeqLock<T>>, false>("seqcopy-seqlock"),
        read_used::<T, Turns<SeqLock<T>>, true>("seqcopy-seqlock-into-buffer"),
        read_used::<T, Seqlock, false>(<Seqlock as Peer<T>>::NAME),
    ]
}

fn read_used<T: Shape + AsRef<[u8]>, P: Peer<T>, const BUFFER: bool>(implementation: &'static str) -> Case {
    let build = || {
        let ends = black_box(P::make(T::value(1)));
        let (writer, mut kept) = (ends.writer, Some(ends.reader));
        Sampler::of_loop(move |count| {
            let _ = &writer;
            let mut reader = kept.take().expect("put back below");
            for _ in 0..count {
                black_box(peers::used::<T, BUFFER>(&mut reader));
            }
            kept = Some(reader);
        })
    };
    Case { implementation, by_value: false, build }
}

macro_rules! exchange {
    ($($name:ident: |$writer:ident, $seed:ident| $publish:expr;)*) => {$(
        fn $name<T: Shape, P: Peer<T>>() -> Case {
            let build = || {
                let ends = black_box(P::make(T::value(1)));
                let mut kept = Some((ends.writer, ends.reader));
                Sampler::of_loop(move |count| {
                    black_box(&Anchor(0));
                    let (mut writer, mut reader) = kept.take().expect("put back below");
                    for turn in 0..count {
                        let ($writer, $seed) = (&mut writer, black_box(turn));
                        $publish;
                        let value: T = returned(&mut reader);
                        black_box(&value);
                    }
                    kept = Some((writer, reader));
                })
            };
            Case { implementation: P::NAME, by_value: false, build }
        }
    )*};
}

exchange! {
    exchange_made: |writer, seed| peers::publish(writer, seed);
    exchange_given: |writer, seed| peers::pass_on(writer, T::value(seed));
}
