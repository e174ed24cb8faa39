//! Updates of slices in regions: all of a change is published, or nothing.

use std::fs::File;
use std::os::unix::fs::FileExt;

use seqcopy::ReadError;
use seqcopy_shm::{Options, ReadValueError, Reader};
use seqcopy_tests::faults::Place;

#[track_caller]
fn check(reader: &Reader<[u64]>, model: &[u64]) {
    let mut elements = Vec::new();
    reader.read_to_vec(&mut elements).unwrap();
    assert_eq!(elements, model);
}

#[test]
fn an_update_of_a_slice_changes_all_of_it_or_nothing() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = place.at(&format!("slices-{buffers}"));
        let mut writer = Options::new().buffers(buffers).capacity(3).create::<[u64]>(&path).unwrap();
        let reader = Reader::<[u64]>::open(&path).unwrap();
        let empty = writer.update(|_| panic!("not called"));
        assert_eq!(empty, Err::<(), _>(ReadValueError::NoValue(ReadError::Empty)));
        writer.write_from(&[1, 2]).unwrap();
        assert_eq!(writer.update(Vec::pop), Ok(Some(2)));
        check(&reader, &[1]);
        for added in [0, 1, 2, 3, 4, 5] {
            let found = writer.update(|elements| {
                elements.push(added);
                elements.rotate_right(1);
                elements.truncate(3);
                elements.len()
            });
            assert_eq!(found, Ok(if added == 0 { 2 } else { 3 }));
        }
        let (model, known) = ([5, 4, 3], reader.version());
        check(&reader, &model);
        assert_eq!(known.to_bits(), 8);

        let long = writer.update(|elements| elements.push(0)).unwrap_err();
        assert!(matches!(long, ReadValueError::Capacity(error) if (error.len(), error.capacity()) == (4, 3)), "{long}");
        assert_eq!(long.to_string(), "a length of 4 exceeds the capacity of 3");
        let change = || {
            writer.update(|elements| {
                elements[0] = 9;
                panic!("in the middle of a change");
            })
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).is_err());
        check(&reader, &model);
        assert!(!reader.has_changed(known), "nothing was published");
        // The vector of each update has the last slice, whatever the one before has left there.
        assert_eq!(writer.update(|elements| elements[..] == model), Ok(true));
        assert_eq!(writer.update(Vec::clear), Ok(()));
        check(&reader, &[]);
    }
    // Bits that are not valid are not passed on.
    let path = place.at("bools");
    let mut writer = Options::new().buffers(1).capacity(3).create::<[bool]>(&path).unwrap();
    writer.write_from(&[true, false]).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&[2], 256 + 64 + 1).unwrap();
    let error = writer.update(|_| panic!("not called")).map(|()| 0).unwrap_err();
    assert!(error.to_string().contains("`elements[1]`"), "{error}");
    file.write_all_at(&4u32.to_ne_bytes(), 256).unwrap();
    let error = writer.update(|_| panic!("not called")).map(|()| 0).unwrap_err();
    assert!(error.to_string().contains("more than the capacity"), "{error}");
}

#[test]
fn a_fork_in_an_update_of_a_slice_publishes_nothing() {
    let mut writer = Options::new().capacity(3).create_memfd::<[u64]>("fork").unwrap();
    let reader = Reader::<[u64]>::from_fd(writer.share().unwrap()).unwrap();
    writer.write_from(&[1]).unwrap();
    let known = reader.version();
    let mut is_child = false;
    let result = writer.update(|elements| {
        elements.push(2);
        // SAFETY: the child calls only what is under test here, and ends without returning to the test.
        let fork = unsafe { nix::unistd::fork() }.unwrap();
        is_child = fork.is_child();
        if let nix::unistd::ForkResult::Parent { child } = fork {
            let ended = nix::sys::wait::waitpid(child, None).unwrap();
            assert_eq!(ended, nix::sys::wait::WaitStatus::Exited(child, 0));
            assert!(!reader.has_changed(known), "the child has published nothing");
        }
    });
    if is_child {
        let again = writer.update(|_| panic!("not called"));
        let is_right = result == Err(ReadValueError::Forked) && again == Err::<(), _>(ReadValueError::Forked);
        // SAFETY: ends the process at once, as a fork of a process with threads should.
        unsafe { nix::libc::_exit(i32::from(!is_right)) };
    }
    assert_eq!(result, Ok(()));
    check(&reader, &[1, 2]);
}
