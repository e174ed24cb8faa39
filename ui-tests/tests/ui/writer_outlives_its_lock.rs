// As for a reader; this one would write into what lies there now.
use std::sync::Arc;

use seqcopy::{ArcWriter, SeqLatch};

fn longer<'a>(latch: &'a SeqLatch<u64>) -> Option<ArcWriter<u64, SeqLatch<u64>, fn(&'static ())>> {
    let owner: Arc<fn(&'a ())> = Arc::new(|_| ());
    SeqLatch::writer_of_field(&owner, |_: &fn(&'a ())| latch)
}

fn main() {
    let _ = longer;
}
