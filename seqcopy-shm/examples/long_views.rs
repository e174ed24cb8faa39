//! How many buffers a map needs so that a look at all of its entries ends before the generation does, with a writer
//! that never pauses: `cargo run --release --example long_views`. The tables of `docs/guide/maps.md` are what it
//! prints.
//!
//! A view lasts until `buffers - 1` later commits have ended, and the first of these may be about to end. So it must
//! take less time than `buffers - 2` commits. The table has a reserve of a factor of two, because reader and writer
//! slow each other down.

#[cfg(all(unix, target_pointer_width = "64"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    measure::table()
}

#[cfg(not(all(unix, target_pointer_width = "64")))]
fn main() {
    eprintln!("long_views: this system has no shared memory regions");
}

#[cfg(all(unix, target_pointer_width = "64"))]
mod measure {
    use std::hint::black_box;
    use std::time::{Duration, Instant};

    use seqcopy_shm::{self as shm, ChangeError, MapReader, MapWriter, Options};

    const BUFFERS: [u32; 6] = [2, 4, 8, 16, 32, 64];
    const BATCHES: [u64; 4] = [1, 10, 100, 1000];

    type Value = [u64; 4];

    /// Prints a row for each size of the map: the time of a view, then, for each size of a batch, the fewest buffers.
    pub(crate) fn table() -> Result<(), Box<dyn std::error::Error>> {
        println!(
            "| entries of 32 bytes | time for a view of all | commits of 1 | of 10 | of 100 | of 1,000 |\n|---|---|---|---|---|---|"
        );
        for entries in [100, 1_000, 10_000] {
            let mut fewest = [None; BATCHES.len()];
            let mut view = Duration::MAX;
            for buffers in BUFFERS {
                let path = shm::path_for(&format!("seqcopy-long-views-{}", std::process::id()));
                let mut map =
                    Options::new().buffers(buffers).create_map::<u64, Value>(&path, usize::try_from(entries)?)?;
                let reader = MapReader::<u64, Value>::open(&path)?;
                map.try_commit(|batch| (0..entries).try_for_each(|key| batch.insert(key, [key; 4]).map(|_| ())))?;
                view = view.min(view_time(&reader));
                for (fewest, batch) in fewest.iter_mut().zip(BATCHES) {
                    if fewest.is_none() && 2 * view <= commit_time(&mut map, entries, batch)? * (buffers - 2) {
                        *fewest = Some(buffers);
                    }
                }
                map.close()?;
            }
            let fewest = fewest.map(|fewest| fewest.map_or("more".into(), |buffers: u32| buffers.to_string()));
            println!("| {entries} | {:.1} us | {} |", view.as_secs_f64() * 1e6, fewest.join(" | "));
        }
        Ok(())
    }

    /// The shortest of many.
    fn shortest(times: usize, mut act: impl FnMut()) -> Duration {
        (0..times)
            .map(|_| {
                let began = Instant::now();
                act();
                began.elapsed()
            })
            .min()
            .unwrap_or_default()
    }

    fn view_time(reader: &MapReader<u64, Value>) -> Duration {
        shortest(300, || {
            for entry in reader.view().iter() {
                let _ = black_box(entry);
            }
        })
    }

    /// The time of a commit that replaces this many values, in steady state.
    fn commit_time(map: &mut MapWriter<u64, Value>, entries: u64, batch: u64) -> Result<Duration, ChangeError> {
        const COMMITS: u32 = 100;
        let (mut number, mut result) = (0u64, Ok(()));
        let time = shortest(20, || {
            for _ in 0..COMMITS {
                let commit = map.try_commit(|changes| {
                    (0..batch).try_for_each(|_| {
                        number = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                        changes.insert((number >> 32) % entries, [number; 4]).map(|_| ())
                    })
                });
                result = result.and(commit);
            }
        });
        result.map(|()| time / COMMITS)
    }
}
