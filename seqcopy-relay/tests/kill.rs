//! A value and a map go over loopback TCP, and each of the four programs is killed in turn. `RELAY_KILLS` says how
//! often.

mod common;

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use common::{Place, Program, endpoint, until};
use seqcopy_shm::Region;
use seqcopy_shm::WriterState;

/// Readers learn of a death so soon.
const NOTICED: Duration = Duration::from_secs(2);
const BACK: Duration = Duration::from_secs(20);

fn kills() -> usize {
    std::env::var("RELAY_KILLS").map_or(16, |kills| kills.parse().unwrap())
}

fn has_writer(place: &Place) -> bool {
    Region::open_any(&place.0).is_ok_and(|watch| matches!(watch.writer_state(), WriterState::Alive { .. }))
}

fn kill_in_turn(name: &str, suffix: &str) {
    let (here, there) = (Place::new(&format!("{name}-here")), Place::new(&format!("{name}-there")));
    let endpoint = endpoint();
    let (write, read) = (format!("write{suffix}"), format!("read{suffix}"));
    let key = format!("test/{name}");
    let start = |which: usize| match which {
        0 => Program::peer(&[&write, here.text(), "1000"]),
        1 => Program::relay(&["publish", here.text(), "--key", &key, "--listen", &endpoint, "--at-most", "200"]),
        2 => Program::relay(&["subscribe", &key, there.text(), "--connect", &endpoint]),
        _ => Program::peer(&[&read, there.text()]),
    };
    let mut programs: Vec<_> = (0..4).map(start).collect();
    let is_read = |programs: &mut Vec<Program>, from: u64| {
        until("a reader gets newer values", BACK, || {
            programs.iter_mut().for_each(Program::assert_runs);
            programs[3].number.load(Relaxed) > from
        })
    };
    is_read(&mut programs, 0);
    let (mut slowest, mut longest) = (Duration::ZERO, Duration::ZERO);
    for kill in 0..kills() {
        let victim = kill % 4;
        // At another moment each time.
        std::thread::sleep(Duration::from_micros((kill as u64 * 7919) % 20_000));
        let before = programs[3].number.load(Relaxed);
        programs[victim].kill();
        if victim != 3 {
            slowest = slowest.max(until("readers learn of a death", NOTICED, || !has_writer(&there)));
        }
        programs[victim] = start(victim);
        longest = longest.max(is_read(&mut programs, before));
        until("there is a writer again", BACK, || has_writer(&there));
    }
    println!("{name}: {} kills, noticed within {slowest:?}, newer values within {longest:?}", kills());
    if suffix.is_empty() {
        return;
    }
    // Without a writer the last generation arrives, too, and then both maps are the same.
    programs[0].kill();
    let entries = |place: &Place| {
        let entries = seqcopy_shm::untyped::FileMap::open(&place.0).unwrap().entries().unwrap();
        let mut all: Vec<_> = entries.iter().map(|(key, value, _)| (key.to_vec(), value.to_vec())).collect();
        all.sort();
        all
    };
    until("both maps are the same", BACK, || entries(&here) == entries(&there));
}

#[test]
fn of_a_value() {
    kill_in_turn("value", "");
}

#[test]
fn of_a_map() {
    kill_in_turn("map", "-map");
}
