//! [`Error`]: why there is no reader.

use std::fmt;

/// Why a reader can't be generated.
///
/// ```
/// use seqcopy_bindgen::{Bindings, Error};
///
/// let error = seqcopy_bindgen::c_header::<[u64; 0]>().unwrap_err();
/// assert_eq!(error.to_string(), "`[u64; 0]` has no bytes, so a program in C has nothing to read: give it a field");
///
/// let error = Bindings::of::<u64>()?.name("int").c_header().unwrap_err();
/// assert!(matches!(&error, Error::Name(name) if name == "int"));
/// assert_eq!(format!("{error:?}"), error.to_string());
/// # Ok::<(), Error>(())
/// ```
#[non_exhaustive]
pub enum Error {
    /// The type, which is named, has no bytes.
    NoBytes(String),
    /// This can't be the name of a C type.
    Name(String),
    /// Rust can't declare such a type, which is named, by what this crate knows of it.
    NotOfRust(String),
    /// Two types, of which Rust would have to declare both, have this name.
    TwoTypes(String),
    /// No region can hold such a type.
    Region(seqcopy_shm::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoBytes(name) => {
                write!(f, "`{name}` has no bytes, so a program in C has nothing to read: give it a field")
            }
            Error::Name(name) => write!(
                f,
                "{name:?} can't be the name of a C type: expected ASCII letters, digits and `_`, with a letter first, and neither a \
                 keyword nor a word that the header uses itself: choose another, such as the type's own"
            ),
            Error::NotOfRust(name) => {
                write!(f, "`{name}` is not laid out as `repr(C)`, or is an enum with fields: declare it by hand")
            }
            Error::TwoTypes(name) => write!(f, "two types are called `{name}`: give one of them another name"),
            Error::Region(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    /// The message, since a `main` that returns an error prints it so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Region(error) => Some(error),
            _ => None,
        }
    }
}

impl From<seqcopy_shm::Error> for Error {
    fn from(error: seqcopy_shm::Error) -> Self {
        Error::Region(error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn each_says_something_else_and_has_its_source() {
        let region = seqcopy_shm::Region::open("/dev/null").map(drop).unwrap_err();
        let said = region.to_string();
        let all = [Error::NotOfRust("A".into()), Error::TwoTypes("A".into()), Error::Region(region)];
        assert_eq!(
            all.each_ref().map(|error| error.source().map(ToString::to_string)),
            [None, None, Some(said.clone())]
        );
        let texts = all.each_ref().map(ToString::to_string);
        assert!(texts[2] == said && texts[0] != texts[1], "{texts:?}");
        assert_eq!(all.map(|error| format!("{error:?}")), texts);
    }
}
