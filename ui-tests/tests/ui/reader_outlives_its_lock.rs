// The owner names the lifetime of what its closure returns: no longer one may take its place in the handle.
use std::sync::Arc;

use seqcopy::{ArcReader, SeqLock};

fn longer<'a>(lock: &'a SeqLock<u64>) -> ArcReader<u64, SeqLock<u64>, fn(&'static ())> {
    let owner: Arc<fn(&'a ())> = Arc::new(|_| ());
    ArcReader::of_field(&owner, |_: &fn(&'a ())| lock)
}

fn main() {
    let _ = longer;
}
