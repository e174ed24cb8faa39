//! A daemon and its readers in two versions of one type, each started and stopped when one likes. In two terminals:
//!
//! ```text
//! cargo run -p seqcopy-shm --example new_version -- write 1      # then: write 2
//! cargo run -p seqcopy-shm --example new_version -- read 1       # goes on; so does: read 2
//! ```

use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;

use seqcopy::{Validate, Version};
use seqcopy_shm::{Options, ReadValueError, Reader, path_for_user};

mod v1 {
    #[derive(Clone, Copy, Debug, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(super) struct Pose {
        pub(super) x: f32,
        pub(super) y: f32,
    }
}

/// Two fields more, one of which older writers can do without.
mod v2 {
    #[derive(Clone, Copy, Debug, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(super) struct Pose {
        #[seqcopy(default)]
        pub(super) frame: u64,
        pub(super) x: f32,
        pub(super) y: f32,
        #[seqcopy(default = north)]
        pub(super) heading: f32,
    }

    fn north() -> f32 {
        90.0
    }
}

/// Publishes a pose ten times a second, whatever the daemon before this one has published.
fn write<T: Validate + 'static>(pose: impl Fn(f32) -> T) -> Result<(), Box<dyn Error>> {
    let mut writer = Options::new().replace_other_type(true).open_or_create(path_for_user("seqcopy-new-version")?)?;
    for step in 0u16.. {
        writer.write(pose(f32::from(step) / 10.0))?;
        writer.wake();
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Prints each pose, of whichever version the daemon is.
fn read<T: Validate + Debug + 'static>() -> Result<(), Box<dyn Error>> {
    let mut reader = Reader::<T>::open_by_fields(path_for_user("seqcopy-new-version")?)?;
    let mut known = Version::NEVER;
    loop {
        if !reader.wait(known, Duration::from_secs(1)) {
            println!("nothing new: the daemon is {}", reader.writer_state());
            continue;
        }
        match reader.read_if_changed(&mut known) {
            Ok(pose) => pose.iter().for_each(|pose| println!("{pose:?}")),
            Err(ReadValueError::Closed) if reader.reopen_if_removed()? => known = Version::NEVER,
            Err(why) => {
                println!("{why}");
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", "1"] => write(|x| v1::Pose { x, y: -x }),
        ["write", "2"] => write(|x| v2::Pose { frame: 7, x, y: -x, heading: 45.0 }),
        ["read", "1"] => read::<v1::Pose>(),
        ["read", "2"] => read::<v2::Pose>(),
        _ => Err("usage: new_version (write | read) (1 | 2)".into()),
    }
}
