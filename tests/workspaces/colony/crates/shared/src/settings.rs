//! The environment variables of a container, with their defaults.

use crate::selftest::Result;
use std::env;
use std::net::SocketAddr;

#[derive(Clone, Debug)]
pub struct Settings {
    /// For the log only: which service runs is chosen by the name of the binary.
    pub service_type: String,
    /// Where others find the coordinator.
    pub coordinator_host: String,
    pub coordinator_port: u16,
    /// Where the backend listens.
    pub backend_host: String,
    pub backend_port: u16,
    pub build_version: String,
}

impl Settings {
    /// An unset or empty variable means its default; a port which is no number is an error.
    pub fn from_env(service: &str) -> Result<Settings> {
        Ok(Settings {
            service_type: text("SERVICE_TYPE", service),
            coordinator_host: text("COORDINATOR_HOST", "localhost"),
            coordinator_port: port("COORDINATOR_PORT", 8083)?,
            backend_host: text("BACKEND_HOST", "0.0.0.0"),
            backend_port: port("BACKEND_PORT", 8082)?,
            build_version: text("BUILD_VERSION", "dev"),
        })
    }

    /// Says on stdout that connections to `address` are taken from now on.
    pub fn announce(&self, address: SocketAddr, mode: &str) {
        let (service, version) = (&self.service_type, &self.build_version);
        let coordinator = format!("{}:{}", self.coordinator_host, self.coordinator_port);
        println!("{service} {version} listens on {address} ({mode}), coordinator {coordinator}");
    }
}

/// The value of `name`, unless it is unset or empty.
pub fn text(name: &str, default: &str) -> String {
    let value = env::var(name).unwrap_or_default();
    if value.is_empty() {
        default.to_string()
    } else {
        value
    }
}

fn port(name: &str, default: u16) -> Result<u16> {
    let value = text(name, &default.to_string());
    Ok(value
        .parse()
        .map_err(|_| format!("{name}: not a port: {value}"))?)
}
