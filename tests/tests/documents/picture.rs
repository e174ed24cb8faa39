//! Drawings of types: what `cargo run --example layout` prints, and unusual types.
//!
//! To accept a changed drawing: `BLESS=1 cargo test -p seqcopy-tests --test documents picture`, once as it is and once
//! with `RUSTFLAGS="--cfg seqcopy_portable"`, then read the diff.
#![cfg(target_pointer_width = "64")] // the snapshots have pointers and words of 8 bytes

use std::fmt::Write as _;
use std::mem::MaybeUninit;

use seqcopy::layout::AccessKind;
use seqcopy::{SeqCopy, SeqOption};
use seqcopy_tests::{accesses, has_vectors};

#[path = "../../../seqcopy/examples/layout.rs"]
#[allow(dead_code)] // its `main`
mod example;

/// Compares with a file of `tests/tests/snapshots`, or writes it if the environment says so.
fn assert_drawn(name: &str, expected: &str, drawn: &str) {
    let file = format!("{}/tests/documents/snapshots/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    seqcopy_harness::is_as_written(&file, expected, drawn);
}

#[test]
fn example_draws_its_snapshot() {
    // Builds without vectors have other accesses.
    let (name, expected) = if has_vectors() {
        ("layout", include_str!("snapshots/layout.txt"))
    } else {
        ("layout-words", include_str!("snapshots/layout-words.txt"))
    };
    assert_drawn(name, expected, &example::drawing());
}

#[derive(SeqCopy)]
#[repr(C)]
struct Skipping {
    len: u32,
    #[seqcopy(skip)]
    reserved: MaybeUninit<[u8; 12]>,
    links: [Option<&'static u8>; 3],
}

#[derive(SeqCopy)]
#[repr(C)]
struct Nested {
    inner: [[Reading; 2]; 20],
    fallback: SeqOption<SeqOption<u16>>,
    end: u8,
}

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Reading {
    at: u32,
    kind: Kind,
}

#[derive(Clone, Copy, SeqCopy)]
#[repr(i8)]
#[allow(dead_code)]
enum Kind {
    Cold = -1,
    Hot,
}

/// Both variants end in padding, of different lengths; the padding common to both is padding of the enum.
#[derive(SeqCopy)]
#[repr(C, i32)]
#[allow(dead_code)]
enum Ends {
    Early(u8) = -7,
    Late { at: u64, flag: bool },
}

#[derive(SeqCopy)]
#[repr(C, align(128))]
struct Spread {
    value: u32,
}

#[derive(SeqCopy)]
struct Nothing;

#[test]
#[cfg_attr(all(miri, target_arch = "x86_64"), ignore = "only computes, as the native test does")]
fn odd_shapes_draw_their_snapshot() {
    let mut drawn = String::new();
    let layouts = [
        (u16::LAYOUT, 2),
        (<[u8; 7]>::LAYOUT, 4),
        (<[u32; 0]>::LAYOUT, 4),
        (<[Reading; 2]>::LAYOUT, 2),
        (<*const u8>::LAYOUT, 8),
        (Kind::LAYOUT, 1),
        (Nothing::LAYOUT, 1),
        (Skipping::LAYOUT, 8),
        (Nested::LAYOUT, 4),
        (Ends::LAYOUT, 8),
        (Spread::LAYOUT, 128),
    ];
    for (layout, base) in layouts {
        // Writing to a string is infallible.
        let _ = writeln!(drawn, "{}", layout.display(base));
    }
    let (name, expected) = if has_vectors() {
        ("shapes", include_str!("snapshots/shapes.txt"))
    } else {
        ("shapes-words", include_str!("snapshots/shapes-words.txt"))
    };
    assert_drawn(name, expected, &drawn);
}

/// `repr(Rust)`: the compiler chooses the order.
#[derive(SeqCopy)]
#[allow(dead_code)]
struct Reordered {
    small: u8,
    large: u64,
    middle: u16,
    nothing: (),
    pairs: [(u8, u32); 3],
}

/// In every drawing of a struct the rows ascend and cover the type, and each access is counted.
#[test]
#[cfg_attr(all(miri, target_arch = "x86_64"), ignore = "only computes, as the native test does")]
fn rows_account_for_every_byte() {
    for layout in [Nested::LAYOUT, Reordered::LAYOUT, Skipping::LAYOUT] {
        let drawn = layout.display(4).to_string();
        let mut reached = 0;
        for row in drawn.lines().filter(|line| line.starts_with(' ') && !line.trim_start().starts_with("variant")) {
            let mut numbers = row.split_whitespace().map_while(|word| word.parse::<usize>().ok());
            let (offset, size) = (numbers.next().unwrap(), numbers.next().unwrap());
            assert!(offset <= reached, "nothing is drawn between {reached} and {offset}:\n{drawn}");
            reached = reached.max(offset + size);
        }
        assert_eq!(reached, layout.size(), "{drawn}");
        let (vectors, others): (Vec<_>, Vec<_>) =
            accesses(layout, 4).into_iter().partition(|access| access.kind == AccessKind::Vector);
        if !others.is_empty() {
            assert!(drawn.contains(&format!("\n{} accesses at base 4: ", others.len())), "{drawn}");
        }
        if !vectors.is_empty() {
            assert!(drawn.ends_with(&format!(" {} vector bytes\n", vectors.len())) || others.is_empty(), "{drawn}");
            assert!(drawn.contains(&format!("{} vector bytes\n", vectors.len())), "{drawn}");
        }
    }
}

/// What is drawn says what it is, and by which name: a tuple has none.
#[test]
fn the_title_of_a_drawing_is_the_type() {
    fn title<T: SeqCopy>() -> String {
        T::LAYOUT.display(8).to_string().lines().next().expect("a title").to_owned()
    }
    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Named(u8);
    #[derive(Clone, Copy, SeqCopy)]
    #[repr(u8)]
    #[allow(dead_code)]
    enum Tag {
        One,
    }
    for (title, begins) in [
        (title::<u32>(), "u32"),
        (title::<[u8; 3]>(), "[u8; 3]"),
        (title::<(u8, u16)>(), "tuple"),
        (title::<Named>(), "struct Named"),
        (title::<Tag>(), "enum Tag"),
        (title::<SeqOption<u8>>(), "enum SeqOption<u8>"),
    ] {
        let rest = title.strip_prefix(begins).unwrap_or_else(|| panic!("{title} is not of {begins}"));
        assert!(!rest.starts_with(char::is_alphanumeric), "{title}");
    }
}
