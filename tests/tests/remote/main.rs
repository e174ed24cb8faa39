//! Types of other crates, described by lists of their fields. A program of its own: where the compiler orders fields at
//! random (`ci/sanitizers.sh`), it refuses such a list.

mod corpus;
mod lists;
mod twins;
