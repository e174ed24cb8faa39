//! The pages of the package: how to use the crate, and the argument that its code cites.
//!
//! | page | contents |
//! |---|---|
//! | [`which_lock`] | which lock to choose, with figures |
//! | [`performance`] | what reads and writes cost, and how other crates compare |
//! | [`migration`] | from `seqlock`, `AtomicCell`, `arc-swap`, `triple_buffer`, method by method |
//! | [`firmware`] | an interrupt handler and the main loop: a program, and which of them may write |
//! | [`top_of_book`] | market data: one writer, four readers, a struct of 20 fields |
//! | [`real_time`] | which calls are wait-free; audio callbacks, control loops, interrupt handlers |
//! | [`recipes`] | waiting for a value, timeouts, announcing before reading |
//! | [`foreign_types`] | types of other crates: what to write for each; generic crates; why not every `Copy` type |
//! | [`standard_types`] | types of the standard library: which can be stored, and what to store in place of others |
//! | [`layout_rules`] | which types can be copied, and why others cannot |
//! | [`soundness`] | the premises that the proofs in the code cite (P1.., I1.., R1..), and the argument |
//! | [`evidence`] | what was checked by which tool, and what no tool covers |
//! | [`mutations`] | how the code was broken on purpose, and what caught it |

// In the repository, pages link to each other by references that are defined at the end of the page. Here the same references are
// defined before the page as modules; the first definition wins, so rustdoc checks the links. A test ensures that no page has
// links of another kind.
macro_rules! pages {
    ($($name:ident: $file:literal;)*) => {
        pages! {
            concat!(
                $("[", $file, "]: mod@crate::docs::", stringify!($name), "\n",)*
                "[premises]: mod@crate::docs::soundness#premises\n",
                "[reliability.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/docs/reliability/\n",
                "[maps.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/docs/maps/\n",
                "[format.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/docs/format/\n",
            );
            $($name: $file;)*
        }
    };
    ($links:expr; $($name:ident: $file:literal;)*) => {$(
        // Programs on these pages also use other crates, so they are run by the repository's tests instead.
        #[cfg_attr(not(doctest), doc = $links, doc = include_str!(concat!("../docs/", $file)))]
        #[allow(clippy::doc_markdown, clippy::doc_link_with_quotes)] // pages of prose, not documentation of items
        pub mod $name {}
    )*};
}

pages! {
    which_lock: "which-lock.md";
    performance: "performance.md";
    migration: "migration.md";
    firmware: "firmware.md";
    top_of_book: "top-of-book.md";
    real_time: "real-time.md";
    recipes: "recipes.md";
    standard_types: "standard-types.md";
    foreign_types: "foreign-types.md";
    layout_rules: "layout-rules.md";
    soundness: "soundness.md";
    evidence: "evidence.md";
    mutations: "mutations.md";
}
