//! The checks of the coordinator which wait: tasks, streams, HTTP on loopback.

use backoff::{Error as RetryError, ExponentialBackoff};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use shared::http::{while_serving, Request, Response};
use shared::selftest::{Check, Result};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::bytes::Bytes;
use tokio_util::codec::{BytesCodec, Framed};

pub fn all() -> Vec<Check> {
    vec![
        Check::new("coordinator/tokio", tokio, "18 through the kernel true"),
        Check::new("coordinator/tokio-util", tokio_util, "gnip"),
        Check::new(
            "coordinator/tokio-stream",
            tokio_stream,
            r#"[("ant", 7), ("ant", 8), ("queen", 1)]"#,
        ),
        Check::new(
            "coordinator/futures-util",
            futures_util,
            "[[2, 4, 6, 8], [10, 12, 14, 16], [18, 20]]",
        ),
        Check::new("coordinator/backoff", backoff, "3 never"),
        Check::new(
            "coordinator/reqwest",
            reqwest,
            r#"3 ant-1 Colony { shards: 3, leader: "ant-1" } true"#,
        ),
    ]
}

async fn tokio() -> Result<String> {
    let (mut near, mut far) = tokio::net::UnixStream::pair()?;
    near.write_all(b"through the kernel").await?;
    near.shutdown().await?;
    let mut text = String::new();
    let length = tokio::select! {
        biased;
        () = std::future::pending() => return Err("pending was ready".into()),
        length = far.read_to_string(&mut text) => length?,
    };
    let is_folder = tokio::fs::metadata("/").await?.is_dir();
    Ok(format!("{length} {text} {is_folder}"))
}

async fn tokio_util() -> Result<String> {
    let (near, far) = tokio::io::duplex(16);
    let mut near = Framed::new(near, BytesCodec::new());
    let mut far = Framed::new(far, BytesCodec::new());
    near.send(Bytes::from_static(b"ping")).await?;
    let ping = far.next().await.ok_or("the pipe ended")??;
    let gnip: Bytes = ping.iter().rev().copied().collect();
    far.send(gnip).await?;
    let answer = near.next().await.ok_or("the pipe ended")??;
    Ok(String::from_utf8(answer.to_vec())?)
}

async fn tokio_stream() -> Result<String> {
    let mut castes = tokio_stream::StreamMap::new();
    castes.insert("queen", tokio_stream::iter(vec![1]));
    castes.insert("ant", tokio_stream::iter(vec![7, 8]));
    let mut seen: Vec<_> = StreamExt::collect(castes).await;
    seen.sort_unstable();
    Ok(format!("{seen:?}"))
}

async fn futures_util() -> Result<String> {
    let numbers = futures_util::stream::iter(1..=10u32);
    let doubled = numbers.map(|n| async move { n * 2 }).buffered(3).chunks(4);
    Ok(format!("{:?}", doubled.collect::<Vec<_>>().await))
}

async fn backoff() -> Result<String> {
    let tries = || {
        let mut tries = 0;
        let policy = ExponentialBackoff {
            initial_interval: Duration::from_millis(1),
            ..Default::default()
        };
        let result = backoff::retry(policy, || {
            tries += 1;
            if tries < 3 {
                return Err(RetryError::transient("again"));
            }
            Err::<(), _>(RetryError::permanent("never"))
        });
        let outcome = result.map_or_else(|error| error.to_string(), |()| "done".into());
        format!("{tries} {outcome}")
    };
    Ok(tokio::task::spawn_blocking(tries).await?)
}

#[derive(Debug, Deserialize)]
struct Colony {
    shards: u32,
    leader: String,
}

/// `{"shards": 3, "leader": "ant-1"}`, compressed.
const COLONY_GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x2a, 0xce, 0x48, 0x2c,
    0x4a, 0x29, 0x56, 0xb2, 0x52, 0x30, 0xd6, 0x51, 0x50, 0xca, 0x49, 0x4d, 0x4c, 0x49, 0x2d, 0x02,
    0x72, 0x94, 0x12, 0xf3, 0x4a, 0x74, 0x0d, 0x95, 0x6a, 0x01, 0xa0, 0xff, 0xe5, 0x4c, 0x20, 0x00,
    0x00, 0x00,
];

/// Answers compressed, and only to a client which takes gzip.
fn compressed(request: &Request) -> Response {
    let mut response = Response::new(200, "application/json", COLONY_GZIP);
    response.headers.push(("content-encoding", "gzip"));
    match request.header("accept-encoding").contains("gzip") {
        true => response,
        false => Response::new(406, "text/plain", "gzip only"),
    }
}

/// The same answer by the async and by the blocking client; then a TLS handshake which must fail,
/// for the server knows none.
async fn reqwest() -> Result<String> {
    while_serving(compressed, |url| async move {
        let tls_url = url.replace("http:", "https:");
        let client = reqwest::Client::builder().no_proxy().build()?;
        let Colony { shards, leader } = client.get(&url).send().await?.json().await?;
        let tls_error = client.get(tls_url).send().await.err();
        let is_refused = tls_error.is_some_and(|error| error.is_connect());
        let blocking = move || -> reqwest::Result<Colony> {
            let client = reqwest::blocking::Client::builder().no_proxy().build()?;
            let request = client.get(url).query(&[("q", "ants & co")]);
            request.send()?.error_for_status()?.json()
        };
        let again = tokio::task::spawn_blocking(blocking).await??;
        Ok(format!("{shards} {leader} {again:?} {is_refused}"))
    })
    .await
}
