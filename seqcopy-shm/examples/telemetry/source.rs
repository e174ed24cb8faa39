//! The source of the counters: this machine, through `sysinfo`.

use seqcopy::SeqOption;
use sysinfo::{Components, CpuRefreshKind, DiskRefreshKind, Disks, Networks, System};

use crate::payload::{CPUS, Cpu, Machine, Memory, State, Traffic};

/// The usage in per cent from which a CPU counts as busy.
const BUSY: f32 = 80.0;

/// The state that `sysinfo` keeps between refreshes.
pub(crate) struct Source {
    system: System,
    networks: Networks,
    disks: Disks,
    components: Components,
    refreshes: u32,
}

impl Source {
    pub(crate) fn new() -> Self {
        Source {
            system: System::new(),
            networks: Networks::new_with_refreshed_list(),
            disks: Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_io_usage()),
            components: Components::new_with_refreshed_list(),
            refreshes: 0,
        }
    }

    /// Reads the counters. CPU usage is that since the last call, or 0 at the first.
    pub(crate) fn refresh(&mut self) -> Machine {
        self.system.refresh_cpu_specifics(CpuRefreshKind::everything());
        self.system.refresh_memory();
        self.networks.refresh(false);
        self.disks.refresh_specifics(false, DiskRefreshKind::nothing().with_io_usage());
        self.components.refresh(false);
        self.refreshes += 1;

        let (cpu_count, cpus) = self.cpus();
        let memory = self.memory();
        let load = System::load_average();
        Machine {
            state: state(&cpus, &memory),
            cpu_count,
            cpus,
            load: [load.one, load.five, load.fifteen],
            memory,
            traffic: [self.network(), self.disk()],
            hottest: self.hottest(),
            refreshes: self.refreshes,
        }
    }

    fn cpus(&self) -> (u8, [Cpu; CPUS]) {
        let mut cpus = [Cpu::default(); CPUS];
        let mut count = 0;
        for (place, cpu) in cpus.iter_mut().zip(self.system.cpus()) {
            let megahertz = cpu.frequency().try_into().unwrap_or(u16::MAX);
            *place = Cpu { usage: cpu.cpu_usage(), megahertz };
            count += 1;
        }
        (count, cpus)
    }

    fn memory(&self) -> Memory {
        let swap = (self.system.total_swap() > 0).then(|| self.system.used_swap());
        Memory {
            total: self.system.total_memory(),
            available: self.system.available_memory(),
            swapped: SeqOption::from(swap),
        }
    }

    fn network(&self) -> Traffic {
        self.networks.values().fold(Traffic::default(), |sum, network| Traffic {
            received: sum.received + network.total_received(),
            sent: sum.sent + network.total_transmitted(),
        })
    }

    fn disk(&self) -> Traffic {
        self.disks.iter().map(sysinfo::Disk::usage).fold(Traffic::default(), |sum, usage| Traffic {
            received: sum.received + usage.total_read_bytes,
            sent: sum.sent + usage.total_written_bytes,
        })
    }

    fn hottest(&self) -> SeqOption<f32> {
        SeqOption::from(self.components.iter().filter_map(sysinfo::Component::temperature).reduce(f32::max))
    }
}

fn state(cpus: &[Cpu; CPUS], memory: &Memory) -> State {
    if memory.available < memory.total / 10 {
        return State::ShortOfMemory { available: memory.available };
    }
    let busiest = (0u8..).zip(cpus).max_by(|a, b| a.1.usage.total_cmp(&b.1.usage));
    match busiest {
        Some((cpu, &Cpu { usage, .. })) if usage >= BUSY => State::Busy { cpu, usage },
        _ => State::Calm,
    }
}
