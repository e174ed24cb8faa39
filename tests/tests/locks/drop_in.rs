//! In place of the crate `seqlock` 0.2: the same program text runs over both crates, with the same results.
//!
//! The documented difference is at the end.

use seqcopy::SeqCopy;

/// What a user of `seqlock` adds: the derive.
#[derive(Clone, Copy, Debug, Default, PartialEq, SeqCopy)]
#[repr(C)]
struct Position {
    valid: bool,
    x: f64,
    y: f32,
}

macro_rules! program {
    ($name:ident, $peer:ident, $races:expr) => {
        mod $name {
            use std::ops::{Deref, DerefMut};
            use std::panic::{AssertUnwindSafe, catch_unwind};
            use std::sync::Arc;
            use std::thread;

            use $peer::{SeqLock, SeqLockGuard};

            use super::Position;

            static GLOBAL: SeqLock<Position> = SeqLock::new(Position { valid: false, x: 1.0, y: 2.0 });

            #[test]
            fn page_example() {
                let lock = SeqLock::new(5);
                {
                    let mut w = lock.lock_write();
                    *w += 1;
                    assert_eq!(*w, 6);
                }
                {
                    let r = lock.read();
                    assert_eq!(r, 6);
                }
            }

            #[test]
            fn statics_and_fields() {
                GLOBAL.lock_write().x = 3.0;
                let mut guard = GLOBAL.lock_write();
                guard.valid = true;
                guard.y += 1.0;
                drop(guard);
                assert_eq!(GLOBAL.read(), Position { valid: true, x: 3.0, y: 3.0 });
            }

            #[test]
            fn one_writer() {
                let lock = SeqLock::new(1u32);
                let guard = lock.lock_write();
                assert!(lock.try_lock_write().is_none());
                assert!(lock.try_lock_write().is_none());
                drop(guard);
                *lock.try_lock_write().expect("uncontended") = 2;
                assert_eq!(lock.read(), 2);
            }

            #[test]
            fn a_panic_with_a_guard_keeps_what_was_written() {
                let lock = SeqLock::new([1u8, 2]);
                let result = catch_unwind(AssertUnwindSafe(|| {
                    let mut guard = lock.lock_write();
                    guard[0] = 9;
                    panic!("half-way");
                }));
                assert!(result.is_err());
                assert_eq!(lock.read(), [9, 2]);
                lock.lock_write()[1] = 8;
                assert_eq!(lock.into_inner(), [9, 8]);
            }

            #[test]
            fn exclusive() {
                let mut lock = SeqLock::new(Position::default());
                *lock.get_mut() = Position { valid: true, x: 1.0, y: 1.0 };
                lock.get_mut().x += 1.0;
                assert_eq!(lock.get_mut().x.to_bits(), 2.0_f64.to_bits());
                assert_eq!(lock.into_inner(), Position { valid: true, x: 2.0, y: 1.0 });
            }

            fn shared<T: Send + Sync>(_: &T) {}

            /// Guards deref to the value.
            fn written<'a>(guard: &mut (impl DerefMut<Target = Position> + 'a)) {
                guard.deref_mut().valid = true;
            }

            fn looked_at(guard: SeqLockGuard<'_, Position>) -> bool {
                guard.deref().valid
            }

            #[test]
            fn traits() {
                let lock: SeqLock<Position> = SeqLock::default();
                assert_eq!(lock.read(), Position::default());
                assert_eq!(format!("{:?}", SeqLock::new(7)), "SeqLock { data: 7 }");

                shared(&lock);
                written(&mut lock.lock_write());
                assert!(looked_at(lock.lock_write()));
            }

            #[test]
            fn shared_by_threads() {
                let lock = Arc::new(SeqLock::new([0u32; 2]));
                let threads: Vec<_> = (0..2)
                    .map(|_| {
                        let lock = Arc::clone(&lock);
                        thread::spawn(move || {
                            for _ in 0..if cfg!(miri) { 3 } else { 1000 } {
                                let mut guard = lock.lock_write();
                                guard[0] += 1;
                                guard[1] = guard[0];
                            }
                        })
                    })
                    .collect();
                while !$races && threads.iter().any(|thread| !thread.is_finished()) {
                    let [a, b] = lock.read();
                    assert_eq!(a, b);
                }
                for thread in threads {
                    thread.join().unwrap();
                }
                assert_eq!(lock.read(), [if cfg!(miri) { 6 } else { 2000 }; 2]);
            }
        }
    };
}

program!(ours, seqcopy, false);
// The peer's reads race with its writes (volatile against plain): under Miri, and where sanitizers look, only after the
// join.
program!(peer, seqlock, cfg!(any(miri, seqcopy_portable)));

/// The documented difference: the peer's readers wait while there is a guard, those of this crate read the old value.
#[test]
fn readers_do_not_wait_for_guards() {
    let lock = seqcopy::SeqLock::new(1);
    let mut guard = lock.lock_write();
    *guard = 2;
    assert_eq!((lock.read(), format!("{lock:?}").as_str()), (1, "SeqLock { data: 1 }"));
    drop(guard);
    assert_eq!(lock.read(), 2);
}
