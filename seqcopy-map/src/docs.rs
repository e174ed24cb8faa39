//! The page of `docs/` in the package, for docs.rs. Those of the locks are in [`seqcopy::guide`] and [`seqcopy::reference`].

/// What auditors need.
pub mod reference {
    // References lead to files in the repository, and to modules here.
    #[cfg_attr(not(doctest), doc = "[premises]: mod@seqcopy::reference::soundness\n", doc = include_str!("../docs/reference/soundness.md"))]
    #[allow(clippy::doc_markdown)] // prose, not the documentation of an item
    pub mod soundness {}
}
