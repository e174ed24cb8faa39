//! Regions of `seqcopy-shm` on other hosts: the last value, or a map, by [zenoh](https://zenoh.io). The program
//! `seqcopy-relay` has two commands, [`publish`](publish::publish) and [`subscribe`](subscribe::subscribe);
//! `docs/guide/more-than-one-machine.md` of `seqcopy-shm` says when to use it.
//!
//! | file | what |
//! |---|---|
//! | `format` | the formats of samples, and their hashes |
//! | `sample` | what goes over the network, and how it is checked |
//! | `source` | the region of a publisher |
//! | `target` | the region of a subscriber, and which samples are written |
//! | `network` | the session, tokens |
//! | `answer` | answers to queries |
//! | `publish`, `subscribe` | the two commands |
//! | `link` | whether there is a connection |
//! | `status` | counters, a line a second |
//! | `arguments` | the command line |

#![allow(missing_docs)] // fields of samples: the table in `sample` has them
#![cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix

pub mod answer;
pub mod arguments;
pub mod format;
pub mod link;
pub mod network;
pub mod publish;
pub mod sample;
pub mod source;
pub mod status;
pub mod subscribe;
pub mod target;
