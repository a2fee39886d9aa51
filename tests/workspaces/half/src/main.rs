//! `half` says its version, `half selftest` checks its dependencies.

mod checks;
mod more_checks;

use std::process::ExitCode;

pub type Error = Box<dyn std::error::Error>;

/// A dependency, a computation with it, and the only right result.
pub struct Check(&'static str, fn() -> Result<String, Error>, &'static str);

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    match command.as_deref() {
        None => println!("half {}", env!("CARGO_PKG_VERSION")),
        Some("selftest") => {
            if let Err(error) = selftest() {
                eprintln!("half: {error}");
                return ExitCode::FAILURE;
            }
        }
        Some(_) => {
            eprintln!("usage: half [selftest]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Prints a line for each check and ends at the first wrong result.
fn selftest() -> Result<(), Error> {
    for Check(name, run, want) in checks::ALL.iter().chain(more_checks::ALL) {
        let got = run().map_err(|error| format!("{name}: {error}"))?;
        if got != *want {
            return Err(format!("{name}: got {got:?}, want {want:?}").into());
        }
        println!("{name}: ok");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_check_passes() {
        super::selftest().unwrap();
    }
}
