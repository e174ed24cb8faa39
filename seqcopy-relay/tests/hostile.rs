//! A peer that sends what no relay sends, over loopback TCP: junk, queries, and what hides a reason.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use common::{Place, Program, endpoint, until};
use seqcopy_relay::network;
use seqcopy_shm::{Options, Reader, Region, Writer, WriterState};
use zenoh::qos::CongestionControl;
use zenoh::{Session, Wait};

const SOON: Duration = Duration::from_secs(20);

/// A writer of a slice 20 times a second, and a relay of it: the writer's region, the subscriber's, and both programs
/// with their endpoints.
struct Stream {
    here: Place,
    there: Place,
    publish: (Program, String),
    subscribe: (Program, String),
    ends: AtomicBool,
}

impl Stream {
    fn of(name: &str, len: usize, options: &[&str], test: impl FnOnce(&Stream)) {
        let (here, there) = (Place::new(&format!("{name}-here")), Place::new(&format!("{name}-there")));
        let mut writer = Options::new().capacity(len).create::<[u64]>(&here.0).unwrap();
        writer.write_from(&vec![1; len]).unwrap();
        let key = format!("test/{name}");
        let (first, second) = (endpoint(), endpoint());
        let publish = Program::relay(&["publish", here.text(), "--key", &key, "--listen", &first, "--whole", "1"]);
        let subscribe = ["subscribe", &key, there.text(), "--connect", &first, "--listen", &second, "--json"];
        let subscribe = Program::relay(&[&subscribe, options].concat());
        let ends = AtomicBool::new(false);
        let stream = Stream { here, there, publish: (publish, first), subscribe: (subscribe, second), ends };
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in 2.. {
                    thread::sleep(Duration::from_millis(50));
                    writer.write_from(&vec![number; len]).unwrap();
                    writer.wake();
                    if stream.ends.load(Relaxed) {
                        break;
                    }
                }
            });
            // Also if the test fails.
            let _end = End(&stream.ends);
            until("the first value", SOON, || Region::open(&stream.there.0).is_ok());
            test(&stream);
        });
    }

    /// How many values a second arrive.
    fn rate(&self, time: Duration) -> f64 {
        let reader = Region::open(&self.there.0).unwrap();
        let (from, began) = (reader.version(), Instant::now());
        thread::sleep(time);
        f64::from(u32::try_from(reader.version().writes_since(from)).unwrap()) / began.elapsed().as_secs_f64()
    }
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn peer(endpoint: &str) -> Session {
    let session = network::open(None, &["tcp/127.0.0.1:0".to_owned()], &[endpoint.to_owned()], u64::MAX).unwrap();
    // Both know what the other one wants by then.
    thread::sleep(Duration::from_secs(1));
    session
}

/// Three messages of 200 MB to a subscriber whose region has at most 16 MiB, and one to a publisher.
#[test]
fn junk_takes_no_memory() {
    Stream::of("junk", 8, &["--largest", "16777216"], |stream| {
        let junk = vec![b'x'; 200_000_000];
        for ((program, endpoint), messages) in [(&stream.subscribe, 3), (&stream.publish, 1)] {
            let peer = peer(endpoint);
            for _ in 0..messages {
                let put = peer.put("test/junk", &junk[..]).congestion_control(CongestionControl::Block);
                put.wait().unwrap();
            }
            peer.close().wait().unwrap();
            let peak = program.peak_memory();
            println!("{peak} KiB at the peak");
            assert!(peak < (16 * 5 / 2 + 64) << 10, "{peak} KiB");
        }
        assert!(stream.rate(Duration::from_secs(2)) > 1.0);
    });
}

/// However many ask, answers take a tenth of the time, and the stream goes on.
#[test]
fn queries_take_a_tenth_of_the_time() {
    const QUERIES: u32 = 5000;
    Stream::of("queries", 1 << 15, &[], |stream| {
        let peer = peer(&stream.publish.1);
        let replies = Arc::new(AtomicU32::new(0));
        let reader = Region::open(&stream.there.0).unwrap();
        let (from, began, mut asked) = (reader.version(), Instant::now(), 0);
        // No rate is asked for, since a busy machine has none that it keeps: both go on until there is enough of them.
        while asked < QUERIES || reader.version().writes_since(from) < 20 {
            assert!(began.elapsed() < 10 * SOON, "{asked} queries, {:?} after {from:?}", reader.version());
            if asked >= QUERIES {
                thread::sleep(Duration::from_millis(2));
            }
            let count = Arc::clone(&replies);
            // A query whose time is up has an error for a reply.
            let get = peer.get("test/queries").timeout(Duration::from_secs(1));
            get.callback(move |it| {
                if it.result().is_ok() {
                    count.fetch_add(1, Relaxed);
                }
            })
            .wait()
            .unwrap();
            asked += 1;
        }
        let replies = replies.load(Relaxed);
        println!("{asked} queries in {:?}: {replies} replies", began.elapsed());
        assert!(replies > 0 && replies < asked / 3, "{asked} queries, {replies} replies");
    });
}

/// What the next test stops: it asks, and then no longer reads what it is sent.
#[test]
#[ignore = "a process of another test"]
fn a_program_that_asks() {
    let [key, endpoint] = ["ASKS_KEY", "ASKS_ENDPOINT"].map(|name| std::env::var(name).unwrap());
    let peer = peer(&endpoint);
    println!("\nasks");
    for _ in 0..1000 {
        // By default the answers of zenoh block.
        peer.get(&key).timeout(Duration::from_secs(1000)).callback(drop).wait().unwrap();
        thread::sleep(Duration::from_millis(5));
    }
}

/// An answer that blocks, since the one who asked does not read, keeps no subscriber from its samples.
#[test]
fn no_subscriber_waits_for_a_program_that_asks_and_does_not_read() {
    Stream::of("stuck", 1 << 17, &[], |stream| {
        let mut asks = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_program_that_asks", "--ignored", "--nocapture"])
            .envs([("ASKS_KEY", "test/stuck"), ("ASKS_ENDPOINT", &stream.publish.1)])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(asks.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "asks"));
        thread::sleep(Duration::from_millis(200));
        let stopped = Command::new("kill").args(["-STOP", &asks.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        // Zenoh gives up a connection on which it has waited for five seconds.
        let rates = [(); 8].map(|()| stream.rate(Duration::from_secs(1)));
        asks.kill().unwrap();
        asks.wait().unwrap();
        println!("values a second: {rates:.1?}");
        assert!(rates.iter().all(|rate| *rate > 1.0), "{rates:?}");
    });
}

/// The subscriber's directory is missing: that is what it says, not that it has asked for more.
#[test]
fn the_reason_is_shown_and_not_what_follows_from_it() {
    Stream::of("reason", 8, &[], |stream| {
        let missing = stream.here.0.with_file_name("missing/region");
        let program = Program::relay(&[
            "subscribe",
            "test/reason",
            missing.to_str().unwrap(),
            "--connect",
            &stream.publish.1,
            "--json",
        ]);
        let line = || program.line.lock().unwrap().clone();
        until("a reason", SOON, || line().contains("No such file"));
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_millis(50));
            assert!(line().contains("No such file"), "{}", line());
        }
    });
}

/// More tokens than a subscriber keeps: that of a publisher which was one too many is asked for when there is space
/// again.
#[test]
fn a_token_that_was_one_too_many_is_asked_for() {
    let (here, there, endpoint) = (Place::new("many-here"), Place::new("many-there"), endpoint());
    let subscribe = Program::relay(&["subscribe", "test/many", there.text(), "--listen", &endpoint, "--json"]);
    let peer = peer(&endpoint);
    let token = |life| peer.liveliness().declare_token(network::token("test/many", life)).wait().unwrap();
    let mut tokens: Vec<_> = (1..=256).map(token).collect();
    // What is sent after them comes after them.
    until("all of these tokens", SOON, || {
        peer.put("test/many", "junk").wait().unwrap();
        thread::sleep(Duration::from_millis(50));
        subscribe.line.lock().unwrap().contains("not a sample")
    });
    let mut writer = Writer::<u32>::create(&here.0).unwrap();
    writer.write(5).unwrap();
    let _publish = Program::relay(&["publish", here.text(), "--key", "test/many", "--connect", &endpoint]);
    let is_alive = || {
        let reader = Reader::<u32>::open(&there.0).ok()?;
        Some(matches!(reader.writer_state(), WriterState::Alive { .. }))
    };
    // Long enough for a token that is heeded.
    thread::sleep(Duration::from_secs(2));
    assert_ne!(is_alive(), Some(true));
    tokens.truncate(8);
    until("the value and its writer", SOON, || is_alive() == Some(true));
}
