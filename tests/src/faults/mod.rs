//! Shared by the tests of shared memory: a payload that shows when it is torn, temporary directories, and processes that follow
//! orders until they are killed.

mod attack;
mod beat;
mod forked;
mod peer;
mod place;
mod waiting;

pub use attack::{attack, forget_future_write, refuse_handlers, requeue};
pub use beat::{Beat, Mode, Small, Verdict, look};
pub use forked::forked;
pub use peer::{Peer, is_alive, is_orphaned, receive_descriptor, send_beside, send_descriptor};
pub use place::{Overlay, Place, descriptors, is_root};
pub use waiting::{NO_LIMIT, echo, nanoseconds, sleeps_in_futex, wait_for};
