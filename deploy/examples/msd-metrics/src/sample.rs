//! The figures of this machine.

use crate::settings::Settings;
use aws_sdk_cloudwatch::types::StandardUnit;
use sysinfo::{Networks, System};

pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: StandardUnit,
}

const MEGABYTE: f64 = 1024.0 * 1024.0;

/// Keeps what is needed for differences between two samples.
pub struct Sampler {
    system: System,
    networks: Networks,
}

impl Sampler {
    pub fn new() -> Sampler {
        let mut system = System::new();
        system.refresh_cpu_usage();
        Sampler {
            system,
            networks: Networks::new_with_refreshed_list(),
        }
    }

    /// CPU and traffic are those since the last call.
    pub fn take(&mut self, settings: &Settings) -> Vec<Figure> {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.networks.refresh(true);
        let used = self.system.used_memory() as f64;
        let total = self.system.total_memory().max(1) as f64;
        let sum = |bytes: fn(&sysinfo::NetworkData) -> u64| -> f64 {
            self.networks.values().map(|data| bytes(data) as f64).sum()
        };
        let mut figures = vec![
            figure(
                "CPUUtilization",
                self.system.global_cpu_usage() as f64,
                StandardUnit::Percent,
            ),
            figure("MemoryUsedMB", used / MEGABYTE, StandardUnit::Megabytes),
            figure(
                "MemoryUtilization",
                100.0 * used / total,
                StandardUnit::Percent,
            ),
            figure(
                "NetworkBytesSent",
                sum(|data| data.transmitted()),
                StandardUnit::Bytes,
            ),
            figure(
                "NetworkBytesReceived",
                sum(|data| data.received()),
                StandardUnit::Bytes,
            ),
        ];
        figures.extend(gauge(settings));
        figures
    }
}

fn figure(name: &str, value: f64, unit: StandardUnit) -> Figure {
    let name = name.to_string();
    Figure { name, value, unit }
}

/// What the application wrote; without a file, or a number in it, no figure rather than a wrong one.
fn gauge(settings: &Settings) -> Option<Figure> {
    let (name, file) = &settings.gauge;
    let text = std::fs::read_to_string(file.as_ref()?)
        .map_err(|error| log::warn!("{name}: {error}"))
        .ok()?;
    match text.trim().parse() {
        Ok(value) => Some(figure(name, value, StandardUnit::Count)),
        Err(_) => {
            log::warn!("{name}: the file holds no number");
            None
        }
    }
}
