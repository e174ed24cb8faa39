//! [`RULES`]: what the code of each function must be like.

use super::{Flow, Order, Rule};

/// The retry loop of a read.
const WAITING: Flow = Flow::Cold("read_contended");
/// Long runs: a function of their own, and the detection of vector instructions, once per process.
const LONG: Flow = Flow::Cold("vector::x86_64::");

const fn relaxed(function: &'static str, flow: Flow, max: usize) -> Rule {
    Rule { function, flow, max, order: Order::None, in_registers: false }
}

/// A small value that is written: loaded or made once, stored once, and what it overwrites is not loaded.
const fn once(function: &'static str, max: usize) -> Rule {
    Rule { function, flow: Flow::Straight, max, order: Order::Write, in_registers: true }
}

/// A large value that is returned: one call that fills the caller's return slot, and no copy after it.
const fn returned(function: &'static str, call: &'static str) -> Rule {
    Rule { function, flow: Flow::Cold(call), max: 25, order: Order::Any, in_registers: false }
}

/// A small value by value: one copy, through registers. Only a retry has a copy on the stack.
const fn small(function: &'static str, max: usize) -> Rule {
    Rule { function, flow: WAITING, max, order: Order::Read, in_registers: true }
}

/// A large value by value, of which there is an original: one call that gets the original, and no copy before it.
const fn written(function: &'static str, call: &'static str) -> Rule {
    returned(function, call)
}

/// One attempt at a part.
const fn part(function: &'static str) -> Rule {
    Rule { function, flow: Flow::Local, max: 32, order: Order::Read, in_registers: true }
}

/// The most loads from memory, for functions in which they count: the word, each part, the word again; in writes the
/// new value, by 16 bytes, the word, and where it is (of a region in either form, and whether this process may write).
pub(super) const LOADS: [(&str, usize); 8] = [
    ("part_read_f32", 3),
    ("part_latch_read_f32", 3),
    ("part_read_u16", 3),
    ("part_read_element", 3),
    ("part_read_two", 4),
    ("value_get_mut", 9),
    ("value_write256", 2),
    ("region_write64", 16),
];

/// The rule of each function.
pub const RULES: [Rule; 60] = [
    small("value_read24", 32),
    small("value_read_into24", 32),
    once("value_write24", 24),
    returned("value_read1k", "read_large"),
    Rule {
        function: "value_read_into1k",
        flow: Flow::Cold("seqcopy::"),
        max: 128,
        order: Order::Read,
        in_registers: false,
    },
    Rule { function: "value_write1k", flow: LONG, max: 96, order: Order::Write, in_registers: false },
    relaxed("load_padded48", Flow::Straight, 16),
    relaxed("store_padded48", Flow::Straight, 17),
    relaxed("load_dense64", Flow::Straight, 20),
    relaxed("store_dense64", Flow::Straight, 20),
    relaxed("load_dense4k", LONG, 64),
    relaxed("store_dense4k", LONG, 64),
    relaxed("load_pointers", Flow::Straight, 12),
    relaxed("store_pointers", Flow::Straight, 12),
    relaxed("load_packed", Flow::Straight, 12),
    relaxed("store_packed", Flow::Straight, 12),
    relaxed("load_enum", Flow::Straight, 16),
    relaxed("store_enum", Flow::Local, 48),
    Rule { function: "seqlock_read", flow: WAITING, max: 32, order: Order::Read, in_registers: true },
    small("value_read16", 24),
    small("value_read_padded48", 64),
    small("value_read128", 64),
    small("value_read_versioned64", 48),
    small("value_read_over128", 64),
    small("value_latch_read64", 48),
    small("value_read256", 96),
    once("value_write256", 40),
    once("value_get_mut", 36),
    returned("region_read_large", "in_place::read"),
    returned("region_read_versioned", "in_place::read"),
    returned("region_try_read", "in_place::read"),
    returned("region_read_with", "in_place::read"),
    returned("value_read", "read_large"),
    returned("value_read4k", "read_large"),
    returned("value_read_padded", "read_large"),
    returned("value_read_versioned", "read_large"),
    returned("value_read_if_changed", "read_large"),
    returned("value_latch_read", "read_large"),
    // The two calls are of the same code, so the compiler may merge them under either name.
    returned("value_load", "::large"),
    // As long as its runs are long, but by value: through registers, without a copy on the stack.
    Rule { function: "value_load_inner", flow: Flow::Straight, max: 48, order: Order::None, in_registers: true },
    returned("value_writer_read", "::large"),
    returned("value_try_read", "in_place::read"),
    returned("value_try_read_flagged", "in_place::read"),
    returned("value_try_read_versioned", "in_place::read"),
    returned("value_try_read_if_changed", "in_place::read"),
    returned("value_read_with", "in_place::read"),
    returned("value_replace", "replace::large"),
    written("value_write", "write_value::large"),
    written("value_write4k", "write_value::large"),
    written("value_latch_write", "write_value::large"),
    written("value_writer_write", "publish_value::large"),
    Rule {
        function: "region_read",
        flow: Flow::Cold("load_with_retries"),
        max: 128,
        order: Order::Any,
        in_registers: false,
    },
    Rule { function: "writer_write", flow: Flow::Straight, max: 32, order: Order::Write, in_registers: true },
    // In either form of a region, one copy: of a lock, and of a latch.
    Rule { function: "region_write64", flow: Flow::Local, max: 56, order: Order::Any, in_registers: true },
    part("part_read_f32"),
    part("part_latch_read_f32"),
    part("part_read_u16"),
    part("part_read_element"),
    part("part_read_two"),
    Rule { function: "part_update_f32", flow: Flow::Straight, max: 24, order: Order::Write, in_registers: true },
];
