//! What `emulated.rs` and the plugin (`verify/without_std/examples/step_plugin.rs`) have agreed on.

/// The descriptor by which the plugin tells where the process is, and is told how to go on.
pub(crate) const DESCRIPTOR: i32 = 900;
/// How the process is to go on: to the next mark.
pub(crate) const RUN: u8 = b'r';
/// Likewise: to the next instruction.
pub(crate) const STEP: u8 = b's';
/// The instruction of a mark: `hint #113`, which does nothing.
pub(crate) const MARK: u32 = 0xd503_2e3f;
