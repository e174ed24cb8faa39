//! Publisher and subscriber with a router between them: that they reach each other, and clocks that differ.

mod common;

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use common::{Place, Program, Router, built, has, port, until};
use seqcopy_shm::{Reader, Writer, WriterState};
use zenoh::{Session, Wait};

fn session(router: &Router) -> Session {
    let mut config = zenoh::Config::default();
    config.insert_json5("connect/endpoints", &format!("[\"{}\"]", router.endpoint)).unwrap();
    config.insert_json5("scouting/multicast/enabled", "false").unwrap();
    config.insert_json5("mode", "\"client\"").unwrap();
    zenoh::open(config).wait().unwrap()
}

/// Publisher and subscriber reach each other by a router that both connect to, whichever is there first, and when the
/// router comes back: three times, or as often as `ROUTER_KILLS` says.
#[test]
fn a_region_goes_through_a_router() {
    let place = Place::new("through");
    let (here, there) = (place.0.join("here"), place.0.join("there"));
    let mut writer = Writer::<u64>::create(&here).unwrap();
    writer.write(1).unwrap();
    let [zenoh, rest, mqtt] = [(); 3].map(|()| port());
    let router = || Router::start_at(&place, "", [zenoh, rest, mqtt]);
    let mut running = router();
    let _publisher = running.publish(&here, "through", &[]);
    let mut subscribe = Command::new(built("RELAY"));
    subscribe.args(["subscribe", "through"]).arg(&there).args(["--connect", &running.endpoint]);
    let _subscriber = Program(subscribe.spawn().unwrap());
    let kills = std::env::var("ROUTER_KILLS").map_or(3, |count| count.parse().expect("a number"));
    let mut longest = Duration::ZERO;
    for number in 2..2 + kills {
        let began = Instant::now();
        let is_there = || Reader::<u64>::open(&there).ok()?.read().ok().filter(|found| *found == number - 1);
        until("the newest value", is_there);
        let state = || Reader::<u64>::open(&there).ok().map(|reader| reader.writer_state());
        until("its writer", || state().filter(|state| matches!(state, WriterState::Alive { .. })));
        longest = longest.max(began.elapsed());
        drop(running);
        until("that the router is gone", || state().filter(|state| *state == WriterState::Gone));
        writer.write(number).unwrap();
        writer.wake();
        running = router();
    }
    println!("a router: {kills} kills, newer values within {longest:?}");
}

/// A library that shifts the clock of a program by ten seconds.
fn shifted(place: &Place) -> Option<String> {
    let (source, library) = (place.0.join("shift.c"), place.0.join("shift.so"));
    let text = "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <time.h>\n\
                int clock_gettime(clockid_t clock, struct timespec *now) {\n\
                    int (*next)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, \"clock_gettime\");\n\
                    int result = next(clock, now);\n\
                    if (clock == CLOCK_REALTIME) now->tv_sec += 10;\n\
                    return result;\n\
                }\n";
    std::fs::write(&source, text).unwrap();
    let [source, library] = [&source, &library].map(|path| path.to_str().unwrap());
    has("cc", &["-shared", "-fPIC", "-o", library, source]).then(|| library.to_owned())
}

/// How far the time stamps of samples are ahead of this clock, and how many samples came.
fn ahead(router: &Router, library: &str, place: &Place) -> Vec<f64> {
    let path = place.0.join("shifted");
    let mut writer = Writer::<u64>::create(&path).unwrap();
    let came = Arc::new(Mutex::new(Vec::new()));
    let samples = Arc::clone(&came);
    let session = session(router);
    let keep = move |sample: zenoh::sample::Sample| {
        let stamp = sample.timestamp().expect("a time stamp").get_time().to_system_time();
        let ahead = match stamp.duration_since(SystemTime::now()) {
            Ok(ahead) => ahead.as_secs_f64(),
            Err(behind) => -behind.duration().as_secs_f64(),
        };
        samples.lock().unwrap().push(ahead);
    };
    let _subscriber = session.declare_subscriber("shifted").callback(keep).wait().unwrap();
    let _publisher = router.publish(&path, "shifted", &[("LD_PRELOAD", library)]);
    // The publisher has its token when the network knows it.
    until("a publisher", || {
        let tokens = session.liveliness().get("shifted/@seqcopy/*").wait().unwrap();
        tokens.into_iter().any(|token| token.result().is_ok()).then_some(())
    });
    for number in 0..20 {
        writer.write(number).unwrap();
        writer.wake();
        thread::sleep(Duration::from_millis(50));
    }
    came.lock().unwrap().clone()
}

/// A publisher whose clock is ten seconds ahead: the router gives its samples another time stamp, or, if it is asked
/// to, drops them.
#[test]
fn a_clock_that_is_ahead() {
    let place = Place::new("clock");
    let Some(library) = shifted(&place) else { return };
    let stamped = ahead(&Router::start(&place, ""), &library, &place);
    assert!(stamped.len() > 5 && stamped.iter().all(|ahead| *ahead < 0.5), "{stamped:?}");
    std::fs::remove_file(place.0.join("shifted")).unwrap();
    let dropping = Router::start(&place, "timestamping: { enabled: true, drop_future_timestamp: true },");
    assert_eq!(ahead(&dropping, &library, &place), [] as [f64; 0]);
}
