//! Which accesses the copies of this build make, by the atomics that note them: a file of its own, since only `--cfg
//! seqcopy_traced` has these.

use core::mem::MaybeUninit;

use seqcopy::layout::{Access, AccessKind};
use seqcopy::traced::{Act, Memory, trace};
use seqcopy::{SeqCopy, raw};

use crate::accesses;
use crate::guarded;

/// A load makes the accesses of the list, in its order; pointers, which are not noted, left out.
///
/// # Errors
/// What it makes and what is listed.
pub fn loads_follow_the_list<T: SeqCopy>() -> Result<(), String> {
    let mut memory = guarded::Memory::of::<T>(0);
    let place = memory.at(0).cast::<T>();
    let mut buf = Box::new(MaybeUninit::<T>::uninit());
    // SAFETY: zeros, which only this thread knows, and a buffer.
    let load = || _ = unsafe { raw::load_into(place.cast_const(), &mut buf) };
    follows::<T>(place, "loads", load)
}

/// A store does, too.
///
/// # Errors
/// As above.
pub fn stores_follow_the_list<T: SeqCopy>(value: &T) -> Result<(), String> {
    let mut memory = guarded::Memory::of::<T>(0);
    let place = memory.at(0).cast::<T>();
    // SAFETY: memory of this thread.
    follows::<T>(place, "stores", || unsafe { raw::store(place, value) })
}

fn follows<T: SeqCopy>(place: *mut T, what: &str, copy: impl FnOnce()) -> Result<(), String> {
    let ((), acts) = trace(Memory::At(place.addr()..place.addr() + size_of::<T>()), |_, _, found| found, copy);
    let made: Vec<(usize, usize)> = acts
        .iter()
        .map(|act| match *act {
            Act::Load { at, width, .. } if what == "loads" => (at, width),
            Act::Store { at, width, .. } if what == "stores" => (at, width),
            _ => panic!("{what}: {act:?}"),
        })
        .collect();
    let is_noted = |access: &Access| access.kind != AccessKind::Pointer;
    let listed = accesses(T::LAYOUT, align_of::<T>()).into_iter().filter(is_noted);
    let listed: Vec<(usize, usize)> = listed.map(|access| (access.offset, access.width)).collect();
    if made == listed { Ok(()) } else { Err(format!("{what}: {made:?}, the list of the layout has {listed:?}")) }
}
