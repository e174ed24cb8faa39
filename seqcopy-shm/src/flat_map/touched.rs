//! [`Touched`]: which slots a generation has changed, in a small file: a list alone, of which [`Commits`](super::commit::Commits) has one for
//! each table, and from which what a table lacks follows.

/// The slots in which the table of a generation may differ from the one before it.
#[derive(Debug, Clone)]
pub(super) enum Touched {
    /// These, some perhaps more than once.
    Slots(Vec<u32>),
    /// Any of them.
    All,
}

impl Touched {
    /// None.
    pub(super) const NOTHING: Touched = Touched::Slots(Vec::new());

    /// Adds a slot. A list as long as the table is no better than `All`.
    #[allow(clippy::cast_possible_truncation)] // there are at most 2^32 slots
    #[inline(always)]
    pub(super) fn add(&mut self, slot: usize, slots: usize) {
        match self {
            Touched::Slots(list) if list.len() < slots => list.push(slot as u32),
            _ => *self = Touched::All,
        }
    }

    /// Forgets them. Keeps the memory of the list.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        match self {
            Touched::Slots(list) => list.clear(),
            Touched::All => *self = Touched::NOTHING,
        }
    }

    /// The slots; `None` if it may be any.
    #[inline(always)]
    pub(super) fn slots(&self) -> Option<&[u32]> {
        match self {
            Touched::Slots(list) => Some(list),
            Touched::All => None,
        }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.slots().is_some_and(<[u32]>::is_empty)
    }
}
