//! A small API: `pcf-api` serves, `pcf-api healthcheck` asks a running one on this host.
//!
//! PORT (8080) is where it listens; UPSTREAM_URL is what GET /v1/upstream asks.

mod items;

use axum::{extract::State, http::StatusCode, routing::get, Json, Router};
use items::{Item, Items};
use serde::Serialize;
use std::{error::Error, io, process::ExitCode, sync::Arc, time::Duration};
use tokio::signal::unix::{signal, SignalKind};

const BOUND: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Api {
    items: Arc<Items>,
    agent: ureq::Agent,
    upstream: Option<String>,
}

#[derive(Serialize)]
struct Upstream {
    url: String,
    status: u16,
    bytes: usize,
}

fn port() -> Result<u16, String> {
    let text = std::env::var("PORT").unwrap_or_else(|_| "8080".into());
    text.parse().map_err(|_| format!("PORT is no port: {text}"))
}

async fn upstream(State(api): State<Api>) -> Result<Json<Upstream>, (StatusCode, String)> {
    let url = api.upstream.ok_or((
        StatusCode::NOT_FOUND,
        "UPSTREAM_URL is not set\n".to_string(),
    ))?;
    let ask = move || -> Result<Upstream, Box<dyn Error + Send + Sync>> {
        let response = api.agent.get(&url).call()?;
        let status = response.status();
        let bytes = response.into_string()?.len();
        Ok(Upstream { url, status, bytes })
    };
    match tokio::task::spawn_blocking(ask).await {
        Ok(Ok(answer)) => Ok(Json(answer)),
        Ok(Err(error)) => Err((StatusCode::BAD_GATEWAY, format!("{error}\n"))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))),
    }
}

async fn list(State(api): State<Api>) -> Json<Vec<Item>> {
    Json(api.items.all())
}

async fn add(State(api): State<Api>, Json(name): Json<String>) -> (StatusCode, Json<Item>) {
    (StatusCode::CREATED, Json(api.items.add(name)))
}

async fn terminated() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => std::future::pending().await,
    }
}

#[tokio::main]
async fn serve() -> Result<(), Box<dyn Error>> {
    let api = Api {
        items: Arc::new(Items::default()),
        agent: ureq::AgentBuilder::new().timeout(BOUND).build(),
        upstream: std::env::var("UPSTREAM_URL").ok(),
    };
    let app = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/v1/items", get(list).post(add))
        .route("/v1/upstream", get(upstream))
        .with_state(api);
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", port()?)).await?;
    println!("pcf-api listens on {}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(terminated())
        .await?;
    Ok(())
}

fn check_health() -> Result<(), Box<dyn Error>> {
    let url = format!("http://127.0.0.1:{}/healthz", port()?);
    let agent = ureq::AgentBuilder::new().timeout(BOUND).build();
    let body = agent.get(&url).call()?.into_string()?;
    match body.as_str() {
        "ok\n" => Ok(()),
        _ => Err(io::Error::other(format!("not healthy: {body}")).into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => serve(),
        ["healthcheck"] => check_health(),
        _ => {
            eprintln!("usage: pcf-api [healthcheck]");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pcf-api: {error}");
            ExitCode::FAILURE
        }
    }
}
