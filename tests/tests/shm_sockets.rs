//! What is received over a socket is a region or an error. The only test of its process: it counts descriptors.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::libc;
use nix::sys::memfd::{MFdFlags, memfd_create};
use seqcopy_shm::{ErrorKind, Options, Region, Writer};
use seqcopy_tests::faults::{Beat, Small, descriptors, send_beside};

/// A memfd that is not a region.
fn memfd(flags: MFdFlags, len: u64, seals: SealFlag) -> Option<OwnedFd> {
    let file = File::from(memfd_create("seqcopy-other", flags | MFdFlags::MFD_ALLOW_SEALING).ok()?);
    file.set_len(len).ok()?;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals)).ok()?;
    Some(file.into())
}

/// The result of receiving this, after the sender has closed its socket.
fn received(bytes: &[u8], files: &[RawFd]) -> Result<Region, String> {
    let (here, there) = UnixStream::pair().unwrap();
    send_beside(bytes, &here, files);
    drop(here);
    Region::receive(&there).map_err(|error| error.to_string())
}

#[test]
fn what_is_received_over_a_socket_is_a_region_or_an_error() {
    let mut writer = Options::new().create_memfd::<Small>("seqcopy-sent").unwrap();
    writer.write(Beat::of(5)).unwrap();
    let shared = writer.share().unwrap();
    // Its size is sealed, and other processes can't write it; of one that they may take over they can.
    let seals = |file: &OwnedFd| SealFlag::from_bits_retain(fcntl(file, FcntlArg::F_GET_SEALS).unwrap());
    let size = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    let no_writes = SealFlag::from_bits_retain(libc::F_SEAL_FUTURE_WRITE);
    assert_eq!(seals(&shared), size | no_writes);
    let taken = Options::new().allow_take_over_fd(true).create_memfd::<Small>("seqcopy-taken").unwrap();
    assert_eq!(seals(&taken.share().unwrap()), size);
    drop(taken);
    let sealed = Options::new().create_memfd::<Small>("seqcopy-sealed").unwrap().share().unwrap();
    let error = Writer::<Small>::take_over_fd(sealed).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WriteSealed), "{error}");
    let own = format!("/proc/self/fd/{}", shared.as_raw_fd());
    let before = descriptors();

    assert_eq!(received(b"R", &[shared.as_raw_fd()]).unwrap().read_bytes().unwrap().1.to_bits(), 1);
    let (kept, socket) = UnixStream::pair().unwrap();
    let path_only = File::options().read(true).custom_flags(libc::O_PATH).open(own).unwrap();
    let none = SealFlag::empty();
    let sealed = SealFlag::F_SEAL_SHRINK;
    let plain = MFdFlags::empty();
    let unsealed = "memory that its sender could shrink while it is read";
    let mut refused = vec![
        ("/dev/null", File::open("/dev/null").unwrap().into(), unsealed),
        ("a directory", File::open("/").unwrap().into(), unsealed),
        ("a socket", socket.into(), unsealed),
        ("a file", File::open("/proc/self/exe").unwrap().into(), unsealed),
        ("no right to read", path_only.into(), unsealed),
        ("unsealed", memfd(plain, 4096, none).unwrap(), unsealed),
        ("empty", memfd(plain, 0, sealed).unwrap(), "it has 0 bytes, expected at least 200"),
        ("short", memfd(plain, 100, sealed).unwrap(), "it has 100 bytes, expected at least 200"),
        ("1 TiB of nothing", memfd(plain, 1 << 40, sealed).unwrap(), "byte 0 was never written"),
    ];
    match memfd(MFdFlags::MFD_HUGETLB, 2 << 20, sealed) {
        Some(file) => refused.push(("huge pages", file, "memory in huge pages")),
        None => seqcopy_tests::skipped("this system has no huge pages"),
    }
    for (what, file, words) in &refused {
        let said = received(b"R", &[file.as_raw_fd()]).unwrap_err();
        assert!(said.contains(words), "{what}: {said}");
    }
    // No descriptor; a message that is not a region.
    for (bytes, files, words) in [
        (&b"R"[..], &[][..], "no descriptor came"),
        (b"x", &[shared.as_raw_fd()], "what came was not sent as a region"),
    ] {
        let said = received(bytes, files).unwrap_err();
        assert!(said.contains(words), "{said}");
    }
    for count in [2, 10, 100] {
        let _ = received(b"R", &vec![shared.as_raw_fd(); count]);
    }
    drop(refused);
    peers_that_are_gone_or_silent(shared.try_clone().unwrap());
    drop(kept);
    assert_eq!(descriptors(), before);
}

fn peers_that_are_gone_or_silent(region: OwnedFd) {
    let (here, gone) = UnixStream::pair().unwrap();
    drop(here);
    let said = Region::receive(&gone).unwrap_err().to_string();
    assert!(said.contains("the peer has closed the socket"), "{said}");
    let (_silent, there) = UnixStream::pair().unwrap();
    there.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let began = Instant::now();
    assert!(Region::receive(&there).is_err());
    assert!(began.elapsed() < Duration::from_secs(60));
    let (here, there) = UnixStream::pair().unwrap();
    drop(there);
    assert!(Region::from_fd(region).unwrap().send(&here).is_err());
}
