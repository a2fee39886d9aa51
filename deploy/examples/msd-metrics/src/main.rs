//! Publishes this machine's figures to CloudWatch, once per interval, until SIGTERM.
//!
//! INSTANCE_ID and AWS_REGION are required; README.md lists the other variables.

mod sample;
mod settings;

use aws_sdk_cloudwatch::types::{Dimension, MetricDatum};
use aws_sdk_cloudwatch::Client;
use aws_smithy_http_client::tls::{rustls_provider::CryptoMode, Provider};
use sample::{Figure, Sampler};
use settings::Settings;
use std::{error::Error, process::ExitCode};
use tokio::signal::unix::{signal, SignalKind};

async fn connect(settings: &Settings) -> Client {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let region = aws_config::Region::new(settings.region.clone());
    let config = aws_config::from_env()
        .region(region)
        .http_client(http)
        .load()
        .await;
    Client::new(&config)
}

fn datum(figure: &Figure, instance: &str) -> MetricDatum {
    let dimension = Dimension::builder()
        .name("InstanceId")
        .value(instance)
        .build();
    MetricDatum::builder()
        .metric_name(&figure.name)
        .value(figure.value)
        .unit(figure.unit.clone())
        .dimensions(dimension)
        .build()
}

/// A failure is logged and the next interval tries again: a gap in a graph is no reason to end.
async fn publish(client: &Client, settings: &Settings, figures: &[Figure]) {
    let data = figures.iter().map(|f| datum(f, &settings.instance));
    let request = client.put_metric_data().namespace(&settings.namespace);
    match request.set_metric_data(Some(data.collect())).send().await {
        Ok(_) => log::info!("published {} figures", figures.len()),
        Err(error) => log::error!(
            "not published: {}",
            aws_sdk_cloudwatch::error::DisplayErrorContext(error)
        ),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let client = connect(&settings).await;
    let mut sampler = Sampler::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut ticks = tokio::time::interval(settings.interval);
    log::info!(
        "publishing to {} every {:?}",
        settings.namespace,
        settings.interval
    );
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = ticks.tick() => publish(&client, &settings, &sampler.take(&settings)).await,
        }
    }
    log::info!("stopped");
    Ok(())
}

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"))
        .target(env_logger::Target::Stdout)
        .init();
    let settings = match Settings::read(|name| std::env::var(name).ok()) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("msd-metrics: {error}");
            return ExitCode::from(2);
        }
    };
    match run(settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("msd-metrics: {error}");
            ExitCode::FAILURE
        }
    }
}
