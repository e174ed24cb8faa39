//! The pages of `docs/` in the package, for docs.rs. Those of the locks are in [`seqcopy::docs`].

// As in `seqcopy::docs`: references lead to files in the repository, and to modules here.
macro_rules! pages {
    ($($name:ident: $file:literal;)*) => {
        pages! {
            concat!("[premises]: mod@seqcopy::docs::soundness\n",);
            $($name: $file;)*
        }
    };
    ($links:expr; $($name:ident: $file:literal;)*) => {$(
        #[cfg_attr(not(doctest), doc = $links, doc = include_str!(concat!("../docs/", $file)))]
        #[allow(clippy::doc_markdown)] // prose, not the documentation of an item
        pub mod $name {}
    )*};
}

pages! {
    soundness: "soundness.md";
    ownership: "ownership.md";
}
