//! What the tests share: a corpus of types, one for each shape that can be copied.

pub mod corpus;
