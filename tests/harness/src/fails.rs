//! [`fails`]: what a call leaves behind when it fails.

use core::fmt::Debug;
use core::mem::MaybeUninit;

/// A place that a call writes to, with bytes in it that no call leaves there by chance. It stays where it is: a move
/// need not copy padding.
pub struct Out<T>(Box<MaybeUninit<T>>);

/// What [`Out`] has in all of its bytes.
pub const MARK: u8 = 0xa5;

impl<T> Out<T> {
    /// A place filled with [`MARK`].
    #[must_use]
    pub fn marked() -> Self {
        let mut place = Box::<T>::new_uninit();
        // SAFETY: a place of its own, for which any bytes do.
        unsafe { place.as_mut_ptr().cast::<u8>().write_bytes(MARK, size_of::<T>()) };
        Out(place)
    }

    /// The place, for the call.
    pub fn place(&mut self) -> &mut MaybeUninit<T> {
        &mut self.0
    }

    /// Whether nothing was written there.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.bytes().iter().all(|byte| *byte == MARK)
    }

    /// What lies there now. A byte that the call has not written has the mark.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let at = self.0.as_ptr().cast::<u8>();
        // SAFETY: inside of the place. All bytes were written by `marked`; who got the place wrote what a call leaves
        // there, byte by byte or by fields, and never a whole `T`, whose padding would be uninitialised.
        (0..size_of::<T>()).map(|byte| unsafe { at.wrapping_add(byte).read() }).collect()
    }
}

impl<T> Debug for Out<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:02x?}", self.bytes())
    }
}

/// Tries a call that fails, and what it leaves. `on` has what the call needs, with its outs; it fails now, and `left`
/// is what is then there by its page: as `state` gives it before the call, unless the page says otherwise. Once `mend`
/// has taken the cause away, the same call succeeds, on the same handles. Returns the error, and the result.
///
/// # Panics
/// If the call does not fail, if it leaves something else, or if it fails once more.
#[track_caller]
pub fn fails<C: ?Sized, T, E: Debug, S: PartialEq + Debug>(
    name: &str,
    on: &mut C,
    call: impl Fn(&mut C) -> Result<T, E>,
    state: impl Fn(&mut C) -> S,
    left: Option<S>,
    mend: impl FnOnce(&mut C),
) -> (E, T) {
    let left = left.unwrap_or_else(|| state(on));
    let Err(error) = call(on) else { panic!("{name} is to fail") };
    assert_eq!(state(on), left, "{name}: what is left after {error:?}");
    mend(on);
    let value = call(on).unwrap_or_else(|again| panic!("{name}, when the cause is gone, after {error:?}: {again:?}"));
    (error, value)
}
