//! A load of one byte more than there is memory for. `ci/sanitizers.sh` is red unless `AddressSanitizer` reports this
//! program in a build without vectors, and valgrind in one with them.

use seqcopy::raw;

/// Long enough for vectors.
const LEN: usize = 301;

fn main() {
    let short = vec![7u8; LEN - 1].into_boxed_slice();
    let start = std::hint::black_box(short.as_ptr()).cast::<[u8; LEN]>();
    // SAFETY: none. That is the mistake.
    let bits = unsafe { raw::load(start) };
    println!("{}", bits.as_bytes()[LEN / 2]);
}
