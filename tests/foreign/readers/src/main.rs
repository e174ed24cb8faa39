//! Creates a region, and has programs in C and C++ read it, by what the build script generated before there was a
//! region.

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::process::Command;

use seqcopy_c as _; // for its library
use seqcopy_shm::{Writer, path_for};

mod quote;

const OUT: &str = env!("OUT_DIR");

/// What a program prints, or `None` where it is not installed.
fn prints(command: &mut Command) -> Result<Option<String>, Box<dyn Error>> {
    let Ok(output) = command.output() else {
        println!("==== SKIPPED: {} is not installed ====", command.get_program().display());
        return Ok(None);
    };
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(Some(String::from_utf8(output.stdout)?))
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = path_for(&format!("seqcopy-readers-{}", std::process::id()));
    let mut writer = Writer::create(&path)?;
    writer.write(quote::Quote { open: true, at: 7, bid: 9.5, errno: -3 })?;
    // A user has installed both.
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../seqcopy-c/include");
    let library = std::env::current_exe()?.with_file_name("deps").join("libseqcopy_c.a");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reads.c");
    for (compiler, language, mode) in [("cc", "c", "-std=c11"), ("c++", "c++", "-std=gnu++17")] {
        let exe = Path::new(OUT).join(compiler);
        let mut compile = Command::new(compiler);
        compile.args([mode, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-I", OUT, "-I"]).arg(&include);
        compile.args(["-x", language]).arg(&source).args(["-x", "none"]).arg(&library);
        compile.args(["-lpthread", "-ldl", "-lm", "-o"]).arg(&exe);
        if prints(&mut compile)?.is_some() {
            assert_eq!(prints(Command::new(exe).arg(&path))?.as_deref(), Some("1 7 9.5 -3\n"), "{compiler}");
            println!("readers: {compiler} {mode}: the value that was written");
        }
    }
    writer.close()?;
    Ok(())
}
