//! The types that the tests run over.
