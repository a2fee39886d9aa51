//! The coordinator of the colony: `coordinator MODE`, `coordinator healthcheck [PORT]`,
//! `coordinator selftest`.

use coordinator::all_checks;
use shared::selftest::{self, Result};
use shared::service::{healthcheck, Service};
use shared::settings::{text, Settings};
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};

const NAME: &str = "coordinator";
const USAGE: &str = "usage: coordinator aws|localhost\n       \
                     coordinator healthcheck [PORT]\n       \
                     coordinator selftest";

#[tokio::main]
async fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["selftest"] => selftest::run(&all_checks(), |name| println!("{name}: ok"))
            .await
            .map(drop),
        ["healthcheck"] => check_health(None).await,
        ["healthcheck", port] => check_health(Some(port)).await,
        [mode @ ("aws" | "localhost")] => run(mode).await,
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

async fn check_health(port: Option<&str>) -> Result<()> {
    let port = match port {
        Some(text) => text.parse()?,
        None => Settings::from_env(NAME)?.coordinator_port,
    };
    healthcheck(NAME, port).await
}

/// Serves until SIGTERM or SIGINT.
async fn run(mode: &str) -> Result<()> {
    let settings = Settings::from_env(NAME)?;
    let digest = selftest::run(&all_checks(), |_| {}).await?;
    let service = Service::new(NAME, &digest, &settings);
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => log::info!("SIGTERM"),
            _ = tokio::signal::ctrl_c() => log::info!("SIGINT"),
        }
    };
    // The default of COORDINATOR_HOST is where others look for it; listening is for all of them.
    let host = text("COORDINATOR_HOST", "0.0.0.0");
    let listener = TcpListener::bind((host, settings.coordinator_port)).await?;
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
