// expect: memory is uninitialized
// R1 copy-layer, P22 stays-init: a typed write of a smaller variant un-initialises storage that was initialised before.
// So no safe call hands out `&mut T` to storage: only the copy layer writes it.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[repr(C, u32)]
#[derive(Clone, Copy)]
#[allow(dead_code)]
enum Command {
    Stop,
    Move(u32),
}

fn get_mut(storage: &mut [u32; 2]) -> &mut Command {
    // SAFETY: `[0, 0]` is a `Stop` and `[1, n]` a `Move`; size and alignment agree.
    unsafe { &mut *storage.as_mut_ptr().cast() }
}

fn load(storage: &mut [u32; 2]) -> [u32; 2] {
    let words = storage.as_mut_ptr();
    // SAFETY: aligned and in bounds; initialised as long as it is written by word stores only.
    [0, 1].map(|i| unsafe { AtomicU32::from_ptr(words.add(i)) }.load(Relaxed))
}

fn main() {
    let mut storage = [0; 2]; // zeroed in place: every byte may be read
    load(&mut storage);
    *get_mut(&mut storage) = Command::Move(7);
    load(&mut storage);
    *get_mut(&mut storage) = Command::Stop;
    load(&mut storage);
}
