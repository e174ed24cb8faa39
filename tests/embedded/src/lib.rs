//! What firmware does with the locks: an interrupt handler and the main loop share values, on processors without
//! compare-and-swap and without 64-bit atomics as on others. `ci/no_std.sh` compiles this for them to machine code.
//! Its first part is the program of `seqcopy/docs/guide/firmware.md`.
#![no_std]

use seqcopy::{ReadError, SeqCopy, SeqLatch, SeqLock, Version};

/// What the handler measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SeqCopy)]
pub struct Reading {
    /// The tick at which it was taken.
    pub tick: u64,
    /// Whether the converter was ready.
    pub valid: bool,
    /// One value per channel.
    pub channels: [u16; 3],
    /// The state of the converter.
    pub state: State,
}

/// A state of the converter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SeqCopy)]
#[repr(u8)]
pub enum State {
    /// It has just been switched on.
    Cold,
    /// It measures.
    Running,
}

/// What the main loop asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SeqCopy)]
pub struct Target {
    /// The level to reach.
    pub level: u32,
    /// Whether the output is on.
    pub enabled: bool,
}

/// Written by the handler, which may interrupt its reader and is never interrupted by it: a single buffer is enough.
static READING: SeqLock<Reading> =
    SeqLock::new(Reading { tick: 0, valid: false, channels: [0; 3], state: State::Cold });

/// Written by the main loop, which the handler interrupts anywhere: one of the two buffers is always complete.
static TARGET: SeqLatch<Target> = SeqLatch::new(Target { level: 0, enabled: false });

/// The timer's interrupt: the one place where `READING` is written. Returns the target.
///
/// # Errors
/// None in practice: a read fails only if a write finishes during it, and the main loop does not run during the handler.
pub fn on_timer(channels: [u16; 3]) -> Result<Target, ReadError> {
    // SAFETY: this handler does not interrupt itself, and nothing else writes.
    let mut reading = unsafe { READING.writer_unchecked() };
    reading.update(|reading| {
        reading.tick += 1;
        reading.valid = true;
        reading.channels = channels;
        reading.state = State::Running;
    });
    TARGET.try_read()
}

/// One round of the main loop: the reading, if there is a new one.
pub fn new_reading(known: &mut Version) -> Option<Reading> {
    READING.read_if_changed(known)
}

/// The main loop sets a target: the one place where `TARGET` is written.
pub fn set_target(target: Target) {
    // SAFETY: only the main loop calls this, and nothing else writes.
    unsafe { TARGET.writer_unchecked() }.write(target);
}

/// How many targets were set.
pub fn targets_set() -> u64 {
    TARGET.version().to_bits()
}

/// Where there is compare-and-swap, writers may also take turns.
#[cfg(target_has_atomic = "8")]
pub fn raise_target(by: u32) -> Option<u32> {
    TARGET.update(|target| target.level += by);
    TARGET.writer().map(|writer| writer.read().level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handler_and_main_loop() {
        let mut known = Version::NEVER;
        assert_eq!(new_reading(&mut known).map(|reading| reading.state), Some(State::Cold));
        assert_eq!(new_reading(&mut known), None);
        set_target(Target { level: 7, enabled: true });
        assert_eq!(on_timer([1, 2, 3]), Ok(Target { level: 7, enabled: true }));
        let reading = new_reading(&mut known).expect("a new reading");
        assert_eq!((reading.tick, reading.channels, reading.state), (1, [1, 2, 3], State::Running));
        assert_eq!(targets_set(), 1);
        #[cfg(target_has_atomic = "8")]
        assert_eq!((raise_target(2), targets_set()), (Some(9), 2));
    }
}
