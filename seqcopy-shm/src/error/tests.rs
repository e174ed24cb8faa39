//! What errors say: every kind, against what it carries and each other.

use core::error::Error as _;
use std::collections::BTreeSet;

use super::*;
use crate::untyped::__foreign::{HasStatus as _, Status};
use crate::{ChangeError, ReadValueError, Schema, VersionError, WriteError, WriterState};
use seqcopy::{CapacityError, LengthError, ReadError};

/// All of them, each of the pattern on its left. A kind that is added is missing in the match.
macro_rules! all {
    ($($pattern:pat => [$($kind:expr),+ $(,)?];)*) => {{
        let all = vec![$($($kind),+),*];
        let mut each = all.iter();
        $($(assert!(matches!(each.next(), Some($pattern)), "{}", stringify!($kind));)+)*
        for kind in &all {
            match kind {
                $($pattern => {})*
            }
        }
        all
    }};
}

/// Each says something else, in a sentence without an end, and what it is about.
fn are_told_apart(texts: &[String]) {
    let different: BTreeSet<&String> = texts.iter().collect();
    assert_eq!(different.len(), texts.len(), "{texts:#?}");
    for text in texts {
        assert!(text.len() > 10 && !text.ends_with('.') && text.trim() == text, "{text}");
    }
}

fn versions() -> Vec<VersionError> {
    all! {
        VersionError::Format { .. } => [VersionError::Format { expected: 1, found: 2 }, VersionError::Format { expected: 1, found: 97 }];
        VersionError::Schema { .. } => [VersionError::Schema { expected: 1, found: 98 }];
        VersionError::ByteOrder => [VersionError::ByteOrder];
        VersionError::PointerWidth { .. } => [VersionError::PointerWidth { expected: 8, found: 4 }];
    }
}

fn states() -> Vec<WriterState> {
    all! {
        WriterState::Alive { .. } => [WriterState::Alive { pid: 77 }];
        WriterState::Gone => [WriterState::Gone];
        WriterState::Orphaned { .. } => [WriterState::Orphaned { pid: 78 }];
        WriterState::Held => [WriterState::Held];
        WriterState::Never => [WriterState::Never];
    }
}

fn kinds() -> Vec<ErrorKind> {
    let damaged = || Schema::decode(b"no").unwrap_err();
    let difference = Schema::of::<u8>().difference(&Schema::of::<i8>()).unwrap();
    let states = states();
    all! {
        ErrorKind::Io { .. } => [
            ErrorKind::Io { doing: OPENING, source: io::ErrorKind::NotFound.into() },
            ErrorKind::Io { doing: NAMING, source: io::ErrorKind::NotFound.into() },
            ErrorKind::Io { doing: MAKING, source: io::ErrorKind::PermissionDenied.into() },
            ErrorKind::Io { doing: REPLACING, source: io::ErrorKind::StorageFull.into() },
        ];
        ErrorKind::NotRegularFile => [ErrorKind::NotRegularFile];
        ErrorKind::Header { .. } => [
            ErrorKind::Header { field: MAGIC_BYTES, expected: "ex1".into(), found: "fo1".into() },
            ErrorKind::Header { field: LENGTH, expected: "ex2".into(), found: "fo2".into() },
            ErrorKind::Header { field: "number of buffers", expected: "ex3".into(), found: "fo3".into() },
        ];
        ErrorKind::Truncated { .. } => [ErrorKind::Truncated { expected: 71, found: 72 }];
        ErrorKind::Version(_) => [ErrorKind::Version(VersionError::ByteOrder)];
        ErrorKind::Schema(_) => [ErrorKind::Schema(damaged())];
        ErrorKind::Fingerprint { .. } => [ErrorKind::Fingerprint { header: 0x73, schema: 0x74 }];
        ErrorKind::Type(_) => [ErrorKind::Type(difference)];
        ErrorKind::Hole { .. } => [ErrorKind::Hole { at: 75 }];
        ErrorKind::HugePages => [ErrorKind::HugePages];
        ErrorKind::Unsealed => [ErrorKind::Unsealed];
        ErrorKind::WriteSealed => [ErrorKind::WriteSealed];
        ErrorKind::Exists { .. } => [
            ErrorKind::Exists { is_region: true, owner: None },
            ErrorKind::Exists { is_region: false, owner: None },
            ErrorKind::Exists { is_region: true, owner: Some(Uid::of(4_000_000)) },
        ];
        ErrorKind::Owner { .. } => [ErrorKind::Owner { found: Uid::of(761), required: Uid::of(762) }];
        ErrorKind::Permissions { .. } => [ErrorKind::Permissions { mode: 0o646 }];
        ErrorKind::SymbolicLink => [ErrorKind::SymbolicLink];
        ErrorKind::HardLinks => [ErrorKind::HardLinks];
        ErrorKind::Writer(_) => [
            ErrorKind::Writer(states[0]), ErrorKind::Writer(states[1]), ErrorKind::Writer(states[2]), ErrorKind::Writer(states[3]),
        ];
        ErrorKind::AlreadyWriter => [ErrorKind::AlreadyWriter];
        ErrorKind::Closed => [ErrorKind::Closed];
        ErrorKind::Forked => [ErrorKind::Forked];
    }
}

#[test]
#[cfg_attr(miri, ignore = "asks whether there is a `/proc`")]
fn every_kind_says_what_was_found() {
    let (states, kinds) = (states(), kinds());
    let sources: Vec<Option<String>> = kinds
        .iter()
        .map(|kind| match kind {
            ErrorKind::Io { source, .. } => Some(source.to_string()),
            ErrorKind::Version(error) => Some(error.to_string()),
            ErrorKind::Schema(error) => Some(error.to_string()),
            _ => None,
        })
        .collect();
    let errors: Vec<Error> = kinds.into_iter().map(Error::from).collect();
    for (error, source) in errors.iter().zip(sources) {
        assert_eq!(error.source().map(ToString::to_string), source, "{error}");
    }
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    for error in errors.into_iter().map(|error| error.at(Path::new("/a/b"))) {
        assert_eq!(
            (error.path(), error.to_string().starts_with("`/a/b`: ")),
            (Some(Path::new("/a/b")), true),
            "{error}"
        );
    }
    are_told_apart(&texts);
    // What they carry is there.
    let all = texts.join("\n");
    for number in [
        "ex1",
        "fo1",
        "ex2",
        "fo2",
        "ex3",
        "fo3",
        "71",
        "72",
        "0x0000000000000073",
        "0x0000000000000074",
        "75",
        "761",
        "762",
        "646",
        "77",
        "78",
    ] {
        assert!(all.contains(number), "{number} in {all}");
    }
    are_told_apart(&states.iter().map(|state| format!("the writer is {state}")).collect::<Vec<_>>());
    let versions = versions();
    are_told_apart(&versions.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(versions[1].to_string().contains("97") && versions[2].to_string().contains("98"));
}

fn of_invalid() -> seqcopy::InvalidValue {
    let mut bits = seqcopy::MaybeInvalid::<bool>::zeroed();
    // SAFETY: the byte of the value, which may be any.
    unsafe { bits.as_mut_ptr().cast::<u8>().write(7) };
    bits.validate().unwrap_err()
}

fn reads() -> Vec<ReadValueError> {
    let (length, capacity, of_invalid) = (LengthError::new(3, 2), CapacityError::new(5, 4), of_invalid());
    all! {
        ReadValueError::NoValue(_) => [ReadValueError::NoValue(ReadError::Busy), ReadValueError::NoValue(ReadError::Torn), ReadValueError::NoValue(ReadError::Empty)];
        ReadValueError::Invalid(_) => [ReadValueError::Invalid(of_invalid)];
        ReadValueError::Closed => [ReadValueError::Closed];
        ReadValueError::WriterGone => [ReadValueError::WriterGone];
        ReadValueError::Truncated => [ReadValueError::Truncated];
        ReadValueError::Length(_) => [ReadValueError::Length(length)];
        ReadValueError::Capacity(_) => [ReadValueError::Capacity(capacity)];
        ReadValueError::SeveralBuffers => [ReadValueError::SeveralBuffers];
        ReadValueError::Forked => [ReadValueError::Forked];
        ReadValueError::IsMap => [ReadValueError::IsMap];
    }
}

fn changes() -> Vec<ChangeError> {
    let (capacity, of_invalid) = (CapacityError::new(5, 4), of_invalid());
    all! {
        ChangeError::Capacity(_) => [ChangeError::Capacity(capacity)];
        ChangeError::Full => [ChangeError::Full];
        ChangeError::Forked => [ChangeError::Forked];
        ChangeError::Truncated => [ChangeError::Truncated];
        ChangeError::Invalid(_) => [ChangeError::Invalid(of_invalid)];
    }
}

/// Errors of reads and writes: those that say the same carry the same words.
#[test]
fn reads_and_writes_fail_with_words_of_their_own() {
    let reads = reads();
    are_told_apart(&reads.iter().map(ToString::to_string).collect::<Vec<_>>());
    let length = LengthError::new(3, 2);
    assert_eq!(ReadValueError::from(length), ReadValueError::Length(length));
    let changes = changes();
    are_told_apart(&changes.iter().map(ToString::to_string).collect::<Vec<_>>());
    let writes = [WriteError::Forked, WriteError::Truncated];
    for write in writes {
        assert_eq!(ChangeError::from(write).to_string(), write.to_string());
    }
    let bytes = all! {
        BytesError::NotRead(_) => [BytesError::NotRead(ReadValueError::Closed)];
        BytesError::NotWritten(_) => [BytesError::NotWritten(ChangeError::Full), WriteError::Forked.into()];
        BytesError::Invalid(_) => [BytesError::Invalid("why it is not".into())];
    };
    let expected = [ReadValueError::Closed.to_string(), ChangeError::Full.to_string(), WriteError::Forked.to_string()];
    let texts: Vec<String> = bytes.iter().map(ToString::to_string).collect();
    assert!(texts[..3] == expected && texts[3] == "why it is not", "{texts:?}");
}

/// What the page says of each error, in C and so in Python: its rows, and no others.
#[test]
fn each_error_has_the_status_of_the_table() {
    let page = include_str!("../../docs/guide/other-languages.md");
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, status, class, errors, _] = columns[..] else { return None };
        let status = status.strip_prefix('`')?.strip_suffix('`')?;
        Some((status, class, errors.split('`').skip(1).step_by(2).collect::<Vec<_>>()))
    };
    let lines = page.lines().skip_while(|line| !line.starts_with("| C: ")).take_while(|line| line.starts_with('|'));
    let table: Vec<_> = lines.filter_map(row).collect();
    assert_eq!(table.len(), Status::ALL.len(), "{table:?}");

    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    let mut add = |status: Status, name: &str| {
        // `HasWriter` is HAS_WRITER.
        let upper = format!("{status:?}").chars().enumerate().fold(String::new(), |text, (at, c)| {
            text + if at > 0 && c.is_uppercase() { "_" } else { "" } + &c.to_uppercase().to_string()
        });
        found.insert((upper, name.to_owned()));
    };
    let cut_off = ErrorKind::Io { doing: OPENING, source: io::ErrorKind::UnexpectedEof.into() };
    let mut of_version_2 = Schema::of::<u8>().as_bytes().to_vec();
    of_version_2[8 + "seqcopy schema ".len()] = b'2';
    let other = ErrorKind::Schema(Schema::decode(&of_version_2).unwrap_err());
    for error in kinds().into_iter().chain([cut_off, other]).map(Error::from) {
        let name = format!("{:?}", error.kind());
        add(error.status(), name.split(|c: char| !c.is_alphanumeric()).next().unwrap());
    }
    macro_rules! named {
        ($($kind:ident::$name:ident $(($value:expr))?),+ $(,)?) => {$(
            add(BytesError::from($kind::$name $(($value))?).status(), concat!(stringify!($kind), "::", stringify!($name)));
        )+};
    }
    let (length, capacity, invalid) = (LengthError::new(3, 2), CapacityError::new(5, 4), of_invalid());
    named! {
        ReadValueError::Invalid(invalid), ReadValueError::Closed, ReadValueError::WriterGone, ReadValueError::Truncated,
        ReadValueError::Length(length), ReadValueError::Capacity(capacity), ReadValueError::SeveralBuffers, ReadValueError::Forked,
        ReadValueError::IsMap, ChangeError::Capacity(capacity), ChangeError::Full, ChangeError::Forked, ChangeError::Truncated,
        ChangeError::Invalid(invalid), BytesError::Invalid("why".to_owned()),
    }
    for (error, name) in [(ReadError::Busy, "Busy"), (ReadError::Torn, "Torn"), (ReadError::Empty, "Empty")] {
        add(BytesError::from(ReadValueError::from(error)).status(), &format!("ReadError::{name}"));
    }
    let rows = table
        .iter()
        .flat_map(|(status, _, errors)| errors.iter().map(|error| ((*status).to_owned(), (*error).to_owned())));
    assert_eq!(found, rows.collect());
}

/// Every message, whole, as Rust says it, and below it C and Python where they say something else. `BLESS=1 cargo test
/// -p seqcopy-shm --lib error::tests` writes the file: read the difference.
#[test]
#[cfg_attr(miri, ignore = "a message depends on what the system has")]
fn what_is_said_is_what_was_said() {
    use crate::untyped::__foreign::{Language, message};
    let mut texts: Vec<String> = kinds().into_iter().map(|kind| Error::from(kind).to_string()).collect();
    let of_type = kinds().into_iter().filter(|kind| matches!(kind, ErrorKind::Type(_)));
    texts.extend(of_type.map(|kind| Error::from(kind).with_dead_writer().to_string()));
    let reasons = [
        io::ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::ReadOnlyFilesystem,
        io::ErrorKind::StorageFull,
        io::ErrorKind::Other,
    ];
    for doing in [OPENING, REOPENING, MAKING, NAMING, REPLACING, "seal it"] {
        let errors = reasons.map(|source| Error::from(ErrorKind::Io { doing, source: source.into() }));
        texts.extend(errors.map(|error| error.at(Path::new("/a/b")).to_string()));
    }
    for (kind, path) in [(io::ErrorKind::NotFound, ""), (io::ErrorKind::Other, "")] {
        texts.push(Error::from(ErrorKind::Io { doing: OPENING, source: kind.into() }).at(Path::new(path)).to_string());
    }
    texts.extend(states().iter().map(|state| format!("writer: {state}")));
    texts.push(schema::<[u8]>().unwrap_err().to_string());
    texts.extend(reads().iter().map(ToString::to_string));
    texts.extend(changes().iter().map(ToString::to_string));
    let mut now = String::new();
    for text in texts {
        now.extend([&text, "\n"]);
        for (name, language) in [("C", Language::C), ("Python", Language::Python)] {
            let said = message(language, &text);
            if said != text {
                now.extend(["    ", name, ": ", &said, "\n"]);
            }
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/error/messages.txt");
    seqcopy_harness::is_as_written(file, include_str!("messages.txt"), &now);
}

/// The schema of a region with space for no element.
fn schema<T: crate::value::Payload + ?Sized>() -> Result<crate::schema::Schema, Error> {
    T::schema(0)
}

/// No name of Rust is in a message to C or Python, and each that is replaced is in some message.
#[test]
#[cfg_attr(miri, ignore = "a message depends on what the system has")]
fn messages_name_what_the_language_has() {
    use crate::untyped::__foreign::{Language, NAMES, message};
    let capacity = CapacityError::new(5, 4);
    let mut all: Vec<Error> = kinds().into_iter().map(Error::from).collect();
    let refused = io::ErrorKind::PermissionDenied;
    all.push(ErrorKind::Io { doing: MAKING, source: refused.into() }.into());
    all.push(
        Error::from(ErrorKind::Io { doing: OPENING, source: io::ErrorKind::NotFound.into() })
            .at(std::path::Path::new("")),
    );
    all.extend(
        kinds()
            .into_iter()
            .filter(|kind| matches!(kind, ErrorKind::Type(_)))
            .map(|kind| Error::from(kind).with_dead_writer()),
    );
    all.extend([(1, 2), (2, 1)].map(|(expected, found)| VersionError::Format { expected, found }.into()));
    all.push(schema::<[u8]>().unwrap_err());
    let mut texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    texts.extend([ChangeError::Full, ChangeError::Capacity(capacity)].map(|error| error.to_string()));
    texts.extend([ReadValueError::IsMap, ReadError::Busy.into()].map(|error: ReadValueError| error.to_string()));
    for [name, ..] in NAMES {
        assert!(texts.iter().any(|text| text.contains(name)), "{name} is in no message");
    }
    for text in &texts {
        let [c, python] = [Language::C, Language::Python].map(|language| message(language, text));
        for (said, words) in [
            (&c, &["::", "Options", "path_for", "Reader", "Writer", "FileMap"][..]),
            (&python, &["::", "Options", "path_for", "FileMap"]),
        ] {
            let quoted = said.split('`').skip(1).step_by(2).filter(|quoted| !quoted.starts_with('/'));
            for quoted in quoted {
                assert!(!words.iter().any(|word| quoted.contains(word)), "{said}");
            }
            assert!(!said.contains("  ") && !said.contains(" ,"), "{said}");
        }
    }
    assert_eq!(message(Language::C, &"plain"), "plain");
}
