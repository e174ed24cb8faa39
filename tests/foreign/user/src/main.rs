//! A program over `host`, without a word of `unsafe` and without a dependency on seqcopy.

#![forbid(unsafe_code)]

use host::seqcopy::{self, Remote};
use host::{Cell, OldTopic, Slot, Topic};

/// By the derive itself, at the re-export.
#[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy)]
#[seqcopy(crate = host::seqcopy)]
struct Quote {
    open: bool,
    bid: f64,
    #[seqcopy(with = TimespecDef)]
    at: foreign::Timespec,
}

mod foreign {
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Timespec {
        pub sec: i64,
        pub nsec: u32,
    }
}

/// A foreign type, described through the re-export.
#[derive(seqcopy::SeqCopy)]
#[seqcopy(crate = host::seqcopy, remote = foreign::Timespec)]
struct TimespecDef {
    sec: i64,
    nsec: u32,
}

/// By the attribute of the host.
#[host::payload]
#[repr(C)]
#[derive(Debug, PartialEq)]
struct Pose {
    id: u8,
    at: [f32; 3],
}

/// By the derive of the host.
#[derive(Clone, Copy, Debug, PartialEq, host::Payload)]
struct Level {
    id: u8,
    value: f32,
}

fn main() {
    let at = foreign::Timespec { sec: 1, nsec: 2 };
    let quote = Quote { open: true, bid: 1.5, at };
    let topic = Topic::new(Quote { open: false, ..quote });
    topic.publish(quote);
    assert_eq!(topic.latest(), quote);

    let times = Topic::new(Remote::<_, TimespecDef>::new(at));
    times.publish(foreign::Timespec { sec: 3, nsec: 4 }.into());
    assert_eq!(times.latest().sec, 3);

    let pose = Pose { id: 1, at: [1., 2., 3.] };
    assert_eq!(Topic::new(pose).latest(), pose);
    let cell = Cell::new(pose);
    cell.store(&Pose { id: 2, ..pose });
    assert_eq!(cell.load().validate().expect("a pose").id, 2);

    let slot = Slot::new(Level { id: 1, value: 0.5 });
    slot.publish(Level { id: 2, value: 1.5 });
    assert_eq!(slot.latest(), Level { id: 2, value: 1.5 });

    let old = OldTopic::new(1_u64);
    old.publish(7);
    assert_eq!(old.latest(), 7);
    println!("a generic host, and its user");
}
