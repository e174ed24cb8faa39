//! Lists the public interface of a crate, one item per line, from the JSON of a nightly rustdoc; run by `ci/api.sh`.
//!
//!     seqcopy-api FILE.json
//!
//! It omits the items of trait implementations (they follow from the trait), blanket and derived implementations, auto
//! traits (tests name what may be sent and shared: `tests/tests/locks`, `tests/tests/values/variance.rs`), and traits
//! that the compiler implements for its own use. Exits with 3 if rustdoc wrote a format that this program does not
//! read.

use std::process::ExitCode;
use std::{env, fs};

use public_api::Builder;

/// The JSON format that this version of `public-api` reads.
const FORMAT: u64 = 57;

/// Traits that the compiler implements and that no stable program can name.
const UNNAMEABLE: [&str; 3] =
    ["core::marker::Freeze", "core::marker::StructuralPartialEq", "core::marker::UnsafeUnpin"];

fn main() -> ExitCode {
    let Some(file) = env::args().nth(1) else {
        eprintln!("seqcopy-api FILE.json");
        return ExitCode::from(2);
    };
    match format(&file) {
        Ok(FORMAT) => {}
        Ok(other) => {
            eprintln!("{file} is written in format {other}, this program reads {FORMAT}");
            return ExitCode::from(3);
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    }
    match Builder::from_rustdoc_json(&file)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
    {
        Ok(api) => {
            let items: Vec<String> = api.items().map(ToString::to_string).collect();
            for item in shown(&items) {
                println!("{item}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The format of the file, which is stated at its very end.
fn format(file: &str) -> Result<u64, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let number = text.rsplit_once("\"format_version\":").map(|(_, rest)| rest.trim_end_matches('}').trim());
    number.and_then(|number| number.parse().ok()).ok_or_else(|| "no format_version".to_owned())
}

/// The lines that do not follow from others.
fn shown(items: &[String]) -> Vec<&str> {
    let mut shown = Vec::new();
    // The path prefix of items of the preceding trait implementation.
    let mut inside: Option<String> = None;
    for item in items {
        if let Some((implemented, of)) = implementation(item) {
            inside = Some(format!("{of}::"));
            if !UNNAMEABLE.contains(&implemented) {
                shown.push(&**item);
            }
        } else if item.starts_with("impl") || !inside.as_ref().is_some_and(|inside| item.contains(inside.as_str())) {
            inside = None;
            shown.push(&**item);
        }
    }
    shown
}

/// The trait and the type of `impl<..> Trait for Type where ..`.
fn implementation(item: &str) -> Option<(&str, &str)> {
    let item = item.strip_prefix("unsafe ").unwrap_or(item).strip_prefix("impl")?;
    let (implemented, of) = item.split_once(" for ")?;
    let of = of.split(" where ").next()?;
    // After the generic parameters, in which every space follows a comma or colon.
    let implemented = implemented.trim_start().rsplit("> ").next()?.trim_start_matches('!');
    Some((implemented, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_implementation_is_one_line_and_inherent_methods_are_kept() {
        let items = [
            "pub struct a::Cell<T>",
            "impl<T> a::Cell<T>",
            "pub fn a::Cell<T>::get(&self) -> T",
            "impl<T> core::clone::Clone for a::Cell<T> where T: core::clone::Clone",
            "pub fn a::Cell<T>::clone(&self) -> a::Cell<T>",
            "impl<T> core::marker::Freeze for a::Cell<T>",
            "impl<T> !core::marker::Sync for a::Cell<T>",
            "unsafe impl a::Plain for u8",
            "pub const u8::LAYOUT: a::Layout",
            "pub fn a::free()",
        ]
        .map(str::to_owned);
        assert_eq!(
            shown(&items),
            [
                "pub struct a::Cell<T>",
                "impl<T> a::Cell<T>",
                "pub fn a::Cell<T>::get(&self) -> T",
                "impl<T> core::clone::Clone for a::Cell<T> where T: core::clone::Clone",
                "impl<T> !core::marker::Sync for a::Cell<T>",
                "unsafe impl a::Plain for u8",
                "pub fn a::free()",
            ]
        );
    }
}
