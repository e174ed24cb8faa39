//! The locks, the word that they are made of, and what belongs to them. Races are in `racing`.

mod drop_in;
mod dropped;
mod fails;
mod handles;
mod heap;
mod page;
mod rules;
mod seq_count;
mod seq_count_encodings;
mod seq_lock;
mod seq_slice;
mod wakers;
mod watched;
