//! The pages of `docs/` in the package, for docs.rs. Those of the locks are in [`seqcopy::guide`] and [`seqcopy::reference`].

// References lead to files in the repository, and to modules here.
macro_rules! pages {
    ($folder:literal: $($name:ident: $file:literal;)*) => {$(
        #[cfg_attr(not(doctest), doc = concat!(
            "[maps.md]: mod@crate::guide::maps\n",
            "[new-version.md]: mod@crate::guide::new_version\n",
            "[more-than-one-machine.md]: mod@crate::guide::more_than_one_machine\n",
            "[containers.md]: mod@crate::guide::containers\n",
            "[other-languages.md]: mod@crate::guide::other_languages\n",
            "[looking-at-a-region.md]: mod@crate::guide::looking_at_a_region\n",
            "[guarantees.md]: mod@crate::guide::guarantees\n",
            "[format.md]: mod@crate::reference::format\n",
            "[soundness.md]: mod@crate::reference::soundness\n",
            "[premises]: mod@seqcopy::reference::soundness\n",
        ), doc = include_str!(concat!("../docs/", $folder, "/", $file)))]
        #[allow(clippy::doc_markdown)] // prose, not the documentation of an item
        pub mod $name {}
    )*};
}

/// Regions and maps in use: one question a page.
pub mod guide {
    pages! {
        "guide":
        guarantees: "guarantees.md";
        maps: "maps.md";
        new_version: "new-version.md";
        containers: "containers.md";
        other_languages: "other-languages.md";
        looking_at_a_region: "looking-at-a-region.md";
        more_than_one_machine: "more-than-one-machine.md";
    }
}

/// What programs in other languages and auditors need.
pub mod reference {
    pages! {
        "reference":
        format: "format.md";
        soundness: "soundness.md";
    }
}
