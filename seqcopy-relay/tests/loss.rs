//! Two hosts, as two network namespaces, and a network between them that loses one packet of twenty each way.

mod common;

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::{Place, Program};
use seqcopy_shm::{Reader, Writer};

/// Regions each way.
const REGIONS: usize = 5;
/// The last number that is written.
const LAST: u64 = 1000;
/// A sample of this fills several packets.
type Numbers = [u64; 1000];

/// Runs a command, and returns whether that succeeded.
fn run(line: &str) -> bool {
    let mut words = line.split(' ');
    Command::new(words.next().unwrap()).args(words).output().is_ok_and(|output| output.status.success())
}

/// How many packets a host has dropped.
fn dropped(host: &str) -> u64 {
    let list = ["netns", "exec", host, "iptables", "--list", "INPUT", "--numeric", "--verbose", "--exact"];
    let output = Command::new("ip").args(list).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let rule = text.lines().find(|line| line.contains("DROP") && line.contains("statistic")).unwrap();
    rule.split_whitespace().next().unwrap().parse().unwrap()
}

/// Two namespaces that reach each other at 10.9.9.1 and 10.9.9.2, removed on drop.
struct Hosts([String; 2]);

impl Hosts {
    /// `None` where this machine can't have them.
    fn new() -> Option<Hosts> {
        let hosts = Hosts(["here", "there"].map(|name| format!("relay-{name}-{}", std::process::id())));
        let [here, there] = &hosts.0;
        let lines = [
            format!("ip netns add {here}"),
            format!("ip netns add {there}"),
            format!("ip -n {here} link add one type veth peer name two netns {there}"),
            format!("ip -n {here} address add 10.9.9.1/24 dev one"),
            format!("ip -n {there} address add 10.9.9.2/24 dev two"),
            format!("ip -n {here} link set one up"),
            format!("ip -n {there} link set two up"),
        ];
        let loses = hosts.0.iter().map(|host| {
            format!("ip netns exec {host} iptables -A INPUT -m statistic --mode random --probability 0.05 -j DROP")
        });
        lines.into_iter().chain(loses).all(|line| run(&line)).then_some(hosts)
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in &self.0 {
            run(&format!("ip netns del {host}"));
        }
    }
}

#[test]
fn values_are_whole_and_new_where_packets_are_lost() {
    let Some(Hosts([here, there])) = &Hosts::new() else {
        common::skipped("network namespaces with iptables can't be had here");
        return;
    };
    let (mut writers, mut copies, mut programs) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..2 * REGIONS {
        // Half of the regions go one way, half the other.
        let (from, to, address) = if number < REGIONS { (here, there, 1) } else { (there, here, 2) };
        let [source, copy] = ["source", "copy"].map(|name| Place::new(&format!("loss-{name}-{number}")));
        let (key, endpoint) = (format!("loss/{number}"), format!("tcp/10.9.9.{address}:{}", 7000 + number));
        writers.push((Writer::<Numbers>::create(&source.0).unwrap(), source));
        let source = &writers[number].1;
        programs.push(Program::relay_in(from, &["publish", source.text(), "--key", &key, "--listen", &endpoint]));
        programs.push(Program::relay_in(to, &["subscribe", &key, copy.text(), "--connect", &endpoint]));
        copies.push(copy);
    }
    thread::scope(|scope| {
        let write = scope.spawn(|| {
            for number in 1..=LAST {
                for (writer, _) in &mut writers {
                    writer.write([number; 1000]).unwrap();
                    writer.wake();
                }
                thread::sleep(Duration::from_millis(10));
            }
            Instant::now()
        });
        let mut readers: Vec<Option<Reader<Numbers>>> = copies.iter().map(|_| None).collect();
        let (mut newest, began) = ([0; 2 * REGIONS], Instant::now());
        while newest != [LAST; 2 * REGIONS] {
            for ((reader, copy), newest) in readers.iter_mut().zip(&copies).zip(&mut newest) {
                if reader.is_none() {
                    *reader = Reader::open(&copy.0).ok();
                }
                let Some(Ok(value)) = reader.as_ref().map(Reader::read) else { continue };
                assert!(value.iter().all(|number| *number == value[0]), "a value of parts");
                assert!(value[0] >= *newest, "{} after {newest}", value[0]);
                *newest = value[0];
            }
            // What was lost is sent again by TCP, and by the relay every five seconds.
            assert!(began.elapsed() < Duration::from_secs(60), "the newest values are {newest:?}");
            thread::sleep(Duration::from_millis(1));
        }
        let time = write.join().unwrap().elapsed();
        let lost = [here, there].map(|host| dropped(host));
        assert!(lost.iter().all(|lost| *lost > 0), "{lost:?}");
        println!("{} regions, {lost:?} packets lost: the last value everywhere after {time:?}", 2 * REGIONS);
    });
    programs.iter_mut().for_each(Program::assert_runs);
}
