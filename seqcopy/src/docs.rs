//! The pages of `docs/` in the package, for docs.rs: how to use the crate, and the argument that its code cites.

// In the repository, pages link to each other by references that are defined at the end of the page. Here the same references are
// defined before the page as modules; the first definition wins, so rustdoc checks the links. A test ensures that no page has
// links of another kind.
macro_rules! pages {
    ($folder:literal: $($name:ident: $file:literal;)*) => {$(
        // Programs on these pages also use other crates, so they are run by the repository's tests instead.
        #[cfg_attr(not(doctest), doc = concat!(
            "[choosing-a-lock.md]: mod@crate::guide::choosing_a_lock\n",
            "[payloads.md]: mod@crate::guide::payloads\n",
            "[recipes.md]: mod@crate::guide::recipes\n",
            "[migration.md]: mod@crate::guide::migration\n",
            "[performance.md]: mod@crate::guide::performance\n",
            "[real-time.md]: mod@crate::guide::real_time\n",
            "[firmware.md]: mod@crate::guide::firmware\n",
            "[how-it-works.md]: mod@crate::guide::how_it_works\n",
            "[safety.md]: mod@crate::guide::safety\n",
            "[soundness.md]: mod@crate::reference::soundness\n",
            "[evidence.md]: mod@crate::reference::evidence\n",
            "[machine-code.md]: mod@crate::reference::machine_code\n",
            "[stability.md]: mod@crate::reference::stability\n",
            "[proof.md]: mod@crate::reference::proof\n",
            "[premises]: mod@crate::reference::soundness#premises\n",
            "[guarantees.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/guide/guarantees/\n",
            "[maps.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/guide/maps/\n",
            "[format.md]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/reference/format/\n",
            "[soundness of regions]: https://docs.rs/seqcopy-shm/latest/seqcopy_shm/reference/soundness/\n",
            "[soundness of maps]: https://docs.rs/seqcopy-map/latest/seqcopy_map/reference/soundness/\n",
        ), doc = include_str!(concat!("../docs/", $folder, "/", $file)))]
        #[allow(clippy::doc_markdown, clippy::doc_link_with_quotes)] // pages of prose, not documentation of items
        pub mod $name {}
    )*};
}

pub mod guide {
    //! How to use the crate: one question a page.
    //!
    //! | page | contents |
    //! |---|---|
    //! | [`choosing_a_lock`] | which lock to choose, and what each call may wait for |
    //! | [`payloads`] | what a payload can hold, and what to store in place of the rest |
    //! | [`recipes`] | waiting for a value, timeouts, announcing before reading |
    //! | [`migration`] | from other crates, method by method, and from a sequence lock of your own |
    //! | [`performance`] | what reads and writes cost, and how other crates compare |
    //! | [`real_time`] | which calls are wait-free; audio callbacks, control loops, interrupt handlers |
    //! | [`firmware`] | an interrupt handler and the main loop: a program, and which of them may write |
    //! | [`how_it_works`] | the protocol, the partition, one life of a value: for readers of the source |
    //! | [`safety`] | what is promised, on what that rests, and what is not known |

    pages! {
        "guide":
        choosing_a_lock: "choosing-a-lock.md";
        payloads: "payloads.md";
        recipes: "recipes.md";
        migration: "migration.md";
        performance: "performance.md";
        real_time: "real-time.md";
        firmware: "firmware.md";
        how_it_works: "how-it-works.md";
        safety: "safety.md";
    }
}

pub mod reference {
    //! What auditors need, and libraries with these types in their interface.
    //!
    //! | page | contents |
    //! |---|---|
    //! | [`soundness`] | the premises that the proofs in the code cite (P1.., I1.., R1..), the argument, and the partition of a type |
    //! | [`evidence`] | what was checked by which tool, and what no tool covers |
    //! | [`machine_code`] | the instructions that come out for reads and writes |
    //! | [`proof`] | what is proved of the protocols and of the programs, for people who read memory models |
    //! | [`stability`] | what stays the same in later versions |

    pages! {
        "reference":
        soundness: "soundness.md";
        evidence: "evidence.md";
        machine_code: "machine-code.md";
        proof: "proof.md";
        stability: "stability.md";
    }
}
