//! Files are truncated, removed and made unreadable beside processes that write, read and wait. No process dies, and
//! nothing that is read is anything but a value that was written.

use std::fs;
use std::io::Error;
use std::num::NonZeroU64;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use seqcopy::{ReadError, Version};
use seqcopy_shm::{
    ChangeError, MapReader, MapWriter, Options, ReadValueError, Reader, WriteError, Writer, survive_truncation,
};
use seqcopy_tests::faults::{Place, forked};

use super::{End, alone, truncate};

type Small = [NonZeroU64; 4];
type Large = [NonZeroU64; 4096];
const KEYS: u64 = 300;

/// What the processes share.
#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    /// The file that each reading process has open.
    open: [AtomicU64; 3],
    reads: AtomicU64,
    truncated: AtomicU64,
    closed: AtomicU64,
    /// Allowed only where zeros may lie under an intact word.
    torn: AtomicU64,
    invalid: AtomicU64,
    /// Writers that were told.
    told: AtomicU64,
}

impl Shared {
    fn new() -> &'static Shared {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: new memory.
        let at = unsafe { libc::mmap(null_mut(), size_of::<Shared>(), protection, flags, -1, 0) };
        assert_ne!(at, libc::MAP_FAILED, "{}", Error::last_os_error());
        // SAFETY: of zeros, which are a value of each field, and never unmapped.
        unsafe { &*at.cast() }
    }
}

/// A region of one kind, read: whether what was there is whole.
trait Readable: Sized + Sync {
    fn open(path: &Path) -> Option<Self>;
    fn read(&self, buf: &mut Vec<u64>) -> Result<bool, ReadValueError>;
    fn wait(&self) -> bool;
}

fn same(all: impl IntoIterator<Item = u64>) -> bool {
    let mut all = all.into_iter();
    let first = all.next();
    first != Some(0) && all.all(|it| Some(it) == first)
}

const WAIT: Duration = Duration::from_millis(700);

impl<const N: usize> Readable for Reader<[NonZeroU64; N]>
where
    [NonZeroU64; N]: seqcopy::Validate,
{
    fn open(path: &Path) -> Option<Self> {
        Reader::open(path).ok()
    }
    fn read(&self, _: &mut Vec<u64>) -> Result<bool, ReadValueError> {
        Reader::read(self).map(|all| same(all.map(NonZeroU64::get)))
    }
    fn wait(&self) -> bool {
        Reader::wait(self, self.version(), WAIT)
    }
}

impl Readable for Reader<[u64]> {
    fn open(path: &Path) -> Option<Self> {
        Reader::open(path).ok()
    }
    fn read(&self, buf: &mut Vec<u64>) -> Result<bool, ReadValueError> {
        self.read_to_vec(buf)?;
        Ok(buf.first().is_some_and(|first| buf.len() as u64 == 1000 + first % 3000) && same(buf.iter().copied()))
    }
    fn wait(&self) -> bool {
        Reader::wait(self, self.version(), WAIT)
    }
}

impl Readable for MapReader<u64, [u64; 8]> {
    fn open(path: &Path) -> Option<Self> {
        MapReader::open(path).ok()
    }
    fn read(&self, buf: &mut Vec<u64>) -> Result<bool, ReadValueError> {
        MapReader::read(self, |view| {
            buf.clear();
            for key in [0, 77, KEYS - 1] {
                buf.extend(view.get(&key)?.unwrap_or_default());
            }
            // The first generation is empty.
            Ok(view.generation() == Version::from_bits(1) || same(buf.iter().copied()))
        })
    }
    fn wait(&self) -> bool {
        MapReader::wait(self, self.generation(), WAIT)
    }
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.ino())
}

/// Reads until all is over; the last of the reading processes only waits.
fn read<R: Readable>(path: &Path, slot: usize, shared: &Shared) {
    let mut buf = Vec::new();
    while !shared.is_over.load(Relaxed) {
        let Some(region) = R::open(path) else {
            std::thread::yield_now();
            continue;
        };
        let opened = inode(path);
        shared.open[slot].store(opened, Relaxed);
        for looks in 1u64.. {
            if slot == 2 {
                let _ = region.wait();
            }
            match region.read(&mut buf) {
                Ok(true) => _ = shared.reads.fetch_add(1, Relaxed),
                Ok(false) => _ = shared.torn.fetch_add(1, Relaxed),
                Err(ReadValueError::Invalid(_)) => _ = shared.invalid.fetch_add(1, Relaxed),
                Err(ReadValueError::Truncated) => {
                    shared.truncated.fetch_add(1, Relaxed);
                    break;
                }
                Err(ReadValueError::Closed) => {
                    shared.closed.fetch_add(1, Relaxed);
                    break;
                }
                Err(
                    ReadValueError::NoValue(ReadError::Empty | ReadError::Busy | ReadError::Torn)
                    | ReadValueError::WriterGone,
                ) => {}
                Err(error) => panic!("{error}"),
            }
            let is_gone = looks % 16 == 0 && inode(path) != opened;
            if shared.is_over.load(Relaxed) || is_gone || slot == 2 && inode(path) != opened {
                break;
            }
        }
        shared.open[slot].store(0, Relaxed);
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Small,
    Single,
    Latch,
    Slice,
    Map,
}

#[allow(clippy::large_enum_variant)] // one of them
enum Written {
    Small(Writer<Small>),
    Large(Writer<Large>),
    Slice(Writer<[u64]>),
    Map(MapWriter<u64, [u64; 8]>),
}

impl Written {
    fn create(kind: Kind, path: &Path) -> Option<Written> {
        match kind {
            Kind::Small => Writer::create(path).ok().map(Written::Small),
            Kind::Single => Options::new().buffers(1).create(path).ok().map(Written::Large),
            Kind::Latch => Options::new().buffers(4).create(path).ok().map(Written::Large),
            Kind::Slice => Options::new().capacity(4096).create(path).ok().map(Written::Slice),
            Kind::Map => MapWriter::create(path, 1000).ok().map(Written::Map),
        }
    }

    /// Whether it was written; otherwise the writer was told that its pages are gone.
    fn write(&mut self, n: u64) -> bool {
        let value = NonZeroU64::new(n).expect("from 1 on");
        let written = match self {
            Written::Small(writer) => writer.write([value; 4]),
            Written::Large(writer) => {
                let value: Box<Large> = vec![value; 4096].try_into().unwrap();
                writer.write_from(&value)
            }
            Written::Slice(writer) => {
                writer.write_from(&vec![n; usize::try_from(1000 + n % 3000).unwrap()]).map_err(|error| match error {
                    ChangeError::Truncated => WriteError::Truncated,
                    error => panic!("{error}"),
                })
            }
            Written::Map(writer) => writer.commit(|batch| (0..KEYS).for_each(|key| _ = batch.insert(key, [n; 8]))),
        };
        if n % 4 == 0 {
            match self {
                Written::Small(writer) => writer.wake(),
                Written::Large(writer) => writer.wake(),
                Written::Slice(writer) => writer.wake(),
                Written::Map(writer) => writer.wake(),
            }
        }
        written.map_err(|error| assert_eq!(error, WriteError::Truncated)).is_ok()
    }
}

fn write(kind: Kind, path: &Path, shared: &Shared) {
    let mut n = 0;
    while !shared.is_over.load(Relaxed) {
        let Some(mut writer) = Written::create(kind, path) else {
            std::thread::yield_now();
            continue;
        };
        let created = inode(path);
        while !shared.is_over.load(Relaxed) {
            n += 1;
            if !writer.write(n) {
                shared.told.fetch_add(1, Relaxed);
                // So that the next one is created.
                if inode(path) == created {
                    let _ = fs::remove_file(path);
                }
                break;
            }
            if n % 16 == 0 {
                // It may have been removed before `created` was asked for.
                let now = inode(path);
                if now != created || now == 0 {
                    break;
                }
                std::thread::yield_now();
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Harm {
    /// Truncated where a page begins.
    Page,
    Unlink,
    Chmod,
    /// Truncated anywhere, extended again, or with holes: no signal, but zeros.
    Anywhere,
    Extend,
    Punch,
}

/// One step of a generator of numbers.
fn next(random: &mut u64, below: u64) -> u64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*random >> 33) % below.max(1)
}

fn harm(how: Harm, path: &Path, random: &mut u64) -> Option<()> {
    let file = fs::File::options().write(true).open(path).ok()?;
    let len = file.metadata().ok()?.len();
    let pages = len.div_ceil(4096);
    let page = 4096 * next(random, pages);
    match how {
        Harm::Page => truncate(path, page),
        Harm::Anywhere => file.set_len(next(random, len)).ok()?,
        Harm::Extend => {
            file.set_len(page).ok()?;
            file.set_len(len).ok()?;
        }
        Harm::Punch => {
            let mode =
                nix::fcntl::FallocateFlags::FALLOC_FL_PUNCH_HOLE | nix::fcntl::FallocateFlags::FALLOC_FL_KEEP_SIZE;
            nix::fcntl::fallocate(&file, mode, i64::try_from(page).ok()?, 4096).ok()?;
        }
        Harm::Chmod => fs::set_permissions(path, fs::Permissions::from_mode(0o0)).ok()?,
        Harm::Unlink => {}
    }
    Some(())
}

fn race(place: &Place, kind: Kind, hows: &[Harm], rounds: u64) -> &'static Shared {
    let path: PathBuf = place.at(&format!("{kind:?}"));
    let shared = Shared::new();
    let mut children = vec![forked(|| write(kind, &path, shared))];
    for slot in 0..3 {
        children.push(forked(|| match kind {
            Kind::Small => read::<Reader<Small>>(&path, slot, shared),
            Kind::Single | Kind::Latch => read::<Reader<Large>>(&path, slot, shared),
            Kind::Slice => read::<Reader<[u64]>>(&path, slot, shared),
            Kind::Map => read::<MapReader<u64, [u64; 8]>>(&path, slot, shared),
        }));
    }
    let (mut done, mut random) = (0, 7 + kind as u64);
    while done < rounds {
        for child in &children {
            assert_eq!(waitpid(*child, Some(nix::sys::wait::WaitPidFlag::WNOHANG)), Ok(WaitStatus::StillAlive));
        }
        let (file, began) = (inode(&path), Instant::now());
        if file == 0 {
            std::thread::yield_now();
            continue;
        }
        // Until the readers have it, and now and then the one that waits.
        let wanted = if done % 10 == 0 { 3 } else { 2 };
        let limit = Duration::from_millis(if wanted == 3 { 20 } else { 5 });
        while shared.open[..wanted].iter().any(|it| it.load(Relaxed) != file) && began.elapsed() < limit {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(next(&mut random, if done % 50 == 0 { 3000 } else { 200 })));
        let how = hows[usize::try_from(next(&mut random, hows.len() as u64)).unwrap()];
        if harm(how, &path, &mut random).is_none() {
            continue;
        }
        let (began, limit) = (Instant::now(), Duration::from_micros(next(&mut random, 1500)));
        while shared.open[..2].iter().any(|it| it.load(Relaxed) == file) && began.elapsed() < limit {
            std::thread::yield_now();
        }
        let _ = fs::remove_file(&path);
        done += 1;
    }
    shared.is_over.store(true, Relaxed);
    for child in children {
        assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)), "{kind:?}, {hows:?}");
    }
    let _ = fs::remove_file(&path);
    shared
}

fn rounds(all: u64) -> u64 {
    if seqcopy_tests::is_long() { all } else { all / 1000 }
}

const KINDS: [Kind; 5] = [Kind::Small, Kind::Single, Kind::Latch, Kind::Slice, Kind::Map];

/// 100,000 in the long form.
#[test]
fn no_process_dies_and_nothing_is_torn_where_pages_are_lost() {
    alone("races::no_process_dies_and_nothing_is_torn_where_pages_are_lost", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        for kind in KINDS {
            let shared = race(&place, kind, &[Harm::Page, Harm::Page, Harm::Unlink, Harm::Chmod], rounds(20_000));
            let counts = [&shared.torn, &shared.invalid].map(|it| it.load(Relaxed));
            assert_eq!(counts, [0, 0], "{kind:?}: torn, invalid");
            let [reads, truncated, closed, told] =
                [&shared.reads, &shared.truncated, &shared.closed, &shared.told].map(|it| it.load(Relaxed));
            assert!(reads > 0 && truncated + closed > 0 && told > 0, "{kind:?}");
            println!("{kind:?}: {reads} reads, {truncated} truncated, {closed} closed, {told} writers told");
        }
    });
}

/// No more is promised of these: 5,000 in the long form.
#[test]
fn no_process_dies_where_zeros_lie_under_an_intact_word() {
    alone("races::no_process_dies_where_zeros_lie_under_an_intact_word", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        for kind in KINDS {
            let shared = race(&place, kind, &[Harm::Anywhere, Harm::Extend, Harm::Punch], rounds(1000).max(20));
            let seen = [&shared.reads, &shared.torn, &shared.invalid, &shared.truncated, &shared.closed];
            println!("{kind:?}: reads, torn, invalid, truncated, closed: {:?}", seen.map(|it| it.load(Relaxed)));
        }
    });
}
