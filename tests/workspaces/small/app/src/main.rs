//! `app` says its version, `app selftest` checks its dependencies.

mod checks;
mod zlib;

use std::process::ExitCode;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    match command.as_deref() {
        None => {
            println!(
                "app {} ({})",
                env!("CARGO_PKG_VERSION"),
                env!("APP_PROFILE")
            );
            ExitCode::SUCCESS
        }
        Some("selftest") => match util::run(checks::ALL) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("app: {error}");
                ExitCode::FAILURE
            }
        },
        Some(_) => {
            eprintln!("usage: app [selftest]");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::zlib;

    #[test]
    fn every_check_passes() {
        util::run(super::checks::ALL).unwrap();
    }

    #[test]
    fn whatever_is_packed_comes_back() {
        let mut random = fastrand::Rng::with_seed(5);
        for length in [0, 1, 1000, 70_000] {
            let plain: Vec<u8> = (0..length).map(|_| random.u8(..16)).collect();
            let packed = zlib::compress(&plain).unwrap();
            assert_eq!(zlib::uncompress(&packed, length).unwrap(), plain);
        }
    }
}
