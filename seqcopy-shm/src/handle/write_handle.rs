//! [`WriteHandle`] is how every writer creates its region or takes it over.
//!
//! There are four writers: of values and of maps, with a Rust type or with a schema. Each implements what a new region
//! contains, and what the writer itself keeps. Creating, replacing and taking over are here, once for all of them.

use std::path::Path;

use crate::error::Error;
use crate::handle::options::Options;
use crate::handle::region::Region;
use crate::handle::writable::{NewRegion, Plan, Writable, open_or_create};
use crate::life::{Inspected, MappedRegion, OpenPolicy};
use crate::schema::Schema;
use crate::sys::name::Name;

/// A writer of a region. The public calls of each writer forward to these, and to those of [`Writable`].
pub(crate) trait WriteHandle: Sized {
    /// The part of the region's type that `Self` leaves open: nothing, or a schema.
    type Type: ?Sized;
    /// The part of a new region's size that [`Options`] leave open: for maps, the number of entries or slots.
    type Size: Copy;
    /// The format of its region.
    const FORMATS: &'static [u32];

    /// Whether there can be a region of this type. Called before anything else.
    fn check_supported(_of: &Self::Type) -> Result<(), Error> {
        Ok(())
    }

    /// Whether a region with this schema has this type.
    fn check_type(of: &Self::Type, there: &Schema) -> Result<(), Error>;

    /// The plan of a new region.
    fn plan(of: &Self::Type, size: Self::Size, options: &Options) -> Result<Plan, Error>;

    /// Whether the new region would have more space than an existing one.
    fn is_larger(of: &Self::Type, size: Self::Size, options: &Options, there: &Inspected) -> Result<bool, Error> {
        Ok(Self::plan(of, size, options)?.layout.slots > there.header.slots())
    }

    /// Copies the newest value to a larger region.
    ///
    /// # Safety
    /// Both regions have this type. This process writes both, and no other process can find `to` yet.
    unsafe fn copy(of: &Self::Type, from: &MappedRegion, to: &MappedRegion) -> Result<(), Error>;

    /// The writer of a region that was created for this type, or that [`check_type`](Self::check_type) has accepted.
    fn over(region: Writable, of: &Self::Type) -> Result<Self, Error>;

    /// The right to write the region.
    fn writable(&self) -> &Writable;

    /// The right to write the region. Ends this writer.
    fn into_writable(self) -> Writable;

    /// See [`Writer::restore_if_removed`](crate::Writer::restore_if_removed).
    fn restore(&mut self) -> Result<bool, Error>;

    /// Creates a region at a path.
    fn create_at(path: &Path, of: &Self::Type, size: Self::Size, options: &Options) -> Result<Self, Error> {
        Self::check_supported(of)?;
        let prepare = |name: &Name| Self::plan(of, size, options)?.at(name, options.mode);
        Self::over(NewRegion::create(path, prepare)?, of)
    }

    /// Takes over the region at a path if its writer has ended, or creates a region if the path is free. `fill` gives a
    /// new region its first value.
    fn open_or_create_at(
        path: &Path,
        of: &Self::Type,
        size: Self::Size,
        options: &Options,
        fill: impl Fn(&Writable),
    ) -> Result<Self, Error> {
        Self::check_supported(of)?;
        let prepare = |name: &Name| {
            let new = Self::plan(of, size, options)?.at(name, options.mode)?;
            fill(&new.claimed);
            Ok(new)
        };
        let larger = |name: &Name, old: &Writable| {
            if !Self::is_larger(of, size, options, &old.mapping().inspected)? {
                return Ok(None);
            }
            let new = prepare(name)?;
            // SAFETY: the old one was checked, and the new one was created for this type; this process has just claimed
            // both, and the new one has no name yet (I5 one-writer).
            unsafe { Self::copy(of, old.mapping(), new.claimed.mapping()) }?;
            Ok(Some(new))
        };
        let check = |there: &Schema| Self::check_type(of, there);
        let larger = options.enlarges.then_some(&larger as _);
        Self::over(open_or_create(path, options.policy, Self::FORMATS, check, options.replaces, prepare, larger)?, of)
    }

    /// Takes over the region at a path. Its writer must have ended.
    fn take_over_at(path: &Path, of: &Self::Type, policy: OpenPolicy) -> Result<Self, Error> {
        Self::check_supported(of)?;
        Self::over(Writable::take_over(path, policy, Self::FORMATS, |there| Self::check_type(of, there))?, of)
    }

    /// Takes over a region through a descriptor that another process sent.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn take_over_by_fd(file: &crate::sys::Handle, of: &Self::Type) -> Result<Self, Error> {
        Self::check_supported(of)?;
        Self::over(Writable::take_over_fd(file, Self::FORMATS, |there| Self::check_type(of, there))?, of)
    }

    /// Creates a region without a path.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn create_without_path(name: &str, of: &Self::Type, size: Self::Size, options: &Options) -> Result<Self, Error> {
        Self::check_supported(of)?;
        let plan = Self::plan(of, size, options)?;
        Self::over(plan.memfd(name, options.mode, options.take_over_fd)?, of)
    }
}

/// A writer of values or of a map: what Python calls on both alike.
#[doc(hidden)]
pub trait AnyWriter: Send + Sized {
    /// The region of the writer.
    fn region(&self) -> &Region;
    /// Whether the writer has created the region.
    fn was_created(&self) -> bool;
    /// Wakes every thread that waits for the region.
    fn wake(&self);
    /// Puts the region back at its path, if no file is there any more.
    ///
    /// # Errors
    /// The errors of [`Writer::restore_if_removed`](crate::Writer::restore_if_removed).
    fn restore_if_removed(&mut self) -> Result<bool, Error>;
    /// Closes the region, and removes its path.
    ///
    /// # Errors
    /// If the path can't be removed.
    fn close(self) -> Result<(), Error>;
}

impl<W: WriteHandle<Type = Schema> + Send> AnyWriter for W {
    fn region(&self) -> &Region {
        &self.writable().region
    }

    fn was_created(&self) -> bool {
        self.writable().was_created
    }

    fn wake(&self) {
        self.writable().wake();
    }

    fn restore_if_removed(&mut self) -> Result<bool, Error> {
        self.restore()
    }

    fn close(self) -> Result<(), Error> {
        self.into_writable().close()
    }
}
