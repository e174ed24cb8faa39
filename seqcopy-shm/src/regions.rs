//! Paths and lists of regions. [`path_for`], [`path_for_type`] and [`path_for_user`] make a path; [`regions`],
//! [`regions_in`] and `regions_mapped` find existing regions.

use std::fs;
use std::path::{Path, PathBuf};

use seqcopy::SeqCopy;

use crate::error::{Error, ErrorKind, OPENING, Uid, io};
use crate::handle::Region;
use crate::life::OpenPolicy;
use crate::mapping::{FORMAT, MAP_FORMAT};
use crate::sys::file::{Kind, make_private_directory};
use crate::sys::name::{of_users, shared, status_at};
use crate::value::Unmapped;

/// A file that is a region, or was one before it was damaged.
#[derive(Debug)]
#[non_exhaustive]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// The region, of a value, slices or a map, which is read by system calls; or why it can't be opened. A file that
    /// this user may not read is among them, as it may be a region.
    pub region: Result<Region<Unmapped>, Error>,
}

/// The regions in the directories of [`path_for`](crate::path_for) and [`path_for_user`](crate::path_for_user), in the
/// order of their paths. A directory that can't be read has none.
///
/// ```
/// use seqcopy_shm::{self as shm, Writer, regions};
///
/// # let path = shm::path_for(&format!("seqcopy-doc-regions-{}", std::process::id()));
/// let writer = Writer::<[f64; 3]>::create(&path)?;
/// let found = regions().into_iter().find(|found| found.path == path).expect("it is there");
/// assert_eq!(found.region?.schema().layout().type_name().to_string(), "[f64; 3]");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[must_use]
pub fn regions() -> Vec<Found> {
    in_directories(&directories())
}

/// The regions in both directories, which may be the same.
fn in_directories(both: &[PathBuf; 2]) -> Vec<Found> {
    let [first, second] = both.each_ref().map(|path| status_at(path, false).map(|there| there.id).ok());
    let is_one = first.is_some() && first == second;
    let mut all: Vec<Found> = both[usize::from(is_one)..].iter().flat_map(regions_in).flatten().collect();
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all
}

/// The regions in a directory, not in those below it, in the order of their paths.
///
/// No file is mapped, and none is opened that is not a regular one: to open a device or a pipe may do something.
///
/// # Errors
/// If the directory can't be read.
///
/// ```
/// # use seqcopy_shm::regions_in;
/// let error = regions_in("/no/such/directory").unwrap_err();
/// assert!(error.to_string().starts_with("`/no/such/directory`: cannot open it"));
/// ```
pub fn regions_in(directory: impl AsRef<Path>) -> Result<Vec<Found>, Error> {
    let directory = directory.as_ref();
    let entries = fs::read_dir(directory).map_err(io(OPENING)).map_err(|error| error.at(directory))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths.into_iter().filter_map(look).collect())
}

/// The regions that processes have mapped, wherever they are, memfds included: as far as this user may look into these
/// processes, so those of its own, or of all for root. One without a name has the path of a descriptor, which is there
/// as long as its process; so has one that its writer alone has mapped, which had no name yet at that time.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, regions_mapped};
///
/// let writer = Options::new().create_memfd::<[u8; 7]>("seqcopy-doc-mapped")?;
/// let mut types = regions_mapped().into_iter().filter_map(|found| Some(found.region.ok()?.schema().layout().type_name().to_string()));
/// assert!(types.any(|name| name == "[u8; 7]"));
/// # Ok::<(), shm::Error>(())
/// ```
#[cfg(any(target_os = "linux", target_os = "android"))]
#[must_use]
pub fn regions_mapped() -> Vec<Found> {
    crate::sys::linux::mapped().into_iter().filter_map(look).collect()
}

/// The file at a path, if it is a region or may be one.
fn look(path: PathBuf) -> Option<Found> {
    // Describes the file that a link leads to, not the link.
    if !fs::metadata(&path).is_ok_and(|there| there.is_file()) {
        return None;
    }
    let region = Region::open_format(&path, OpenPolicy::default(), &[FORMAT, MAP_FORMAT]);
    match &region {
        Err(error) if error.is_no_region() || error.is_not_found() => None,
        _ => Some(Found { path, region }),
    }
}

/// The path of a shared memory object, by its name. On Linux it lies in `/dev/shm`, where the C library's `shm_open`
/// finds it too. Elsewhere such objects have no path, and this is a file in the temporary directory. The name is not
/// checked: one with `..` in it leads elsewhere. A path that is a name without a slash is taken for this one wherever a
/// region is opened or created, as by `shm_open`: a file of the working directory is `./pose`.
///
/// Every user may create files there, so another user may have taken the name: [`path_for_user`] is for programs of one
/// user.
///
/// ```
/// # #[cfg(target_os = "linux")]
/// assert_eq!(seqcopy_shm::path_for("/pose").to_str(), Some("/dev/shm/pose"));
/// ```
#[must_use]
pub fn path_for(name: &str) -> PathBuf {
    shared().join(name.trim_start_matches('/'))
}

/// The path of a shared memory object whose name ends with the fingerprint of a type: programs of two versions, each
/// with its own type, use two regions side by side.
///
/// ```
/// use seqcopy_shm::path_for_type;
///
/// assert_eq!(path_for_type::<u64>("pose"), path_for_type::<u64>("pose"));
/// assert_ne!(path_for_type::<u64>("pose"), path_for_type::<[u64; 2]>("pose"));
/// ```
#[must_use]
pub fn path_for_type<T: SeqCopy>(name: &str) -> PathBuf {
    path_for(&format!("{name}-{:016x}", T::LAYOUT.fingerprint()))
}

/// The path of a region of this user's programs, by its name, in a directory where no other user can create files: so
/// no leftover of another user blocks the name, and no other user can put a region there.
///
/// The directory is the one which `XDG_RUNTIME_DIR` names; else `/run/user/UID` where there is one; else `seqcopy-UID`
/// in the directory of [`path_for`], which this call creates. UID is the number of the effective user. Programs of one
/// user find each other's regions, unless only some of them have that variable, set to another place. The first two
/// directories are usually removed when the user's last session ends.
///
/// # Errors
/// If the directory can't be created, belongs to another user, or may be written by others.
///
/// ```
/// use seqcopy_shm::{path_for_user, Reader, Writer};
///
/// # let name = format!("seqcopy-doc-user-{}", std::process::id());
/// # let name = name.as_str();
/// let writer = Writer::<u64>::create(path_for_user(name)?)?;
/// let reader = Reader::<u64>::open(path_for_user(name)?)?;
/// assert!(reader.read().is_err(), "nothing was written yet");
/// # writer.close()?;
/// # Ok::<(), seqcopy_shm::Error>(())
/// ```
pub fn path_for_user(name: &str) -> Result<PathBuf, Error> {
    let user = Uid::effective();
    let directory = directory_of(user, std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from), &of_users());
    check_is_private(&directory, user).map_err(|error| error.at(&directory))?;
    Ok(directory.join(name.trim_start_matches('/')))
}

/// The directories in which regions are searched by name alone: that of [`path_for`], and that of [`path_for_user`] if
/// it exists.
pub(crate) fn directories() -> [PathBuf; 2] {
    let of_user = directory_of(Uid::effective(), std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from), &of_users());
    [shared(), of_user]
}

fn directory_of(user: Uid, named: Option<PathBuf>, of_users: &Path) -> PathBuf {
    if let Some(directory) = named.filter(|directory| directory.is_absolute()) {
        return directory;
    }
    let directory = of_users.join(user.number());
    if directory.is_dir() { directory } else { shared().join(format!("seqcopy-{}", user.number())) }
}

/// Creates the directory if it is missing, and checks that only this user can access it.
fn check_is_private(directory: &Path, required: Uid) -> Result<(), Error> {
    match make_private_directory(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(io("create it")(error)),
        _ => {}
    }
    // Not through a link, because another user may have made the link.
    let there = status_at(directory, true).map_err(io("query its status"))?;
    if there.kind != Kind::Directory {
        return Err(io("use it as a directory")(crate::sys::file::error(std::io::ErrorKind::NotADirectory)));
    }
    let found = Uid::of(there.owner);
    if found != required {
        return Err(ErrorKind::Owner { found, required }.into());
    }
    let mode = there.mode;
    if mode & 0o022 != 0 { Err(ErrorKind::Permissions { mode }.into()) } else { Ok(()) }
}

#[cfg(all(test, unix, not(miri)))] // directories, and their permissions
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    use super::*;

    #[test]
    fn the_directory_is_that_of_the_session_or_of_the_user() {
        let (user, users) = (Uid::from_raw(4711), std::env::temp_dir().join(format!("paths-{}", std::process::id())));
        let of = |named: Option<&str>| directory_of(user, named.map(PathBuf::from), &users);
        assert_eq!(of(Some("/run/session")), Path::new("/run/session"));
        for named in [None, Some(""), Some("relative")] {
            assert_eq!(of(named), shared().join("seqcopy-4711"));
        }
        fs::create_dir_all(users.join("4711")).unwrap();
        assert_eq!(of(None), users.join("4711"));
        fs::remove_dir_all(users).unwrap();
    }

    #[test]
    fn a_directory_with_two_names_is_listed_once() {
        let place = std::env::temp_dir().join(format!("listed-{}", std::process::id()));
        let [here, there] = ["here", "there"].map(|name| place.join(name));
        fs::create_dir_all(&here).unwrap();
        let writer = crate::Writer::<u32>::create(here.join("region")).unwrap();
        let count = |both: [&Path; 2]| in_directories(&both.map(Path::to_owned)).len();
        assert_eq!((count([&here, &here]), count([&here, &there]), count([&there, &here])), (1, 1, 1));
        symlink(&here, &there).unwrap();
        assert_eq!((count([&here, &there]), count([&there, &here])), (1, 1));
        fs::remove_file(&there).unwrap();
        fs::create_dir(&there).unwrap();
        let other = crate::Writer::<u32>::create(there.join("region")).unwrap();
        assert_eq!(count([&here, &there]), 2);
        writer.close().and_then(|()| other.close()).unwrap();
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_directory_of_other_users_is_refused() {
        let (user, at) = (Uid::effective(), std::env::temp_dir().join(format!("own-{}", std::process::id())));
        check_is_private(&at, user).unwrap();
        assert_eq!(fs::metadata(&at).unwrap().mode() & 0o7777, 0o700);
        check_is_private(&at, user).unwrap();
        let refused = || check_is_private(&at, user).unwrap_err();
        fs::set_permissions(&at, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(refused().kind(), ErrorKind::Permissions { mode: 0o770 }), "{}", refused());
        let mode = |at: &mut PathBuf| fs::metadata(at).unwrap().mode();
        let allow = |at: &mut PathBuf| fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
        seqcopy_harness::fails("path_for_user", &mut at.clone(), |at| check_is_private(at, user), mode, None, allow);
        // A system on which this user may give files away.
        if chown(&at, Some(4711), None).is_ok() {
            assert!(matches!(refused().kind(), ErrorKind::Owner { .. }), "{}", refused());
        }
        fs::remove_dir(&at).unwrap();
        symlink("/tmp", &at).unwrap();
        assert_eq!(refused().to_string(), "cannot use it as a directory: Not a directory (os error 20)");
        fs::remove_file(&at).unwrap();
        assert!(matches!(check_is_private(&at.join("in nothing"), user).unwrap_err().kind(), ErrorKind::Io { .. }));
    }
}
