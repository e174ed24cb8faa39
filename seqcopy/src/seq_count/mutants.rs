//! What mutants do in place of the steps of [`SeqCount`] and of the latch's count. Names as in `docs/mutations.md`.

use core::any::Any;
use core::marker::PhantomData;
use core::sync::atomic::compiler_fence;

use super::code::{AtomicWord, SeqCode, SeqWord};
use super::latch::LatchCount;
#[cfg(any(test, seqcopy_two_words, not(target_has_atomic = "64")))]
use super::two_words::{Long, TwoWords};
use super::wide::WideWord;
use super::{SeqCount, Token, WriteToken};
use crate::ReadError;
use crate::mutation::chosen;
use crate::primitive::{Acquire, Relaxed, Release, fence};

/// A word changed as a number, for steps that know nothing of its encoding.
fn map<W: SeqWord>(mut word: W, change: impl Fn(u64) -> u64) -> W {
    let any: &mut dyn Any = &mut word;
    #[allow(clippy::cast_possible_truncation)] // numbers wrap as the word does
    if let Some(word) = any.downcast_mut::<u16>() {
        *word = change(u64::from(*word)) as u16;
    } else if let Some(word) = any.downcast_mut::<u32>() {
        *word = change(u64::from(*word)) as u32;
    } else if let Some(word) = any.downcast_mut::<u64>() {
        *word = change(*word);
    }
    word
}

fn plus<W: SeqWord>(word: W, number: i64) -> W {
    map(word, |word| word.wrapping_add_signed(number))
}

/// w1 and w2.
pub(crate) fn write_begin<C: SeqCode>(count: &SeqCount<C>, found: C::Word, busy: C::Word) -> Option<WriteToken<C>> {
    let word = &count.word;
    let mut busy = busy;
    match chosen() {
        "sl01" => fence(Release),
        "sl02" | "mw14" => word.store(busy, Relaxed),
        "sl03" => {
            word.store(busy, Relaxed);
            fence(Acquire);
        }
        "sl04" => {
            fence(Release);
            word.store(busy, Relaxed);
        }
        "sl05" => word.store(busy, Release),
        "sl07" => {
            word.store(busy, Relaxed);
            fence(Release);
            word.store(plus(busy, 1), Release);
        }
        "sl16" => {
            word.store(busy, Relaxed);
            compiler_fence(Release);
        }
        "rc01" if found == busy => word.store(busy, Relaxed),
        "rc02" if found == busy => {
            word.store(plus(busy, -1), Release);
            word.store(busy, Relaxed);
            fence(Release);
        }
        "rc03" if found == busy => {
            busy = plus(busy, 2);
            word.store(busy, Relaxed);
            fence(Release);
        }
        "rc04" if found == busy => {
            busy = plus(busy, 1);
            word.store(busy, Relaxed);
            fence(Release);
        }
        _ => return None,
    }
    Some(WriteToken { found, busy, code: PhantomData })
}

/// w4.
pub(crate) fn write_end_at<C: SeqCode>(count: &SeqCount<C>, write: &WriteToken<C>, word: C::Word) -> Option<()> {
    match chosen() {
        "sl06" => count.word.store(word, Relaxed),
        "sl07" => {} // has happened already
        // Four words, two of them stable: what comes behind the second is the first again.
        "sl18" => count.word.store(map(word, |word| if word & 3 == 0 { word.wrapping_sub(4) } else { word }), Release),
        "rc05" if write.found == write.busy => count.word.store(word, Relaxed),
        _ => return None,
    }
    Some(())
}

/// r1, and whatever else asks for the word.
pub(crate) fn load<C: SeqCode>(count: &SeqCount<C>) -> Option<C::Word> {
    match chosen() {
        "sl08" => Some(count.word.load(Relaxed)),
        _ => None,
    }
}

/// r1 on writable memory.
pub(crate) fn read_begin_owned<C: SeqCode>(count: &SeqCount<C>) -> Option<Result<Token<C>, ReadError>> {
    let word = match chosen() {
        "mw12" => count.word.load(Relaxed),
        "sl13" => {
            let word = count.word.load(Acquire);
            fence(Acquire);
            word
        }
        _ => return None,
    };
    Some(SeqCount::<C>::token(word))
}

/// What a word says.
pub(crate) fn token<C: SeqCode>(word: C::Word) -> Option<Result<Token<C>, ReadError>> {
    match chosen() {
        "sl09" => Some(Ok(Token { word, code: PhantomData })),
        _ => None,
    }
}

/// r3 and r4.
pub(crate) fn read_end<C: SeqCode>(count: &SeqCount<C>, token: Token<C>) -> Option<bool> {
    let after = match chosen() {
        // r3 of sl13 has happened already, where there is no other fence in front of the payload.
        "sl10" | "sl13" => count.word.load(Relaxed),
        "sl11" => {
            fence(Release);
            count.word.load(Relaxed)
        }
        "sl12" => count.word.load(Acquire),
        "sl14" => {
            fence(Acquire);
            token.word
        }
        "sl15" => {
            let after = count.word.load(Relaxed);
            fence(Acquire);
            after
        }
        "sl17" => {
            compiler_fence(Acquire);
            count.word.load(Relaxed)
        }
        _ => return None,
    };
    Some(after == token.word)
}

/// Which words a write may begin over.
pub(crate) fn try_write_begin<C: SeqCode>(count: &SeqCount<C>) -> Option<Option<WriteToken<C>>> {
    match chosen() {
        // SAFETY: the caller's contract, but for the busy word.
        "tb01" => Some(Some(unsafe { count.write_begin() })),
        _ => None,
    }
}

/// m1, and whatever else asks for a latch's count.
pub(crate) fn latch_load<W: WideWord>(count: &LatchCount<W>) -> Option<u64> {
    match chosen() {
        "nc15" => Some(count.get(Relaxed)),
        _ => None,
    }
}

pub(crate) fn latch_read_begin<W: WideWord>(count: &LatchCount<W>) -> Option<u64> {
    match chosen() {
        "nc03" => Some(count.get(Relaxed)),
        _ => None,
    }
}

/// m3, m4 and the window.
pub(crate) fn latch_read_end<W: WideWord>(count: &LatchCount<W>, before: u64, window: u64) -> Option<bool> {
    let (after, window) = match chosen() {
        "nc04" => (count.get(Relaxed), window),
        "nc06" => {
            fence(Acquire);
            (count.get(Relaxed), window + 1)
        }
        "nc08" => {
            fence(Acquire);
            (before, window)
        }
        "nc12" => (count.get(Acquire), window),
        "nc13" => {
            fence(Release);
            (count.get(Relaxed), window)
        }
        "nc16" => {
            let after = count.get(Relaxed);
            fence(Acquire);
            (after, window)
        }
        // One cell: the window has no sense then, but a release build goes on.
        "ce01" => {
            fence(Acquire);
            (count.get(Relaxed), window)
        }
        _ => return None,
    };
    Some(after.wrapping_sub(before) <= window)
}

/// l1 to l3.
pub(crate) fn latch_write<W: WideWord, F: FnOnce(u64)>(count: &LatchCount<W>, payload: F) -> Result<(), F> {
    let next = count.get(Relaxed).wrapping_add(1);
    match chosen() {
        "nc01" => {
            payload(next);
            count.set(next, Release);
        }
        "nc02" => {
            fence(Release);
            payload(next);
            count.set(next, Relaxed);
        }
        "nc05" => {
            fence(Release);
            payload(next.wrapping_sub(1));
            count.set(next, Release);
        }
        "nc07" => {
            fence(Release);
            count.set(next, Release);
            payload(next);
        }
        "nc09" => {
            payload(next);
            fence(Release);
            count.set(next, Release);
        }
        "nc10" => {
            fence(Acquire);
            payload(next);
            count.set(next, Release);
        }
        _ => return Err(payload),
    }
    Ok(())
}

/// t1. Answers also if what is left for t2 differs.
#[cfg(any(test, seqcopy_two_words, not(target_has_atomic = "64")))]
pub(crate) fn show_half<const LOW: u32>(two: &TwoWords<LOW>, word: Long<LOW>) -> Option<()> {
    let half_ends = (two.low.load(Relaxed) ^ word.low) >> (LOW - 1) & 1 == 1;
    match chosen() {
        "wd02" => {}
        "wd04" if half_ends => two.high.store(word.high, Relaxed),
        "wd12" if half_ends => two.high.store(two.high.load(Relaxed).wrapping_add(1), Release),
        _ => return None,
    }
    Some(())
}

/// t1 and t2.
#[cfg(any(test, seqcopy_two_words, not(target_has_atomic = "64")))]
pub(crate) fn store_two<const LOW: u32>(two: &TwoWords<LOW>, word: Long<LOW>) -> Option<()> {
    match chosen() {
        "wd03" => {
            let half_ends = (two.low.load(Relaxed) ^ word.low) >> (LOW - 1) & 1 == 1;
            two.low.store(word.low, Release);
            if half_ends {
                two.high.store(word.high, Release);
            }
        }
        "wd05" => {
            two.show_half(word);
            two.low.store(word.low, Relaxed);
        }
        _ => return None,
    }
    Some(())
}

/// u1 to u3.
#[cfg(any(test, seqcopy_two_words, not(target_has_atomic = "64")))]
pub(crate) fn load_two<const LOW: u32>(two: &TwoWords<LOW>) -> Option<Long<LOW>> {
    let (first, second) = match chosen() {
        "wd07" => (Acquire, Relaxed),
        "wd10" => (Relaxed, Acquire),
        "wd06" | "wd08" | "wd11" => (Acquire, Acquire),
        _ => return None,
    };
    loop {
        let early = two.high.load(first);
        let low = two.low.load(second);
        let late = two.high.load(Acquire);
        match chosen() {
            "wd06" => return Some(Long::seen(low, late)),
            "wd08" => return Some(Long::seen(low, early)),
            "wd11" if early == late => return Some(Long { low, high: late }),
            _ if early == late => return Some(Long::seen(low, late)),
            _ => {}
        }
    }
}
