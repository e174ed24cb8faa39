//! Empty: the package consists of the tests that its manifest names.
