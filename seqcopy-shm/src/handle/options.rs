//! [`Options`] are settings for creating a region, and requirements for opening one. The calls that use them are in
//! `by_options`.

use std::time::Duration;

use crate::error::{Error, Uid};
use crate::handle::writable::Plan;
use crate::life::OpenPolicy;
use crate::mapping::RegionLayout;
use crate::schema::Schema;

/// How a region is created, and what is required of one that is opened: of a value, of a slice, or of a map
/// (`create_map` and so on).
///
/// ```
/// use seqcopy_shm::{self as shm, Options};
/// # let path = shm::path_for(&format!("seqcopy-doc-options-{}", std::process::id()));
/// let writer = Options::new().buffers(4).mode(0o600).create::<[u64; 16]>(&path)?;
/// assert_eq!(writer.region().header().buffers(), 4);
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) buffers: u32,
    /// The capacity of a slice; 0 otherwise.
    pub(crate) capacity: usize,
    pub(crate) mode: u32,
    pub(crate) policy: OpenPolicy,
    /// Whether `open_or_create` replaces a region of another type.
    pub(crate) replaces: bool,
    /// Whether `open_or_create` replaces a region with too little space.
    pub(crate) enlarges: bool,
    /// The seed of a map's hash, unless it is random.
    pub(crate) seed: Option<u64>,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) take_over_fd: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            buffers: 2,
            capacity: 0,
            mode: 0o644,
            policy: OpenPolicy::default(),
            replaces: false,
            enlarges: false,
            seed: None,
            #[cfg(any(target_os = "linux", target_os = "android"))]
            take_over_fd: false,
        }
    }
}

impl Options {
    /// A latch of two buffers, readable by all users, writable by its owner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many buffers the region has.
    ///
    /// * 1 is a single buffer, the smallest region: reads fail during a write, and there is no value after a writer
    ///   that died in the middle of one.
    /// * 2, 4, 8, .. is a latch: an attempt fails only if `buffers - 1` writes are finished while it copies. Use 4 if
    ///   writes are frequent. The last values remain in the file, as many as there are buffers.
    ///
    /// Other numbers are refused when the region is created.
    #[must_use]
    pub fn buffers(mut self, buffers: u32) -> Self {
        self.buffers = buffers;
        self
    }

    /// For how many elements a region of a slice has space, 1 to 4294967295. There is no default. A region with one
    /// value ignores it.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options};
    /// # let path = shm::path_for(&format!("seqcopy-doc-capacity-{}", std::process::id()));
    /// let mut writer = Options::new().capacity(1000).buffers(4).create::<[f32]>(&path)?;
    /// writer.write_from(&[0.5; 600]).unwrap();
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn capacity(mut self, elements: usize) -> Self {
        self.capacity = elements;
        self
    }

    /// The permissions of the file. For a file at a path, those of the umask are taken away. A memfd has no path, but a
    /// process that has a descriptor of it can reopen it (`/proc/self/fd`) as far as these permissions allow. Readers
    /// do that, so with `0o600` readers of other users can't.
    ///
    /// More than `0o777` is refused when the region is created. So is what was meant to be octal and was not written
    /// so, but for a few: `644` is `0o1204`.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options};
    /// let path = shm::path_for(&format!("seqcopy-doc-mode-{}", std::process::id()));
    /// let error = Options::new().mode(644).create::<u32>(&path).unwrap_err();
    /// assert!(error.to_string().ends_with("at most 777 in octal, such as `Options::mode(0o644)`, found 1204 in octal"));
    /// # assert!(!path.exists());
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Whether another process may take over a memfd ([`Writer::take_over_fd`](crate::Writer::take_over_fd)) when its
    /// writer has ended; not by default.
    ///
    /// Such a memfd is not sealed against writing: every process of the same user, and of users that
    /// [`mode`](Self::mode) lets write, can then write it at any time, even by a descriptor that it was sent to read
    /// with.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, ErrorKind, Options, Writer};
    /// let sealed = Options::new().create_memfd::<u32>("sealed")?;
    /// let error = Writer::<u32>::take_over_fd(sealed.share()?).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::WriteSealed));
    ///
    /// let writer = Options::new().allow_take_over_fd(true).create_memfd::<u32>("handed on")?;
    /// let descriptor = writer.share()?;
    /// drop(writer);
    /// Writer::<u32>::take_over_fd(descriptor)?.write(5).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[must_use]
    pub fn allow_take_over_fd(mut self, allow: bool) -> Self {
        self.take_over_fd = allow;
        self
    }

    /// Opens only files that belong to `owner` or to root, and that no other user may write. [`Uid::effective`] stands
    /// for this process's user. Applies to [`open`](Self::open), [`open_region`](Self::open_region),
    /// [`open_file`](Self::open_file), [`open_file_region`](Self::open_file_region), [`take_over`](Self::take_over),
    /// [`open_or_create`](Self::open_or_create), and those of maps.
    ///
    /// In `/dev/shm` every user may create files, so another user can be the first to take a name. It could then forge
    /// values for readers, read those of a writer that takes the file over, and kill either by truncating the file.
    /// Owner and permissions are checked by the descriptor of the opened file, before it is mapped, so the file can't
    /// be replaced in between.
    ///
    /// A symbolic link at the end of the path is refused too, and a file that has several names (hard links): another
    /// user's link could lead to a different region of the right owner. Without `require_owner` links are followed,
    /// because `/proc/self/fd/3` is one, and because most systems refuse to follow other users' links in such
    /// directories (`protected_symlinks`). On the way to the file, a link is followed if root or this process's user
    /// has made it (on other systems than Linux, any link). [`create`](Self::create) trusts the directories of its
    /// path.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, ErrorKind, Options, Uid};
    /// # let path = shm::path_for(&format!("seqcopy-doc-owner-{}", std::process::id()));
    /// let mine = Options::new().require_owner(Uid::effective());
    /// let mut writer = mine.create::<u32>(&path)?;
    /// writer.write(5).unwrap();
    /// let reader = mine.open::<u32>(&path)?;
    /// assert_eq!(reader.read(), Ok(5));
    ///
    /// // A service that runs as another user, which has created nothing here.
    /// # #[cfg(unix)] {
    /// let services = Options::new().require_owner(Uid::from_raw(4_000_000));
    /// # if Uid::effective() != Uid::ROOT {
    /// let error = services.open::<u32>(&path).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::Owner { .. }));
    /// # }}
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn require_owner(mut self, owner: Uid) -> Self {
        self.policy.owner = Some(owner);
        self
    }

    /// How long a reader waits for its region if that is not there yet, or is closed: zero by default, which is one
    /// look. For programs that may start before the one that creates the region. Looks every 5 ms, and at once when it
    /// is called.
    ///
    /// Any other error is returned at once, for example if the region has another type.
    /// [`open_region`](Self::open_region) and [`open_file_region`](Self::open_file_region) open a closed region, so
    /// they wait only if there is no file. Calls that write don't wait, and neither does
    /// [`reopen_if_removed`](crate::Reader::reopen_if_removed).
    ///
    /// ```
    /// use std::time::Duration;
    /// use seqcopy_shm::{self as shm, Options, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-wait-for-region-{}", std::process::id()));
    /// # let name = path.clone();
    /// let publisher = std::thread::spawn(move || Writer::open_or_create_with(&name, 5u32));
    /// let reader = Options::new().wait_for_region(Duration::from_secs(10)).open::<u32>(&path)?;
    /// assert_eq!(reader.read(), Ok(5));
    /// # publisher.join().unwrap()?.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn wait_for_region(mut self, time: Duration) -> Self {
        self.policy.time_limit = time;
        self
    }

    /// Whether [`open_or_create`](Self::open_or_create) replaces a region of another type whose writer has ended; not
    /// by default.
    ///
    /// For a program whose type has changed since it was started last. A new region, complete, takes the path of the
    /// old one, which is then closed, so that the path leads to one of them at any moment. Readers of the old one get
    /// [`ReadValueError::Closed`], and take the new one by
    /// [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed). Of several programs that start at the same time
    /// one replaces it. A region that has a writer, and a file that is not a region, are refused as without this; so
    /// are a symbolic link, and a file that has other names, which may be regions elsewhere.
    ///
    /// The directory of the path is opened once, and what follows is done in that, whatever another user does to the
    /// path meanwhile. A link on the way to it is an error unless root or this process's user has made it.
    ///
    /// [`ReadValueError::Closed`]: crate::ReadValueError::Closed
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Reader, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-replace-{}", std::process::id()));
    /// # let write_old = |path| -> Result<(), shm::Error> { Writer::<u32>::create(path)?.write(1).unwrap(); Ok(()) };
    /// write_old(&path)?; // an older program, which wrote a `u32` and was killed
    /// let mut reader = Reader::<u32>::open(&path)?;
    ///
    /// let mut writer = Options::new().replace_other_type(true).open_or_create::<[u32; 2]>(&path)?;
    /// writer.write([1, 2]).unwrap();
    ///
    /// assert_eq!(reader.read(), Err(shm::ReadValueError::Closed));
    /// let error = reader.reopen_if_removed().unwrap_err();
    /// assert!(error.to_string().contains("the type: array of 2 there, u32 here"), "{error}");
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn replace_other_type(mut self, replace: bool) -> Self {
        self.replaces = replace;
        self
    }

    /// Whether [`open_or_create`](Self::open_or_create) replaces a region of a slice that has space for fewer elements
    /// than [`capacity`](Self::capacity) says, whose writer has ended; not by default. One with more space is taken
    /// over as it is, and so is one that holds a value.
    ///
    /// For a program that is started again with a larger capacity. The new region has the last slice, with its version,
    /// before it gets the path; then the old one is closed. So [`Writer::was_created`](crate::Writer::was_created) is
    /// `false`, as of a region that was taken over. A slice that is damaged, or that a writer of a single buffer did
    /// not finish, is not copied: then reads fail until the first write, whose version follows that of the old region.
    /// Otherwise as [`replace_other_type`](Self::replace_other_type); buffers and mode are those of these options.
    /// Meanwhile both take memory.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Reader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-enlarge-{}", std::process::id()));
    /// # let write_old = |path| -> Result<(), shm::Error> { Options::new().capacity(2).create::<[u16]>(path)?.write_from(&[1, 2]).unwrap(); Ok(()) };
    /// write_old(&path)?; // an older program, whose capacity was 2
    /// let mut reader = Reader::<[u16]>::open(&path)?;
    ///
    /// let mut writer = Options::new().capacity(3).replace_smaller(true).open_or_create::<[u16]>(&path)?;
    /// let mut numbers = [0; 3];
    /// assert_eq!(reader.read_to_slice(&mut numbers), Err(shm::ReadValueError::Closed));
    /// assert!(reader.reopen_if_removed()?);
    /// assert_eq!((reader.read_to_slice(&mut numbers), numbers), (Ok(2), [1, 2, 0]));
    /// writer.write_from(&[1, 2, 3]).unwrap();
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn replace_smaller(mut self, replace: bool) -> Self {
        self.enlarges = replace;
        self
    }

    /// What writers record about their program, for programs that write what others made, too: [`Region::writer_mark`]
    /// returns it, also after the writer has ended. 0, which every other writer records, for nothing.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options};
    /// # let path = shm::path_for(&format!("seqcopy-doc-mark-{}", std::process::id()));
    /// let writer = Options::new().mark(7).create::<u64>(&path)?;
    /// assert_eq!(writer.region().writer_mark(), 7);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn mark(mut self, mark: u64) -> Self {
        self.policy.mark = mark;
        self
    }

    /// The plan of a new region for values or slices with this schema.
    pub(crate) fn plan(&self, schema: Schema) -> Result<Plan, Error> {
        let (size, align) = schema.size_and_align();
        let layout = RegionLayout::from_sizes(size, align, self.buffers, schema.as_bytes().len())?;
        Ok(Plan { layout, schema, seed: 0, mark: self.policy.mark })
    }
}
