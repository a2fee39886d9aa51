//! As much HTTP/1.1 as a health check needs: one request per connection, then close.

use crate::selftest::Result;
use futures_util::{future, stream, SinkExt, StreamExt};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::bytes::{Buf, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder, Framed};

const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_BODY_BYTES: usize = 64 << 10;
const MAX_CONNECTIONS: usize = 64;
const EXCHANGE_LIMIT: Duration = Duration::from_secs(5);
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub struct Request {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Request {
    /// The first header of that name (lower case), or "".
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }
}

pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Response {
        Response {
            status,
            headers: vec![("content-type", content_type)],
            body: body.into(),
        }
    }
}

/// Answers until `stop` is ready, then lets running exchanges end.
pub async fn serve<H>(listener: TcpListener, stop: impl Future<Output = ()>, handler: H)
where
    H: Fn(&Request) -> Response,
{
    stream::unfold(listener, |listener| async {
        Some((listener.accept().await, listener))
    })
    .take_until(stop)
    .for_each_concurrent(MAX_CONNECTIONS, |accepted| async {
        match accepted {
            Ok((stream, _)) => drop(timeout(EXCHANGE_LIMIT, answer(stream, &handler)).await),
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    })
    .await;
}

async fn answer(stream: TcpStream, handler: impl Fn(&Request) -> Response) -> io::Result<()> {
    let mut exchange = Framed::new(stream, Http);
    if let Some(request) = exchange.next().await {
        exchange.send(handler(&request?)).await?;
    }
    Ok(())
}

/// Runs `client` with the URL of a server on loopback which lives as long as it.
pub async fn while_serving<H, C, Fut, T>(handler: H, client: C) -> Result<T>
where
    H: Fn(&Request) -> Response,
    C: FnOnce(String) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let client = client(format!("http://{}", listener.local_addr()?));
    let server = serve(listener, future::pending(), handler);
    match future::select(pin!(client), pin!(server)).await {
        future::Either::Left((result, _)) => result,
        future::Either::Right(_) => Err("the server ended before its client".into()),
    }
}

/// The body of the answer to `GET path`, or an error unless its status is 200.
pub async fn get(host: &str, port: u16, path: &str) -> Result<String> {
    timeout(EXCHANGE_LIMIT, async {
        let mut stream = TcpStream::connect((host, port)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        let limit = MAX_HEAD_BYTES + MAX_BODY_BYTES;
        stream.take(limit as u64).read_to_string(&mut text).await?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or("answer without a body")?;
        match head.starts_with("HTTP/1.1 200 ") {
            true => Ok(body.to_string()),
            false => Err(head.lines().next().unwrap_or_default().into()),
        }
    })
    .await?
}

/// Requests in, responses out.
struct Http;

impl Decoder for Http {
    type Item = Request;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<Request>> {
        // A client which begins to speak TLS must not wait for an answer.
        if bytes.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
            return Err(invalid("method"));
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return if bytes.len() > MAX_HEAD_BYTES {
                Err(invalid("head"))
            } else {
                Ok(None)
            };
        };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| invalid("head"))?;
        let mut request = parse_head(head).ok_or_else(|| invalid("head"))?;
        let length = match request.header("content-length") {
            "" => 0,
            digits => digits.parse().map_err(|_| invalid("content-length"))?,
        };
        if length > MAX_BODY_BYTES {
            return Err(invalid("content-length"));
        }
        if bytes.len() < end + 4 + length {
            return Ok(None);
        }
        bytes.advance(end + 4);
        request.body = bytes.split_to(length).freeze();
        Ok(Some(request))
    }
}

fn parse_head(head: &str) -> Option<Request> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_string(), words.next()?.to_string());
    let headers = lines
        .map(|line| line.split_once(':'))
        .map(|pair| pair.map(|(key, value)| (key.to_ascii_lowercase(), value.trim().to_string())))
        .collect::<Option<_>>()?;
    Some(Request {
        method,
        path,
        headers,
        body: Bytes::new(),
    })
}

impl Encoder<Response> for Http {
    type Error = io::Error;

    fn encode(&mut self, response: Response, bytes: &mut BytesMut) -> io::Result<()> {
        let reason = if response.status == 200 {
            "OK"
        } else {
            "Error"
        };
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", response.status);
        for (name, value) in &response.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!(
            "content-length: {}\r\nconnection: close\r\n\r\n",
            response.body.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&response.body);
        Ok(())
    }
}

fn invalid(part: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {part}"))
}
