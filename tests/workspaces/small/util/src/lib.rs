//! Checks, and the type which they pass around.

use macros::FieldNames;
use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A dependency, a computation with it, and the only right result.
pub struct Check(
    pub &'static str,
    pub fn() -> Result<String, Error>,
    pub &'static str,
);

/// Prints a line for each check and ends at the first wrong result.
pub fn run(checks: &[Check]) -> Result<(), Error> {
    for Check(name, run, want) in checks {
        let got = run().map_err(|error| format!("{name}: {error}"))?;
        if got != *want {
            return Err(format!("{name}: got {got:?}, want {want:?}").into());
        }
        println!("{name}: ok");
    }
    Ok(())
}

#[derive(Debug, PartialEq, Serialize, Deserialize, FieldNames)]
#[serde(deny_unknown_fields)]
pub struct Crate {
    pub name: String,
    #[serde(default)]
    pub downloads: u64,
}

static SEEN: Lazy<Mutex<Vec<String>>> = Lazy::new(Default::default);

/// Remembers a name for the life of the process; returns how many are known.
pub fn remember(name: &str) -> usize {
    let mut seen = SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !seen.iter().any(|known| known == name) {
        seen.push(name.to_string());
    }
    seen.len()
}
