//! A plugin of QEMU, with which `step` leads a process that QEMU runs: before each instruction the process says where
//! it is, and waits.
//!
//! The interface is that of QEMU's plugins, version 1 (<https://www.qemu.org/docs/master/devel/tcg-plugins.html>). A
//! process begins to wait at its first mark, if descriptor 900 is open there; in others nothing happens.

#![allow(unsafe_code)]

use core::ffi::{c_char, c_int, c_uint, c_void};
use core::sync::atomic::{AtomicU8, Ordering};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd as _;

#[path = "../../src/bin/step/plugin.rs"]
mod plugin;

use plugin::{DESCRIPTOR, MARK, RUN, STEP};

/// Which version of the interface this is for.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)] // QEMU looks for this name
pub static qemu_plugin_version: c_int = 1;

type Callback = extern "C" fn(c_uint, *mut c_void);

unsafe extern "C" {
    fn qemu_plugin_register_vcpu_tb_trans_cb(id: u64, callback: extern "C" fn(u64, *mut c_void));
    fn qemu_plugin_tb_n_insns(block: *const c_void) -> usize;
    fn qemu_plugin_tb_get_insn(block: *const c_void, index: usize) -> *mut c_void;
    fn qemu_plugin_insn_vaddr(instruction: *const c_void) -> u64;
    fn qemu_plugin_insn_data(instruction: *const c_void) -> *const c_void;
    fn qemu_plugin_register_vcpu_insn_exec_cb(
        instruction: *mut c_void,
        callback: Callback,
        flags: c_int,
        data: *mut c_void,
    );
}

/// What the process was told last: 0, [`RUN`] or [`STEP`]. Its threads are not more than one.
static TOLD: AtomicU8 = AtomicU8::new(0);

/// QEMU calls this once.
///
/// # Safety
/// Called by QEMU.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_install(id: u64, _: *const c_void, _: c_int, _: *mut *mut c_char) -> c_int {
    // SAFETY: QEMU's own number of this plugin, and a function that fits.
    unsafe { qemu_plugin_register_vcpu_tb_trans_cb(id, translated) };
    0
}

/// Instructions were translated, and will be executed some time.
extern "C" fn translated(_: u64, block: *mut c_void) {
    // SAFETY: QEMU lends the block for this call, as it does all that is used of it below.
    let count = unsafe { qemu_plugin_tb_n_insns(block) };
    for index in 0..count {
        // SAFETY: one of the block's instructions.
        let instruction = unsafe { qemu_plugin_tb_get_insn(block, index) };
        // SAFETY: as above.
        let code = unsafe { qemu_plugin_insn_data(instruction) }.cast::<u32>();
        // SAFETY: instructions of aarch64 are 4 bytes.
        let is_mark = unsafe { code.read_unaligned() } == MARK;
        let callback: Callback = if is_mark { at_mark } else { before_instruction };
        // SAFETY: as above.
        let at = unsafe { qemu_plugin_insn_vaddr(instruction) } as *mut c_void;
        // SAFETY: as above, and functions that fit. 0: no registers are looked at.
        unsafe { qemu_plugin_register_vcpu_insn_exec_cb(instruction, callback, 0, at) };
    }
}

extern "C" fn at_mark(_: c_uint, at: *mut c_void) {
    stop(at);
}

extern "C" fn before_instruction(_: c_uint, at: *mut c_void) {
    if TOLD.load(Ordering::Relaxed) == STEP {
        stop(at);
    }
}

/// Says where the process is, and waits for what it is told.
fn stop(at: *mut c_void) {
    // SAFETY: nothing but this function uses it, and it is not closed by this.
    let mut parent = ManuallyDrop::new(unsafe { File::from_raw_fd(DESCRIPTOR) });
    let mut told = [0];
    let is_led = parent.write_all(&(at as u64).to_ne_bytes()).is_ok() && parent.read_exact(&mut told).is_ok();
    if is_led && matches!(told[0], RUN | STEP) {
        TOLD.store(told[0], Ordering::Relaxed);
    } else if TOLD.load(Ordering::Relaxed) != 0 {
        // Its parent has ended.
        std::process::exit(1);
    }
}
