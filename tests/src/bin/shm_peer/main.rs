//! A process that follows orders, for the tests of shared memory: one order per line, one answer per line.
//! `seqcopy_tests::faults::Peer` starts it and sends the orders.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod actions;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod peer;

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn main() {
    peer::main();
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn main() {}
