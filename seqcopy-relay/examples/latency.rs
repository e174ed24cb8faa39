//! How long a value takes from region to region over loopback TCP, and how long a bare `put` of zenoh takes to the
//! callback of another process, in turn: 64 bytes and 4 KiB.
//!
//! ```text
//! cargo run --release --example latency -- [SAMPLES]
//! ```
//!
//! One tab-separated line each: what, bytes, samples, and microseconds at the 50th, 99th and 99.9th percentile.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use seqcopy::Validate;
use seqcopy_relay::network;
use seqcopy_shm::{Reader, Writer};
use zenoh::Wait;
use zenoh::qos::CongestionControl;

/// Between two samples.
const PAUSE: Duration = Duration::from_millis(2);
/// Rounds of one and of the other.
const ROUNDS: usize = 10;

/// Nanoseconds since 1970: the clock that two processes have in common.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

/// A program, killed on drop.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn endpoint() -> Result<String, Box<dyn Error>> {
    Ok(format!("tcp/127.0.0.1:{}", TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()))
}

fn show(what: &str, bytes: usize, all: &mut [u64]) {
    all.sort_unstable();
    let at = |per_mille: usize| Duration::from_nanos(all[(all.len() - 1) * per_mille / 1000]).as_secs_f64() * 1e6;
    println!("{what}\t{bytes}\t{}\t{:.1}\t{:.1}\t{:.1}", all.len(), at(500), at(990), at(999));
}

/// The other process of the bare measurement: prints how long each sample took.
fn listen(endpoint: &str, key: &str) -> Result<(), Box<dyn Error>> {
    let session = network::open(None, &[], &[endpoint.to_owned()], u64::MAX).map_err(|error| error.to_string())?;
    let (sender, receiver) = mpsc::channel();
    let callback = move |sample: zenoh::sample::Sample| {
        let at = now();
        let bytes = sample.payload().to_bytes();
        let sent = bytes.first_chunk().map_or(0, |sent| u64::from_ne_bytes(*sent));
        let _ = sender.send(at.saturating_sub(sent));
    };
    let _subscriber =
        session.declare_subscriber(key.to_owned()).callback(callback).wait().map_err(|error| error.to_string())?;
    for took in receiver {
        println!("{took}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// The next line of a program, as a number.
fn next(lines: &mut BufReader<ChildStdout>) -> Result<u64, Box<dyn Error>> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    Ok(line.trim().parse()?)
}

fn compare<T: Validate + Copy + 'static>(
    samples: usize,
    make: impl Fn(u64) -> T,
    sent: impl Fn(&T) -> u64,
) -> Result<(), Box<dyn Error>> {
    let bytes = size_of::<T>();
    let [here, there] =
        ["here", "there"].map(|end| seqcopy_shm::path_for(&format!("latency-{end}-{}", std::process::id())));
    let key = "bench/latency";
    let (of_relay, bare) = (endpoint()?, endpoint()?);
    // The relay, from region to region.
    let mut writer = Writer::<T>::create(&here)?;
    writer.write(make(0))?;
    let relay = std::env::current_exe()?
        .parent()
        .and_then(Path::parent)
        .ok_or("the directory of the relay")?
        .join("seqcopy-relay");
    let text = |path: &Path| path.display().to_string();
    let publish = ["publish", &text(&here), "--key", key, "--at-most", "100000", "--listen", &of_relay];
    let _publish = Program(Command::new(&relay).args(publish).spawn()?);
    let _subscribe =
        Program(Command::new(&relay).args(["subscribe", key, &text(&there), "--connect", &of_relay]).spawn()?);
    let reader = loop {
        match Reader::<T>::open(&there) {
            Ok(reader) if reader.read().is_ok() => break reader,
            _ => sleep(Duration::from_millis(10)),
        }
    };
    // A put, from process to process.
    let session = network::open(None, std::slice::from_ref(&bare), &[], u64::MAX).map_err(|error| error.to_string())?;
    let mut child =
        Program(Command::new(std::env::current_exe()?).args(["listen", &bare, key]).stdout(Stdio::piped()).spawn()?);
    let mut lines = BufReader::new(child.0.stdout.take().ok_or("piped")?);
    let publisher = session.declare_publisher(key).congestion_control(CongestionControl::Drop).express(true);
    let publisher = publisher.wait().map_err(|error| error.to_string())?;
    while !publisher.matching_status().wait().map_err(|error| error.to_string())?.matching() {
        sleep(Duration::from_millis(10));
    }
    let (mut of_relay, mut of_puts) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for _ in 0..samples / ROUNDS {
            let known = reader.version();
            writer.write(make(now()))?;
            writer.wake();
            if !reader.wait(known, Duration::from_secs(5)) {
                return Err("nothing arrived within 5 s".into());
            }
            let at = now();
            of_relay.push(at.saturating_sub(sent(&reader.read()?)));
            sleep(PAUSE);
        }
        for _ in 0..samples / ROUNDS {
            let mut payload = vec![0; bytes];
            payload[..8].copy_from_slice(&now().to_ne_bytes());
            publisher.put(payload).wait().map_err(|error| error.to_string())?;
            of_puts.push(next(&mut lines)?);
            sleep(PAUSE);
        }
    }
    show("region to region", bytes, &mut of_relay);
    show("put to callback", bytes, &mut of_puts);
    writer.close()?;
    std::fs::remove_file(&there)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [listen_at, endpoint, key] = &words[..] {
        assert_eq!(listen_at, "listen");
        return listen(endpoint, key);
    }
    let samples = words.first().map_or(Ok(2000), |samples| samples.parse())?;
    compare(samples, |time| [time; 8], |value: &[u64; 8]| value[0])?;
    compare(samples, |time| [time; 512], |value: &[u64; 512]| value[0])
}
