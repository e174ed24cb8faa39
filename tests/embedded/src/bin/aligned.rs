//! A program for a bare Cortex-A53 that allows no unaligned access, as before the MMU is on: locks of several shapes are written and read.
//! `ci/firmware.sh` runs it in an emulator, where an access that is not aligned to its size is a fault and ends it.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(all(target_arch = "aarch64", target_os = "none"))]
mod bare {
    use core::arch::{asm, global_asm};
    use core::hint::black_box;
    use core::panic::PanicInfo;

    use seqcopy::{AtomicPerByte, SeqCopy, SeqLatch, SeqLock, Sequenced, part};

    // A stack, vector registers, and one handler for every exception.
    global_asm!(
        ".section .text._start,\"ax\"",
        ".global _start",
        "_start:",
        "ldr x0, =0x41000000",
        "mov sp, x0",
        "mov x0, #(3 << 20)",
        "msr cpacr_el1, x0",
        "adr x0, 2f",
        "msr vbar_el1, x0",
        "isb",
        "bl {main}",
        ".balign 2048",
        "2:",
        ".rept 16",
        ".balign 128",
        "b 3f",
        ".endr",
        "3:",
        "mrs x0, esr_el1",
        "mrs x1, elr_el1",
        "bl {fault}",
        main = sym main,
        fault = sym fault,
    );

    /// Asks the emulator for something, by the protocol of semihosting.
    fn ask(what: u64, about: *const u64) {
        // SAFETY: the emulator reads what lies there, and answers in a register.
        unsafe { asm!("hlt #0xf000", inout("x0") what => _, in("x1") about) };
    }

    fn print(text: &str) {
        for byte in text.bytes() {
            // 3: one character.
            ask(3, [u64::from(byte)].as_ptr());
        }
    }

    fn print_hex(number: u64) {
        for at in (0..16).rev() {
            let digit = b"0123456789abcdef"[(number >> (4 * at) & 15) as usize];
            ask(3, [u64::from(digit)].as_ptr());
        }
    }

    fn exit(code: u64) -> ! {
        // 0x18: the end, with this code.
        ask(0x18, [0x20026, code].as_ptr());
        loop {}
    }

    extern "C" fn fault(syndrome: u64, place: u64) -> ! {
        print("aligned: fault ");
        print_hex(syndrome);
        print(" at ");
        print_hex(place);
        print("\n");
        exit(2)
    }

    #[panic_handler]
    fn panicked(_: &PanicInfo<'_>) -> ! {
        print("aligned: a wrong value\n");
        exit(1)
    }

    /// A run of 48 bytes, which a lock has at a multiple of 8.
    #[derive(Clone, Copy, PartialEq, SeqCopy)]
    #[repr(C)]
    struct Sample {
        at: u64,
        values: [u32; 10],
    }

    /// Data with padding between, and an odd length.
    #[derive(Clone, Copy, PartialEq, SeqCopy)]
    struct Mixed {
        flag: bool,
        bytes: [u8; 61],
        words: [u16; 35],
        level: u64,
        more: [u8; 203],
    }

    static BEFORE: SeqLock<u64> = SeqLock::new(1);
    static SAMPLE: SeqLock<Sample> = SeqLock::new(Sample { at: 0, values: [0; 10] });
    static LATCH: SeqLatch<Sample, 4> = SeqLatch::from_value(Sample { at: 0, values: [0; 10] });
    static MIXED: SeqLock<Mixed> =
        SeqLock::new(Mixed { flag: false, bytes: [0; 61], words: [0; 35], level: 0, more: [0; 203] });

    fn sample(round: u32) -> Sample {
        Sample { at: u64::from(round), values: core::array::from_fn(|i| round + i as u32) }
    }

    fn mixed(round: u8) -> Mixed {
        Mixed {
            flag: round % 2 == 1,
            bytes: [round; 61],
            words: [u16::from(round); 35],
            level: u64::from(round),
            more: core::array::from_fn(|i| round.wrapping_add(i as u8)),
        }
    }

    fn same<T: SeqCopy + Copy + PartialEq, P: seqcopy::Policy>(lock: &Sequenced<T, P>, value: T) {
        lock.write(black_box(value));
        let mut place = value;
        lock.read_to(&mut place);
        assert!(lock.read() == value && lock.try_read().is_ok_and(|read| read == value) && place == value);
    }

    /// Storage of each length at an odd address.
    fn of_bytes<const N: usize>() {
        #[repr(C, align(16))]
        struct Odd<const N: usize>(u8, AtomicPerByte<[u8; N]>);
        let (odd, value) = (Odd(0, AtomicPerByte::new([0; N])), core::array::from_fn(|i| i as u8));
        black_box(&odd).1.store(black_box(&value));
        assert!(odd.1.load().validate().is_ok_and(|read| read == value));
    }

    extern "C" fn main() -> ! {
        // SAFETY: the bit that lets each unaligned access fault, as compilers for this target assume all do.
        unsafe { asm!("mrs {x}, sctlr_el1", "orr {x}, {x}, #2", "msr sctlr_el1, {x}", "isb", x = out(reg) _) };
        #[cfg(feature = "unaligned")]
        // SAFETY: it never returns.
        unsafe {
            asm!("ldr {x}, [sp, #4]", x = out(reg) _, options(nostack));
        }
        for round in 1..=3 {
            same(&SAMPLE, sample(round));
            same(&LATCH, sample(round));
            same(&MIXED, mixed(round as u8));
            same(&BEFORE, u64::from(round));
            let values = part!(Sample, values);
            SAMPLE.write_part(values, [round; 10]);
            assert!(SAMPLE.read_part(values) == [round; 10] && SAMPLE.read().at == u64::from(round));
        }
        of_bytes::<16>();
        of_bytes::<33>();
        of_bytes::<100>();
        of_bytes::<255>();
        of_bytes::<1000>();
        print("aligned: every value is right\n");
        exit(0)
    }
}

#[cfg(not(target_os = "none"))]
fn main() {}
