//! Writes the seeds of the fuzzer: `seeds FOLDER` makes a folder for each target. `seeds --item FILE` prints an input
//! of the target `derive` as the item that it stands for.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let usage = || io::Error::other("seeds FOLDER, or seeds --item FILE");
    let folder = env::args_os().nth(1).ok_or_else(usage)?;
    if folder == "--item" {
        println!("{}", seqcopy_fuzz::item(&fs::read(env::args_os().nth(2).ok_or_else(usage)?)?));
        return Ok(());
    }
    for (target, _) in seqcopy_fuzz::TARGETS {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seqcopy_fuzz::seeds(target).into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
