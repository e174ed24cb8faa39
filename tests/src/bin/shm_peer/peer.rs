//! [`main`]: reads orders, and answers them.

use std::fs;
use std::io::{BufRead, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use nix::libc;
use seqcopy::Validate;
use seqcopy_shm::{Error, MapWriter, Options, Reader, Region, Uid, Writer};
use seqcopy_tests::faults::{
    Beat, Small, Verdict, attack, echo, forget_future_write, look, receive_descriptor, requeue, send_descriptor,
    wait_for,
};

use super::actions::{
    duplicate, lock_first_byte, maps, mine, now, open_often, poke, race, race_open_or_create, said, surroundings,
    writers_own,
};

/// The offset of the sequence word.
const WORD_AT: usize = 192;

/// So large that a process can be stopped in the middle of a copy.
type Large = Beat<8192>;

#[derive(Default)]
struct Peer {
    writer: Option<Writer<Small>>,
    large: Option<Writer<Large>>,
    slice: Option<Writer<[u64]>>,
    map: Option<MapWriter<u64, u64>>,
    reader: Option<Reader<Small>>,
    socket: Option<UnixStream>,
    received: Option<OwnedFd>,
}

fn kept<T>(result: Result<T, Error>, place: &mut Option<T>) -> String {
    let result = result.map_err(|error| format!("{} | {:?}", error, error.kind()));
    match result {
        Ok(value) => said(Ok::<_, ()>(value), |value| *place = Some(value)),
        Err(words) => format!("refused: {words}"),
    }
}

/// For orders that several peers carry out at the same time: when.
fn wait_until(time: Option<&&str>) {
    let Some(time) = time else { return };
    let time = time.parse().expect("nanoseconds");
    while now() < time {
        std::hint::spin_loop();
    }
}

/// As a program does whose type has changed.
fn replacing<T: Validate + 'static>(path: &str) -> Result<Writer<T>, Error> {
    Options::new().replace_other_type(true).open_or_create(path)
}

impl Peer {
    fn obey(&mut self, order: &str) -> String {
        let mut words = order.split(' ');
        let verb = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        let number = |at: usize| rest[at].parse::<u64>().expect("a number");
        match verb {
            "open_mine" => kept(mine().open(rest[0]), &mut self.reader),
            "drop" => {
                (self.writer, self.large, self.slice, self.map) = (None, None, None, None);
                "ok".into()
            }
            "close" => said(self.writer.take().expect("a writer").close(), |()| ()),
            "write" => {
                let value = Beat::of(number(0));
                said(self.writer.as_mut().expect("a writer").write(value), |()| ())
            }
            "update" => {
                let value = Beat::of(number(0));
                said(self.writer.as_mut().expect("a writer").update(|old| *old = value), |()| ())
            }
            "write_large" => {
                let value = Beat::of(number(0));
                said(self.large.as_mut().expect("a writer").write(value), |()| ())
            }
            "stream" => self.stream(number(0)),
            "stream_slices" => stream_slices(Path::new(rest[0]), number(1)),
            "open" => kept(Reader::open(rest[0]), &mut self.reader),
            "open_often" => open_often(Path::new(rest[0]), number(1)),
            "open_received" => {
                let file = self.received.as_ref().expect("a descriptor").try_clone().expect("a copy");
                kept(Reader::from_fd(file), &mut self.reader)
            }
            "read" => match self.reader.as_ref().expect("a reader").read() {
                Ok(value) => format!("value {:?}", value.number()),
                Err(error) => format!("{error:?}"),
            },
            "wait_for" => wait_for(self.reader.as_ref().expect("a reader"), number(0)),
            "only_wakes" => {
                seqcopy_shm::__only_wakes();
                "ok".into()
            }
            "echo" => {
                let reader = self.reader.as_ref().expect("a reader");
                echo(reader, self.writer.as_mut().expect("a writer"), number(0))
            }
            "watch" => self.watch(),
            "state" => format!("{:?}", self.reader.as_ref().expect("a reader").writer_state()),
            "timed_state" => {
                let reader = self.reader.as_ref().expect("a reader");
                let asked = (0..20).map(|_| (Instant::now(), reader.writer_state())).map(|(t, s)| (t.elapsed(), s));
                let (least, state) = asked.min_by_key(|(took, _)| *took).expect("twenty");
                format!("{state:?} in {} us", least.as_micros())
            }
            "socket" => {
                self.socket = Some(UnixStream::connect(rest[0]).expect("a listener"));
                "ok".into()
            }
            "send" => {
                let region = Region::from_fd(self.writer.as_ref().expect("a writer").share().expect("shared"));
                region.expect("a region").send(self.socket.as_ref().expect("a socket")).expect("sent");
                "ok".into()
            }
            "send_own" => {
                send_descriptor(self.socket.as_ref().expect("a socket"), &[writers_own()]);
                "ok".into()
            }
            "receive" => {
                self.received = Some(receive_descriptor(self.socket.as_ref().expect("a socket")));
                "ok".into()
            }
            // A file of the library at a path, opened directly.
            "receive_path" => said(fs::File::open(rest[0]), |file| self.received = Some(file.into())),
            "attack" => attack(self.received.as_ref().expect("a descriptor").as_fd()),
            // Acquires the lock of writers, by the received descriptor or by its twin, and keeps it until the process
            // ends.
            "lock_received" => lock_first_byte(self.received.as_ref().expect("a descriptor"), rest[0] == "twin"),
            "requeue" => requeue(&fs::File::open(rest[0]).expect("a region"), WORD_AT).to_string(),
            "old_kernel" => {
                forget_future_write();
                "ok".into()
            }
            "maps" => maps(rest[0]).into_iter().map(|(_, mode)| mode).collect::<Vec<_>>().join(" "),
            "poke" => poke(rest[0]),
            "race_open_or_create" => race_open_or_create(Path::new(rest[0]), Path::new(rest[1]), number(2)),
            "race" => race(Path::new(rest[0]), Path::new(rest[1]), number(2)),
            _ => self.become_writer(verb, &rest).unwrap_or_else(|| surroundings(verb, &rest)),
        }
    }

    /// The orders that make it a writer; `None` if it is another.
    fn become_writer(&mut self, verb: &str, rest: &[&str]) -> Option<String> {
        let number = |at: usize| rest[at].parse::<u64>().expect("a number");
        Some(match verb {
            "create" => {
                let buffers = u32::try_from(number(1)).expect("few");
                kept(Options::new().buffers(buffers).create(rest[0]), &mut self.writer)
            }
            "create_large" => {
                let buffers = u32::try_from(number(1)).expect("few");
                kept(Options::new().buffers(buffers).create(rest[0]), &mut self.large)
            }
            "create_memfd" => {
                kept(Options::new().allow_take_over_fd(true).create_memfd("seqcopy-test"), &mut self.writer)
            }
            "create_sealed" => {
                let mode = u32::from_str_radix(rest[0], 8).expect("permissions");
                kept(Options::new().mode(mode).create_memfd("seqcopy-test"), &mut self.writer)
            }
            "open_or_create" => {
                wait_until(rest.get(1));
                kept(Writer::open_or_create(rest[0]), &mut self.writer)
            }
            "open_or_create_for" => {
                let owner = Uid::from_raw(u32::try_from(number(1)).expect("a user"));
                kept(Options::new().require_owner(owner).open_or_create(rest[0]), &mut self.writer)
            }
            "replace" => {
                wait_until(rest.get(1));
                kept(replacing(rest[0]), &mut self.writer)
            }
            // As programs do that are started with a larger capacity.
            "enlarge" => {
                wait_until(rest.get(2));
                let capacity = usize::try_from(number(1)).expect("few");
                let options = Options::new().capacity(capacity).replace_smaller(true);
                kept(options.open_or_create(rest[0]), &mut self.slice)
            }
            "enlarge_map" => {
                wait_until(rest.get(2));
                let capacity = usize::try_from(number(1)).expect("few");
                kept(Options::new().replace_smaller(true).open_or_create_map(rest[0], capacity), &mut self.map)
            }
            "restore" => match self.writer.as_mut().expect("a writer").restore_if_removed() {
                Ok(was_restored) => was_restored.to_string(),
                Err(error) => error.to_string(),
            },
            "replace_large" => kept(replacing(rest[0]), &mut self.large),
            "was_created" => self.writer.as_ref().expect("a writer").was_created().to_string(),
            "take_over" => kept(Writer::take_over(rest[0]), &mut self.writer),
            "take_over_large" => kept(Writer::take_over(rest[0]), &mut self.large),
            "take_over_mine" => kept(mine().take_over(rest[0]), &mut self.writer),
            "take_over_received" => {
                let file = self.received.as_ref().expect("a descriptor").try_clone().expect("a copy");
                kept(Writer::take_over_fd(file), &mut self.writer)
            }
            "take_over_inherited" => kept(Writer::take_over_fd(duplicate(writers_own())), &mut self.writer),
            _ => return None,
        })
    }

    /// Writes as fast as it can until it is killed.
    fn stream(&mut self, from: u64) -> String {
        for number in from.. {
            let result = match (&mut self.writer, &mut self.large) {
                (_, Some(writer)) => writer.write(Beat::of(number)),
                (Some(writer), _) => writer.write(Beat::of(number)),
                _ => return "no writer".into(),
            };
            result.expect("not forked");
            if number == from {
                println!("ok");
            }
        }
        unreachable!("more than 2^64 numbers")
    }

    /// Reads as fast as it can until it is killed, or until a value is torn or invalid.
    fn watch(&mut self) -> String {
        println!("ok");
        let reader = self.reader.as_ref().expect("a reader");
        loop {
            let mut buf = MaybeUninit::uninit();
            if reader.read_into(&mut buf).is_ok() && !matches!(look(&buf), Verdict::Whole(_)) {
                return "torn".into();
            }
        }
    }
}

/// Takes over a region, and writes slices as fast as it can until it is killed: as many elements as the number of each
/// says.
fn stream_slices(path: &Path, from: u64) -> String {
    let mut writer = Writer::<[u64]>::take_over(path).expect("a region without a writer");
    let mut elements = Vec::new();
    for number in from.. {
        elements.clear();
        elements.resize(usize::try_from(10_000 + number % 10_000).expect("few"), number);
        writer.write_from(&elements).expect("not forked");
        if number == from {
            println!("ok");
        }
    }
    unreachable!("more than 2^64 numbers")
}

pub(crate) fn main() {
    // In case the test dies first: its own deadlines are shorter.
    nix::unistd::alarm::set(300);
    if std::env::args().any(|arg| arg == "--in-thread") {
        std::thread::spawn(obey);
        // SAFETY: ends this thread only, without unwinding; the other thread borrows nothing from its stack.
        unsafe { libc::syscall(libc::SYS_exit, 0) };
    }
    obey();
}

fn obey() {
    let mut peer = Peer::default();
    for line in std::io::stdin().lock().lines() {
        let answer = peer.obey(&line.expect("an order"));
        println!("{answer}");
        std::io::stdout().flush().expect("a test that listens");
    }
}
