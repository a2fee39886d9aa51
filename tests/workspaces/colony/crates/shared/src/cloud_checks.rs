//! The checks of the HTTP clients: answers of a server on loopback, and a parameter read from a
//! stand-in for Systems Manager. They need the CA certificates of the system, though no server is
//! asked for one: without them the AWS client refuses to be made.

use crate::http::{while_serving, Request, Response};
use crate::selftest::{Check, Result};
use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_ssm::config::Credentials;
use aws_sdk_ssm::error::SdkError;
use aws_sdk_ssm::types::ParameterType;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

pub fn all() -> Vec<Check> {
    vec![
        Check::new("shared/reqwest", reqwest, "Report { shard: 9, load: 0.5 }"),
        Check::new(
            "shared/aws-config",
            aws_config,
            "eu-west-1 http://localhost:1 3 Standard",
        ),
        Check::new(
            "shared/aws-sdk-ssm",
            aws_sdk_ssm,
            "/colony/port AWS4-HMAC-SHA256 Credential=AKIDTEST eu-central-1 ssm aws4_request \
             SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target;\
             x-amz-user-agent true true io error",
        ),
    ]
}

#[derive(Debug, Serialize, Deserialize)]
struct Report {
    shard: u32,
    load: f32,
}

async fn reqwest() -> Result<String> {
    let echo = |request: &Request| {
        let is_json = request.header("content-type") == "application/json";
        let is_right = is_json && request.method == "POST";
        let status = if is_right { 200 } else { 400 };
        Response::new(status, "application/json", request.body.to_vec())
    };
    while_serving(echo, |url| async move {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let sent = Report {
            shard: 9,
            load: 0.5,
        };
        let answer = client
            .post(url)
            .json(&sent)
            .send()
            .await?
            .error_for_status()?;
        Ok(format!("{:?}", answer.json::<Report>().await?))
    })
    .await
}

/// Fixed credentials and region, nothing from the environment of the process.
fn loader(region: Region) -> ConfigLoader {
    // The newer behaviour would send requests to loopback through the proxy of HTTP_PROXY.
    #[allow(deprecated)]
    let version = BehaviorVersion::v2025_01_17();
    aws_config::defaults(version)
        .empty_test_environment()
        .region(region)
        .credentials_provider(Credentials::new("AKIDTEST", "secret", None, None, "test"))
}

async fn aws_config() -> Result<String> {
    let none: Option<Region> = None;
    let chain = RegionProviderChain::first_try(none).or_else(Region::new("eu-west-1"));
    let region = chain.region().await.ok_or("no region")?;
    let config = loader(region)
        .endpoint_url("http://localhost:1")
        .load()
        .await;
    let retries = config.retry_config().ok_or("no retry policy")?;
    let region = config.region().ok_or("no region")?;
    let endpoint = config.endpoint_url().unwrap_or_default();
    Ok(format!(
        "{region} {endpoint} {} {:?}",
        retries.max_attempts(),
        retries.mode()
    ))
}

async fn aws_sdk_ssm() -> Result<String> {
    while_serving(parameter_store, |url| async move {
        let tls_url = url.replace("http:", "https:");
        let config = loader(Region::new("eu-central-1"))
            .endpoint_url(url)
            .load()
            .await;
        let client = aws_sdk_ssm::Client::new(&config);
        let found = client.get_parameter().name("/colony/port").send().await?;
        let parameter = found.parameter().ok_or("no parameter")?;
        let missing = client.get_parameter().name("/absent").send().await;
        let missing = missing
            .err()
            .ok_or("an absent parameter was found")?
            .into_service_error();
        let name = parameter.name().unwrap_or_default();
        let value = parameter.value().unwrap_or_default();
        let is_text = parameter.r#type() == Some(&ParameterType::String);
        let (is_missing, tls) = (missing.is_parameter_not_found(), shake_hands(tls_url).await);
        Ok(format!("{name} {value} {is_text} {is_missing} {tls}"))
    })
    .await
}

/// Begins a TLS handshake with a server which knows none; returns what went wrong.
async fn shake_hands(url: String) -> &'static str {
    let once = RetryConfig::disabled();
    let config = loader(Region::new("eu-central-1"))
        .endpoint_url(url)
        .retry_config(once);
    let client = aws_sdk_ssm::Client::new(&config.load().await);
    match client.get_parameter().name("/colony/port").send().await {
        Ok(_) => "an answer",
        Err(SdkError::DispatchFailure(failure)) if failure.is_io() => "io error",
        Err(SdkError::DispatchFailure(_)) => "not sent",
        Err(_) => "another error",
    }
}

/// Knows one parameter, whose value repeats what the request was signed for.
fn parameter_store(request: &Request) -> Response {
    const JSON: &str = "application/x-amz-json-1.1";
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let is_get = request.header("x-amz-target") == "AmazonSSM.GetParameter";
    if !is_get || body["Name"] != "/colony/port" {
        return Response::new(400, JSON, r#"{"__type":"ParameterNotFound"}"#);
    }
    let signed = request.header("authorization").split(['/', ',']);
    let signed: Vec<&str> = signed.collect();
    let value = [0, 2, 3, 4, 5].map(|part| signed.get(part).map_or("", |text| text.trim()));
    let parameter = json!({ "Name": "/colony/port", "Type": "String", "Value": value.join(" ") });
    let answer = json!({ "Parameter": parameter });
    Response::new(200, JSON, answer.to_string())
}
