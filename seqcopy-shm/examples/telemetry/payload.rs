//! The payload: [`Telemetry`], a struct as real programs have them. It has padding, nested arrays, enums with and
//! without fields, a bool and optional fields, and fills about five cache lines.

use seqcopy::{SeqCopy, SeqOption, Validate};

/// How many CPUs have a field in the struct; of larger machines the first ones.
pub(crate) const CPUS: usize = 16;

/// One published value: counters of this machine, the time and number of the write, and a checksum.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Telemetry {
    /// Whether this is the first value with these counters.
    pub(crate) fresh: bool,
    /// Nanoseconds of a clock that all processes share, taken right before the write.
    pub(crate) stamp: u64,
    /// The number of this write.
    pub(crate) sequence: u64,
    pub(crate) machine: Machine,
    /// The checksum of all fields above: a torn value has the wrong one.
    check: u64,
}

/// The counters, refreshed about ten times a second.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Machine {
    pub(crate) state: State,
    /// How many entries of `cpus` are used.
    pub(crate) cpu_count: u8,
    pub(crate) cpus: [Cpu; CPUS],
    /// Averages over 1, 5 and 15 minutes; zeros if the system has none.
    pub(crate) load: [f64; 3],
    pub(crate) memory: Memory,
    /// Bytes since the machine booted: network, then disks.
    pub(crate) traffic: [Traffic; 2],
    /// Degrees Celsius, of the hottest sensor; virtual machines have none.
    pub(crate) hottest: SeqOption<f32>,
    /// How often the counters were refreshed.
    pub(crate) refreshes: u32,
}

#[derive(Clone, Copy, Debug, Default, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Cpu {
    /// Per cent.
    pub(crate) usage: f32,
    pub(crate) megahertz: u16,
}

#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Memory {
    pub(crate) total: u64,
    pub(crate) available: u64,
    /// Bytes of swap in use, if there is swap.
    pub(crate) swapped: SeqOption<u64>,
}

#[derive(Clone, Copy, Debug, Default, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Traffic {
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// A summary of the counters.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub(crate) enum State {
    Calm,
    /// A CPU is busy.
    Busy {
        cpu: u8,
        usage: f32,
    },
    /// Less than a tenth of the memory is available.
    ShortOfMemory {
        available: u64,
    },
}

impl Telemetry {
    /// The initial value, stamped `now`, so that readers before the first write see its true age.
    pub(crate) fn new(machine: Machine, now: u64) -> Self {
        let mut telemetry = Telemetry { fresh: true, stamp: now, sequence: 0, machine, check: 0 };
        telemetry.seal();
        telemetry
    }

    /// Makes this the next value, with new counters if there are any.
    #[inline]
    pub(crate) fn advance(&mut self, news: Option<Machine>, now: u64) {
        self.fresh = news.is_some();
        if let Some(machine) = news {
            self.machine = machine;
        }
        self.sequence += 1;
        self.stamp = now;
        self.seal();
    }

    /// Sets the checksum.
    #[inline]
    pub(crate) fn seal(&mut self) {
        self.check = self.sum();
    }

    /// Whether the checksum is right: all fields are of one write.
    #[inline]
    pub(crate) fn is_consistent(&self) -> bool {
        self.check == self.sum()
    }

    #[inline]
    fn sum(&self) -> u64 {
        let Telemetry { fresh, stamp, sequence, machine, check: _ } = self;
        let mut sum = Sum::default();
        sum.add(u64::from(*fresh));
        sum.add(*stamp);
        sum.add(*sequence);
        machine.add_to(&mut sum);
        sum.finish()
    }
}

impl Machine {
    #[inline]
    fn add_to(&self, sum: &mut Sum) {
        let Machine { state, cpu_count, cpus, load, memory, traffic, hottest, refreshes } = self;
        match *state {
            State::Calm => sum.add(0),
            State::Busy { cpu, usage } => sum.add(1 | u64::from(cpu) << 8 | u64::from(usage.to_bits()) << 32),
            State::ShortOfMemory { available } => sum.add(available << 8 | 2),
        }
        sum.add(u64::from(*cpu_count) << 32 | u64::from(*refreshes));
        for cpu in cpus {
            sum.add(u64::from(cpu.usage.to_bits()) << 32 | u64::from(cpu.megahertz));
        }
        for average in load {
            sum.add(average.to_bits());
        }
        sum.add(memory.total);
        sum.add(memory.available);
        sum.add(memory.swapped.into_option().unwrap_or(u64::MAX));
        for traffic in traffic {
            sum.add(traffic.received);
            sum.add(traffic.sent);
        }
        sum.add(hottest.into_option().map_or(u64::MAX, |degrees| u64::from(degrees.to_bits())));
    }

    /// The average usage of the CPUs, in per cent.
    pub(crate) fn usage(&self) -> f32 {
        let cpus = &self.cpus[..usize::from(self.cpu_count).min(CPUS)];
        cpus.iter().map(|cpu| cpu.usage).sum::<f32>() / f32::from(self.cpu_count.max(1))
    }
}

/// A cheap hash of words, in two lanes so that their multiplications can overlap. Not cryptographic.
#[derive(Default)]
struct Sum {
    lanes: [u64; 2],
    words: u64,
}

impl Sum {
    #[inline]
    fn add(&mut self, word: u64) {
        let lane = &mut self.lanes[(self.words & 1) as usize];
        // Includes the position, so that swapping two words changes the sum.
        *lane = (*lane ^ word).wrapping_add(self.words).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(29);
        self.words += 1;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.lanes[0] ^ self.lanes[1].rotate_left(32)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn value() -> Telemetry {
        let traffic = |n| Traffic { received: n, sent: n + 1 };
        let machine = Machine {
            state: State::Busy { cpu: 7, usage: 7.0 },
            cpu_count: 7,
            cpus: [Cpu { usage: 7.0, megahertz: 7 }; CPUS],
            load: [1.0, 2.0, 3.0],
            memory: Memory { total: 7, available: 7, swapped: SeqOption::Some(7) },
            traffic: [traffic(1), traffic(3)],
            hottest: SeqOption::Some(7.0),
            refreshes: 7,
        };
        // Without its checksum: each test changes something first.
        Telemetry { check: 0, ..Telemetry::new(machine, 7) }
    }

    /// A change of any part is detected: otherwise the example would prove nothing.
    #[test]
    fn notices_a_change_of_any_part() {
        let changes: [fn(&mut Telemetry); 17] = [
            |value| value.fresh = !value.fresh,
            |value| value.stamp += 1,
            |value| value.sequence += 1,
            |value| value.machine.state = State::Calm,
            |value| value.machine.state = State::Busy { cpu: 8, usage: 7.0 },
            |value| value.machine.state = State::ShortOfMemory { available: 7 },
            |value| value.machine.cpu_count += 1,
            |value| value.machine.cpus[0].usage += 1.0,
            |value| value.machine.cpus[CPUS - 1].megahertz += 1,
            |value| value.machine.load.swap(0, 2),
            |value| value.machine.memory.total += 1,
            |value| value.machine.memory.available += 1,
            |value| value.machine.memory.swapped = SeqOption::None,
            |value| value.machine.traffic.swap(0, 1),
            |value| value.machine.hottest = SeqOption::None,
            |value| value.machine.refreshes += 1,
            |value| value.check ^= 1,
        ];
        let mut whole = value();
        assert!(!whole.is_consistent());
        whole.seal();
        assert!(whole.is_consistent());
        for (number, change) in changes.into_iter().enumerate() {
            let mut mixed = whole;
            change(&mut mixed);
            assert!(!mixed.is_consistent(), "change {number}");
        }
    }
}
