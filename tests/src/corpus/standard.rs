//! Types of the standard library whose fields are private or of unspecified layout, and those that stand in for others.

use core::cmp::Ordering;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};
use core::time::Duration;

use seqcopy::{SeqCopy, SeqDuration, SeqOption, SeqStr, SeqVec, Validate};

use super::{Choice, Padded, Sample};

/// An `IpAddr` that a payload can hold.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u8)]
pub enum Address {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Peer {
    pub up: bool,
    pub address: Address,
    pub since: SeqDuration,
    pub distance: Ordering,
    pub round_trip: SeqOption<SeqDuration>,
    pub gateway: Ipv4Addr,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Named {
    pub on: bool,
    pub name: SeqStr<9>,
    pub levels: SeqVec<f64, 3>,
    pub label: SeqOption<SeqStr<4>>,
}

/// The first `len` of the elements, in a vector that has had all of them.
fn vec<T: Copy + core::fmt::Debug, const N: usize>(elements: [T; N], len: usize) -> SeqVec<T, N> {
    let mut vec = SeqVec::new(elements[0]);
    vec.extend_from_slice(&elements).expect("space for all");
    vec.truncate(len);
    vec
}

const fn socket(n: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, n), 1 + n as u16)
}

const LONG: SeqDuration = SeqDuration::from_duration(Duration::MAX);
const SHORT: SeqDuration = SeqDuration::from_duration(Duration::from_nanos(1));

samples! {
    Ipv4Addr: [Ipv4Addr::LOCALHOST, Ipv4Addr::BROADCAST]; Ipv6Addr: [Ipv6Addr::LOCALHOST, Ipv6Addr::UNSPECIFIED];
    SocketAddrV4: [socket(1), socket(255)]; [SocketAddrV4; 3]: [[socket(1), socket(2), socket(3)]];
    Ordering: [Ordering::Less, Ordering::Equal, Ordering::Greater];
    Range<u32>: [0..7, 3..u32::MAX]; Range<Padded>: [Padded::new(1)..Padded::new(2)]; RangeFrom<u16>: [7..];
    RangeTo<bool>: [..true, ..false]; RangeToInclusive<u64>: [..=u64::MAX];
    SeqDuration: [SeqDuration::ZERO, LONG, SHORT]; [SeqDuration; 2]: [[LONG, SHORT]];
    SeqStr<12>: [SeqStr::new(), SeqStr::literal("twelve bytes")]; SeqStr<7>: [SeqStr::literal("größe"), SeqStr::new()];
    SeqStr<0>: [SeqStr::new()]; [SeqStr<6>; 3]: [["a", "bc", "def"].map(SeqStr::literal)];
    SeqVec<u8, 5>: [vec([1, 2, 3, 4, 5], 5), vec([1, 2, 3, 4, 5], 0), vec([9; 5], 2)];
    SeqVec<Padded, 3>: [vec([1, 2, 3].map(Padded::new), 3), vec([4, 5, 6].map(Padded::new), 1)];
    SeqVec<Choice, 2>: [vec([Choice::Small(1), Choice::Padded(2, Padded::new(2))], 2), vec([Choice::None; 2], 1)];
    SeqVec<*const u8, 2>: [SeqVec::new(core::ptr::null()), vec([core::ptr::dangling(), core::ptr::null()], 2)];
    SeqVec<(), 4>: [vec([(); 4], 4), vec([(); 4], 1)]; SeqVec<u64, 0>: [SeqVec::new(0)];
    Named: [Named {
        on: true, name: SeqStr::literal("left"), levels: vec([1.0, 2.0, 3.0], 2), label: SeqOption::None,
    }, Named {
        on: false, name: SeqStr::literal("leftmost"), levels: vec([4.0, 5.0, 6.0], 3), label: Some(SeqStr::literal("L")).into(),
    }];
    Peer: [Peer {
        up: true, address: Address::V4(Ipv4Addr::LOCALHOST), since: LONG, distance: Ordering::Less,
        round_trip: SeqOption::Some(SHORT), gateway: Ipv4Addr::new(1, 2, 3, 4),
    }, Peer {
        up: false, address: Address::V6(Ipv6Addr::LOCALHOST), since: SHORT, distance: Ordering::Greater,
        round_trip: SeqOption::None, gateway: Ipv4Addr::UNSPECIFIED,
    }];
}
