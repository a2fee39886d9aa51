//! The checks of the backend which wait: tasks, streams, sinks.

use futures::channel::{mpsc, oneshot};
use futures_util::stream::FuturesUnordered;
use futures_util::SinkExt;
use shared::selftest::{Check, Result};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::codec::{Framed, LinesCodec, LinesCodecError};

pub fn all() -> Vec<Check> {
    vec![
        Check::new("backend/tokio", tokio, "601 2"),
        Check::new("backend/tokio-util", tokio_util, "first,,(too long)"),
        Check::new("backend/tokio-stream", tokio_stream, "[9, 16, 25, 36]"),
        Check::new("backend/futures-util", futures_util, "[1, 3, 6, 10] [7, 7]"),
        Check::new("backend/futures", futures, "[5, 6, 7]"),
    ]
}

async fn tokio() -> Result<String> {
    let (barrier, permits) = (Arc::new(Barrier::new(3)), Arc::new(Semaphore::new(1)));
    let mut tasks = JoinSet::new();
    for number in 1..=3u32 {
        let (barrier, permits) = (barrier.clone(), permits.clone());
        tasks.spawn(async move {
            let is_leader = barrier.wait().await.is_leader();
            let _permit = permits.acquire().await;
            number * 100 + u32::from(is_leader)
        });
    }
    let mut sum = 0;
    while let Some(number) = tasks.join_next().await {
        sum += number?;
    }
    let words = tokio::task::spawn_blocking(|| "one two".split(' ').count()).await?;
    Ok(format!("{sum} {words}"))
}

async fn tokio_util() -> Result<String> {
    use futures_util::StreamExt;
    let (near, mut far) = tokio::io::duplex(64);
    let mut lines = Framed::new(near, LinesCodec::new_with_max_length(8));
    far.write_all(b"first\r\n\nmuch too long").await?;
    drop(far);
    let mut seen = Vec::new();
    while let Some(line) = lines.next().await {
        seen.push(match line {
            Ok(line) => line,
            Err(LinesCodecError::MaxLineLengthExceeded) => "(too long)".into(),
            Err(error) => return Err(error.into()),
        });
    }
    Ok(seen.join(","))
}

async fn tokio_stream() -> Result<String> {
    use tokio_stream::StreamExt;
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    let producer = tokio::spawn(async move {
        for number in 1..=6 {
            sender.send(number).await?;
        }
        Result::Ok(())
    });
    let numbers = ReceiverStream::new(receiver);
    let small = numbers
        .map_while(|n| (n < 100).then_some(n * n))
        .skip_while(|n| *n < 9);
    let squares: Vec<i32> = small.collect().await;
    producer.await??;
    Ok(format!("{squares:?}"))
}

async fn futures_util() -> Result<String> {
    use futures_util::StreamExt;
    let sums: FuturesUnordered<_> = (1..=4u32)
        .map(|n| async move { (1..=n).sum::<u32>() })
        .collect();
    let mut sums: Vec<u32> = sums.collect().await;
    sums.sort_unstable();
    let mut sink = Vec::new().with_flat_map(|n: u32| futures_util::stream::iter([Ok(n), Ok(n)]));
    SinkExt::<u32>::send(&mut sink, 7).await?;
    Ok(format!("{sums:?} {:?}", sink.into_inner()))
}

async fn futures() -> Result<String> {
    use futures_util::StreamExt;
    let (mut sender, receiver) = mpsc::channel::<u8>(1);
    let (finished, outcome) = oneshot::channel();
    let send = async {
        for number in [5, 6, 7] {
            sender.send(number).await?;
        }
        drop(sender);
        Result::Ok(())
    };
    let receive = async {
        let all: Vec<u8> = receiver.collect().await;
        finished.send(all).map_err(|_| "no one waits")?;
        Ok(())
    };
    let (sent, received) = futures::join!(send, receive);
    sent.and(received)?;
    let on_this_thread = futures::executor::block_on(outcome);
    Ok(format!("{:?}", on_this_thread?))
}
