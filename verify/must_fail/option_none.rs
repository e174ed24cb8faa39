// expect: memory is uninitialized
// P9 layout, P4 uninit: writing `None` of `Option<u64>` un-initialises the payload's bytes, in zeroed memory too, and
// nothing specifies where they are. Hence `SeqOption`, which has a layout and is copied as every enum with fields.

fn main() {
    let mut buffer = [0_u64; 2];
    assert_eq!(size_of::<Option<u64>>(), size_of_val(&buffer));
    // SAFETY: in bounds, aligned, and exclusive.
    unsafe { buffer.as_mut_ptr().cast::<Option<u64>>().write(None) };
    let words = buffer.as_ptr();
    let mut sum = 0_u64;
    for i in 0..2 {
        // SAFETY: in bounds and aligned; one of the two words is no longer initialised.
        sum = sum.wrapping_add(unsafe { words.add(i).read() });
    }
    println!("{sum}");
}
