use std::ops::ControlFlow::{Break, Continue};
use std::time::{Duration, Instant};

use seqcopy::{Attempt, ReadError, SeqCopy, SeqLock};

fn read_within<T: SeqCopy>(lock: &SeqLock<T>, time: Duration) -> Result<T, ReadError> {
    let began = Instant::now();
    lock.read_with(|attempt: Attempt| match attempt.number {
        1..50 => {
            std::hint::spin_loop();
            Continue(())
        }
        _ if began.elapsed() > time => Break(attempt.error),
        _ => {
            std::thread::yield_now();
            Continue(())
        }
    })
}
