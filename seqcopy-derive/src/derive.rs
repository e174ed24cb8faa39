//! [`Derive`]: the two traits.

/// Which of the two traits is being derived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Derive {
    SeqCopy,
    Validate,
}

impl Derive {
    /// The name of the trait, in the runtime crate's root.
    pub(crate) fn trait_name(self) -> &'static str {
        match self {
            Derive::SeqCopy => "SeqCopy",
            Derive::Validate => "Validate",
        }
    }
}
