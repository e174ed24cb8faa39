//! [`Lag`]: what a table lacks.

/// The slots in which a table may differ from the published one.
#[derive(Debug, Clone)]
pub(super) enum Lag {
    /// These, some perhaps more than once.
    Slots(Vec<u32>),
    /// Any of them.
    All,
}

impl Lag {
    /// Adds a slot. A list as long as the table is no better than `All`.
    #[allow(clippy::cast_possible_truncation)] // there are at most 2^32 slots
    #[inline]
    pub(super) fn add(&mut self, slot: usize, slots: usize) {
        match self {
            Lag::Slots(list) if list.len() < slots => list.push(slot as u32),
            _ => *self = Lag::All,
        }
    }

    /// Adds what another one has.
    #[inline]
    pub(super) fn extend(&mut self, more: &Lag, slots: usize) {
        match (&mut *self, more) {
            (Lag::Slots(list), Lag::Slots(more)) if list.len() + more.len() <= slots => list.extend_from_slice(more),
            (Lag::Slots(_), Lag::Slots(more)) if more.is_empty() => {}
            _ => *self = Lag::All,
        }
    }

    /// Nothing: the table is like the published one. Keeps the memory of the list.
    #[inline]
    pub(super) fn clear(&mut self) {
        match self {
            Lag::Slots(list) => list.clear(),
            Lag::All => *self = Lag::Slots(Vec::new()),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Lag::Slots(list) if list.is_empty())
    }
}
