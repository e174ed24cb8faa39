//! Speed compared with the peers: `cargo bench -p bench --features peers --bench peers -- --table`.
//!
//! `read` and `write` go to and from memory of the caller, also by value (names that end in `-by-value`, and the
//! implementations that stderr lists at the end): behind a `&mut`. `read_returned` is a value that a function returns,
//! not inlined; next to it stands `seqcopy-seqlock-into-buffer`, a function that is given a buffer instead. `read_used`
//! is one that looks at every byte at once. In `exchange` one function makes a value and publishes it, and another one
//! receives it; in `exchange_given` the first one is given the value; `read_to` reads over an existing value. `words`
//! is the slot that one writes by hand, with an atomic for each word. `write_writer` is the cheapest way to write of a
//! single writer; next to it stands `seqcopy-seqlock-claiming`, which claims the lock each time, as in `write`. The
//! processor is named on stderr.
//!
//! Without `--table` it prints aligned text. `--filter read/,dense` and `--rounds 7` shorten the run.

mod by_value;
mod cases;

use bench::args::Args;
use bench::processor;
use bench::table::{HEADER, Line, pretty};
use bench::timing::{Sampler, measure};
use cases::{Group, groups};

fn main() {
    let args = Args::of_process(31);
    eprintln!("{}", processor::describe());
    if args.table {
        println!("{HEADER}");
    }
    let mut by_value = Vec::new();
    for group in groups() {
        let lines = run(&group, &args, &mut by_value);
        if args.table {
            for line in &lines {
                println!("{}", line.tab_separated());
            }
        } else if !lines.is_empty() {
            println!("{}", pretty(&lines));
        }
    }
    if !by_value.is_empty() {
        by_value.sort_unstable();
        by_value.dedup();
        eprintln!("by value only, with an additional copy unless the compiler removes it: {}", by_value.join(", "));
    }
}

fn run(group: &Group, args: &Args, by_value: &mut Vec<&'static str>) -> Vec<Line> {
    let Group { operation, shape, bytes, cases } = group;
    let wanted: Vec<_> = cases
        .iter()
        .filter(|case| args.wants(&format!("{}/{shape}/{bytes}/{}", operation.name(), case.implementation)))
        .collect();
    let mut samplers: Vec<Sampler> = wanted.iter().map(|case| (case.build)()).collect();
    let summaries = measure(&mut samplers, args.rounds);
    by_value.extend(wanted.iter().filter(|case| case.by_value).map(|case| case.implementation));
    let reference = wanted
        .iter()
        .zip(&summaries)
        .find(|(case, _)| case.implementation == operation.reference())
        .map(|(_, ns)| ns.median);
    wanted
        .iter()
        .zip(&summaries)
        .map(|(case, ns)| Line {
            operation: operation.name().to_owned(),
            shape: (*shape).to_owned(),
            bytes: *bytes,
            implementation: case.implementation.to_owned(),
            ns: *ns,
            ratio: reference.map(|reference| ns.median / reference),
        })
        .collect()
}
