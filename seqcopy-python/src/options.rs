//! The keyword arguments of creation as [`Options`].

use seqcopy_shm::Options;

pub(crate) fn options(buffers: u32, mode: u32, replace_other_type: bool, replace_smaller: bool) -> Options {
    Options::new().buffers(buffers).mode(mode).replace_other_type(replace_other_type).replace_smaller(replace_smaller)
}
