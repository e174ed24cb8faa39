//! Values: how types of every shape are described, copied, checked and shown to be valid.

mod by_hand;
mod enums;
mod fingerprints;
mod layout;
mod messages;
mod part;
mod pictures;
mod plain;
mod random_finds;
mod send_sync;
mod serde;
mod standard_types;
mod strings_and_vectors;
mod validate;
mod validate_bytes;
mod variance;
