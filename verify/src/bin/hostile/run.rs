//! Makes and checks one region after another.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy_shm::{Region, Schema};
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

use crate::image::Image;
use crate::known::{Failure, Known};
use crate::map_image::MapImage;
use crate::maps::{KnownMap, refused_as_value};
use crate::tally::Tally;
use crate::tree::{Encoder, Tree};

/// Longer than a region takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);
/// The most failures that are printed.
const SHOWN: u64 = 20;

/// The types, and the file of the regions.
struct Scene {
    known: Vec<Known>,
    maps: Vec<KnownMap>,
    path: PathBuf,
    file: File,
}

impl Scene {
    /// Writes a region to the file, or to a new file.
    fn put(&mut self, image: &Image, new_file: bool) {
        if new_file || image.hole.is_some() {
            let _ = std::fs::remove_file(&self.path);
            self.file = File::options().read(true).write(true).create_new(true).open(&self.path).expect("a file");
        }
        image.write(&self.file);
    }
}

/// Makes a random region.
pub(crate) fn make(known: &Known, rng: &mut Rng) -> Image {
    let honest = |rng: &mut Rng| Image::honest(&known.tree, &known.schema, rng);
    match rng.below(20) {
        0..=6 => honest(rng),
        7..=9 => honest(rng).damaged_header(rng),
        10..=12 => Image::damaged_schema(&known.tree, rng),
        13 | 14 => Image::damaged_schema(&Tree::random(rng, 3), rng),
        15 | 16 => {
            let tree = Tree::random(rng, 4);
            Image::honest(&tree, &Encoder::schema(&tree).bytes, rng)
        }
        17 | 18 => honest(rng).resized(rng),
        _ => honest(rng).noise(rng),
    }
}

/// Opens and reads a region in every way.
fn look(scene: &mut Scene, seed: u64, number: u64, tally: &mut Tally) -> Result<(), Failure> {
    let mut rng = Rng::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let rng = &mut rng;
    if rng.chance(1, 3) {
        return look_at_map(scene, rng, tally);
    }
    let index = rng.below(scene.known.len());
    let image = make(&scene.known[index], rng);
    scene.put(&image, rng.chance(1, 64));
    let known = &scene.known[index];
    let is_known =
        image.honest.is_none() || Encoder::schema(&image.honest.as_ref().expect("honest").tree).bytes == known.schema;
    let (opened, unmapped) = (Region::open(&scene.path), Region::open_file(&scene.path));
    match (opened, unmapped) {
        (Ok(region), Ok(unmapped)) => {
            tally.opened += 1;
            look_at(&region, &unmapped, &image, known, rng, tally)?;
        }
        (Ok(_), Err(error)) => return Err(format!("without a mapping: {error}")),
        (Err(error), Ok(_)) => return Err(format!("only without a mapping, else: {error}")),
        (Err(error), Err(unmapped)) => {
            tally.refuse(&error);
            if error.to_string() != unmapped.to_string() {
                return Err(format!("{error}; without a mapping {unmapped}"));
            }
            if image.honest.as_ref().is_some_and(|honest| matches!(honest.state, 1 | 2)) {
                return Err(format!("refused, but honest: {error}"));
            }
        }
    }
    if is_known {
        (known.open)(&scene.path, &image, rng, tally)?;
    }
    Ok(())
}

/// The same for a map.
fn look_at_map(scene: &mut Scene, rng: &mut Rng, tally: &mut Tally) -> Result<(), Failure> {
    let index = rng.below(scene.maps.len());
    let image = MapImage::random(&scene.maps[index].slot, rng);
    scene.put(&image.image, rng.chance(1, 64));
    match (Region::open(&scene.path), Region::open_file(&scene.path)) {
        (Err(mapped), Err(unmapped)) => refused_as_value([&mapped, &unmapped], &image)?,
        // Damage may have made it one with a value.
        _ if image.honest.is_some() => return Err("a map opened as a value".into()),
        _ => {}
    }
    let known = &scene.maps[index];
    (known.open)(&scene.path, &image, &known.slot, rng, tally)?;
    // As a map of other types, which the schema names.
    let other = (index + 1) % scene.maps.len();
    let other = &scene.maps[other];
    let is_refused = MapImage { honest: None, ..image };
    (other.open)(&scene.path, &is_refused, &other.slot, rng, tally)
}

/// Checks an open region as a program without its type.
fn look_at(
    region: &Region,
    unmapped: &Region<seqcopy_shm::Unmapped>,
    image: &Image,
    known: &Known,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let _ = (region.is_removed(), unmapped.is_removed());
    if (unmapped.version(), unmapped.is_closed()) != (Ok(region.version()), Ok(region.is_closed())) {
        return Err("another version or state without a mapping".into());
    }
    let is_own = region.schema().as_bytes() == known.schema;
    let _ = Schema::decode(&known.schema).map(|own| own.difference(region.schema()).map(|found| found.to_string()));
    // A layout is leaked, so only one of many types is made into one.
    if !is_own && !rng.chance(1, 32) {
        return Ok(());
    }
    if !is_own || rng.chance(1, 512) {
        tally.layouts += 1;
        let (layout, base) = (region.schema().layout(), region.header().payload_align().max(8));
        let mut end = 0;
        for access in seqcopy_tests::accesses(layout, base) {
            if access.offset < end || access.offset + access.width > layout.size() {
                return Err(format!("the partition is out of bounds: {access:?}"));
            }
            end = access.offset + access.width;
        }
        let _ = (layout.display(base).to_string(), layout.holes().count());
    }
    let may_wait = !image.honest.as_ref().is_some_and(crate::image::Honest::is_busy) || rng.chance(1, 256);
    if !may_wait {
        return Ok(());
    }
    let (read, unmapped) = (region.read_bytes(), unmapped.read_bytes());
    if read.as_ref().map(|read| read.1) != unmapped.as_ref().map(|read| read.1) {
        return Err(format!("{:?}, without a mapping {:?}", read.err(), unmapped.err()));
    }
    let (Some(honest), Ok((read, _)), Ok((unmapped, _))) = (&image.honest, read, unmapped) else { return Ok(()) };
    let mut data = vec![false; honest.tree.size];
    honest.tree.mark(&mut data);
    let Some(wanted) = honest.value(&image.bytes) else { return Err("bytes where there is no value".into()) };
    for (at, is_data) in data.into_iter().enumerate() {
        let wanted = if is_data { wanted[at] } else { 0 };
        if read[at] != wanted || is_data && unmapped[at] != wanted {
            let found = (read[at], unmapped[at]);
            return Err(format!("byte {at} (data: {is_data}) is {found:x?}, not {wanted:#x}"));
        }
    }
    Ok(())
}

/// Ends the program if one region takes longer than the deadline.
pub(crate) fn watch(number: &Arc<AtomicU64>, seed: u64, deadline: Duration) {
    let number = Arc::clone(number);
    thread::spawn(move || {
        let mut last = (u64::MAX, Instant::now());
        loop {
            thread::sleep(Duration::from_millis(500));
            let now = number.load(Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            } else if last.1.elapsed() > deadline {
                println!("hostile: region {now} of seed {seed} hangs");
                std::process::exit(1);
            }
        }
    });
}

fn run(count: u64, seed: u64, first: u64) -> ExitCode {
    let place = Place::new();
    let path = place.at("region");
    let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    let mut scene = Scene { known: Known::all(), maps: KnownMap::all(), path, file };
    // If a signal ends this program, the number of the first region is there.
    note(place.path(), first);
    let current = Arc::new(AtomicU64::new(first));
    watch(&current, seed, DEADLINE);
    let began = Instant::now();
    let mut tally = Tally::default();
    for number in first..first + count {
        current.store(number, Relaxed);
        tally.regions += 1;
        let result = catch_unwind(AssertUnwindSafe(|| look(&mut scene, seed, number, &mut tally)));
        let failure = match result {
            Ok(Ok(())) => continue,
            Ok(Err(failure)) => failure,
            Err(_) => "a panic".into(),
        };
        tally.failures += 1;
        if tally.failures <= SHOWN {
            println!("hostile: region {number} of seed {seed}: {failure}");
        }
    }
    tally.print();
    let Tally { regions, opened, valid, invalid, maps, found, failures, .. } = tally;
    println!(
        "hostile: {regions} regions, {opened} opened, {valid} values valid, {invalid} refused as invalid, {maps} maps opened, {found} keys \
         found, seed {seed}, \
         {failures} failures ({:.0} s)",
        began.elapsed().as_secs_f64()
    );
    // If hardly any region passes the first checks, the later ones were not tested.
    let proves_something = count < 10_000
        || (opened > regions / 6
            && valid > regions / 15
            && invalid > regions / 30
            && maps > regions / 8
            && found > maps / 2
            && tally.reasons() > 30);
    if !proves_something {
        println!("hostile: too few get far enough: {} reasons", tally.reasons());
    }
    if failures == 0 && proves_something { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn note(place: &Path, first: u64) {
    let _ = std::fs::write(place.join("first"), first.to_string());
}

pub(crate) fn main() -> ExitCode {
    let (mut count, mut seed, mut first) = (50_000, 1, 0);
    let mut command = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let place = match &*arg {
            "--seed" => &mut seed,
            "--first" => &mut first,
            "--command" => {
                let Some(program) = args.next() else { return usage() };
                command = Some(PathBuf::from(program));
                continue;
            }
            _ => {
                let Ok(number) = arg.parse() else { return usage() };
                count = number;
                continue;
            }
        };
        let Some(number) = args.next().and_then(|number| number.parse().ok()) else { return usage() };
        *place = number;
    }
    match command {
        None => run(count, seed, first),
        Some(program) => crate::command::run(&program, count, seed, first),
    }
}

fn usage() -> ExitCode {
    eprintln!("hostile [N] [--seed S] [--first K] [--command PROGRAM]");
    ExitCode::from(2)
}
