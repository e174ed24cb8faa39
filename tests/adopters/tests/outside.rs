//! A process context that is read from another process, by a system call.

#![cfg(all(target_os = "linux", not(miri)))]

use std::io::{IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use seqcopy::{ReadError, raw::Page};
use seqcopy_adopters::process_context::{Error, Header, publish, read};

/// A number of bytes that says how many, and each of which is the lowest of that number.
fn payload(number: u64) -> Vec<u8> {
    let mut payload = number.to_ne_bytes().to_vec();
    payload.resize(8 + usize::try_from(number % 3000).unwrap(), number.to_ne_bytes()[0]);
    payload
}

/// The process that is read: publishes contexts until its input ends.
fn publisher() {
    let mut payloads = [payload(0), Vec::new()];
    let mut memory = Header { published_at: MaybeUninit::new(0), ..Header::of(&payloads[0]).unwrap() };
    // SAFETY: a local, initialised, accessed by this page only.
    let page = unsafe { Page::from_ptr(&raw mut memory) };
    // SAFETY: the only writer, the first stamp.
    unsafe { page.write_at(1, &Header::of(&payloads[0]).unwrap()) };
    println!("at {}", (&raw mut memory).expose_provenance());
    std::thread::spawn(|| {
        _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    for number in 1.. {
        let new = &mut payloads[usize::try_from(number % 2).unwrap()];
        *new = payload(number);
        // SAFETY: the only writer; the payload before stays until this one is published.
        assert!(unsafe { publish(page, &Header::of(new).unwrap(), number) }.is_some());
    }
}

#[test]
fn contexts_of_another_process_are_whole() {
    if std::env::var_os("SEQCOPY_PUBLISHER").is_some() {
        return publisher();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["contexts_of_another_process_are_whole", "--exact", "--nocapture"])
        .env("SEQCOPY_PUBLISHER", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let address: u64 = lines.find_map(|line| line.unwrap().split("at ").nth(1).map(|at| at.parse().unwrap())).unwrap();
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    let copy = |from: u64, to: &mut [u8]| {
        let remote = RemoteIoVec { base: usize::try_from(from).unwrap(), len: to.len() };
        match process_vm_readv(pid, &mut [IoSliceMut::new(to)], &[remote]) {
            Ok(copied) if copied == to.len() => Ok(()),
            Ok(_) => Err(Errno::EFAULT),
            Err(error) => Err(error),
        }
    };
    let (mut whole, mut again, mut last) = (0, 0, 0);
    let mut space = [0; 4096];
    while whole < 5000 {
        match read(address, &mut space, copy) {
            Ok(bytes) => {
                let number = u64::from_ne_bytes(bytes[..8].try_into().unwrap());
                assert_eq!(bytes, payload(number), "torn");
                assert!(number >= last, "from {last} back to {number}");
                (whole, last) = (whole + 1, number);
            }
            Err(Error::Read(ReadError::Busy | ReadError::Torn)) => again += 1,
            Err(Error::Copy(Errno::EPERM)) => {
                println!("SKIPPED: this system lets no process read another");
                break;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    println!("{whole} whole, {again} to be read again, the last one is number {last}");
    child.stdin.take().unwrap().write_all(&[0]).unwrap();
    assert!(child.wait().unwrap().success());
}

/// What is wrong is found in a header that does not change, and named.
#[test]
fn other_headers_are_refused() {
    let bytes = payload(5);
    let mut header = Header { published_at: MaybeUninit::new(3), ..Header::of(&bytes).unwrap() };
    let memory = &raw mut header;
    let address = memory.expose_provenance() as u64;
    // SAFETY: a local of this thread.
    let change = |change: fn(&mut Header)| change(unsafe { &mut *memory });
    // SAFETY: copies of locals of this test, and of no others.
    let copy = |from: u64, to: &mut [u8]| unsafe {
        let from = std::ptr::with_exposed_provenance::<u8>(usize::try_from(from).unwrap());
        if from.is_null() {
            return Err("no memory");
        }
        from.copy_to_nonoverlapping(to.as_mut_ptr(), to.len());
        Ok(())
    };
    let mut space = [0; 100];
    assert_eq!(read(address, &mut space, copy).unwrap(), bytes);
    assert!(matches!(read(address, &mut space[..12], copy), Err(Error::TooLong(13))));
    change(|header| header.payload = 0);
    assert!(matches!(read(address, &mut space, copy), Err(Error::Copy("no memory"))));
    change(|header| header.version = 3);
    assert!(matches!(read(address, &mut space, copy), Err(Error::NotVersion2)));
    change(|header| header.published_at = MaybeUninit::new(0));
    assert!(matches!(read(address, &mut space, copy), Err(Error::Read(ReadError::Busy))));
}
