//! The pages that the code cites, as they lie in the package. Those of the locks are in [`seqcopy::docs`].

// As in `seqcopy::docs`: references that lead to files in the repository lead to modules here.
macro_rules! pages {
    ($($name:ident: $file:literal;)*) => {
        pages! {
            concat!(
                $("[", $file, "]: mod@crate::docs::", stringify!($name), "\n",)*
                "[soundness.md]: mod@seqcopy::docs::soundness\n",
            );
            $($name: $file;)*
        }
    };
    ($links:expr; $($name:ident: $file:literal;)*) => {$(
        #[cfg_attr(not(doctest), doc = $links, doc = include_str!(concat!("../docs/", $file)))]
        #[allow(clippy::doc_markdown)] // pages for people, not of items
        pub mod $name {}
    )*};
}

pages! {
    reliability: "reliability.md";
    format: "format.md";
}
