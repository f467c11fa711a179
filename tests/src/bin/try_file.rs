//! `try_file FILE…`: loads files that may end the process, looks at all that each holds, and says what came of it, as a
//! text of JSON in a line for each.

use anyhow::Result;
use fuzz_files::attempt::attempt;

fn main() -> Result<()> {
    for path in std::env::args_os().skip(1) {
        println!("{}", serde_json::to_string(&attempt(&std::fs::read(path)?).to_string())?);
    }
    Ok(())
}
