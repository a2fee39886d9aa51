//! The checks which wait: timers, streams, sinks.

use crate::selftest::{Check, Result};
use backoff::ExponentialBackoffBuilder;
use futures_util::SinkExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_stream::StreamExt;
use tokio_util::bytes::Bytes;
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

pub fn all() -> Vec<Check> {
    vec![
        Check::new("shared/tokio", tokio, "12 sent true"),
        Check::new("shared/tokio-util", tokio_util, "[28, 0, 3]"),
        Check::new("shared/tokio-stream", tokio_stream, "[20, 40, 60, 80, 1]"),
        Check::new(
            "shared/futures-util",
            futures_util,
            "([1, 2, 3], [1, 2, 3])",
        ),
        Check::new("shared/backoff", backoff, "done after 2 failures"),
    ]
}

async fn tokio() -> Result<String> {
    let (sender, mut receiver) = mpsc::channel(1);
    let (phase, phases) = watch::channel("idle");
    let send = async {
        for number in [3u32, 4, 5] {
            sender.send(number).await?;
        }
        drop(sender);
        phase.send("sent")?;
        Result::Ok(())
    };
    let receive = async {
        let mut sum = 0;
        while let Some(number) = receiver.recv().await {
            sum += number;
        }
        Ok(sum)
    };
    let ((), sum) = futures_util::try_join!(send, receive)?;
    let never = futures_util::future::pending::<()>();
    let late = tokio::time::timeout(Duration::from_millis(1), never).await;
    Ok(format!("{sum} {} {}", *phases.borrow(), late.is_err()))
}

async fn tokio_util() -> Result<String> {
    let (near, far) = tokio::io::duplex(8);
    let codec = || {
        LengthDelimitedCodec::builder()
            .length_field_length(2)
            .new_codec()
    };
    let send = async {
        let mut frames = FramedWrite::new(near, codec());
        for text in ["a frame longer than the pipe", "", "end"] {
            frames.send(Bytes::from(text)).await?;
        }
        Result::Ok(())
    };
    let receive = async {
        let frames = FramedRead::new(far, codec())
            .collect::<std::io::Result<Vec<_>>>()
            .await?;
        let lengths: Vec<usize> = frames.iter().map(|frame| frame.len()).collect();
        Ok(format!("{lengths:?}"))
    };
    Ok(futures_util::try_join!(send, receive)?.1)
}

async fn tokio_stream() -> Result<String> {
    let even = tokio_stream::iter(1..=9)
        .filter(|n| n % 2 == 0)
        .map(|n| n * 10);
    let timed = even
        .chain(tokio_stream::once(1))
        .timeout(Duration::from_secs(5));
    let numbers: Vec<i32> = timed.collect::<std::result::Result<_, _>>().await?;
    Ok(format!("{numbers:?}"))
}

async fn futures_util() -> Result<String> {
    let mut both = Vec::new().fanout(Vec::new());
    both.feed(1).await?;
    both.send_all(&mut futures_util::stream::iter([Ok(2), Ok(3)]))
        .await?;
    Ok(format!("{:?}", both.into_inner()))
}

async fn backoff() -> Result<String> {
    let policy = ExponentialBackoffBuilder::new()
        .with_initial_interval(Duration::from_millis(1))
        .with_max_elapsed_time(Some(Duration::from_secs(5)))
        .build();
    let tries = AtomicU32::new(0);
    backoff::future::retry(policy, || async {
        match tries.fetch_add(1, Ordering::Relaxed) {
            0..=1 => Err(backoff::Error::transient("too early")),
            n => Ok(format!("done after {n} failures")),
        }
    })
    .await
    .map_err(Into::into)
}
