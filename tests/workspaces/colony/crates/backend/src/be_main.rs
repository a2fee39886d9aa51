//! The backend of the colony: `backend [HOST PORT] MODE`, `backend healthcheck [PORT]`,
//! `backend selftest`.

mod checks;
mod stream_checks;

use shared::selftest::{self, Check, Result};
use shared::service::{healthcheck, Service};
use shared::settings::Settings;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};

const NAME: &str = "backend";
const USAGE: &str = "usage: backend [HOST PORT] aws|localhost\n       \
                     backend healthcheck [PORT]\n       \
                     backend selftest";

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["selftest"] => selftest::run(&all_checks(), |name| println!("{name}: ok"))
            .await
            .map(drop),
        ["healthcheck"] => check_health(None).await,
        ["healthcheck", port] => check_health(Some(port)).await,
        [mode @ ("aws" | "localhost")] => run(None, mode).await,
        [host, port, mode @ ("aws" | "localhost")] => run(Some((host, port)), mode).await,
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{NAME}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn all_checks() -> Vec<Check> {
    let mut checks = shared::checks::all();
    checks.extend(checks::all());
    checks.extend(stream_checks::all());
    checks
}

async fn check_health(port: Option<&str>) -> Result<()> {
    let port = match port {
        Some(text) => text.parse()?,
        None => Settings::from_env(NAME)?.backend_port,
    };
    healthcheck(NAME, port).await
}

/// Serves until SIGTERM or SIGINT, at the address of the environment unless one is given.
async fn run(address: Option<(&str, &str)>, mode: &str) -> Result<()> {
    let settings = Settings::from_env(NAME)?;
    let (host, port) = match address {
        Some((host, port)) => (host, port.parse()?),
        None => (settings.backend_host.as_str(), settings.backend_port),
    };
    let digest = selftest::run(&all_checks(), |_| {}).await?;
    let service = Service::new(NAME, &digest, &settings);
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    let listener = TcpListener::bind((host, port)).await?;
    settings.announce(listener.local_addr()?, mode);
    shared::http::serve(listener, stop, |request| service.answer(request)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn every_check_passes() {
        super::selftest::run(&super::all_checks(), |_| {})
            .await
            .unwrap();
    }
}
