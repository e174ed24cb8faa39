//! What needs Linux: processes that are forked, stepped, signalled, contained or asked for in `/proc`; memfds; file
//! systems of a test's own. A door, and so this short.

mod attack;
mod overlay;
mod peer;
mod waiting;

pub use attack::{attack, forget_future_write, is_woken, refuse_exchange, refuse_handlers, refuse_nameless, requeue};
pub use overlay::{Overlay, descriptors};
pub use peer::{Peer, is_alive, is_orphaned, receive_descriptor, send_beside, send_descriptor};
pub use waiting::{NO_LIMIT, echo, nanoseconds, sleeps_in_futex, wait_for};
