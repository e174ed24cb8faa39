// expect: memory is uninitialized
// P9, P4: `None` of `Option<u64>` takes the payload's bytes with it, also in zeroed memory, and nothing
// says where they lie. Hence `SeqOption`, which has a layout and goes the way of every data enum.

fn main() {
    let mut buffer = [0_u64; 2];
    assert_eq!(size_of::<Option<u64>>(), size_of_val(&buffer));
    // SAFETY: in bounds, aligned, and exclusive.
    unsafe { buffer.as_mut_ptr().cast::<Option<u64>>().write(None) };
    let words = buffer.as_ptr();
    let mut sum = 0_u64;
    for i in 0..2 {
        // SAFETY: in bounds and aligned; one of the two words is not initialised any more.
        sum = sum.wrapping_add(unsafe { words.add(i).read() });
    }
    println!("{sum}");
}
