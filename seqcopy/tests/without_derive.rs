//! What there is without the feature `derive`: `ci/no_std.sh` runs this over a build that has no feature at all.

use seqcopy::{Aligned8, AtomicPerByte, MaybeInvalid, SeqCopy, SeqLatch, SeqLock, SeqOption, Version};

static NUMBER: SeqLock<u64> = SeqLock::new(1);
static ARRAY: SeqLock<[u32; 4]> = SeqLock::new([0; 4]);
static OPTIONS: SeqLatch<(SeqOption<f64>, bool)> = SeqLatch::new((SeqOption::None, false));

#[test]
fn locks_of_numbers_and_arrays() {
    NUMBER.write(u64::MAX - 1);
    assert_eq!(NUMBER.update(|number| std::mem::replace(number, 7)), u64::MAX - 1);
    assert_eq!(NUMBER.try_read(), Ok(7));

    ARRAY.write([1, 2, 3, 4]);
    let mut seen = Version::NEVER;
    assert_eq!(ARRAY.read_if_changed(&mut seen), Some([1, 2, 3, 4]));
    assert_eq!(ARRAY.read_if_changed(&mut seen), None);
    let mut writer = ARRAY.writer().expect("no other writer");
    writer.write([5; 4]);
    assert_eq!(ARRAY.read(), [5; 4]);
}

#[test]
fn latches_of_options() {
    OPTIONS.write((Some(0.5).into(), true));
    let (option, flag) = OPTIONS.read();
    assert_eq!((option.into_option(), flag), (Some(0.5), true));
}

#[test]
fn storages_and_their_checks() {
    let cell = AtomicPerByte::new(Aligned8([1u8; 12]));
    cell.store(&Aligned8([2; 12]));
    assert_eq!(cell.load().validate(), Ok(Aligned8([2; 12])));
    assert_eq!(Aligned8::<[u8; 12]>::LAYOUT.size(), 16);

    let mut bits = MaybeInvalid::new(SeqOption::Some(true));
    // SAFETY: the tag, a byte at the start.
    unsafe { bits.as_mut_ptr().cast::<u8>().write(2) };
    let error = bits.validate().expect_err("the tag of no variant");
    assert!(error.to_string().contains("SeqOption"), "{error}");
}
