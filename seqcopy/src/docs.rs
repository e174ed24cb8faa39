//! The pages that the code cites, as they lie in the package: what it rests on, and how to use it.
//!
//! | page | what |
//! |---|---|
//! | [`which_lock`] | which lock to take, with figures |
//! | [`performance`] | what reads and writes cost, and how other crates compare |
//! | [`migration`] | from `seqlock`, `AtomicCell`, `arc-swap`, `triple_buffer`, method by method |
//! | [`firmware`] | an interrupt handler and the main loop: a program, and who may write |
//! | [`top_of_book`] | market data: one writer, four readers, a struct of 20 fields |
//! | [`real_time`] | which calls are wait-free; audio callbacks, control loops, interrupt handlers |
//! | [`recipes`] | waiting for a value, giving up, announcing |
//! | [`layout_rules`] | which types can be copied, and why the others can't |
//! | [`soundness`] | the premises that each proof in the code cites (P1.., I1.., R1, R2), and the argument |
//! | [`evidence`] | what was checked by what, and what nothing sees |
//! | [`mutations`] | how the code was broken on purpose, and what caught it |

// In the repository a page links to another file by a reference that is defined at its end. Here the same reference is defined in
// front of the page, where the first definition counts, as the module; so rustdoc checks it. A test holds that no page links otherwise.
macro_rules! pages {
    ($($name:ident: $file:literal;)*) => {
        pages! {
            concat!(
                $("[", $file, "]: mod@crate::docs::", stringify!($name), "\n",)*
                "[premises]: mod@crate::docs::soundness#premises\n",
                "[reliability.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/docs/reliability/\n",
                "[format.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/docs/format/\n",
            );
            $($name: $file;)*
        }
    };
    ($links:expr; $($name:ident: $file:literal;)*) => {$(
        // The programs on the pages use other crates, too: the tests of the repository run them.
        #[cfg_attr(not(doctest), doc = $links, doc = include_str!(concat!("../docs/", $file)))]
        #[allow(clippy::doc_markdown, clippy::doc_link_with_quotes)] // pages for people, not of items
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
    layout_rules: "layout-rules.md";
    soundness: "soundness.md";
    evidence: "evidence.md";
    mutations: "mutations.md";
}
