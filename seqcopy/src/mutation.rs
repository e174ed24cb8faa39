//! [`mutant!`]: the places where a test may break the code on purpose, to see whether anybody notices.
//!
//! In an ordinary build the macro expands to nothing. With `--cfg seqcopy_mutate` the line
//!
//! ```text
//! mutant!(read_end(self, token));
//! ```
//!
//! asks the function `read_end` of the room's file `mutants.rs`. If the mutant that was chosen at the program's start
//! (`SEQCOPY_MUTANT=sl10`) belongs there, the answer is given in place of what follows. So the code beside the macro is what
//! is shipped, and a mutant is read beside the other mutants of the same step.
//!
//! `docs/mutations.md` lists them all; `ci/mutations.sh` lets each loose on the models and on Miri.

#[cfg(not(seqcopy_mutate))]
macro_rules! mutant {
    ($hook:ident($($argument:expr),*)) => {};
    ($hook:ident($($argument:expr),*), returning $lent:ident) => {};
}

#[cfg(seqcopy_mutate)]
macro_rules! mutant {
    ($hook:ident($($argument:expr),*)) => {
        if let Some(answer) = $crate::mutation::rooms::$hook($($argument),*) {
            $crate::mutation::ran();
            return answer;
        }
    };
    // An argument that can't be copied is given back by who has no use for it.
    ($hook:ident($($argument:expr),*), returning $lent:ident) => {
        let $lent = match $crate::mutation::rooms::$hook($($argument,)* $lent) {
            Ok(answer) => {
                $crate::mutation::ran();
                return answer;
            }
            Err(lent) => lent,
        };
    };
}

pub(crate) use mutant;

#[cfg(seqcopy_mutate)]
mod choice {
    use std::string::String;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// The mutant's name, or an empty one. Read when the program runs, not when it is built: Cargo does not rebuild for
    /// Miri when a variable changes.
    pub(crate) fn chosen() -> &'static str {
        static CHOSEN: OnceLock<String> = OnceLock::new();
        CHOSEN.get_or_init(|| std::env::var("SEQCOPY_MUTANT").unwrap_or_default())
    }

    /// Says once that the mutant ran, so that one which is never reached is not taken for a harmless one.
    pub(crate) fn ran() {
        static SAID: AtomicBool = AtomicBool::new(false);
        if !SAID.swap(true, Ordering::Relaxed) {
            std::eprintln!("mutant {} runs", chosen());
        }
    }
}

/// Where the hooks are.
#[cfg(seqcopy_mutate)]
pub(crate) mod rooms {
    pub(crate) use crate::copy::mutants::*;
    pub(crate) use crate::lock::mutants::*;
    pub(crate) use crate::seq_count::mutants::*;

    /// A type's own check.
    pub(crate) fn hook<E>() -> Option<Result<(), E>> {
        (super::chosen() == "hk01").then_some(Ok(()))
    }
}

#[cfg(seqcopy_mutate)]
pub(crate) use choice::{chosen, ran};

/// For tests that break their caller's part of a contract: whether they should.
#[cfg(all(test, loom))]
pub(crate) fn mutant_is(id: &str) -> bool {
    #[cfg(seqcopy_mutate)]
    if chosen() == id {
        ran();
        return true;
    }
    let _ = id;
    false
}
