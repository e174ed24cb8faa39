//! Generates that by which programs in C and C++ read regions with a `Quote`. No region is needed for that.

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

#[path = "src/quote.rs"]
mod quote;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("quote.h"), seqcopy_bindgen::c_header::<quote::Quote>()?)?;
    println!("cargo::rerun-if-changed=src/quote.rs");
    Ok(())
}
