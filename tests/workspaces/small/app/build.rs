//! Writes the words of words.txt, with their lengths, as a Rust table.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=words.txt");
    println!("cargo::rustc-env=APP_PROFILE={}", env::var("PROFILE")?);
    let mut table = String::from("pub const WORDS: &[(&str, usize)] = &[\n");
    for word in fs::read_to_string("words.txt")?.lines() {
        table += &format!(
            "    ({word:?}, {}),\n",
            itoa::Buffer::new().format(word.len())
        );
    }
    table += "];\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("words.rs"), table)?;
    Ok(())
}
