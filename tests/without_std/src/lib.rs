//! Nothing but a place for the tests that the manifest names.
