//! What a running service answers, and how another process asks whether it is healthy.

use crate::http::{self, Request, Response};
use crate::selftest::Result;
use crate::settings::Settings;
use lazy_static::lazy_static;
use prometheus::{register_int_counter_vec, IntCounterVec, TextEncoder};

lazy_static! {
    static ref REQUESTS: IntCounterVec = register_int_counter_vec!(
        "colony_requests_total",
        "Requests by service and status.",
        &["service", "status"]
    )
    .expect("registered once");
}

pub struct Service {
    name: &'static str,
    health: String,
}

impl Service {
    /// `digest` is the one of the service's checks.
    pub fn new(name: &'static str, digest: &str, settings: &Settings) -> Service {
        Service {
            name,
            health: format!("ok {name} {digest} {}\n", settings.build_version),
        }
    }

    pub fn answer(&self, request: &Request) -> Response {
        let response = match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/healthz") => Response::new(200, "text/plain", self.health.as_str()),
            ("GET", "/metrics") => metrics(),
            _ => Response::new(404, "text/plain", "not found\n"),
        };
        REQUESTS
            .with_label_values(&[self.name, &response.status.to_string()])
            .inc();
        response
    }
}

/// Asks the service `name` on this host.
pub async fn healthcheck(name: &str, port: u16) -> Result<()> {
    let body = http::get("127.0.0.1", port, "/healthz").await?;
    match body.starts_with(&format!("ok {name} ")) {
        true => Ok(()),
        false => Err(format!("not healthy: {}", body.trim_end()).into()),
    }
}

fn metrics() -> Response {
    match TextEncoder::new().encode_to_string(&prometheus::gather()) {
        Ok(text) => Response::new(200, prometheus::TEXT_FORMAT, text),
        Err(error) => Response::new(500, "text/plain", error.to_string()),
    }
}
